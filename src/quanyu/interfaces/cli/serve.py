"""``quanyu serve``: a supervisor over API workers and one projector."""

import logging
import multiprocessing
import signal
import threading
from contextlib import ExitStack
from typing import Annotated

import typer

from quanyu.interfaces.cli.output import notices

app = typer.Typer()

WATCH_S = 1.0


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="API processes.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the HTTP API and keep every projection caught up, until interrupted."""
    from quanyu.settings import Settings
    from quanyu.storage.postgres.embedded import ServeLock

    settings = Settings.from_env()
    with ServeLock(settings.data_dir):
        run(settings_port=(host, port), workers=workers)


def run(settings_port: tuple[str, int], workers: int) -> None:
    import uvicorn

    from quanyu.settings import Settings
    from quanyu.wiring import database_url

    host, port = settings_port
    settings = Settings.from_env()
    with ExitStack() as stack:
        stack.enter_context(database_url(settings))
        stop = stack.enter_context(supervised_projector())
        notices.print(f"serving http://{host}:{port} (stop with Ctrl-C)")
        try:
            uvicorn.run(
                "quanyu.interfaces.api.application:create_app",
                factory=True,
                host=host,
                port=port,
                workers=workers,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=10,
            )
        finally:
            stop.set()


class supervised_projector:  # noqa: N801 - reads as the context manager it is
    """Runs the projector in a process of its own and starts it again when it dies."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._supervise, name="projector-watch", daemon=True)

    def __enter__(self) -> threading.Event:
        self._watch.start()
        return self._stop

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watch.join()

    def _supervise(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        while not self._stop.is_set():
            child = spawn.Process(target=project, name="quanyu-projector", daemon=True)
            child.start()
            while child.is_alive() and not self._stop.wait(WATCH_S):
                pass
            if child.is_alive():
                child.terminate()
                child.join(10)
            elif not self._stop.is_set():
                notices.print(f"the projector ended with {child.exitcode}; starting it again")


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
