"""What an API key is: a secret with a visible prefix, scopes, a merchant and a lifetime."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from quanyu.errors import BadInput

FORM = re.compile(r"qk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    EVENTS_WRITE = "events:write"
    EVENTS_READ = "events:read"
    PERSONS_READ = "persons:read"
    PERSONS_WRITE = "persons:write"
    AUDIENCES_READ = "audiences:read"
    AUDIENCES_WRITE = "audiences:write"
    REPORTS_READ = "reports:read"
    LEDGER_READ = "ledger:read"
    LEDGER_WRITE = "ledger:write"
    PRIVACY_WRITE = "privacy:write"
    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"
    VOUCHERS_WRITE = "vouchers:write"
    VOUCHERS_READ = "vouchers:read"
    SETTLEMENT_READ = "settlement:read"
    OFFERS_WRITE = "offers:write"
    OFFERS_READ = "offers:read"
    COUPONS_WRITE = "coupons:write"
    COUPONS_READ = "coupons:read"
    REDEMPTIONS_WRITE = "redemptions:write"
    POINTS_READ = "points:read"
    POINTS_WRITE = "points:write"
    FLASH_READ = "flash:read"
    FLASH_WRITE = "flash:write"
    CAMPAIGNS_READ = "campaigns:read"
    """Campaigns and touchpoints."""
    CAMPAIGNS_WRITE = "campaigns:write"
    CAMPAIGNS_APPROVE = "campaigns:approve"
    """Besides the author's: saying that a campaign may run."""
    DECISIONS_MAKE = "decisions:make"
    """Asking what a touchpoint shows."""
    DECISIONS_READ = "decisions:read"
    """Why, and what came of it."""
    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    ITEMS_READ = "items:read"
    ITEMS_WRITE = "items:write"
    COMPLIANCE_READ = "compliance:read"
    """Asking whether something may be shown."""
    COMPLIANCE_WRITE = "compliance:write"
    """Licences and evidence of the merchant, and its industry."""
    OVERRIDES_WRITE = "overrides:write"
    """Of the operator: other readings of rules."""
    FRAUD_READ = "fraud:read"
    FRAUD_WRITE = "fraud:write"
    SUBSIDIES_WRITE = "subsidies:write"
    """Publishing offers that the platform pays for, besides offers:write."""
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


def scopes_of(names: Iterable[str]) -> list[str]:
    """Sorted valid scopes. Raises BadInput for an unknown one or for none at all."""
    chosen = sorted({name.strip() for name in names if name.strip()})
    known = [scope.value for scope in Scope]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        what = f"{unknown[0]!r} is not a scope; " if unknown else ""
        raise BadInput("scopes", f"{what}choose from {', '.join(known)}")
    return chosen


def new_secret() -> tuple[str, str]:
    """(prefix, secret)."""
    prefix = secrets.token_hex(4)
    return prefix, f"qk_{prefix}_{secrets.token_urlsafe(32)}"


def hash_of(secret: str) -> bytes:
    """A fast hash is right here: 256 random bits cannot be guessed, unlike a password."""
    return sha256(secret.encode()).digest()
