"""A script out of the library: which version a plan takes, and when it is another one by then."""

from datetime import date
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.pieces import marketing, piece, value
from tests.unit.content.shows.plans import AI, SCRIPT, plan, plan_body, show

from quanyu.content.library.states import PieceState
from quanyu.content.library.version import Version
from quanyu.content.piece import Piece
from quanyu.content.shows.planning import plan_hash, shows_of
from quanyu.content.shows.script import FromPiece, approved, filled, superseded, words_of
from quanyu.content.shows.show import Plan, Show
from quanyu.content.shows.shown import showing_of
from quanyu.errors import BadInput

DAY = date(2026, 3, 10)
RECORD = {"Label": "1", "ContentProducer": "demo", "ProduceID": "p1"}
ASKED = FromPiece("evening-script")
S = PieceState


def script_piece(text: str = "先看质地", **change: Any) -> Piece:
    words = (value(text, seconds=900), marketing("本场由某某赞助", seconds=90))
    return piece(*words, **{"id": "evening-script", "kind": "show", **change})


def version(number: int, state: PieceState, text: str = "", **change: Any) -> Version:
    said = script_piece(text or f"第 {number} 版", **change)
    return Version(said, number, state, "lin", since_us=1)


READY = {S.APPROVED, S.PUBLISHED}


@pytest.mark.parametrize("state", S)
def test_only_what_was_approved_and_stands_is_read_out(state: PieceState) -> None:
    only = version(1, state)
    assert approved([only]) == (only if state in READY else None)


@pytest.mark.parametrize(("first", "second"), list(product(S, S)))
def test_the_newest_of_those(first: PieceState, second: PieceState) -> None:
    """A draft, or a version that was taken back, changes nothing of the one that stands."""
    both = [version(1, first), version(2, second)]
    ready = [one for one in both if one.state in READY]
    assert approved(both) == (ready[-1] if ready else None)


def test_the_plan_gets_the_words_and_what_they_are() -> None:
    one = version(3, S.APPROVED)
    found = filled(ASKED, [version(2, S.PUBLISHED), one, version(4, S.DRAFT)])
    assert found == FromPiece("evening-script", one.hash, 3, False, one.piece.segments)
    assert words_of(found) == one.piece.segments
    assert filled(found, [one]) == found, "planning again says the same"


@pytest.mark.parametrize(
    ("versions", "field", "mend"),
    [
        ([], "show.script.piece", "quanyu content add"),
        ([version(1, S.DRAFT)], "show.script.piece", "quanyu content approve"),
        ([version(1, S.IN_REVIEW)], "show.script.piece", "quanyu content approve"),
        ([version(1, S.WITHDRAWN)], "show.script.piece", "quanyu content approve"),
        ([version(1, S.PAUSED)], "show.script.piece", "quanyu content resume"),
        ([version(1, S.APPROVED, kind="video")], "show.script.piece", "kind show"),
    ],
)
def test_what_cannot_be_read_out(versions: list[Version], field: str, mend: str) -> None:
    with pytest.raises(BadInput) as caught:
        filled(ASKED, versions)
    assert caught.value.field == field
    assert mend in caught.value.mend


def test_a_hash_that_is_named_is_held() -> None:
    one, other = version(1, S.APPROVED, "一"), version(2, S.APPROVED, "二")
    named = msgspec.structs.replace(ASKED, hash=one.hash)
    assert filled(named, [one]).version == 1
    with pytest.raises(BadInput) as caught:
        filled(named, [one, other])
    assert (caught.value.field, other.hash in caught.value.mend) == ("show.script.hash", True)


def test_words_that_are_handed_in_do_not_count() -> None:
    """Whoever plans cannot slip words in under the name of a piece."""
    forged = FromPiece("evening-script", segments=(value("根治失眠"),), version=9)
    one = version(1, S.APPROVED)
    found = filled(forged, [one])
    assert (found.segments, found.version) == (one.piece.segments, 1)


