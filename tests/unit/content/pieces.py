"""Pieces for tests, with short words for what matters."""

from collections.abc import Mapping
from typing import Any

from quanyu.compliance.gate import marks
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.content.piece import Piece, Segment


def value(text: str = "先把面粉过筛，再分三次加水。", **change: Any) -> Segment:
    return Segment(text, "value", **change)


def marketing(text: str = "同款平底锅在这里。", **change: Any) -> Segment:
    return Segment(text, "marketing", **change)


def piece(*segments: Segment, id: str = "pancakes", **change: Any) -> Piece:
    said = {"kind": "video", "title": "十分钟煎饼", "industry": "food"} | change
    return Piece(id=id, segments=segments or (value(),), **said)


class WordGate:
    """Forbids one word, and asks for the marks that the law asks for; remembers what it saw."""

    def __init__(self, word: str = "国家级") -> None:
        self.word = word
        self.shown: list[Showing] = []

    def check(self, showing: Showing) -> Verdict:
        self.shown.append(showing)
        return Verdict((*self._hits(showing.texts), *marks(showing).hits))

    def _hits(self, texts: Mapping[str, str]) -> list[Hit]:
        return [
            Hit(
                rule="absolute", article="《广告法》第九条第（三）项", severity=Severity.BLOCK,
                why="绝对化用语", suggestion="改成可以证明的说法", field=field, text=self.word,
                start=text.index(self.word), end=text.index(self.word) + len(self.word),
            )
            for field, text in texts.items() if self.word in text
        ]  # fmt: skip
