"""A database and its master key belong together."""

import pytest

from quanyu.errors import BadInput
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.installation import belongs_to, bind_master_key, check_value

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


def test_the_first_key_is_the_key(database: Database) -> None:
    with database.transaction() as conn:
        assert belongs_to(conn, KEY) is None
    bind_master_key(database, KEY)
    bind_master_key(database, KEY)
    with database.transaction() as conn:
        assert belongs_to(conn, KEY) is True
        assert belongs_to(conn, OTHER) is False


def test_another_key_is_refused_with_the_way_out(database: Database) -> None:
    bind_master_key(database, KEY)
    with pytest.raises(BadInput, match=r"restore master\.key"):
        bind_master_key(database, OTHER)
    bind_master_key(database, KEY)


def test_the_check_value_is_not_the_key_and_differs_by_key() -> None:
    assert check_value(KEY) != KEY
    assert check_value(KEY) != check_value(OTHER)
    assert len(check_value(KEY)) == 32
