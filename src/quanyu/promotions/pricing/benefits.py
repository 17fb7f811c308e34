"""What an offer gives, each form by its public name."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from quanyu.promotions.pricing.cart import QUANTITY_MAX, Fen, Price, Word
from quanyu.promotions.pricing.instalments import Terms

Above0 = Annotated[int, Meta(ge=1, le=10**15)]
Percent = Annotated[int, Meta(ge=1, le=100)]
Count = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class Benefit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Faults are values here; who decodes the offer knows its place."""

    def fault(self) -> str | None:
        return None


class PercentOff(Benefit, frozen=True):
    percent: Percent
    threshold: Fen = 0
    cap: Above0 | None = None


class AmountOff(Benefit, frozen=True):
    amount: Above0
    threshold: Fen = 0
    repeat: bool = False
    """每满: once for each whole threshold."""
    cap: Above0 | None = None
    per: Literal["unit", "line", "order"] | None = None

    def fault(self) -> str | None:
        if self.repeat and not self.threshold:
            return "give a threshold to repeat"
        if self.cap is not None and self.cap < self.amount:
            return "a cap below the amount contradicts it"
        return None


class FixedPrice(Benefit, frozen=True):
    price: Price


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    threshold: Above0
    amount: Above0 | None = None
    percent: Percent | None = None


class Tiers(Benefit, frozen=True):
    tiers: Annotated[Sequence[Tier], Meta(min_length=1, max_length=100)]

    def fault(self) -> str | None:
        if any((tier.amount is None) is (tier.percent is None) for tier in self.tiers):
            return "give each tier an amount or a percent"
        pairs = list(pairwise(self.tiers))
        if any(low.threshold >= high.threshold for low, high in pairs):
            return "let the thresholds of tiers rise"
        if any((low.amount or 0) > (high.amount or 10**15) for low, high in pairs):
            return "a higher tier that gives less contradicts the lower one"
        if any((low.percent or 0) > (high.percent or 100) for low, high in pairs):
            return "a higher tier that gives less contradicts the lower one"
        return None


class NForM(Benefit, frozen=True):
    n: Count
    m: Count

    def fault(self) -> str | None:
        return None if self.m < self.n else "take more than is paid: m below n"


class NthPercentOff(Benefit, frozen=True):
    nth: Annotated[int, Meta(ge=2, le=QUANTITY_MAX)]
    percent: Percent


class BundlePrice(Benefit, frozen=True):
    items: Annotated[dict[Word, Count], Meta(min_length=1, max_length=100)]
    price: Fen


class Gift(Benefit, frozen=True):
    item: Word
    quantity: Count = 1
    threshold: Fen = 0


class FreeShipping(Benefit, frozen=True):
    threshold: Fen = 0


class PointsRate(Benefit, frozen=True):
    """In lane points: what a point is worth. In lane after: points for each yuan paid."""

    points_per_yuan: Annotated[int, Meta(ge=1, le=10**6)] | None = None
    fen_per_point: Annotated[int, Meta(ge=1, le=10**6)] | None = None
    max_percent: Percent = 100
    """Of each line, at most so much may be paid with points."""

    def fault(self) -> str | None:
        if self.points_per_yuan is None and self.fen_per_point is None:
            return "give points_per_yuan or fen_per_point"
        return None


class InstalmentFree(Benefit, frozen=True):
    terms: Annotated[Sequence[Terms], Meta(min_length=1)]
    fee_bearer: Literal["merchant", "platform"] = "merchant"


class PointsMultiplier(Benefit, frozen=True):
    factor: Annotated[float, Meta(ge=1, le=100)]

    @property
    def hundredths(self) -> int:
        return round(self.factor * 100)


class IssueCoupon(Benefit, frozen=True):
    template: Word


class BenefitForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``{"name": {…}}`` with exactly one name."""

    percent_off: PercentOff | None = None
    amount_off: AmountOff | None = None
    fixed_price: FixedPrice | None = None
    tiers: Tiers | None = None
    n_for_m: NForM | None = None
    nth_percent_off: NthPercentOff | None = None
    bundle_price: BundlePrice | None = None
    gift: Gift | None = None
    free_shipping: FreeShipping | None = None
    points_rate: PointsRate | None = None
    instalment_free: InstalmentFree | None = None
    points_multiplier: PointsMultiplier | None = None
    issue_coupon: IssueCoupon | None = None

    def given(self) -> Iterator[tuple[str, Benefit]]:
        for name in self.__struct_fields__:
            benefit = getattr(self, name)
            if benefit is not None:
                yield name, benefit


_PRICES = {"percent_off", "amount_off", "fixed_price", "tiers", "gift"}
MEANING: dict[str, set[str]] = {
    "item": _PRICES | {"n_for_m", "nth_percent_off", "bundle_price"},
    "member": _PRICES,
    "shop": {"percent_off", "amount_off", "tiers", "gift", "n_for_m", "nth_percent_off",
             "bundle_price"},
    "cross_shop": {"percent_off", "amount_off", "tiers", "gift"},
    "red_packet": {"percent_off", "amount_off"},
    "points": {"points_rate"},
    "shipping": {"percent_off", "amount_off", "free_shipping"},
    "payment": {"percent_off", "amount_off", "tiers", "instalment_free"},
    "after": {"points_rate", "points_multiplier", "issue_coupon", "gift"},
}  # fmt: skip
"""Lane → benefits that mean something there."""
