"""API keys: shown once, limited to scopes, a merchant and a time, and gone when revoked."""

import pytest
from psycopg.conninfo import make_conninfo

from quanyu.clock import DAY_US, SECOND_US, FixedClock
from quanyu.errors import BadInput, StorageUnavailable
from quanyu.storage.postgres.access import NOTE_USE_EVERY_US, REMEMBER_US, ApiKeys
from quanyu.storage.postgres.api_key import ApiKey, Denial, Scope, scopes_of
from quanyu.storage.postgres.database import Database


@pytest.fixture
def keys(database: Database, clock: FixedClock) -> ApiKeys:
    return ApiKeys(database, clock)


def admitted(keys: ApiKeys, secret: str, scope: str = "events:write") -> bool:
    return isinstance(keys.verify(secret, scope), ApiKey)


def test_a_key_opens_its_scopes_of_its_merchant(keys: ApiKeys) -> None:
    made = keys.create("花西子", ["reports:read", "events:write"])
    key = keys.verify(made.secret, "events:write")
    assert isinstance(key, ApiKey)
    assert (key.merchant, key.scopes) == ("花西子", ["events:write", "reports:read"])
    assert keys.verify(made.secret, "privacy:write") is Denial.SCOPE


def test_admin_opens_every_scope(keys: ApiKeys) -> None:
    secret = keys.create("demo", ["admin"]).secret
    assert all(admitted(keys, secret, scope) for scope in Scope)


def test_the_secret_is_nowhere_in_the_database(keys: ApiKeys, database: Database) -> None:
    secret = keys.create("demo", ["admin"]).secret
    with database.transaction() as conn:
        rows = conn.execute("SELECT api_key::text FROM api_key").fetchall()
    random_part = secret.split("_", 2)[2]
    assert len(random_part) == 43
    assert random_part not in str(rows)
    assert random_part.encode().hex() not in str(rows)


def test_the_secret_says_what_it_is_and_which_one(keys: ApiKeys) -> None:
    made = keys.create("demo", ["admin"])
    assert made.secret.startswith(f"qk_{made.key.prefix}_")
    assert made.secret != keys.create("demo", ["admin"]).secret


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "qk_",
        "qk_00000000_" + "A" * 43,
        "qk_00000000_" + "A" * 42,
        "QK_00000000_" + "A" * 43,
        "qk_00000000_" + "é" * 43,
        "' OR 1=1 --",
        "x" * 100_000,
    ],
)
def test_anything_else_is_unknown(keys: ApiKeys, forged: str) -> None:
    assert keys.verify(forged, "events:write") is Denial.UNKNOWN


def test_one_changed_letter_is_unknown(keys: ApiKeys) -> None:
    secret = keys.create("demo", ["admin"]).secret
    changed = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    assert keys.verify(changed, "admin") is Denial.UNKNOWN


def test_a_key_expires_at_the_microsecond(keys: ApiKeys, clock: FixedClock) -> None:
    secret = keys.create("demo", ["admin"], expires_us=clock.now_us() + DAY_US).secret
    clock.advance(DAY_US - 1)
    assert admitted(keys, secret)
    clock.advance(1)
    assert keys.verify(secret, "admin") is Denial.EXPIRED


def test_an_expiry_in_the_past_is_refused(keys: ApiKeys, clock: FixedClock) -> None:
    with pytest.raises(BadInput, match="future"):
        keys.create("demo", ["admin"], expires_us=clock.now_us())
    assert keys.list("demo") == []


def test_a_revoked_key_is_out_at_once_in_this_process(keys: ApiKeys) -> None:
    made = keys.create("demo", ["admin"])
    assert admitted(keys, made.secret)
    assert keys.revoke("demo", made.key.prefix)
    assert keys.verify(made.secret, "admin") is Denial.REVOKED
    assert not keys.revoke("demo", made.key.prefix)


def test_a_revoked_key_is_out_soon_in_other_processes(
    keys: ApiKeys, database: Database, clock: FixedClock
) -> None:
    other_process = ApiKeys(database, clock)
    made = keys.create("demo", ["admin"])
    assert admitted(other_process, made.secret)
    keys.revoke("demo", made.key.prefix)
    clock.advance(REMEMBER_US)
    assert other_process.verify(made.secret, "admin") is Denial.REVOKED


def test_nobody_revokes_the_key_of_another_merchant(keys: ApiKeys) -> None:
    made = keys.create("demo", ["admin"])
    assert not keys.revoke("rival", made.key.prefix)
    assert admitted(keys, made.secret)


def test_the_prefix_may_be_given_as_it_is_shown(keys: ApiKeys) -> None:
    made = keys.create("demo", ["admin"])
    assert keys.revoke("demo", f"qk_{made.key.prefix}")


def test_a_merchant_sees_its_own_keys_only(keys: ApiKeys, clock: FixedClock) -> None:
    first = keys.create("demo", ["admin"]).key
    clock.advance(SECOND_US)
    second = keys.create("demo", ["events:read"]).key
    keys.create("rival", ["admin"])
    assert keys.list("demo") == [first, second]
    assert keys.list("nobody") == []


def test_verification_asks_the_database_once_in_a_few_seconds(
    keys: ApiKeys, database: Database, clock: FixedClock
) -> None:
    secret = keys.create("demo", ["admin"]).secret
    assert not keys.knows(secret)
    assert admitted(keys, secret)
    assert keys.knows(secret)
    database.close()
    assert admitted(keys, secret)
    clock.advance(REMEMBER_US)
    with pytest.raises(StorageUnavailable):
        keys.verify(secret, "admin")


def test_the_last_use_is_noted_now_and_then(keys: ApiKeys, clock: FixedClock) -> None:
    secret = keys.create("demo", ["admin"]).secret
    first_us = clock.now_us()
    admitted(keys, secret)
    clock.advance(NOTE_USE_EVERY_US - 1)
    admitted(keys, secret)
    assert keys.list("demo")[0].last_used_us == first_us
    clock.advance(REMEMBER_US)
    admitted(keys, secret)
    assert keys.list("demo")[0].last_used_us == clock.now_us()


def test_a_database_that_takes_no_writes_locks_nobody_out(
    keys: ApiKeys, database_url: str, clock: FixedClock
) -> None:
    secret = keys.create("demo", ["admin"]).secret
    reader = make_conninfo(database_url, options="-c default_transaction_read_only=on")
    with Database(reader) as database:
        assert admitted(ApiKeys(database, clock), secret)
    assert keys.list("demo")[0].last_used_us is None


def test_guesses_do_not_fill_the_memory(keys: ApiKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quanyu.storage.postgres.access.REMEMBERED_MAX", 5)
    guesses = (f"qk_{number:08x}_{'A' * 43}" for number in range(12))
    for guess in guesses:
        assert keys.verify(guess, "admin") is Denial.UNKNOWN
        assert len(keys._memory) <= 5


def test_scopes_are_read_leniently_and_checked_strictly() -> None:
    assert scopes_of([" events:read", "admin", "admin", ""]) == ["admin", "events:read"]
    with pytest.raises(BadInput, match="'events:\\*' is not a scope; choose from events:write"):
        scopes_of(["events:*"])
    with pytest.raises(BadInput, match="choose from"):
        scopes_of([])
