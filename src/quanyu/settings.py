"""Every setting of the product, read once from the environment."""

import binascii
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quanyu.errors import BadInput, StorageUnavailable
from quanyu.ids import MASTER_KEY_BYTES

if TYPE_CHECKING:
    from quanyu.compliance.policy import Policy
    from quanyu.promotions.pricing.instalments import Terms

MIB = 1 << 20
DISTINCT_BYTES_MIN = 8
"""A random key of 32 bytes has more distinct ones; 000… or changeme… has not."""


def text(value: str) -> str:
    if not value.strip():
        raise ValueError("write a value or unset it")
    return value


def count_from(least: int, most: int = 1 << 40) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(value)

    return read


def directory(value: str) -> Path:
    return Path(text(value)).expanduser().absolute()


def postgres_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("write postgresql://user:password@host/database")
    return value


def key_bytes(value: str) -> bytes:
    """A master key as 64 hexadecimal digits. Refuses keys that somebody typed."""
    try:
        key = bytes.fromhex(value.strip())
    except ValueError:
        key = b""
    if len(key) != MASTER_KEY_BYTES or len(set(key)) < DISTINCT_BYTES_MIN:
        raise ValueError("write 64 random hexadecimal digits, as `openssl rand -hex 32` prints")
    return key


def endpoint(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("write https://host/path, up to before /chat/completions")
    return value.rstrip("/")


def instalment_rates(value: str) -> "Mapping[Terms, int]":
    from quanyu.promotions.pricing.instalments import read_rates

    return read_rates(value)


def policy(value: str) -> "Policy":
    from quanyu.compliance.policy import read_policy

    try:
        return read_policy(value)
    except BadInput as error:
        raise ValueError(error.mend) from None


def setting(name: str, default: Any, *, read: Callable[[str], Any]) -> Any:
    return field(default=default, metadata={"name": name, "read": read})


@dataclass(frozen=True, slots=True)
class Settings:
    """All fields have defaults; ``docs/operations.md`` tells what each is for."""

    data_dir: Path = field(
        default_factory=lambda: Path("~/.quanyu").expanduser(),
        metadata={"name": "QUANYU_DATA_DIR", "read": directory},
    )
    database_url: str | None = setting("QUANYU_DATABASE_URL", None, read=postgres_url)
    master_key_given: bytes | None = field(
        default=None, repr=False, metadata={"name": "QUANYU_MASTER_KEY", "read": key_bytes}
    )
    merchant: str = setting("QUANYU_MERCHANT", "demo", read=text)
    pool_size: int = setting("QUANYU_POOL_SIZE", 8, read=count_from(1, 90))
    body_bytes_max: int = setting("QUANYU_BODY_BYTES_MAX", 8 * MIB, read=count_from(1024, 1 << 30))
    batch_events_max: int = setting(
        "QUANYU_BATCH_EVENTS_MAX", 10_000, read=count_from(1, 1_000_000)
    )
    queue_bytes_max: int = setting("QUANYU_QUEUE_BYTES_MAX", 64 * MIB, read=count_from(1024))
    group_bytes_max: int = setting("QUANYU_GROUP_BYTES_MAX", 2 * MIB, read=count_from(1024))
    four_eyes_fen: int = setting("QUANYU_FOUR_EYES_FEN", 10_000_000, read=count_from(0))
    instalment_rates: "Mapping[Terms, int] | None" = field(
        default=None, metadata={"name": "QUANYU_INSTALMENT_RATES", "read": instalment_rates}
    )
    content_four_eyes: int = setting("QUANYU_CONTENT_FOUR_EYES", 0, read=count_from(0, 1))
    llm_url: str | None = setting("QUANYU_LLM_URL", None, read=endpoint)
    llm_key: str | None = field(
        default=None, repr=False, metadata={"name": "QUANYU_LLM_KEY", "read": text}
    )
    llm_model: str | None = setting("QUANYU_LLM_MODEL", None, read=text)
    llm_timeout_seconds: int = setting("QUANYU_LLM_TIMEOUT_SECONDS", 60, read=count_from(1, 600))
    content_producer: str | None = setting("QUANYU_CONTENT_PRODUCER", None, read=text)
    ecosystem: str = setting("QUANYU_ECOSYSTEM", "alibaba", read=text)
    policy_given: "Policy | None" = field(
        default=None, metadata={"name": "QUANYU_POLICY", "read": policy}
    )
    fraud_scan_hour: int = setting("QUANYU_FRAUD_SCAN_HOUR", 3, read=count_from(0, 24))
    quarantine_days: int = setting("QUANYU_QUARANTINE_DAYS", 30, read=count_from(1))
    trial_days: int = setting("QUANYU_TRIAL_DAYS", 30, read=count_from(0, 90))
    lake_flush_events: int = setting("QUANYU_LAKE_FLUSH_EVENTS", 20_000, read=count_from(1))
    lake_flush_seconds: int = setting("QUANYU_LAKE_FLUSH_SECONDS", 60, read=count_from(1))
    disk_free_bytes_min: int = setting("QUANYU_DISK_FREE_BYTES_MIN", 64 * MIB, read=count_from(0))

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises BadInput that names the variable. An empty variable counts as unset."""
        given: dict[str, Any] = {}
        for one in fields(cls):
            name = one.metadata["name"]
            value = environment.get(name, "")
            if value:
                try:
                    given[one.name] = one.metadata["read"](value)
                except ValueError as error:
                    raise BadInput(name, str(error)) from None
        return cls(**given)

    @property
    def policy(self) -> "Policy":
        """Limits that no statute sets."""
        from quanyu.compliance.policy import DEFAULT

        return self.policy_given or DEFAULT

    @property
    def lake_dir(self) -> Path:
        return self.data_dir / "lake"

    @property
    def evidence_dir(self) -> Path:
        return self.data_dir / "evidence"

    @property
    def master_key_file(self) -> Path:
        return self.data_dir / "master.key"

    def master_key(self) -> bytes:
        """32 bytes: QUANYU_MASTER_KEY, else the file, which is made at first use with mode 600.

        Raises StorageUnavailable when the file cannot be read or does not hold a key: every token
        hangs on this key, so a damaged one is never replaced.
        """
        if self.master_key_given is not None:
            return self.master_key_given
        try:
            if not self.master_key_file.exists():
                self._make_master_key()
            return key_bytes(self.master_key_file.read_text())
        except (ValueError, OSError) as error:
            raise StorageUnavailable(
                f"{self.master_key_file} cannot be used ({error}); restore it from a backup"
            ) from None

    def _make_master_key(self) -> None:
        """Complete or absent, and the first of two starters wins."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=directory_mode())
        draft = self.data_dir / f"master.key.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(binascii.hexlify(secrets.token_bytes(MASTER_KEY_BYTES)).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self.master_key_file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def directory_mode() -> int:
    """Root's data directory lets the account of the embedded server pass, not look around."""
    return 0o711 if os.geteuid() == 0 else 0o700
