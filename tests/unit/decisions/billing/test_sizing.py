"""How much of a day one lease takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import DAY_US, MINUTE_US, day_number, parse_iso
from quanyu.decisions.billing.booking import Earning, Over
from quanyu.decisions.billing.sizing import LASTS_US, Sizing, ends_us, largest_price_fen
from quanyu.decisions.billing.win import MILLI
from quanyu.decisions.campaigns.campaign import Bid, Cpc, MaxConversions, TargetCpa, TargetRoas

CPC = Bid(cpc=Cpc(100))


@pytest.mark.parametrize(
    ("bid", "fen"),
    [
        (CPC, 100),
        (Bid(tcpa=TargetCpa(3_000)), 3_000),
        (Bid(troas=TargetRoas(300)), 1),
        (Bid(max_conversions=MaxConversions()), 1),
    ],
)
def test_the_largest_price(bid: Bid, fen: int) -> None:
    assert largest_price_fen(bid) == fen


@pytest.mark.parametrize(
    ("given", "settled", "out", "fen"),
    [
        (10_000, 0, 0, 500),
        (10_000, 5_000, 0, 250),
        (10_000, 0, 9_900, 100),
        (10_000, 0, 9_901, 0),
        (99, 0, 0, 0),
        (0, 0, 0, 0),
        (100_000_000, 0, 0, 100_000),
    ],
)
def test_of_a_day(given: int, settled: int, out: int, fen: int) -> None:
    made = Sizing().fen(given_fen=given, settled_fen=settled, leased_fen=out, bid=CPC)
    assert made == fen


def test_the_most_is_never_less_than_one_price() -> None:
    dear = Bid(cpc=Cpc(200_000))
    assert Sizing().fen(given_fen=10**9, settled_fen=0, leased_fen=0, bid=dear) == 200_000


@given(given=st.integers(0, 10**7), rounds=st.lists(st.integers(0, 1_000), max_size=60))
def test_leases_never_pass_the_day(given: int, rounds: list[int]) -> None:
    """Each is closed with a part of it earned, or stays open."""
    settled = out = 0
    for permille in rounds:
        fen = Sizing().fen(given_fen=given, settled_fen=settled, leased_fen=out, bid=CPC)
        earned = fen * permille // 1000
        settled, out = settled + earned, out + (fen - earned if permille % 2 else 0)
        assert settled + out <= given


@given(at_us=st.integers(0, 10**16))
def test_a_lease_ends_within_its_day(at_us: int) -> None:
    end_us = ends_us(at_us)
    assert at_us < end_us <= at_us + LASTS_US
    assert day_number(end_us - 1) == day_number(at_us)


def test_at_midnight_in_china() -> None:
    midnight_us = parse_iso("2026-03-11T00:00:00+08:00")
    assert ends_us(midnight_us - MINUTE_US) == midnight_us
    assert ends_us(midnight_us) == midnight_us + LASTS_US
    assert ends_us(midnight_us - DAY_US) == midnight_us - DAY_US + LASTS_US


@given(prices=st.lists(st.lists(st.integers(1, 5_000), min_size=1, max_size=5), max_size=12))
def test_whole_fen_are_booked_whatever_the_batches(prices: list[list[int]]) -> None:
    """One transfer per batch at most, each under an id of its own."""
    before, booked, ids = 0, 0, []
    for batch in prices:
        earning = Earning("m", "c", 5, before, sum(batch))
        if earning.whole_fen:
            booked += earning.transfer.amount
            ids.append(earning.transfer.id)
        before += sum(batch)
    assert booked == before // MILLI
    assert len(set(ids)) == len(ids)


def test_ids_follow_from_the_lease() -> None:
    one, same = Earning("m", "c", 5, 2_000, 1_000), Earning("m", "c", 5, 2_999, 1)
    assert one.transfer.id == same.transfer.id
    assert one.transfer.id != Earning("m", "c", 6, 2_000, 1_000).transfer.id
    assert Over(5, "m", "c", 1, 3).transfer.id == Over(5, "m", "c", 1, 3).transfer.id
    assert Over(5, "m", "c", 1, 3).transfer.id != one.transfer.id
