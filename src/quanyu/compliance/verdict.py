"""What a check says: each hit with its article and its mend, and the strictest of them all."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec


class Severity(StrEnum):
    """From nothing to say to must not be shown; ``strictest`` goes by this order."""

    PASS = "pass"  # noqa: S105 — a verdict, no password
    WARN = "warn"
    LABEL = "label"
    """May be shown with a mark that it does not carry yet."""
    NEED_PROOF = "need_proof"
    BLOCK = "block"


STRICTNESS = {severity: place for place, severity in enumerate(Severity)}


def strictest(severities: Iterable[Severity]) -> Severity:
    return max(severities, key=STRICTNESS.__getitem__, default=Severity.PASS)


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. Spans count characters of the text as it was given, end exclusive."""

    rule: str
    article: str
    """Instrument and article, such as 《广告法》第九条第（三）项."""
    severity: Severity
    why: str
    suggestion: str
    start: int = 0
    end: int = 0
    text: str = ""
    exempt: str | None = None
    """The article that lifts it; an exempt hit is told and does not count."""
    field: str = "text"
    """Which text or figure of what is to be shown."""

    @property
    def counts_as(self) -> Severity:
        return Severity.PASS if self.exempt is not None else self.severity


class Verdict(msgspec.Struct, frozen=True):
    hits: tuple[Hit, ...] = ()

    @property
    def verdict(self) -> Severity:
        return strictest(hit.counts_as for hit in self.hits)

    @property
    def may_be_shown(self) -> bool:
        """As it is: neither blocked, nor lacking a proof or a label."""
        return STRICTNESS[self.verdict] <= STRICTNESS[Severity.WARN]

    @property
    def gravest(self) -> Hit | None:
        """The first of the strictest hits; None when every hit is exempt or there is none."""
        found = [hit for hit in self.hits if hit.counts_as is not Severity.PASS]
        return max(found, key=lambda hit: STRICTNESS[hit.counts_as], default=None)

    def as_json(self) -> dict[str, Any]:
        return {"verdict": self.verdict, "hits": [msgspec.to_builtins(hit) for hit in self.hits]}


def joined(verdicts: Iterable[Verdict]) -> Verdict:
    return Verdict(tuple(hit for one in verdicts for hit in one.hits))
