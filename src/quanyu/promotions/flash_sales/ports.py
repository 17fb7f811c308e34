"""What flash sales need from outside. Engines live in ``storage``."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from quanyu.clock import Clock
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Tokeniser
from quanyu.ledger.book import Book
from quanyu.promotions.comparing import Comparing
from quanyu.promotions.flash_sales.sales import Attempt, Outcome, Reservations

Tx = TypeVar("Tx")
InTx = TypeVar("InTx", contravariant=True)


class Persons(Protocol[InTx]):
    def __call__(
        self, tx: InTx, merchant: str, *, holders: Sequence[Identifier]
    ) -> Mapping[Identifier, Identifier]:
        """Every identifier of these persons → one that stands for the person."""


class Inbox(Protocol):
    def submit(self, command: Attempt) -> "Future[Outcome]": ...


@dataclass(frozen=True, slots=True)
class Ports(Generic[Tx]):
    reservations: Reservations[Tx]
    book: Book[Tx]
    clock: Clock
    persons: Persons[Tx]
    transaction: Callable[[], AbstractContextManager[Tx]]
    tokeniser_of: Callable[[str], Tokeniser]
    door: Doorkeeper
    comparing: Comparing[Tx]
