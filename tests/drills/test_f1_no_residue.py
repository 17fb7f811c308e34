"""Drill F1: personal values are never on disk, and after an erasure nothing of the person is.

Canaries go through the real doors; then every byte under the data directory is read: the files of
the cluster with its write-ahead log, the Parquet files raw and decoded, and every table by SQL.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.profile_town import SHOP, Town

from quanyu.clock import FixedClock, parse_iso
from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.serving.record import Record
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.decisions.contacts import PostgresContacts
from quanyu.storage.postgres.decisions.log import PostgresDecisionLog
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.migrations import migrate

pytestmark = pytest.mark.drill

VICTIM = ("taobao_id", "victim-8842-canary")
VICTIM_EATS = ("eleme_id", "victim-eats-canary")
OTHERS = [("taobao_id", f"bystander-{number}") for number in range(20)]
PHONES = ("13817162203", "18612345670", "19955501234")
EMAILS = ("canary.lin@example.cn", "second.canary@mail.example.com")
PLACES = ("31.230416", "121.473701", "30.572816")
NAMES = ("林金丝雀", "Canary Lin")
SECRETS = (*PHONES, *EMAILS, *PLACES, *NAMES, VICTIM[1], VICTIM_EATS[1])


AD, ANSWER, TRACE = "ad-shown-to-canary", "answer-for-canary", "trace-of-canary!"


@dataclass(frozen=True)
class Found:
    needle: str
    where: str


def planted(town: Town) -> list[dict[str, Any]]:
    """Every place in which a caller could leave a personal value."""
    pay = "payment_completed"
    bill = {"order": "v-order-1", "amount": 5_000}
    return [
        town.event("view", VICTIM, item="i1", query=f"联系 {PHONES[0]} 或 {EMAILS[0]}"),
        town.event("search", VICTIM, query=f"{PLACES[0]}, {PLACES[1]} 附近"),
        town.event(
            "store_searched", VICTIM, ("phone", f"+86 {PHONES[1]}"), query="乐园",
            location={"lat": float(PLACES[2]), "lng": float(PLACES[1])},
        ),
        town.event(pay, VICTIM, VICTIM_EATS, **bill, props={
            "category": "美妆", "receiver_name": NAMES[0], "name": NAMES[1], "email": EMAILS[1],
            "mobile": int(PHONES[2]), "note": f"打 {PHONES[0]}", "lat": PLACES[0],
        }),
        town.event("view", ("email", EMAILS[0].upper()), VICTIM, item="i2"),
        town.event("no_such_kind", VICTIM, props={"receiver_name": NAMES[0], "tel": PHONES[2]}),
        town.event(pay, ("phone", PHONES[0]), amount=1, props={"note": EMAILS[1]}),
        town.event("view", VICTIM, order=PHONES[1]),
    ]  # fmt: skip


def bystanders(town: Town) -> list[dict[str, Any]]:
    return [
        town.event(
            "payment_completed", who, days_ago=day, order=f"o-{who[1]}-{day}", amount=100 + day,
            props={"category": "生鲜"},
        )
        for who in OTHERS
        for day in range(5)
    ]  # fmt: skip


def raw_files(directory: Path) -> Iterator[tuple[Path, bytes]]:
    seen = [directory, (directory / "postgres").resolve()]
    for root in dict.fromkeys(seen):
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def in_files(directory: Path, needles: dict[str, bytes]) -> tuple[list[Found], int, int]:
    """Occurrences in raw bytes; number of files and of bytes read."""
    found, files, total = [], 0, 0
    for path, raw in raw_files(directory):
        files, total = files + 1, total + len(raw)
        found += [Found(name, str(path)) for name, needle in needles.items() if needle in raw]
    return found, files, total


def in_parquet(directory: Path, needles: dict[str, bytes]) -> list[Found]:
    """Occurrences in decoded Parquet, where dictionaries and compression hide nothing."""
    return [
        Found(name, str(path))
        for path in sorted((directory / "lake").rglob("*.parquet"))
        for text in [_plain(pq.read_table(path).to_pylist())]
        for name, needle in needles.items()
        if needle in text
    ]


def in_tables(url: str, needles: dict[str, bytes]) -> list[Found]:
    """Occurrences in the rows of every table, decompressed."""
    with psycopg.connect(url) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = []
        for (table,) in tables.fetchall():
            text = b"\n".join(
                _plain(row) for row in conn.execute(f'SELECT * FROM "{table}"').fetchall()
            )
            found += [Found(name, table) for name, needle in needles.items() if needle in text]
    return found


def _plain(value: Any) -> bytes:
    """All bytes and texts inside a value, one after the other."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return b"\x1f".join(_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return b"\x1f".join(_plain(part) for part in value)
    return str(value).encode()


