"""One ecosystem, two merchants: who joins at the one spends at the other, and both are settled. New
items for members first, a first order that is one, and what a green order brings. From a fresh
server, over HTTP, with commands beside it, and the audit in the end."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.money_ground import template
from tests.walks.caller import Caller
from tests.walks.serving import Serving
from tests.walks.shell import Shell

from quanyu.clock import HOUR_US, SystemClock, day_number, day_text, format_iso
from quanyu.storage.postgres.embedded import EmbeddedPostgres

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

TEA, BOOKS, STARS = "茶馆", "书店", "platform/stars"
PHONE = "13764021985"
ANN = {"taobao_id": "ann", "phone": PHONE}
NOW_US = SystemClock().now_us()
TODAY = day_number(NOW_US)
SPAN = ("--from", day_text(TODAY - 1), "--to", day_text(TODAY + 1))
TERMS: dict[str, Any] = {
    "points_per_yuan": 1, "fen_per_100_points": 100, "days_until_available": 0,
    "expiry": {"kind": "months", "count": 12},
    "multipliers": [{"flag": "green", "percent": 200}],
    "order_rewards": [{"flag": "no_cutlery", "offer": "red-packet"}],
}  # fmt: skip
PAY_WITH_POINTS: dict[str, Any] = {
    "lane": "points", "funders": {"platform": 100},
    "benefit": {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}},
}  # fmt: skip
FIRST: dict[str, Any] = {
    "lane": "item", "requires": ["first_order"], "benefit": {"amount_off": {"amount": 500}},
}  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data", {"QUANYU_MERCHANT": TEA})
    with EmbeddedPostgres(made.data_dir):
        yield made
    made.destroy()


def test_two_merchants_and_one_programme(shell: Shell, tmp_path: Path) -> None:
    terms = tmp_path / "stars.json"
    terms.write_text(json.dumps(TERMS))
    with Serving(shell) as server:
        keys = {name: key_of(shell, name) for name in (TEA, BOOKS)}
        shell.json("points", "programme", "stars", "--terms", str(terms), "--ecosystem")
        with server.client(keys[TEA]) as tea, server.client(keys[BOOKS]) as books:
            tea_house, book_shop = Caller(tea), Caller(books)
            joins_and_earns(tea_house)
            spends_at_the_other(book_shop)
            is_settled(shell)
            brings_a_part_back(shell, book_shop)
            buys_before_the_others(tea_house)
            is_new_once(tea_house)
            has_spared_the_cutlery(tea_house)
        assert server.stop() == 0
        assert "Traceback" not in server.errors.read_text()
    shell.audited()


def key_of(shell: Shell, merchant: str) -> str:
    return str(shell.json("key", "create", "--merchant", merchant, "--scopes", "admin")["key"])


def form(order: str, price: int, *flags: str, **change: Any) -> dict[str, Any]:
    """One line, at the shop 总店."""
    line = {"line": "1", "shop": "总店", "item": change.pop("item", "cup"), "quantity": 2}
    line |= {"list_price": price // 2, "flags": list(flags)}
    now = format_iso(SystemClock().now_us())
    cart = {"now": now, "lines": [line], "points_to_spend": change.pop("points", 0)}
    said = {"order": order, "identifiers": ANN, "touchpoint": "store", "cart": cart}
    return {**said, "programme": STARS, **change}


def buys(caller: Caller, order: str, price: int, *flags: str, **change: Any) -> int:
    placed = caller.ok("orders", form(order, price, *flags, **change))
    notice = {"amount": placed["payable"], "method": "alipay"}
    assert caller.ok(f"orders/{order}/pay", notice)["state"] == "paid"
    return int(placed["payable"])


def refusal(caller: Caller, body: dict[str, Any]) -> str:
    answer = caller.post("orders", body)
    assert answer.status_code == 409, answer.text
    return str(answer.json()["error"]["code"])


def points(caller: Caller) -> int:
    body = {"programme": STARS, "identifier": f"phone:{PHONE}"}
    return int(caller.ok("points/balance", body)["available"])


def joins_and_earns(tea_house: Caller) -> None:
    """Under the phone number; the order knows her by her account too."""
    tea_house.ok("points/members", {"programme": STARS, "identifier": f"phone:{PHONE}"})
    assert buys(tea_house, "t1", 20_000) == 20_000
    assert points(tea_house) == 200


def spends_at_the_other(book_shop: Caller) -> None:
    """The book shop has never met her; her points are there."""
    book_shop.put("promotions/points", PAY_WITH_POINTS)
    assert points(book_shop) == 200
    assert buys(book_shop, "b1", 10_000, points=150) == 10_000 - 150
    assert points(book_shop) == 50 + 98


def is_settled(shell: Shell) -> None:
    """A yuan of points that was earned at the tea house has been spent at the book shop."""
    assert closing(shell, TEA) == {"总店": 20_000 - 200}
    assert closing(shell, BOOKS) == {"总店": 10_000 - 98}
    everybody = shell.json("settlement", *SPAN, "--all")
    platform = [one for one in everybody["accounts"] if one["account"].startswith("party/platform")]
    assert [one["closing"] for one in platform] == [200 - 150 + 98]
    assert everybody["closing"] == 20_000 + 10_000 - 150, "what buyers have paid"


def closing(shell: Shell, merchant: str) -> dict[str, int]:
    found = shell.json("settlement", *SPAN, "--merchant", merchant)["accounts"]
    return {one["account"].split("/")[2]: one["closing"] for one in found}


def brings_a_part_back(shell: Shell, book_shop: Caller) -> None:
    for unit in (2, 1):
        book_shop.ok("orders/b1/refund", {"units": [{"line": "1", "unit": unit}]})
    assert points(book_shop) == 200
    assert closing(shell, BOOKS) == {"总店": 0}


def buys_before_the_others(tea_house: Caller) -> None:
    release = {
        "item": "spring", "early_for": "member",
        "early_from": format_iso(NOW_US - HOUR_US), "from": format_iso(NOW_US + 24 * HOUR_US),
    }  # fmt: skip
    tea_house.put("releases/spring", release)
    stranger = {"taobao_id": "ben"}
    claims = form("t2", 9_000, item="spring", identifiers=stranger)
    claims["cart"]["eligibility"] = ["member"]
    assert refusal(tea_house, claims) == "members_first"
    assert buys(tea_house, "t2", 9_000, item="spring") == 9_000
    tea_house.put("releases/summer", release | {"item": "summer", "early_from": release["from"],
                  "from": format_iso(NOW_US + 48 * HOUR_US)})  # fmt: skip
    assert refusal(tea_house, form("t3", 9_000, item="summer")) == "not_released_yet"


def is_new_once(tea_house: Caller) -> None:
    """Carl comes with two identifiers, then with each of them; 5.00 off each of two pieces."""
    tea_house.put("promotions/first", FIRST)
    both = {"taobao_id": "carl", "phone": "13911112222"}
    assert tea_house.ok("orders", form("c1", 5_000, identifiers=both))["payable"] == 4_000
    for name, value in both.items():
        body = form("c2", 5_000, identifiers={name: value}, expected_payable=4_000)
        assert refusal(tea_house, body) == "price_changed"
    tea_house.ok("orders/c1/cancel")
    one = {"taobao_id": "carl"}
    assert tea_house.ok("orders", form("c3", 5_000, identifiers=one))["payable"] == 4_000


def has_spared_the_cutlery(tea_house: Caller) -> None:
    """N4: twice the points for green, and a red packet, by the order itself."""
    said = template("red-packet", benefit={"amount_off": {"amount": 300}},
                    terms={"lane": "red_packet"})  # fmt: skip
    tea_house.ok("offers", {"template": said, "actor": "lin"})
    tea_house.ok("offers/red-packet/moves/submit", {"actor": "lin"})
    tea_house.ok("offers/red-packet/moves/approve", {"actor": "wang"})
    before = points(tea_house)
    assert buys(tea_house, "t4", 6_000, "green", "no_cutlery") == 6_000
    assert points(tea_house) == before + 120
    (red,) = tea_house.ok("coupons/find", {"identifier": "taobao_id:ann"})
    assert (red["offer"], red["state"]) == ("red-packet", "issued")
    assert buys(tea_house, "t5", 6_000, coupons=[red["coupon"]]) == 5_700
