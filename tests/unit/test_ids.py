"""Tokens stand for identifiers: stable within a merchant, useless between merchants."""

import hmac
import re

from hypothesis import given
from hypothesis import strategies as st

from quanyu.ids import TOKEN_BYTES, Tokeniser, derive_key, fingerprint, random_id

MASTER = bytes(range(32))
SHOP_A = Tokeniser.of_merchant(MASTER, "shop-a")
SHOP_B = Tokeniser.of_merchant(MASTER, "shop-b")
words = st.text(min_size=1, max_size=30)


@given(words, words)
def test_the_same_identifier_gives_the_same_token(kind: str, value: str) -> None:
    again = Tokeniser.of_merchant(MASTER, "shop-a")
    assert SHOP_A.token(kind, value) == again.token(kind, value)
    assert len(SHOP_A.token(kind, value)) == TOKEN_BYTES


@given(words)
def test_two_merchants_cannot_join_their_tables(value: str) -> None:
    assert SHOP_A.token("phone", value) != SHOP_B.token("phone", value)


@given(words, words)
def test_a_token_is_the_hmac_of_kind_and_value(kind: str, value: str) -> None:
    whole = hmac.digest(SHOP_A.key, f"{kind}\0{value}".encode(), "sha256")
    assert SHOP_A.token(kind, value) == whole[:TOKEN_BYTES]


def test_a_new_key_version_gives_new_tokens() -> None:
    rotated = Tokeniser.of_merchant(MASTER, "shop-a", version=2)
    assert rotated.token("phone", "13912345678") != SHOP_A.token("phone", "13912345678")


def test_kind_and_value_do_not_run_together() -> None:
    assert SHOP_A.token("ab", "c") != SHOP_A.token("a", "bc")
    assert derive_key(MASTER, "ab", "c") != derive_key(MASTER, "a", "bc")


def test_a_token_shows_nothing_of_the_value() -> None:
    assert b"139" not in SHOP_A.token("phone", "13912345678")


def test_random_ids_are_named_and_do_not_repeat() -> None:
    ids = {random_id("req") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"req_[0-9a-f]{24}", one) for one in ids)


def test_fingerprints_are_sha256() -> None:
    assert fingerprint(b"").startswith("e3b0c44298fc1c14")
