"""A pretend market with known truth: people live their days, and events come out.

Usage: ``for event in Market(seed=7, people=2000, days=60, end_us=now).events(): …`` gives public
events (dicts of JSON values) in time order within each day. ``truth()`` says who is who.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from quanyu.clock import (
    CHINA_OFFSET_US,
    DAY_US,
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    china_datetime,
    format_iso,
    parse_iso,
)
from quanyu.simulator.catalogue import catalogue
from quanyu.simulator.people import Shopper, shopper
from quanyu.simulator.scenes import (
    Scene,
    Step,
    joining,
    live,
    meal,
    outing,
    seeding,
    shopping,
)

SATURDAY = 5
WORKDAY: dict[Callable[[Scene], Iterator[Step]], float] = {
    shopping: 0.44, seeding: 0.22, live: 0.12, meal: 0.20, outing: 0.02,
}  # fmt: skip
WEEKEND: dict[Callable[[Scene], Iterator[Step]], float] = {
    shopping: 0.40, seeding: 0.20, live: 0.12, meal: 0.16, outing: 0.12,
}  # fmt: skip
HOURS = (12, 13, 18, 19, 20, 20, 21, 21, 22)
"""When sittings begin; evenings weigh more."""


@dataclass(frozen=True, slots=True)
class Market:
    seed: int
    people: int
    days: int
    end_us: int

    @property
    def start_us(self) -> int:
        """Midnight in China at or before the first day."""
        return (self.end_us - self.days * DAY_US) // DAY_US * DAY_US - CHINA_OFFSET_US

    def day_of(self, at: str) -> int:
        """How many days of the market lie before an ISO 8601 time."""
        return (parse_iso(at) - self.start_us) // DAY_US

    def shoppers(self) -> Iterator[Shopper]:
        for number in range(self.people):
            yield shopper(number, catalogue(), chance=Random(f"{self.seed}/{number}"))  # noqa: S311

    def truth(self) -> dict[str, dict[str, str]]:
        """Shopper → every identifier that is truly theirs."""
        return {f"shopper-{who.number}": who.accounts for who in self.shoppers()}

    def events(self) -> Iterator[dict[str, Any]]:
        everyone = list(self.shoppers())
        for day in range(self.days):
            midnight_us = self.start_us + day * DAY_US
            steps = [e for who in everyone for e in self._day(who, midnight_us)]
            yield from (event for at_us, event in sorted(steps, key=_moment) if at_us < self.end_us)

    def _day(self, who: Shopper, midnight_us: int) -> Iterator[tuple[int, dict[str, Any]]]:
        day = (midnight_us - self.start_us) // DAY_US
        chance = Random(f"{self.seed}/{who.number}/{day}")  # noqa: S311
        mix = WEEKEND if china_datetime(midnight_us).weekday() >= SATURDAY else WORKDAY
        for sitting in range(_sittings(who.activity, chance)):
            scene = Scene(who, catalogue(), chance, f"o{self.seed}-{who.number}-{day}-{sitting}")
            play = chance.choices(list(mix), list(mix.values()))[0]
            if who.member and day == who.number % min(self.days, 28) and sitting == 0:
                play = joining
            begin_us = midnight_us + chance.choice(HOURS) * HOUR_US + sitting * 61 * MINUTE_US
            begin_us += chance.randrange(3000) * SECOND_US
            yield from _dated(play(scene), scene.order, begin_us=begin_us)


def _sittings(activity: float, chance: Random) -> int:
    """Poisson count by Knuth's product of uniforms (TAOCP 2, 3.4.1), at most 6."""
    limit, product, count = 2.718281828**-activity, chance.random(), 0
    while product > limit and count < 6:
        product *= chance.random()
        count += 1
    return count


def _dated(
    steps: Iterator[Step], sitting: str, *, begin_us: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    at_us = begin_us
    for number, step in enumerate(steps):
        at_us += step.after_s * SECOND_US
        yield (
            at_us,
            {
                "event_id": f"{sitting}-e{number}",
                "kind": step.kind,
                "at": format_iso(at_us),
                "touchpoint": step.touchpoint,
                "identifiers": step.identifiers,
                **step.fields,
            },
        )


def _moment(dated: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return dated[0], dated[1]["event_id"]
