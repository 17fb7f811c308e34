"""Small stories with answers worked out by hand, told by plain Python and by the engine: funnels,
journeys, returning people, hot items and sums, at their edges."""

from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import Any

import pytest
from tests.lake_town import event
from tests.property.lake_ground import crowd_of, reading_of

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, format_iso, parse_iso
from quanyu.errors import BadInput
from quanyu.measurement import funnels, items, overview, paths, retention
from quanyu.measurement.forms import duration_us, funnel_query, parse_where
from quanyu.measurement.period import Period, parse_period
from quanyu.measurement.steps import Seen, Step, parse_steps
from quanyu.storage.lake import funnel as funnel_expression
from quanyu.storage.lake import items as items_expression
from quanyu.storage.lake import overview as overview_expression
from quanyu.storage.lake import paths as paths_expression
from quanyu.storage.lake import retention as retention_expression
from quanyu.storage.lake.engine import DuckDBEngine

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
MIDNIGHT_US = parse_iso("2026-03-11T00:00:00+08:00")
BY_ENGINE: dict[Any, Callable[..., Any]] = {
    funnels: funnel_expression.funnel,
    paths: paths_expression.paths,
    retention: retention_expression.retention,
    items: items_expression.top_items,
    overview: overview_expression.overview,
}
_numbers = count()


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine()
    yield made
    made.close()


@pytest.fixture
def told(engine: DuckDBEngine) -> Callable[..., Any]:
    """``told(funnels, query, seen)`` → the answer that both evaluators give."""

    def ask(module: Any, query: Any, seen: list[Seen]) -> Any:
        plain = module.evaluate(query, seen)
        with reading_of(engine, seen) as reading:
            assert BY_ENGINE[module](reading, query) == plain
        return plain

    return ask


def did(person: int, at_us: int, kind: str = "view", *, name: str = "", **fields: Any) -> Seen:
    """``name`` decides among events of one instant; by default the order of writing."""
    return Seen(person, event(name or f"e{next(_numbers):06d}", at_us, kind=kind, **fields))


def shanghai(*letters: str) -> list[Seen]:
    """Views of one instant, in order of their letters; capitals look from 上海."""
    return [
        did(1, NOON_US, name=letter.lower(), props={"city": "上海" if letter.isupper() else "北京"})
        for letter in letters
    ]


FROM_SHANGHAI = Step("view", (("city", ("上海",)),))
PAID, REFUNDED = "payment_completed", "refund_completed"


