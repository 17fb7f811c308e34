"""Node numbers: given once, remembered only when they are on disk, gone after an erasure."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from quanyu.customers.identity.anchors import BlockedTokens, Identifier
from quanyu.ids import Token, Tokeniser
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.erasure import forget_nodes
from quanyu.storage.postgres.identity.lookups import lookup, nodes_of, person_of
from quanyu.storage.postgres.identity.people import People
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.identity.registry import Registry, register
from quanyu.storage.postgres.merchants import merchant_no


def identifier(number: int, kind: str = "taobao_id") -> Identifier:
    return kind, Token(number.to_bytes(16, "big"))


SOME = [identifier(n) for n in range(5)]


def numbers(
    database: Database, registry: Registry, *, merchant: str = "demo"
) -> dict[Identifier, int]:
    with database.transaction() as conn:
        return registry.register(conn, merchant, pairs=SOME)


def test_an_identifier_keeps_its_number(database: Database) -> None:
    registry = Registry()
    first = numbers(database, registry)
    assert len(set(first.values())) == len(SOME)
    assert numbers(database, registry) == first
    assert numbers(database, Registry()) == first
    with database.transaction() as conn:
        assert register(conn, "demo", pairs=SOME[:2]) == {pair: first[pair] for pair in SOME[:2]}


def test_kinds_and_merchants_have_numbers_of_their_own(database: Database) -> None:
    registry = Registry()
    ours, theirs = numbers(database, registry), numbers(database, registry, merchant="other")
    with database.transaction() as conn:
        phone = registry.register(conn, "demo", pairs=[identifier(0, "phone")])
    everything = [*ours.values(), *theirs.values(), *phone.values()]
    assert len(set(everything)) == 2 * len(SOME) + 1


def test_nothing_to_register_asks_nothing(database: Database) -> None:
    with database.transaction() as conn:
        assert Registry().register(conn, "demo", pairs=[]) == {}


def test_numbers_of_a_transaction_that_failed_are_forgotten(database: Database) -> None:
    registry = Registry()
    lost: dict[Identifier, int] = {}

    def fails() -> None:
        with database.transaction() as conn:
            lost.update(registry.register(conn, "demo", pairs=SOME))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    kept = numbers(database, registry)
    assert not set(kept.values()) & set(lost.values())
    assert numbers(database, Registry()) == kept


def test_numbers_are_usable_inside_their_transaction(database: Database) -> None:
    registry = Registry()
    with database.transaction() as conn:
        first = registry.register(conn, "demo", pairs=SOME)
        assert registry.register(conn, "demo", pairs=SOME) == first


def test_a_small_memory_forgets_without_harm(database: Database) -> None:
    registry = Registry(remembered_max=2)
    first = numbers(database, registry)
    for pair in SOME:
        with database.transaction() as conn:
            assert registry.register(conn, "demo", pairs=[pair]) == {pair: first[pair]}


def test_many_at_once_agree(database: Database) -> None:
    def one(_: int) -> dict[Identifier, int]:
        return numbers(database, Registry())

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(one, range(24)))
    assert all(mine == found[0] for mine in found)


def test_an_erased_identifier_gets_a_new_number(database: Database) -> None:
    registry, people = Registry(), People(BlockedTokens(lambda merchant: Tokeniser(b"k")))
    before = numbers(database, registry)
    gone = before[SOME[0]]
    with database.transaction() as conn:
        merchant = Merchant("demo", merchant_no(conn, "demo"))
        forget_nodes(conn, people, merchant=merchant, nodes=[gone])
        assert lookup(conn, "demo", identifier=SOME[0]) is None
    after = numbers(database, registry)
    assert after[SOME[0]] not in before.values()
    assert {pair: after[pair] for pair in SOME[1:]} == {pair: before[pair] for pair in SOME[1:]}


def test_look_ups_of_somebody_alone(database: Database) -> None:
    known = numbers(database, Registry())
    node = known[SOME[1]]
    with database.transaction() as conn:
        assert person_of(conn, [node]) == {node: node}
        (only,) = nodes_of(conn, node)
        assert (only.node, only.kind, only.token) == (node, *SOME[1])
        found = lookup(conn, "demo", identifier=SOME[1])
        assert found is not None
        assert (found.person, found.nodes) == (node, (only,))
        assert lookup(conn, "nobody", identifier=SOME[1]) is None
        assert nodes_of(conn, 10**9) == ()
