"""The best way to fill the slots of lanes 3 to 8 over given activity prices.

Depth first, the largest first; a branch is left when even everything that is still open could
not make it cheaper than the best so far. Where nothing is cut off and nobody excludes anybody,
the first way is the best and is known to be.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import msgspec

from quanyu.promotions.pricing.apportion import percent_of
from quanyu.promotions.pricing.benefits import PercentOff, Tiers
from quanyu.promotions.pricing.slots import Option, Purse, Slot

NODES_MAX = 200
"""Of one evaluation, over all its fillings."""
SLOTS_MAX = 200
"""More are filled largest first, without looking at every way."""


class Taken(msgspec.Struct, frozen=True):
    option: Option
    offs: list[int]
    """Off each of the option's lines, or off its shipment."""


class Filled(NamedTuple):
    payable: int
    taken: tuple[Taken, ...]
    left: list[int]
    """Cash of each line."""
    shipping: list[int]


Excluding = tuple[frozenset[int], ...]
"""Lines of the exclusive offers that have been taken."""


class Filler:
    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = [slot for slot in slots if slot.lane != "payment"]
        self._payments = [
            option for slot in slots if slot.lane == "payment" for option in slot.options
        ]
        self._nodes = 0
        self.complete = True
        """False once a filling had more ways than were looked at."""

    def fill(
        self, purse: Purse, excluding: Excluding, *, below: int | None = None
    ) -> Filled | None:
        """The cheapest filling; None when it is not cheaper than ``below``."""
        self._look(purse)
        self._best: Filled | None = None
        self._limit = purse.payable + 1 if below is None else below
        if self._hopeless(0, purse):
            return None
        self._keep(self._largest_first(purse.copy(), excluding))
        if self._hopeless(0, purse):
            return self._best
        if len(self._slots) > SLOTS_MAX:
            self.complete = False
        else:
            self._descend(0, purse, taken=(), excluding=excluding)
        return self._best

    def _look(self, purse: Purse) -> None:
        """What each option would take, and what all slots from each one on could take at most."""
        self._faces = [
            sorted(
                [(face, option) for option in slot.options if (face := purse.face(option)) > 0],
                key=itemgetter(0),
                reverse=True,
            )
            for slot in self._slots
        ]
        goods = shipping = 0
        self._open = [(0, 0)]
        for slot, faces in zip(reversed(self._slots), reversed(self._faces), strict=True):
            most = faces[0][0] if faces else 0
            if slot.lane == "shipping":
                shipping += most
            else:
                goods += most
            self._open.append((goods, shipping))
        self._open.reverse()

    def _keep(self, found: Filled) -> None:
        if found.payable < self._limit:
            self._best, self._limit = found, found.payable

    def _largest_first(self, purse: Purse, excluding: Excluding) -> Filled:
        taken: list[Taken] = []
        for faces in self._faces:
            for face, option in faces:
                if self._excluded(option, excluding):
                    continue
                taken.append(Taken(option, purse.take(option, face)))
                excluding = self._with(option, excluding)
                break
        return self._paid(purse, taken=tuple(taken), excluding=excluding)

    def _excluded(self, option: Option, excluding: Excluding) -> bool:
        if not option.offer.exclusive:
            return False
        return any(not others.isdisjoint(option.lines) for others in excluding)

    def _with(self, option: Option, excluding: Excluding) -> Excluding:
        return (*excluding, frozenset(option.lines)) if option.offer.exclusive else excluding

    def _descend(
        self, number: int, purse: Purse, *, taken: tuple[Taken, ...], excluding: Excluding
    ) -> None:
        if number == len(self._slots):
            self._keep(self._paid(purse, taken=taken, excluding=excluding))
            return
        for face, option in self._faces[number]:
            if self._hopeless(number + 1, purse, more=face):
                return
            if self._excluded(option, excluding):
                continue
            self._nodes += 1
            after = purse.copy()
            offs = after.take(option, face)
            if not self._hopeless(number + 1, after):
                self._descend(
                    number + 1,
                    after,
                    taken=(*taken, Taken(option, offs)),
                    excluding=self._with(option, excluding),
                )
        if not self._hopeless(number + 1, purse):
            self._descend(number + 1, purse, taken=taken, excluding=excluding)

    def _hopeless(self, number: int, purse: Purse, *, more: int = 0) -> bool:
        """Can the slots from one on, and ``more``, not make it cheaper than the best so far?"""
        if self._nodes > NODES_MAX:
            self.complete = False
            return True
        goods, shipping = self._open[number]
        left, ship = sum(purse.left), sum(purse.shipping)
        if more and self._slots[number - 1].lane == "shipping":
            shipping += more
        else:
            goods += more
        least = max(0, left - goods) + max(0, ship - shipping)
        return cheapest_payment(self._payments, least, most=left + ship) >= self._limit

    def _paid(self, purse: Purse, *, taken: tuple[Taken, ...], excluding: Excluding) -> Filled:
        """The payment lane: its best discount, on what is to be paid now. One whose lines have
        less left than it would give is worth only that."""
        faces = sorted(
            (
                (-face, option.offer.tie, option)
                for option in self._payments
                if not self._excluded(option, excluding) and (face := purse.face(option)) > 0
            ),
            key=lambda one: one[:2],
        )
        best, paid = 0, purse
        by: tuple[Taken, ...] = ()
        for negative, _, option in faces:
            if -negative <= best:
                break
            after = purse.copy()
            offs = after.take(option, -negative)
            if sum(offs) > best:
                best, paid, by = sum(offs), after, (Taken(option, offs),)
        return Filled(paid.payable, (*taken, *by), paid.left, paid.shipping)


def cheapest_payment(payments: Sequence[Option], least: int, *, most: int) -> int:
    """No payable between ``least`` and ``most`` costs less than this after the payment lane."""
    cheapest = least
    for option in payments:
        benefit = option.offer.benefit
        if isinstance(benefit, PercentOff):
            off = percent_of(least, benefit.percent) if most >= benefit.threshold else 0
        elif isinstance(benefit, Tiers):
            off = max(
                (tier.amount or percent_of(least, tier.percent or 0)) for tier in benefit.tiers
            )
        else:
            off = benefit.off_sum(most)
        cheapest = min(cheapest, max(0, least - off))
    return cheapest
