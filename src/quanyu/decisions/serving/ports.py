"""What the decision path asks of the world. Engines live in ``storage``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from quanyu.decisions.billing.win import Lease, Win
from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.guards.viewer import Viewer
from quanyu.decisions.serving.record import Outcome, Record
from quanyu.ids import Token

In = TypeVar("In", contravariant=True)
Identifiers = Sequence[tuple[str, Token]]
"""(Kind, token), tokenised before anything looks at them; empty: nobody."""


class People(Protocol[In]):
    def viewers(
        self, tx: In, merchant: str, *, asked: Sequence[Identifiers], at_us: int
    ) -> Sequence[Viewer]:
        """In the order asked, all in a few statements. Whoever is known by several identifiers
        is the person of the first that is known."""


class Contacts(Protocol[In]):
    def keep(self, tx: In, merchant: str, *, contacts: Sequence[tuple[int, Contact]]) -> None:
        """(Node, contact). In the transaction of the decision, after the log."""


class DecisionLog(Protocol[In]):
    def keep(self, tx: In, merchant: str, *, records: Sequence[Record]) -> None: ...

    def find(self, tx: In, merchant: str, *, trace: bytes) -> Record | None: ...

    def outcomes(self, tx: In, merchant: str, *, trace: bytes) -> Sequence[Outcome]:
        """By position, then time."""

    def between(self, tx: In, merchant: str, *, from_us: int, to_us: int) -> Iterator[Record]:
        """Made at or after ``from_us`` and before ``to_us``, oldest first, a page at a time."""


class Wins(Protocol[In]):
    def keep(self, tx: In, merchant: str, *, wins: Sequence[Win]) -> None:
        """In the transaction of the decision."""


class Leases(Protocol):
    def open(self, merchant: str, campaign: str, *, at_us: int) -> Lease | None:
        """A new slice, in a transaction of its own; None when the day's budget, or the whole, is
        gone. Never called inside another transaction."""

    def left_fen(self, merchant: str, *, day: int) -> Mapping[str, int]:
        """Campaign → what its day still has, for pacing."""
