"""Lanes 3 to 8: what may be taken on top of the activity prices, slot by slot.

A slot takes at most one offer: per shop and kind in lane 3, per kind in lane 4, each red packet
by itself, points, each shipment, one discount on the payment.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.apportion import capped, percent_of
from quanyu.promotions.pricing.benefits import FreeShipping, PercentOff, PointsRate
from quanyu.promotions.pricing.cart import Cart
from quanyu.promotions.pricing.index import Match, Places, Prepared, Tie

LANES = ("shop", "cross_shop", "red_packet", "points", "shipping", "payment")
NUMBERS = {lane: number for number, lane in enumerate(LANES)}
BY_SHOP = ("shop", "shipping")


class Option(msgspec.Struct, frozen=True, gc=False):
    offer: Prepared
    lines: Places
    shipment: int | None = None


class Slot(NamedTuple):
    lane: str
    options: tuple[Option, ...]
    """By tie: of equal ones the first goes first."""


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
        number = NUMBERS.get(offer.lane)
        if number is None or not offer.chooses:
            continue
        if offer.lane in BY_SHOP:
            for shop, option in _by_shop(ground, offer, lines=lines):
                slots.setdefault((number, shop, offer.order[0]), []).append(option)
        else:
            slots.setdefault((number, *offer.order), []).append(Option(offer, lines))
    return [Slot(LANES[place[0]], tuple(sorted(slots[place], key=_tie))) for place in sorted(slots)]


def _tie(option: Option) -> Tie:
    return option.offer.tie


def _by_shop(ground: Ground, offer: Prepared, *, lines: Places) -> Iterator[tuple[str, Option]]:
    """An option for each shop, or for each shipment."""
    for shop, places in by_shop(offer, lines, shops=ground.shops).items():
        if offer.lane == "shop":
            yield shop, Option(offer, places)
        elif shop in ground.shipment_shops:
            yield shop, Option(offer, places, ground.shipment_shops.index(shop))


def by_shop(offer: Prepared, lines: Places, *, shops: Sequence[str]) -> dict[str, Places]:
    """The lines in the scope of an offer, shop by shop."""
    if offer.shop is not None:
        return {offer.shop: lines}
    found: dict[str, list[int]] = {}
    for line in lines:
        found.setdefault(shops[line], []).append(line)
    return {shop: tuple(places) for shop, places in found.items()}


class Sums:
    """Sums of prices over scopes, each made once."""

    __slots__ = ("_known", "prices")

    def __init__(self, prices: Sequence[int]) -> None:
        self.prices = prices
        self._known: dict[Places, int] = {}

    def of(self, lines: Places) -> int:
        known = self._known.get(lines)
        if known is None:
            prices = self.prices
            known = self._known[lines] = sum([prices[line] for line in lines])
        return known


class Purse:
    """What is left to pay while slots are filled. ``activity`` never changes."""

    __slots__ = ("_sums", "activity", "ground", "left", "shipping")

    def __init__(self, ground: Ground, activity: list[int]) -> None:
        self.ground = ground
        self.activity = activity
        self._sums = Sums(activity)
        self.left = activity.copy()
        self.shipping = list(ground.shipping)

    @property
    def payable(self) -> int:
        return sum(self.left) + sum(self.shipping)

    def copy(self) -> "Purse":
        other = Purse.__new__(Purse)
        other.ground, other.activity, other._sums = self.ground, self.activity, self._sums
        other.left, other.shipping = self.left.copy(), self.shipping.copy()
        return other

    def base(self, option: Option) -> int:
        """What thresholds are held against: the activity price (平行门槛); in the payment lane,
        what is to be paid."""
        if option.offer.lane == "payment":
            return self.payable
        return self._sums.of(option.lines)

    def face(self, option: Option) -> int:
        """What the offer would take off if nothing stood in its way."""
        offer = option.offer
        if option.shipment is not None:
            return self._off_shipping(option, self.ground.shipping[option.shipment])
        if offer.by_lines:
            return sum(self._off_lines(option))
        benefit = offer.benefit
        if isinstance(benefit, PointsRate):
            return self.ground.points_to_spend * (benefit.fen_per_point or 0)
        return benefit.off_sum(self.base(option))

    def _off_shipping(self, option: Option, amount: int) -> int:
        benefit, base = option.offer.benefit, self.base(option)
        if base < option.offer.threshold:
            return 0
        if isinstance(benefit, FreeShipping):
            return amount
        if isinstance(benefit, PercentOff):
            return min(percent_of(amount, benefit.percent), benefit.cap or amount)
        return min(amount, benefit.off_sum(base))

    def _off_lines(self, option: Option) -> list[int]:
        parts, activity = self.ground.parts, self.activity
        mine = [Part(parts[n].item, parts[n].quantity, activity[n]) for n in option.lines]
        benefit = option.offer.benefit
        if option.offer.picks_units:
            return benefit.off_units(mine)
        return [benefit.off_line(part) for part in mine]

    def take(self, option: Option, face: int) -> list[int]:
        """Fills a slot; returns what came off each of the option's lines, or off its shipment."""
        if option.shipment is not None:
            off = min(face, self.shipping[option.shipment])
            self.shipping[option.shipment] -= off
            return [off]
        offs = self._shares(option, face)
        left = self.left
        for line, off in zip(option.lines, offs, strict=True):
            left[line] -= off
        return offs

    def _shares(self, option: Option, face: int) -> list[int]:
        offer, benefit = option.offer, option.offer.benefit
        left = [self.left[line] for line in option.lines]
        if isinstance(benefit, PointsRate):
            most = [amount * benefit.max_percent // 100 for amount in left]
            return capped(min(face, sum(most)), left, caps=most, respread=True)
        if offer.by_lines:
            return list(map(min, self._off_lines(option), left))
        weights = left
        if offer.lane in ("shop", "cross_shop"):
            weights = [self.activity[line] for line in option.lines]
        return capped(face, weights, caps=left, respread=offer.respread)
