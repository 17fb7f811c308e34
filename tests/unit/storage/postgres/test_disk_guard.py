"""A write is refused while there is still room to live."""

from pathlib import Path

import pytest

from quanyu.errors import StorageFull
from quanyu.storage.postgres.disk_guard import DiskGuard, free_bytes

PLENTY = 1 << 60


def double(numbers: list[int]) -> list[int]:
    return [2 * number for number in numbers]


def test_with_room_a_write_passes(tmp_path: Path) -> None:
    guard = DiskGuard([tmp_path], free_bytes_min=0)
    assert guard.guarding(double)([1, 2]) == [2, 4]


def test_without_room_nothing_is_written(tmp_path: Path) -> None:
    written: list[int] = []

    def write(numbers: list[int]) -> list[int]:
        written.extend(numbers)
        return numbers

    guard = DiskGuard([tmp_path], free_bytes_min=PLENTY)
    with pytest.raises(StorageFull, match=f"MiB are free at {tmp_path}") as refused:
        guard.guarding(write)([1])
    assert refused.value.facts["free_bytes"] < PLENTY
    assert written == []


def test_one_full_place_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = {tmp_path: PLENTY, tmp_path / "postgres": 10}
    monkeypatch.setattr("quanyu.storage.postgres.disk_guard.free_bytes", room.get)
    DiskGuard.of_data_dir(tmp_path, free_bytes_min=10).check()
    with pytest.raises(StorageFull, match="postgres"):
        DiskGuard.of_data_dir(tmp_path, free_bytes_min=11).check()


def test_a_place_that_is_not_there_is_not_full(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "absent") is None
    DiskGuard([tmp_path / "absent"], free_bytes_min=PLENTY).check()


def test_the_cluster_is_found_behind_its_link(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to("/")
    assert free_bytes(tmp_path / "postgres") == pytest.approx(free_bytes(Path("/")), rel=0.1)
