"""Each command of coupons: one effect per key, what it posts, what it tells, what it answers."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.money_ground import SHOP, Desk, person

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.errors import Refused
from quanyu.events.event import Event
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Done, Issue, OnCoupon
from quanyu.promotions.coupons.deciding import operation
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.offers.accounts import accounts
from quanyu.storage.postgres.coupons.assembly import parts
from quanyu.storage.postgres.coupons.batch_rows import CodeBatch
from quanyu.storage.postgres.coupons.steps import fingerprint, key_of
from quanyu.storage.postgres.coupons.writer import nameless
from quanyu.storage.postgres.database import Database

Make = Callable[[Desk], AnyCommand]
LI, WU = person("li"), person("wu")


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    made = Desk(database, clock)
    made.publish(giftable=True, per_person=10)
    return made


def given(desk: Desk) -> AnyCommand:
    return Issue(merchant=SHOP, request="k", offer="t1", holder=LI, touchpoint="taobao.item")


def claimed(desk: Desk) -> AnyCommand:
    return msgspec.structs.replace(given(desk), claim=True)


def on(verb: Verb, coupon: str = "", **change: Any) -> OnCoupon:
    words: dict[str, Any] = {"merchant": SHOP, "request": "k", "touchpoint": "taobao.item"}
    return OnCoupon(verb=verb, coupon=coupon, **{**words, **change})


def bound(desk: Desk) -> AnyCommand:
    desk.parts.batches.make(CodeBatch(SHOP, "b", "t1", 1, 0), lambda made: None)
    code = desk.codes.hashed(SHOP, desk.codes.printed(SHOP, "b", number=1))
    return on(Verb.BIND, code=code, holder=LI)


def gift(desk: Desk) -> AnyCommand:
    return on(Verb.GIFT, desk.issued("li"), holder=LI, gift=b"word")


def on_its_way(desk: Desk, ttl_us: int = 0) -> str:
    coupon = desk.issued("li")
    desk.act(Verb.GIFT, coupon, holder=LI, gift=b"word", ttl_us=ttl_us)
    return coupon


def accepted(desk: Desk) -> AnyCommand:
    return on(Verb.ACCEPT, on_its_way(desk), holder=WU, gift=b"word")


def taken_back(desk: Desk) -> AnyCommand:
    return on(Verb.TAKE_BACK, on_its_way(desk), holder=LI)


def locked(desk: Desk) -> str:
    coupon = desk.issued("li")
    desk.act(Verb.LOCK, coupon, order="o1", ttl_us=MINUTE_US)
    return coupon


def lock(desk: Desk) -> AnyCommand:
    return on(Verb.LOCK, desk.issued("li"), order="o1", ttl_us=MINUTE_US)


def unlock(desk: Desk) -> AnyCommand:
    return on(Verb.UNLOCK, locked(desk), order="o1")


def lapse(desk: Desk) -> AnyCommand:
    coupon = locked(desk)
    desk.clock.advance(MINUTE_US)  # type: ignore[attr-defined]
    return on(Verb.LAPSE, coupon)


def use(desk: Desk) -> AnyCommand:
    return on(Verb.USE, locked(desk), order="o1", amount_fen=1500)


def given_back(desk: Desk) -> AnyCommand:
    coupon = locked(desk)
    desk.act(Verb.USE, coupon, order="o1", amount_fen=1500)
    return on(Verb.RETURN, coupon, order="o1")


def given_back_in_part(desk: Desk) -> AnyCommand:
    coupon = locked(desk)
    desk.act(Verb.USE, coupon, order="o1", amount_fen=1500)
    return on(Verb.GIVE_BACK, coupon, order="o1", amount_fen=400)


def redeem(desk: Desk) -> AnyCommand:
    return on(Verb.REDEEM, desk.issued("li"), amount_fen=10_000, store="s1")


def undo(desk: Desk) -> AnyCommand:
    coupon = desk.issued("li")
    desk.act(Verb.REDEEM, coupon, amount_fen=10_000, store="s1")
    return on(Verb.UNDO, coupon, store="s1")


def void(desk: Desk) -> AnyCommand:
    return on(Verb.VOID, desk.issued("li"))


def expire(desk: Desk) -> AnyCommand:
    coupon = desk.issued("li")
    desk.clock.advance(8 * DAY_US)  # type: ignore[attr-defined]
    return on(Verb.EXPIRE, coupon)


Posts = list[tuple[str, str, int]]
"""(from, to, amount)"""
OUT: Posts = [("pieces/free", "pieces/out", 1), ("fen/free", "fen/out", 2000)]
GONE: Posts = [("pieces/out", "pieces/gone", 1), ("fen/out", "fen/free", 2000)]
STORIES: dict[str, tuple[Make, State, Posts, str | None]] = {
    "issue": (given, State.ISSUED, OUT, "coupon_issued"),
    "claim": (claimed, State.ISSUED, OUT, "coupon_issued"),
    "bind": (bound, State.ISSUED, [], "coupon_issued"),
    "gift": (gift, State.GIFTING, [], None),
    "accept": (accepted, State.ISSUED, [], None),
    "take_back": (taken_back, State.ISSUED, [], None),
    "lock": (lock, State.LOCKED, [], "coupon_locked"),
    "unlock": (unlock, State.ISSUED, [], None),
    "lapse": (lapse, State.ISSUED, [], None),
    "use": (
        use, State.USED,
        [("pieces/out", "pieces/used", 1), ("fen/out", "fen/spent", 1500),
         ("fen/out", "fen/free", 500)],
        "coupon_redeemed",
    ),
    "return": (
        given_back, State.ISSUED,
        [("pieces/used", "pieces/out", 1), ("fen/spent", "fen/out", 1500),
         ("fen/free", "fen/out", 500)],
        "coupon_returned",
    ),
    "give_back": (
        given_back_in_part, State.USED,
        [("pieces/minted", "pieces/out", 1), ("fen/spent", "fen/out", 400)],
        "coupon_returned",
    ),
    "redeem": (
        redeem, State.USED, [("pieces/out", "pieces/used", 1), ("fen/out", "fen/spent", 2000)],
        "coupon_redeemed",
    ),
    "undo": (
        undo, State.ISSUED, [("pieces/used", "pieces/out", 1), ("fen/spent", "fen/out", 2000)],
        "coupon_returned",
    ),
    "void": (void, State.VOID, GONE, None),
    "expire": (expire, State.EXPIRED, GONE, "coupon_expired"),
}  # fmt: skip
EVERY = pytest.mark.parametrize("name", STORIES)


def did(desk: Desk, command: AnyCommand) -> Coupon:
    (told,) = desk.writer.write([command])
    assert isinstance(told, Done), told
    return told.coupon


def entries(desk: Desk, code: str) -> Posts:
    """What stands in the book under this reason, in order of posting."""
    found: dict[int, tuple[str, str, int]] = {}
    with desk.database.transaction() as tx:
        for one in accounts(SHOP, "t1"):
            for number, entry in desk.book.entries(tx, one.id):
                transfer = entry.transfer
                if transfer.code == code:
                    ends = (transfer.debit, transfer.credit)
                    source, target = ("/".join(end.split("/")[-2:]) for end in ends)
                    found[number] = (source, target, transfer.amount)
    return [found[number] for number in sorted(found)]


def facts(desk: Desk) -> list[Event]:
    return [one.event for one in desk.log.read(0, 1000)]


def count(desk: Desk, statement: str, *args: str) -> int:
    with desk.database.transaction() as tx:
        row = tx.execute(statement, args).fetchone()
    assert row is not None
    return int(row[0])


def test_every_verb_has_its_story() -> None:
    told_later = {Verb.RECONCILE.value}
    """tests/contract/test_offline_reconciled.py"""
    assert set(STORIES) == {"issue", "claim", *(verb.value for verb in Verb)} - told_later


@EVERY
def test_what_it_posts(desk: Desk, name: str) -> None:
    make, state, posts, _ = STORIES[name]
    command = make(desk)
    code = f"coupon.{operation(command)}"
    before = entries(desk, code)
    assert did(desk, command).state is state
    after = entries(desk, code)
    assert after[: len(before)] == before
    assert sorted(after[len(before) :]) == sorted(posts)


def test_a_part_that_comes_back_tells_of_the_new_piece(desk: Desk) -> None:
    after = did(desk, given_back_in_part(desk))
    told = facts(desk)[-1]
    assert (told.kind, told.order, told.amount_fen) == ("coupon_returned", "o1", None)
    assert told.props["face_fen"] == 400
    assert told.props["coupon"] != after.id


@pytest.mark.parametrize("name", [name for name in STORIES if name != "give_back"])
def test_what_it_tells(desk: Desk, name: str) -> None:
    """The fact carries the caller's key, so that a repeated request tells nothing twice."""
    make, _, _, kind = STORIES[name]
    command = make(desk)
    before = len(facts(desk))
    after = did(desk, command)
    told = facts(desk)[before:]
    assert [one.kind for one in told] == ([] if kind is None else [kind])
    for one in told:
        assert one.event_id == f"coupon.{name}/k"
        assert (one.offer, one.order, one.store) == ("t1", after.order, after.store)
        assert one.amount_fen == after.spent_fen
        assert one.props == {"coupon": after.id, "face_fen": 2000}
        assert one.identifiers == (LI,)
        assert (one.touchpoint, one.at_us) == ("taobao.item", desk.clock.now_us())


