"""One server, many users: the first process starts it, the last one stops it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from quanyu.errors import StorageFull, StorageUnavailable
from quanyu.storage.postgres.database import translated
from quanyu.storage.postgres.embedded import binaries, cluster, postmaster
from quanyu.storage.postgres.embedded.account import server_account
from quanyu.storage.postgres.embedded.locks import FileLock, alone

ROLE = "quanyu"
DATABASE = "quanyu"


@contextmanager
def failures_named() -> Iterator[None]:
    """What the driver and the file system say → StorageFull or StorageUnavailable."""
    try:
        with translated():
            yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StorageFull from error
        raise StorageUnavailable(str(error)) from error


class EmbeddedPostgres:
    """The embedded server of one data directory.

    Every user holds a shared lock on ``postgres.users``; whoever leaves and can take it
    exclusively was the last. A killed process leaves by dying, and the server it leaves behind is
    taken over by the next. ``durable=False`` gives up safety for speed: for tests only.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.expanduser().absolute()
        self._durable = durable
        self._account = server_account()
        self._seat: FileLock | None = None
        self._socket_dir = ""

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Of the database ``quanyu``, as the ordinary role that owns it."""
        return self.url_of(ROLE, DATABASE)

    @property
    def maintenance_url(self) -> str:
        """As superuser, to the database ``postgres``."""
        return self.url_of(cluster.SUPERUSER, "postgres")

    def url_of(self, role: str, database: str) -> str:
        password = cluster.password_of(self.data_dir)
        place = f"host={quote(self._socket_dir, safe='')}&port={cluster.PORT}"
        return f"postgresql://{role}:{password}@/{database}?{place}"

    def start(self) -> str:
        """Join the running server or start it; returns its URL. Idempotent.

        Raises StorageUnavailable when the server cannot be started.
        """
        if self._seat is None:
            self._prepare_directory()
            with failures_named(), alone(self.data_dir / "postgres.start"):
                self._seat = FileLock(self.data_dir / "postgres.users")
                self._seat.share()
                try:
                    self._join_or_launch()
                except BaseException:
                    self._leave()
                    raise
        return self.url

    def ensure_running(self) -> bool:
        """Restart a server that died under us; True when it had to.

        Raises StorageUnavailable or StorageFull when it does not start now; ask again.
        """
        home = cluster.found(self.data_dir, self._account)
        if home is None or postmaster.running(home) is not None:
            return False
        with failures_named(), alone(self.data_dir / "postgres.start"):
            if self._seat is None:
                return False
            self._join_or_launch()
        return True

    def stop(self) -> None:
        """Leave; stops the server when nobody else uses it. Idempotent."""
        if self._seat is None:
            return
        with alone(self.data_dir / "postgres.start"):
            try:
                home = cluster.found(self.data_dir, self._account)
                if home is not None and self._seat.try_exclude():
                    postmaster.stop(home)
            finally:
                self._leave()

    def destroy(self) -> None:
        """Stop and delete the cluster with everything in it."""
        self.stop()
        with alone(self.data_dir / "postgres.start"):
            cluster.remove(self.data_dir)

    def _leave(self) -> None:
        if self._seat is not None:
            self._seat.close()
        self._seat = None

    def _prepare_directory(self) -> None:
        """Root's directory lets the server's account pass through, but not look around."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=self._mode())
        except OSError as error:
            raise StorageUnavailable(f"{self.data_dir} cannot be made: {error.strerror}") from None
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise StorageUnavailable(f"{self.data_dir} is not writable for this user")

    def _mode(self) -> int:
        return 0o700 if self._account is None else 0o711

    def _join_or_launch(self) -> None:
        programs = binaries.reachable(self._account)
        home = cluster.found(self.data_dir, self._account)
        if home is None:
            home = cluster.made(
                self.data_dir, self._account, programs=programs, durable=self._durable
            )
        server = postmaster.running(home)
        if server is not None and server.status == "stopping":
            postmaster.wait_for_end(server.pid)
            server = None
        log = self.data_dir / "postgres.log"
        if server is None:
            home.check_version()
            home.configure(self._durable)
            server = postmaster.launch(home, programs, log=log)
            self._socket_dir = server.socket_dir
            self._make_database()
        self._socket_dir = postmaster.awaited(home, server.pid, log=log).socket_dir

    def _make_database(self) -> None:
        password = cluster.password_of(self.data_dir)
        with psycopg.connect(self.maintenance_url, autocommit=True) as connection:
            exists = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
            if not connection.execute(exists, [ROLE]).fetchone()[0]:  # type: ignore[index]
                connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'")
            exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"
            if not connection.execute(exists, [DATABASE]).fetchone()[0]:  # type: ignore[index]
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
