"""A draft becomes a piece with both marks, and nothing leaves the house without them."""

import json

import msgspec
import pytest
from tests.unit.content.generation.ground import KINDS, TEA, brief, example, lawful, task

from quanyu.compliance.policy import Policy
from quanyu.content.checking import checked_piece
from quanyu.content.generation.making import Maker, Tally, Wish, gate_for, proofs_of
from quanyu.content.generation.pieces import Made, exported, made_of, record_of
from quanyu.content.generation.template import TemplateWriter
from quanyu.content.library.shares import shares_of
from quanyu.content.marking.record import aigc_of
from quanyu.content.marking.words import is_marked, of_document, parted
from quanyu.content.piece import Piece
from quanyu.content.policy import limit_permille
from quanyu.errors import BadInput


def made(kind: str = "article", seed: int = 0, **change: object) -> Made:
    wanted = task(kind, seed, brief=brief(minutes=5, **change))  # type: ignore[arg-type]
    return made_of(TemplateWriter().write(wanted), wanted, writer="template", producer="tea house")


@pytest.mark.parametrize("kind", KINDS)
def test_a_piece_carries_both_marks(kind: str) -> None:
    found = made(kind)
    assert is_marked(found.piece.segments[0].text)
    record = aigc_of(dict(found.piece.generated or {}))
    assert (record.label, record.content_producer) == ("1", "tea house")
    assert record.produce_id == found.piece.id
    assert record_of(found.piece) == record


@pytest.mark.parametrize("kind", KINDS)
def test_the_library_takes_it(kind: str) -> None:
    found = made(kind).piece
    again = msgspec.json.decode(msgspec.json.encode(found), type=Piece)
    assert checked_piece(again) == found
    assert shares_of(found.segments).within(limit_permille(Policy(), found.kind))


def test_a_piece_with_links_is_marked_as_an_ad() -> None:
    found = made().piece
    assert found.sells
    assert found.marked_as_ad


def test_it_is_an_arm_of_the_version_that_a_person_wrote() -> None:
    assert made(arm_of="by-hand-1").piece.arm_of == "by-hand-1"
    assert made().piece.arm_of is None


def test_the_same_words_for_the_same_brief_are_the_same_piece() -> None:
    assert made(seed=4) == made(seed=4)
    assert made(seed=4).piece.id != made(seed=5).piece.id
    assert made(seed=4).piece.id != made(seed=4, audience="爱茶的人").piece.id


@pytest.mark.parametrize(
    ("kind", "host", "places"),
    [
        ("article", "human", ["head"]),
        ("creative", "ai", ["head"]),
        ("show-script", "human", ["head"]),
        ("show-script", "ai", ["head", "start", "throughout"]),
        ("video-script", "human", ["head", "start"]),
    ],
)
def test_whoever_plays_it_is_told_what_to_show(kind: str, host: str, places: list[str]) -> None:
    found = made(kind, host=host)
    assert [one["where"] for one in found.labels] == places
    assert all(one["seconds_min"] >= 2 for one in found.labels if one["where"] == "start")


def test_the_document_says_the_record_first_and_can_be_read_again() -> None:
    document = json.loads(msgspec.json.encode(made("video-script").as_json()))
    assert next(iter(document)) == "AIGC"
    assert of_document(document) == aigc_of(document["piece"]["generated"])
    assert document["marketing"]["sells"] * 100 <= document["marketing"]["of"] * 30
    assert all(part["picture"] for part in document["script"]["parts"])


def test_the_text_for_people_ends_with_the_record() -> None:
    found = made("show-script")
    body, record = parted(found.as_text())
    assert record == found.record
    assert is_marked(found.draft.parts[0].text)
    assert all(one.text in body for one in found.draft.parts)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_piece_leaves_the_house_with_its_marks(form: str) -> None:
    piece = made().piece
    data = exported(piece, form=form).decode()
    found = of_document(json.loads(data)) if form == "json" else parted(data)[1]
    assert found == record_of(piece)


def stripped(piece: Piece, **change: object) -> Piece:
    return msgspec.structs.replace(piece, **change)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_piece_without_a_mark_does_not_leave_the_house(form: str) -> None:
    piece = made().piece
    first, *rest = piece.segments
    bare = msgspec.structs.replace(first, text=first.text.replace("本内容由AI生成", ""))
    damaged = {**(piece.generated or {}), "Label": "0"}
    for broken, field in (
        (stripped(piece, generated=None), "piece.generated"),
        (stripped(piece, generated=damaged), "piece.generated"),
        (stripped(piece, generated={}), "piece.generated"),
        (stripped(piece, segments=(bare, *rest)), "piece.segments"),
    ):
        with pytest.raises(BadInput) as caught:
            exported(broken, form=form)
        assert caught.value.field == field


def maker(**change: object) -> Maker:
    return Maker(TemplateWriter(), lawful, "tea house", **change)  # type: ignore[arg-type]


def test_a_batch_holds_as_many_as_asked_and_no_two_alike() -> None:
    wish = Wish(kind="show-script", brief=example("earbuds"), count=40)
    tally, seen, made_by = Tally(asked=40), set(), maker()
    for one in made_by.tries(wish):
        tally.add(one)
        if one.made is not None:
            seen.add(one.made.piece.id)
    assert (tally.made, len(seen), tally.given_up) == (40, 40, 0)
    assert tally.drafts == 40 + tally.duplicates
    mean = made_by.seen.mean_resemblance()
    assert mean is not None
    assert mean < 0.6


def test_a_batch_ends_when_there_is_nothing_new_to_say() -> None:
    """A creative about so little has few wordings."""
    little = brief({"id": "tea", "title": "茶", "facts": {"产地": "安溪"}})
    tries = list(maker().tries(Wish(kind="creative", brief=little, count=120)))
    made_ones = [one for one in tries if one.made is not None]
    assert 60 < len(made_ones) < 120
    assert len(tries) == 360
    assert all(one.duplicate for one in tries if one.made is None)


def test_the_gate_keeps_its_verdicts_and_takes_the_proofs_of_the_brief() -> None:
    claim = {"text": "全国销量第一", "source": "某协会", "file": "a.pdf", "sha256": "0" * 64}
    made_brief = brief(TEA | {"claims": [claim]})
    assert proofs_of(made_brief).claims[0].text == "全国销量第一"
    review = gate_for("food", made_brief.on)
    first = review("国家级好茶")
    assert review("国家级好茶") is first
    assert not first.may_be_shown
