"""Wins and what the log tells of them: billed once, in time, by people."""

from typing import Any

import pytest
from tests.ads_ground import ANN, PRICE, Ads, changed, faults
from tests.engine_ground import body, paid, rows, tamper, tell

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from quanyu.decisions.billing.booking import NotBooked
from quanyu.errors import NotFound

BEN, CAT = {"taobao_id": "ben"}, {"taobao_id": "cat"}


class TestBilled:
    @pytest.mark.parametrize(
        ("billing", "kind"),
        [("click", "click"), ("impression", "impression"), ("arrival", "store_arrived")],
    )
    def test_by_its_event(self, ads: Ads, billing: str, kind: str) -> None:
        win = ads.one(ads.leased(), billing=billing, price_millifen=4_000)
        before = ads.fen()
        ads.happens(win, kind)
        assert ads.state(win) == ("settled", "billed")
        after = ads.fen()
        assert after["revenue"] - before["revenue"] == before["out"] - after["out"] == 4
        assert faults(ads.engine) == []

    @pytest.mark.parametrize(
        ("billing", "kind"), [("click", "impression"), ("impression", "click"), ("click", "view")]
    )
    def test_by_no_other(self, ads: Ads, billing: str, kind: str) -> None:
        win = ads.one(ads.leased(), billing=billing)
        ads.happens(win, kind)
        assert ads.state(win) == ("held", "")

    def test_parts_of_a_fen_add_up(self, ads: Ads) -> None:
        lease = ads.leased()
        booked = []
        for _ in range(4):
            ads.happens(ads.one(lease, billing="impression", price_millifen=600), "impression")
            booked.append(lease.amount_fen - ads.fen()["out"])
        assert booked == [0, 1, 1, 2]
        assert faults(ads.engine) == []

    def test_once_however_often(self, ads: Ads) -> None:
        win = ads.one(ads.leased())
        for _ in range(3):
            ads.happens(win)
        assert ads.spend().as_json()["total"] == {
            "spent_fen": 2, "held_millifen": 0, "settled_millifen": PRICE, "released_millifen": 0,
            "billed": 1, "invalid": {"repeated": 2},
        }  # fmt: skip

    def test_twice_in_one_delivery(self, ads: Ads) -> None:
        win = ads.one(ads.leased())
        tell(ads.engine, ads.merchant, ads.event(win), ads.event(win))
        ads.engine.projector.catch_up()
        assert ads.invalid() == {"repeated": 1}
        assert faults(ads.engine) == []

    def test_a_rebuild_settles_nothing_again(self, ads: Ads) -> None:
        lease = ads.leased()
        wins = [ads.one(lease) for _ in range(3)]
        ads.happens(wins[0])
        ads.happens(wins[1], at_us=wins[1].expires_us)
        before = ads.fen(), ads.spend(), ads.states(*wins)
        for _ in range(2):
            ads.engine.projector.rebuild("ad_billing")
            assert (ads.fen(), ads.spend(), ads.states(*wins)) == before
        ads.happens(wins[2])
        assert ads.spend().as_json()["total"]["billed"] == 2

    def test_of_another_merchant_nothing(self, ads: Ads) -> None:
        win = ads.one(ads.leased())
        tell(ads.engine, "邻居", ads.event(win))
        ads.engine.projector.catch_up()
        assert ads.state(win) == ("held", "")

    @pytest.mark.parametrize(
        "change",
        [
            {"decision": None},
            {"decision": "zz" * 16},
            {"decision": "00"},
            {"props": {}},
            {"props": {"position": 2}},
            {"props": {"position": 0}},
            {"props": {"position": -1}},
            {"props": {"position": 2**60}},
            {"props": {"position": "1"}},
            {"props": {"position": 1.0}},
            {"props": {"position": True}},
        ],
    )
    def test_what_says_no_slot_bills_none(self, ads: Ads, change: dict[str, Any]) -> None:
        win = ads.one(ads.leased())
        made = ads.event(win, **change)
        told = {name: value for name, value in made.items() if value is not None}
        ads.engine.events.record(ads.merchant, body([told]))
        ads.engine.projector.catch_up()
        assert ads.state(win) == ("held", "")

    def test_a_frozen_account_holds_everything_until_it_thaws(self, ads: Ads) -> None:
        win = ads.one(ads.leased())
        ads.tells(win)
        out = f"campaign/{ads.merchant}/spring/out"
        with ads.engine.database.transaction() as tx:
            ads.engine.book.freeze(tx, out, frozen=True)
        with pytest.raises(NotBooked, match="frozen"):
            ads.engine.projector.catch_up()
        assert ads.state(win) == ("held", "")
        with ads.engine.database.transaction() as tx:
            ads.engine.book.freeze(tx, out, frozen=False)
        ads.engine.projector.catch_up()
        assert ads.state(win) == ("settled", "billed")


