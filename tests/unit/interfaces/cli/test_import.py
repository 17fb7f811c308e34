"""``quanyu import`` and ``quanyu events`` as a user runs them: a process each, one database."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.events_ground import lines, seen

from quanyu.events.log import unpack
from quanyu.storage.postgres.database import Database

PROGRAM = "from quanyu.interfaces.cli.main import run; run()"
ROWS = b"".join(b"%d,%d,7,pv,%d\n" % (n, n % 9, 1511658000 + n) for n in range(250))
SAMPLE = "taobao_userbehavior_sample.csv.gz"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def quanyu(database_url: str, tmp_path: Path) -> Run:
    env = os.environ | {"QUANYU_DATABASE_URL": database_url, "QUANYU_DATA_DIR": str(tmp_path / "d")}

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        order = [sys.executable, "-W", "error", "-c", PROGRAM, *map(str, words)]
        return subprocess.run(order, capture_output=True, text=True, check=False, env=env)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv.gz"


def receipt(answer: subprocess.CompletedProcess[str]) -> tuple[int, int, int, int]:
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert set(told) == {"received", "accepted", "duplicate", "rejected", "seconds"}
    return (told["received"], told["accepted"], told["duplicate"], told["rejected"])


def test_a_file_goes_in_once(quanyu: Run, file: Path) -> None:
    file.write_bytes(gzip.compress(ROWS + b"junk\n"))
    order = ("import", "taobao-userbehavior", file, "--merchant", "demo", "--json")
    assert receipt(quanyu(*order)) == (251, 250, 0, 1)
    assert receipt(quanyu(*order)) == (251, 0, 250, 1)


def test_people_get_a_table_and_the_lines(quanyu: Run, file: Path) -> None:
    file.write_bytes(ROWS + b"1,2,3,look,4\n")
    answer = quanyu("import", "taobao-userbehavior", file)
    assert answer.returncode == 0
    assert "250" in answer.stdout
    assert "line 251: behaviour" in answer.stderr


def test_a_dry_run_stores_nothing(quanyu: Run, file: Path) -> None:
    file.write_bytes(ROWS)
    order = ("import", "taobao-userbehavior", file, "--json")
    assert receipt(quanyu(*order, "--dry-run")) == (250, 250, 0, 0)
    assert receipt(quanyu(*order)) == (250, 250, 0, 0)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"user_id,item_id,category_id,behavior,timestamp\n", "behaviour"),
        (gzip.compress(ROWS, mtime=0)[:60], "broken gzip"),
        (bytes(range(256)), "5 columns"),
        (None, "no such file"),
    ],
)
def test_bad_files_cost_one_line_and_exit_2(
    quanyu: Run, file: Path, *, body: bytes | None, word: str
) -> None:
    if body is not None:
        file.write_bytes(body)
    answer = quanyu("import", "taobao-userbehavior", file, "--json")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert len(answer.stderr.strip().splitlines()) == 1
    assert word in answer.stderr


def test_refused_events_are_listed_shown_and_replayed(quanyu: Run, file: Path) -> None:
    secret = {"phone": "13912345678"}
    file.write_bytes(lines(seen("a"), seen("b", kind="dance", identifiers=secret)))
    assert receipt(quanyu("import", "events", file, "--json")) == (2, 1, 0, 1)

    (kept,) = json.loads(quanyu("events", "quarantine", "--json").stdout)["entries"]
    assert (kept["event_id"], kept["index"], kept["reason"]) == ("b", 2, "unknown_kind")
    shown = quanyu("events", "show", str(kept["id"]))
    assert "dance" in shown.stdout
    assert "139" not in shown.stdout

    again = quanyu("events", "replay", str(kept["id"]), "--json")
    assert json.loads(again.stdout)["rejected"] == 1
    repaired = file.with_name("b.json")
    repaired.write_bytes(lines(seen("b", identifiers=secret)))
    mended = quanyu("events", "replay", str(kept["id"]), "--with", repaired, "--json")
    assert json.loads(mended.stdout)["accepted"] == 1
    assert json.loads(quanyu("events", "quarantine", "--json").stdout)["entries"] == []
    assert json.loads(quanyu("events", "status", "--json").stdout)["head"] == 2


@pytest.mark.parametrize("words", [("show", "99"), ("replay", "99"), ("show", "x"), ("show", "0")])
def test_an_entry_that_is_not_there(quanyu: Run, words: tuple[str, ...]) -> None:
    answer = quanyu("events", *words)
    assert answer.returncode == 2
    assert len(answer.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["nosuch", "../tests", "__init__"])
def test_an_unknown_bench_names_the_known_ones(quanyu: Run, name: str) -> None:
    answer = quanyu("bench", name)
    assert answer.returncode == 2
    assert "intake" in answer.stderr


def sample() -> Path:
    for folder in Path(__file__).parents:
        if (folder / "shared" / "data" / SAMPLE).exists():
            return folder / "shared" / "data" / SAMPLE
    pytest.skip(f"{SAMPLE} does not lie beside the checkout")


def test_the_real_sample_goes_in_with_its_numbers(quanyu: Run, database: Database) -> None:
    """The counts are those of the sample's own description."""
    order = ("import", "taobao-userbehavior", sample(), "--merchant", "demo", "--json")
    assert receipt(quanyu(*order)) == (110_300, 110_300, 0, 0)
    assert receipt(quanyu(*order)) == (110_300, 0, 110_300, 0)
    rows: dict[str, list[tuple[str, bytes]]] = {}
    with database.transaction() as conn:
        for (payload,) in conn.execute("SELECT payload FROM event_segment"):
            for event in unpack(payload):
                assert event is not None
                rows.setdefault(event.kind, []).append(event.identifiers[0])
    assert {kind: (len(who), len(set(who))) for kind, who in rows.items()} == {
        "view": (98_361, 60_993),
        "add_to_cart": (6_063, 5_608),
        "favourite": (3_383, 3_026),
        "payment_completed": (2_493, 2_407),
    }
