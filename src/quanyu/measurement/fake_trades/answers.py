"""What is told of suspected orders."""

from enum import StrEnum
from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.compliance.trades.evidence import Evidence

PPM = 1_000_000


class Standing(StrEnum):
    """Suspected and confirmed orders count nowhere; a cleared one counts, and stays cleared."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"
    """In histories only: a newer scan of the order found nothing."""


class Against(msgspec.Struct, frozen=True):
    """Why an order is suspected. Nobody and no device is named."""

    kind: str
    """lockstep or shared, as the scan calls groups; person: nothing but somebody's word."""
    score: float
    """Mean of the orders of the group."""
    buyers: int
    items: int
    orders: int
    density: float
    evidence: tuple[Evidence, ...]
    """Of the group."""
    shows: tuple[str, ...]
    """Features that this very order shows."""
    accounts: int = 0
    """Of the group; 0 where it was not counted."""


BY_PERSON = Against("person", 0.0, 0, 0, 1, 0.0, (), ())


class Change(msgspec.Struct, frozen=True):
    at_us: int
    became: Standing
    actor: str
    note: str
    score_ppm: int
    scan: str

    def as_json(self) -> dict[str, Any]:
        told = {"at": format_iso(self.at_us), "became": self.became.value, "actor": self.actor}
        return {**told, "note": self.note, "score": self.score_ppm / PPM, "scan": self.scan}


class SuspectedOrder(msgspec.Struct, frozen=True, tag="suspected_order"):
    order: str
    state: Standing
    score_ppm: int
    scan: str
    against: Against
    since_us: int
    history: tuple[Change, ...] = ()
    by_person: bool = False
    """A person has suspected it, with or without a scan: no scan withdraws that."""

    def as_json(self) -> dict[str, Any]:
        return {
            "order": self.order,
            "state": self.state.value,
            "score": self.score_ppm / PPM,
            "since": format_iso(self.since_us),
            "scan": self.scan,
            "by_person": self.by_person,
            "against": msgspec.to_builtins(self.against),
            "history": [one.as_json() for one in self.history],
        }


class ScanDone(msgspec.Struct, frozen=True, tag="fraud_scan"):
    """What a scan of the engine's own orders has found and changed."""

    scan: str
    at_us: int
    days: int
    orders: int
    flagged: int
    """Of the orders looked at."""
    flagged_fen: int
    new: int
    still: int
    """Suspected before already."""
    decided: int
    """A person had said before what they are; nothing has changed."""
    withdrawn: int
    """No longer suspected."""
    blocks: tuple[Against, ...] = ()

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        del told["type"], told["at_us"]
        return {**told, "at": format_iso(self.at_us)}
