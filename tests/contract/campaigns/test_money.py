"""The money of campaigns in the book: put aside, opened by the day, given back, conserved."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.campaigns_ground import LIN, SHOP, WANG, Board, form, stock
from tests.engine_ground import tamper

from quanyu.clock import DAY_US, FixedClock, day_number
from quanyu.decisions.campaigns.accounts import campaign_out
from quanyu.decisions.campaigns.record import Money, Purse, Standing
from quanyu.decisions.campaigns.states import CampaignRefusal
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.ledger.accounts import Account
from quanyu.storage.audit.campaigns import campaigns_are_in_the_book
from quanyu.storage.postgres.campaigns import PostgresCampaigns
from quanyu.wiring import Engine

_numbers = count(1)


def today(board: Board) -> int:
    return day_number(board.engine.clock.now_us())


class TestThePurse:
    def test_it_is_filled_for_who_has_written_a_campaign(self, board: Board) -> None:
        with pytest.raises(NotFound, match="written no campaign"):
            board.fund(100)
        board.put()
        assert board.fund(100) == Purse(SHOP, 100)
        assert board.fund(50) == Purse(SHOP, 150)
        assert board.campaigns.purse(board.merchant, SHOP) == Purse(SHOP, 150)

    @pytest.mark.parametrize("fen", [0, -1, 10**15 + 1])
    def test_no_amount(self, board: Board, fen: int) -> None:
        board.put()
        with pytest.raises(BadInput, match="fen"):
            board.fund(fen)

    def test_a_short_one_keeps_the_campaign_in_review(self, board: Board) -> None:
        board.put()
        board.fund(49_999)
        board.move("submit")
        no = Refused(CampaignRefusal.PURSE_TOO_SMALL, 49_999, 50_000)
        assert board.move("approve", by=WANG) == no
        assert board.states() == ("in_review", "in_review", 0)
        assert board.fen()["purse"] == 49_999
        board.fund(1)
        assert isinstance(board.move("approve", by=WANG), Standing)

    def test_two_campaigns_cannot_promise_the_same_money(self, board: Board) -> None:
        for id in ("a", "b", "c"):
            board.put(form(id))
            board.move("submit", id)
        board.fund(100_000)
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda id: board.move("approve", id, by=WANG), "abc"))
        assert sum(isinstance(one, Standing) for one in done) == 2
        assert [one for one in done if isinstance(one, Refused)] == [
            Refused(CampaignRefusal.PURSE_TOO_SMALL, 0, 50_000)
        ]
        assert board.fen()["purse"] == 0


class TestADay:
    def test_it_is_opened_once(self, board: Board) -> None:
        board.run()
        day = today(board)
        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(lambda _: board.open_day(day), range(6))) == {10_000}
        assert board.fen(days=(day,))["total"] == 40_000

    def test_only_while_it_runs(self, board: Board) -> None:
        board.put()
        assert board.open_day(today(board)) == 0
        board.fund(100_000)
        board.move("submit")
        board.move("approve", by=WANG)
        board.move("pause")
        assert board.open_day(today(board)) == 0
        board.move("resume")
        assert board.open_day(today(board)) == 10_000
        board.move("pause")
        assert board.open_day(today(board)) == 10_000, "it has been opened"
        assert board.fen()["total"] == 40_000

    def test_the_last_day_takes_what_is_left(self, board: Board) -> None:
        board.run(form(budget={"day_fen": 30_000, "total_fen": 50_000}))
        day = today(board)
        assert board.open_day(day) == 30_000
        board.lease(day, 30_000)
        board.spend(30_000)
        assert board.open_day(day + 1) == 20_000
        board.lease(day + 1, 20_000)
        assert board.open_day(day + 2) == 0

    def test_what_was_not_used_is_there_tomorrow(self, board: Board) -> None:
        board.run(form(budget={"day_fen": 30_000, "total_fen": 50_000}))
        day = today(board)
        board.open_day(day)
        board.lease(day, 5_000)
        assert board.open_day(day + 1) == 30_000
        money, _ = board.campaigns.money(board.merchant, "spring")
        assert money == Money(15_000, 30_000, 5_000, 0)


class TestAnotherBudget:
    def test_of_a_draft_it_is_only_written_down(self, board: Board) -> None:
        board.put()
        done = board.budget(5_000, 6_000)
        assert isinstance(done, Standing)
        assert (done.budget.total_fen, done.committed_fen) == (6_000, 0)
        assert board.fen()["total"] == 0

    def test_what_the_campaign_was_put_aside_with(self, board: Board) -> None:
        board.put()
        board.budget(5_000, 6_000)
        board.fund(10_000)
        board.move("submit")
        board.move("approve", by=WANG)
        assert board.fen() == {
            "purse": 4_000, "total": 6_000, "out": 0, "revenue": board.fen()["revenue"],
            "paid_in": -10_000,
        }  # fmt: skip

    def test_it_counts_at_once_for_the_open_day(self, board: Board) -> None:
        board.run()
        day = today(board)
        board.open_day(day)
        board.lease(day, 6_000)
        assert isinstance(board.budget(20_000, 80_000), Standing)
        assert board.fen(days=(day,))[f"day {day}"] == 14_000
        assert isinstance(board.budget(7_000, 7_000), Standing)
        found = board.fen(days=(day,))
        assert (found[f"day {day}"], found["total"], found["purse"]) == (1_000, 0, 93_000)

    def test_never_below_what_is_spent_or_at_work(self, board: Board) -> None:
        board.run()
        day = today(board)
        board.open_day(day)
        board.lease(day, 6_000)
        board.spend(2_000)
        assert board.budget(100, 5_999) == Refused(CampaignRefusal.BELOW_SPENT, 5_999, 6_000)
        assert isinstance(board.budget(100, 6_000), Standing)

    def test_not_above_the_purse(self, board: Board) -> None:
        board.run(fen=60_000)
        no = Refused(CampaignRefusal.PURSE_TOO_SMALL, 10_000, 10_001)
        assert board.budget(10_000, 60_001) == no

    @pytest.mark.parametrize(
        ("day", "total", "field"), [(101, 100, "day_fen"), (99, 99, "bid_fen")]
    )
    def test_one_that_contradicts_itself_or_the_bid(
        self, board: Board, day: int, total: int, field: str
    ) -> None:
        board.run()
        with pytest.raises(BadInput) as caught:
            board.budget(day, total)
        assert caught.value.field.endswith(field)


class TestTheEnd:
    def test_what_is_left_goes_back_and_the_rest_when_it_comes(self, board: Board) -> None:
        board.run()
        day = today(board)
        board.open_day(day)
        board.lease(day, 4_000)
        board.spend(1_500)
        done = board.move("end")
        assert isinstance(done, Standing)
        assert (done.committed_fen, done.settled) == (4_000, False)
        assert board.fen()["purse"] == 96_000
        assert board.campaigns.settle() == 0, "the lease is still out"
        board.return_lease(day, 2_500)
        assert board.campaigns.settle() == 1
        assert board.fen()["purse"] == 98_500
        found = board.campaigns.find(board.merchant, "spring")
        assert (found.committed_fen, found.settled) == (1_500, True)
        assert board.campaigns.settle() == 0

    def test_a_draft_ends_without_money(self, board: Board) -> None:
        board.put()
        done = board.move("end")
        assert isinstance(done, Standing)
        assert done.settled

    def test_what_a_lease_spends_after_the_end_is_spent(self, board: Board) -> None:
        board.run()
        board.open_day(today(board))
        board.lease(today(board), 4_000)
        board.move("end")
        board.spend(4_000)
        board.campaigns.settle()
        assert board.campaigns.find(board.merchant, "spring").settled
        assert board.campaigns.money(board.merchant, "spring")[0] == Money(0, 0, 0, 4_000)


class TestMeanwhile:
    """Workers lease and spend while a marketer changes his mind."""

    def test_budgets_move_while_leases_do(self, board: Board) -> None:
        board.run(form(budget={"day_fen": 40_000, "total_fen": 50_000}))
        day, out = today(board), 0
        board.open_day(day)

        def work(number: int) -> int:
            leased = 0
            for _ in range(25):
                try:
                    board.lease(day, 100)
                    leased += 1
                except AssertionError:
                    continue
                if number % 2:
                    board.spend(60)
                    board.return_lease(day, 40)
            return leased

        def wish(_: int) -> int:
            for number in range(20):
                answer = board.budget(20_000 + number * 500, 30_000 + number * 500)
                assert isinstance(answer, Standing), answer
                board.campaigns.settle()
            return 0

        with ThreadPoolExecutor(5) as pool:
            done = [pool.submit(work, number) for number in range(4)] + [pool.submit(wish, 0)]
            out = sum(one.result() for one in done)
        assert out > 0
        money, purse = board.campaigns.money(board.merchant, "spring")
        assert sum((money.left_fen, money.days_fen, money.out_fen, money.spent_fen)) == 39_500
        assert purse.balance_fen == 60_500
        assert campaigns_are_in_the_book(board.engine.audited).holds

    def test_two_ends_at_once_give_back_once(self, board: Board) -> None:
        board.run()
        board.open_day(today(board))
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: board.move("end"), range(4)))
        assert sum(isinstance(one, Standing) for one in done) == 1
        assert board.fen()["purse"] == 100_000


class TestTheAudit:
    def test_it_holds_and_sees_every_campaign(self, board: Board) -> None:
        board.run()
        board.open_day(today(board))
        found = campaigns_are_in_the_book(board.engine.audited)
        assert found.holds, found.violations
        assert found.looked_at >= 1

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("UPDATE campaign SET committed_fen = 1, total_fen = 1, day_fen = 1", "left the purse"),
            ("UPDATE campaign_day SET given_fen = 1", "was given 1 fen, 10000"),
            ("UPDATE campaign SET settled = true", "it is settled"),
        ],
    )
    def test_what_somebody_changed_behind_its_back(
        self, board: Board, change: str, says: str
    ) -> None:
        board.run()
        board.open_day(today(board))
        where = f"merchant_no = (SELECT merchant_no FROM merchant WHERE name = '{board.merchant}')"
        saved = [board.campaigns.find(board.merchant, "spring"), board.fen()]
        tamper(board.engine.database, f"{change} WHERE {where}")
        found = campaigns_are_in_the_book(board.engine.audited).violations
        assert any(says in one for one in found), found
        assert saved[1] == board.fen()
        tamper(
            board.engine.database,
            f"UPDATE campaign SET committed_fen = 50000, total_fen = 50000, day_fen = 10000,"
            f" settled = false WHERE {where}",
            f"UPDATE campaign_day SET given_fen = 10000 WHERE {where}",
        )
        assert campaigns_are_in_the_book(board.engine.audited).holds

    def test_money_that_went_elsewhere(self, board: Board) -> None:
        board.run()
        day = today(board)
        board.open_day(day)
        board.lease(day, 500)
        board.post(campaign_out(board.merchant, "spring"), Account("elsewhere", "fen", "x"), fen=5)
        found = campaigns_are_in_the_book(board.engine.audited).violations
        assert any("49995 are in its accounts and 0 earned" in one for one in found), found
        board.post(Account("elsewhere", "fen", "x"), campaign_out(board.merchant, "spring"), fen=5)


STEP = st.one_of(
    st.tuples(st.sampled_from(["submit", "approve", "reject", "pause", "resume", "end"])),
    st.tuples(st.just("put"), st.integers(0, 3)),
    st.tuples(st.just("fund"), st.integers(1, 40_000)),
    st.tuples(st.just("budget"), st.integers(100, 30_000), st.integers(100, 60_000)),
    st.tuples(st.just("open_day"), st.integers(0, 3)),
    st.tuples(st.just("lease"), st.integers(0, 3), st.integers(1, 9_000)),
    st.tuples(st.just("back"), st.integers(0, 3), st.integers(1, 9_000)),
    st.tuples(st.just("spend"), st.integers(1, 9_000)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("settle")),
)


class Walk:
    """One campaign through any steps; what is impossible is left out or refused."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.first = today(board)
        self.days = tuple(range(self.first, self.first + 4))
        board.put()
        self.paid_in = 30_000
        self.earned = board.fen()["revenue"]
        board.fund(self.paid_in)
        board.move("submit")

    def step(self, *step: Any) -> None:
        board = self.board
        match step:
            case ("put", number):
                budget = board.campaigns.find(board.merchant, "spring").budget
                told = {"day_fen": budget.day_fen, "total_fen": budget.total_fen}
                board.put(form(title=f"第{number}稿", budget=told))
            case ("fund", fen):
                board.fund(fen)
                self.paid_in += fen
            case ("budget", per_day, total):
                board.budget(min(per_day, total), total)
            case ("open_day", number):
                board.open_day(self.days[number])
            case ("lease", number, fen):
                self.move_out(number, fen)
            case ("back", number, fen):
                if (most := min(fen, self.at("out"))) and self.has(number):
                    board.return_lease(self.days[number], most)
            case ("spend", fen):
                if most := min(fen, self.at("out")):
                    board.spend(most)
            case ("wait", hours):
                clock = board.engine.clock
                assert isinstance(clock, FixedClock)
                clock.advance(hours * DAY_US // 24)
            case ("settle",):
                board.campaigns.settle()
            case (str(verb),):
                board.move(verb, by=WANG if verb == "approve" else LIN)

    def move_out(self, number: int, fen: int) -> None:
        if most := min(fen, self.at(f"day {self.days[number]}")):
            self.board.lease(self.days[number], most)

    def has(self, number: int) -> bool:
        with self.board.engine.database.transaction() as tx:
            opened = PostgresCampaigns().days(tx, self.board.merchant, campaign="spring")
        return self.days[number] in opened

    def at(self, name: str) -> int:
        return self.board.fen(days=self.days)[name]

    def holds(self) -> None:
        found = self.board.fen(days=self.days)
        money, purse = self.board.campaigns.money(self.board.merchant, "spring")
        assert found.pop("paid_in") == -self.paid_in
        found["revenue"] -= self.earned
        assert sum(found.values()) == self.paid_in, "not a fen is made or lost"
        assert min(found.values()) >= 0
        assert purse.balance_fen == found["purse"]
        assert money.spent_fen == found["revenue"]
        standing = self.board.campaigns.find(self.board.merchant, "spring")
        if standing.state in ("approved", "running", "paused"):
            assert standing.committed_fen == standing.budget.total_fen
        if standing.state == "ended":
            left = sum(fen for name, fen in found.items() if name not in ("purse", "revenue"))
            assert left == 0 or not standing.settled


@settings(max_examples=25)
@given(steps=st.lists(STEP, max_size=14))
def test_no_sequence_of_moves_makes_or_loses_a_fen(
    engine: Engine, clock: FixedClock, steps: list[tuple[Any, ...]]
) -> None:
    noon_us = engine.clock.now_us()
    merchant = f"百货{next(_numbers)}"
    stock(engine, merchant)
    walk = Walk(Board(engine, merchant))
    try:
        for step in steps:
            walk.step(*step)
            walk.holds()
        assert campaigns_are_in_the_book(engine.audited).violations == ()
    finally:
        clock.advance(noon_us - engine.clock.now_us())
