"""Commands that put something before customers are enumerated and attacked; the others are known
to show nothing. Then the gate's own commands as a marketer runs them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.free_text import SENTENCE, WORDS
from tests.shown_paths import CAMPAIGN, ITEM, OFFER, STORE
from tests.test_tidy import commands
from tests.unit.content.generation.ground import TEA, document
from tests.unit.content.pieces import marketing, piece, value
from tests.unit.content.shows.plans import LIPSTICK, plan_body
from typer.testing import CliRunner, Result

from quanyu.clock import SystemClock, format_iso
from quanyu.compliance.showing import Unlawful
from quanyu.errors import BadInput
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.output import console

FLASH = {"name": "f1", "price_fen": 990, "pieces": 5, "starts": "2099-06-18T12:00:00+08:00",
         "ends": "2099-06-18T13:00:00+08:00"}  # fmt: skip
TERMS = {"points_per_yuan": 1, "expiry": {"kind": "year_end"}}
RIDE = {"name": "ride", "points": 30, "partner": "rides", "benefit": "ride_coupon", "pieces": 5}
SPRING = {**CAMPAIGN["campaign"], "id": "spring", "creatives": [
    {"id": "c1", "title": "透明手机壳", "text": SENTENCE, "landing": {"item": "i1"}},
]}  # fmt: skip
GIFT = {"id": "g1", "lane": "shop", "benefit": {"gift": {"item": SENTENCE}}}
ATTACKS: dict[str, tuple[list[str], Any]] = {
    "quanyu offer create": (
        ["--template", "FILE", "--actor", "lin"], {**OFFER["template"], "title": SENTENCE}
    ),
    "quanyu promotion put": (["FILE"], [GIFT]),
    "quanyu release put": (
        ["FILE"], [{"id": "r1", "item": SENTENCE, "from": "2099-06-18T12:00:00+08:00"}]
    ),
    "quanyu voucher product": (
        ["FILE"], {"item": SENTENCE, "shop": "s", "face_fen": 200, "valid_days": 9}
    ),
    "quanyu points programme": (["brand", "--terms", "FILE"], {**TERMS, "label": SENTENCE}),
    "quanyu points offer": (["-p", "brand", "--item", "FILE"], {**RIDE, "label": SENTENCE}),
    "quanyu campaign create": (["FILE", "--actor", "lin"], SPRING),
    "quanyu flash create": (["--sale", "FILE"], {**FLASH, "item": SENTENCE}),
}  # fmt: skip
"""Command → its words and the file that holds a sentence nobody may show."""

IMPORTS = {"quanyu item import": {**ITEM, "title": SENTENCE},
           "quanyu store import": {**STORE, "services": [SENTENCE]}}  # fmt: skip
"""They refuse row by row."""

DRAFTS = {"quanyu content add", "quanyu content generate", "quanyu show plan"}
"""What they write is shown by one of MOVES, or by nobody."""

MOVES = {
    "quanyu offer submit", "quanyu offer approve", "quanyu offer resume", "quanyu offer issue",
    "quanyu content submit", "quanyu content approve", "quanyu content publish",
    "quanyu content resume", "quanyu show approve", "quanyu show start",
    "quanyu campaign submit", "quanyu campaign approve", "quanyu campaign resume",
}  # fmt: skip
"""They publish what was written before, and ask the gate again."""

QUIET_GROUPS = (
    "audience", "consent", "events", "evidence", "fraud", "gate", "identity", "import",
    "instalment", "key", "ledger", "licence", "order", "person", "privacy", "report", "coupon",
    "touchpoint",
)  # fmt: skip
"""Groups that write nothing which customers read."""

QUIET = {
    "quanyu campaign budget", "quanyu campaign end", "quanyu campaign fund",
    "quanyu campaign history", "quanyu campaign list", "quanyu campaign pause",
    "quanyu campaign reject", "quanyu campaign show",
    "quanyu campaign spend", "quanyu recommend evaluate", "quanyu recommend fit",
    "quanyu auction", "quanyu audit", "quanyu bench", "quanyu check-copy", "quanyu check-price",
    "quanyu decide", "quanyu decide explain", "quanyu demo",
    "quanyu doctor", "quanyu quote", "quanyu rebuild", "quanyu serve", "quanyu settlement",
    "quanyu version", "quanyu content improve", "quanyu content inspect", "quanyu content list",
    "quanyu content mark", "quanyu content pause", "quanyu content reject",
    "quanyu content shares", "quanyu content show", "quanyu content withdraw",
    "quanyu show archive", "quanyu show board", "quanyu show cancel", "quanyu show checklist",
    "quanyu show close", "quanyu show commission", "quanyu show end", "quanyu show forget-host",
    "quanyu show log", "quanyu show next", "quanyu flash attempt", "quanyu flash close",
    "quanyu flash confirm",
    "quanyu flash release", "quanyu flash show", "quanyu item list", "quanyu item show",
    "quanyu offer breaker reset", "quanyu offer end", "quanyu offer kill", "quanyu offer list",
    "quanyu offer pause", "quanyu offer reject", "quanyu offer show", "quanyu offer stop",
    "quanyu points balance", "quanyu points cancel", "quanyu points earn",
    "quanyu points exchange", "quanyu points freeze", "quanyu points fulfil", "quanyu points join",
    "quanyu points lots", "quanyu points spend", "quanyu points transfer",
    "quanyu promotion list", "quanyu promotion remove", "quanyu release list",
    "quanyu release remove", "quanyu store list", "quanyu store show", "quanyu voucher list",
    "quanyu voucher refund", "quanyu voucher undo", "quanyu voucher use",
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setattr(console, "_width", 200)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def answer(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def test_every_command_is_known_to_show_something_or_nothing() -> None:
    quiet = {one for one in commands() if one.split()[1] in QUIET_GROUPS}
    unknown = commands() - set(ATTACKS) - set(IMPORTS) - DRAFTS - MOVES - QUIET - quiet
    assert not unknown, "say here whether customers read what it writes, and attack it if they do"


def test_no_command_puts_a_forbidden_sentence_before_customers(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text(json.dumps(TERMS))
    answer("points", "programme", "brand", "--terms", str(good))
    good.write_text(json.dumps([ITEM]))
    answer("item", "import", str(good))
    for command, (words, body) in ATTACKS.items():
        file = tmp_path / "bad.json"
        file.write_text(json.dumps(body))
        result = run(*command.split()[1:], *(str(file) if one == "FILE" else one for one in words))
        assert isinstance(result.exception, Unlawful), (command, result.output, result.exception)
        articles = {hit.article for hit in result.exception.verdict.hits}
        assert "《广告法》第九条第（三）项" in articles, command
    for command, row in IMPORTS.items():
        file.write_text(json.dumps([row]))
        told = answer(*command.split()[1:], str(file))
        assert (told["changed"], told["unlawful"]) == (0, 1), command
        articles = {hit["article"] for hit in told["first"][0]["hits"]}
        assert "《广告法》第九条第（三）项" in articles, command


def test_a_draft_with_a_forbidden_sentence_gets_no_further(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    pieces = [piece(value("先把面粉过筛" * 5), marketing(SENTENCE), industry="general")]
    file.write_bytes(msgspec.json.encode(pieces))
    (made,) = answer("content", "add", str(file), "--actor", "lin")["added"]
    starts = format_iso(SystemClock().now_us() // 1_000_000 * 1_000_000)
    slots = [LIPSTICK | {"title": SENTENCE}]
    file.write_text(json.dumps(plan_body(starts=starts, slots=slots, industry="general")))
    (planned,) = answer("show", "plan", str(file), "--actor", "lin")["planned"]
    answer("content", "submit", made["id"], "--actor", "lin")
    for words in (["content", "approve", made["id"]], ["show", "approve", planned["id"]]):
        refused = run(*words, "--actor", "wang")
        assert isinstance(refused.exception, Unlawful), (words, refused.output, refused.exception)
        assert "《广告法》第九条第（三）项" in {
            hit.article for hit in refused.exception.verdict.hits
        }, words


def test_what_is_generated_repeats_no_forbidden_sentence_of_its_brief(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(document(TEA | {"selling_points": [SENTENCE]})))
    told = answer("content", "generate", "creative", "--brief", str(file))
    assert told["made"] == 1
    assert WORDS not in json.dumps(told["pieces"][0]["piece"], ensure_ascii=False)
    assert told["pieces"][0]["changes"], "and the marketer is told what was mended"


def test_a_licence_from_hand_to_check(tmp_path: Path) -> None:
    assert answer("gate", "industry", "food", "--actor", "lin") == {"industry": "food"}
    lacking = answer("licence", "check")
    assert [hit["rule"] for hit in lacking["lacking"]] == ["qualification.food"]
    scan, creative = tmp_path / "scan.pdf", tmp_path / "ad.txt"
    scan.write_bytes(b"%PDF-1.7")
    creative.write_text("本品不能代替药物\n")
    words = ["--kind", "food_business", "--number", "JY13101150000001", "--holder", "茶业公司",
             "--from", "2022-01-01", "--to", "2099-12-31", "--actor", "lin"]  # fmt: skip
    added = answer("licence", "add", *words, "--shop", "一店", "--file", str(scan))
    assert added["id"] == "food_business/JY13101150000001"
    assert len(added["file_sha256"]) == 64
    assert "不覆盖全部门店" in answer("licence", "check")["lacking"][0]["why"]
    answer("licence", "add", *words)
    assert answer("licence", "check") == {"industry": "food", "lacking": [], "due": []}
    (listed,) = answer("licence", "list")["licences"]
    assert (listed["state"], listed["actor"]) == ("valid", "lin")
    assert "食品经营许可证" in run("licence", "list").stdout
    assert "没有缺少的资质" in run("licence", "check").stdout
    gone = ["licence", "withdraw", added["id"], "--actor", "lin", "--reason", "注销"]
    assert answer(*gone) == {"withdrawn": added["id"]}
    assert "缺少的资质" in run("licence", "check").stdout
    assert any(one["name"] == "medical_ad" for one in answer("licence", "kinds")["kinds"])


BAD = [
    (["licence", "add", "--kind", "x", "--number", "1", "--holder", "h", "--from", "2026-01-01",
      "--actor", "l"], "kind"),
    (["licence", "add", "--kind", "school", "--number", "1", "--holder", "h", "--from", "soon",
      "--actor", "l"], "licence.valid_from"),
    (["gate", "industry", "rockets", "--actor", "lin"], "industry"),
    (["gate", "industry", "food"], "actor"),
    (["gate", "override", "qualification.food", "--severity", "pass", "--reason", "r", "--actor",
      "a"], "rule"),
    (["gate", "override", "qualification.food", "--severity", "fine", "--reason", "r", "--actor",
      "a"], "override.severity"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "field"), BAD)
def test_bad_input_names_the_field(words: list[str], field: str) -> None:
    result = run(*words)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.exception.field == field


def test_evidence_and_explanations(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("统计报告")
    words = ["--claim", "全国第一", "--source", "统计局", "--scope", "茶叶", "--actor", "lin"]
    made = answer("evidence", "add", "e1", *words, "--file", str(file), "--region", "全国")
    assert answer("evidence", "list")["evidence"][0]["sha256"] == made["sha256"]
    saved = tmp_path / "saved.txt"
    assert answer("evidence", "show", "e1", "--save", str(saved)) == made
    assert saved.read_text() == "统计报告"
    assert "全国第一" in run("evidence", "list").stdout
    assert answer("evidence", "withdraw", "e1", "--actor", "lin", "--reason", "过期")
    items = tmp_path / "items.json"
    items.write_text(json.dumps([ITEM, {**ITEM, "id": "i2", "title": SENTENCE}]))
    shown = run("item", "import", str(items))
    assert shown.exit_code == 0
    assert "其中违法" in shown.stdout
    assert "没有登记行业" in run("gate", "explain", "item", "i1").stdout
    explained = answer("gate", "explain", "item", "i2")["reviews"]
    assert [one["verdict"] for one in explained] == ["block"]
    assert "没有审查记录" in run("gate", "explain", "item", "none").stdout
    assert [one["id"] for one in answer("item", "list")["items"]] == ["i1"]
    assert "透明手机壳" in run("item", "show", "i1").stdout


def test_overrides_are_listed_and_withdrawn() -> None:
    said = [
        "qualification.education",
        "--severity",
        "pass",
        "--reason",
        "企业内训",
        "--actor",
        "法务",
    ]
    answer("gate", "override", *said)
    assert answer("gate", "overrides")["overrides"][0]["reason"] == "企业内训"
    assert "企业内训" in run("gate", "overrides").stdout
    answer("gate", "withdraw", said[0], "--actor", "法务", "--reason", "办学了")
    assert answer("gate", "overrides") == {"overrides": []}
