"""Who buys, as tokens: those of the merchant, and those of the ecosystem."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.identity.kinds import shipped_kinds
from quanyu.ids import Tokeniser
from quanyu.ledger.accounts import PLATFORM


class Buyer(msgspec.Struct, frozen=True):
    """Identifiers that stand for a person, the strongest first. Both empty: erased."""

    own: tuple[Identifier, ...] = ()
    shared: tuple[Identifier, ...] = ()
    """The same as the ecosystem knows them; its tokens and a merchant's never meet."""

    def known_to(self, owner: str) -> Sequence[Identifier]:
        """``owner`` of a programme: the merchant, or PLATFORM."""
        return self.shared if owner == PLATFORM else self.own


def buyer_of(
    identifiers: Mapping[str, str],
    *,
    own: Tokeniser,
    shared: Tokeniser,
    is_nobody: Callable[[Identifier], bool],
) -> Buyer:
    """Identifiers as people type them. A device or a number that everybody types says nothing of
    who buys, unless there is nothing else. Raises BadInput."""
    found: dict[Identifier, Identifier] = {}
    for one in identifiers.items():
        kind, value = read_identifier(":".join(one))
        found[kind, own.token(kind, value)] = kind, shared.token(kind, value)
    kinds = shipped_kinds()
    known = [one for one in found if not is_nobody(one)] or list(found)
    ranked = sorted(known, key=lambda one: (-kinds.strength(one[0]), one))
    standing = [one for one in ranked if kinds.of(one[0]).is_strong] or ranked[:1]
    return Buyer(tuple(standing), tuple(found[one] for one in standing))
