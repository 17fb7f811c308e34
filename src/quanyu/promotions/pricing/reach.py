"""How much it can be worth to forgo discounts of lanes 1 and 2, so that a later lane gives more.

Bounds only: forgoing F raises a sum by at most F, so a lane with steps gives at most what it gives
at its base + F, and a percentage at most its percent of F more. What is forgone on a line raises
only the sums that the line is in.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from quanyu.promotions.pricing.benefits import PointsRate
from quanyu.promotions.pricing.filling import Filled, cheapest_payment
from quanyu.promotions.pricing.index import Places
from quanyu.promotions.pricing.slots import Option, Purse, Slot
from quanyu.promotions.pricing.steps import Point, Steps, highest, points_of, together

ALL_STEPS_MAX = 64
"""Of all later lanes; then every sum is taken to be worth a look."""
LOOKS_MAX = 4
"""Then a bound is taken to hold up to the next step."""


class Track(msgspec.Struct, frozen=True):
    """Options of a slot that look at the same lines."""

    lines: Places
    slope: int
    """Percent of a rise of their base that they may give back between steps."""
    steps: Steps

    def most(self, rise: int) -> int:
        given = self.steps.at(rise)
        return given + -(-rise * self.slope // 100) if self.slope else given


class Giving(msgspec.Struct, frozen=True):
    """A slot over the purse before any slot is filled."""

    lane: str
    tracks: Sequence[Track]
    steps: Steps
    """Of whichever of its options, when all their bases rise."""

    @property
    def now(self) -> int:
        return self.steps.gives[0]

    @property
    def slopes(self) -> bool:
        return any(track.slope for track in self.tracks)

    def gain(self, rise: int) -> int:
        return self.steps.at(rise) - self.now


class Watched(NamedTuple):
    """The slots that may give more when something is forgone, and what the others give."""

    slots: Sequence[Sequence[Track]]
    fixed: int


class Reach:
    def __init__(
        self, slots: Sequence[Slot], purse: Purse, *, shifting: Sequence[int], forgo_max: int
    ) -> None:
        """``purse`` before any slot is filled; ``shifting``: how much dearer each line may be
        although nothing is forgone, because its group can put a discount elsewhere."""
        self._purse = purse
        self._payable = purse.payable
        self._shifting = shifting if any(shifting) else None
        self._most = forgo_max
        self._all_slots = slots
        self._slots = [self._giving(slot) for slot in slots if slot.lane != "payment"]
        self._payments = [o for slot in slots if slot.lane == "payment" for o in slot.options]
        self._slopes = self._slopes_of_lines()
        self._slope = min(100, max(self._slopes, default=0))
        self._rounded = sum([slot.slopes for slot in self._slots])
        self._total = together([slot.steps for slot in self._slots])

    def _giving(self, slot: Slot) -> Giving:
        found: dict[tuple[Places, int], list[Point]] = {}
        for option in slot.options:
            key = option.lines, option.offer.slope
            known = found.get(key)
            points = self._points_of(option)
            found[key] = points if known is None else known + points
        tracks = [Track(lines, slope, highest(points)) for (lines, slope), points in found.items()]
        if len(tracks) == 1:
            return Giving(slot.lane, tracks, tracks[0].steps)
        every = [point for track in tracks for point in track.steps.points]
        return Giving(slot.lane, tracks, highest(every))

    def _points_of(self, option: Option) -> list[Point]:
        purse, offer, room = self._purse, option.offer, 0
        if self._shifting is not None:
            room = sum([self._shifting[line] for line in option.lines])
        if offer.by_lines:
            return [(0, purse.face(option) + room)]
        base = purse.base(option) + room
        if option.shipment is not None:
            whole = purse.ground.shipping[option.shipment]
            return [(0, 0), (max(0, offer.threshold - base), whole)]
        if isinstance(offer.benefit, PointsRate):
            return [(0, purse.face(option))]
        return points_of(offer.benefit, base, rise_max=self._most)

    def worth_forgoing(self, best: int, most: int) -> list[tuple[int, int]]:
        """The sums, from and to, of which forgoing one could make it cheaper than ``best``."""
        found: list[tuple[int, int]] = []
        steps = self._steps(best, most)
        if len(steps) > ALL_STEPS_MAX:
            return [(0, most)]
        for forgone, after in pairwise((*steps, most + 1)):
            if best > self._least(forgone):
                until = self._until(forgone, best, last=after - 1)
                if found and forgone == found[-1][1] + 1:
                    forgone, _ = found.pop()
                found.append((forgone, until))
        return found

    def worth_of_lines(self, best: Filled, forgo_max: int) -> list[int]:
        """The largest discount that can be worth forgoing on each line.

        What a line forgoes must come back from sums that it is in. Where a cap of a line could cut
        something off, sums depend on each other, and only the bound over all holds.
        """
        gains = [slot.gain(forgo_max) for slot in self._slots]
        left = best.left
        worth = [self._payment_gain(best.payable, forgo_max)] * len(left)
        for slot, gain in zip(self._slots, gains, strict=True):
            if gain:
                for line in {line for track in slot.tracks for line in track.lines}:
                    worth[line] += gain
        free = self._slope < 100 and self._cuts_nothing(best, gains)
        exclusive = any(o.offer.exclusive for slot in self._all_slots for o in slot.options)
        if exclusive or self._shifting is not None or not free:
            return [forgo_max] * len(left)
        return [
            gain * 100 // (100 - slope) + 1 if gain else 0
            for gain, slope in zip(worth, self._slopes, strict=True)
        ]

    def _cuts_nothing(self, best: Filled, gains: Sequence[int]) -> bool:
        """Is there room on every line, whatever is forgone, for all that the lanes could give?

        A share of a sum is in proportion to a price between the activity price and the list
        price; red packets, points and the payment go by what is left.
        """
        activity = self._purse.activity
        taken = [0] * len(activity)
        for slot, gain in zip(self._slots, gains, strict=True):
            if slot.lane in ("shop", "cross_shop"):
                for line, share in self._shares(slot.tracks, slot.now + gain).items():
                    taken[line] += share
        if any(off > price for off, price in zip(taken, activity, strict=True)):
            return False
        packets = [slot.tracks for slot in self._slots if slot.lane == "red_packet"]
        later = {track.lines for tracks in packets for track in tracks}
        later |= {option.lines for option in self._payments}
        spare = sum(gains)
        return all(sum([best.left[line] for line in lines]) >= spare for lines in later)

    def _shares(self, tracks: Sequence[Track], given: int) -> dict[int, int]:
        """The most that a slot can take off each of its lines when it gives so much."""
        shares: dict[int, int] = {}
        for track in tracks:
            base = max(1, sum([self._purse.activity[line] for line in track.lines]))
            for line in track.lines:
                dearest = self._purse.ground.parts[line].price
                share = min(given, given * dearest // base + 2)
                shares[line] = max(share, shares.get(line, 0))
        return shares

    def _payment_gain(self, payable: int, forgone: int) -> int:
        """Discounts on the payment: at most what the dearest payable has more than this one."""
        most = self._payable + forgone
        gains = (
            o.offer.benefit.off_sum(most) - o.offer.benefit.off_sum(payable) for o in self._payments
        )
        return max(gains, default=0)

    def _slopes_of_lines(self) -> list[int]:
        """By how many percent of what a line forgoes the later lanes could give more."""
        slopes = [0] * len(self._purse.activity)
        for slot in self._slots:
            steepest: dict[int, int] = {}
            for track in slot.tracks:
                for line in track.lines if track.slope else ():
                    steepest[line] = max(track.slope, steepest.get(line, 0))
            for line, slope in steepest.items():
                slopes[line] += slope
        return slopes

    def _until(self, forgone: int, best: int, *, last: int) -> int:
        """From a step on, how far the bound stays below ``best``; ``last`` is before the next."""
        for _ in range(LOOKS_MAX):
            gain = best - self._least(forgone)
            if gain <= 0 or forgone >= last:
                break
            forgone += gain
        else:
            return last
        return min(forgone, last)

    def _least(self, forgone: int) -> int:
        """No payable after forgoing so much is below this."""
        payable = self._payable + forgone
        given = self._total.at(forgone)
        if forgone and self._slope:
            given += -(-forgone * self._slope // 100) + self._rounded
        return cheapest_payment(self._payments, max(0, payable - given), most=payable)

    def watched(self, forgo_max: int) -> Watched:
        moving = [slot.slopes or slot.gain(forgo_max) > 0 for slot in self._slots]
        fixed = [slot.now for slot, moves in zip(self._slots, moving, strict=True) if not moves]
        slots = [slot.tracks for slot, moves in zip(self._slots, moving, strict=True) if moves]
        return Watched(slots, sum(fixed))

    def least_with(self, watched: Watched, rises: Sequence[int], *, forgone: range) -> int:
        """No payable is below this when the bases of the watched tracks, in their order, rise by
        at most so much and something within ``forgone`` is forgone in all."""
        given, rise = watched.fixed, iter(rises)
        for tracks in watched.slots:
            given += max([track.most(r) for track, r in zip(tracks, rise)])  # noqa: B905
        payable = self._payable
        return cheapest_payment(
            self._payments, max(0, payable + forgone.start - given), most=payable + forgone.stop
        )

    def _steps(self, best: int, most: int) -> list[int]:
        """What must be forgone to come to each next threshold, as far as it could be worth it."""
        worth = min(most, best - self._least(most) + most)
        found = {rise for rise in self._total.rises if rise <= worth}
        for option in self._payments:
            points = points_of(option.offer.benefit, self._payable, rise_max=worth)
            found.update(rise for rise, _ in points)
        return sorted(found)
