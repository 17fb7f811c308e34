"""Texts that are fixed by us pass the gate here once, for they do not pass it at run time: what
customers, buyers and marketers read of quotes, refusals, labels, bills, shows and commands."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.gates import showing

from quanyu.compliance.gate import Record, judged
from quanyu.compliance.industries import UNKNOWN
from quanyu.compliance.verdict import Severity
from quanyu.interfaces import refusals

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "quanyu"
ON = date(2026, 11, 22)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HOLE = "某"
"""Stands where a text is filled in."""
ABOUT_WORDS = (
    "compliance", "content/improvement", "content/generation/passages.py",
    "content/generation/fitting.py", "content/library/reviewing.py", "events/scrub.py",
    "simulator", "storage/language_model",
)  # fmt: skip
"""Rules, patterns and instructions: they name the words that are sought, and are shown to nobody
but who asks for a review."""
REVIEWED = {
    "刷单": "names the offence in reports for operators; we offer nothing of the kind",
    "最后一次": "names a check of live shows and the last trade of a price; promises nothing",
    "复购率": "head of a column in the merchant's own report",
    "热销": "name of a report",
    "试用": "a trial of a function of this engine, which merchants read",
    "quanyu": "the name of the program, which sounds like 痊愈",
}
"""Word → why it may stand though the gate stops it, after a person has looked."""
MILD = (Severity.PASS, Severity.WARN)
PARAGRAPHS = ("README.zh-CN.md",)


class Text(NamedTuple):
    place: str
    text: str


def strings_of(path: Path) -> Iterator[Text]:
    """Chinese constants and f-strings, no docstrings."""
    tree = ast.parse(path.read_text())
    said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    parts = {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(one.value) if isinstance(one, ast.Constant) else HOLE for one in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if id(node) in said | parts else node.value
        if CHINESE.search(text):
            yield Text(f"{path.relative_to(ROOT)}:{node.lineno}", text)  # type: ignore[attr-defined]


def written_in_code() -> list[Text]:
    modules = [
        path for path in sorted(SOURCE.rglob("*.py"))
        if not str(path.relative_to(SOURCE)).startswith(ABOUT_WORDS)
    ]  # fmt: skip
    return [one for path in modules for one in strings_of(path)]


def mends() -> list[Text]:
    """By reason, as they stand beside a refusal."""
    tables = {
        name: value for name, value in vars(refusals).items()
        if isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    }  # fmt: skip
    return [
        Text(f"{name}[{key}]", text)
        for name, table in tables.items() for key, text in table.items() if text
    ]  # fmt: skip


def traces() -> list[Text]:
    """What quotes say of each offer."""
    folder = SOURCE / "promotions" / "pricing"
    found = []
    for path in (folder / "telling.py", folder / "tracing.py"):
        found += [
            Text(f"{path.name}:{node.lineno}", node.value)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
        ]
    return found


def paragraphs() -> list[Text]:
    return [
        Text(f"{name}:{number}", line)
        for name in PARAGRAPHS
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1)
        if CHINESE.search(line)
    ]


def stopped(texts: list[Text], industry: str) -> list[tuple[Text, str]]:
    """By the strictest rules of all industries, or by those for everybody."""
    found = []
    for one in texts:
        verdict = judged(
            showing(industry=industry, on=ON, kind="page", texts={"text": one.text}), Record()
        )
        words = {hit.text.lower() for hit in verdict.hits if hit.counts_as not in MILD}
        if not verdict.may_be_shown and not words <= REVIEWED.keys():
            found.append((one, "、".join(sorted(words - REVIEWED.keys()))))
    return found


COLLECTED = {"code": written_in_code, "mends": mends, "traces": traces, "readme": paragraphs}
LEAST = {"code": 500, "mends": 60, "traces": 20, "readme": 10}
"""A collector that finds nothing would let everything pass."""


@pytest.mark.parametrize("industry", ["general", UNKNOWN])
@pytest.mark.parametrize("where", COLLECTED)
def test_what_we_say_ourselves_is_lawful(where: str, industry: str) -> None:
    texts = COLLECTED[where]()
    assert len(texts) >= LEAST[where], "they are found where they are defined"
    assert stopped(texts, industry) == []


def test_what_was_reviewed_still_stands_there() -> None:
    everything = "".join(one.text for collect in COLLECTED.values() for one in collect()).lower()
    assert [word for word in REVIEWED if word not in everything] == []


@pytest.mark.parametrize("bad", ["全网最低价", "保证治愈失眠", "国家级品质"])
def test_a_bad_text_among_them_would_be_found(bad: str) -> None:
    texts = [Text("here", "满100减20"), Text("there", bad)]
    assert [one.text for one, _ in stopped(texts, UNKNOWN)] == [bad]


def test_a_hole_does_not_hide_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    module = tmp_path / "module.py"
    module.write_text('"""最佳"""\nx = f"{a}最佳{b}"\ny = "最低价"\nz = "plain"\n')
    assert list(strings_of(module)) == [
        ("module.py:2", f"{HOLE}最佳{HOLE}"), ("module.py:3", "最低价"),
    ]  # fmt: skip
