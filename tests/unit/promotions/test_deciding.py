"""Many commands decided in order, without a database: limits over a person, brakes, rounds."""

from collections import Counter
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import SHOP, person, template

from quanyu.clock import DAY_US, MINUTE_US, parse_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.coupons.brakes import ATTEMPTS_MAX, most_fen, tripping, within
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.deciding import (
    WATCHED,
    Sight,
    decide,
    marks,
    operation,
    receiver,
    rounds,
)
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.coupons.step import Step
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import read_template

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
LI, LI_PHONE, WU = person("li"), person("li-phone"), person("wu")
TOO_MANY = Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)
_keys = count(1)


def offer(id: str = "t1", *, merchant: str = SHOP, **change: Any) -> Offer:
    return Offer(merchant, id, read_template(template(id, **change)), OfferState.ACTIVE)


def seen(*offers: Offer, coupons: tuple[Coupon, ...] = (), now_us: int = NOW_US) -> Sight:
    names = count(1)
    sight = Sight(now_us, lambda: f"c_new{next(names)}")
    for one in offers:
        sight.offers[one.merchant, one.id] = one
    for coupon in coupons:
        sight.coupons[SHOP, coupon.id] = coupon
    return sight


def coupon(id: str = "c_1", holder: Identifier | None = LI, **change: Any) -> Coupon:
    plain: dict[str, Any] = {
        "no": 1, "id": id, "offer": "t1", "state": State.ISSUED, "issued_us": NOW_US,
        "expires_us": NOW_US + 7 * DAY_US, "face_fen": 2000,
    }  # fmt: skip
    return Coupon(holder=holder, **{**plain, **change})


def claim(holder: Identifier = LI, *, offer: str = "t1", **change: Any) -> Issue:
    words: dict[str, Any] = {"merchant": SHOP, "request": f"k{next(_keys)}", "claim": True}
    return Issue(offer=offer, holder=holder, **{**words, **change})


def ask(verb: Verb, coupon: str = "c_1", **change: Any) -> OnCoupon:
    words: dict[str, Any] = {"merchant": SHOP, "request": f"k{next(_keys)}"}
    return OnCoupon(verb=verb, coupon=coupon, **{**words, **change})


def bill(coupon: str = "c_1", fen: int = 10_000, **change: Any) -> OnCoupon:
    return ask(Verb.REDEEM, coupon, amount_fen=fen, store="s1", **change)


OPERATIONS: list[tuple[AnyCommand, str]] = [
    (claim(), "claim"),
    (claim(claim=False), "issue"),
    *[(ask(verb), verb.value) for verb in Verb],
]


@pytest.mark.parametrize(("command", "expected"), OPERATIONS, ids=[name for _, name in OPERATIONS])
def test_a_command_has_one_name(command: AnyCommand, expected: str) -> None:
    assert operation(command) == expected


def test_no_two_commands_have_the_same_name() -> None:
    """A key counts per operation, so two operations of one name would share their keys."""
    assert len({name for _, name in OPERATIONS}) == len(OPERATIONS)
    assert set(WATCHED) <= {name for _, name in OPERATIONS}


DEVICE = ("device", b"d" * 16)
PERSON_LI = (SHOP, "person", LI[1])
MARKED = (SHOP, *DEVICE)
MARKS: dict[str, tuple[AnyCommand, list[Any]]] = {
    "a claim": (claim(marks=(DEVICE,)), [PERSON_LI, MARKED]),
    "a claim without marks": (claim(), [PERSON_LI]),
    "given by the merchant": (claim(claim=False, marks=(DEVICE,)), []),
    "a typed code": (ask(Verb.BIND, holder=LI, marks=(DEVICE,)), [PERSON_LI, MARKED]),
    "a gift code": (ask(Verb.ACCEPT, holder=LI), [PERSON_LI]),
    "a till": (bill(marks=(DEVICE,)), [MARKED]),
    "a till without marks": (bill(), []),
    "a lock": (ask(Verb.LOCK, holder=LI, order="o", marks=(DEVICE,)), []),
    "a void": (ask(Verb.VOID, marks=(DEVICE,)), []),
}


@pytest.mark.parametrize(("command", "expected"), MARKS.values(), ids=MARKS)
def test_under_what_an_attempt_counts(command: AnyCommand, expected: list[Any]) -> None:
    assert marks(command) == expected


@pytest.mark.parametrize("verb", list(Verb))
def test_only_what_was_nobodys_has_a_receiver(verb: Verb) -> None:
    """A gift was counted when it was issued; it does not count twice."""
    assert receiver(ask(verb, holder=LI)) == (LI if verb is Verb.BIND else None)


