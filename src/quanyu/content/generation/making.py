"""Many pieces out of one brief: each passes the gate, none resembles another too much."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import msgspec

from quanyu.compliance.copy import OnRecord, review
from quanyu.compliance.copy.claims import NOTHING
from quanyu.compliance.verdict import Verdict
from quanyu.content.generation.brief import Brief, GeneratedKind
from quanyu.content.generation.duplicates import Seen
from quanyu.content.generation.mending import Review
from quanyu.content.generation.passing import GateLoop, Outcome
from quanyu.content.generation.pieces import Made, made_of
from quanyu.content.generation.ports import Task, Writer

COUNT_MAX = 10_000
TRIES_PER_PIECE = 3
"""Drafts that are given up or thrown away as duplicates cost tries."""
KEPT_VERDICTS = 200_000


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    kind: GeneratedKind
    brief: Brief
    count: int = 1
    seed: int = 0


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One draft and what became of it: ``made``, a duplicate, or given up with reasons."""

    seed: int
    outcome: Outcome
    made: Made | None = None
    duplicate: bool = False


def gate_of(brief: Brief, record: OnRecord) -> Review:
    return gate_for(brief.industry, brief.on, touchpoint=brief.touchpoint, record=record)


def gate_for(
    industry: str, on: date, *, touchpoint: str | None = None, record: OnRecord = NOTHING
) -> Review:
    """The review of advertising copy, for one text after the other; many scripts share their
    lines, so verdicts are kept."""
    known: dict[str, Verdict] = {}

    def reviewed(text: str) -> Verdict:
        found = known.get(text)
        if found is None:
            found = review(text, industry=industry, on=on, touchpoint=touchpoint, record=record)
            if len(known) < KEPT_VERDICTS:
                known[text] = found
        return found

    return reviewed


@dataclass(frozen=True, slots=True)
class Maker:
    writer: Writer
    review: Review
    producer: str
    """Who answers for it: the ContentProducer of the record."""
    seen: Seen = field(default_factory=Seen)

    def tries(self, wish: Wish) -> Iterator[Try]:
        """Until there are so many pieces, or the tries are used up; seeds count upwards."""
        loop, made = GateLoop(self.writer, self.review), 0
        for seed in range(wish.seed, wish.seed + wish.count * TRIES_PER_PIECE):
            task = Task(kind=wish.kind, brief=wish.brief, seed=seed)
            one = self._try(loop, task)
            made += one.made is not None
            yield one
            if made == wish.count:
                return

    def _try(self, loop: GateLoop, task: Task) -> Try:
        outcome = loop.outcome(task)
        if outcome.draft is None:
            return Try(seed=task.seed, outcome=outcome)
        if not self.seen.admit(outcome.draft.whole()):
            return Try(seed=task.seed, outcome=outcome, duplicate=True)
        made = made_of(outcome.draft, task, writer=self.writer.name, producer=self.producer)
        return Try(seed=task.seed, outcome=outcome, made=made)


class Tally(msgspec.Struct, kw_only=True):
    """What became of all drafts."""

    asked: int
    made: int = 0
    duplicates: int = 0
    given_up: int = 0
    drafts: int = 0
    """Written in all, rewritings included."""
    changed: int = 0
    """Pieces of which a wording was changed or left out."""

    def add(self, one: Try) -> None:
        self.drafts += one.outcome.rounds
        self.made += one.made is not None
        self.duplicates += one.duplicate
        self.given_up += one.outcome.draft is None
        self.changed += one.made is not None and bool(one.outcome.changes)


def proofs_of(brief: Brief) -> OnRecord:
    return OnRecord(claims=tuple(claim for one in brief.items for claim in one.claims))
