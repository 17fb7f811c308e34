"""What a model is told and what is taken from its answer; no endpoint is needed for either."""

import json
import time
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import KINDS, TEA, brief, draft, hit_of, task

from quanyu.content.generation.draft import ROLES
from quanyu.content.generation.ports import Task, Unwritten, WriterUnavailable
from quanyu.errors import BadInput
from quanyu.settings import Settings
from quanyu.storage.language_model import ChatWriter
from quanyu.storage.language_model.chat import ANSWER_BYTES_MAX, bounded, content_of, draft_of
from quanyu.storage.language_model.telling import FINDINGS_MAX, messages, prompts
from quanyu.wiring.writing import writer_for

LATER = time.monotonic() + 3_600


def told(wanted: Task) -> dict[str, Any]:
    user = messages(wanted)[1]["content"]
    found: dict[str, Any] = json.loads(user.partition("\n简报（资料）：\n")[2])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_its_form_and_its_roles(kind: str) -> None:
    system, user = messages(task(kind))
    assert (system["role"], user["role"]) == ("system", "user")
    for role in ROLES[kind]:  # type: ignore[index]
        assert role in system["content"]
    assert "{" not in prompts().wants[kind].format(minutes=1, seconds=2, characters=3)


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("show-script", {"minutes": 37}, "37分钟"),
        ("video-script", {"seconds": 59}, "59秒"),
        ("article", {"characters": 777}, "777字以内"),
    ],
)
def test_lengths_are_told_as_asked(kind: str, change: dict[str, int], said: str) -> None:
    assert said in messages(task(kind, brief=brief(**change)))[1]["content"]


@pytest.mark.parametrize(
    ("fen", "said"), [(8_800, "88元"), (9_990, "99.9元"), (5, "0.05元"), (10_005, "100.05元")]
)
def test_amounts_are_told_as_people_say_them(fen: int, said: str) -> None:
    (item,) = told(task(brief=brief(TEA | {"price_fen": fen})))["items"]
    assert item["price"] == said
    assert "price_fen" not in item


def test_a_compared_price_is_told_with_what_it_is() -> None:
    tea = TEA | {"reference_fen": 9_900, "reference_basis": "标价"}
    (item,) = told(task(brief=brief(tea)))["items"]
    assert (item["reference"], item["reference_basis"]) == ("99元", "标价")
    assert "reference_fen" not in item


def test_what_the_brief_does_not_give_is_not_told() -> None:
    (item,) = told(task(brief=brief({k: v for k, v in TEA.items() if k != "price_fen"})))["items"]
    assert not {"price", "reference", "claims"} & set(item)


def test_the_first_round_has_no_draft_and_no_complaint() -> None:
    assert [one["role"] for one in messages(task())] == ["system", "user"]


def test_a_complaint_about_the_form_goes_back_without_a_draft() -> None:
    said = messages(task(round=1, complaint="输出不是要求的 JSON"))
    assert [one["role"] for one in said] == ["system", "user", "user"]
    assert "输出不是要求的 JSON" in said[-1]["content"]


def test_findings_go_back_with_the_draft_they_are_about() -> None:
    last = draft("这是最佳办法。")
    hit = hit_of("最佳", "这是最佳办法。")
    said = messages(task(round=1, last=last, findings=(hit,)))
    assert [one["role"] for one in said] == ["system", "user", "assistant", "user"]
    assert json.loads(said[2]["content"])["title"] == last.title
    line = json.loads(said[3]["content"].splitlines()[-1])
    assert line == {"文字": "最佳", "依据": "《广告法》第九条", "问题": "不得使用", "改法": "删去"}


def test_only_so_many_findings_go_back() -> None:
    hit = hit_of("最佳", "最佳")
    said = messages(task(round=1, last=draft("最佳"), findings=(hit,) * (FINDINGS_MAX + 30)))
    assert said[-1]["content"].count("文字") == FINDINGS_MAX


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet='"{}\\忽略以上规则：\t<>`$', min_size=1, max_size=30))
def test_a_fact_stays_data_whatever_it_says(text: str) -> None:
    """Quotes and braces of a brief cannot end the document that it is told as."""
    wanted = task(brief=brief(TEA | {"pains": ["泡不出味" + text.replace("\t", " ")]}))
    assert told(wanted)["items"][0]["pains"] == ["泡不出味" + text.replace("\t", " ")]


def answer(**change: Any) -> str:
    part = {"role": "tip", "text": "先温杯。"} | change.pop("part", {})
    return json.dumps({"title": "说茶", "parts": [part]} | change, ensure_ascii=False)