@EVERY
def test_the_same_key_has_one_effect(desk: Desk, name: str, clock: FixedClock) -> None:
    command = STORIES[name][0](desk)
    first = did(desk, command)
    after = (desk.balances(), desk.told(), count(desk, "SELECT count(*) FROM coupon_step"))
    clock.advance(30 * DAY_US)
    others = parts(desk.ground, codes=desk.codes).writer
    for writer in (desk.writer, others):
        assert writer.write([command, command]) == [Done(first), Done(first)]
    again = (desk.balances(), desk.told(), count(desk, "SELECT count(*) FROM coupon_step"))
    assert again == after


@EVERY
def test_the_same_key_with_another_content_is_refused(desk: Desk, name: str) -> None:
    command = STORIES[name][0](desk)
    did(desk, command)
    other = msgspec.structs.replace(command, touchpoint="douyin.live")
    before = (desk.balances(), desk.told())
    (told,) = desk.writer.write([other])
    assert told == Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
    assert (desk.balances(), desk.told()) == before


@EVERY
def test_a_key_counts_per_operation(desk: Desk, name: str) -> None:
    """``k`` was used for this command; the voiding of another coupon may use it as well."""
    did(desk, STORIES[name][0](desk))
    spare = desk.issued("wu")
    (told,) = desk.writer.write([on(Verb.VOID, spare)])
    taken = Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
    assert (told == taken) is (name == "void")


