"""Which clicks cost nothing, as a table: the first rule that applies is the reason. Pure."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from quanyu.clock import HOUR_US, MINUTE_US
from quanyu.decisions.billing.win import WinState
from quanyu.touchpoints.touchpoint import Billing

BILLED = "billed"
"""In the place of a reason: this one event settled the win."""


class Invalid(StrEnum):
    """Why an event that could have been billed was not."""

    REPEATED = "repeated"
    """The win is settled already: one is billed once."""
    OVER = "over"
    """The win was released, or its time was over."""
    OTHER_PERSON = "other_person"
    FLAGGED_BUYER = "flagged_buyer"
    NOT_SEEN = "not_seen"
    """No impression came before, at a touchpoint that tells of impressions."""
    TOO_SOON = "too_soon"
    """Faster after the impression than people are."""
    CAMPAIGN_TOO_OFTEN = "campaign_too_often"
    """One person on one campaign within an hour."""
    TOO_MANY = "too_many"
    """One person on anything within a minute."""


class Limits(NamedTuple):
    reaction_us: int = 200_000
    campaign_an_hour: int = 3
    """Clicks of one person on one campaign, of which each one more is invalid."""
    person_a_minute: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is known of a click (or whatever is billed) when it is judged."""

    kind: Billing
    at_us: int
    state: WinState
    """Of the win."""
    expires_us: int
    same_person: bool
    flagged: bool
    reports_impressions: bool
    """Does the touchpoint tell of impressions at all?"""
    seen_us: int | None
    """The first impression."""
    on_campaign: int
    """Other clicks of this person on this campaign within an hour, before or after."""
    by_person: int
    """Other clicks of this person within a minute."""


class Rule(NamedTuple):
    reason: Invalid
    kinds: frozenset[Billing]
    applies: Callable[[Look, Limits], bool]


_ALL: frozenset[Billing] = frozenset({"impression", "click", "arrival"})
_BY_HAND: frozenset[Billing] = frozenset({"click", "arrival"})
_CLICK: frozenset[Billing] = frozenset({"click"})
RULES = (
    Rule(Invalid.REPEATED, _ALL, lambda it, _: it.state is WinState.SETTLED),
    Rule(Invalid.OVER, _ALL, lambda it, _: it.state is not WinState.HELD),
    Rule(Invalid.OVER, _ALL, lambda it, _: it.at_us >= it.expires_us),
    Rule(Invalid.OTHER_PERSON, _BY_HAND, lambda it, _: not it.same_person),
    Rule(Invalid.FLAGGED_BUYER, _BY_HAND, lambda it, _: it.flagged),
    Rule(Invalid.NOT_SEEN, _CLICK, lambda it, _: it.reports_impressions and _unseen(it)),
    Rule(Invalid.TOO_SOON, _CLICK, lambda it, limits: _too_soon(it, limits)),
    Rule(Invalid.CAMPAIGN_TOO_OFTEN, _CLICK,
         lambda it, limits: it.on_campaign >= limits.campaign_an_hour),
    Rule(Invalid.TOO_MANY, _CLICK, lambda it, limits: it.by_person >= limits.person_a_minute),
)  # fmt: skip
"""In the order of judging."""
LATE = frozenset({Invalid.REPEATED, Invalid.OVER})
"""Says nothing against the click; every other reason releases the win."""


def _unseen(it: Look) -> bool:
    return it.seen_us is None or it.seen_us > it.at_us


def _too_soon(it: Look, limits: Limits) -> bool:
    return it.seen_us is not None and 0 <= it.at_us - it.seen_us < limits.reaction_us


def judged(look: Look, limits: Limits) -> Invalid | None:
    """Why it is not billed; None: it is."""
    return next(
        (one.reason for one in RULES if look.kind in one.kinds and one.applies(look, limits)), None
    )


@dataclass(slots=True)
class Clicks:
    """The clicks of each person by time. Windows reach to both sides, so that nobody escapes by
    telling the latest first."""

    _by_person: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _on_campaign: dict[tuple[int, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, person: int, campaign: str, *, at_us: int) -> None:
        insort(self._by_person[person], at_us)
        insort(self._on_campaign[person, campaign], at_us)

    def by_person(self, person: int, *, at_us: int) -> int:
        return _within(self._by_person.get(person, ()), at_us, reach_us=MINUTE_US)

    def on_campaign(self, person: int, campaign: str, *, at_us: int) -> int:
        return _within(self._on_campaign.get((person, campaign), ()), at_us, reach_us=HOUR_US)


def _within(times: "list[int] | tuple[()]", at_us: int, *, reach_us: int) -> int:
    return bisect_left(times, at_us + reach_us) - bisect_right(times, at_us - reach_us)
