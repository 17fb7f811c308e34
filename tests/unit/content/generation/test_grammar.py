"""The phrases are data: every line parses, states nothing of an item, and may be said by law."""

import itertools
import re
from datetime import date
from random import Random

import pytest

from quanyu.compliance.copy import review
from quanyu.compliance.industries import PARENT
from quanyu.content.generation.faithful import promises
from quanyu.content.generation.grammar import Line, nearest, packs, parsed, tiers

SLOTS = {
    "audience", "store", "names", "item", "pain", "step", "step_next", "plain", "key", "value",
    "noun", "be", "point", "stated", "named", "named_next", "many", "only", "basis", "reference",
    "price", "offer",
}  # fmt: skip
NEUTRAL = dict.fromkeys(SLOTS, "甲乙")
ALL = {
    (name, rule, text)
    for name, pack in packs().items()
    for lines in pack.groups()
    for rule, texts in lines.items()
    for text in texts
}


def spoken(line: Line) -> list[str]:
    """Every way to say it."""
    names = iter(line.slots)
    ways = [
        (NEUTRAL[next(names)],) if token is None else (token,) if isinstance(token, str) else token
        for token in line.tokens
    ]
    return ["".join(one) for one in itertools.product(*ways)]


def test_there_is_a_grammar_worth_the_name() -> None:
    assert len(ALL) > 650
    assert sum(len(spoken(parsed(text))) for _, _, text in ALL) > 750


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("好", ["好"]),
        ("(先|再)看{item}。", ["先看甲乙。", "再看甲乙。"]),
        ("{item}，(好|很好)(吗|吧)？", [
            "甲乙，好吗？", "甲乙，好吧？", "甲乙，很好吗？", "甲乙，很好吧？",
        ]),
    ],
)  # fmt: skip
def test_a_line_says_its_choices_and_slots(text: str, ways: list[str]) -> None:
    line = parsed(text)
    assert spoken(line) == ways
    assert {line.said(NEUTRAL, Random(seed)) for seed in range(40)} == set(ways)


@pytest.mark.parametrize("text", ["(先|再", "先)", "{item", "item}", "{Item}", "((a|b)|c)"])
def test_a_bracket_without_its_fellow_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="breaks at"):
        parsed(text)


def test_a_line_fits_only_when_all_its_slots_are_filled() -> None:
    line = parsed("{item}：{price}")
    assert line.fits({"item": "茶", "price": "88元", "more": "x"})
    assert not line.fits({"item": "茶"})


def test_every_slot_is_one_that_a_brief_can_fill() -> None:
    unknown = {(name, text) for name, _, text in ALL if set(parsed(text).slots) - SLOTS}
    assert not unknown


def test_no_line_holds_a_figure_or_a_promise() -> None:
    """Figures and promises are facts; facts come out of the brief only."""
    figures = {text for _, _, text in ALL if re.search(r"\d", text)}
    promised = {text for _, _, text in ALL if any(word in text for word in promises())}
    assert not figures
    assert not promised


def test_no_line_stands_twice_in_what_an_item_can_draw() -> None:
    for name, pack in packs().items():
        for topic in pack.topic:
            for rule in topic.lines:
                found = tiers(rule, industry=name, title=topic.words[0], tone="plain")
                texts = [line.tokens for tier in found for line in tier]
                assert len(texts) == len(set(texts)), (name, topic.words, rule)


@pytest.mark.parametrize("industry", sorted(packs()))
def test_every_line_may_be_said_in_its_industry(industry: str) -> None:
    """General ones are judged as food, where the law is stricter than nowhere else."""
    judged = "food" if industry == "general" else industry
    on = date(2026, 11, 22)
    lines = [parsed(text) for name, _, text in ALL if name == industry]
    # One review of all of them; stops keep the lines apart.
    whole = "\n。\n".join(way for line in lines for way in spoken(line))
    verdict = review(whole, industry=judged, on=on)
    assert verdict.may_be_shown, [(hit.text, hit.rule) for hit in verdict.hits]


@pytest.mark.parametrize("industry", sorted(PARENT))
def test_every_industry_has_a_pack(industry: str) -> None:
    assert nearest(industry).lines["pain"]


def test_a_restaurant_does_not_speak_like_a_grocer() -> None:
    """Catering is food by law; its phrases are its own."""
    assert nearest("catering").industry == "catering"
    assert nearest("prepackaged_food").industry == "food"
    said = {line.tokens for tier in tiers("question", industry="catering", title="", tone="plain")
            for line in tier}  # fmt: skip
    grocer = {parsed(text).tokens for text in packs()["food"].lines["question"]}
    assert not said & grocer


def test_the_words_of_a_topic_come_first() -> None:
    first, *_ = tiers("pain", industry="cosmetics", title="豆沙色口红", tone="plain")
    plain, *_ = tiers("pain", industry="cosmetics", title="化妆刷", tone="plain")
    assert all("肤" not in "".join(map(str, line.tokens)) for line in first)
    assert first != plain


def test_a_tone_adds_lines() -> None:
    def count(tone: str) -> int:
        found = tiers("open_hello", industry="food", title="", tone=tone)
        return sum(len(tier) for tier in found)

    assert count("lively") > count("plain")
    assert count("warm") > count("plain")
