"""Drill F3: a key that may read figures and no persons asks everything about one customer.

Filters that single her out, filters that leave her alone out, windows that differ by a day, totals
minus parts, the same shop before and after she is erased, another shop beside it. A violation is a
figure that rests on fewer than k people, or two answers that differ by fewer than k. The trends,
whose cells are released by themselves, are attacked in tests/unit/measurement too.
"""

import json
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from tests.asgi import Client
from tests.crowds import DAY, PlainReports, all_of, midnight_us, visit
from tests.engine_ground import TEA, opened, paid, said, settled, tell

from quanyu.clock import DAY_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.measurement.disclosure import K_WITHIN_MERCHANT, Veil
from quanyu.measurement.forms import funnel_query
from quanyu.measurement.group_reports import GroupReports
from quanyu.measurement.items import TopItemsQuery
from quanyu.measurement.paths import PathsQuery
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Seen, Where, where_of
from quanyu.measurement.trends import TrendsQuery
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
K = K_WITHIN_MERCHANT
SHOP, OTHER, DAYS = "shop", "other", 4
CITIES, YEARS = ("上海", "杭州", "苏州"), ("1988", "1990", "1992")
VICTIM = 999
KEYS = 3


def town(*, victim: bool = True, most: int = 64) -> list[Seen]:
    """Customers over four days, of three cities and years; one of them from 苏州, born 1988."""
    others = [
        visit(n, n % DAYS, city=CITIES[n % 2], born=YEARS[1 + n % 2], paid=n % 3 == 0)
        for n in range(most)
    ]
    hers = visit(VICTIM, 2, city="苏州", born="1988", paid=True) if victim else []
    return all_of(*others, hers)


def filters() -> Iterator[Where]:
    """Every choice of cities, of years, and of both."""
    cities = [c for size in (1, 2, 3) for c in combinations(CITIES, size)]
    years = [y for size in (1, 2, 3) for y in combinations(YEARS, size)]
    for city in cities:
        yield where_of({"city": list(city)})
    for year in years:
        yield where_of({"born": list(year)})
    for city, year in product(cities, years[:3]):
        yield where_of({"city": list(city), "born": list(year)})


def windows() -> Iterator[Period]:
    for first, last in combinations(range(DAYS + 1), 2):
        yield Period(midnight_us(first), midnight_us(last))


class Attack:
    """Asks, and compares what it was told with what is so."""

    def __init__(self, seen: list[Seen], key: bytes) -> None:
        self.exact = PlainReports({SHOP: seen, OTHER: town(victim=False, most=9)})
        self.reports = GroupReports(self.exact, Veil(K, key))
        self.answers: dict[tuple[Any, ...], tuple[int, int]] = {}
        """Question → told and true."""

    def ask(self) -> dict[tuple[Any, ...], tuple[int, int]]:
        for where, period in product(filters(), (*windows(), Period(midnight_us(0) + 1, None))):
            self._funnel(where, period)
            self._paths(where, period)
            self._items(where, period)
        return self.answers

    def _funnel(self, where: Where, period: Period) -> None:
        query = funnel_query("view,payment_completed", "1d", period=period, where=where)
        told, true = (r.funnel(SHOP, query).steps for r in (self.reports, self.exact))
        for number, (one, other) in enumerate(zip(told, true, strict=True)):
            self._note(("funnel", number, where, period), one.people, other.people)

    def _paths(self, where: Where, period: Period) -> None:
        query = PathsQuery(by="kind", period=period, where=where, top=1000)
        true = {tuple(p.path): p for p in self.exact.paths(SHOP, query).paths}
        for one in self.reports.paths(SHOP, query).paths:
            other, place = true[tuple(one.path)], (where, period, *one.path)
            self._note(("people", *place), one.people, other.people)
            self._note(("journeys", *place), one.journeys, other.journeys)
            self._note(("conversions", *place), one.conversions, other.conversions)

    def _items(self, where: Where, period: Period) -> None:
        query = TopItemsQuery(period=period, where=where, top=1000)
        true = {h.hour: h.items[0] for h in self.exact.top_items(SHOP, query).hours}
        for hour in self.reports.top_items(SHOP, query).hours:
            [one] = hour.items
            self._note(("item", where, period, hour.hour), one.people, true[hour.hour].people)

    def _note(self, question: tuple[Any, ...], told: int, true: int) -> None:
        self.answers[question] = told, true


def violations(answers: dict[tuple[Any, ...], tuple[int, int]]) -> list[str]:
    found = [
        f"{question}: {told} told of {true}"
        for question, (told, true) in answers.items()
        if told and (true < K or told > true)
    ]
    figures = {told for told, _ in answers.values()}
    return found + [
        f"{one} and {other} differ by few"
        for one, other in combinations(figures, 2)
        if 0 < abs(one - other) < K
    ]


