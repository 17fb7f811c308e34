"""API keys in the database: shown once, stored hashed, asked for rarely."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

import psycopg
from psycopg.rows import class_row

from quanyu.clock import MINUTE_US, SECOND_US, Clock
from quanyu.errors import BadInput, QuanyuError
from quanyu.storage.postgres.api_key import (
    FORM,
    ApiKey,
    Denial,
    NewKey,
    hash_of,
    new_secret,
    scopes_of,
)
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

REMEMBER_US = 3 * SECOND_US
"""A revoked key may still pass for this long in other processes."""
REMEMBERED_MAX = 10_000
NOTE_USE_EVERY_US = 10 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Remembered:
    key: ApiKey | None
    until_us: int


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
        prefix, secret = new_secret()
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
        with suppress(QuanyuError, psycopg.Error), self._database.transaction() as conn:
            conn.execute(sql("access/note_use"), [now_us, key.prefix])
        return replace(key, last_used_us=now_us)