@EVERY
def test_a_refusal_is_kept_as_well(desk: Desk, name: str) -> None:
    """A key that was refused stays refused, whatever has changed since."""
    command = STORIES[name][0](desk)
    desk.offers.kill(SHOP, "t1", killed=True, by=desk.by())
    (first,) = desk.writer.write([command])
    halted = name in ("issue", "claim", "lock", "use", "redeem")
    assert (first == Refused(Reason.KILLED)) is halted
    desk.offers.kill(SHOP, "t1", killed=False, by=desk.by())
    assert desk.writer.write([command]) == [first]
    if halted:
        fresh = msgspec.structs.replace(command, request="k2")
        assert isinstance(desk.writer.write([fresh])[0], Done)


@EVERY
def test_the_step_says_from_where_to_where(desk: Desk, name: str) -> None:
    make, state, _, _ = STORIES[name]
    command = make(desk)
    did(desk, command)
    with desk.database.transaction() as tx:
        row = tx.execute(
            "SELECT before, after, fingerprint FROM coupon_step WHERE operation = %s "
            "AND request = 'k'",
            [name],
        ).fetchone()
    assert row is not None
    before, after, kept = row
    assert after == state
    assert kept == fingerprint(command)
    assert (before is None) is isinstance(command, Issue)


@EVERY
def test_a_kept_answer_names_nobody(desk: Desk, name: str) -> None:
    coupon = did(desk, STORIES[name][0](desk))
    assert (coupon.holder, coupon.gift, coupon.no) == (None, None, 0)
    with desk.database.transaction() as tx:
        kept = tx.execute("SELECT outcome FROM coupon_step").fetchall()
    for (outcome,) in kept:
        for token in (LI[1], WU[1]):
            assert token.strip(b"\0") not in outcome
    assert nameless.__doc__


