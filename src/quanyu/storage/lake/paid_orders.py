"""Paid orders of the lake as a scan for fake trades looks at them."""

from collections.abc import Iterator
from typing import Any

import ibis

from quanyu.compliance.trades.orders import Gathering, Orders, Trade
from quanyu.customers.identity.kinds import shipped_kinds
from quanyu.measurement.overview import PAID, REFUNDED
from quanyu.storage.lake.engine import Expression
from quanyu.storage.lake.rows import json_text
from quanyu.storage.lake.table import Lake, Reading

DEVICE = "device"
SEEN_ITEM = ("view", "click", "favourite", "add_to_cart")
SEARCHED = "search"
SENT, DELIVERED, REVIEWED = "delivery_dispatched", "delivery_completed", "review_posted"
STARS = {json_text(n): n for n in range(1, 6)}


class LakePaidOrders:
    """The port ``PaidOrders``. A meal counts by its store, where it names no item."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def paid(self, merchant: str, *, from_us: int, to_us: int) -> Orders:
        def ask(reading: Reading) -> Orders:
            gathering = Gathering()
            for number, row in enumerate(_rows(reading, from_us, to_us=to_us), 1):
                gathering.add(_trade(row), place=str(number))
            return gathering.done()

        return self._lake.answer(merchant, ask)

    def is_paid(self, merchant: str, *, order: str) -> bool:
        def ask(reading: Reading) -> bool:
            events = reading.events.filter(reading.events.kind == PAID)
            wanted = events.filter(ibis.coalesce(events.order_id, events.event_id) == order)
            return bool(reading.rows(wanted.aggregate(n=wanted.count()))[0]["n"])

        return self._lake.answer(merchant, ask)


def _rows(reading: Reading, from_us: int, *, to_us: int) -> Iterator[dict[str, Any]]:
    events = reading.events
    paid = events.filter((events.kind == PAID) & events.at_us.between(from_us, to_us - 1))
    paid = paid.mutate(
        order=ibis.coalesce(paid.order_id, paid.event_id),
        goods=ibis.coalesce(paid["item"], paid.store),
    ).filter(lambda t: t.goods.notnull())
    paid = paid.select("person", "goods", "order", "at_us", "amount_fen", "identifiers", "event_id")
    rows = _with_looks(paid, events)
    for name, found in _of_orders(events).items():
        rows = rows.left_join(found, rows.order == found[f"{name}_order"])
        rows = rows.drop(f"{name}_order")
    somebody_looked = reading.rows(events.aggregate(n=_looks(events).sum()))[0]["n"]
    for row in reading.rows(rows.order_by("at_us", "event_id")):
        yield row | {"looks_known": bool(somebody_looked)}


def _looks(events: Expression) -> Any:
    return events.kind.isin([*SEEN_ITEM, SEARCHED]).cast("int64")


def _with_looks(paid: Expression, events: Expression) -> Expression:
    """``item_us``, ``search_us``: when the person first looked at the item, or searched at all."""
    looked = events.filter(events.kind.isin(SEEN_ITEM) & events["item"].notnull())
    items = looked.group_by(looker="person", looked_at="item").aggregate(item_us=looked.at_us.min())
    searched = events.filter(events.kind == SEARCHED)
    searches = searched.group_by(searcher="person").aggregate(search_us=searched.at_us.min())
    rows = paid.left_join(items, [paid.person == items.looker, paid.goods == items.looked_at])
    rows = rows.drop("looker", "looked_at")
    return rows.left_join(searches, rows.person == searches.searcher).drop("searcher")


def _of_orders(events: Expression) -> dict[str, Expression]:
    """What became of an order: one row each, under the name of its first column."""
    known = events.filter(events.order_id.notnull())

    def first(kind: str, name: str, **others: Any) -> Expression:
        rows = known.filter(known.kind == kind)
        figures = {f"{name}_us": rows.at_us.min()} | {k: make(rows) for k, make in others.items()}
        return rows.group_by(**{f"{name}_order": "order_id"}).aggregate(**figures)

    return {
        "sent": first(SENT, "sent"),
        "delivered": first(DELIVERED, "delivered"),
        "refunded": first(REFUNDED, "refunded"),
        "reviewed": first(
            REVIEWED, "reviewed",
            stars=lambda rows: rows.props.get("stars").max(),
            review=lambda rows: rows.props.get("text").max(),
        ),
    }  # fmt: skip


def _trade(row: dict[str, Any]) -> Trade:
    kind, account = _account(row["identifiers"])
    devices = sorted(one["token"].hex() for one in row["identifiers"] if one["kind"] == DEVICE)
    looks = [at for at in (row["item_us"], row["search_us"]) if at is not None]
    return Trade(
        buyer=str(row["person"]),
        item=row["goods"],
        order=row["order"],
        paid_us=row["at_us"],
        amount_fen=row["amount_fen"] or 0,
        account=account,
        account_kind=kind,
        device=devices[0] if devices else None,
        browsed=any(at <= row["at_us"] for at in looks) if row["looks_known"] else None,
        refunded=row["refunded_us"] is not None,
        shipped_us=row["sent_us"],
        delivered_us=row["delivered_us"],
        confirmed_us=row["reviewed_us"],
        stars=STARS.get(row["stars"] or ""),
        review=row["review"],
    )


def _account(identifiers: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    """(Kind, token) of the strongest identifier that can stand for a person by itself."""
    kinds = shipped_kinds()
    strong = [one for one in identifiers if kinds.of(one["kind"]).is_strong]
    if not strong:
        return None, None
    best = min(strong, key=lambda one: (-kinds.strength(one["kind"]), one["kind"], one["token"]))
    return best["kind"], best["token"].hex()
