"""A live show over HTTP on a real database: plan → approve → start → what happens → end → archive,
with the orders that come out of it."""

from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import rows, said, tamper, tell
from tests.orders_ground import Door, error_of, units
from tests.shows_ground import (
    GIFT,
    LIMITED,
    ROOM,
    TWO_SERUMS,
    log,
    move,
    on_air,
    order,
    plain,
    planned,
    publish_batch,
    put,
)
from tests.unit.content.pieces import WordGate
from tests.unit.content.shows.plans import AI, HOST, LIPSTICK, SERUM, STARTS

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.compliance.policy import Policy
from quanyu.content.library.rules import Rules
from quanyu.storage.audit.shows import archives_are_unbroken
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine


def test_the_whole_evening(door: Door, engine: Engine, clock: FixedClock, shop: str) -> None:
    door.promote(LIMITED, GIFT)
    publish_batch(door)
    slots = [SERUM | {"offers": ["serum-8折", "满300赠小样"]}, LIPSTICK]
    (show,) = planned(door, slots=slots)
    assert show["state"] == "planned"
    assert door.error("shows/evening/moves/start", {"actor": "w"})["code"] == "show_not_approved"
    assert move(door, "approve")["state"] == "approved"
    before = door.ok("quote", {"cart": TWO_SERUMS, "show": "evening", "touchpoint": ROOM})
    assert before["payable"] == 40_000, "not on air yet"

    clock.advance(60 * MINUTE_US)
    assert move(door, "start")["state"] == "live"
    log(door, "slot", slot="s1")
    log(door, "coupon", offer="drop-20")
    claimed = door.ok("coupons/claim", {"offer": "drop-20", "identifier": "taobao_id:ann"})

    placed = door.ok("orders", order(coupons=[claimed["coupon"]]))
    assert placed["payable"] == 2 * 16_000 - 2_000
    quote = door.get("orders/o1").json()["quote"]
    assert [(one["item"], one["quantity"]) for one in quote["gifts"]] == [("sample", 1)]
    door.pay("o1", placed["payable"])
    for number, kind in enumerate(["impression", "impression", "impression", "click", "watch"]):
        who, at_us = {"taobao_id": f"v{number}"}, clock.now_us()
        event = said(f"{shop}{number}", who, at_us=at_us, kind=kind, content="evening")
        tell(engine, shop, event | {"item": "serum", "touchpoint": ROOM})

    board = door.get("shows/evening/board").json()
    assert (board["gmv_fen"], board["paid_orders"], board["redemptions"]) == (30_000, 1, 1)
    assert (board["viewers"], board["impressions"], board["clicks"]) == (1, 3, 1)
    assert board["ctr_permille"] == 333
    assert [(one["slot"], one["pieces"], one["clicks"]) for one in board["slots"]] == [
        ("s1", 2, 1), ("s2", 0, 0),
    ]  # fmt: skip

    clock.advance(240 * MINUTE_US)
    assert move(door, "end")["state"] == "ended"
    after = door.ok("quote", {"cart": TWO_SERUMS, "show": "evening", "touchpoint": ROOM})
    assert after["payable"] == 40_000
    earned = door.get("shows/evening/commission").json()
    assert (earned["gross_fen"], earned["net_fen"]) == (6_000, 6_000)
    door.ok("orders/o1/refund", units("L1:2"))
    earned = door.get("shows/evening/commission").json()
    assert (earned["reversed_fen"], earned["hosts"]) == (3_000, {"lin": 3_000})
    assert [one["amount_fen"] for one in earned["postings"]] == [3_000]

    replay = {"kind": "recording", "uri": "oss://replay/1", "sha256": "a" * 64}
    closed = move(door, "archive", recording=replay)
    assert (closed["state"], closed["violations"]) == ("archived", [])
    archive = door.get("shows/evening/archive").json()
    assert archive["intact"] is True
    assert [one["kind"] for one in archive["entries"]] == [
        "approved", "started", "slot", "coupon", "ended", "recording", "archived",
    ]  # fmt: skip
    assert archive["entries"][-1]["kept_until"] == "2029-03-10"
    assert archives_are_unbroken(engine.audited).violations == ()


