"""What every command needs: the engine of the data directory, caught up, and the merchant."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.output import progress

if TYPE_CHECKING:
    from quanyu.wiring import Engine

MerchantOption = Annotated[
    str | None, typer.Option("--merchant", help="Whose data; default QUANYU_MERCHANT or demo.")
]
NAME = re.compile(r"\w[\w .:\-]{0,63}")
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@contextmanager
def open_session(*, catch_up: bool = True) -> Iterator["Engine"]:
    """Opens the engine, starting the embedded server when none runs, and brings the projections
    to the head of the log, so that an answer covers everything that was accepted."""
    from quanyu.settings import Settings
    from quanyu.wiring import open_engine

    with open_engine(Settings.from_env()) as engine:
        if catch_up:
            bring_up_to_date(engine)
        yield engine


def bring_up_to_date(engine: "Engine") -> int:
    """Catch up with a progress bar; returns the number of events applied."""
    with progress() as shown:
        tasks = {
            name: shown.add_task(name, total=events)
            for name, events in engine.projector.lag().items()
            if events
        }
        applied = engine.projector.catch_up(
            lambda name, events: shown.advance(tasks[name], events) if name in tasks else None
        )
    engine.settle()
    if applied:
        engine.lake.flush_if_due()
    return applied


def merchant(option: str | None, engine: "Engine", *, may_begin: bool = False) -> str:
    """Whose data. Raises BadInput, and NotFound for a name that nobody has used, unless the
    command is one that a merchant may begin with."""
    name = engine.settings.merchant if option is None else option
    if not NAME.fullmatch(name) or name != name.strip():
        raise BadInput("merchant", "use 1 to 64 letters, digits, spaces and _ . : -")
    if option is not None and not may_begin:
        _must_be_known(name, engine)
    return name


def _must_be_known(name: str, engine: "Engine") -> None:
    from quanyu.storage.postgres.merchants import known_merchant_no

    with engine.database.transaction() as conn:
        if known_merchant_no(conn, name) is None:
            raise NotFound(f"merchant {name!r}; an import or `quanyu key create` begins one")
