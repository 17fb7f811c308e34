"""What is asked about coupons, as CLI and HTTP write it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import MINUTE_US, SECOND_US, FixedClock
from quanyu.errors import BadInput, Refused
from quanyu.ids import Tokeniser
from quanyu.promotions.coupons.codes import Codes, grouped
from quanyu.promotions.coupons.coupon import Issue, OnCoupon
from quanyu.promotions.coupons.forms import NEEDS, Form, Reader, duration_us, read_form
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import Verb

KEY = bytes(range(32))
COUPON = "c_" + "0a" * 12
CLOCK = FixedClock(1_773_115_200 * SECOND_US)
READER = Reader(Codes(KEY), lambda merchant: Tokeniser.of_merchant(KEY, merchant), clock=CLOCK)
WORDS: dict[str, Any] = {
    "offer": "t1", "coupon": COUPON, "code": Codes(KEY).printed("tea", "b", number=1),
    "identifier": "taobao_id:li", "order": "o1", "amount": 500, "store": "s1", "ttl": "30m",
    "gift": "word", "virtual": True,
}  # fmt: skip


def read(verb: str, form: Form, request: str = "k") -> Any:
    return READER.command("tea", verb, form=form, request=request)


def whole(verb: str) -> dict[str, Any]:
    needed = {name: WORDS[name] for name in NEEDS[verb][0]}
    return needed | ({"coupon": COUPON, "amount": 500} if verb == "redeem" else {})


@pytest.mark.parametrize("verb", NEEDS)
def test_a_whole_form_becomes_its_command(verb: str) -> None:
    command = read(verb, Form(**whole(verb)))
    assert command.request == "k"
    assert command.merchant == "tea"
    if verb in ("issue", "claim"):
        assert isinstance(command, Issue)
        assert command.claim is (verb == "claim")
    else:
        assert isinstance(command, OnCoupon)
        assert command.verb == verb
        assert bool(command.coupon) is not bool(command.code)


@pytest.mark.parametrize(
    ("verb", "missing"), [(verb, name) for verb, (needs, _) in NEEDS.items() for name in needs]
)
def test_what_is_missing_is_named(verb: str, missing: str) -> None:
    form = {name: value for name, value in whole(verb).items() if name != missing}
    with pytest.raises(BadInput) as refused:
        read(verb, Form(**form))
    assert refused.value.field == missing


@pytest.mark.parametrize(
    ("verb", "odd"),
    [
        (verb, name)
        for verb, (needs, may) in NEEDS.items()
        for name in WORDS
        if name not in (*needs, *may)
    ],
)
def test_what_a_command_does_not_take_is_refused(verb: str, odd: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(verb, Form(**{**whole(verb), odd: WORDS[odd]}))
    assert refused.value.field == odd


def test_every_verb_that_people_have_is_a_form() -> None:
    assert set(NEEDS) - {"issue", "claim"} == set(Verb) - {
        Verb.EXPIRE, Verb.LAPSE, Verb.RECONCILE, Verb.GIVE_BACK,
    }  # fmt: skip


def test_identifiers_and_marks_become_tokens() -> None:
    marks = {"device": "imei-1", "address": "上海市长宁区"}
    form = Form(offer="t1", identifier="phone:+86 139 1234 5678", marks=marks)
    command = read("claim", form)
    tokens = Tokeniser.of_merchant(KEY, "tea")
    assert command.holder == ("phone", tokens.token("phone", "13912345678"))
    assert command.marks == (
        ("address", tokens.token("address", "上海市长宁区")),
        ("device", tokens.token("device", "imei-1")),
    )
    assert b"139" not in repr(command).encode()


def test_a_code_is_found_by_its_hash_or_by_its_step() -> None:
    codes = Codes(KEY)
    typed = grouped(WORDS["code"]).lower()
    bill = {"amount": 500, "store": "s"}
    assert read("redeem", Form(code=typed, **bill)).code == codes.hashed("tea", WORDS["code"])
    shown = codes.shown("tea", COUPON, now_us=CLOCK.now_us())
    assert read("redeem", Form(code=shown, **bill)).coupon == COUPON
    stale = codes.shown("tea", COUPON, now_us=CLOCK.now_us() - 5 * MINUTE_US)
    old = read("redeem", Form(code=stale, **bill))
    assert (old.coupon, old.stale) == (COUPON, True)
    assert read("redeem", Form(code="nonsense", **bill)) == Refused(Reason.BAD_CODE)


def test_a_gift_is_kept_as_a_hash_of_its_code() -> None:
    given_ = read("gift", Form(coupon=COUPON, identifier="taobao_id:li"), request="g1")
    code = READER.codes.gift("tea", COUPON, request="g1")
    taken = read("accept", Form(coupon=COUPON, identifier="taobao_id:wu", gift=code))
    assert given_.gift == taken.gift
    assert code.encode() not in given_.gift
    other = read("accept", Form(coupon=COUPON, identifier="taobao_id:wu", gift=code + "x"))
    assert other.gift != given_.gift


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb", "13800138000"])
def test_keys_that_are_not_taken(key: str) -> None:
    with pytest.raises(BadInput) as refused:
        read("void", Form(coupon=COUPON), request=key)
    assert refused.value.field == "idempotency_key"


@pytest.mark.parametrize(("text", "expected_us"), [(None, 0), ("90s", 90 * SECOND_US)])
def test_a_length_of_time(text: str | None, expected_us: int) -> None:
    assert duration_us(text) == expected_us


@pytest.mark.parametrize("text", ["", "soon", "0m", "8d", "-1h"])
def test_no_length_of_time(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        duration_us(text)
    assert refused.value.field == "ttl"


BODIES = {
    b"": "body", b"{": "body", b"[]": "body", b'{"amount": "5"}': "amount",
    b'{"amount": 1e400}': "amount", b'{"amount": true}': "amount", b'{"store": ""}': "store",
    b'{"marks": {"device": 5}}': "marks[...]", b'{"x": 1}': "body", b"\xff": "body",
    b'{"store": "\\ud800"}': "body",
}  # fmt: skip


@pytest.mark.parametrize(("body", "field"), BODIES.items())
def test_a_body_that_cannot_be_read(body: bytes, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_form(body)
    assert refused.value.field in (field, "body")


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        form: Form | str = read_form(body)
    except BadInput as refused:
        form = refused.mend
    assert form


@given(st.text(max_size=40))
def test_no_code_breaks_the_reader(text: str) -> None:
    try:
        told = read("redeem", Form(code=text, amount=1, store="s"))
    except BadInput:
        raise AssertionError("a code is wrong, not unreadable") from None
    assert isinstance(told, Refused | OnCoupon)
