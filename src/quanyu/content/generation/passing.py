"""The gate loop: write, judge, mend, write again, or give up."""

from collections import defaultdict
from dataclasses import dataclass

import msgspec

from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.content.generation.draft import Draft
from quanyu.content.generation.faithful import invented
from quanyu.content.generation.mending import (
    OPTIONAL,
    Change,
    Review,
    faults,
    lawful_brief,
    mended_draft,
)
from quanyu.content.generation.ports import Task, Unwritten, Writer

ROUNDS_MAX = 4


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that may be shown, or the reasons why there is none; never both."""

    draft: Draft | None = None
    verdict: Verdict = Verdict()
    """Of what passed: warnings and marks to set."""
    rounds: int = 0
    """Drafts that were written; 0 when the brief itself cannot be said."""
    changes: tuple[Change, ...] = ()
    reasons: tuple[Hit, ...] = ()
    failure: str | None = None
    """Why the writer gave nothing, in words."""


@dataclass(frozen=True, slots=True)
class GateLoop:
    writer: Writer
    review: Review
    """By field; asked again for every text that was changed."""
    rounds_max: int = ROUNDS_MAX

    def outcome(self, task: Task) -> Outcome:
        """Raises BadInput when the brief cannot be met at all."""
        brief, changes, stuck = lawful_brief(task.brief, self.review)
        if stuck:
            return Outcome(changes=tuple(changes), reasons=tuple(stuck))
        return self._write(msgspec.structs.replace(task, brief=brief), changes)

    def _write(self, task: Task, changes: list[Change]) -> Outcome:
        hits: tuple[Hit, ...] = ()
        for number in range(1, self.rounds_max + 1):
            try:
                draft = self.writer.write(task)
            except Unwritten as failure:
                return Outcome(rounds=number, changes=tuple(changes), failure=str(failure))
            verdict, hits = self.judged(draft, task)
            made = draft
            if hits:
                made, more = mended_draft(draft, _by_field(hits), review=self.review)
                verdict, left = self.judged(made, task)
                changes = [*changes, *more] if not left else changes
                hits = hits if left else ()
            if not hits and whole(made):
                return Outcome(
                    draft=made, verdict=verdict, rounds=number, changes=tuple(changes)
                )
            task = msgspec.structs.replace(task, round=number, findings=hits, last=draft)
        return Outcome(rounds=self.rounds_max, changes=tuple(changes), reasons=hits)

    def judged(self, draft: Draft, task: Task) -> tuple[Verdict, tuple[Hit, ...]]:
        """(verdict of all fields, what must be mended). The whole is read too: a sentence may be
        lawful and its neighbour turn it into a claim."""
        found = [
            msgspec.structs.replace(hit, field=field)
            for field, text in draft.fields()
            for hit in self.review(text).hits
        ]
        found += self._across(draft, found)
        verdict = Verdict((*found, *invented(draft, task.brief)))
        return verdict, faults(verdict)

    def _across(self, draft: Draft, found: list[Hit]) -> list[Hit]:
        known = {(hit.rule, hit.text) for hit in found}
        whole_text = self.review(draft.whole())
        return [msgspec.structs.replace(hit, field="whole") for hit in whole_text.hits
                if (hit.rule, hit.text) not in known]  # fmt: skip


def whole(draft: Draft) -> bool:
    """Nothing that cannot be missed has been mended away."""
    return bool(draft.title) and all(one.text or one.role in OPTIONAL for one in draft.parts)


def _by_field(hits: tuple[Hit, ...]) -> dict[str, list[Hit]]:
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        found[hit.field].append(hit)
    return found


def must_mark(verdict: Verdict) -> bool:
    """Does a rule ask for a mark that is set where the piece is shown?"""
    return any(hit.counts_as is Severity.LABEL for hit in verdict.hits)
