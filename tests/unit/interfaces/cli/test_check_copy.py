"""``quanyu check-copy``: a text from standard input, for programs and for marketers."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from quanyu.compliance.copy.claims import sha256_of
from quanyu.errors import BadInput
from quanyu.interfaces.cli.main import app

DAY = ("--on", "2026-11-22")
FIRST = "2025年全国化妆品零售额第一"


def run(text: str | bytes, *words: str, industry: str = "cosmetics") -> Result:
    return CliRunner().invoke(app, ["check-copy", "--industry", industry, *words], input=text)


def told(text: str | bytes, *words: str, industry: str = "cosmetics") -> dict[str, Any]:
    result = run(text, *DAY, *words, "--json", industry=industry)
    assert result.exit_code == 0, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(text: str | bytes, *words: str, industry: str = "cosmetics") -> str:
    result = run(text, *words, industry=industry)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == ""
    return str(result.exception)


def test_one_document_with_spans_of_the_text() -> None:
    found = told("全网最低价，国家级品质\n")
    assert found["verdict"] == "block"
    assert [(hit["start"], hit["end"], hit["text"]) for hit in found["hits"]] == [
        (0, 5, "全网最低价"),
        (6, 9, "国家级"),
    ]
    names = ("rule", "article", "severity", "why", "suggestion", "exempt")
    assert all(set(names) <= set(hit) for hit in found["hits"])


def test_a_byte_order_mark_of_the_file_is_no_hidden_character() -> None:
    assert told("\ufeff普通的面霜".encode()) == {"verdict": "pass", "hits": []}


def test_for_people_the_text_and_a_table() -> None:
    result = run("最佳手感，最佳使用温度20℃", *DAY)
    assert result.exit_code == 0
    for said in ("最佳手感", "结论：不得展示", "依据", "怎么改", "《广告法》", "豁免"):
        assert said in result.stdout
    assert "结论：通过" in run("普通的面霜", *DAY).stdout


def test_without_a_day_the_law_of_today_holds() -> None:
    assert json.loads(run("国家级", "--json").stdout)["verdict"] == "block"


def test_markup_in_a_text_is_text() -> None:
    assert "[red]最佳[/red]" in run("[red]最佳[/red]", *DAY).stdout


def test_what_a_terminal_would_obey_or_hide_is_shown() -> None:
    result = run("\x1b[2J国\u200b家级\u202e", *DAY)
    assert "▯[2J国▯家级▯" in result.stdout
    assert not set("\x1b\u200b\u202e") & set(result.stdout)


@pytest.mark.parametrize(
    ("text", "words", "industry", "mend"),
    [
        ("好", ("--on", "2026-13-01"), "food", "--on: '2026-13-01' is not a day"),
        ("好", ("--on", "2001-01-01"), "food", "on: the rules known begin on"),
        ("好", DAY, "shoes", "industry: 'shoes' is not one of"),
        (b"\xff\xfe", DAY, "food", "TEXT: send UTF-8: byte 0"),
        ("好", (*DAY, "--evidence", "no.json"), "food", "--evidence: cannot be read"),
        ("好" * ((1 << 20) + 1), DAY, "food", "text: review at most"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    text: str | bytes, words: tuple[str, ...], industry: str, mend: str
) -> None:
    assert mend in refused(text, *words, industry=industry)


def evidence(folder: Path, **change: Any) -> str:
    (folder / "report.pdf").write_bytes(b"report")
    claim = {
        "text": FIRST, "source": "某研究院", "file": "report.pdf", "sha256": sha256_of(b"report"),
        "scope": "化妆品", "region": "全国", "period_from": "2025-01-01", "period_to": "2025-12-31",
        **change,
    }  # fmt: skip
    (folder / "claims.json").write_text(json.dumps([claim]))
    return str(folder / "claims.json")


def test_evidence_lies_beside_its_list_and_is_hashed(tmp_path: Path) -> None:
    assert told(FIRST)["verdict"] == "need_proof"
    assert told(FIRST, "--evidence", evidence(tmp_path))["verdict"] == "pass"
    path = evidence(tmp_path)
    (tmp_path / "report.pdf").write_bytes(b"another report")
    assert "SHA-256" in told(FIRST, "--evidence", path)["hits"][0]["why"]
    (tmp_path / "report.pdf").unlink()
    assert "不存在" in told(FIRST, "--evidence", path)["hits"][0]["why"]


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        ({"file": "../report.pdf"}, "does not lie beside the list"),
        ({"file": "/etc/hostname"}, "does not lie beside the list"),
        ({"found_sha256": "00"}, r"evidence[0].found_sha256: leave it out"),
        ({"size": 3}, "evidence[0].size"),
        ({"period_to": "tomorrow"}, "evidence[0].period_to"),
    ],
)
def test_evidence_out_of_place_is_refused(
    tmp_path: Path, change: dict[str, Any], mend: str
) -> None:
    assert mend in refused(FIRST, *DAY, "--evidence", evidence(tmp_path, **change))
