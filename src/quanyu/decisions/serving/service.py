"""Questions that come together are answered together: one look at all people, one page each, and
one transaction that remembers them all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from quanyu.clock import Clock
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.decisions.asking import Ask
from quanyu.decisions.guards.viewer import Viewer
from quanyu.decisions.serving.answer import Answer
from quanyu.decisions.serving.explanation import packed
from quanyu.decisions.serving.grounds import Asked, Grounds
from quanyu.decisions.serving.moments import at_us_of, check_place
from quanyu.decisions.serving.pipeline import Decision, decide
from quanyu.decisions.serving.ports import Contacts, DecisionLog, Identifiers, People, Wins
from quanyu.decisions.serving.record import TRACE_BYTES, Outcome, Record
from quanyu.errors import BadInput, NotFound
from quanyu.events.once import Transactions
from quanyu.ids import Tokeniser

Tx = TypeVar("Tx")


class Purse(Protocol):
    """What this process may spend without asking: ``billing.slices``."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None:
        """What was held since ``begin`` is there again."""

    def hold(
        self, merchant: str, campaign: str, *, price_millifen: int, at_us: int
    ) -> int | None: ...  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    merchant: str
    ask: Ask
    who: Identifiers
    trace: bytes
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping(Generic[Tx]):
    """Where things are looked up and kept."""

    people: People[Tx]
    contacts: Contacts[Tx]
    log: DecisionLog[Tx]
    wins: Wins[Tx]
    ordered: Callable[[Tx, str, Sequence[str]], Mapping[str, tuple[str, ...]]]
    """(merchant, orders) → the items of those that exist."""


class Decisions(Generic[Tx]):
    def __init__(
        self, transactions: Transactions[Tx], keeping: Keeping[Tx], *, purse: Purse,
        grounds: Callable[[str], Grounds], clock: Clock,
    ) -> None:  # fmt: skip
        self._transactions, self._keeping = transactions, keeping
        self._purse, self._grounds, self._clock = purse, grounds, clock

    def question(self, merchant: str, ask: Ask, *, tokeniser: Tokeniser, trace: bytes) -> Question:
        """Checked; identifiers are tokens from here on. Raises BadInput with the field."""
        assert len(trace) == TRACE_BYTES
        touchpoint = self._grounds(merchant).ecosystem.touchpoint(ask.touchpoint)
        page = ask.context.page
        slots = touchpoint.slots if ask.slots is None else min(touchpoint.slots, ask.slots)
        if page is not None and page.modules < slots + page.ads:
            mend = f"count the {slots} slots asked for and the ads elsewhere among the modules"
            raise BadInput("context.page.modules", mend)
        check_place(ask.context)
        who = [read_identifier(f"{kind}:{value}") for kind, value in ask.identifiers.items()]
        return Question(
            merchant=merchant, ask=ask, trace=trace,
            who=tuple(sorted((kind, tokeniser.token(kind, value)) for kind, value in who)),
            at_us=at_us_of(ask.context, self._clock.now_us()),
        )  # fmt: skip

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """In their order, in one transaction."""
        found: list[Answer] = []
        self._purse.begin()
        try:
            with self._transactions.transaction() as tx:
                for merchant, some in groupby(questions, key=lambda one: one.merchant):
                    found += self._answered(tx, merchant, questions=list(some))
        except BaseException:
            self._purse.rollback()
            raise
        self._purse.commit()
        return found

    def looked_up(self, merchant: str, trace: bytes) -> tuple[Record, Sequence[Outcome]]:
        """A decision, and what came of it. Raises NotFound."""
        with self._transactions.transaction() as tx:
            found = self._keeping.log.find(tx, merchant, trace=trace)
            if found is None:
                raise NotFound(f"decision {trace.hex()}; they are kept for 30 days")
            return found, self._keeping.log.outcomes(tx, merchant, trace=trace)

    def _answered(self, tx: Tx, merchant: str, *, questions: Sequence[Question]) -> list[Answer]:
        grounds = self._grounds(merchant)
        asked = self._asked(tx, merchant, questions=questions, grounds=grounds)
        made = [decide(one, grounds, hold=self._hold(merchant, one.at_us)) for one in asked]
        self._keep(tx, merchant, made=list(zip(asked, made, strict=True)))
        return [one.answer for one in made]

    def _asked(
        self, tx: Tx, merchant: str, *, questions: Sequence[Question], grounds: Grounds
    ) -> list[Asked]:  # fmt: skip
        now_us = self._clock.now_us()
        viewers: Sequence[Viewer] = self._keeping.people.viewers(
            tx, merchant, asked=[one.who for one in questions], at_us=now_us
        )
        orders = [one.ask.context.order for one in questions if one.ask.context.order is not None]
        ordered = self._keeping.ordered(tx, merchant, orders) if orders else {}
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
