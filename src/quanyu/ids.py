"""Identifiers: random ids, and keyed tokens that stand for personal identifiers.

A raw phone number is one of 10¹¹ values, so a plain hash of it is reversed in minutes; a token
is therefore an HMAC under a key that is derived per merchant, which also keeps two merchants
from joining their tables (PIPL 73: de-identified is not anonymous).
"""

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NewType

Token = NewType("Token", bytes)
"""16 bytes that stand for (merchant, identifier kind, value)."""

TOKEN_BYTES = 16
MASTER_KEY_BYTES = 32


def random_id(prefix: str, nbytes: int = 12) -> str:
    """``random_id("req")`` → ``"req_5f…"``; unguessable, for traces, keys and requests."""
    return f"{prefix}_{secrets.token_hex(nbytes)}"


def random_token() -> Token:
    """Stands for nobody: what is left of a holder who was erased."""
    return Token(secrets.token_bytes(TOKEN_BYTES))


def derive_key(master_key: bytes, *context: str) -> bytes:
    """One 32-byte key per context (HKDF-expand of RFC 5869 with one block).

    Lengths stand before the parts, so that ("a", "bc") and ("ab", "c") differ.
    """
    info = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in context)
    return hmac.digest(master_key, info + b"\x01", "sha256")


@dataclass(frozen=True, slots=True)
class Tokeniser:
    """Turns identifiers of one merchant into tokens. ``version`` names the key for rotation."""

    key: bytes
    version: int = 1
    _inner: Any = field(init=False, repr=False, compare=False)
    _outer: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keeps both halves of HMAC (RFC 2104) after their key block: half the time per token."""
        block = self.key.ljust(64, b"\0")
        object.__setattr__(self, "_inner", sha256(bytes(b ^ 0x36 for b in block)))
        object.__setattr__(self, "_outer", sha256(bytes(b ^ 0x5C for b in block)))

    @classmethod
    def of_merchant(cls, master_key: bytes, merchant: str, *, version: int = 1) -> "Tokeniser":
        return cls(derive_key(master_key, "token", str(version), merchant), version)

    def token(self, kind: str, value: str) -> Token:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{kind}\0{value}".encode())
        outer.update(inner.digest())
        return Token(outer.digest()[:TOKEN_BYTES])


def fingerprint(data: bytes) -> str:
    """SHA-256 in hex: for hashes of files and high-entropy secrets, never of personal values."""
    return sha256(data).hexdigest()
