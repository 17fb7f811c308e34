"""Which engine stands behind each port, and which projections follow the log, on one screen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from quanyu.clock import Clock, SystemClock
from quanyu.events.log import Appended, Delivery
from quanyu.events.service import Events
from quanyu.ids import Tokeniser
from quanyu.settings import Settings
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.migrations import migrate
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
        return Quarantine(self.database, self.settings.master_key())

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
        return Events(self.inbox, self.quarantine, tokeniser_of=self.tokeniser, clock=self.clock)


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The outside server's URL, or that of the embedded one, which runs inside the block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        yield server.url


@contextmanager
def open_engine(settings: Settings, *, clock: Clock | None = None) -> Iterator[Engine]:
    """Start what is needed, bring the schema up to date, and put everything away afterwards."""
    with database_url(settings) as url:
        migrate(url)
        with Database(url, pool_size=settings.pool_size) as database:
            engine = Engine(settings, database, clock=clock or SystemClock())
            try:
                yield engine
            finally:
                engine.close()
