"""Each aggregate on its own: what counts, over which days, and how ties fall."""

import pytest

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.customers.profile.definitions import Measure
from quanyu.customers.profile.fields import field_text, weekday_of
from quanyu.customers.profile.measure import SLACK_DAYS, Accumulator, State, canonical
from quanyu.events.event import Event

FRIDAY_NOON = parse_iso("2026-05-01T12:00:00+08:00")
TODAY = (FRIDAY_NOON + 8 * HOUR_US) // DAY_US


def event(kind: str = "view", days_ago: float = 0, **fields: object) -> Event:
    known = {"touchpoint", "item", "query", "amount_fen", "event_id"}
    at_us = FRIDAY_NOON - round(days_ago * DAY_US)
    return Event(
        event_id=str(fields.get("event_id", f"{kind}-{days_ago}-{sorted(fields.items())}")),
        kind=kind,
        version=1,
        at_us=at_us,
        received_us=at_us,
        touchpoint=str(fields.get("touchpoint", "taobao.app")),
        identifiers=(),
        item=fields.get("item"),  # type: ignore[arg-type]
        query=fields.get("query"),  # type: ignore[arg-type]
        amount_fen=fields.get("amount_fen"),  # type: ignore[arg-type]
        props={k: v for k, v in fields.items() if k not in known},  # type: ignore[misc]
    )


def folded(measure: Measure, *events: Event) -> State | None:
    accumulator, state = Accumulator(measure), None
    for one in events:
        state = accumulator.fold(state, one, day=(one.at_us + 8 * HOUR_US) // DAY_US)
    return state


def value(measure: Measure, *events: Event, as_of_us: int = FRIDAY_NOON) -> object:
    return Accumulator(measure).value(folded(measure, *events), as_of_us)


def m(aggregate: str, **rest: object) -> Measure:
    return Measure(aggregate=aggregate, **rest)  # type: ignore[arg-type]


BUY = "payment_completed"
PURCHASES = [
    event(BUY, 0, amount_fen=1000, category="美妆", event_id="a"),
    event(BUY, 1, amount_fen=2001, category="数码", event_id="b"),
    event(BUY, 1, amount_fen=500, category="美妆", event_id="c"),
    event(BUY, 40, amount_fen=9000, category="母婴", event_id="d"),
    event("view", 0, category="美妆", event_id="e"),
]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (m("count"), 5),
        (m("count", events=(BUY,)), 4),
        (m("count", events=(BUY,), window_days=30), 3),
        (m("count", events=(BUY,), window_days=1), 1),
        (m("count", events=(BUY,), window_days=41), 4),
        (m("count", events=(BUY,), where={"category": "美妆"}), 2),
        (m("count", events=(BUY,), where={"category": ("美妆", "母婴")}), 3),
        (m("count", events=(BUY,), unless={"category": "美妆"}), 2),
        (m("count", events=(BUY,), unless={"colour": "red"}), 4),
        (m("sum", events=(BUY,), field="amount"), 12501),
        (m("sum", events=(BUY,), field="amount", window_days=2), 3501),
        (m("mean", events=(BUY,), field="amount", window_days=2), 1167),
        (m("last", events=(BUY,), field="category"), "美妆"),
        (m("first", events=(BUY,), field="category"), "母婴"),
        (m("first", events=(BUY,), field="category", window_days=30), "数码"),
        (m("days", events=(BUY,)), 3),
        (m("days", events=(BUY,), window_days=30), 2),
        (m("distinct", events=(BUY,), field="category"), 3),
        (m("distinct", events=(BUY,), field="category", window_days=30), 2),
        (m("top_n", events=(BUY,), field="category", n=1), [("美妆", 2)]),
        (m("top_n", events=(BUY,), field="category", n=3)
         , [("美妆", 2), ("数码", 1), ("母婴", 1)]),
        (m("top_n", events=(BUY,), field="category", n=3, weight_min=2), [("美妆", 2)]),
        (m("top_n", events=(BUY,), field="category", weight_min=9), None),
        (m("top_n", events=(BUY, "view"), field="category", weights={BUY: 5}), [("美妆", 11)]),
        (m("count", events=("refund_completed",)), None),
        (m("sum", events=(BUY,), field="colour"), None),
    ],
)  # fmt: skip
def test_what_a_measure_makes_of_purchases(measure: Measure, expected: object) -> None:
    assert value(measure, *PURCHASES) == expected
    assert value(measure, *reversed(PURCHASES)) == expected


