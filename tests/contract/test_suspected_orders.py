"""Fake trades in the engine: a scan suspects, reports leave out, people decide, scans remember."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from tests.engine_ground import AUDIENCES, SHOES, TEA, faults, opened, paid, rows, settled, tell
from tests.fraud_ground import (
    FAKE_FEN,
    FAKE_ORDERS,
    HONEST,
    ITEMS,
    PRICE_FEN,
    USERS,
    fake_events,
    honest_events,
    planted,
)

from quanyu.clock import DAY_US, HOUR_US, FixedClock, parse_iso
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.requests import Request
from quanyu.measurement.excluded import Excluded
from quanyu.measurement.fake_trades.answers import ScanDone, Standing, SuspectedOrder
from quanyu.measurement.fake_trades.ports import Page
from quanyu.measurement.fake_trades.service import FakeTrades
from quanyu.measurement.forms import funnel_query
from quanyu.measurement.items import TopItemsQuery
from quanyu.measurement.overview import Overview, OverviewQuery
from quanyu.measurement.period import Period
from quanyu.storage.postgres.beside import Stopped
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.suspected_orders import PostgresSuspectedOrders
from quanyu.wiring import Engine

ONE, OTHER = "fake-0-0", "fake-1-1"
SIGNED = ("陈", "看过聊天记录")


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def shop(engine: Engine, clock: FixedClock) -> Engine:
    planted(engine, clock)
    return engine


def scan(engine: Engine, key: str = "k", *, days: int = 90, merchant: str = TEA) -> ScanDone:
    request = Request(merchant, "fraud.scan", key, str(days).encode())
    done = engine.fake_trades.scan(request, days=days)
    assert isinstance(done, ScanDone), done
    return done


def decide(
    engine: Engine, order: str, state: Standing, *, key: str = "d", merchant: str = TEA
) -> SuspectedOrder:
    request = Request(merchant, f"fraud.{state}", key, order.encode())
    found = engine.fake_trades.decide(request, order, state=state, signed=SIGNED)
    assert isinstance(found, SuspectedOrder), found
    return found


def overview(engine: Engine, merchant: str = TEA) -> Overview:
    return engine.reports.overview(merchant, OverviewQuery())


def listed(engine: Engine, state: Standing | None = None, limit: int = 1_000) -> list[str]:
    found = engine.fake_trades.listed(TEA, Page(state, None, limit))
    return [one.order for one in found]


class TestTheWalk:
    def test_suspected_out_cleared_back_and_confirmed_out_again(
        self, shop: Engine, clock: FixedClock
    ) -> None:
        before = overview(shop)
        honest_fen = before.gmv_fen - FAKE_FEN
        assert before.orders == HONEST + USERS * ITEMS
        assert not before.excluded

        done = scan(shop)
        assert (done.orders, done.flagged) == (before.orders, len(FAKE_ORDERS))
        assert (done.new, done.still, done.decided, done.withdrawn) == (len(FAKE_ORDERS), 0, 0, 0)
        assert done.flagged_fen == FAKE_FEN
        assert set(listed(shop)) == FAKE_ORDERS
        without = overview(shop)
        assert (without.orders, without.gmv_fen) == (HONEST, honest_fen)
        assert without.excluded == Excluded(len(FAKE_ORDERS), FAKE_FEN)

        clock.advance(HOUR_US)
        decide(shop, ONE, Standing.CLEARED)
        back = overview(shop)
        assert (back.orders, back.gmv_fen) == (HONEST + 1, honest_fen + PRICE_FEN)
        assert back.excluded == Excluded(len(FAKE_ORDERS) - 1, FAKE_FEN - PRICE_FEN)

        decide(shop, ONE, Standing.CONFIRMED)
        assert overview(shop) == without
        told = shop.fake_trades.show(TEA, ONE)
        assert [one.became for one in told.history] == ["suspected", "cleared", "confirmed"]
        assert [one.actor for one in told.history] == ["scan", "陈", "陈"]
        assert faults(shop) == {}


class TestScansRemember:
    def test_a_second_scan_changes_nothing(self, shop: Engine, database: Database) -> None:
        scan(shop)
        first = rows(database, "SELECT order_id, state, score_ppm, since_us FROM suspected_order")
        done = scan(shop, "again")
        assert (done.new, done.still, done.decided, done.withdrawn) == (0, len(FAKE_ORDERS), 0, 0)
        second = rows(database, "SELECT order_id, state, score_ppm, since_us FROM suspected_order")
        assert sorted(first) == sorted(second)
        history = rows(database, "SELECT count(*) FROM suspected_order_history")
        assert history == [(len(FAKE_ORDERS),)]

    def test_the_same_key_gives_the_same_answer(self, shop: Engine, clock: FixedClock) -> None:
        first = scan(shop)
        clock.advance(DAY_US)
        tell(shop, TEA, paid("more", {"taobao_id": "h1"}, at_us=clock.now_us() - HOUR_US))
        assert scan(shop) == first
        request = Request(TEA, "fraud.scan", "k", b"7")
        outcome = shop.fake_trades.scan(request, days=7)
        assert outcome == Refused("key_used_for_another_request")

    def test_what_a_person_said_stays(self, shop: Engine) -> None:
        scan(shop)
        decide(shop, ONE, Standing.CLEARED)
        decide(shop, OTHER, Standing.CONFIRMED)
        done = scan(shop, "again")
        assert (done.flagged, done.decided) == (len(FAKE_ORDERS), 2)
        assert listed(shop, Standing.CLEARED) == [ONE]
        assert listed(shop, Standing.CONFIRMED) == [OTHER]
        assert len(shop.fake_trades.show(TEA, ONE).history) == 2

    def test_what_is_no_longer_odd_is_withdrawn(self, shop: Engine, clock: FixedClock) -> None:
        """The items become what many others buy, one each."""
        scan(shop)
        decide(shop, ONE, Standing.CONFIRMED)
        crowd = [
            paid(f"set-{n}", {"taobao_id": f"s{n}"}, at_us=clock.now_us() - DAY_US,
                 item=f"plot{n % ITEMS}")
            for n in range(1_500)
        ]  # fmt: skip
        tell(shop, TEA, *crowd)
        done = scan(shop, "later")
        assert done.withdrawn == len(FAKE_ORDERS) - 1
        assert listed(shop) == [ONE]

    def test_orders_outside_the_days_are_left_alone(self, shop: Engine, clock: FixedClock) -> None:
        scan(shop)
        clock.advance(30 * DAY_US)
        done = scan(shop, "short", days=7)
        assert (done.orders, done.flagged, done.withdrawn) == (0, 0, 0)
        assert set(listed(shop)) == FAKE_ORDERS


class TestReports:
    def test_every_report_says_what_it_leaves_out(self, shop: Engine, clock: FixedClock) -> None:
        scan(shop)
        out = Excluded(len(FAKE_ORDERS), FAKE_FEN)
        funnel = shop.reports.funnel(TEA, funnel_query("view,payment_completed", "1d"))
        assert [step.people for step in funnel.steps] == [HONEST, HONEST]
        assert funnel.excluded == out
        top = shop.reports.top_items(TEA, TopItemsQuery("payment_completed", 1_000))
        named = {one.item for hour in top.hours for one in hour.items}
        assert named
        assert not {item for item in named if item.startswith("plot")}
        assert top.excluded == out
        early = Period(None, clock.now_us() - 7 * DAY_US)
        assert not shop.reports.overview(TEA, OverviewQuery(early)).excluded

    def test_what_belongs_to_a_fake_order_goes_with_it(
        self, shop: Engine, clock: FixedClock
    ) -> None:
        bill = {"kind": "refund_completed", "order": ONE, "amount": PRICE_FEN}
        back = paid("back", {"taobao_id": "f0"}, at_us=clock.now_us() - HOUR_US) | bill
        tell(shop, TEA, back)
        settled(shop)
        assert overview(shop).refunded_fen == PRICE_FEN
        scan(shop)
        hot = overview(shop)
        assert hot.refunded_fen == 0
        shop.lake.flush()
        assert overview(shop) == hot, "also after the lake has taken the events over"
        assert scan(shop, "cold").still == len(FAKE_ORDERS)
        decide(shop, ONE, Standing.CLEARED)
        assert overview(shop).refunded_fen == PRICE_FEN

    def test_nobody_shall_look_like_them(self, shop: Engine, clock: FixedClock) -> None:
        shop.audiences.create(TEA, "付过款", definition=AUDIENCES["近七日付款"])
        crowd = shop.audiences._crowd
        everybody = crowd.features(TEA, as_of_us=clock.now_us())
        scan(shop)
        honest = crowd.features(TEA, as_of_us=clock.now_us())
        assert len(everybody.persons) == HONEST + USERS
        assert len(honest.persons) == HONEST
        assert set(honest.persons) < set(everybody.persons)
        with pytest.raises(BadInput, match="needs at least 20 people"):
            shop.audiences.lookalike(TEA, "付过款", size=5)
        bought = crowd.purchases(TEA, as_of_us=clock.now_us(), window_us=90 * DAY_US)
        assert len(bought.persons) == HONEST
        assert np.sum(bought.monetary_fen) == overview(shop).gmv_fen


class TestMerchants:
    def test_orders_of_the_same_number_do_not_meet(self, engine: Engine, clock: FixedClock) -> None:
        planted(engine, clock)
        tell(engine, SHOES, *honest_events(clock),
             paid("mine", {"taobao_id": "x"}, at_us=clock.now_us(), order=ONE))  # fmt: skip
        settled(engine)
        before = overview(engine, SHOES)
        scan(engine)
        assert overview(engine, SHOES) == before
        assert engine.fake_trades.listed(SHOES, Page()) == []
        with pytest.raises(NotFound):
            decide(engine, ONE, Standing.CONFIRMED, merchant=SHOES)

    def test_a_merchant_without_orders(self, engine: Engine) -> None:
        done = scan(engine, merchant=SHOES)
        assert (done.orders, done.flagged, done.blocks) == (0, 0, ())


class TestDeciding:
    def test_who_and_why_must_be_said(self, engine: Engine) -> None:
        bad = {
            "actor": [("", "why"), ("x" * 65, "why"), ("陈\0", "why")],
            "note": [("陈", ""), ("陈", "  "), ("陈", "x" * 501)],
        }
        request = Request(TEA, "fraud.cleared", "d", b"")
        for field, pairs in bad.items():
            for signed in pairs:
                with pytest.raises(BadInput) as caught:
                    engine.fake_trades.decide(request, ONE, state=Standing.CLEARED, signed=signed)
                assert caught.value.field == field, signed

    def test_only_what_was_suspected(self, engine: Engine) -> None:
        for order in ("honest-1", "nobody's", "", "x" * 500, "a\0b"):
            with pytest.raises(NotFound):
                decide(engine, order, Standing.CONFIRMED)

    def test_saying_it_twice_is_saying_it_once(self, shop: Engine) -> None:
        scan(shop)
        decide(shop, ONE, Standing.CLEARED, key="a")
        again = decide(shop, ONE, Standing.CLEARED, key="b")
        assert [one.became for one in again.history] == ["suspected", "cleared"]
        request = Request(TEA, "fraud.confirmed", "d", b"")
        told = shop.fake_trades.decide(
            request, ONE, state=Standing.CONFIRMED, signed=("陈", "买家电话 13812345678 已核实")
        )
        assert isinstance(told, SuspectedOrder)
        assert told.history[-1].note == "买家电话 〔手机号〕 已核实"


def suspect(engine: Engine, order: str, *, key: str = "s", merchant: str = TEA) -> SuspectedOrder:
    request = Request(merchant, "fraud.suspect", key, order.encode())
    found = engine.fake_trades.suspect(request, order, signed=SIGNED)
    assert isinstance(found, SuspectedOrder), found
    return found


class TestSuspectedByAPerson:
    HONEST_ONE = "honest-3"
    FEN = 5_003

    def test_it_leaves_the_reports_stays_through_scans_and_comes_back(
        self, shop: Engine, clock: FixedClock, database: Database
    ) -> None:
        before = overview(shop)
        told = suspect(shop, self.HONEST_ONE)
        assert (told.state, told.by_person, told.against.kind) == ("suspected", True, "person")
        without = overview(shop)
        assert (without.orders, without.gmv_fen) == (before.orders - 1, before.gmv_fen - self.FEN)
        assert without.excluded == Excluded(1, self.FEN)
        done = scan(shop)
        assert (done.new, done.withdrawn) == (len(FAKE_ORDERS), 0)
        assert set(listed(shop, Standing.SUSPECTED)) == {self.HONEST_ONE, *FAKE_ORDERS}
        assert listed(shop)[-1] == self.HONEST_ONE, "nobody has scored it"
        decide(shop, self.HONEST_ONE, Standing.CLEARED)
        assert overview(shop).excluded == Excluded(len(FAKE_ORDERS), FAKE_FEN)
        again = suspect(shop, self.HONEST_ONE, key="again")
        assert [one.became for one in again.history] == ["suspected", "cleared", "suspected"]
        assert rows(database, "SELECT count(*) FROM suspected_order WHERE by_person") == [(1,)]

    def test_what_a_scan_found_as_well_is_not_withdrawn(
        self, shop: Engine, clock: FixedClock
    ) -> None:
        """The items become what many others buy; the scan thinks again, the person does not."""
        scan(shop)
        backed = suspect(shop, ONE)
        assert backed.against.kind == "lockstep"
        assert backed.score_ppm > 0
        crowd = [
            paid(f"set-{n}", {"taobao_id": f"s{n}"}, at_us=clock.now_us() - DAY_US,
                 item=f"plot{n % ITEMS}")
            for n in range(1_500)
        ]  # fmt: skip
        tell(shop, TEA, *crowd)
        assert scan(shop, "later").withdrawn == len(FAKE_ORDERS) - 1
        assert listed(shop) == [ONE]

    def test_only_paid_orders_of_the_same_shop(self, shop: Engine, database: Database) -> None:
        for order, merchant in ((self.HONEST_ONE, SHOES), ("nobody's", TEA), ("see-1", TEA)):
            with pytest.raises(NotFound):
                suspect(shop, order, merchant=merchant)
        assert rows(database, "SELECT count(*) FROM suspected_order") == [(0,)]

    def test_also_when_the_lake_has_it(self, shop: Engine) -> None:
        shop.lake.flush()
        before = overview(shop)
        suspect(shop, self.HONEST_ONE)
        assert overview(shop).excluded == Excluded(1, self.FEN)
        assert overview(shop).orders == before.orders - 1


class TestRings:
    @pytest.mark.parametrize("per_device", [2, 3])
    def test_a_ring_below_the_cap_of_identity_is_as_many_as_its_accounts(
        self, engine: Engine, clock: FixedClock, per_device: int, database: Database
    ) -> None:
        """Accounts that share a device below its cap are one person to everybody else."""
        ring = fake_events(clock)
        for number, one in enumerate(ring):
            one["identifiers"]["device"] = f"dev-{number // ITEMS // per_device}"
        tell(engine, TEA, *honest_events(clock), *ring)
        settled(engine)
        done = scan(engine)
        assert set(listed(engine)) == FAKE_ORDERS
        (block,) = done.blocks
        assert block.accounts == USERS
        assert block.buyers == USERS // per_device, "identity has made one person of each device"
        assert block.evidence[0].why.startswith(f"{block.buyers} 人的 {USERS} 个账户")
        kept = str(rows(database, "SELECT * FROM suspected_order, fraud_scan"))
        tokeniser = engine.tokeniser(TEA)
        assert not any(tokeniser.token("taobao_id", f"f{n}").hex() in kept for n in range(USERS))


class TestKept:
    def test_evidence_pages_and_nothing_of_a_person(self, shop: Engine, database: Database) -> None:
        """No account, no device, no token of either: orders, figures and sentences."""
        scan(shop)
        kept = str(rows(database, "SELECT * FROM suspected_order, fraud_scan"))
        tokeniser = shop.tokeniser(TEA)
        for user in range(USERS):
            who = {"taobao_id": f"f{user}", "device": f"dev-{user // 8}"}
            for kind, value in who.items():
                assert f"'{value}'" not in kept
                assert f'"{value}"' not in kept
                assert tokeniser.token(kind, value).hex() not in kept
        against = shop.fake_trades.show(TEA, ONE).against
        assert (against.kind, against.buyers, against.items) == ("lockstep", USERS, ITEMS)
        assert against.orders == len(FAKE_ORDERS)
        assert set(against.shows) >= {"no_browse", "shared_device"}
        told = {one.feature: one for one in against.evidence}
        assert (told["shared_device"].value, told["shared_device"].usual) == (1.0, 0.0)
        assert (told["no_browse"].value, told["no_browse"].usual) == (1.0, 0.0)
        whole = listed(shop)
        pages, place = [], None
        while found := shop.fake_trades.listed(TEA, Page(None, place, 50)):
            pages += [one.order for one in found]
            place = (found[-1].score_ppm, found[-1].order)
        assert pages == whole
        assert len(set(pages)) == len(FAKE_ORDERS)

    def test_the_port_for_who_counts_orders(self, shop: Engine, database: Database) -> None:
        scan(shop)
        decide(shop, ONE, Standing.CLEARED)
        with database.transaction() as tx:
            aside = PostgresSuspectedOrders().set_aside(tx, TEA)
            nobody = PostgresSuspectedOrders().set_aside(tx, SHOES)
        assert set(aside) == FAKE_ORDERS - {ONE}
        assert nobody == []

    def test_a_person_is_erased_and_the_decisions_stay(
        self, shop: Engine, database: Database
    ) -> None:
        scan(shop)
        shop.privacy.erase(TEA, "taobao_id:f0")
        assert len(rows(database, "SELECT 1 FROM suspected_order")) == len(FAKE_ORDERS)
        assert overview(shop).excluded == Excluded(
            len(FAKE_ORDERS) - ITEMS, FAKE_FEN - ITEMS * PRICE_FEN
        )


class TestAtNight:
    def test_once_a_night_each_merchant(self, shop: Engine, clock: FixedClock) -> None:
        assert not shop.begin_night_scan(), "it is noon"
        clock.advance(parse_iso("2026-03-11T03:10:00+08:00") - clock.now_us())
        assert shop.begin_night_scan()
        shop.night_scan.wait()
        assert set(listed(shop)) == FAKE_ORDERS
        clock.advance(HOUR_US // 4)
        assert shop.scan_for_fake_trades() == 0, "it has been done"
        clock.advance(DAY_US)
        assert shop.scan_for_fake_trades() == 1
        assert set(listed(shop)) == FAKE_ORDERS

    def test_events_are_projected_while_it_runs(
        self, shop: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The scan is held up between two steps; a new order is counted meanwhile."""
        reached, may_go = Event(), Event()
        scan_due = FakeTrades.scan_due

        def slow(self: Any, merchants: Sequence[str], told: Callable[[str], None]) -> int:
            def held(step: str) -> None:
                reached.set()
                assert may_go.wait(10)
                told(step)

            return scan_due(self, merchants, held)

        monkeypatch.setattr(FakeTrades, "scan_due", slow)
        clock.advance(parse_iso("2026-03-11T03:10:00+08:00") - clock.now_us())
        before = overview(shop).orders
        assert shop.begin_night_scan()
        assert reached.wait(10)
        assert not shop.begin_night_scan(), "it runs already"
        tell(shop, TEA, paid("more", {"taobao_id": "h1"}, at_us=clock.now_us() - HOUR_US))
        assert shop.projector.catch_up() > 0
        assert overview(shop).orders == before + 1
        may_go.set()
        shop.night_scan.wait()
        assert set(listed(shop)) == FAKE_ORDERS

    def test_closing_the_engine_ends_it_before_anything_is_written(
        self, database: Database, clock: FixedClock, data_dir: Path
    ) -> None:
        with opened(database, clock, data_dir) as engine:
            planted(engine, clock)
            engine.night_scan._stop.set()
            with pytest.raises(Stopped):
                engine.scan_for_fake_trades(engine.night_scan._check)
        assert rows(database, "SELECT count(*) FROM suspected_order") == [(0,)]

    def test_days_must_be_days(self, shop: Engine) -> None:
        for days in (0, -1, 10_000):
            with pytest.raises(BadInput, match="days"):
                scan(shop, days=days)


def test_the_ground_is_what_it_says(clock: FixedClock) -> None:
    fakes = fake_events(clock)
    assert {one["order"] for one in fakes} == FAKE_ORDERS
    assert sum(one["amount"] for one in fakes) == FAKE_FEN
