"""C2: one event in a hundred is junk, of every kind; the rest goes in, the junk is kept whole."""

import json
import random
from collections.abc import Iterator
from time import perf_counter

import pytest
from tests.events_ground import MERCHANT, Desk, seen

from quanyu.clock import FixedClock
from quanyu.events.service import Receipt
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.drill


def raw(**fields: object) -> bytes:
    return json.dumps(seen(**fields), separators=(",", ":")).encode()  # type: ignore[arg-type]


def junk(number: int, form: str) -> list[bytes]:
    """One of every kind; the number makes the bytes their own. An object that is cut off takes
    the rest of an array along, so that one comes in lines only."""
    name = f"junk-{number}"
    cut_off = [b'{"event_id":"%s"' % name.encode()] if form == "lines" else []
    return [
        *cut_off,
        b'{"event_id":"%s","x":NaN}' % name.encode(),
        b'{"event_id":"%s","x":' % name.encode() + b"[" * 40 + b"]" * 40 + b"}",
        raw(event_id=name, amount=1).replace(b":1}", b":1e400}"),
        raw(event_id=name, amount=2**70),
        raw(event_id=name, item="@").replace(b"@", b"\\ud800"),
        raw(event_id=name, item="@").replace(b"@", b"\xff"),
        raw(event_id=name, item="@").replace(b"@", b"\\u0000"),
        raw(event_id=name)[:-1] + b',"kind":"view"}',
        raw(event_id=name, kind="dance"),
        raw(event_id=name, colour="red"),
        raw(event_id=name, at="1970-01-01T00:00:00Z"),
        raw(event_id=name, at="2100-01-01T00:00:00Z"),
        raw(event_id=name, at="yesterday"),
        raw(event_id=name, merchant="cafe"),
        raw(event_id=name, identifiers={}),
        raw(event_id=name, identifiers={"a'; DROP TABLE event_key; --": "x"}),
        raw(event_id=name, kind="payment_completed"),
        raw(event_id="13912345678", item=name),
        raw(event_id=name, props={f"p{n}": "x" * 1000 for n in range(40)}),
        b'"%s"' % name.encode(),
        b"%d" % number,
    ]


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Iterator[Desk]:
    with Desk(database, clock) as opened:
        yield opened


@pytest.mark.parametrize("form", ["array", "lines"])
def test_junk_never_blocks_the_rest(desk: Desk, form: str) -> None:
    chance = random.Random(2)
    kinds = len(junk(0, form))
    good = [raw(event_id=f"good-{n}") for n in range(kinds * 200)]
    bad = [one for number in (1, 2) for one in junk(number, form)]
    sent = good + bad
    chance.shuffle(sent)
    received = accepted = duplicate = 0
    refused: list[bytes] = []
    begun_s = perf_counter()
    for start in range(0, len(sent), 500):
        part = [good[0], *sent[start : start + 500]]
        body = b"[" + b",".join(part) + b"]" if form == "array" else b"\n".join(part)
        receipt = desk.events.record(MERCHANT, body)
        assert isinstance(receipt, Receipt), receipt
        received += receipt.received
        accepted += receipt.accepted
        duplicate += receipt.duplicate
        refused += [refusal.raw for refusal in receipt.refusals]
    took_s = perf_counter() - begun_s
    kept = [desk.quarantine.raw(MERCHANT, one.id) for one in desk.events.quarantined(MERCHANT)]
    report = {
        "attempted": received,
        "acked": accepted,
        "lost": len(good) - accepted,
        "duplicates": len(desk.ids()) - len(set(desk.ids())),
        "violations": len(set(bad) ^ {one for one in kept if one is not None}),
        "recovery_s": 0,
    }
    print(json.dumps({"drill": "C2", "form": form, **report, "seconds": round(took_s, 2)}))
    assert accepted + duplicate + len(refused) == received
    assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)
    assert sorted(desk.ids()) == sorted(f"good-{n}" for n in range(len(good)))
