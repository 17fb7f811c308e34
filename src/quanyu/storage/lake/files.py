"""Parquet files that are there completely or not at all."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanyu.errors import StorageFull
from quanyu.storage.lake.schema import FILE_SCHEMA, PARQUET_OPTIONS, SORTED_BY

UNFINISHED = ".tmp"
FULL = {errno.ENOSPC, errno.EDQUOT}


def write_file(path: Path, table: pa.Table) -> int:
    """Write, sync, then give the file its name; returns its bytes. Raises StorageFull.

    After it returns, the file outlives a power cut; before, nobody can see it.
    """
    draft = path.with_name(path.name + UNFINISHED)
    with full_disk_is_ours(), removed_on_failure(draft):
        make_directory(path.parent)
        order = [(column, "ascending") for column in SORTED_BY]
        pq.write_table(table.sort_by(order), draft, **PARQUET_OPTIONS)
        _sync(draft)
        size = draft.stat().st_size
        draft.rename(path)
        _sync(path.parent)
    return size


def read_file(path: Path, filters: pc.Expression | None = None) -> pa.Table:
    """Rows of one file in the columns of FILE_SCHEMA."""
    return pq.read_table(path, schema=FILE_SCHEMA, partitioning=None, filters=filters)


def read_columns(path: Path, columns: list[str]) -> pa.Table:
    return pq.read_table(path, columns=columns, partitioning=None)


def make_directory(directory: Path) -> None:
    """Like mkdir -p, and each new name outlives a power cut."""
    missing = [p for p in (directory, *directory.parents) if not p.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True, mode=0o700)
        _sync(path.parent)


def remove_files(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def all_files(root: Path) -> list[Path]:
    """Everything below ``root`` that is a Parquet file or the beginning of one."""
    found = [*root.rglob("*.parquet"), *root.rglob(f"*.parquet{UNFINISHED}")]
    return sorted(found)


@contextmanager
def full_disk_is_ours() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL or "No space left" in str(error):
            raise StorageFull() from error
        raise


@contextmanager
def removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
