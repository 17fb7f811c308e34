"""Offers in their public form, and the faults that no single field shows."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from quanyu.clock import china_datetime, to_us
from quanyu.errors import BadInput
from quanyu.promotions.pricing.benefits import MEANING, Benefit, BenefitForm
from quanyu.promotions.pricing.cart import Instant, Word
from quanyu.promotions.pricing.compared import Compared
from quanyu.strict import converted, decoded

OFFERS_MAX = 100_000
Lane = Literal[
    "item", "member", "shop", "cross_shop", "red_packet", "points", "shipping", "payment", "after"
]
Words = Annotated[Sequence[Word], Meta(max_length=10_000)]
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line is in when one of these names it; all empty: everything that the lane covers."""

    items: Words = ()
    categories: Words = ()
    flags: Words = ()


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From the first instant up to, not with, the last; hours and days of the week are China's."""

    since: Instant | None = msgspec.field(name="from", default=None)
    to: Instant | None = None
    hours: str | Sequence[str] = ()
    """``"18:00-22:00"``, or several; ``"22:00-02:00"`` goes over midnight."""
    weekdays: Sequence[Annotated[int, Meta(ge=1, le=7)]] = ()
    """1 is Monday."""

    def fault(self) -> str | None:
        if self.since is not None and self.to is not None and self.since >= self.to:
            return "let the window end after it begins"
        if any(_HOURS.fullmatch(one) is None for one in self._hours):
            return "write hours as 18:00-22:00"
        return None

    @property
    def _hours(self) -> Sequence[str]:
        return (self.hours,) if isinstance(self.hours, str) else self.hours

    def holds(self, now_us: int) -> bool:
        if self.since is not None and now_us < to_us(self.since):
            return False
        if self.to is not None and now_us >= to_us(self.to):
            return False
        local = china_datetime(now_us)
        if self.weekdays and local.isoweekday() not in self.weekdays:
            return False
        minute = local.hour * 60 + local.minute
        return not self._hours or any(_within(minute, one) for one in self._hours)


def _within(minute: int, hours: str) -> bool:
    found = _HOURS.fullmatch(hours)
    assert found is not None, "decoding has looked at it"
    first, last = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return first <= minute < last if first < last else minute >= first or minute < last


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True):
    """One promotion, or one coupon that the buyer holds. Absent fields have the defaults of the
    contract: merchant pays, overflow is lost, refunds keep the discount."""

    id: Word
    lane: Lane
    benefit: BenefitForm
    kind: Literal["promotion", "coupon"] = "promotion"
    shop: Word | None = None
    scope: Scope = Scope()
    requires: Annotated[Sequence[Word], Meta(max_length=100)] = ()
    window: Window | None = None
    exclusive: bool = False
    overflow: Literal["forfeit", "respread"] = "forfeit"
    funders: dict[Literal["merchant", "platform"], Annotated[int, Meta(ge=0, le=100)]] = (
        msgspec.field(default_factory=lambda: {"merchant": 100})
    )
    refund: Literal["keep", "retest", "bundle_only"] = "keep"
    expires: Instant | None = None
    received: Instant | None = None
    """When the buyer got a coupon: of equal ones the older goes first."""
    compared: Compared | None = None
    """What it is compared with where it is shown."""

    @cached_property
    def what(self) -> tuple[str, Benefit]:
        """(Name, benefit)."""
        return next(self.benefit.given())

    @cached_property
    def platform_percent(self) -> int:
        return self.funders.get("platform", 0)

    def open_at(self, now_us: int) -> bool:
        if self.expires is not None and now_us >= to_us(self.expires):
            return False
        return self.window is None or self.window.holds(now_us)


def fault_of(offer: Offer) -> tuple[str, str] | None:
    """(Field, mend) of the first thing that contradicts another."""
    given = list(offer.benefit.given())
    if len(given) != 1:
        return "benefit", "give exactly one benefit"
    name, benefit = given[0]
    if name not in MEANING[offer.lane]:
        can = ", ".join(sorted(MEANING[offer.lane]))
        return f"benefit.{name}", f"lane {offer.lane} has {can}"
    if (fault := benefit.fault()) is not None:
        return f"benefit.{name}", fault
    if offer.window is not None and (fault := offer.window.fault()) is not None:
        return "window", fault
    if offer.compared is not None and (fault := _compares(offer, offer.compared)) is not None:
        return "compared", fault
    if sum(offer.funders.values()) != 100:
        return "funders", "let merchant and platform add up to 100"
    if offer.lane == "member" and getattr(benefit, "per", None) == "order":
        return f"benefit.{name}.per", "lane member works on units or lines"
    if offer.lane == "points" and getattr(benefit, "fen_per_point", 1) is None:
        return f"benefit.{name}.fen_per_point", "say what a point is worth"
    if offer.lane == "after" and getattr(benefit, "points_per_yuan", 1) is None:
        return f"benefit.{name}.points_per_yuan", "say how many points a yuan earns"
    return None


def _compares(offer: Offer, compared: Compared) -> str | None:
    scope = offer.scope
    if offer.lane != "item" or offer.kind != "promotion":
        return "only promotions of lane item are compared with a price"
    if offer.what[0] not in {"fixed_price", "percent_off", "amount_off"}:
        return "compare a fixed price, or a percentage or amount off a unit"
    if not scope.items or scope.categories or scope.flags:
        return "name the items in its scope, and nothing else: each has its own history"
    if offer.shop not in (None, compared.shop):
        return "compare with prices of the shop that it is for"
    return None


def checked(offers: Sequence[Offer]) -> list[Offer]:
    """Raises BadInput for an offer that contradicts itself, and for an id that comes twice."""
    seen: set[str] = set()
    for place, offer in enumerate(offers):
        if offer.id in seen:
            raise BadInput(f"offers[{place}].id", f"{offer.id[:80]!r} stands there already")
        seen.add(offer.id)
        if (fault := fault_of(offer)) is not None:
            raise BadInput(f"offers[{place}].{fault[0]}", f"{fault[1]} ({offer.id[:80]})")
    return list(offers)


def decode_offers(text: bytes | str) -> list[Offer]:
    """The public form (contracts: offers). Raises BadInput with the path of the field."""
    found = decoded(text, list[Offer], name="offers")
    if len(found) > OFFERS_MAX:
        raise BadInput("offers", f"send at most {OFFERS_MAX} offers")
    return checked(found)


def offer_of(tree: Any) -> Offer:
    """One offer out of a parsed document. Raises BadInput."""
    return checked([converted(tree, Offer, name="offers[0]")])[0]
