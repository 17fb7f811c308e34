"""Instalments on a real database and book: plans, fees and refunds, to the fen."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import KEY, faults, opened, rows
from tests.instalments_ground import (
    BEARER,
    UNITS,
    Lender,
    cart,
    fees,
    form,
    principals,
)
from tests.orders_ground import PAYABLE, SHOP

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.errors import NotFound, Refused
from quanyu.promotions.instalments.answers import Paid
from quanyu.promotions.instalments.states import PlanState
from quanyu.promotions.orders.answers import Done
from quanyu.promotions.pricing import Quote, decode_cart, decode_offers, evaluate
from quanyu.promotions.pricing.instalments import DEFAULT_RATES, Plan, plan_of
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

JANUARY_31 = parse_iso("2026-01-31T12:00:00+08:00")


@pytest.fixture
def lender(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Lender]:
    with opened(database, clock, data_dir) as engine:
        yield Lender(engine)
        assert faults(engine) == {}, "whatever was done, the books are in order"


class TestBeginning:
    @pytest.mark.parametrize("terms", [3, 6, 12])
    def test_the_plan_is_the_quote_to_the_fen(self, lender: Lender, terms: int) -> None:
        quoted = lender.engine.orders.quote(SHOP, form("q", terms))
        assert isinstance(quoted, Quote)
        (told,) = quoted.instalments
        agreement = lender.buy(terms=terms)
        assert principals(agreement) == told.schedule
        assert (len(told.schedule), told.fee_bearer) == (terms, BEARER[terms])
        assert agreement.plan.bearer == told.fee_bearer
        assert agreement.plan.financed_fen == quoted.payable == PAYABLE
        assert agreement.plan == plan_of(PAYABLE, terms, bearer=told.fee_bearer)
        assert agreement.financed.rate == DEFAULT_RATES[told.terms]

    def test_the_shops_bear_what_their_goods_cost(self, lender: Lender) -> None:
        """A sold 135.62, B 25.38 with shipping: 161.00 at 6.6 % are 10.63."""
        agreement = lender.buy(terms=12)
        assert agreement.plan.fee_fen == 1063
        assert agreement.shares == {"A": 895, "B": 168}
        assert lender.balances() == {
            "A": 14_000 - 895, "B": 2_600 - 168, "platform": -500, "fees": 1063,
            "clearing": -PAYABLE,
        }  # fmt: skip

    def test_the_platform_bears_it(self, lender: Lender) -> None:
        agreement = lender.buy(terms=6)
        assert agreement.shares == {"platform": 580}
        assert lender.balances() == {
            "A": 14_000, "B": 2_600, "platform": -500 - 580, "fees": 580, "clearing": -PAYABLE,
        }  # fmt: skip

    def test_a_fee_of_the_buyer_is_not_ours(self, lender: Lender) -> None:
        agreement = lender.buy(terms=3)
        assert (agreement.shares, agreement.plan.fee_fen) == ({}, 290)
        assert lender.balances() == {
            "A": 14_000, "B": 2_600, "platform": -500, "fees": 0, "clearing": -PAYABLE,
        }  # fmt: skip
        assert lender.told()["owed"] == PAYABLE + 290

    def test_terms_are_due_on_the_day_of_payment(self, lender: Lender, clock: FixedClock) -> None:
        clock.advance(JANUARY_31 - clock.now_us())
        days = lender.buy(terms=12).due_on
        assert days[:4] == [
            date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31),
        ]  # fmt: skip
        assert days[-1] == date(2027, 1, 31)

    def test_the_day_is_that_of_china(self, lender: Lender, clock: FixedClock) -> None:
        clock.advance(parse_iso("2026-05-31T23:30:00+08:00") - clock.now_us())
        late = lender.buy("late").due_on
        clock.advance(DAY_US // 24)
        after_midnight = lender.buy("after").due_on
        assert (late[0], after_midnight[0]) == (date(2026, 6, 30), date(2026, 7, 1))

    def test_who_pays_at_once_has_no_plan(self, lender: Lender) -> None:
        for done in (lender.place(terms=0), lender.pay_order()):
            assert isinstance(done, Done)
        with pytest.raises(NotFound):
            lender.plan()
        assert lender.pay(1, 100) == Refused("order_without_instalments")
        lender.refund(*UNITS)

    def test_an_unpaid_order_has_no_plan(self, lender: Lender) -> None:
        lender.place()
        with pytest.raises(NotFound):
            lender.plan()
        assert lender.pay(None, 100) == Refused("order_without_instalments")

    def test_less_than_a_fen_per_term_is_refused_when_placed(self, lender: Lender) -> None:
        line = {"line": "L", "shop": "A", "item": "pin", "quantity": 1, "list_price": 511}
        assert lender.place(lines=[line], shipping=[]) == Refused(
            "less_than_a_fen_per_term", 11, 12
        )
        assert isinstance(lender.place(lines=[line | {"list_price": 512}], shipping=[]), Done)


class TestRates:
    """Each rate is one of an operator who starts the engine with other settings."""

    @pytest.fixture
    def at(self, database: Database, clock: FixedClock, data_dir: Path) -> Any:
        @contextmanager
        def started(**rates: int) -> Iterator[Lender]:
            given = {int(name[1:]): rate for name, rate in rates.items()}
            settings = Settings(data_dir=data_dir, master_key_given=KEY, instalment_rates=given)
            engine = Engine(settings, database, clock=clock)
            yield Lender(engine, key=f"rates {rates}")
            assert faults(engine) == {}

        return started

    def test_an_order_keeps_the_rate_it_was_placed_at(self, at: Any) -> None:
        with at(t12=100) as cheap:
            cheap.place()
        with at(t3=1) as dear:
            assert isinstance(dear.pay_order(), Done)
            agreement = dear.plan()
            assert (agreement.financed.rate, agreement.plan.fee_fen) == (100, 161)

    def test_terms_that_are_not_offered(self, at: Any) -> None:
        with at(t3=1) as lender:
            assert lender.place() == Refused("terms_not_offered", 12)
            refused = lender.engine.orders.quote(SHOP, form("q", 12))
            assert refused == Refused("terms_not_offered", 12)

    def test_lent_for_nothing(self, at: Any) -> None:
        with at(t12=0) as lender:
            assert lender.buy().shares == {}
            lender.paid(1, None)
            lender.refund(*UNITS)
            assert lender.balances()["fees"] == 0


class TestPaying:
    def test_every_term_in_its_turn(self, lender: Lender) -> None:
        before = lender.buy(terms=3)
        books = lender.balances()
        assert lender.paid(1, 2).state is PlanState.ACTIVE
        after = lender.paid(3)
        assert (after.state, after.owed_fen, after.plan) == (PlanState.DONE, 0, before.plan)
        assert lender.balances() == books, "buyer and financier are among themselves"
        told = [fact for fact in lender.facts() if fact[0] == "instalment_paid"]
        assert told == [("instalment_paid", fen) for fen in (5_462, 5_464, 5_464)]

    def test_a_fact_says_which_term(self, lender: Lender) -> None:
        lender.buy(terms=6)
        lender.paid(1, None)
        first, rest = (
            one.event for one in lender.engine.log.read(0, 99)
            if one.event.kind == "instalment_paid"
        )  # fmt: skip
        assert (first.order, first.props) == ("o1", {"terms": 6, "term": 1})
        assert (rest.amount_fen, rest.props) == (13_417, {"terms": 6, "settled": True})

    @pytest.mark.parametrize(
        ("term", "amount", "refused"),
        [
            (1, 1_341, Refused("term_paid_already", 1, 1)),
            (3, 1_342, Refused("term_out_of_order", 3, 2)),
            (2, 1_340, Refused("amount_differs", 1_340, 1_342)),
            (2, 1_343, Refused("amount_differs", 1_343, 1_342)),
            (2, 0, Refused("amount_differs", 0, 1_342)),
            (13, 1_342, Refused("no_such_term", 13, 12)),
            (0, 1_342, Refused("no_such_term", 0, 12)),
            (None, 14_758, Refused("amount_differs", 14_758, 14_759)),
        ],
    )
    def test_what_is_refused(
        self, lender: Lender, term: int | None, amount: int, *, refused: Refused
    ) -> None:
        lender.buy()
        before = lender.paid(1)
        assert lender.pay(term, amount) == refused
        assert lender.plan() == before

    def test_nothing_is_paid_twice(self, lender: Lender) -> None:
        lender.buy(terms=3)
        lender.paid(1, None)
        assert lender.pay(None, 5_000) == Refused("nothing_is_owed")
        assert lender.pay(2, 5_000) == Refused("term_paid_already", 3, 2)

    def test_a_plan_of_another_merchant_is_not_there(self, lender: Lender) -> None:
        lender.buy()
        other = Lender(lender.engine, "别家")
        assert other.pay(1, 1_341) == Refused("order_without_instalments")
        with pytest.raises(NotFound):
            other.plan()
        mine = other.buy(terms=6)
        assert (mine.plan.bearer, lender.plan().plan.bearer) == ("platform", "merchant")

    def test_two_notices_race_for_one_term(self, lender: Lender) -> None:
        lender.buy()
        with ThreadPoolExecutor(8) as threads:
            done = list(threads.map(lambda _: lender.pay(1, 1_341), range(8)))
        assert sum(isinstance(one, Paid) for one in done) == 1
        assert {one.reason for one in done if isinstance(one, Refused)} == {"term_paid_already"}


class TestSettling:
    @pytest.mark.parametrize(("terms", "due"), [(3, PAYABLE + 96), (6, PAYABLE), (12, PAYABLE)])
    def test_at_once(self, lender: Lender, terms: int, due: int) -> None:
        """The first term has begun and keeps its fee; the others give theirs back."""
        agreed = lender.buy(terms=terms)
        done = lender.pay(None)
        assert isinstance(done, Paid)
        assert (done.amount_fen, done.owed_fen, done.state) == (due, 0, PlanState.SETTLED)
        after = lender.plan()
        assert fees(after) == [fees(agreed)[0], *[0] * (terms - 1)]
        borne = agreed.plan.borne_fen - after.plan.borne_fen
        assert done.fee_back_fen == borne
        assert lender.balances()["fees"] == after.plan.borne_fen

    def test_who_is_late_saves_nothing(self, lender: Lender, clock: FixedClock) -> None:
        agreed = lender.buy(terms=3)
        clock.advance(70 * DAY_US)
        told = lender.told()
        assert [one["status"] for one in told["schedule"]] == ["overdue", "overdue", "due"]
        assert told["settle_now"] == PAYABLE + agreed.plan.fee_fen == agreed.owed_fen

    def test_the_shops_get_their_fee_back(self, lender: Lender) -> None:
        """Of 10.63 one term's 0.88 stays."""
        lender.buy(terms=12)
        lender.paid(None)
        after = lender.plan()
        assert after.plan.fee_fen == 88
        assert after.shares == {"A": 74, "B": 14}
        assert (lender.balances()["A"], lender.balances()["B"]) == (14_000 - 74, 2_600 - 14)


