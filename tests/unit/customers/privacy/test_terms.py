"""How long what is kept: the shipped terms, an installation's own, and one rule over two forms."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import DAY_US, parse_iso
from quanyu.customers.privacy.terms import Keeping, shipped_terms, term_of, terms_of
from quanyu.errors import BadInput
from quanyu.events.event import Event
from quanyu.events.facts import FACT_TYPES
from quanyu.storage.lake.rewriting import past
from quanyu.storage.lake.schema import FILE_SCHEMA

NOW = parse_iso("2029-03-10T12:00:00+08:00")


def own(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "retention.toml"
    file.write_text(text)
    return file


def event(kind: str, age_days: float, *, at_us: int | None = None, **props: int | str) -> Event:
    received_us = NOW - round(age_days * DAY_US)
    return Event("e", kind, 1, at_us or received_us, received_us, "taobao.item", (), props=props)


@pytest.mark.parametrize(
    ("term", "days", "law"),
    [
        ("behaviour", 400, ""),
        ("trade", 1096, "三十一条"),
        ("advertising", 1096, "广告法"),
        ("live", 1096, "直播"),
        ("lottery", 731, "十九条"),
        ("assessment", 1096, "五十六条"),
        ("quarantine", 30, ""),
        ("account", None, ""),
    ],
)
def test_the_shipped_terms(term: str, days: int | None, law: str) -> None:
    found = shipped_terms()[term]
    assert found.days == days
    assert law in found.law
    assert found.days_min in (0, days), "a statutory term is not kept longer than it demands"
    assert bool(found.days_min) == bool(found.law)


def test_every_kind_of_event_has_a_term() -> None:
    assert {term_of(kind) for kind in FACT_TYPES} == {"behaviour", "account", "trade"}
    assert term_of("view") == "behaviour"
    assert term_of("payment_completed") == "trade"
    assert term_of("member_joined") == "account"


def test_no_file_no_change(tmp_path: Path) -> None:
    assert terms_of(tmp_path / "retention.toml") == shipped_terms()


def test_an_installation_keeps_shorter_or_longer(tmp_path: Path) -> None:
    found = terms_of(own(tmp_path, "[days]\nbehaviour = 90\ntrade = 3650\n"))
    assert (found["behaviour"].days, found["trade"].days) == (90, 3650)
    assert found["answers"] == shipped_terms()["answers"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[days]\ntrade = 1095\n", "days.trade"),
        ("[days]\nlottery = 1\n", "days.lottery"),
        ("[days]\nbehaviour = 0\n", "days.behaviour"),
        ("[days]\nbehaviour = 99999\n", "days.behaviour"),
        ("[days]\naccount = 10\n", "days.account"),
        ("[days]\nnonsense = 10\n", "days.nonsense"),
        ("[days]\nbehaviour = '90'\n", "retention.toml"),
        ("days = [", "retention.toml"),
        ("[hours]\nbehaviour = 1\n", "retention.toml"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        terms_of(own(tmp_path, text))
    assert refused.value.field.endswith(field)


def test_less_than_the_law_is_refused_with_the_article(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="《电子商务法》第三十一条"):
        terms_of(own(tmp_path, "[days]\ntrade = 30\n"))


@pytest.mark.parametrize(
    ("kind", "age_days", "props", "gone"),
    [
        ("view", 399.9, {}, False),
        ("view", 400, {}, False),
        ("view", 400.1, {}, True),
        ("payment_completed", 400.1, {}, False),
        ("payment_completed", 1096.1, {}, True),
        ("member_joined", 9_000, {}, False),
        ("view", 9_000, {"birth_year": 2015}, False),
        ("view", 9_000, {"city": "上海"}, True),
        ("something_new", 1096.1, {}, True),
    ],
)
def test_what_is_past_its_term(
    kind: str, age_days: float, props: dict[str, int | str], gone: bool
) -> None:
    assert Keeping(shipped_terms(), NOW).is_past(event(kind, age_days, **props)) is gone


def test_old_behaviour_that_came_in_today_is_not_old_data() -> None:
    imported = event("view", 0, at_us=parse_iso("2017-11-25T00:00:00+08:00"))
    assert not Keeping(shipped_terms(), NOW).is_past(imported)


EVENTS = st.builds(
    event,
    st.sampled_from(["view", "search", "payment_completed", "member_joined", "order_placed"]),
    st.floats(0, 1500).map(lambda days: round(days, 3)),
)


@given(
    st.lists(st.tuples(EVENTS, st.booleans()), max_size=20),
    st.sampled_from(["", "behaviour", "trade"]),
)
def test_the_lake_and_the_log_lose_the_same_events(
    drawn: list[tuple[Event, bool]], never: str
) -> None:
    terms = dict(shipped_terms())
    if never:
        terms[never] = shipped_terms()["account"]
    keeping = Keeping(terms, NOW)
    expected, columns = [], []
    for one, born in drawn:
        props = {"birth_year": 2015} if born else {"city": "x"}
        expected.append(keeping.is_past(event_with(one, props)))
        columns.append(
            {"kind": one.kind, "received_us": one.received_us,
             "props": [(k, str(v)) for k, v in props.items()]}
        )  # fmt: skip
    schema = pa.schema([FILE_SCHEMA.field(name) for name in ("kind", "received_us", "props")])
    table = pa.Table.from_pylist(columns, schema)
    assert past(table, keeping).to_pylist() == expected


def event_with(one: Event, props: dict[str, int | str]) -> Event:
    return Event(
        one.event_id, one.kind, 1, one.at_us, one.received_us, one.touchpoint, (), props=props
    )