class TestInTime:
    @pytest.mark.parametrize(("late_us", "state"), [(-1, "settled"), (0, "held"), (1, "held")])
    def test_before_it_expires(self, ads: Ads, late_us: int, state: str) -> None:
        win = ads.one(ads.leased())
        ads.happens(win, at_us=win.expires_us + late_us)
        assert ads.state(win)[0] == state
        assert ads.invalid() == ({} if state == "settled" else {"over": 1})

    def test_not_after_it_was_released(self, ads: Ads) -> None:
        win = ads.one(ads.leased())
        ads.later(2 * HOUR_US)
        ads.chore()
        ads.happens(win, at_us=win.at_us + SECOND_US)
        assert ads.state(win) == ("released", "expired")
        assert ads.invalid() == {"over": 1}
        assert ads.spend().as_json()["total"]["spent_fen"] == 0

    def test_after_the_lease_is_over_but_held(self, ads: Ads) -> None:
        """A lease that is over stays open as long as one of its wins may be billed."""
        win = ads.one(ads.leased(), expires_us=ads.now_us + DAY_US)
        ads.later(2 * HOUR_US)
        ads.chore()
        ads.happens(win, at_us=win.at_us + HOUR_US)
        assert ads.state(win)[0] == "settled"
        ads.chore()
        assert ads.fen()["out"] == 0
        assert faults(ads.engine) == []


