"""What may not be shown any more is taken off show, and comes back through a person."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.merchant_desk import NOON_US, SENTENCE, TODAY, Desk, licence

from quanyu.clock import DAY_US, HOUR_US
from quanyu.compliance.showing import Unlawful
from quanyu.errors import BadInput, NotFound
from quanyu.merchants.papers.evidence import EvidenceForm
from quanyu.merchants.papers.records import PaperKind
from quanyu.merchants.papers.withholding import AT_A_TIME, Line

LAST_DAY = date(2026, 3, 29)


@pytest.fixture
def desk() -> Desk:
    """A tea house with a licence that is good for 19 more days, an item and a promotion."""
    made = Desk()
    made.papers.say_industry("tea", "catering", actor="lin")
    made.papers.add_licence("tea", licence(), actor="lin")
    made.shows("item", "i1")
    made.shows("promotion", "p1", "满100减20")
    return made


def things(lines: Any) -> list[tuple[str, str]]:
    return [one.thing for one in lines]


def run_out(desk: Desk) -> None:
    """To the first day without a licence."""
    desk.clock.advance(((LAST_DAY - TODAY).days + 1) * DAY_US)


def test_nothing_is_withheld_up_to_the_last_day_and_everything_on_the_next(desk: Desk) -> None:
    desk.clock.advance((LAST_DAY - TODAY).days * DAY_US)
    assert desk.withholding.recheck("tea") == [], "the last day counts"
    desk.clock.advance(DAY_US)
    found = desk.withholding.recheck("tea")
    assert things(found) == [("item", "i1"), ("promotion", "p1")]
    assert {one.article for one in found} == {"《食品安全法》第三十五条、第六十二条"}
    assert all("已于 2026-03-29 到期" in one.why for one in found)
    assert {(one.what, one.actor) for one in found} == {("withheld", "quanyu")}


def test_said_once(desk: Desk) -> None:
    run_out(desk)
    assert len(desk.withholding.recheck("tea")) == 2
    desk.clock.advance(DAY_US)
    assert desk.withholding.recheck("tea") == [], "withheld already"
    assert len(desk.withholding.history("tea", "item", id="i1")) == 1


def test_the_same_day_and_papers_are_judged_once(desk: Desk) -> None:
    desk.withholding.recheck("tea")
    before = desk.judged
    desk.clock.advance(HOUR_US)
    desk.withholding.recheck("tea")
    assert desk.judged == before
    desk.clock.advance(DAY_US)
    desk.withholding.recheck("tea")
    assert desk.judged == before + 2, "a new day may be under another law"


CHANGES: dict[str, Any] = {
    "a licence is withdrawn": lambda desk: desk.papers.withdraw(
        "tea", PaperKind.LICENCE, id=licence().id, actor="lin", reason="吊销"
    ),
    "a licence is shortened": lambda desk: desk.papers.add_licence(
        "tea", licence(valid_to=date(2026, 3, 9)), actor="lin"
    ),
    "a licence covers other shops": lambda desk: desk.papers.add_licence(
        "tea", licence(shops=("分店",)), actor="lin"
    ),
    "the industry is another": lambda desk: desk.papers.say_industry("tea", "medical", actor="lin"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_papers_that_change_count_within_the_hour(desk: Desk, what: str) -> None:
    assert desk.withholding.recheck("tea") == []
    CHANGES[what](desk)
    desk.clock.advance(HOUR_US)
    assert ("promotion", "p1") in things(desk.withholding.recheck("tea"))


def test_evidence_that_is_gone_takes_its_claim_with_it() -> None:
    desk = Desk()
    desk.papers.say_industry("tea", "apparel", actor="lin")
    form = EvidenceForm(
        id="e1", claim="全国衬衫零售额第一", source="国家统计局", scope="衬衫零售额",
        region="全国", period_from=date(2025, 1, 1), period_to=date(2025, 12, 31),
        file_name="report.pdf",
    )  # fmt: skip
    kept = desk.papers.add_evidence("tea", form, body=b"%PDF-1.7", actor="lin")
    desk.shows("item", "i1", "2025年全国衬衫零售额第一")
    assert desk.withholding.recheck("tea") == []
    desk.files.kept[kept.sha256] = b"%PDF-1.7 and another page"
    (found,) = desk.withholding.recheck("tea")
    assert found.thing == ("item", "i1")
    assert "第" in found.article
    desk.files.kept[kept.sha256] = b"%PDF-1.7"
    assert things(desk.withholding.resume("tea", actor="lin").resumed) == [("item", "i1")]


def test_who_has_said_no_industry_is_not_withheld_for_that(desk: Desk) -> None:
    nobody = Desk()
    nobody.shows("item", "i1")
    assert nobody.withholding.recheck("tea") == [], "a warning is no ban"


def test_only_the_bad_one_of_many_goes(desk: Desk) -> None:
    for number in range(2, AT_A_TIME + 5):
        desk.shows("item", f"i{number}")
    desk.shows("item", "bad", SENTENCE)
    (found,) = desk.withholding.recheck("tea")
    assert found.thing == ("item", "bad")
    assert found.rule.startswith(("price.", "absolute."))


def test_what_stays_lawful_leaves_no_line_in_the_journal(desk: Desk) -> None:
    desk.shows("item", "bad", SENTENCE)
    desk.withholding.recheck("tea")
    assert [(one.id, verdict.may_be_shown) for one, verdict in desk.journal] == [("bad", False)]
    desk.door.judge("tea", desk.pages["promotion"])
    assert [one.id for one, _ in desk.journal] == ["bad", "p1"], "what is written leaves one"


def test_nothing_comes_back_while_the_law_stands_against_it(desk: Desk) -> None:
    run_out(desk)
    desk.withholding.recheck("tea")
    with pytest.raises(Unlawful) as caught:
        desk.withholding.resume("tea", actor="lin", kind="item", id="i1")
    assert caught.value.field == "item.licence"
    done = desk.withholding.resume("tea", actor="lin")
    assert done.resumed == ()
    assert things(done.refused) == [("item", "i1"), ("promotion", "p1")]
    assert len(desk.withholding.withheld("tea")) == 2


def test_renewed_it_waits_for_a_person(desk: Desk) -> None:
    run_out(desk)
    desk.withholding.recheck("tea")
    desk.papers.add_licence("tea", licence(valid_to=date(2031, 3, 29)), actor="lin")
    assert desk.withholding.recheck("tea") == []
    assert len(desk.withholding.withheld("tea")) == 2, "nothing comes back by itself"
    done = desk.withholding.resume("tea", actor="wang", kind="item", id="i1")
    assert things(done.resumed) == [("item", "i1")]
    assert things(desk.withholding.withheld("tea")) == [("promotion", "p1")]
    told = [(one.what, one.actor) for one in desk.withholding.history("tea", "item", id="i1")]
    assert told == [("withheld", "quanyu"), ("resumed", "wang")]
    assert desk.withholding.recheck("tea") == [], "and it stays"


def test_papers_that_change_and_change_back_are_judged_again(desk: Desk) -> None:
    """Somebody resumed meanwhile: the same papers as at the last check, and something on show."""
    CHANGES["a licence is withdrawn"](desk)
    assert len(desk.withholding.recheck("tea")) == 2
    desk.papers.add_licence("tea", licence(), actor="lin")
    assert len(desk.withholding.resume("tea", actor="lin").resumed) == 2
    CHANGES["a licence is withdrawn"](desk)
    assert len(desk.withholding.recheck("tea")) == 2


def test_all_that_may_come_back_does_and_the_rest_is_told(desk: Desk) -> None:
    desk.shows("item", "bad", SENTENCE)
    run_out(desk)
    assert len(desk.withholding.recheck("tea")) == 3
    desk.papers.add_licence("tea", licence(valid_to=date(2031, 3, 29)), actor="lin")
    done = desk.withholding.resume("tea", actor="lin").as_json()
    assert done["resumed"] == [{"kind": "item", "id": "i1"}, {"kind": "promotion", "id": "p1"}]
    assert [one["id"] for one in done["refused"]] == ["bad"]
    assert done["refused"][0]["article"]


@pytest.mark.parametrize("asked", [{}, {"kind": "item", "id": "i1"}])
def test_what_a_person_resumes_leaves_its_verdict(desk: Desk, asked: dict[str, str]) -> None:
    run_out(desk)
    desk.withholding.recheck("tea")
    desk.papers.add_licence("tea", licence(valid_to=date(2031, 3, 29)), actor="lin")
    desk.withholding.resume("tea", actor="lin", **asked)
    said = [verdict.verdict for one, verdict in desk.journal if one.id == "i1"]
    assert said == ["block", "pass"], "why it is shown again can be explained"


def test_what_is_gone_for_good_is_no_longer_withheld_when_asked(desk: Desk) -> None:
    run_out(desk)
    desk.withholding.recheck("tea")
    desk.pages["item"].clear()
    assert things(desk.withholding.resume("tea", actor="lin").resumed) == [("item", "i1")]


def test_merchants_do_not_see_each_other(desk: Desk) -> None:
    run_out(desk)
    desk.withholding.recheck("tea")
    assert desk.withholding.withheld("shoes") == []
    assert desk.withholding.history("shoes", "item", id="i1") == []
    assert desk.withholding.resume("shoes", actor="lin").resumed == ()
    with pytest.raises(NotFound):
        desk.withholding.resume("shoes", actor="lin", kind="item", id="i1")
    assert len(desk.withholding.withheld("tea")) == 2


BAD = [
    ({"actor": ""}, "actor"),
    ({"actor": "x" * 65}, "actor"),
    ({"actor": "li\nn"}, "actor"),
    ({"actor": "lin", "kind": "rocket", "id": "i1"}, "kind"),
    ({"actor": "lin", "id": "i1"}, "kind"),
]


@pytest.mark.parametrize(("asked", "field"), BAD)
def test_bad_questions_name_the_field(desk: Desk, asked: dict[str, str], field: str) -> None:
    run_out(desk)
    desk.withholding.recheck("tea")
    with pytest.raises(BadInput) as caught:
        desk.withholding.resume("tea", **asked)
    assert caught.value.field == field
    assert len(desk.withholding.withheld("tea")) == 2


@pytest.mark.parametrize(("kind", "id"), [("item", "i9"), ("promotion", "i1"), ("item", "i1")])
def test_what_is_not_withheld_cannot_be_resumed(desk: Desk, kind: str, id: str) -> None:
    with pytest.raises(NotFound):
        desk.withholding.resume("tea", actor="lin", kind=kind, id=id)


def test_a_line_as_it_is_told() -> None:
    line = Line(kind="item", id="i1", what="resumed", actor="lin", at_us=NOON_US)
    assert line.as_json() == {
        "at": "2026-03-10T12:00:00+08:00", "kind": "item", "id": "i1", "what": "resumed",
        "actor": "lin", "rule": "", "article": "", "why": "",
    }  # fmt: skip


STEPS = st.lists(st.sampled_from(["day", "renew", "withdraw", "recheck", "resume"]), max_size=12)


@given(STEPS)
def test_history_alternates_and_nothing_unlawful_is_on_show_after_a_check(steps: list[str]) -> None:
    desk = Desk(kinds=["promotion"])
    desk.papers.say_industry("tea", "catering", actor="lin")
    desk.papers.add_licence("tea", licence(valid_to=date(2026, 3, 12)), actor="lin")
    page = desk.shows("promotion", "p1")
    for step in steps:
        today = desk.papers.today
        if step == "day":
            desk.clock.advance(DAY_US)
        elif step == "renew":
            ends = date.fromordinal(today.toordinal() + 2)
            desk.papers.add_licence("tea", licence(valid_to=ends), actor="lin")
        elif step == "withdraw" and desk.papers.listed("tea", PaperKind.LICENCE):
            desk.papers.withdraw(
                "tea", PaperKind.LICENCE, id=licence().id, actor="lin", reason="注销"
            )
        elif step == "resume":
            desk.withholding.resume("tea", actor="lin")
        elif step == "recheck":
            desk.withholding.recheck("tea")
            lawful = desk.door.rejudge("tea", [page])[0].may_be_shown
            assert lawful or things(desk.withholding.withheld("tea")) == [page_of(page)]
    told = [one.what for one in desk.withholding.history("tea", "promotion", id="p1")]
    assert told == ["withheld", "resumed"] * (len(told) // 2) + ["withheld"] * (len(told) % 2)
    assert bool(desk.withholding.withheld("tea")) == (len(told) % 2 == 1)


def page_of(page: Any) -> tuple[str, str]:
    return page.kind, page.id