def everywhere(town: Town, directory: Path, needles: dict[str, bytes]) -> list[Found]:
    town.rows("SELECT 1")
    return [
        *in_files(directory, needles)[0],
        *in_parquet(directory, needles),
        *in_tables(town.database.url, needles),
    ]


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("f1")
    for path in (made, *made.parents[:2]):
        path.chmod(path.stat().st_mode | 0o711)
    return made


def test_nothing_personal_is_ever_on_disk_and_erasure_leaves_no_residue(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = FixedClock(parse_iso("2026-04-30T21:00:00+08:00"))
    server = EmbeddedPostgres(directory, durable=False)
    server.start()
    try:
        migrate(server.url)
        with Database(server.url) as database:
            report = drill(Town(database, clock, lake_dir=directory / "lake"), directory)
    finally:
        server.stop()
    report |= residue_at_rest(directory, report.pop("gone"))
    with capsys.disabled():
        print("\n" + json.dumps(report, ensure_ascii=False))
    assert report["plaintext_hits"] == []
    assert report["residue"] == []
    assert report["others_changed"] == 0
    assert report["violations"] == 0
    server.destroy()


def drill(town: Town, directory: Path) -> dict[str, Any]:
    secrets = {text: text.encode() for text in SECRETS}
    town.says(*planted(town), *bystanders(town))
    refused = sum(town.quarantine.counts(SHOP).values())
    town.flush_lake()
    town.says(town.event("view", VICTIM, item="still-hot", query=PHONES[0]))
    town.profiles.export(SHOP, ":".join(VICTIM))
    town.privacy.grant(SHOP, ":".join(VICTIM), purpose="marketing_messages")
    show(town)
    plaintext = everywhere(town, directory, secrets)
    _, files, total = in_files(directory, {})

    gone = traces(town)
    assert {f.needle for f in everywhere(town, directory, gone)} == set(gone), "the scan sees them"
    before = {who: town.profile(who).as_json() for who in OTHERS}
    began = perf_counter()
    receipt = town.privacy.erase(SHOP, ":".join(VICTIM))
    seconds = perf_counter() - began
    assert receipt is not None
    changed = sum(town.profile(who).as_json() != before[who] for who in OTHERS)
    residue = in_parquet(directory, gone) + in_tables(town.database.url, gone)
    plaintext += everywhere(town, directory, secrets)
    return {
        "drill": "F1",
        "canaries": len(SECRETS),
        "attempted": len(planted(town)) + 1,
        "refused": refused,
        "files": files,
        "bytes": total,
        "plaintext_hits": [vars(found) for found in plaintext],
        "erased": dict(receipt.erased),
        "residue": [vars(found) for found in residue],
        "others_changed": changed,
        "erase_s": round(seconds, 3),
        "violations": len(plaintext) + len(residue) + changed,
        "gone": gone,
    }


def traces(town: Town) -> dict[str, bytes]:
    """What stands for the person: tokens, and the ids of the person's events."""
    person = town.profile(VICTIM).person
    tokens = {f"token {n.kind}": bytes(n.token) for n in person.identity.nodes}
    ids = {f"event {e.event_id}": f"{e.event_id}".encode() for e in person.events}
    assert len(tokens) == 4
    assert len(ids) == 6
    return tokens | ids | {f"decision {text}": text.encode() for text in (AD, ANSWER, TRACE)}


def show(town: Town) -> None:
    """An ad was put before the person, and the answer says why."""
    node, at_us = town.node(VICTIM), town.clock.now_us()
    ad = Contact(
        at_us=at_us, touchpoint="taobao.item", campaign=AD, creative="c", advertiser="a",
        category="茶",
    )  # fmt: skip
    answer = Record(
        trace=TRACE.encode(), at_us=at_us, touchpoint="taobao.item", nodes=(node,),
        told=ANSWER.encode(),
    )  # fmt: skip
    with town.database.transaction() as tx:
        PostgresDecisionLog().keep(tx, SHOP, records=[answer])
        PostgresContacts().keep(tx, SHOP, contacts=[(node, ad)])


def residue_at_rest(directory: Path, gone: dict[str, bytes]) -> dict[str, Any]:
    """After the server has stopped: the files of the tables must hold nothing; what is left of
    the write-ahead log holds pseudonyms until its files are reused, and is counted."""
    found, _, _ = in_files(directory, gone)
    in_wal = [f for f in found if re.search(r"/pg_wal/", f.where)]
    in_tables_files = [vars(f) for f in found if f not in in_wal]
    return {"residue": in_tables_files, "wal_pseudonyms": len(in_wal)}


def test_the_scan_finds_what_it_looks_for(directory: Path) -> None:
    (directory / "lake").mkdir()
    (directory / "some.file").write_bytes(b"\x00" + PHONES[0].encode() + b"\xff")
    found, files, _ = in_files(directory, {PHONES[0]: PHONES[0].encode()})
    assert [f.needle for f in found] == [PHONES[0]]
    assert files == 1
