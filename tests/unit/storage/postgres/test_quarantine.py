"""Refused events: kept encrypted, by merchant, once per bytes, and not for ever."""

import pytest
from cryptography.exceptions import InvalidTag
from tests.events_ground import MASTER, nothing

from quanyu.clock import DAY_US
from quanyu.events.log import Delivery
from quanyu.events.refusals import Fault, Reason, Refusal
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.quarantine import Quarantine

SECRET = b'{"identifiers":{"phone":"13912345678"}}'


@pytest.fixture
def quarantine(database: Database) -> Quarantine:
    return Quarantine(database, MASTER)


def refuse(
    database: Database, quarantine: Quarantine, *raws: bytes, merchant: str = "shop", at_us: int = 0
) -> None:
    fault = Fault("kind", Reason.UNKNOWN_KIND, "mend")
    refused = [Refusal(place, f"e{place}", fault, raw) for place, raw in enumerate(raws)]
    with database.transaction() as conn:
        quarantine.put(conn, Delivery(merchant, nothing(), refused, at_us))


def test_bytes_come_back_as_they_came(database: Database, quarantine: Quarantine) -> None:
    raws = [b"{", b"\x00\xff", b"x" * 100_000, SECRET]
    refuse(database, quarantine, *raws)
    ids = [kept.id for kept in quarantine.entries("shop")]
    assert [quarantine.raw("shop", one) for one in ids] == raws


def test_the_table_shows_no_personal_byte(database: Database, quarantine: Quarantine) -> None:
    refuse(database, quarantine, SECRET)
    with database.transaction() as conn:
        rows = conn.execute("SELECT q::text, body FROM quarantine q").fetchall()
    assert all("13912345678" not in text and b"139" not in body for text, body in rows)


def test_another_master_key_opens_nothing(database: Database, quarantine: Quarantine) -> None:
    refuse(database, quarantine, SECRET)
    (kept,) = quarantine.entries("shop")
    with pytest.raises(InvalidTag):
        Quarantine(database, bytes(32)).raw("shop", kept.id)


def test_a_row_moved_to_another_merchant_does_not_open(
    database: Database, quarantine: Quarantine
) -> None:
    refuse(database, quarantine, SECRET)
    refuse(database, quarantine, b"other", merchant="cafe")
    with database.transaction() as conn:
        conn.execute("UPDATE quarantine SET merchant_no = 2 WHERE merchant_no = 1")
    with pytest.raises(InvalidTag):
        quarantine.raw("cafe", 1)


def test_the_same_bytes_again_are_counted(database: Database, quarantine: Quarantine) -> None:
    refuse(database, quarantine, b"a", b"b", at_us=1)
    refuse(database, quarantine, b"b", b"c", at_us=2)
    kept = quarantine.entries("shop")
    assert [(one.times, one.received_us) for one in kept] == [(1, 1), (2, 2), (1, 2)]


def test_pages_and_counts(database: Database, quarantine: Quarantine) -> None:
    refuse(database, quarantine, *(b"%d" % n for n in range(7)))
    first = quarantine.entries("shop", limit=4)
    rest = quarantine.entries("shop", after=first[-1].id)
    assert [one.event_id for one in first + rest] == [f"e{n}" for n in range(7)]
    assert quarantine.counts("shop") == {"unknown_kind": 7}


def test_merchants_do_not_meet(database: Database, quarantine: Quarantine) -> None:
    refuse(database, quarantine, b"a")
    (kept,) = quarantine.entries("shop")
    assert quarantine.entries("cafe") == []
    assert quarantine.counts("cafe") == {}
    assert quarantine.raw("cafe", kept.id) is None
    assert quarantine.discard("cafe", [kept.id]) == 0
    assert quarantine.discard("shop", [kept.id, 99]) == 1


@pytest.mark.parametrize(("keep_days", "later_days", "left"), [(30, 29, 1), (30, 30, 0), (2, 2, 0)])
def test_time_runs_out(database: Database, *, keep_days: int, later_days: int, left: int) -> None:
    quarantine = Quarantine(database, MASTER, keep_days=keep_days)
    refuse(database, quarantine, b"a")
    quarantine.purge(later_days * DAY_US)
    assert len(quarantine.entries("shop")) == left


def test_an_erased_person_is_forgotten_here_too(database: Database, quarantine: Quarantine) -> None:
    refuse(database, quarantine, SECRET, b'{"identifiers":{"phone":"13800000001"}}', b"{broken")
    refuse(database, quarantine, SECRET, merchant="cafe")
    with database.transaction() as conn:
        assert quarantine.erase(conn, "shop", values=["13912345678", "tb-7"]) == 1
    assert [one.event_id for one in quarantine.entries("shop")] == ["e1", "e2"]
    assert len(quarantine.entries("cafe")) == 1


def test_a_zero_character_in_a_field_name_is_storable(
    database: Database, quarantine: Quarantine
) -> None:
    fault = Fault("a\0b", Reason.UNKNOWN_FIELD, "mend\0")
    with database.transaction() as conn:
        quarantine.put(conn, Delivery("shop", nothing(), [Refusal(0, "x\0", fault, b"x")], 0))
    (kept,) = quarantine.entries("shop")
    assert kept.field == "a�b"
