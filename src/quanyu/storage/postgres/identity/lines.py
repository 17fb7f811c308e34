"""Writing the ledger and reading it as people see it."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Edge, EdgeId, Said
from quanyu.customers.identity.ledger import Line, Verdict
from quanyu.customers.identity.rules import rule_names
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.sql_files import sql


def append(
    conn: psycopg.Connection, merchant: Merchant, *, lines: Sequence[Line], recorded_us: int
) -> list[tuple[int, int]]:
    """Pairs of nodes about which the ledger says something new. All lines share rule, actor and
    action.

    Assertions by an engine rule are kept only when they change what the ledger folds to. Evidence
    travels in lines of text: JSON as we write it holds no line feed.
    """
    first = lines[0]
    repeats = first.rule in rule_names("engine") and not first.retracts
    args = {
        "merchant_no": merchant.number,
        "rule": first.rule,
        "actor": first.actor,
        "retracts": first.retracts,
        "recorded_us": recorded_us,
        "a": [line.a for line in lines],
        "b": [line.b for line in lines],
        "at_us": [line.at_us for line in lines],
        "weight": [line.weight for line in lines],
        "evidence": b"\n".join(line.evidence for line in lines).decode(),
    }
    statement = sql("identity/append_news" if repeats else "identity/append")
    return conn.execute(statement, args).fetchall()


def evidence_bytes(evidence: Any) -> bytes:
    return msgspec.json.encode(evidence, order="deterministic")


def edge_of(conn: psycopg.Connection, merchant: Merchant, *, edge: EdgeId) -> Edge | None:
    args = {"merchant_no": merchant.number, "a": edge.a, "b": edge.b, "rule": edge.rule}
    found = _edges(conn, conn.execute(sql("identity/edge"), args).fetchall())
    return found[0] if found else None


def edges_at(conn: psycopg.Connection, merchant: Merchant, *, nodes: Iterable[int]) -> list[Edge]:
    args = {"merchant_no": merchant.number, "nodes": list(nodes)}
    return _edges(conn, conn.execute(sql("identity/edges_at"), args).fetchall())


def edges_in_review(conn: psycopg.Connection, merchant: Merchant, *, limit: int) -> list[Edge]:
    args = {"merchant_no": merchant.number, "limit": limit}
    return _edges(conn, conn.execute(sql("identity/review"), args).fetchall())


def _edges(conn: psycopg.Connection, rows: list[Any]) -> list[Edge]:
    nodes = {node for row in rows for node in row[:2]}
    found = conn.execute(sql("identity/identifiers"), {"nodes": list(nodes)}, binary=True)
    known: dict[int, Identifier] = {node: (kind, token) for node, kind, token, _ in found}
    return [
        Edge(
            EdgeId(a, b, rule),
            (known[a], known[b]),
            Verdict(verdict),
            tuple(Said(*line[4:]) for line in lines),
        )
        for (a, b, rule, verdict), lines in groupby(rows, key=lambda row: row[:4])
    ]
