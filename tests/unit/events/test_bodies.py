"""Bodies: what is clean goes through in one call, what is doubtful is judged event by event."""

import json
from typing import Any

import pytest
from tests.events_ground import array, lines, seen

from quanyu.events.bodies import (
    Unusable,
    decode_clean,
    decode_one,
    depth,
    form_of,
    readable_event_id,
    split,
)
from quanyu.events.event import IncomingEvent
from quanyu.events.refusals import Fault, Reason


def clean(body: bytes) -> list[IncomingEvent] | None:
    return decode_clean(body, form_of(body) or "lines")


def parted(body: bytes) -> list[bytes] | Unusable:
    return split(body, form_of(body) or "array")


def raw(**fields: Any) -> bytes:
    return json.dumps(seen(**fields), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("body", "form"),
    [(b"[]", "array"), (b"  \n[1]", "array"), (b"{}", "lines"), (b"", None), (b"x", None)],
)
def test_the_first_character_tells_the_form(body: bytes, form: str | None) -> None:
    assert form_of(body) == form


DOUBTFUL = [
    b'[{"event_id":"a","event_id":"b"}]',
    b'[{"kind" : "view"}]',
    b"[1]",
    b"[",
    b'[{"a":NaN}]',
    b"\xff\xfe",
    b"[" * 100_000,
]


class TestClean:
    @pytest.mark.parametrize("write", [array, lines])
    def test_ordinary_bodies(self, write: Any) -> None:
        events = clean(write(seen("a", props={"n": 1}), seen("b", query="羽绒服: 女")))
        assert events is not None
        assert [e.event_id for e in events] == ["a", "b"]

    def test_a_full_event(self) -> None:
        event = seen(
            "a", item="i", store="s", content="c", offer="o", campaign="k", decision="d",
            order="r", amount=5, query="q", location={"lat": 31.2, "lng": 121.4},
            props={"x": 1, "y": "z"}, merchant="shop", received_at="2026-03-10T11:00:00Z",
        )  # fmt: skip
        events = clean(array(event))
        assert events is not None
        assert events[0].amount == 5

    def test_blank_lines_are_nothing(self) -> None:
        events = clean(b"\n" + lines(seen("a")) + b"\n\r\n" + lines(seen("b")) + b"\n")
        assert events is not None
        assert len(events) == 2

    def test_a_colon_after_a_quote_inside_a_text_is_only_doubtful(self) -> None:
        body = array(seen("a", query='say ":" twice'), seen("b", item=":"))
        assert clean(body) is None
        parts = parted(body)
        assert not isinstance(parts, Unusable)
        assert all(isinstance(decode_one(part), IncomingEvent) for part in parts)

    @pytest.mark.parametrize("body", DOUBTFUL)
    def test_doubtful_ones_are_not_clean(self, body: bytes) -> None:
        assert clean(body) is None


DUPLICATES = {
    "top level": b'"kind":"view","kind":"search"',
    "an escaped name": b'"kind":"view","k\\u0069nd":"search"',
    "identifiers": b'"identifiers":{"taobao_id":"a","taobao_id":"b"}',
    "props": b'"props":{"n":1,"n":2}',
    "location": b'"location":{"lat":1,"lng":2,"lat":3}',
    "blank before the colon": b'"props":{"n" :1,"n" :2}',
    "hidden by a text": b'"query":"\\":","props":{"n" :1,"n":2}',
    "the same value": b'"kind":"view","kind":"view"',
    "null": b'"item":null,"item":"i"',
}


@pytest.mark.parametrize("pairs", DUPLICATES.values(), ids=DUPLICATES.keys())
def test_duplicate_keys_are_found(pairs: bytes) -> None:
    base = {
        b'"event_id"': b'"event_id":"e-1"',
        b'"kind"': b'"kind":"view"',
        b'"at"': b'"at":"2026-03-10T11:00:00+08:00"',
        b'"touchpoint"': b'"touchpoint":"t"',
        b'"identifiers"': b'"identifiers":{"x":"y"}',
    }
    body = b"{" + b",".join([*(v for k, v in base.items() if k not in pairs), pairs]) + b"}"
    assert clean(b"[" + body + b"]") is None
    fault = decode_one(body)
    assert isinstance(fault, Fault)
    assert fault.reason is Reason.DUPLICATE_KEY


