"""Files go in line by line: twice is once, broken ones say where, nothing is half done."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.events_ground import MERCHANT, Desk, lines, seen

from quanyu.clock import FixedClock
from quanyu.errors import BadInput
from quanyu.events.intake import EVENTS_MAX
from quanyu.storage.postgres.database import Database
from quanyu.touchpoints.connectors.taobao_userbehavior import TaobaoUserBehavior
from quanyu.touchpoints.importing import (
    LINE_BYTES_MAX,
    Tally,
    batches,
    candidates,
    import_lines,
    import_rows,
    opened,
    try_rows,
)

ROWS = b"".join(b"%d,%d,7,pv,%d\n" % (n, n % 9, 1511658000 + n) for n in range(250))


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Iterator[Desk]:
    with Desk(database, clock) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def bring(desk: Desk, path: Path) -> Tally:
    with opened(path) as (found, _):
        return import_rows(desk.events, MERCHANT, rows=TaobaoUserBehavior().rows(found))


def bring_lines(desk: Desk, path: Path) -> Tally:
    with opened(path) as (found, _):
        return import_lines(desk.events, MERCHANT, lines=found)


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return (tally.received, tally.accepted, tally.duplicate, tally.rejected)


@pytest.mark.parametrize("packed", [False, True])
def test_twice_is_once(desk: Desk, file: Path, *, packed: bool) -> None:
    file.write_bytes(gzip.compress(ROWS) if packed else ROWS)
    assert counts(bring(desk, file)) == (250, 250, 0, 0)
    assert counts(bring(desk, file)) == (250, 0, 250, 0)
    assert desk.log.head() == 250


def test_plain_and_packed_under_any_name_are_the_same(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(ROWS)
    (tmp_path / "b.csv").write_bytes(gzip.compress(ROWS))
    bring(desk, tmp_path / "a.gz")
    assert counts(bring(desk, tmp_path / "b.csv")) == (250, 0, 250, 0)


def test_equal_rows_are_two_events_and_still_idempotent(desk: Desk, file: Path) -> None:
    file.write_bytes(ROWS + ROWS)
    assert counts(bring(desk, file)) == (500, 500, 0, 0)
    assert counts(bring(desk, file)) == (500, 0, 500, 0)


def test_bad_rows_are_kept_with_their_line(desk: Desk, file: Path) -> None:
    file.write_bytes(ROWS + b"\njunk\n" + b"1,2,3,pv,0\n")
    tally = bring(desk, file)
    assert counts(tally) == (252, 250, 0, 2)
    assert tally.reasons == {"bad_row": 1, "clock_too_early": 1}
    assert [line for line, _ in tally.first] == [252, 253]
    kept = list(desk.events.quarantined(MERCHANT))
    assert [(one.index, one.reason) for one in kept] == [
        (252, "bad_row"),
        (253, "clock_too_early"),
    ]
    assert desk.quarantine.raw(MERCHANT, kept[0].id) == b"junk"


UNREADABLE = [
    ("empty", b"", "empty"),
    ("blank", b"\n\n \n", "no rows"),
    ("an empty gzip", gzip.compress(b""), "no rows"),
    ("a header alone", b"user_id,item_id,category_id,behavior,timestamp\n", "behaviour"),
    ("semicolons", ROWS.replace(b",", b";"), "5 columns"),
    ("binary", bytes(range(256)) * 40, "5 columns"),
    ("one endless line", b"1" * (2 * LINE_BYTES_MAX), "5 columns"),
    ("JSON", lines(seen("a")), "pv, fav, cart or buy"),
]


@pytest.mark.parametrize(
    ("body", "word"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE]
)
def test_another_format_is_refused_whole(desk: Desk, file: Path, *, body: bytes, word: str) -> None:
    file.write_bytes(body)
    with pytest.raises(BadInput, match=word):
        bring(desk, file)
    assert desk.log.head() == 0
    assert list(desk.events.quarantined(MERCHANT)) == []


def test_a_header_over_good_rows_is_one_refused_row(desk: Desk, file: Path) -> None:
    file.write_bytes(b"user,item,category,behaviour,time\n" + ROWS)
    assert counts(bring(desk, file)) == (251, 250, 0, 1)


@pytest.mark.parametrize("path", ["missing.csv", "."])
def test_files_that_cannot_be_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadInput), opened(tmp_path / path):
        pass


def test_a_file_that_breaks_off_is_completed_by_the_whole_one(desk: Desk, file: Path) -> None:
    many = b"".join(b"%d,%d,7,pv,1511658000\n" % (n, n) for n in range(30_000))
    packed = gzip.compress(many)
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadInput, match="broken gzip after line"):
        bring(desk, file)
    file.write_bytes(packed)
    tally = bring(desk, file)
    assert tally.received == 30_000
    assert tally.accepted + tally.duplicate == 30_000
    assert desk.log.head() == 30_000


@pytest.mark.parametrize("place", [0, 15, -12, -1])
def test_a_damaged_gzip_is_never_taken_for_good(desk: Desk, file: Path, place: int) -> None:
    packed = bytearray(gzip.compress(ROWS))
    packed[place] ^= 0xFF
    file.write_bytes(packed)
    with pytest.raises(BadInput):
        bring(desk, file)


def test_a_dry_run_stores_nothing(desk: Desk, file: Path) -> None:
    file.write_bytes(ROWS + b"junk\n")
    with opened(file) as (found, _):
        tally = try_rows(desk.events, MERCHANT, rows=TaobaoUserBehavior().rows(found))
    assert counts(tally) == (251, 250, 0, 1)
    assert desk.log.head() == 0
    assert list(desk.events.quarantined(MERCHANT)) == []


class TestOurOwnLines:
    def test_good_and_bad_ones(self, desk: Desk, file: Path) -> None:
        body = [lines(seen("a")), b"", b"{broken", lines(seen("b", kind="x")), lines(seen("c"))]
        file.write_bytes(b"\n".join(body))
        tally = bring_lines(desk, file)
        assert counts(tally) == (4, 2, 0, 2)
        assert [line for line, _ in tally.first] == [3, 4]
        assert [kept.index for kept in desk.events.quarantined(MERCHANT)] == [3, 4]

    def test_twice_is_once(self, desk: Desk, file: Path) -> None:
        file.write_bytes(lines(*(seen(f"e{n}") for n in range(300))))
        assert counts(bring_lines(desk, file)) == (300, 300, 0, 0)
        assert counts(bring_lines(desk, file)) == (300, 0, 300, 0)

    def test_what_begins_a_later_batch_is_judged_like_any_line(
        self, desk: Desk, file: Path
    ) -> None:
        good = [lines(seen(f"e{n}")) for n in range(5_000)]
        file.write_bytes(b"\n".join([*good, b"[1]", b"junk", lines(seen("last"))]))
        tally = bring_lines(desk, file)
        assert counts(tally) == (5_003, 5_001, 0, 2)
        assert [line for line, _ in tally.first] == [5_001, 5_002]

    def test_a_dry_run(self, desk: Desk, file: Path) -> None:
        file.write_bytes(lines(seen("a"), seen("b", kind="x")))
        with opened(file) as (found, _):
            tally = try_rows(desk.events, MERCHANT, rows=candidates(found))
        assert counts(tally) == (2, 1, 0, 1)
        assert desk.log.head() == 0

    @pytest.mark.parametrize("body", [b"", b"\n\n", b"1,2,3\n", json.dumps([seen()]).encode()])
    def test_other_forms_are_refused_whole(self, desk: Desk, file: Path, body: bytes) -> None:
        file.write_bytes(body)
        with pytest.raises(BadInput):
            bring_lines(desk, file)
        assert desk.log.head() == 0


@pytest.mark.parametrize(
    ("sizes", "most", "cut"),
    [([1] * 5, 2, [2, 2, 1]), ([], 2, []), ([1 << 21, 1, 1], 9, [1, 2]), ([1] * 4, 4, [4])],
)
def test_batches_are_cut_by_number_and_bytes(sizes: list[int], most: int, cut: list[int]) -> None:
    assert [len(one) for one in batches(sizes, lambda size: size, most=most)] == cut


def test_a_batch_fits_the_door() -> None:
    assert EVENTS_MAX >= 5_000
