"""From what was chosen to the quote: who bears what, units, gifts, what comes after."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from quanyu.promotions.pricing.apportion import units_of
from quanyu.promotions.pricing.benefits import (
    Gift,
    InstalmentFree,
    IssueCoupon,
    PointsMultiplier,
    PointsRate,
)
from quanyu.promotions.pricing.cart import Cart, Line
from quanyu.promotions.pricing.choosing import Chosen
from quanyu.promotions.pricing.given import Given
from quanyu.promotions.pricing.index import Match, Prepared
from quanyu.promotions.pricing.quote import (
    After,
    Discount,
    GiftLine,
    Instalments,
    LineQuote,
    Quote,
    ShipmentQuote,
    Unit,
)
from quanyu.promotions.pricing.tracing import LINE_LANES, Tracer


class Facts(NamedTuple):
    cart: Cart
    lines: Sequence[Line]
    """In the order of their ids, as everywhere inside."""
    refused: Mapping[str, str]
    """Offer → why it is not for this buyer now."""
    chosen: Chosen


def given_by(chosen: Chosen) -> dict[str, Given]:
    """By offer, in the order of the lanes."""
    found: dict[str, Given] = {}
    offs = sorted([off for way in chosen.ways for off in way.offs], key=attrgetter("line"))
    for lane in LINE_LANES:
        for off in offs:
            if off.offer.lane == lane:
                _given(found, off.offer).take(off.line, off.amount)
    for option, amounts in chosen.filled.taken:
        given = _given(found, option.offer)
        if option.shipment is not None:
            given.ship(option.shipment, amounts[0])
            continue
        for line, amount in zip(option.lines, amounts, strict=True):
            given.take(line, amount)
    return {id: given for id, given in found.items() if given.amount}


def _given(found: dict[str, Given], offer: Prepared) -> Given:
    given = found.get(offer.id)
    if given is None:
        given = found[offer.id] = Given(offer)
    return given


class Teller:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lines = facts.lines
        self._chosen = facts.chosen
        self._given = given_by(facts.chosen)
        self._discounts: list[list[Discount]] = [[] for _ in facts.lines]
        self._shipping: list[list[Discount]] = [[] for _ in facts.cart.shipping]
        for id, given in self._given.items():
            borne, borne_shipping = given.borne_by_platform()
            for (line, amount), platform in zip(given.lines.items(), borne, strict=True):
                self._discounts[line].append(_discount(id, amount, platform=platform))
            for (number, amount), platform in zip(
                given.shipments.items(), borne_shipping, strict=True
            ):
                self._shipping[number].append(_discount(id, amount, platform=platform))

    def quote(self, asked: Sequence[Match], usable: Sequence[Match]) -> Quote:
        facts, filled = self._facts, self._chosen.filled
        lines = [self._line(number, line) for number, line in enumerate(self._lines)]
        shipments = self._shipments()
        merchant, platform, settlement = _shared([*lines, *shipments])
        tracer = Tracer(facts.cart, facts.lines, chosen=facts.chosen, given=self._given)
        return Quote(
            cash=sum(filled.left),
            shipping=sum(filled.shipping),
            payable=filled.payable,
            optimal=self._chosen.optimal,
            lines=lines,
            shipments=shipments,
            points_spent=self._points_spent(),
            funded={"merchant": merchant, "platform": platform},
            settlement=settlement,
            gifts=[
                GiftLine(one.id, one.benefit.item, one.benefit.quantity)
                for one, places in usable
                if isinstance(one.benefit, Gift) and tracer.gift_reached(one, places)
            ],
            after=list(self._after(usable)),
            instalments=self._instalments(usable),
            trace=[
                tracer.trace(one, places, refused=facts.refused.get(one.id))
                for one, places in asked
            ],
        )

    def _line(self, number: int, line: Line) -> LineQuote:
        cash = self._chosen.filled.left[number]
        return LineQuote(
            line=line.line,
            shop=line.shop,
            item=line.item,
            quantity=line.quantity,
            list=line.quantity * line.list_price,
            activity=self._chosen.activity[number],
            cash=cash,
            units=[Unit(unit) for unit in units_of(cash, line.quantity)],
            discounts=self._discounts[number],
        )

    def _shipments(self) -> list[ShipmentQuote]:
        shipments = sorted(self._facts.cart.shipping, key=lambda shipment: shipment.shop)
        left = self._chosen.filled.shipping
        return [
            ShipmentQuote(shipment.shop, shipment.amount, left[n], self._shipping[n])
            for n, shipment in enumerate(shipments)
        ]

    def _points_spent(self) -> int:
        """Rounded up: half a point cannot be spent."""
        spent = 0
        for given in self._given.values():
            benefit = given.offer.benefit
            if given.offer.lane == "points" and isinstance(benefit, PointsRate):
                spent += -(-given.amount // (benefit.fen_per_point or 1))
        return spent

    def _after(self, usable: Sequence[Match]) -> Iterator[After]:
        """Points are earned on cash paid, rounded down once per offer."""
        cash = self._chosen.filled.left
        after = [(one, places) for one, places in usable if one.lane == "after"]
        earned = [0] * len(cash)
        for one, places in after:
            if isinstance(one.benefit, PointsRate):
                rate = one.benefit.points_per_yuan or 0
                for line in places:
                    earned[line] += cash[line] * rate
                yield After(one.id, points=sum(cash[line] for line in places) * rate // 100)
            elif isinstance(one.benefit, IssueCoupon):
                yield After(one.id, coupon=one.benefit.template)
        yield from self._multiplied(after, earned)

    def _multiplied(self, after: Sequence[Match], earned: Sequence[int]) -> Iterator[After]:
        """The largest factor of a line counts, once."""
        best: dict[int, Prepared] = {}
        for one, places in after:
            if isinstance(one.benefit, PointsMultiplier):
                for line in places:
                    known = best.get(line)
                    if known is None or _factor(known) < _factor(one):
                        best[line] = one
        for one, places in after:
            if isinstance(one.benefit, PointsMultiplier):
                mine = sum(earned[line] for line in places if best[line] is one)
                yield After(one.id, points=mine * (_factor(one) - 100) // 10_000)

    def _instalments(self, usable: Sequence[Match]) -> list[Instalments]:
        terms, payable = self._facts.cart.payment.instalments, self._chosen.filled.payable
        if not terms or not payable:
            return []
        free = [
            one
            for one, _ in usable
            if isinstance(one.benefit, InstalmentFree) and terms in one.benefit.terms
        ]
        schedule = units_of(payable, terms)
        if not free:
            return [Instalments(terms, schedule, "buyer")]
        best = min(free, key=lambda one: one.tie)
        assert isinstance(best.benefit, InstalmentFree), "these were looked for"
        return [Instalments(terms, schedule, best.benefit.fee_bearer, best.id)]


def _factor(one: Prepared) -> int:
    return one.benefit.hundredths if isinstance(one.benefit, PointsMultiplier) else 100


def _discount(offer: str, amount: int, *, platform: int) -> Discount:
    if not platform:
        return Discount(offer, amount, {"merchant": amount})
    if platform == amount:
        return Discount(offer, amount, {"platform": platform})
    return Discount(offer, amount, {"merchant": amount - platform, "platform": platform})


def _shared(
    priced: Sequence[LineQuote | ShipmentQuote],
) -> tuple[dict[str, int], int, dict[str, int]]:
    """What each shop bears itself, what the platform bears, and what it owes each shop: cash and
    the platform's share."""
    merchant: dict[str, int] = {}
    owed: dict[str, int] = {}
    total = 0
    for one in priced:
        own = platform = 0
        for discount in one.discounts:
            own += discount.funders.get("merchant", 0)
            platform += discount.funders.get("platform", 0)
        if own:
            merchant[one.shop] = merchant.get(one.shop, 0) + own
        owed[one.shop] = owed.get(one.shop, 0) + one.cash + platform
        total += platform
    return merchant, total, owed
