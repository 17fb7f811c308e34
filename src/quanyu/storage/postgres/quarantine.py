"""Refused events with their bytes, which may hold phone numbers: kept under AES-256-GCM."""

import hmac
import secrets
from collections.abc import Collection, Iterable
from functools import lru_cache

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quanyu.clock import DAY_US
from quanyu.events.log import Delivery
from quanyu.events.service import Kept
from quanyu.ids import derive_key
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_no
from quanyu.storage.postgres.sql_files import sql

KEEP_DAYS = 30
_NONCE_BYTES = 12
_DIGEST_BYTES = 16


class Quarantine:
    def __init__(
        self, database: Database, master_key: bytes, *, keep_days: int = KEEP_DAYS
    ) -> None:
        self._database = database
        self._keep_us = keep_days * DAY_US
        self._key_of = lru_cache(256)(
            lambda merchant: derive_key(master_key, "quarantine", merchant)
        )

    def put(self, conn: psycopg.Connection, delivery: Delivery) -> None:
        """Keeps what was refused of a delivery, in the transaction that stores the rest of it."""
        key = self._key_of(delivery.merchant)
        number = merchant_no(conn, delivery.merchant)
        rows = [
            {
                "merchant_no": number,
                "digest": (digest := hmac.digest(key, refusal.raw, "sha256")[:_DIGEST_BYTES]),
                "body": _seal(key, refusal.raw, bound=digest),
                "position": refusal.index,
                "event_id": _storable(refusal.event_id),
                "field": _storable(refusal.fault.field),
                "reason": refusal.fault.reason.value,
                "mend": _storable(refusal.fault.mend),
                "received_us": delivery.received_us,
                "expires_us": delivery.received_us + self._keep_us,
            }
            for refusal in delivery.refused
        ]
        conn.execute(sql("events/quarantine_lock"), {"merchant_no": number})
        with conn.cursor() as cursor:
            cursor.executemany(sql("events/quarantine_put"), rows)

    def entries(self, merchant: str, *, after: int = 0, limit: int = 100) -> list[Kept]:
        """A page of refused events, oldest first."""
        with self._database.transaction() as conn:
            args = {"merchant_no": _number(conn, merchant), "after": after, "limit": limit}
            return [Kept(*row) for row in conn.execute(sql("events/quarantine_list"), args)]

    def counts(self, merchant: str) -> dict[str, int]:
        """Reason → how many wait."""
        with self._database.transaction() as conn:
            args = {"merchant_no": _number(conn, merchant)}
            return dict(conn.execute(sql("events/quarantine_count"), args).fetchall())

    def raw(self, merchant: str, entry: int) -> bytes | None:
        """The bytes as they came: personal, show them only masked."""
        with self._database.transaction() as conn:
            args = {"merchant_no": _number(conn, merchant), "id": entry}
            row = conn.execute(sql("events/quarantine_body"), args).fetchone()
        return None if row is None else _open(self._key_of(merchant), row[1], bound=row[0])

    def discard(self, merchant: str, entries: Iterable[int]) -> int:
        with self._database.transaction() as conn:
            args = {"merchant_no": _number(conn, merchant), "ids": list(entries)}
            return conn.execute(sql("events/quarantine_delete"), args).rowcount

    def purge(self, now_us: int) -> int:
        with self._database.transaction() as conn:
            return conn.execute(sql("events/quarantine_purge"), {"now_us": now_us}).rowcount

    def erase(self, conn: psycopg.Connection, merchant: str, *, values: Collection[str]) -> int:
        """Forgets refused events whose bytes hold one of the raw identifier values of a person."""
        key, number = self._key_of(merchant), _number(conn, merchant)
        needles = [value.encode() for value in values]
        rows = conn.execute(sql("events/quarantine_bodies"), {"merchant_no": number})
        found = [
            entry
            for entry, digest, body in rows
            if any(needle in _open(key, body, bound=digest) for needle in needles)
        ]
        args = {"merchant_no": number, "ids": found}
        return conn.execute(sql("events/quarantine_delete"), args).rowcount


def _storable(text: str | None) -> str | None:
    return text and text.replace("\0", "�")


def _number(conn: psycopg.Connection, merchant: str) -> int:
    """0 for a merchant nobody knows: it has no rows."""
    return known_merchant_no(conn, merchant) or 0


def _seal(key: bytes, raw: bytes, *, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, raw, bound)


def _open(key: bytes, sealed: bytes, *, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
