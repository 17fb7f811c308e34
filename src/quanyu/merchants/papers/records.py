"""What a merchant has on record: papers are added and never changed; the last of an id counts."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import Clock, china_day, format_iso
from quanyu.compliance.copy import OnRecord, Override
from quanyu.compliance.gate import Record
from quanyu.compliance.industries import industry_named
from quanyu.compliance.licences import Licence
from quanyu.compliance.rulebook import in_force
from quanyu.errors import BadInput, NotFound
from quanyu.events.once import Transactions
from quanyu.events.scrub import NO_NAME, is_plain_name
from quanyu.merchants.papers.evidence import (
    Evidence,
    EvidenceFiles,
    EvidenceForm,
    evidence_of,
)

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
P = TypeVar("P")
ACTOR_MAX = 64
REASON_MAX = 500


class PaperKind(StrEnum):
    INDUSTRY = "industry"
    LICENCE = "licence"
    EVIDENCE = "evidence"
    OVERRIDE = "override"
    TASK = "task"
    """What somebody has to do, such as renewing a licence."""


FOR_THE_GATE = (
    PaperKind.INDUSTRY, PaperKind.LICENCE, PaperKind.EVIDENCE, PaperKind.OVERRIDE,
)  # fmt: skip


class Paper(msgspec.Struct, frozen=True):
    """One line of the record."""

    kind: PaperKind
    id: str
    body: bytes
    """JSON of the form of its kind."""
    actor: str
    at_us: int
    withdrawn: str = ""
    """Why it does not count any more."""

    def as_json(self) -> dict[str, Any]:
        told = {"id": self.id, "actor": self.actor, "at": format_iso(self.at_us)}
        why = {"withdrawn": self.withdrawn} if self.withdrawn else {}
        return {**told, **why, **msgspec.json.decode(self.body)}


class Industry(msgspec.Struct, frozen=True):
    industry: str


class PaperStore(Protocol[In]):
    """Where papers are kept. Engines live in ``storage``."""

    def add(self, tx: In, merchant: str, *, paper: Paper) -> None: ...

    def latest(self, tx: In, merchant: str, *, kinds: Sequence[PaperKind]) -> Sequence[Paper]:
        """The last paper of each id, withdrawn ones too, in the order in which they came."""

    def history(self, tx: In, merchant: str, *, kind: PaperKind, id: str) -> Sequence[Paper]: ...

    def merchants(self, tx: In) -> Sequence[str]:
        """Who has any."""


class Papers(Generic[Tx]):
    def __init__(
        self,
        transactions: Transactions[Tx],
        store: PaperStore[Tx],
        *,
        files: EvidenceFiles,
        clock: Clock,
    ) -> None:
        self.transactions = transactions
        self.store = store
        self._files = files
        self._clock = clock

    def of(self, merchant: str) -> Record:
        """What counts now, for the gate."""
        with self.transactions.transaction() as tx:
            papers = self.store.latest(tx, merchant, kinds=FOR_THE_GATE)
        return record_of(papers, self._files)

    def say_industry(self, merchant: str, industry: str, *, actor: str) -> None:
        """The merchant's, for everything that says no other. Raises BadInput."""
        self._add(merchant, PaperKind.INDUSTRY, id="", form=Industry(industry_named(industry)),
                  actor=actor)  # fmt: skip

    def industry(self, merchant: str) -> str | None:
        return self.of(merchant).industry

    def add_licence(self, merchant: str, licence: Licence, *, actor: str) -> None:
        """New, or in the place of the one of that number. Raises BadInput."""
        licence.check()
        self._add(merchant, PaperKind.LICENCE, id=licence.id, form=licence, actor=actor)

    def add_evidence(
        self, merchant: str, form: EvidenceForm, *, body: bytes, actor: str
    ) -> Evidence:
        """The file is on disk before the record names it. Raises BadInput."""
        made = evidence_of(form, body)
        checked_actor(actor)
        self._files.keep(body)
        self._add(merchant, PaperKind.EVIDENCE, id=made.id, form=made, actor=actor)
        return made

    def evidence_file(self, merchant: str, id: str) -> tuple[Evidence, bytes]:
        """Raises NotFound."""
        found = self._found(merchant, PaperKind.EVIDENCE, id=id)
        evidence = msgspec.json.decode(found.body, type=Evidence)
        return evidence, self._files.read(evidence.sha256)

    def override(self, merchant: str, override: Override) -> None:
        """By the operator. The gate leaves rules alone that were read in the published text."""
        form = checked_override(override, self.today)
        self._add(merchant, PaperKind.OVERRIDE, id=form.rule, form=form, actor=form.actor)

    def withdraw(self, merchant: str, kind: PaperKind, *, id: str, actor: str, reason: str) -> None:
        """It does not count any more; it stays on record. Raises NotFound."""
        if not 1 <= len(reason.strip()) <= REASON_MAX:
            raise BadInput("reason", f"say why, in 1 to {REASON_MAX} characters")
        found = self._found(merchant, kind, id=id)
        gone = msgspec.structs.replace(
            found, withdrawn=reason, actor=checked_actor(actor), at_us=self._clock.now_us()
        )
        with self.transactions.transaction() as tx:
            self.store.add(tx, merchant, paper=gone)

    def listed(self, merchant: str, kind: PaperKind) -> Sequence[Paper]:
        """Those that count, oldest first."""
        with self.transactions.transaction() as tx:
            found = self.store.latest(tx, merchant, kinds=[kind])
        return [one for one in found if not one.withdrawn]

    def history(self, merchant: str, kind: PaperKind, *, id: str) -> Sequence[Paper]:
        with self.transactions.transaction() as tx:
            return self.store.history(tx, merchant, kind=kind, id=id)

    def note_task(self, merchant: str, id: str, *, task: msgspec.Struct) -> bool:
        """Once per id; False when it was there."""
        return self._add(merchant, PaperKind.TASK, id=id, form=task, actor="quanyu")

    @property
    def today(self) -> date:
        return china_day(self._clock.now_us())

    def _found(self, merchant: str, kind: PaperKind, *, id: str) -> Paper:
        found = next((one for one in self.listed(merchant, kind) if one.id == id), None)
        if found is None:
            raise NotFound(f"{kind} {id[:80]!r}")
        return found

    def _add(
        self, merchant: str, kind: PaperKind, *, id: str, form: msgspec.Struct, actor: str
    ) -> bool:
        """Said again with the same content it is no new line."""
        body = msgspec.json.encode(form, order="deterministic")
        made = Paper(kind, id, body, checked_actor(actor), self._clock.now_us())
        with self.transactions.transaction() as tx:
            before = self.store.history(tx, merchant, kind=kind, id=id)[-1:]
            if any(one.body == body and not one.withdrawn for one in before):
                return False
            self.store.add(tx, merchant, paper=made)
            return True


