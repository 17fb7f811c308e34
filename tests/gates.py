"""Doors for tests of other things than the law: one that is open, and one that remembers."""

from collections.abc import Sequence
from datetime import date

from quanyu.clock import Clock
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Verdict


class OpenGate:
    """Lets everything through and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Showing] = []

    def check(self, showing: Showing) -> Verdict:
        return self.check_all([showing])[0]

    def check_all(self, showings: Sequence[Showing]) -> list[Verdict]:
        self.asked += showings
        return [Verdict() for _ in showings]

    recheck_all = check_all


def open_door(clock: Clock) -> Doorkeeper:
    return Doorkeeper(OpenGate(), clock)


def showing(**change: object) -> Showing:
    """An ordinary offer of a shop without an industry to speak of."""
    usual: dict[str, object] = {
        "kind": "offer", "id": "o1", "merchant": "tea", "industry": "general",
        "on": date(2026, 11, 22), "texts": {"title": "满100减20"},
    }  # fmt: skip
    return Showing(**{**usual, **change})  # type: ignore[arg-type]