FAULTS: list[tuple[str, bytes, str | None, Reason]] = [
    ("unknown field", raw(colour="red"), "colour", Reason.UNKNOWN_FIELD),
    ("unknown in location", raw(location={"lat": 1, "lng": 2, "z": 3}), "location.z",
     Reason.UNKNOWN_FIELD),
    ("missing", raw(kind=None), "kind", Reason.MISSING_FIELD),
    ("a number for a text", raw(item=7), "item", Reason.WRONG_TYPE),
    ("a text for a number", raw(amount="7"), "amount", Reason.WRONG_TYPE),
    ("a fraction of a fen", raw(amount=7.5), "amount", Reason.WRONG_TYPE),
    ("a nested prop", raw(props={"a": {"b": 1}}), "props[...]", Reason.WRONG_TYPE),
    ("a null prop", raw(props={"a": None}), "props[...]", Reason.WRONG_TYPE),
    ("below nothing", raw(amount=-1), "amount", Reason.OUT_OF_RANGE),
    ("above all money", raw(amount=10**15 + 1), "amount", Reason.OUT_OF_RANGE),
    ("over 64 bit", raw(amount=2**64), "amount", Reason.OUT_OF_RANGE),
    ("a prop over 64 bit", raw(props={"n": 2**63}), "props[...]", Reason.OUT_OF_RANGE),
    ("an empty id", raw(event_id=""), "event_id", Reason.OUT_OF_RANGE),
    ("a long id", raw(event_id="x" * 129), "event_id", Reason.OUT_OF_RANGE),
    ("no identifiers", raw(identifiers={}), "identifiers", Reason.OUT_OF_RANGE),
    ("nine identifiers", raw(identifiers={f"k{n}": "v" for n in range(9)}), "identifiers",
     Reason.OUT_OF_RANGE),
    ("an empty identifier", raw(identifiers={"x": ""}), "identifiers[...]", Reason.OUT_OF_RANGE),
    ("65 props", raw(props={f"p{n}": 1 for n in range(65)}), "props", Reason.OUT_OF_RANGE),
    ("a long prop", raw(props={"p": "x" * 1025}), "props[...]", Reason.OUT_OF_RANGE),
    ("a long query", raw(query="x" * 1025), "query", Reason.OUT_OF_RANGE),
    ("beyond the pole", raw(location={"lat": 91, "lng": 2}), "location.lat", Reason.OUT_OF_RANGE),
    ("a time without offset", raw(at="2026-03-10T11:00:00"), "at", Reason.WRONG_TYPE),
    ("no time", raw(at="yesterday"), "at", Reason.WRONG_TYPE),
    ("31 February", raw(at="2026-02-31T11:00:00Z"), "at", Reason.WRONG_TYPE),
    ("seconds", raw(at=1773111600), "at", Reason.WRONG_TYPE),
    ("NaN", raw(amount=5).replace(b"5", b"NaN"), None, Reason.MALFORMED),
    ("infinity", raw(props={"a": 5}).replace(b"5", b"Infinity"), None, Reason.MALFORMED),
    ("1e400", raw(props={"a": 55}).replace(b"55", b"1e400"), "props[...]", Reason.OUT_OF_RANGE),
    ("a lone surrogate", raw(item="@").replace(b"@", b"\\ud800"), None, Reason.MALFORMED),
    ("a lone low surrogate", raw(item="@").replace(b"@", b"\\udc00 x"), None, Reason.MALFORMED),
    ("bad UTF-8", raw(item="@").replace(b"@", b"\xff"), None, Reason.MALFORMED),
    ("U+0000", raw(item="a\0b"), None, Reason.FORBIDDEN_CHARACTER),
    ("U+0000 in a key", raw(props={"a\0": 1}), None, Reason.FORBIDDEN_CHARACTER),
    ("a raw control character", raw(item="@").replace(b"@", b"\x01"), None, Reason.MALFORMED),
    ("cut off", raw()[:-5], None, Reason.MALFORMED),
    ("two objects", raw() + raw(), None, Reason.MALFORMED),
    ("a list", b"[]", None, Reason.NOT_AN_OBJECT),
    ("a text", b'"x"', None, Reason.NOT_AN_OBJECT),
    ("null", b"null", None, Reason.NOT_AN_OBJECT),
    ("deep", b'{"a":' * 100_000, None, Reason.TOO_DEEP),
    ("17 levels", b'{"props":' + b"[" * 16 + b"]" * 16 + b"}", None, Reason.TOO_DEEP),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field", "reason"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_each_fault_has_its_field_and_reason(
    body: bytes, field: str | None, *, reason: Reason
) -> None:
    fault = decode_one(body)
    assert isinstance(fault, Fault)
    assert (fault.field, fault.reason) == (field, reason)
    assert fault.mend
    assert clean(b"[" + body + b"]") is None


UNUSABLE = [
    (b'[{"a":1}', 8),
    (b'[{"a":NaN}', 10),
    (b'[{"a":1}] x', 9),
    (b'[{"a":NaN}] x', 11),
    (b'[{"a":1},{"b":"x', 14),
    (b"[" * 50_000, 50_000),
]


class TestSplit:
    def test_broken_members_of_an_array_are_told_apart(self) -> None:
        body = b'[ {"a":NaN} , {"b":"x,]}"},{"c":[1,{"d":2}]}, 7 ,"e"]'
        assert parted(body) == [
            b'{"a":NaN}',
            b'{"b":"x,]}"}',
            b'{"c":[1,{"d":2}]}',
            b"7",
            b'"e"',
        ]

    def test_an_empty_array(self) -> None:
        assert parted(b"[]") == []
        assert parted(b" [ ] ") == []

    @pytest.mark.parametrize(("body", "position"), UNUSABLE)
    def test_what_cannot_be_told_apart_says_where(self, body: bytes, position: int) -> None:
        found = parted(body)
        assert isinstance(found, Unusable)
        assert found.position in (position, 0) or len(body) == position
        assert found.mend

    def test_broken_lines_are_told_apart(self) -> None:
        assert parted(b'{"a":1}\n{broken\r\n\n{"b":2}') == [b'{"a":1}', b"{broken\r", b'{"b":2}']


@pytest.mark.parametrize(
    ("text", "levels"),
    [(b"{" * 20 + b"}" * 20, 20), (b'{"a":"' + b"[" * 99 + b'"}', 1), (b"{}" * 40, 1)],
)
def test_depth_counts_brackets_outside_texts(text: bytes, levels: int) -> None:
    assert depth(text) == levels


@pytest.mark.parametrize(
    ("text", "event_id"),
    [
        (b'{"event_id":"a-1","x":NaN}', "a-1"),
        (b'{"event_id" : "a-1"', "a-1"),
        (b'{"event_id":7}', None),
        (b"junk", None),
        (b'{"event_id":"\xe7\xbe\x8e"', "美"),
    ],
)
def test_the_id_of_a_broken_event_is_read_where_possible(text: bytes, event_id: str | None) -> None:
    assert readable_event_id(text) == event_id
