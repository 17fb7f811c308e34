"""File locks of the data directory. The kernel drops them when a process dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quanyu.errors import DirectoryInUse


class FileLock:
    """A lock on an open file; ``flock`` belongs to the open file, so each instance counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def exclude(self) -> None:
        """Waits until nobody else holds it."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    def try_exclude(self) -> bool:
        """Without waiting. After False a shared lock that was held may be gone."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def write(self, text: str) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text.encode(), 0)

    def read(self) -> str:
        return os.pread(self._fd, 200, 0).decode(errors="replace").strip()

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock at ``path`` exclusively for a block, waiting for it if need be."""
    lock = FileLock(path)
    try:
        lock.exclude()
        yield
    finally:
        lock.close()


class ServeLock:
    """One ``quanyu serve`` per data directory. Raises DirectoryInUse for the second."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        self._data_dir = data_dir
        self._lock: FileLock | None = None

    def __enter__(self) -> "ServeLock":
        lock = FileLock(self._data_dir / "serve.lock")
        if not lock.try_exclude():
            pid = lock.read()
            lock.close()
            raise DirectoryInUse(
                f"{self._data_dir} is served by process {pid or 'unknown'}; "
                "stop that one, or set QUANYU_DATA_DIR to another directory",
                pid=int(pid) if pid.isdigit() else None,
            )
        lock.write(f"{os.getpid()}\n")
        self._lock = lock
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()
        self._lock = None