class TestFunnels:
    @pytest.mark.parametrize(
        ("window_us", "after_us", "people"),
        [
            (HOUR_US, HOUR_US - 1, 1),
            (HOUR_US, HOUR_US, 1),
            (HOUR_US, HOUR_US + 1, 0),
            (1, 0, 1),
            (1, 1, 1),
            (1, 2, 0),
        ],
    )
    def test_the_window_ends_with_its_last_microsecond(
        self, told: Any, window_us: int, after_us: int, people: int
    ) -> None:
        query = funnels.FunnelQuery(parse_steps(f"view,{PAID}"), window_us)
        seen = [did(1, NOON_US), did(1, NOON_US + after_us, PAID)]
        assert told(funnels, query, seen).steps[1].people == people

    @pytest.mark.parametrize(
        ("steps", "letters", "reached"),
        [
            ((Step("view"), FROM_SHANGHAI), "aB", [1, 1]),
            ((Step("view"), FROM_SHANGHAI), "Ab", [1, 0]),
            ((FROM_SHANGHAI, Step("view")), "Ab", [1, 1]),
            ((FROM_SHANGHAI, Step("view")), "aB", [1, 1]),
            ((FROM_SHANGHAI, Step("view")), "B", [1, 0]),
            ((FROM_SHANGHAI, FROM_SHANGHAI), "AbC", [1, 1]),
            ((Step("view"),) * 3, "abc", [1, 1, 1]),
            ((Step("view"),) * 3, "ab", [1, 1, 0]),
        ],
    )
    def test_one_instant_has_an_order(
        self, told: Any, steps: tuple[Step, ...], letters: str, reached: list[int]
    ) -> None:
        """By the first step that an event matches, then by event id."""
        found = told(funnels, funnels.FunnelQuery(steps, HOUR_US), shanghai(*letters))
        assert [step.people for step in found.steps] == reached

    def test_a_person_on_many_nodes_is_one(self, told: Any) -> None:
        """Each event of the ground's reading comes by another node of the person."""
        story = ("view", "add_to_cart", "order_placed", PAID, REFUNDED)
        seen = [did(n, NOON_US + k * HOUR_US, kind) for n in (1, 2) for k, kind in enumerate(story)]
        found = told(funnels, funnels.FunnelQuery(parse_steps(",".join(story))), seen)
        assert [(s.people, s.rate_from_first) for s in found.steps] == [(2, 1.0)] * 5

    def test_two_people_do_not_make_one_chain(self, told: Any) -> None:
        seen = [did(1, NOON_US), did(2, NOON_US + 1, PAID)]
        found = told(funnels, funnels.FunnelQuery(parse_steps(f"view,{PAID}")), seen)
        assert [step.people for step in found.steps] == [1, 0]

    @pytest.mark.parametrize(
        ("gaps_s", "median_s"),
        [([10], 10), ([10, 40], 25), ([10, 40, 20], 20), ([1, 2], 1.5), ([0, 0, 9], 0)],
    )
    def test_the_median_of_people(self, told: Any, gaps_s: list[int], median_s: float) -> None:
        seen = []
        for person, gap_s in enumerate(gaps_s, 1):
            seen += [did(person, NOON_US), did(person, NOON_US + gap_s * SECOND_US, PAID)]
        found = told(funnels, funnels.FunnelQuery(parse_steps(f"view,{PAID}")), seen)
        assert found.steps[1].median_seconds == median_s

    def test_payments_that_came_back(self, told: Any) -> None:
        """Two of three payers refund, one of them only after the window."""
        hours = {1: [1], 2: [30], 3: []}
        seen = [did(person, NOON_US, PAID, amount_fen=100) for person in hours]
        seen += [
            did(person, NOON_US + hour * HOUR_US, REFUNDED, amount_fen=100)
            for person, later in hours.items()
            for hour in later
        ]
        for window, share in (("1d", 1 / 3), ("2d", 2 / 3)):
            found = told(funnels, funnel_query([PAID, REFUNDED], window), seen)
            assert found.steps[1].rate_from_previous == pytest.approx(share)

    def test_nobody_gives_no_rates_but_the_steps(self, told: Any) -> None:
        found = told(funnels, funnels.FunnelQuery(parse_steps(f"view,{PAID}")), [])
        assert [(s.kind, s.people, s.rate_from_previous) for s in found.steps] == [
            ("view", 0, 0.0),
            (PAID, 0, 0.0),
        ]


