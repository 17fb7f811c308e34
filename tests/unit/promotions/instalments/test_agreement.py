"""The life of a plan: its table of states by hand, and what holds whatever is paid and refunded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import DAY_US, parse_iso
from quanyu.errors import Refused
from quanyu.ids import Token
from quanyu.promotions.instalments.agreement import (
    Agreement,
    Changed,
    Financed,
    begun,
    due_days,
    pay_term,
    refund,
    settle,
)
from quanyu.promotions.instalments.postings import charged, returned
from quanyu.promotions.instalments.states import NEXT, PlanRefusal, PlanState, PlanStep
from quanyu.promotions.pricing.instalments import BEARERS, TERMS, Plan, plan_of

PAID = parse_iso("2026-03-10T12:00:00+08:00")
OF = Financed("茶馆", "o1", ("taobao_id", Token(bytes(16))), "store", "huabei", 180)
SHOPS = {"A": 7_000, "B": 3_000}


def agreed(
    financed: int = 100_00,
    terms: int = 3,
    *,
    bearer: Any = "merchant",
    shops: Mapping[str, int] = SHOPS,
    rate: int | None = None,
) -> Agreement:
    rates = {} if rate is None else {"rates": {terms: rate}}
    plan = plan_of(financed, terms, bearer=bearer, **rates)  # type: ignore[arg-type]
    assert isinstance(plan, Plan)
    bears = {"merchant": shops, "platform": {"platform": 1}, "buyer": {}}[bearer]
    return begun(OF, plan, now_us=PAID, cash_fen=bears)


def done(outcome: Changed | Refused) -> Agreement:
    assert isinstance(outcome, Changed), outcome
    return outcome.agreement


def next_term(agreement: Agreement) -> Changed | Refused:
    number = agreement.paid + 1
    due = agreement.plan.due_of(agreement.plan.terms[number - 1])
    return pay_term(agreement, number, amount_fen=due, now_us=PAID + number)


def all_left(agreement: Agreement) -> Changed | Refused:
    told = agreement.as_json(PAID)["settle_now"]
    return settle(agreement, amount_fen=told, now_us=PAID)


def given_back(agreement: Agreement, fen: int) -> Changed | Refused:
    return refund(agreement, fen, weights=SHOPS)


def in_state(state: PlanState) -> Agreement:
    """Of 100.00 in 3 terms; one of them is paid, or what makes the state."""
    one_paid = done(next_term(agreed()))
    match state:
        case PlanState.ACTIVE:
            return one_paid
        case PlanState.DONE:
            return done(next_term(done(next_term(one_paid))))
        case PlanState.SETTLED:
            return done(all_left(one_paid))
        case PlanState.CANCELLED:
            return done(given_back(one_paid, 100_00))


TAKEN: dict[PlanStep, Any] = {
    PlanStep.PAY: next_term,
    PlanStep.PAY_LAST: lambda one: next_term(done(next_term(one))),
    PlanStep.SETTLE: lambda one: settle(one, amount_fen=66_67, now_us=PAID),
    PlanStep.REFUND: lambda one: given_back(one, 1),
    PlanStep.REFUND_OWED: lambda one: given_back(one, 66_67),
    PlanStep.REFUND_ALL: lambda one: given_back(one, one.plan.financed_fen),
}


@pytest.mark.parametrize(("state", "step"), NEXT)
def test_every_step_of_the_table_is_taken(state: PlanState, step: PlanStep) -> None:
    after = done(TAKEN[step](in_state(state)))
    assert after.state is NEXT[state, step]


@pytest.mark.parametrize("state", [state for state in PlanState if state is not PlanState.ACTIVE])
def test_what_is_not_in_the_table_is_refused(state: PlanState) -> None:
    """Nothing is paid where nothing is owed, and nothing comes back twice."""
    over = in_state(state)
    assert settle(over, amount_fen=0, now_us=PAID) == Refused("nothing_is_owed")
    number = min(over.paid + 1, 3)
    refused = pay_term(over, number, amount_fen=0, now_us=PAID)
    assert isinstance(refused, Refused)
    assert refused.reason in {PlanRefusal.TERM_PAID, "nothing_is_owed"}
    too_much = over.plan.financed_fen + 1
    assert given_back(over, too_much) == Refused("more_than_was_financed", too_much, too_much - 1)


def test_only_an_active_plan_is_paid_and_a_cancelled_one_is_over() -> None:
    paying = {PlanStep.PAY, PlanStep.PAY_LAST, PlanStep.SETTLE, PlanStep.REFUND_OWED}
    assert {state for state, step in NEXT if step in paying} == {PlanState.ACTIVE}
    assert PlanState.CANCELLED not in {state for state, _ in NEXT}
    assert set(NEXT.values()) == set(PlanState)
    assert {step for _, step in NEXT} == set(PlanStep)


@pytest.mark.parametrize(
    ("number", "amount", "refused"),
    [
        (0, 33_33, Refused("no_such_term", 0, 3)),
        (4, 33_33, Refused("no_such_term", 4, 3)),
        (1, 33_33, Refused("term_paid_already", 1, 1)),
        (3, 33_34, Refused("term_out_of_order", 3, 2)),
        (2, 33_32, Refused("amount_differs", 33_32, 33_33)),
    ],
)
def test_a_term_once_in_order_and_what_is_due(number: int, amount: int, refused: Refused) -> None:
    once = in_state(PlanState.ACTIVE)
    assert pay_term(once, number, amount_fen=amount, now_us=PAID) == refused


def test_settling_takes_just_what_is_owed_on_the_day() -> None:
    own = agreed(bearer="buyer")
    assert settle(own, amount_fen=100_00, now_us=PAID) == Refused("amount_differs", 100_00, 100_60)
    later = PAID + 40 * DAY_US
    assert settle(own, amount_fen=100_60, now_us=later) == Refused("amount_differs", 100_60, 101_20)
    assert done(settle(own, amount_fen=101_20, now_us=later)).paid_us == [later] * 3


@pytest.mark.parametrize(
    ("paid", "days"),
    [
        ("2026-01-31T00:00:00+08:00", ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-31T12:00:00+08:00", ["2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2026-11-30T23:59:59+08:00", ["2026-12-30", "2027-01-30", "2027-02-28"]),
        ("2026-12-01T00:00:00+08:00", ["2027-01-01", "2027-02-01", "2027-03-01"]),
        ("2026-03-09T16:00:00+00:00", ["2026-04-10", "2026-05-10", "2026-06-10"]),
        ("2026-03-09T15:59:59+00:00", ["2026-04-09", "2026-05-09", "2026-06-09"]),
    ],
)
def test_due_days(paid: str, days: list[str]) -> None:
    assert [day.isoformat() for day in due_days(parse_iso(paid), 3)] == days


@pytest.mark.parametrize(
    ("today", "terms"),
    [("2026-03-10", 1), ("2026-04-10", 1), ("2026-04-11", 2), ("2026-06-11", 4)],
)
def test_a_term_begins_when_the_one_before_was_due(today: str, terms: int) -> None:
    assert agreed().begun(date.fromisoformat(today)) == terms


class TestShares:
    def test_by_the_cash_of_the_shops(self) -> None:
        assert agreed().shares == {"A": 126, "B": 54}

    def test_nobody_bears_nothing(self) -> None:
        assert agreed(shops={"A": 1, "B": 0}).shares == {"A": 180}
        assert agreed(bearer="buyer").shares == {}
        assert agreed(rate=0).shares == {}

    def test_the_fee_goes_with_the_goods(self) -> None:
        """A third of it falls away; the goods are A's."""
        back = refund(agreed(), 33_34, weights={"A": 33_34})
        assert isinstance(back, Changed)
        assert (back.back, back.agreement.shares) == ({"A": 60}, {"A": 66, "B": 54})

    def test_what_a_shop_no_longer_bears_goes_to_the_others(self) -> None:
        back = refund(agreed(), 100_00, weights={"B": 100_00})
        assert isinstance(back, Changed)
        assert back.back == {"A": 126, "B": 54}

    def test_settling_gives_back_to_all(self) -> None:
        back = all_left(agreed())
        assert isinstance(back, Changed)
        assert (back.back, back.agreement.shares) == ({"A": 84, "B": 36}, {"A": 42, "B": 18})

    def test_a_fee_of_the_buyer_is_posted_nowhere(self) -> None:
        own = agreed(bearer="buyer")
        assert charged(own).chain == []
        back = given_back(own, 50_00)
        assert isinstance(back, Changed)
        assert back.back == {}

    def test_a_shop_that_is_called_platform(self) -> None:
        debits = [one.debit for one in charged(agreed(shops={"platform": 1})).chain]
        assert debits == ["party/茶馆/platform/payable"]
        debits = [one.debit for one in charged(agreed(bearer="platform")).chain]
        assert debits == ["party/platform/payable"]

    def test_postings_are_two_sides_of_one_amount(self) -> None:
        plan = agreed()
        there, back = charged(plan).chain, returned(plan, {"B": 54}, key="r").chain
        assert [(one.debit, one.credit, one.amount) for one in there] == [
            ("party/茶馆/A/payable", "financier/huabei/茶馆/fees", 126),
            ("party/茶馆/B/payable", "financier/huabei/茶馆/fees", 54),
        ]
        assert [(one.debit, one.credit, one.amount) for one in back] == [
            ("financier/huabei/茶馆/fees", "party/茶馆/B/payable", 54)
        ]
        assert {one.code for one in there} == {"instalment.fee"}
        assert {one.code for one in back} == {"instalment.fee_back"}
        assert len({one.id for one in [*there, *back]}) == 3


