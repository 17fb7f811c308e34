"""A tea house in its first week over a real server: industry, licence, items, a claim without and
with evidence, an offer that is refused and mended, a licence that runs out, and why."""

import base64
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.money_ground import template
from tests.walks.caller import Caller
from tests.walks.serving import Serving
from tests.walks.shell import Shell

from quanyu.clock import SystemClock, china_day, format_iso

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

TODAY = china_day(SystemClock().now_us())
LICENCE = {
    "kind": "food_business", "number": "JY13101150000001", "holder": "清和茶馆有限公司",
    "valid_from": "2024-01-01",
}  # fmt: skip
TEA: dict[str, Any] = {
    "shop": "总店", "title": "清香乌龙茶礼盒", "price_fen": 9_900, "state": "on_sale",
    "category": ["茶"], "description": "独立小袋，方便携带",
}  # fmt: skip
CLAIM = {**TEA, "title": "2025年全国茶叶零售额第一"}
REPORT = b"%PDF-1.7 retail sales of tea"
PROMOTION = {"lane": "shop", "benefit": {"amount_off": {"amount": 1_000, "threshold": 9_900}}}
LINE = {"line": "1", "shop": "总店", "item": "oolong", "list_price": 9_900, "quantity": 1}
CART = {"now": format_iso(SystemClock().now_us()), "lines": [LINE]}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data", {"QUANYU_MERCHANT": "清和茶馆"})
    yield made
    made.destroy()


def test_the_first_week_of_a_tea_house(shell: Shell, tmp_path: Path) -> None:
    with Serving(shell) as server:
        key = shell.json("key", "create", "--scopes", "admin")["key"]
        with server.client(key) as client:
            caller = Caller(client)
            opens(caller, client)
            makes_a_claim(caller, client)
            mends_an_offer(caller)
            sells(caller)
            loses_its_licence(shell, caller)
            renews_it(shell, caller)
            tells_why(shell, caller)
        assert server.stop() == 0
        assert "Traceback" not in server.errors.read_text()
    asks_for_the_law_of_another_day(shell, tmp_path)
    shell.audited()


def refused(answer: httpx.Response) -> Any:
    assert answer.status_code == 422, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == "unlawful"
    return error


def licensed(caller: Caller, valid_to: date) -> Any:
    said = {**LICENCE, "valid_to": valid_to.isoformat()}
    return caller.ok("licences", {"actor": "lin", "licence": said})


def opens(caller: Caller, client: httpx.Client) -> None:
    """Monday: nothing is for sale before the licence is on record."""
    caller.put("industry", {"industry": "catering", "actor": "lin"})
    no = refused(client.put("/v1/items/oolong", json=TEA))
    assert "《食品安全法》第三十五条" in no["mend"]
    licensed(caller, TODAY + timedelta(days=20))
    assert caller.put("items/oolong", TEA)["state"] == "on_sale"
    (due,) = caller.get("licences/due")
    assert (due["state"], due["days_left"]) == ("expiring", 20)


def makes_a_claim(caller: Caller, client: httpx.Client) -> None:
    """Tuesday: first in the country is said with its proof, or not at all."""
    no = refused(client.put("/v1/items/oolong", json=CLAIM))
    assert no["verdict"]["verdict"] == "need_proof"
    assert caller.get("items/oolong")["title"] == TEA["title"], "what stood there stands"
    evidence = {
        "id": "sales-2025", "claim": "全国茶叶零售额第一", "source": "国家统计局",
        "scope": "茶叶零售额", "region": "全国", "period_from": "2025-01-01",
        "period_to": "2025-12-31", "file_name": "sales.pdf",
    }  # fmt: skip
    file = base64.b64encode(REPORT).decode()
    caller.ok("evidence", {"actor": "lin", "evidence": evidence, "file": file})
    caller.put("items/oolong", CLAIM)
    gone = {"id": "sales-2025", "actor": "lin", "reason": "口径有误"}
    caller.ok("evidence/withdraw", gone)
    assert caller.ok("gate/recheck") == [{"kind": "item", "id": "oolong"}]
    assert caller.get("items/oolong")["state"] == "off"
    caller.put("items/oolong", TEA)
    assert caller.get("items/oolong")["state"] == "off", "until a person resumes it"
    back = caller.ok("gate/withheld/resume", {"actor": "lin", "kind": "item", "id": "oolong"})
    assert back["resumed"] == [{"kind": "item", "id": "oolong"}]
    assert caller.get("items/oolong")["state"] == "on_sale"


