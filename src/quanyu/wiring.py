"""Which engine stands behind each port, and which projections follow the log, on one screen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from quanyu.clock import Clock, SystemClock
from quanyu.events.log import Appended, Delivery
from quanyu.events.service import Events
from quanyu.ids import Tokeniser
from quanyu.settings import Settings
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.consumers import Projecting, Source
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.migrations import migrate
from quanyu.storage.postgres.projector import Projector, every
from quanyu.storage.postgres.quarantine import Quarantine


class Engine:
    """Everything of one data directory, each part made when it is first asked for."""

    def __init__(self, settings: Settings, database: Database, *, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self._open = ExitStack()

    def close(self) -> None:
        self._open.close()

    def tokeniser(self, merchant: str) -> Tokeniser:
        return Tokeniser.of_merchant(self.settings.master_key(), merchant)

    @cached_property
    def access(self) -> ApiKeys:
        return ApiKeys(self.database, self.clock)

    @cached_property
    def quarantine(self) -> Quarantine:
        keep_days = self.settings.quarantine_days
        return Quarantine(self.database, self.settings.master_key(), keep_days=keep_days)

    @cached_property
    def log(self) -> PostgresEventLog:
        return PostgresEventLog(self.database, self.quarantine)

    @cached_property
    def inbox(self) -> GroupCommit[Delivery, Appended]:
        return self._open.enter_context(
            GroupCommit(
                self.log.write,
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

    @cached_property
    def source(self) -> Source:
        return Source(self.log)

    @cached_property
    def projections(self) -> tuple[Projecting, ...]:
        """All that follows the log, in the order of reading."""
        return ()

    @cached_property
    def projector(self) -> Projector:
        return Projector(
            self.database,
            self.source,
            projections=self.projections,
            chores=(every(3600, "quarantine.purge", run=self.events.purge),),
            clock=self.clock,
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


@contextmanager
def open_engine(settings: Settings, *, clock: Clock | None = None) -> Iterator[Engine]:
    """Start what is needed, bring the schema up to date, and put everything away afterwards."""
    with database_server(settings) as server:
        migrate(server.url)
        with Database(server.url, pool_size=settings.pool_size) as database:
            engine = Engine(settings, database, clock=clock or SystemClock())
            try:
                yield engine
            finally:
                engine.close()
