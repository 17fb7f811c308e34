"""What the gate is shown of a piece, and the limits of the ecosystem beside the law."""

from datetime import date
from typing import Any

import pytest
from tests.unit.content.pieces import WordGate, marketing, piece, value

from quanyu.compliance.policy import Policy
from quanyu.compliance.verdict import Severity, Verdict
from quanyu.content.checking import checked_piece
from quanyu.content.library.reviewing import review, showing_of
from quanyu.content.marking.words import says_generated
from quanyu.content.piece import Piece
from quanyu.errors import BadInput

DAY = date(2026, 3, 10)
RECORD = {"Label": "1", "ContentProducer": "demo", "ProduceID": "p1"}


def reviewed(one: Piece, policy: Policy | None = None) -> Verdict:
    return review(one, "面馆", gate=WordGate(), policy=policy or Policy(), on=DAY)


def rules(verdict: Verdict) -> list[str]:
    return [hit.rule for hit in verdict.hits]


def test_every_text_is_shown_with_its_place() -> None:
    one = piece(value("一"), value("", seconds=3), marketing("三"))
    shown = showing_of(one, "面馆", on=DAY)
    assert shown.texts == {
        "title": "十分钟煎饼", "segments[0].text": "一", "segments[2].text": "三",
    }  # fmt: skip
    assert (shown.kind, shown.industry, shown.merchant) == ("video", "food", "面馆")
    assert not shown.advertises
    assert not shown.generated


def test_a_link_makes_it_an_ad() -> None:
    shown = showing_of(piece(value(stores=("s1",)), marked_as_ad=True), "面馆", on=DAY)
    assert shown.advertises
    assert shown.marked_as_ad


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("本内容由 AI 生成", True),
        ("（人工智能生成）", True),
        ("AI合成声音", True),
        ("人工 智能 生成", True),
        ("ＡＩ辅助生成", True),
        ("本文由ai生成", True),
        ("茶" * 200 + "AI生成" + "茶" * 200, True),
        ("本文并非AI生成", False),
        ("不含人工智能生成内容", False),
        ("未经AI合成", False),
        ("非 AI 生成", False),
        ("并非AI生成？其实是AI生成", True),
        ("智能锅铲", False),
        ("A I", False),
    ],
)
def test_what_a_reader_can_see_of_a_machine(text: str, marked: bool) -> None:
    assert says_generated(text) is marked
    shown = showing_of(piece(value(text), generated=RECORD), "面馆", on=DAY)
    assert (shown.generated, shown.marked_as_generated) == (True, marked)


def test_the_law_speaks_of_the_field() -> None:
    verdict = reviewed(piece(value("好"), value("国家级品质")))
    (hit,) = verdict.hits
    assert (hit.field, hit.start, hit.end) == ("segments[1].text", 0, 3)
    assert verdict.verdict is Severity.BLOCK


class TestAdMark:
    def test_what_sells_and_is_not_marked_may_not_be_shown(self) -> None:
        verdict = reviewed(piece(value("好" * 90), value("锅", items=("pan",))))
        assert rules(verdict) == ["mark.ad"]
        assert verdict.verdict is Severity.LABEL
        assert not verdict.may_be_shown
        assert "第十四条" in verdict.hits[0].article

    def test_marked_it_may(self) -> None:
        one = piece(value("锅", items=("pan",)), marked_as_ad=True)
        assert reviewed(one).may_be_shown

    def test_what_sells_nothing_needs_no_mark(self) -> None:
        assert reviewed(piece()).hits == ()


class TestShare:
    @pytest.mark.parametrize(("seconds", "passes"), [(300, True), (301, False)])
    def test_thirty_percent(self, seconds: int, passes: bool) -> None:
        one = piece(value(seconds=1000 - seconds), marketing(seconds=seconds))
        assert reviewed(one).may_be_shown is passes

    def test_it_says_how_much_and_what_to_do(self) -> None:
        (hit,) = reviewed(piece(value("好"), marketing("买买"))).hits
        assert hit.severity is Severity.BLOCK
        assert hit.why == "营销部分占 66.7%，超过上限 30.0%"
        assert hit.article == "生态规则内容营销占比", "policy, and it does not pretend to be law"

    def test_an_operator_sets_another_limit(self) -> None:
        one = piece(value(seconds=50), marketing(seconds=50))
        assert not reviewed(one).may_be_shown
        assert reviewed(one, Policy(content_value_permille_min=500)).may_be_shown
        assert reviewed(piece(marketing()), Policy(content_value_permille_min=0)).may_be_shown

    def test_a_creative_is_all_marketing(self) -> None:
        assert reviewed(piece(marketing("春茶上新"), kind="creative")).may_be_shown

    def test_a_show_has_a_tenth_of_its_air_time(self) -> None:
        for seconds, passes in ((10, True), (11, False)):
            one = piece(value(seconds=100 - seconds), marketing(seconds=seconds), kind="show")
            assert reviewed(one).may_be_shown is passes


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"industry": "foods"}, "piece.industry"),
        ({"title": "\ud83c"}, "piece"),
        ({"title": "a\x00b"}, "piece"),
        ({"segments": (value(" \n"),)}, "piece.segments"),
        ({"arm_of": "pancakes"}, "piece.arm_of"),
    ],
)
def test_what_no_single_field_shows(change: dict[str, Any], field: str) -> None:
    said = {"kind": "video", "title": "煎饼", "industry": "food", "segments": (value(),)} | change
    with pytest.raises(BadInput) as caught:
        checked_piece(Piece(id="pancakes", **said))
    assert caught.value.field == field


def test_a_silent_picture_is_a_piece() -> None:
    assert checked_piece(piece(value("", seconds=5)))
