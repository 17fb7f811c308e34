"""From what was chosen to the quote: who bears what, units, gifts, what comes after."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from quanyu.promotions.pricing.apportion import capped, percent_of, units_of
from quanyu.promotions.pricing.benefits import (
    Gift,
    InstalmentFree,
    IssueCoupon,
    PointsMultiplier,
    PointsRate,
)
from quanyu.promotions.pricing.cart import Cart, Line
from quanyu.promotions.pricing.choosing import Chosen
from quanyu.promotions.pricing.index import Match, Prepared
from quanyu.promotions.pricing.instalments import principals_of
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
from quanyu.promotions.pricing.tracing import Applied, Tracer


class Facts(NamedTuple):
    cart: Cart
    lines: Sequence[Line]
    """In the order of their ids, as everywhere inside."""
    met: frozenset[str]
    chosen: Chosen


class Given:
    """Everything that one offer took off, and how the platform and the shops share it."""

    def __init__(self, offer: Prepared) -> None:
        self.offer = offer
        self.lines: dict[int, int] = {}
        self.shipments: dict[int, int] = {}

    @property
    def amount(self) -> int:
        return sum(self.lines.values()) + sum(self.shipments.values())

    def borne_by_platform(self) -> tuple[dict[int, int], dict[int, int]]:
        """Fen per line and per shipment. The platform's part of the whole is rounded once, and
        shared out by largest remainder."""
        if not self.offer.platform_percent:
            return dict.fromkeys(self.lines, 0), dict.fromkeys(self.shipments, 0)
        amounts = [*self.lines.values(), *self.shipments.values()]
        total = percent_of(sum(amounts), self.offer.platform_percent)
        shares = capped(total, amounts, caps=amounts, respread=True)
        count = len(self.lines)
        return (
            dict(zip(self.lines, shares[:count], strict=True)),
            dict(zip(self.shipments, shares[count:], strict=True)),
        )


def given_by(chosen: Chosen) -> dict[str, Given]:
    """By offer, in the order of the lanes."""
    found: dict[str, Given] = {}
    offs = sorted((off for way in chosen.ways for off in way.offs), key=lambda off: off.line)
    for off in sorted(offs, key=lambda off: off.offer.lane != "item"):
        given = found.setdefault(off.offer.id, Given(off.offer))
        given.lines[off.line] = given.lines.get(off.line, 0) + off.amount
    for option, amounts in chosen.filled.taken:
        given = found.setdefault(option.offer.id, Given(option.offer))
        if option.shipment is not None:
            given.shipments[option.shipment] = amounts[0]
            continue
        for line, amount in zip(option.lines, amounts, strict=True):
            if amount:
                given.lines[line] = given.lines.get(line, 0) + amount
    return {id: given for id, given in found.items() if given.amount}


class Teller:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lines = facts.lines
        self._chosen = facts.chosen
        self._given = given_by(facts.chosen)
        self._discounts: dict[int, list[Discount]] = defaultdict(list)
        self._shipping: dict[int, list[Discount]] = defaultdict(list)
        for id, given in self._given.items():
            borne, borne_shipping = given.borne_by_platform()
            for line, amount in given.lines.items():
                self._discounts[line].append(_discount(id, amount, platform=borne[line]))
            for shipment, amount in given.shipments.items():
                self._shipping[shipment].append(
                    _discount(id, amount, platform=borne_shipping[shipment])
                )

    def quote(self, asked: Sequence[Match], usable: Sequence[Match]) -> Quote:
        filled = self._chosen.filled
        lines = [self._line(number, line) for number, line in enumerate(self._lines)]
        shipments = self._shipments()
        priced: Priced = [*lines, *shipments]
        applied = {
            id: Applied(given.offer, given.amount, frozenset(given.lines))
            for id, given in self._given.items()
        }
        tracer = Tracer(self._chosen, self._facts.cart, met=self._facts.met, applied=applied)
        return Quote(
            cash=sum(filled.left),
            shipping=sum(filled.shipping),
            payable=filled.payable,
            optimal=self._chosen.optimal,
            lines=lines,
            shipments=shipments,
            points_spent=self._points_spent(),
            funded=_funded(priced),
            settlement=_settlement(priced),
            gifts=[
                GiftLine(one.id, one.benefit.item, one.benefit.quantity)
                for one, places in usable
                if isinstance(one.benefit, Gift) and tracer.gift_reached(one, places)
            ],
            after=list(self._after(usable)),
            instalments=self._instalments(usable),
            trace=[tracer.trace(one, places) for one, places in asked],
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
        schedule = principals_of(payable, terms)
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


Priced = Sequence[LineQuote | ShipmentQuote]


def _funded(priced: Priced) -> dict[str, object]:
    merchant: dict[str, int] = {}
    platform = 0
    for one in priced:
        for discount in one.discounts:
            platform += discount.funders.get("platform", 0)
            own = discount.funders.get("merchant", 0)
            if own:
                merchant[one.shop] = merchant.get(one.shop, 0) + own
    return {"merchant": merchant, "platform": platform}


def _settlement(priced: Priced) -> dict[str, int]:
    owed: dict[str, int] = {}
    for one in priced:
        borne = sum(discount.funders.get("platform", 0) for discount in one.discounts)
        owed[one.shop] = owed.get(one.shop, 0) + one.cash + borne
    return owed
