"""API keys: shown once, stored hashed, good for some scopes of one merchant."""

import contextlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

import psycopg
from psycopg.rows import class_row

from quanyu.clock import MINUTE_US, SECOND_US, Clock
from quanyu.errors import BadInput, QuanyuError
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

FORM = re.compile(r"qk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
REMEMBER_US = 3 * SECOND_US
"""A revoked key may still pass for this long in other processes."""
REMEMBERED_MAX = 10_000
NOTE_USE_EVERY_US = 10 * MINUTE_US


class Scope(StrEnum):
    EVENTS_WRITE = "events:write"
    EVENTS_READ = "events:read"
    PERSONS_READ = "persons:read"
    PERSONS_WRITE = "persons:write"
    AUDIENCES_READ = "audiences:read"
    AUDIENCES_WRITE = "audiences:write"
    REPORTS_READ = "reports:read"
    PRIVACY_WRITE = "privacy:write"
    ADMIN = "admin"
    """Everything of this merchant."""


class Denial(StrEnum):
    """Why a key does not open the door."""

    UNKNOWN = "unknown_key"
    EXPIRED = "expired_key"
    REVOKED = "revoked_key"
    SCOPE = "missing_scope"


@dataclass(frozen=True, slots=True)
class ApiKey:
    prefix: str
    merchant: str
    scopes: list[str]
    created_us: int
    expires_us: int | None
    revoked_us: int | None
    last_used_us: int | None

    def denial(self, scope: str, now_us: int) -> Denial | None:
        if self.revoked_us is not None:
            return Denial.REVOKED
        if self.expires_us is not None and self.expires_us <= now_us:
            return Denial.EXPIRED
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            return Denial.SCOPE
        return None


@dataclass(frozen=True, slots=True)
class NewKey:
    secret: str
    """The key itself. Nobody can read it again."""
    key: ApiKey


@dataclass(frozen=True, slots=True)
class Remembered:
    key: ApiKey | None
    until_us: int


def scopes_of(names: Iterable[str]) -> list[str]:
    """Sorted valid scopes. Raises BadInput for an unknown one or for none at all."""
    chosen = sorted({name.strip() for name in names if name.strip()})
    known = [scope.value for scope in Scope]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        what = f"{unknown[0]!r} is not a scope; " if unknown else ""
        raise BadInput("scopes", f"{what}choose from {', '.join(known)}")
    return chosen


class ApiKeys:
    """Four verbs: create, verify, revoke, list."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._memory: dict[bytes, Remembered] = {}

    def create(
        self, merchant: str, scopes: Iterable[str], *, expires_us: int | None = None
    ) -> NewKey:
        """A new key, good until ``expires_us``. Raises BadInput for scopes and past expiries."""
        chosen = scopes_of(scopes)
        now_us = self._clock.now_us()
        if expires_us is not None and expires_us <= now_us:
            raise BadInput("expires", "choose a time in the future")
        prefix = secrets.token_hex(4)
        secret = f"qk_{prefix}_{secrets.token_urlsafe(32)}"
        with self._database.transaction() as conn:
            row = (prefix, hash_of(secret), merchant_no(conn, merchant), chosen, now_us, expires_us)
            conn.execute(sql("access/create"), row)
        return NewKey(secret, ApiKey(prefix, merchant, chosen, now_us, expires_us, None, None))

    def verify(self, secret: str, scope: str) -> ApiKey | Denial:
        """The key, or why it does not do. Asks the database once in a few seconds per key."""
        if not FORM.fullmatch(secret):
            return Denial.UNKNOWN
        key = self._remembered(hash_of(secret))
        if key is None:
            return Denial.UNKNOWN
        return key.denial(scope, self._clock.now_us()) or key

    def knows(self, secret: str) -> bool:
        """Whether ``verify`` would answer from memory, without waiting for the database."""
        remembered = self._memory.get(hash_of(secret))
        return remembered is not None and remembered.until_us > self._clock.now_us()

    def revoke(self, merchant: str, prefix: str) -> bool:
        """False when this merchant has no such key in force."""
        with self._database.transaction() as conn:
            row = (self._clock.now_us(), prefix.removeprefix("qk_"), merchant)
            done = conn.execute(sql("access/revoke"), row).rowcount == 1
        self._memory.clear()
        return done

    def list(self, merchant: str) -> list[ApiKey]:
        """Oldest first, revoked and expired ones too."""
        with (
            self._database.transaction() as conn,
            conn.cursor(row_factory=class_row(ApiKey)) as cursor,
        ):
            return cursor.execute(sql("access/list"), [merchant]).fetchall()

    def _remembered(self, digest: bytes) -> ApiKey | None:
        now_us = self._clock.now_us()
        remembered = self._memory.get(digest)
        if remembered is None or remembered.until_us <= now_us:
            remembered = Remembered(self._found(digest), now_us + REMEMBER_US)
            if len(self._memory) >= REMEMBERED_MAX:
                self._memory.clear()
            self._memory[digest] = remembered
        return remembered.key

    def _found(self, digest: bytes) -> ApiKey | None:
        with (
            self._database.transaction() as conn,
            conn.cursor(row_factory=class_row(ApiKey)) as cursor,
        ):
            key = cursor.execute(sql("access/find"), [digest]).fetchone()
        return key and self._noted(key)

    def _noted(self, key: ApiKey) -> ApiKey:
        """Keep when the key was last used, roughly; a database that takes no writes
        must not lock anybody out."""
        now_us = self._clock.now_us()
        if key.last_used_us is not None and now_us - key.last_used_us < NOTE_USE_EVERY_US:
            return key
        with contextlib.suppress(QuanyuError, psycopg.Error), self._database.transaction() as conn:
            conn.execute(sql("access/note_use"), [now_us, key.prefix])
        return replace(key, last_used_us=now_us)


def hash_of(secret: str) -> bytes:
    """A fast hash is right here: 256 random bits cannot be guessed, unlike a password."""
    return sha256(secret.encode()).digest()
