"""What is about to be shown to somebody, and the one gate that it passes first."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

import msgspec

from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput


class PriceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A price as an ad or a page gives it, in fen."""

    shop: str
    item: str
    price_fen: int
    reference_fen: int | None = None
    """The price it is compared with: 原价, 划线价."""
    basis: str | None = None
    """What the compared price is, as it stands beside it: 厂商建议零售价 …"""
    suggested_fen: int | None = None
    """The maker's suggested retail price, as said with it; None: what is on record of the item."""


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    """item, offer, creative, article, video, show, message, page …"""
    id: str
    merchant: str
    industry: str
    on: date
    texts: Mapping[str, str]
    """By field, as the customer reads them."""
    touchpoint: str | None = None
    advertises: bool = False
    """Somebody paid for the place, or a link in it sells."""
    marked_as_ad: bool = False
    generated: bool = False
    marked_as_generated: bool = False
    prices: tuple[PriceShown, ...] = ()
    shops: tuple[str, ...] = ()
    """Where it counts, for licences that cover some shops only; empty: all of the merchant."""
    numbers: tuple[str, ...] = ()
    """Under which the product that it shows is registered or filed."""


class Gate(Protocol):
    def check(self, showing: Showing) -> Verdict:
        """Everything the law says of it on that day. Changes nothing."""


class Unlawful(BadInput):
    """It must not be shown:"""

    def __init__(self, place: str, verdict: Verdict) -> None:
        hit = verdict.gravest
        assert hit is not None, "what passes is not refused"
        self.verdict = verdict
        quoted = f"“{hit.text}”" if hit.text else ""
        super().__init__(
            f"{place}.{hit.field}", f"{quoted}{hit.article}：{hit.why}。{hit.suggestion}"
        )


def let_through(gate: Gate, showing: Showing, *, place: str) -> Verdict:
    """Raises Unlawful unless it may be shown as it is; a verdict that passes may hold warnings."""
    verdict = gate.check(showing)
    if not verdict.may_be_shown:
        raise Unlawful(place, verdict)
    return verdict
