"""Which amounts move, worked out on balances in memory: conserved, never below zero, once."""

from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.campaigns.accounts import (
    ads_purse,
    ads_revenue,
    campaign_day,
    campaign_out,
    campaign_total,
)
from quanyu.decisions.campaigns.campaign import Budget
from quanyu.decisions.campaigns.moving_money import (
    Place,
    Plan,
    begin_day,
    give_back,
    put_aside,
    rebudget,
)
from quanyu.decisions.campaigns.record import Money, Standing
from quanyu.decisions.campaigns.states import CampaignRefusal, CampaignState, VersionState
from quanyu.errors import Refused
from quanyu.ledger.accounts import Account, Balance, Limit, within

PURSE, TOTAL = ads_purse("m", "shop"), campaign_total("m", "c")
OUT, REVENUE = campaign_out("m", "c"), ads_revenue()
TODAY = 100


def day(number: int) -> Account:
    return campaign_day("m", "c", day=number)


@dataclass
class Till:
    """A book of a few lines, for one campaign."""

    budget: Budget = field(default_factory=lambda: Budget(100, 1_000))
    balances: dict[str, Balance] = field(default_factory=dict)
    given: dict[int, int] = field(default_factory=dict)
    committed_fen: int = 0
    ids: set[bytes] = field(default_factory=set)

    @classmethod
    def with_purse(cls, fen: int, **budget: int) -> "Till":
        made = cls(Budget(**budget)) if budget else cls()
        made.balances[PURSE.id] = Balance(credits_posted=fen)
        return made

    def plan(self, code: str = "test") -> Plan:
        standing = Standing(
            "c", "shop", "t", CampaignState.RUNNING, self.budget, 1, VersionState.IN_FORCE, 0, 1, 1,
            self.committed_fen,
        )  # fmt: skip
        place = Place("m", standing)
        return Plan(place, dict(self.given), self.balances, self.committed_fen, code)

    def carry_out(self, plan: Plan) -> None:
        """As the book would: in order, within limits, each id once."""
        self.balances = {id: msgspec.structs.replace(one) for id, one in self.balances.items()}
        for one in plan.transfers:
            assert one.id not in self.ids
            self.ids.add(one.id)
            source = self.balances.setdefault(one.debit, Balance())
            target = self.balances.setdefault(one.credit, Balance())
            source.debits_posted += one.amount
            target.credits_posted += one.amount
            assert one.amount > 0
            assert within(source, Limit.DEBITS), one
        self.given, self.committed_fen = plan.given, plan.committed_fen

    def post(self, source: Account, target: Account, fen: int) -> None:
        """What leases do."""
        self.balances.setdefault(source.id, Balance()).debits_posted += fen
        self.balances.setdefault(target.id, Balance()).credits_posted += fen

    def fen(self, account: Account) -> int:
        return self.balances.get(account.id, Balance()).posted

    def hold(self, account: Account, fen: int) -> None:
        self.balances[account.id].debits_pending += fen

    def approve(self) -> Refused | None:
        plan = self.plan()
        if (no := put_aside(plan)) is None:
            self.carry_out(plan)
        return no

    def begin(self, number: int = TODAY) -> int:
        plan = self.plan()
        begin_day(plan, number)
        self.carry_out(plan)
        return self.given[number]

    def rebudget(self, per_day: int, total: int, today: int = TODAY) -> Refused | None:
        plan, wanted = self.plan(), Budget(per_day, total)
        if (no := rebudget(plan, wanted, today=today)) is None:
            self.carry_out(plan)
            self.budget = wanted
        return no

    def end(self) -> int:
        plan = self.plan()
        give_back(plan)
        self.carry_out(plan)
        return self.committed_fen

    @property
    def whole(self) -> int:
        days = sum(self.fen(day(one)) for one in self.given)
        return days + sum(self.fen(one) for one in (PURSE, TOTAL, OUT, REVENUE))


def test_the_total_leaves_the_purse_at_approval() -> None:
    till = Till.with_purse(1_500)
    assert till.approve() is None
    assert (till.fen(PURSE), till.fen(TOTAL), till.committed_fen) == (500, 1_000, 1_000)


def test_a_short_purse_says_what_it_has_and_what_it_takes() -> None:
    till = Till.with_purse(999)
    assert till.approve() == Refused(CampaignRefusal.PURSE_TOO_SMALL, 999, 1_000)
    assert till.fen(PURSE) == 999


def test_what_is_held_in_the_purse_cannot_be_promised() -> None:
    till = Till.with_purse(1_000)
    till.hold(PURSE, 1)
    assert till.approve() == Refused(CampaignRefusal.PURSE_TOO_SMALL, 999, 1_000)


@pytest.mark.parametrize(
    ("total", "opened"), [(1_000, [100, 100, 100]), (250, [100, 100, 50]), (100, [100, 0, 0])]
)
def test_a_day_takes_its_budget_or_what_is_left(total: int, opened: list[int]) -> None:
    till = Till.with_purse(1_000, day_fen=100, total_fen=total)
    till.approve()
    for number, fen in enumerate(opened):
        assert till.begin(TODAY + number) == fen
        till.post(day(TODAY + number), OUT, fen)
        till.post(OUT, REVENUE, fen)


