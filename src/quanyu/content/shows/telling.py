"""How what happens in a show is written into its archive."""

from collections.abc import Sequence
from typing import Any

import msgspec

from quanyu.compliance.verdict import Hit
from quanyu.content.shows.happenings import Happening, LastChance, SlotShown
from quanyu.content.shows.show import Show

Told = tuple[str, Any]
"""(Kind of entry, what it says)."""
VIOLATION = "violation"


def said(show: Show, happening: Happening) -> Told:
    """With the price at which a slot is shown, so that later shows can be held against it."""
    what: dict[str, Any] = msgspec.to_builtins(happening)
    kind = what.pop("kind")
    if isinstance(happening, SlotShown | LastChance):
        slot = show.slot(happening.slot)
        assert slot is not None, "judging.refusal has looked"
        what |= {"shop": slot.shop, "item": slot.item, "price_fen": slot.price_fen}
    return kind, what


def violations(hits: Sequence[Hit]) -> list[Told]:
    return [(VIOLATION, _violation(one)) for one in hits]


def _violation(hit: Hit) -> dict[str, str]:
    told = {"rule": hit.rule, "article": hit.article, "field": hit.field, "why": hit.why}
    return {**told, "suggestion": hit.suggestion}
