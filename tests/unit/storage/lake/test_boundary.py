"""Where an event lies — hot, in a small file, in a merged one — changes no report; the manifest,
the directory and the log never tell different stories."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from tests.lake_town import DISCLOSURE_SECRET, Town, event, town_of

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, FixedClock, day_number, parse_iso
from quanyu.events.event import Event
from quanyu.measurement import funnels, items, overview, paths, retention, trends
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Seen, parse_steps
from quanyu.storage.lake.files import read_file
from quanyu.storage.lake.rewriting import GRACE_US
from quanyu.storage.lake.store import day_name
from quanyu.storage.lake.writer import FlushRule
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import merchant_no

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
PEOPLE = ("ann", "bob", "cai", "dan")
KINDS = ("view", "view", "add_to_cart", "payment_completed", "refund_completed")
QUERIES = {
    "overview": overview.OverviewQuery(),
    "overview of a day": overview.OverviewQuery(Period(NOON_US, NOON_US + DAY_US)),
    "funnel": funnels.FunnelQuery(parse_steps("view,add_to_cart,payment_completed"), DAY_US),
    "paths": paths.PathsQuery(gap_us=2 * HOUR_US, length=3),
    "retention": retention.RetentionQuery(days=3),
    "items": items.TopItemsQuery(top=2),
    "trends": trends.TrendsQuery(day_number(NOON_US) + 1, days=1),
}


def some_days(seed: int = 3, count: int = 60, name: str = "e") -> list[tuple[str, Event]]:
    """(who, event): three days of four people, in the order in which they come in, which is not
    that of their times."""
    chance = Random(seed)
    made = []
    for number in range(count):
        who, kind = chance.choice(PEOPLE), chance.choice(KINDS)
        at_us = NOON_US + chance.randrange(72) * HOUR_US + chance.randrange(3)
        bill = {"amount_fen": chance.randrange(10**5)} if kind.endswith("completed") else {}
        goods: Any = {"item": f"i{chance.randrange(3)}", "props": {"category": "美妆"}}
        made.append((who, event(f"{name}{number:03d}", at_us, who, kind, **bill, **goods)))
    return made


STORY = some_days()
EVENTS = [one for _, one in STORY]


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Town:
    return town_of(database, data_dir / "lake", clock)


def answers(town: Town, merchant: str = "demo") -> dict[str, Any]:
    ask = town.reports
    by_query: dict[type, Callable[..., Any]] = {
        overview.OverviewQuery: ask.overview,
        funnels.FunnelQuery: ask.funnel,
        paths.PathsQuery: ask.paths,
        retention.RetentionQuery: ask.retention,
        items.TopItemsQuery: ask.top_items,
        trends.TrendsQuery: ask.trends,
    }
    return {name: by_query[type(query)](merchant, query) for name, query in QUERIES.items()}


def by_definition(story: list[tuple[str, Event]]) -> dict[str, Any]:
    """What plain Python says: a person here is one account."""
    evaluates: dict[type, Callable[..., Any]] = {
        overview.OverviewQuery: overview.evaluate,
        funnels.FunnelQuery: funnels.evaluate,
        paths.PathsQuery: paths.evaluate,
        retention.RetentionQuery: retention.evaluate,
        items.TopItemsQuery: items.evaluate,
        trends.TrendsQuery: partial(
            trends.evaluate, veil=trends.veil_of(DISCLOSURE_SECRET, "demo")
        ),
    }
    seen = [Seen(PEOPLE.index(who), one) for who, one in story]
    return {name: evaluates[type(query)](query, seen) for name, query in QUERIES.items()}


def only_hot(town: Town) -> None:
    town.take_in(*EVENTS)


def half_flushed(town: Town) -> None:
    town.take_in(*EVENTS[:31])
    town.writer.flush()
    town.take_in(*EVENTS[31:])


def all_flushed(town: Town) -> None:
    town.take_in(*EVENTS)
    town.writer.flush()


def in_many_files(town: Town) -> None:
    for start in range(0, 60, 10):
        town.take_in(*EVENTS[start : start + 10])
        town.writer.flush()


def compacted(town: Town) -> None:
    in_many_files(town)
    assert town.rewriter.compact() > 0


def compacted_and_swept(town: Town) -> None:
    compacted(town)
    town.rewriter.remove_retired(grace_us=0)
    town.store.remove_orphans()


def in_the_lake_and_still_hot(town: Town) -> None:
    """A slow consumer keeps its segments: the place decides, not what lies in PostgreSQL."""
    with town.database.transaction() as conn:
        conn.execute("INSERT INTO consumer_offset VALUES ('slow', 0)")
    half_flushed(town)
    town.writer.flush()
    with town.database.transaction() as conn:
        assert town.log.hot_range(conn).first == 1


STATES = (
    only_hot,
    half_flushed,
    all_flushed,
    compacted_and_swept,
    in_the_lake_and_still_hot,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_report_does_not_know_where_events_lie(town: Town, state: Callable[[Town], None]) -> None:
    state(town)
    after_a_restart = town_of(town.database, town.root, town.clock)
    assert answers(after_a_restart) == by_definition(STORY)


@pytest.mark.parametrize("state", [all_flushed, compacted])
def test_after_an_erasure_it_is_as_if_they_had_never_come(
    town: Town, state: Callable[[Town], None]
) -> None:
    state(town)
    gone = town.rewriter.erase_nodes("demo", [town.node("ann"), town.node("cai")])
    left = [(who, one) for who, one in STORY if who not in ("ann", "cai")]
    assert gone == len(STORY) - len(left)
    assert answers(town) == by_definition(left)
    town.take_in(event("new", NOON_US, "bob"))
    assert answers(town) == by_definition([*left, ("bob", event("new", NOON_US, "bob"))])


def test_an_open_reader_sees_its_moment_through_everything(town: Town, clock: FixedClock) -> None:
    in_many_files(town)
    town.take_in(event("hot", NOON_US))
    with town.lake.reading("demo") as reading:
        ids = reading.events.select("event_id").order_by("event_id")
        before = reading.rows(ids)
        town.writer.flush()
        assert town.rewriter.compact() > 0
        town.take_in(event("later", NOON_US))
        clock.advance(GRACE_US - 1)
        assert town.rewriter.remove_retired() == 0
        assert reading.rows(ids) == before
    assert len(before) == 61
    assert len(town.seen_ids()) == 62


@pytest.mark.parametrize("state", [all_flushed, compacted_and_swept])
def test_the_manifest_tells_the_truth_about_each_file(
    town: Town, state: Callable[[Town], None]
) -> None:
    state(town)
    assert town.on_disk() == sorted(file.path for file in town.files())
    for file in town.files():
        path = town.root / file.path
        table = read_file(path)
        offsets, at_us, nodes = (table[name].to_pylist() for name in ("offset", "at_us", "node"))
        assert (file.events, file.bytes) == (len(table), path.stat().st_size)
        assert (file.first_offset, file.last_offset) == (min(offsets), max(offsets))
        assert (file.min_at_us, file.max_at_us) == (min(at_us), max(at_us))
        assert (file.min_node, file.max_node) == (min(nodes), max(nodes))
        assert {day_number(one) for one in at_us} == {file.day}
        assert f"/day={day_name(file.day)}/{min(offsets)}-{max(offsets)}." in file.path
    assert sum(file.events for file in town.files()) == len(EVENTS) == town.place()


def test_every_event_lies_in_one_file(town: Town) -> None:
    in_many_files(town)
    town.rewriter.compact()
    town.rewriter.remove_retired(grace_us=0)
    offsets = [
        o for p in town.on_disk() for o in pq.read_table(town.root / p)["offset"].to_pylist()
    ]
    assert sorted(offsets) == list(range(1, 61))


class TestFlushRule:
    """A wait begins when a round first finds something waiting, and ends with a flush."""

    @pytest.mark.parametrize(
        ("events", "story"),
        [
            (5, [(0, 5, 5), (0, 0, 0), (0, 4, 0), (0, 1, 5)]),
            (5, [(0, 2, 0), (30, 2, 0), (29, 0, 0), (1, 0, 4)]),
            (5, [(0, 1, 0), (60, 0, 1), (0, 1, 0), (59, 0, 0), (1, 0, 1)]),
            (5, [(0, 1, 0), (30, 9, 10), (0, 1, 0), (30, 0, 0), (30, 0, 1)]),
            (5, [(0, 0, 0), (10_000, 0, 0), (0, 1, 0), (59, 0, 0), (1, 0, 1)]),
            (1, [(0, 1, 1), (0, 3, 3), (0, 0, 0)]),
        ],
        ids=["many", "old", "afresh after old", "afresh after many", "idle is no wait", "each"],
    )
    def test_by_count_or_by_time(
        self,
        database: Database,
        data_dir: Path,
        clock: FixedClock,
        events: int,
        story: list[tuple[int, int, int]],
    ) -> None:
        """(seconds pass, events come, events are written)"""
        town = town_of(database, data_dir / "lake", clock, FlushRule(events, 60))
        number = 0
        for seconds, come, written in story:
            clock.advance(seconds * SECOND_US)
            town.take_in(*(event(f"e{number + n}", NOON_US) for n in range(come)))
            number += come
            assert town.writer.flush_if_due() == written

    def test_a_flush_by_hand_ends_the_wait(self, town: Town, clock: FixedClock) -> None:
        town.take_in(event("a", NOON_US))
        assert town.writer.flush_if_due() == 0
        clock.advance(299 * SECOND_US)
        assert town.writer.flush() == 1
        town.take_in(event("b", NOON_US))
        clock.advance(SECOND_US)
        assert town.writer.flush_if_due() == 0

    def test_events_of_all_merchants_wait_together(
        self, database: Database, data_dir: Path, clock: FixedClock
    ) -> None:
        town = town_of(database, data_dir / "lake", clock, FlushRule(2, 60))
        town.take_in(event("a", NOON_US), merchant="茶馆")
        assert town.writer.flush_if_due() == 0
        town.take_in(event("a", NOON_US), merchant="鞋店")
        assert town.writer.flush_if_due() == 2
        assert {file.merchant_no for file in town.files()} == {1, 2}


class TestLateEvents:
    def test_they_make_a_new_file_of_the_old_day(self, town: Town, clock: FixedClock) -> None:
        town.take_in(event("today", NOON_US))
        town.writer.flush()
        clock.advance(40 * DAY_US)
        town.take_in(event("late", NOON_US - 300 * DAY_US), event("late too", NOON_US + 1))
        town.writer.flush()
        days = sorted(file.path.split("/")[1] for file in town.files())
        assert days == ["day=2025-05-14", "day=2026-03-10", "day=2026-03-10"]

    @pytest.mark.parametrize("flushed", [False, True])
    def test_a_report_of_the_old_day_counts_them(self, town: Town, flushed: bool) -> None:
        town.take_in(*(event(f"e{n}", NOON_US + n * DAY_US) for n in range(5)))
        town.writer.flush()
        town.take_in(event("late", NOON_US + MINUTE_US, "bob"))
        if flushed:
            town.writer.flush()
        first = overview.OverviewQuery(Period(None, NOON_US + HOUR_US))
        found = town.reports.overview("demo", first)
        assert (found.events, found.people) == (2, 2)

    def test_a_late_first_visit_moves_the_cohort(self, town: Town) -> None:
        town.take_in(event("b", NOON_US + DAY_US))
        town.writer.flush()
        query = retention.RetentionQuery(days=1)
        assert town.reports.retention("demo", query).cohorts[0].returned == [0]
        town.take_in(event("a", NOON_US))
        cohorts = town.reports.retention("demo", query).cohorts
        assert [(c.day, c.returned) for c in cohorts] == [("2026-03-10", [1])]

    @pytest.mark.parametrize("away_us", [-1, 0, 1])
    def test_midnight_parts_the_files(self, town: Town, away_us: int) -> None:
        midnight_us = parse_iso("2026-03-11T00:00:00+08:00")
        town.take_in(event("a", midnight_us + away_us))
        town.writer.flush()
        day = "2026-03-10" if away_us < 0 else "2026-03-11"
        assert f"day={day}/" in town.files()[0].path


class TestMerchants:
    """The same event ids and the same accounts in two shops."""

    TEA, SHOES = some_days(5, 30), some_days(6, 30)

    @pytest.fixture
    def street(self, town: Town) -> Town:
        for place in range(0, 30, 6):
            for merchant, story in (("茶馆", self.TEA), ("鞋店", self.SHOES)):
                town.take_in(*(one for _, one in story[place : place + 6]), merchant=merchant)
            if place % 12 == 0:
                town.writer.flush()
        return town

    def test_each_has_its_own_reports(self, street: Town) -> None:
        assert answers(street, "茶馆") == by_definition(self.TEA)
        assert answers(street, "鞋店") == by_definition(self.SHOES)
        assert street.reports.overview("nobody", overview.OverviewQuery()).events == 0

    def test_one_merchants_erasure_leaves_the_others_bytes(self, street: Town) -> None:
        street.writer.flush()
        other = {f.path for f in street.files() if f.merchant_no == 2}
        ann = street.node("ann", "茶馆")
        assert ann != street.node("ann", "鞋店")
        assert street.rewriter.erase_nodes("茶馆", [ann]) > 0
        assert street.rewriter.erase_nodes("鞋店", [ann]) == 0
        assert {f.path for f in street.files() if f.merchant_no == 2} == other
        assert answers(street, "鞋店") == by_definition(self.SHOES)

    @pytest.mark.parametrize(("limit", "merge"), [(7, False), (1, True), (1000, True)])
    def test_the_log_is_replayed_in_its_order(self, street: Town, limit: int, merge: bool) -> None:
        street.writer.flush()
        if merge:
            assert street.rewriter.compact(small_files_max=1) > 0
        read, after = [], 0
        while piece := street.replay.older(after, limit):
            assert len(piece) <= limit
            read += piece
            after = piece[-1].offset
        assert [logged.offset for logged in read] == list(range(1, 61))
        for merchant, story in (("茶馆", self.TEA), ("鞋店", self.SHOES)):
            told = [logged.event for logged in read if logged.merchant == merchant]
            assert told == [one for _, one in story]

    def test_replay_may_go_back_and_jump(self, street: Town) -> None:
        street.writer.flush()
        firsts = [street.replay.older(after, 2)[0].offset for after in (40, 3, 58, 0, 59)]
        assert firsts == [41, 4, 59, 1, 60]
        assert street.replay.older(60, 2) == []

    def test_what_was_read_ahead_is_forgotten_on_demand(self, street: Town) -> None:
        street.writer.flush()
        assert street.replay.older(0, 1)[0].offset == 1
        for merchant in ("茶馆", "鞋店"):
            nodes = [street.node(who, merchant) for who in PEOPLE]
            street.rewriter.erase_nodes(merchant, nodes)
        street.replay.forget()
        assert street.replay.older(0, 100) == []


class TestIndustry:
    """Fifty people over all shops; a person of two shops counts in both."""

    DAY = day_number(NOON_US)

    def trends(self, town: Town, **shops: int) -> tuple[dict[str, int], int, int]:
        for shop, people in shops.items():
            looks: Any = {"props": {"category": "生鲜"}}
            town.take_in(
                *(event(f"{shop}{n}", NOON_US, f"p{n}", **looks) for n in range(people)),
                merchant=shop,
            )
        found = town.reports.industry_trends(trends.TrendsQuery(self.DAY, days=1))
        return {t.subject: t.visits for t in found.trends}, found.hidden_cells, found.k

    @pytest.mark.parametrize(
        ("shops", "visits", "hidden"),
        [
            ({"a": 25, "b": 25}, {"生鲜": 50}, 0),
            ({"a": 25, "b": 24}, {}, 1),
            ({"a": 48, "b": 1, "c": 1}, {"生鲜": 50}, 0),
        ],
    )
    def test_fifty(
        self, town: Town, shops: dict[str, int], visits: dict[str, int], hidden: int
    ) -> None:
        assert self.trends(town, **shops) == (visits, hidden, 50)
        town.writer.flush()
        assert self.trends(town) == (visits, hidden, 50)

    def set_aside(self, town: Town, merchant: str, *orders: str) -> None:
        with town.database.transaction() as conn:
            number = merchant_no(conn, merchant)
            for order in orders:
                conn.execute(
                    "INSERT INTO suspected_order VALUES (%s, %s, 'suspected', 1, 's', '{}', 0)",
                    (number, order),
                )

    def bought(self, town: Town, shop: str, people: int) -> None:
        """Person n of each shop buys order n of that shop."""
        props: Any = {"props": {"category": "生鲜"}}
        town.take_in(
            *(
                event(f"{shop}{n}", NOON_US, f"p{n}", kind="payment_completed", order=f"o{n}",
                      amount_fen=100, **props)
                for n in range(people)
            ),
            merchant=shop,
        )  # fmt: skip

    @pytest.mark.parametrize("flush", ["hot", "between", "cold"])
    @pytest.mark.parametrize(
        ("aside", "visits"),
        [
            ({}, 200),
            ({"a": 40}, 150),
            ({"a": 50, "b": 50}, 100),
            ({"b": 100}, 100),
            ({"a": 100, "b": 100}, None),
        ],
    )
    def test_fake_trades_of_each_shop_are_left_out(
        self, town: Town, aside: dict[str, int], visits: int | None, flush: str
    ) -> None:
        """Both shops use the same order numbers: each loses its own, and no more."""
        self.bought(town, "a", 100)
        if flush == "between":
            town.writer.flush()
        self.bought(town, "b", 100)
        if flush == "cold":
            town.writer.flush()
        for shop, orders in aside.items():
            self.set_aside(town, shop, *(f"o{n}" for n in range(orders)))
        query = trends.TrendsQuery(self.DAY, days=1, kind="payment_completed")
        found = town.reports.industry_trends(query)
        told = {one.subject: one.visits for one in found.trends}
        assert set(told) == (set() if visits is None else {"生鲜"})
        if visits is not None:
            assert abs(told["生鲜"] - visits) <= 50, "rounded to a multiple of k"
        assert not found.excluded, "how many would tell of one shop"

    def test_the_parts_of_a_reading_are_each_without_their_own(self, town: Town) -> None:
        for shop in ("a", "b", "c"):
            self.bought(town, shop, 3)
            town.writer.flush()
            town.take_in(event(f"{shop}-later", NOON_US, "p9"), merchant=shop)
        self.set_aside(town, "a", "o0", "o1")
        self.set_aside(town, "b", "o2", "no-such")
        with town.lake.reading(None) as reading:
            kept = {row["event_id"] for row in reading.rows(reading.trusted.select("event_id"))}
            out = {row["event_id"] for row in reading.rows(reading.aside().select("event_id"))}
            whole = [row["event_id"] for row in reading.rows(reading.events.select("event_id"))]
        assert out == {"a0", "a1", "b2"}
        assert len(whole) == len(set(whole)) == 12
        assert kept == set(whole) - out

    def test_a_shop_alone_is_told_from_ten(self, town: Town) -> None:
        self.trends(town, a=10, b=9)
        query = trends.TrendsQuery(self.DAY, days=1)
        told = [len(town.reports.trends(shop, query).trends) for shop in ("a", "b")]
        assert told == [1, 0]


def test_a_report_reads_the_same_as_a_document(town: Town) -> None:
    """Documents carry every figure: read back, they are equal."""
    all_flushed(town)
    for answer in answers(town).values():
        document = msgspec.json.encode(answer)
        assert msgspec.json.decode(document, type=type(answer)) == answer
