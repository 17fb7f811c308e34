"""Requests that change something: the same key gives the same answer, whatever comes between."""

from enum import StrEnum
from hashlib import sha256
from typing import Protocol, TypeVar

import msgspec

from quanyu.errors import BadInput
from quanyu.events.scrub import is_mobile

Tx = TypeVar("Tx", contravariant=True)
KEY_MAX = 128


class Request(msgspec.Struct, frozen=True):
    """``key`` is the caller's, one per intent: a retry after a time-out sends the same one."""

    merchant: str
    operation: str
    """``order.place``; keys of two operations do not meet."""
    key: str
    content: bytes
    """What was asked, in one spelling: the same key with other content is refused."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= KEY_MAX or not self.key.isprintable():
            raise BadInput("idempotency_key", f"use 1 to {KEY_MAX} printable characters")
        if is_mobile(self.key):
            raise BadInput("idempotency_key", "use an opaque key, not a phone number")

    @property
    def id(self) -> str:
        """24 hexadecimal digits that name what this request makes."""
        parts = (self.merchant, self.operation, self.key)
        text = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
        return sha256(text).hexdigest()[:24]

    @property
    def fingerprint(self) -> bytes:
        """Of the content; keyed tokens stand in it, no personal values."""
        return sha256(self.content).digest()


class Conflict(StrEnum):
    """Why a request is not even looked at."""

    KEY_USED_FOR_ANOTHER_REQUEST = "key_used_for_another_request"


class Requests(Protocol[Tx]):
    """Answers by (merchant, operation, key). Engines live in ``storage``."""

    def begin(self, tx: Tx, request: Request) -> bytes | Conflict | None:
        """The answer that was given before; None for a new request, which is then ours: twins
        wait here until the transaction ends. Call it first."""

    def answer(self, tx: Tx, request: Request, *, answer: bytes) -> None:
        """Keeps the answer; commits with the caller."""
