"""The journal of a till without a network: a file that only grows, one signed entry per line."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from quanyu.errors import BadInput
from quanyu.promotions.coupons.offline import Entry, entry_of


class Journal:
    """While it is open, no other process writes it: two heads of one chain would be a fork."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def entries(self) -> list[Entry]:
        """Raises BadInput for a line that is no entry. What a power cut has left of a line at the
        end was never answered, and goes."""
        size = os.fstat(self._descriptor).st_size
        text = os.pread(self._descriptor, size, 0)
        whole, _, torn = text.rpartition(b"\n")
        if torn:
            os.ftruncate(self._descriptor, size - len(torn))
        return read_lines(whole)

    def append(self, entry: Entry) -> None:
        """On disk when it returns."""
        line = msgspec.json.encode(entry) + b"\n"
        end = os.fstat(self._descriptor).st_size
        written = os.pwrite(self._descriptor, line, end)
        if written < len(line):
            os.ftruncate(self._descriptor, end)
            raise OSError("the disk is full")
        os.fsync(self._descriptor)


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """Makes it where it is not there. Raises BadInput."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadInput("--journal", f"cannot be written: {error.strerror} {path}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sync_folder(path)
        yield Journal(descriptor)
    finally:
        os.close(descriptor)


def read_lines(text: bytes) -> list[Entry]:
    return [_entry(line, number) for number, line in enumerate(text.splitlines(), 1) if line]


def _entry(line: bytes, number: int) -> Entry:
    try:
        return entry_of(line)
    except msgspec.DecodeError as error:
        raise BadInput("--journal", f"line {number} is no entry: {error}") from None


def _sync_folder(path: Path) -> None:
    """So that a new file has its name after a power cut."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
