"""``quanyu content`` and ``quanyu show`` as a marketer runs them, on a real database."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.orders_ground import order_form
from tests.unit.content.pieces import marketing, piece, value
from tests.unit.content.shows.plans import HOST, LIPSTICK, SERUM, plan_body
from typer.testing import CliRunner, Result

from quanyu.clock import SystemClock, day_number, day_text, format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.show import happening_of


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def says(*words: str, stdin: str = "") -> str:
    result = run(*words, stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def answer(*words: str, stdin: str = "") -> Any:
    return msgspec.json.decode(says(*words, "--json", stdin=stdin))


def test_a_piece_from_its_draft_to_people() -> None:
    segments = (value("先把面粉过筛，再分三次加水" * 3), marketing("锅在这里", items=("pan",)))
    body = msgspec.json.encode([piece(*segments, industry="general")]).decode()
    shown = says("content", "add", "-", "--actor", "lin", stdin=body)
    assert all(word in shown for word in ("pancakes", "短视频", "草稿"))
    assert "未标“广告”" in says("content", "shares", "pancakes")
    says("content", "submit", "pancakes", "--actor", "lin")
    refused = run("content", "approve", "pancakes", "--actor", "wang")
    assert isinstance(refused.exception, BadInput)
    assert "--mark-ad" in str(refused.exception)
    (made,) = answer("content", "add", "-", "--actor", "lin", "--mark-ad", stdin=body)["added"]
    assert made["version"] == 2
    for verb in ("submit", "approve", "publish"):
        state = answer("content", verb, "pancakes", "--actor", "wang")["state"]
    assert state == "published"
    told = answer("content", "show", "pancakes")
    assert [one["verb"] for one in told["history"]][-3:] == ["submit", "approve", "publish"]
    assert "已发布" in says("content", "list", "--kind", "video", "--state", "published")
    assert "链接" in says("content", "show", "pancakes")


def test_an_evening_at_the_terminal() -> None:
    starts = format_iso(SystemClock().now_us() // 1_000_000 * 1_000_000)
    slots = [SERUM | {"offers": [], "coupons": [], "price_fen": 20_000}, LIPSTICK]
    body = json.dumps(plan_body(starts=starts, slots=slots, industry="general"))
    assert "已排期 1 场" in says("show", "plan", "-", "--actor", "lin", stdin=body)
    assert answer("show", "next", "--days", "1")["shows"][0]["id"] == "evening"
    assert "✓ 主播资质" in says("show", "checklist", "evening")
    assert "已审核" in says("show", "approve", "evening", "--actor", "wang")
    assert "直播中" in says("show", "start", "evening", "--actor", "wang")
    assert answer("show", "log", "evening", "slot", "s1")["violations"] == []
    assert "违规" in says("show", "log", "evening", "stock", "serum=3")
    order = order_form(touchpoint="taobao.live", show="evening")
    order["cart"] = {
        "now": starts,
        "lines": [
            {"line": "L1", "shop": "A", "item": "serum", "quantity": 1, "list_price": 20_000}
        ],
    }
    placed = answer("order", "place", "-", stdin=json.dumps(order))
    says("order", "pay", "o1", "--amount", str(placed["payable"]), "--method", "alipay")
    board = says("show", "board", "evening")
    assert all(word in board for word in ("成交额 ¥200.00", "精华液", "█"))
    says("show", "end", "evening", "--actor", "wang")
    shown = says("show", "commission", "evening")
    assert all(words in shown for words in ("应付 ¥40.00", "归档时入账"))
    replay = f"oss://replay={'a' * 64}"
    closed = answer("show", "close", "evening", "--actor", "wang", "--recording", replay)
    assert (closed["state"], closed["violations"]) == ("archived", [])
    assert "链条完整" in says("show", "archive", "evening")
    assert "已入账 ¥40.00" in says("show", "commission", "evening")
    day = day_text(day_number(SystemClock().now_us()))
    owed = says("settlement", "--from", day, "--to", day)
    assert all(words in owed for words in ("主播 lin", "直播佣金", "¥40.00", "合计 ¥200.00"))
    says("order", "refund", "o1", "--unit", "L1:1")
    assert "已入账 ¥0.00" in says("show", "commission", "evening")
    audited = says("audit")
    assert all(f"✓ shows: {words}" in audited for words in ("archives", "hosts are owed"))


def test_another_note_under_one_key_is_another_request() -> None:
    body = msgspec.json.encode([piece(value("先把面粉过筛" * 3), industry="general")]).decode()
    says("content", "add", "-", "--actor", "lin", stdin=body)
    sent = ("content", "submit", "pancakes", "--actor", "lin", "--key", "k")
    assert says(*sent) == says(*sent)
    refused = run(*sent, "--note", "改主意了").exception
    assert "key_used_for_another_request" in repr(refused) or "key" in str(refused)


def test_bad_input_says_what_to_do() -> None:
    table: list[tuple[tuple[str, ...], str, type[Exception], str]] = [
        (("content", "add", "-", "--actor", "lin"), '{"id": "x"}', BadInput, "pieces[0]"),
        (("content", "list", "--kind", "film"), "", BadInput, "--kind"),
        (("content", "show", "none"), "", NotFound, "content list"),
        (("show", "plan", "-", "--actor", "lin"), "{}", BadInput, "show"),
        (("show", "next", "--days", "0"), "", BadInput, "days"),
        (("show", "log", "evening", "gift", "x"), "", BadInput, "KIND"),
        (("show", "log", "evening", "stock", "serum"), "", BadInput, "body"),
        (("show", "board", "evening"), "", NotFound, "show next"),
    ]
    for words, stdin, kind, field in table:
        refused = run(*words, stdin=stdin).exception
        assert isinstance(refused, kind), words
        assert field in str(refused)
    young = json.dumps(plan_body(hosts=[HOST | {"share_bp": 1}]))
    assert "share_bp" in str(run("show", "plan", "-", "--actor", "lin", stdin=young).exception)


@pytest.mark.parametrize(
    ("kind", "what", "body"),
    [
        ("slot", "s1", {"kind": "slot", "slot": "s1"}),
        ("label", "off", {"kind": "label", "on": False}),
        ("stock", "a=b=3", {"kind": "stock", "item": "a=b", "pieces": 3}),
        ("recording", "https://x?y=1=ab", {"kind": "recording", "uri": "https://x?y=1",
                                           "sha256": "ab"}),
        ("note", "x=y", {"kind": "note", "text": "x=y"}),
    ],
)  # fmt: skip
def test_how_a_happening_is_said(kind: str, what: str, body: dict[str, Any]) -> None:
    assert happening_of(kind, what) == body
