"""Why each offer applies, or does not: applied, beaten by another, or failed with have and need."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from quanyu.promotions.pricing.amounts import PICKS_UNITS, Part, next_step, off_line, off_units
from quanyu.promotions.pricing.benefits import (
    AmountOff,
    BundlePrice,
    FreeShipping,
    Gift,
    NForM,
    NthPercentOff,
    PercentOff,
    Tiers,
)
from quanyu.promotions.pricing.cart import Cart
from quanyu.promotions.pricing.choosing import Chosen
from quanyu.promotions.pricing.index import Prepared
from quanyu.promotions.pricing.quote import Trace

LINE_LANES = ("item", "member")
STEPPED = (AmountOff, PercentOff, Tiers)


class Applied(NamedTuple):
    offer: Prepared
    amount: int
    lines: frozenset[int]


class Tracer:
    def __init__(
        self,
        chosen: Chosen,
        cart: Cart,
        *,
        met: frozenset[str],
        applied: Mapping[str, Applied],
    ) -> None:
        self._chosen = chosen
        self._cart = cart
        self._met = met
        self._now_us = cart.now_us
        self._lines = sorted(cart.lines, key=lambda line: line.line)
        self._listed = [line.quantity * line.list_price for line in self._lines]
        self._applied = applied
        self._slots: dict[tuple[str, str], list[Applied]] = {}
        for mine in applied.values():
            self._slots.setdefault(_slot(mine.offer), []).append(mine)
        self._shipped = {shipment.shop: shipment.amount for shipment in cart.shipping}

    def trace(self, one: Prepared, places: Sequence[int]) -> Trace:
        mine = self._applied.get(one.id)
        if mine is not None:
            short = self._short_by(one, places)
            return Trace(one.id, "applied", amount=mine.amount, short_by=short)
        if not one.requires <= self._met:
            return Trace(one.id, "failed", code="not_eligible")
        if not one.offer.open_at(self._now_us):
            return Trace(one.id, "failed", code="out_of_window")
        if not places or (one.lane == "shipping" and not self._shipments(places)):
            return Trace(one.id, "failed", code="not_in_scope")
        return (
            self._unmet(one, places)
            or self._without_choice(one)
            or self._lost(one, frozenset(places))
        )

    def gift_reached(self, one: Prepared, places: Sequence[int]) -> bool:
        return self._base(one, places) >= one.threshold

    def _shipments(self, places: Sequence[int]) -> list[str]:
        shops = {self._lines[place].shop for place in places}
        return [shop for shop in self._shipped if shop in shops]

    def _base(self, one: Prepared, places: Sequence[int]) -> int:
        """What a threshold of the offer is held against."""
        if one.lane == "item":
            return sum([self._listed[n] for n in places])
        if one.lane == "payment":
            filled = self._chosen.filled
            paid = sum(sum(offs) for option, offs in filled.taken if option.offer.lane == "payment")
            return filled.payable + paid
        return sum([self._chosen.activity[n] for n in places])

    def _short_by(self, one: Prepared, places: Sequence[int]) -> int | None:
        """To the next threshold of an offer on a sum."""
        if one.lane in LINE_LANES or not isinstance(one.benefit, STEPPED):
            return None
        base = max(self._bases(one, places))
        step = next_step(one.benefit, base)
        return None if step is None else step - base

    def _bases(self, one: Prepared, places: Sequence[int]) -> list[int]:
        """One sum, or one per shop, or one per line, as the offer looks at them."""
        per_line = one.lane in LINE_LANES and not one.spans_lines
        if per_line or getattr(one.benefit, "per", None) in ("unit", "line"):
            return [self._of_line(one, n) for n in places]
        if one.lane not in ("shop", "shipping"):
            return [self._base(one, places)]
        shops: dict[str, list[int]] = {}
        for n in places:
            shops.setdefault(self._lines[n].shop, []).append(n)
        return [self._base(one, group) for group in shops.values()]

    def _of_line(self, one: Prepared, place: int) -> int:
        base = self._base(one, (place,))
        by_unit = isinstance(one.benefit, AmountOff) and one.benefit.per in (None, "unit")
        return base // self._lines[place].quantity if by_unit else base

    def _unmet(self, one: Prepared, places: Sequence[int]) -> Trace | None:
        """A threshold, or a number of units, that is not reached."""
        benefit = one.benefit
        if isinstance(benefit, NForM | NthPercentOff):
            have = sum(self._lines[n].quantity for n in places)
            need = benefit.n if isinstance(benefit, NForM) else benefit.nth
            return _below(one, have=have, need=need) if have < need else None
        if isinstance(benefit, BundlePrice):
            return self._incomplete(one, benefit)
        if isinstance(benefit, (*STEPPED, Gift, FreeShipping)):
            have = max(self._bases(one, places))
            if have < one.threshold:
                trace = _below(one, have=have, need=one.threshold)
                return msgspec.structs.replace(trace, short_by=one.threshold - have)
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
        free = one.lane == "after" or isinstance(one.benefit, Gift)
        if one.name == "instalment_free":
            terms = self._cart.payment.instalments
            free = terms in getattr(one.benefit, "terms", ())
            if not free:
                return Trace(one.id, "failed", code="not_in_scope")
        return Trace(one.id, "applied") if free else None

    def _lost(self, one: Prepared, lines: frozenset[int]) -> Trace:
        """Everything is met; somebody else was better, or there was nothing left to take."""
        if one.exclusive:
            for rival in _rivals(self._applied.values(), lines):
                if rival.offer.exclusive:
                    return Trace(one.id, "failed", code="excluded_by", by=rival.offer.id)
        if not self._worth(one, sorted(lines)):
            return Trace(one.id, "failed", code="no_remainder")
        mates = _rivals(self._slots.get(_slot(one), ()), lines)
        if not mates and one.lane in LINE_LANES:
            rivals = _rivals(self._applied.values(), lines)
            mates = [rival for rival in rivals if rival.offer.lane not in LINE_LANES] or rivals
        if not mates:
            return Trace(one.id, "failed", code="no_remainder")
        best = max(mates, key=lambda rival: (rival.amount, rival.offer.id))
        return Trace(one.id, "beaten_by", by=best.offer.id)

    def _worth(self, one: Prepared, lines: Sequence[int]) -> bool:
        """Would it take anything off by itself?"""
        if one.lane == "points":
            return self._cart.points_to_spend > 0
        if one.lane == "shipping":
            return any(self._shipped[shop] for shop in self._shipments(lines))
        if isinstance(one.benefit, PICKS_UNITS):
            return any(off_units(one.benefit, [self._part(one, n) for n in lines]))
        if one.lane in LINE_LANES and not one.spans_lines:
            return any(off_line(one.benefit, self._part(one, n)) for n in lines)
        return one.lane == "payment" or self._base(one, lines) > 0

    def _part(self, one: Prepared, place: int) -> Part:
        line = self._lines[place]
        prices = self._listed if one.lane == "item" else self._chosen.activity
        return Part(line.item, line.quantity, prices[place])


def _slot(one: Prepared) -> tuple[str, str]:
    return one.lane, one.kind if one.lane in ("shop", "cross_shop") else ""


def _rivals(applied: Iterable[Applied], lines: frozenset[int]) -> list[Applied]:
    return [one for one in applied if not one.lines or not lines.isdisjoint(one.lines)]


def _below(one: Prepared, *, have: int, need: int) -> Trace:
    return Trace(one.id, "failed", code="below_threshold", have=have, need=need)