class TestInvalid:
    """Each releases the win, costs nothing, and is counted."""

    def refused(self, ads: Ads, *wins: Any, reason: str, times: int = 1) -> None:
        assert set(ads.states(*wins)) == {("released", reason)}
        assert ads.invalid()[reason] == times
        assert faults(ads.engine) == []

    def test_without_an_impression_where_impressions_are_told(self, ads: Ads) -> None:
        lease = ads.leased()
        seen, unseen = ads.one(lease), ads.one(lease)
        ads.happens(seen, "impression", at_us=seen.at_us - 1)
        later = ads.one(lease, at_us=ads.now_us + SECOND_US)
        ads.happens(later)
        self.refused(ads, later, reason="not_seen")
        ads.happens(unseen, who=BEN, at_us=unseen.at_us + MINUTE_US)
        self.refused(ads, unseen, reason="not_seen", times=2)
        ads.happens(seen, who=CAT)
        assert ads.state(seen)[0] == "settled"

    def test_where_no_impression_was_ever_told_none_is_asked_for(self, ads: Ads) -> None:
        lease = ads.leased()
        before = ads.one(lease)
        ads.happens(ads.one(lease), "impression", at_us=ads.now_us + MINUTE_US)
        ads.happens(before, at_us=before.at_us + 2 * MINUTE_US)
        assert ads.state(before)[0] == "settled", "it was won before the first one was told"
        other = ads.one(lease, touchpoint="taobao.live", at_us=ads.now_us + 2 * MINUTE_US)
        ads.happens(other, who=BEN)
        assert ads.state(other)[0] == "settled", "another touchpoint"

    def test_the_touchpoint_of_the_ad_counts_whatever_the_click_says(self, ads: Ads) -> None:
        lease = ads.leased()
        ads.happens(ads.one(lease), "impression", at_us=ads.now_us - 1)
        win = ads.one(lease)
        ads.happens(win, touchpoint="somewhere.else")
        self.refused(ads, win, reason="not_seen")

    @pytest.mark.parametrize(
        ("after_us", "state"), [(0, "released"), (199_999, "released"), (200_000, "settled")]
    )
    def test_sooner_than_a_hand_moves(self, ads: Ads, after_us: int, state: str) -> None:
        """Told with its impression, in the wrong order."""
        win = ads.one(ads.leased())
        seen_us = win.at_us + SECOND_US
        click = ads.event(win, at_us=seen_us + after_us)
        tell(ads.engine, ads.merchant, click, ads.event(win, "impression", at_us=seen_us))
        ads.engine.projector.catch_up()
        assert ads.state(win)[0] == state
        assert ads.invalid() == ({} if state == "settled" else {"too_soon": 1})

    def test_one_person_on_one_campaign(self, ads: Ads) -> None:
        lease = ads.leased()
        wins = [ads.one(lease) for _ in range(5)]
        for number, win in enumerate(wins):
            ads.happens(win, at_us=win.at_us + (10 + number) * MINUTE_US)
        assert [state for state, _ in ads.states(*wins)] == ["settled"] * 3 + ["released"] * 2
        self.refused(ads, *wins[3:], reason="campaign_too_often", times=2)
        ads.happens(other := ads.one(ads.leased()), who=BEN)
        assert ads.state(other)[0] == "settled"

    def test_nobody_escapes_by_telling_the_latest_first(self, ads: Ads) -> None:
        lease = ads.leased()
        wins = [ads.one(lease) for _ in range(5)]
        for number, win in enumerate(wins):
            ads.happens(win, at_us=win.at_us + (30 - number) * MINUTE_US)
        assert [state for state, _ in ads.states(*wins)] == ["settled"] * 3 + ["released"] * 2

    def test_one_person_on_anything(self, ads: Ads) -> None:
        others = [ads, *(Ads(ads.engine, ads.merchant, id=f"c{n}") for n in range(11))]
        leases = [one.leased() for one in others]
        wins = [ads.one(lease) for lease in leases]
        events = [
            ads.event(win, at_us=win.at_us + (1 + n) * SECOND_US) for n, win in enumerate(wins)
        ]
        tell(ads.engine, ads.merchant, *events)
        ads.engine.projector.catch_up()
        assert [state for state, _ in ads.states(*wins)] == ["settled"] * 10 + ["released"] * 2
        assert others[-1].invalid() == {"too_many": 1}

    def test_a_person_is_one_under_all_names(self, ads: Ads) -> None:
        names = [{"taobao_id": "ann"}, {"alipay_id": "ann2"}]
        both = ads.event(ads.one(ads.leased()), "view", who={**names[0], **names[1]})
        tell(ads.engine, ads.merchant, both)
        lease = ads.leased()
        wins = [ads.one(lease) for _ in range(4)]
        for number, win in enumerate(wins):
            ads.happens(
                win, who=names[number % 2], at_us=win.at_us + number * MINUTE_US + SECOND_US
            )
        assert [state for state, _ in ads.states(*wins)] == ["settled"] * 3 + ["released"]

    def test_another_person_than_it_was_chosen_for(self, ads: Ads) -> None:
        lease = ads.leased()
        own, foreign = (ads.one(lease, node=ads.node(ANN)) for _ in range(2))
        ads.happens(own)
        ads.happens(foreign, who=BEN)
        assert ads.state(own)[0] == "settled"
        self.refused(ads, foreign, reason="other_person")

    def test_the_same_person_under_another_name(self, ads: Ads) -> None:
        lease = ads.leased()
        win = ads.one(lease, node=ads.node(ANN))
        both = ads.event(win, "view", who={**ANN, "alipay_id": "ann9"})
        tell(ads.engine, ads.merchant, both)
        ads.happens(win, who={"alipay_id": "ann9"})
        assert ads.state(win)[0] == "settled"

    @pytest.mark.parametrize(("state", "told"), [("confirmed", "released"), ("cleared", "settled"),
                                                 ("suspected", "settled")])  # fmt: skip
    def test_flagged_buyers(self, ads: Ads, state: str, told: str) -> None:
        token = ads.engine.tokeniser(ads.merchant).token("taobao_id", "ben")
        with ads.engine.database.transaction() as tx:
            args = {"merchant": ads.merchant, "token": token, "state": state}
            assert tx.execute(FAKE_ORDER, args).rowcount == 1
        win = ads.one(ads.leased())
        ads.happens(win, who=BEN)
        assert ads.state(win)[0] == told

    def test_they_are_told_by_the_day(self, ads: Ads) -> None:
        lease = ads.leased()
        wins = [ads.one(lease) for _ in range(2)]
        ads.happens(wins[0])
        ads.happens(wins[1], at_us=wins[1].at_us + DAY_US)
        first, second = ads.spend().as_json()["days"]
        assert (first["day"], first["billed"], first["invalid"]) == ("2026-03-10", 1, {})
        assert (second["day"], second["billed"], second["invalid"]) == (
            "2026-03-11", 0, {"over": 1},
        )  # fmt: skip
        assert first["held_millifen"] == PRICE

    def test_of_a_campaign_that_does_not_exist(self, ads: Ads) -> None:
        with pytest.raises(NotFound):
            ads.engine.ad_spending.of(ads.merchant, "nobody")


