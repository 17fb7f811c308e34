"""What a flash sale says, its window, its names in the book, and what is shown of it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import CHINA, china_datetime, format_iso, parse_iso
from quanyu.errors import BadInput
from quanyu.ids import Token
from quanyu.ledger.accounts import Limit
from quanyu.ledger.transfers import Phase
from quanyu.money import FEN_MAX
from quanyu.promotions.flash_sales.sales import (
    TRANSITIONS,
    Held,
    Reservation,
    Sale,
    Standing,
    State,
    Terms,
    account,
    accounts_of,
    decode_terms,
    hold_id,
    loading,
    sale_json,
    window_of,
)
from quanyu.promotions.flash_sales.service import bytes_of, ending, holding

BODY: dict[str, Any] = {
    "name": "noon",
    "item": "serum",
    "price_fen": 9_900,
    "pieces": 2,
    "starts": "2026-03-10T20:00:00+08:00",
    "ends": "2026-03-10T21:00:00+08:00",
}
BOUNDS: dict[str, tuple[int, int]] = {
    "price_fen": (1, FEN_MAX),
    "pieces": (1, 10**9),
    "per_person": (1, 10_000),
    "hold_seconds": (1, 86_400),
}
LENGTHS = {"item": 128, "only": 64, "early_for": 64, "name": 40}
INSTANTS = ("starts", "ends", "early")


def decoded(**change: Any) -> Terms:
    return decode_terms(json.dumps(BODY | change).encode())


def fault(**change: Any) -> BadInput:
    with pytest.raises(BadInput) as refused:
        decoded(**change)
    return refused.value


def sale(**change: Any) -> Sale:
    terms = decoded(**change)
    early_us, starts_us, ends_us = window_of(terms)
    return Sale(4, "shop", terms, starts_us, ends_us, early_us)


def reserved(state: State = State.HELD, request: str = "r1") -> Reservation:
    made = sale()
    holder = "taobao_id", Token(bytes(16))
    return Reservation(hold_id(made, request), made, holder, state, made.ends_us, request)


@pytest.mark.parametrize(("field", "ends"), BOUNDS.items(), ids=BOUNDS)
def test_numbers_are_good_up_to_their_ends(field: str, ends: tuple[int, int]) -> None:
    for number in ends:
        assert getattr(decoded(**{field: number}), field) == number
    for number in (ends[0] - 1, ends[1] + 1):
        told = fault(**{field: number})
        assert told.field == field
        assert told.mend


@pytest.mark.parametrize("field", BOUNDS)
@pytest.mark.parametrize("value", ["1", 1.5, True, None, [1]])
def test_pieces_and_fen_are_whole_numbers(field: str, value: Any) -> None:
    told = fault(**{field: value})
    assert (told.field, "int" in told.mend) == (field, True)


@pytest.mark.parametrize(("field", "most"), LENGTHS.items(), ids=LENGTHS)
def test_words_have_a_length(field: str, most: int) -> None:
    assert getattr(decoded(**{field: "x" * most}), field) == "x" * most
    assert fault(**{field: "x" * (most + 1)}).field == field
    assert fault(**{field: ""}).field == field


@pytest.mark.parametrize("name", ["a b", "a/b", "秒杀", "noon\n", "\nnoon", "a\x00"])
def test_a_sale_has_a_plain_name(name: str) -> None:
    assert fault(name=name).field == "name"


@pytest.mark.parametrize("field", ["name", "item", "price_fen", "pieces", "starts", "ends"])
def test_what_has_no_default_must_be_said(field: str) -> None:
    body = {name: value for name, value in BODY.items() if name != field}
    with pytest.raises(BadInput, match=field):
        decode_terms(json.dumps(body).encode())


@pytest.mark.parametrize("field", INSTANTS)
@pytest.mark.parametrize(
    "text", ["", "noon", "2026-03-10", "2026-03-10T20:30:00", "2026-13-10T20:00:00+08:00", "20:00"]
)
def test_an_instant_says_where_it_is(field: str, text: str) -> None:
    told = fault(**{field: text})
    assert told.field == field
    assert "+08:00" in told.mend


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b'"noon"', b"{}"])
def test_what_is_no_sale(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode_terms(body)


MOMENTS = st.integers(-3, 3)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_a_window_opens_before_it_ends(early: int, starts: int, ends: int) -> None:
    def text(hours: int) -> str:
        return format_iso(parse_iso(BODY["starts"]) + hours * 3_600_000_000)

    change = {"early": text(early), "starts": text(starts), "ends": text(ends)}
    if early <= starts < ends:
        made = window_of(decoded(**change))
        assert made == tuple(map(parse_iso, (text(early), text(starts), text(ends))))
    else:
        assert fault(**change).field == "ends"


@given(st.integers(0, 4 * 10**15), st.sampled_from(["+00:00", "-05:00", "+05:30"]))
def test_the_same_instant_elsewhere_is_the_same_instant(at_us: int, offset: str) -> None:
    here = china_datetime(at_us)
    there = here.astimezone(type(here).fromisoformat(f"2026-01-01T00:00:00{offset}").tzinfo)
    assert there.tzinfo is not CHINA
    ends = format_iso(at_us + 1_000_000)
    terms = decoded(starts=there.isoformat(), ends=ends)
    assert window_of(terms)[1] == at_us


def test_without_early_access_the_window_is_one() -> None:
    early_us, starts_us, ends_us = window_of(decoded())
    assert early_us == starts_us < ends_us


def test_pieces_lie_in_three_accounts_and_only_the_free_ones_can_run_out() -> None:
    assert {one.id: one.limit for one in accounts_of(sale())} == {
        "sale/shop/4/loaded": Limit.NONE,
        "sale/shop/4/free": Limit.DEBITS,
        "sale/shop/4/sold": Limit.NONE,
    }
    assert {(one.unit, one.owner) for one in accounts_of(sale())} == {("stock:shop/4", "shop")}


def test_sales_of_two_merchants_share_no_account() -> None:
    one = sale()
    slash = msgspec.structs.replace(one, merchant="shop/4", id=4)
    names = [account(each, "free") for each in (one, slash)]
    assert len(set(names)) == 2
    assert names[1].count("/") == names[0].count("/"), "a slash in a name is no step of the path"


def test_loading_puts_all_pieces_on_sale() -> None:
    made = loading(sale(pieces=77))
    assert (made.debit, made.credit, made.amount, made.phase) == (
        "sale/shop/4/loaded",
        "sale/shop/4/free",
        77,
        Phase.DIRECT,
    )


def test_a_hold_is_one_piece_for_a_while() -> None:
    made = holding(sale(hold_seconds=90), "r1")
    assert (made.debit, made.credit) == ("sale/shop/4/free", "sale/shop/4/sold")
    assert (made.amount, made.phase, made.timeout_us) == (1, Phase.HOLD, 90_000_000)


REQUESTS = st.tuples(st.integers(1, 12), st.text(st.sampled_from("ab1:"), max_size=3))


@given(REQUESTS, REQUESTS)
def test_one_request_of_a_sale_is_one_hold(one: tuple[int, str], other: tuple[int, str]) -> None:
    def hold(of: tuple[int, str]) -> bytes:
        return hold_id(msgspec.structs.replace(sale(), id=of[0]), of[1])

    assert (hold(one) == hold(other)) == (one == other)


@pytest.mark.parametrize(
    ("state", "phase"), [(State.SOLD, Phase.SETTLE), (State.RELEASED, Phase.RELEASE)]
)
def test_the_end_of_a_hold_names_it(state: State, phase: Phase) -> None:
    made, held = ending(reserved(), state), holding(sale(), "r1")
    assert (made.phase, made.pending_id, made.amount) == (phase, held.id, 1)
    assert (made.debit, made.credit) == (held.debit, held.credit)
    assert made.id != held.id
    other = State.RELEASED if state is State.SOLD else State.SOLD
    assert made.id != ending(reserved(), other).id


ENDS: dict[State, set[State]] = {
    State.HELD: {State.SOLD, State.RELEASED, State.EXPIRED},
    State.SOLD: set(),
    State.RELEASED: set(),
    State.EXPIRED: set(),
}


@pytest.mark.parametrize("was", State)
def test_where_a_piece_may_go(was: State) -> None:
    assert TRANSITIONS[was] == ENDS[was]


@pytest.mark.parametrize("state", State)
def test_a_hold_tells_what_is_bought_and_until_when(state: State) -> None:
    one = reserved(state)
    assert one.held == Held(one.id.hex(), "serum", 9_900, one.expires_us, state)


@pytest.mark.parametrize("text", ["", "xyz", "0", "ab cd ef g", "☃"])
def test_what_is_no_hold_finds_none(text: str) -> None:
    assert bytes_of(text) == b""


def test_a_hold_is_read_as_it_was_written() -> None:
    assert bytes_of(reserved().id.hex()) == reserved().id


def test_a_sale_shows_its_terms_and_where_its_pieces_are() -> None:
    told = sale_json(sale(starts="2026-03-10T12:00:00+00:00", only="member"), Standing(9, 4, 3, 2))
    assert told["standing"] == {"loaded": 9, "free": 4, "held": 3, "sold": 2}
    assert told["starts"] == "2026-03-10T20:00:00+08:00"
    assert (told["name"], told["only"], told["closed"]) == ("noon", "member", False)
    assert (told["per_person"], told["hold_seconds"]) == (1, 900)