def about_her(question: tuple[Any, ...]) -> bool:
    where = next(part for part in question if isinstance(part, tuple))
    return any(value in ("苏州", "1988") for _, values in where for value in values)


def test_reports_with_filters(capsys: pytest.CaptureFixture[str]) -> None:
    attempted, told, found = 0, 0, []
    for key in range(KEYS):
        answers = Attack(town(), bytes([key])).ask()
        found += violations(answers)
        attempted, told = (
            attempted + len(answers),
            told + sum(1 for one, _ in answers.values() if one),
        )
    report = {"drill": "F3 reports", "attempted": attempted, "told": told, "violations": len(found)}
    with capsys.disabled():
        print("\n" + json.dumps(report))
    assert found == []
    assert told > attempted // 20, "a drill to which nothing is told attacks nothing"


def test_before_and_after_an_erasure() -> None:
    """Over many installations: whatever changes when she goes, changes by k, and a question that
    finds her alone is answered as if she had never been there."""
    changed = 0
    for key in range(KEYS):
        before = Attack(town(), bytes([key])).ask()
        after = Attack(town(victim=False), bytes([key])).ask()
        for question, (told, true) in before.items():
            then = after.get(question, (0, 0))[0]
            assert (told - then) % K == 0
            changed += told != then
            assert told == then or true >= K
            assert told == then or about_her(question)
    assert changed < sum(1 for _ in filters()) * KEYS


def test_two_questions_that_differ_by_her_prove_nothing() -> None:
    """With her and without her: each pair of answers is also given by an installation in which
    both questions find the same people."""
    every = where_of({"city": list(CITIES)})
    but_hers = where_of({"city": list(CITIES[:2])})
    query = [funnel_query("view", "1d", where=where) for where in (every, but_hers)]

    def pairs(*, victim: bool, most: int) -> set[tuple[int, int]]:
        seen = PlainReports({SHOP: town(victim=victim, most=most)})
        told = [GroupReports(seen, Veil(K, bytes([key]))) for key in range(200)]
        return {
            (r.funnel(SHOP, query[0]).steps[0].people, r.funnel(SHOP, query[1]).steps[0].people)
            for r in told
        }

    innocent = set().union(*(pairs(victim=False, most=most) for most in range(20, 46, 5)))
    for most in (24, 25, 29, 30, 31, 39, 40):
        assert pairs(victim=True, most=most) <= innocent


@pytest.mark.parametrize("few", [1, 9])
def test_what_another_shop_has_is_not_in_a_shops_figures(few: int) -> None:
    """Over both shops, with the wider k: a shop that subtracts its own figures has nothing that
    rests on fewer than fifty."""
    ours = all_of(*(visit(n, 2, city="上海") for n in range(49)))
    theirs = all_of(*(visit(n, 2, city="上海") for n in range(few)))
    reports = PlainReports({SHOP: ours, OTHER: theirs})
    query = TrendsQuery(DAY + 2, days=1)
    both = reports.industry_trends(query)
    assert all(one.visits % both.k == 0 for one in both.trends)
    assert both.k == 50
    alone = PlainReports({SHOP: ours}).industry_trends(query)
    assert alone.trends == []
    for shop in (SHOP, OTHER):
        changed = PlainReports({**reports.of, SHOP if shop == OTHER else OTHER: []})
        assert reports.trends(shop, query) == changed.trends(shop, query)


class Door:
    """The real routes, with a key that may read audiences and reports and no persons."""

    def __init__(self, engine: Engine) -> None:
        app = create_app(engine)
        self.narrow = self._client(app, engine, "audiences:read", "reports:read")
        self.wide = self._client(app, engine, "audiences:read", "reports:read", "persons:read")
        self.maker = self._client(app, engine, "audiences:write")

    def _client(self, app: Any, engine: Engine, *scopes: str) -> Client:
        secret = engine.access.create(TEA, scopes).secret
        return Client(app, headers={"Authorization": f"Bearer {secret}"})

    def estimate(self, definition: Any, *, wide: bool = False) -> dict[str, Any]:
        door = self.wide if wide else self.narrow
        answer = door.post("/v1/audiences/estimate", json=definition)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def from_city(*cities: str) -> dict[str, Any]:
    return {"any": [{"tag": "city", "op": "eq", "value": city} for city in cities]}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        at_us = clock.now_us() - 2 * DAY_US
        for n in range(45):
            who = {"taobao_id": f"u{n}"}
            city = "苏州" if n == 44 else CITIES[n % 2]
            tell(
                made, TEA,
                said(f"j{n}", who, at_us=at_us + n, kind="member_joined", props={"city": city}),
                said(f"v{n}", who, at_us=at_us + 100 + n, props={"city": city}),
                paid(f"p{n}", who, at_us=at_us + 200 + n, props={"city": city}),
            )  # fmt: skip
        settled(made)
        yield made


