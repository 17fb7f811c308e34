"""What is owed: the book, and the desk where commands of many callers come together."""

from functools import cached_property

from quanyu.ledger.refusals import Outcome
from quanyu.ledger.service import Command, Ledger
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.ledger.reading import LedgerReader
from quanyu.storage.postgres.ledger.writing import LedgerWriter
from quanyu.wiring.merchants import Merchants

GROUP_LINES_MAX = 2_000
QUEUE_LINES_MAX = 200_000
GATHER_MS = 0.3


class Accounts(Merchants):
    @cached_property
    def book(self) -> PostgresBook:
        return PostgresBook(self.clock)

    @cached_property
    def ledger_writer(self) -> LedgerWriter:
        return LedgerWriter(self.database, self.book)

    @cached_property
    def ledger_reader(self) -> LedgerReader:
        return LedgerReader(self.database, self.book)

    @cached_property
    def ledger_desk(self) -> GroupCommit[Command, list[Outcome]]:
        return self._open.enter_context(
            GroupCommit(
                self.disk.guarding(self.ledger_writer.write),
                max_weight=GROUP_LINES_MAX,
                queue_max=QUEUE_LINES_MAX,
                weight=lambda command: command.weight,
                gather_ms=GATHER_MS,
            )
        )

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.ledger_desk)