class TestSuperseded:
    one = version(1, S.APPROVED, "一")
    frozen = filled(ASKED, [one])

    def whys(self, *versions: Version) -> list[str]:
        return [hit.why for hit in superseded(self.frozen, versions)]

    def test_it_is_the_approved_one_still(self) -> None:
        assert self.whys(self.one) == []
        assert self.whys(self.one, version(2, S.DRAFT)) == []
        assert self.whys(version(1, S.PUBLISHED, "一")) == []

    def test_the_same_words_again_are_the_same_script(self) -> None:
        assert self.whys(version(1, S.WITHDRAWN, "一"), version(2, S.APPROVED, "一")) == []

    def test_another_one_was_approved(self) -> None:
        (why,) = self.whys(version(1, S.WITHDRAWN, "一"), version(2, S.APPROVED, "二"))
        assert "第 1 版" in why
        assert "第 2 版" in why

    @pytest.mark.parametrize("state", [S.DRAFT, S.IN_REVIEW, S.PAUSED, S.WITHDRAWN])
    def test_it_was_taken_back(self, state: PieceState) -> None:
        (why,) = self.whys(version(1, state, "一"))
        assert "没有已审核的版本" in why

    def test_it_stands_in_the_way(self) -> None:
        (hit,) = superseded(self.frozen, [])
        assert (hit.severity.value, hit.field) == ("block", "script.piece")
        assert "重新提交排期" in hit.suggestion

    def test_a_script_of_its_own_asks_nobody(self) -> None:
        assert list(superseded(show().script, [])) == []


def with_script(found: FromPiece, **change: Any) -> Show:
    return msgspec.structs.replace(show(**change), script=found)


def test_an_approval_is_of_the_words_of_the_piece() -> None:
    """Two versions, or the same words under another version, are plans of their own."""
    frozen = filled(ASKED, [version(1, S.APPROVED, "一")])
    other = filled(ASKED, [version(2, S.APPROVED, "二")])
    hashes = {plan_hash(with_script(one)) for one in (frozen, other)}
    assert len(hashes | {plan_hash(show())}) == 3
    assert plan_hash(with_script(frozen)) in hashes


def test_the_form_as_it_is_handed_in() -> None:
    asked = plan(script={"piece": "evening-script"})
    assert asked.script == ASKED
    assert asked.segments == ()
    assert [one.script for one in shows_of(asked)] == [ASKED]


@pytest.mark.parametrize(
    "script",
    [{}, {"piece": ""}, {"piece": "a b"}, {"piece": "x", "mood": "warm"}, "evening-script", []],
)
def test_a_script_that_cannot_be(script: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(plan_body(script=script), Plan)


@given(st.lists(st.sampled_from(S), max_size=6))
def test_a_plan_that_was_filled_is_never_stale_at_once(states: list[PieceState]) -> None:
    versions = [version(number, state) for number, state in enumerate(states, 1)]
    try:
        found = filled(ASKED, versions)
    except BadInput:
        assert READY.isdisjoint(states)
        return
    assert list(superseded(found, versions)) == []
    assert versions[found.version - 1].hash == found.hash


@given(st.lists(st.sampled_from(SCRIPT), min_size=1, max_size=5))
def test_it_is_kept_as_it_is(said: list[dict[str, Any]]) -> None:
    """Through the plan as it is stored and back, from a piece or written into it."""
    written = show(script=said)
    same = msgspec.structs.replace(script_piece(), segments=written.segments)
    frozen = with_script(filled(ASKED, [Version(same, 1, S.APPROVED, "lin", 1)]))
    for one in (written, frozen):
        again = msgspec.json.decode(msgspec.json.encode(one), type=Show)
        assert again == one
        assert again.segments == written.segments


MARKED, PLAIN = "（本内容由AI生成）先看质地", "先看质地"


@pytest.mark.parametrize(
    ("generated", "text", "ai_host", "told"),
    [
        (False, PLAIN, False, (False, False)),
        (False, PLAIN, True, (True, True)),
        (True, MARKED, False, (True, True)),
        (True, PLAIN, False, (True, False)),
        (True, PLAIN, True, (True, False)),
        (True, MARKED, True, (True, True)),
        (False, MARKED, False, (False, False)),
    ],
)
def test_what_a_machine_wrote_says_so(
    generated: bool, text: str, *, ai_host: bool, told: tuple[bool, bool]
) -> None:
    """The label of a host made by a machine does not stand in for that of the words."""
    record = {"generated": RECORD} if generated else {}
    frozen = filled(ASKED, [version(1, S.APPROVED, text, **record)])
    assert frozen.generated is generated
    shown = showing_of(with_script(frozen, **({"hosts": [AI]} if ai_host else {})), "店", on=DAY)
    assert (shown.generated, shown.marked_as_generated) == told


def test_every_word_of_the_piece_is_shown_to_the_gate() -> None:
    frozen = filled(ASKED, [version(1, S.APPROVED)])
    texts = showing_of(with_script(frozen), "店", on=DAY).texts
    assert texts["script[0].text"] == "第 1 版"
    assert texts["script[1].text"] == "本场由某某赞助"
