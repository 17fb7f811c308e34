"""Refuses writes while the disk still has room for the server to live on.

PostgreSQL that cannot write its log stops altogether, reads included. Refusing a little earlier
keeps everything but writing alive, and leaves room to checkpoint, vacuum and recover.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from quanyu.errors import StorageFull

C = TypeVar("C")
R = TypeVar("R")
MIB = 1 << 20


class DiskGuard:
    """Watches the file systems of some directories; those that do not exist are left out."""

    def __init__(self, directories: Sequence[Path], *, free_bytes_min: int) -> None:
        self._directories = directories
        self._free_bytes_min = free_bytes_min

    @classmethod
    def of_data_dir(cls, data_dir: Path, *, free_bytes_min: int) -> "DiskGuard":
        """The data directory, and the cluster's place when that lies elsewhere."""
        return cls((data_dir, data_dir / "postgres"), free_bytes_min=free_bytes_min)

    def check(self) -> None:
        """Raises StorageFull when less than the minimum is free anywhere."""
        for directory in self._directories:
            free = free_bytes(directory)
            if free is not None and free < self._free_bytes_min:
                raise StorageFull(f"{free // MIB} MiB are free at {directory}", free_bytes=free)

    def guarding(self, write: Callable[[list[C]], list[R]]) -> Callable[[list[C]], list[R]]:
        """``write`` that asks first."""

        def guarded(commands: list[C]) -> list[R]:
            self.check()
            return write(commands)

        return guarded


def free_bytes(directory: Path) -> int | None:
    """For a user without privileges; None when there is no such directory."""
    try:
        status = os.statvfs(directory)
    except FileNotFoundError:
        return None
    return status.f_bavail * status.f_frsize
