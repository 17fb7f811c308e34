"""Paths, retention, top items and the overview on stories small enough to count by hand."""

import pytest
from tests.lake_town import event

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, parse_iso
from quanyu.errors import BadInput
from quanyu.measurement import items, overview, paths, retention
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Seen, Step, where_of

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


def seen(person: int, minutes: float, kind: str = "view", **fields: object) -> Seen:
    at_us = NOON_US + int(minutes * MINUTE_US)
    return Seen(person, event(f"{person}-{minutes:09.2f}-{kind}", at_us, kind=kind, **fields))


WALK = [
    seen(1, 0, "search", query="口红"),
    seen(1, 1),
    seen(1, 2),
    seen(1, 3, "add_to_cart", item="a"),
    seen(1, 40, "payment_completed"),
    seen(2, 0, "search", query="口红"),
    seen(2, 5),
    seen(2, 6, "add_to_cart", item="a"),
]


def test_a_pause_ends_a_journey_and_neighbours_count_once() -> None:
    found = paths.evaluate(paths.PathsQuery(by="kind"), WALK)
    assert [(p.path, p.journeys, p.people, p.conversions) for p in found.paths] == [
        (["search", "view", "add_to_cart"], 2, 2, 0),
        (["payment_completed"], 1, 1, 1),
    ]
    assert found.journeys == 3


@pytest.mark.parametrize(
    ("gap_us", "length", "cut", "first"),
    [
        (HOUR_US, 8, False, ["search", "view", "add_to_cart"]),
        (HOUR_US, 2, True, ["search", "view"]),
        (37 * MINUTE_US, 8, False, ["search", "view", "add_to_cart"]),
    ],
)
def test_journeys_are_cut_after_so_many_labels(
    gap_us: int, length: int, cut: bool, first: list[str]
) -> None:
    found = paths.evaluate(paths.PathsQuery(by="kind", gap_us=gap_us, length=length), WALK)
    assert (found.paths[0].path, found.paths[0].cut) == (first, cut)


def test_a_pause_as_long_as_the_gap_goes_on() -> None:
    found = paths.evaluate(paths.PathsQuery(by="kind", gap_us=37 * MINUTE_US), WALK)
    assert ["search", "view", "add_to_cart", "payment_completed"] in [p.path for p in found.paths]


@pytest.mark.parametrize(
    ("by", "label"),
    [("kind", "view"), ("touchpoint", "taobao.feed"), ("touchpoint:kind", "taobao.feed:view")],
)
def test_labels(by: str, label: str) -> None:
    query = paths.PathsQuery(by=paths.by_of(by))
    assert query.label(seen(1, 0).event) == label


def test_only_the_top_is_listed_but_all_are_counted() -> None:
    found = paths.evaluate(paths.PathsQuery(by="kind", top=1), WALK)
    assert (len(found.paths), found.journeys) == (1, 3)


VISITS = [
    *(seen(1, day * 1440) for day in (0, 1, 3)),
    *(seen(2, day * 1440) for day in (0, 3)),
    *(seen(3, day * 1440) for day in (1, 2)),
    seen(3, 3 * 1440, "payment_completed"),
]


def test_who_comes_again() -> None:
    found = retention.evaluate(retention.RetentionQuery(days=3), VISITS)
    assert [(c.day, c.people, c.returned) for c in found.cohorts] == [
        ("2026-03-10", 2, [1, 0, 2]),
        ("2026-03-11", 1, [1, 1, 0]),
    ]


def test_who_comes_again_to_pay() -> None:
    query = retention.RetentionQuery(days=3, first="view", again="payment_completed")
    found = retention.evaluate(query, VISITS)
    assert [c.returned for c in found.cohorts] == [[0, 0, 0], [0, 1, 0]]


def test_the_cohort_is_the_first_day_inside_the_period() -> None:
    query = retention.RetentionQuery(days=2, period=Period(NOON_US + DAY_US))
    found = retention.evaluate(query, VISITS)
    assert [(c.day, c.people) for c in found.cohorts] == [("2026-03-11", 2), ("2026-03-13", 1)]


