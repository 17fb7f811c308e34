"""The port ``CouponStore``: commands through the queue of the writer, reads beside it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Outcome
from quanyu.promotions.coupons.refusals import Refused
from quanyu.storage.postgres.coupons.batch_rows import CodeBatch
from quanyu.storage.postgres.coupons.batches import Batches, Told
from quanyu.storage.postgres.coupons.loading import Person, only_itself
from quanyu.storage.postgres.coupons.rows import coupon_of
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql

LIST_MAX = 1000


class PostgresCoupons:
    def __init__(
        self,
        database: Database,
        submit: Callable[[AnyCommand], "Future[Outcome]"],
        *,
        batches: Batches,
        person: Person = only_itself,
    ) -> None:
        self._database = database
        self._submit = submit
        self._batches = batches
        self._person = person

    def submit(self, command: AnyCommand) -> "Future[Outcome]":
        return self._submit(command)

    def find(
        self, merchant: str, *, ids: Sequence[str] = (), orders: Sequence[str] = ()
    ) -> list[Coupon]:
        """Newest first."""
        with self._database.transaction() as tx:
            return found(tx, merchant, wanted={"ids": list(ids), "orders": list(orders)})

    def of_person(self, merchant: str, holder: Identifier) -> list[Coupon]:
        """Of all identifiers of whoever has this one."""
        with self._database.transaction() as tx:
            tokens = [token for _, token in self._person(tx, merchant, holder)]
            return found(tx, merchant, wanted={"tokens": tokens})

    def make_codes(
        self, merchant: str, batch: str, *, offer: str, pieces: int, told: Told
    ) -> CodeBatch | Refused:
        wanted = CodeBatch(merchant, batch, offer, pieces, 0)
        return self._batches.make(wanted, told)

    def batch(self, merchant: str, batch: str) -> CodeBatch | None:
        return self._batches.find(merchant, batch)


def found(tx: psycopg.Connection, merchant: str, *, wanted: dict[str, list[Any]]) -> list[Coupon]:
    args = {"ids": [], "tokens": [], "orders": [], **wanted, "limit": LIST_MAX}
    number = known_merchant_no(tx, merchant)
    rows = tx.execute(sql("coupons/find"), {**args, "merchant_no": number}).fetchall()
    return [coupon_of(row, row[17]) for row in rows]
