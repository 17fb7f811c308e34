"""Erasure as a request that survives crashes: its steps, and the receipt that stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quanyu.clock import format_iso
from quanyu.customers.identity.anchors import Identifier


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased. Nothing in it tells whose it was."""

    number: str
    erased: Mapping[str, int]
    """Where → how many rows or events."""
    requested_us: int
    finished_us: int

    def as_json(self) -> dict[str, Any]:
        return {
            "receipt": self.number,
            "erased": dict(self.erased),
            "requested_at": format_iso(self.requested_us),
            "finished_at": format_iso(self.finished_us),
        }


class Eraser(Protocol):
    def erase(
        self, merchant: str, identifier: Identifier, *, spellings: Sequence[str]
    ) -> Receipt | None:
        """Erases the person with an identifier; None when nobody has it. ``spellings`` of its raw
        value, for stores that keep refused input. Takes up where a crash left off."""

    def resume(self) -> list[Receipt]:
        """Finishes what a crash interrupted."""

    def erased(self, merchant: str, identifier: Identifier) -> str | None:
        """Receipt number of an erasure that covered this identifier."""