@pytest.mark.parametrize("per_person", [1, 2, 5])
def test_a_person_gets_so_many_in_one_write(per_person: int) -> None:
    sight = seen(offer(per_person=per_person))
    told = [decide(sight, claim(claim=False)) for _ in range(per_person + 2)]
    limit = Refused(Reason.PER_PERSON_LIMIT, have=per_person, need=per_person)
    assert [isinstance(one, Step) for one in told[:per_person]] == [True] * per_person
    assert told[per_person:] == [limit, limit]
    assert isinstance(decide(sight, claim(WU)), Step)


def test_what_all_identifiers_of_a_person_had_is_added_up() -> None:
    sight = seen(offer(per_person=3))
    for one in (LI, LI_PHONE):
        sight.persons[SHOP, one] = (LI, LI_PHONE)
    sight.held = {(SHOP, "t1", LI): 1, (SHOP, "t1", LI_PHONE): 1, (SHOP, "t2", LI): 9}
    assert isinstance(decide(sight, claim(LI_PHONE)), Step)
    assert decide(sight, claim(LI)) == Refused(Reason.PER_PERSON_LIMIT, have=3, need=3)
    assert isinstance(decide(sight, claim(WU)), Step)


def test_a_bound_code_counts_as_a_piece_of_the_person() -> None:
    sight = seen(offer(), coupons=(coupon("c_1", None), coupon("c_2", None)))
    assert isinstance(decide(sight, ask(Verb.BIND, "c_1", holder=LI)), Step)
    assert decide(sight, ask(Verb.BIND, "c_2", holder=LI)) == TOO_MANY
    assert decide(sight, claim()) == TOO_MANY
    assert isinstance(decide(sight, ask(Verb.BIND, "c_2", holder=WU)), Step)


def test_a_limit_is_of_one_offer_and_one_merchant() -> None:
    sight = seen(offer("t1"), offer("t2"), offer("t1", merchant="shoes"))
    for command in (claim(), claim(offer="t2"), claim(merchant="shoes")):
        assert isinstance(decide(sight, command), Step)
    assert decide(sight, claim()) == TOO_MANY


def test_each_decision_sees_those_before_it() -> None:
    sight = seen(offer(), coupons=(coupon(),))
    verbs = [
        ask(Verb.LOCK, order="o1"), ask(Verb.USE, order="o1", amount_fen=7),
        ask(Verb.RETURN, order="o1"), bill(), ask(Verb.UNDO, store="s1"), ask(Verb.VOID),
    ]  # fmt: skip
    told = [decide(sight, command) for command in verbs]
    assert all(isinstance(one, Step) for one in told)
    assert sight.coupons[SHOP, "c_1"].state is State.VOID
    assert decide(sight, bill()) == Refused(Reason.WRONG_STATE)


def test_a_refusal_leaves_everything_as_it_was() -> None:
    sight = seen(offer(), coupons=(coupon(),))
    before = (dict(sight.coupons), dict(sight.held), dict(sight.offers))
    for command in (bill(fen=9_999), ask(Verb.UNLOCK, order="o"), ask(Verb.GIFT, holder=LI)):
        assert isinstance(decide(sight, command), Refused)
    assert (dict(sight.coupons), dict(sight.held), dict(sight.offers)) == before
    assert not sight.trips
    assert not any(sight.values.values())


def test_names_that_nobody_has_loaded() -> None:
    sight = seen(offer(), coupons=(coupon(),))
    missing = (
        claim(offer="t9"), claim(merchant="shoes"), ask(Verb.VOID, "c_9"),
        ask(Verb.VOID, merchant="shoes"), ask(Verb.VOID, "", code=b"h"),
    )  # fmt: skip
    assert {str(decide(sight, one)) for one in missing} == {str(Refused(Reason.NOT_FOUND))}


def test_a_code_finds_its_coupon_for_one_merchant() -> None:
    sight = seen(offer(), coupons=(coupon(),))
    sight.ids[SHOP, b"hash"] = "c_1"
    elsewhere = ask(Verb.VOID, "", code=b"hash", merchant="shoes")
    assert decide(sight, elsewhere) == Refused(Reason.NOT_FOUND)
    found = decide(sight, ask(Verb.VOID, "", code=b"hash"))
    assert isinstance(found, Step)
    assert found.coupon.id == "c_1"


LOCKERS: dict[str, tuple[Identifier | None, Identifier | None, bool]] = {
    "its holder": (LI, LI, True),
    "another identifier of the holder": (LI_PHONE, LI, True),
    "a stranger": (WU, LI, False),
    "an order that does not say": (None, LI, True),
    "an anonymous piece": (WU, None, True),
}


