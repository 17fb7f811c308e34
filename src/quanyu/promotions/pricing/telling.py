"""From what was chosen to the quote: who bears what, units, gifts, what comes after."""

from collections.abc import Iterator, Mapping, Sequence
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
from quanyu.promotions.pricing.given import Given, given_by
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
from quanyu.promotions.pricing.tracing import Tracer


class Facts(NamedTuple):
    cart: Cart
    lines: Sequence[Line]
    """In the order of their ids, as everywhere inside."""
    refused: Mapping[str, str]
    """Offer → why it is not for this buyer now."""
    chosen: Chosen


class Teller:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lines = facts.lines
        self._chosen = facts.chosen
        self._given = given_by(facts.chosen)
        rows = len(facts.lines) + len(facts.cart.shipping)
        self._discounts: list[list[Discount]] = [[] for _ in range(rows)]
        self._platform = [0] * rows
        """Of each row, what the platform bears."""
        for given in self._given.values():
            self._share(given)

    def _share(self, given: Given) -> None:
        """An entry on every row that the offer took something off."""
        id, borne = given.offer.id, given.borne_by_platform()
        for (row, amount), platform in zip(given.rows.items(), borne, strict=True):
            self._platform[row] += platform
            self._discounts[row].append(Discount(id, amount, _funders(amount, platform)))

    def quote(self, asked: Sequence[Match], usable: Sequence[Match]) -> Quote:
        facts, filled = self._facts, self._chosen.filled
        lines = [self._line(number, line) for number, line in enumerate(self._lines)]
        shipments = self._shipments()
        rows: Sequence[LineQuote | ShipmentQuote] = [*lines, *shipments]
        tracer = Tracer(facts.cart, facts.lines, chosen=facts.chosen, given=self._given)
        return Quote(
            cash=sum(filled.left),
            shipping=sum(filled.shipping),
            payable=filled.payable,
            optimal=self._chosen.optimal,
            lines=lines,
            shipments=shipments,
            points_spent=self._points_spent(),
            funded=self._funded(rows),
            settlement=self._settlement(rows),
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
            ShipmentQuote(
                shipment.shop, shipment.amount, left[n], self._discounts[len(self._lines) + n]
            )
            for n, shipment in enumerate(shipments)
        ]

    def _funded(self, rows: Sequence[LineQuote | ShipmentQuote]) -> dict[str, object]:
        merchant: dict[str, int] = {}
        for row, platform in zip(rows, self._platform, strict=True):
            if own := row.listed - row.cash - platform:
                merchant[row.shop] = merchant.get(row.shop, 0) + own
        return {"merchant": merchant, "platform": sum(self._platform)}

    def _settlement(self, rows: Sequence[LineQuote | ShipmentQuote]) -> dict[str, int]:
        owed: dict[str, int] = {}
        for row, platform in zip(rows, self._platform, strict=True):
            owed[row.shop] = owed.get(row.shop, 0) + row.cash + platform
        return owed

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


def _funders(amount: int, platform: int) -> dict[str, int]:
    if not platform:
        return {"merchant": amount}
    if platform == amount:
        return {"platform": amount}
    return {"merchant": amount - platform, "platform": platform}