@pytest.mark.parametrize(
    ("hours", "hour", "counts"),
    [
        ((9, 18), 9, True),
        ((9, 18), 17, True),
        ((9, 18), 18, False),
        ((22, 6), 23, True),
        ((22, 6), 5, True),
        ((22, 6), 6, False),
        ((0, 24), 0, True),
    ],
)
def test_hours_are_those_of_china_and_run_over_midnight(
    hours: tuple[int, int], hour: int, counts: bool
) -> None:
    at = event("view", (12 - hour) / 24)
    assert value(m("count", hours=hours), at) == (1 if counts else None)


def test_weekdays_are_those_of_china() -> None:
    # 23:30 UTC on Friday is Saturday morning in Shanghai.
    late = event("view", -19.5 / 24)
    assert value(m("count", weekdays=(6, 7)), late) == 1
    assert value(m("count", weekdays=(5,)), late) is None


@pytest.mark.parametrize(
    ("field", "text"),
    [("day", "2026-05-01"), ("hour", "12"), ("weekday", "5"), ("day_type", "weekday")],
)
def test_calendar_fields(field: str, text: str) -> None:
    assert field_text(event(), field) == text


@pytest.mark.parametrize("day", range(30))
def test_weekday_agrees_with_the_calendar(day: int) -> None:
    from datetime import date, timedelta

    assert weekday_of(day) == (date(1970, 1, 1) + timedelta(days=day)).isoweekday()


def test_values_are_compared_as_their_text() -> None:
    events = [event(size=1), event(size="1"), event(size=1.5), event(size=True), event(size=2)]
    assert value(m("count", where={"size": 1}), *events) == 2
    assert value(m("count", where={"size": "1.5"}), *events) == 1
    assert value(m("count", where={"size": True}), *events) == 1


def test_sums_take_integers_only() -> None:
    events = [event(points=p) for p in (5, "7", -2, 1.5, "a lot", True, "1" * 19)]
    assert value(m("sum", field="points"), *events) == 10
    assert value(m("mean", field="points"), *events) == 3
    assert value(m("count", field="points"), *events) == 7


def test_ties_of_last_and_first_fall_by_event_id() -> None:
    twins = [event(city="上海", event_id="b"), event(city="北京", event_id="a")]
    for order in (twins, twins[::-1]):
        assert value(m("last", field="city"), *order) == "上海"
        assert value(m("first", field="city"), *order) == "北京"


def test_top_n_ties_fall_by_text() -> None:
    events = [event(colour=c, event_id=c) for c in ("绿", "红", "蓝")]
    measure = m("top_n", field="colour", n=2)
    assert value(measure, *events) == [("红", 1), ("绿", 1)]
    assert value(measure, *events[::-1]) == [("红", 1), ("绿", 1)]


def test_a_late_event_is_folded_by_its_own_day() -> None:
    measure = m("count", window_days=3)
    late = [event(days_ago=0), event(days_ago=2), event(days_ago=3)]
    assert value(measure, *late) == value(measure, *late[::-1]) == 2


def test_days_that_no_window_can_reach_are_dropped_in_every_order() -> None:
    measure = m("count", window_days=3)
    events = [event(days_ago=d, event_id=str(d)) for d in (0, 2, 9, 10, 50, 400)]
    one, other = folded(measure, *events), folded(measure, *events[::-1])
    assert one is not None
    assert other is not None
    assert canonical(one) == canonical(other)
    assert sorted(one[1]) == [TODAY - 9, TODAY - 2, TODAY]


def test_a_state_answers_for_as_of_a_week_back() -> None:
    measure = m("count", window_days=3)
    events = [event(days_ago=d, event_id=str(d)) for d in (0, 7, 8, 9)]
    then = FRIDAY_NOON - SLACK_DAYS * DAY_US
    assert value(measure, *events, as_of_us=then) == 3


def test_a_window_ends_with_the_day_of_asking() -> None:
    measure = m("count", window_days=30)
    bought = event(BUY, 29)
    assert value(measure, bought) == 1
    assert value(measure, bought, as_of_us=FRIDAY_NOON + DAY_US) is None


def test_merge_keeps_its_operands() -> None:
    measure = m("top_n", field="category", n=3)
    accumulator = Accumulator(measure)
    left, right = folded(measure, PURCHASES[0]), folded(measure, PURCHASES[1])
    assert left is not None
    assert right is not None
    before = (canonical(left), canonical(right))
    accumulator.merge(left, right)
    assert (canonical(left), canonical(right)) == before


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({"aggregate": "sum"}, "needs a field"),
        ({"aggregate": "count", "n": 3}, "belong to aggregate 'top_n'"),
        ({"aggregate": "top_n", "field": "a", "events": ("view",), "weights": {"click": 2}},
         "not among events"),
        ({"aggregate": "count", "hours": (5, 5)}, "hours are empty"),
    ],
)  # fmt: skip
def test_a_measure_that_makes_no_sense_is_refused(definition: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Measure(**definition)  # type: ignore[arg-type]
