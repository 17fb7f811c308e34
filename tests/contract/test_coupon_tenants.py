"""P8 for offers and coupons: two merchants with the same names for everything never meet."""

from typing import Any

import pytest
from tests.money_ground import SHOP, Desk, person, template

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, FixedClock
from quanyu.errors import Refused
from quanyu.ids import derive_key
from quanyu.promotions.coupons.coupon import AnyCommand, Claim, Done, Issue
from quanyu.promotions.coupons.offline import FIRST
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.offers.answers import Offer, OfferRefusal
from quanyu.storage.postgres.coupons.batch_rows import CodeBatch
from quanyu.storage.postgres.coupons.erasing import forget
from quanyu.storage.postgres.coupons.holding import held
from quanyu.storage.postgres.coupons.loading import only_itself
from quanyu.storage.postgres.database import Database

OTHER = "shoes"
MERCHANTS = (SHOP, OTHER)
NOWHERE = Refused(Reason.NOT_FOUND)
WORDS: dict[Verb, dict[str, Any]] = {
    Verb.BIND: {"holder": person(1)},
    Verb.GIFT: {"holder": person(1), "gift": b"g"},
    Verb.ACCEPT: {"holder": person(2), "gift": b"g"},
    Verb.TAKE_BACK: {"holder": person(1)},
    Verb.LOCK: {"order": "o1"},
    Verb.UNLOCK: {"order": "o1"},
    Verb.USE: {"order": "o1", "amount_fen": 1},
    Verb.REDEEM: {"store": "s1", "amount_fen": 10_000},
    Verb.UNDO: {"store": "s1"},
    Verb.RETURN: {"order": "o1"},
    Verb.GIVE_BACK: {"order": "o1", "amount_fen": 1},
    Verb.VOID: {},
    Verb.EXPIRE: {},
    Verb.LAPSE: {},
    Verb.RECONCILE: {
        "store": "s1", "amount_fen": 10_000,
        "offline": Claim("d_1", 1, "t1", 0, 2000, b"m", FIRST, FIRST),
    },
}  # fmt: skip


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    """Both merchants have published ``t1``."""
    made = Desk(database, clock)
    for merchant in MERCHANTS:
        made.publish(merchant=merchant, giftable=True)
    return made


def rows(desk: Desk, statement: str) -> list[Any]:
    with desk.database.transaction() as tx:
        return tx.execute(statement).fetchall()


def state(desk: Desk) -> Any:
    """All that could give away that somebody else was here."""
    return (
        rows(desk, "SELECT coupon, state, order_id, store, gift FROM coupon ORDER BY 1"),
        [desk.balances(merchant=merchant) for merchant in MERCHANTS],
        desk.told(),
    )


@pytest.mark.parametrize("verb", list(Verb))
def test_no_command_reaches_a_coupon_of_another_merchant(
    desk: Desk, clock: FixedClock, verb: Verb
) -> None:
    """Neither by its id nor by its code, and whatever state it is in."""
    coupon, given, locked = (desk.issued(n) for n in (1, 2, 3))
    desk.act(Verb.GIFT, given, holder=person(2), gift=b"g")
    desk.act(Verb.LOCK, locked, order="o1")
    clock.advance(MINUTE_US)
    before = state(desk)
    for id in (coupon, given, locked):
        assert desk.act(verb, id, merchant=OTHER, **WORDS[verb]) == NOWHERE
    assert state(desk) == before


def test_every_verb_has_its_words() -> None:
    assert set(WORDS) == set(Verb)


def test_a_code_of_one_merchant_opens_nothing_at_another(desk: Desk) -> None:
    for merchant in MERCHANTS:
        made = desk.parts.batches.make(CodeBatch(merchant, "spring", "t1", 3, 0), lambda made: None)
        assert isinstance(made, CodeBatch)
    codes = {merchant: desk.codes.printed(merchant, "spring", number=1) for merchant in MERCHANTS}
    assert codes[SHOP] != codes[OTHER]
    stolen = desk.codes.hashed(OTHER, codes[SHOP])
    bill: dict[str, Any] = {"amount_fen": 10_000, "store": "s"}
    assert desk.act(Verb.REDEEM, code=stolen, merchant=OTHER, **bill) == NOWHERE
    raw = desk.codes.hashed(SHOP, codes[SHOP])
    assert desk.act(Verb.REDEEM, code=raw, merchant=OTHER, **bill) == NOWHERE
    assert isinstance(desk.act(Verb.REDEEM, code=raw, **bill), Done)
    assert desk.balances(merchant=OTHER)["pieces/used"] == 0