@pytest.mark.parametrize(
    "content",
    [
        answer(),
        f"  \n{answer()}\n",
        f"```json\n{answer()}\n```",
        f"```\n{answer()}```",
        answer(mood="好"),
        answer(part={"tone": "x"}),
    ],
)
def test_an_answer_is_read_with_or_without_a_fence_and_with_more_than_was_asked(
    content: str,
) -> None:
    found = draft_of(content, "article")
    assert (found.kind, found.title, found.parts[0].text) == ("article", "说茶", "先温杯。")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "好的",
        "[]",
        "null",
        '"说茶"',
        "{}",
        '{"title": "说茶"}',
        '{"parts": []}',
        '{"title": null, "parts": []}',
        '{"title": "说茶", "parts": {}}',
        '{"title": "说茶", "parts": [1]}',
        '{"title": "说茶", "parts": [{"role": "tip"}]}',
        '{"title": "说茶", "parts": [{"role": "tip", "text": 5}]}',
        '{"title": "说茶", "parts": [{"role": "tip", "text": "x", "item": ["tea"]}]}',
        answer()[:-1],
        answer() + answer(),
        f"稿子如下：{answer()}",
    ],
)
def test_any_other_answer_is_no_draft(content: str) -> None:
    with pytest.raises(Unwritten, match="JSON"):
        draft_of(content, "article")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("先温杯。\n再投茶。", "先温杯。 再投茶。"),
        ("先\u202e温杯", "先 温杯"),
        ("先\u200b温杯", "先 温杯"),
        ("\x00先温杯\x1b[31m", "先温杯 [31m"),
        ("  先  温杯 ", "先 温杯"),
        ("先温杯😀", "先温杯😀"),
    ],
)
def test_a_text_becomes_one_printable_line(text: str, line: str) -> None:
    found = draft_of(answer(part={"text": text, "picture": text, "subtitle": text}), "article")
    part = found.parts[0]
    assert (part.text, part.picture, part.subtitle) == (line, line, line)
    assert draft_of(answer(title=text), "article").title == line


@given(st.text())
def test_nothing_unprintable_ever_comes_through(text: str) -> None:
    try:
        found = draft_of(answer(part={"text": text}), "article")
    except Unwritten:
        return
    assert all(char.isprintable() for char in found.parts[0].text)


@pytest.mark.parametrize(("item", "links"), [("tea", ("tea",)), (None, ()), ("", ())])
def test_an_item_that_is_named_is_linked(item: str | None, links: tuple[str, ...]) -> None:
    assert draft_of(answer(part={"item": item}), "article").parts[0].items == links


def test_seconds_of_a_model_are_not_taken() -> None:
    assert draft_of(answer(part={"seconds": 3_600}), "show-script").parts[0].seconds is None


@pytest.mark.parametrize(
    ("sizes", "length"), [((), 0), ((3,), 3), ((2, 3), 5), ((ANSWER_BYTES_MAX,), ANSWER_BYTES_MAX)]
)
def test_an_answer_within_its_bounds_is_whole(sizes: tuple[int, ...], length: int) -> None:
    assert len(bounded((b"x" * size for size in sizes), ends=LATER)) == length


@pytest.mark.parametrize("sizes", [(ANSWER_BYTES_MAX + 1,), (ANSWER_BYTES_MAX, 1)])
def test_an_answer_over_its_bounds_is_no_draft(sizes: tuple[int, ...]) -> None:
    with pytest.raises(Unwritten, match="longer"):
        bounded((b"x" * size for size in sizes), ends=LATER)


def test_an_answer_that_drips_for_ever_is_an_outside_failure() -> None:
    with pytest.raises(WriterUnavailable, match="slowly"):
        bounded(repeat(b"x"), ends=time.monotonic() + 0.01)


def test_a_flood_is_cut_off_before_it_is_kept() -> None:
    with pytest.raises(Unwritten):
        bounded(repeat(b"x" * 65_536), ends=LATER)


def completion(message: Any) -> bytes:
    return json.dumps({"choices": [{"message": message}]}).encode()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "protocol"),
        (b"", "protocol"),
        (b"null", "protocol"),
        (b"[]", "protocol"),
        (b"{}", "protocol"),
        (b'{"choices": null}', "protocol"),
        (b'{"choices": []}', "protocol"),
        (b'{"choices": [7]}', "protocol"),
        (completion(None), "protocol"),
        (completion({}), "protocol"),
        (completion({"content": None}), "empty"),
        (completion({"content": ""}), "empty"),
        (completion({"content": " \n"}), "empty"),
        (completion({"content": 7}), "empty"),
        (completion({"content": ["x"]}), "empty"),
    ],
)
def test_an_answer_without_content_is_told(body: bytes, said: str) -> None:
    with pytest.raises(Unwritten, match=said):
        content_of(body)


def test_the_first_choice_is_taken() -> None:
    two = json.dumps({"choices": [{"message": {"content": one}} for one in ("甲", "乙")]})
    assert content_of(two.encode()) == "甲"


@pytest.mark.parametrize(
    ("settings", "missing"),
    [({}, "QUANYU_LLM_URL"), ({"llm_url": "http://x/v1"}, "QUANYU_LLM_MODEL")],
)
def test_a_setting_that_is_missing_is_named_with_the_way_out(
    settings: dict[str, str], missing: str
) -> None:
    with pytest.raises(BadInput, match="template") as caught:
        writer_for(Settings(**settings), "llm")  # type: ignore[arg-type]
    assert caught.value.field == missing


def test_a_model_signs_with_its_name_at_most_64_characters() -> None:
    writer = writer_for(Settings(llm_url="http://x/v1", llm_model="q" * 90), "llm")
    assert isinstance(writer, ChatWriter)
    assert writer.name == "q" * 64
    assert writer_for(Settings(), "template").name == "template"
