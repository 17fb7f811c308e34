"""Matching on real and generated tables: quality, evidence, and what is refused."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random

import pytest

from quanyu.customers.identity.rules import rule_code, shipped_rules
from quanyu.customers.identity.service import Matched
from quanyu.errors import BadInput
from quanyu.storage.lake.matching import SplinkMatcher, shipped_settings

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
ACCEPT = shipped_rules()[rule_code("probabilistic")].accept
Row = Mapping[str, str]


def write_table(path: Path, rows: Iterable[Row]) -> Path:
    listed = list(rows)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    return path


def real_rows(name: str) -> list[dict[str, str]]:
    file = DATA / name
    if not file.exists():
        pytest.skip(f"{name} is not on this machine (see the README of the shared data)")
    with gzip.open(file, "rt", newline="") as text:
        return [
            {key.strip(): value.strip() for key, value in row.items()}
            for row in csv.DictReader(text)
        ]


def quality(found: Matched, truth: Callable[[str], str], weight: float) -> tuple[float, float]:
    """(precision, recall) over pairs of rows."""
    people = [truth(value) for _, value in found.identifiers]
    pairs = [pair for pair in found.pairs if pair.weight >= weight]
    right = sum(people[pair.left] == people[pair.right] for pair in pairs)
    total = sum(n * (n - 1) // 2 for n in Counter(people).values())
    return right / len(pairs), right / total


def test_febrl3(tmp_path: Path) -> None:
    rows = real_rows("febrl3.csv.gz")
    named = [{"kind": "member_id", "value": row.pop("rec_id"), **row} for row in rows]
    found = SplinkMatcher().match(write_table(tmp_path / "febrl3.csv", named))
    precision, recall = quality(found, lambda value: value.split("-")[1], ACCEPT)
    assert precision >= 0.999
    assert recall >= 0.990


def test_fake_1000(tmp_path: Path) -> None:
    rows = real_rows("fake_1000.csv.gz")
    truth = {f"u{row['unique_id']}": row.pop("cluster") for row in rows}
    named = [{"kind": "member_id", "value": f"u{row.pop('unique_id')}", **row} for row in rows]
    found = SplinkMatcher().match(write_table(tmp_path / "fake.csv", named))
    precision, recall = quality(found, truth.__getitem__, ACCEPT)
    assert precision >= 0.99
    assert recall >= 0.40
    assert quality(found, truth.__getitem__, shipped_settings().review_weight)[1] >= 0.60


SURNAMES = (
    "zhao",
    "qian",
    "sun",
    "li",
    "zhou",
    "wu",
    "zheng",
    "wang",
    "feng",
    "chen",
    "chu",
    "wei",
)
NAMES = ("mei", "lan", "ying", "hua", "jing", "xiu", "yun", "feng", "ming", "jun", "lei", "tao")


def crowd() -> list[dict[str, str]]:
    """400 people; every fourth comes twice, the second time with a slip in the name."""
    rows, chance = [], Random(5)
    for n in range(400):
        row = {
            "kind": "member_id",
            "value": f"m{n}",
            "given_name": chance.choice(NAMES) + chance.choice(NAMES),
            "surname": chance.choice(SURNAMES),
            "date_of_birth": f"{chance.randint(1950, 2005)}-{chance.randint(1, 12):02d}-"
            f"{chance.randint(1, 28):02d}",
            "phone": f"138{chance.randrange(10**8):08d}",
            "city": chance.choice(("上海", "杭州", "成都")),
        }
        rows.append(row)
        if n % 4 == 0:
            rows.append({**row, "value": f"t{n}", "given_name": row["given_name"] + "g"})
        if n % 8 == 1:
            rows.append({**row, "value": f"t{n}", "phone": f"139{chance.randrange(10**8):08d}"})
    return rows


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Matched:
    return SplinkMatcher().match(write_table(tmp_path_factory.mktemp("t") / "c.csv", crowd()))


def test_generated_twins_are_found(found: Matched) -> None:
    precision, recall = quality(found, lambda value: value[1:], ACCEPT)
    assert precision >= 0.95
    assert recall >= 0.95


def test_evidence_is_a_level_per_comparison(found: Matched) -> None:
    pair = found.pairs[0]
    assert set(pair.levels) == {"given_name", "surname", "birth_date", "phone", "city"}
    assert all(isinstance(level, int) and -1 <= level <= 6 for level in pair.levels.values())
    assert found.model.startswith("splink-")


def test_the_same_table_gives_the_same_pairs(found: Matched, tmp_path: Path) -> None:
    again = SplinkMatcher().match(write_table(tmp_path / "c.csv", crowd()))
    assert {(p.left, p.right) for p in again.pairs} == {(p.left, p.right) for p in found.pairs}
    assert again.model == found.model


def test_parquet_reads_as_csv_does(found: Matched, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(crowd()), tmp_path / "c.parquet")
    again = SplinkMatcher().match(tmp_path / "c.parquet")
    assert again.identifiers == found.identifiers


def without(*names: str) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k not in names} for row in crowd()]


@pytest.mark.parametrize(
    ("rows", "field", "mend"),
    [
        ([{**row, "shoe_size": "40"} for row in crowd()], "table: shoe_size", "rename or drop"),
        (without("value"), "table: value", "identifier of each row"),
        (without("phone", "date_of_birth"), "table", "three columns"),
        (crowd()[:3], "table", "at least 20 rows"),
        ([{**crowd()[0], "value": f"v{n}"} for n in range(40)], "table", "nearly all rows agree"),
        ([{**row, "value": ""} for row in crowd()], "table: row 1: value", "give a member_id"),
        ([{**row, "kind": "Not A Kind"} for row in crowd()], "table: row 1: value", "kind:value"),
    ],
)
def test_bad_tables_name_field_and_mend(
    tmp_path: Path, rows: list[Row], field: str, mend: str
) -> None:
    with pytest.raises(BadInput) as caught:
        SplinkMatcher().match(write_table(tmp_path / "bad.csv", rows))
    assert caught.value.field == field
    assert mend in caught.value.mend


@pytest.mark.parametrize("name", ["missing.csv", "table.xlsx", "folder.csv"])
def test_what_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "table.xlsx").write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"not a \.csv"):
        SplinkMatcher().match(tmp_path / name)


def test_rows_without_any_likeness_teach_nothing(tmp_path: Path) -> None:
    rows = [
        {"value": f"v{n}", "given_name": f"g{n}", "surname": f"s{n}", "phone": str(10**10 + n)}
        for n in range(40)
    ]
    with pytest.raises(BadInput, match="table"):
        SplinkMatcher().match(write_table(tmp_path / "strangers.csv", rows))


def test_garbage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"nonsense")
    with pytest.raises(BadInput, match="cannot be read"):
        SplinkMatcher().match(tmp_path / "x.parquet")
