"""Group commit: commands that arrive together share one transaction and one flush to disk."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

from quanyu.errors import BadInput, Overloaded, QuanyuError, StorageUnavailable

C = TypeVar("C")
R = TypeVar("R")


class Waiting(NamedTuple, Generic[C, R]):
    command: C
    weight: int
    future: "Future[R]"


class GroupCommit(Generic[C, R]):
    """Gathers commands for up to ``gather_ms``, or until they weigh ``max_weight``, and writes
    them as one group in a thread of its own.

    ``write`` gets a list of commands and returns as many results; one call is one transaction.
    At most ``queue_max`` of weight waits, then ``submit`` raises Overloaded: memory is bounded.
    When a group fails for a reason of ours, or for what one caller put in (BadInput), its commands
    are tried one by one, so that a poison command fails alone; an outside failure (any other
    QuanyuError) is the answer to the whole group.
    """

    def __init__(
        self,
        write: Callable[[list[C]], list[R]],
        *,
        max_weight: int,
        queue_max: int,
        weight: Callable[[C], int],
        gather_ms: float = 2,
    ) -> None:
        self._write = write
        self._max_weight = max_weight
        self._queue_max = queue_max
        self._weigh = weight
        self._gather_s = gather_ms / 1000
        self._queue: deque[Waiting[C, R]] = deque()
        self._queued = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def __enter__(self) -> "GroupCommit[C, R]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def queued(self) -> int:
        """Weight of what waits."""
        return self._queued

    def submit(self, command: C) -> "Future[R]":
        """The result comes when the command is durable.

        Raises Overloaded when too much waits, StorageUnavailable after ``close``.
        """
        weight = self._weigh(command)
        waiting = Waiting[C, R](command, weight, Future())
        with self._changed:
            if self._closed:
                raise StorageUnavailable("the server is stopping")
            if self._queue and self._queued + weight > self._queue_max:
                raise Overloaded(f"{self._queued} are waiting", queued=self._queued)
            self._queue.append(waiting)
            self._queued += weight
            if len(self._queue) == 1 or self._queued >= self._max_weight:
                self._changed.notify()
        return waiting.future

    def close(self) -> None:
        """Write what waits, then stop. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            self._settle([one for one in group if one.future.set_running_or_notify_cancel()])

    def _next_group(self) -> "list[Waiting[C, R]]":
        """Waits for a first command and a moment for its company; empty when all is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            self._changed.wait_for(
                lambda: self._closed or self._queued >= self._max_weight, self._gather_s
            )
            group: list[Waiting[C, R]] = []
            taken = 0
            while self._queue and (not group or taken + self._queue[0].weight <= self._max_weight):
                group.append(self._queue.popleft())
                taken += group[-1].weight
            self._queued -= taken
            return group

    def _settle(self, group: "list[Waiting[C, R]]") -> None:
        if not group:
            return
        try:
            results = self._write([one.command for one in group])
        except Exception as error:
            outside = isinstance(error, QuanyuError) and not isinstance(error, BadInput)
            if outside or len(group) == 1:
                fail(group, error)
                return
            for one in group:
                self._settle([one])
        else:
            answer(group, results)


def answer(group: "list[Waiting[C, R]]", results: list[R]) -> None:
    if len(results) != len(group):
        fail(group, AssertionError(f"{len(results)} results for {len(group)} commands"))
        return
    for one, result in zip(group, results, strict=True):
        one.future.set_result(result)


def fail(group: "list[Waiting[C, R]]", error: Exception) -> None:
    for one in group:
        one.future.set_exception(error)
