"""The life of an offer: the table, four eyes, the switches, a history that stays."""

from itertools import product

import psycopg
import pytest
from tests.money_ground import FOUR_EYES_FEN, SHOP, Desk, template

from quanyu.clock import DAY_US, FixedClock
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.offers.answers import Offer, OfferRefusal
from quanyu.promotions.offers.lifecycle import MOVES, OfferState, OfferVerb, moved
from quanyu.promotions.offers.service import BY_PEOPLE
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.offers.chores import settle
from quanyu.storage.postgres.offers.store import PostgresOffers

ROADS: dict[OfferState, tuple[str, ...]] = {
    OfferState.DRAFT: (),
    OfferState.AUDITING: ("submit",),
    OfferState.ACTIVE: ("submit", "approve"),
    OfferState.PAUSED: ("submit", "approve", "pause"),
    OfferState.STOPPED: ("submit", "approve", "stop"),
    OfferState.ENDED: ("submit", "approve", "end"),
}


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def drafted(desk: Desk, id: str = "t1", **change: object) -> None:
    made = desk.offers.create(SHOP, template(id, **change), actor="lin", request=desk.key())
    assert isinstance(made, Offer)


def store(desk: Desk) -> PostgresOffers:
    found = desk.offers._store
    assert isinstance(found, PostgresOffers)
    return found


def test_what_is_not_in_the_table_is_refused(desk: Desk) -> None:
    for number, ((state, road), verb) in enumerate(product(ROADS.items(), BY_PEOPLE)):
        offer = f"t{number}"
        drafted(desk, offer)
        for step in road:
            desk.offers.move(SHOP, offer, verb=step, by=desk.by())
        told = desk.offers.move(SHOP, offer, verb=verb, by=desk.by("wang"))
        after = moved(state, verb)
        if after is None:
            assert told == Refused(OfferRefusal.WRONG_STATE)
            assert desk.offers.find(SHOP, offer).state is state
        else:
            assert isinstance(told, Offer)
            assert told.state is after is desk.offers.find(SHOP, offer).state


def test_the_table_has_one_beginning_and_one_end() -> None:
    entered, left = set(MOVES.values()), {state for state, _ in MOVES}
    assert set(OfferState) - entered == set()
    assert entered - left == {OfferState.ENDED}
    assert {verb for _, verb in MOVES} == set(OfferVerb)


@pytest.mark.parametrize(
    ("money_fen", "actor", "allowed"),
    [
        (FOUR_EYES_FEN, "lin", True),
        (FOUR_EYES_FEN + 1, "lin", False),
        (FOUR_EYES_FEN + 1, "wang", True),
    ],
)
def test_above_the_limit_somebody_else_approves(
    desk: Desk, money_fen: int, actor: str, allowed: bool
) -> None:
    drafted(desk, money=money_fen)
    desk.offers.move(SHOP, "t1", verb="submit", by=desk.by("lin"))
    told = desk.offers.move(SHOP, "t1", verb="approve", by=desk.by(actor))
    if allowed:
        assert isinstance(told, Offer)
        assert desk.balances()["fen/free"] == money_fen
    else:
        assert told == Refused(OfferRefusal.SAME_ACTOR)
        assert desk.balances() == {}


def test_an_id_is_taken_once_and_a_key_answers_again(desk: Desk) -> None:
    first = desk.offers.create(SHOP, template(), actor="lin", request="k")
    assert desk.offers.create(SHOP, template(), actor="lin", request="k") == first
    other = desk.offers.create(SHOP, template(pieces=5), actor="lin", request="k")
    assert other == Refused("key_used_for_another_request")
    again = desk.offers.create(SHOP, template(), actor="lin", request="k2")
    assert again == Refused(OfferRefusal.ID_TAKEN)
    elsewhere = desk.offers.create("shoes", template(), actor="lin", request="k")
    assert isinstance(elsewhere, Offer)


