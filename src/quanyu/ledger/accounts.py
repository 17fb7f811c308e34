"""Accounts and balances, in the vocabulary of TigerBeetle."""

import re
from enum import StrEnum

import msgspec

from quanyu.errors import BadInput

PLATFORM = "platform"
"""Owner of what belongs to the operator of the ecosystem."""
NAME_MAX = 512
_NAME = re.compile(r"[\w.:/@%*+#&() \-]{1,512}")


def path(*parts: str) -> str:
    """``path("offer", "茶馆", "a/b")`` → ``"offer/茶馆/a%2Fb"``: no two lists of parts meet."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


class Limit(StrEnum):
    """Which side of an account may never outgrow the other, holds included."""

    NONE = "none"
    DEBITS = "debits"
    """Debits ≤ credits: what was put in can be taken out, and no more (a budget, a purse)."""
    CREDITS = "credits"
    """Credits ≤ debits."""


class Account(msgspec.Struct, frozen=True):
    """``id`` is a path that says what it is for: ``template/t1/pieces/free``."""

    id: str
    unit: str
    """``fen``, ``points:brand``, ``pieces:t1``; transfers stay inside a unit."""
    owner: str
    """A merchant, or PLATFORM."""
    limit: Limit = Limit.NONE

    def __post_init__(self) -> None:
        for field, name in (("account", self.id), ("unit", self.unit)):
            if _NAME.fullmatch(name) is None:
                mend = f"use 1 to {NAME_MAX} letters, digits, blanks and _ . : / @ % * + # & ( ) -"
                raise BadInput(field, mend)


def is_account_id(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


class Balance(msgspec.Struct):
    """What has gone through an account; it only grows, but for holds that end."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    frozen: bool = False
    """Nothing new is posted or held; what is held can still be settled or released."""

    @property
    def posted(self) -> int:
        """Credits minus debits."""
        return self.credits_posted - self.debits_posted

    @property
    def available(self) -> int:
        """What a limit on debits leaves to take: holds are as good as gone."""
        return self.credits_posted - self.debits_posted - self.debits_pending


def within(balance: Balance, limit: Limit) -> bool:
    if limit is Limit.DEBITS:
        return balance.debits_posted + balance.debits_pending <= balance.credits_posted
    if limit is Limit.CREDITS:
        return balance.credits_posted + balance.credits_pending <= balance.debits_posted
    return True
