"""Identity follows the log: identifiers get numbers, events with several of them link these."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import psycopg

from quanyu.customers.identity.anchors import star
from quanyu.customers.identity.ledger import Line
from quanyu.events.event import LoggedEvent
from quanyu.storage.postgres.identity.lines import append, evidence_bytes
from quanyu.storage.postgres.identity.people import People, lock_merchant
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.identity.registry import Numbers, Registry
from quanyu.storage.postgres.merchants import merchant_names, merchant_no

RULE = "same_event"
ACTOR = "events"


class IdentityProjection:
    name = "identity"

    def __init__(self, people: People, registry: Registry) -> None:
        self._people = people
        self._registry = registry

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        ordered = sorted(events, key=attrgetter("merchant"))
        for name, some in groupby(ordered, key=attrgetter("merchant")):
            self._apply(tx, name, events=list(some))

    def _apply(self, tx: psycopg.Connection, name: str, *, events: list[LoggedEvent]) -> None:
        merchant = Merchant(name, merchant_no(tx, name))
        linking = [one for one in events if len(one.event.identifiers) > 1]
        if linking:
            lock_merchant(tx, merchant)
        seen = {pair for one in events for pair in one.event.identifiers}
        numbers = self._registry.register(tx, name, pairs=seen)
        if linking:
            lines = self._lines(name, linking, numbers=numbers)
            recorded_us = max(one.event.received_us for one in linking)
            told = append(tx, merchant, lines=lines, recorded_us=recorded_us)
            self._people.settle(tx, merchant, nodes={node for pair in told for node in pair})

    def _lines(self, merchant: str, events: list[LoggedEvent], *, numbers: Numbers) -> list[Line]:
        """The earliest line per pair. A sender's clock that is ahead does not date a line after
        its receipt, so that a later retraction always finds it earlier."""
        lines: dict[tuple[int, int], Line] = {}
        for logged in events:
            event = logged.event
            blocked = self._people.blocked.among(merchant, event)
            at_us = min(event.at_us, event.received_us)
            for one, other in star(event, blocked):
                a, b = sorted((numbers[one], numbers[other]))
                known = lines.get((a, b))
                if known is None or at_us <= known.at_us:
                    evidence = evidence_bytes(
                        {"event": event.event_id, "touchpoint": event.touchpoint}
                    )
                    line = Line(a, b, RULE, at_us, ACTOR, evidence)
                    lines[a, b] = line if known is None else min(line, known, key=_age)
        return list(lines.values())

    def reset(self, tx: psycopg.Connection) -> None:
        """People follow from the ledger, which is kept: it holds more than the log does."""
        for number, name in sorted(merchant_names(tx).items()):
            merchant = Merchant(name, number)
            lock_merchant(tx, merchant)
            self._people.rebuild(tx, merchant)


def _age(line: Line) -> tuple[int, bytes]:
    return line.at_us, line.evidence
