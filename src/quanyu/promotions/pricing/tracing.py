"""Why each offer applies, or does not: applied, beaten by another, or failed with have and need."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.benefits import (
    AmountOff,
    BundlePrice,
    NForM,
    NthPercentOff,
)
from quanyu.promotions.pricing.cart import Cart, Line
from quanyu.promotions.pricing.choosing import Chosen
from quanyu.promotions.pricing.given import Given
from quanyu.promotions.pricing.index import Places, Prepared
from quanyu.promotions.pricing.quote import Trace
from quanyu.promotions.pricing.slots import BY_SHOP, Sums, by_shop

LINE_LANES = ("item", "member")


class Tracer:
    def __init__(
        self, cart: Cart, lines: Sequence[Line], *, chosen: Chosen, given: Mapping[str, Given]
    ) -> None:
        self._chosen = chosen
        self._cart = cart
        self._lines = lines
        self._shops = [line.shop for line in lines]
        self._listed = Sums([line.quantity * line.list_price for line in lines])
        self._activity = Sums(chosen.activity)
        self._given = given
        self._slots: dict[tuple[str, str], list[Given]] = {}
        self._winners: dict[tuple[tuple[str, str], Places], Given | None] = {}
        for mine in given.values():
            self._slots.setdefault(_slot(mine.offer), []).append(mine)
        self._shipped = {shipment.shop: shipment.amount for shipment in cart.shipping}

    def trace(self, one: Prepared, places: Places, *, refused: str | None) -> Trace:
        mine = self._given.get(one.id)
        if mine is not None:
            short = self._short_by(one, places)
            return Trace(one.id, "applied", amount=mine.amount, short_by=short)
        if refused is not None:
            return Trace(one.id, "failed", code=refused)
        if not places or (one.lane == "shipping" and not self._shipments(places)):
            return Trace(one.id, "failed", code="not_in_scope")
        return self._unmet(one, places) or self._without_choice(one) or self._lost(one, places)

    def gift_reached(self, one: Prepared, places: Places) -> bool:
        return self._base(one, places) >= one.threshold

    def _shipments(self, places: Places) -> list[str]:
        shops = {self._shops[place] for place in places}
        return [shop for shop in self._shipped if shop in shops]

    def _base(self, one: Prepared, places: Places) -> int:
        """What a threshold of the offer is held against."""
        if one.lane == "item":
            return self._listed.of(places)
        if one.lane == "payment":
            filled = self._chosen.filled
            paid = [one.offs for one in filled.taken if one.option.offer.lane == "payment"]
            return filled.payable + sum(map(sum, paid))
        return self._activity.of(places)

    def _short_by(self, one: Prepared, places: Places) -> int | None:
        """To the next threshold of an offer on a sum."""
        if one.lane in LINE_LANES or not one.stepped:
            return None
        base = self._most(one, places)
        step = one.benefit.next_step(base)
        return None if step is None else step - base

    def _most(self, one: Prepared, places: Places) -> int:
        """The largest of its sums: of all lines, or of a shop's, or a line, as the offer looks at
        them."""
        if one.by_lines or (one.lane in LINE_LANES and not one.spans_lines):
            return max([self._of_line(one, n) for n in places])
        if one.shop is None and one.lane in BY_SHOP:
            groups = by_shop(one, places, shops=self._shops)
            return max([self._base(one, group) for group in groups.values()])
        return self._base(one, places)

    def _of_line(self, one: Prepared, place: int) -> int:
        base = self._base(one, (place,))
        by_unit = isinstance(one.benefit, AmountOff) and one.benefit.per in (None, "unit")
        return base // self._lines[place].quantity if by_unit else base

    def _unmet(self, one: Prepared, places: Places) -> Trace | None:
        """A threshold, or a number of units, that is not reached."""
        benefit = one.benefit
        if one.threshold:
            have = self._most(one, places)
            if have < one.threshold:
                trace = _below(one, have=have, need=one.threshold)
                return msgspec.structs.replace(trace, short_by=one.threshold - have)
        elif isinstance(benefit, NForM | NthPercentOff):
            have = sum(self._lines[n].quantity for n in places)
            need = benefit.n if isinstance(benefit, NForM) else benefit.nth
            return _below(one, have=have, need=need) if have < need else None
        elif isinstance(benefit, BundlePrice):
            return self._incomplete(one, benefit)
        return None

    def _incomplete(self, one: Prepared, benefit: BundlePrice) -> Trace | None:
        have = dict.fromkeys(benefit.items, 0)
        for line in self._lines:
            if line.item in have and one.shop in (None, line.shop):
                have[line.item] += line.quantity
        missing = sum(max(0, n - have[item]) for item, n in benefit.items.items())
        need = sum(benefit.items.values())
        return _below(one, have=need - missing, need=need) if missing else None

    def _without_choice(self, one: Prepared) -> Trace | None:
        """Gifts, instalments and what comes after paying compete with nobody."""
        if one.chooses:
            return None
        terms = getattr(one.benefit, "terms", None)
        if terms is not None and self._cart.payment.instalments not in terms:
            return Trace(one.id, "failed", code="not_in_scope")
        return Trace(one.id, "applied")

    def _lost(self, one: Prepared, places: Places) -> Trace:
        """Everything is met; somebody else was better, or there was nothing left to take."""
        if one.exclusive:
            for rival in _rivals(self._given.values(), places):
                if rival.offer.exclusive:
                    return Trace(one.id, "failed", code="excluded_by", by=rival.offer.id)
        if not self._worth(one, places):
            return Trace(one.id, "failed", code="no_remainder")
        best = self._winner(_slot(one), places)
        if best is None:
            return Trace(one.id, "failed", code="no_remainder")
        return Trace(one.id, "beaten_by", by=best.offer.id)

    def _winner(self, slot: tuple[str, str], places: Places) -> Given | None:
        """Who took the slot on these lines; of lanes 1 and 2, also who stood in the way."""
        if (slot, places) in self._winners:
            return self._winners[slot, places]
        mates = _rivals(self._slots.get(slot, ()), places)
        if not mates and slot[0] in LINE_LANES:
            rivals = _rivals(self._given.values(), places)
            mates = [rival for rival in rivals if rival.offer.lane not in LINE_LANES] or rivals
        best = max(mates, key=lambda rival: (rival.amount, rival.offer.id), default=None)
        self._winners[slot, places] = best
        return best

    def _worth(self, one: Prepared, places: Places) -> bool:
        """Would it take anything off by itself?"""
        if one.lane == "points":
            return self._cart.points_to_spend > 0
        if one.lane == "shipping":
            return any(self._shipped[shop] for shop in self._shipments(places))
        if one.picks_units:
            return any(one.benefit.off_units([self._part(one, n) for n in places]))
        if one.lane in LINE_LANES and not one.spans_lines:
            return any(one.benefit.off_line(self._part(one, n)) for n in places)
        return one.lane == "payment" or self._base(one, places) > 0

    def _part(self, one: Prepared, place: int) -> Part:
        line = self._lines[place]
        prices = self._listed if one.lane == "item" else self._activity
        return Part(line.item, line.quantity, prices.prices[place])


def _slot(one: Prepared) -> tuple[str, str]:
    return one.lane, one.kind if one.lane in ("shop", "cross_shop") else ""


def _rivals(given: Iterable[Given], lines: Places) -> list[Given]:
    mine = frozenset(lines)
    return [one for one in given if one.offer.lane == "shipping" or not mine.isdisjoint(one.rows)]


def _below(one: Prepared, *, have: int, need: int) -> Trace:
    return Trace(one.id, "failed", code="below_threshold", have=have, need=need)
