"""The cheapest payable for the buyer over all lanes together.

Lanes 1 and 2 are priced as cheap as they go first. That is already the best unless a threshold of
a later lane is missed by less than it would give: then it can pay to forgo a discount (凑单 by
price). How much may be forgone at most is bounded, and every way within the bound is tried.
"""

from collections.abc import Sequence
from typing import NamedTuple

from quanyu.promotions.pricing.filling import Filled, Filler
from quanyu.promotions.pricing.menus import Menu, Way
from quanyu.promotions.pricing.reach import Reach
from quanyu.promotions.pricing.slots import Ground, Purse, Slot

LEAVES_MAX = 200
MENUS_MAX = 200


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
        self._filler = Filler(slots)
        self._leaves = 0

    def choose(self) -> Chosen:
        self._best = self._leaf(tuple(menu.ways[0] for menu in self._menus))
        complete = all(menu.complete for menu in self._menus)
        least = self._least_forgoing()
        most = sum(menu.ways[-1].price - menu.ways[0].price for menu in self._menus)
        if most:
            purse = Purse(self._ground, self._best.activity)
            reach = Reach(self._slots, purse, shifting=self._shifting())
            forgo_max = reach.forgo_max(self._best.filled.payable, most)
            if forgo_max >= least:
                self._search(forgo_max, reach)
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

    def _search(self, forgo_max: int, reach: Reach) -> None:
        """Every way of the menus that forgoes at most so much together and could be worth it."""
        worth = reach.worth_of_lines(self._best.filled, forgo_max)
        self._open = []
        for number, menu in enumerate(self._menus):
            limit = min(forgo_max, max(worth[line] for line in menu.lines))
            ways = [way for way in menu.ways if way.price - menu.ways[0].price <= limit]
            if len(ways) > 1:
                self._open.append((number, ways))
        if len(self._open) > MENUS_MAX:
            self._leaves = LEAVES_MAX + 1
            return
        self._try(0, [menu.ways[0] for menu in self._menus], left=forgo_max)

    def _try(self, place: int, ways: list[Way], *, left: int) -> None:
        if self._leaves > LEAVES_MAX:
            return
        if place == len(self._open):
            self._compare(tuple(ways))
            return
        number, open_ways = self._open[place]
        for way in open_ways:
            forgone = way.price - open_ways[0].price
            if forgone > left:
                break
            ways[number] = way
            self._try(place + 1, ways, left=left - forgone)
        ways[number] = open_ways[0]

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