steps = st.lists(
    st.one_of(
        st.just("pay"),
        st.just("settle"),
        st.tuples(st.integers(0, 10_000), st.dictionaries(st.sampled_from("AB"), st.integers(1))),
    ),
    max_size=14,
)
plans = st.builds(
    agreed,
    st.integers(12, 10**7),
    st.sampled_from(TERMS),
    bearer=st.sampled_from(BEARERS),
    shops=st.dictionaries(st.sampled_from("ABC"), st.integers(1, 10**7), min_size=1),
    rate=st.integers(0, 10_000),
)


class Ledger:
    """What the buyer, the shops and the financier have seen of one plan."""

    def __init__(self, plan: Agreement) -> None:
        self.first = self.now = plan
        self.refunded = self.cash = self.paid = self.back = 0
        self.used_principal = 0

    def take(self, step: Any) -> None:
        before = self.now
        if step in ("pay", "settle") and before.state is PlanState.ACTIVE:
            outcome = next_term(before) if step == "pay" else all_left(before)
            self.now = done(outcome)
            assert isinstance(outcome, Changed)
            self.paid += outcome.amount_fen
            settled = before.plan.terms[before.paid : self.now.paid]
            self.used_principal += sum(term.principal_fen for term in settled)
            self.back += sum(outcome.back.values())
        elif isinstance(step, tuple) and before.plan.financed_fen:
            share, weights = step
            self.give_back(before.plan.financed_fen * share // 10_000, weights)

    def give_back(self, fen: int, weights: Mapping[str, int]) -> None:
        if fen:
            outcome = refund(self.now, fen, weights=weights)
            self.now = done(outcome)
            assert isinstance(outcome, Changed)
            self.refunded += fen
            self.cash += outcome.amount_fen
            self.back += sum(outcome.back.values())


def holds(book: Ledger) -> None:
    first, now = book.first.plan, book.now.plan
    unpaid = sum(term.principal_fen for term in now.terms[book.now.paid :])
    assert now.financed_fen == first.financed_fen - book.refunded
    shortened = first.financed_fen - book.used_principal - unpaid
    assert book.cash + shortened == book.refunded
    assert 0 <= book.cash <= book.used_principal
    assert first.borne_fen - book.back == now.borne_fen == sum(book.now.shares.values())
    assert all(0 < fen <= book.first.shares[name] for name, fen in book.now.shares.items())
    assert all(0 <= term.fee_fen <= term.agreed_fee_fen for term in now.terms)
    owes = book.now.owed_fen > 0
    assert owes is (book.now.state is PlanState.ACTIVE)
    assert (now.financed_fen == 0) is (book.now.state is PlanState.CANCELLED)


@given(plan=plans, steps=steps)
def test_whatever_is_paid_and_refunded(plan: Agreement, steps: list[Any]) -> None:
    """Refunded = cash + what is no longer owed, and every fen of a fee is borne or has gone back,
    after each step."""
    book = Ledger(plan)
    holds(book)
    for step in steps:
        book.take(step)
        holds(book)


@given(plan=plans, steps=steps)
def test_all_back_leaves_the_fees_of_used_terms(plan: Agreement, steps: list[Any]) -> None:
    book = Ledger(plan)
    for step in steps:
        book.take(step)
    used = sum(term.fee_fen for term in book.now.plan.terms[: book.now.paid])
    book.give_back(book.now.plan.financed_fen, {"A": 1})
    holds(book)
    assert book.now.state is PlanState.CANCELLED
    assert book.now.plan.fee_fen == used
    assert book.refunded == plan.plan.financed_fen
    assert sum(book.now.shares.values()) == (0 if plan.plan.bearer == "buyer" else used)


@given(plan=plans, parts=st.lists(st.integers(1, 10_000), max_size=8))
def test_all_back_in_parts_before_a_term_was_used(plan: Agreement, parts: list[int]) -> None:
    """Σ parts = the fee that was posted, for whoever bears it."""
    book = Ledger(plan)
    for part in parts:
        book.take((part, {"B": 1}))
    book.give_back(book.now.plan.financed_fen, {})
    assert book.back == plan.plan.borne_fen
    assert (book.now.plan.fee_fen, book.now.shares, book.cash) == (0, {}, 0)


class TestTold:
    def test_what_is_shown(self) -> None:
        told = in_state(PlanState.ACTIVE).as_json(parse_iso("2026-05-11T00:00:00+08:00"))
        schedule = told.pop("schedule")
        assert told == {
            "order": "o1", "state": "active", "method": "huabei", "rate_bps": 180,
            "bearer": "merchant", "financed": 100_00, "fee": 180, "financed_now": 100_00,
            "fee_now": 180, "borne": {"A": 126, "B": 54}, "terms_paid": 1, "owed": 66_67,
            "settle_now": 66_67,
        }  # fmt: skip
        assert [one["status"] for one in schedule] == ["paid", "overdue", "due"]
        assert schedule[1] == {
            "term": 2, "due_on": "2026-05-10", "principal": 33_33, "fee": 0, "due": 33_33,
            "status": "overdue",
        }  # fmt: skip
        assert schedule[0]["paid_at"].startswith("2026-03-10T12:00:00")

    @pytest.mark.parametrize("state", PlanState)
    def test_sums_of_the_schedule(self, state: PlanState) -> None:
        told = in_state(state).as_json(PAID)
        schedule = told["schedule"]
        assert sum(one["principal"] for one in schedule) == told["financed_now"]
        unpaid = sum(one["due"] for one in schedule if one["status"] != "paid")
        assert unpaid == told["owed"]
        assert (told["settle_now"] is None) is (told["owed"] == 0)

    def test_the_fee_of_the_buyer_is_in_the_terms(self) -> None:
        told = agreed(bearer="buyer").as_json(PAID)
        first = told["schedule"][0]
        assert (first["fee"], first["due"]) == (60, 33_93)
        assert (told["fee_now"], told["borne"], told["owed"]) == (180, {}, 101_80)

    def test_an_agreement_names_nobody_when_it_is_told(self) -> None:
        told = msgspec.json.encode(agreed().as_json(PAID))
        assert b"taobao_id" not in told
