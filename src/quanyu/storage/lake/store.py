"""What the lake's writers share: where its files are, and how a set of files is changed.

A change is one PostgreSQL transaction that holds the lake's place: files are written and synced
first, then listed. A crash before the commit leaves files that nobody knows; they are removed at
the next start.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from quanyu.clock import DAY_US, format_iso
from quanyu.storage.lake.files import all_files, remove_files, write_file
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.lake_files import (
    LakeFile,
    add_files,
    all_paths,
    locked_place,
    next_file_id,
)


@dataclass(slots=True)
class Change:
    """Files on their way into the lake, in one transaction."""

    conn: psycopg.Connection
    root: Path
    place: int
    written: list[Path] = field(default_factory=list)

    def add(self, merchant_no: int, day: int, *, table: pa.Table) -> LakeFile:
        """Write rows of one merchant and day, and list the file."""
        file_id = next_file_id(self.conn)
        first, last = _ends(table, "offset")
        name = f"merchant={merchant_no}/day={day_name(day)}/{first}-{last}.{file_id}.parquet"
        self.written.append(self.root / name)
        size = write_file(self.root / name, table)
        killpoint("lake.written")
        at_us, node = _ends(table, "at_us"), _ends(table, "node")
        file = LakeFile(
            file_id, merchant_no, day, name, first, last, len(table), size, *at_us, *node
        )
        add_files(self.conn, [file])
        return file


def day_name(day: int) -> str:
    """Day number → ``2026-05-01``."""
    return format_iso(day * DAY_US)[:10]


def _ends(table: pa.Table, column: str) -> tuple[int, int]:
    ends = pc.min_max(table[column])
    return int(ends["min"].as_py()), int(ends["max"].as_py())


class LakeStore:
    def __init__(self, database: Database, root: Path) -> None:
        self.database = database
        self.root = root

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Alone with the lake's files; commits at the end, leaves no file when it fails."""
        written: list[Path] = []
        try:
            with self.database.transaction() as conn:
                change = Change(conn, self.root, locked_place(conn), written)
                yield change
                killpoint("lake.listed")
        except BaseException:
            self._take_back(written)
            raise
        killpoint("lake.committed")

    def _take_back(self, written: Sequence[Path]) -> None:
        """After a failed commit whose outcome is unknown the manifest decides."""
        if not written:
            return
        try:
            with self.database.transaction() as conn:
                known = all_paths(conn)
        except Exception:
            return
        remove_files(p for p in written if str(p.relative_to(self.root)) not in known)

    def remove_orphans(self) -> list[str]:
        """Remove files that are not in the manifest: what a crash left. Returns their names."""
        with self.change() as change:
            known = all_paths(change.conn)
            names = [(str(p.relative_to(self.root)), p) for p in all_files(self.root)]
            orphans = [(name, path) for name, path in names if name not in known]
            remove_files(path for _, path in orphans)
        return [name for name, _ in orphans]
