"""How much it can be worth to forgo discounts of lanes 1 and 2, so that a later lane gives more.

Bounds only: forgoing F raises a sum by at most F, so a lane with steps gives at most what it gives
at its base + F, and a percentage at most its percent of F more. What is forgone on a line raises
only the sums that the line is in.
"""

from collections.abc import Iterator, Sequence

from quanyu.promotions.pricing.amounts import next_step, off_group
from quanyu.promotions.pricing.benefits import FreeShipping, PercentOff, PointsRate, Tiers
from quanyu.promotions.pricing.filling import Filled, cheapest_payment
from quanyu.promotions.pricing.slots import Option, Purse, Slot, by_lines

STEPS_MAX = 64


class Reach:
    def __init__(self, slots: Sequence[Slot], purse: Purse, *, shifting: Sequence[int]) -> None:
        """``purse`` before any slot is filled; ``shifting``: how much dearer each line may be
        although nothing is forgone, because its group can put a discount elsewhere."""
        self._purse = purse
        self._shifting = shifting if any(shifting) else None
        self._slots = [slot.options for slot in slots if slot.lane != "payment"]
        self._payments = [o for slot in slots if slot.lane == "payment" for o in slot.options]
        self._slopes = self._slopes_of_lines()
        self._slope = min(100, max(self._slopes, default=0))
        self._now = [self._given(options, 0) for options in self._slots]

    def forgo_max(self, best: int, most: int) -> int:
        """Forgoing more than this cannot make it cheaper than ``best``; −1 for nothing at all."""
        found = -1
        for forgone in (0, *self._steps(best, most)):
            if best > self._least(forgone):
                found = max(found, self._until(forgone, best, most=most))
        return min(found, most)

    def worth_of_lines(self, best: Filled, forgo_max: int) -> list[int]:
        """The largest discount that can be worth forgoing on each line.

        What a line forgoes must come back from sums that it is in. Where a cap of a line could cut
        something off, sums depend on each other, and only the bound over all holds.
        """
        gains = [
            self._given(options, forgo_max) - now
            for options, now in zip(self._slots, self._now, strict=True)
        ]
        left = best.left
        worth = [self._payment_gain(best.payable, forgo_max)] * len(left)
        for options, gain in zip(self._slots, gains, strict=True):
            if gain:
                for line in {line for option in options for line in option.lines}:
                    worth[line] += gain
        later = [*self._payments, *(o for options in self._slots for o in options)]
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
            if options[0].offer.lane in ("shop", "cross_shop"):
                for line, share in self._shares(options, now + gain).items():
                    taken[line] += share
        if any(off > price for off, price in zip(taken, activity, strict=True)):
            return False
        later = [o for options in self._slots for o in options if o.offer.lane == "red_packet"]
        spare = sum(gains)
        return all(
            sum(best.left[line] for line in option.lines) >= spare
            for option in [*later, *self._payments]
        )

    def _shares(self, options: Sequence[Option], given: int) -> dict[int, int]:
        """The most that a slot can take off each of its lines when it gives so much."""
        shares: dict[int, int] = {}
        for option in options:
            base = max(1, self._purse.base(option))
            for line in option.lines:
                dearest = self._purse.ground.parts[line].price
                share = min(given, given * dearest // base + 2)
                shares[line] = max(share, shares.get(line, 0))
        return shares

    def _payment_gain(self, payable: int, forgone: int) -> int:
        """Discounts on the payment: at most what the dearest payable has more than this one."""
        most = self._purse.payable + forgone
        gains = (
            off_group(o.offer.benefit, most) - off_group(o.offer.benefit, payable)
            for o in self._payments
        )
        return max(gains, default=0)

    def _slopes_of_lines(self) -> list[int]:
        """By how many percent of what a line forgoes the later lanes could give more."""
        slopes = [0] * len(self._purse.activity)
        for options in self._slots:
            steepest: dict[int, int] = {}
            for option in options:
                slope = _slope(option)
                for line in option.lines if slope else ():
                    steepest[line] = max(slope, steepest.get(line, 0))
            for line, slope in steepest.items():
                slopes[line] += slope
        return slopes

    def _until(self, forgone: int, best: int, *, most: int) -> int:
        """From ``forgone`` on, how far the bound stays below ``best``."""
        step = forgone
        for _ in range(STEPS_MAX):
            gain = best - self._least(step)
            if gain <= 0 or step >= most:
                return step
            step += gain
        return most

    def _least(self, forgone: int) -> int:
        """No payable after forgoing so much is below this."""
        payable = self._purse.payable + forgone
        given = sum([self._given(options, forgone) for options in self._slots])
        given += (forgone * self._slope + 99) // 100 + len(self._slots)
        if not forgone:
            given -= len(self._slots)
        return cheapest_payment(self._payments, max(0, payable - given), most=payable)

    def _given(self, options: Sequence[Option], forgone: int) -> int:
        """The most that a slot gives when so much is forgone, but for percentages of that."""
        return max([self._most(option, forgone) for option in options], default=0)

    def _room(self, option: Option) -> int:
        if self._shifting is None:
            return 0
        return sum(self._shifting[line] for line in option.lines)

    def _most(self, option: Option, forgone: int) -> int:
        benefit, purse, room = option.offer.benefit, self._purse, self._room(option)
        if isinstance(benefit, PointsRate):
            return purse.face(option)
        if option.shipment is not None:
            reached = purse.base(option) + forgone + room >= option.offer.threshold
            return purse.ground.shipping[option.shipment] if reached else 0
        if by_lines(benefit):
            return purse.face(option) + room
        base = purse.base(option) + room
        if isinstance(benefit, PercentOff) and base + forgone >= benefit.threshold:
            return off_group(benefit, max(base, benefit.threshold))
        return off_group(benefit, base + forgone)

    def _steps(self, best: int, most: int) -> list[int]:
        """What must be forgone to come to each next threshold, as far as it could be worth it."""
        worth = best - self._least(most) + most
        found: set[int] = set()
        for option in [o for options in self._slots for o in options] + self._payments:
            for step in self._steps_of(option):
                if step > min(most, worth) or len(found) >= STEPS_MAX:
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


def _slope(option: Option) -> int:
    """Percent of a rise of its base that an option may give back."""
    benefit = option.offer.benefit
    if option.shipment is not None or isinstance(benefit, PointsRate):
        return 0
    if by_lines(benefit):
        return 100
    if isinstance(benefit, PercentOff):
        return benefit.percent
    if isinstance(benefit, Tiers):
        return max(tier.percent or 0 for tier in benefit.tiers)
    return 0
