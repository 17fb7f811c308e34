"""Briefs for tests, a gate that forbids words, and writers that hand over what they are told to."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.content.generation.brief import Brief
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.ports import Task, Unwritten

EXAMPLES = Path(__file__).parents[4] / "examples" / "briefs"
DAY = "2026-11-22"
KINDS = ("show-script", "video-script", "creative", "article")
TEA: dict[str, Any] = {
    "id": "tea",
    "title": "高山乌龙茶",
    "price_fen": 8800,
    "facts": {"净含量": "125克", "产地": "福建安溪", "贮存方法": "密封避光"},
    "selling_points": ["小罐分装", "罐口有内盖"],
    "how_to": ["温杯", "投茶五克", "注水等半分钟"],
}


def document(*items: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {"industry": "food", "on": DAY, "items": list(items) or [TEA]} | change


def brief(*items: dict[str, Any], **change: Any) -> Brief:
    return msgspec.convert(document(*items, **change), Brief).checked()


def example(name: str) -> Brief:
    found = json.loads((EXAMPLES / f"{name}.json").read_text())
    return msgspec.convert(found, Brief).checked()


def task(kind: str = "article", seed: int = 0, **change: Any) -> Task:
    made = change.pop("brief", None) or brief()
    return Task(kind=kind, brief=made, seed=seed, **change)  # type: ignore[arg-type]


def forbids(*words: str, severity: Severity = Severity.BLOCK) -> Any:
    """A review that finds these words, as the real one would."""

    def review(text: str) -> Verdict:
        return Verdict(tuple(hit_of(word, text, severity) for word in words if word in text))

    return review


def hit_of(word: str, text: str, severity: Severity = Severity.BLOCK) -> Hit:
    start = text.index(word)
    return Hit(
        rule=f"no.{word}", article="《广告法》第九条", severity=severity, why="不得使用",
        suggestion="删去", start=start, end=start + len(word), text=word,
    )  # fmt: skip


def lawful(text: str) -> Verdict:
    return Verdict()


def draft(*texts: str, kind: str = "article", title: str = "说说乌龙茶") -> Draft:
    """An article of advice, long enough for its short call."""
    parts = [Part("tip", text) for text in texts or ("泡茶先温杯，水温看茶的老嫩，慢慢来。",)]
    return Draft(kind, title, (*parts, Part("call", "看看", items=("tea",))))  # type: ignore[arg-type]


@dataclass
class Scripted:
    """Hands over these drafts in turn; None stands for a draft that cannot be used."""

    drafts: Iterable[Draft | None]
    tasks: list[Task] = field(default_factory=list)
    name: str = "scripted"

    def __post_init__(self) -> None:
        self._left = iter(self.drafts)

    def write(self, task: Task) -> Draft:
        self.tasks.append(task)
        made = next(self._left)
        if made is None:
            raise Unwritten("不是要求的 JSON")
        return made


HAN = st.text(alphabet=[chr(code) for code in range(0x7532, 0x7596)], min_size=2, max_size=8)
"""Han characters that no phrase and no rule of law has."""
FEN = st.integers(min_value=1, max_value=999_999)


@st.composite
def items(draw: st.DrawFn, number: int) -> dict[str, Any]:
    price = draw(FEN)
    made: dict[str, Any] = {
        "id": f"item-{number}",
        "title": draw(HAN),
        "price_fen": price,
        "facts": draw(st.dictionaries(HAN, HAN, min_size=1, max_size=5)),
        "selling_points": draw(st.lists(HAN, max_size=4)),
        "how_to": draw(st.lists(HAN, max_size=4)),
        "pains": draw(st.lists(HAN, max_size=2)),
    }
    if draw(st.booleans()):
        made |= {"reference_fen": price + draw(FEN), "reference_basis": draw(HAN)}
    return made


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    count = draw(st.integers(1, 3))
    change: dict[str, Any] = {
        "industry": draw(st.sampled_from(["food", "cosmetics", "catering", "apparel", "travel"])),
        "tone": draw(st.sampled_from(["plain", "warm", "lively"])),
        "minutes": draw(st.integers(3 * count, 30)),
        "seconds": draw(st.integers(30, 180)),
        "characters": draw(st.integers(300, 2_000)),
        "offers": [{"text": text} for text in draw(st.lists(HAN, max_size=2))],
    }
    if draw(st.booleans()):
        change["audience"] = draw(HAN)
    if draw(st.booleans()):
        change["store"] = {"id": "store-1", "name": draw(HAN)}
    return brief(*(draw(items(number)) for number in range(count)), **change)
