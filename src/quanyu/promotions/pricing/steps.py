"""What a later lane gives at most when its base rises: constant between steps, never falling."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from quanyu.promotions.pricing.benefits import Benefit

STEPS_MAX = 64
"""Of one benefit; then all that it could give is taken to come at the next one."""

Point = tuple[int, int]
"""When the base has risen by so much, so much is given."""


class Steps:
    """``rises`` begin with 0 and go up as ``gives`` do."""

    __slots__ = ("gives", "rises")

    def __init__(self, rises: Sequence[int], gives: Sequence[int]) -> None:
        self.rises = rises
        self.gives = gives

    @property
    def points(self) -> Iterable[Point]:
        return zip(self.rises, self.gives, strict=True)

    def at(self, rise: int) -> int:
        return self.gives[bisect_right(self.rises, rise) - 1]


def points_of(benefit: Benefit, base: int, *, rise_max: int) -> list[Point]:
    """Of a benefit on a sum. What a percentage gives between two steps is not in it."""
    points = [(0, benefit.off_sum(base))]
    step = benefit.next_step(base)
    while step is not None and step <= base + rise_max:
        last = len(points) == STEPS_MAX
        points.append((step - base, benefit.off_sum(base + rise_max if last else step)))
        step = None if last else benefit.next_step(step)
    return points


def highest(points: list[Point]) -> Steps:
    """Whatever gives most is taken. One of the points is at 0."""
    if len(points) == 1:
        return Steps([0], [points[0][1]])
    rises: list[int] = []
    gives: list[int] = []
    for rise, given in sorted(points):
        if not gives or given > gives[-1]:
            if rises and rises[-1] == rise:
                gives[-1] = given
            else:
                rises.append(rise)
                gives.append(given)
    return Steps(rises, gives)


def together(several: Sequence[Steps]) -> Steps:
    """All of them are taken."""
    jumps = {0: sum([one.gives[0] for one in several])}
    for one in several:
        for n in range(1, len(one.rises)):
            rise = one.rises[n]
            jumps[rise] = jumps.get(rise, 0) + one.gives[n] - one.gives[n - 1]
    rises = sorted(jumps)
    return Steps(rises, list(accumulate([jumps[rise] for rise in rises])))
