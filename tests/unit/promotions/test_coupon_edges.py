"""The edges of time and money: midnight, the last microsecond, one fen, the largest amount."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import SHOP, person, template

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, format_iso, parse_iso
from quanyu.errors import BadInput, Refused
from quanyu.money import FEN_MAX
from quanyu.promotions.coupons.codes import STEP_US, Codes, Shown
from quanyu.promotions.coupons.coupon import Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.coupons.step import (
    GIFT_US_DEFAULT,
    LOCK_US_DEFAULT,
    Step,
    issue,
    lapsed,
    step,
)
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import LOCK_US_MAX, Template, read_template

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
"""A Tuesday."""
END_US = NOW_US + 7 * DAY_US
LI = person("li")
CHINA = timezone(timedelta(hours=8))


def offer(**change: Any) -> Offer:
    return Offer(SHOP, "t1", read_template(template(giftable=True, **change)), OfferState.ACTIVE)


def coupon(state: State = State.ISSUED, **change: Any) -> Coupon:
    plain = Coupon(
        no=1, id="c_1", offer="t1", state=state, holder=LI, issued_us=NOW_US, expires_us=END_US,
        face_fen=2000,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **change)


def decided(found: Coupon, verb: Verb, *, at_us: int, of: Offer | None = None, **words: Any) -> Any:
    command = OnCoupon(merchant=SHOP, request="k", verb=verb, coupon="c_1", **words)
    return step(found, of or offer(), command=command, now_us=at_us)


def bill(at_us: int, *, of: Offer | None = None, fen: int = 10_000, **words: Any) -> Any:
    words = {"store": "s1", **words}
    piece = coupon(face_fen=(of or offer()).template.face_fen)
    return decided(piece, Verb.REDEEM, at_us=at_us, of=of, amount_fen=fen, **words)


FRESH: dict[Verb, dict[str, Any]] = {
    Verb.LOCK: {"order": "o"},
    Verb.REDEEM: {"store": "s", "amount_fen": 10_000},
    Verb.GIFT: {"holder": LI, "gift": b"g"},
    Verb.VOID: {},
}


@pytest.mark.parametrize("verb", FRESH)
@pytest.mark.parametrize(("later_us", "over"), [(-1, False), (0, True), (1, True)])
def test_the_last_microsecond_counts_and_the_next_does_not(
    verb: Verb, later_us: int, over: bool
) -> None:
    told = decided(coupon(), verb, at_us=END_US + later_us, **FRESH[verb])
    assert (told == Refused(Reason.EXPIRED)) is over
    ended = decided(coupon(), Verb.EXPIRE, at_us=END_US + later_us)
    assert isinstance(ended, Step) is over


ON_AIR: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "of a show, for an outside order": ({"requires": ["show:evening"]}, {}, False),
    "of a plan and for members": ({"requires": ["member:gold", "show:plan"]}, {}, False),
    "of a show, for an order of ours": ({"requires": ["show:evening"]}, {"holder": LI}, True),
    "of no show": ({"requires": ["showroom"]}, {}, True),
    "for everybody": ({}, {}, True),
}


@pytest.mark.parametrize(("terms", "words", "locks"), ON_AIR.values(), ids=ON_AIR)
def test_a_coupon_of_a_show_is_locked_by_orders_of_ours(
    terms: dict[str, Any], words: dict[str, Any], locks: bool
) -> None:
    """An outside order says neither whose it is nor which show it comes from."""
    of = offer(terms=terms)
    told = decided(coupon(), Verb.LOCK, at_us=NOW_US, of=of, order="o", **words)
    assert isinstance(told, Step) if locks else told == Refused(Reason.ONLY_IN_ORDERS)


def test_a_lock_that_stands_is_honoured() -> None:
    of = offer(terms={"requires": ["show:evening"]})
    held = coupon(State.LOCKED, order="o", until_us=NOW_US + MINUTE_US)
    assert isinstance(decided(held, Verb.USE, at_us=NOW_US, of=of, order="o", amount_fen=1), Step)


@pytest.mark.parametrize("verb", [Verb.ACCEPT, Verb.TAKE_BACK])
@pytest.mark.parametrize(("later_us", "in_time"), [(-1, True), (0, False)])
def test_a_gift_ends_with_its_coupon(verb: Verb, later_us: int, in_time: bool) -> None:
    sent = decided(coupon(), Verb.GIFT, at_us=END_US - MINUTE_US, holder=LI, gift=b"g")
    assert sent.coupon.until_us == END_US, "no gift outlives what it gives"
    told = decided(sent.coupon, verb, at_us=END_US + later_us, holder=LI, gift=b"g")
    assert isinstance(told, Step) is in_time


@pytest.mark.parametrize(
    ("verb", "ttl_us", "lasts_us"),
    [
        (Verb.LOCK, 0, LOCK_US_DEFAULT),
        (Verb.LOCK, MINUTE_US, MINUTE_US),
        (Verb.LOCK, 1, 1),
        (Verb.LOCK, LOCK_US_MAX, LOCK_US_MAX),
        (Verb.GIFT, 0, GIFT_US_DEFAULT),
        (Verb.GIFT, 2 * DAY_US, 2 * DAY_US),
        (Verb.GIFT, 30 * DAY_US, 7 * DAY_US),
    ],
)
def test_how_long_a_lock_or_a_gift_lasts(verb: Verb, ttl_us: int, lasts_us: int) -> None:
    words = {**FRESH[verb], "ttl_us": ttl_us}
    held = decided(coupon(), verb, at_us=NOW_US, **words).coupon
    assert held.until_us == NOW_US + lasts_us
    assert lapsed(held, NOW_US + lasts_us - 1) == held
    assert lapsed(held, NOW_US + lasts_us).state is State.ISSUED


@pytest.mark.parametrize(("later_us", "in_time"), [(-1, True), (0, False)])
def test_a_lock_is_used_until_its_end(later_us: int, in_time: bool) -> None:
    held = coupon(State.LOCKED, order="o", until_us=NOW_US)
    told = decided(held, Verb.USE, at_us=NOW_US + later_us, order="o", amount_fen=1)
    assert isinstance(told, Step) is in_time
    assert in_time or told == Refused(Reason.WRONG_STATE)


@pytest.mark.parametrize("window", ["1s", "15m", "1d"])
def test_the_undo_window_includes_its_end(window: str) -> None:
    of = offer(undo_within=window)
    used = bill(NOW_US, of=of).coupon
    last_us = NOW_US + of.template.undo_us
    assert isinstance(decided(used, Verb.UNDO, at_us=last_us, of=of, store="s1"), Step)
    late = decided(used, Verb.UNDO, at_us=last_us + 1, of=of, store="s1")
    assert late == Refused(Reason.UNDO_WINDOW_OVER)


def test_an_undo_by_another_store_or_of_an_order() -> None:
    used = bill(NOW_US).coupon
    wrong = decided(used, Verb.UNDO, at_us=NOW_US, store="s2")
    assert wrong == Refused(Reason.WRONG_STORE)
    nowhere = decided(used, Verb.UNDO, at_us=NOW_US)
    assert nowhere == Refused(Reason.WRONG_STORE)
    ordered = coupon(State.USED, order="o", used_us=NOW_US, spent_fen=5)
    told = decided(ordered, Verb.UNDO, at_us=NOW_US, store="s1")
    assert told == Refused(Reason.USED_BY_OTHER_ORDER)


def test_an_undo_after_the_end_of_the_coupon() -> None:
    """It was redeemed in its last minute; the customer gets the bill back, not the coupon."""
    used = bill(END_US - 1).coupon
    back = decided(used, Verb.UNDO, at_us=END_US, store="s1")
    assert (back.coupon.state, back.fact) == (State.EXPIRED, "coupon_expired")
    earlier = decided(used, Verb.UNDO, at_us=END_US - 1, store="s1")
    assert (earlier.coupon.state, earlier.fact) == (State.ISSUED, "coupon_returned")


HOURS: dict[str, tuple[dict[str, Any], list[tuple[str, bool]]]] = {
    "an evening": (
        {"hours": "18:00-22:00"},
        [("17:59:59.999999", False), ("18:00", True), ("21:59:59.999999", True), ("22:00", False)],
    ),
    "over midnight": (
        {"hours": "22:00-02:00"},
        [("21:59", False), ("22:00", True), ("23:59:59", True), ("00:00", True), ("01:59", True),
         ("02:00", False), ("12:00", False)],
    ),
    "to midnight": (
        {"hours": "20:00-24:00"}, [("19:59", False), ("23:59:59.999999", True), ("00:00", False)],
    ),
    "all day": ({"hours": "00:00-24:00"}, [("00:00", True), ("12:00", True), ("23:59", True)]),
    "two sittings": (
        {"hours": ["11:00-14:00", "17:00-21:00"]},
        [("10:59", False), ("11:00", True), ("14:00", False), ("16:59", False), ("17:00", True)],
    ),
}  # fmt: skip
MOMENTS = [
    (name, moment, open_) for name, (_, moments) in HOURS.items() for moment, open_ in moments
]


@pytest.mark.parametrize(("name", "moment", "open_"), MOMENTS)
def test_hours_are_those_of_china(name: str, moment: str, open_: bool) -> None:
    of = offer(terms={"window": HOURS[name][0]})
    at_us = parse_iso(f"2026-03-11T{moment}+08:00")
    told = bill(at_us, of=of)
    assert isinstance(told, Step) is open_
    assert open_ or told == Refused(Reason.OUTSIDE_HOURS)
    locked = decided(coupon(), Verb.LOCK, at_us=at_us, of=of, order="o")
    assert isinstance(locked, Step) is open_


@pytest.mark.parametrize("day", range(10, 17))
def test_days_of_the_week_change_at_midnight_in_china(day: int) -> None:
    """UTC has the day before until eight in the morning."""
    midnight = datetime(2026, 3, day, tzinfo=CHINA)
    today, yesterday = midnight.isoweekday(), (midnight - timedelta(1)).isoweekday()
    midnight_us = parse_iso(midnight.isoformat())
    for weekday in (today, yesterday):
        of = offer(terms={"window": {"weekdays": [weekday]}}, valid_for="30d")
        first, before = bill(midnight_us, of=of), bill(midnight_us - 1, of=of)
        assert isinstance(first, Step) is (weekday == today and midnight_us < END_US)
        assert isinstance(before, Step) is (weekday == yesterday)


@pytest.mark.parametrize(
    ("window", "since_us", "to_us"),
    [
        ({"from": "2026-03-11T00:00:00+08:00"}, DAY_US // 2, None),
        ({"to": "2026-03-11T00:00:00+08:00"}, None, DAY_US // 2),
        (
            {"from": "2026-03-11T00:00:00+08:00", "to": "2026-03-12T00:00:00+08:00"},
            DAY_US // 2,
            DAY_US * 3 // 2,
        ),
    ],
)
def test_a_window_has_its_first_instant_and_not_its_last(
    window: dict[str, str], since_us: int | None, to_us: int | None
) -> None:
    of = offer(terms={"window": window})
    if since_us is not None:
        assert bill(NOW_US + since_us - 1, of=of) == Refused(Reason.OUTSIDE_HOURS)
        assert isinstance(bill(NOW_US + since_us, of=of), Step)
    if to_us is not None:
        assert isinstance(bill(NOW_US + to_us - 1, of=of), Step)
        assert bill(NOW_US + to_us, of=of) == Refused(Reason.OUTSIDE_HOURS)


def test_a_use_that_was_locked_in_time_asks_for_no_hours() -> None:
    """The order was placed in the window; the payment may come later."""
    of = offer(terms={"window": {"hours": "11:00-13:00"}})
    locked = decided(coupon(), Verb.LOCK, at_us=NOW_US, of=of, order="o", ttl_us=6 * HOUR_US)
    late_us = NOW_US + 5 * HOUR_US
    used = decided(locked.coupon, Verb.USE, at_us=late_us, of=of, order="o", amount_fen=5)
    assert isinstance(used, Step)


@pytest.mark.parametrize(
    ("later_us", "told"), [(-1, None), (0, Reason.EXPIRED), (DAY_US, Reason.EXPIRED)]
)
def test_nothing_is_issued_after_the_last_moment(later_us: int, told: Reason | None) -> None:
    of = offer(expires="2026-03-12T00:00:00+08:00")
    last_us = of.template.last_us
    assert last_us is not None
    command = Issue(merchant=SHOP, request="k", offer="t1", holder=LI)
    found = issue(command, of, now_us=last_us + later_us, held=0, id="c_1")
    if told is None:
        assert isinstance(found, Step)
        assert found.coupon.expires_us == last_us, "the earlier of both ends"
    else:
        assert found == Refused(told)


@given(st.integers(0, 4 * 365 * DAY_US), st.integers(1, 500), st.sampled_from("smhdw"))
def test_a_piece_lives_as_long_as_was_said(at_us: int, number: int, unit: str) -> None:
    lengths = {"s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
    found = read_template(template(valid_for=f"{number}{unit}"))
    assert found.expiry_us(at_us) - at_us == number * lengths[unit]


@given(st.integers(-3 * STEP_US, 3 * STEP_US), st.integers(0, STEP_US - 1))
def test_a_shown_code_is_good_by_whole_steps(later_us: int, into_us: int) -> None:
    """However far into its half minute it was drawn."""
    codes, id = Codes(bytes(range(32))), "c_" + "0a" * 12
    base_us = NOW_US // STEP_US * STEP_US + into_us
    shown = codes.shown(SHOP, id, now_us=base_us)
    told = codes.read(SHOP, shown, now_us=base_us + later_us)
    later = (base_us + later_us) // STEP_US - base_us // STEP_US
    assert told == (Refused(Reason.BAD_CODE) if later < -1 else Shown(id, stale=later > 1))


def test_a_code_at_the_beginning_of_time() -> None:
    codes, id = Codes(bytes(range(32))), "c_" + "0a" * 12
    assert codes.read(SHOP, codes.shown(SHOP, id, now_us=0), now_us=0) == Shown(id, stale=False)


BILLS: dict[str, tuple[dict[str, Any], int, int | None]] = {
    "the threshold itself": ({"amount_off": {"amount": 500, "threshold": 3000}}, 3000, 500),
    "a fen below": ({"amount_off": {"amount": 500, "threshold": 3000}}, 2999, None),
    "a bill of one fen": ({"amount_off": {"amount": 500}}, 1, 1),
    "a bill of the amount": ({"amount_off": {"amount": 500}}, 500, 500),
    "no bill at all": ({"amount_off": {"amount": 500}}, 0, None),
    "all of the threshold": ({"amount_off": {"amount": 3000, "threshold": 3000}}, 3000, 3000),
    "twice less a fen": (
        {"amount_off": {"amount": 1, "threshold": 100, "repeat": True, "cap": 5}}, 199, 1,
    ),
    "twice": ({"amount_off": {"amount": 1, "threshold": 100, "repeat": True, "cap": 5}}, 200, 2),
    "beyond the cap": (
        {"amount_off": {"amount": 1, "threshold": 100, "repeat": True, "cap": 5}}, 10**6, 5,
    ),
    "a hundredth of 49 fen": ({"percent_off": {"percent": 1, "cap": 9}}, 49, 0),
    "a hundredth of 50 fen": ({"percent_off": {"percent": 1, "cap": 9}}, 50, 1),
    "a hundredth of 100 fen": ({"percent_off": {"percent": 1, "cap": 9}}, 100, 1),
    "everything": ({"percent_off": {"percent": 100, "cap": 10**6}}, 777, 777),
    "the largest bill": ({"percent_off": {"percent": 99, "cap": 2_000_000}}, FEN_MAX, 2_000_000),
}  # fmt: skip


@pytest.mark.parametrize(("benefit", "bill_fen", "expected_fen"), BILLS.values(), ids=BILLS)
def test_a_bill_at_its_edge(
    benefit: dict[str, Any], bill_fen: int, expected_fen: int | None
) -> None:
    told = bill(NOW_US, of=offer(benefit=benefit), fen=bill_fen)
    if expected_fen is None:
        assert isinstance(told, Refused)
        assert told.reason == Reason.BELOW_THRESHOLD
        assert told.have == bill_fen
        assert told.need is not None
        assert told.need > bill_fen
    else:
        assert told.coupon.spent_fen == expected_fen


BENEFITS = st.one_of(
    st.tuples(st.integers(1, 5000), st.integers(0, 5000)).map(
        lambda pair: {"amount_off": {"amount": pair[0], "threshold": pair[0] + pair[1]}}
    ),
    st.tuples(st.integers(1, 99), st.integers(100, 900), st.integers(100, 3000)).map(
        lambda three: {
            "amount_off": {
                "amount": three[0], "threshold": three[1], "repeat": True, "cap": three[2],
            }
        }
    ),
    st.tuples(st.integers(1, 100), st.integers(0, 4000), st.integers(1, 3000)).map(
        lambda three: {
            "percent_off": {"percent": three[0], "threshold": three[1], "cap": three[2]}
        }
    ),
)  # fmt: skip


def on_paper(benefit: dict[str, Any], bill_fen: int) -> int | None:
    """The same in the words of a leaflet; None below the threshold."""
    (name, words), *_ = benefit.items()
    if bill_fen == 0 or bill_fen < words.get("threshold", 0):
        return None
    if name == "percent_off":
        return min((bill_fen * words["percent"] + 50) // 100, words["cap"])
    off_fen, left_fen = 0, bill_fen
    while left_fen >= words["threshold"]:
        off_fen, left_fen = off_fen + words["amount"], left_fen - words["threshold"]
        if not words.get("repeat"):
            break
    return min(off_fen, words.get("cap", off_fen), bill_fen)


@given(BENEFITS, st.integers(0, 12_000))
def test_every_bill_against_a_leaflet(benefit: dict[str, Any], bill_fen: int) -> None:
    of = offer(benefit=benefit)
    found = coupon(face_fen=of.template.face_fen)
    told = decided(found, Verb.REDEEM, at_us=NOW_US, of=of, store="s", amount_fen=bill_fen)
    spent_fen = told.coupon.spent_fen if isinstance(told, Step) else None
    assert spent_fen == on_paper(benefit, bill_fen)
    if isinstance(told, Step):
        assert sum(move.amount for move in told.moves if move.unit == "fen") == found.face_fen


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("money", FEN_MAX, True),
        ("money", FEN_MAX + 1, False),
        ("money", 2000, True),
        ("money", 1999, False),
        ("pieces", 1, True),
        ("pieces", 100_000_000, True),
        ("pieces", 100_000_001, False),
        ("per_person", 1000, True),
        ("per_person", 1001, False),
        ("forecast_hour", 1, True),
        ("forecast_hour", 0, False),
        ("trips_at", 1000, True),
        ("trips_at", 1001, False),
        ("trips_at", 0, False),
        ("stores", ("s",) * 3, True),
        ("stores", [""], False),
        ("touchpoints", ["x" * 129], False),
        ("undo_within", "999999w", True),
        ("valid_for", "1000000d", False),
        ("valid_for", "36500d", True),
        ("valid_for", "36501d", False),
        ("expires", "2200-01-01T00:00:00+08:00", True),
        ("expires", "2200-01-01T00:00:01+08:00", False),
        ("expires", "9999-12-31T23:59:59-08:00", False),
        ("virtual", 1, False),
        ("giftable", "yes", False),
    ],
)
def test_numbers_at_their_bounds(field: str, value: Any, good: bool) -> None:
    if good:
        found = read_template(template(**{field: value}))
        assert msgspec.to_builtins(found)[field] == value
        return
    with pytest.raises(BadInput) as refused:
        read_template(template(**{field: value}))
    assert refused.value.field.startswith(f"template.{field}")
    assert refused.value.mend


@given(
    st.integers(1, 10**6), st.integers(2000, FEN_MAX), st.integers(1, 1000), st.booleans(),
    st.lists(st.sampled_from(["s1", "s2", "一店"]), max_size=3),
)  # fmt: skip
def test_a_template_reads_back_as_it_was_written(
    pieces: int, money: int, per_person: int, flag: bool, stores: list[str]
) -> None:
    found = read_template(
        template(pieces=pieces, money=money, per_person=per_person, giftable=flag, stores=stores)
    )
    text = msgspec.json.encode(found)
    assert msgspec.json.decode(text, type=Template) == found
    assert read_template(msgspec.json.decode(text)) == found


def test_the_longest_life_can_be_told() -> None:
    """An end that no calendar has would break whoever reads the coupon."""
    of = offer(valid_for="36500d")
    command = Issue(merchant=SHOP, request="k", offer="t1", holder=LI)
    found = issue(command, of, now_us=NOW_US, held=0, id="c_1")
    assert isinstance(found, Step)
    assert found.coupon.as_json()["expires"].startswith("2126-")


def test_a_coupon_as_it_is_told() -> None:
    used = bill(NOW_US, store="一店").coupon
    told = used.as_json()
    assert told == {
        "coupon": "c_1", "offer": "t1", "state": "used", "face": 2000, "discount": 2000,
        "order": None, "store": "一店", "last4": "", "bound": True, "issued": format_iso(NOW_US),
        "expires": format_iso(END_US), "used": format_iso(NOW_US), "until": None,
    }  # fmt: skip
    assert LI[1].hex() not in str(told)
    assert not coupon(holder=None).as_json()["bound"]


PLACES: dict[str, tuple[dict[str, Any], dict[str, Any], Reason | None]] = {
    "any store": ({}, {"store": "s9"}, None),
    "one of the stores": ({"stores": ["s1", "s2"]}, {"store": "s2"}, None),
    "not one of them": ({"stores": ["s1", "s2"]}, {"store": "s3"}, Reason.WRONG_STORE),
    "no store said": ({"stores": ["s1"]}, {"store": None}, Reason.WRONG_STORE),
    "a store almost of that name": ({"stores": ["s1"]}, {"store": "S1"}, Reason.WRONG_STORE),
    "its touchpoint": ({"touchpoints": ["eleme"]}, {"touchpoint": "eleme"}, None),
    "another": ({"touchpoints": ["eleme"]}, {"touchpoint": "x"}, Reason.WRONG_TOUCHPOINT),
    "none said": ({"touchpoints": ["eleme"]}, {}, Reason.WRONG_TOUCHPOINT),
    "store before touchpoint": (
        {"stores": ["s1"], "touchpoints": ["eleme"]}, {"store": "s2"}, Reason.WRONG_STORE,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "words", "reason"), PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("verb", [Verb.REDEEM, Verb.LOCK])
def test_where_a_piece_counts(
    verb: Verb, terms: dict[str, Any], words: dict[str, Any], reason: Reason | None
) -> None:
    asked = {**FRESH[verb], **words}
    told = decided(coupon(), verb, at_us=NOW_US, of=offer(**terms), **asked)
    if reason is None:
        assert isinstance(told, Step)
    else:
        assert told == Refused(reason)
