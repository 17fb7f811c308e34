"""Texts of one page are judged together, and hits know their field."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from quanyu.compliance.copy import review
from quanyu.compliance.page import WHOLE, review_page
from quanyu.compliance.verdict import Hit, Severity, Verdict

ON = date(2026, 11, 22)


def hit(start: int, end: int, text: str, rule: str = "r") -> Hit:
    return Hit(
        rule=rule, article="《广告法》", severity=Severity.BLOCK, why="", suggestion="",
        start=start, end=end, text=text,
    )  # fmt: skip


def finder(*words: str) -> "object":
    """Finds words, also when stops or ends of lines stand inside them."""

    def look(text: str) -> Verdict:
        found = [
            hit(one.start(), one.end(), one[0])
            for word in words
            for one in re.finditer("[\n，]*".join(word), text)
        ]
        return Verdict(tuple(found))

    return look


def test_spans_count_from_the_beginning_of_their_field() -> None:
    texts = {"title": "最佳手机壳", "empty": "", "points": "我们是国家级"}
    found = review_page(texts, finder("最佳", "国家级"))  # type: ignore[arg-type]
    assert [(one.field, one.start, one.end, one.text) for one in found.hits] == [
        ("title", 0, 2, "最佳"), ("points", 3, 6, "国家级"),
    ]  # fmt: skip


def test_two_fields_side_by_side_make_no_word() -> None:
    texts = {"title": "味道好的国", "points": "家级别墅"}
    assert review_page(texts, finder("国家级")).hits == ()  # type: ignore[arg-type]


def test_a_word_inside_a_field_is_found_though_a_longer_one_went_over_the_end() -> None:
    texts = {"title": "最佳", "points": "的茶"}
    found = review_page(texts, finder("最佳的", "最佳"))  # type: ignore[arg-type]
    assert [(one.field, one.text) for one in found.hits] == [("title", "最佳")]


def test_what_is_missing_is_missing_on_the_page() -> None:
    def wants_a_notice(text: str) -> Verdict:
        return Verdict() if "不能代替药物" in text else Verdict((hit(0, 0, ""),))

    assert review_page({"a": "x", "b": "y"}, wants_a_notice).hits[0].field == WHOLE
    assert review_page({"a": "x", "b": "本品不能代替药物"}, wants_a_notice).hits == ()
    assert review_page({}, wants_a_notice).hits == ()


def test_a_standard_in_its_own_field_lifts_the_grade_name_in_the_title() -> None:
    def look(text: str) -> Verdict:
        return review(text, industry="food", on=ON)

    alone = {"title": "特级初榨橄榄油"}
    assert not review_page(alone, look).may_be_shown
    assert review_page({**alone, "standard": "GB/T 23347"}, look).may_be_shown


@given(st.lists(st.text("最佳国家级好茶，。 ", min_size=0, max_size=8), min_size=1, max_size=6))
def test_every_hit_is_a_piece_of_its_field(parts: list[str]) -> None:
    texts = {f"f{place}": part for place, part in enumerate(parts)}
    for one in review_page(texts, lambda text: review(text, industry="general", on=ON)).hits:
        assert texts[one.field][one.start : one.end] == one.text


@given(st.lists(st.sampled_from(["最佳", "好茶", "国家级", ""]), min_size=1, max_size=5))
def test_a_page_is_as_strict_as_its_strictest_field(parts: list[str]) -> None:
    texts = {f"f{place}": part for place, part in enumerate(parts)}
    whole = review_page(texts, finder("最佳", "国家级"))  # type: ignore[arg-type]
    assert (whole.verdict == "block") == any(part in ("最佳", "国家级") for part in parts)
