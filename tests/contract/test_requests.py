"""The port of requests: one effect and equal answers for one key, however often it comes."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import psycopg
import pytest

from quanyu.errors import BadInput, Refused, StorageFull
from quanyu.events.event import Event
from quanyu.events.once import Once
from quanyu.events.recording import Occasion, fact
from quanyu.events.requests import Conflict, Request
from quanyu.ids import Token
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.requests import PostgresRequests

ASKED = Request("tea", "order.place", "k-1", b'{"cart": 1}')
OTHERS = {
    "another merchant": {"merchant": "shoes"},
    "another operation": {"operation": "order.refund"},
    "another key": {"key": "k-2"},
}


@pytest.fixture
def requests() -> PostgresRequests:
    return PostgresRequests()


@pytest.fixture
def log(database: Database) -> PostgresEventLog:
    return PostgresEventLog(database, Quarantine(database, bytes(range(32))))


def answered(database: Database, request: Request, answer: bytes) -> bytes | Conflict | None:
    """What was said before; a new request gets ``answer``."""
    requests = PostgresRequests()
    with database.transaction() as tx:
        before = requests.begin(tx, request)
        if before is None:
            requests.answer(tx, request, answer=answer)
    return before


def test_the_first_answer_stays(database: Database) -> None:
    assert answered(database, ASKED, b"one") is None
    assert answered(database, ASKED, b"two") == b"one"
    assert answered(database, ASKED, b"three") == b"one"


def test_the_same_key_for_something_else_is_refused(database: Database) -> None:
    answered(database, ASKED, b"one")
    other = msgspec.structs.replace(ASKED, content=b'{"cart": 2}')
    assert answered(database, other, b"two") is Conflict.KEY_USED_FOR_ANOTHER_REQUEST
    assert answered(database, ASKED, b"two") == b"one"


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_keys_that_do_not_meet(database: Database, change: dict[str, str]) -> None:
    answered(database, ASKED, b"one")
    assert answered(database, msgspec.structs.replace(ASKED, **change), b"two") is None


def test_a_request_that_failed_may_come_again(
    database: Database, requests: PostgresRequests
) -> None:
    def fail() -> None:
        with database.transaction() as tx:
            assert requests.begin(tx, ASKED) is None
            requests.answer(tx, ASKED, answer=b"never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert answered(database, ASKED, b"one") is None


def test_a_request_without_an_answer_does_not_commit_unseen(
    database: Database, requests: PostgresRequests
) -> None:
    with database.transaction() as tx:
        requests.begin(tx, ASKED)
    with pytest.raises(AssertionError, match="together with its answer"):
        answered(database, ASKED, b"two")


def test_thirty_two_twins_have_one_effect_and_equal_answers(database_url: str) -> None:
    with Database(database_url, pool_size=32) as database, ThreadPoolExecutor(32) as threads:
        calls = [threads.submit(answered, database, ASKED, str(n).encode()) for n in range(32)]
        told = [call.result() for call in calls]
    assert told.count(None) == 1
    later = {one for one in told if one is not None}
    assert len(later) == 1
    assert next(iter(later)) == str(told.index(None)).encode()


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb", "a\0b", "13800138000"])
def test_keys_that_are_not_taken(key: str) -> None:
    with pytest.raises(BadInput) as refused:
        msgspec.structs.replace(ASKED, key=key)
    assert refused.value.field == "idempotency_key"


def redeemed(event_id: str) -> Event:
    on = Occasion(1_700_000_000_000_000, "eleme.store", (("taobao_id", Token(bytes(16))),))
    return fact("coupon_redeemed", event_id, on=on, offer="t1", amount_fen=1_200)


def test_a_fact_commits_with_what_it_tells(database: Database, log: PostgresEventLog) -> None:
    def fail() -> None:
        with database.transaction() as tx:
            log.record(tx, "tea", facts=[redeemed("r-1")])
            tx.execute("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        fail()
    assert log.head() == 0
    with database.transaction() as tx:
        log.record(tx, "tea", facts=[redeemed("r-1"), redeemed("r-2")])
        log.record(tx, "tea", facts=[])
    with database.transaction() as tx:
        log.record(tx, "tea", facts=[redeemed("r-2"), redeemed("r-3")])
    assert [one.event.event_id for one in log.read(0, 10)] == ["r-1", "r-2", "r-3"]
    assert log.read(0, 1)[0].event.amount_fen == 1_200


def test_a_fact_about_nobody_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="about somebody"):
        fact("coupon_redeemed", "r-1", on=Occasion(1, "eleme.store", ()), offer="t1")


class Done(msgspec.Struct, frozen=True, tag="done"):
    number: int


class Desk:
    """Counts what remains in the database."""

    def __init__(self, database: Database) -> None:
        self.once = Once(database, PostgresRequests())
        self.database = database
        with database.transaction() as tx:
            tx.execute("CREATE TABLE effect (n int)")

    def write(self, request: Request, outcome: Done | Refused) -> Done | Refused:
        def do(tx: psycopg.Connection) -> Done | Refused:
            tx.execute("INSERT INTO effect VALUES (1)")
            return outcome

        return self.once.run(request, do, answer=Done)

    @property
    def effects(self) -> int:
        with self.database.transaction() as tx:
            return tx.execute("SELECT count(*) FROM effect").fetchone()[0]  # type: ignore[index]


def test_a_command_takes_effect_once(database: Database) -> None:
    desk = Desk(database)
    assert desk.write(ASKED, Done(1)) == Done(1)
    assert desk.write(ASKED, Done(2)) == Done(1)
    other = msgspec.structs.replace(ASKED, content=b"else")
    assert desk.write(other, Done(3)) == Refused("key_used_for_another_request")
    assert desk.effects == 1


def test_of_a_refused_command_only_the_answer_remains(database: Database) -> None:
    desk = Desk(database)
    refused = Refused("below_threshold", have=90, need=100)
    assert desk.write(ASKED, refused) == refused
    assert desk.write(ASKED, Done(1)) == refused
    assert desk.effects == 0


def test_a_command_that_breaks_may_be_sent_again(database: Database) -> None:
    desk = Desk(database)

    def broken(tx: psycopg.Connection) -> Done:
        tx.execute("INSERT INTO effect VALUES (1)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.once.run(ASKED, broken, answer=Done)
    assert desk.effects == 0
    assert desk.write(ASKED, Done(1)) == Done(1)


def test_where_nothing_may_be_written_nothing_is_begun(database: Database) -> None:
    def full() -> None:
        raise StorageFull()

    guarded = Once(database, PostgresRequests(), full)
    with pytest.raises(StorageFull):
        guarded.run(ASKED, lambda tx: Done(1), answer=Done)
    assert answered(database, ASKED, b"first") is None
