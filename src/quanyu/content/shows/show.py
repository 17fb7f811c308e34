"""A live show as it is planned: who, when, what is sold for how much, and what is said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from quanyu.clock import MINUTE_US
from quanyu.content.checking import must_be_industry, must_be_storable
from quanyu.content.piece import Segment, Word
from quanyu.content.shows.schedule import Repeat, stretch
from quanyu.content.shows.script import Script
from quanyu.content.shows.script import words_of as words_of_script
from quanyu.content.shows.states import ShowState
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

WHOLE_BP = 10_000
"""Basis points of the whole."""
PLAN_ID_MAX = 50
Fen = Annotated[int, Meta(ge=0, le=FEN_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}\Z")]
BasisPoints = Annotated[int, Meta(ge=0, le=WHOLE_BP)]


class Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who is seen and heard. A host is a partner of the merchant, not a customer."""

    id: Id
    name: Name
    kind: Literal["human", "ai"] = "human"
    age: Annotated[int, Meta(ge=0, le=150)] | None = None
    """Whole years on the day of the show; of a human."""
    guardian_consent: bool = False
    """In writing, of somebody from 16 to under 18."""
    permission: Annotated[str, Meta(max_length=128)] = ""
    """Number of the platform's permission to go on air: real name verified, category allowed."""
    share_bp: BasisPoints = WHOLE_BP
    """Of the commission; all hosts of a show make up 10000."""


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An item, the minutes it is given, and what it costs while the show is live."""

    id: Id
    shop: Word
    item: Word
    minutes: Annotated[int, Meta(ge=1, le=1440)]
    price_fen: Fen
    """What the host says it costs, per unit."""
    list_fen: Fen
    """What it costs outside the show."""
    title: Annotated[str, Meta(max_length=200)] = ""
    basis: Annotated[str, Meta(max_length=64)] = ""
    """What the higher price is, as it stands beside it: 日常价, 厂商建议零售价 …"""
    offers: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    """Promotions of the show: 限时8折, 满300赠小样. They ask for one of ``Show.words``."""
    coupons: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    """Batches that may be dropped while it is shown."""
    commission_bp: BasisPoints = 0


class Show(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    id: Id
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    industry: str
    room: Annotated[str, Meta(min_length=1, max_length=64)]
    """The touchpoint: where it is seen, and where its orders come from."""
    starts: Annotated[datetime, Meta(tz=True)]
    minutes: Annotated[int, Meta(ge=1, le=1440)]
    hosts: Annotated[tuple[Host, ...], Meta(min_length=1, max_length=10)]
    slots: Annotated[tuple[Slot, ...], Meta(min_length=1, max_length=200)]
    script: Script
    """Segments with purpose marketing are advertising besides the goods of the show."""
    marked_as_ad: bool = False
    plan: str = ""
    """The plan that it is a day of."""

    @property
    def stretch(self) -> tuple[int, int]:
        return stretch(self.starts, self.minutes)

    @property
    def ends_us(self) -> int:
        return self.stretch[1]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What is said."""
        return words_of_script(self.script)

    @property
    def has_ai_host(self) -> bool:
        return any(one.kind == "ai" for one in self.hosts)

    def slot(self, id: str) -> Slot | None:
        return next((one for one in self.slots if one.id == id), None)

    @property
    def words(self) -> frozenset[str]:
        """What its offers ask for, and what only the server says is true."""
        return words_of(self.id, plan=self.plan)


class Plan(Show, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """As it is handed in: a show, perhaps with the days on which it comes again."""

    repeat: Repeat | None = None

    @property
    def first(self) -> Show:
        told = {name: getattr(self, name) for name in Show.__struct_fields__}
        return Show(**told)


class Standing(msgspec.Struct, frozen=True, tag="show"):
    """A show and how far it has come."""

    show: Show
    state: ShowState
    since_us: int
    planner: str
    hash: str
    """Of the plan: an approval is of this and of nothing else."""
    started_us: int | None = None
    ended_us: int | None = None
    kept_until_us: int | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self.show)
        return {"state": self.state.value, "hash": self.hash, **told}


SHOW = "show"


def words_of(show: str, *, plan: str) -> frozenset[str]:
    """``show:evening.20260501``, and ``show:evening`` for offers of every day of the plan."""
    return frozenset(f"{SHOW}:{id}" for id in (show, plan) if id)


def is_of_a_show(condition: str) -> bool:
    """Of an offer: it holds in one live show, which only an order can come from."""
    return condition.partition(":")[0] == SHOW


def checked_plan(plan: Plan) -> Plan:
    """Raises BadInput for what no single field shows."""
    must_be_storable(plan, name="show")
    must_be_industry(plan.industry, name="show")
    if plan.repeat is not None and len(plan.id) > PLAN_ID_MAX:
        raise BadInput("show.id", f"use at most {PLAN_ID_MAX} characters: days are added to it")
    _once("hosts", [one.id for one in plan.hosts])
    _once("slots", [one.id for one in plan.slots])
    if sum(one.share_bp for one in plan.hosts) != WHOLE_BP:
        raise BadInput("show.hosts", f"let share_bp of all hosts add up to {WHOLE_BP}")
    rates: dict[tuple[str, str], int] = {}
    for place, slot in enumerate(plan.slots):
        if rates.setdefault((slot.shop, slot.item), slot.commission_bp) != slot.commission_bp:
            mend = f"give {slot.item} one commission in all its slots"
            raise BadInput(f"show.slots[{place}].commission_bp", mend)
    given = sum(one.minutes for one in plan.slots)
    if given > plan.minutes:
        raise BadInput("show.slots", f"{given} minutes do not fit into {plan.minutes}")
    for place, slot in enumerate(plan.slots):
        if slot.price_fen > slot.list_fen:
            mend = "let the show cost no more than the item costs outside"
            raise BadInput(f"show.slots[{place}].price_fen", mend)
    if plan.stretch[1] - plan.stretch[0] != plan.minutes * MINUTE_US:
        raise BadInput("show.starts", "choose a year from 1970 to 9998")
    return plan


def _once(field: str, ids: Sequence[str]) -> None:
    for place, id in enumerate(ids):
        if id in ids[:place]:
            raise BadInput(f"show.{field}[{place}].id", f"{id!r} stands there already")