def test_a_day_begins_at_midnight_in_china() -> None:
    late = [seen(1, 11 * 60 + 59), seen(1, 12 * 60)]
    found = retention.evaluate(retention.RetentionQuery(days=1), late)
    assert [(c.day, c.returned) for c in found.cohorts] == [("2026-03-10", [1])]


LOOKS = [
    *(seen(n, 1, item="a") for n in range(3)),
    *(seen(1, m, item="b") for m in (2, 3, 4)),
    seen(1, 5, item="c"),
    seen(1, 61, item="c"),
    seen(1, 62),
    seen(1, 63, "add_to_cart", item="z"),
]


def test_top_items_of_each_hour() -> None:
    found = items.evaluate(items.TopItemsQuery(top=2), LOOKS)
    listed = [(h.hour[:16], [(i.item, i.events, i.people) for i in h.items]) for h in found.hours]
    assert listed == [
        ("2026-03-10T12:00", [("a", 3, 3), ("b", 3, 1)]),
        ("2026-03-10T13:00", [("c", 1, 1)]),
    ]


SALES = [
    seen(1, 0),
    seen(1, 1, "payment_completed", order="o1", amount_fen=500),
    seen(1, 2, "payment_completed", order="o1", amount_fen=100),
    seen(1, 3, "payment_completed", amount_fen=50),
    seen(2, 0),
    seen(2, 1, "payment_completed", order="o2"),
    seen(2, 9, "refund_completed", order="o2", amount_fen=30),
    seen(3, 1440),
    seen(4, 1440),
]


def test_the_overview_adds_up() -> None:
    found = overview.evaluate(overview.OverviewQuery(), SALES)
    assert (found.people, found.events) == (4, 9)
    assert (found.orders, found.buyers) == (3, 2), "a payment without an order counts by itself"
    assert (found.gmv_fen, found.refunded_fen) == (650, 30)
    assert (found.conversion_rate, found.repurchase_rate) == (0.5, 0.5)
    assert [(d.day, d.people, d.orders) for d in found.days] == [
        ("2026-03-10", 2, 3),
        ("2026-03-11", 2, 0),
    ]
    assert [c.name for c in found.kinds] == ["payment_completed", "view", "refund_completed"]


def test_nothing_makes_no_rates() -> None:
    found = overview.evaluate(overview.OverviewQuery(), [])
    assert (found.conversion_rate, found.repurchase_rate, found.days) == (0.0, 0.0, [])


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: paths.PathsQuery(by="person"), "by"),
        (lambda: paths.PathsQuery(gap_us=0), "gap"),
        (lambda: paths.PathsQuery(length=13), "length"),
        (lambda: paths.PathsQuery(top=0), "top"),
        (lambda: paths.PathsQuery(conversions=("buy",)), "conversions"),
        (lambda: retention.RetentionQuery(days=0), "days"),
        (lambda: retention.RetentionQuery(first="buy"), "first"),
        (lambda: retention.RetentionQuery(again="buy"), "again"),
        (lambda: items.TopItemsQuery(kind="buy"), "kind"),
        (lambda: items.TopItemsQuery(top=1001), "top"),
        (lambda: Step("buy"), "steps"),
    ],
)
def test_what_cannot_be_asked(make: object, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        make()  # type: ignore[operator]
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("form", "fields", "held"),
    [
        ({"touchpoint": "taobao.feed"}, {}, True),
        ({"touchpoint": ["x", "taobao.feed"], "item": "a"}, {"item": "a"}, True),
        ({"item": "a"}, {}, False),
        ({"size": 5}, {"props": {"size": 5}}, True),
        ({"size": 5}, {"props": {"size": "5"}}, False),
        ({"size": 5}, {"props": {"size": 5.0}}, False),
        ({"vip": True}, {"props": {"vip": 1}}, False),
        ({"amount": 7}, {"amount_fen": 7}, True),
    ],
)
def test_conditions_compare_value_and_type(
    form: dict[str, object], fields: dict[str, object], held: bool
) -> None:
    step = Step("view", where_of(form))  # type: ignore[arg-type]
    assert step.matches(seen(1, 0, **fields).event) is held
