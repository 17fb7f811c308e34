"""The ground: settings, database, keys, and the door for events."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from quanyu.clock import Clock
from quanyu.events.log import Appended, Delivery
from quanyu.events.service import Events
from quanyu.ids import Tokeniser
from quanyu.settings import Settings
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.disk_guard import DiskGuard
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.quarantine import Quarantine


class Ground:
    def __init__(self, settings: Settings, database: Database, *, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self._open = ExitStack()

    def close(self) -> None:
        self._open.close()

    @cached_property
    def master_key(self) -> bytes:
        return self.settings.master_key()

    def tokeniser(self, merchant: str) -> Tokeniser:
        return Tokeniser.of_merchant(self.master_key, merchant)

    @cached_property
    def access(self) -> ApiKeys:
        return ApiKeys(self.database, self.clock)

    @cached_property
    def quarantine(self) -> Quarantine:
        keep_days = self.settings.quarantine_days
        return Quarantine(self.database, self.master_key, keep_days=keep_days)

    @cached_property
    def log(self) -> PostgresEventLog:
        return PostgresEventLog(self.database, self.quarantine)

    @cached_property
    def disk(self) -> DiskGuard:
        least = self.settings.disk_free_bytes_min
        return DiskGuard.of_data_dir(self.settings.data_dir, free_bytes_min=least)

    @cached_property
    def inbox(self) -> GroupCommit[Delivery, Appended]:
        return self._open.enter_context(
            GroupCommit(
                self.disk.guarding(self.log.write),
                max_weight=self.settings.group_bytes_max,
                queue_max=self.settings.queue_bytes_max,
                weight=lambda delivery: delivery.weight,
            )
        )

    @cached_property
    def events(self) -> Events:
        return Events(
            self.inbox,
            self.quarantine,
            tokeniser_of=self.tokeniser,
            clock=self.clock,
            events_max=self.settings.batch_events_max,
        )


@dataclass(frozen=True, slots=True)
class OutsidePostgres:
    """A server that somebody else keeps running."""

    url: str

    def ensure_running(self) -> bool:
        return False


@contextmanager
def database_server(settings: Settings) -> Iterator[OutsidePostgres | EmbeddedPostgres]:
    """The outside server, or the embedded one, which runs inside the block."""
    if settings.database_url is not None:
        yield OutsidePostgres(settings.database_url)
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        yield server
