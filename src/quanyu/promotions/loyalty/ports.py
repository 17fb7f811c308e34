"""What the desk of points needs from outside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import Clock
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.customers.identity.anchors import Identifier
from quanyu.events.once import Once
from quanyu.events.recording import Facts
from quanyu.ids import Tokeniser
from quanyu.ledger.book import Book
from quanyu.promotions.loyalty.lots import Lot
from quanyu.promotions.loyalty.programmes import Programme, Terms
from quanyu.promotions.loyalty.shelf import Shelf, Taken

Tx = TypeVar("Tx")
InTx = TypeVar("InTx", contravariant=True)


class Member(msgspec.Struct, frozen=True):
    id: int
    public_id: str
    """Random: nothing of the person is in it."""
    holder: Identifier


class Spend(msgspec.Struct, frozen=True):
    id: int
    reference: str
    points: int
    links: tuple[Taken, ...]

    @property
    def out(self) -> int:
        """Points that have not come back."""
        return sum(link.points - link.restored for link in self.links)


class Purses(Protocol[InTx]):
    """Programmes, members, lots and spends. Engines live in ``storage``."""

    def put_programme(self, tx: InTx, owner: str, *, name: str, terms: Terms) -> Programme:
        """Makes it, or gives it other terms."""

    def programmes(self, tx: InTx, owner: str) -> Sequence[Programme]: ...

    def members(
        self, tx: InTx, programme: Programme, *, holders: Sequence[Identifier]
    ) -> Sequence[Member]:
        """Of these holders, in the order of their ids."""

    def members_by_id(self, tx: InTx, members: Sequence[int]) -> Sequence[Member]: ...

    def add_member(
        self, tx: InTx, programme: Programme, *, holder: Identifier, at_us: int
    ) -> tuple[Member, bool]:
        """The member of that holder, and whether it is new."""

    def load(self, tx: InTx, members: Sequence[int], *, lock: bool) -> Shelf:
        """Purses with their pending and available lots; locked in the order of their ids."""

    def lots(self, tx: InTx, ids: Sequence[int]) -> Sequence[Lot]: ...

    def take_turn(self, tx: InTx, programme: Programme, *, reference: str) -> None:
        """Who comes for the same order waits until this transaction has ended, also with another
        purse: an order earns once and spends once."""

    def lot_of(self, tx: InTx, programme: Programme, *, reference: str) -> Lot | None:
        """What an order earned."""

    def spend_of(self, tx: InTx, programme: Programme, *, reference: str) -> Spend | None: ...

    def new_lot_ids(self, tx: InTx, number: int) -> Sequence[int]: ...

    def save(self, tx: InTx, shelf: Shelf) -> None:
        """Writes what is new or has changed on the shelf."""

    def freeze(self, tx: InTx, members: Sequence[int], *, frozen: bool) -> None: ...

    def add_spend(
        self, tx: InTx, programme: Programme, *, reference: str, taken: Sequence[Taken]
    ) -> None: ...

    def save_links(self, tx: InTx, spend: Spend, *, links: Sequence[Taken]) -> None: ...

    def due(self, tx: InTx, now_us: int, *, limit: int) -> Sequence[tuple[Programme, int]]:
        """(programme, member) of lots for which time has come, earliest first."""


class People(Protocol[InTx]):
    def __call__(self, tx: InTx, merchant: str, *, holder: Identifier) -> Sequence[Identifier]:
        """All identifiers of the person, the given one among them."""


@dataclass(frozen=True, slots=True)
class Ports(Generic[Tx]):
    purses: Purses[Tx]
    book: Book[Tx]
    facts: Facts[Tx]
    once: Once[Tx]
    clock: Clock
    people: People[Tx]
    tokeniser_of: Callable[[str], Tokeniser]
    door: Doorkeeper

    def transaction(self) -> AbstractContextManager[Tx]:
        return self.once.transactions.transaction()