def record_of(papers: Iterable[Paper], files: EvidenceFiles) -> Record:
    """What the gate looks at. Who holds a licence may call himself by his name."""
    live = [one for one in papers if not one.withdrawn]
    industries = _forms(live, PaperKind.INDUSTRY, form=Industry)
    licences = _forms(live, PaperKind.LICENCE, form=Licence)
    evidence = _forms(live, PaperKind.EVIDENCE, form=Evidence)
    return Record(
        industries[-1].industry if industries else None,
        licences,
        OnRecord(
            claims=tuple(one.as_claim(files.found(one.sha256)) for one in evidence),
            overrides=_forms(live, PaperKind.OVERRIDE, form=Override),
            names=tuple(dict.fromkeys(one.holder for one in licences)),
        ),
    )


def checked_override(override: Override, on: date) -> Override:
    """Raises BadInput for a rule that does not exist or was read in the published text."""
    rule = in_force(on).get(override.rule)
    if rule is None:
        raise BadInput("rule", f"no rule {override.rule[:60]!r} is in force; see docs/law.md")
    if rule.source == "V":
        raise BadInput(
            "rule", f"{rule.id} stands in {rule.cited} itself; nobody reads it otherwise"
        )
    if not 1 <= len(override.reason.strip()) <= REASON_MAX:
        raise BadInput("reason", f"say why, in 1 to {REASON_MAX} characters")
    return override


def _forms(papers: Iterable[Paper], kind: PaperKind, *, form: type[P]) -> tuple[P, ...]:
    return tuple(msgspec.json.decode(one.body, type=form) for one in papers if one.kind is kind)


def checked_actor(actor: str) -> str:
    """Raises BadInput."""
    if not actor.strip() or len(actor) > ACTOR_MAX or not actor.isprintable():
        raise BadInput("actor", f"say who does it, in 1 to {ACTOR_MAX} characters")
    if not is_plain_name(actor):
        raise BadInput("actor", NO_NAME)
    return actor
