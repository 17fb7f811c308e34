"""The cheapest payable for the buyer over all lanes together.

Lanes 1 and 2 are priced as cheap as they go first. That is already the best unless a threshold of
a later lane is missed by less than it would give: then it can pay to forgo a discount (凑单 by
price). How much may be forgone at most is bounded, and every way within the bound is tried, but
for those that a bound shows to be no better.
"""

from collections.abc import Sequence
from typing import NamedTuple

from quanyu.promotions.pricing.filling import Filled, Filler
from quanyu.promotions.pricing.menus import Menu, Way
from quanyu.promotions.pricing.reach import Reach
from quanyu.promotions.pricing.slots import Ground, Purse, Slot

TRIES_MAX = 1000
"""Beginnings of ways that are looked at; beyond, the best so far is taken and said to be that."""
LEAF_TRIES = 10
"""So much more is a look at a whole way."""
MENUS_MAX = 200
SEEDS_MAX = 8
SUMS_MAX = 1 << 17
"""Fen. Up to so much, which sums can be forgone at all is known to the fen."""


class Chosen(NamedTuple):
    ways: tuple[Way, ...]
    activity: list[int]
    filled: Filled
    optimal: bool


class Open(NamedTuple):
    """A menu with more than one way that could be worth it."""

    number: int
    ways: list[Way]


