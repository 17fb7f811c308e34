"""Review of ad copy, whatever is written."""

from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.compliance.copy import review
from quanyu.compliance.copy.folding import Folded
from quanyu.compliance.copy.lexicon import lexicon_for
from quanyu.compliance.rulebook import in_force

NOVEMBER = date(2026, 11, 22)
BLOCKED = (
    "国家级品质", "最佳手感", "全网第一品牌", "顶级工艺", "独一无二的体验", "根治失眠", "包治百病",
    "稳赚不赔", "百分百有效", "余额概不退还", "好评返现", "销量TOP1", "开光转运",
)  # fmt: skip
LAWFUL = ("本店面料柔软", "加水至刻度线", "第一步打开盖子", "顾客第一", "送货上门", "七天内可退")
SEPARATORS = " -·*★_/~|　\u200b\u2060\u00ad\u3164"
SOME = {"absolute.terms", "absolute.soft", "terms.void", "reviews.bought", "finance.promises"}
texts = st.lists(st.sampled_from((*BLOCKED, *LAWFUL)) | st.text(max_size=8), max_size=6)
unlawful = st.sampled_from(BLOCKED)


@given(texts.map("，".join), st.sampled_from(["general", "food", "medical"]))
@settings(max_examples=80, deadline=None)
def test_spans_lie_in_the_text_and_hold_what_they_say(text: str, industry: str) -> None:
    for hit in review(text, industry=industry, on=NOVEMBER).hits:
        assert 0 <= hit.start <= hit.end <= len(text)
        assert hit.text == text[hit.start : hit.end]


@given(texts.map("。".join))
@settings(max_examples=60, deadline=None)
def test_hits_do_not_overlap_and_come_in_order(text: str) -> None:
    spans = [(h.start, h.end) for h in review(text, industry="general", on=NOVEMBER).hits if h.end]
    assert spans == sorted(spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(unlawful, st.data())
@settings(max_examples=80, deadline=None)
def test_what_is_put_between_the_characters_changes_nothing(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(st.sampled_from(SEPARATORS)) + text[place:]
    assert review(text, industry="medical", on=NOVEMBER).verdict == "block"


@given(unlawful, st.sampled_from(LAWFUL), st.sampled_from(LAWFUL))
@settings(max_examples=20, deadline=None)
def test_lawful_sentences_around_it_change_nothing(text: str, before: str, after: str) -> None:
    whole = f"{before}。{text}。{after}"
    assert review(whole, industry="general", on=NOVEMBER).verdict == "block"


@given(unlawful, st.data())
@settings(max_examples=20, deadline=None)
def test_case_and_width_change_nothing(text: str, data: st.DataObject) -> None:
    wide = {one: chr(ord(one) + 0xFEE0) for one in text if "!" <= one <= "~"}
    turned = "".join(
        data.draw(st.sampled_from([one.lower(), one.upper(), wide.get(one, one)])) for one in text
    )
    assert review(turned, industry="general", on=NOVEMBER).verdict == "block"


@given(st.randoms(use_true_random=False), st.sampled_from(BLOCKED[:5]))
@settings(max_examples=2, deadline=None)
def test_the_order_of_the_rules_changes_nothing(chance: object, text: str) -> None:
    rules = [rule for rule in in_force(NOVEMBER).values() if rule.id in SOME]
    told = []
    for _ in range(2):
        chance.shuffle(rules)  # type: ignore[attr-defined]
        found = lexicon_for(rules).find(Folded(text))
        told.append(sorted({(one.rule.id, one.start, one.end) for one in found}))
    assert told[0] == told[1]
    assert told[0]
