"""The rules of a coupon, pure: tables of what a command makes of a coupon and what it costs."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import SHOP, person, template

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, parse_iso
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import TRANSITIONS, State, Verb
from quanyu.promotions.coupons.step import Step, fresh, issue, issuing, lapsed, not_issuing, step
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import read_template

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
END_US = NOW_US + 7 * DAY_US
LI, WU = person("li"), person("wu")
_change = msgspec.structs.replace


def offer(state: OfferState = OfferState.ACTIVE, **change: Any) -> Offer:
    switches = {name: change.pop(name) for name in ("killed", "tripped") if name in change}
    return Offer(SHOP, "t1", read_template(template(giftable=True, **change)), state, **switches)


def coupon(state: State = State.ISSUED, **change: Any) -> Coupon:
    """In a state as the rules leave it."""
    shapes: dict[State, dict[str, Any]] = {
        State.LOCKED: {"order": "o1", "until_us": NOW_US + HOUR_US},
        State.GIFTING: {"gift": b"g", "until_us": NOW_US + HOUR_US},
        State.USED: {"used_us": NOW_US - MINUTE_US, "spent_fen": 1500, "store": "s1"},
    }
    plain = Coupon(
        no=1, id="c_1", offer="t1", state=state, holder=LI, issued_us=NOW_US, expires_us=END_US,
        face_fen=2000,
    )  # fmt: skip
    return _change(plain, **{**shapes.get(state, {}), **change})


def asked(verb: Verb, **change: Any) -> OnCoupon:
    return OnCoupon(merchant=SHOP, request="k", verb=verb, coupon="c_1", **change)


def decided(found: Coupon, verb: Verb, *, of: Offer | None = None, **change: Any) -> Any:
    at_us = change.pop("at_us", NOW_US)
    return step(found, of or offer(), command=asked(verb, **change), now_us=at_us)


def cost(found: Step) -> Counter[tuple[str, str]]:
    """Account → what the moves leave on it."""
    left: Counter[tuple[str, str]] = Counter()
    for move in found.moves:
        assert move.amount > 0, "the book takes no empty transfers"
        left[move.unit, move.source] -= move.amount
        left[move.unit, move.target] += move.amount
    return Counter({place: amount for place, amount in left.items() if amount})


GOOD: dict[Verb, tuple[State, dict[str, Any]]] = {
    Verb.BIND: (State.ISSUED, {"holder": WU}),
    Verb.GIFT: (State.ISSUED, {"holder": LI, "gift": b"g"}),
    Verb.ACCEPT: (State.GIFTING, {"holder": WU, "gift": b"g"}),
    Verb.TAKE_BACK: (State.GIFTING, {"holder": LI}),
    Verb.LOCK: (State.ISSUED, {"order": "o1"}),
    Verb.UNLOCK: (State.LOCKED, {"order": "o1"}),
    Verb.USE: (State.LOCKED, {"order": "o1", "amount_fen": 1500}),
    Verb.REDEEM: (State.ISSUED, {"store": "s1", "amount_fen": 10_000}),
    Verb.UNDO: (State.USED, {"store": "s1"}),
    Verb.RETURN: (State.USED, {"order": None}),
    Verb.GIVE_BACK: (State.USED, {"order": None, "amount_fen": 400}),
    Verb.VOID: (State.ISSUED, {}),
}
"""Verb → a state from which it works, and what has to be said."""


@pytest.mark.parametrize("verb", GOOD)
def test_a_good_command_follows_the_table(verb: Verb) -> None:
    state, words = GOOD[verb]
    found = coupon(state, **({"holder": None} if verb is Verb.BIND else {}))
    told = decided(found, verb, **words)
    assert isinstance(told, Step), told
    assert told.coupon.state is TRANSITIONS[state, verb]
    assert told.before is state
    assert told.coupon.id == found.id
    rest_fen = 0 if told.rest is None else told.rest.face_fen
    assert told.coupon.face_fen + rest_fen == found.face_fen


@pytest.mark.parametrize(
    ("state", "verb"),
    [(state, verb) for state in State for verb in GOOD if (state, verb) not in TRANSITIONS],
)
def test_from_another_state_it_is_refused(state: State, verb: Verb) -> None:
    found = coupon(state)
    told = decided(found, verb, **GOOD[verb][1])
    expected = {Reason.WRONG_STATE, Reason.EXPIRED, Reason.LOCKED_BY_OTHER_ORDER}
    assert isinstance(told, Refused)
    assert told.reason in expected


COSTS: dict[str, tuple[State, Verb, dict[str, Any], dict[tuple[str, str], int]]] = {
    "a use gives the rest back": (
        State.LOCKED, Verb.USE, {"order": "o1", "amount_fen": 1500},
        {("pieces", "out"): -1, ("pieces", "used"): 1, ("fen", "out"): -2000,
         ("fen", "spent"): 1500, ("fen", "free"): 500},
    ),
    "a use for nothing": (
        State.LOCKED, Verb.USE, {"order": "o1", "amount_fen": 0},
        {("pieces", "out"): -1, ("pieces", "used"): 1, ("fen", "out"): -2000,
         ("fen", "free"): 2000},
    ),
    "a scan of the whole face": (
        State.ISSUED, Verb.REDEEM, {"store": "s", "amount_fen": 10_000},
        {("pieces", "out"): -1, ("pieces", "used"): 1, ("fen", "out"): -2000,
         ("fen", "spent"): 2000},
    ),
    "a return takes it all again": (
        State.USED, Verb.RETURN, {"order": None},
        {("pieces", "used"): -1, ("pieces", "out"): 1, ("fen", "spent"): -1500,
         ("fen", "out"): 2000, ("fen", "free"): -500},
    ),
    "a part that comes back": (
        State.USED, Verb.GIVE_BACK, {"order": None, "amount_fen": 400},
        {("pieces", "minted"): -1, ("pieces", "out"): 1, ("fen", "spent"): -400,
         ("fen", "out"): 400},
    ),
    "a return after the end": (
        State.USED, Verb.RETURN, {"order": None, "at_us": END_US},
        {("pieces", "used"): -1, ("pieces", "gone"): 1, ("fen", "spent"): -1500,
         ("fen", "free"): 1500},
    ),
    "an end": (
        State.ISSUED, Verb.EXPIRE, {"at_us": END_US},
        {("pieces", "out"): -1, ("pieces", "gone"): 1, ("fen", "out"): -2000,
         ("fen", "free"): 2000},
    ),
    "a lock costs nothing": (State.ISSUED, Verb.LOCK, {"order": "o"}, {}),
    "a gift costs nothing": (State.ISSUED, Verb.GIFT, {"holder": LI, "gift": b"g"}, {}),
}  # fmt: skip


@pytest.mark.parametrize(("state", "verb", "words", "expected"), COSTS.values(), ids=COSTS)
def test_what_a_step_costs(
    state: State, verb: Verb, words: dict[str, Any], expected: dict[tuple[str, str], int]
) -> None:
    told = decided(coupon(state), verb, **words)
    assert isinstance(told, Step), told
    assert dict(cost(told)) == expected


FACTS = {
    Verb.LOCK: "coupon_locked", Verb.USE: "coupon_redeemed", Verb.REDEEM: "coupon_redeemed",
    Verb.UNDO: "coupon_returned", Verb.RETURN: "coupon_returned", Verb.BIND: "coupon_issued",
    Verb.GIVE_BACK: "coupon_returned",
}  # fmt: skip


@pytest.mark.parametrize("verb", GOOD)
def test_what_a_step_tells(verb: Verb) -> None:
    state, words = GOOD[verb]
    found = coupon(state, **({"holder": None} if verb is Verb.BIND else {}))
    assert decided(found, verb, **words).fact == FACTS.get(verb)


HALTS: dict[str, tuple[Offer, Reason]] = {
    "killed": (offer(killed=True), Reason.KILLED),
    "tripped": (offer(tripped=True), Reason.BREAKER_TRIPPED),
    "paused": (offer(OfferState.PAUSED), Reason.OFFER_PAUSED),
    "killed and paused": (offer(OfferState.PAUSED, killed=True), Reason.KILLED),
}
HALTED = (Verb.LOCK, Verb.USE, Verb.REDEEM)


@pytest.mark.parametrize("verb", GOOD)
@pytest.mark.parametrize(("halted", "reason"), HALTS.values(), ids=HALTS)
def test_a_halted_offer_gives_nothing_and_takes_back_everything(
    verb: Verb, halted: Offer, reason: Reason
) -> None:
    state, words = GOOD[verb]
    found = coupon(state, **({"holder": None} if verb is Verb.BIND else {}))
    told = decided(found, verb, of=halted, **words)
    if verb in HALTED:
        assert told == Refused(reason)
    else:
        assert isinstance(told, Step), told


@pytest.mark.parametrize("state", [OfferState.STOPPED, OfferState.EXHAUSTED, OfferState.ENDED])
def test_what_is_out_can_be_used_when_nothing_more_is_issued(state: OfferState) -> None:
    told = decided(coupon(), Verb.REDEEM, of=offer(state), store="s", amount_fen=10_000)
    assert isinstance(told, Step)
    assert not_issuing(offer(state), NOW_US) is not None


ISSUES: dict[str, tuple[Offer, dict[str, Any], Refused]] = {
    "a draft": (offer(OfferState.DRAFT), {}, Refused(Reason.OFFER_NOT_ACTIVE)),
    "in audit": (offer(OfferState.AUDITING), {}, Refused(Reason.OFFER_NOT_ACTIVE)),
    "exhausted": (offer(OfferState.EXHAUSTED), {}, Refused(Reason.CAP_PIECES)),
    "over": (offer(expires="2026-03-10T12:00:00+08:00"), {}, Refused(Reason.EXPIRED)),
    "not for taking": (offer(claimable=False), {"claim": True}, Refused(Reason.NOT_CLAIMABLE)),
    "one too many": (offer(), {"held": 1}, Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)),
}


@pytest.mark.parametrize(("of", "words", "expected"), ISSUES.values(), ids=ISSUES)
def test_an_issue_that_is_refused(of: Offer, words: dict[str, Any], expected: Refused) -> None:
    held = words.pop("held", 0)
    command = Issue(merchant=SHOP, request="k", offer="t1", holder=LI, **words)
    assert issue(command, of, now_us=NOW_US, held=held, id="c_1") == expected


def test_an_issue() -> None:
    command = Issue(merchant=SHOP, request="k", offer="t1", holder=LI)
    told = issue(command, offer(), now_us=NOW_US, held=0, id="c_1")
    assert isinstance(told, Step)
    assert told.before is None
    assert (told.coupon.holder, told.coupon.expires_us) == (LI, END_US)
    assert told.moves == issuing(2000)
    assert fresh(offer(), now_us=NOW_US, id="c_2").holder is None


@pytest.mark.parametrize("state", [State.LOCKED, State.GIFTING])
@pytest.mark.parametrize(("later_us", "fallen"), [(HOUR_US - 1, False), (HOUR_US, True)])
def test_what_time_does_by_itself(state: State, later_us: int, fallen: bool) -> None:
    found = coupon(state)
    now = lapsed(found, NOW_US + later_us)
    if fallen:
        assert (now.state, now.until_us, now.order, now.gift) == (State.ISSUED, None, None, None)
    else:
        assert now == found
    told = decided(found, Verb.LAPSE, at_us=NOW_US + later_us)
    assert isinstance(told, Step) is fallen


def test_a_lapsed_lock_of_an_ended_coupon_is_over() -> None:
    found = coupon(State.LOCKED, until_us=END_US - 1)
    assert decided(found, Verb.LOCK, order="o2", at_us=END_US) == Refused(Reason.EXPIRED)
    held = coupon(State.LOCKED, until_us=END_US + HOUR_US)
    late = decided(held, Verb.USE, order="o1", amount_fen=100, at_us=END_US + 1)
    assert isinstance(late, Step)
    gone = decided(held, Verb.UNLOCK, order="o1", at_us=END_US + 1)
    assert isinstance(gone, Step)
    assert isinstance(decided(gone.coupon, Verb.EXPIRE, at_us=END_US + 1), Step)


@pytest.mark.parametrize(
    ("bill_fen", "expected"),
    [(9_999, Refused(Reason.BELOW_THRESHOLD, have=9_999, need=10_000)), (10_000, 2000)],
)
def test_a_threshold_is_met_at_it(bill_fen: int, expected: object) -> None:
    told = decided(coupon(), Verb.REDEEM, store="s", amount_fen=bill_fen)
    assert (told.coupon.spent_fen if isinstance(told, Step) else told) == expected


@pytest.mark.parametrize(
    ("benefit", "says", "virtual", "refused"),
    [
        ({"amount_off": {"amount": 2000}}, False, True, True),
        ({"amount_off": {"amount": 2000}}, True, True, False),
        ({"amount_off": {"amount": 2000}}, False, False, False),
        ({"amount_off": {"amount": 2000, "threshold": 5000}}, False, True, False),
    ],
)
def test_virtual_goods_need_a_word_where_there_is_no_threshold(
    benefit: dict[str, Any], says: bool, virtual: bool, refused: bool
) -> None:
    of = offer(benefit=benefit, virtual=says)
    words = {"store": "s", "amount_fen": 9_000, "virtual": virtual}
    told = decided(coupon(), Verb.REDEEM, of=of, **words)
    assert (told == Refused(Reason.VIRTUAL_GOODS)) is refused


def test_the_rest_of_a_red_packet_is_a_piece_of_its_own() -> None:
    told = decided(coupon(State.USED), Verb.GIVE_BACK, order=None, amount_fen=400)
    again = decided(coupon(State.USED), Verb.GIVE_BACK, order=None, amount_fen=400)
    assert told == again, "the same request makes the same piece"
    assert (told.coupon.state, told.coupon.face_fen, told.coupon.spent_fen) == ("used", 1600, 1100)
    assert (told.rest.state, told.rest.holder, told.rest.expires_us) == ("issued", LI, END_US)
    assert (told.rest.face_fen, told.rest.spent_fen) == (400, None)
    assert told.rest.id.startswith("c_")
    assert told.rest.id != told.coupon.id


NO_REST: dict[str, tuple[dict[str, Any], Refused]] = {
    "more than it took off": ({"amount_fen": 1501}, Refused(Reason.OVER_FACE, 1501, 1500)),
    "nothing": ({"amount_fen": 0}, Refused(Reason.OVER_FACE, 0, 1500)),
    "of another order": ({"order": "o2", "amount_fen": 1}, Refused(Reason.USED_BY_OTHER_ORDER)),
    "after its end": ({"amount_fen": 1, "at_us": END_US}, Refused(Reason.EXPIRED)),
}


@pytest.mark.parametrize(("words", "no"), NO_REST.values(), ids=NO_REST)
def test_what_does_not_come_back_in_part(words: dict[str, Any], no: Refused) -> None:
    assert decided(coupon(State.USED), Verb.GIVE_BACK, **{"order": None, **words}) == no


def test_of_what_has_come_back_in_parts_nothing_comes_back_whole() -> None:
    used = coupon(State.USED, face_fen=0, spent_fen=0)
    assert decided(used, Verb.RETURN, order=None) == Refused(Reason.WRONG_STATE)


def test_a_small_rest_takes_no_more_off_a_bill_than_it_is_worth() -> None:
    rest = coupon(face_fen=231)
    told = decided(rest, Verb.REDEEM, store="s1", amount_fen=10_000)
    assert told.coupon.spent_fen == 231


@given(st.lists(st.sampled_from(list(Verb)), max_size=25), st.integers(0, 2000))
def test_no_road_costs_more_than_it_gave(verbs: list[Verb], spent_fen: int) -> None:
    """Any commands in any order: balances of the offer are those of the coupon's state."""
    found, rests = coupon(), []
    left: Counter[tuple[str, str]] = Counter({("pieces", "out"): 1, ("fen", "out"): 2000})
    at_us = NOW_US
    for verb in verbs:
        at_us += MINUTE_US
        words: dict[str, Any] = {"holder": found.holder, "gift": b"g", "order": found.order or "o"}
        words["amount_fen"] = spent_fen if verb is Verb.USE else 10_000
        words["store"] = found.store
        if verb in (Verb.RETURN, Verb.GIVE_BACK):
            words["order"] = found.order
        if verb is Verb.GIVE_BACK:
            words["amount_fen"] = (found.spent_fen or 0) // 2
        told = decided(found, verb, at_us=at_us, **words)
        if isinstance(told, Step):
            found = told.coupon
            rests += [told.rest] if told.rest else []
            left += cost(told) if not told.moves else Counter()
            for move in told.moves:
                left[move.unit, move.source] -= move.amount
                left[move.unit, move.target] += move.amount
    live = found.state in (State.ISSUED, State.LOCKED, State.GIFTING)
    rests_fen = sum(rest.face_fen for rest in rests)
    assert left["pieces", "out"] == int(live) + len(rests)
    assert left["fen", "out"] == (found.face_fen if live else 0) + rests_fen
    assert found.face_fen == 2000 - rests_fen
    assert left["fen", "spent"] == (found.spent_fen or 0)
    assert left["pieces", "used"] == int(found.state is State.USED)
    assert left["pieces", "gone"] == int(found.state in (State.VOID, State.EXPIRED))
    assert left["fen", "out"] + left["fen", "spent"] + left["fen", "free"] == 2000
