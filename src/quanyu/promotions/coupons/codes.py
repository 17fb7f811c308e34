"""Codes that open money: printed ones for pieces without a holder, and the one a phone shows.

A printed code is an HMAC over (batch, number), so it can be written out again by whoever holds
the master key, and guessing finds one of 100,000 codes once in 2⁶³ tries. Only a keyed hash and
the last four characters are stored. The shown code changes every 30 s.
"""

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from quanyu.clock import SECOND_US
from quanyu.ids import derive_key
from quanyu.promotions.coupons.refusals import Reason, Refused

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without 0, 1, I, O."""
LENGTH = 16
STEP_US = 30 * SECOND_US
DRIFT_STEPS = 1
SHOWN_DIGITS = 8
REPEATED_STEPS = 120
"""So long a till may repeat what it was not answered."""
_PRINTED = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_SHOWN = re.compile(r"QY1\.(c_[0-9a-f]{24})\.(\d{8})")


def spelled(code: str) -> str:
    """As stored: without blanks and hyphens, in capitals."""
    return "".join(code.split()).replace("-", "").upper()


def grouped(code: str) -> str:
    """``ABCD-EFGH-JKMN-PQRS``, as people read it."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


@lru_cache(maxsize=10_000)
def _key(master_key: bytes, purpose: str, *, merchant: str) -> bytes:
    return derive_key(master_key, purpose, merchant)


class Shown(NamedTuple):
    coupon: str
    stale: bool
    """It opens nothing any more; a repeated request still gets its answer."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Of one installation; every merchant has keys of its own."""

    master_key: bytes

    def printed(self, merchant: str, batch: str, *, number: int) -> str:
        key = derive_key(self.master_key, "coupon.printed", merchant, batch)
        bits = int.from_bytes(hmac.digest(key, number.to_bytes(8, "big"), "sha256")[:10], "big")
        return "".join(ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))

    def hashed(self, merchant: str, code: str) -> bytes:
        """What is stored and looked for."""
        key = _key(self.master_key, "coupon.hashed", merchant=merchant)
        return hmac.digest(key, spelled(code).encode(), "sha256")[:16]

    def shown(self, merchant: str, coupon: str, *, now_us: int) -> str:
        """QR text of a held coupon, good for this half minute and its neighbours."""
        return f"QY1.{coupon}.{self._digits(merchant, coupon, step=now_us // STEP_US)}"

    def read(self, merchant: str, text: str, *, now_us: int) -> Shown | Refused:
        """The coupon whose shown code this is, or was within the last hour."""
        found = _SHOWN.fullmatch(text.strip())
        if found is None:
            return Refused(Reason.BAD_CODE)
        coupon, digits = found.groups()
        now = now_us // STEP_US
        for step in range(now + DRIFT_STEPS, max(-1, now - REPEATED_STEPS - 1), -1):
            if hmac.compare_digest(self._digits(merchant, coupon, step=step), digits):
                return Shown(coupon, stale=step < now - DRIFT_STEPS)
        return Refused(Reason.BAD_CODE)

    def gift(self, merchant: str, coupon: str, *, request: str) -> str:
        """What the giver passes on; the same request gives the same code."""
        key = _key(self.master_key, "coupon.gift", merchant=merchant)
        return hmac.digest(key, f"{coupon}\0{request}".encode(), "sha256").hex()[:24]

    def _digits(self, merchant: str, coupon: str, *, step: int) -> str:
        key = _key(self.master_key, "coupon.shown", merchant=merchant)
        mac = hmac.digest(key, f"{coupon}\0{step}".encode(), "sha256")
        return f"{int.from_bytes(mac[:8], 'big') % 10**SHOWN_DIGITS:0{SHOWN_DIGITS}d}"


def is_printed(text: str) -> bool:
    return _PRINTED.fullmatch(spelled(text)) is not None
