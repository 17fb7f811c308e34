"""An event that has been in the lake comes back exactly as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.events.event import Event
from quanyu.ids import Token
from quanyu.storage.lake.files import read_file, write_file
from quanyu.storage.lake.rows import events_of, json_text, table_of
from quanyu.storage.lake.schema import FILE_SCHEMA

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
maybe = st.none() | texts
int64s = st.integers(-(2**63), 2**63 - 1)
values = st.one_of(texts, int64s, st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
events = st.builds(
    Event,
    event_id=texts,
    kind=st.sampled_from(("view", "payment_completed")),
    version=st.integers(1, 9),
    at_us=st.integers(946_684_800_000_000, 4_102_444_800_000_000),
    received_us=st.integers(946_684_800_000_000, 4_102_444_800_000_000),
    touchpoint=texts,
    identifiers=st.lists(
        st.tuples(texts, st.binary(min_size=16, max_size=16).map(Token)), min_size=1, max_size=3
    ).map(tuple),
    item=maybe,
    store=maybe,
    content=maybe,
    offer=maybe,
    campaign=maybe,
    decision=maybe,
    order=maybe,
    amount_fen=st.none() | st.integers(0, 10**15),
    query=maybe,
    cell=st.none() | st.integers(0, 2**63 - 1),
    props=st.dictionaries(texts, values, max_size=4),
)


@given(some=st.lists(events, max_size=5))
def test_rows_give_the_events_back(some: list[Event]) -> None:
    table = table_of(range(7, 7 + len(some)), some, nodes=[3] * len(some))
    table.validate(full=True)
    assert events_of(table) == list(enumerate(some, 7))
    for (_, back), event in zip(events_of(table), some, strict=True):
        assert {k: type(v) for k, v in back.props.items()} == {
            k: type(v) for k, v in event.props.items()
        }


def test_a_file_gives_the_events_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    some = [_event(f"e{n}", {"category": "美妆", "n": n, "x": n / 3}) for n in range(50)]
    path = tmp_path_factory.mktemp("lake") / "merchant=1" / "day=2026-05-01" / "1-50.1.parquet"
    write_file(path, table_of(range(1, 51), some, nodes=[n % 7 for n in range(50)]))
    assert sorted(events_of(read_file(path))) == sorted(enumerate(some, 1))


def test_rows_of_a_file_stand_by_kind_and_person(tmp_path_factory: pytest.TempPathFactory) -> None:
    some = [_event(f"e{n}", {}, kind=("view", "click")[n % 2]) for n in range(40)]
    path = tmp_path_factory.mktemp("lake") / "a.parquet"
    write_file(path, table_of(range(40), some, nodes=[n * 7 % 5 for n in range(40)]))
    table = read_file(path)
    keys = list(zip(table["kind"].to_pylist(), table["node"].to_pylist(), strict=True))
    assert keys == sorted(keys)
    assert table.schema == FILE_SCHEMA


@pytest.mark.parametrize(
    ("props", "category"),
    [
        ({"category": "美妆"}, "美妆"),
        ({"category": 5}, None),
        ({"category": True}, None),
        ({}, None),
    ],
)
def test_only_a_text_is_a_category(
    props: dict[str, str | int | bool], category: str | None
) -> None:
    table = table_of([1], [_event("e", dict(props))], nodes=[1])
    assert table["category"].to_pylist() == [category]


@pytest.mark.parametrize(
    ("value", "text"), [("5", '"5"'), (5, "5"), (5.0, "5.0"), (True, "true"), ("上海", '"上海"')]
)
def test_values_of_different_types_stay_apart(value: str | int | float | bool, text: str) -> None:
    assert json_text(value) == text


def test_no_events_make_an_empty_table() -> None:
    assert table_of([], [], nodes=[]).equals(FILE_SCHEMA.empty_table())


def _event(event_id: str, props: dict[str, object], kind: str = "view") -> Event:
    return Event(
        event_id, kind, 1, 10**15, 10**15, "web", (("taobao_id", Token(bytes(16))),), props=props
    )  # type: ignore[arg-type]
