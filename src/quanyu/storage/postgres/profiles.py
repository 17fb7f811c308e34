"""Reads people: their states, their newest events, their consent ledger."""

from collections.abc import Sequence

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.consent import ADULT_AGE, ConsentEntry, Subject
from quanyu.customers.profile.catalogue import Catalogue, States
from quanyu.customers.profile.service import StoredPerson
from quanyu.events.event import Event
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.lookups import lookup
from quanyu.storage.postgres.profile_projection import birth_year, decode_states
from quanyu.storage.postgres.sql_files import sql

_event = msgspec.msgpack.Decoder(Event).decode
LEDGER_FIELDS = ("purpose", "action", "notice_version", "at_us", "actor", "number", "recipient")


def ledger(conn: psycopg.Connection, nodes: Sequence[int]) -> tuple[ConsentEntry, ...]:
    """The consent ledger of some nodes, oldest line first."""
    rows = conn.execute(sql("privacy/consents"), {"nodes": list(nodes)})
    return tuple(ConsentEntry(**dict(zip(LEDGER_FIELDS, row, strict=True))) for row in rows)


def ledger_record(conn: psycopg.Connection, nodes: Sequence[int]) -> bytes:
    """The ledger in one fixed form, for proofs."""
    return msgspec.msgpack.encode(ledger(conn, nodes))


class PostgresProfiles:
    """The port ``ProfileStore``."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    def person(self, merchant: str, identifier: Identifier, *, limit: int) -> StoredPerson | None:
        with self._database.transaction() as conn:
            identity = lookup(conn, merchant, identifier=identifier)
            if identity is None:
                return None
            numbers = [node.node for node in identity.nodes]
            states = _states(conn, numbers)
            return StoredPerson(
                identity=identity,
                states=states,
                events=_events(conn, numbers, limit=limit),
                subject=self._subject(conn, numbers, states=states),
            )

    def _subject(
        self, conn: psycopg.Connection, nodes: Sequence[int], *, states: Sequence[States]
    ) -> Subject:
        noted = minor_through(conn, nodes)
        return Subject(ledger(conn, nodes), youngest(self._catalogue, states), noted is not None)


def minor_through(conn: psycopg.Connection, nodes: Sequence[int]) -> int | None:
    """Last year in which the person of some nodes counts as under age; None when nobody has
    noted that the person was a minor here."""
    row = conn.execute(sql("privacy/minor_through"), {"nodes": list(nodes)}).fetchone()
    return None if row is None else row[0]


def subject_of(conn: psycopg.Connection, nodes: Sequence[int]) -> Subject:
    """What is known of a person without reading tags: of adults, no year of birth."""
    through = minor_through(conn, nodes)
    born = None if through is None else through - ADULT_AGE
    return Subject(ledger(conn, nodes), born, through is not None)


def youngest(catalogue: Catalogue, states: Sequence[States]) -> int | None:
    """Year of birth of a person. When nodes differ, the youngest counts: it protects most."""
    years = [year for held in states if (year := birth_year(catalogue, held)) is not None]
    return max(years, default=None)


def _states(conn: psycopg.Connection, nodes: Sequence[int]) -> tuple[States, ...]:
    rows = conn.execute(sql("profiles/state_bytes"), {"nodes": list(nodes)}, binary=True)
    return tuple(decode_states(raw) for (raw,) in rows)


def _events(conn: psycopg.Connection, nodes: Sequence[int], *, limit: int) -> tuple[Event, ...]:
    args = {"nodes": list(nodes), "limit": limit or None}
    rows = conn.execute(sql("profiles/latest_events"), args, binary=True)
    return tuple(_event(raw) for (raw,) in rows)
