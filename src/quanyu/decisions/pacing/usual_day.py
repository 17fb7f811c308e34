"""What auctions cost hour by hour on past days: where the cheap hours are is known beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from quanyu.decisions.pacing.curve import DAY_KEEP
from quanyu.decisions.pacing.landscape import Landscape

HOURS = 24
LEVEL_PRIOR = 0.01
"""Today's levels begin at those of past days, as if this share of a day had shown them."""


@dataclass(frozen=True, slots=True)
class UsualDay:
    rests: tuple[Landscape, ...]
    """Of the hours from this one to the end of the day, HOURS + 1 of them; the last is empty."""

    @classmethod
    def of(cls, hours: Sequence[Landscape], *, before: "UsualDay | None" = None) -> "UsualDay":
        """Yesterday by the hour; past days weigh DAY_KEEP of it."""
        assert len(hours) == HOURS
        rests = [Landscape.empty()]
        for hour in reversed(hours):
            rests.append(hour.plus(rests[-1]))
        rests.reverse()
        if before is None:
            return cls(tuple(rests))
        pairs = zip(rests, before.rests, strict=True)
        return cls(tuple(new.plus(old, weight=DAY_KEEP) for new, old in pairs))

    def rest(self, done: float) -> Landscape:
        """``done``: share of the day's time that is over, 0 to 1."""
        hour = hour_at(done)
        inside = done * HOURS - hour
        return self.rests[hour].plus(self._hour(hour), weight=-inside)

    def means(self, hour: int) -> tuple[float, float]:
        """Price and worth per auction in that hour; 0 where nothing was seen then."""
        return self._hour(hour).means

    def prior(self) -> tuple[float, float]:
        """Cost and worth that today's levels begin with."""
        whole = self.rests[0]
        return LEVEL_PRIOR * float(whole.cost.sum()), LEVEL_PRIOR * float(whole.worth.sum())

    def _hour(self, hour: int) -> Landscape:
        return self.rests[hour].plus(self.rests[hour + 1], weight=-1.0)


def hour_at(done: float) -> int:
    return min(int(done * HOURS), HOURS - 1)
