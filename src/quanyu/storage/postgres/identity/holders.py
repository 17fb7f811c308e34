"""Whose is whose: the identifiers that are one person now, for what is kept per identifier."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Person
from quanyu.ids import Token
from quanyu.storage.postgres.identity.lookups import lookup
from quanyu.storage.postgres.identity.registry import register
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql


def identifiers_of(
    tx: psycopg.Connection, merchant: str, *, holder: Identifier
) -> Sequence[Identifier]:
    """All identifiers of the person, the given one among them."""
    return list(persons_of(tx, merchant, holders=[holder])) or [holder]


def persons_of(
    tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]
) -> dict[Identifier, Identifier]:
    """Every identifier of these persons → one that stands for the person. Nothing is said of
    identifiers that nobody has linked or seen."""
    args = {"merchant": merchant, **columns_of(holders)}
    rows = tx.execute(sql("identity/persons_of_identifiers"), args, binary=True).fetchall()
    first: dict[int, Identifier] = {}
    named: dict[Identifier, Identifier] = {}
    for person, kind, token in sorted(rows):
        one = kind, Token(bytes(token))
        named[one] = first.setdefault(person, one)
    return named


def identifiers_of_nodes(tx: psycopg.Connection, nodes: Sequence[int]) -> list[Identifier]:
    rows = tx.execute(sql("identity/identifiers_of_nodes"), {"nodes": list(nodes)}, binary=True)
    return [(kind, Token(bytes(token))) for kind, token in rows]


def met(conn: psycopg.Connection, merchant: str, *, identifier: Identifier) -> Person | None:
    """The person with an identifier, also one whom no event has named and who holds something."""
    person = lookup(conn, merchant, identifier=identifier)
    if person is not None:
        return person
    kind, token = identifier
    number = known_merchant_no(conn, merchant)
    args = {"merchant": merchant, "merchant_no": number, "kind": kind, "token": token}
    row = conn.execute(sql("privacy/held"), args).fetchone()
    if row is None or not row[0]:
        return None
    register(conn, merchant, pairs=[identifier])
    return lookup(conn, merchant, identifier=identifier)


def columns_of(holders: Sequence[Identifier]) -> dict[str, list[Any]]:
    """For a statement that unnests them."""
    return {"kinds": [kind for kind, _ in holders], "tokens": [token for _, token in holders]}
