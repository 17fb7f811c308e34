"""The HTTP application: routers, one form of failure, one engine per process."""

import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from multiprocessing import connection, parent_process
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from quanyu import __version__
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.hot_doors import HotDoors
from quanyu.interfaces.api.problems import answer_failures
from quanyu.interfaces.api.routing import routers
from quanyu.settings import Settings
from quanyu.wiring import Engine, open_engine

SWITCH_S = 0.0005
"""A writer's thread waits for the database twenty times per group and takes the interpreter back
each time, by default up to 5 ms later. Seen with intake in batches: 52,000/s became 59,000/s."""
ABOUT = "Ecosystem marketing as one closed loop. Amounts are integer fen, times ISO 8601."


def create_app(engine: Engine | None = None) -> FastAPI:
    """With an engine (tests, embedding), or opening one from the environment at start-up."""
    app = HotDoors(
        title="Quanyu 全域", version=__version__, description=ABOUT, lifespan=_lifespan,
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.quanyu = engine
    answer_failures(app)
    for router in routers():
        app.include_router(router)
    app.add_api_route("/v1/health", health, methods=["GET"], tags=["operations"])
    app.add_api_route("/v1/lag", lag, methods=["GET"], tags=["operations"])
    return app


def health() -> dict[str, str]:
    """Answers while the process lives; needs no key."""
    return {"status": "ok", "version": __version__}


def lag(request: Request, _: Annotated[str, Depends(require("events:read"))]) -> dict[str, int]:
    """Events that each projection has still to read."""
    engine: Engine = request.app.state.quanyu
    return engine.projector.lag()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    die_with_parent()
    sys.setswitchinterval(SWITCH_S)
    if app.state.quanyu is not None:
        yield
        return
    with open_engine(Settings.from_env()) as engine:
        app.state.quanyu = engine
        yield


def die_with_parent() -> None:
    """A worker whose supervisor was killed must not keep the port."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="die-with-parent", daemon=True).start()


def documented_routes() -> Iterator[tuple[str, str]]:
    """(method, path) of every route, for the test that docs/api.md knows them all."""
    for path, methods in create_app().openapi()["paths"].items():
        yield from ((method.upper(), path) for method in sorted(methods))