class TestRefunding:
    def test_the_last_terms_go_first_and_their_fee_with_them(self, lender: Lender) -> None:
        lender.buy(terms=12)
        lender.paid(1, 2)
        back = lender.refund(("L1", 1))
        after = lender.plan()
        assert after.plan.financed_fen == PAYABLE - back.cash_fen
        assert principals(after)[:2] == [1_341, 1_342]
        assert principals(after)[-3:] == [0, 0, 0]
        assert lender.balances()["fees"] == after.plan.fee_fen
        assert after.shares["B"] == 168, "only A's goods went back, so only A's fee did"

    @pytest.mark.parametrize("terms", [3, 6, 12])
    def test_everything_back_before_a_term_was_paid(self, lender: Lender, terms: int) -> None:
        lender.buy(terms=terms)
        lender.refund(*UNITS)
        after = lender.plan()
        assert (after.state, after.plan.fee_fen, after.shares) == (PlanState.CANCELLED, 0, {})
        assert set(lender.balances().values()) == {0}
        assert [one["status"] for one in lender.told()["schedule"]] == ["gone"] * terms
        assert lender.pay(1, 0) == Refused("nothing_is_owed")

    @pytest.mark.parametrize("order", list(permutations(UNITS))[::5])
    def test_in_any_order_the_parts_are_the_whole(self, lender: Lender, order: Any) -> None:
        lender.buy(terms=12)
        for unit in order:
            lender.refund(unit)
        assert lender.plan().state is PlanState.CANCELLED
        assert set(lender.balances().values()) == {0}

    def test_used_terms_keep_their_fee(self, lender: Lender) -> None:
        agreed = lender.buy(terms=12)
        lender.paid(1, 2, 3)
        used = sum(fees(agreed)[:3])
        for unit in UNITS:
            lender.refund(unit)
        after = lender.plan()
        assert (after.state, after.plan.fee_fen) == (PlanState.CANCELLED, used)
        assert lender.balances()["fees"] == used == sum(after.shares.values())
        assert lender.balances()["A"] + lender.balances()["B"] == -used

    def test_a_refund_may_end_what_is_owed(self, lender: Lender) -> None:
        lender.buy(terms=3)
        lender.paid(1, 2)
        lender.refund(("L1", 1), ("L1", 2))
        after = lender.plan()
        assert (after.state, after.owed_fen) == (PlanState.DONE, 0)
        assert lender.told()["schedule"][2]["status"] == "gone"
        assert lender.pay(None, 0) == Refused("nothing_is_owed")
        lender.refund(("L1", 3), ("L2", 1))
        assert lender.plan().state is PlanState.CANCELLED

    def test_after_settling_it_is_all_cash(self, lender: Lender) -> None:
        lender.buy(terms=6)
        kept = lender.paid(None).plan.fee_fen
        lender.refund(("L2", 1))
        assert (lender.plan().state, lender.plan().plan.fee_fen) == (PlanState.SETTLED, kept)
        lender.refund(*UNITS[:3])
        assert (lender.plan().state, lender.balances()["fees"]) == (PlanState.CANCELLED, kept)

    def test_units_that_cost_nothing(self, lender: Lender) -> None:
        """A unit without cash goes back without the plan, also after everything else has."""
        present = {"line": "L3", "shop": "A", "item": "pin", "quantity": 1, "list_price": 0}
        lender.buy(lines=[*cart(12)["lines"], present])
        lender.refund(("L3", 1))
        assert lender.plan().plan.financed_fen == PAYABLE
        lender.buy("o2", lines=[*cart(12)["lines"], present])
        lender.refund(*UNITS, order="o2")
        lender.refund(("L3", 1), order="o2")
        assert lender.plan("o2").state is PlanState.CANCELLED


