"""What tests of points and flash sales read behind the doors: postings, rows, reasons."""

from collections import Counter
from typing import Any

import msgspec
from tests.engine_ground import rows
from tests.loyalty_ground import STARS, Street

from quanyu.promotions.loyalty.exchange import Offered

POSTED = """
SELECT t.code, d.id, c.id, t.amount FROM ledger_transfer t
JOIN ledger_account d ON d.no = t.debit_no JOIN ledger_account c ON c.no = t.credit_no
WHERE t.no > %s ORDER BY t.no
"""
TABLES = (
    "points_programme", "points_member", "points_lot", "points_spend", "points_taken",
    "points_item", "points_entitlement", "flash_sale", "flash_hold", "ledger_account",
    "ledger_balance", "ledger_transfer", "ledger_hold",
)  # fmt: skip
Posting = tuple[str, str, str, int]


def reason(said: Any) -> str | None:
    """The word of a refusal; None for everything else."""
    found = getattr(said, "reason", None)
    return None if found is None else str(found)


def figures(said: Any) -> tuple[str | None, int | None, int | None]:
    return reason(said), said.have, said.need


def head(shop: Street) -> int:
    ((no,),) = rows(shop.engine.database, "SELECT no FROM ledger_head")
    return int(no)


def posted(shop: Street, after: int) -> list[Posting]:
    """(code, debit, credit, amount), oldest first; members and programmes by their short names."""
    found = rows(shop.engine.database, POSTED, after)
    return [(code, short(debit), short(credit), amount) for code, debit, credit, amount in found]


def short(account: str) -> str:
    return account.removeprefix(f"points/shop/{STARS}/")


def footprint(shop: Street) -> dict[str, Counter[str]]:
    """Every row of what points and sales write; equal ones: nothing has happened."""
    database = shop.engine.database
    found = {table: rows(database, f"SELECT t::text FROM {table} t") for table in TABLES}
    found["facts"] = rows(database, "SELECT head FROM log_head")
    return {table: Counter(str(row) for row in some) for table, some in found.items()}


def member_no(shop: Street, who: str) -> int:
    kind, _, value = who.partition(":")
    token = shop.engine.tokeniser("shop").token(kind, value)
    statement = "SELECT id FROM points_member WHERE holder_kind = %s AND holder_token = %s"
    ((id,),) = rows(shop.engine.database, statement, kind, token)
    return int(id)


def put_item(shop: Street, *, merchant: str = "shop", programme: str = STARS, **said: Any) -> None:
    shop.engine.points.offer(merchant, programme, offered=msgspec.convert(said, type=Offered))
