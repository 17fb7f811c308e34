"""Which shows there will be: plans are written down, changed, taken back. Each day is a show."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Generic, TypeVar

import msgspec

from quanyu.clock import DAY_US, Clock, format_iso
from quanyu.content.library.version import By
from quanyu.content.shows.ports import Scripts, ShowStore
from quanyu.content.shows.schedule import occurrences, overlap, show_id
from quanyu.content.shows.script import FromPiece, filled
from quanyu.content.shows.show import Plan, Show, Standing
from quanyu.content.shows.states import MOVES, ShowRefusal, ShowState
from quanyu.content.shows.states import ShowVerb as Verb
from quanyu.errors import BadInput, Refused
from quanyu.events.once import Transactions

Tx = TypeVar("Tx")
AHEAD_DAYS_MAX = 400


class Planning(Generic[Tx]):
    def __init__(
        self,
        transactions: Transactions[Tx],
        store: ShowStore[Tx],
        *,
        scripts: Scripts[Tx],
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._scripts = scripts
        self._clock = clock

    def plan(self, merchant: str, plan: Plan, *, by: By) -> Sequence[Standing] | Refused:
        """All shows of the plan, or none. One that is planned already is changed, and asks for
        approval again where it says something else. Raises BadInput."""
        with self._transactions.transaction() as tx:
            return self._transactions.attempt(
                tx, lambda: self._plan(tx, merchant, plan=plan, by=by)
            )

    def next(self, merchant: str, *, days: int = 7) -> Sequence[Standing]:
        """Shows of now and of the days to come, by start. Raises BadInput."""
        if not 1 <= days <= AHEAD_DAYS_MAX:
            raise BadInput("days", f"use 1 to {AHEAD_DAYS_MAX}")
        now_us = self._clock.now_us()
        with self._transactions.transaction() as tx:
            stretch = (now_us, now_us + days * DAY_US)
            return self._store.around(tx, merchant, stretch=stretch)

    def _plan(self, tx: Tx, merchant: str, *, plan: Plan, by: By) -> Sequence[Standing] | Refused:
        self._store.take_turn(tx, merchant)
        if isinstance(plan.script, FromPiece):
            versions = self._scripts.versions(tx, merchant, piece=plan.script.piece)
            plan = msgspec.structs.replace(plan, script=filled(plan.script, versions))
        made: list[Standing] = []
        for show in shows_of(plan):
            if show.ends_us <= self._clock.now_us():
                raise BadInput("show.starts", f"{format_iso(show.stretch[0])} is over")
            clash = self._clash(tx, merchant, show=show)
            if clash is not None and plan.repeat is not None and plan.repeat.on_overlap == "skip":
                continue
            if clash is not None:
                raise BadInput(
                    "show.starts", f"{clash.show.id} has {_shared(clash.show, show)} then"
                )
            standing = self._put(tx, merchant, show=show, by=by)
            if isinstance(standing, Refused):
                return standing
            made.append(standing)
        return made

    def _clash(self, tx: Tx, merchant: str, *, show: Show) -> Standing | None:
        around = self._store.around(tx, merchant, stretch=show.stretch)
        return next((one for one in around if clashes(one.show, show)), None)

    def _put(self, tx: Tx, merchant: str, *, show: Show, by: By) -> Standing | Refused:
        digest = plan_hash(show)
        before = self._store.find(tx, merchant, show=show.id)
        if before is not None and before.hash == digest and before.state in WAITING:
            return before
        if before is not None and (before.state, Verb.REVISE) not in MOVES:
            return Refused(ShowRefusal.WRONG_STATE)
        now_us = self._clock.now_us()
        standing = Standing(show, ShowState.PLANNED, now_us, by.actor, digest)
        self._store.put(tx, merchant, standing=standing)
        return standing


WAITING = (ShowState.PLANNED, ShowState.APPROVED)


def shows_of(plan: Plan) -> list[Show]:
    """Each day of the plan as a show of its own. Raises BadInput."""
    repeats = plan.repeat is not None
    return [
        msgspec.structs.replace(
            plan.first,
            id=show_id(plan.id, starts, repeats=repeats),
            starts=starts,
            plan=plan.id if repeats else "",
        )
        for starts in occurrences(plan.starts, plan.repeat)
    ]


def clashes(one: Show, other: Show) -> bool:
    """Two shows at one time, in one room or with one person. A machine may be in two rooms."""
    if one.id == other.id or not overlap(one.stretch, other.stretch):
        return False
    return one.room == other.room or bool(_people(one) & _people(other))


def _people(show: Show) -> set[str]:
    return {host.id for host in show.hosts if host.kind == "human"}


def _shared(one: Show, other: Show) -> str:
    if one.room == other.room:
        return f"the room {one.room}"
    return f"the host {min(_people(one) & _people(other))}"


def plan_hash(show: Show) -> str:
    return sha256(msgspec.json.encode(show, order="deterministic")).hexdigest()
