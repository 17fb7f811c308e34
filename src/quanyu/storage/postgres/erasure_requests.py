"""Requests for erasure: noted before anything is removed, ticked off step by step, proved later.

A proof is a keyed hash of the token under the number of the receipt: it answers "was this person
erased?" and tells nobody who it was.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.erasure import Receipt
from quanyu.ids import derive_key, random_id
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.holders import met
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.profiles import ledger_record
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.sql_files import sql

PROOF_BYTES = 16
WHOLE_VALUE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Open:
    """An erasure that is not finished."""

    receipt: str
    merchant: str
    nodes: list[int]
    tokens: list[bytes]
    steps: list[str]


class ErasureRequests:
    def __init__(
        self, database: Database, quarantine: Quarantine, *, secrets: tuple[bytes, Clock]
    ) -> None:
        self._database = database
        self._quarantine = quarantine
        self._master_key, self._clock = secrets

    def open(self) -> list[Open]:
        with self._database.transaction() as conn:
            return [Open(*row) for row in conn.execute(sql("privacy/open_erasures"))]

    def finish(self, receipt: str) -> Receipt:
        with self._database.transaction() as conn:
            args = {"receipt": receipt, "finished_us": self._clock.now_us()}
            row = conn.execute(sql("privacy/finish_erasure"), args).fetchone()
        assert row is not None, "the request was noted first"
        return Receipt(*row)

    def erased(self, merchant: str, identifier: Identifier) -> str | None:
        with self._database.transaction() as conn:
            args = {"merchant_no": known_merchant_no(conn, merchant)}
            rows = conn.execute(sql("privacy/proofs"), args).fetchall()
        for receipt, proofs in rows:
            if self._proof(merchant, receipt, what=identifier[1]) in proofs:
                return str(receipt)
        return None

    def _proof(self, merchant: str, receipt: str, *, what: bytes) -> bytes:
        key = derive_key(self._master_key, "erasure", merchant)
        return hmac.digest(key, receipt.encode() + b"\0" + what, "sha256")[:PROOF_BYTES]

    def add(self, merchant: str, identifier: Identifier, *, spellings: Sequence[str]) -> str | None:
        """Note the request. Refused input goes here: only now is the raw value known."""
        receipt = random_id("erasure")
        with self._database.transaction() as conn:
            person = met(conn, merchant, identifier=identifier)
            needles = [_unmistakable(spelling) for spelling in spellings]
            refused = self._quarantine.erase(conn, merchant, values=needles)
            if person is None and not refused:
                return None
            nodes = () if person is None else person.nodes
            numbers = [node.node for node in nodes]
            tokens = [node.token for node in nodes]
            consents = ledger_record(conn, numbers)
            args = {
                "receipt": receipt,
                "merchant_no": known_merchant_no(conn, merchant),
                "nodes": numbers,
                "tokens": tokens,
                "proofs": [self._proof(merchant, receipt, what=token) for token in tokens],
                "consents": self._proof(merchant, receipt, what=consents),
                "erased": Jsonb({"identifiers": len(nodes), "quarantine": refused}),
                "requested_us": self._clock.now_us(),
            }
            conn.execute(sql("privacy/request_erasure"), args)
        return receipt


def step_done(
    conn: psycopg.Connection, request: Open, *, step: str, erased: Mapping[str, int]
) -> None:
    args = {"receipt": request.receipt, "step": step, "erased": Jsonb(dict(erased))}
    conn.execute(sql("privacy/step_done"), args)


def _unmistakable(value: str) -> str:
    """A short value is looked for between quotes: 12 is a part of many other things."""
    return value if len(value) >= WHOLE_VALUE_LENGTH else f'"{value}"'
