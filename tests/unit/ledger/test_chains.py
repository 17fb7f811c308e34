"""Chains: all of it or nothing, with what was done before the refusal undone to the last sum."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger_ground import ACCOUNTS, HOUR_US, NOW_US, held, moved, named
from tests.ledger_model import Model
from tests.unit.ledger.test_refusals import snapshot

from quanyu.errors import BadInput
from quanyu.ledger import posting
from quanyu.ledger.accounts import Account, Balance, Limit
from quanyu.ledger.posting import Books, HoldState
from quanyu.ledger.refusals import Posted, Refusal, Refused
from quanyu.ledger.transfers import Chain, Transfer, transfer_id

HOLD, OTHER = held("hold", 60), held("other", 20, timeout_us=HOUR_US)
TOO_MUCH = moved("too much", 10_000, debit="purse", credit="till")


@pytest.fixture
def books() -> Books:
    """A purse with 100, of which 60 and 20 are held."""
    made = Books()
    for account in ACCOUNTS:
        made.open(account)
    for one in (moved("in", 100), HOLD, OTHER):
        assert posting.post(made, [one], now_us=NOW_US) == Posted(NOW_US)
    return made


NESTED = held("nested", 10)
STEPS = {
    "direct": [moved("x", 5)],
    "hold": [NESTED],
    "settle": [HOLD.settled(named("s"), amount=33)],
    "settle whole": [HOLD.settled(named("s"))],
    "release": [OTHER.released(named("r"))],
    "hold, then settle it": [NESTED, NESTED.settled(named("n"), amount=7)],
    "hold, then release it": [NESTED, NESTED.released(named("n"))],
    "everything": [
        moved("x", 5), NESTED, NESTED.settled(named("n"), amount=7),
        HOLD.settled(named("s"), amount=33), OTHER.released(named("r")), moved("y", 1),
    ],
}  # fmt: skip


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_a_refusal_at_the_end_undoes_all_before_it(books: Books, steps: Chain) -> None:
    before = snapshot(books)
    outcome = posting.post(books, [*steps, TOO_MUCH], now_us=NOW_US)
    assert outcome == Refused(Refusal.EXCEEDS_BALANCE, len(steps))
    assert snapshot(books) == before


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_an_undone_chain_can_be_posted_afterwards(books: Books, steps: Chain) -> None:
    posting.post(books, [*steps, TOO_MUCH], now_us=NOW_US)
    assert posting.post(books, steps, now_us=NOW_US + 1) == Posted(NOW_US + 1)
    assert [entry.transfer for entry in books.new[-len(steps) :]] == list(steps)


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_a_chain_that_comes_again_gives_its_first_result(books: Books, steps: Chain) -> None:
    assert posting.post(books, steps, now_us=NOW_US + 1) == Posted(NOW_US + 1)
    before = snapshot(books)
    again = posting.post(books, steps, now_us=NOW_US + 99)
    assert again == Posted(NOW_US + 1, repeated=True)
    assert snapshot(books) == before


def test_a_settlement_of_less_gives_the_rest_back(books: Books) -> None:
    posting.post(books, [HOLD.settled(named("s"), amount=33)], now_us=NOW_US)
    assert books.balances["purse"] == Balance(20, 33, 0, 100)
    assert books.balances["till"] == Balance(0, 0, 20, 33)
    assert books.holds[HOLD.id].state is HoldState.SETTLED


def test_what_is_held_can_be_ended_in_a_frozen_account(books: Books) -> None:
    books.balances["purse"].frozen = True
    assert posting.post(books, [HOLD.settled(named("s"))], now_us=NOW_US) == Posted(NOW_US)
    assert posting.post(books, [OTHER.released(named("r"))], now_us=NOW_US) == Posted(NOW_US)


def test_a_hold_that_expired_gives_all_back_once(books: Books) -> None:
    late_us = NOW_US + HOUR_US
    posting.expire(books, books.holds[OTHER.id], now_us=late_us)
    assert books.balances["purse"] == Balance(60, 0, 0, 100)
    assert books.new[-1].transfer.pending_id == OTHER.id
    with pytest.raises(AssertionError):
        posting.expire(books, books.holds[OTHER.id], now_us=late_us)


@pytest.mark.parametrize(("hold", "at_us"), [(HOLD, NOW_US + HOUR_US), (OTHER, NOW_US)])
def test_a_hold_whose_time_is_not_over_does_not_expire(
    books: Books, hold: Transfer, at_us: int
) -> None:
    with pytest.raises(AssertionError):
        posting.expire(books, books.holds[hold.id], now_us=at_us)


def test_money_can_go_back_and_forth_inside_a_chain(books: Books) -> None:
    """The till has nothing before the chain; what comes in first can go out again."""
    there = moved("there", 20, debit="purse", credit="till")
    back = moved("back", 20, debit="till", credit="purse")
    assert posting.post(books, [there, back], now_us=NOW_US) == Posted(NOW_US)


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", ""), ("id", "a;b"), ("id", "x" * 513), ("unit", ""), ("unit", "a\n")],
)
def test_an_account_has_a_plain_name_and_unit(field: str, value: str) -> None:
    given = {"id": "a", "unit": "fen", "owner": "shop", field: value}
    with pytest.raises(BadInput):
        Account(**given)


def test_ids_of_callers_do_not_meet() -> None:
    parts = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("", "abc")]
    assert len({transfer_id(*some) for some in parts}) == len(parts)


NAMES = [str(number) for number in range(8)]
AMOUNTS = st.integers(1, 60)
PLACES = st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"))
FOUR = [
    Account(name, "fen", "shop", limit)
    for name, limit in zip(
        "abcd", (Limit.NONE, Limit.DEBITS, Limit.DEBITS, Limit.CREDITS), strict=True
    )
]


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    """Few names and accounts, so that they meet again and again."""
    debit, credit = draw(PLACES)
    timeout_us = draw(st.sampled_from([None, 5, 50]))
    begun = held(draw(st.sampled_from(NAMES)), draw(AMOUNTS), debit=debit, credit=credit)
    begun = msgspec.structs.replace(begun, timeout_us=timeout_us)
    match draw(st.sampled_from(["direct", "hold", "hold", "settle", "release"])):
        case "direct":
            return moved(
                "d" + draw(st.sampled_from(NAMES)), draw(AMOUNTS), debit=debit, credit=credit
            )
        case "hold":
            return begun
        case "settle":
            return begun.settled(named("s" + draw(st.sampled_from(NAMES))), amount=draw(AMOUNTS))
    return begun.released(named("r" + draw(st.sampled_from(NAMES))))


STEP = st.tuples(st.lists(transfers(), max_size=4), st.integers(0, 30), st.booleans())


@given(st.lists(STEP, max_size=25))
def test_rules_and_model_agree_on_every_story(story: list[tuple[Chain, int, bool]]) -> None:
    books, model, now_us = Books(), Model(), NOW_US
    for account in FOUR:
        books.open(account)
    model.open(FOUR)
    for chain, pause_us, sweep in story:
        now_us += pause_us
        if sweep:
            due = [h for h in books.holds.values() if h.state is HoldState.PENDING]
            late = [h for h in due if h.expires_us is not None and h.expires_us <= now_us]
            for hold in sorted(late, key=lambda h: (h.expires_us, h.transfer.id)):
                posting.expire(books, hold, now_us=now_us)
            assert model.expire(now_us) == len(late)
        assert [posting.post(books, chain, now_us=now_us)] == model.post([chain], now_us)
        assert books.new == model.lines
        assert books.balances == model.balances()
        assert model.total("fen") == 0