class TestPaths:
    def journeys(self, told: Any, seen: list[Seen], **asked: Any) -> list[tuple[str, bool, int]]:
        found = told(paths, paths.PathsQuery(**{"by": "kind"} | asked), seen)
        return [(">".join(p.path), p.cut, p.conversions) for p in found.paths]

    @pytest.mark.parametrize(
        ("after_us", "expected"),
        [
            (30 * MINUTE_US, [("view>search", False, 0)]),
            (30 * MINUTE_US + 1, [("search", False, 0), ("view", False, 0)]),
        ],
    )
    def test_a_pause_to_the_microsecond(
        self, told: Any, after_us: int, expected: list[tuple[str, bool, int]]
    ) -> None:
        seen = [did(1, NOON_US), did(1, NOON_US + after_us, "search")]
        assert self.journeys(told, seen) == expected

    @pytest.mark.parametrize(
        ("story", "length", "expected"),
        [
            ("vvv", 1, ("view", False)),
            ("vvs", 1, ("view", True)),
            ("vsv", 3, ("view>search>view", False)),
            ("vsvv", 3, ("view>search>view", False)),
            ("vsvs", 3, ("view>search>view", True)),
            ("vssvvs", 3, ("view>search>view", True)),
        ],
    )
    def test_labels_collapse_before_they_are_cut(
        self, told: Any, story: str, length: int, expected: tuple[str, bool]
    ) -> None:
        kinds = {"v": "view", "s": "search"}
        seen = [did(1, NOON_US + n * MINUTE_US, kinds[c]) for n, c in enumerate(story)]
        assert self.journeys(told, seen, length=length) == [(*expected, 0)]

    def test_a_pause_parts_equal_labels_too(self, told: Any) -> None:
        seen = [did(1, NOON_US + n * HOUR_US) for n in range(3)]
        found = told(paths, paths.PathsQuery(by="kind"), seen)
        assert [(p.path, p.journeys, p.people) for p in found.paths] == [(["view"], 3, 1)]

    @pytest.mark.parametrize(
        ("conversions", "converted"),
        [((PAID,), 1), (("follow",), 0), ((), 0), (("view", PAID), 2)],
    )
    def test_a_conversion_counts_once_and_behind_the_cut(
        self, told: Any, conversions: tuple[str, ...], converted: int
    ) -> None:
        seen = [did(1, NOON_US), did(2, NOON_US), did(1, NOON_US + 1, "search")]
        seen += [did(1, NOON_US + n, PAID) for n in (2, 3)] + [did(2, NOON_US + 1, "search")]
        found = told(
            paths, paths.PathsQuery(by="kind", length=1, conversions=conversions), seen
        ).paths
        assert [(p.path, p.cut, p.journeys) for p in found] == [(["view"], True, 2)]
        assert found[0].conversions == converted

    def test_one_instant_is_told_by_event_id(self, told: Any) -> None:
        seen = [did(1, NOON_US, "search", name="b"), did(1, NOON_US, name="a")]
        assert self.journeys(told, seen) == [("view>search", False, 0)]

    def test_ties_are_ranked_by_their_labels(self, told: Any) -> None:
        seen = [did(n, NOON_US, kind) for n, kind in enumerate(("view", "click", "search"), 1)]
        assert [row[0] for row in self.journeys(told, seen, top=2)] == ["click", "search"]

    def test_what_a_condition_leaves_out_makes_no_pause_shorter(self, told: Any) -> None:
        """With the stop in the middle the two belong together; without it an hour parts them."""
        seen = [did(1, NOON_US), did(1, NOON_US + 30 * MINUTE_US, "search", query="口红")]
        seen += [did(1, NOON_US + HOUR_US, item="a"), did(1, NOON_US + HOUR_US + 1, "click")]
        assert len(self.journeys(told, seen)) == 1
        kept = [one for one in seen if one.event.kind != "search"]
        assert len(self.journeys(told, kept)) == 2
        assert self.journeys(told, seen, where=parse_where(["item=a"])) == [("view", False, 0)]


