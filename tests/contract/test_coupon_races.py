"""Coupons under many hands at once: writers of several processes on one real database."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import psycopg
import pytest
from tests.money_ground import SHOP, Desk, person, template

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import AnyCommand, Done, Issue
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.offers.answers import Offer, OfferRefusal
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.storage.postgres.coupons.assembly import parts
from quanyu.storage.postgres.coupons.batch_rows import CodeBatch
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.coupons.writer import CouponWriter
from quanyu.storage.postgres.database import Database

HANDS = 8


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """All of them begin at the same moment, each in a thread of its own."""
    gate = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def writer(desk: Desk) -> CouponWriter:
    """Of another process: nothing is shared but the database."""
    return parts(desk.ground, codes=desk.codes).writer


def written(desk: Desk, *groups: Sequence[AnyCommand]) -> list[Any]:
    """Each group by a writer of its own; the answers in the order of the groups."""
    works = [lambda group=group, one=writer(desk): one.write(group) for group in groups]
    return [answer for answers in at_once(*works) for answer in answers]


def won(told: Sequence[Any]) -> list[Any]:
    return [one for one in told if isinstance(one, Done)]


def reasons(told: Sequence[Any]) -> Counter[Any]:
    return Counter(one.reason for one in told if isinstance(one, Refused))


def claim(desk: Desk, who: int | str, *, offer: str = "t1") -> Issue:
    return Issue(merchant=SHOP, request=desk.key(), offer=offer, holder=person(who), claim=True)


def sound(desk: Desk) -> bool:
    with desk.database.transaction() as tx:
        return differences(tx, desk.book)[1] == []


def test_one_lock_among_many_orders(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    locks = [[desk.command(Verb.LOCK, coupon, order=f"o{n}")] for n in range(HANDS)]
    told = written(desk, *locks)
    (winner,) = won(told)
    assert reasons(told) == {Reason.LOCKED_BY_OTHER_ORDER: HANDS - 1}
    with desk.database.transaction() as tx:
        row = tx.execute("SELECT order_id, state FROM coupon").fetchone()
    assert row == (winner.coupon.order, "locked")


def test_one_till_among_many(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    bills = [
        [desk.command(Verb.REDEEM, coupon, amount_fen=10_000, store=f"s{n}")] for n in range(HANDS)
    ]
    told = written(desk, *bills)
    assert len(won(told)) == 1
    assert reasons(told) == {Reason.WRONG_STATE: HANDS - 1}
    assert desk.balances()["fen/spent"] == 2000
    assert desk.told().count("coupon_redeemed") == 1


def test_a_person_with_many_hands_gets_one(desk: Desk) -> None:
    desk.publish()
    told = written(desk, *[[claim(desk, 1)] for _ in range(6)])
    assert len(won(told)) == 1
    assert reasons(told) == {Reason.PER_PERSON_LIMIT: 5}
    assert desk.balances()["pieces/out"] == 1


def test_two_identifiers_of_one_person_race_for_one_piece(desk: Desk) -> None:
    """Both lock the counts of both, in the same order: neither waits for the other for ever."""
    one, two = person("phone"), person("taobao")

    def linked(tx: psycopg.Connection, merchant: str, holder: Identifier) -> list[Identifier]:
        return [two, one] if holder == one else [one, two]

    for number in range(5):
        desk.publish(f"t{number}")
        claims = [claim(desk, who, offer=f"t{number}") for who in ("phone", "taobao")]
        hands = [parts(desk.ground, codes=desk.codes, person=linked).writer for _ in claims]
        told = at_once(
            *[
                lambda hand=hand, command=command: hand.write([command])[0]
                for hand, command in zip(hands, claims, strict=True)
            ]
        )
        assert len(won(told)) == 1, told
        assert reasons(told) == {Reason.PER_PERSON_LIMIT: 1}


@pytest.mark.parametrize(
    ("caps", "reason"),
    [({"pieces": 5}, Reason.CAP_PIECES), ({"money": 11_999}, Reason.CAP_MONEY)],
)
def test_a_cap_holds_under_many_hands(desk: Desk, caps: dict[str, int], reason: Reason) -> None:
    desk.publish(**caps)
    groups = [[claim(desk, f"{hand}-{n}") for n in range(3)] for hand in range(HANDS)]
    told = written(desk, *groups)
    assert len(won(told)) == 5
    assert reasons(told) == {reason: 3 * HANDS - 5}
    assert desk.balances()["fen/out"] == 10_000
    assert sound(desk)


def test_groups_that_name_the_same_coupons_in_other_orders_do_not_block(desk: Desk) -> None:
    desk.publish(per_person=100)
    coupons = [desk.issued() for _ in range(12)]
    groups = []
    for hand in range(HANDS):
        turned = coupons[hand:] + coupons[:hand]
        ordered = turned if hand % 2 else turned[::-1]
        groups.append([desk.command(Verb.LOCK, one, order=f"o{hand}") for one in ordered])
    told = written(desk, *groups)
    assert len(won(told)) == len(coupons)
    assert {one.coupon.id for one in won(told)} == set(coupons)


def test_groups_over_several_offers_do_not_block(desk: Desk) -> None:
    for n in range(3):
        desk.publish(f"t{n}", per_person=100)
    groups = [
        [claim(desk, f"p{hand % 2}", offer=f"t{(hand + n) % 3}") for n in range(3)]
        for hand in range(6)
    ]
    told = written(desk, *groups)
    assert len(won(told)) + reasons(told)[Reason.TOO_FAST] == 18
    assert reasons(told)[Reason.TOO_FAST] == 6, "nine attempts each, six of them in time"
    assert sound(desk)


def test_twins_with_one_key_have_one_effect_in_several_processes(desk: Desk) -> None:
    desk.publish()
    twin = claim(desk, 1)
    told = written(desk, *[[twin, claim(desk, n + 10)] for n in range(HANDS)])
    twins = told[::2]
    assert all(one == twins[0] for one in twins)
    assert isinstance(twins[0], Done)
    assert desk.balances()["pieces/out"] == 1 + HANDS
    assert desk.told().count("coupon_issued") == 1 + HANDS


def test_twins_of_somebody_who_may_have_more(desk: Desk) -> None:
    """The limit does not hide the twin: the book knows the key, and the first answer is given."""
    for turn in range(3):
        desk.publish(f"t{turn}", per_person=9)
        twin = claim(desk, f"p{turn}", offer=f"t{turn}")
        told = written(desk, *[[twin] for _ in range(4)])
        assert all(one == told[0] for one in told)
        assert isinstance(told[0], Done)
        assert desk.balances(f"t{turn}")["pieces/out"] == 1


def test_two_people_race_for_one_key(desk: Desk) -> None:
    desk.publish(per_person=9)
    claims = [Issue(merchant=SHOP, request="same", offer="t1", holder=person(n)) for n in range(4)]
    told = written(desk, *[[one] for one in claims])
    assert len(won(told)) == 1
    assert reasons(told) == {Reason.KEY_USED_FOR_ANOTHER_REQUEST: 3}
    assert desk.balances()["pieces/out"] == 1


def test_two_requests_race_for_one_key(desk: Desk) -> None:
    desk.publish()
    one, two = (desk.issued(n) for n in (1, 2))
    groups = [[desk.command(Verb.VOID, id, request="same")] for id in (one, two, one, two)]
    told = written(desk, *groups)
    assert len(won(told)) == 2
    assert reasons(told) == {Reason.KEY_USED_FOR_ANOTHER_REQUEST: 2}
    assert desk.balances()["pieces/gone"] == 1


def test_a_gift_is_accepted_once(desk: Desk) -> None:
    desk.publish(giftable=True)
    coupon = desk.issued(1)
    desk.act(Verb.GIFT, coupon, holder=person(1), gift=b"word")
    takers = [
        [desk.command(Verb.ACCEPT, coupon, holder=person(n), gift=b"word")] for n in range(2, 8)
    ]
    back = [desk.command(Verb.TAKE_BACK, coupon, holder=person(1))]
    told = written(desk, *takers, back)
    assert len(won(told)) == 1
    assert reasons(told) == {Reason.WRONG_STATE: 6}


def test_a_printed_code_is_bound_once(desk: Desk) -> None:
    desk.publish()
    desk.parts.batches.make(CodeBatch(SHOP, "spring", "t1", 1, 0), lambda made: None)
    code = desk.codes.hashed(SHOP, desk.codes.printed(SHOP, "spring", number=1))
    binds = [[desk.command(Verb.BIND, code=code, holder=person(n))] for n in range(HANDS)]
    told = written(desk, *binds)
    assert len(won(told)) == 1
    assert reasons(told) == {Reason.ALREADY_BOUND: HANDS - 1}
    with desk.database.transaction() as tx:
        counted = tx.execute("SELECT sum(pieces) FROM coupon_holder").fetchone()
    assert counted == (1,)


def test_a_batch_that_two_ask_for_is_made_once(desk: Desk) -> None:
    desk.publish()
    wanted = CodeBatch(SHOP, "spring", "t1", 30, 0)
    hands = [parts(desk.ground, codes=desk.codes).batches for _ in range(4)]
    told = at_once(*[lambda hand=hand: hand.make(wanted, lambda made: None) for hand in hands])
    assert {one.made for one in told} == {30}
    assert desk.balances()["pieces/out"] == 30
    with desk.database.transaction() as tx:
        rows = tx.execute("SELECT count(*), count(DISTINCT code_hash) FROM coupon").fetchone()
    assert rows == (30, 30)


def test_a_return_and_a_claim_race_for_the_last_money(desk: Desk) -> None:
    """Whoever is second is told; the budget is never overdrawn."""
    seen = set()
    for turn in range(4):
        offer = f"t{turn}"
        desk.publish(offer, money=2000)
        coupon = desk.issued(1, offer=offer)
        desk.act(Verb.LOCK, coupon, order="o1")
        desk.act(Verb.USE, coupon, order="o1", amount_fen=0)
        back = [desk.command(Verb.RETURN, coupon, order="o1")]
        told = written(desk, back, [claim(desk, 2, offer=offer)])
        assert len(won(told)) == 1, told
        assert reasons(told) == {Reason.CAP_MONEY: 1}
        assert desk.balances(offer)["fen/free"] == 0
        seen.add(isinstance(told[0], Done))
    assert seen <= {True, False}
    assert sound(desk)


def test_an_order_and_the_end_of_its_lock(desk: Desk, clock: FixedClock) -> None:
    """The chore gives the coupon back or the next order takes it: the first order never has it."""
    desk.publish(per_person=100)
    coupons = [desk.issued() for _ in range(6)]
    for coupon in coupons:
        desk.act(Verb.LOCK, coupon, order="o1", ttl_us=MINUTE_US)
    clock.advance(MINUTE_US)
    uses = [desk.command(Verb.USE, one, order="o1", amount_fen=1) for one in coupons]
    locks = [desk.command(Verb.LOCK, one, order="o2") for one in coupons]
    works = [lambda: writer(desk).write(uses), lambda: writer(desk).write(locks)]
    used, locked, _ = at_once(*works, desk.parts.chores.lapse)
    assert won(used) == []
    assert len(won(locked)) == len(coupons)
    assert {one.coupon.order for one in won(locked)} == {"o2"}


def test_two_chores_expire_a_piece_once(desk: Desk, clock: FixedClock) -> None:
    desk.publish(per_person=100)
    for _ in range(20):
        desk.issued()
    clock.advance(8 * DAY_US)
    chores = [parts(desk.ground, codes=desk.codes).chores for _ in range(3)]
    at_once(*[chore.expire for chore in chores])
    assert desk.balances()["pieces/gone"] == 20
    assert desk.told().count("coupon_expired") == 20
    assert sound(desk)


def test_a_kill_among_tills(desk: Desk) -> None:
    """What came through before the switch is counted; after it has returned nothing does."""
    desk.publish(per_person=100, trips_at=1000)
    coupons = [desk.issued() for _ in range(16)]
    bills = [
        [desk.command(Verb.REDEEM, one, amount_fen=10_000, store="s") for one in coupons[n::4]]
        for n in range(4)
    ]
    works: list[Callable[[], Any]] = [
        lambda group=group, one=writer(desk): one.write(group) for group in bills
    ]
    by = desk.by()
    told = at_once(*works, lambda: desk.offers.kill(SHOP, "t1", killed=True, by=by))
    tills = [one for answers in told[:4] for one in answers]
    assert reasons(tills).keys() <= {Reason.KILLED}
    assert desk.balances()["fen/spent"] == 2000 * len(won(tills))
    left = [one for one in coupons if one not in {done.coupon.id for done in won(tills)}]
    again = [desk.act(Verb.REDEEM, one, amount_fen=10_000, store="s") for one in left]
    assert won(again) == []


def test_an_offer_is_approved_once_by_many(desk: Desk) -> None:
    desk.offers.create(SHOP, template(), actor="lin", request=desk.key())
    desk.offers.move(SHOP, "t1", verb="submit", by=desk.by())
    keys = [desk.by("wang") for _ in range(6)]
    told = at_once(
        *[lambda by=by: desk.offers.move(SHOP, "t1", verb="approve", by=by) for by in keys]
    )
    assert sum(isinstance(one, Offer) for one in told) == 1
    assert reasons(told) == {OfferRefusal.WRONG_STATE: 5}
    assert desk.balances()["pieces/free"] == 1000
    assert [line.what for line in desk.offers.history(SHOP, "t1")].count("approve") == 1


def test_pause_stop_and_end_at_once_leave_one_road(desk: Desk) -> None:
    desk.publish()
    asks = [(verb, desk.by()) for verb in ("pause", "stop", "end")]
    at_once(*[lambda v=v, by=by: desk.offers.move(SHOP, "t1", verb=v, by=by) for v, by in asks])
    lines = desk.offers.history(SHOP, "t1")
    assert all(one.after == other.before for one, other in pairwise(lines))
    assert desk.offers.find(SHOP, "t1").state == lines[-1].after


def test_one_id_is_taken_by_one_of_many(desk: Desk) -> None:
    keys = [desk.key() for _ in range(5)]
    told = at_once(
        *[
            lambda n=n, key=key: desk.offers.create(
                SHOP, template(pieces=n + 1), actor="lin", request=key
            )
            for n, key in enumerate(keys)
        ]
    )
    (made,) = [one for one in told if isinstance(one, Offer)]
    assert reasons(told) == {OfferRefusal.ID_TAKEN: 4}
    found = desk.offers.find(SHOP, "t1")
    assert (found.template.pieces, found.state) == (made.template.pieces, OfferState.DRAFT)


def test_a_breaker_trips_once_under_many_hands(desk: Desk) -> None:
    desk.publish(forecast_hour=1, trips_at=1)
    groups = [[claim(desk, f"{hand}-{n}") for n in range(4)] for hand in range(6)]
    told = written(desk, *groups)
    assert len(won(told)) == 10
    assert reasons(told) == {Reason.BREAKER_TRIPPED: 14}
    with desk.database.transaction() as tx:
        trips = tx.execute("SELECT count(*) FROM offer_trip").fetchone()
        values = tx.execute("SELECT sum(value_fen) FROM offer_minute").fetchone()
    assert (trips, values) == ((1,), (20_000,))


def test_attempts_of_several_processes_add_up(desk: Desk) -> None:
    desk.publish(per_person=100)
    told = written(desk, *[[claim(desk, 1), claim(desk, 1)] for _ in range(5)])
    assert len(won(told)) == 6
    assert reasons(told) == {Reason.TOO_FAST: 4}


def test_states_after_a_storm_are_what_the_steps_say(desk: Desk) -> None:
    """Everything at once on a few coupons; then each row is where its last step left it."""
    desk.publish(per_person=100, giftable=True)
    coupons = [desk.issued(1) for _ in range(4)]
    words: dict[Verb, dict[str, Any]] = {
        Verb.LOCK: {"order": "o"}, Verb.USE: {"order": "o", "amount_fen": 5},
        Verb.UNLOCK: {"order": "o"}, Verb.RETURN: {"order": "o"},
        Verb.REDEEM: {"store": "s", "amount_fen": 10_000}, Verb.UNDO: {"store": "s"},
        Verb.GIFT: {"holder": person(1), "gift": b"g"}, Verb.TAKE_BACK: {"holder": person(1)},
    }  # fmt: skip
    verbs = list(words)
    groups = [
        [
            desk.command(verb, coupon, **words[verb])
            for verb in verbs[hand:] + verbs[:hand]
            for coupon in coupons
        ]
        for hand in range(4)
    ]
    told = written(desk, *groups)
    assert won(told)
    with desk.database.transaction() as tx:
        rows = tx.execute(
            "SELECT c.coupon, c.state, array_agg(s.before), array_agg(s.after) FROM coupon c "
            "JOIN coupon_step s USING (coupon) WHERE s.after IS NOT NULL "
            "GROUP BY c.coupon, c.state"
        ).fetchall()
    for coupon, state, befores, afters in rows:
        left = Counter(afters) - Counter([one for one in befores if one])
        assert left == {state: 1}, (coupon, state, befores, afters)
        assert State(state) in State
    assert sound(desk)
