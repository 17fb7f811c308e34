"""The price history in PostgreSQL: own orders step by step, those of others as the log tells."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import psycopg

from quanyu.clock import CHINA_OFFSET_US, DAY_US, day_number
from quanyu.compliance.prices.reviewing import ShopItem
from quanyu.compliance.prices.trades import Trade
from quanyu.events.event import Event, LoggedEvent
from quanyu.merchants.listings.item import Item
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.trades import Sold
from quanyu.storage.postgres.listings import PostgresListings
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

LATEST = 100
"""Moments looked at in one step back; suspected orders among them are passed over."""


class PostgresTrades:
    """The ports ``PriceHistory``, ``SuggestedPrices`` and ``TradeStore``."""

    def add(
        self, tx: psycopg.Connection, order: Order, *, sold: Sequence[Sold], paid_us: int
    ) -> None:
        row = {
            **_columns(tx, order, sold=sold), "paid_us": paid_us,
            "shops": [one.shop for one in sold], "items": [one.item for one in sold],
        }  # fmt: skip
        added = tx.execute(sql("prices/add"), row).rowcount
        assert added == len(sold), "each line has its trades once"

    def take_back(self, tx: psycopg.Connection, order: Order, *, back: Sequence[Sold]) -> None:
        changed = tx.execute(sql("prices/take_back"), _columns(tx, order, sold=back)).rowcount
        assert changed == len(back), "what goes back was sold"

    def trades(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        of: tuple[str, str],
        since_us: int,
        until_us: int,
    ) -> Sequence[Trade]:
        args = {**_place(tx, merchant, of=of), "since_us": since_us, "until_us": until_us}
        return [
            Trade(
                order=order, paid_us=paid_us, unit_fen=unit_fen, quantity=quantity,
                refunded=refunded, flagged=flagged,
            )
            for order, paid_us, unit_fen, quantity, refunded, flagged in tx.execute(
                sql("prices/trades"), args
            )
        ]  # fmt: skip

    def last_before(
        self, tx: psycopg.Connection, merchant: str, *, of: tuple[str, str], before_us: int
    ) -> Sequence[Trade]:
        args = {**_place(tx, merchant, of=of), "limit": LATEST}
        until_us = before_us
        while moments := tx.execute(
            sql("prices/days_before"), {**args, "before_us": until_us}
        ).fetchall():
            for day in sorted({day_number(paid_us) for (paid_us,) in moments}, reverse=True):
                since_us = day * DAY_US - CHINA_OFFSET_US
                end_us = min(before_us, since_us + DAY_US)
                found = self.trades(tx, merchant, of=of, since_us=since_us, until_us=end_us)
                if any(one.counts for one in found):
                    return found
                until_us = since_us
        return []

    def suggested(
        self, tx: psycopg.Connection, merchant: str, *, of: Collection[ShopItem]
    ) -> dict[ShopItem, int]:
        """What items say of their makers."""
        ids = [item for _, item in of]
        found = PostgresListings().find(tx, merchant, form=Item, ids=ids)
        said = {(one.shop, one.id): one.suggested_fen for one in found}
        return {of: fen for of, fen in said.items() if fen is not None}


def _place(tx: psycopg.Connection, merchant: str, *, of: tuple[str, str]) -> dict[str, Any]:
    return {"merchant_no": merchant_no(tx, merchant), "shop": of[0], "item": of[1]}


def _columns(tx: psycopg.Connection, order: Order, *, sold: Sequence[Sold]) -> dict[str, Any]:
    return {
        "merchant_no": merchant_no(tx, order.merchant),
        "order": order.id,
        "lines": [one.line for one in sold],
        "units_fen": [one.unit_fen for one in sold],
        "quantities": [one.quantity for one in sold],
    }


class OutsideTrades:
    """Projection ``prices``: payments and refunds of orders that this engine did not place.

    An event of several lines tells no price of an item and is passed over.
    """

    name = "prices"

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        for kind, statement in (("payment_completed", "pay"), ("refund_completed", "refund")):
            told = [one for one in events if one.event.kind == kind and _is_of_one(one.event)]
            if told:
                tx.execute(sql(f"prices/{statement}_outside"), _told(tx, told))

    def reset(self, tx: psycopg.Connection) -> None:
        tx.execute(sql("prices/reset"))


def _is_of_one(event: Event) -> bool:
    """A payment names its item; a refund need not."""
    if event.order is None or event.amount_fen is None:
        return False
    if event.kind == "refund_completed":
        return True
    lines = event.props.get("lines", 1)
    return event.item is not None and isinstance(lines, int) and lines <= 1


def _told(tx: psycopg.Connection, told: Iterable[LoggedEvent]) -> dict[str, Any]:
    listed = list(told)
    numbers = {name: merchant_no(tx, name) for name in {one.merchant for one in listed}}
    return {
        "merchants": [numbers[one.merchant] for one in listed],
        "orders": [one.event.order for one in listed],
        "items": [one.event.item or "" for one in listed],
        "shops": [one.event.store or "" for one in listed],
        "paid_us": [one.event.at_us for one in listed],
        "amounts": [one.event.amount_fen for one in listed],
        "quantities": [_pieces(one.event) for one in listed],
    }


def _pieces(event: Event) -> int:
    """What the prop ``quantity`` says; one without it, or with one that is no count."""
    said = event.props.get("quantity", 1)
    counts = isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= 10_000
    return int(said) if counts else 1
