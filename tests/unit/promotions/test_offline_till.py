"""A till without a network: what it takes, what it refuses, what it writes down."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import person
from tests.till_ground import (
    KEYS,
    LI,
    NOW_US,
    RISK,
    Counter,
    asked,
    coupon,
    kit,
    offline,
    pass_for,
    text_of,
)

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from quanyu.errors import Refused
from quanyu.promotions.coupons.bills import Bill, BillLine
from quanyu.promotions.coupons.offline import (
    CLOCK_US_MAX,
    FIRST,
    Accepted,
    Till,
    TillRefusal,
    by_the_pass,
    entry_of,
)
from quanyu.promotions.coupons.passes import Keys, mark_of, opened, pass_of, sealed
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.offers.terms import Template


def of(template: Template, **change: Any) -> Any:
    return asked(text_of(of=template), **change)


def small_device(fen: int = 2000, **more: Any) -> Template:
    return offline(offline={"per_device_fen": fen, "per_coupon_fen": 2000, **more})


def after(count: int, *, template: Template | None = None) -> Till:
    """A till that has taken so many coupons."""
    counter = Counter(kit())
    for number in range(2, 2 + count):
        counter.took(text_of(number, of=template))
    return counter.till


EACH = {"amount_off": {"amount": 2500}}
REFUSALS: dict[str, tuple[Callable[[], Any], Refused]] = {
    "no pass": (lambda: asked("hello"), Refused(TillRefusal.FORGED)),
    "a pass of another server": (
        lambda: asked(sealed(pass_for(), Keys(bytes(32)).of_merchant("tea"))),
        Refused(TillRefusal.FORGED),
    ),
    "of another merchant": (
        lambda: asked(sealed(pass_for(merchant="shoes"), KEYS.of_merchant("tea"))),
        Refused(TillRefusal.OTHER_MERCHANT),
    ),
    "signed by a till": (
        lambda: asked(sealed(pass_for(), kit().signer)), Refused(TillRefusal.FORGED),
    ),
    "before its time": (
        lambda: asked(text_of(), now_us=NOW_US - CLOCK_US_MAX - 1), Refused(TillRefusal.NOT_YET),
    ),
    "at its end": (
        lambda: asked(text_of(), now_us=NOW_US + 4 * HOUR_US), Refused(TillRefusal.OVER),
    ),
    "taken before": (
        lambda: asked(text_of(2), after(1)), Refused(TillRefusal.SEEN_HERE),
    ),
    "taken before, by an older pass": (
        lambda: asked(text_of(2, hours=5), after(1)), Refused(TillRefusal.SEEN_HERE),
    ),
    "a clock that went back": (
        lambda: asked(text_of(9), after(1), now_us=NOW_US - 1),
        Refused(TillRefusal.CLOCK_WENT_BACK),
    ),
    "an offer for networks": (
        lambda: of(offline(offline=None)), Refused(TillRefusal.NOT_OFFLINE),
    ),
    "another store": (lambda: of(offline(stores=["s2"])), Refused(Reason.WRONG_STORE)),
    "in the morning": (
        lambda: of(offline(terms={"window": {"hours": "18:00-22:00"}})),
        Refused(Reason.OUTSIDE_HOURS),
    ),
    "a small bill": (
        lambda: asked(text_of(), bill=Bill(9999)),
        Refused(Reason.BELOW_THRESHOLD, have=9999, need=10_000),
    ),
    "a gift card": (
        lambda: of(
            offline(benefit={"amount_off": {"amount": 500}}), bill=Bill(9999, virtual=True)
        ),
        Refused(Reason.VIRTUAL_GOODS),
    ),
    "a sum where items count": (
        lambda: of(offline(terms={"scope": {"items": ["tea"]}})), Refused(Reason.NEEDS_LINES),
    ),
    "too much for one piece": (
        lambda: of(offline(benefit=EACH)), Refused(TillRefusal.CAP_OF_COUPON, have=2500, need=2000),
    ),
    "too much for one shift": (
        lambda: asked(text_of(9), after(2)), Refused(TillRefusal.CAP_OF_DEVICE, 6000, 5000),
    ),
    "too many in one shift": (
        lambda: asked(
            text_of(9, of=small_device(9000, per_device_pieces=2)),
            after(2, template=small_device(9000, per_device_pieces=2)),
        ),
        Refused(TillRefusal.CAP_OF_DEVICE, 3, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("story", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_till_refuses(story: Callable[[], Any], expected: Refused) -> None:
    assert story() == expected


@pytest.mark.parametrize(
    ("bill", "off_fen"),
    [
        (Bill(10_000), 2000),
        (Bill(10_000, virtual=True), 2000),
        (Bill(12_000, (BillLine("tea", 3, 4000),)), 2000),
    ],
)
def test_what_a_till_takes(bill: Bill, off_fen: int) -> None:
    told = asked(text_of(), bill=bill)
    assert isinstance(told, Accepted)
    assert (told.off_fen, told.told.coupon, told.at_us) == (off_fen, coupon().id, NOW_US)


def test_only_the_lines_in_the_scope_count_here_as_well() -> None:
    template = offline(terms={"scope": {"items": ["tea"]}})
    cup = BillLine("cup", 1, 90_000)
    few = Bill(93_000, (BillLine("tea", 1, 3000), cup))
    many = Bill(102_000, (BillLine("tea", 4, 3000), cup))
    assert of(template, bill=few) == Refused(Reason.BELOW_THRESHOLD, have=3000, need=10_000)
    assert of(template, bill=many).off_fen == 2000


def test_a_new_shift_has_its_own_risk() -> None:
    """A shift is a day in China: who reconciles later can tell it from the time."""
    counter = Counter(kit())
    counter.took(text_of(1, hours=12))
    counter.took(text_of(2, hours=12))
    late = text_of(3, hours=12)
    counter.at_us = NOW_US + 12 * HOUR_US - SECOND_US
    assert counter.take(late) == Refused(TillRefusal.CAP_OF_DEVICE, 6000, 5000)
    held = coupon(4)
    times = (NOW_US, NOW_US + DAY_US)
    made = pass_of("tea", held, template=offline(), times=times, nonce=bytes(8))
    counter.at_us = NOW_US + 12 * HOUR_US
    assert counter.took(sealed(made, KEYS.of_merchant("tea"))).discount == 2000


def test_offers_have_their_risks_apart() -> None:
    counter = Counter(kit())
    counter.took(text_of(1))
    counter.took(text_of(2))
    other = offline(terms={"id": "t2"})
    assert counter.took(text_of(3, of=other)).discount == 2000


def test_a_pass_never_outlives_its_coupon() -> None:
    held = coupon(expires_us=NOW_US + MINUTE_US)
    times = (NOW_US, NOW_US + HOUR_US)
    made = pass_of("tea", held, template=offline(), times=times, nonce=bytes(8))
    assert made.ends_us == NOW_US + MINUTE_US


def test_a_pass_says_what_a_till_needs_and_nothing_more() -> None:
    whole = offline(
        stores=["s1"], giftable=True, per_person=3, expires="2026-05-01T00:00:00+08:00",
        terms={"funders": {"merchant": 40, "platform": 60}, "window": {"hours": "08:00-22:00"}},
    )  # fmt: skip
    made = opened(text_of(of=whole), KEYS.of_merchant("tea").public_key())
    assert made is not None
    assert (made.offer, made.template.face_fen, made.template.stores) == ("t1", 2000, ("s1",))
    assert made.template.priced.window == whole.priced.window
    assert (made.template.pieces, made.template.giftable) == (1, False)
    assert "funders" not in made.template.terms
    assert LI[1] not in msgspec.msgpack.encode(made)


def test_a_pass_fits_into_a_qr() -> None:
    """With as many stores as a template may name with ``offline``, and a long name."""
    stores = [f"store-{n:03}" for n in range(7)]
    whole = offline(stores=stores, terms={"window": {"hours": "08:00-22:00"}})
    assert len(text_of(of=whole, merchant="a-merchant-of-30-letters-or-so")) <= 600
    assert len(text_of()) <= 400


def test_the_mark_is_of_the_coupon_and_its_holder() -> None:
    marks = {mark_of(c, holder) for c in ("c_1", "c_2") for holder in (LI, person("wu"))}
    assert len(marks) == 4


@given(st.data())
def test_an_altered_letter_is_no_pass(data: st.DataObject) -> None:
    text = text_of()
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    altered = text[:place] + letter + text[place + 1 :]
    told = asked(altered)
    assert isinstance(told, Accepted) if altered == text else told == Refused(TillRefusal.FORGED)


@given(st.text(max_size=50) | st.integers(0, 376).map(lambda n: text_of()[:n]))
def test_no_text_breaks_a_till(text: str) -> None:
    assert asked(text) == Refused(TillRefusal.FORGED)


@pytest.mark.parametrize("extra", ["", ".", "=", "\n", " ", "A" * 3000])
def test_something_behind_a_pass(extra: str) -> None:
    told = asked(text_of() + extra)
    assert isinstance(told, Accepted) is (extra == "")


def test_a_journal_is_a_chain_that_its_device_has_signed() -> None:
    counter = Counter(kit())
    first, second = counter.took(text_of(1)), counter.took(text_of(2))
    assert (first.sequence, first.previous) == (1, FIRST)
    assert (second.sequence, second.previous) == (2, first.digest)
    assert Till.after(kit(), counter.entries) == counter.till


@pytest.mark.parametrize(
    ("mend", "reason"),
    [
        (lambda e: [e[1], e[0]], TillRefusal.BROKEN_CHAIN),
        (lambda e: [e[0], e[2]], TillRefusal.BROKEN_CHAIN),
        (lambda e: e[1:], TillRefusal.BROKEN_CHAIN),
        (lambda e: [e[0], e[0]], TillRefusal.BROKEN_CHAIN),
        (
            lambda e: [msgspec.structs.replace(e[0], discount=1), *e[1:]],
            TillRefusal.BAD_SIGNATURE,
        ),
        (
            lambda e: [msgspec.structs.replace(e[0], signature="x"), *e[1:]],
            TillRefusal.BAD_SIGNATURE,
        ),
    ],
    ids=["turned round", "one is missing", "the first is missing", "twice", "cheaper", "unsigned"],
)  # fmt: skip
def test_a_journal_that_was_mended(mend: Callable[[list[Any]], Any], reason: TillRefusal) -> None:
    counter = Counter(kit())
    for number in (1, 2):
        counter.took(text_of(number))
    counter.at_us += DAY_US
    made = pass_of(
        "tea", coupon(3), template=offline(), times=(counter.at_us, counter.at_us + 1), nonce=b""
    )
    counter.took(sealed(made, KEYS.of_merchant("tea")))
    told = Till.after(kit(), mend(counter.entries))
    assert isinstance(told, Refused)
    assert told.reason == reason


def test_a_journal_of_another_device() -> None:
    counter = Counter(kit("d_2"))
    counter.took(text_of(1))
    told = Till.after(kit("d_1"), counter.entries)
    assert isinstance(told, Refused)
    assert told.reason == TillRefusal.BAD_SIGNATURE


LINES = st.lists(
    st.builds(
        BillLine,
        item=st.text(min_size=1, max_size=5),
        quantity=st.integers(1, 3),
        list_price=st.integers(4000, 9000),
        category=st.text(max_size=3),
        flags=st.lists(st.sampled_from(["new", "sale"]), max_size=2),
    ),
    max_size=3,
)


@given(LINES, st.booleans())
def test_an_entry_is_the_same_after_every_journey(lines: list[BillLine], virtual: bool) -> None:
    """Journal, HTTP and back: what was signed is spelled in one way."""
    whole_fen = sum(line.quantity * line.list_price for line in lines) or 12_000
    counter = Counter(kit())
    entry = counter.take(text_of(), bill=Bill(whole_fen, tuple(lines), virtual))
    if isinstance(entry, Refused):
        assert entry.reason == Reason.BELOW_THRESHOLD
        return
    line = msgspec.json.encode(entry)
    once, again = entry_of(line), entry_of(msgspec.json.decode(line))
    assert once.body == again.body == entry.body
    assert once.digest == entry.digest
    assert b"\n" not in line


def test_the_server_reckons_as_the_till() -> None:
    told = asked(text_of())
    assert isinstance(told, Accepted)
    assert by_the_pass(told.told, told.bill, store="s1", at_us=told.at_us) == told.off_fen


def test_a_till_needs_no_server() -> None:
    """It is imported without a driver, a web framework or the engines of analysis."""
    heavy = "psycopg,fastapi,starlette,duckdb,pyarrow,uvicorn,ibis"
    code = (
        "import sys, quanyu.promotions.coupons.offline, quanyu.storage.till.journal;"
        f"print([m for m in {heavy.split(',')!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_risk_is_what_the_offer_says() -> None:
    assert msgspec.to_builtins(offline().offline) == RISK
