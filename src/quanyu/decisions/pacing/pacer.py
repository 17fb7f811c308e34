"""The budget pacer: solved anew at each tick from what is left, what is to come, what was seen."""

from dataclasses import dataclass, replace

from quanyu.decisions.pacing.curve import DayCurve, expected_rest
from quanyu.decisions.pacing.landscape import Column, Landscape
from quanyu.decisions.pacing.usual_day import HOURS, UsualDay, hour_at

HALF_LIFE_DAYS = 0.125
"""After this share of a day's traffic an auction counts half."""
Sums = tuple[float, float]
NO_HOURS = (Landscape.empty(),) * HOURS


@dataclass(frozen=True, slots=True)
class Today:
    tick: int = 0
    """That comes next."""
    seen: float = 0.0
    """Auctions so far."""
    hours: tuple[Landscape, ...] = NO_HOURS
    sums: Sums = (0.0, 0.0)
    """Price and worth of auctions so far, the old ones faded."""
    usual: Sums = (0.0, 0.0)
    """The same, had they been as those of that hour on past days."""

    def levels(self, day: UsualDay) -> tuple[float, float]:
        """Today's prices ÷ those of past days, and the same of worth: another model of clicks may
        say twice as much of everything."""
        price, worth = (
            (prior + now) / (prior + usual) if prior > 0 else 1.0
            for prior, now, usual in zip(day.prior(), self.sums, self.usual, strict=True)
        )
        return price, worth

    def after(self, own: Landscape, *, keep: float, usual: Sums) -> "Today":
        """``usual``: price and worth of an auction of this hour on past days; 0: not known."""
        count = own.auctions if usual[1] > 0 else 0.0
        return replace(
            self,
            tick=self.tick + 1,
            seen=self.seen + own.auctions,
            sums=_faded(self.sums, keep, more=own.means, times=count),
            usual=_faded(self.usual, keep, more=usual, times=count),
        )

    def with_hour(self, hour: int, own: Landscape) -> "Today":
        mine = self.hours[hour].plus(own)
        return replace(self, hours=(*self.hours[:hour], mine, *self.hours[hour + 1 :]))


@dataclass(frozen=True, slots=True)
class Pacer:
    """Between two ticks. Knows only what lies before: ``after`` each tick makes the next one."""

    curve: DayCurve
    usual: float | None = None
    """Auctions of a whole day, as it mostly is."""
    landscape: Landscape = Landscape.empty()  # noqa: RUF009 (frozen)
    """Of lately."""
    day: UsualDay | None = None
    """Of past days by the hour; None: the rest of the day is taken to be like lately."""
    today: Today = Today()
    by_hour: bool = True
    """Takes half a megabyte; False for the many campaigns with small budgets."""

    @property
    def tick(self) -> int:
        """That comes next."""
        return self.today.tick

    def expected_rest(self) -> float:
        """Auctions to come today."""
        return expected_rest(self.curve, self.tick, seen=self.today.seen, usual=self.usual)

    def multiplier(self, left: float) -> float:
        """m of the bid m · worth, in units of ``left`` per unit of worth, that is expected to
        spend what is left by the end of the day, and not before. 0 before anything was seen."""
        rest = self.expected_rest()
        if left <= 0 or rest <= 0:
            return 0.0
        usual = None if self.day is None else self.day.rest(self._done())
        if self.day is None or usual is None or usual.auctions <= 0:
            return self.landscape.multiplier_for_budget(left / rest)
        price, worth = self.today.levels(self.day)
        return price / worth * usual.multiplier_for_budget(left / rest / price)

    def planned(self, left: float) -> float:
        """Of what is left, what the coming tick should spend by the target curve."""
        rest = self.curve.rest(self.tick)
        return left * float(self.curve.share[self.tick]) / rest if rest > 0 else left

    def after(self, price: Column, worth: Column) -> "Pacer":
        """The tick is over: its auctions, won and lost, with what it took to win them."""
        own, hour = Landscape.of(price, worth), hour_at(self._done())
        volume = self.usual if self.usual is not None else self._volume(own.auctions)
        keep = 0.5 ** (own.auctions / (HALF_LIFE_DAYS * volume)) if volume > 0 else 1.0
        usual = (0.0, 0.0) if self.day is None else self.day.means(hour)
        today = self.today.after(own, keep=keep, usual=usual)
        return replace(
            self,
            landscape=own.plus(self.landscape, weight=keep),
            today=today.with_hour(hour, own) if self.by_hour else today,
        )

    def next_day(self, *, curve: DayCurve | None = None) -> "Pacer":
        """Morning: what was learned stays, today's volume and hours become the usual ones."""
        seen = self.today.seen
        return Pacer(
            curve or self.curve,
            usual=seen if self.usual is None else (self.usual + seen) / 2,
            landscape=self.landscape,
            day=UsualDay.of(self.today.hours, before=self.day) if self.by_hour else None,
            by_hour=self.by_hour,
        )

    def _done(self) -> float:
        return self.tick / len(self.curve.share)

    def _volume(self, coming: float) -> float:
        done = 1 - self.curve.rest(self.tick + 1)
        return (self.today.seen + coming) / done if done > 0 else coming


def _faded(old: Sums, keep: float, *, more: Sums, times: float) -> Sums:
    return keep * old[0] + times * more[0], keep * old[1] + times * more[1]
