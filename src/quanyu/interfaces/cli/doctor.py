"""``quanyu doctor``: looks at everything that must be right, and says how to mend what is not."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer
from rich.markup import escape

from quanyu.errors import QuanyuError
from quanyu.interfaces.cli.output import console, print_json
from quanyu.interfaces.cli.session import JsonOption

if TYPE_CHECKING:
    import psycopg

    from quanyu.settings import Settings

app = typer.Typer()

GIB = 1 << 30
LAG_TO_MENTION = 100_000
OLDEST_MAJOR = 15
SIGNS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "wrong": "[red]✗[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    status: Literal["ok", "warning", "wrong"]
    detail: str
    mend: str | None = None


def fine(name: str, detail: str) -> Finding:
    return Finding(name, "ok", detail)


def wrong(name: str, detail: str, *, mend: str) -> Finding:
    return Finding(name, "wrong", detail, mend)


def doubtful(name: str, detail: str, *, mend: str) -> Finding:
    return Finding(name, "warning", detail, mend)


@app.command()
def doctor(json: JsonOption = False) -> None:
    """Check directory, disk, keys, server, schema and projections; exit 1 if something is wrong."""
    from quanyu.settings import Settings

    findings = list(examine(Settings.from_env()))
    healthy = all(finding.status != "wrong" for finding in findings)
    if json:
        print_json({"ok": healthy, "checks": [shown(finding) for finding in findings]})
    else:
        for finding in findings:
            name = f"{SIGNS[finding.status]} [bold]{finding.name}[/]"
            console.print(name, escape(finding.detail), soft_wrap=True)
            if finding.mend:
                console.print(f"  mend: {finding.mend}", markup=False, soft_wrap=True)
    if not healthy:
        raise typer.Exit(1)


def shown(finding: Finding) -> dict[str, str]:
    return {name: value for name, value in asdict(finding).items() if value is not None}


def examine(settings: "Settings") -> Iterator[Finding]:
    """All findings, files first; a server that cannot be reached is a finding too."""
    yield from files(settings)
    yield from server(settings)
    yield from forgotten_clusters()


def files(settings: "Settings") -> Iterator[Finding]:
    yield directory(settings.data_dir)
    yield disk(settings)
    yield master_key(settings)
    yield from private_files(settings.data_dir)
    yield from lake(settings.lake_dir)


def directory(data_dir: Path) -> Finding:
    name = "data directory"
    if not data_dir.exists():
        return fine(name, f"{data_dir} will be made at first use")
    if not data_dir.is_dir() or not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        return wrong(name, f"{data_dir} cannot be written", mend="give this user the directory")
    if mode_of(data_dir) & 0o022:
        return wrong(name, f"{data_dir} can be written by others", mend=f"chmod go-w {data_dir}")
    return fine(name, str(data_dir))


def disk(settings: "Settings") -> Finding:
    place = next(p for p in (settings.data_dir, *settings.data_dir.parents) if p.exists())
    usage = shutil.disk_usage(place)
    detail = f"{usage.free / GIB:.1f} GiB free of {usage.total / GIB:.1f}"
    if usage.free < settings.disk_free_bytes_min:
        return wrong("disk", detail, mend="free some space: writing answers 507 until then")
    if usage.free < 2 * GIB:
        return doubtful("disk", detail, mend="free some space soon")
    return fine("disk", detail)


def master_key(settings: "Settings") -> Finding:
    name = "master key"
    if settings.master_key_given is not None:
        return fine(name, "from QUANYU_MASTER_KEY")
    if not settings.master_key_file.exists():
        return fine(name, "will be made at first use")
    try:
        settings.master_key()
    except QuanyuError as error:
        return wrong(
            name, str(error), mend="restore master.key from a backup; never make a new one"
        )
    return fine(name, f"{settings.master_key_file}; keep a copy elsewhere: without it all is lost")


def private_files(data_dir: Path) -> Iterator[Finding]:
    for name in ("master.key", "postgres.password"):
        file = data_dir / name
        if file.exists() and mode_of(file) & 0o077:
            yield wrong(
                name, f"others may read it (mode {mode_of(file):o})", mend=f"chmod 600 {file}"
            )


def lake(lake_dir: Path) -> Iterator[Finding]:
    if lake_dir.exists() and mode_of(lake_dir) & 0o077:
        detail = f"others may look into {lake_dir} (mode {mode_of(lake_dir):o})"
        yield doubtful("lake", detail, mend=f"chmod 700 {lake_dir}")


def server(settings: "Settings") -> Iterator[Finding]:
    """Starts the embedded server when none runs: whether it starts is the question."""
    import psycopg

    from quanyu.wiring import database_server

    kind = "embedded" if settings.database_url is None else "outside"
    try:
        with (
            database_server(settings) as running,
            psycopg.connect(running.url, connect_timeout=5) as connection,
        ):
            for check in (version(kind), migrations, key_match(settings), projections):
                yield check(connection)
    except (QuanyuError, psycopg.Error) as error:
        mend = "see postgres.log in the data directory"
        if settings.database_url is not None:
            mend = "check QUANYU_DATABASE_URL and that its server runs"
        yield wrong("PostgreSQL", str(error).strip().splitlines()[0], mend=mend)


Check = Callable[["psycopg.Connection"], Finding]


def version(kind: str) -> Check:
    def check(connection: "psycopg.Connection") -> Finding:
        number = connection.info.server_version
        detail = f"{kind}, version {number // 10_000}.{number % 10_000}"
        if number < OLDEST_MAJOR * 10_000:
            return wrong("PostgreSQL", detail, mend=f"use version {OLDEST_MAJOR} or newer")
        return fine("PostgreSQL", detail)

    return check


def migrations(connection: "psycopg.Connection") -> Finding:
    from quanyu.storage.postgres.migrations import known, pending

    missing = pending(connection)
    if not missing:
        return fine("schema", f"{len(known())} migrations, none pending")
    if len(missing) == len(known()):
        return fine("schema", "empty; any command makes it")
    mend = "any other command runs them, for example `quanyu key list`"
    return doubtful("schema", f"pending: {', '.join(missing)}", mend=mend)


def key_match(settings: "Settings") -> Check:
    def check(connection: "psycopg.Connection") -> Finding:
        from quanyu.storage.postgres.installation import belongs_to
        from quanyu.storage.postgres.migrations import table_exists

        name = "master key and database"
        has_key = settings.master_key_given is not None or settings.master_key_file.exists()
        if not table_exists(connection, "installation"):
            return fine(name, "the database has not met a key yet")
        match = belongs_to(connection, settings.master_key() if has_key else b"")
        if match is False:
            return wrong(
                name, "they do not belong together", mend="restore the key that was in use"
            )
        return fine(name, "they belong together" if match else "the database has not met a key yet")

    return check


def projections(connection: "psycopg.Connection") -> Finding:
    from quanyu.storage.postgres.consumers import offsets
    from quanyu.storage.postgres.migrations import table_exists
    from quanyu.storage.postgres.sql_files import sql

    name = "projections"
    if not table_exists(connection, "log_head"):
        return fine(name, "no log yet")
    _, head = connection.execute(sql("events/hot_range")).fetchone() or (None, 0)
    lags = {consumer: head - offset for consumer, offset in offsets(connection).items()}
    detail = ", ".join(f"{consumer} {lag} behind" for consumer, lag in lags.items())
    if max(lags.values(), default=0) > LAG_TO_MENTION:
        return doubtful(
            name, detail, mend="`quanyu serve` or any report catches up; watch that it does"
        )
    return fine(name, detail or "none has read the log yet")


def forgotten_clusters() -> Iterator[Finding]:
    from quanyu.storage.postgres.embedded.cluster import orphans

    for place, owner in orphans():
        detail = f"{place} was made for {owner}, which no longer points to it"
        yield doubtful(
            "forgotten cluster", detail, mend=f"remove {place} if {owner} is not coming back"
        )


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
