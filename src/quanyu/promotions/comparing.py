"""Offers that are shown with a compared price pass only if it is true (令56 Art 16–17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from quanyu.clock import Clock
from quanyu.compliance.showing import PriceShown, Unlawful
from quanyu.compliance.verdict import Verdict
from quanyu.promotions.pricing.compared import Compared

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class PriceTruth(Protocol[In]):
    def review_in(
        self,
        tx: In,
        merchant: str,
        *,
        shown: Sequence[PriceShown],
        at_us: int,
        reasons: Mapping[tuple[str, str], str],
    ) -> Verdict:
        """By what was paid before that moment; ``reasons`` by (shop, item)."""


@dataclass(frozen=True, slots=True)
class Comparing(Generic[Tx]):
    truth: PriceTruth[Tx]
    clock: Clock

    def let_through(
        self, tx: Tx, merchant: str, *, prices: Sequence[PriceShown], compared: Compared,
        from_us: int | None,
    ) -> None:  # fmt: skip
        """As of now and as of its first moment, as far as that can be known. Raises Unlawful."""
        now_us = self.clock.now_us()
        reasons = {(one.shop, one.item): compared.reason for one in prices}
        for at_us in sorted({now_us, max(now_us, from_us or 0)}):
            verdict = self.truth.review_in(tx, merchant, shown=prices, at_us=at_us, reasons=reasons)
            if not verdict.may_be_shown:
                raise Unlawful("compared", verdict)
