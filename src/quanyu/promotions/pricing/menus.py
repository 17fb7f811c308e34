"""Lanes 1 and 2: for each line, or group of lines that offers tie together, every way to price it.

A line takes at most one offer of each lane. Offers that look at units of several lines (n for m,
bundles) take the lines that are given to them, so such lines are decided together.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod
from operator import attrgetter
from typing import NamedTuple

import msgspec

from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.apportion import capped
from quanyu.promotions.pricing.index import Match, Prepared, Tie

WAYS_MAX = 256
"""Ways of pricing one group of lines that are all tried; beyond, a good one is found."""
STARTS_MAX = 8
LOOKS_MAX = 4096
"""Lines looked at while good ones are made better."""


class Off(msgspec.Struct, frozen=True, gc=False):
    """So much off a line by one offer."""

    line: int
    offer: Prepared
    amount: int


class Way(msgspec.Struct, frozen=True, gc=False):
    """One way to price a group of lines."""

    price: int
    """Of all its lines together."""
    offs: tuple[Off, ...] = ()


class Menu(NamedTuple):
    lines: tuple[int, ...]
    ways: list[Way]
    """Cheapest first."""
    complete: bool = True
    """False when there were too many ways to try them all."""


Pick = tuple[Prepared | None, Prepared | None]
"""What a line takes in lane 1 and in lane 2."""


class MenuMaker:
    def __init__(self, parts: Sequence[Part], *, both: bool) -> None:
        """``parts`` at list price; ``both``: lane 2 comes on top of lane 1, else the better."""
        self._parts = parts
        self._both = both

    def menus(self, first: Sequence[Match], second: Sequence[Match]) -> list[Menu]:
        """``first`` and ``second``: the offers of lanes 1 and 2 that may apply."""
        ones, twos = self._of_lines(first), self._of_lines(second)
        spanning = [lines for one, lines in first if one.spans_lines]
        return [
            self._alone(lines[0], ones[lines[0]], twos=twos[lines[0]])
            if len(lines) == 1
            else self._group(lines, [self._picks(ones[n], twos[n]) for n in lines])
            for lines in _tied(len(self._parts), spanning)
        ]

    def _of_lines(self, matches: Sequence[Match]) -> list[list[Prepared]]:
        found: list[list[Prepared]] = [[] for _ in self._parts]
        for offer, lines in matches:
            for line in lines:
                found[line].append(offer)
        return found

    def _picks(self, ones: Sequence[Prepared], twos: Sequence[Prepared]) -> list[Pick]:
        """What a line may take; nothing is always among it."""
        pairs = product((None, *ones), (None, *twos))
        return [(one, two) for one, two in pairs if self._together(one, two)]

    def _together(self, one: Prepared | None, two: Prepared | None) -> bool:
        if one is None or two is None:
            return True
        return self._both and not (one.exclusive and two.exclusive)

    def _alone(self, line: int, ones: Sequence[Prepared], *, twos: Sequence[Prepared]) -> Menu:
        """A line that shares no offer with others."""
        part = self._parts[line]
        ways = [Way(part.price)]
        firsts = self._offs(line, ones, part=part) if ones else ()
        ways += [Way(part.price - off.amount, (off,)) for off in firsts]
        if twos:
            seconds = self._offs(line, twos, part=part)
            ways += [Way(part.price - off.amount, (off,)) for off in seconds]
            for one in firsts if self._both else ():
                left = Part(part.item, part.quantity, part.price - one.amount)
                ways += [
                    Way(left.price - two.amount, (one, two))
                    for two in self._offs(line, twos, part=left)
                    if not (one.offer.exclusive and two.offer.exclusive)
                ]
        return Menu((line,), _cheapest_first(ways))

    def _offs(self, line: int, offers: Sequence[Prepared], *, part: Part) -> list[Off]:
        """What each takes off a line by itself. Of those that take as much, one stands for all."""
        found: dict[tuple[int, bool], Off] = {}
        for offer in offers:
            amount = off_part(offer, part)
            if amount:
                same = found.get((amount, offer.exclusive))
                if same is None or offer.tie < same.offer.tie:
                    found[amount, offer.exclusive] = Off(line, offer, amount)
        return list(found.values())

    def _group(self, lines: tuple[int, ...], picks: Sequence[Sequence[Pick]]) -> Menu:
        """Lines that are tied together."""
        complete = prod(map(len, picks)) <= WAYS_MAX
        combinations: Iterable[tuple[Pick, ...]] = (
            product(*picks) if complete else self._good(lines, picks)
        )
        ways = [self._way(lines, combination) for combination in combinations]
        return Menu(lines, _cheapest_first(ways), complete)

    def _good(
        self, lines: tuple[int, ...], picks: Sequence[Sequence[Pick]]
    ) -> Iterator[tuple[Pick, ...]]:
        """From the best of each line by itself, and from giving each spanning offer all that it
        can have, changes one line at a time as long as that makes it cheaper."""
        spanning = {p[0].id: p[0] for some in picks for p in some if p[0] and p[0].spans_lines}
        alone = [self._best_alone(n, some) for n, some in zip(lines, picks, strict=True)]
        yield tuple(some[0] for some in picks)
        yield self._improved(lines, tuple(alone), picks=picks)
        for id in sorted(spanning)[:STARTS_MAX]:
            start = tuple(
                next((p for p in some if p[0] is spanning[id]), best)
                for some, best in zip(picks, alone, strict=True)
            )
            yield self._improved(lines, start, picks=picks)

    def _best_alone(self, line: int, picks: Sequence[Pick]) -> Pick:
        apart = [pick for pick in picks if pick[0] is None or not pick[0].spans_lines]
        return min(apart, key=lambda pick: self._way((line,), (pick,)).price)

    def _improved(
        self,
        lines: tuple[int, ...],
        start: tuple[Pick, ...],
        *,
        picks: Sequence[Sequence[Pick]],
    ) -> tuple[Pick, ...]:
        best, price = start, self._way(lines, start).price
        looks = len(lines) * sum(map(len, picks)) * STARTS_MAX // 2
        for _ in range(LOOKS_MAX // looks):
            tried = (
                (*best[:i], pick, *best[i + 1 :]) for i, some in enumerate(picks) for pick in some
            )
            found = min(tried, key=lambda combination: self._way(lines, combination).price)
            cheaper = self._way(lines, found).price
            if cheaper >= price:
                return best
            best, price = found, cheaper
        return best

    def _way(self, lines: tuple[int, ...], combination: tuple[Pick, ...]) -> Way:
        offs: list[Off] = []
        prices = [self._parts[line].price for line in lines]
        for place, amount in self._spanning(lines, combination):
            offer = combination[place][0]
            assert offer is not None, "it was one of the offers"
            prices[place] -= amount
            offs.append(Off(lines[place], offer, amount))
        for place, (one, two) in enumerate(combination):
            for offer in (one, two):
                if offer is None or offer.spans_lines:
                    continue
                part = self._parts[lines[place]]
                left = Part(part.item, part.quantity, prices[place])
                amount = offer.benefit.off_line(left)
                if amount:
                    prices[place] -= amount
                    offs.append(Off(lines[place], offer, amount))
        return Way(sum(prices), tuple(offs))

    def _spanning(
        self, lines: tuple[int, ...], combination: tuple[Pick, ...]
    ) -> Iterator[tuple[int, int]]:
        """(Place, amount) of the offers that look at several lines."""
        takers: dict[int, list[int]] = {}
        for place, (one, _) in enumerate(combination):
            if one is not None and one.spans_lines:
                takers.setdefault(id(one), []).append(place)
        for places in takers.values():
            offer = combination[places[0]][0]
            assert offer is not None, "it was one of the offers"
            parts = [self._parts[lines[place]] for place in places]
            for place, amount in zip(places, off_parts(offer, parts), strict=True):
                if amount:
                    yield place, amount


def off_part(offer: Prepared, part: Part) -> int:
    """What an offer takes off a line by itself."""
    return off_parts(offer, [part])[0] if offer.spans_lines else offer.benefit.off_line(part)


def off_parts(offer: Prepared, parts: Sequence[Part]) -> list[int]:
    """What an offer that looks at several lines takes off each of them."""
    if offer.picks_units:
        return offer.benefit.off_units(parts)
    prices = [part.price for part in parts]
    amount = offer.benefit.off_sum(sum(prices))
    return capped(amount, prices, caps=prices, respread=offer.respread)


def _rank(way: Way) -> tuple[int, int, list[Tie]]:
    """Among equal prices the one that reaches more lines goes first: an order discount goes to all
    of them; then by the ties of the offers."""
    return way.price, -len(way.offs), sorted([off.offer.tie for off in way.offs])


def _cheapest_first(ways: list[Way]) -> list[Way]:
    """Only the first of those that leave the later lanes the same is kept."""
    if len({way.price for way in ways}) == len(ways):
        return sorted(ways, key=attrgetter("price"))
    found: dict[object, Way] = {}
    for way in sorted(ways, key=_rank):
        found.setdefault(_what_is_left(way), way)
    return list(found.values())


def _what_is_left(way: Way) -> object:
    """Equal for ways that later lanes cannot tell apart: what each line lost, and to whom none may
    be added."""
    if not way.offs:
        return None
    if len(way.offs) == 1:
        (off,) = way.offs
        return off.line, off.amount, off.offer.exclusive
    lost: dict[int, int] = {}
    for off in way.offs:
        lost[off.line] = lost.get(off.line, 0) + off.amount
    excluding = {off.line for off in way.offs if off.offer.exclusive}
    if len(lost) == 1:
        ((line, amount),) = lost.items()
        return line, amount, bool(excluding)
    return frozenset(lost.items()), frozenset(excluding)


def _tied(count: int, together: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """Lines grouped so that all lines of one spanning offer are in one group."""
    root = list(range(count))

    def find(line: int) -> int:
        while root[line] != line:
            line = root[line]
        return line

    for lines in together:
        for line in lines[1:]:
            a, b = find(lines[0]), find(line)
            root[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for line in range(count):
        groups.setdefault(find(line), []).append(line)
    return [tuple(lines) for lines in groups.values()]
