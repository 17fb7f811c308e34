"""Accounts and transfers for the tests of the ledger."""

from typing import Any

from quanyu.ledger.accounts import PLATFORM, Account, Limit
from quanyu.ledger.transfers import Phase, Transfer, transfer_id

BANK = Account("bank", "fen", PLATFORM)
PURSE = Account("purse", "fen", "shop", Limit.DEBITS)
TILL = Account("till", "fen", "shop")
LOAN = Account("loan", "fen", "shop", Limit.CREDITS)
POINTS = Account("points", "points:brand", "shop")
ACCOUNTS = (BANK, PURSE, TILL, LOAN, POINTS)
NOW_US = 1_773_115_200_000_000
HOUR_US = 3_600_000_000


def named(text: str) -> Any:
    return transfer_id("test", text)


def moved(name: str, amount: int = 100, **others: Any) -> Transfer:
    """From the bank to the purse, unless said otherwise."""
    given: dict[str, Any] = {"debit": "bank", "credit": "purse", "code": "test", **others}
    return Transfer(id=named(name), amount=amount, **given)


def held(name: str, amount: int = 60, **others: Any) -> Transfer:
    """From the purse to the till, until it is ended."""
    return moved(
        name, amount, **{"debit": "purse", "credit": "till", "phase": Phase.HOLD, **others}
    )