FAKE_ORDER = """
    WITH of AS (
        INSERT INTO orders (merchant_no, id, holder_kind, holder, touchpoint, terms, state,
                            payable_fen, placed_us, deadline_us)
        SELECT merchant_no, 'fake', 'taobao_id', %(token)s, '', '', 'paid', 1, 1, 1 FROM merchant
        WHERE name = %(merchant)s RETURNING merchant_no, id, holder_kind, holder
    ), named AS (
        INSERT INTO order_identifier (merchant_no, order_id, place, kind, token)
        SELECT merchant_no, id, 1, holder_kind, holder FROM of
    )
    INSERT INTO suspected_order SELECT merchant_no, id, %(state)s, 1, '', '{}', 1 FROM of
"""


class TestPeople:
    def test_an_erasure_takes_who_it_was_and_leaves_the_money(self, ads: Ads) -> None:
        win = ads.one(ads.leased(), node=ads.node(ANN))
        ads.happens(win)
        before = ads.spend()
        ads.engine.privacy.erase(ads.merchant, "taobao_id:ann")
        assert rows(ads.engine.database, "SELECT node FROM ad_win WHERE trace = %s", win.trace) == [
            (None,)
        ]
        assert rows(
            ads.engine.database, "SELECT node FROM ad_touch WHERE trace = %s", win.trace
        ) == [(None,)]
        assert ads.spend() == before
        assert faults(ads.engine) == []

    def test_the_copy_that_a_person_gets(self, ads: Ads) -> None:
        win = ads.one(ads.leased(), node=ads.node(ANN))
        ads.happens(win)
        told = ads.engine.copies.of(ads.merchant, "taobao_id:ann")
        assert told is not None
        assert [one["decision"] for one in told["ads"]] == [win.trace.hex()]
        assert [one["reason"] for one in told["ad_clicks"]] == ["billed"]

    def test_after_its_term_nobody_is_found_and_the_figures_stay(self, ads: Ads) -> None:
        win = ads.one(ads.leased(), node=ads.node(ANN))
        ads.happens(win)
        before = ads.spend()
        ads.later(401 * DAY_US)
        removed = ads.engine.retention.run().removed
        assert removed["ad_wins"] >= 1
        assert removed["ad_touches"] >= 1
        assert ads.spend() == before
        assert faults(ads.engine) == []


class TestTheAudit:
    @pytest.mark.parametrize(
        ("change", "back", "says"),
        [
            ("ad_win SET state = 'held', ended_us = NULL WHERE trace = %t AND position = 1",
             "ad_win SET state = 'settled', ended_us = 1 WHERE trace = %t AND position = 1",
             "was billed and is not settled"),
            ("ad_touch SET reason = 'over' WHERE trace = %t",
             "ad_touch SET reason = 'billed' WHERE trace = %t",
             "is settled and was billed 0 times"),
            ("ad_lease SET won_millifen = won_millifen + 1 WHERE number = %l",
             "ad_lease SET won_millifen = won_millifen - 1 WHERE number = %l", "millifen won"),
            ("ad_lease_outcome SET settled_millifen = 3000 WHERE lease = %l",
             "ad_lease_outcome SET settled_millifen = 2500 WHERE lease = %l",
             "fen earned by its leases"),
            ("ad_lease SET closed_us = 1 WHERE number = %l",
             "ad_lease SET closed_us = NULL WHERE number = %l",
             "0 fen out by its leases"),
            ("ad_win SET lease = 0 WHERE trace = %t", "ad_win SET lease = %l WHERE trace = %t",
             "it has wins and no row"),
            ("ad_win SET price_millifen = 600000 WHERE trace = %t",
             "ad_win SET price_millifen = 2500 WHERE trace = %t",
             "600000 millifen held and settled, of 500000"),
        ],
    )  # fmt: skip
    def test_what_somebody_changed(self, ads: Ads, change: str, back: str, says: str) -> None:
        lease = ads.leased()
        win = ads.one(lease)
        ads.happens(win)
        assert faults(ads.engine) == []
        for one, expected in ((change, says), (back, "")):
            filled = one.replace("%t", f"'\\x{win.trace.hex()}'").replace("%l", str(lease.number))
            tamper(ads.engine.database, f"UPDATE {filled}")
            found = faults(ads.engine)
            assert any(expected in fault for fault in found) if expected else found == [], found


def test_what_the_log_tells_of_others_is_passed_over(ads: Ads) -> None:
    """Payments, views, clicks on what no ad has won."""
    win = ads.win(ads.leased())
    tell(ads.engine, ads.merchant, ads.event(win), paid("p", ANN, at_us=ads.now_us))
    ads.engine.projector.catch_up()
    assert ads.spend().as_json()["total"]["billed"] == 0
    assert ads.state(changed(win)) == ("gone", "")
