"""Transactions over a few connections, and the one place where driver errors become ours."""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg import errors as pg
from psycopg.conninfo import make_conninfo

from quanyu.errors import BadInput, Refused, StorageFull, StorageUnavailable

T = TypeVar("T")

CONNECT_S = 5
WAIT_S = 10.0
NO_SPACE = "No space left"
NO_ZERO = "cannot contain NUL"
OUTSIDE = (
    pg.InterfaceError,
    pg.OperationalError,
    pg.AdminShutdown,
    pg.CrashShutdown,
    pg.CannotConnectNow,
    pg.IdleInTransactionSessionTimeout,
)
OUR_OWN_FAULT = (
    pg.QueryCanceled,
    pg.LockNotAvailable,
    pg.DeadlockDetected,
    pg.SerializationFailure,
)
"""OperationalErrors of the driver that say nothing about the server's health."""


class Database:
    """Up to ``pool_size`` connections, opened when first needed, by the thread that needs them.

    So nothing runs in the background, a dead server is noticed at once, and a restarted one is
    used by the next transaction.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self._conninfo = make_conninfo(url, connect_timeout=CONNECT_S, application_name="quanyu")
        self._seats = threading.BoundedSemaphore(pool_size)
        self._idle: list[psycopg.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """One transaction: commits at the end of the block, rolls back when it raises.

        Raises StorageUnavailable when the server cannot be reached, StorageFull when its disk is
        full. After StorageUnavailable during the commit the outcome is unknown: send again under
        the same key.
        """
        with translated(), self._connection() as connection, connection.transaction():
            yield connection

    def attempt(self, tx: psycopg.Connection, do: Callable[[], T]) -> T:
        """``do``, of which nothing remains when it gives a Refused; the rest of ``tx`` stays."""
        with tx.transaction():
            outcome = do()
            if isinstance(outcome, Refused):
                raise psycopg.Rollback
        return outcome

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A connection in autocommit mode, for what cannot run inside a transaction."""
        with translated(), self._connection() as connection:
            yield connection

    def close(self) -> None:
        """Close the idle connections now and the busy ones when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        if not self._seats.acquire(timeout=WAIT_S):
            raise StorageUnavailable("all connections are busy")
        try:
            connection = self._taken()
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            self._seats.release()

    def _taken(self) -> psycopg.Connection:
        while (connection := self._pop()) is not None:
            if usable(connection):
                return connection
            connection.close()
        if self._closed:
            raise StorageUnavailable("this process has closed its connections")
        return psycopg.connect(self._conninfo, autocommit=True)

    def _pop(self) -> psycopg.Connection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: psycopg.Connection) -> None:
        with self._lock:
            if not self._closed and not connection.broken and not connection.closed:
                self._idle.append(connection)
                return
        connection.close()


def usable(connection: psycopg.Connection) -> bool:
    """An idle connection on which the server has said something has been told good-bye."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    return not poll.poll(0)


@contextmanager
def translated() -> Iterator[None]:
    """Driver errors → StorageFull, StorageUnavailable, or BadInput for a text that no database
    keeps; mistakes in SQL stay what they are."""
    try:
        yield
    except psycopg.Error as error:
        if isinstance(error, pg.DiskFull) or NO_SPACE in str(error):
            raise StorageFull() from error
        if isinstance(error, OUTSIDE) and not isinstance(error, OUR_OWN_FAULT):
            raise StorageUnavailable(first_line(error)) from error
        if isinstance(error, pg.DataError) and NO_ZERO in str(error):
            raise BadInput("text", "leave out U+0000: no database keeps it in a text") from error
        raise


def first_line(error: psycopg.Error) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
