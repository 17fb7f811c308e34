"""What comes of a wish: pieces, duplicates, what was given up, and in which words that is told."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.content.generation.ground import (
    TEA,
    Scripted,
    brief,
    draft,
    forbids,
    lawful,
    task,
)

from quanyu.compliance.verdict import Severity
from quanyu.content.generation.draft import Draft
from quanyu.content.generation.making import TRIES_PER_PIECE, Maker, Tally, Try, Wish
from quanyu.content.generation.mending import Change, mended
from quanyu.content.generation.passing import GateLoop, Outcome
from quanyu.content.generation.ports import Task, WriterUnavailable
from quanyu.content.generation.template import TemplateWriter
from quanyu.errors import BadInput
from quanyu.interfaces.generating import REASONS_TOLD_MAX, Batch, given_up_json, no_piece, titles

ADVICE = "泡茶先温杯，水温看茶的老嫩，慢慢来。"
FAR = (
    "罐口朝下放着，存一季也不受潮。",
    "客人来了先烫壶，再分到小杯里喝。",
    "夏天冷泡一夜，清早拿出来解渴。",
    "出门带两小罐，开水到处都有。",
    "旧茶炒一炒，香气又回来一些。",
)


def article(text: str) -> Draft:
    return draft(text, title=text[:6])


def wish(count: int, **change: Any) -> Wish:
    return Wish(kind="article", brief=brief(), count=count, **change)


def maker(*drafts: Draft | None, review: Any = lawful) -> Maker:
    return Maker(Scripted(drafts), review, "tea house")


def test_a_wish_ends_when_it_is_fulfilled() -> None:
    tries = list(maker(*(article(text) for text in FAR)).tries(wish(3)))
    assert [one.made is not None for one in tries] == [True] * 3


def test_seeds_count_upwards_from_the_one_that_was_asked_for() -> None:
    tries = list(maker(*(article(text) for text in FAR)).tries(wish(3, seed=40)))
    assert [one.seed for one in tries] == [40, 41, 42]


def test_a_duplicate_costs_a_try_and_gives_no_piece() -> None:
    same = article(FAR[0])
    tries = list(maker(same, same, article(FAR[1])).tries(wish(2)))
    assert [(one.made is not None, one.duplicate) for one in tries] == [
        (True, False), (False, True), (True, False),
    ]  # fmt: skip


def test_three_tries_a_piece_and_no_more() -> None:
    same = article(FAR[0])
    tries = list(maker(*[same] * 20).tries(wish(4)))
    assert len(tries) == 4 * TRIES_PER_PIECE
    assert sum(one.made is not None for one in tries) == 1


def test_a_draft_that_is_given_up_does_not_stop_the_others() -> None:
    bad = draft(title="包治百病")
    tries = list(maker(*[bad] * 4, article(FAR[0]), review=forbids("包治")).tries(wish(1)))
    first, second = tries
    assert first.outcome.draft is None
    assert not first.duplicate
    assert second.made is not None


def test_what_was_given_up_is_not_kept_for_comparing() -> None:
    bad = draft(title="包治百病")
    made = maker(*[bad] * 4, article(FAR[0]), review=forbids("包治"))
    list(made.tries(wish(1)))
    assert len(made.seen) == 1


def outcome(**change: Any) -> Outcome:
    return Outcome(**({"draft": article(FAR[0]), "rounds": 1} | change))


CHANGED = (Change("title", "a", "b", "r", "《广告法》第九条", "不得使用"),)


@pytest.mark.parametrize(
    ("tries", "figures"),
    [
        ([], (0, 0, 0, 0, 0)),
        ([Try(seed=0, outcome=outcome(), duplicate=True)], (0, 1, 0, 1, 0)),
        ([Try(seed=0, outcome=outcome(draft=None, rounds=4))], (0, 0, 1, 4, 0)),
        ([Try(seed=0, outcome=outcome(draft=None, rounds=0))], (0, 0, 1, 0, 0)),
        # A change of what was thrown away is no changed piece.
        ([Try(seed=0, outcome=outcome(changes=CHANGED), duplicate=True)], (0, 1, 0, 1, 0)),
    ],
)
def test_a_tally_counts_what_became_of_each(tries: list[Try], figures: Any) -> None:
    tally = Tally(asked=5)
    for one in tries:
        tally.add(one)
    found = (tally.made, tally.duplicates, tally.given_up, tally.drafts, tally.changed)
    assert found == figures


def test_pieces_and_their_rewritings_are_counted() -> None:
    best = draft(f"{ADVICE}这是最佳办法。")
    made = maker(draft(title="包治百病"), best, review=forbids("包治", "最佳"))
    batch = Batch(wish(1)).fill(made)
    tally = batch.tally
    assert (tally.made, tally.drafts, tally.changed, tally.given_up) == (1, 2, 1, 0)
    assert titles(batch.pieces) == [best.title]
    assert "最佳" not in batch.pieces[0].outcome.draft.whole()  # type: ignore[union-attr]


class Fading:
    """A model that goes away after some drafts."""

    name = "fading"

    def __init__(self, *drafts: Draft) -> None:
        self._left: Iterator[Draft] = iter(drafts)

    def write(self, task: Task) -> Draft:
        for one in self._left:
            return one
        raise WriterUnavailable("no answer within 60 s")


def test_a_writer_that_goes_away_keeps_what_is_there() -> None:
    made = Maker(Fading(article(FAR[0]), article(FAR[1])), lawful, "tea house")
    batch = Batch(wish(5)).fill(made)
    assert batch.tally.made == 2
    assert "no answer within 60 s" in (batch.stopped or "")
    assert batch.as_json()["stopped"] == batch.stopped


def test_a_writer_that_never_came_is_told_as_such() -> None:
    with pytest.raises(WriterUnavailable):
        Batch(wish(5)).fill(Maker(Fading(), lawful, "tea house"))


def test_progress_is_heard_after_each_try() -> None:
    heard: list[int] = []
    same = article(FAR[0])
    Batch(wish(2)).fill(maker(same, same, article(FAR[1])), after=heard.append)
    assert heard == [1, 1, 2]


def test_nothing_but_refusals_is_bad_input_with_article_and_mend() -> None:
    with pytest.raises(BadInput) as caught:
        Batch(wish(2)).fill(maker(*[draft(title="包治百病")] * 30, review=forbids("包治")))
    assert caught.value.field == "title"
    for word in ("包治", "《广告法》第九条", "不得使用", "删去"):
        assert word in caught.value.mend


@pytest.mark.parametrize(
    ("made", "field", "mend"),
    [
        (Outcome(failure="不是要求的 JSON"), "brief", "不是要求的 JSON"),
        (Outcome(), "brief", "try again"),
    ],
)
def test_a_failure_without_a_finding_is_told_in_words(made: Outcome, field: str, mend: str) -> None:
    error = no_piece(Try(seed=0, outcome=made))
    assert error.field == field
    assert mend in error.mend


def test_only_so_many_reasons_are_told() -> None:
    batch = Batch(wish(50))
    for seed in range(REASONS_TOLD_MAX + 9):
        batch.add(Try(seed=seed, outcome=Outcome(failure="不行", rounds=4)))
    told = batch.as_json()
    assert told["given_up"] == REASONS_TOLD_MAX + 9
    assert [one["seed"] for one in told["reasons"]] == list(range(REASONS_TOLD_MAX))


def test_duplicates_are_no_reason() -> None:
    batch = Batch(wish(5))
    batch.add(Try(seed=0, outcome=outcome(), duplicate=True))
    assert batch.as_json()["reasons"] == []
    assert batch.given_up == []


def test_a_reason_tells_seed_rounds_and_hits() -> None:
    found = GateLoop(Scripted([draft(title="包治百病")] * 4), forbids("包治")).outcome(task())
    told = given_up_json(Try(seed=7, outcome=found))
    assert (told["seed"], told["rounds"], told["failure"]) == (7, 4, None)
    assert [(hit["field"], hit["text"]) for hit in told["hits"]] == [("title", "包治")]


@pytest.mark.parametrize("rounds", [1, 2, 3, 4])
def test_a_loop_writes_as_often_as_it_may(rounds: int) -> None:
    writer = Scripted([draft(title="包治百病")] * 9)
    found = GateLoop(writer, forbids("包治"), rounds_max=rounds).outcome(task())
    assert found.rounds == len(writer.tasks) == rounds
    assert [one.round for one in writer.tasks] == list(range(rounds))


def test_a_good_form_after_a_bad_one_forgets_the_complaint() -> None:
    """Else the reasons at the end would name a fault that was mended."""
    bad = draft(title="包治百病")
    writer = Scripted([None, bad, bad, bad])
    found = GateLoop(writer, forbids("包治")).outcome(task())
    assert found.failure is None
    assert {hit.text for hit in found.reasons} == {"包治"}
    assert writer.tasks[1].complaint
    assert not writer.tasks[2].complaint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("慢慢喝", "慢慢喝"),
        ("最佳办法", "合适的办法"),
        ("慢慢喝。包治失眠。", "慢慢喝。"),
        ("包治失眠", None),
        ("最佳的茶包治失眠", None),
        ("慢慢喝。最佳的茶包治失眠。", "慢慢喝。"),
    ],
)
def test_a_text_is_mended_by_the_smallest_change(text: str, said: str | None) -> None:
    found, hits = mended(text, forbids("最佳", "包治"))
    assert found == said
    assert bool(hits) == (said != text)


@pytest.mark.parametrize("severity", [Severity.WARN, Severity.LABEL])
def test_a_warning_changes_nothing(severity: Severity) -> None:
    assert mended("最佳办法", forbids("最佳", severity=severity)) == ("最佳办法", ())


@pytest.mark.parametrize("place", ["facts", "selling_points", "how_to", "pains"])
def test_one_bad_text_of_a_brief_leaves_the_others(place: str) -> None:
    bad: Any = {"功效": "包治失眠"} if place == "facts" else ["包治失眠"]
    good: Any = TEA.get(place, ["泡不出味"])
    item = TEA | {place: (good | bad) if place == "facts" else [*good, *bad]}
    writer = TemplateWriter()
    found = GateLoop(writer, forbids("包治")).outcome(task("article", brief=brief(item)))
    assert found.draft is not None
    assert "包治" not in found.draft.whole()
    assert [one.field.startswith(f"brief.items[0].{place}") for one in found.changes] == [True]
    assert found.rounds == 1
