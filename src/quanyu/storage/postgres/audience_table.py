"""Definitions at rest: the table of audiences, and plans made from it."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec
import psycopg

from quanyu.customers.audiences.decode import decode_definition
from quanyu.customers.audiences.plan import Plan
from quanyu.customers.audiences.resolve import resolve
from quanyu.customers.audiences.tree import Node, to_json
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.errors import BadInput
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_no
from quanyu.storage.postgres.sql_files import sql


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    name: str
    definition: str
    version: int
    created_us: int
    updated_us: int
    epoch: int
    refresh_us: int

    @property
    def form(self) -> dict[str, Any]:
        """The definition as JSON value."""
        return cast(dict[str, Any], msgspec.json.decode(self.definition))


def rows_of(conn: psycopg.Connection, merchant: str) -> dict[str, Row]:
    """Name → audience."""
    args = {"merchant_no": known_merchant_no(conn, merchant)}
    rows = [Row(*row) for row in conn.execute(sql("audiences/of_merchant"), args)]
    return {row.name: row for row in rows}


def put(
    conn: psycopg.Connection, merchant: str, *, name: str, tree: Node, now_us: int
) -> tuple[int, int]:
    """Create or replace; returns (number, version)."""
    args = {
        "merchant_no": merchant_no(conn, merchant),
        "name": name,
        "definition": msgspec.json.encode(to_json(tree)).decode(),
        "now_us": now_us,
    }
    row = conn.execute(sql("audiences/put"), args).fetchone()
    assert row is not None, "an upsert returns its row"
    return int(row[0]), int(row[1])


def remove(conn: psycopg.Connection, merchant: str, *, name: str) -> bool:
    args = {"merchant_no": known_merchant_no(conn, merchant), "name": name}
    return conn.execute(sql("audiences/remove"), args).fetchone() is not None


def trees_of(rows: dict[str, Row], catalogue: Catalogue) -> dict[str, Node]:
    """Name → tree. A definition whose tag is no longer declared is left out: its members stand
    still until it is mended, and the others go on."""
    words, trees = Vocabulary.of(catalogue), {}
    for name, row in rows.items():
        try:
            trees[name] = decode_definition(row.definition, words)
        except BadInput:
            continue
    return trees


class Plans:
    """Plans of merchants, made anew when a definition has changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._held: dict[str, tuple[object, Plan]] = {}

    def of(self, conn: psycopg.Connection, merchant: str) -> Plan:
        args = {"merchant_no": known_merchant_no(conn, merchant)}
        version = conn.execute(sql("audiences/versions"), args).fetchall()
        held = self._held.get(merchant)
        if held is None or held[0] != version:
            held = version, _made(rows_of(conn, merchant), self._catalogue)
            self._held[merchant] = held
        return held[1]


def _made(rows: dict[str, Row], catalogue: Catalogue) -> Plan:
    trees, resolved = trees_of(rows, catalogue), {}
    for name, tree in trees.items():
        try:
            resolved[rows[name].number] = resolve(tree, trees, name=name)
        except BadInput:
            continue
    return Plan(resolved, catalogue)
