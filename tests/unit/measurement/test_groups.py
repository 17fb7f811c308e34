"""Figures of groups: nothing of fewer than k, multiples of k that are reached at least, and the
merchant's own figures as they are."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.crowds import PlainReports, all_of, midnight_us, visit

from quanyu.clock import HOUR_US
from quanyu.errors import BadInput
from quanyu.measurement.disclosure import Veil
from quanyu.measurement.forms import funnel_query
from quanyu.measurement.group_reports import GroupReports
from quanyu.measurement.groups import is_narrowed, is_whole_days, written
from quanyu.measurement.items import TopItemsQuery
from quanyu.measurement.overview import OverviewQuery
from quanyu.measurement.paths import PathsQuery
from quanyu.measurement.period import ALL_TIME, Period, parse_period
from quanyu.measurement.retention import RetentionQuery
from quanyu.measurement.steps import where_of

K = 10
SHOP = "shop"
CITY = where_of({"city": "上海"})
keys = st.binary(min_size=1, max_size=16)


def groups(seen: list[Any], key: bytes = b"key", *, k: int = K) -> GroupReports:
    return GroupReports(PlainReports({SHOP: seen}), Veil(k, key))


def crowd(shanghai: int, elsewhere: int = 40, *, payers: int = 0) -> list[Any]:
    return all_of(
        *(visit(n, city="上海", paid=n < payers) for n in range(shanghai)),
        *(visit(1_000 + n, city="杭州", paid=True) for n in range(elsewhere)),
    )


class TestAtLeast:
    @given(people=st.integers(0, 500), k=st.integers(2, 50), key=keys)
    def test_it_is_a_multiple_that_is_reached(self, people: int, k: int, key: bytes) -> None:
        told = Veil(k, key).at_least(people, "cell")
        assert told % k == 0
        assert people - 2 * k < told <= people
        assert told == 0 if people < k else told >= 0

    @given(people=st.integers(0, 500), k=st.integers(2, 50), key=keys)
    def test_more_people_are_never_told_as_fewer(self, people: int, k: int, key: bytes) -> None:
        veil = Veil(k, key)
        assert veil.at_least(people, "cell") <= veil.at_least(people + 1, "cell")

    def test_on_average_it_is_one_less_than_k_too_little(self) -> None:
        told = [Veil(K, bytes([n])).at_least(57, "cell") for n in range(256)]
        assert set(told) == {40, 50}
        assert abs(sum(told) / len(told) - (57 - (K - 1))) < 1

    def test_the_first_figure_comes_somewhere_between_k_and_2k(self) -> None:
        firsts = {
            min(n for n in range(2 * K) if Veil(K, bytes([key])).at_least(n, "cell"))
            for key in range(200)
        }
        assert firsts == set(range(K, 2 * K))

    def test_no_two_answers_prove_that_one_person_stands_between(self) -> None:
        """Whatever two questions tell where the second leaves somebody out, two questions about
        the same people could have told as well."""
        veils = [Veil(K, bytes([n])) for n in range(256)]

        def pairs(first: int, second: int) -> set[tuple[int, int]]:
            return {(v.at_least(first, "all"), v.at_least(second, "but one")) for v in veils}

        same: set[tuple[int, int]] = set().union(*(pairs(n, n) for n in range(60)))
        assert all(pairs(n, n - 1) <= same for n in range(1, 50))

    def test_questions_have_steps_of_their_own(self) -> None:
        veil = Veil(K, b"key")
        assert len({veil.at_least(55, str(n)) for n in range(40)}) == 2
        assert veil.at_least(55, "a") == veil.at_least(55, "a")


class TestWhatIsNarrowed:
    @pytest.mark.parametrize(
        ("first", "last", "whole"),
        [
            (None, None, True),
            ("2026-05-01", "2026-05-01", True),
            ("2026-05-01", None, True),
            (None, "2026-05-01T00:00:00+08:00", True),
            ("2026-05-01T00:00:00+08:00", "2026-05-02T00:00:00+08:00", True),
            ("2026-05-01T00:00:00Z", None, False),
            ("2026-05-01T09:00:00+08:00", None, False),
            (None, "2026-05-01T00:00:01+08:00", False),
            ("2026-05-01", "2026-05-01T12:00:00+08:00", False),
        ],
    )
    def test_days_are_chinas(self, first: str | None, last: str | None, whole: bool) -> None:
        assert is_whole_days(parse_period(first, last)) is whole

    @pytest.mark.parametrize(
        ("query", "narrowed"),
        [
            (funnel_query("view", "1d"), False),
            (funnel_query("view,payment_completed", "2w"), False),
            (funnel_query("view", "1d", where=CITY), True),
            (funnel_query(["view", {"kind": "search", "where": {"city": "上海"}}], "1d"), True),
            (funnel_query("view", "1d", period=Period(1, None)), True),
            (funnel_query("view", "1d", period=Period(midnight_us(0), midnight_us(1))), False),
            (PathsQuery(), False),
            (PathsQuery(where=CITY), True),
            (PathsQuery(period=Period(None, 5)), True),
            (TopItemsQuery(), False),
            (TopItemsQuery(where=CITY), True),
            (TopItemsQuery(period=Period(None, 5)), True),
        ],
    )
    def test_by_a_field_or_by_less_than_days(self, query: Any, narrowed: bool) -> None:
        assert is_narrowed(query) is narrowed

    def test_saying_a_value_twice_or_in_another_order_asks_nothing_new(self) -> None:
        one = where_of({"city": ["上海", "杭州"], "size": [5, "5"]})
        other = where_of({"size": ["5", 5, 5], "city": ["杭州", "上海", "杭州"]})
        assert written(one) == written(other)
        assert written(where_of({"size": 5})) != written(where_of({"size": "5"}))
        assert written(where_of({"a": "b"})) != written(where_of({"b": "a"}))


class TestTheMerchantsOwn:
    """Without a filter nothing is taken away: few or many."""

    @pytest.mark.parametrize(
        ("name", "query"),
        [
            ("overview", OverviewQuery()),
            ("funnel", funnel_query("view,payment_completed", "1d")),
            ("paths", PathsQuery()),
            ("retention", RetentionQuery()),
            ("top_items", TopItemsQuery()),
        ],
    )
    def test_figures_of_everybody_are_exact(self, name: str, query: Any) -> None:
        told = groups(crowd(3, 2, payers=1))
        exact = getattr(told.reports, name)(SHOP, query)
        assert getattr(told, name)(SHOP, query) == exact
        assert getattr(exact, "k", 0) == 0

    @pytest.mark.parametrize(
        ("name", "query"),
        [("overview", OverviewQuery), ("retention", RetentionQuery)],
    )
    def test_what_is_not_told_of_groups_wants_whole_days(
        self, name: str, query: Callable[..., Any]
    ) -> None:
        told = groups(crowd(3))
        hour = Period(midnight_us(0) + 9 * HOUR_US, midnight_us(0) + 10 * HOUR_US)
        with pytest.raises(BadInput) as refused:
            getattr(told, name)(SHOP, query(period=hour))
        assert refused.value.field == "from"
        day = Period(midnight_us(0), midnight_us(1))
        exact = getattr(told.reports, name)(SHOP, query(period=day))
        assert getattr(told, name)(SHOP, query(period=day)) == exact


class TestFunnelOfAGroup:
    @pytest.mark.parametrize(
        ("people", "payers", "told"),
        [(0, 0, [0, 0]), (1, 1, [0, 0]), (9, 9, [0, 0]), (400, 9, [390, 0]), (400, 0, [390, 0])],
    )
    def test_a_step_of_few_is_told_as_nobody(
        self, people: int, payers: int, told: list[int]
    ) -> None:
        query = funnel_query("view,payment_completed", "1d", where=CITY)
        found = groups(crowd(people, payers=payers)).funnel(SHOP, query)
        assert found.k == K
        got = [step.people for step in found.steps]
        assert got[1] == told[1]
        assert got[0] in (told[0], told[0] + K)

    @given(people=st.integers(0, 60), payers=st.integers(0, 60), key=keys)
    def test_nobody_gets_further_than_the_step_before(
        self, people: int, payers: int, key: bytes
    ) -> None:
        query = funnel_query("view,payment_completed", "1d", where=CITY)
        found = groups(crowd(people, 0, payers=payers), key).funnel(SHOP, query)
        first, second = (step.people for step in found.steps)
        assert first >= second
        assert {first % K, second % K} == {0}
        assert found.steps[1].rate_from_first == (second / first if first else 0)

    def test_times_are_told_to_the_minute_and_of_few_not_at_all(self) -> None:
        seen = crowd(30, payers=30)
        late = [
            one._replace(event=msgspec.structs.replace(one.event, at_us=one.event.at_us + 7))
            if one.event.kind == "payment_completed"
            else one
            for one in seen
        ]
        query = funnel_query("view,payment_completed", "1d", where=CITY)
        assert groups(late).reports.funnel(SHOP, query).steps[1].median_seconds == 600.000007
        assert groups(late).funnel(SHOP, query).steps[1].median_seconds == 600
        few = groups(crowd(30, payers=5)).funnel(SHOP, query)
        assert few.steps[1].median_seconds is None

    def test_conditions_of_a_step_count_as_a_filter(self) -> None:
        query = funnel_query([{"kind": "view", "where": {"city": "上海"}}], "1d")
        assert groups(crowd(3)).funnel(SHOP, query).steps[0].people == 0
        assert groups(crowd(3)).reports.funnel(SHOP, query).steps[0].people == 3


class TestPathsAndItemsOfAGroup:
    def test_a_path_of_few_is_not_listed(self) -> None:
        found = groups(crowd(60, payers=4)).paths(SHOP, PathsQuery(by="kind", where=CITY))
        assert [one.path for one in found.paths] == [["view"]]
        [one] = found.paths
        assert (one.people % K, one.journeys % K, one.conversions, found.k) == (0, 0, 0, K)
        assert found.journeys in (50, 60)

    def test_an_item_of_few_is_not_listed(self) -> None:
        seen = all_of(
            *(visit(n, city="上海") for n in range(30)),
            *(visit(100 + n, city="上海", item="pu-erh") for n in range(9)),
        )
        found = groups(seen).top_items(SHOP, TopItemsQuery(where=CITY))
        assert [(hour.hour[11:13], [one.item for one in hour.items]) for hour in found.hours] == [
            ("09", ["tea"])
        ]
        [tea] = found.hours[0].items
        assert (tea.people in (20, 30), tea.events in (20, 30), found.k) == (True, True, K)

    def test_an_hour_without_anything_to_tell_is_not_there(self) -> None:
        found = groups(crowd(9)).top_items(SHOP, TopItemsQuery(where=CITY))
        assert found.hours == []

    def test_many_events_of_few_people_are_few_people(self) -> None:
        seen = all_of(*(visit(7, day, city="上海") for day in range(40)))
        told = groups(seen)
        assert told.paths(SHOP, PathsQuery(where=CITY)).paths == []
        assert told.top_items(SHOP, TopItemsQuery(where=CITY)).hours == []

    @pytest.mark.parametrize("top", [1, 2])
    def test_the_top_is_cut_after_what_is_few_has_gone(self, top: int) -> None:
        """Else what is left would tell that something popular with few stood above."""
        seen = all_of(
            *(visit(1, city="上海", item="gift") for _ in range(99)),
            *(visit(100 + n, city="上海") for n in range(60)),
            *(visit(200 + n, city="上海", item="cup") for n in range(25)),
        )
        found = groups(seen).top_items(SHOP, TopItemsQuery(top=top, where=CITY))
        assert [one.item for one in found.hours[0].items] == ["tea", "cup"][:top]
        listed = groups(seen).paths(SHOP, PathsQuery(top=top, where=CITY)).paths
        assert len(listed) <= top


def test_two_shops_with_the_same_figures_are_told_by_steps_of_their_own() -> None:
    seen = crowd(57)
    query = funnel_query("view", "1d", where=CITY)
    told = set()
    for key in range(64):
        veiled = GroupReports(PlainReports({"a": seen, "b": seen}), Veil(K, bytes([key])))
        a, b = (veiled.funnel(shop, query).steps[0].people for shop in "ab")
        told.add(a == b)
    assert told == {True, False}


def test_whole_time_is_whole_days() -> None:
    assert is_whole_days(ALL_TIME)