def test_keys_of_codes_differ_by_merchant() -> None:
    master = bytes(range(32))
    for use in ("coupon.hashed", "coupon.shown", "coupon.gift"):
        assert derive_key(master, use, SHOP) != derive_key(master, use, OTHER)


def test_the_same_key_is_another_key_elsewhere(desk: Desk) -> None:
    told = [desk.issue(1, request="k", merchant=merchant) for merchant in MERCHANTS]
    assert all(isinstance(one, Done) for one in told)
    assert told[0].coupon.id != told[1].coupon.id
    again = [desk.issue(1, request="k", merchant=merchant) for merchant in MERCHANTS]
    assert again == told


def test_both_in_one_write(desk: Desk) -> None:
    """One group holds commands of many merchants; each is answered from its own rows."""
    commands: list[AnyCommand] = [
        Issue(merchant=merchant, request=f"k{n}", offer="t1", holder=person(n), claim=True)
        for n in range(3)
        for merchant in MERCHANTS
    ]
    told = desk.writer.write(commands)
    assert all(isinstance(one, Done) for one in told)
    for merchant in MERCHANTS:
        assert desk.balances(merchant=merchant)["pieces/out"] == 3
    names = dict(rows(desk, "SELECT c.coupon, m.name FROM coupon c JOIN merchant m USING "
                            "(merchant_no)"))  # fmt: skip
    for command, one in zip(commands, told, strict=True):
        assert isinstance(one, Done)
        assert names[one.coupon.id] == command.merchant


def test_facts_stand_in_the_log_of_their_merchant(desk: Desk) -> None:
    for merchant in MERCHANTS:
        desk.issue(1, merchant=merchant, request="same")
    found = [
        (one.merchant, one.event.event_id)
        for one in desk.log.read(0, 1000)
        if one.event.kind == "coupon_issued"
    ]
    assert sorted(found) == [(OTHER, "coupon.issue/same"), (SHOP, "coupon.issue/same")]


def test_limits_per_person_are_per_merchant(desk: Desk) -> None:
    for merchant in MERCHANTS:
        assert isinstance(desk.issue(1, merchant=merchant), Done)
        limit = Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)
        assert desk.issue(1, merchant=merchant) == limit


def test_haste_at_one_merchant_is_forgiven_at_another(desk: Desk) -> None:
    for _ in range(7):
        last = desk.issue(1, claim=True)
    assert last == Refused(Reason.TOO_FAST)
    assert isinstance(desk.issue(1, claim=True, merchant=OTHER), Done)


def test_an_offer_is_of_its_merchant(desk: Desk) -> None:
    desk.publish("mine")
    assert desk.issue(1, offer="mine", merchant=OTHER) == NOWHERE
    assert [one.id for one in desk.offers.listed(OTHER)] == ["t1"]
    assert desk.offers.history(OTHER, "mine") == []
    assert desk.balances("mine", merchant=OTHER) == {}
    gone = Refused(OfferRefusal.NOT_FOUND)
    for verb in ("submit", "approve", "pause", "stop", "end"):
        assert desk.offers.move(OTHER, "mine", verb=verb, by=desk.by()) == gone
    assert desk.offers.reset_breaker(OTHER, "mine", by=desk.by()) == gone
    assert desk.offers.kill(OTHER, "mine", killed=True, by=desk.by()) == []
    assert not desk.offers.find(SHOP, "mine").killed
    assert len(desk.offers.history(SHOP, "mine")) == 3


def test_switches_turn_for_one_merchant(desk: Desk) -> None:
    coupons = {merchant: desk.issued(1, merchant=merchant) for merchant in MERCHANTS}
    assert desk.offers.kill(SHOP, None, killed=True, by=desk.by()) == ["t1"]
    bill: dict[str, Any] = {"amount_fen": 10_000, "store": "s"}
    killed = desk.act(Verb.REDEEM, coupons[SHOP], **bill)
    assert killed == Refused(Reason.KILLED)
    assert isinstance(desk.act(Verb.REDEEM, coupons[OTHER], merchant=OTHER, **bill), Done)


