"""What an event must say, and what is left of personal values."""

from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.events_ground import AT, MERCHANT, admission, seen, tokeniser_of

from quanyu.clock import DAY_US, MINUTE_US, parse_iso, to_us
from quanyu.events.admission import Admission, microseconds, normalised
from quanyu.events.event import Event, IncomingEvent
from quanyu.events.facts import FACT_TYPES
from quanyu.events.refusals import Fault, Reason

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
EVERYTHING: dict[str, Any] = {
    "query": "q", "item": "i", "store": "s", "content": "c", "offer": "o", "order": "r",
    "decision": "d", "amount": 1,
}  # fmt: skip


def incoming(**fields: Any) -> IncomingEvent:
    return msgspec.convert(seen(**fields), IncomingEvent)


def admit(desk: Admission | None = None, **fields: Any) -> Event | Fault:
    return (desk or admission()).admit(incoming(**fields), NOON_US)


def admitted(**fields: Any) -> Event:
    event = admit(**fields)
    assert isinstance(event, Event), event
    return event


def refused(**fields: Any) -> Fault:
    fault = admit(**fields)
    assert isinstance(fault, Fault), fault
    return fault


@pytest.mark.parametrize("kind", FACT_TYPES)
def test_every_kind_can_be_sent(kind: str) -> None:
    props = {"points": 5, "channel": "sms", "corrects": "city"}
    event = admitted(kind=kind, props=props, **EVERYTHING)
    assert (event.kind, event.version) == (kind, FACT_TYPES[kind].version)


NEEDS = [(kind, name) for kind, fact in FACT_TYPES.items() for name in fact.requires]


@pytest.mark.parametrize(("kind", "name"), NEEDS)
def test_each_kind_has_fields_it_cannot_do_without(kind: str, name: str) -> None:
    given = EVERYTHING | {"props": {"points": 5, "channel": "sms", "corrects": "city"}}
    if name.startswith("props."):
        del given["props"][name[6:]]
    else:
        del given[name]
    fault = refused(kind=kind, **given)
    assert (fault.field, fault.reason) == (name, Reason.MISSING_FIELD)


def test_a_source_without_prices_says_so() -> None:
    bill = {"kind": "payment_completed", "order": "r"}
    assert admitted(**bill, props={"amount_unknown": True}).amount_fen is None
    assert refused(**bill, props={"amount_unknown": False}).field == "amount"
    assert refused(**bill, props={"amount_unknown": "yes"}).field == "amount"


def test_an_unknown_kind_is_refused() -> None:
    assert refused(kind="dance").reason is Reason.UNKNOWN_KIND


CLOCKS = [
    ("1970-01-01T00:00:00Z", Reason.CLOCK_TOO_EARLY),
    ("1999-12-31T23:59:59Z", Reason.CLOCK_TOO_EARLY),
    ("2000-01-01T00:00:00Z", None),
    ("2000-01-01T07:59:59+08:00", Reason.CLOCK_TOO_EARLY),
    ("2026-03-10T12:00:00+08:00", None),
    ("2026-03-10T12:10:00+08:00", None),
    ("2026-03-10T12:10:01+08:00", Reason.CLOCK_AHEAD),
    ("2100-01-01T00:00:00Z", Reason.CLOCK_AHEAD),
    ("0001-01-01T00:00:00Z", Reason.CLOCK_TOO_EARLY),
    ("9999-12-31T23:59:59Z", Reason.CLOCK_AHEAD),
]


@pytest.mark.parametrize(("at", "reason"), CLOCKS)
def test_clocks_that_cannot_be_right_are_refused(at: str, reason: Reason | None) -> None:
    outcome = admit(at=at)
    assert (outcome.reason if isinstance(outcome, Fault) else None) is reason


def test_times_are_kept_to_the_microsecond() -> None:
    event = admitted(at="2026-03-10T11:00:00.123456+08:00")
    assert event.at_us == parse_iso(AT) + 123_456
    assert event.received_us == NOON_US


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
def test_microseconds_agree_with_the_clock(moment: datetime) -> None:
    assert microseconds(moment) == to_us(moment)


def test_the_callers_own_time_of_receipt_is_not_believed() -> None:
    assert admitted(received_at="2001-01-01T00:00:00Z").received_us == NOON_US


def test_a_merchant_in_the_body_must_be_the_keys() -> None:
    assert admitted(merchant=MERCHANT).event_id == "e-1"
    assert refused(merchant="cafe").reason is Reason.OTHER_MERCHANT


@pytest.mark.parametrize("name", ["event_id", "order"])
@pytest.mark.parametrize("value", ["13912345678", "+86 139-1234-5678", "139 1234 5678"])
def test_a_phone_number_is_no_id(name: str, value: str) -> None:
    fault = refused(**{name: value})
    assert (fault.field, fault.reason) == (name, Reason.PERSONAL_VALUE)
    assert "139" not in fault.mend


