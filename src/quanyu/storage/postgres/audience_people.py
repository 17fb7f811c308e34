"""People as audiences see them: who an event belongs to, what somebody did, how they are called."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import psycopg

from quanyu.customers.audiences.history import PersonView
from quanyu.customers.identity.answers import public_id
from quanyu.customers.identity.kinds import shipped_kinds
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.definitions import TagValue
from quanyu.events.event import Event
from quanyu.ids import Token
from quanyu.storage.postgres.identity.people import take_person_changes
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_names
from quanyu.storage.postgres.sql_files import sql

_event = msgspec.msgpack.Decoder(Event).decode


class Nodes(Protocol):
    """Which node of the identity graph an event belongs to (identity's registry)."""

    def of(
        self, conn: psycopg.Connection, merchant: str, *, events: Sequence[Event]
    ) -> list[int]: ...


class Tags(Protocol):
    def of_persons(
        self, conn: psycopg.Connection, merchant: str, *, persons: Sequence[int]
    ) -> Mapping[int, Mapping[str, TagValue]]: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What audiences read besides their own tables."""

    catalogue: Catalogue
    nodes: Nodes
    tags: Tags
    moved: Callable[[psycopg.Connection, Collection[int]], object] = lambda tx, nodes: None
    """Hears first at which nodes the people have changed: tags are put right before anybody is
    looked at."""


def persons_of(conn: psycopg.Connection, nodes: Iterable[int]) -> dict[int, int]:
    """Node → person."""
    return dict(conn.execute(sql("audiences/persons"), {"nodes": list(nodes)}).fetchall())


def gone(conn: psycopg.Connection, persons: Iterable[int]) -> set[int]:
    """Numbers that stand for nobody any more, because their node belongs to another person."""
    return {node for node, person in persons_of(conn, persons).items() if node != person}


def moved(conn: psycopg.Connection) -> dict[str, set[int]]:
    """Merchant → persons made, changed or ended by merges and unmerges since the last asking."""
    found: dict[str, set[int]] = {}
    changes = take_person_changes(conn)
    names = merchant_names(conn) if changes else {}
    for number, nodes in changes:
        found.setdefault(names[number], set()).update(nodes)
    return found


def views(
    conn: psycopg.Connection,
    persons: Mapping[int, Iterable[Event]],
    *,
    tags: Mapping[int, Mapping[str, TagValue]],
) -> dict[int, PersonView]:
    """Everybody's history, and the given events that may not be in it yet."""
    found = {p: {event.event_id: event for event in events} for p, events in persons.items()}
    args = {"persons": list(persons)}
    for person, raw in conn.execute(sql("audiences/histories"), args, binary=True):
        event = _event(raw)
        found[person][event.event_id] = event
    return {p: PersonView(tags.get(p, {}), events.values()) for p, events in found.items()}


def public_ids(
    conn: psycopg.Connection, merchant: str, *, persons: Collection[int]
) -> dict[int, str]:
    """``p_`` and the beginning of the smallest token of the person."""
    args = {"merchant_no": known_merchant_no(conn, merchant), "persons": list(persons)}
    rows = conn.execute(sql("audiences/public_ids"), args, binary=True)
    return {person: public_id([Token(bytes(token))]) for person, token in rows}


def person_with(
    conn: psycopg.Connection, merchant: str, *, identifier: tuple[str, bytes]
) -> int | None:
    kind, token = identifier
    args = {"merchant_no": known_merchant_no(conn, merchant), "kind": kind, "token": token}
    row = conn.execute(sql("audiences/person_of_identifier"), args).fetchone()
    return None if row is None else int(row[0])


def page_of_people(conn: psycopg.Connection, merchant: str, *, after: int, limit: int) -> list[int]:
    args = {"merchant_no": known_merchant_no(conn, merchant), "after": after, "limit": limit}
    return [int(row[0]) for row in conn.execute(sql("audiences/people_after"), args)]


def strongest(tx: psycopg.Connection, persons: Sequence[int]) -> dict[int, tuple[str, Token]]:
    """Person → the identifier that benefits follow."""
    known: dict[int, list[tuple[str, Token]]] = {}
    rows = tx.execute(sql("audiences/holders"), {"persons": list(persons)}, binary=True)
    for person, kind, token in rows:
        known.setdefault(person, []).append((kind, Token(bytes(token))))
    kinds = shipped_kinds()
    return {person: kinds.strongest(identifiers) for person, identifiers in known.items()}
