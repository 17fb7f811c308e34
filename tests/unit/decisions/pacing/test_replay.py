"""The replay behind ``quanyu bench pacing``: logs read strictly, budgets kept, no foresight."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from bench.pacing import PEERS, main, share_of
from bench.pacing_log import Log, made_up, read_log
from bench.pacing_policies import Rlb, Training, best_constant, ours, settled, ticks_of

from quanyu.errors import BadInput

ROWS = [(0, 50, 0.004), (1, 120, 0.02), (0, 0, 0.0)]


def written(folder: Path, text: str, name: str = "log.txt") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("0,50,0.004\n1,120,0.02\n0,0,0\n", id="commas, no header"),
        pytest.param("0\t50\t0.004\r\n1\t120\t0.02\r\n0\t0\t0.0", id="tabs and carriage returns"),
        pytest.param("0 50 0.004\n1 120 2e-2\n0 0 0\n", id="blanks, as iPinYou logs come"),
        pytest.param("clk,mp,pctr\n0,50,0.004\n1,120,0.02\n0,0,0\n", id="a header"),
        pytest.param(
            "pCTR,market_price,click\n0.004,50,0\n0.02,120,1\n0,0,0\n", id="in another order"
        ),
        pytest.param("﻿click,price,pctr\n0,50,.004\n\n1,120,.02\n0,0,0\n", id="mark, empty line"),
    ],
)
def test_a_log_is_read_in_any_common_form(tmp_path: Path, text: str) -> None:
    found = read_log(written(tmp_path, text))
    assert list(zip(found.click, found.price, found.pctr, strict=True)) == ROWS
    assert found.second is None


def test_compressed_and_with_times(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"second,click,price,pctr\n10,0,50,0.1\n86399.5,1,60,0.2\n"))
    found = read_log(str(path))
    assert found.second is not None
    assert list(found.second) == [10, 86399.5]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "--log"),
        ("click,price,pctr\n", "--log"),
        ("0,50\n", "--log line 1"),
        ("0,50,0.1\n0,50\n", "--log line 2"),
        ("0,50,0.1\n0,50,0.1,7\n", "--log line 2"),
        ("0,50,0.1\n\n0,fifty,0.1\n", "--log line 3"),
        ("0,50,0.1\n0,-1,0.1\n", "--log line 2"),
        ("0,50,0.1\n0,nan,0.1\n", "--log line 2"),
        ("0,50,0.1\n0,inf,0.1\n", "--log line 2"),
        ("0,50,1.1\n", "--log line 1"),
        ("2,50,0.1\n", "--log line 1"),
        ("0.5,50,0.1\n", "--log line 1"),
        ("0,5_0,0.1\n", "--log line 1"),
        ("click,price\n0,50\n", "--log line 1"),
        ("click,price,pctr,user\n0,50,0.1,u\n", "--log line 1"),
        ("click,clk,price,pctr\n0,0,50,0.1\n", "--log line 1"),
        ("second,click,price,pctr\n10,0,50,0.1\n9,0,50,0.1\n", "--log, auction 2"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_log(written(tmp_path, text))
    assert caught.value.field == field


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_log(str(tmp_path / "missing"))
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"no gzip")
    with pytest.raises(BadInput):
        read_log(str(broken))


def test_bids_are_cut_to_what_is_left() -> None:
    won, cost = settled(np.array([50.0, 50, 50, 5]), np.array([40.0, 40, 15, 10]), 60)
    assert list(won) == [True, False, True, False]
    assert cost == 55


@pytest.mark.parametrize("share", ["1/32", "1/4", "1"])
def test_no_policy_spends_more_than_the_budget(share: str) -> None:
    before, log = (made_up(seed=3, day=day, auctions=4000) for day in (1, 2))
    budget = float(log.price.sum()) * share_of(share)
    training = Training(before)
    plays = [policy(log, budget, training) for policy in PEERS.values()]
    for played in (*plays, ours(log, budget, before), ours(log, budget, None)):
        assert 0 < played.spend <= budget + 1e-6
        assert played.clicks <= played.wins <= len(log)


@pytest.mark.parametrize("wrong", [False, True])
def test_ours_comes_near_the_best_constant_on_the_worth_of_what_it_wins(wrong: bool) -> None:
    """Clicks are few and chance; their expectation is compared."""
    days = [made_up(seed=5, day=day, auctions=40_000, miscalibrated=wrong) for day in (1, 2)]
    for share, least in ((1 / 32, 0.97), (1 / 8, 0.99), (1 / 2, 0.99)):
        budget = float(days[1].price.sum()) * share
        played, best = ours(days[1], budget, days[0]), best_constant(days[1], budget)
        assert played.spend >= 0.98 * budget
        assert played.expected >= least * best.expected


def test_where_no_hour_differs_ours_is_as_good_as_the_best_constant_from_nothing() -> None:
    day = made_up(seed=5, day=2, auctions=40_000)
    mixed = np.random.default_rng(1).permutation(len(day))
    log = Log(day.click[mixed], day.price[mixed], day.pctr[mixed])
    for share in (1 / 32, 1 / 2):
        budget = float(log.price.sum()) * share
        assert ours(log, budget, None).expected >= 0.985 * best_constant(log, budget).expected


def test_ours_knows_nothing_of_the_rest_of_the_log() -> None:
    """Two logs that differ only in their second half are played alike in the first."""
    log = made_up(seed=6, day=2, auctions=4000)
    half = 2000
    other = Log(
        np.concatenate([log.click[:half], np.zeros(half)]),
        np.concatenate([log.price[:half], np.full(half, 1e6)]),
        log.pctr,
        log.second,
    )
    budget = float(log.price.sum()) / 16
    first = Log(log.click[:half], log.price[:half], log.pctr[:half], log.second[:half])  # type: ignore[index]
    alone = ours(first, budget, None)
    assert ours(other, budget, None).wins == alone.wins
    assert ours(log, budget, None).wins > alone.wins


def test_ticks_cover_the_log_once_and_in_order() -> None:
    timed = made_up(seed=7, day=1, auctions=3000)
    for log in (timed, Log(timed.click, timed.price, timed.pctr)):
        places = [place for part in ticks_of(log) for place in range(part.start, part.stop)]
        assert places == list(range(len(log)))


def test_made_up_clicks_are_what_the_truth_says() -> None:
    log = made_up(seed=8, day=1, auctions=60_000)
    expected = float(log.pctr.sum())
    assert abs(float(log.click.sum()) - expected) < 4 * expected**0.5
    boasting = made_up(seed=8, day=1, auctions=60_000, miscalibrated=True)
    assert boasting.pctr.sum() > 1.5 * boasting.click.sum()


def test_rlb_bids_more_the_more_money_and_the_fewer_auctions_there_are() -> None:
    log = made_up(seed=9, day=1, auctions=2000)
    policy = Rlb(Training(log), 2000.0)
    poor, rich = policy.bid(400, 500, 0.01), policy.bid(400, 3000, 0.01)
    assert 0 < poor < rich
    assert policy.bid(10, 500, 0.01) > poor
    assert policy.bid(400, 500, 0.001) < poor


def test_the_command_prints_every_policy_at_every_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = made_up(seed=1, day=1, auctions=2000)
    lines = (f"{c:.0f}\t{p:.0f}\t{q:.6f}" for c, p, q in zip(log.click, log.price, log.pctr,
                                                            strict=True))  # fmt: skip
    path = written(tmp_path, "\n".join(lines), "test.tsv")
    assert main(["--log", path, "--budget-share", "1/8", "--budget-share", "1/2"]) == 0
    text = capsys.readouterr().out
    assert "2,000 auctions" in text
    for name in ("ours", "linear", "PID", "RLB", "best constant"):
        assert f"1/8    {name} " in text
        assert f"1/2    {name} " in text


@pytest.mark.parametrize("share", ["0", "2", "-1/4", "x", "1/0", "nan"])
def test_a_share_is_a_share(share: str) -> None:
    with pytest.raises(BadInput, match="budget-share"):
        main(["--budget-share=" + share])