def test_publishing_twice_funds_once(desk: Desk) -> None:
    drafted(desk)
    desk.offers.move(SHOP, "t1", verb="submit", by=desk.by())
    by = desk.by("wang")
    told = [desk.offers.move(SHOP, "t1", verb="approve", by=by) for _ in range(3)]
    assert told[0] == told[1] == told[2]
    assert desk.balances()["pieces/free"] == 1000


def test_every_change_is_a_line_that_stays(desk: Desk, database: Database) -> None:
    desk.publish()
    desk.offers.kill(SHOP, "t1", killed=True, by=desk.offers.by("lin", "k", note="leaked"))
    desk.offers.kill(SHOP, "t1", killed=True, by=desk.by())
    desk.offers.kill(SHOP, "t1", killed=False, by=desk.by("wang"))
    lines = [(line.actor, line.what, line.after) for line in desk.offers.history(SHOP, "t1")]
    assert lines == [
        ("lin", "create", "draft"),
        ("lin", "submit", "auditing"),
        ("wang", "approve", "active"),
        ("lin", "kill", "killed"),
        ("wang", "revive", "running"),
    ]
    assert desk.offers.history(SHOP, "t1")[3].note == "leaked"
    for statement in ("UPDATE offer_history SET actor = 'x'", "DELETE FROM offer_history"):
        with pytest.raises(psycopg.errors.RaiseException), database.transaction() as tx:
            tx.execute(statement)


def test_a_kill_reaches_all_offers_of_this_merchant_only(desk: Desk) -> None:
    desk.publish("t1")
    desk.publish("t2")
    desk.publish("t1", merchant="shoes")
    assert desk.offers.kill(SHOP, None, killed=True, by=desk.by()) == ["t1", "t2"]
    assert not desk.offers.find("shoes", "t1").killed
    assert desk.offers.kill(SHOP, None, killed=True, by=desk.by()) == []


def test_the_breaker_is_reset_by_a_person_and_begins_anew(desk: Desk) -> None:
    desk.publish(forecast_hour=1, trips_at=1)
    told = desk.offers.reset_breaker(SHOP, "t1", by=desk.by())
    assert told == Refused(OfferRefusal.NOT_TRIPPED)
    for who in range(11):
        last = desk.issue(who, claim=True)
    assert last == Refused("breaker_tripped")
    assert desk.offers.find(SHOP, "t1").tripped
    reset = desk.offers.reset_breaker(SHOP, "t1", by=desk.by())
    assert isinstance(reset, Offer)
    assert not reset.tripped
    assert desk.issued(12, claim=True)
    none = desk.offers.reset_breaker(SHOP, "none", by=desk.by())
    assert none == Refused(OfferRefusal.NOT_FOUND)


def test_time_exhausts_and_ends(desk: Desk, clock: FixedClock) -> None:
    desk.publish("t1", pieces=1, expires="2026-03-20T00:00:00+08:00")
    desk.publish("t2")
    assert settle(desk.database, store(desk), now_us=clock.now_us()) == 0
    coupon = desk.issued(1)
    assert settle(desk.database, store(desk), now_us=clock.now_us()) == 1
    assert desk.offers.find(SHOP, "t1").state is OfferState.EXHAUSTED
    assert desk.issue(2) == Refused("cap_pieces")
    used = desk.act(Verb.REDEEM, coupon, amount_fen=10_000, store="s")
    assert used.discount_fen == 2000
    clock.advance(10 * DAY_US)
    assert settle(desk.database, store(desk), now_us=clock.now_us()) == 1
    assert desk.offers.find(SHOP, "t1").state is OfferState.ENDED
    assert desk.offers.find(SHOP, "t2").state is OfferState.ACTIVE


def test_names_that_nobody_uses(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.offers.find(SHOP, "none")
    with pytest.raises(BadInput, match="verb"):
        desk.offers.move(SHOP, "t1", verb="exhaust", by=desk.by())
    with pytest.raises(BadInput, match="actor"):
        desk.offers.by("", "k")
    told = desk.offers.move(SHOP, "none", verb="submit", by=desk.by())
    assert told == Refused(OfferRefusal.NOT_FOUND)
    assert desk.offers.listed("nobody") == []
