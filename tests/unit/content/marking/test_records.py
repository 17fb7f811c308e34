"""The record of GB 45438 in texts and documents: written, read again, refused when damaged."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.content.marking.files import marked_file, record_in
from quanyu.content.marking.record import Aigc, aigc_of
from quanyu.content.marking.words import (
    VISIBLE,
    in_document,
    is_marked,
    marked,
    of_document,
    parted,
    with_record,
)
from quanyu.errors import BadInput

RECORD = Aigc(content_producer="quanyu", produce_id="show-1")
CODE = st.text(max_size=40)
RECORDS = st.builds(
    Aigc, label=st.sampled_from(["1", "2", "3"]), content_producer=CODE.filter(bool),
    produce_id=CODE.filter(bool), reserved_code1=CODE, content_propagator=CODE, propagate_id=CODE,
    reserved_code2=CODE,
)  # fmt: skip


def test_the_names_are_those_of_the_standard_in_its_order() -> None:
    assert list(RECORD.as_json()) == [
        "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator",
        "PropagateID", "ReservedCode2",
    ]  # fmt: skip
    assert RECORD.as_json()["Label"] == "1"


@settings(max_examples=30, deadline=None)
@given(RECORDS)
def test_a_record_is_read_as_it_was_written(record: Aigc) -> None:
    assert aigc_of(record.as_text()) == record
    assert aigc_of(json.loads(record.as_text())) == record


@pytest.mark.parametrize(
    "tree",
    [
        {}, [], "x", "{", None, 7, "{" * 9_000,
        {"Label": "0", "ContentProducer": "a", "ProduceID": "b"},
        {"Label": 1, "ContentProducer": "a", "ProduceID": "b"},
        {"Label": "1", "ContentProducer": "", "ProduceID": "b"},
        {"Label": "1", "ProduceID": "b"},
        {"Label": "1", "ContentProducer": "a" * 257, "ProduceID": "b"},
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused(tree: Any) -> None:
    with pytest.raises(BadInput) as caught:
        aigc_of(tree, field="here")
    assert caught.value.field == "here"


def test_who_spreads_it_is_added_and_who_made_it_stays() -> None:
    spread = RECORD.spread_by("platform", propagate_id="p-9")
    assert (spread.content_producer, spread.produce_id) == ("quanyu", "show-1")
    assert (spread.content_propagator, spread.propagate_id) == ("platform", "p-9")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"（{VISIBLE}）今天讲茶。", True),
        ("今天讲茶。本文由人工智能生成", True),
        ("AI 生成：今天讲茶。", True),
        ("本文由ai辅助生成。今天讲茶。", True),
        ("今天讲茶。", False),
        ("AI聊茶，生成能力不错。", False),
        ("本文不是AI生成。", False),
        ("没有 AI 合成，全是手写。", False),
        ("ＡＩ生成：今天讲茶。", True),
        ("AI生成" + "茶" * 200, True),
        ("茶" * 200 + "AI生成", True),
        ("茶" * 76 + "AI生成" + "茶" * 200, True),
        ("茶" * 77 + "AI生成" + "茶" * 200, False),
        ("茶" * 100 + "AI生成" + "茶" * 100, False),
        ("", False),
    ],
)
def test_a_mark_is_one_that_a_reader_sees(text: str, seen: bool) -> None:
    assert is_marked(text) == seen


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300))
def test_marking_is_done_once_and_seen(text: str) -> None:
    for where in ("head", "tail"):
        once = marked(text, where=where)  # type: ignore[arg-type]
        assert is_marked(once)
        assert marked(once) == once
        assert text in once


LINES = st.text(st.characters(blacklist_categories=("Cs",)), max_size=200).filter(
    lambda text: '{"AIGC"' not in text
)


@settings(max_examples=30, deadline=None)
@given(LINES, RECORDS)
def test_a_text_keeps_its_words_and_its_record(text: str, record: Aigc) -> None:
    body, found = parted(with_record(text, record))
    assert found == record
    assert text.rstrip("\n") in body
    assert is_marked(body)


@settings(max_examples=30, deadline=None)
@given(LINES, RECORDS, RECORDS)
def test_a_second_record_takes_the_place_of_the_first(text: str, one: Aigc, other: Aigc) -> None:
    again = with_record(with_record(text, one), other)
    assert parted(again)[1] == other
    assert again.count('{"AIGC":') == 1


def test_a_text_without_a_record_has_none() -> None:
    assert parted("今天讲茶。\n慢慢喝。\n") == ("今天讲茶。\n慢慢喝。", None)


@pytest.mark.parametrize("cut", [2, 10, 40])
def test_a_record_that_breaks_off_is_refused_and_not_overlooked(cut: int) -> None:
    broken = with_record("今天讲茶。", RECORD).rstrip()[:-cut]
    with pytest.raises(BadInput):
        parted(broken)


def test_a_record_with_another_label_is_refused() -> None:
    with pytest.raises(BadInput):
        parted(with_record("茶", RECORD).replace('"Label":"1"', '"Label":"9"'))


def test_a_document_holds_it_under_its_key() -> None:
    document = in_document({"title": "茶", "AIGC": "old"}, RECORD)
    assert list(document) == ["AIGC", "title"]
    assert of_document(document) == RECORD
    assert of_document({"AIGC": RECORD.as_text()}) == RECORD
    assert of_document({"title": "茶"}) is None
    assert of_document(["AIGC"]) is None


def test_files_are_told_apart_by_what_they_hold() -> None:
    text = marked_file("今天讲茶。".encode(), RECORD)
    assert record_in(text) == (RECORD, True)
    document = marked_file(b'{"title": "tea"}', RECORD)
    assert record_in(document) == (RECORD, None)
    assert json.loads(document)["title"] == "tea"
    assert record_in(b"[1, 2]")[0] is None
    with pytest.raises(BadInput):
        record_in(b"\xff\xfe\x00")


@pytest.mark.parametrize("data", ["今天讲茶。".encode(), b'{"title": "tea"}'])
def test_marking_again_never_hides_who_generated_it(data: bytes) -> None:
    other = Aigc(content_producer="platform", produce_id="p-9")
    found, _ = record_in(marked_file(marked_file(data, RECORD), other))
    assert found == RECORD.spread_by("platform", propagate_id="p-9")
