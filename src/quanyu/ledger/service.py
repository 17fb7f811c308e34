"""The desk of the ledger: commands of many callers, each answered when it is durable."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from quanyu.ledger.accounts import Account
from quanyu.ledger.refusals import Outcome
from quanyu.ledger.transfers import Chain


@dataclass(frozen=True, slots=True)
class Command:
    """What one caller wants: accounts to open first, chains to post, in order."""

    chains: Sequence[Chain]
    accounts: Sequence[Account] = ()
    owner: str | None = None
    """Who asks, when it is a merchant: accounts of others are not there for it."""

    @property
    def weight(self) -> int:
        """Lines that wait for the writer."""
        return 1 + sum(map(len, self.chains)) + len(self.accounts)


class Desk(Protocol):
    """Where commands go. Engines gather several callers into one durable write."""

    def submit(self, command: Command) -> "Future[list[Outcome]]":
        """The future is done when the command is durable. Raises when too much waits."""


class Ledger:
    """Opens accounts and posts chains, outside any other transaction. What must commit together
    with something else goes to the ``Book`` instead."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def submit(
        self,
        chains: Sequence[Chain],
        *,
        accounts: Sequence[Account] = (),
        owner: str | None = None,
    ) -> "Future[list[Outcome]]":
        """One outcome per chain, in their order, once all of it is durable.

        With an owner, accounts of anybody else are refused as not found."""
        return self._desk.submit(Command(chains, accounts, owner))

    def post(self, chains: Sequence[Chain], *, accounts: Sequence[Account] = ()) -> list[Outcome]:
        """As ``submit``, waiting for the disk. Raises Overloaded, Storage…, and BadInput for an
        account that is open with other content."""
        return self.submit(chains, accounts=accounts).result()
