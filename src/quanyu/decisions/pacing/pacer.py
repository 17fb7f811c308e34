"""The budget pacer: solved anew at each tick from what is left, what is to come, what was seen."""

from dataclasses import dataclass, replace

from quanyu.decisions.pacing.curve import DayCurve, expected_rest
from quanyu.decisions.pacing.landscape import Column, Landscape

HALF_LIFE_DAYS = 0.125
"""After this share of a day's traffic an auction counts half."""


@dataclass(frozen=True, slots=True)
class Pacer:
    """Between two ticks. Knows only what lies before: ``after`` each tick makes the next one."""

    curve: DayCurve
    usual: float | None = None
    """Auctions of a whole day, as it mostly is."""
    landscape: Landscape = Landscape.empty()  # noqa: RUF009 (frozen)
    tick: int = 0
    """That comes next."""
    seen: float = 0.0
    """Auctions of today so far."""

    def expected_rest(self) -> float:
        return expected_rest(self.curve, self.tick, seen=self.seen, usual=self.usual)

    def multiplier(self, left: float) -> float:
        """m of the bid m · worth, in units of ``left`` per unit of worth, that is expected to
        spend what is left by the end of the day, and not before. 0 before anything was seen."""
        rest = self.expected_rest()
        if left <= 0 or rest <= 0:
            return 0.0
        return self.landscape.multiplier_for_budget(left / rest)

    def planned(self, left: float) -> float:
        """Of what is left, what the coming tick should spend by the target curve."""
        rest = self.curve.rest(self.tick)
        return left * float(self.curve.share[self.tick]) / rest if rest > 0 else left

    def after(self, price: Column, worth: Column) -> "Pacer":
        """The tick is over: its auctions, won and lost, with what it took to win them."""
        day = self.usual if self.usual is not None else self._volume(len(price))
        keep = 0.5 ** (len(price) / (HALF_LIFE_DAYS * day)) if day > 0 else 1.0
        return replace(
            self,
            landscape=self.landscape.after(price, worth, keep=keep),
            tick=self.tick + 1,
            seen=self.seen + len(price),
        )

    def next_day(self, *, curve: DayCurve | None = None) -> "Pacer":
        """Morning: the landscape stays, today's volume becomes the usual one."""
        usual = self.seen if self.usual is None else (self.usual + self.seen) / 2
        return replace(self, curve=curve or self.curve, usual=usual, tick=0, seen=0.0)

    def _volume(self, coming: int) -> float:
        done = 1 - self.curve.rest(self.tick + 1)
        return (self.seen + coming) / done if done > 0 else float(coming)
