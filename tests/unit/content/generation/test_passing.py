"""The gate loop: what happens to a draft, round by round."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import (
    TEA,
    Scripted,
    brief,
    draft,
    forbids,
    hit_of,
    lawful,
    task,
)

from quanyu.compliance.verdict import Severity, Verdict
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.mending import lawful_brief, reworded, without_sentences
from quanyu.content.generation.passing import GateLoop, Outcome, must_mark
from quanyu.content.generation.ports import WriterUnavailable
from quanyu.content.generation.template import TemplateWriter

GOOD = draft()
ADVICE = "泡茶先温杯，水温看茶的老嫩，慢慢来。"


def outcome(*drafts: Draft | None, review: Any = lawful, **change: Any) -> tuple[Outcome, Scripted]:
    writer = Scripted(drafts)
    return GateLoop(writer, review).outcome(task(**change)), writer


def test_a_lawful_draft_passes_in_one_round() -> None:
    found, _ = outcome(GOOD)
    assert (found.draft, found.rounds, found.changes, found.reasons) == (GOOD, 1, (), ())


def test_a_word_with_another_word_is_changed_where_it_stands() -> None:
    found, _ = outcome(draft(f"{ADVICE}这是最佳办法。"), review=forbids("最佳"))
    assert found.draft is not None
    assert found.draft.parts[0].text == f"{ADVICE}这是合适的办法。"
    (change,) = found.changes
    assert change.field == "parts[0].text"
    assert change.article == "《广告法》第九条"
    assert found.rounds == 1


def test_a_word_without_another_word_takes_its_sentence_along() -> None:
    found, _ = outcome(draft(f"{ADVICE}包治失眠。喝完收好。"), review=forbids("包治"))
    assert found.draft is not None
    assert found.draft.parts[0].text == f"{ADVICE}喝完收好。"


def test_a_part_that_can_be_missed_is_left_out() -> None:
    bad = Draft("article", "题目", (
        Part("tip", ADVICE), Part("points", "包治失眠"), Part("call", "看看", items=("tea",)),
    ))  # fmt: skip
    found, _ = outcome(bad, review=forbids("包治"))
    assert found.draft is not None
    assert [one.role for one in found.draft.parts] == ["tip", "call"]
    assert found.changes[0].after is None


def test_a_part_that_cannot_be_missed_is_written_again() -> None:
    bad = Draft("article", "题目", (
        Part("tip", ADVICE), Part("facts", "包治失眠"), Part("call", "看看", items=("tea",)),
    ))  # fmt: skip
    found, writer = outcome(bad, GOOD, review=forbids("包治"))
    assert found.draft == GOOD
    assert found.rounds == 2
    again = writer.tasks[1]
    assert again.round == 1
    assert again.last == bad
    assert {hit.text for hit in again.findings} == {"包治"}


def test_a_title_that_cannot_be_mended_is_written_again() -> None:
    found, _ = outcome(draft(title="包治百病"), GOOD, review=forbids("包治"))
    assert (found.draft, found.rounds) == (GOOD, 2)


def test_what_never_passes_is_given_up_with_its_reasons() -> None:
    bad = draft(title="包治百病")
    found, writer = outcome(*[bad] * 9, review=forbids("包治"))
    assert found.draft is None
    assert found.rounds == len(writer.tasks) == 4
    assert [(hit.field, hit.text, hit.article) for hit in found.reasons] == [
        ("title", "包治", "《广告法》第九条")
    ]


def test_a_claim_that_needs_a_proof_is_not_said_without_it() -> None:
    proof = forbids("销量领先", severity=Severity.NEED_PROOF)
    found, _ = outcome(draft(f"{ADVICE}全城销量领先。"), review=proof)
    assert found.draft is not None
    assert "销量领先" not in found.draft.whole()


def test_a_missing_mark_does_not_stop_a_draft() -> None:
    """It is set where the piece is shown; the outcome says that it is asked for."""
    found, _ = outcome(GOOD, review=forbids("温杯", severity=Severity.LABEL))
    assert found.draft == GOOD
    assert must_mark(found.verdict)
    assert not must_mark(outcome(GOOD)[0].verdict)


def test_neighbours_that_make_a_claim_together_are_seen() -> None:
    """Each part may be said; the whole may not."""

    def review(text: str) -> Verdict:
        both = "国家" in text and "级别" in text
        return Verdict((hit_of("国家", text),)) if both else Verdict()

    bad = draft(f"{ADVICE}国家", f"级别{ADVICE}")
    found, writer = outcome(bad, GOOD, review=review)
    assert (found.draft, found.rounds) == (GOOD, 2)
    assert writer.tasks[1].findings[0].field == "whole"


@pytest.mark.parametrize(
    ("said", "text", "rule"),
    [
        ("净含量300克。", "300", "generation.figure"),
        ("只要８８８元。", "８８８", "generation.figure"),
        ("今天包邮。", "包邮", "generation.promise"),
        ("七天无理由。", "无理由", "generation.promise"),
        ("仅剩最后几件。", "仅剩", "generation.promise"),
    ],
)
def test_what_the_brief_does_not_say_is_left_out(said: str, text: str, rule: str) -> None:
    found, _ = outcome(draft(f"{ADVICE}{said}"))
    assert found.draft is not None
    assert found.draft.parts[0].text == ADVICE
    assert [(change.rule, change.before) for change in found.changes] == [(rule, f"{ADVICE}{said}")]
    assert text not in found.draft.whole()


@pytest.mark.parametrize("said", ["净含量125克。", "价格88元。", "一共88.00元。", "１２５克。"])
def test_figures_of_the_brief_may_be_said(said: str) -> None:
    found, _ = outcome(draft(f"{ADVICE}{said}"))
    assert found.draft is not None
    assert found.changes == ()


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (draft(*["好茶慢慢喝。" * 40] * 9), "最多 800 字"),
        (Draft("article", "题目", (Part("shout", "来"),)), "role"),
        (Draft("article", "题目", (Part("tip", " "),)), "text"),
        (Draft("article", "题目", ()), "parts"),
        (Draft("article", "题目", (Part("tip", "好", items=("coffee",)),)), "item"),
        (Draft("article", "题目", (Part("tip", "好"), Part("call", "快来买" * 9))), "最多 30 %"),
        (Draft("article", "", (Part("tip", "好"),)), "title"),
        (None, "JSON"),
    ],
    ids=["long", "role", "empty", "no parts", "item", "selling", "no title", "unreadable"],
)
def test_a_draft_of_another_form_is_asked_for_again(bad: Draft | None, complaint: str) -> None:
    found, writer = outcome(bad, GOOD)
    assert (found.draft, found.rounds) == (GOOD, 2)
    assert complaint in writer.tasks[1].complaint


def test_a_writer_that_never_keeps_the_form_is_given_up_in_words() -> None:
    found, _ = outcome(None, None, None, None)
    assert found.draft is None
    assert found.failure == "不是要求的 JSON"
    assert found.rounds == 4


def test_a_writer_that_is_away_is_no_reason_against_the_brief() -> None:
    class Away:
        name = "away"

        def write(self, task: Any) -> Draft:
            raise WriterUnavailable("no answer within 1 s")

    with pytest.raises(WriterUnavailable):
        GateLoop(Away(), lawful).outcome(task())


def test_a_fact_that_may_not_be_said_is_left_out_of_the_brief_beforehand() -> None:
    made = brief(TEA | {"facts": {"功效": "治失眠", "净含量": "125克"}}, audience="失眠患者")
    found, changes, stuck = lawful_brief(made, forbids("失眠"))
    assert dict(found.items[0].facts) == {"净含量": "125克"}
    assert found.audience is None
    assert not stuck
    assert [(one.field, one.after) for one in changes] == [
        ("brief.items[0].facts.功效", None), ("brief.audience", None),
    ]  # fmt: skip


def test_a_selling_point_gets_another_word() -> None:
    made = brief(TEA | {"selling_points": ["顶级工艺", "小罐"]}, offers=[{"text": "顶级礼遇"}])
    found, changes, _ = lawful_brief(made, forbids("顶级"))
    assert found.items[0].selling_points == ("工艺", "小罐")
    assert found.offers[0].text == "礼遇"
    assert len(changes) == 2


def test_a_compared_price_without_proof_is_not_said_in_other_words_either() -> None:
    tea = TEA | {"reference_fen": 9_900, "reference_basis": "厂商建议零售价"}
    proof = forbids("零售价99元", severity=Severity.NEED_PROOF)
    found, changes, stuck = lawful_brief(brief(tea), proof)
    assert (found.items[0].reference_fen, found.items[0].reference_basis) == (None, None)
    assert found.items[0].price_fen == 8_800
    assert changes[0].field == "brief.items[0].reference_fen"
    assert not stuck
    kept, none, _ = lawful_brief(brief(tea), lawful)
    assert kept.items[0].reference_fen == 9_900
    assert not none


def test_a_name_that_may_not_be_said_ends_it_before_a_draft_is_written() -> None:
    writer = Scripted([GOOD])
    made = brief(TEA | {"title": "治失眠茶"})
    found = GateLoop(writer, forbids("治失眠")).outcome(task(brief=made))
    assert found.draft is None
    assert (found.rounds, writer.tasks) == (0, [])
    assert {hit.field for hit in found.reasons} == {"brief.items[0].title"}


def test_names_of_stores_are_looked_at_too() -> None:
    made = brief(store={"id": "s", "name": "治失眠茶馆"})
    _, _, stuck = lawful_brief(made, forbids("治失眠"))
    assert stuck[0].field == "brief.store.name"


def test_longer_words_are_changed_before_the_ones_inside_them() -> None:
    text = "全网最低价，最佳搭档"
    hits = [hit_of("最低价", text), hit_of("全网最低价", text), hit_of("最佳搭档", text)]
    assert reworded(text, hits) == "页面标价，好搭档"


@given(
    st.lists(
        st.sampled_from(["好茶。", "包治百病！", "慢慢喝；", "还包治失眠", "看看？"]), max_size=8
    )
)
@settings(max_examples=60)
def test_sentences_without_a_hit_stay_as_they_are(sentences: list[str]) -> None:
    text = "".join(sentences)
    hits = [hit_of("包治", text)] if "包治" in text else []
    left = without_sentences(text, hits)
    assert "包治" not in left
    if not hits:
        assert left == text


WORDS = ["温杯", "今天", "看", "价格", "配料", "先", "朋友", "讲"]


@given(
    st.lists(st.sampled_from(WORDS), max_size=3, unique=True),
    st.sampled_from(["show-script", "video-script", "creative", "article"]),
    st.integers(0, 50),
)
@settings(max_examples=40, deadline=None)
def test_a_forbidden_word_never_comes_out_whatever_it_is(
    words: list[str], kind: str, seed: int
) -> None:
    """Ordinary words are forbidden here: the loop mends or gives up, and publishes none of them."""
    loop = GateLoop(TemplateWriter(), forbids(*words))
    found = loop.outcome(task(kind, seed, brief=brief(minutes=4)))
    assert (found.draft is None) == bool(found.reasons or found.failure)
    if found.draft is not None:
        assert not any(word in found.draft.whole() for word in words)
