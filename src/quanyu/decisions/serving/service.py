"""Questions that come together are answered together: one look at all people, one page each, and
one transaction that remembers them all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from quanyu.clock import Clock
from quanyu.decisions.asking import Ask
from quanyu.decisions.serving.answer import Answer
from quanyu.decisions.serving.explanation import packed
from quanyu.decisions.serving.grounds import Asked, Grounds
from quanyu.decisions.serving.pipeline import Decision, decide
from quanyu.decisions.serving.ports import Contacts, DecisionLog, People, Wins
from quanyu.decisions.serving.question import Question, checked, tokens_of
from quanyu.decisions.serving.record import Outcome, Record
from quanyu.errors import NotFound, StorageUnavailable
from quanyu.events.once import Transactions
from quanyu.ids import Tokeniser

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class Ordered(Protocol[In]):
    def __call__(
        self, tx: In, merchant: str, *, orders: Sequence[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """Order → its items, of those that exist."""


class Purse(Protocol):
    """What this process may spend without asking: ``billing.slices``."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self, *, unknown: bool = False) -> None:
        """What was held since ``begin`` is there again; ``unknown``: nobody knows whether it was
        kept."""

    def hold(
        self, merchant: str, campaign: str, *, price_millifen: int, at_us: int
    ) -> int | None: ...  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping(Generic[Tx]):
    """Where things are looked up and kept."""

    people: People[Tx]
    contacts: Contacts[Tx]
    log: DecisionLog[Tx]
    wins: Wins[Tx]
    ordered: "Ordered[Tx]"


class Decisions(Generic[Tx]):
    def __init__(
        self, transactions: Transactions[Tx], keeping: Keeping[Tx], *, purse: Purse,
        grounds: Callable[[str], Grounds], clock: Clock,
    ) -> None:  # fmt: skip
        self._transactions, self._keeping = transactions, keeping
        self._purse, self._grounds, self._clock = purse, grounds, clock

    def question(self, merchant: str, ask: Ask, *, tokeniser: Tokeniser, trace: bytes) -> Question:
        """Raises BadInput with the field."""
        ecosystem, now_us = self._grounds(merchant).ecosystem, self._clock.now_us()
        at_us = checked(ask, ecosystem, now_us=now_us)
        who = tokens_of(ask, tokeniser)
        return Question(merchant=merchant, ask=ask, who=who, trace=trace, at_us=at_us)

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """In their order: people are read, pages decided, and all is kept in one transaction."""
        groups = [(merchant, list(some)) for merchant, some in groupby(questions, _merchant)]
        asked = [self._asked(merchant, some) for merchant, some in groups]
        self._purse.begin()
        try:
            made = [
                [decide(one, self._grounds(merchant), hold=self._hold(merchant, one.at_us))
                 for one in some]
                for (merchant, _), some in zip(groups, asked, strict=True)
            ]  # fmt: skip
            with self._transactions.transaction() as tx:
                for (merchant, _), some, pages in zip(groups, asked, made, strict=True):
                    self._keep(tx, merchant, made=list(zip(some, pages, strict=True)))
        except BaseException as error:
            self._purse.rollback(unknown=isinstance(error, StorageUnavailable))
            raise
        self._purse.commit()
        return [one.answer for pages in made for one in pages]

    def looked_up(self, merchant: str, trace: bytes) -> tuple[Record, Sequence[Outcome]]:
        """A decision, and what came of it. Raises NotFound."""
        with self._transactions.transaction() as tx:
            found = self._keeping.log.find(tx, merchant, trace=trace)
            if found is None:
                raise NotFound(f"decision {trace.hex()}; they are kept for 30 days")
            return found, self._keeping.log.outcomes(tx, merchant, trace=trace)

    def _asked(self, merchant: str, questions: Sequence[Question]) -> list[Asked]:
        now_us, grounds, keeping = self._clock.now_us(), self._grounds(merchant), self._keeping
        orders = [one.ask.context.order for one in questions if one.ask.context.order is not None]
        with self._transactions.transaction() as tx:
            viewers = keeping.people.viewers(
                tx, merchant, asked=[one.who for one in questions], at_us=now_us
            )
            ordered = keeping.ordered(tx, merchant, orders=orders) if orders else {}
        return [
            Asked(ask=one.ask, touchpoint=grounds.ecosystem.touchpoint(one.ask.touchpoint),
                  trace=one.trace, at_us=one.at_us, viewer=viewer, ordered=ordered)
            for one, viewer in zip(questions, viewers, strict=True)
        ]  # fmt: skip

    def _hold(self, merchant: str, at_us: int) -> Callable[[str, int], int | None]:
        return lambda campaign, price: self._purse.hold(
            merchant, campaign, price_millifen=price, at_us=at_us
        )

    def _keep(self, tx: Tx, merchant: str, *, made: Sequence[tuple[Asked, Decision]]) -> None:
        records = [
            Record(trace=asked.trace, at_us=asked.at_us, touchpoint=asked.touchpoint.id,
                   nodes=asked.viewer.nodes, told=packed(one.told))
            for asked, one in made
        ]  # fmt: skip
        self._keeping.log.keep(tx, merchant, records=records)
        contacts = [(asked.viewer.nodes[0], contact) for asked, one in made
                    for contact in one.contacts if asked.viewer.nodes]  # fmt: skip
        if contacts:
            self._keeping.contacts.keep(tx, merchant, contacts=contacts)
        wins = [win for _, one in made for win in one.wins]
        if wins:
            self._keeping.wins.keep(tx, merchant, wins=wins)


def _merchant(question: Question) -> str:
    return question.merchant
