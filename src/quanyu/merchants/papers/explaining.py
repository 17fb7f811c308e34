"""Why something was let through or refused, with the law and the papers of that day."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import msgspec

from quanyu.clock import format_iso
from quanyu.compliance.verdict import Hit


class Reviewed(msgspec.Struct, frozen=True):
    """One verdict as it was kept."""

    day: date
    """By whose law it was judged."""
    at_us: int
    industry: str
    verdict: str
    shown_sha256: str
    """Of everything that was to be shown."""
    hits: tuple[Hit, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "on": self.day.isoformat(),
            "at": format_iso(self.at_us),
            "industry": self.industry,
            "verdict": self.verdict,
            "shown_sha256": self.shown_sha256,
            "hits": [msgspec.to_builtins(hit) for hit in self.hits],
        }


class Reviews(Protocol):
    def of(self, merchant: str, kind: str, *, id: str, limit: int) -> Sequence[Reviewed]:
        """Newest first."""
