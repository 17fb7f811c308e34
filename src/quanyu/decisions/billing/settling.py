"""What a batch of events makes of wins: the first billable one settles, a fraudulent one releases.
Pure: wins and clicks that were read go in, what has changed comes out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from quanyu.clock import DAY_US
from quanyu.decisions.billing.clicks import BILLED, LATE, Clicks, Invalid, Limits, Look, judged
from quanyu.decisions.billing.win import WinState
from quanyu.events.event import Event
from quanyu.touchpoints.touchpoint import Billing

KINDS: Mapping[str, Billing] = {
    "impression": "impression", "click": "click", "store_arrived": "arrival",
}  # fmt: skip
"""Kind of event → what is billed by it."""
TRACE_HEX = 32
POSITION_MAX = 1_000
SILENT_US = DAY_US
"""A touchpoint that told of no impression for so long does not tell of impressions."""
Key = tuple[bytes, int]
"""(Trace, position)."""


@dataclass(frozen=True, slots=True)
class Touch:
    """An event at a slot."""

    offset: int
    """Its place in the log."""
    key: Key
    kind: Billing
    at_us: int
    touchpoint: str
    node: int
    person: int


@dataclass(slots=True)
class Standing:
    """A win as it is kept, and as it becomes."""

    campaign: str
    lease: int
    price_millifen: int
    billing: Billing
    touchpoint: str
    person: int | None
    at_us: int
    expires_us: int
    seen_us: int | None
    state: WinState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """When a touchpoint told of impressions."""

    first_us: int
    last_us: int

    def covers(self, win_us: int, at_us: int) -> bool:
        return self.first_us <= win_us and at_us - self.last_us < SILENT_US


@dataclass(frozen=True, slots=True)
class Verdict:
    touch: Touch
    campaign: str
    reason: str
    """BILLED, or an Invalid."""


def slot_of(event: Event) -> Key | None:
    """Which slot of which decision it is about; None where it says none that could be."""
    told, position = event.decision, event.props.get("position")
    if event.kind not in KINDS or told is None or len(told) != TRACE_HEX:
        return None
    if type(position) is not int or not 1 <= position <= POSITION_MAX:
        return None
    try:
        return bytes.fromhex(told), position
    except ValueError:
        return None


@dataclass(slots=True)
class Settling:
    """One merchant, one batch. Impressions are noted first: a page tells of a click and of the
    impression before it in one delivery, in any order."""

    wins: dict[Key, Standing]
    clicks: Clicks
    """Of the people of the batch, from before."""
    flagged: frozenset[int]
    """Persons who are known for fake trades."""
    told: dict[str, Told]
    limits: Limits
    changed: set[Key] = field(default_factory=set)

    def run(self, touches: Iterable[Touch]) -> list[Verdict]:
        """In the order of the log; of events that could not be billed nothing is said."""
        listed = [one for one in touches if one.key in self.wins]
        for touch in listed:
            if touch.kind == "impression":
                self._see(touch)
        return list(self._verdicts(listed))

    @property
    def settled(self) -> Iterator[tuple[int, str, int]]:
        """(Lease, campaign, millifen) of each win that this batch has settled."""
        return self._ended(WinState.SETTLED)

    @property
    def released(self) -> Iterator[tuple[int, str, int]]:
        return self._ended(WinState.RELEASED)

    def _ended(self, state: WinState) -> Iterator[tuple[int, str, int]]:
        for key in sorted(self.changed):
            win = self.wins[key]
            if win.state is state:
                yield win.lease, win.campaign, win.price_millifen

    def _see(self, touch: Touch) -> None:
        win = self.wins[touch.key]
        win.seen_us = min(win.seen_us or touch.at_us, touch.at_us)
        where = win.touchpoint or touch.touchpoint
        told = self.told.get(where, Told(touch.at_us, touch.at_us))
        self.told[where] = Told(min(told.first_us, touch.at_us), max(told.last_us, touch.at_us))

    def _verdicts(self, touches: Iterable[Touch]) -> Iterator[Verdict]:
        for touch in touches:
            win = self.wins[touch.key]
            if touch.kind != win.billing:
                continue
            reason = judged(self._look(touch, win), self.limits)
            if touch.kind == "click":
                self.clicks.add(touch.person, win.campaign, at_us=touch.at_us)
            self._end(touch.key, win, reason=reason)
            yield Verdict(touch, win.campaign, BILLED if reason is None else reason.value)

    def _look(self, touch: Touch, win: Standing) -> Look:
        told = self.told.get(win.touchpoint or touch.touchpoint)
        at_us, who = touch.at_us, touch.person
        return Look(
            kind=touch.kind, at_us=at_us, state=win.state, expires_us=win.expires_us,
            same_person=win.person is None or win.person == who,
            flagged=who in self.flagged,
            reports_impressions=told is not None and told.covers(win.at_us, at_us),
            seen_us=win.seen_us,
            on_campaign=self.clicks.on_campaign(who, win.campaign, at_us=at_us),
            by_person=self.clicks.by_person(who, at_us=at_us),
        )  # fmt: skip

    def _end(self, key: Key, win: Standing, *, reason: Invalid | None) -> None:
        if reason in LATE:
            return
        win.state = WinState.SETTLED if reason is None else WinState.RELEASED
        win.reason = BILLED if reason is None else reason.value
        self.changed.add(key)
