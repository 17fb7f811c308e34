"""Merchants get a number once and keep it."""

from concurrent.futures import ThreadPoolExecutor

from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_names, merchant_no


def test_a_merchant_keeps_its_number(database: Database) -> None:
    with database.transaction() as conn:
        first = merchant_no(conn, "花西子")
        other = merchant_no(conn, "海底捞")
    with database.transaction() as conn:
        assert merchant_no(conn, "花西子") == first != other
        assert merchant_names(conn) == {first: "花西子", other: "海底捞"}


def test_asking_does_not_make_a_merchant(database: Database) -> None:
    with database.transaction() as conn:
        assert known_merchant_no(conn, "nobody") is None
        assert merchant_names(conn) == {}


def test_many_first_uses_at_once_agree(database: Database) -> None:
    def number(_: int) -> int:
        with database.transaction() as conn:
            return merchant_no(conn, "demo")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(number, range(32)))) == 1
