"""The life of a version as a table, walked in every direction."""

from itertools import product

import pytest

from quanyu.content.library.states import GATED, MOVES, OPEN, SHOWN, PieceState, PieceVerb

TABLE = """
            submit     reject  approve   publish    pause   resume     withdraw   replace
draft       in_review  -       -         -          -       -          withdrawn  withdrawn
in_review   -          draft   approved  -          -       -          withdrawn  withdrawn
approved    -          draft   -         published  -       -          withdrawn  withdrawn
published   -          -       -         -          paused  -          withdrawn  withdrawn
paused      -          -       -         -          -       published  withdrawn  withdrawn
withdrawn   -          -       -         -          -       -          -          -
"""


def rows() -> dict[tuple[str, str], str]:
    head, *lines = TABLE.strip().splitlines()
    verbs, found = head.split(), {}
    for line in lines:
        state, *ends = line.split()
        found |= {(state, verb): end for verb, end in zip(verbs, ends, strict=True)}
    return found


@pytest.mark.parametrize(("state", "verb"), list(product(PieceState, PieceVerb)))
def test_the_table_is_the_table(state: PieceState, verb: PieceVerb) -> None:
    assert MOVES.get((state, verb), "-") == rows()[state, verb]


def reachable(start: PieceState, allowed: set[PieceVerb]) -> set[PieceState]:
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        ends = {MOVES[here, verb] for verb in allowed if (here, verb) in MOVES}
        waiting += ends - found
        found |= ends
    return found


def test_nothing_is_shown_that_was_not_approved() -> None:
    without = set(PieceVerb) - {PieceVerb.APPROVE}
    for state in (PieceState.DRAFT, PieceState.IN_REVIEW):
        assert not reachable(state, without) & SHOWN


def test_what_was_withdrawn_stays_so() -> None:
    assert reachable(PieceState.WITHDRAWN, set(PieceVerb)) == {PieceState.WITHDRAWN}


def test_every_way_to_people_asks_the_gate() -> None:
    ways = {verb for (_, verb), end in MOVES.items() if end is PieceState.PUBLISHED}
    assert ways <= GATED


def test_each_state_but_the_last_is_open_or_shown() -> None:
    assert not OPEN & SHOWN
    assert OPEN | SHOWN | {PieceState.WITHDRAWN} == set(PieceState)
