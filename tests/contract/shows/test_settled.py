"""A show that is closed, on a real database: its hosts are owed what its orders say, whatever is
paid, returned or judged afterwards; and scripts that come out of the library."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import rows, tamper
from tests.orders_ground import Door, units
from tests.shows_ground import cart, log, move, on_air, order, plain, planned, put
from tests.unit.content.generation.ground import document
from tests.unit.content.shows.plans import HOST, LIPSTICK, SERUM

from quanyu.clock import MINUTE_US, FixedClock
from quanyu.promotions.parties import host_payable, shop_payable
from quanyu.promotions.shows.sold_lines import totals_of
from quanyu.storage.audit.commissions import commissions_are_booked
from quanyu.wiring import Engine

DAY = {"from": "2026-03-10", "to": "2026-03-11"}
BY_PIECE = {"piece": "evening-script"}


def buy(door: Door, id: str, *, serums: int = 1, lipsticks: int = 0, paid: bool = True) -> int:
    lines = [("A", "serum", serums, 20_000), ("B", "lipstick", lipsticks, 12_000)]
    said = order(id, cart=cart(*(line for line in lines if line[2])))
    payable: int = door.ok("orders", said)["payable"]
    if paid:
        door.pay(id, payable)
    return payable


def close(door: Door) -> None:
    move(door, "end")
    move(door, "archive")


def earned(door: Door) -> Any:
    return door.get("shows/evening/commission").json()


def faults(engine: Engine, shop: str) -> list[str]:
    return [one for one in commissions_are_booked(engine.audited).violations if shop in one]


def owed(engine: Engine, shop: str, host: str = "lin") -> int:
    """By the ledger."""
    account = host_payable(shop, host).id
    with engine.database.transaction() as tx:
        found = engine.book.balances(tx, [account]).get(account)
    return 0 if found is None else found.posted


def judge(engine: Engine, shop: str, id: str, state: str) -> None:
    """What a scan, or a person after it, says of an order."""
    with engine.database.transaction() as tx:
        place = {"m": shop, "o": id, "s": state, "at": engine.clock.now_us()}
        tx.execute(
            "INSERT INTO suspected_order SELECT merchant_no, %(o)s, %(s)s, 900000, 's', '[]',"
            " %(at)s FROM merchant WHERE name = %(m)s ON CONFLICT (merchant_no, order_id)"
            " DO UPDATE SET state = %(s)s",
            place,
        )
        tx.execute(
            "INSERT INTO suspected_order_history (merchant_no, order_id, at_us, became, actor,"
            " note, score_ppm, scan) SELECT merchant_no, %(o)s, %(at)s, %(s)s, 'lin', '', 900000,"
            " 's' FROM merchant WHERE name = %(m)s",
            place,
        )


class TestTheBook:
    @pytest.fixture(autouse=True)
    def evening(self, door: Door, clock: FixedClock) -> None:
        """Serums at 200.00 with 20 %, lipsticks at 120.00 with 10.5 %."""
        on_air(door, clock, **plain())
        buy(door, "o1", serums=2, lipsticks=1)

    def test_nothing_before_the_close(self, door: Door, engine: Engine, shop: str) -> None:
        move(door, "end")
        assert (earned(door)["net_fen"], earned(door)["booked_fen"]) == (9_260, None)
        assert owed(engine, shop) == 0
        assert faults(engine, shop) == []

    def test_the_close_books_and_the_host_is_a_party(
        self, door: Door, engine: Engine, shop: str
    ) -> None:
        close(door)
        assert (earned(door)["net_fen"], earned(door)["booked_fen"]) == (9_260, 9_260)
        assert owed(engine, shop) == 8_000 + 1_260
        told = door.get("settlement", **DAY).json()
        closing = {one["account"]: one["closing"] for one in told["accounts"]}
        assert closing[host_payable(shop, "lin").id] == 9_260
        assert closing[shop_payable(shop, "A").id] == 40_000 - 8_000
        assert closing[shop_payable(shop, "B").id] == 12_000 - 1_260
        assert told["closing"] == 52_000, "of one pocket into another"
        (day,) = next(one for one in told["accounts"] if one["account"][:4] == "host")["days"]
        (entry,) = day["entries"]
        assert (entry["code"], entry["in"], entry["out"], entry["transfers"]) == (
            "show.commission", 9_260, 0, 2,
        )  # fmt: skip
        assert faults(engine, shop) == []

    def test_closing_twice_under_one_key_books_once(
        self, door: Door, engine: Engine, shop: str
    ) -> None:
        move(door, "end")
        body = {"actor": "wang"}
        first = door.ok("shows/evening/moves/archive", body, key="close")
        assert door.ok("shows/evening/moves/archive", body, key="close") == first
        assert door.error("shows/evening/moves/archive", body)["code"] == "wrong_state"
        assert owed(engine, shop) == 9_260

    def test_returns_afterwards_take_it_back(self, door: Door, engine: Engine, shop: str) -> None:
        close(door)
        door.ok("orders/o1/refund", units("L1:2"))
        assert owed(engine, shop) == 5_260
        assert earned(door)["booked_fen"] == earned(door)["net_fen"] == 5_260
        door.ok("orders/o1/refund", units("L1:1", "L2:1"))
        assert owed(engine, shop) == 0
        told = door.get("settlement", **DAY).json()
        assert {one["closing"] for one in told["accounts"]} == {0}
        assert faults(engine, shop) == []

    def test_a_refund_that_is_sent_again_takes_back_once(
        self, door: Door, engine: Engine, shop: str
    ) -> None:
        close(door)
        first = door.ok("orders/o1/refund", units("L1:2"), key="back")
        assert door.ok("orders/o1/refund", units("L1:2"), key="back") == first
        assert door.error("orders/o1/refund", units("L1:2"))["status"] == 409
        assert owed(engine, shop) == 5_260

    def test_an_order_that_is_paid_after_the_close(
        self, door: Door, engine: Engine, shop: str
    ) -> None:
        payable = buy(door, "late", paid=False)
        close(door)
        assert owed(engine, shop) == 9_260
        door.pay("late", payable)
        assert owed(engine, shop) == 13_260
        assert faults(engine, shop) == []

    def test_orders_of_no_show_move_nothing(self, door: Door, engine: Engine, shop: str) -> None:
        close(door)
        said = order("plain", show="")
        door.pay("plain", door.ok("orders", said)["payable"])
        door.ok("orders/plain/refund", units("L1:1"))
        assert owed(engine, shop) == 9_260

    def test_a_fake_trade_is_taken_out_and_put_back(
        self, door: Door, engine: Engine, shop: str, clock: FixedClock
    ) -> None:
        buy(door, "fake", serums=3)
        close(door)
        assert owed(engine, shop) == 21_260
        clock.advance(MINUTE_US)
        judge(engine, shop, "fake", "suspected")
        assert faults(engine, shop) == [], "the next chore books it"
        engine.commissions.catch_up()
        assert owed(engine, shop) == 9_260
        assert earned(door)["withheld_orders"] == 1
        door.ok("orders/fake/refund", units("L1:1"))
        assert owed(engine, shop) == 9_260, "what is withheld takes nothing with it"
        judge(engine, shop, "fake", "cleared")
        engine.commissions.catch_up()
        engine.commissions.catch_up()
        assert owed(engine, shop) == 17_260
        assert faults(engine, shop) == []

    def test_hours_later_nothing_waits(
        self, door: Door, engine: Engine, shop: str, clock: FixedClock
    ) -> None:
        judge(engine, shop, "o1", "cleared")
        close(door)
        waits = [merchant for merchant, _ in self._stale(engine)]
        assert shop in waits, "it may have been written a little later than its time"
        clock.advance(61 * MINUTE_US)
        engine.commissions.catch_up()
        assert shop not in [merchant for merchant, _ in self._stale(engine)]

    def _stale(self, engine: Engine) -> Any:
        with engine.database.transaction() as tx:
            return engine.commission_book.stale(tx)

    def test_the_sums_are_those_of_the_orders(self, door: Door, engine: Engine, shop: str) -> None:
        """The price history and the terms of the orders say the same, item by item."""
        buy(door, "o2", serums=3, lipsticks=2)
        buy(door, "o3", lipsticks=1, paid=False)
        buy(door, "o4", serums=1)
        door.ok("orders/o2/refund", units("L1:1", "L2:2"))
        judge(engine, shop, "o4", "confirmed")
        judge(engine, shop, "o3", "suspected")
        with engine.database.transaction() as tx:
            sold = engine.show_orders.of_show(tx, shop, show="evening")
            assert engine.show_orders.totals(tx, shop, show="evening") == totals_of(sold)
        assert totals_of(sold).withheld_orders == 1

    def test_a_close_among_returns(self, door: Door, engine: Engine, shop: str) -> None:
        """Whoever comes first: nothing is booked for what has gone back, nothing twice."""
        names = [f"r{number}" for number in range(6)]
        for name in names:
            buy(door, name)
        move(door, "end")

        def act(name: str) -> int:
            if name == "close":
                return door.post("shows/evening/moves/archive", {"actor": "wang"}).status_code
            return door.post(f"orders/{name}/refund", units("L1:1")).status_code

        with ThreadPoolExecutor(7) as threads:
            told = list(threads.map(act, [*names[:3], "close", *names[3:]]))
        assert told == [200] * 7
        assert owed(engine, shop) == 9_260
        assert faults(engine, shop) == []

    def test_returns_at_one_moment(self, door: Door, engine: Engine, shop: str) -> None:
        names = [f"r{number}" for number in range(8)]
        for name in names:
            buy(door, name)
        close(door)
        assert owed(engine, shop) == 9_260 + 8 * 4_000
        with ThreadPoolExecutor(8) as threads:
            told = threads.map(lambda one: door.post(f"orders/{one}/refund", units("L1:1")), names)
            assert [one.status_code for one in told] == [200] * 8
        assert owed(engine, shop) == 9_260
        assert faults(engine, shop) == []


class TestTheAudit:
    @pytest.fixture(autouse=True)
    def evening(self, door: Door, engine: Engine, shop: str, clock: FixedClock) -> None:
        on_air(door, clock, **plain())
        buy(door, "o1")
        close(door)
        assert faults(engine, shop) == []

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("UPDATE show_settlement SET due = '[]'", ["0 fen booked", "4000 fen by its orders"]),
            ("""UPDATE show_settlement SET due = '[{"shop":"A","host":"lin","amount_fen":3999}]'""",
             ["3999 fen booked", "4000 fen by its orders, 3999 booked"]),
            ("""UPDATE show_settlement SET due = '[{"shop":"A","host":"eve","amount_fen":4000}]'""",
             ["4000 fen booked", "4000 fen by its orders"]),
            ("UPDATE trade SET refunded = 0", []),
            ("DELETE FROM show_settlement", ["0 fen booked", "4000 fen by its orders"]),
            ("DELETE FROM show_order", ["0 fen by its orders, 4000 booked"]),
        ],
    )  # fmt: skip
    def test_it_is_found(
        self, engine: Engine, shop: str, *, statement: str, said: list[str]
    ) -> None:
        mine = f" WHERE merchant_no = (SELECT merchant_no FROM merchant WHERE name = '{shop}')"
        tamper(engine.database, statement + mine)
        found = faults(engine, shop)
        assert len(found) == len(said), found
        assert all(words in line for words, line in zip(said, found, strict=True))


def test_two_hosts_share_to_the_fen(
    door: Door, engine: Engine, clock: FixedClock, shop: str
) -> None:
    hosts = [HOST | {"share_bp": 3_333}, HOST | {"id": "wu", "name": "小吴", "share_bp": 6_667}]
    slots = [SERUM | {"offers": [], "coupons": [], "price_fen": 20_000, "commission_bp": 3}]
    on_air(door, clock, **plain(hosts=hosts, slots=slots))
    buy(door, "o1")
    buy(door, "o2")
    close(door)
    assert (owed(engine, shop), owed(engine, shop, "wu")) == (4, 8)
    door.ok("orders/o2/refund", units("L1:1"))
    assert (owed(engine, shop), owed(engine, shop, "wu")) == (2, 4)
    assert faults(engine, shop) == []


def test_a_show_that_sold_nothing(door: Door, engine: Engine, clock: FixedClock, shop: str) -> None:
    on_air(door, clock, **plain())
    close(door)
    assert earned(door)["booked_fen"] == 0
    assert door.get("settlement", **DAY).json()["accounts"] == []
    assert faults(engine, shop) == []


def test_a_show_that_was_closed_before_there_was_a_book(
    door: Door, engine: Engine, clock: FixedClock, shop: str
) -> None:
    """As the migration finds it: the next chore books it."""
    on_air(door, clock, **plain())
    buy(door, "o1")
    move(door, "end")
    mine = f"(SELECT merchant_no FROM merchant WHERE name = '{shop}')"
    tamper(
        engine.database,
        f"UPDATE show SET state = 'archived', kept_until_us = ended_us WHERE merchant_no = {mine}",
        f"INSERT INTO show_settlement (merchant_no, show) VALUES ({mine}, 'evening')",
    )
    assert faults(engine, shop) == []
    engine.commissions.catch_up()
    assert owed(engine, shop) == 4_000
    assert rows(engine.database, f"SELECT steps FROM show_settlement WHERE merchant_no = {mine}")


class TestScripts:
    """``{"script": {"piece": id}}``"""

    def write(self, door: Door, text: str, **change: Any) -> str:
        """The hash of what was approved."""
        segments = [
            {"text": text, "purpose": "value", "seconds": 900},
            {"text": "本场由某某赞助", "purpose": "marketing", "seconds": 90},
        ]
        piece = {
            "kind": "show", "title": "春夜护肤", "industry": "cosmetics", "segments": segments,
            "marked_as_ad": True, **change,
        }  # fmt: skip
        made = door.put("contents/evening-script", {"piece": piece, "actor": "lin"}).json()
        for verb in ("submit", "approve"):
            door.ok(f"contents/evening-script/moves/{verb}", {"actor": "wang"})
        return str(made["hash"])

    def test_what_was_approved_is_what_is_said(
        self, door: Door, engine: Engine, clock: FixedClock
    ) -> None:
        digest = self.write(door, "先看质地")
        (show,) = planned(door, **plain(script=BY_PIECE))
        told = show["script"]
        assert (told["piece"], told["version"], told["hash"]) == ("evening-script", 1, digest)
        assert [one["text"] for one in told["segments"]] == ["先看质地", "本场由某某赞助"]
        labels = [one["label"] for one in door.get("shows/evening/checklist").json()["points"]]
        assert labels[-1] == "脚本版本"
        (entry,) = move(door, "approve")["entries"]
        assert entry["script"] == ["evening-script", 1, digest]
        assert "脚本版本" in entry["points"]

    def test_a_later_version_does_not_reach_an_approved_show(
        self, door: Door, clock: FixedClock
    ) -> None:
        self.write(door, "先看质地")
        planned(door, **plain(script=BY_PIECE))
        move(door, "approve")
        self.write(door, "先看成分")
        clock.advance(60 * MINUTE_US)
        assert move(door, "start")["state"] == "live"
        said = door.get("shows/evening").json()["script"]["segments"][0]["text"]
        assert said == "先看质地"

    def test_a_later_version_before_the_approval_is_planned_anew(self, door: Door) -> None:
        self.write(door, "先看质地")
        planned(door, **plain(script=BY_PIECE))
        self.write(door, "先看成分")
        refusal = door.error("shows/evening/moves/approve", {"actor": "wang"})
        assert (refusal["status"], refusal["field"]) == (422, "show evening.script.piece")
        assert "重新提交排期" in refusal["mend"]
        (show,) = planned(door, **plain(script=BY_PIECE))
        assert show["script"]["version"] == 2
        assert move(door, "approve")["state"] == "approved"

    def test_planning_again_after_a_new_version_asks_for_approval(self, door: Door) -> None:
        self.write(door, "先看质地")
        planned(door, **plain(script=BY_PIECE))
        move(door, "approve")
        assert planned(door, **plain(script=BY_PIECE))[0]["state"] == "approved"
        self.write(door, "先看成分")
        assert planned(door, **plain(script=BY_PIECE))[0]["state"] == "planned"

    def test_the_plan_as_it_is_told_can_be_sent_back(self, door: Door) -> None:
        self.write(door, "先看质地")
        (show,) = planned(door, **plain(script=BY_PIECE))
        again = planned(door, **plain(script=show["script"]))
        assert again == [show]
        self.write(door, "先看成分")
        refusal = put(door, **plain(script=show["script"])).json()["error"]
        assert refusal["field"] == "show.script.hash"

    def test_nobody_slips_words_in(self, door: Door) -> None:
        self.write(door, "先看质地")
        forged = BY_PIECE | {"segments": [{"text": "国家级", "purpose": "value"}], "version": 7}
        (show,) = planned(door, **plain(script=forged))
        assert show["script"]["segments"][0]["text"] == "先看质地"
        assert show["script"]["version"] == 1

    def test_what_is_not_there_or_not_ripe(self, door: Door) -> None:
        refusal = put(door, **plain(script={"piece": "nothing"})).json()["error"]
        assert (refusal["field"], "quanyu content add" in refusal["mend"]) == (
            "show.script.piece", True,
        )  # fmt: skip
        piece = {"kind": "show", "title": "t", "industry": "general", "segments": [
            {"text": "先看质地", "purpose": "value"}]}  # fmt: skip
        door.put("contents/draft", {"piece": piece, "actor": "lin"})
        refusal = put(door, **plain(script={"piece": "draft"})).json()["error"]
        assert "quanyu content approve" in refusal["mend"]

    def test_a_piece_of_somebody_else_is_not_there(self, door: Door, app: FastAPI) -> None:
        self.write(Door(app, "别家的茶馆"), "先看质地")
        assert put(door, **plain(script=BY_PIECE)).status_code == 400

    def test_the_law_of_the_show_is_asked_of_its_words(self, door: Door, engine: Engine) -> None:
        """A host sells; the words pass a show's gate, in the place where they stand."""
        self.write(door, "先看质地")
        planned(door, **plain(script=BY_PIECE, marked_as_ad=False))
        points = door.get("shows/evening/checklist").json()["points"]
        failing = {one["label"]: one["hits"] for one in points if not one["holds"]}
        assert list(failing) == ["文案、价格与标识"]

    def test_a_generated_script_becomes_that_of_a_show(self, door: Door, clock: FixedClock) -> None:
        """From the brief to the air, with the mark that the words carry."""
        brief = document(minutes=30)
        made = door.post("contents/generate", {"kind": "show-script", "brief": brief})
        assert made.is_success, made.text
        piece = made.json()["pieces"][0]["piece"]
        id = piece.pop("id")
        assert door.put(f"contents/{id}", {"piece": piece, "actor": "lin"}).is_success
        for verb in ("submit", "approve"):
            door.ok(f"contents/{id}/moves/{verb}", {"actor": "wang"})
        slots = [SERUM | {"offers": [], "coupons": [], "price_fen": 20_000}, LIPSTICK]
        (show,) = planned(door, script={"piece": id}, slots=slots)
        assert show["script"]["generated"] is True
        assert "AI生成" in show["script"]["segments"][0]["text"]
        move(door, "approve")
        clock.advance(60 * MINUTE_US)
        assert move(door, "start")["state"] == "live"
        assert log(door, "slot", slot="s1")["violations"] == []