def test_what_a_day_did_not_use_is_there_for_the_next() -> None:
    till = Till.with_purse(250, day_fen=100, total_fen=250)
    till.approve()
    till.begin(TODAY)
    till.post(day(TODAY), OUT, 30)
    till.post(OUT, REVENUE, 10)
    assert till.begin(TODAY + 1) == 100
    assert till.given == {TODAY: 30, TODAY + 1: 100}
    assert till.plan().money == Money(120, 100, 20, 10)
    till.post(OUT, day(TODAY), 20)
    till.begin(TODAY + 2)
    assert till.given[TODAY] == 10, "a lease that came back late is swept as well"


class TestAnotherBudget:
    def started(self) -> Till:
        """100 a day of 1000; today 60 are at work, of which 40 are spent."""
        till = Till.with_purse(1_500)
        till.approve()
        till.begin()
        till.post(day(TODAY), OUT, 60)
        till.post(OUT, REVENUE, 40)
        return till

    @pytest.mark.parametrize(
        ("budget", "purse", "total", "of_day"),
        [
            ((100, 1_000), 500, 900, 40),
            ((100, 1_500), 0, 1_400, 40),
            ((300, 1_000), 500, 700, 240),
            ((70, 1_000), 500, 930, 10),
            ((10, 1_000), 500, 940, 0),
            ((100, 200), 1_300, 100, 40),
            ((100, 100), 1_400, 0, 40),
            ((60, 60), 1_440, 0, 0),
            ((2_000, 1_500), 0, 0, 1_440),
        ],
    )
    def test_it_counts_at_once(
        self, budget: tuple[int, int], purse: int, total: int, of_day: int
    ) -> None:
        till = self.started()
        assert till.rebudget(*budget) is None
        assert (till.fen(PURSE), till.fen(TOTAL), till.fen(day(TODAY))) == (purse, total, of_day)
        assert (till.fen(OUT), till.fen(REVENUE), till.whole) == (20, 40, 1_500)

    def test_never_below_what_is_spent_or_at_work(self) -> None:
        till = self.started()
        assert till.rebudget(50, 59) == Refused(CampaignRefusal.BELOW_SPENT, 59, 60)
        till.hold(day(TODAY), 5)
        assert till.rebudget(50, 64) == Refused(CampaignRefusal.BELOW_SPENT, 64, 65)
        assert till.rebudget(50, 65) is None

    def test_more_than_the_purse_has(self) -> None:
        till = self.started()
        assert till.rebudget(100, 1_501) == Refused(CampaignRefusal.PURSE_TOO_SMALL, 500, 501)

    def test_an_earlier_day_gives_what_it_has_left(self) -> None:
        till = self.started()
        assert till.rebudget(100, 60, today=TODAY + 1) is None
        assert (till.fen(PURSE), till.fen(day(TODAY)), till.given) == (1_440, 0, {TODAY: 60})


def test_after_the_end_everything_that_nobody_uses_goes_back() -> None:
    till = Till.with_purse(1_000)
    till.approve()
    till.begin()
    till.post(day(TODAY), OUT, 60)
    till.post(OUT, REVENUE, 25)
    assert till.end() == 60, "35 are at work, 25 spent"
    assert till.plan().money == Money(0, 0, 35, 25)
    till.post(OUT, day(TODAY), 35)
    assert till.end() == till.plan().money.spent_fen == 25
    assert till.fen(PURSE) == 975


AMOUNT = st.integers(1, 400)
STEP = st.one_of(
    st.tuples(st.just("begin"), st.integers(0, 4)),
    st.tuples(st.just("rebudget"), AMOUNT, st.integers(1, 1_500), st.integers(0, 4)),
    st.tuples(st.just("lease"), st.integers(0, 4), AMOUNT),
    st.tuples(st.just("back"), st.integers(0, 4), AMOUNT),
    st.tuples(st.just("spend"), AMOUNT),
    st.tuples(st.just("end")),
)


@settings(max_examples=120)
@given(st.lists(STEP, max_size=25), st.integers(0, 2_000))
def test_no_order_of_steps_makes_or_loses_a_fen(
    steps: list[tuple[object, ...]], purse: int
) -> None:
    till = Till.with_purse(purse)
    if till.approve() is not None:
        return
    for step in steps:
        match step:
            case ("begin", int(number)) if number not in till.given:
                till.begin(number)
            case ("rebudget", int(per_day), int(total), int(number)):
                till.rebudget(min(per_day, total), total, number)
            case ("lease", int(number), int(fen)) if number in till.given:
                till.post(day(number), OUT, min(fen, till.fen(day(number))))
            case ("back", int(number), int(fen)) if number in till.given:
                till.post(OUT, day(number), min(fen, till.fen(OUT)))
            case ("spend", int(fen)):
                till.post(OUT, REVENUE, min(fen, till.fen(OUT)))
            case ("end",):
                till.end()
        money = till.plan().money
        assert till.whole == purse
        assert min(msgspec.to_builtins(money).values()) >= 0
        assert sum(msgspec.to_builtins(money).values()) == till.committed_fen
        assert money.spent_fen == till.fen(REVENUE)
        assert all(till.given[one] >= till.fen(day(one)) for one in till.given)
