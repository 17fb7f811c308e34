"""Every phrase can come out, in its place and nowhere else; what is eaten is spoken of as such."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from tests.unit.content.generation.ground import KINDS, TEA, brief, task

from quanyu.compliance.copy import review
from quanyu.compliance.industries import PARENT, lineage
from quanyu.compliance.verdict import Severity
from quanyu.content.generation import deck
from quanyu.content.generation.brief import Brief
from quanyu.content.generation.grammar import Pack, nearest, packs, parsed, tiers
from quanyu.content.generation.template import TemplateWriter

GENERAL = packs()["general"]
OWN = sorted(set(packs()) - {"general"})
EATEN = sorted(name for name, pack in packs().items() if pack.eaten)
KEPT = sorted(set(OWN) - set(EATEN))


def drawn(rule: str, industry: str, *, title: str = "", tone: str = "plain") -> set[Any]:
    found = tiers(rule, industry=industry, title=title, tone=tone)
    return {line.tokens for tier in found for line in tier}


def tokens(texts: Any) -> set[Any]:
    return {parsed(text).tokens for text in texts}


def full(industry: str, title: str, **change: Any) -> Brief:
    """A brief that fills every slot."""
    item = TEA | {
        "title": title, "pains": ["泡不出味"], "reference_fen": 9_900, "reference_basis": "标价",
        "facts": {**TEA["facts"], "是否分装": "是", "等级": "见罐底"},
        "how_to": [*TEA["how_to"], "盖上盖", "倒出茶汤"],
    }  # fmt: skip
    return brief(
        item, industry=industry, audience="爱茶的人", offers=[{"text": "满两罐送茶匙"}],
        store={"id": "s", "name": "茶馆"}, minutes=12, seconds=90, characters=2_000, **change,
    )  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> dict[str, set[str]]:
    """Rules that the writers ask for, by kind of text: with a full brief and with a bare one."""
    found: dict[str, set[str]] = defaultdict(set)
    kept = deck.tiers

    def heard(rule: str, **where: Any) -> Any:
        found[kind].add(rule)
        return kept(rule, **where)

    patch = pytest.MonkeyPatch()
    patch.setattr(deck, "tiers", heard)
    bare = {"id": "tea", "title": "茶", "selling_points": ["小罐"], "how_to": ["冲水"]}
    two = brief(TEA, TEA | {"id": "two"}, minutes=12)
    for kind in KINDS:
        for made in (full("food", "茶"), full("home", "茶杯"), brief(bare), two):
            for seed in range(8):
                TemplateWriter().write(task(kind, seed, brief=made))
    patch.undo()
    return found


def test_every_rule_of_the_phrases_is_asked_for_by_a_writer(asked: dict[str, set[str]]) -> None:
    known = {rule for pack in packs().values() for lines in pack.groups() for rule in lines}
    assert known - set().union(*asked.values()) == set()


@pytest.mark.parametrize("industry", [*OWN, "general"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_that_a_writer_asks_for_has_lines_in_every_industry(
    asked: dict[str, set[str]], kind: str, industry: str
) -> None:
    """Else a sentence would be missing without anybody being told."""
    bare = {rule for rule in asked[kind] if not drawn(rule, industry)}
    assert bare == set()


@pytest.mark.parametrize("industry", OWN)
def test_every_line_of_an_industry_can_be_drawn_in_it(industry: str) -> None:
    pack = packs()[industry]
    for rule, texts in pack.lines.items():
        assert tokens(texts) <= drawn(rule, industry), rule
    for tone, lines in pack.tone.items():
        for rule, texts in lines.items():
            assert tokens(texts) <= drawn(rule, industry, tone=tone), (tone, rule)


@pytest.mark.parametrize("industry", OWN)
def test_every_line_of_a_topic_can_be_drawn_for_each_of_its_words(industry: str) -> None:
    for topic in packs()[industry].topic:
        for word in topic.words:
            for rule, texts in topic.lines.items():
                assert tokens(texts) <= drawn(rule, industry, title=f"好{word}"), (word, rule)


@pytest.mark.parametrize("industry", OWN)
def test_lines_of_a_topic_stay_with_it(industry: str) -> None:
    """A title without any of the words hears none of them."""
    pack = packs()[industry]
    alone = {rule: tokens(texts) for rule, texts in pack.lines.items()}
    for topic in pack.topic:
        for rule, texts in topic.lines.items():
            special = tokens(texts) - alone.get(rule, set())
            assert not special & drawn(rule, industry, title="甲乙"), (topic.words, rule)


@pytest.mark.parametrize("industry", EATEN)
def test_what_is_eaten_hears_no_line_of_what_is_kept(industry: str) -> None:
    for rule, texts in GENERAL.durable.items():
        assert not tokens(texts) & drawn(rule, industry), rule
        assert drawn(rule, industry), rule


@pytest.mark.parametrize("industry", [*KEPT, "general", "toys", "education", "travel"])
def test_what_is_kept_hears_all_of_them(industry: str) -> None:
    for rule, texts in GENERAL.durable.items():
        assert tokens(texts) <= drawn(rule, industry), rule


def test_the_general_lines_are_heard_everywhere() -> None:
    for industry in OWN:
        for rule, texts in GENERAL.lines.items():
            assert tokens(texts) <= drawn(rule, industry), (industry, rule)


@pytest.mark.parametrize("tone", ["plain", "warm", "lively"])
def test_a_tone_is_heard_only_when_it_is_asked_for(tone: str) -> None:
    for name, lines in GENERAL.tone.items():
        for rule, texts in lines.items():
            heard = tokens(texts) & drawn(rule, "home", tone=tone)
            assert bool(heard) == (name == tone), (name, rule)


@pytest.mark.parametrize("industry", sorted(PARENT))
def test_an_industry_reads_the_closest_pack_above_it(industry: str) -> None:
    found = nearest(industry)
    above = [name for name in lineage(industry) if name in packs()]
    assert found.industry == (above[0] if above else "general")


@pytest.mark.parametrize("industry", ["cosmetics", "health_food", "education"])
def test_the_general_lines_may_be_said_in_the_strictest_industries(industry: str) -> None:
    """One way of each: the other ways are judged where the lines stand."""
    ways = []
    for lines in GENERAL.groups():
        for texts in lines.values():
            for text in texts:
                line = parsed(text)
                said = ("甲乙" if one is None else one if isinstance(one, str) else one[0]
                        for one in line.tokens)  # fmt: skip
                ways.append("".join(said))
    verdict = review("\n。\n".join(ways), industry=industry, on=date(2026, 11, 22))
    # A hit without words is a text that health food must show somewhere: not a fault of a line.
    assert [hit.text for hit in verdict.hits if hit.counts_as is Severity.BLOCK and hit.text] == []


@pytest.mark.parametrize(
    ("title", "word", "said"),
    [
        ("赣南脐橙", "叶菜", False),
        ("赣南脐橙", "洗过带着水", True),
        ("本地小青菜", "叶菜", True),
        ("本地小青菜", "一箱里先挑", False),
        ("鲜切牛肉", "化冻", True),
        ("鲜切牛肉", "叶菜", False),
    ],
)
def test_advice_on_fresh_food_is_about_what_is_sold(title: str, word: str, *, said: bool) -> None:
    made = full("fresh_food", title)
    texts = [TemplateWriter().write(task("article", seed, brief=made)).whole() for seed in range(8)]
    assert any(word in text for text in texts) == said


@pytest.mark.parametrize("industry", EATEN)
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_asked_who_uses_an_orange(kind: str, industry: str) -> None:
    made = full(industry, "甲乙")
    for seed in range(6):
        text = TemplateWriter().write(task(kind, seed, brief=made)).whole()
        for odd in ("家里平时是谁在用", "放在哪里、什么时候用", "使用步骤", "怎么用，一条讲明白"):
            assert odd not in text, (seed, odd)


@pytest.mark.parametrize(
    ("count", "kept", "left"), [(1, "今天只讲", "依次"), (2, "依次", "今天只讲")]
)
def test_one_item_is_not_called_a_list(count: int, kept: str, left: str) -> None:
    made = brief(*(TEA | {"id": f"tea{n}", "title": f"乌龙{n}号"} for n in range(count)), minutes=9)
    texts = [TemplateWriter().write(task("show-script", seed, brief=made)).whole()
             for seed in range(24)]  # fmt: skip
    assert any(kept in text for text in texts)
    assert not any(left in text for text in texts)


def test_a_pack_tells_all_its_lines() -> None:
    pack = Pack("x", {"a": ("一",)}, tone={"warm": {"a": ("二",)}}, durable={"a": ("三",)})
    assert sorted(text for lines in pack.groups() for text in lines["a"]) == ["一", "三", "二"]
