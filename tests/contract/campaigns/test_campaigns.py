"""Campaigns from a draft to their end, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from tests.campaigns_ground import ITEM, SHOP, WANG, Board, creative, form
from tests.engine_ground import faults, rows
from tests.merchant_desk import licence

from quanyu.clock import DAY_US, HOUR_US, FixedClock, format_iso
from quanyu.compliance.showing import Unlawful
from quanyu.content.library.version import By
from quanyu.decisions.campaigns.record import Purse, Standing
from quanyu.decisions.campaigns.states import CampaignRefusal, CampaignState
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.requests import Conflict
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item

OTHER = {"creatives": [creative(text="温和清爽")]}
WRONG = Refused(CampaignRefusal.WRONG_STATE)


def window(clock: FixedClock, begins_us: int, ends_us: int) -> dict[str, Any]:
    now_us = clock.now_us()
    return {"from": format_iso(now_us + begins_us), "to": format_iso(now_us + ends_us)}


class TestTheWay:
    def test_from_a_draft_to_the_end(self, board: Board) -> None:
        board.put()
        assert board.states() == ("draft", "draft", 0)
        board.fund(100_000)
        board.move("submit")
        assert board.states() == ("in_review", "in_review", 0)
        assert board.running() == []
        board.move("approve", by=WANG)
        assert board.states() == ("running", "in_force", 1), "its time has come"
        assert board.running() == [(1, "spring")]
        board.move("pause")
        assert board.running() == []
        board.move("resume")
        assert board.running() == [(1, "spring")]
        board.move("end")
        assert board.states() == ("ended", "in_force", 1)
        assert board.running() == []

    def test_a_rejected_one_is_a_draft_again(self, board: Board) -> None:
        board.put()
        board.move("submit")
        board.move("reject", by=By("wang", "标题太长"))
        assert board.states() == ("draft", "draft", 0)
        last = board.campaigns.history(board.merchant, "spring")[-1]
        assert (last.verb, last.actor, last.note) == ("reject", "wang", "标题太长")

    @pytest.mark.parametrize("verb", ["approve", "reject", "pause", "resume"])
    def test_what_the_table_does_not_have(self, board: Board, verb: str) -> None:
        board.put()
        assert board.move(verb, by=WANG) == WRONG

    def test_after_the_end_nothing_more(self, board: Board) -> None:
        board.run()
        board.move("end")
        for verb in ("submit", "approve", "reject", "pause", "resume", "end"):
            assert board.move(verb, by=WANG) == WRONG
        assert board.put(form(**OTHER)) == WRONG
        assert board.budget(1, 1) == WRONG

    def test_only_the_clock_starts(self, board: Board) -> None:
        board.put()
        with pytest.raises(BadInput, match="submit, reject, approve"):
            board.move("start")

    def test_nobody_has_it(self, board: Board) -> None:
        with pytest.raises(NotFound):
            board.move("submit", "none")
        with pytest.raises(NotFound):
            board.campaigns.history(board.merchant, "none")
        with pytest.raises(NotFound):
            board.open_day(1, "none")

    def test_the_history_says_who_did_what(self, board: Board) -> None:
        board.run()
        board.budget(10_000, 60_000)
        board.move("pause", by=By("wang", "缺货"))
        told = [one.as_json() for one in board.campaigns.history(board.merchant, "spring")]
        assert [(one["verb"], one["actor"], one["before"], one["after"]) for one in told] == [
            ("put", "lin", "", "draft"),
            ("submit", "lin", "draft", "in_review"),
            ("approve", "wang", "in_review", "approved"),
            ("start", "quanyu", "approved", "running"),
            ("budget", "lin", "¥100.00/day, ¥500.00", "¥100.00/day, ¥600.00"),
            ("pause", "wang", "running", "paused"),
        ]
        assert told[-1]["note"] == "缺货"

    def test_a_line_of_history_is_never_changed(self, board: Board) -> None:
        board.put()
        for statement in (
            "UPDATE campaign_change SET campaign = 'x'",
            "DELETE FROM campaign_change",
        ):
            with pytest.raises(Exception, match="never changed"):
                rows(board.engine.database, statement)


class TestFourEyes:
    @pytest.mark.parametrize("who", ["lin", "zhao"])
    def test_neither_who_wrote_nor_who_submitted_approves(self, board: Board, who: str) -> None:
        board.put()
        board.fund(100_000)
        board.move("submit", by=By("zhao"))
        assert board.move("approve", by=By(who)) == Refused(CampaignRefusal.AUTHOR_APPROVES)
        assert isinstance(board.move("approve", by=WANG), Standing)

    def test_what_was_looked_at_is_what_is_approved(self, board: Board) -> None:
        board.put()
        board.fund(100_000)
        board.move("submit")
        board.put(form(**OTHER))
        board.move("submit")
        changed = Refused(CampaignRefusal.VERSION_CHANGED)
        assert board.move("approve", by=WANG, version=1) == changed
        assert isinstance(board.move("approve", by=WANG, version=2), Standing)


class TestVersions:
    def test_the_old_one_runs_until_the_new_one_is_approved(self, board: Board) -> None:
        board.run()
        board.put(form(**OTHER))
        assert board.states() == ("running", "draft", 1)
        board.move("submit")
        assert board.states() == ("running", "in_review", 1)
        assert board.running() == [(1, "spring")]
        board.move("approve", by=WANG)
        assert board.states() == ("running", "in_force", 2)
        assert board.running() == [(2, "spring")]
        numbers = [(one.number, one.state.value) for one in
                   board.campaigns.versions(board.merchant, "spring")]  # fmt: skip
        assert numbers == [(1, "replaced"), (2, "in_force")]

    def test_a_second_approval_takes_no_more_money(self, board: Board) -> None:
        board.run()
        before = board.fen()
        board.put(form(**OTHER))
        board.move("submit")
        board.move("approve", by=WANG)
        assert board.fen() == before

    def test_a_rejected_next_version_leaves_the_one_in_force(self, board: Board) -> None:
        board.run()
        board.put(form(**OTHER))
        board.move("submit")
        board.move("reject", by=WANG)
        assert board.states() == ("running", "draft", 1)
        board.move("pause")
        assert board.states() == ("paused", "draft", 1)

    def test_a_paused_one_gets_its_next_version_too(self, board: Board) -> None:
        board.run()
        board.move("pause")
        board.put(form(**OTHER))
        board.move("submit")
        board.move("approve", by=WANG)
        assert board.states() == ("paused", "in_force", 2)
        board.move("resume")
        assert board.running() == [(2, "spring")]

    def test_the_same_again_is_the_same_version(self, board: Board) -> None:
        board.put()
        assert board.put() == board.put(by=WANG)
        assert board.states() == ("draft", "draft", 0)
        assert len(board.campaigns.versions(board.merchant, "spring")) == 1

    def test_a_newer_draft_takes_the_place_of_the_one_in_review(self, board: Board) -> None:
        board.put()
        board.move("submit")
        board.put(form(**OTHER))
        assert board.states() == ("draft", "draft", 0)
        states = [one.state.value for one in board.campaigns.versions(board.merchant, "spring")]
        assert states == ["replaced", "draft"]

    def test_whose_it_is_never_changes(self, board: Board) -> None:
        board.put()
        document = form(advertiser="别家", creatives=[creative(landing={"item": "other"})])
        with pytest.raises(BadInput, match="whose purse pays"):
            board.put(document)

    def test_the_budget_of_one_in_force_has_a_verb_of_its_own(self, board: Board) -> None:
        board.run()
        changed = form(budget={"day_fen": 1_000, "total_fen": 2_000}, **OTHER)
        with pytest.raises(BadInput, match="quanyu campaign budget"):
            board.put(changed)
        board.budget(1_000, 2_000)
        assert isinstance(board.put(changed), Standing)

    def test_a_next_version_fits_the_budget_of_now(self, board: Board) -> None:
        board.run()
        board.put(form(bid={"cpc": {"bid_fen": 900}}))
        board.budget(800, 50_000)
        with pytest.raises(BadInput) as caught:
            board.move("submit")
        assert caught.value.field == "campaign.bid.cpc.bid_fen"
        board.budget(900, 50_000)
        assert isinstance(board.move("submit"), Standing)

    def test_before_the_approval_everything_is_the_drafts(self, board: Board) -> None:
        board.put()
        board.put(form(budget={"day_fen": 7_000, "total_fen": 8_000}, title="再想想"))
        found = board.campaigns.find(board.merchant, "spring")
        assert (found.budget.day_fen, found.budget.total_fen, found.title) == (
            7_000,
            8_000,
            "再想想",
        )

    def test_a_title_changes_when_its_version_is_approved(self, board: Board) -> None:
        board.run()
        board.put(form(title="新标题"))
        assert board.campaigns.find(board.merchant, "spring").title == "春季投放"
        board.move("submit")
        board.move("approve", by=WANG)
        assert board.campaigns.find(board.merchant, "spring").title == "新标题"


class TestTheLaw:
    def test_an_unlawful_text_is_not_even_a_draft(self, board: Board) -> None:
        with pytest.raises(Unlawful, match="广告法") as caught:
            board.put(form(creatives=[creative(title="国家级面霜")]))
        assert caught.value.field == "campaign.creatives[0].title"
        with pytest.raises(NotFound):
            board.states()

    def test_two_halves_that_make_a_word(self, board: Board) -> None:
        words = [{"text": "家级", "match": "broad"}]
        shows = creative(title="国{keyword:货}面霜")
        with pytest.raises(Unlawful) as caught:
            board.put(form(creatives=[shows], keywords=words))
        assert caught.value.field == "campaign.keywords[0].text (creatives[0].title)"

    def test_a_search_that_nobody_reads_may_be_bid_on(self, board: Board) -> None:
        words = [{"text": "最好的面霜", "match": "exact"}]
        assert isinstance(board.put(form(keywords=words)), Standing)

    def test_what_went_off_sale_is_not_approved(self, board: Board) -> None:
        board.put()
        board.fund(100_000)
        board.move("submit")
        off_sale(board)
        with pytest.raises(BadInput, match="on sale"):
            board.move("approve", by=WANG)
        assert board.states() == ("in_review", "in_review", 0)

    def test_nor_resumed(self, board: Board) -> None:
        board.run()
        board.move("pause")
        off_sale(board)
        with pytest.raises(BadInput, match="on sale"):
            board.move("resume")
        assert isinstance(board.move("end"), Standing), "it can be ended"

    def test_a_withheld_one_is_not_shown_until_it_is_resumed(
        self, board: Board, clock: FixedClock
    ) -> None:
        merchant, engine = board.merchant, board.engine
        engine.papers.say_industry(merchant, "catering", actor="lin")
        engine.papers.add_licence(merchant, licence(), actor="lin")
        board.run()
        assert board.running() == [(1, "spring")]
        before = board.campaigns.revision(merchant)
        clock.advance(20 * DAY_US)
        assert ("campaign", "spring") in engine.recheck(merchant)
        assert board.running() == []
        assert board.campaigns.revision(merchant) > before
        assert board.states()[0] == "running", "its own state is the marketer's"
        renewed = licence(valid_to=date(2031, 1, 1))
        engine.papers.add_licence(merchant, renewed, actor="lin")
        between = board.campaigns.revision(merchant)
        engine.withholding.resume(merchant, actor="lin", kind="campaign", id="spring")
        assert board.running() == [(1, "spring")]
        assert board.campaigns.revision(merchant) > between

    def test_a_draft_that_is_unlawful_by_now_is_not_submitted(
        self, board: Board, clock: FixedClock
    ) -> None:
        board.engine.papers.say_industry(board.merchant, "catering", actor="lin")
        board.engine.papers.add_licence(board.merchant, licence(), actor="lin")
        board.put()
        clock.advance(20 * DAY_US)
        with pytest.raises(Unlawful):
            board.move("submit")


def off_sale(board: Board) -> None:
    item = listing_of({**ITEM, "state": "off"}, Item)
    board.engine.listings.put(board.merchant, [item], place="item")


class TestTime:
    def test_it_waits_for_its_first_day_and_ends_by_itself(
        self, board: Board, clock: FixedClock
    ) -> None:
        board.run(form(schedule=window(clock, HOUR_US, 2 * DAY_US)))
        assert board.states()[0] == "approved"
        assert board.campaigns.settle() == 0
        clock.advance(HOUR_US)
        assert board.campaigns.settle() == 1
        assert board.states()[0] == "running"
        assert board.running() == [(1, "spring")]
        clock.advance(2 * DAY_US - HOUR_US)
        assert board.running() == [], "whether or not the clock's work was done"
        assert board.campaigns.settle() == 1
        assert board.states()[0] == "ended"
        assert board.fen()["purse"] == 100_000
        assert board.campaigns.settle() == 0

    def test_what_is_over_is_not_approved(self, board: Board, clock: FixedClock) -> None:
        board.put(form(schedule=window(clock, 0, HOUR_US)))
        board.fund(100_000)
        board.move("submit")
        clock.advance(HOUR_US)
        with pytest.raises(BadInput, match="its time is over"):
            board.move("approve", by=WANG)

    def test_a_paused_one_ends_as_well(self, board: Board, clock: FixedClock) -> None:
        board.run(form(schedule=window(clock, 0, HOUR_US)))
        board.move("pause")
        clock.advance(HOUR_US)
        assert board.campaigns.settle() == 1
        assert board.states()[0] == "ended"

    def test_the_chore_of_the_engine(self, board: Board, clock: FixedClock) -> None:
        names = [chore.name for chore in board.engine.chores]
        assert "campaigns.settle" in names


class TestOneKeyIsOneIntent:
    def test_the_same_answer_whatever_came_between(self, board: Board) -> None:
        first = board.put(key="k1")
        board.fund(100_000, key="f")
        submitted = board.move("submit", key="k2")
        board.move("reject", by=WANG)
        assert board.move("submit", key="k2") == submitted
        assert board.put(key="k1") == first
        assert board.states() == ("draft", "draft", 0)

    def test_an_approval_that_is_sent_again_takes_no_more_money(self, board: Board) -> None:
        board.put()
        board.fund(60_000, key="f")
        assert board.fund(60_000, key="f") == Purse(SHOP, 60_000)
        board.move("submit")
        first = board.move("approve", by=WANG, key="a")
        assert board.move("approve", by=WANG, key="a") == first
        assert board.fen()["purse"] == 10_000

    def test_a_key_of_another_request(self, board: Board) -> None:
        board.put()
        board.fund(10, key="f")
        assert board.fund(11, key="f") == Refused(Conflict.KEY_USED_FOR_ANOTHER_REQUEST)

    def test_twins_at_the_same_moment(self, board: Board) -> None:
        board.put()
        board.fund(500_000)
        board.move("submit")
        with ThreadPoolExecutor(8) as pool:

            def approve(number: int) -> Standing | Refused:
                return board.move("approve", by=WANG, key=f"key {number % 2} {board.merchant}")

            answers = list(pool.map(approve, range(8)))
        assert sum(isinstance(one, Standing) for one in answers) == 4, "of one key"
        assert board.fen()["purse"] == 450_000


class TestListing:
    def test_by_id_and_by_state(self, board: Board) -> None:
        for id in ("b", "a", "c"):
            board.put(form(id))
        board.move("submit", "b")
        listed = board.campaigns.listed
        assert [one.id for one in listed(board.merchant)] == ["a", "b", "c"]
        assert [one.id for one in listed(board.merchant, after="a")] == ["b", "c"]
        found = listed(board.merchant, state=CampaignState.IN_REVIEW)
        assert [one.id for one in found] == ["b"]

    def test_another_merchant_sees_nothing(self, board: Board, engine: Any) -> None:
        board.run()
        stranger = Board(engine, f"{board.merchant}的对手")
        assert stranger.running() == []
        assert list(stranger.campaigns.listed(stranger.merchant)) == []
        assert list(stranger.campaigns.shown(stranger.merchant)) == []
        with pytest.raises(NotFound):
            stranger.move("pause")

    def test_the_revision_grows_with_every_change_of_this_merchant(self, board: Board) -> None:
        seen = [board.campaigns.revision(board.merchant)]
        for change in (
            board.put, lambda: board.move("submit"), lambda: board.fund(100_000),
            lambda: board.move("approve", by=WANG), lambda: board.put(form(**OTHER)),
            lambda: board.budget(20_000, 50_000), lambda: board.move("pause"),
            lambda: board.move("resume"), lambda: board.move("end"),
        ):  # fmt: skip
            assert not isinstance(change(), Refused)
            seen.append(board.campaigns.revision(board.merchant))
        grown = [after > before for before, after in pairwise(seen)]
        assert grown == [True, True, False, True, True, True, True, True, True], (
            "money is not shown"
        )

    def test_the_budget_of_now_is_what_the_index_hears(self, board: Board) -> None:
        board.run()
        board.budget(12_000, 60_000)
        ((_, one),) = board.campaigns.running(board.merchant, board.engine.clock.now_us())
        assert (one.budget.day_fen, one.budget.total_fen) == (12_000, 60_000)


def test_everything_adds_up(board: Board) -> None:
    """Over what all tests of this file have done."""
    board.run()
    assert faults(board.engine) == {}