class TestRetention:
    @pytest.mark.parametrize(
        ("again_us", "returned"),
        [
            (MIDNIGHT_US - 1, [0, 0]),
            (MIDNIGHT_US, [1, 0]),
            (MIDNIGHT_US + 8 * HOUR_US, [1, 0]),
            (MIDNIGHT_US + DAY_US - 1, [1, 0]),
            (MIDNIGHT_US + DAY_US, [0, 1]),
            (MIDNIGHT_US + 2 * DAY_US, [0, 0]),
        ],
    )
    def test_midnight_is_chinas(self, told: Any, again_us: int, returned: list[int]) -> None:
        seen = [did(1, MIDNIGHT_US - HOUR_US), did(1, again_us)]
        found = told(retention, retention.RetentionQuery(days=2), seen)
        assert [(c.day, c.returned) for c in found.cohorts] == [("2026-03-10", returned)]

    def test_a_second_of_the_new_day_is_another_cohort(self, told: Any) -> None:
        seen = [did(1, MIDNIGHT_US - 1), did(2, MIDNIGHT_US), did(2, MIDNIGHT_US + DAY_US)]
        found = told(retention, retention.RetentionQuery(days=1), seen)
        assert [(c.day, c.people, c.returned) for c in found.cohorts] == [
            ("2026-03-10", 1, [0]),
            ("2026-03-11", 1, [1]),
        ]

    def test_coming_five_times_a_day_is_coming_once(self, told: Any) -> None:
        seen = [did(1, NOON_US), *(did(1, MIDNIGHT_US + n) for n in range(5))]
        assert told(retention, retention.RetentionQuery(days=1), seen).cohorts[0].returned == [1]

    def test_what_counts_as_again_may_lie_before_the_opening(self, told: Any) -> None:
        """Paid the day before the first view: that is no return."""
        query = retention.RetentionQuery(days=2, first="view", again=PAID)
        seen = [did(1, NOON_US, PAID), did(1, MIDNIGHT_US), did(1, MIDNIGHT_US + DAY_US, PAID)]
        found = told(retention, query, seen)
        assert [(c.day, c.people, c.returned) for c in found.cohorts] == [("2026-03-11", 1, [1, 0])]


class TestTopItems:
    def ranking(self, told: Any, seen: list[Seen], top: int = 10) -> list[list[str]]:
        found = told(items, items.TopItemsQuery(top=top), seen)
        return [[f"{i.item}{i.events}/{i.people}" for i in hour.items] for hour in found.hours]

    @pytest.mark.parametrize("top", [1, 2, 3, 4])
    def test_ties_are_cut_by_name(self, told: Any, top: int) -> None:
        seen = [did(n, NOON_US, item=item) for n, item in enumerate("口茶袜裙", 1)]
        expected = [f"{item}1/1" for item in sorted("口茶袜裙")][:top]
        assert self.ranking(told, seen, top) == [expected]

    def test_events_rank_before_people(self, told: Any) -> None:
        seen = [did(1, NOON_US + n, item="z") for n in range(3)]
        seen += [did(n, NOON_US, item="a") for n in (1, 2)]
        assert self.ranking(told, seen) == [["z3/1", "a2/2"]]

    def test_an_hour_ends_before_the_next_begins(self, told: Any) -> None:
        seen = [did(1, MIDNIGHT_US - 1, item="a"), did(1, MIDNIGHT_US, item="a")]
        found = told(items, items.TopItemsQuery(), seen)
        assert [hour.hour for hour in found.hours] == [
            "2026-03-10T23:00:00+08:00",
            "2026-03-11T00:00:00+08:00",
        ]

    def test_each_hour_has_its_own_top(self, told: Any) -> None:
        seen = [did(1, NOON_US, item="a"), did(1, NOON_US + 1, item="a")]
        seen += [did(1, NOON_US, item="b"), did(2, NOON_US + HOUR_US, item="b")]
        assert self.ranking(told, seen, top=1) == [["a2/1"], ["b1/1"]]


