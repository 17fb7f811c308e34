"""New items: from when they can be bought, and by whom earlier. Pure."""

from collections.abc import Collection, Iterable
from enum import StrEnum

import msgspec

from quanyu.clock import to_us
from quanyu.customers.identity.identifiers import is_storable
from quanyu.errors import BadInput, Refused
from quanyu.promotions.pricing.cart import Instant, Word
from quanyu.strict import converted, decoded


class ReleaseRefusal(StrEnum):
    """Have: the time now; need: from when on. Both are microseconds since 1970."""

    NOT_RELEASED_YET = "not_released_yet"
    MEMBERS_FIRST = "members_first"
    """Others can buy it already."""


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of one item, or of all items of a category."""

    id: Word
    since: Instant = msgspec.field(name="from")
    item: Word | None = None
    category: Word | None = None
    early_from: Instant | None = None
    early_for: Word | None = None
    """An eligibility, such as ``member:gold``."""

    @property
    def fault(self) -> tuple[str, str] | None:
        """(Field, mend) of the first thing that contradicts another."""
        if (self.item is None) == (self.category is None):
            return "item", "name an item or a category, one of them"
        if (self.early_from is None) != (self.early_for is None):
            return "early_for", "give early_from and early_for together, or neither"
        if self.early_from is not None and self.early_from >= self.since:
            return "early_from", "let the early time begin before the release"
        if not is_storable(f"{self.id}{self.item}{self.category}"):
            return "id", "leave out NUL and halves of surrogate pairs"
        return None

    def refusal(self, eligibility: Collection[str], *, now_us: int) -> Refused | None:
        """Of a buyer who meets these conditions."""
        since_us = to_us(self.since)
        early_us = since_us if self.early_from is None else to_us(self.early_from)
        opens_us = early_us if self.early_for in eligibility else since_us
        if now_us >= opens_us:
            return None
        waits = now_us < early_us
        reason = ReleaseRefusal.NOT_RELEASED_YET if waits else ReleaseRefusal.MEMBERS_FIRST
        return Refused(reason, now_us, opens_us)


def not_yet(
    releases: Iterable[Release], eligibility: Collection[str], *, now_us: int
) -> Refused | None:
    """What a cart waits for longest; None when everything in it can be bought."""
    found = [one.refusal(eligibility, now_us=now_us) for one in releases]
    refusals = [one for one in found if one is not None]
    return max(refusals, key=lambda one: (one.need or 0, one.reason), default=None)


def release_of(tree: object, *, name: str = "release") -> Release:
    """Out of a parsed document. Raises BadInput."""
    found = converted(tree, Release, name=name)
    if (fault := found.fault) is not None:
        raise BadInput(f"{name}.{fault[0]}", fault[1])
    return found


def decode_releases(text: bytes | str) -> list[Release]:
    """A JSON array. Raises BadInput with the path of the field."""
    trees = decoded(text, list[object], name="releases")
    return [release_of(tree, name=f"releases[{place}]") for place, tree in enumerate(trees)]
