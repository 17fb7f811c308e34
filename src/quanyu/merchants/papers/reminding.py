"""Licences that end soon become tasks, once per licence and step: 30 days, 7 days, over."""

from collections.abc import Sequence
from datetime import date
from typing import Generic, TypeVar

import msgspec

from quanyu.compliance.gate import UNKNOWN_HIT, Record
from quanyu.compliance.licences import Licence, LicenceState, licence_kinds
from quanyu.compliance.qualifications import review_qualifications
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Hit, Severity
from quanyu.merchants.papers.records import Papers

Tx = TypeVar("Tx")
URGENT_DAYS = 7


class Due(msgspec.Struct, frozen=True):
    """What has to be renewed, and how it stands."""

    licence: str
    state: LicenceState
    days_left: int
    """Negative: over for so many days."""
    task: str


def due(licences: Sequence[Licence], on: date) -> list[Due]:
    """Those that end within 30 days or are over, the most urgent first."""
    soon = (LicenceState.EXPIRING, LicenceState.EXPIRED)
    found = [_due(one, on) for one in licences if one.state(on) in soon]
    return sorted(found, key=lambda one: (one.days_left, one.licence))


def _due(licence: Licence, on: date) -> Due:
    assert licence.valid_to is not None, "what has no end does not expire"
    days, label = (licence.valid_to - on).days, licence_kinds()[licence.kind].label
    when = f"将于 {licence.valid_to} 到期" if days >= 0 else f"已于 {licence.valid_to} 到期"
    task = f"{label} {licence.number} {when}，请换证并登记新证"
    return Due(licence.id, licence.state(on), days, task)


def step_of(one: Due) -> str:
    if one.days_left < 0:
        return "over"
    return "7d" if one.days_left <= URGENT_DAYS else "30d"


class Standing(msgspec.Struct, frozen=True):
    """How a merchant stands with the law's demands on its industry."""

    industry: str | None
    lacking: tuple[Hit, ...]
    due: tuple[Due, ...]


def standing(record: Record, merchant: str, *, on: date) -> Standing:
    """As an offer that counts everywhere would find it."""
    if record.industry is None:
        return Standing(None, (UNKNOWN_HIT,), tuple(due(record.licences, on)))
    showing = Showing(
        kind="offer", id="", merchant=merchant, industry=record.industry, on=on, texts={}
    )
    hits = review_qualifications(showing, record.licences).hits
    lacking = tuple(hit for hit in hits if hit.severity is not Severity.WARN)
    return Standing(record.industry, lacking, tuple(due(record.licences, on)))


class Reminders(Generic[Tx]):
    def __init__(self, papers: Papers[Tx]) -> None:
        self._papers = papers

    def of(self, merchant: str) -> list[Due]:
        return due(self._papers.of(merchant).licences, self._papers.today)

    def standing(self, merchant: str) -> Standing:
        return standing(self._papers.of(merchant), merchant, on=self._papers.today)

    def note(self) -> int:
        """For every merchant; returns how many tasks are new."""
        with self._papers.transactions.transaction() as tx:
            merchants = self._papers.store.merchants(tx)
        return sum(self._note(merchant) for merchant in merchants)

    def _note(self, merchant: str) -> int:
        """A renewed licence ends on another day, so its tasks are others."""
        ends = {one.id: one.valid_to for one in self._papers.of(merchant).licences}
        return sum(
            self._papers.note_task(
                merchant, f"{one.licence}@{ends[one.licence]}/{step_of(one)}", task=_lasting(one)
            )
            for one in self.of(merchant)
        )


class Task(msgspec.Struct, frozen=True):
    subject: str
    task: str


def _lasting(one: Due) -> Task:
    """Without what changes from day to day: said again it is the same task."""
    return Task(one.licence, one.task)
