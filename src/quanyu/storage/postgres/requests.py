"""Answers by (merchant, operation, key), in the transaction of the command."""

from typing import Any

import psycopg

from quanyu.events.requests import Conflict, Request
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresRequests:
    """The primary key makes twins wait for each other: the second one reads the first's answer.

    A transaction that rolls back takes its row along, so a request that failed may come again.
    """

    def begin(self, tx: psycopg.Connection, request: Request) -> bytes | Conflict | None:
        args = {**self._place(tx, request), "fingerprint": request.fingerprint}
        if tx.execute(sql("requests/begin"), args).fetchone() is not None:
            return None
        row = tx.execute(sql("requests/find"), args).fetchone()
        assert row is not None, "it was there a moment ago, and rows of requests stay"
        fingerprint, answer = row
        if fingerprint != request.fingerprint:
            return Conflict.KEY_USED_FOR_ANOTHER_REQUEST
        assert answer is not None, "a request commits together with its answer"
        return bytes(answer)

    def answer(self, tx: psycopg.Connection, request: Request, *, answer: bytes) -> None:
        args = {**self._place(tx, request), "answer": answer}
        written = tx.execute(sql("requests/answer"), args).rowcount
        assert written == 1, "a request is answered once, by who began it"

    def _place(self, tx: psycopg.Connection, request: Request) -> dict[str, Any]:
        number = merchant_no(tx, request.merchant)
        return {"merchant_no": number, "operation": request.operation, "key": request.key}