def test_terms_and_refunds_race_and_the_books_hold(lender: Lender) -> None:
    lender.buy()

    def step(number: int) -> object:
        if number % 2:
            return lender.refund(UNITS[number // 2])
        return lender.pay(number // 2 + 1)

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(step, range(8)))
    assert all(isinstance(one, Paid | Refused) for one in done[::2])
    after = lender.plan()
    assert after.state is PlanState.CANCELLED
    assert lender.balances()["fees"] == after.plan.fee_fen


def test_no_answer_and_no_plan_names_the_buyer(lender: Lender) -> None:
    lender.buy()
    lender.paid(1, None)
    token = lender.engine.buyer(SHOP, {"taobao_id": "ann"}).own[0][1]
    for table in ("instalment_plan", "instalment_term", "request"):
        held = rows(lender.engine.database, f"SELECT t::text FROM {table} t")
        assert held
        assert not any(token.hex() in text for (text,) in held)


def test_an_erased_buyer_pays_on_under_a_random_name(lender: Lender) -> None:
    lender.buy()
    lender.engine.projector.catch_up()
    lender.engine.privacy.erase(SHOP, "taobao_id:ann")
    lender.paid(1)
    told = list(lender.engine.log.read(0, 99))[-1].event
    assert (told.kind, told.identifiers[0][0]) == ("instalment_paid", "erased")


@pytest.mark.parametrize("terms", [3, 6, 12])
@pytest.mark.parametrize("payable", [12, 100, 36_890, 99_999_999])
@pytest.mark.parametrize("bearer", ["merchant", "platform", "buyer"])
def test_quote_and_plan_agree_for_each_bearer(terms: int, payable: int, bearer: Any) -> None:
    free = {"instalment_free": {"terms": [terms], "fee_bearer": bearer}}
    offers = [] if bearer == "buyer" else [{"id": "f", "lane": "payment", "benefit": free}]
    line = {"line": "L", "shop": "A", "item": "i", "quantity": 1, "list_price": payable}
    said = cart(terms, lines=[line], shipping=[])
    quote = evaluate(decode_cart(json.dumps(said)), decode_offers(json.dumps(offers)))
    (told,) = quote.instalments
    plan = plan_of(quote.payable, told.terms, bearer=told.fee_bearer)
    assert isinstance(plan, Plan)
    assert [term.principal_fen for term in plan.terms] == told.schedule
    assert (plan.bearer, plan.financed_fen) == (bearer, payable)
