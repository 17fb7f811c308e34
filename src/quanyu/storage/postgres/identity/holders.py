"""Whose is whose: the identifiers that are one person now, for what is kept per identifier."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token
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


def columns_of(holders: Sequence[Identifier]) -> dict[str, list[Any]]:
    """For a statement that unnests them."""
    return {"kinds": [kind for kind, _ in holders], "tokens": [token for _, token in holders]}
