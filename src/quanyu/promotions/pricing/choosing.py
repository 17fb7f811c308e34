"""The cheapest payable for the buyer over all lanes together.

Lanes 1 and 2 are priced as cheap as they go first. That is already the best unless a threshold of
a later lane is missed by less than it would give: then it can pay to forgo a discount (凑单 by
price). How much may be forgone at most is bounded, and every way within the bound is tried.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from quanyu.promotions.pricing.amounts import next_step, off_group
from quanyu.promotions.pricing.benefits import FreeShipping, PointsRate
from quanyu.promotions.pricing.filling import Filled, Filler, cheapest_payment
from quanyu.promotions.pricing.menus import Menu, Way
from quanyu.promotions.pricing.slots import Ground, Option, Purse, Slot, by_lines

LEAVES_MAX = 2_000
MENUS_MAX = 200
STEPS_MAX = 64


class Chosen(NamedTuple):
    ways: tuple[Way, ...]
    activity: list[int]
    filled: Filled
    optimal: bool


class Chooser:
    def __init__(self, ground: Ground, menus: Sequence[Menu], *, slots: Sequence[Slot]) -> None:
        self._ground = ground
        self._menus = sorted(menus, key=lambda menu: menu.lines)
        self._slots = slots
        self._payments = [o for slot in slots if slot.lane == "payment" for o in slot.options]
        self._filler = Filler(slots)
        self._leaves = 0

    def choose(self) -> Chosen:
        self._best = self._leaf(tuple(menu.ways[0] for menu in self._menus))
        complete = all(menu.complete for menu in self._menus)
        least = self._least_forgoing()
        most = sum(menu.ways[-1].price - menu.ways[0].price for menu in self._menus)
        if most:
            purse = Purse(self._ground, self._best.activity)
            reach = Reach(self._slots, purse, most=most, shifting=self._shifting())
            forgo_max = reach.forgo_max(self._best.filled.payable)
            if forgo_max >= least:
                self._search(forgo_max)
        exact = complete and self._best.optimal and self._leaves <= LEAVES_MAX
        return self._best._replace(optimal=exact)

    def _shifting(self) -> list[int]:
        """How much dearer each line could be although its group costs the same: offers that span
        lines can put their discount on another one."""
        room = [0] * len(self._ground.parts)
        for menu in self._menus:
            if len(menu.lines) > 1:
                for line in menu.lines:
                    room[line] = self._ground.parts[line].price - self._best.activity[line]
        return room

    def _least_forgoing(self) -> int:
        """The smallest discount that can be forgone; equal prices count as well."""
        steps = [way.price - menu.ways[0].price for menu in self._menus for way in menu.ways[1:]]
        return min(steps, default=0)

    def _search(self, forgo_max: int) -> None:
        """Every way of the menus that forgoes at most so much together."""
        open_menus = [
            number
            for number, menu in enumerate(self._menus)
            if len(menu.ways) > 1 and menu.ways[1].price - menu.ways[0].price <= forgo_max
        ]
        if len(open_menus) > MENUS_MAX:
            self._leaves = LEAVES_MAX + 1
            return
        self._try(open_menus, [menu.ways[0] for menu in self._menus], left=forgo_max)

    def _try(self, numbers: list[int], ways: list[Way], *, left: int) -> None:
        if self._leaves > LEAVES_MAX:
            return
        if not numbers:
            self._compare(tuple(ways))
            return
        number, *rest = numbers
        menu = self._menus[number]
        for way in menu.ways:
            forgone = way.price - menu.ways[0].price
            if forgone > left:
                break
            ways[number] = way
            self._try(rest, ways, left=left - forgone)
        ways[number] = menu.ways[0]

    def _compare(self, ways: tuple[Way, ...]) -> None:
        self._leaves += 1
        found = self._leaf(ways)
        if found.filled.payable < self._best.filled.payable:
            self._best = found

    def _leaf(self, ways: tuple[Way, ...]) -> Chosen:
        activity = [part.price for part in self._ground.parts]
        excluding: list[frozenset[int]] = []
        for way in ways:
            for off in way.offs:
                activity[off.line] -= off.amount
                if off.offer.exclusive:
                    excluding.append(frozenset((off.line,)))
        filled = self._filler.fill(Purse(self._ground, activity), tuple(excluding))
        return Chosen(ways, activity, filled, optimal=filled.complete)


class Reach:
    """How much lanes 3 to 8 could give at most if so much were forgone before them."""

    def __init__(
        self, slots: Sequence[Slot], purse: Purse, *, most: int, shifting: Sequence[int]
    ) -> None:
        self._purse = purse
        self._most = most
        self._shifting = shifting if any(shifting) else None
        self._slots = [slot.options for slot in slots if slot.lane != "payment"]
        self._payments = [o for slot in slots if slot.lane == "payment" for o in slot.options]

    def forgo_max(self, best: int) -> int:
        """Forgoing more than this cannot make it cheaper than ``best``; −1 for nothing at all."""
        found = -1
        for forgone in (0, *self._steps(best)):
            gain = best - self._least(forgone)
            if gain > 0:
                found = max(found, self._until(forgone, best))
        return min(found, self._most)

    def _until(self, forgone: int, best: int) -> int:
        """From ``forgone`` on, the bound rises with what is forgone unless lanes take it back."""
        step = forgone
        for _ in range(STEPS_MAX):
            gain = best - self._least(step)
            if gain <= 0 or step >= self._most:
                return step
            step += gain
        return self._most

    def _least(self, forgone: int) -> int:
        purse = self._purse
        payable = purse.payable + forgone
        given = sum(
            max((self._most_of(option, forgone) for option in options), default=0)
            for options in self._slots
        )
        return cheapest_payment(self._payments, max(0, payable - given), payable)

    def _room(self, option: Option) -> int:
        if self._shifting is None:
            return 0
        return sum(self._shifting[line] for line in option.lines)

    def _most_of(self, option: Option, forgone: int) -> int:
        benefit = option.offer.benefit
        purse = self._purse
        forgone += self._room(option)
        if isinstance(benefit, PointsRate):
            return purse.face(option)
        if option.shipment is not None:
            reached = purse.base(option) + forgone >= option.offer.threshold
            return purse.ground.shipping[option.shipment] if reached else 0
        if by_lines(benefit):
            return purse.face(option) + forgone
        return off_group(benefit, purse.base(option) + forgone)

    def _steps(self, best: int) -> list[int]:
        """What must be forgone to come to each next threshold, as far as it could be worth it."""
        worth = best - self._least(self._most) + self._most
        found: set[int] = set()
        for option in [o for options in self._slots for o in options] + self._payments:
            for step in self._steps_of(option):
                if step > min(self._most, worth) or len(found) >= STEPS_MAX:
                    break
                found.add(step)
        return sorted(found)

    def _steps_of(self, option: Option) -> Iterator[int]:
        benefit = option.offer.benefit
        base = at = self._purse.base(option) + self._room(option)
        if isinstance(benefit, PointsRate) or by_lines(benefit):
            return
        if isinstance(benefit, FreeShipping):
            if base < benefit.threshold:
                yield benefit.threshold - base
            return
        while (step := next_step(benefit, at)) is not None:
            yield step - base
            at = step
