"""Forward migrations. yoyo runs them; it is loaded only when one is pending."""

from pathlib import Path

import psycopg

from quanyu.storage.postgres.database import translated
from quanyu.storage.postgres.sql_files import sql

FOLDER = Path(__file__).with_name("migrations")
ADVISORY_LOCK = 0x51_55_41_4E_59_55


def known() -> list[str]:
    """Ids of all migrations, in the order in which they run."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


def pending(connection: psycopg.Connection, upto: str | None = None) -> list[str]:
    """Ids that have not run in this database, up to and with ``upto``."""
    wanted = [name for name in known() if upto is None or name <= upto]
    if not table_exists(connection, "_yoyo_migration"):
        return wanted
    done = {row[0] for row in connection.execute(sql("migrations/applied"))}
    return [name for name in wanted if name not in done]


def table_exists(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute(sql("migrations/table_exists"), [name]).fetchone()
    return bool(row and row[0])


def migrate(url: str, upto: str | None = None) -> list[str]:
    """Bring the database up to date; returns the ids that ran, usually none.

    Several starters may call it at once: they take turns on an advisory lock. Raises
    StorageUnavailable and StorageFull.
    """
    with translated(), psycopg.connect(url, autocommit=True) as connection:
        if not pending(connection, upto):
            return []
        connection.execute(sql("migrations/lock"), [ADVISORY_LOCK])
        names = pending(connection, upto)
        if names:
            apply(url, names)
        return names


def apply(url: str, names: list[str]) -> None:
    from yoyo import get_backend, read_migrations

    _, _, rest = url.partition("://")
    backend = get_backend(f"postgresql+psycopg://{rest}")
    try:
        # We hold the advisory lock, so a lock row here was left by a killed process.
        backend.break_lock()
        chosen = read_migrations(str(FOLDER)).filter(lambda m: m.id in names)
        backend.apply_migrations(chosen)
    finally:
        backend.connection.close()
