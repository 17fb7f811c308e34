"""Long work beside the projector: it has its own thread, so that projections do not wait for it."""

import logging
import threading
from collections.abc import Callable

from quanyu.errors import QuanyuError

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""Called by the work between two steps; raises ``Stopped`` when it shall end."""


class Stopped(Exception):
    """The engine is being put away."""


class Beside:
    """One piece of work at a time; who comes while it runs comes again later."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[Check], object]) -> bool:
        """Whether it was begun. An outside failure is logged, and the next one tries again."""
        if self._stop.is_set() or self.running:
            return False
        self._thread = threading.Thread(target=self._run, args=(work,), name=self._name)
        self._thread.start()
        return True

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """Ends the work at its next step, and waits for that."""
        self._stop.set()
        self.wait()

    def _run(self, work: Callable[[Check], object]) -> None:
        try:
            work(self._check)
        except Stopped:
            log.info("%s was stopped", self._name)
        except QuanyuError as error:
            log.warning("%s waits: %s", self._name, error)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped
