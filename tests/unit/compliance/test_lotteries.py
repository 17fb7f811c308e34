"""Lotteries: ¥50,000 at most, published, unchanged, and drawn so that anybody can redo it."""

from datetime import date
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.lotteries import (
    WHOLE_PPM,
    Drawn,
    Lottery,
    Prize,
    draw,
    first_fault,
    keep_until,
    p_value,
    prize_at,
    review_change,
    review_lottery,
    review_winners,
    roll_of,
)
from quanyu.errors import BadInput

ON = date(2026, 11, 11)
SEED = bytes(range(32))
STARTS_US = parse_iso("2026-11-11T20:00:00+08:00")


def prize(
    name: str = "头奖", value_fen: int = 100_000, *, pieces: int = 5, ppm: int = 10_000
) -> Prize:
    return Prize(name=name, value_fen=value_fen, pieces=pieces, odds_ppm=ppm)


def lottery(*prizes: Prize, **change: Any) -> Lottery:
    said = {
        "id": "double-11", "prizes": prizes or (prize(),), "starts_us": STARTS_US,
        "ends_us": STARTS_US + DAY_US, "terms": "会员每人一次，23 点开奖，三日内寄出；主办：总店",
        "seed_hash": sha256(SEED).hexdigest(), "published": True, **change,
    }  # fmt: skip
    return Lottery(**said)


@pytest.mark.parametrize(
    ("value_fen", "passes"), [(5_000_000, True), (5_000_001, False), (5_000_100, False), (0, True)]
)
def test_fifty_thousand_yuan(value_fen: int, passes: bool) -> None:
    verdict = review_lottery(lottery(prize(value_fen=value_fen)), on=ON)
    assert verdict.may_be_shown is passes
    assert all(hit.article == "《反不正当竞争法》第十一条" for hit in verdict.hits)


@pytest.mark.parametrize(
    ("on", "article"),
    [(date(2025, 10, 14), "《反不正当竞争法》第十条第（三）项"),
     (date(2025, 10, 15), "《反不正当竞争法》第十一条")],
)  # fmt: skip
def test_the_law_of_the_day(on: date, article: str) -> None:
    (hit,) = review_lottery(lottery(prize(value_fen=5_000_001)), on=on).hits
    assert hit.article == article


@pytest.mark.parametrize(
    ("one", "fields"),
    [
        (lottery(), []),
        (lottery(published=False), ["published"]),
        (lottery(terms="  "), ["terms"]),
        (lottery(prizes=()), ["prizes"]),
        (lottery(prize(name="")), ["prizes[0].name"]),
        (lottery(prize(pieces=0)), ["prizes[0].pieces"]),
        (lottery(prize(ppm=0)), ["prizes[0].odds_ppm"]),
        (lottery(prize(pieces=-1, ppm=-1)), ["prizes[0].pieces", "prizes[0].odds_ppm"]),
    ],
)
def test_what_must_be_published_before(one: Lottery, fields: list[str]) -> None:
    hits = review_lottery(one, on=ON).hits
    assert [hit.field for hit in hits] == fields
    assert all("第十三条" in hit.article for hit in hits)


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (lottery(ends_us=STARTS_US), "lottery.ends"),
        (lottery(prize(), prize()), "lottery.prizes"),
        (lottery(prize("a", ppm=600_000), prize("b", ppm=400_001)), "lottery.prizes"),
        (lottery(prize(value_fen=-1)), "lottery.prizes[0].value"),
    ],
)
def test_lotteries_that_contradict_themselves(one: Lottery, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        review_lottery(one, on=ON)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"prizes": (prize(ppm=20_000),)}, ["prizes"]),
        ({"prizes": (prize(pieces=6),)}, ["prizes"]),
        ({"terms": "只给新会员"}, ["terms"]),
        ({"ends_us": STARTS_US + 2 * DAY_US, "terms": "…"}, ["ends_us", "terms"]),
        ({"seed_hash": "0" * 64}, ["seed_hash"]),
    ],
)
def test_nothing_changes_after_the_start(change: dict[str, Any], fields: list[str]) -> None:
    before, after = lottery(), lottery(**change)
    assert [hit.field for hit in review_change(before, after, now_us=STARTS_US).hits] == fields
    assert review_change(before, after, now_us=STARTS_US - 1).may_be_shown


@pytest.mark.parametrize(
    ("value_fen", "told", "passes"),
    [(50_000, [], False), (50_000, ["头奖"], True), (49_999, [], True), (50_001, [], False)],
)
def test_winners_from_five_hundred_yuan_are_published(
    value_fen: int, told: list[str], passes: bool
) -> None:
    one = lottery(prize(value_fen=value_fen))
    assert review_winners(one, ["头奖"], told=told, on=ON).may_be_shown is passes
    assert review_winners(one, [], told=[], on=ON).may_be_shown


def test_records_are_kept_for_two_years() -> None:
    assert keep_until(lottery()) == date(2028, 11, 12)


MANY = [f"t{number}" for number in range(20_000)]
THREE = lottery(
    prize("一等", pieces=10**6, ppm=1_000), prize("二等", pieces=10**6, ppm=50_000),
    prize("三等", pieces=10**6, ppm=300_000),
)  # fmt: skip


def test_draws_follow_the_published_odds() -> None:
    log = draw(THREE, MANY, seed=SEED)
    assert p_value(THREE, log) > 0.001
    won = sum(one.won for one in log) / len(log)
    assert 0.34 < won < 0.362


def test_draws_with_other_odds_are_seen() -> None:
    """What was drawn at 30 % does not pass for 33 %."""
    log = draw(THREE, MANY, seed=SEED)
    claimed = msgspec.structs.replace(
        THREE, prizes=(*THREE.prizes[:2], prize("三等", pieces=10**6, ppm=330_000))
    )
    assert p_value(claimed, log) < 1e-6


def test_p_values_of_fair_draws_are_uniform() -> None:
    """Of 100 seeds about five are below 5 %; more than fifteen would be a crooked urn."""
    low = 0
    for number in range(100):
        seed = number.to_bytes(32)
        one = msgspec.structs.replace(THREE, seed_hash=sha256(seed).hexdigest())
        low += p_value(one, draw(one, MANY[:1000], seed=seed)) < 0.05
    assert low <= 15


def test_every_ticket_may_win_when_nothing_is_left_over() -> None:
    sure = lottery(prize("安慰", pieces=10, ppm=WHOLE_PPM))
    log = draw(sure, MANY[:12], seed=SEED)
    assert [one.won for one in log] == [True] * 10 + [False] * 2
    assert p_value(sure, log) != p_value(sure, log) or p_value(sure, log) == 1.0


def test_the_same_again_gives_the_same_and_another_seed_does_not() -> None:
    assert draw(THREE, MANY[:200], seed=SEED) == draw(THREE, MANY[:200], seed=SEED)
    rolls = {roll_of("l", "t", seed=bytes([n]) * 16) for n in range(50)}
    assert len(rolls) > 45


@given(st.permutations(MANY[:12]))
def test_a_roll_does_not_depend_on_who_else_takes_part(tickets: list[str]) -> None:
    rolls = {one.ticket: one.roll_ppm for one in draw(THREE, tickets, seed=SEED)}
    assert rolls == {one.ticket: one.roll_ppm for one in draw(THREE, MANY[:12], seed=SEED)}


@settings(max_examples=50)
@given(st.integers(0, WHOLE_PPM - 1), st.lists(st.integers(0, 300_000), max_size=3))
def test_a_roll_falls_on_the_prize_whose_part_it_is_in(roll_ppm: int, odds: list[int]) -> None:
    prizes = [prize(str(n), ppm=ppm) for n, ppm in enumerate(odds)]
    ends = [sum(odds[: n + 1]) for n in range(len(odds))]
    expected = next((str(n) for n, end in enumerate(ends) if roll_ppm < end), None)
    assert prize_at(prizes, roll_ppm) == expected


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"won": True}, 3),
        ({"rolled": "一等"}, 3),
        ({"roll_ppm": 0}, 3),
        ({"chain": "0" * 64}, 3),
        ({"ticket": "t999"}, 3),
    ],
)
def test_a_changed_entry_is_found(change: dict[str, Any], at: int) -> None:
    log = draw(THREE, MANY[:50], seed=SEED)
    assert first_fault(THREE, log, seed=SEED) is None
    entry = msgspec.structs.replace(log[at], **change)
    if entry == log[at]:
        entry = msgspec.structs.replace(log[at], won=not log[at].won)
    assert first_fault(THREE, [*log[:at], entry, *log[at + 1 :]], seed=SEED) == at


def test_an_entry_that_is_left_out_is_found() -> None:
    log: list[Drawn] = draw(THREE, MANY[:50], seed=SEED)
    assert first_fault(THREE, log[:10] + log[11:], seed=SEED) == 10


@pytest.mark.parametrize("seed", [b"", bytes(15), bytes(32)])
def test_only_the_published_seed_draws(seed: bytes) -> None:
    with pytest.raises(BadInput, match="seed: draw with the seed whose SHA-256 was published"):
        draw(lottery(), ["t"], seed=seed)


def test_a_ticket_is_one_chance() -> None:
    with pytest.raises(BadInput, match="tickets: 't1' comes twice"):
        draw(lottery(), ["t1", "t2", "t1"], seed=SEED)
