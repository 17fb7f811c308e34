"""Impact assessments (PIPL 55, 56): what processing may only be switched on after one is filed.

A new installation shares nothing and uses no sensitive data. ``enable`` wants the
number of an assessment that covers the feature and is in force; when it runs out, the feature is
off by itself until a new one is filed and named. A directory in which nobody has said anything
yet begins with a trial of personalisation that ends on a stated day (``begin_trial``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import DAY_US, Clock, format_iso
from quanyu.customers.identity.identifiers import is_storable
from quanyu.customers.privacy.purposes import purposes
from quanyu.errors import BadInput, NotFound
from quanyu.events.once import Transactions
from quanyu.events.scrub import NO_NAME, is_plain_name, scrub_text

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
VALID_DAYS_MAX = 3 * 366
TEXT_LENGTH_MAX = 4_000
SHORT_LENGTH_MAX = 128
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def features() -> tuple[str, ...]:
    """What needs an assessment: the purposes that say so."""
    return tuple(key for key, purpose in purposes().items() if purpose.assessed)


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it was filed. PIPL 56: purpose and means, effect on rights and risks, measures
    that fit the risk; kept for three years."""

    id: str
    subject: str
    """What is processed, for whom and how."""
    features: tuple[str, ...]
    risks: str
    measures: str
    approver: str
    valid_until_us: int
    filed_us: int = 0
    filed_by: str = ""

    def in_force(self, at_us: int) -> bool:
        return self.filed_us <= at_us < self.valid_until_us

    def as_json(self, at_us: int) -> dict[str, Any]:
        return {
            "assessment": self.id,
            "subject": self.subject,
            "features": list(self.features),
            "risks": self.risks,
            "measures": self.measures,
            "approver": self.approver,
            "valid_until": format_iso(self.valid_until_us),
            "filed_at": format_iso(self.filed_us),
            "filed_by": self.filed_by,
            "in_force": self.in_force(at_us),
        }


@dataclass(frozen=True, slots=True)
class Switch:
    """The latest word about a feature."""

    feature: str
    on: bool
    at_us: int
    actor: str
    assessment: Assessment | None = None

    def works(self, at_us: int) -> bool:
        return self.on and self.assessment is not None and self.assessment.in_force(at_us)


def checked(draft: Assessment, *, now_us: int) -> Assessment:
    """The draft as it is filed now. Raises BadInput with field and mend."""
    if not _ID.fullmatch(draft.id):
        raise BadInput("id", "use 1 to 64 of A-Z a-z 0-9 . _ - such as PIA-2026-01")
    for name in ("subject", "risks", "measures"):
        _written(name, getattr(draft, name), most=TEXT_LENGTH_MAX)
    for name in ("approver", "filed_by"):
        _named(name, getattr(draft, name))
    unknown = set(draft.features) - set(features())
    if unknown or not draft.features:
        raise BadInput("features", f"name one or more of {', '.join(features())}")
    if not now_us < draft.valid_until_us <= now_us + VALID_DAYS_MAX * DAY_US:
        raise BadInput("valid_until", "lies in the future, and at most three years ahead")
    ordered = tuple(dict.fromkeys(draft.features))
    texts = {name: scrub_text(getattr(draft, name)) for name in ("subject", "risks", "measures")}
    return msgspec.structs.replace(draft, filed_us=now_us, features=ordered, **texts)


def _written(name: str, text: str, *, most: int) -> None:
    if not text.strip() or len(text) > most or not is_storable(text):
        raise BadInput(name, f"write 1 to {most} characters")


def _named(name: str, text: str) -> None:
    _written(name, text, most=SHORT_LENGTH_MAX)
    if not is_plain_name(text):
        raise BadInput(name, NO_NAME)


TRIAL = Assessment(
    id="TRIAL",
    subject="试用：尚未做影响评估，到期自动关闭",
    features=(),
    risks="未评估；用真实客户的数据运营之前须完成评估（《个人信息保护法》第五十五条）",
    measures="先 quanyu privacy assessment add，再 quanyu privacy enable；见 QUANYU_TRIAL_DAYS",
    approver="无",
    valid_until_us=0,
    filed_by="quanyu",
)


