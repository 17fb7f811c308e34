"""A programme of points: what a yuan earns, what points are worth, and when they end.

Terms are data. Changing them touches no lot that was granted before.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.clock import CHINA, DAY_US, china_day, months_later, to_us
from quanyu.compliance.doorkeeper import Page
from quanyu.errors import BadInput
from quanyu.events.scrub import is_mobile
from quanyu.money import FEN_MAX
from quanyu.promotions.loyalty.refusals import Reason, Refused

NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,40}\Z")]
Label = Annotated[str, Meta(min_length=1, max_length=64)]
POINTS_MAX = 10**12
EARNED_MAX = 10**15
"""By one order: the most that the book takes as one amount."""
WHOLE = 100
"""Percent of a multiplier that changes nothing."""


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="days", tag_field="kind"):
    """Good for so many whole days after the day of the grant."""

    count: Annotated[int, Meta(ge=1, le=36_500)]


class Months(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="months", tag_field="kind"
):
    """Good until the end of the same day of a later month."""

    count: Annotated[int, Meta(ge=1, le=1_200)]


class YearEnd(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="year_end", tag_field="kind"
):
    """Good until the end of 31 December, ``years`` after the year of the grant."""

    years: Annotated[int, Meta(ge=0, le=100)] = 1


Expiry = Days | Months | YearEnd


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tier points are counted, never spent."""

    name: Word
    label: Label
    from_points: Annotated[int, Meta(ge=0, le=POINTS_MAX)]


class Multiplier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines with the flag earn ``percent`` of the usual; the largest one of a line counts."""

    flag: Word
    percent: Annotated[int, Meta(ge=WHOLE, le=10_000)]


class OrderReward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order with the flag (``no_cutlery``) gets a piece of an offer."""

    flag: Word
    offer: Annotated[str, Meta(min_length=1, max_length=128)]


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points are whole; earned ones are rounded down, spent ones up."""

    points_per_yuan: Annotated[int, Meta(ge=0, le=10_000)]
    expiry: Expiry
    label: Label = "积分"
    fen_per_100_points: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    days_until_available: Annotated[int, Meta(ge=0, le=3_650)] = 7
    """The return window: until it is over, points are pending."""
    transferable: bool = False
    join_gift: Annotated[int, Meta(ge=0, le=POINTS_MAX)] = 0
    grace_days: Annotated[int, Meta(ge=0, le=3_650)] = 0
    """How long points live that come back after their end; 0: they are gone, and it is said."""
    tiers: Annotated[tuple[Tier, ...], Meta(max_length=20)] = ()
    multipliers: Annotated[tuple[Multiplier, ...], Meta(max_length=50)] = ()
    order_rewards: Annotated[tuple[OrderReward, ...], Meta(max_length=50)] = ()


class Programme(msgspec.Struct, frozen=True):
    id: int
    owner: str
    """A merchant, or PLATFORM for the one that all share."""
    name: str
    terms: Terms
    withheld: bool = False
    """By the gate: nobody joins and nothing is exchanged; what was earned stays and can be
    spent."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was paid in cash for one line of an order."""

    cash_fen: Annotated[int, Meta(ge=0, le=FEN_MAX)]
    flags: tuple[str, ...] = ()


def decode_terms(body: bytes) -> Terms:
    """Strict. Raises BadInput with the path of the fault."""
    try:
        terms = msgspec.json.decode(body, type=Terms)
    except msgspec.DecodeError as error:
        raise BadInput(*fault_of(error, whole="programme")) from None
    rising = [tier.from_points for tier in terms.tiers]
    if any(later <= earlier for earlier, later in pairwise(rising)):
        raise BadInput("tiers", "let from_points rise from tier to tier")
    if len({tier.name for tier in terms.tiers}) < len(terms.tiers):
        raise BadInput("tiers", "give each tier a name of its own")
    return terms


def joining_refused(programme: Programme) -> Refused | None:
    return Refused(Reason.WITHHELD) if programme.withheld else None


def page_of(name: str, terms: Terms) -> Page:
    """What members read."""
    tiers = {f"tiers[{place}].label": tier.label for place, tier in enumerate(terms.tiers)}
    return Page(kind="points_programme", id=name, texts={"label": terms.label, **tiers})


def fault_of(error: msgspec.DecodeError, *, whole: str) -> tuple[str, str]:
    """(path of the field, what is wrong with it)"""
    message, _, path = str(error).partition(" - at `")
    return path.rstrip("`").removeprefix("$").removeprefix(".") or whole, message.lower()


def opaque(field: str, id: str) -> None:
    """Ids stand in books and logs for ever. Raises BadInput for a phone number."""
    if is_mobile(id):
        raise BadInput(field, "use an opaque id, not a phone number")


def points_for(terms: Terms, lines: Sequence[Line]) -> int:
    """What an order earns: one rounding, down, over all of its lines. Raises BadInput."""
    weighed = sum(line.cash_fen * percent_of(terms, line.flags) for line in lines)
    points = weighed * terms.points_per_yuan // (WHOLE * 100)
    if points > EARNED_MAX:
        raise BadInput("lines", f"an order earns {EARNED_MAX} points at most, not {points}")
    return points


def percent_of(terms: Terms, flags: Collection[str]) -> int:
    return max((m.percent for m in terms.multipliers if m.flag in flags), default=WHOLE)


def value_fen(terms: Terms, points: int) -> int:
    """What so many points pay for, rounded down."""
    return points * terms.fen_per_100_points // 100


def points_to_pay(terms: Terms, amount_fen: int) -> int:
    """The points that an amount costs, rounded up."""
    return -(-amount_fen * 100 // terms.fen_per_100_points)


def available_us(terms: Terms, at_us: int) -> int:
    return at_us + terms.days_until_available * DAY_US


def expires_us(expiry: Expiry, at_us: int) -> int:
    """The midnight in China that ends the last day on which the points are good."""
    return _midnight_after(_last_day(expiry, china_day(at_us)))


def _last_day(expiry: Expiry, day: date) -> date:
    match expiry:
        case Days(count):
            return day + timedelta(days=count)
        case Months(count):
            return months_later(day, count)
        case YearEnd(years):
            return date(day.year + years, 12, 31)


def _midnight_after(day: date) -> int:
    return to_us(datetime.combine(day + timedelta(days=1), time(), CHINA))


def tier_of(terms: Terms, tier_points: int) -> Tier | None:
    """The highest tier that so many tier points have reached."""
    reached = [tier for tier in terms.tiers if tier.from_points <= tier_points]
    return reached[-1] if reached else None
