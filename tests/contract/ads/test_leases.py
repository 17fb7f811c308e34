"""Leases: what goes out of a day, to whom, and how it comes back."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.ads_ground import PRICE, Ads, changed, faults
from tests.campaigns_ground import form
from tests.engine_ground import tamper

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, day_number
from quanyu.decisions.billing.closing import IN_FLIGHT_US
from quanyu.decisions.billing.sizing import LASTS_US
from quanyu.errors import NotFound

OVER_US = LASTS_US + IN_FLIGHT_US


def today(ads: Ads) -> int:
    return day_number(ads.now_us)


class TestOpening:
    def test_the_money_goes_from_the_day_to_work(self, ads: Ads) -> None:
        lease = ads.leased()
        assert lease.amount_fen == 10_000 * 100 // 2_000
        assert lease.ends_us == ads.now_us + LASTS_US
        found = ads.fen(days=(today(ads),))
        assert (found["out"], found[f"day {today(ads)}"], found["total"]) == (500, 9_500, 40_000)
        assert faults(ads.engine) == []

    def test_not_beyond_midnight(self, ads: Ads) -> None:
        ads.later(12 * HOUR_US - MINUTE_US)
        assert ads.leased().ends_us == ads.now_us + MINUTE_US

    def test_never_more_than_the_day(self, ads: Ads) -> None:
        taken = 0
        while (lease := ads.lease()) is not None:
            taken += lease.amount_fen
        assert 9_900 < taken <= 10_000, "less than one bid is left"
        assert ads.fen()["out"] == taken
        assert ads.engine.ad_leases.left_fen(ads.merchant, day=today(ads)) == {"spring": 10_000}

    def test_many_workers_at_once_never_take_more_than_the_day(self, ads: Ads) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = [one for one in pool.map(lambda _: ads.lease(), range(80)) if one]
        assert len({one.number for one in found}) == len(found)
        assert sum(one.amount_fen for one in found) == ads.fen()["out"] <= 10_000
        assert faults(ads.engine) == []

    @pytest.mark.parametrize("verb", ["pause", "end"])
    def test_only_while_it_runs(self, ads: Ads, verb: str) -> None:
        ads.leased()
        ads.board.move(verb)
        assert ads.lease() is None

    def test_of_nothing(self, ads: Ads) -> None:
        with pytest.raises(NotFound):
            ads.lease("nobody")
        ads.board.put(form("draft"))
        assert ads.lease("draft") is None

    def test_what_is_left_for_pacing_is_what_was_not_won(self, ads: Ads) -> None:
        left = ads.engine.ad_leases.left_fen
        assert left(ads.merchant, day=today(ads)) == {}
        win = ads.one(ads.leased(), price_millifen=1_500)
        assert left(ads.merchant, day=today(ads)) == {"spring": 9_998}
        ads.later(2 * HOUR_US)
        ads.chore()
        assert ads.state(win) == ("released", "expired")
        assert left(ads.merchant, day=today(ads)) == {"spring": 10_000}


class TestHolding:
    def test_all_of_a_lease_and_no_more(self, ads: Ads) -> None:
        lease = ads.leased()
        ads.won(*[ads.win(lease, price_millifen=100_000) for _ in range(4)])
        ads.one(lease, price_millifen=99_999)
        with pytest.raises(AssertionError, match="do not fit"):
            ads.one(lease, price_millifen=2)
        ads.one(lease, price_millifen=1)
        assert faults(ads.engine) == []

    def test_none_of_a_group_that_does_not_fit(self, ads: Ads) -> None:
        lease, other = ads.leased(), ads.leased()
        wins = [ads.win(other), ads.win(lease, price_millifen=500_001)]
        with pytest.raises(AssertionError, match="do not fit"):
            ads.won(*wins)
        assert ads.states(*wins) == [("gone", "")] * 2

    @pytest.mark.parametrize("change", [{"campaign": "other"}, {"lease": 10**12}])
    def test_not_out_of_a_lease_of_somebody_else(self, ads: Ads, change: dict[str, object]) -> None:
        with pytest.raises(AssertionError, match="do not fit"):
            ads.won(changed(ads.win(ads.leased()), **change))

    def test_not_out_of_a_lease_that_is_over(self, ads: Ads) -> None:
        lease = ads.leased()
        ads.later(LASTS_US)
        with pytest.raises(AssertionError, match="do not fit"):
            ads.one(lease)

    def test_the_same_slot_is_won_once(self, ads: Ads) -> None:
        lease = ads.leased()
        win = ads.one(lease)
        with pytest.raises(psycopg.errors.UniqueViolation):
            ads.won(win)
        ads.won(changed(win, position=2))
        assert faults(ads.engine) == []

    def test_nothing_is_nothing(self, ads: Ads) -> None:
        ads.won()

    def test_the_database_does_not_let_a_bug_pass(self, ads: Ads) -> None:
        number = ads.leased().number
        for change in ("ad_lease SET won_millifen = 500001 WHERE number",
                       "ad_lease_outcome SET settled_millifen = 500001 WHERE lease"):  # fmt: skip
            with pytest.raises(psycopg.errors.CheckViolation):
                tamper(ads.engine.database, f"UPDATE {change} = {number}")


class TestGivingBack:
    def test_what_nobody_billed_in_time(self, ads: Ads) -> None:
        lease = ads.leased()
        soon = ads.one(lease, expires_us=ads.now_us + MINUTE_US)
        late = ads.one(lease, expires_us=ads.now_us + DAY_US)
        ads.later(MINUTE_US - 1)
        assert ads.chore() == 0
        ads.later(1)
        assert ads.chore() == 1
        assert ads.states(soon, late) == [("released", "expired"), ("held", "")]
        ads.later(OVER_US)
        assert ads.chore() == 0, "one of its wins is held"
        assert ads.fen()["out"] == lease.amount_fen

    def test_the_whole_of_an_unused_one(self, ads: Ads) -> None:
        ads.leased()
        ads.later(OVER_US - 1)
        assert ads.chore() == 0
        ads.later(1)
        assert ads.chore() == 1
        found = ads.fen(days=(today(ads),))
        assert (found["out"], found[f"day {today(ads)}"]) == (0, 10_000)
        assert ads.chore() == 0
        assert faults(ads.engine) == []

    def test_parts_of_a_fen_are_forgiven(self, ads: Ads) -> None:
        win = ads.one(ads.leased())
        ads.happens(win)
        ads.later(OVER_US)
        assert ads.chore() == 1
        found = ads.fen(days=(today(ads),))
        assert PRICE == 2_500
        assert found[f"day {today(ads)}"] == 10_000 - 2
        assert ads.spend().as_json()["total"]["spent_fen"] == 2
        assert faults(ads.engine) == []

    def test_a_day_that_is_over_gives_its_rest_to_the_whole(self, ads: Ads) -> None:
        day = today(ads)
        ads.happens(ads.one(ads.leased(), price_millifen=3_000))
        ads.later(DAY_US)
        assert ads.chore() == 2, "the lease and its day"
        found = ads.fen(days=(day,))
        assert (found["out"], found[f"day {day}"], found["total"]) == (0, 0, 49_997)
        assert ads.chore() == 0
        assert faults(ads.engine) == []

    def test_not_while_a_lease_of_it_is_open(self, ads: Ads) -> None:
        day = today(ads)
        ads.leased()
        ads.one(ads.leased(), expires_us=ads.now_us + 2 * DAY_US)
        ads.later(DAY_US)
        assert ads.chore() == 1
        assert ads.fen(days=(day,))[f"day {day}"] > 0
        ads.later(DAY_US)
        assert ads.chore() == 3, "the win, the lease, the day"
        assert ads.fen(days=(day,))["total"] == 50_000

    def test_of_a_campaign_that_has_ended_all_comes_back_to_the_purse(self, ads: Ads) -> None:
        ads.happens(ads.one(ads.leased(), price_millifen=3_000))
        ads.board.move("end")
        ads.later(OVER_US)
        ads.chore()
        ads.engine.campaigns.settle()
        assert ads.fen()["purse"] == 100_000 - 3
        assert ads.board.campaigns.find(ads.merchant, "spring").settled
        assert faults(ads.engine) == []

    def test_one_whose_account_is_frozen_waits_and_holds_up_no_other(self, ads: Ads) -> None:
        other = Ads(ads.engine, ads.merchant, id="autumn")
        ads.leased(), other.leased()
        day = f"campaign/{ads.merchant}/spring/day/{today(ads)}"
        for frozen in (True, False):
            with ads.engine.database.transaction() as tx:
                ads.engine.book.freeze(tx, day, frozen=frozen)
            ads.later(OVER_US)
            assert ads.chore() == 1
            assert other.fen()["out"] == 0
        assert ads.fen()["out"] == 0

    def test_a_win_that_is_late_in_flight_is_kept(self, ads: Ads) -> None:
        lease = ads.leased()
        win = ads.win(lease)
        ads.later(LASTS_US + 30 * SECOND_US)
        ads.chore()
        ads.won(win)
        assert ads.state(win) == ("held", "")