@pytest.mark.parametrize(("asker", "holder", "allowed"), LOCKERS.values(), ids=LOCKERS)
def test_who_may_put_a_coupon_on_an_order(
    asker: Identifier | None, holder: Identifier | None, allowed: bool
) -> None:
    sight = seen(offer(), coupons=(coupon(holder=holder),))
    sight.persons[SHOP, LI_PHONE] = (LI, LI_PHONE)
    told = decide(sight, ask(Verb.LOCK, order="o1", holder=asker))
    assert isinstance(told, Step) is allowed
    assert allowed or told == Refused(Reason.NOT_THE_HOLDER)


@pytest.mark.parametrize("kind", ["person", *sorted(set(ATTEMPTS_MAX) - {"person"})])
def test_one_attempt_too_many_in_a_minute(kind: str) -> None:
    """Also one that would have been refused for another reason: guessing is what costs."""
    most = ATTEMPTS_MAX[kind][0]
    sight = seen(offer(per_person=1000, money=1_000_000_000, trips_at=1000))
    for number in range(most + 2):
        mark = () if kind == "person" else ((kind, b"m" * 16),)
        holder = LI if kind == "person" else person(number)
        told = decide(sight, claim(holder, marks=mark))
        assert (told == Refused(Reason.TOO_FAST)) is (number >= most), number


def test_refused_attempts_count_as_well() -> None:
    sight = seen(offer())
    told = [decide(sight, claim()) for _ in range(8)]
    assert isinstance(told[0], Step)
    assert told[1:6] == [TOO_MANY] * 5
    assert told[6:] == [Refused(Reason.TOO_FAST)] * 2
    assert sum(sight.attempts[SHOP, "person", LI[1]].values()) == 8


def test_guessed_codes_are_attempts_of_whoever_guesses() -> None:
    sight = seen(offer())
    guesses = [ask(Verb.BIND, "", code=bytes([n]), holder=LI) for n in range(7)]
    told = [decide(sight, guess) for guess in guesses]
    assert told[:6] == [Refused(Reason.NOT_FOUND)] * 6
    assert told[6] == Refused(Reason.TOO_FAST)


def test_a_fast_person_at_one_merchant_is_not_fast_at_another() -> None:
    sight = seen(offer(per_person=99), offer(merchant="shoes", per_person=99))
    for _ in range(7):
        last = decide(sight, claim())
    assert last == Refused(Reason.TOO_FAST)
    assert isinstance(decide(sight, claim(merchant="shoes")), Step)


def test_attempts_of_the_minutes_before_are_remembered() -> None:
    sight = seen(offer(per_person=99))
    sight.attempts[SHOP, "person", LI[1]].update({sight.minute - 1: 6, sight.minute - 4: 6})
    told = [decide(sight, claim()) for _ in range(4)]
    assert [isinstance(one, Step) for one in told] == [True, True, True, False]


def breaking(**change: Any) -> Offer:
    """Trips above ten pieces in a minute: the forecast is next to nothing."""
    return offer(forecast_hour=1, trips_at=1, **change)


def test_the_piece_over_the_bound_is_not_given_and_nothing_after_it() -> None:
    sight = seen(breaking(), coupons=(coupon(),))
    told = [decide(sight, claim(person(n))) for n in range(12)]
    assert all(isinstance(one, Step) for one in told[:10])
    assert told[10:] == [Refused(Reason.BREAKER_TRIPPED)] * 2
    assert decide(sight, bill()) == Refused(Reason.BREAKER_TRIPPED)
    (trip,) = sight.trips
    assert (trip.what, trip.window, trip.value_fen) == ("issued", 1, 11 * 2000)
    assert sight.offers[SHOP, "t1"].tripped


def test_what_the_merchant_gives_out_does_not_trip_its_breaker() -> None:
    sight = seen(breaking())
    told = [decide(sight, claim(person(n), claim=False)) for n in range(40)]
    assert all(isinstance(one, Step) for one in told)
    assert not sight.trips


def test_taken_and_redeemed_are_measured_apart() -> None:
    pieces = tuple(coupon(f"c_{n}") for n in range(11))
    sight = seen(breaking(), coupons=pieces)
    for n in range(10):
        assert isinstance(decide(sight, claim(person(n))), Step)
    told = [decide(sight, bill(f"c_{n}")) for n in range(11)]
    assert [isinstance(one, Step) for one in told] == [True] * 10 + [False]
    assert [trip.what for trip in sight.trips] == ["redeemed"]


def test_an_order_counts_what_it_took_off_not_the_face() -> None:
    locked = tuple(
        coupon(f"c_{n}", state=State.LOCKED, order="o", until_us=NOW_US + MINUTE_US)
        for n in range(30)
    )
    sight = seen(breaking(), coupons=locked)
    for n in range(30):
        used = decide(sight, ask(Verb.USE, f"c_{n}", order="o", amount_fen=600))
        assert isinstance(used, Step)
    assert sight.values[SHOP, "t1", "redeemed"][sight.minute] == 30 * 600


