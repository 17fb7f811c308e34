"""``quanyu serve``: a supervisor over the embedded server, API workers and one projector."""

import errno
import logging
import multiprocessing
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from quanyu.errors import BadInput, QuanyuError
from quanyu.interfaces.cli.output import notices

if TYPE_CHECKING:
    from quanyu.settings import Settings

app = typer.Typer()

WATCH_S = 0.5
STOP_S = 15


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="API processes.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the HTTP API and keep every projection caught up, until interrupted."""
    import uvicorn

    from quanyu.settings import Settings
    from quanyu.storage.postgres.embedded import ServeLock

    settings = Settings.from_env()
    require_free(host, port)
    signal.signal(signal.SIGTERM, end)
    with ServeLock(settings.data_dir), supervision(settings):
        notices.print(f"serving http://{host}:{port} — stop with Ctrl-C")
        uvicorn.run(
            "quanyu.interfaces.api.application:create_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=STOP_S,
        )


def end(*_: object) -> NoReturn:
    """On SIGTERM everything that was started is put away. The server has its own way to end, and
    then raises the signal again for this one."""
    raise SystemExit(0)


def require_free(host: str, port: int) -> None:
    """Raises BadInput where nobody could listen: told before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        field = "--port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "--host"
        why = (error.strerror or str(error)).partition(" (while")[0].lower()
        raise BadInput(field, f"cannot listen on {host}:{port}: {why}; choose another") from None


@contextmanager
def supervision(settings: "Settings") -> Iterator[None]:
    """The database and the projector run inside the block, and run again when they die."""
    from quanyu.storage.postgres.migrations import migrate
    from quanyu.wiring import database_server

    stop = threading.Event()
    with database_server(settings) as server:
        migrate(server.url)
        projector = threading.Thread(target=keep, args=(start_projector, stop))
        database = threading.Thread(target=watch_database, args=(server.ensure_running, stop))
        for thread in (projector, database):
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in (projector, database):
                thread.join()


def watch_database(ensure_running: Callable[[], bool], stop: threading.Event) -> None:
    while not stop.wait(WATCH_S):
        try:
            if ensure_running():
                notices.print("the database had stopped; it runs again")
        except QuanyuError as error:
            notices.print(f"the database does not start: {error}")


def keep(start: Callable[[], BaseProcess], stop: threading.Event) -> None:
    """Keep one child process alive until ``stop``, then end it."""
    while not stop.is_set():
        child = start()
        while child.is_alive() and not stop.wait(WATCH_S):
            pass
        if not stop.is_set():
            notices.print(f"the projector ended with {child.exitcode}; starting it again")
    child.terminate()
    child.join(STOP_S)


def start_projector() -> BaseProcess:
    child = multiprocessing.get_context("spawn").Process(target=project, daemon=True)
    child.start()
    return child


def project() -> None:
    """Body of the projector's process."""
    from quanyu.interfaces.api.application import die_with_parent
    from quanyu.settings import Settings
    from quanyu.wiring import open_engine

    logging.basicConfig(level=logging.WARNING)
    die_with_parent()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open_engine(Settings.from_env()) as engine:
        engine.projector.run(stop)