QUESTIONS: dict[str, Any] = {
    "she alone": from_city("苏州"),
    "all but her": from_city("上海", "杭州"),
    "all": from_city(*CITIES),
    "one city": from_city("上海"),
    "one city and she": from_city("上海", "苏州"),
    "nobody": {"any": []},
    "everybody": {"all": []},
    "a day more": {"event": "view", "within": "3d"},
    "a day less": {"event": "view", "within": "1d"},
    "not": {"not": from_city("上海", "杭州")},
}


def test_estimates_counts_and_combinations(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    door = Door(engine)
    told = {name: door.estimate(asked) for name, asked in QUESTIONS.items()}
    true = {name: door.estimate(asked, wide=True) for name, asked in QUESTIONS.items()}
    bad = [
        name
        for name, answer in told.items()
        if answer["people"] % K
        or answer["sample"]
        or answer["exact"]
        or answer["people"] > true[name]["people"]
        or (answer["people"] and true[name]["people"] < K)
    ]
    with capsys.disabled():
        line = {"drill": "F3 audiences", "attempted": len(told), "violations": len(bad)}
        print("\n" + json.dumps(line))
    assert bad == []
    assert (true["she alone"]["people"], len(true["she alone"]["sample"])) == (1, 1)
    assert (told["she alone"]["people"], told["not"]["people"]) == (0, 0)
    assert told["everybody"]["people"] >= 30
    saved_audiences_are_told_alike(door)
    nobody_is_named(door)
    erased_she_leaves_no_trace(engine, door, told)


def saved_audiences_are_told_alike(door: Door) -> None:
    for name in ("all", "all but her", "she alone"):
        assert door.maker.put(f"/v1/audiences/{name}", json=QUESTIONS[name]).status_code == 200
        counted = door.narrow.get(f"/v1/audiences/{name}/count").json()["people"]
        assert door.narrow.get(f"/v1/audiences/{name}").json()["people"] == counted
        assert counted % K == 0
        made = door.maker.put(f"/v1/audiences/{name}", json=QUESTIONS[name]).json()["people"]
        assert made == counted, "who makes it is told no more"
    listed = {one["audience"]: one["people"] for one in door.narrow.get("/v1/audiences").json()}
    assert listed["she alone"] == 0
    minus = {"operation": "minus", "audiences": ["all", "all but her"]}
    assert door.narrow.post("/v1/audiences/combine", json=minus).json()["people"] == 0
    assert door.wide.post("/v1/audiences/combine", json=minus).json()["people"] == 1
    cut = door.narrow.get("/v1/audiences/tiers").json()
    assert all(people % K == 0 for parts in cut.values() for people in parts.values())


def nobody_is_named(door: Door) -> None:
    """Membership of somebody, and people by their public ids, are for who may read persons."""
    who = {"identifier": "taobao_id:u44"}
    asked = door.narrow.post("/v1/audiences/all/explain", json=who)
    alike = door.narrow.get("/v1/audiences/all/lookalike")
    members = door.narrow.get("/v1/audiences/all/members")
    assert [one.status_code for one in (asked, alike, members)] == [403] * 3
    assert door.wide.post("/v1/audiences/all/explain", json=who).json()["member"] is True


def erased_she_leaves_no_trace(
    engine: Engine, door: Door, before: dict[str, dict[str, Any]]
) -> None:
    assert engine.privacy.erase(TEA, "taobao_id:u44") is not None
    settled(engine)
    after = {name: door.estimate(asked) for name, asked in QUESTIONS.items()}
    for name, answer in after.items():
        assert (before[name]["people"] - answer["people"]) in (0, K), name
    for name in ("she alone", "all but her", "one city", "nobody", "not"):
        assert after[name] == before[name], name


@pytest.mark.parametrize(
    ("where", "told"),
    [("where=city=苏州", {0}), ("where=city=上海", {10, 20}), ("where=order=o-p44", {0})],
)
def test_filtered_reports_over_the_routes(engine: Engine, where: str, told: set[int]) -> None:
    door = Door(engine)
    path = f"/v1/reports/funnel?steps=payment_completed&{where}"
    found = door.narrow.get(path).json()
    assert (found["steps"][0]["people"] in told, found["k"]) == (True, K)
    exact = door.wide.get(path).json()
    assert (exact["k"], exact["steps"][0]["people"] > 0) == (0, True)
    unfiltered = "/v1/reports/funnel?steps=payment_completed"
    assert door.narrow.get(unfiltered).json() == door.wide.get(unfiltered).json()
    hour = "from=2026-01-01T09:00:00%2B08:00"
    assert door.narrow.get(f"/v1/reports/overview?{hour}").status_code == 400
    assert door.wide.get(f"/v1/reports/overview?{hour}").status_code == 200
