"""Changes of files that are already in the lake: compaction, erasure, and taking out the old."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from quanyu.clock import DAY_US, MINUTE_US, Clock
from quanyu.customers.privacy.terms import BIRTH_YEAR, Keeping
from quanyu.storage.lake.files import read_columns, read_file, remove_files
from quanyu.storage.lake.store import Change, LakeStore
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.lake_files import (
    LakeFile,
    forget_retired,
    live_files,
    retire_files,
)
from quanyu.storage.postgres.merchants import known_merchant_no

GRACE_US = 10 * MINUTE_US
"""How long a reader may hold an old list of files. Reports take seconds."""
SMALL_EVENTS = 200_000
TARGET_EVENTS = 500_000
SMALL_FILES_MAX = 4


class LakeRewriter:
    def __init__(self, store: LakeStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def compact(self, small_files_max: int = SMALL_FILES_MAX) -> int:
        """Merge the small files of each day that has more than so many of them.

        Returns by how many files the lake shrank. The merged files stay readable for GRACE_US.
        """
        with self._store.database.transaction() as conn:
            groups = list(_crowded(live_files(conn), small_files_max))
        return sum(self._merge(group) for group in groups)

    def _merge(self, group: Sequence[LakeFile]) -> int:
        with self._store.change() as change:
            live = {file.file_id for file in live_files(change.conn, group[0].merchant_no)}
            if not all(file.file_id in live for file in group):
                return 0
            table = pa.concat_tables([read_file(self._store.root / f.path) for f in group])
            change.add(group[0].merchant_no, group[0].day, table=table)
            retire_files(change.conn, group, now_us=self._clock.now_us())
        return len(group) - 1

    def erase_nodes(self, merchant: str, nodes: Collection[int]) -> int:
        """Remove every event of these nodes; returns how many. Files that held them are gone
        when it returns, also those that compaction had left for late readers."""
        erased = 0
        with self._store.change() as change:
            number = known_merchant_no(change.conn, merchant)
            files = [] if number is None else live_files(change.conn, number)
            for file in files:
                if any(file.min_node <= node <= file.max_node for node in nodes):
                    erased += self._without_nodes(change, file, nodes=pa.array(nodes, pa.int64()))
        self.remove_retired(grace_us=0)
        return erased

    def remove_past(self, keeping: Keeping) -> int:
        """Remove every event that is past its term; returns how many. Files that held them are
        gone when it returns. Each file is a change of its own, so that a crash repeats little."""
        with self._store.database.transaction() as conn:
            old = [f for f in live_files(conn) if f.min_at_us < keeping.latest_us + DAY_US]
        removed = sum(self._without_past(file, keeping) for file in old)
        self.remove_retired(grace_us=0)
        return removed

    def _without_past(self, file: LakeFile, keeping: Keeping) -> int:
        with self._store.change() as change:
            live = {one.file_id for one in live_files(change.conn, file.merchant_no)}
            if file.file_id not in live:
                return 0
            columns = read_columns(self._store.root / file.path, ["kind", "received_us", "props"])
            return self._write_without(change, file, gone=past(columns, keeping))

    def _without_nodes(self, change: Change, file: LakeFile, *, nodes: pa.Array) -> int:
        column = read_columns(self._store.root / file.path, ["node"])["node"]
        return self._write_without(change, file, gone=pc.is_in(column, value_set=nodes))

    def _write_without(self, change: Change, file: LakeFile, *, gone: pa.ChunkedArray) -> int:
        """``gone``: per row, whether it goes."""
        hits = pc.sum(gone).as_py() or 0
        if hits:
            left = read_file(self._store.root / file.path).filter(pc.invert(gone))
            if len(left):
                change.add(file.merchant_no, file.day, table=left)
            retire_files(change.conn, [file], now_us=self._clock.now_us())
            killpoint("lake.rewritten")
        return int(hits)

    def remove_retired(self, grace_us: int = GRACE_US) -> int:
        """Remove files that have been out of the lake for ``grace_us``; returns how many."""
        until_us = self._clock.now_us() - grace_us
        with self._store.database.transaction() as conn:
            paths = forget_retired(conn, until_us)
            remove_files(self._store.root / path for path in paths)
        return len(paths)


def past(rows: pa.Table, keeping: Keeping) -> pa.ChunkedArray:
    """Per row, whether the event is past its term: ``keeping.is_past`` over columns."""
    cutoffs = keeping.cutoffs_us
    kinds = pa.array(list(cutoffs), pa.string())
    named = pc.index_in(rows["kind"], value_set=kinds)
    of_kind = pc.take(pa.array(list(cutoffs.values()), pa.int64()), named)
    cutoff = pc.fill_null(of_kind, pa.scalar(keeping.other_us, pa.int64()))
    born = pc.map_lookup(rows["props"], pa.scalar(BIRTH_YEAR), "first")
    return pc.and_(pc.less(rows["received_us"], cutoff), pc.is_null(born))


def _crowded(files: Sequence[LakeFile], small_files_max: int) -> Iterator[list[LakeFile]]:
    """Groups to merge: one merchant, one day, together at most about TARGET_EVENTS."""
    days: dict[tuple[int, int], list[LakeFile]] = defaultdict(list)
    for file in files:
        if file.events < SMALL_EVENTS:
            days[file.merchant_no, file.day].append(file)
    for small in days.values():
        if len(small) > small_files_max:
            yield from _batches(small)


def _batches(files: Sequence[LakeFile]) -> Iterator[list[LakeFile]]:
    batch: list[LakeFile] = []
    for file in files:
        if batch and sum(f.events for f in batch) + file.events > TARGET_EVENTS:
            yield batch
            batch = []
        batch.append(file)
    if len(batch) > 1:
        yield batch
