"""Instalments: plans by hand, and what must hold of every plan, refund and early settlement."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.errors import BadInput, Refused
from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.instalments import (
    BEARERS,
    DEFAULT_RATES,
    TERMS,
    InstalmentRefusal,
    Plan,
    Returned,
    Settlement,
    Term,
    fee_of,
    give_back,
    owed,
    plan_of,
    principals_of,
    rate_of,
    read_rates,
    settle_early,
)


def planned(financed: int, terms: int, **more: Any) -> Plan:
    plan = plan_of(financed, terms, **more)
    assert isinstance(plan, Plan)
    return plan


def principals(plan: Plan) -> list[int]:
    return [term.principal_fen for term in plan.terms]


def fees(plan: Plan) -> list[int]:
    return [term.fee_fen for term in plan.terms]


@pytest.mark.parametrize(
    ("financed", "terms", "expected"),
    [
        (36890, 3, [12296, 12297, 12297]),
        (36890, 6, [6148, 6148, 6149, 6148, 6148, 6149]),
        (100, 3, [33, 33, 34]),
        (3, 3, [1, 1, 1]),
        (4, 3, [1, 1, 2]),
        (13, 12, [1] * 11 + [2]),
        (12, 12, [1] * 12),
    ],
)
def test_what_is_financed_is_split_to_the_fen(
    financed: int, terms: int, expected: list[int]
) -> None:
    assert principals(planned(financed, terms)) == expected


@pytest.mark.parametrize(
    ("financed", "rate", "fee"),
    [
        (100_00, 180, 180),
        (100_00, 0, 0),
        (100_00, 10_000, 100_00),
        (27, 180, 0),
        (28, 180, 1),
        (50, 100, 1),
        (49, 100, 0),
        (36890, 360, 1328),
        (0, 660, 0),
    ],
)
def test_half_a_fen_of_a_fee_counts_as_one(financed: int, rate: int, fee: int) -> None:
    assert fee_of(financed, rate=rate) == fee


@pytest.mark.parametrize(
    ("bearer", "own", "borne"),
    [("buyer", [60, 60, 60], 0), ("merchant", [0, 0, 0], 180), ("platform", [0, 0, 0], 180)],
)
def test_who_bears_the_fee(bearer: Any, own: list[int], borne: int) -> None:
    plan = planned(100_00, 3, bearer=bearer)
    assert fees(plan) == [60, 60, 60]
    assert [plan.own_fee_fen(term) for term in plan.terms] == own
    assert (plan.borne_fen, plan.bearer) == (borne, bearer)
    assert plan.due_fen == 100_00 + sum(own)


def test_the_longer_the_dearer() -> None:
    due = [planned(100_00, terms).due_fen for terms in TERMS]
    assert due == [101_80, 103_60, 106_60]


def test_a_merchant_may_have_rates_of_its_own() -> None:
    plan = planned(100_00, 6, rates={6: 1})
    assert (plan.due_fen, fees(plan)) == (100_01, [0, 0, 0, 0, 0, 1])


@pytest.mark.parametrize(
    ("asked", "field", "mend"),
    [
        ({"terms": 4}, "terms", "offer one of 3, 6, 12"),
        ({"terms": 0}, "terms", "offer one of 3, 6, 12"),
        ({"terms": 5, "rates": {3: 1}}, "terms", "offer one of 3"),
        ({"rates": {3: -1}}, "rates[3]", "give basis points from 0 to 10000"),
        ({"rates": {3: 10_001}}, "rates[3]", "give basis points from 0 to 10000"),
        ({"bearer": "bank"}, "bearer", "name one of merchant, platform, buyer"),
        ({"financed_fen": -1}, "financed_fen", f"finance from 0 to {FEN_MAX} fen"),
        ({"financed_fen": FEN_MAX + 1}, "financed_fen", f"finance from 0 to {FEN_MAX} fen"),
    ],
)
def test_bad_input_names_the_field_and_the_mend(
    asked: dict[str, Any], field: str, mend: str
) -> None:
    fields = {"financed_fen": 100_00, "terms": 3, **asked}
    with pytest.raises(BadInput) as caught:
        plan_of(fields.pop("financed_fen"), fields.pop("terms"), **fields)
    assert (caught.value.field, caught.value.mend) == (field, mend)


@pytest.mark.parametrize("terms", TERMS)
def test_a_term_is_worth_at_least_a_fen(terms: int) -> None:
    assert plan_of(terms - 1, terms) == Refused(InstalmentRefusal.TOO_FEW_FEN, terms - 1, terms)
    assert plan_of(0, terms) == Refused(InstalmentRefusal.TOO_FEW_FEN, 0, terms)
    assert isinstance(plan_of(terms, terms), Plan)


@pytest.mark.parametrize("terms", TERMS)
def test_the_largest_amount_does_not_overflow(terms: int) -> None:
    plan = planned(FEN_MAX, terms)
    assert plan.financed_fen == FEN_MAX
    assert plan.due_fen == FEN_MAX + fee_of(FEN_MAX, rate=DEFAULT_RATES[rate_of(
        DEFAULT_RATES, terms)[0]])  # fmt: skip


def test_only_known_terms_have_a_rate() -> None:
    assert [rate_of(DEFAULT_RATES, terms) for terms in TERMS] == [(3, 180), (6, 360), (12, 660)]
    with pytest.raises(BadInput):
        rate_of({}, 5)


def test_terms_that_are_not_offered() -> None:
    refused = Refused(InstalmentRefusal.TERMS_NOT_OFFERED, 12)
    assert rate_of({3: 1}, 12) == plan_of(100_00, 12, rates={3: 1}) == refused


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("3:180,6:360,12:660", dict(DEFAULT_RATES)),
        (" 6:0 ", {6: 0}),
        ("12:10000, 3:1", {12: 10_000, 3: 1}),
    ],
)
def test_rates_as_they_are_set(text: str, rates: dict[int, int]) -> None:
    assert read_rates(text) == rates


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "3:",
        "4:1",
        "3:-1",
        "3:10001",
        "3:1,3:2",
        "3:1.5",
        "3:١",
        "03:1",
        "3:1,",
        "3:000001",
    ],
)
def test_rates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="such as 3:180,6:360"):
        read_rates(text)


@pytest.mark.parametrize(
    ("bearer", "paid", "begun", "due", "left"),
    [
        ("buyer", 0, 1, 100_60, [60, 0, 0]),
        ("buyer", 1, 2, 67_27, [60, 60, 0]),
        ("buyer", 2, 3, 33_94, [60, 60, 60]),
        # who is late saves nothing by it
        ("buyer", 0, 3, 101_80, [60, 60, 60]),
        ("buyer", 0, 9, 101_80, [60, 60, 60]),
        ("buyer", 1, 3, 67_87, [60, 60, 60]),
        # who has paid ahead still has the next term begun
        ("buyer", 2, 1, 33_94, [60, 60, 60]),
        ("merchant", 0, 1, 100_00, [60, 0, 0]),
        ("platform", 1, 2, 66_67, [60, 60, 0]),
    ],
)
def test_early_settlement_waives_the_fees_of_terms_that_have_not_begun(
    bearer: Any, paid: int, begun: int, due: int, left: list[int]
) -> None:
    settled = settle_early(planned(100_00, 3, bearer=bearer), paid, begun=begun)
    assert isinstance(settled, Settlement)
    assert (settled.due_fen, fees(settled.plan)) == (due, left)
    assert settled.fee_waived_fen == 180 - sum(left)
    assert principals(settled.plan) == [3333, 3333, 3334]


@pytest.mark.parametrize(("paid", "have"), [(-1, -1), (4, 4)])
def test_there_are_only_the_terms_of_the_plan(paid: int, have: int) -> None:
    refused = Refused(InstalmentRefusal.NO_TERM_LEFT, have, 3)
    assert settle_early(planned(100_00, 3), paid) == refused
    assert give_back(planned(100_00, 3), 1, paid=paid) == refused


def test_nothing_is_settled_twice() -> None:
    assert settle_early(planned(100_00, 3), 3) == Refused(InstalmentRefusal.NOTHING_OWED, 0, 1)
    back = give_back(planned(100_00, 3), 100_00, paid=0)
    assert isinstance(back, Returned)
    assert settle_early(back.plan, 0) == Refused(InstalmentRefusal.NOTHING_OWED, 0, 1)


@pytest.mark.parametrize(
    ("refund", "paid", "left", "cash"),
    [
        # nothing paid: the last terms go first, nothing comes back in money
        (0, 0, [3333, 3333, 3334], 0),
        (1, 0, [3333, 3333, 3333], 0),
        (3334, 0, [3333, 3333, 0], 0),
        (3335, 0, [3333, 3332, 0], 0),
        (10000, 0, [0, 0, 0], 0),
        # one paid: what the two others cannot take comes back
        (6667, 1, [3333, 0, 0], 0),
        (6668, 1, [3332, 0, 0], 1),
        (10000, 1, [0, 0, 0], 3333),
        # all paid: everything comes back
        (1, 3, [3333, 3333, 3333], 1),
        (10000, 3, [0, 0, 0], 10000),
    ],
)
def test_a_refund_shortens_the_plan_from_the_last_term_backwards(
    refund: int, paid: int, left: list[int], cash: int
) -> None:
    back = give_back(planned(100_00, 3, bearer="merchant"), refund, paid=paid)
    assert isinstance(back, Returned)
    assert (principals(back.plan), back.cash_fen) == (left, cash)


@pytest.mark.parametrize(
    ("refund", "paid", "left", "waived"),
    [
        (3334, 0, [60, 60, 0], 60),
        (1667, 0, [60, 60, 30], 30),
        (1, 0, [60, 60, 60], 0),
        (100_00, 0, [0, 0, 0], 180),
        (100_00, 1, [60, 0, 0], 120),
        (100_00, 3, [60, 60, 60], 0),
    ],
)
def test_the_fee_goes_with_what_is_no_longer_lent(
    refund: int, paid: int, left: list[int], waived: int
) -> None:
    """The fee of a term that was paid stays: that money was lent."""
    back = give_back(planned(100_00, 3), refund, paid=paid)
    assert isinstance(back, Returned)
    assert (fees(back.plan), back.fee_waived_fen) == (left, waived)


def test_not_more_comes_back_than_was_financed() -> None:
    refused = Refused(InstalmentRefusal.MORE_THAN_FINANCED, 100_01, 100_00)
    assert give_back(planned(100_00, 3), 100_01, paid=0) == refused
    back = give_back(planned(100_00, 3), 60_00, paid=1)
    assert isinstance(back, Returned)
    assert give_back(back.plan, 40_01, paid=1) == Refused(
        InstalmentRefusal.MORE_THAN_FINANCED, 40_01, 40_00
    )


def test_a_negative_refund_is_bad_input() -> None:
    with pytest.raises(BadInput) as caught:
        give_back(planned(100_00, 3), -1, paid=0)
    assert caught.value.field == "refund_fen"


def test_every_refusal_has_been_seen() -> None:
    plan = planned(100_00, 3)
    answers = [
        plan_of(1, 3),
        settle_early(plan, 3),
        give_back(plan, 100_01, paid=0),
        give_back(plan, 1, paid=4),
        plan_of(100, 3, rates={}),
    ]
    assert {a.reason for a in answers if isinstance(a, Refused)} == set(InstalmentRefusal)


def test_a_plan_is_stored_and_comes_back() -> None:
    plan = planned(36890, 6)
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan


amounts = st.integers(12, 10**9)
plans = st.builds(
    planned,
    amounts,
    st.sampled_from(TERMS),
    bearer=st.sampled_from(BEARERS),
    rates=st.fixed_dictionaries({terms: st.integers(0, 10_000) for terms in TERMS}),
)


@given(plan=plans)
def test_terms_sum_to_the_whole_and_differ_by_a_fen(plan: Plan) -> None:
    assert max(principals(plan)) - min(principals(plan)) <= 1
    assert max(fees(plan)) - min(fees(plan)) <= 1
    assert plan.due_fen + plan.borne_fen == plan.financed_fen + sum(fees(plan))
    assert principals(plan) == principals_of(plan.financed_fen, len(plan.terms))


@given(financed=amounts, terms=st.sampled_from(TERMS), rate=st.integers(0, 10_000))
def test_the_fee_is_the_same_whoever_bears_it(financed: int, terms: Any, rate: int) -> None:
    whole = fee_of(financed, rate=rate)
    for bearer in BEARERS:
        plan = planned(financed, terms, bearer=bearer, rates={terms: rate})
        assert plan.fee_fen == whole
        assert plan.borne_fen == (0 if bearer == "buyer" else whole)
        assert plan.financed_fen == financed


@given(plan=plans, paid=st.integers(0, 12))
def test_settling_early_never_costs_more_than_going_on(plan: Plan, paid: int) -> None:
    settled = settle_early(plan, paid)
    if isinstance(settled, Refused):
        assert paid >= len(plan.terms)
        return
    own = settled.fee_waived_fen if plan.bearer == "buyer" else 0
    assert settled.due_fen + own == owed(plan, paid)
    assert settled.plan.fee_fen + settled.fee_waived_fen == plan.fee_fen
    assert settled.due_fen >= sum(principals(plan)[paid:])


@given(plan=plans, paid=st.integers(0, 12))
def test_what_was_paid_and_what_is_owed_are_the_whole(plan: Plan, paid: int) -> None:
    was = sum(plan.due_of(term) for term in plan.terms[:paid])
    assert was + owed(plan, paid) == plan.due_fen


def naive(terms: Sequence[Term], refund: int, *, paid: int) -> tuple[list[int], int]:
    """Fen by fen."""
    left, cash = [term.principal_fen for term in terms], 0
    for _ in range(refund):
        last = max(n for n, fen in enumerate(left) if fen)
        left[last] -= 1
        cash += last < paid
    return left, cash


@given(
    financed=st.integers(12, 300),
    terms=st.sampled_from(TERMS),
    paid=st.integers(0, 12),
    data=st.data(),
)
def test_a_refund_as_fen_by_fen(financed: int, terms: int, paid: int, data: st.DataObject) -> None:
    plan, paid = planned(financed, terms), min(paid, terms)
    refund = data.draw(st.integers(0, financed))
    back = give_back(plan, refund, paid=paid)
    assert isinstance(back, Returned)
    assert (principals(back.plan), back.cash_fen) == naive(plan.terms, refund, paid=paid)


@given(plan=plans, paid=st.integers(0, 12), data=st.data())
def test_refunds_in_pieces_are_one_refund(plan: Plan, paid: int, data: st.DataObject) -> None:
    """Whatever the pieces: the same principal is left, and the same money has come back."""
    paid = min(paid, len(plan.terms))
    whole = data.draw(st.integers(0, plan.financed_fen))
    first = data.draw(st.integers(0, whole))
    at_once = give_back(plan, whole, paid=paid)
    one = give_back(plan, first, paid=paid)
    assert isinstance(at_once, Returned)
    assert isinstance(one, Returned)
    two = give_back(one.plan, whole - first, paid=paid)
    assert isinstance(two, Returned)
    assert two.plan == at_once.plan
    assert one.cash_fen + two.cash_fen == at_once.cash_fen
    assert one.fee_waived_fen + two.fee_waived_fen == at_once.fee_waived_fen


@given(plan=plans, paid=st.integers(0, 12), data=st.data())
def test_nothing_is_lost_in_a_refund(plan: Plan, paid: int, data: st.DataObject) -> None:
    """Refund = cash + what is no longer owed; fees waived are on top and never negative."""
    paid = min(paid, len(plan.terms))
    refund = data.draw(st.integers(0, plan.financed_fen))
    back = give_back(plan, refund, paid=paid)
    assert isinstance(back, Returned)
    assert all(term.principal_fen >= 0 and term.fee_fen >= 0 for term in back.plan.terms)
    relieved = owed(plan, paid) - owed(back.plan, paid)
    own = back.fee_waived_fen if plan.bearer == "buyer" else 0
    assert back.cash_fen + relieved == refund + own
    assert 0 <= back.fee_waived_fen <= sum(fees(plan)[paid:])
    assert fees(back.plan)[:paid] == fees(plan)[:paid]


@given(plan=plans, paid=st.integers(0, 12))
def test_giving_all_back_leaves_only_the_fees_of_paid_terms(plan: Plan, paid: int) -> None:
    paid = min(paid, len(plan.terms))
    back = give_back(plan, plan.financed_fen, paid=paid)
    assert isinstance(back, Returned)
    assert back.plan.financed_fen == 0
    assert back.plan.fee_fen == sum(fees(plan)[:paid])
    assert back.cash_fen == sum(principals(plan)[:paid])
