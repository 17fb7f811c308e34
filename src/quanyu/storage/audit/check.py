"""What a check says, and what it may look at."""

from dataclasses import dataclass
from pathlib import Path

from quanyu.customers.audiences.service import AudienceService
from quanyu.storage.lake.table import Lake
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.identity.people import People


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: what was looked at, and every place where it does not hold."""

    name: str
    looked_at: int
    violations: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.violations


@dataclass(frozen=True, slots=True)
class Audited:
    """The parts whose invariants are checked."""

    database: Database
    log: PostgresEventLog
    people: People
    audiences: AudienceService
    lake: Lake
    lake_dir: Path
