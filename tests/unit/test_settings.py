"""Settings come from the environment, once; a bad one names itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from quanyu.errors import BadInput, StorageUnavailable
from quanyu.settings import Settings

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"


def test_nothing_has_to_be_set() -> None:
    settings = Settings.from_env({})
    assert settings.data_dir == Path("~/.quanyu").expanduser()
    assert settings.database_url is None
    assert settings.merchant == "demo"
    assert settings.body_bytes_max == 8 * 1024 * 1024
    assert settings.batch_events_max == 10_000


def test_the_environment_wins() -> None:
    settings = Settings.from_env(
        {
            "QUANYU_DATA_DIR": "~/elsewhere",
            "QUANYU_DATABASE_URL": "postgresql://me@db/quanyu",
            "QUANYU_MERCHANT": "花西子",
            "QUANYU_QUEUE_BYTES_MAX": "7777",
            "QUANYU_INSTALMENT_RATES": "3:150, 12:0",
        }
    )
    assert settings.data_dir == Path("~/elsewhere").expanduser()
    assert settings.database_url == "postgresql://me@db/quanyu"
    assert (settings.merchant, settings.queue_bytes_max) == ("花西子", 7777)
    assert settings.lake_dir == settings.data_dir / "lake"
    assert settings.instalment_rates == {3: 150, 12: 0}


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({"QUANYU_MERCHANT": "", "QUANYU_POOL_SIZE": ""}) == Settings()


def test_a_relative_directory_does_not_move_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_env({"QUANYU_DATA_DIR": "data"}).data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("QUANYU_DATABASE_URL", "mysql://x/y", "postgresql://"),
        ("QUANYU_DATA_DIR", " ", "write a value"),
        ("QUANYU_MASTER_KEY", "secret", "64 random hexadecimal digits"),
        ("QUANYU_MASTER_KEY", "00" * 32, "64 random hexadecimal digits"),
        ("QUANYU_MASTER_KEY", KEY + "20", "64 random hexadecimal digits"),
        ("QUANYU_POOL_SIZE", "0", "from 1 to 90"),
        ("QUANYU_POOL_SIZE", "-3", "whole number"),
        ("QUANYU_POOL_SIZE", "1e3", "whole number"),
        ("QUANYU_POOL_SIZE", "八", "whole number"),
        ("QUANYU_BODY_BYTES_MAX", "12", "from 1024"),
        ("QUANYU_INSTALMENT_RATES", "3:180,4:1", "such as 3:180,6:360"),
        ("QUANYU_LAKE_FLUSH_SECONDS", "1.5", "whole number"),
    ],
)
def test_a_bad_value_names_its_variable_and_the_mend(name: str, value: str, mend: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settings.from_env({name: value})
    assert refused.value.field == name
    assert mend in refused.value.mend


def test_every_field_has_a_variable_of_its_own() -> None:
    names = [one.metadata["name"] for one in fields(Settings)]
    assert len(names) == len(set(names))
    assert all(name.startswith("QUANYU_") for name in names)


def test_the_master_key_does_not_show_in_a_trace() -> None:
    settings = Settings.from_env({"QUANYU_MASTER_KEY": KEY})
    assert settings.master_key() == bytes(range(32))
    assert "x01" not in repr(settings)


def test_the_master_key_is_made_once_and_kept_private(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    key = settings.master_key()
    assert len(key) == 32
    assert Settings(data_dir=data_dir).master_key() == key
    assert stat.S_IMODE(settings.master_key_file.stat().st_mode) == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["master.key"]


def test_starters_that_race_for_the_first_key_agree(data_dir: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = threads.map(lambda _: Settings(data_dir=data_dir).master_key(), range(32))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", ["", "abc\n", "00" * 32, KEY[:-2]])
def test_a_damaged_master_key_is_never_replaced(data_dir: Path, content: str) -> None:
    settings = Settings(data_dir=data_dir)
    settings.master_key_file.write_text(content)
    with pytest.raises(StorageUnavailable, match="restore it from a backup"):
        settings.master_key()
    assert settings.master_key_file.read_text() == content


def test_a_new_data_directory_is_closed_to_others(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "made" / "here")
    settings.master_key()
    assert not stat.S_IMODE(settings.data_dir.stat().st_mode) & 0o066
