"""Lanes 1 and 2: for each line, or group of lines that offers tie together, every way to price it.

A line takes at most one offer of each lane. Offers that look at units of several lines (n for m,
bundles) take the lines that are given to them, so such lines are decided together.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from quanyu.promotions.pricing.amounts import Part, off_group, off_line, off_units
from quanyu.promotions.pricing.apportion import capped
from quanyu.promotions.pricing.benefits import AmountOff
from quanyu.promotions.pricing.index import Match, Prepared

WAYS_MAX = 256
"""Ways of pricing one group of lines that are all tried; beyond, a good one is found."""
STARTS_MAX = 8
LOOKS_MAX = 4096
"""Lines looked at while good ones are made better."""


class Off(NamedTuple):
    """So much off a line by one offer."""

    line: int
    offer: Prepared
    amount: int


class Way(NamedTuple):
    """One way to price a group of lines."""

    price: int
    """Of all its lines together."""
    ties: tuple[tuple[int, int, int, int, str], ...]
    """Among equal prices the smallest goes first."""
    offs: tuple[Off, ...]


class Menu(NamedTuple):
    lines: tuple[int, ...]
    ways: list[Way]
    """Cheapest first."""
    complete: bool
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
        picks = self._picks(first, second)
        groups = _tied(len(self._parts), [lines for one, lines in first if one.spans_lines])
        return [self._menu(lines, picks) for lines in groups]

    def _picks(self, first: Sequence[Match], second: Sequence[Match]) -> list[list[Pick]]:
        """For each line, what it may take; nothing is always among it."""
        ones: list[list[Prepared | None]] = [[None] for _ in self._parts]
        twos: list[list[Prepared | None]] = [[None] for _ in self._parts]
        for matches, of_lines in ((first, ones), (second, twos)):
            for offer, lines in matches:
                for line in lines:
                    of_lines[line].append(offer)
        return [
            [(a, b) for a in one for b in two if self._together(a, b)]
            for one, two in zip(ones, twos, strict=True)
        ]

    def _together(self, one: Prepared | None, two: Prepared | None) -> bool:
        if one is None or two is None:
            return True
        return self._both and not (one.exclusive and two.exclusive)

    def _menu(self, lines: tuple[int, ...], picks: Sequence[Sequence[Pick]]) -> Menu:
        if len(lines) == 1:
            (line,) = lines
            if len(picks[line]) == 1:
                return Menu(lines, [Way(self._parts[line].price, (), ())], complete=True)
            return Menu(lines, _cheapest_first(self._ways_of(line, picks[line])), complete=True)
        complete = prod(len(picks[line]) for line in lines) <= WAYS_MAX
        combinations: Iterable[tuple[Pick, ...]] = (
            product(*(picks[line] for line in lines))
            if complete
            else self._good(lines, [picks[line] for line in lines])
        )
        ways = [self._way(lines, combination) for combination in combinations]
        return Menu(lines, _cheapest_first(ways), complete)

    def _ways_of(self, line: int, picks: Sequence[Pick]) -> list[Way]:
        """Of a line that shares no offer with others."""
        part = self._parts[line]
        firsts: dict[str, int] = {}
        ways: list[Way] = []
        for one, two in picks:
            if one is not None and one.spans_lines:
                ways.append(self._way((line,), ((one, two),)))
                continue
            price = part.price
            offs: list[Off] = []
            if one is not None:
                if one.id not in firsts:
                    firsts[one.id] = off_line(one.benefit, part)
                offs.append(Off(line, one, firsts[one.id]))
                price -= firsts[one.id]
            if two is not None:
                amount = off_line(two.benefit, Part(part.item, part.quantity, price))
                offs.append(Off(line, two, amount))
                price -= amount
            ways.append(_way_with(price, [off for off in offs if off.amount]))
        return ways

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
                amount = off_line(offer.benefit, part._replace(price=prices[place]))
                if amount:
                    prices[place] -= amount
                    offs.append(Off(lines[place], offer, amount))
        return _way_with(sum(prices), offs)

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


def off_parts(offer: Prepared, parts: Sequence[Part]) -> list[int]:
    """What an offer that looks at several lines takes off each of them."""
    if not isinstance(offer.benefit, AmountOff):
        return off_units(offer.benefit, parts)
    prices = [part.price for part in parts]
    amount = off_group(offer.benefit, sum(prices))
    return capped(amount, prices, caps=prices, respread=offer.respread)


def _way_with(price: int, offs: Sequence[Off]) -> Way:
    ties = [off.offer.tie for off in offs]
    return Way(price, tuple(sorted(ties) if len(ties) > 1 else ties), tuple(offs))


def _cheapest_first(ways: list[Way]) -> list[Way]:
    """Among equal prices the one that reaches more lines: an order discount goes to all of them.
    Only the first of those that leave the later lanes the same is kept."""
    found: dict[object, Way] = {}
    for way in sorted(ways, key=lambda way: (way.price, -len(way.offs), way.ties)):
        found.setdefault(_what_is_left(way), way)
    return list(found.values())


def _what_is_left(way: Way) -> object:
    """Equal for ways that later lanes cannot tell apart: what each line lost, and to whom none may
    be added."""
    if not way.offs:
        return None
    if len(way.offs) == 1:
        ((line, offer, amount),) = way.offs
        return line, amount, offer.exclusive
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
