"""Arrays made by hand arrive as PostgreSQL's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.storage.postgres.binary_arrays import Int4Array, Int8Array, UuidArray
from quanyu.storage.postgres.database import Database

INT8 = st.integers(-(2**63), 2**63 - 1)
INT4 = st.integers(0, 2**31 - 1)


def came_back(database: Database, array: object) -> object:
    with database.transaction() as conn:
        row = conn.execute("SELECT %s", [array], binary=True).fetchone()
    return row and row[0]


@given(st.lists(INT8, max_size=70))
def test_numbers_of_eight_bytes(database: Database, values: list[int]) -> None:
    assert came_back(database, Int8Array.of(values)) == values


@given(st.lists(INT4, max_size=70))
def test_numbers_of_four_bytes(database: Database, values: list[int]) -> None:
    made = Int4Array.of_bytes([value.to_bytes(4, "big") for value in values])
    assert came_back(database, made) == values


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=70))
def test_uuids(database: Database, values: list[bytes]) -> None:
    found = came_back(database, UuidArray.of(values))
    assert isinstance(found, list)
    assert [one.bytes for one in found] == values


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_a_number_that_does_not_fit_is_a_defect(value: int) -> None:
    with pytest.raises(Exception, match="int"):
        Int8Array.of([value])