class TestWhatHoldsInTheShowAlone:
    @pytest.fixture(autouse=True)
    def evening(self, door: Door, clock: FixedClock) -> None:
        door.promote(LIMITED)
        publish_batch(door)
        on_air(door, clock)

    def costs(self, door: Door, **change: Any) -> int:
        body = {"cart": TWO_SERUMS, "show": "evening", "touchpoint": ROOM} | change
        return int(door.ok("quote", body)["payable"])

    def test_in_it_and_nowhere_else(self, door: Door) -> None:
        assert self.costs(door) == 32_000
        assert self.costs(door, show="") == 40_000
        assert self.costs(door, show="morning") == 40_000
        assert self.costs(door, touchpoint="taobao.search") == 40_000

    def test_a_claim_of_the_caller_is_not_believed(self, door: Door) -> None:
        claimed = TWO_SERUMS | {"eligibility": ["show:evening"]}
        assert self.costs(door, cart=claimed, show="") == 40_000
        body = order(cart=claimed, show="")
        assert door.ok("orders", body)["payable"] == 40_000
        assert door.get("shows/evening/board").json()["placed_orders"] == 0

    def test_an_order_of_another_room_is_not_of_the_show(self, door: Door) -> None:
        assert door.ok("orders", order(touchpoint="taobao.search"))["payable"] == 40_000
        assert door.get("shows/evening/commission").json()["net_fen"] == 0

    def test_somebody_forgot_to_end_it(self, door: Door, clock: FixedClock) -> None:
        clock.advance((240 + 59) * MINUTE_US)
        assert self.costs(door) == 32_000
        clock.advance(MINUTE_US)
        assert self.costs(door) == 40_000

    def test_the_price_that_was_placed_stays_when_it_ends(self, door: Door) -> None:
        placed = door.ok("orders", order())
        move(door, "end")
        assert door.pay("o1", placed["payable"])["state"] == "paid"
        refusal = door.error("orders", order("o2", expected_payable=32_000))
        assert (refusal["status"], refusal["code"]) == (409, "price_changed")

    def test_its_coupon_is_not_taken_at_a_till(self, door: Door) -> None:
        coupon = door.ok("coupons/claim", {"offer": "drop-20", "identifier": "taobao_id:ann"})
        body = {"coupon": coupon["coupon"], "amount": 40_000, "store": "s1"}
        refusal = door.error("redemptions", body)
        assert (refusal["status"], refusal["code"]) == (409, "only_in_orders")

    def test_nor_for_an_order_of_another_system(self, door: Door) -> None:
        """Only an order placed here says which show it comes from: the coupon stays free for it."""
        coupon = door.ok("coupons/claim", {"offer": "drop-20", "identifier": "taobao_id:ann"})
        body = {"coupon": coupon["coupon"], "order": "x1"}
        refusal = door.error("coupons/lock", body)
        assert (refusal["status"], refusal["code"]) == (409, "only_in_orders")
        assert "show" in refusal["mend"]
        refusal = door.error("coupons/use", body | {"amount": 2_000})
        assert refusal["code"] == "wrong_state"
        assert door.ok("orders", order(coupons=[coupon["coupon"]]))["payable"] == 30_000

    def test_nor_in_an_order_from_elsewhere(self, door: Door) -> None:
        coupon = door.ok("coupons/claim", {"offer": "drop-20", "identifier": "taobao_id:ann"})
        body = order(coupons=[coupon["coupon"]], show="")
        assert door.ok("orders", body)["payable"] == 40_000

    def test_facts_of_its_orders_say_so(self, door: Door, engine: Engine, shop: str) -> None:
        door.pay("o1", door.ok("orders", order())["payable"])
        told = [one for one in engine.log.read(0, 10_000) if one.merchant == shop]
        about = {one.event.kind: one.event.content for one in told}
        assert about["order_placed"] == about["payment_completed"] == "evening"


