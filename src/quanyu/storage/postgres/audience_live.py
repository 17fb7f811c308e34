"""Live membership: who comes into or leaves an audience because of an event, time, or a merge."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg

from quanyu.clock import Clock
from quanyu.customers.audiences.plan import Plan, Verdict
from quanyu.events.event import Event, LoggedEvent
from quanyu.storage.postgres.assessments import profiling
from quanyu.storage.postgres.audience_consent import unpersonalised
from quanyu.storage.postgres.audience_members import (
    Bitmap,
    Change,
    Memberships,
    append_changes,
    lock_head,
)
from quanyu.storage.postgres.audience_people import Sources, gone, moved, persons_of, views
from quanyu.storage.postgres.audience_table import Plans
from quanyu.storage.postgres.audience_timers import due, lay, profiles_at, set_timers
from quanyu.storage.postgres.sql_files import sql


@dataclass(slots=True)
class Occasion:
    """Why somebody is looked at: for which audiences, after which events, because of what."""

    audiences: set[int] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    cause: str = "timer"


Occasions = defaultdict[int, Occasion]
"""Person → occasion."""


def _occasions() -> Occasions:
    return defaultdict(Occasion)


@dataclass(frozen=True, slots=True)
class _Round:
    """One merchant's people under one transaction."""

    merchant: str
    plan: Plan
    members: Mapping[int, Bitmap]
    now_us: int


class LiveAudiences:
    """Projection ``audiences``; runs after identity and profiles."""

    name = "audiences"

    def __init__(self, clock: Clock, memberships: Memberships, *, sources: Sources) -> None:
        self._clock = clock
        self._memberships = memberships
        self._sources = sources
        self._plans = Plans(sources.catalogue)

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        by_merchant: dict[str, list[Event]] = {}
        for logged in events:
            by_merchant.setdefault(logged.merchant, []).append(logged.event)
        planned = {m: plan for m in by_merchant if (plan := self._plans.of(tx, m)).trees}
        if not planned:
            return
        lock_head(tx)
        for merchant, plan in planned.items():
            now = self._round(tx, merchant, plan=plan)
            occasions = self._occasions(tx, now, events=by_merchant[merchant])
            self._look(tx, now, occasions=occasions)
            self._look_again(tx, plan, occasions=occasions, after_offset=events[-1].offset)

    def reset(self, tx: psycopg.Connection) -> None:
        lock_head(tx)
        tx.execute(sql("audiences/reset"))

    def sweep(self, tx: psycopg.Connection) -> int:
        """Timers that have fallen due, merges and unmerges; returns the number of people."""
        changed = moved(tx)
        if changed:
            self._sources.moved(tx, {person for persons in changed.values() for person in persons})
        lock_head(tx)
        by_merchant: dict[str, Occasions] = defaultdict(_occasions)
        for merchant, audience, person in due(tx, self._clock.now_us()):
            by_merchant[merchant][person].audiences.add(audience)
        for merchant, persons in changed.items():
            everything = set(self._plans.of(tx, merchant).trees)
            for person in persons if everything else ():
                by_merchant[merchant][person] = Occasion(everything, cause="merge")
        for merchant, occasions in by_merchant.items():
            now = self._round(tx, merchant, plan=self._plans.of(tx, merchant))
            self._look(tx, now, occasions=occasions)
        return sum(len(occasions) for occasions in by_merchant.values())

    def _round(self, tx: psycopg.Connection, merchant: str, *, plan: Plan) -> _Round:
        members = self._memberships.of(tx, plan.trees.keys())
        return _Round(merchant, plan, members, self._clock.now_us())

    def _occasions(
        self, tx: psycopg.Connection, now: _Round, *, events: Sequence[Event]
    ) -> Occasions:
        nodes = self._sources.nodes.of(tx, now.merchant, events=events)
        person_of = persons_of(tx, set(nodes))
        known = now.members.get(now.plan.everyone or 0, Bitmap())
        occasions = _occasions()
        for event, node in zip(events, nodes, strict=True):
            person = person_of[node]
            touched = now.plan.touched(event)
            if person not in known:
                touched |= now.plan.of_newcomers
            if touched:
                occasion = occasions[person]
                occasion.audiences |= touched
                occasion.events.append(event)
                occasion.cause = f"event:{event.event_id}"
        return occasions

    def _look(self, tx: psycopg.Connection, now: _Round, *, occasions: Occasions) -> None:
        """Judge the people, journal what changed, and set their timers."""
        if not occasions:
            return
        verdicts = self._verdicts(tx, now, occasions=occasions)
        changes = [
            Change(v.audience, person, now.now_us, v.member, occasions[person].cause)
            for person, v in verdicts
            if (person in now.members[v.audience]) is not v.member
        ]
        append_changes(tx, lock_head(tx), changes=changes)
        set_timers(tx, verdicts)

    def _verdicts(
        self, tx: psycopg.Connection, now: _Round, *, occasions: Occasions
    ) -> list[tuple[int, Verdict]]:
        ended = set(occasions)
        if profiling(tx, now.now_us):
            ended = gone(tx, occasions) | unpersonalised(tx, occasions, now_us=now.now_us)
        alive = {p: o for p, o in occasions.items() if p not in ended}
        tagged = [p for p, o in alive.items() if o.audiences & now.plan.tagged]
        tags = self._sources.tags.of_persons(tx, now.merchant, persons=tagged) if tagged else {}
        seen = views(tx, {p: o.events for p, o in alive.items()}, tags=tags)
        verdicts = []
        for person, occasion in occasions.items():
            audiences = [no for no in occasion.audiences if no in now.plan.trees]
            if person in ended or seen[person].unknown:
                judged = [Verdict(no, False, None) for no in audiences]
            else:
                judged = now.plan.judge(seen[person], now.now_us, audiences=audiences)
            verdicts += [(person, verdict) for verdict in judged]
        return verdicts

    def _look_again(
        self, tx: psycopg.Connection, plan: Plan, *, occasions: Occasions, after_offset: int
    ) -> None:
        """Events that profiles have not folded yet: tags are asked again when they have."""
        if not plan.tagged or profiles_at(tx) >= after_offset:
            return
        again = [
            (no, person)
            for person, occasion in occasions.items()
            for no in occasion.audiences & plan.tagged
        ]
        lay(tx, again, dues=[self._clock.now_us()] * len(again), after_offset=after_offset)
