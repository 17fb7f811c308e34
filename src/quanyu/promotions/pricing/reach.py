"""How much it can be worth to forgo discounts of lanes 1 and 2, so that a later lane gives more.

Bounds only: forgoing F raises a sum by at most F, so a lane with steps gives at most what it gives
at its base + F, and a percentage at most its percent of F more. What is forgone on a line raises
only the sums that the line is in.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.benefits import PercentOff, PointsRate
from quanyu.promotions.pricing.filling import Filled, cheapest_payment
from quanyu.promotions.pricing.slots import Option, Purse, Slot

STEPS_MAX = 64
LOOKS_MAX = 4
"""Then a bound is taken to hold up to the next step."""


class Seen(NamedTuple):
    """An option over the purse before any slot is filled."""

    option: Option
    base: int
    """What its thresholds are held against when nothing is forgone, at most."""
    slope: int
    """Percent of a rise of its base that it may give back."""
    whole: int | None
    """What it gives once its threshold is reached; None: by its benefit."""

    def most(self, forgone: int) -> int:
        """The most that it gives when so much is forgone, but for percentages of that."""
        base, whole, benefit = self.base + forgone, self.whole, self.option.offer.benefit
        if whole is not None:
            return whole if base >= self.option.offer.threshold else 0
        if isinstance(benefit, PercentOff) and base >= benefit.threshold:
            return benefit.off_sum(max(self.base, benefit.threshold))
        return benefit.off_sum(base)


class Watched(NamedTuple):
    """The slots that may give more when something is forgone, and what the others give."""

    slots: Sequence[Sequence[Seen]]
    fixed: int


class Reach:
    def __init__(self, slots: Sequence[Slot], purse: Purse, *, shifting: Sequence[int]) -> None:
        """``purse`` before any slot is filled; ``shifting``: how much dearer each line may be
        although nothing is forgone, because its group can put a discount elsewhere."""
        self._purse = purse
        self._shifting = shifting if any(shifting) else None
        self._slots = [
            [self._seen(option) for option in slot.options]
            for slot in slots
            if slot.lane != "payment"
        ]
        self._payments = [o for slot in slots if slot.lane == "payment" for o in slot.options]
        self._slopes = self._slopes_of_lines()
        self._slope = min(100, max(self._slopes, default=0))
        self._now = [_given(options, 0) for options in self._slots]

    def _seen(self, option: Option) -> Seen:
        benefit, purse, room = option.offer.benefit, self._purse, 0
        if self._shifting is not None:
            room = sum([self._shifting[line] for line in option.lines])
        whole, base = None, purse.base(option) + room
        if option.shipment is not None:
            whole = purse.ground.shipping[option.shipment]
        elif isinstance(benefit, PointsRate):
            whole = purse.face(option)
        elif option.offer.by_lines:
            whole, base = purse.face(option) + room, FEN_MAX
        return Seen(option, base, option.offer.slope, whole)

    def worth_forgoing(self, best: int, most: int) -> list[tuple[int, int]]:
        """The sums, from and to, of which forgoing one could make it cheaper than ``best``."""
        found: list[tuple[int, int]] = []
        steps = self._steps(best, most)
        if steps is None:
            return [(0, most)]
        for forgone, after in pairwise((0, *steps, most + 1)):
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
        gains = [
            _given(options, forgo_max) - now
            for options, now in zip(self._slots, self._now, strict=True)
        ]
        left = best.left
        worth = [self._payment_gain(best.payable, forgo_max)] * len(left)
        for options, gain in zip(self._slots, gains, strict=True):
            if gain:
                for line in {line for seen in options for line in seen.option.lines}:
                    worth[line] += gain
        later = [*self._payments, *(o.option for options in self._slots for o in options)]
        apart = not any(option.offer.exclusive for option in later)
        free = self._cuts_nothing(best, gains)
        if not (free and apart) or self._slope >= 100 or self._shifting is not None:
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
        for options, now, gain in zip(self._slots, self._now, gains, strict=True):
            if options[0].option.offer.lane in ("shop", "cross_shop"):
                for line, share in self._shares(options, now + gain).items():
                    taken[line] += share
        if any(off > price for off, price in zip(taken, activity, strict=True)):
            return False
        later = [
            seen.option
            for options in self._slots
            for seen in options
            if seen.option.offer.lane == "red_packet"
        ]
        spare = sum(gains)
        return all(
            sum(best.left[line] for line in option.lines) >= spare
            for option in [*later, *self._payments]
        )

    def _shares(self, options: Sequence[Seen], given: int) -> dict[int, int]:
        """The most that a slot can take off each of its lines when it gives so much."""
        shares: dict[int, int] = {}
        for seen in options:
            base = max(1, self._purse.base(seen.option))
            for line in seen.option.lines:
                dearest = self._purse.ground.parts[line].price
                share = min(given, given * dearest // base + 2)
                shares[line] = max(share, shares.get(line, 0))
        return shares

    def _payment_gain(self, payable: int, forgone: int) -> int:
        """Discounts on the payment: at most what the dearest payable has more than this one."""
        most = self._purse.payable + forgone
        gains = (
            o.offer.benefit.off_sum(most) - o.offer.benefit.off_sum(payable) for o in self._payments
        )
        return max(gains, default=0)

    def _slopes_of_lines(self) -> list[int]:
        """By how many percent of what a line forgoes the later lanes could give more."""
        slopes = [0] * len(self._purse.activity)
        for options in self._slots:
            steepest: dict[int, int] = {}
            for seen in options:
                for line in seen.option.lines if seen.slope else ():
                    steepest[line] = max(seen.slope, steepest.get(line, 0))
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
        payable = self._purse.payable + forgone
        given = sum([_given(options, forgone) for options in self._slots])
        given += (forgone * self._slope + 99) // 100 + len(self._slots)
        if not forgone:
            given -= len(self._slots)
        return cheapest_payment(self._payments, max(0, payable - given), most=payable)

    def watched(self, forgo_max: int) -> Watched:
        moving = [
            _given(options, forgo_max) > now or any(seen.slope for seen in options)
            for options, now in zip(self._slots, self._now, strict=True)
        ]
        slots = [options for options, moves in zip(self._slots, moving, strict=True) if moves]
        fixed = [now for now, moves in zip(self._now, moving, strict=True) if not moves]
        return Watched(slots, sum(fixed))

    def least_with(self, watched: Watched, rises: Sequence[int], *, forgone: range) -> int:
        """No payable is below this when the bases of the watched options, in their order, rise by
        at most so much and something within ``forgone`` is forgone in all."""
        given, rise = watched.fixed, iter(rises)
        for options in watched.slots:
            given += max(
                [seen.most(r) + -(-r * seen.slope // 100) for seen, r in zip(options, rise)]  # noqa: B905
            )
        payable = self._purse.payable
        return cheapest_payment(
            self._payments, max(0, payable + forgone.start - given), most=payable + forgone.stop
        )

    def _steps(self, best: int, most: int) -> list[int] | None:
        """What must be forgone to come to each next threshold, as far as it could be worth it;
        None when that are too many."""
        worth = min(most, best - self._least(most) + most)
        found: set[int] = set()
        payments = [self._seen(option) for option in self._payments]
        for seen in [*(seen for options in self._slots for seen in options), *payments]:
            for step in _steps_of(seen):
                if step > worth:
                    break
                found.add(step)
                if len(found) > STEPS_MAX:
                    return None
        return sorted(found)


def _given(options: Sequence[Seen], forgone: int) -> int:
    """The most that a slot gives when so much is forgone, but for percentages of that."""
    return max([seen.most(forgone) for seen in options], default=0)


def _steps_of(seen: Seen) -> Iterator[int]:
    benefit, base = seen.option.offer.benefit, seen.base
    if seen.whole is not None:
        if base < seen.option.offer.threshold:
            yield seen.option.offer.threshold - base
        return
    at = base
    while (step := benefit.next_step(at)) is not None:
        yield step - base
        at = step
