"""Leases of a budget: the sum of what is out and what is billed never passes the day's money."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.pacing.lease import LeasePlan


def plan(**said: int) -> LeasePlan:
    usual = {"budget_fen": 10_000, "settled_fen": 0, "leased_fen": 0, "permille": 100,
             "workers": 2, "least_fen": 50}  # fmt: skip
    return LeasePlan(**{**usual, **said})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({}, 500, id="half of the slice's tenth"),
        pytest.param({"workers": 3}, 334, id="up to whole fen"),
        pytest.param({"settled_fen": 5_000}, 250, id="of what is left"),
        pytest.param({"leased_fen": 9_800}, 200, id="no more than is free"),
        pytest.param({"permille": 1}, 50, id="at least one price"),
        pytest.param({"leased_fen": 9_960}, 0, id="less than one price is no lease"),
        pytest.param({"settled_fen": 10_000}, 0, id="all spent"),
        pytest.param({"settled_fen": 12_000}, 0, id="a budget that was cut below what is spent"),
        pytest.param({"permille": 0}, 50, id="no traffic expected: still one price"),
        pytest.param({"permille": 1000, "workers": 1}, 10_000, id="the last slice takes all"),
    ],
)
def test_the_next_lease(said: dict[str, int], expected: int) -> None:
    assert plan(**said).next_fen() == expected


@pytest.mark.parametrize("said", [{"workers": 0}, {"permille": 1001}, {"leased_fen": -1},
                                  {"least_fen": 0}])  # fmt: skip
def test_nonsense_is_a_defect(said: dict[str, int]) -> None:
    with pytest.raises(AssertionError):
        plan(**said)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 1000), st.integers(1, 8), st.integers(0, 2**32))
def test_taking_billing_and_giving_back_never_passes_the_budget(
    budget: int, least: int, workers: int, seed: int
) -> None:
    chance = random.Random(seed)
    settled, out = 0, [0] * workers
    for _ in range(100):
        worker = chance.randrange(workers)
        if out[worker] and chance.random() < 0.6:
            billed = chance.randint(0, out[worker])
            settled, out[worker] = settled + billed, 0
            continue
        now = {"budget_fen": budget, "settled_fen": settled, "leased_fen": sum(out)}
        permille = chance.randint(0, 1000)
        more = plan(**now, permille=permille, workers=workers, least_fen=least).next_fen()
        assert more == 0 or more >= least
        out[worker] += more
        assert settled + sum(out) <= budget


def test_a_day_of_leases_spends_the_budget() -> None:
    settled = 0
    for slices in range(24, 0, -1):
        permille = -(-1000 // slices)
        for _ in range(2):
            settled += plan(settled_fen=settled, permille=permille, least_fen=1).next_fen()
    assert settled > 9_000