@EVERY
def test_what_a_failure_leaves_is_nothing(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is the last to be written; when it fails, the coupon has not moved either."""
    command = STORIES[name][0](desk)
    before = (desk.balances(), desk.told(), count(desk, "SELECT count(*) FROM coupon_step"))

    def fails(*_: Any, **__: Any) -> None:
        raise ConnectionError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("quanyu.storage.postgres.coupons.writer.tell", fails)
        with pytest.raises(ConnectionError):
            desk.writer.write([command])
    left = (desk.balances(), desk.told(), count(desk, "SELECT count(*) FROM coupon_step"))
    assert left == before
    assert did(desk, command).state is STORIES[name][1]


def test_commands_differ_in_their_fingerprints() -> None:
    plain = on(Verb.LOCK, "c_1", order="o1")
    changes: list[dict[str, Any]] = [
        {"order": "o2"}, {"coupon": "c_2"}, {"holder": LI}, {"holder": WU}, {"amount_fen": 0},
        {"amount_fen": 1}, {"store": "s"}, {"virtual": True}, {"ttl_us": 1}, {"gift": b""},
        {"code": b"c"}, {"verb": Verb.UNLOCK}, {"marks": (("device", b"d"),)},
        {"touchpoint": "x"}, {"merchant": "shoes"}, {"request": "k2"},
    ]  # fmt: skip
    prints = {fingerprint(msgspec.structs.replace(plain, **change)) for change in changes}
    assert len(prints | {fingerprint(plain)}) == len(changes) + 1


def test_a_key_is_merchant_operation_and_request() -> None:
    assert key_of(on(Verb.TAKE_BACK, "c_1")) == (SHOP, "take_back", "k")
    issue = Issue(merchant="shoes", request="r", offer="t1", holder=LI)
    assert key_of(issue) == ("shoes", "issue", "r")
    assert key_of(msgspec.structs.replace(issue, claim=True)) == ("shoes", "claim", "r")


def test_an_anonymous_piece_tells_nothing_until_it_is_bound(desk: Desk) -> None:
    """A fact is about somebody: what nobody holds goes through the book alone."""
    command = bound(desk)
    assert isinstance(command, OnCoupon)
    assert facts(desk) == []
    bill = on(Verb.REDEEM, code=command.code, amount_fen=10_000, store="s")
    assert did(desk, bill).spent_fen == 2000
    assert facts(desk) == []
    assert desk.balances()["fen/spent"] == 2000


def test_a_gift_changes_whom_the_next_fact_is_about(desk: Desk) -> None:
    coupon = on_its_way(desk)
    desk.act(Verb.ACCEPT, coupon, holder=WU, gift=b"word")
    desk.act(Verb.REDEEM, coupon, amount_fen=10_000, store="s")
    assert [(one.kind, one.identifiers) for one in facts(desk)] == [
        ("coupon_issued", (LI,)), ("coupon_redeemed", (WU,)),
    ]  # fmt: skip


def test_a_group_is_answered_in_its_order(desk: Desk) -> None:
    """Yes, no, twin and stranger side by side."""
    coupon = desk.issued("li")
    commands = [
        on(Verb.VOID, "c_none", request="a"), on(Verb.LOCK, coupon, order="o1", request="b"),
        on(Verb.LOCK, coupon, order="o2", request="c"), on(Verb.LOCK, coupon, order="o1",
        request="b"), on(Verb.UNLOCK, coupon, order="o1", request="d"),
    ]  # fmt: skip
    told = desk.writer.write(commands)
    assert told[0] == Refused(Reason.NOT_FOUND)
    assert isinstance(told[1], Done)
    assert told[2] == Refused(Reason.LOCKED_BY_OTHER_ORDER)
    assert told[3] == told[1]
    assert isinstance(told[4], Done)
    assert told[4].coupon.state is State.ISSUED


def test_nothing_asked_is_nothing_done(desk: Desk) -> None:
    assert desk.writer.write([]) == []
    assert count(desk, "SELECT count(*) FROM coupon_step") == 0


@pytest.mark.parametrize("size", [1, 2, 499])
def test_groups_of_any_size_come_to_the_same(desk: Desk, size: int) -> None:
    issues: list[AnyCommand] = [
        Issue(merchant=SHOP, request=f"k{n}", offer="t1", holder=person(n)) for n in range(size)
    ]
    told = desk.writer.write(issues)
    assert all(isinstance(one, Done) for one in told)
    found = desk.balances()
    assert (found["pieces/out"], found["fen/out"]) == (size, 2000 * size)
    assert count(desk, "SELECT count(DISTINCT coupon) FROM coupon") == size
    assert desk.told().count("coupon_issued") == size