def mends_an_offer(caller: Caller) -> None:
    """Wednesday: an offer that cannot be proven is refused with the words that are wrong."""
    said = {**template("t1"), "title": "全网最低价，国家级品质"}
    no = refused(caller.post("offers", {"template": said, "actor": "lin"}))
    assert no["field"] == "template.title"
    assert {"全网最低价", "国家级"} <= {hit["text"] for hit in no["verdict"]["hits"]}
    mended = {**said, "title": "满减券"}
    caller.ok("offers", {"template": mended, "actor": "lin"})
    caller.ok("offers/t1/moves/submit", {"actor": "lin"})
    assert caller.ok("offers/t1/moves/approve", {"actor": "wang"})["state"] == "active"


def sells(caller: Caller) -> None:
    """Thursday: a promotion for everybody."""
    caller.put("promotions/p1", PROMOTION)
    assert payable(caller) == 8_900


def payable(caller: Caller) -> int:
    found: int = caller.ok("quote", {"cart": CART})["payable"]
    return found


def loses_its_licence(shell: Shell, caller: Caller) -> None:
    """Friday: the authority has shortened it."""
    licensed(caller, TODAY - timedelta(days=1))
    gone = {(one["kind"], one["id"]) for one in caller.ok("gate/recheck")}
    assert gone == {("offer", "t1"), ("item", "oolong"), ("promotion", "p1")}
    assert caller.get("offers/t1")["state"] == "paused"
    assert payable(caller) == 9_900
    told = caller.get("gate/withheld")
    assert {one["article"] for one in told} == {"《食品安全法》第三十五条、第六十二条"}
    assert "停止展示" in shell.says("gate", "withheld")
    refused(caller.post("offers/t1/moves/resume", {"actor": "lin"}))
    refused(caller.post("gate/withheld/resume", {"actor": "lin", "kind": "item", "id": "oolong"}))
    assert "《食品安全法》" in shell.refuses("gate", "resume", "item", "oolong", "--actor", "lin")


def renews_it(shell: Shell, caller: Caller) -> None:
    """Saturday: with the new licence a person shows everything again."""
    licensed(caller, TODAY + timedelta(days=1_800))
    assert caller.ok("gate/recheck") == []
    assert payable(caller) == 9_900, "nothing comes back by itself"
    done = shell.json("gate", "resume", "--actor", "lin")
    assert done["refused"] == []
    assert {one["id"] for one in done["resumed"]} == {"oolong", "p1"}
    caller.ok("offers/t1/moves/resume", {"actor": "lin"})
    assert payable(caller) == 8_900
    history = shell.json("gate", "withheld", "item", "oolong")["withheld"]
    assert [one["what"] for one in history] == ["withheld", "resumed", "withheld", "resumed"]
    assert shell.json("gate", "withheld") == {"withheld": []}


def tells_why(shell: Shell, caller: Caller) -> None:
    """Sunday: every decision of the week with the law of its day."""
    reviews = caller.get("gate/reviews/item/oolong")
    said = [one["verdict"] for one in reversed(reviews)]
    assert (said[0], said[-1]) == ("block", "pass"), "without the licence, and with the new one"
    assert "need_proof" in said
    assert {one["on"] for one in reviews} == {TODAY.isoformat()}
    assert {one["industry"] for one in reviews} == {"catering"}
    first = reviews[-1]["hits"][0]
    assert first["article"].startswith("《食品安全法》第三十五条")
    same = shell.json("gate", "explain", "item", "oolong")["reviews"]
    assert same == reviews


def asks_for_the_law_of_another_day(shell: Shell, tmp_path: Path) -> None:
    """What was said on 9 April 2026 is judged by the rules that were in force then."""
    text = tmp_path / "ad.txt"
    text.write_text("保价双11")
    found = {}
    for day in ("2026-04-09", "2026-04-10"):
        words = ("check-copy", "--industry", "catering", "--on", day, "--json")
        found[day] = json.loads(shell.says(*words, stdin=text.read_text()))
    rules = {day: {hit["rule"] for hit in one["hits"]} for day, one in found.items()}
    assert "price.match" not in rules["2026-04-09"]
    assert "price.match" in rules["2026-04-10"]
