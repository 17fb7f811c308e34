"""Coupons behind the counter: batches of codes, chores, who a person is, erasure, the audit."""

from collections.abc import Sequence

import psycopg
import pytest
from tests.money_ground import SHOP, Desk, person

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import Done, Issue
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.storage.postgres.coupons import batches
from quanyu.storage.postgres.coupons.assembly import parts
from quanyu.storage.postgres.coupons.batch_rows import CodeBatch
from quanyu.storage.postgres.coupons.erasing import forget
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.database import Database


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def asked(pieces: int, batch: str = "spring") -> CodeBatch:
    return CodeBatch(SHOP, batch, "t1", pieces, 0)


def faults(desk: Desk) -> list[str]:
    with desk.database.transaction() as tx:
        return [str(one) for one in differences(tx, desk.book)[1]]


def test_a_batch_of_codes_is_made_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 40)
    desk.publish()
    seen: list[int] = []
    made = desk.parts.batches.make(asked(100), seen.append)
    assert isinstance(made, CodeBatch)
    assert (made.made, seen) == (100, [0, 40, 80, 100])
    assert desk.balances()["pieces/out"] == 100
    assert desk.balances()["fen/out"] == 200_000
    code = desk.codes.printed(SHOP, "spring", number=100)
    hashed = desk.codes.hashed(SHOP, code)
    used = desk.act(Verb.REDEEM, code=hashed, amount_fen=10_000, store="s")
    assert (used.discount_fen, used.coupon.last4) == (2000, code[-4:])
    unknown = desk.codes.hashed(SHOP, desk.codes.printed(SHOP, "spring", number=101))
    assert desk.act(Verb.REDEEM, code=unknown, amount_fen=10_000) == Refused(Reason.NOT_FOUND)
    assert faults(desk) == []


def test_a_batch_that_broke_off_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 10)
    desk.publish()

    def breaks_at_20(made: int) -> None:
        if made == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.parts.batches.make(asked(50), breaks_at_20)
    half = desk.parts.batches.find(SHOP, "spring")
    assert half is not None
    assert half.made == 20
    whole = desk.parts.batches.make(asked(50), lambda made: None)
    again = desk.parts.batches.make(asked(50), lambda made: None)
    assert whole == again == asked(50)._replace(made=50)
    other = desk.parts.batches.make(asked(60), lambda made: None)
    assert other == Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
    assert desk.balances()["pieces/out"] == 50


@pytest.mark.parametrize(
    ("caps", "expected"),
    [
        ({"pieces": 99}, Refused(Reason.CAP_PIECES, have=99, need=100)),
        ({"money": 199_999}, Refused(Reason.CAP_MONEY, have=199_999, need=200_000)),
    ],
)
def test_a_batch_over_a_cap_is_refused_whole(
    desk: Desk, caps: dict[str, int], expected: Refused
) -> None:
    desk.publish(**caps)
    assert desk.parts.batches.make(asked(100), lambda made: None) == expected
    assert desk.parts.batches.find(SHOP, "spring") is None
    assert desk.balances()["pieces/out"] == 0


def test_a_batch_of_an_offer_that_does_not_run(desk: Desk) -> None:
    told = desk.parts.batches.make(asked(10), lambda made: None)
    assert told == Refused(Reason.NOT_FOUND)
    desk.publish()
    desk.offers.kill(SHOP, "t1", killed=True, by=desk.by())
    told = desk.parts.batches.make(asked(10), lambda made: None)
    assert told == Refused(Reason.KILLED)


def test_a_printed_code_belongs_to_whoever_binds_it_first(desk: Desk) -> None:
    desk.publish(per_person=1)
    desk.parts.batches.make(asked(3), lambda made: None)
    hashes = [
        desk.codes.hashed(SHOP, desk.codes.printed(SHOP, "spring", number=n)) for n in (1, 2, 3)
    ]
    bound = desk.act(Verb.BIND, code=hashes[0], holder=person(1))
    assert isinstance(bound, Done)
    assert desk.act(Verb.BIND, code=hashes[0], holder=person(2)) == Refused(Reason.ALREADY_BOUND)
    second = desk.act(Verb.BIND, code=hashes[1], holder=person(1))
    assert second == Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)
    assert desk.issue(1) == Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)
    assert desk.told() == ["coupon_issued"]


def test_the_limit_is_of_the_person_not_of_the_identifier(desk: Desk) -> None:
    """Phone and shop id are one person: one piece for both, in one write and in two."""
    one, two, three = person("phone"), person("taobao"), person("stranger")

    def linked(tx: psycopg.Connection, merchant: str, holder: Identifier) -> Sequence[Identifier]:
        return [one, two] if holder in (one, two) else [holder]

    writer = parts(desk.ground, codes=desk.codes, person=linked).writer
    desk.publish("t1")
    desk.publish("t2")

    def claim(holder: Identifier, offer: str) -> Issue:
        return Issue(merchant=SHOP, request=desk.key(), offer=offer, holder=holder, claim=True)

    together = writer.write([claim(one, "t1"), claim(two, "t1"), claim(three, "t1")])
    limit = Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)
    assert [isinstance(told, Done) for told in together] == [True, False, True]
    assert together[1] == limit
    assert isinstance(writer.write([claim(two, "t2")])[0], Done)
    assert writer.write([claim(one, "t2")]) == [limit]


