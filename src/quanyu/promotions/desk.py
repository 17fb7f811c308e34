"""What every money command works with: one transaction, the book, the facts, the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from quanyu.clock import Clock
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.events.event import Event
from quanyu.events.once import Once
from quanyu.events.recording import Facts
from quanyu.ledger.accounts import Account
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Refused
from quanyu.ledger.transfers import Chain

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class Desk(Generic[Tx]):
    once: Once[Tx]
    book: Book[Tx]
    facts: Facts[Tx]
    clock: Clock
    door: Doorkeeper
    """What is sold under a name passes it first."""

    def settle(
        self,
        tx: Tx,
        merchant: str,
        *,
        chain: Chain = (),
        accounts: Sequence[Account] = (),
        facts: Sequence[Event] = (),
    ) -> None:
        """Books and tells what a command has decided, as its last step.

        The rules of the command have looked at everything the book would refuse, so a refusal is
        a bug: the transaction rolls back.
        """
        if accounts:
            self.book.open(tx, accounts)
        if chain:
            (outcome,) = self.book.post(tx, [chain])
            assert not isinstance(outcome, Refused), f"the book refuses: {outcome}"
        self.facts.record(tx, merchant, facts=facts)
