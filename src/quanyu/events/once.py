"""Commands that take effect once, however often they are sent."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.errors import Refused
from quanyu.events.requests import Conflict, Request, Requests

T = TypeVar("T")
Tx = TypeVar("Tx")
TRIES = 4


class Raced(Exception):
    """Somebody else was faster in the middle of a transaction; the next try sees what they did."""


class Transactions(Protocol[Tx]):
    def transaction(self) -> AbstractContextManager[Tx]:
        """Commits at the end of the block, rolls back when it raises."""

    def attempt(self, tx: Tx, do: Callable[[], T]) -> T:
        """``do``, of which nothing remains when it gives a Refused; the rest of ``tx`` stays."""


@dataclass(frozen=True, slots=True)
class Once(Generic[Tx]):
    transactions: Transactions[Tx]
    requests: Requests[Tx]
    admit: Callable[[], None] = lambda: None
    """Raises when nothing may be written now, such as StorageFull."""

    def run(self, request: Request, do: Callable[[Tx], Any], *, answer: type[T]) -> T | Refused:
        """What ``do`` gives, or gave when this request came first. Refusals are kept as well:
        twins get equal answers. ``answer`` is a tagged Struct. What was Raced is done again, from
        its beginning: ``do`` keeps nothing between two calls."""
        self.admit()
        for _ in range(TRIES - 1):
            try:
                return self._tried(request, do, answer=answer)
            except Raced:
                continue
        return self._tried(request, do, answer=answer)

    def _tried(self, request: Request, do: Callable[[Tx], Any], *, answer: type[T]) -> T | Refused:
        with self.transactions.transaction() as tx:
            before = self.requests.begin(tx, request)
            if isinstance(before, Conflict):
                return Refused(before)
            if before is not None:
                return msgspec.json.decode(before, type=answer | Refused)
            outcome = self.transactions.attempt(tx, lambda: do(tx))
            assert isinstance(outcome, answer | Refused), "the answer has the type that was said"
            self.requests.answer(tx, request, answer=msgspec.json.encode(outcome))
            return outcome
