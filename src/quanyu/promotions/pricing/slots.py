"""Lanes 3 to 8: what may be taken on top of the activity prices, slot by slot.

A slot takes at most one offer: per shop and kind in lane 3, per kind in lane 4, each red packet
by itself, points, each shipment, one discount on the payment.
"""

from collections.abc import Sequence
from typing import NamedTuple

from quanyu.promotions.pricing.amounts import PICKS_UNITS, Part, off_group, off_line, off_units
from quanyu.promotions.pricing.apportion import capped, percent_of
from quanyu.promotions.pricing.benefits import Benefit, FreeShipping, PercentOff, PointsRate
from quanyu.promotions.pricing.cart import Cart
from quanyu.promotions.pricing.index import Match, Prepared

LANES = ("shop", "cross_shop", "red_packet", "points", "shipping", "payment")
NO_CHOICE = {"gift", "instalment_free"}


class Option(NamedTuple):
    offer: Prepared
    lines: tuple[int, ...]
    shipment: int | None = None


def by_lines(benefit: Benefit) -> bool:
    """Does it take off certain lines or units, rather than off a sum?"""
    return isinstance(benefit, PICKS_UNITS) or getattr(benefit, "per", None) in ("unit", "line")


class Slot(NamedTuple):
    lane: str
    options: tuple[Option, ...]


class Ground(NamedTuple):
    """What does not change while slots are filled."""

    parts: Sequence[Part]
    shops: Sequence[str]
    """Of each line."""
    shipping: Sequence[int]
    shipment_shops: Sequence[str]
    points_to_spend: int


def ground_of(cart: Cart, parts: Sequence[Part], *, shops: Sequence[str]) -> Ground:
    shipments = sorted(cart.shipping, key=lambda shipment: shipment.shop)
    return Ground(
        parts,
        shops,
        [shipment.amount for shipment in shipments],
        [shipment.shop for shipment in shipments],
        cart.points_to_spend,
    )


def slots_of(ground: Ground, matches: Sequence[Match]) -> list[Slot]:
    """In the order of the lanes; within a lane by shop and kind, red packets by expiry and face."""
    slots: dict[tuple[int, str, str], list[Option]] = {}
    for offer, lines in matches:
        if offer.lane not in LANES or offer.name in NO_CHOICE:
            continue
        place = LANES.index(offer.lane)
        for first, second, option in _places(ground, offer, lines=lines):
            slots.setdefault((place, first, second), []).append(option)
    return [Slot(LANES[place], tuple(options)) for (place, *_), options in sorted(slots.items())]


def _places(ground: Ground, offer: Prepared, *, lines: list[int]) -> list[tuple[str, str, Option]]:
    """The slots that an offer may stand in, by two words that order them."""
    if offer.lane == "shop":
        shops = dict.fromkeys(ground.shops[line] for line in lines)
        return [
            (shop, _kind(offer), Option(offer, tuple(n for n in lines if ground.shops[n] == shop)))
            for shop in shops
        ]
    if offer.lane == "shipping":
        return [
            (shop, "", Option(offer, tuple(n for n in lines if ground.shops[n] == shop), number))
            for number, shop in enumerate(ground.shipment_shops)
            if any(ground.shops[line] == shop for line in lines)
        ]
    option = Option(offer, tuple(lines))
    if offer.lane == "cross_shop":
        return [(_kind(offer), "", option)]
    if offer.lane == "red_packet":
        order = f"{offer.expires_us:020}{10**16 - offer.face:020}{10**16 - offer.threshold:020}"
        return [(f"{order}{offer.received_us:020}", offer.id, option)]
    return [("", "", option)]


def _kind(offer: Prepared) -> str:
    """Promotions before coupons."""
    return "0" if offer.kind == "promotion" else "1"


class Purse:
    """What is left to pay while slots are filled. ``activity`` never changes."""

    __slots__ = ("activity", "ground", "left", "shipping")

    def __init__(self, ground: Ground, activity: list[int]) -> None:
        self.ground = ground
        self.activity = activity
        self.left = activity.copy()
        self.shipping = list(ground.shipping)

    @property
    def payable(self) -> int:
        return sum(self.left) + sum(self.shipping)

    def copy(self) -> "Purse":
        other = Purse.__new__(Purse)
        other.ground, other.activity = self.ground, self.activity
        other.left, other.shipping = self.left.copy(), self.shipping.copy()
        return other

    def base(self, option: Option) -> int:
        """What thresholds are held against: the activity price (平行门槛); in the payment lane,
        what is to be paid."""
        if option.offer.lane == "payment":
            return self.payable
        activity = self.activity
        return sum([activity[line] for line in option.lines])

    def face(self, option: Option) -> int:
        """What the offer would take off if nothing stood in its way."""
        offer = option.offer
        benefit = offer.benefit
        if offer.lane == "shipping":
            return self._off_shipping(option)
        if isinstance(benefit, PointsRate):
            return self.ground.points_to_spend * (benefit.fen_per_point or 0)
        if by_lines(benefit):
            return sum(self._off_lines(option))
        return off_group(benefit, self.base(option))

    def _off_shipping(self, option: Option) -> int:
        assert option.shipment is not None, "a shipping offer is for a shipment"
        amount = self.ground.shipping[option.shipment]
        benefit = option.offer.benefit
        if self.base(option) < getattr(benefit, "threshold", 0):
            return 0
        if isinstance(benefit, FreeShipping):
            return amount
        if isinstance(benefit, PercentOff):
            return min(percent_of(amount, benefit.percent), benefit.cap or amount)
        return min(amount, off_group(benefit, self.base(option)))

    def _off_lines(self, option: Option) -> list[int]:
        parts = [
            self.ground.parts[line]._replace(price=self.activity[line]) for line in option.lines
        ]
        benefit = option.offer.benefit
        if isinstance(benefit, PICKS_UNITS):
            return off_units(benefit, parts)
        return [off_line(benefit, part) for part in parts]

    def take(self, option: Option, face: int) -> list[int]:
        """Fills a slot; returns what came off each of the option's lines, or off its shipment."""
        if option.shipment is not None:
            off = min(face, self.shipping[option.shipment])
            self.shipping[option.shipment] -= off
            return [off]
        offs = self._shares(option, face)
        for line, off in zip(option.lines, offs, strict=True):
            self.left[line] -= off
        return offs

    def _shares(self, option: Option, face: int) -> list[int]:
        offer, benefit = option.offer, option.offer.benefit
        left = [self.left[line] for line in option.lines]
        if isinstance(benefit, PointsRate):
            most = [amount * benefit.max_percent // 100 for amount in left]
            return capped(min(face, sum(most)), left, caps=most, respread=True)
        if by_lines(benefit):
            offs = self._off_lines(option)
            return [min(off, room) for off, room in zip(offs, left, strict=True)]
        weights = left
        if offer.lane in ("shop", "cross_shop"):
            weights = [self.activity[line] for line in option.lines]
        return capped(face, weights, caps=left, respread=offer.respread)
