"""Matching on small tables: synonyms, missing columns, the threshold, and what is never stored."""

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.engine_ground import opened, rows

from quanyu.clock import FixedClock
from quanyu.customers.identity.ledger import Verdict
from quanyu.customers.identity.rules import rule_code, shipped_rules
from quanyu.customers.identity.service import Matched
from quanyu.errors import BadInput
from quanyu.storage.lake.matching import SplinkMatcher, shipped_settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

SHOP, RIVAL = "茶馆", "鞋店"
ACCEPT = shipped_rules()[rule_code("probabilistic")].accept
SURNAMES = ("欧阳", "司马", "诸葛", "上官", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐")
NAMES = (
    "美玲",
    "志强",
    "秀英",
    "建国",
    "雅婷",
    "浩然",
    "子轩",
    "梓涵",
    "春燕",
    "国庆",
    "文静",
    "海涛",
)
CHINESE = {"surname": "姓", "given_name": "名", "birth_date": "出生日期", "phone": "手机号"}
OTHER_ENGLISH = {"surname": "Last_Name", "given_name": "FIRST_NAME", "birth_date": "dob",
                 "phone": "mobile"}  # fmt: skip
Row = dict[str, str]


def guests(count: int = 120) -> list[Row]:
    """Every fourth comes twice: half of these with another phone, a quarter with another date of
    birth."""
    chance, listed = Random(11), []
    for number in range(count):
        row = {
            "kind": "member_id",
            "value": f"g{number}",
            "surname": chance.choice(SURNAMES),
            "given_name": chance.choice(NAMES),
            "birth_date": f"{chance.randint(1950, 2005)}-{chance.randint(1, 12):02d}-"
            f"{chance.randint(1, 28):02d}",
            "phone": f"137{chance.randrange(10**8):08d}",
        }
        listed.append(row)
        if number % 4 == 0:
            phone = row["phone"] if number % 8 else f"136{chance.randrange(10**8):08d}"
            born = row["birth_date"] if number % 16 != 4 else "1949-10-01"
            listed.append({**row, "value": f"h{number}", "phone": phone, "birth_date": born})
    return listed


def written(path: Path, listed: list[Row], names: dict[str, str] | None = None) -> Path:
    renamed = [{(names or {}).get(k, k): v for k, v in row.items()} for row in listed]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(renamed[0]))
        writer.writeheader()
        writer.writerows(renamed)
    return path


def told(found: Matched) -> set[tuple[str, str, float]]:
    value = [value for _, value in found.identifiers]
    return {
        (*sorted((value[p.left], value[p.right])), round(p.weight, 6))  # type: ignore[misc]
        for p in found.pairs
    }


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Matched:
    return SplinkMatcher().match(written(tmp_path_factory.mktemp("guests") / "g.csv", guests()))


def test_guests_who_came_twice_are_found(plain: Matched) -> None:
    """All whose phone and date of birth stayed the same, and next to nobody wrongly."""
    sure = {pair[:2] for pair in told(plain) if pair[2] >= ACCEPT}
    assert sure >= {(f"g{n}", f"h{n}") for n in range(12, 120, 16)}
    assert sum(one[1:] != other[1:] for one, other in sure) <= 0.1 * len(sure)


def test_synonyms_and_sloppy_spelling_give_the_same_pairs(plain: Matched, tmp_path: Path) -> None:
    sloppy = [
        {
            **row,
            "birth_date": row["birth_date"].replace("-", "/"),
            "phone": f"{row['phone'][:3]} {row['phone'][3:7]}-{row['phone'][7:]}",
            "surname": f"  {row['surname']} ",
        }
        for row in guests()
    ]
    found = SplinkMatcher().match(written(tmp_path / "g.csv", sloppy, CHINESE))
    assert told(found) == told(plain)
    assert found.model == plain.model


def test_a_table_without_kinds_and_phones(plain: Matched, tmp_path: Path) -> None:
    """Its rows are customers, and what it does not hold is another model."""
    listed = [{k: v for k, v in row.items() if k not in ("kind", "phone")} for row in guests()]
    found = SplinkMatcher().match(written(tmp_path / "g.csv", listed, OTHER_ENGLISH))
    assert {kind for kind, _ in found.identifiers} == {"customer_id"}
    assert found.model != plain.model
    assert all("phone" not in pair.levels for pair in found.pairs)


def test_an_empty_cell_is_unknown_and_speaks_for_nobody(tmp_path: Path) -> None:
    listed = [{**row, "phone": ""} if n % 3 == 0 else row for n, row in enumerate(guests())]
    found = SplinkMatcher().match(written(tmp_path / "g.csv", listed))
    for pair in found.pairs:
        empty = not (listed[pair.left]["phone"] and listed[pair.right]["phone"])
        assert (pair.levels["phone"] == -1) is empty


def test_pairs_are_over_the_review_weight_and_each_once(plain: Matched) -> None:
    ends = [frozenset((pair.left, pair.right)) for pair in plain.pairs]
    assert len(set(ends)) == len(ends)
    assert all(len(end) == 2 for end in ends)
    assert all(pair.weight >= shipped_settings().review_weight for pair in plain.pairs)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Name": "x", "姓名": "y"}, "table: 姓名"),
        ({"mobile": "x"}, "table: mobile"),
        ({"kind": "no kind"}, "table: row 1: value"),
        ({"value": "x" * 257}, "table: row 1: value"),
    ],
)
def test_tables_that_say_a_thing_twice_or_not_at_all(
    tmp_path: Path, change: Row, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        SplinkMatcher().match(written(tmp_path / "g.csv", [{**r, **change} for r in guests(30)]))
    assert caught.value.field == field


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


def everything(database: Database) -> str:
    """All rows of all tables as text."""
    tables = rows(
        database, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
    )
    assert len(tables) > 10
    return "\n".join(
        line for (table,) in tables for (line,) in rows(database, f"SELECT t::text FROM {table} t")
    )


def test_a_matched_table_joins_people_and_leaves_nothing_of_them(
    engine: Engine, tmp_path: Path, data_dir: Path
) -> None:
    listed = guests()
    report = engine.identity.match(SHOP, written(tmp_path / "guests.csv", listed), actor="小王")
    assert (report.rows, report.pairs) == (len(listed), report.accepted + report.review)
    assert report.new == report.pairs
    person = engine.identity.person(SHOP, "member_id:g12")
    edges = engine.identity.edges(SHOP, "member_id:g12")
    assert {line.actor for edge in edges for line in edge.ledger} == {"小王"}
    assert all(edge.id.rule == "probabilistic" for edge in edges)
    assert person.public_id
    statuses = {edge.verdict for edge in engine.identity.review(SHOP)}
    assert statuses <= {Verdict.WEAK, Verdict.CAP}

    kept = everything(engine.database)
    for row in listed:
        for name in ("given_name", "surname", "birth_date", "phone"):
            assert row[name] not in kept, name
        assert f"member_id:{row['value']}" not in kept
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert not [p for p in files if listed[0]["phone"].encode() in p.read_bytes()]
    assert engine.identity.review(RIVAL) == []
