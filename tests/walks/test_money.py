"""The worked example from the quote to the last refund: over HTTP, with commands beside it, and the
audit in the end."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.money_ground import template
from tests.unit.promotions.quote_example import CART, OFFERS
from tests.walks.caller import Caller
from tests.walks.serving import Serving
from tests.walks.shell import Shell

from quanyu.clock import SystemClock, day_number, day_text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

ANN = "taobao_id:ann"
TERMS = {"points_per_yuan": 1, "expiry": {"kind": "months", "count": 12}, "join_gift": 500}
COUPONS = {one["id"]: one for one in OFFERS if one["kind"] == "coupon"}
PROMOTIONS = {one["id"]: one for one in OFFERS if one["kind"] == "promotion"}
TODAY = day_number(SystemClock().now_us())
SPAN = {"from": day_text(TODAY - 1), "to": day_text(TODAY + 1)}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data", {"QUANYU_MERCHANT": "市场"})
    yield made
    made.destroy()


def test_from_the_quote_to_the_last_refund(shell: Shell) -> None:
    with Serving(shell) as server:
        key = shell.json("key", "create", "--scopes", "admin")["key"]
        with server.client(key) as client:
            caller = Caller(client)
            opens_the_shop(caller)
            coupons = gives_coupons_and_points(caller)
            order = order_form(coupons)
            tries_the_price(caller, order)
            places(caller, order)
            pays(shell, caller)
            returns_a_lipstick(shell, caller, coupons)
            returns_the_rest(shell, caller, coupons)
        assert server.stop() == 0
        assert "Traceback" not in server.errors.read_text()
    tells_the_reports(shell)
    shell.audited()


def opens_the_shop(caller: Caller) -> None:
    for id, one in PROMOTIONS.items():
        caller.put(f"promotions/{id}", {name: said for name, said in one.items() if name != "id"})
    for id, one in COUPONS.items():
        said = template(id, benefit=one["benefit"], terms=one)
        caller.ok("offers", {"template": said, "actor": "lin"})
        caller.ok(f"offers/{id}/moves/submit", {"actor": "lin"})
        caller.ok(f"offers/{id}/moves/approve", {"actor": "wang"})
    caller.put("points/programmes", {"name": "stars", "terms": TERMS})


def gives_coupons_and_points(caller: Caller) -> dict[str, str]:
    """Offer → the coupon that Ann holds."""
    caller.ok("points/members", {"programme": "stars", "identifier": ANN})
    assert points(caller) == 500
    return {
        id: caller.ok("coupons/claim", {"offer": id, "identifier": ANN})["coupon"] for id in COUPONS
    }


def points(caller: Caller) -> int:
    return int(caller.ok("points/balance", {"programme": "stars", "identifier": ANN})["available"])


def order_form(coupons: dict[str, str]) -> dict[str, Any]:
    return {
        "order": "o1",
        "identifiers": {"taobao_id": "ann"},
        "touchpoint": "taobao.detail",
        "cart": CART,
        "coupons": [*coupons.values()],
        "programme": "stars",
        "expected_payable": 36_890,
    }


def tries_the_price(caller: Caller, order: dict[str, Any]) -> None:
    """The whole list of offers, and what the shop gives to everybody without a coupon."""
    assert caller.ok("quote", {"cart": CART, "offers": OFFERS})["payable"] == 36_890
    assert caller.ok("quote", {"cart": CART})["payable"] > 36_890
    cheaper = caller.post("orders", order | {"expected_payable": 36_889})
    assert (cheaper.status_code, cheaper.json()["error"]["code"]) == (409, "price_changed")
    assert points(caller) == 500


def places(caller: Caller, order: dict[str, Any]) -> None:
    placed = [caller.ok("orders", order, key="place o1") for _ in range(2)]
    assert placed[0] == placed[1]
    assert placed[0]["payable"] == 36_890
    assert points(caller) == 0
    for coupon in order["coupons"]:
        assert caller.get(f"coupons/{coupon}")["state"] == "locked"
    taken = caller.post("orders", order | {"order": "o2", "expected_payable": None})
    assert taken.json()["error"]["code"] == "locked_by_other_order"


def pays(shell: Shell, caller: Caller) -> None:
    """A notice that comes twice; the ledger, the settlement and the commands agree."""
    notice = {"amount": 36_890, "method": "alipay"}
    paid = [caller.ok("orders/o1/pay", notice, key="notice 1") for _ in range(2)]
    assert paid[0] == paid[1]
    assert owed(caller) == {"A": 31_365, "B": 9_025}
    assert balance(shell, "clearing/alipay") == -36_890
    assert balance(shell, "party/platform/payable") == -3_500
    assert shell.json("order", "show", "o1") == caller.get("orders/o1")
    assert shell.json("settlement", "--from", SPAN["from"], "--to", SPAN["to"]) == caller.get(
        "settlement", **SPAN
    )


def owed(caller: Caller) -> dict[str, int]:
    """Shop → what it is owed."""
    found = caller.get("settlement", **SPAN)["accounts"]
    return {one["account"].split("/")[2]: one["closing"] for one in found}


def balance(shell: Shell, account: str) -> int:
    (one,) = shell.json("ledger", "balance", account)["balances"]
    return int(one["posted"])


def returns_a_lipstick(shell: Shell, caller: Caller, coupons: dict[str, str]) -> None:
    back = shell.json("order", "refund", "o1", "--unit", "A2:1", "--key", "parcel 1")
    assert (back["cash_fen"], back["points"]) == (8_392, 115)
    assert back["red_packets"] == {coupons["red-10"]: 231}
    over_http = {"units": [{"line": "A2", "unit": 1}]}
    assert caller.ok("orders/o1/refund", over_http, key="parcel 1") == back, "one key, two doors"
    assert points(caller) == 115
    assert owed(caller)["A"] == 31_365 - 8_392 - back["shops"]["A"]["platform_fen"]


def returns_the_rest(shell: Shell, caller: Caller, coupons: dict[str, str]) -> None:
    rest = [("A1", 1), ("A2", 2), ("B1", 1)]
    body = {"units": [{"line": line, "unit": unit} for line, unit in rest]}
    back = caller.ok("orders/o1/refund", body)
    assert (back["cash_fen"], back["complete"]) == (36_890 - 8_392, True)
    assert owed(caller) == {"A": 0, "B": 0}
    assert balance(shell, "clearing/alipay") == 0
    assert balance(shell, "party/platform/payable") == 0
    assert points(caller) == 500
    assert caller.get("orders/o1")["state"] == "refunded"
    assert {caller.get(f"coupons/{one}")["state"] for one in coupons.values()} == {"issued"}


def tells_the_reports(shell: Shell) -> None:
    told = shell.json("report", "overview")
    assert (told["orders"], told["gmv_fen"], told["refunded_fen"]) == (1, 36_890, 36_890)