class Assessments(Protocol[In]):
    def file(self, tx: In, assessment: Assessment) -> bool:
        """False when the number is taken."""

    def all(self, tx: In) -> Sequence[Assessment]:
        """Newest first."""

    def switches(self, tx: In) -> Sequence[Switch]:
        """The latest line of each feature."""

    def switch(self, tx: In, word: Switch) -> None: ...


class Desk(Generic[Tx]):
    """Raises BadInput with field and mend, NotFound for a number that nobody filed."""

    def __init__(
        self, transactions: Transactions[Tx], store: Assessments[Tx], *, clock: Clock
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._clock = clock

    def file(self, draft: Assessment) -> Assessment:
        """A report is never changed: a new state of things is a new report."""
        filed = checked(draft, now_us=self._clock.now_us())
        with self._transactions.transaction() as tx:
            if not self._store.file(tx, filed):
                raise BadInput("id", f"{filed.id} is filed already; a new report has a new number")
        return filed

    def all(self) -> Sequence[Assessment]:
        with self._transactions.transaction() as tx:
            return self._store.all(tx)

    def get(self, number: str) -> Assessment:
        found = next((one for one in self.all() if one.id == number), None)
        if found is None:
            raise NotFound(f"impact assessment {number[:80]!r}")
        return found

    def enable(self, feature: str, *, assessment: str, actor: str) -> Switch:
        """On from now until the assessment runs out."""
        report, now_us = self.get(assessment), self._clock.now_us()
        _known(feature)
        if feature not in report.features:
            raise BadInput("assessment", f"{report.id} is about {', '.join(report.features)}")
        if not report.in_force(now_us):
            raise BadInput("assessment", f"{report.id} ran out; file a new one")
        return self._say(Switch(feature, True, now_us, actor, report))

    def disable(self, feature: str, *, actor: str) -> Switch:
        _known(feature)
        return self._say(Switch(feature, False, self._clock.now_us(), actor))

    def switches(self) -> dict[str, Switch]:
        with self._transactions.transaction() as tx:
            return {one.feature: one for one in self._store.switches(tx)}

    def works(self, feature: str) -> bool:
        """Whether the feature is on now, on an assessment in force."""
        switch = self.switches().get(feature)
        return switch is not None and switch.works(self._clock.now_us())

    def demand(self, feature: str) -> None:
        """Raises BadInput while the feature does not work."""
        if not self.works(feature):
            raise BadInput(
                feature,
                "needs an impact assessment in force (PIPL 55): `quanyu privacy assessment add`, "
                f"then `quanyu privacy enable {feature} --assessment ID`",
            )

    def begin_trial(self, feature: str, *, days: int) -> None:
        """Where nobody has ever said anything: on for so many days, on a record that says that it
        is no assessment. It gives a new or upgraded installation a date by which to file one."""
        now_us = self._clock.now_us()
        with self._transactions.transaction() as tx:
            if not days or self._store.switches(tx) or self._store.all(tx):
                return
            record = msgspec.structs.replace(
                TRIAL, features=(feature,), filed_us=now_us, valid_until_us=now_us + days * DAY_US
            )
            if self._store.file(tx, record):
                self._store.switch(tx, Switch(feature, True, now_us, TRIAL.filed_by, record))

    def _say(self, word: Switch) -> Switch:
        _named("actor", word.actor)
        with self._transactions.transaction() as tx:
            self._store.switch(tx, word)
        return word


def _known(feature: str) -> None:
    if feature not in features():
        raise BadInput("feature", f"use one of {', '.join(features())}")


def states_json(switches: Mapping[str, Switch], at_us: int) -> list[dict[str, Any]]:
    """Every feature with its state, also those about which nothing was ever said."""
    return [_state_json(key, switches.get(key), at_us=at_us) for key in features()]


def _state_json(feature: str, switch: Switch | None, *, at_us: int) -> dict[str, Any]:
    report = None if switch is None else switch.assessment
    return {
        "feature": feature,
        "label": purposes()[feature].label,
        "works": switch is not None and switch.works(at_us),
        "assessment": None if report is None else report.id,
        "valid_until": None if report is None else format_iso(report.valid_until_us),
        "since": None if switch is None else format_iso(switch.at_us),
        "actor": None if switch is None else switch.actor,
    }
