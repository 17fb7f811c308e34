"""Purchased vouchers over HTTP: sold by an order, used at a store, the rest given back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened, rows
from tests.orders_ground import ANN, OTHER, SHOP, VOUCHER, Door, error_of, units, voucher_order

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.events.requests import KEY_MAX
from quanyu.interfaces.api.application import create_app
from quanyu.promotions.vouchers.voucher import VoucherRefusal
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    return Door(app)


@pytest.fixture
def code(door: Door) -> str:
    """Of one voucher of 200.00, bought at 99.00 as v1:V:1."""
    (one,) = door.buy_vouchers()
    return str(one["code"])


def scan(code: str, amount: int = 12_000, store: str = "s1") -> dict[str, Any]:
    return {"code": code, "amount": amount, "store": store}


def owed(engine: Engine) -> dict[str, int]:
    names = ("clearing/alipay", f"party/{SHOP}/总店/payable", f"party/{SHOP}/总店/deferred")
    with engine.database.transaction() as tx:
        found = engine.book.balances(tx, names)
    return {name.rpartition("/")[2]: found[name].posted for name in names}


class TestLife:
    def test_two_visits_an_undo_and_the_rest(self, door: Door, engine: Engine) -> None:
        (one,) = door.buy_vouchers()
        assert (one["voucher"], one["face"], one["paid"], one["rest"]) == (
            "v1:V:1", 20_000, 9_900, 20_000,
        )  # fmt: skip
        assert one["expires_at"] == "2026-06-08T12:00:00+08:00"
        first = door.ok("vouchers/use", scan(one["code"]))
        assert (first["voucher"], first["amount_fen"], first["rest_fen"]) == (
            "v1:V:1", 12_000, 8_000,
        )  # fmt: skip
        second = door.ok("vouchers/use", scan(one["code"], 8_000))
        assert owed(engine) == {"alipay": -9_900, "payable": 9_900, "deferred": 0}
        undone = door.ok(f"vouchers/uses/{second['use']}/undo")
        assert (undone["amount_fen"], undone["rest_fen"]) == (8_000, 8_000)
        assert owed(engine) == {"alipay": -9_900, "payable": 5_940, "deferred": 3_960}
        back = door.ok("vouchers/v1:V:1/refund")
        assert (back["amount_fen"], back["rest_fen"]) == (3_960, 0)
        assert owed(engine) == {"alipay": -5_940, "payable": 5_940, "deferred": 0}

    def test_a_code_is_read_as_people_write_it(self, door: Door, code: str) -> None:
        said = f" {code[:4].lower()}-{code[4:8]} {code[8:]}"
        assert door.ok("vouchers/use", scan(said, 1))["rest_fen"] == 19_999

    def test_the_last_fen_of_the_face(self, door: Door, code: str, engine: Engine) -> None:
        door.ok("vouchers/use", scan(code, 19_999))
        assert owed(engine)["deferred"] == 1
        assert door.ok("vouchers/use", scan(code, 1))["rest_fen"] == 0
        assert owed(engine)["deferred"] == 0

    def test_an_unused_one_goes_back_with_its_order(
        self, door: Door, code: str, engine: Engine
    ) -> None:
        door.ok("orders/v1/refund", units("V:1"))
        assert set(owed(engine).values()) == {0}
        assert door.error("vouchers/use", scan(code))["code"] == "voucher_refunded"

    def test_each_piece_has_a_code_of_its_own(self, door: Door) -> None:
        found = door.buy_vouchers(pieces=3)
        assert {one["voucher"] for one in found} == {"v1:V:1", "v1:V:2", "v1:V:3"}
        assert len({one["code"] for one in found}) == 3
        door.ok("vouchers/use", scan(found[0]["code"], 20_000))
        held = door.ok("vouchers/held", {"identifier": ANN})
        assert sorted(one["rest"] for one in held) == [0, 20_000, 20_000]

    def test_a_changed_product_changes_no_sold_voucher(self, door: Door, code: str) -> None:
        assert door.put("vouchers/products", VOUCHER | {"face_fen": 1, "stores": []}).is_success
        (one,) = door.ok("vouchers/held", {"identifier": ANN})
        assert (one["face"], one["stores"]) == (20_000, ["s1"])
        assert door.error("vouchers/use", scan(code, store="s2"))["code"] == "wrong_store"

    def test_a_voucher_without_stores_is_taken_everywhere(self, door: Door) -> None:
        door.put("vouchers/products", VOUCHER)
        assert door.put("vouchers/products", VOUCHER | {"stores": []}).json()["stores"] == []
        door.buy("v2", cart=voucher_order()["cart"])
        (one,) = door.ok("vouchers/held", {"identifier": ANN})
        assert door.ok("vouchers/use", scan(one["code"], store="anywhere"))["rest_fen"] == 8_000

    def test_somebody_else_holds_nothing(self, door: Door, code: str) -> None:
        assert door.ok("vouchers/held", {"identifier": "taobao_id:ben"}) == []


Before = Callable[[Door, str], str]
"""Brings about the state; gives what to ask: use, undo:…, refund:…"""


def once(door: Door, code: str, amount: int = 12_000) -> str:
    return str(door.ok("vouchers/use", scan(code, amount))["use"])


def refunded(door: Door, code: str) -> str:
    door.ok("vouchers/v1:V:1/refund")
    return "vouchers/use"


def used_up(door: Door, code: str) -> str:
    once(door, code, 20_000)
    return "vouchers/use"


def undone(door: Door, code: str) -> str:
    path = f"vouchers/uses/{once(door, code)}/undo"
    door.ok(path)
    return path


def used_then_order_back(door: Door, code: str) -> str:
    once(door, code, 1)
    return "orders/v1/refund"


REFUSALS: dict[str, tuple[Before, dict[str, Any], str]] = {
    "voucher_not_found": (lambda d, c: "vouchers/none/refund", {}, ""),
    "voucher_refunded": (refunded, {}, ""),
    "voucher_used_up": (used_up, {}, ""),
    "wrong_store": (lambda d, c: "vouchers/use", {"store": "s2"}, ""),
    "exceeds_rest_of_voucher": (
        lambda d, c: "vouchers/use", {"amount": 20_001}, "have 20000, need 20001",
    ),
    "voucher_used_already": (used_then_order_back, units("V:1"), "have 1, need 0"),
    "use_not_found": (lambda d, c: "vouchers/uses/use_none/undo", {}, ""),
    "use_already_undone": (undone, {}, ""),
}  # fmt: skip
BY_TIME = {"voucher_expired", "undo_window_over"}
BEHIND_THE_DOOR = {"amount_not_positive"}
"""A body with such an amount is not read."""


class TestRefusals:
    def test_the_table_knows_all_of_them(self) -> None:
        assert {*REFUSALS} | BY_TIME | BEHIND_THE_DOOR == {*VoucherRefusal}

    @pytest.mark.parametrize("reason", REFUSALS)
    def test_it_says_why_and_changes_nothing(
        self, door: Door, code: str, engine: Engine, reason: str
    ) -> None:
        before, change, figures = REFUSALS[reason]
        path = before(door, code)
        state = owed(engine), len(engine.log.read(0, 100))
        body = change if path == "orders/v1/refund" else scan(code) | change
        error = door.error(path, body)
        missing = reason in ("voucher_not_found", "use_not_found")
        assert (error["status"], error["code"]) == (404 if missing else 409, reason)
        said = reason.replace("_", " ") + (f" ({figures})" if figures else "")
        assert error["message"] == f"Refused: {said}."
        assert (owed(engine), len(engine.log.read(0, 100))) == state

    def test_a_scan_is_good_until_the_instant_of_the_end(
        self, door: Door, code: str, clock: FixedClock
    ) -> None:
        clock.advance(90 * DAY_US - 1)
        assert door.ok("vouchers/use", scan(code, 1))["rest_fen"] == 19_999
        clock.advance(1)
        assert door.error("vouchers/use", scan(code))["code"] == "voucher_expired"
        assert door.ok("vouchers/v1:V:1/refund")["amount_fen"] == 9_900

    def test_a_scan_is_taken_back_for_half_an_hour(
        self, door: Door, code: str, clock: FixedClock
    ) -> None:
        first, second = once(door, code, 1), once(door, code, 2)
        clock.advance(30 * MINUTE_US)
        assert door.ok(f"vouchers/uses/{first}/undo")["amount_fen"] == 1
        clock.advance(1)
        assert door.error(f"vouchers/uses/{second}/undo")["code"] == "undo_window_over"

    def test_another_merchant_finds_nothing(self, door: Door, code: str, app: FastAPI) -> None:
        use, other = once(door, code, 1), Door(app, OTHER)
        assert other.error("vouchers/use", scan(code))["code"] == "voucher_not_found"
        assert other.error(f"vouchers/uses/{use}/undo")["code"] == "use_not_found"
        assert other.error("vouchers/v1:V:1/refund")["code"] == "voucher_not_found"
        assert other.ok("vouchers/held", {"identifier": ANN}) == []
        assert door.ok("vouchers/use", scan(code, 1))["rest_fen"] == 19_998


class TestKeys:
    def test_a_repeated_scan_is_one_scan(self, door: Door, code: str, engine: Engine) -> None:
        told = [door.ok("vouchers/use", scan(code), key="till-1") for _ in range(3)]
        assert told[0] == told[1] == told[2]
        assert owed(engine)["payable"] == 5_940

    @pytest.mark.parametrize("change", [{"amount": 1}, {"store": "s2"}, {"code": "ANOTHER"}])
    def test_another_scan_under_the_key_is_a_conflict(
        self, door: Door, code: str, change: dict[str, Any]
    ) -> None:
        door.ok("vouchers/use", scan(code), key="till-1")
        error = door.error("vouchers/use", scan(code) | change, key="till-1")
        assert (error["status"], error["code"]) == (422, "key_used_for_another_request")

    def test_a_second_voucher_under_the_key_is_not_used(self, door: Door) -> None:
        """Both are good, of one product, for the same sum: only the code tells them apart."""
        first, second = door.buy_vouchers(pieces=2)
        door.ok("vouchers/use", scan(first["code"]), key="till-1")
        error = door.error("vouchers/use", scan(second["code"]), key="till-1")
        assert error["code"] == "key_used_for_another_request"

    def test_refunds_and_undos_are_done_once(self, door: Door, code: str, engine: Engine) -> None:
        use = once(door, code)
        undo = [door.ok(f"vouchers/uses/{use}/undo", key="u") for _ in range(2)]
        assert undo[0] == undo[1]
        back = [door.ok("vouchers/v1:V:1/refund", key="r") for _ in range(2)]
        assert back[0] == back[1]
        assert set(owed(engine).values()) == {0}

    @pytest.mark.parametrize("path", ["use", "uses/use_1/undo", "v1:V:1/refund"])
    def test_a_key_is_mandatory_and_short(self, door: Door, path: str) -> None:
        for headers in ({}, {"Idempotency_Key": "k" * (KEY_MAX + 1)}):
            error = error_of(door.raw(f"vouchers/{path}", b"{}", **headers))
            assert (error["status"], error["field"]) == (422, "header.Idempotency-Key")


class TestBodies:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"face_fen": 0}, "face_fen"),
            ({"face_fen": 10**15 + 1}, "face_fen"),
            ({"face_fen": 200.5}, "face_fen"),
            ({"valid_days": 0}, "valid_days"),
            ({"valid_days": 3_651}, "valid_days"),
            ({"item": ""}, "item"),
            ({"item": "i" * 129}, "item"),
            ({"shop": ""}, "shop"),
            ({"stores": ["s"] * 1_001}, "stores"),
            ({"stores": "s1"}, "stores"),
            ({"price": 9_900}, "price"),
        ],
    )
    def test_a_product_that_cannot_be(self, door: Door, change: dict[str, Any], field: str) -> None:
        error = error_of(door.put("vouchers/products", VOUCHER | change))
        assert (error["status"], error["code"]) == (400, "bad_input")
        assert error["field"].removeprefix("product.") == field
        assert error["mend"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"amount": 0}, "amount"),
            ({"amount": -1}, "amount"),
            ({"amount": 10**15 + 1}, "amount"),
            ({"amount": 1.5}, "amount"),
            ({"store": ""}, "store"),
            ({"store": "s" * 129}, "store"),
            ({"code": ""}, "code"),
            ({"code": "C" * 65}, "code"),
            ({"bill": 1}, "bill"),
        ],
    )
    def test_a_scan_that_cannot_be(
        self, door: Door, code: str, change: dict[str, Any], field: str
    ) -> None:
        error = door.error("vouchers/use", scan(code) | change)
        assert (error["status"], error["field"]) == (422, field)
        assert door.ok("vouchers/held", {"identifier": ANN})[0]["rest"] == 20_000

    @pytest.mark.parametrize("identifier", ["ann", ":", "taobao_id:"])
    def test_who_holds_it_must_be_an_identifier(self, door: Door, identifier: str) -> None:
        error = door.error("vouchers/held", {"identifier": identifier})
        assert (error["status"], error["code"]) == (400, "bad_input")


class TestScopes:
    def test_a_reader_sees_and_uses_nothing_up(self, door: Door, code: str, app: FastAPI) -> None:
        reader, writer = Door(app, SHOP, "vouchers:read"), Door(app, SHOP, "vouchers:write")
        assert len(reader.ok("vouchers/held", {"identifier": ANN})) == 1
        for path in ("vouchers/use", "vouchers/uses/use_1/undo", "vouchers/v1:V:1/refund"):
            assert reader.error(path, scan(code))["code"] == "missing_scope"
        assert error_of(reader.put("vouchers/products", VOUCHER))["status"] == 403
        assert writer.error("vouchers/held", {"identifier": ANN})["status"] == 403
        assert writer.ok("vouchers/use", scan(code, 1))["rest_fen"] == 19_999

    def test_a_key_for_orders_opens_no_vouchers(self, app: FastAPI, code: str) -> None:
        till = Door(app, SHOP, "orders:write")
        assert till.error("vouchers/use", scan(code))["code"] == "missing_scope"


def test_a_code_is_nowhere_in_the_database(door: Door, code: str, engine: Engine) -> None:
    once(door, code)
    names = rows(engine.database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in names:
        text = " ".join(row for (row,) in rows(engine.database, f'SELECT t::text FROM "{table}" t'))
        assert code not in text, table
        assert code.encode().hex() not in text, table


def test_the_routes_stand_in_the_openapi_document(app: FastAPI) -> None:
    paths = {path: set(said) for path, said in app.openapi()["paths"].items()}
    found = {path: said for path, said in paths.items() if path.startswith("/v1/vouchers")}
    assert found == {
        "/v1/vouchers/products": {"put"},
        "/v1/vouchers/held": {"post"},
        "/v1/vouchers/use": {"post"},
        "/v1/vouchers/uses/{use}/undo": {"post"},
        "/v1/vouchers/{voucher}/refund": {"post"},
    }