class TestPlanning:
    def test_each_day_of_a_plan_is_a_show(self, door: Door) -> None:
        repeat = {"until": "2026-03-12", "days_off": ["2026-03-11"]}
        made = planned(door, **plain(repeat=repeat))
        assert [one["id"] for one in made] == ["evening.20260310", "evening.20260312"]
        coming = door.get("shows").json()
        assert [one["id"] for one in coming] == ["evening.20260310", "evening.20260312"]
        assert [one["id"] for one in door.get("shows", days="1").json()] == ["evening.20260310"]

    def test_the_room_is_taken(self, door: Door) -> None:
        planned(door, **plain())
        refusal = error_of(put(door, "special", **plain(hosts=[HOST | {"id": "kol"}])))
        assert (refusal["status"], refusal["field"]) == (400, "show.starts")
        assert "evening" in refusal["mend"]
        assert "taobao.live" in refusal["mend"]

    def test_a_special_comes_before_the_daily_show(self, door: Door) -> None:
        planned(door, "special", **plain(starts="2026-03-11T20:00:00+08:00", minutes=120))
        repeat = {"until": "2026-03-12", "on_overlap": "skip"}
        made = planned(door, **plain(repeat=repeat))
        assert [one["id"] for one in made] == ["evening.20260310", "evening.20260312"]

    def test_all_or_none(self, door: Door) -> None:
        planned(door, "special", **plain(starts="2026-03-11T20:00:00+08:00", minutes=120))
        assert put(door, **plain(repeat={"until": "2026-03-12"})).status_code == 400
        assert [one["id"] for one in door.get("shows").json()] == ["special"]

    def test_a_cancelled_show_frees_the_room(self, door: Door) -> None:
        planned(door, **plain())
        move(door, "cancel")
        planned(door, "special", **plain())

    def test_what_is_over_is_not_planned(self, door: Door) -> None:
        refusal = error_of(put(door, **plain(starts="2026-03-10T12:00:00+08:00")))
        assert refusal["field"] == "show.starts"

    def test_a_change_asks_for_approval_again(self, door: Door) -> None:
        planned(door, **plain())
        move(door, "approve")
        assert planned(door, **plain())[0]["state"] == "approved", "it says the same"
        assert planned(door, **plain(title="新标题"))[0]["state"] == "planned"

    def test_a_live_show_is_not_changed(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        refusal = error_of(put(door, **plain(title="新标题")))
        assert (refusal["status"], refusal["code"]) == (409, "wrong_state")


class TestTheWay:
    def test_a_point_that_does_not_hold(self, door: Door) -> None:
        planned(door, **plain(hosts=[HOST | {"age": 15}]))
        points = door.get("shows/evening/checklist").json()
        assert points["may_start"] is False
        assert [one["label"] for one in points["points"] if not one["holds"]] == ["主播资质"]
        refusal = door.error("shows/evening/moves/approve", {"actor": "wang"})
        assert (refusal["status"], refusal["field"]) == (422, "show evening.hosts.lin")
        assert "第十七条" in refusal["mend"]
        assert door.get("shows/evening").json()["state"] == "planned"

    def test_an_offer_that_went_between_approval_and_start(
        self, door: Door, clock: FixedClock
    ) -> None:
        door.promote(LIMITED)
        publish_batch(door)
        planned(door)
        move(door, "approve")
        door.ok_delete("promotions/serum-8折")
        clock.advance(60 * MINUTE_US)
        refusal = door.error("shows/evening/moves/start", {"actor": "wang"})
        assert "优惠 serum-8折 不存在" in refusal["mend"]

    @pytest.mark.parametrize(("minutes", "code"), [(29, "show_too_early"), (300, "show_is_over")])
    def test_not_now(self, door: Door, clock: FixedClock, minutes: int, code: str) -> None:
        planned(door, **plain())
        move(door, "approve")
        clock.advance(minutes * MINUTE_US)
        assert door.error("shows/evening/moves/start", {"actor": "w"})["code"] == code

    def test_four_eyes(self, door: Door, engine: Engine, clock: FixedClock) -> None:
        planned(door, **plain())
        preparing = engine.preparing_shows
        strict = Rules(WordGate(), Policy(), clock, four_eyes=True)
        object.__setattr__(preparing, "rules", strict)
        try:
            refusal = door.error("shows/evening/moves/approve", {"actor": "lin"})
            assert (refusal["status"], refusal["code"]) == (409, "planner_approves")
            assert move(door, "approve")["state"] == "approved"
        finally:
            object.__setattr__(preparing, "rules", engine.content_rules)

    def test_a_machine_starts_with_its_label(self, door: Door, clock: FixedClock) -> None:
        planned(door, **plain(hosts=[AI]))
        move(door, "approve")
        clock.advance(60 * MINUTE_US)
        refusal = door.error("shows/evening/moves/start", {"actor": "wang"})
        assert (refusal["status"], refusal["field"]) == (400, "label")
        assert move(door, "start", label=True)["state"] == "live"
        clock.advance(10 * MINUTE_US)
        (violation,) = log(door, "label", on=False)["violations"]
        assert violation["article"] == "《直播电商监督管理办法》第三十七条"
        assert "10 分钟" in violation["why"]
        clock.advance(2 * MINUTE_US)
        log(door, "label", on=True)
        (entry,) = move(door, "end")["entries"]
        assert entry["unlabelled"] == [["2026-03-10T18:10:00+08:00", "2026-03-10T18:12:00+08:00"]]

    def test_stock_that_is_said(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        (violation,) = log(door, "stock", item="serum", pieces=3)["violations"]
        assert "没有库存记录" in violation["why"]
        sale = {
            "name": "serum", "item": "serum", "price_fen": 16_000, "pieces": 3,
            "starts": STARTS, "ends": "2026-03-10T23:00:00+08:00",
        }  # fmt: skip
        door.ok("flash-sales", {"sale": sale})
        assert log(door, "stock", item="serum", pieces=3)["violations"] == []
        door.ok("flash-sales/serum/attempts", {"identifier": "taobao_id:ann"})
        (violation,) = log(door, "stock", item="serum", pieces=3)["violations"]
        assert "2" in violation["why"]

    def test_the_last_time_and_once_more(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        log(door, "last_chance", slot="s1")
        clock.advance(MINUTE_US)
        (violation,) = log(door, "slot", slot="s1")["violations"]
        assert "最后一次" in violation["why"]
        assert log(door, "slot", slot="s2")["violations"] == []
        move(door, "end")
        tomorrow = "2026-03-11T18:00:00+08:00"
        planned(door, "again", **plain(starts=tomorrow))
        failing = [
            one["label"]
            for one in door.get("shows/again/checklist").json()["points"]
            if not one["holds"]
        ]
        assert failing == ["“最后一次”承诺"]

    def test_after_the_end_nothing_happens_in_it(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        move(door, "end")
        said = {"kind": "slot", "slot": "s1"}
        assert door.error("shows/evening/log", said)["code"] == "show_not_live"
        (violation,) = move(door, "archive")["violations"]
        assert "没有登记直播回放" in violation["why"]
        assert door.error("shows/evening/moves/archive", {"actor": "w"})["code"] == "wrong_state"

    def test_one_key_is_one_entry(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        said = {"kind": "note", "text": "观众提问"}
        first = door.ok("shows/evening/log", said, key="k")
        assert door.ok("shows/evening/log", said, key="k") == first
        other = {"kind": "note", "text": "别的"}
        assert door.error("shows/evening/log", other, key="k")["status"] == 422
        kinds = [one["kind"] for one in door.get("shows/evening/archive").json()["entries"]]
        assert kinds.count("note") == 1

    def test_what_cannot_be_said(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        table: list[tuple[dict[str, Any], int]] = [
            ({"kind": "slot", "slot": "s9"}, 409),
            ({"kind": "coupon", "offer": "t9"}, 409),
            ({"kind": "stock", "item": "cream", "pieces": 1}, 409),
            ({"kind": "stock", "item": "serum", "pieces": -1}, 400),
            ({"kind": "gift"}, 400),
            ({"kind": "label", "on": "yes"}, 400),
            ({"kind": "slot", "slot": "s1", "who": "13764021985"}, 400),
            ({"kind": "recording", "uri": "x", "sha256": "abc"}, 400),
        ]
        for body, status in table:
            assert door.error("shows/evening/log", body)["status"] == status, body
        assert len(door.get("shows/evening/archive").json()["entries"]) == 2


class TestTampering:
    """The trigger forbids it; who switches it off is found."""

    OFF = "ALTER TABLE show_entry DISABLE TRIGGER show_archive_append_only"
    ON = "ALTER TABLE show_entry ENABLE TRIGGER show_archive_append_only"

    @pytest.fixture
    def evening(self, door: Door, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        for slot in ("s1", "s2"):
            log(door, "slot", slot=slot)
        move(door, "end")

    def faults(self, engine: Engine, shop: str) -> list[str]:
        found = archives_are_unbroken(engine.audited).violations
        return [one.partition(": ")[2] for one in found if shop in one]

    def test_the_database_forbids_it(self, evening: None, engine: Engine) -> None:
        for statement in ("DELETE FROM show_entry", "UPDATE show_entry SET at_us = 0"):
            with pytest.raises(Exception, match="append-only"):
                rows(engine.database, statement)

    @pytest.mark.parametrize(
        ("statement", "fault"),
        [
            ("UPDATE show_entry SET at_us = at_us + 1 WHERE number = 3", "entry 3 is not"),
            ("""UPDATE show_entry SET said = '{"slot": "s9"}' WHERE number = 3""", "entry 3"),
            ("DELETE FROM show_entry WHERE number = 3", "entry 3 is missing"),
            ("DELETE FROM show_entry WHERE number = 5", "the show has 5 entries, the archive ends"),
        ],
    )
    def test_it_is_found(
        self, evening: None, door: Door, engine: Engine, *, shop: str, statement: str, fault: str
    ) -> None:
        mine = f" AND merchant_no = (SELECT merchant_no FROM merchant WHERE name = '{shop}')"
        rows_of = engine.database
        with rows_of.transaction() as conn:
            conn.execute(self.OFF)  # type: ignore[arg-type]
        tamper(engine.database, statement + mine)
        with rows_of.transaction() as conn:
            conn.execute(self.ON)  # type: ignore[arg-type]
        told = door.get("shows/evening/archive").json()
        assert told["intact"] is False
        assert told["faults"][0].startswith(fault)
        assert self.faults(engine, shop) == told["faults"]

    def test_an_archive_that_would_go_too_early(
        self, evening: None, door: Door, engine: Engine, shop: str
    ) -> None:
        move(door, "archive")
        assert self.faults(engine, shop) == []
        tamper(
            engine.database,
            f"UPDATE show SET kept_until_us = kept_until_us - {DAY_US} WHERE merchant_no ="
            f" (SELECT merchant_no FROM merchant WHERE name = '{shop}')",
        )
        assert self.faults(engine, shop) == ["kept only until 2029-03-09"]


def test_scopes_and_merchants(door: Door, app: FastAPI) -> None:
    planned(door, **plain())
    reader = Door(app, "别家", scope="content:read")
    assert reader.get("shows").json() == []
    assert reader.get("shows/evening").status_code == 404
    assert put(reader, **plain()).status_code == 403
    assert reader.get("shows/evening/commission").status_code == 403
    accountant = Door(app, "别家", scope="settlement:read")
    assert accountant.get("shows/evening/commission").status_code == 404


class TestForgettingAHost:
    def test_what_never_went_on_air_at_once_and_the_rest_after_three_years(
        self, door: Door, clock: FixedClock, engine: Engine, database: Database, shop: str
    ) -> None:
        for id in ("dropped", "later"):
            starts = "2026-03-12T18:00:00+08:00" if id == "later" else "2026-03-11T18:00:00+08:00"
            planned(door, id, **plain(starts=starts, title="小林的春夜"))
        move(door, "cancel", "dropped")
        on_air(door, clock, **plain())
        move(door, "end")
        move(door, "archive")
        done = door.ok("shows/hosts/forget", {"host": "小林"})
        kept = [(one["show"], one["until"][:10]) for one in done["kept"]]
        assert (done["changed"], done["to_come"]) == (["dropped"], ["later"])
        assert kept == [("evening", "2029-03-10")]
        assert named(database, shop) == ["evening", "later"]
        move(door, "cancel", "later")
        assert door.ok("shows/hosts/forget", {"host": "lin"})["changed"] == ["later"]
        assert door.error("shows/hosts/forget", {"host": "nobody"})["status"] == 404
        clock.advance(1_095 * DAY_US)
        assert engine.retention.run().removed["hosts"] == 0
        clock.advance(2 * DAY_US)
        assert engine.retention.run().removed["hosts"] >= 1
        assert named(database, shop) == []
        assert engine.retention.run().removed["hosts"] == 0
        broken = archives_are_unbroken(engine.audited).violations
        assert [one for one in broken if f" {shop}/" in one] == []
        found = door.get("shows/evening").json()
        assert [one["name"] for one in found["hosts"]] == ["主播"]
        assert found["state"] == "archived"


def named(database: Database, shop: str) -> list[str]:
    """Shows of the merchant in which the host can still be read."""
    query = """SELECT id FROM show JOIN merchant USING (merchant_no) WHERE name = %s
        AND convert_from(plan, 'UTF8') ~ '小林|TB-2026-001|"lin"' ORDER BY id"""
    return [id for (id,) in rows(database, query, shop)]