def test_a_breaker_stops_one_offer() -> None:
    sight = seen(breaking(), offer("t2"))
    for n in range(11):
        last = decide(sight, claim(person(n)))
    assert last == Refused(Reason.BREAKER_TRIPPED)
    assert isinstance(decide(sight, claim(offer="t2")), Step)


@given(
    st.dictionaries(st.integers(0, 119), st.integers(0, 60_000), max_size=40),
    st.integers(0, 30_000),
    st.integers(1, 400_000),
    st.integers(1, 4),
)
def test_the_breaker_against_three_sums_on_paper(
    values: dict[int, int], more_fen: int, forecast_fen: int, trips_at: int
) -> None:
    found = read_template(template(forecast_hour=forecast_fen, trips_at=trips_at))
    over = [
        window
        for window in (1, 5, 60)
        if more_fen + sum(values.get(100 - back, 0) for back in range(window))
        > max(forecast_fen * trips_at * window // 60, 20_000)
    ]
    told = tripping(found, values, minute=100, more_fen=more_fen)
    assert told == (over[0] if over else None)
    assert within(values, 100, window=120) <= sum(values.values())
    assert most_fen(found, 1) <= most_fen(found, 5) <= most_fen(found, 60)


ROUNDS: dict[str, tuple[list[AnyCommand], list[list[int]]]] = {
    "nothing": ([], [[]]),
    "issues only": ([claim(), claim(WU)], [[0, 1]]),
    "one coupon, never back": ([ask(Verb.LOCK), ask(Verb.USE), ask(Verb.VOID)], [[0, 1, 2]]),
    "after a return": ([ask(Verb.RETURN), ask(Verb.LOCK)], [[0], [1]]),
    "after an undo": ([ask(Verb.UNDO), bill()], [[0], [1]]),
    "another coupon": ([ask(Verb.RETURN), ask(Verb.LOCK, "c_2")], [[0, 1]]),
    "two returns": ([ask(Verb.RETURN), ask(Verb.RETURN, "c_2")], [[0], [1]]),
    "a code may be that coupon": ([ask(Verb.UNDO), ask(Verb.REDEEM, "", code=b"h")], [[0], [1]]),
    "an issue after a return": ([ask(Verb.RETURN), claim()], [[0, 1]]),
    "in the middle": (
        [claim(), ask(Verb.USE), ask(Verb.RETURN), claim(WU), ask(Verb.LOCK)], [[0, 1, 2, 3], [4]],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("commands", "expected"), ROUNDS.values(), ids=ROUNDS)
def test_where_a_write_is_cut(commands: list[AnyCommand], expected: list[list[int]]) -> None:
    assert rounds(commands) == expected


COMMANDS = st.one_of(
    st.builds(lambda n: claim(person(n)), st.integers(0, 3)),
    st.builds(
        lambda verb, n, code: ask(verb, "" if code else f"c_{n}", code=bytes([n]) if code else b""),
        st.sampled_from(list(Verb)), st.integers(0, 3), st.booleans(),
    ),
)  # fmt: skip


@given(st.lists(COMMANDS, max_size=30))
def test_a_cut_write_keeps_everything_in_order(commands: list[AnyCommand]) -> None:
    cut = rounds(commands)
    assert [place for places in cut for place in places] == list(range(len(commands)))
    for places in cut:
        came_back: set[str] = set()
        for place in places:
            command = commands[place]
            if not isinstance(command, OnCoupon):
                continue
            assert command.coupon not in came_back or not command.coupon
            if command.verb in (Verb.UNDO, Verb.RETURN):
                came_back.add(command.coupon)


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 4), st.integers(1, 3))
def test_claims_against_a_list_on_paper(who: list[int], per_person: int, identifiers: int) -> None:
    """``identifiers`` names of each person, used in turn; nobody gets more than the limit."""
    names = {n: [person(f"{n}-{i}") for i in range(identifiers)] for n in range(5)}
    sight = seen(offer(per_person=per_person, money=10**9, trips_at=1000))
    for aliases in names.values():
        for one in aliases:
            sight.persons[SHOP, one] = aliases
    had: Counter[int] = Counter()
    for turn, n in enumerate(who):
        told = decide(sight, claim(names[n][turn % identifiers], claim=False))
        assert isinstance(told, Step) is (had[n] < per_person)
        had[n] += isinstance(told, Step)
    given_out = sum(sight.held.values())
    assert given_out == sum(had.values()) == len({id for _, id in sight.coupons})