def test_ids_of_things_are_left_alone() -> None:
    event = admitted(item="13912345678", store="13912345678")
    assert (event.item, event.store) == ("13912345678", "13912345678")


SPELLINGS = [
    ("phone", "13912345678", ["+86 139 1234 5678", "86-13912345678", "１３９１２３４５６７８",
                              " 13912345678 ", "0086 13912345678", "139-1234-5678"]),
    ("email", "a@b.cn", ["A@B.cn", " a@b.cn\n"]),
    ("taobao_id", "Tb-7", [" Tb-7", "Tb-7\t"]),
]  # fmt: skip


class TestIdentifiers:
    def test_they_become_tokens_in_order_of_kind(self) -> None:
        event = admitted(identifiers={"taobao_id": "tb-7", "alipay_id": "ali-7"})
        tokeniser = tokeniser_of(MERCHANT)
        assert event.identifiers == (
            ("alipay_id", tokeniser.token("alipay_id", "ali-7")),
            ("taobao_id", tokeniser.token("taobao_id", "tb-7")),
        )

    @pytest.mark.parametrize(
        ("kind", "plain", "other"), [(k, p, o) for k, p, all_ in SPELLINGS for o in all_]
    )
    def test_one_person_has_one_spelling(self, kind: str, plain: str, *, other: str) -> None:
        assert normalised(kind, other) == normalised(kind, plain) == plain
        assert admitted(identifiers={kind: other}).identifiers == (
            (kind, tokeniser_of(MERCHANT).token(kind, plain)),
        )

    def test_case_counts_in_account_names(self) -> None:
        assert normalised("taobao_id", "Ab") != normalised("taobao_id", "ab")

    def test_landlines_keep_their_digits(self) -> None:
        assert normalised("phone", "010-6234 5678") == "01062345678"

    @pytest.mark.parametrize("identifiers", [{"x": "  "}, {"phone": "none"}])
    def test_a_blank_value_is_refused(self, identifiers: dict[str, str]) -> None:
        (kind,) = identifiers
        assert refused(identifiers=identifiers).field == f"identifiers.{kind}"

    @pytest.mark.parametrize("kind", ["", "Phone", "a b", "x" * 33, "手机", "a-b", "a'; drop"])
    def test_kinds_have_plain_names(self, kind: str) -> None:
        fault = refused(identifiers={kind: "x"})
        assert (fault.field, fault.reason) == ("identifiers", Reason.OUT_OF_RANGE)


class TestPlaces:
    def test_a_place_becomes_a_cell_of_resolution_seven(self) -> None:
        event = admitted(location={"lat": 31.230416, "lng": 121.473701})
        assert event.cell is not None
        assert h3.get_resolution(event.cell) == 7

    def test_neighbours_share_a_cell(self) -> None:
        here = admitted(location={"lat": 31.230416, "lng": 121.473701})
        there = admitted(location={"lat": 31.230417, "lng": 121.473702})
        assert here.cell == there.cell

    @pytest.mark.parametrize(("lat", "lng"), [(90, 0), (-90, 180), (0, -180)])
    def test_the_edges_of_the_world(self, lat: float, lng: float) -> None:
        assert admitted(location={"lat": lat, "lng": lng}).cell is not None


class TestProps:
    def test_direct_identifiers_are_dropped(self) -> None:
        props = {"category": "美妆", "phone": "13912345678", "receiver_name": "张三", "lat": 31.2}
        assert admitted(props=props).props == {"category": "美妆"}

    def test_a_birthday_becomes_a_year(self) -> None:
        assert admitted(props={"birthday": "1998-05-20"}).props == {"birth_year": 1998}

    def test_texts_are_masked(self) -> None:
        assert admitted(props={"note": "call 13912345678"}).props == {"note": "call 〔手机号〕"}
        assert admitted(query="13912345678").query == "〔手机号〕"

    def test_remembered_keys_change_nothing(self) -> None:
        desk = admission()
        for _ in range(3):
            event = admit(desk, props={"category": "a", "mobile": "13912345678"})
            assert isinstance(event, Event)
            assert event.props == {"category": "a"}

    @pytest.mark.parametrize("key", ["", "1a", "a b", "x" * 65, "手", "a;b", "$where", "a'"])
    def test_keys_have_plain_names(self, key: str) -> None:
        assert refused(props={key: 1}).field == "props"


@given(phone=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_nothing_stored_shows_a_phone_number(phone: str) -> None:
    event = admitted(
        identifiers={"phone": phone}, query=f"查 {phone}",
        props={"note": phone, "tel": phone, "n": int(phone)},
    )  # fmt: skip
    assert phone.encode() not in msgspec.msgpack.encode(event)
    assert str(int(phone)) not in repr(event)


def test_an_event_from_long_ago_is_late_not_wrong() -> None:
    assert admitted(at="2001-05-05T00:00:00Z").at_us < NOON_US - 365 * DAY_US
    assert MINUTE_US