class Chooser:
    def __init__(self, ground: Ground, menus: Sequence[Menu], *, slots: Sequence[Slot]) -> None:
        self._ground = ground
        self._menus = sorted(menus, key=lambda menu: menu.lines)
        self._slots = slots
        self._filler = Filler(slots)
        self._tries = 0

    def choose(self) -> Chosen:
        best = self._leaf(tuple(menu.ways[0] for menu in self._menus))
        assert best is not None, "nothing was asked of it"
        self._best, self._limit = best, best.filled.payable
        complete = all(menu.complete for menu in self._menus)
        least = self._least_forgoing()
        most = sum(menu.ways[-1].price - menu.ways[0].price for menu in self._menus)
        if least is not None:
            purse = Purse(self._ground, self._best.activity)
            self._reach = Reach(self._slots, purse, shifting=self._shifting(), forgo_max=most)
            self._worth = self._reach.worth_forgoing(self._best.filled.payable, most)
            if self._worth and self._worth[-1][1] >= least:
                self._search()
        exact = complete and self._filler.complete and self._tries <= TRIES_MAX
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

    def _least_forgoing(self) -> int | None:
        """The smallest discount that can be forgone, 0 where prices are equal; None without any
        choice."""
        steps = [menu.ways[1].price - menu.ways[0].price for menu in self._menus if menu.ways[1:]]
        return min(steps, default=None)

    def _search(self) -> None:
        """Every way of the menus that forgoes at most so much together and could be worth it."""
        forgo_max = self._worth[-1][1]
        worth = self._reach.worth_of_lines(self._best.filled, forgo_max)
        self._open: list[Open] = []
        for number, menu in enumerate(self._menus):
            limit = min(forgo_max, max(worth[line] for line in menu.lines))
            ways = [way for way in menu.ways if way.price - menu.ways[0].price <= limit]
            if len(ways) > 1:
                self._open.append(Open(number, ways))
        if len(self._open) > MENUS_MAX:
            self._tries = TRIES_MAX + 1
            return
        self._sums = _sums(self._open, forgo_max)
        self._promising = _bits(self._worth)
        self._watched = self._reach.watched(forgo_max)
        self._touching = self._touches()
        self._later = self._later_rises()
        self._seed()
        ways = [menu.ways[0] for menu in self._menus]
        self._try(0, ways, forgone=0, rises=[0] * len(self._later[0]))

    def _seed(self) -> None:
        """A good way soon leaves little to look at: those that forgo least for each threshold.
        Others as cheap stay in, so that which one is found does not depend on this."""
        if self._sums is None or self._promising is None:
            return
        worth_it, seeds = self._sums[0] & self._promising & ~1, 0
        while worth_it and seeds < SEEDS_MAX:
            least = worth_it & -worth_it
            found = self._leaf(self._forgoing(least, self._sums), below=self._limit - 1)
            seeds += 1
            worth_it ^= least
            if found is not None:
                self._best = found
                self._narrow(found.filled.payable + 1)
                worth_it &= self._promising or 0

    def _forgoing(self, least: int, sums: Sequence[int]) -> tuple[Way, ...]:
        """The first way that forgoes exactly the sum of this bit."""
        found, forgone = [menu.ways[0] for menu in self._menus], 0
        for place, (number, ways) in enumerate(self._open):
            for way in ways:
                more = way.price - ways[0].price
                if sums[place + 1] << forgone + more & least:
                    found[number], forgone = way, forgone + more
                    break
        return tuple(found)

    def _narrow(self, limit: int) -> None:
        """From now on, only what is cheaper than this is worth a look."""
        self._limit = limit
        self._worth = self._reach.worth_forgoing(limit, self._worth[-1][1])
        self._promising = _bits(self._worth)

    def _touches(self) -> list[list[bool]]:
        """Does an open menu have a line of a watched track?"""
        scopes = [frozenset(track.lines) for some in self._watched.slots for track in some]
        lines = [self._menus[number].lines for number, _ in self._open]
        return [[not scope.isdisjoint(of_menu) for scope in scopes] for of_menu in lines]

    def _later_rises(self) -> list[list[int]]:
        """From each place on, by how much the open menus can raise each watched track."""
        rises = [[0] * sum(map(len, self._watched.slots))]
        for (_, ways), touching in zip(reversed(self._open), reversed(self._touching), strict=True):
            most = ways[-1].price - ways[0].price
            rises.append(
                [r + most if touched else r for r, touched in zip(rises[-1], touching, strict=True)]
            )
        return rises[::-1]

    def _try(self, place: int, ways: list[Way], *, forgone: int, rises: list[int]) -> None:
        if place == len(self._open):
            self._tries += LEAF_TRIES
            self._compare(tuple(ways))
            return
        number, open_ways = self._open[place]
        touching = self._touching[place]
        for way in open_ways:
            more = way.price - open_ways[0].price
            if self._tries > TRIES_MAX or not self._within(forgone + more):
                break
            risen = [r + more if t else r for r, t in zip(rises, touching, strict=True)]
            if self._can_be_worth_it(place + 1, forgone + more, rises=risen):
                ways[number] = way
                self._try(place + 1, ways, forgone=forgone + more, rises=risen)
        ways[number] = open_ways[0]

    def _within(self, forgone: int) -> bool:
        return bool(self._worth) and forgone <= self._worth[-1][1]

    def _can_be_worth_it(self, place: int, forgone: int, *, rises: Sequence[int]) -> bool:
        """Is there a sum, with what is open from a place on, that could be cheaper?"""
        sums, promising = self._sums, self._promising
        if sums is not None and promising is not None and not sums[place] << forgone & promising:
            return False
        self._tries += 1
        most = self._worth[-1][1]
        left = most - forgone
        later = [
            r + (more if more < left else left)
            for r, more in zip(rises, self._later[place], strict=True)
        ]
        least = self._reach.least_with(self._watched, later, forgone=range(forgone, most))
        return least < self._limit

    def _compare(self, ways: tuple[Way, ...]) -> None:
        found = self._leaf(ways, below=self._limit)
        if found is not None:
            self._best = found
            self._narrow(found.filled.payable)

    def _leaf(self, ways: tuple[Way, ...], *, below: int | None = None) -> Chosen | None:
        activity = [part.price for part in self._ground.parts]
        excluding: list[frozenset[int]] = []
        for way in ways:
            for off in way.offs:
                activity[off.line] -= off.amount
                if off.offer.exclusive:
                    excluding.append(frozenset((off.line,)))
        purse = Purse(self._ground, activity)
        filled = self._filler.fill(purse, tuple(excluding), below=below)
        return None if filled is None else Chosen(ways, activity, filled, optimal=True)


def _sums(opens: Sequence[Open], most: int) -> list[int] | None:
    """From each place on, the sums that can be forgone, as bits."""
    if most > SUMS_MAX:
        return None
    sums, mask = [1], (1 << most + 1) - 1
    for _, ways in reversed(opens):
        found = 0
        for way in ways:
            found |= sums[-1] << way.price - ways[0].price
        sums.append(found & mask)
    return sums[::-1]


def _bits(ranges: Sequence[tuple[int, int]]) -> int | None:
    if ranges and ranges[-1][1] > SUMS_MAX:
        return None
    bits = 0
    for first, last in ranges:
        bits |= (1 << last - first + 1) - 1 << first
    return bits
