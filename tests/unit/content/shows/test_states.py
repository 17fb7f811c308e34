"""The life of a show as a table, walked in every direction."""

from itertools import product

import pytest

from quanyu.content.shows.states import MOVES, ShowState, ShowVerb

TABLE = """
           revise   approve   start  log   end    archive   cancel
planned    planned  approved  -      -     -      -         cancelled
approved   planned  -         live   -     -      -         cancelled
live       -        -         -      live  ended  -         -
ended      -        -         -      -     -      archived  -
archived   -        -         -      -     -      -         -
cancelled  -        -         -      -     -      -         -
"""


def rows() -> dict[tuple[str, str], str]:
    head, *lines = TABLE.strip().splitlines()
    verbs, found = head.split(), {}
    for line in lines:
        state, *ends = line.split()
        found |= {(state, verb): end for verb, end in zip(verbs, ends, strict=True)}
    return found


@pytest.mark.parametrize(("state", "verb"), list(product(ShowState, ShowVerb)))
def test_the_table_is_the_table(state: ShowState, verb: ShowVerb) -> None:
    assert MOVES.get((state, verb), "-") == rows()[state, verb]


def test_nothing_is_live_that_was_not_approved() -> None:
    before = {state for (state, _), end in MOVES.items() if end is ShowState.LIVE}
    assert before == {ShowState.APPROVED, ShowState.LIVE}


def test_a_changed_plan_is_approved_again() -> None:
    assert MOVES[ShowState.APPROVED, ShowVerb.REVISE] is ShowState.PLANNED


def test_a_live_show_is_neither_changed_nor_cancelled() -> None:
    assert {verb for state, verb in MOVES if state is ShowState.LIVE} == {
        ShowVerb.LOG, ShowVerb.END,
    }  # fmt: skip
