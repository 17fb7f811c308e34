"""Reads events back out of the lake, in the order of the log, for projections that start anew."""

import threading
from bisect import bisect_right

import pyarrow as pa
import pyarrow.compute as pc

from quanyu.events.event import LoggedEvent
from quanyu.storage.lake.files import read_file
from quanyu.storage.lake.rows import events_of
from quanyu.storage.lake.store import LakeStore
from quanyu.storage.postgres.lake_files import LakeFile, files_after, place
from quanyu.storage.postgres.merchants import merchant_names

AHEAD_EVENTS = 200_000
"""How much of the log is read at once: files are not in the order of the log inside."""


class LakeReplay:
    """``older`` is asked for one small piece after the other; it reads far ahead and remembers."""

    def __init__(self, store: LakeStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._from = 0
        self._through = 0
        self._events: list[LoggedEvent] = []

    def older(self, after_offset: int, limit: int) -> list[LoggedEvent]:
        """Events of the lake with offset > ``after_offset``, at most ``limit``, in order."""
        with self._lock:
            if not self._from <= after_offset < self._through:
                self._read_ahead(after_offset)
            found = self._remembered(after_offset, limit)
            if not found:
                self._read_ahead(max(after_offset, self._through))
                found = self._remembered(after_offset, limit)
            return found

    def _remembered(self, after_offset: int, limit: int) -> list[LoggedEvent]:
        start = bisect_right(self._events, after_offset, key=lambda e: e.offset)
        return self._events[start : start + limit]

    def forget(self) -> None:
        """Drop what was read ahead: after an erasure it must not be handed out."""
        with self._lock:
            self._from, self._through, self._events = 0, 0, []

    def _read_ahead(self, after_offset: int) -> None:
        """Goes on over stretches in which every event has been erased."""
        with self._store.database.transaction() as conn:
            files, end, names = files_after(conn, after_offset), place(conn), merchant_names(conn)
        self._from = self._through = after_offset
        self._events = []
        while self._through < end and not self._events:
            upto = min(end, self._through + AHEAD_EVENTS)
            self._events = self._between(files, self._through, upto=upto, names=names)
            self._through = upto

    def _between(
        self, files: list[LakeFile], after: int, *, upto: int, names: dict[int, str]
    ) -> list[LoggedEvent]:
        """Events with offset after … upto, in order."""
        found: list[LoggedEvent] = []
        for file in files:
            if file.first_offset <= upto and file.last_offset > after:
                wanted = (pc.field("offset") > after) & (pc.field("offset") <= upto)
                table: pa.Table = read_file(self._store.root / file.path, wanted)
                merchant = names[file.merchant_no]
                found += [LoggedEvent(offset, merchant, e) for offset, e in events_of(table)]
        return sorted(found, key=lambda logged: logged.offset)
