"""The gate loop: write, judge, mend, write again, or give up."""

from collections import defaultdict
from dataclasses import dataclass

from msgspec import Struct, structs

from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.content.generation.draft import Draft
from quanyu.content.generation.faithful import invented
from quanyu.content.generation.fitting import fitted
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


class Outcome(Struct, frozen=True, kw_only=True):
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
        return self._write(structs.replace(task, brief=brief), changes)

    def _write(self, task: Task, changes: list[Change]) -> Outcome:
        for number in range(1, self.rounds_max + 1):
            try:
                draft = fitted(self.writer.write(task), task.brief)
            except Unwritten as failure:
                task = structs.replace(task, round=number, complaint=failure.detail)
                continue
            outcome, hits, more = self._mended(draft, task)
            if outcome.draft is not None:
                return structs.replace(outcome, rounds=number, changes=(*changes, *more))
            task = structs.replace(task, round=number, findings=hits, last=draft, complaint="")
        return Outcome(
            rounds=self.rounds_max, changes=tuple(changes), reasons=task.findings,
            failure=task.complaint or None,
        )  # fmt: skip

    def _mended(self, draft: Draft, task: Task) -> tuple[Outcome, tuple[Hit, ...], list[Change]]:
        """(the draft as it may be shown, what is wrong with it, what was changed)."""
        verdict, hits = self.judged(draft, task)
        if not hits:
            return Outcome(draft=draft, verdict=verdict), (), []
        made, changes = mended_draft(draft, _by_field(hits), review=self.review)
        verdict, left = self.judged(made, task)
        if left or not whole(made):
            return Outcome(), left or hits, []
        try:
            made = fitted(made, task.brief)
        except Unwritten:
            return Outcome(), hits, []
        return Outcome(draft=made, verdict=verdict), hits, changes

    def judged(self, draft: Draft, task: Task) -> tuple[Verdict, tuple[Hit, ...]]:
        """(verdict of all fields, what must be mended). The whole is read too: a sentence may be
        lawful and its neighbour turn it into a claim."""
        found = [
            structs.replace(hit, field=field)
            for field, text in draft.fields()
            for hit in self.review(text).hits
        ]
        found += self._across(draft, found)
        verdict = Verdict((*found, *invented(draft, task.brief)))
        return verdict, faults(verdict)

    def _across(self, draft: Draft, found: list[Hit]) -> list[Hit]:
        known = {(hit.rule, hit.text) for hit in found}
        whole_text = self.review(draft.whole())
        return [structs.replace(hit, field="whole") for hit in whole_text.hits
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
