"""The tables of states, cell by cell."""

import pytest

from quanyu.decisions.campaigns.states import (
    BY_PEOPLE,
    FUNDED,
    MOVES,
    VERSION_MOVES,
    CampaignState,
    CampaignVerb,
    VersionState,
)

TABLE = """
            submit     reject  approve   start    pause   resume   end
draft       in_review  .       .         .        .       .        ended
in_review   .          draft   approved  .        .       .        ended
approved    .          .       .         running  paused  .        ended
running     .          .       .         .        paused  .        ended
paused      .          .       .         .        .       running  ended
ended       .          .       .         .        .       .        .
"""
VERSIONS = """
            submit     reject  approve   start    pause   resume   end
draft       in_review  .       .         .        .       .        .
in_review   .          draft   in_force  .        .       .        .
in_force    .          .       .         .        .       .        .
replaced    .          .       .         .        .       .        .
"""


def cells(table: str) -> dict[tuple[str, str], str]:
    head, *rows = [line.split() for line in table.strip().splitlines()]
    return {
        (row[0], verb): to
        for row in rows
        for verb, to in zip(head, row[1:], strict=True)
        if to != "."
    }


def test_the_life_of_a_campaign() -> None:
    assert {(one.value, verb.value): to.value for (one, verb), to in MOVES.items()} == cells(TABLE)


def test_the_way_of_a_version() -> None:
    found = {(one.value, verb.value): to.value for (one, verb), to in VERSION_MOVES.items()}
    assert found == cells(VERSIONS)


@pytest.mark.parametrize("state", CampaignState)
def test_every_state_but_the_last_can_end_and_is_reached(state: CampaignState) -> None:
    ends = (state, CampaignVerb.END) in MOVES
    assert ends is (state is not CampaignState.ENDED)
    assert state is CampaignState.DRAFT or state in MOVES.values()


def test_nobody_starts_by_hand() -> None:
    assert set(CampaignVerb) - set(BY_PEOPLE) == {CampaignVerb.START}


def test_money_is_put_aside_from_the_approval_to_the_end() -> None:
    for (before, verb), after in MOVES.items():
        if (before in FUNDED) != (after in FUNDED):
            assert verb in (CampaignVerb.APPROVE, CampaignVerb.END), (before, verb)


def test_a_replaced_version_stays_so() -> None:
    assert not [one for one, _ in VERSION_MOVES if one is VersionState.REPLACED]