def test_chores_write_down_what_time_has_done(desk: Desk, clock: FixedClock) -> None:
    desk.publish(giftable=True, per_person=10)
    locked, given, idle, used = (desk.issued(1) for _ in range(4))
    desk.act(Verb.LOCK, locked, order="o1", ttl_us=MINUTE_US)
    desk.act(Verb.GIFT, given, holder=person(1), gift=b"g", ttl_us=MINUTE_US)
    desk.act(Verb.REDEEM, used, amount_fen=10_000, store="s")
    assert desk.parts.chores.lapse() == 0
    clock.advance(MINUTE_US)
    assert desk.parts.chores.lapse() == 2
    assert desk.parts.chores.expire() == 0
    clock.advance(7 * DAY_US)
    assert desk.parts.chores.expire() == 3
    assert desk.parts.chores.expire() == 0
    with desk.database.transaction() as tx:
        states = dict(tx.execute("SELECT coupon, state FROM coupon").fetchall())
    assert states == {locked: "expired", given: "expired", idle: "expired", used: "used"}
    assert desk.balances()["pieces/gone"] == 3
    assert desk.balances()["fen/out"] == 0
    assert desk.told().count("coupon_expired") == 3
    assert desk.parts.chores.forget() >= 0
    assert faults(desk) == []


def test_a_chore_and_a_customer_at_the_same_moment(desk: Desk, clock: FixedClock) -> None:
    """Whoever is second finds the coupon as the first has left it."""
    desk.publish()
    coupon = desk.issued(1)
    desk.act(Verb.LOCK, coupon, order="o1", ttl_us=MINUTE_US)
    clock.advance(MINUTE_US)
    other = desk.command(Verb.LOCK, coupon, order="o2")
    lapse = desk.command(Verb.LAPSE, coupon)
    told = desk.writer.write([other, lapse])
    assert told[0].coupon.order == "o2"
    assert told[1] == Refused(Reason.WRONG_STATE)


def test_an_erased_person_leaves_coupons_and_no_name(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued(1, claim=True)
    desk.issue(2)
    with desk.database.transaction() as tx:
        assert forget(tx, SHOP, holders=[person(1)]) == 1
    token = person(1)[1]
    with desk.database.transaction() as tx:
        tables = tx.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND (relname LIKE 'coupon%%' "
            "OR relname LIKE 'offer%%')"
        ).fetchall()
        for (name,) in tables:
            rows = str(tx.execute(f'SELECT * FROM "{name}"').fetchall())
            assert repr(token)[2:-1] not in rows, name
        kinds = tx.execute("SELECT holder_kind FROM coupon ORDER BY 1").fetchall()
    assert kinds == [("erased",), ("taobao_id",)]
    assert isinstance(desk.act(Verb.REDEEM, coupon, amount_fen=10_000, store="s"), Done)
    assert faults(desk) == []


def test_the_audit_sees_what_the_book_does_not_know(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued(1)
    assert faults(desk) == []
    with desk.database.transaction() as tx:
        tx.execute("UPDATE coupon SET state = 'void' WHERE coupon = %s", [coupon])
    assert faults(desk) == [
        "tea: offer t1, pieces/out: 0 in coupons, 1 in the book",
        "tea: offer t1, pieces/gone: 1 in coupons, 0 in the book",
        "tea: offer t1, fen/out: 0 in coupons, 2000 in the book",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE coupon SET state = 'used'",
        "UPDATE coupon SET state = 'locked'",
        "UPDATE coupon SET spent_fen = face_fen + 1",
        "UPDATE coupon SET spent_fen = -1",
        "UPDATE coupon SET holder_kind = NULL",
        "UPDATE coupon_holder SET pieces = -1",
        "INSERT INTO coupon (merchant_no, offer_no, coupon, state, holder_kind, holder_token, "
        "holder_seq, issued_us, expires_us, face_fen) SELECT merchant_no, offer_no, 'twin', state, "
        "holder_kind, holder_token, holder_seq, issued_us, expires_us, face_fen FROM coupon",
    ],
)
def test_the_tables_themselves_refuse_nonsense(desk: Desk, statement: str) -> None:
    desk.publish()
    desk.issue(1)
    with pytest.raises(psycopg.errors.IntegrityError), desk.database.transaction() as tx:
        tx.execute(statement)


def test_a_state_of_every_kind_reads_back(desk: Desk) -> None:
    desk.publish(per_person=10, giftable=True)
    coupon = desk.issued(1)
    desk.act(Verb.GIFT, coupon, holder=person(1), gift=b"word")
    with desk.database.transaction() as tx:
        row = tx.execute("SELECT state, gift FROM coupon").fetchone()
    assert row == (State.GIFTING.value, b"word")
