"""The identity desk's store on PostgreSQL: one transaction per command."""

from collections.abc import Iterable, Sequence

import psycopg

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Edge, EdgeId, Person, Rebuilt
from quanyu.customers.identity.ledger import Line, Verdict
from quanyu.customers.identity.service import Ends, Statement
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity import lines, lookups
from quanyu.storage.postgres.identity.people import People, lock_merchant
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.identity.registry import Registry
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_names, merchant_no


class _NotKept(Exception):
    """Takes a transaction back and carries what it would have come to."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        super().__init__()


class PostgresIdentity:
    def __init__(
        self, database: Database, people: People, *, registry: Registry, clock: Clock
    ) -> None:
        self._database = database
        self._people = people
        self._registry = registry
        self._clock = clock

    def link(
        self, merchant: str, ends: Ends, *, said: Statement, only_if_accepted: bool = False
    ) -> Edge:
        try:
            with self._database.transaction() as conn:
                where = _locked(conn, merchant)
                self._assert(conn, where, stated=[(ends, said)])
                numbers = self._registry.register(conn, merchant, pairs=ends)
                a, b = sorted(numbers.values())
                edge = lines.edge_of(conn, where, edge=EdgeId(a, b, said.rule))
                assert edge is not None, "its line was just written"
                if only_if_accepted and edge.verdict is not Verdict.ACCEPTED:
                    raise _NotKept(edge)
                return edge
        except _NotKept as back:
            return back.edge

    def link_many(self, merchant: str, stated: Sequence[tuple[Ends, Statement]]) -> int:
        with self._database.transaction() as conn:
            return self._assert(conn, _locked(conn, merchant), stated=stated)

    def _assert(
        self,
        conn: psycopg.Connection,
        merchant: Merchant,
        *,
        stated: Sequence[tuple[Ends, Statement]],
    ) -> int:
        pairs = {end for ends, _ in stated for end in ends}
        numbers = self._registry.register(conn, merchant.name, pairs=pairs)
        fresh = [_line(numbers[one], numbers[other], said=said) for (one, other), said in stated]
        told = lines.append(conn, merchant, lines=fresh, recorded_us=self._clock.now_us())
        self._people.settle(conn, merchant, nodes={node for row in told for node in row})
        return len(told)

    def unlink(self, merchant: str, edge: EdgeId, *, said: Statement) -> Edge:
        with self._database.transaction() as conn:
            where = _locked(conn, merchant)
            line = _line(edge.a, edge.b, said=said, retracts=True)
            lines.append(conn, where, lines=[line], recorded_us=self._clock.now_us())
            self._people.settle_less(conn, where, nodes={edge.a, edge.b})
            found = lines.edge_of(conn, where, edge=edge)
            assert found is not None, "a line of it was just written"
            return found

    def edge(self, merchant: str, edge: EdgeId) -> Edge | None:
        with self._database.transaction() as conn:
            where = _known(conn, merchant)
            return lines.edge_of(conn, where, edge=edge) if where else None

    def edges(self, merchant: str, nodes: Iterable[int]) -> list[Edge]:
        with self._database.transaction() as conn:
            where = _known(conn, merchant)
            return lines.edges_at(conn, where, nodes=nodes) if where else []

    def review(self, merchant: str, limit: int) -> list[Edge]:
        with self._database.transaction() as conn:
            where = _known(conn, merchant)
            return lines.edges_in_review(conn, where, limit=limit) if where else []

    def person(self, merchant: str, identifier: Identifier) -> Person | None:
        with self._database.transaction() as conn:
            return lookups.lookup(conn, merchant, identifier=identifier)

    def rebuild(self, merchant: str) -> Rebuilt:
        with self._database.transaction() as conn:
            resolution = self._people.rebuild(conn, _locked(conn, merchant))
        accepted = int((resolution.verdict == Verdict.ACCEPTED).sum())
        retracted = int((resolution.verdict == Verdict.RETRACTED).sum())
        return Rebuilt(
            merchant=merchant,
            identifiers=len(resolution.person),
            people=len(set(resolution.person.tolist())),
            edges=len(resolution.verdict),
            accepted=accepted,
            review=len(resolution.verdict) - accepted - retracted,
            retracted=retracted,
        )

    def merchants(self) -> list[str]:
        with self._database.transaction() as conn:
            return sorted(merchant_names(conn).values())


def _known(conn: psycopg.Connection, merchant: str) -> Merchant | None:
    number = known_merchant_no(conn, merchant)
    return None if number is None else Merchant(merchant, number)


def _locked(conn: psycopg.Connection, merchant: str) -> Merchant:
    where = Merchant(merchant, merchant_no(conn, merchant))
    lock_merchant(conn, where)
    return where


def _line(one: int, other: int, *, said: Statement, retracts: bool = False) -> Line:
    return Line(
        min(one, other),
        max(one, other),
        said.rule,
        said.at_us,
        said.actor,
        lines.evidence_bytes(said.evidence),
        retracts,
        said.weight,
    )
