"""accepted + duplicate + rejected = received, and no event's fate hangs on its neighbours."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.events_ground import AT, admission

from quanyu.clock import parse_iso
from quanyu.events.bodies import Unusable
from quanyu.events.intake import Taken, take
from quanyu.events.log import payload_of, unpack

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=20)
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(
    ["event_id", "kind", "at", "touchpoint", "identifiers", "item", "amount", "query", "location",
     "props", "order", "merchant", "other"]
)  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """A good event, with some of its fields replaced by anything."""
    good = {
        "event_id": draw(st.sampled_from("abcdefgh")),
        "kind": draw(st.sampled_from(["view", "search", "payment_completed"])),
        "at": AT,
        "touchpoint": "taobao.detail",
        "identifiers": {"taobao_id": draw(st.text(min_size=1, max_size=9))},
        "query": draw(st.text(max_size=30)),
        "order": "o",
        "amount": draw(st.integers(0, 10**6)),
        "props": draw(st.dictionaries(st.sampled_from(["a", "b", "phone"]), st.text(max_size=9))),
    }
    return good | draw(st.dictionaries(names, trees, max_size=2))


def encoded(event: Any, *, ascii_only: bool, blank: str) -> bytes:
    text = json.dumps(event, ensure_ascii=ascii_only, separators=(",", blank + ":"))
    return text.encode("utf-8", "surrogatepass")


bodies = st.builds(
    lambda event, ascii_only, blank: encoded(event, ascii_only=ascii_only, blank=blank),
    events() | trees,
    st.booleans(),
    st.sampled_from(["", "", " ", "\t"]),
)
junk = st.one_of(
    st.binary(min_size=1, max_size=30).map(lambda b: b.replace(b"\n", b"")),
    st.sampled_from([b"{", b'{"a":NaN}', b'{"event_id":"x"', b'{"a":1,"a":2}']),
)


def taken(body: bytes) -> Taken | Unusable:
    return take(body, admission(), received_us=NOON_US)


def outcomes(body: bytes) -> list[str]:
    """By place: what became of each event."""
    found = taken(body)
    assert isinstance(found, Taken)
    refused = {refusal.index: refusal.fault.reason.value for refusal in found.refused}
    return [refused.get(place, "taken") for place in range(found.received)]


@given(st.lists(bodies, max_size=8))
def test_every_event_is_taken_or_refused_with_a_reason(parts: list[bytes]) -> None:
    found = taken(b"[" + b",".join(parts) + b"]")
    assert isinstance(found, Taken)
    assert found.received == len(parts)
    assert len(found.packed) + len(found.refused) == found.received
    assert all(refusal.fault.mend for refusal in found.refused)
    assert [r.raw for r in found.refused] == [parts[r.index].strip() for r in found.refused]


@given(st.lists(bodies, min_size=1, max_size=6))
def test_neighbours_change_nothing(parts: list[bytes]) -> None:
    alone = [outcomes(b"[" + part + b"]")[0] for part in parts]
    assert outcomes(b"[" + b",".join(parts) + b"]") == alone


@given(st.lists(events(), min_size=1, max_size=6))
def test_arrays_and_lines_are_the_same(sent: list[dict[str, Any]]) -> None:
    parts = [encoded(event, ascii_only=True, blank="") for event in sent]
    assert outcomes(b"\n".join(parts)) == outcomes(b"[" + b",".join(parts) + b"]")


@given(st.lists(bodies.filter(lambda b: b"\n" not in b and b[:1] == b"{") | junk, max_size=8))
def test_any_lines_are_answered(parts: list[bytes]) -> None:
    found = taken(b'{"first":1}\n' + b"\n".join(parts))
    assert isinstance(found, Taken)
    assert len(found.packed) + len(found.refused) == found.received


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(body: bytes) -> None:
    found = taken(body)
    if isinstance(found, Unusable):
        assert found.mend
    else:
        assert len(found.packed) + len(found.refused) == found.received


@given(st.lists(events(), max_size=6))
def test_what_is_packed_can_be_read_again(sent: list[dict[str, Any]]) -> None:
    parts = [encoded(event, ascii_only=True, blank="") for event in sent]
    found = taken(b"[" + b",".join(parts) + b"]")
    assert isinstance(found, Taken)
    events_again = unpack(payload_of(found.packed.items))
    assert len(events_again) == len(found.packed)
    assert all(event is not None for event in events_again)
