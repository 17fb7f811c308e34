"""Which identifier an event follows, and which of its identifiers it links."""

from collections.abc import Callable, Collection, Iterator

from quanyu.customers.identity.kinds import Kinds, shipped_kinds
from quanyu.events.event import Event
from quanyu.ids import Token, Tokeniser

Identifier = tuple[str, Token]
"""(kind, token)"""


def anchor(event: Event, blocked: Collection[Token] = ()) -> Identifier:
    """The strongest identifier of the event: its history and tags follow this one.

    Tokens in ``blocked`` stand for nobody; one of them is the anchor only when there is no other.
    """
    identifiers = event.identifiers
    if len(identifiers) == 1:
        return identifiers[0]
    usable = [one for one in identifiers if one[1] not in blocked] if blocked else identifiers
    return shipped_kinds().strongest(usable or identifiers)


def star(event: Event, blocked: Collection[Token] = ()) -> Iterator[tuple[Identifier, Identifier]]:
    """Pairs that the event links: its anchor with each of the others."""
    centre = anchor(event, blocked)
    for one in event.identifiers:
        if one != centre:
            yield centre, one


class BlockedTokens:
    """Tokens of the values that stand for nobody, per merchant.

    Once an identifier is a token its value is gone, so the tokens of the listed values are made
    and compared. Words are tried in their usual spellings.
    """

    def __init__(
        self, tokeniser_of: Callable[[str], Tokeniser], kinds: Kinds | None = None
    ) -> None:
        self._tokeniser_of = tokeniser_of
        self.kinds = kinds or shipped_kinds()
        self._known: dict[str, dict[str, frozenset[Token]]] = {}

    def of(self, merchant: str, kind: str) -> frozenset[Token]:
        per_kind = self._known.setdefault(merchant, {})
        tokens = per_kind.get(kind)
        if tokens is None:
            tokeniser = self._tokeniser_of(merchant)
            values = self.kinds.blocked_values(kind)
            tokens = frozenset(tokeniser.token(kind, v) for one in values for v in spellings(one))
            per_kind[kind] = tokens
        return tokens

    def holds(self, merchant: str, identifier: Identifier) -> bool:
        return identifier[1] in self.of(merchant, identifier[0])

    def among(self, merchant: str, event: Event) -> frozenset[Token]:
        """Blocked tokens of this event; nothing is computed for an event with one identifier."""
        if len(event.identifiers) == 1:
            return frozenset()
        return frozenset(one[1] for one in event.identifiers if self.holds(merchant, one))

    def anchor(self, merchant: str, event: Event) -> Identifier:
        """As ``anchor``, passing over what stands for nobody."""
        return anchor(event, self.among(merchant, event))


def spellings(value: str) -> set[str]:
    return {value, value.upper(), value.capitalize(), value.title()}
