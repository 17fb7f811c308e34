"""What came of decisions, folded from the log."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg

from quanyu.clock import DAY_US
from quanyu.events.event import Event, LoggedEvent
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

INHERITED_DAYS = 7
POSITION_MAX = 999
PAID = "payment_completed"
KINDS = {
    "impression": "impression", "click": "click", "favourite": "favourite",
    "add_to_cart": "add_to_cart", "order_placed": "order_placed", PAID: PAID,
    "store_arrived": "store_visited",
}  # fmt: skip
"""Kind of event → kind of outcome."""
OF_MONEY = ("order_placed", PAID)
_TRACE = re.compile(r"[0-9a-f]{32}")


class Nodes(Protocol):
    """Which node of the identity graph keeps an event (identity's registry)."""

    def of(
        self, conn: psycopg.Connection, merchant: str, *, events: Sequence[Event]
    ) -> list[int]: ...


class Outcomes:
    """Projection ``outcomes``: one row for each kind of thing that happened to a slot.

    An event counts for the slot that it names: ``decision`` is the trace in hex, the prop
    ``position`` the place in the answer. A payment that names none, but its item, counts for the
    latest click of the person on that item within INHERITED_DAYS before it, where the answer was
    a personal one. Of several events of one kind the earliest time stands and amounts add up.
    Only clicks that stand in the log before the payment count, so that batches of any size and a
    rebuild give the same; who is one person is as of the folding. Refunds take nothing back.
    """

    name = "outcomes"

    def __init__(self, *, nodes: Nodes) -> None:
        self._nodes = nodes

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        told = [one for one in events if one.event.kind in KINDS]
        direct = [(one, slot) for one in told if (slot := slot_of(one.event)) is not None]
        if direct:
            tx.execute(sql("decisions/add_outcomes"), _direct(tx, direct))
        heirs = [one for one in told if inherits(one.event)]
        if heirs:
            tx.execute(sql("decisions/inherit_outcomes"), self._heirs(tx, heirs))

    def reset(self, tx: psycopg.Connection) -> None:
        tx.execute(sql("decisions/reset_outcomes"))

    def _heirs(self, tx: psycopg.Connection, paid: Sequence[LoggedEvent]) -> dict[str, Any]:
        nodes: dict[int, int] = {}
        for merchant in sorted({one.merchant for one in paid}):
            theirs = [one for one in paid if one.merchant == merchant]
            found = self._nodes.of(tx, merchant, events=[one.event for one in theirs])
            nodes |= {one.offset: node for one, node in zip(theirs, found, strict=True)}
        return {
            **_columns(tx, paid),
            "nodes": [nodes[one.offset] for one in paid],
            "kind": PAID,
            "within_us": INHERITED_DAYS * DAY_US,
        }


def slot_of(event: Event) -> tuple[bytes, int] | None:
    """(Trace, position) that an event names; None for what no decision of ours can be."""
    position = event.props.get("position")
    counts = isinstance(position, int) and not isinstance(position, bool)
    if not counts or event.decision is None or _TRACE.fullmatch(event.decision) is None:
        return None
    place = int(position or 0)
    return (bytes.fromhex(event.decision), place) if 0 <= place <= POSITION_MAX else None


def inherits(event: Event) -> bool:
    return event.kind == PAID and event.item is not None and slot_of(event) is None


def _direct(
    tx: psycopg.Connection, told: Sequence[tuple[LoggedEvent, tuple[bytes, int]]]
) -> dict[str, Any]:
    return {
        **_columns(tx, [one for one, _ in told]),
        "traces": [trace for _, (trace, _) in told],
        "positions": [position for _, (_, position) in told],
        "kinds": [KINDS[one.event.kind] for one, _ in told],
    }


def _columns(tx: psycopg.Connection, told: Sequence[LoggedEvent]) -> dict[str, Any]:
    numbers = {name: merchant_no(tx, name) for name in {one.merchant for one in told}}
    return {
        "merchants": [numbers[one.merchant] for one in told],
        "items": [one.event.item for one in told],
        "at": [one.event.at_us for one in told],
        "amounts": [_amount_fen(one.event) for one in told],
        "offsets": [one.offset for one in told],
    }


def _amount_fen(event: Event) -> int:
    return (event.amount_fen or 0) if event.kind in OF_MONEY else 0