class TestOverview:
    @pytest.mark.parametrize("seed", [11, 12, 13])
    def test_money_and_people_are_plain_sums(self, told: Any, seed: int) -> None:
        """Counted again with nothing but sums and sets."""
        seen = crowd_of(seed, events=150, people=12)
        chance = Random(seed)
        period = Period(NOON_US + chance.randrange(3) * DAY_US) if chance.random() < 0.5 else None
        query = overview.OverviewQuery(period) if period else overview.OverviewQuery()
        found = told(overview, query, seen)
        kept = [one for one in seen if query.period.holds(one.event.at_us)]
        paid = [one for one in kept if one.event.kind == PAID]
        bills = {(p, e.order or e.event_id) for p, e in paid}
        many = [p for p in {p for p, _ in bills} if sum(who == p for who, _ in bills) > 1]
        buyers = {p for p, _ in paid}
        assert found.gmv_fen == sum(e.amount_fen or 0 for _, e in paid)
        assert found.refunded_fen == sum(e.amount_fen or 0 for _, e in kept if e.kind == REFUNDED)
        assert (found.people, found.buyers) == (len({p for p, _ in kept}), len(buyers))
        assert found.repurchase_rate == pytest.approx(len(many) / max(1, len(buyers)))
        for part in (found.kinds, found.touchpoints, found.days):
            assert sum(one.events for one in part) == found.events == len(kept)
        assert sum(day.gmv_fen for day in found.days) == found.gmv_fen

    def test_an_order_paid_on_two_days_is_one_order(self, told: Any) -> None:
        seen = [did(1, MIDNIGHT_US - 1, PAID, order="o", amount_fen=30)]
        seen += [did(1, MIDNIGHT_US, PAID, order="o", amount_fen=70)]
        found = told(overview, overview.OverviewQuery(), seen)
        assert [(d.day, d.orders, d.gmv_fen) for d in found.days] == [
            ("2026-03-10", 1, 30),
            ("2026-03-11", 1, 70),
        ]
        assert (found.orders, found.gmv_fen, found.repurchase_rate) == (1, 100, 0.0)

    def test_more_may_come_back_than_was_paid_in_the_period(self, told: Any) -> None:
        """GMV is before refunds, and a refund belongs to the day on which it is made."""
        seen = [
            did(1, NOON_US, PAID, amount_fen=500),
            did(1, MIDNIGHT_US, REFUNDED, amount_fen=500),
        ]
        found = told(overview, overview.OverviewQuery(Period(MIDNIGHT_US)), seen)
        assert (found.gmv_fen, found.refunded_fen, found.buyers, found.people) == (0, 500, 0, 1)

    def test_sums_do_not_lose_a_fen(self, told: Any) -> None:
        seen = [did(n, NOON_US + n, PAID, amount_fen=10**15 - n) for n in range(1, 41)]
        expected = 40 * 10**15 - sum(range(1, 41))
        assert told(overview, overview.OverviewQuery(), seen).gmv_fen == expected


@pytest.mark.parametrize(
    ("first", "last", "inside", "outside"),
    [
        ("2026-03-10", "2026-03-10", MIDNIGHT_US - 1, MIDNIGHT_US),
        ("2026-03-11", None, MIDNIGHT_US, MIDNIGHT_US - 1),
        (None, "2026-03-10T16:00:00Z", MIDNIGHT_US - 1, MIDNIGHT_US),
        ("2026-03-10T16:00:00.000001+00:00", None, MIDNIGHT_US + 1, MIDNIGHT_US),
        (None, "20260311T000000+0800", MIDNIGHT_US - 1, MIDNIGHT_US),
        ("2026-02-28", "2026-03-01", parse_iso("2026-03-01T23:59:59+08:00"), MIDNIGHT_US),
    ],
)
def test_a_period_holds(first: str | None, last: str | None, inside: int, outside: int) -> None:
    period = parse_period(first, last)
    assert (period.holds(inside), period.holds(outside)) == (True, False), format_iso(inside)


@pytest.mark.parametrize("text", ["", " ", "2026-5-1", "2026-02-29", "0000-01-01", "春节", "2026"])
@pytest.mark.parametrize("field", ["from", "to"])
def test_no_time_at_all_is_answered_with_an_example(text: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_period(text if field == "from" else None, text if field == "to" else None)
    assert refused.value.field == field
    assert "2026-05-01" in refused.value.mend


@pytest.mark.parametrize(
    "text", ["", "d", "1", "1.5h", "-1d", "1M", "１d", "1000000s", "1d ", "0w"]
)
def test_no_duration(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        duration_us("gap", text)
    assert refused.value.field == "gap"
