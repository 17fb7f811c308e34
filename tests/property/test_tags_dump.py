"""Whatever callers put where, no phone number and no exact place reaches a table."""

import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile_town import Town

from quanyu.clock import FixedClock
from quanyu.events.event import Event
from quanyu.events.log import unpack
from quanyu.storage.postgres.database import Database

MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
PLACE = re.compile(r"(?<!\d)\d{1,3}\.\d{5,}")

phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
degrees = st.floats(10, 80).map(lambda d: f"{d:.6f}")
words = st.text(st.sampled_from("收货人联系上海市路 ,.:;()abc"), max_size=12)


@st.composite
def leaky_texts(draw: st.DrawFn) -> str:
    """A sentence that says a phone number or a place."""
    said = draw(st.one_of(phones, st.tuples(degrees, degrees).map(", ".join)))
    return f"{draw(words)} {said} {draw(words)}"


@st.composite
def leaky_events(draw: st.DrawFn) -> dict[str, Any]:
    number = draw(st.integers(0, 10**9))
    lat, lng = float(draw(degrees)), float(draw(degrees))
    return {
        "event_id": f"leak-{number}",
        "kind": draw(st.sampled_from(["view", "search", "store_searched", "nonsense"])),
        "at": "2026-03-10T11:00:00+08:00",
        "touchpoint": "taobao.app",
        "identifiers": {"phone": draw(phones), "taobao_id": f"t{number}"},
        "query": draw(leaky_texts()),
        "location": {"lat": lat, "lng": lng},
        "props": draw(
            st.dictionaries(
                st.sampled_from(["note", "category", "city", "phone", "lat", "receiver_tel"]),
                st.one_of(leaky_texts(), phones, phones.map(int), degrees.map(float)),
                max_size=4,
            ).filter(lambda props: not _places_under_other_names(props))
        ),
    }


def _places_under_other_names(props: dict[str, Any]) -> bool:
    """A bare number says nothing about being a coordinate; only its name would."""
    return any(isinstance(v, float) and k not in ("lat",) for k, v in props.items())


def dumped(town: Town) -> str:
    """Everything in readable form: texts as they are, events decoded."""
    segments = town.rows("SELECT payload FROM event_segment")
    events = [event for (payload,) in segments for event in unpack(payload) if event]
    history = [msgspec.msgpack.decode(raw, type=Event) for (raw,) in town.rows(
        "SELECT event FROM history"
    )]  # fmt: skip
    states = [msgspec.msgpack.decode(raw) for (raw,) in town.rows("SELECT state FROM tag_state")]
    readable = [str((e.query, e.props, e.item, e.order, e.event_id)) for e in (*events, *history)]
    refused = town.rows("SELECT event_id, field, reason, mend FROM quarantine")
    return "\n".join([*readable, *map(str, states), *map(str, refused)])


@settings(max_examples=40)
@given(events=st.lists(leaky_events(), min_size=1, max_size=5))
def test_a_dump_holds_no_phone_number_and_no_exact_place(
    database: Database, clock: FixedClock, events: list[dict[str, Any]]
) -> None:
    town = Town(database, clock)
    town.says(*events)
    text = dumped(town)
    assert MOBILE.search(text) is None
    assert PLACE.search(text) is None