def test_a_breaker_trips_for_one_merchant(desk: Desk) -> None:
    for merchant in MERCHANTS:
        desk.publish("leak", merchant=merchant, forecast_hour=1, trips_at=1)
    for n in range(11):
        last = desk.issue(n, offer="leak", claim=True)
    assert last == Refused(Reason.BREAKER_TRIPPED)
    assert desk.offers.find(SHOP, "leak").tripped
    assert not desk.offers.find(OTHER, "leak").tripped
    assert isinstance(desk.issue(1, offer="leak", claim=True, merchant=OTHER), Done)


def test_batches_of_one_name(desk: Desk) -> None:
    told = [
        desk.parts.batches.make(CodeBatch(merchant, "spring", "t1", pieces, 0), lambda made: None)
        for merchant, pieces in ((SHOP, 2), (OTHER, 5))
    ]
    assert [one.made for one in told if isinstance(one, CodeBatch)] == [2, 5]
    found = [desk.parts.batches.find(merchant, "spring") for merchant in MERCHANTS]
    assert [one and one.pieces for one in found] == [2, 5]
    assert desk.parts.batches.find("nobody", "spring") is None


def test_what_is_looked_up_is_ones_own(desk: Desk) -> None:
    coupons = {merchant: desk.issued(1, merchant=merchant) for merchant in MERCHANTS}
    for merchant in MERCHANTS:
        desk.act(Verb.LOCK, coupons[merchant], order="same", merchant=merchant)
    store = desk.parts.store(lambda command: pytest.fail("nothing is written"))
    for merchant in MERCHANTS:
        own = [coupons[merchant]]
        assert [one.id for one in store.of_person(merchant, person(1))] == own
        assert [one.id for one in store.find(merchant, orders=["same"])] == own
        assert [one.id for one in store.find(merchant, ids=list(coupons.values()))] == own
        with desk.database.transaction() as tx:
            mine = held(
                tx, merchant, ids=list(coupons.values()), holder=person(1), person=only_itself
            )
        assert [one.id for one, _ in mine] == own
    assert store.of_person("nobody", person(1)) == []


def test_a_person_is_erased_at_one_merchant(desk: Desk) -> None:
    coupons = {merchant: desk.issued(1, merchant=merchant, claim=True) for merchant in MERCHANTS}
    with desk.database.transaction() as tx:
        assert forget(tx, SHOP, holders=[person(1)]) == 1
    left = rows(desk, "SELECT coupon FROM coupon WHERE holder_kind = 'taobao_id'")
    assert left == [(coupons[OTHER],)]
    counted = rows(
        desk,
        "SELECT m.name, h.kind FROM coupon_holder h JOIN offer USING (offer_no) "
        "JOIN merchant m USING (merchant_no) ORDER BY 1",
    )
    assert counted == [(OTHER, "taobao_id"), (SHOP, "erased")]
    attempts = rows(desk, "SELECT m.name FROM coupon_attempt a JOIN merchant m USING (merchant_no)")
    assert attempts == [(OTHER,)]


def test_chores_look_after_all_merchants(desk: Desk, clock: FixedClock) -> None:
    for merchant in MERCHANTS:
        coupon = desk.issued(1, merchant=merchant)
        desk.act(Verb.LOCK, coupon, order="o", merchant=merchant, ttl_us=HOUR_US)
    clock.advance(HOUR_US)
    assert desk.parts.chores.lapse() == 2
    clock.advance(7 * DAY_US)
    assert desk.parts.chores.expire() == 2
    for merchant in MERCHANTS:
        found = desk.balances(merchant=merchant)
        assert (found["pieces/gone"], found["fen/out"]) == (1, 0)


@pytest.mark.parametrize("name", ["tea/t1", "tea%2Ft1", "茶馆", "a b"])
def test_odd_names_of_merchants_have_accounts_of_their_own(desk: Desk, name: str) -> None:
    made = desk.offers.create(name, template("x"), actor="lin", request=desk.key())
    assert isinstance(made, Offer)
    for verb, actor in (("submit", "lin"), ("approve", "wang")):
        desk.offers.move(name, "x", verb=verb, by=desk.by(actor))
    coupon = desk.issued(1, offer="x", merchant=name)
    assert desk.balances("x", merchant=name)["pieces/out"] == 1
    assert desk.balances()["pieces/out"] == 0
    used = desk.act(Verb.REDEEM, coupon, merchant=name, amount_fen=10_000, store="s")
    assert isinstance(used, Done)
