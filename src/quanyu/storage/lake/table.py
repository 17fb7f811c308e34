"""The table ``events`` that every report is written against: files of the lake ∪ what is hot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from quanyu.measurement.overview import PAID
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.storage.lake.engine import EngineSession, Expression, LakeEngine
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.lake.snapshot import Part, Snapshot, Snapshots

T = TypeVar("T")
TRIES = 3

FILE_COLUMNS = dict(ibis.Schema.from_pyarrow(FILE_SCHEMA).items())
EVENT_COLUMNS = ibis.schema({**FILE_COLUMNS, "at": "timestamp", "person": "int64"})
"""What a report sees."""
_READ_COLUMNS = ibis.schema({**FILE_COLUMNS, "at": "timestamp"})
_PERSON_OF = ibis.schema({"node": "int64", "person_of_node": "int64"})


class Reading:
    """One report's view: ``events`` is an Ibis table in EVENT_COLUMNS; times are UTC, ties are
    broken by ``event_id``. The view does not change while it is open.

    ``trusted``: the same without whatever belongs to an order that is set aside as a fake trade.
    With none set aside both are one expression."""

    def __init__(self, session: EngineSession, snapshot: Snapshot) -> None:
        self._session = session
        self._tables = 0
        self._parts = self._opened(snapshot)
        self._person_of = self._people(snapshot)
        self.events: Expression = self._with_person(ibis.union(*(one for one, _ in self._parts)))
        self.trusted: Expression = self._trusted()

    def arrow(self, expression: Expression) -> pa.Table:
        return self._session.arrow(expression)

    def rows(self, expression: Expression) -> list[dict[str, Any]]:
        return list(self.arrow(expression).to_pylist())

    def memory(self, table: pa.Table) -> Expression:
        """Bring a small table of our own into the expression."""
        self._tables += 1
        name = f"memory_{self._tables}"
        self._session.memory(name, table)
        return ibis.table(ibis.Schema.from_pyarrow(table.schema), name=name)

    @property
    def anything_aside(self) -> bool:
        return any(aside is not None for _, aside in self._parts)

    def aside(self) -> Expression:
        """Events of the orders that are set aside."""
        parts = (
            _by_order(part).semi_join(aside, [("order_key", "aside")])
            for part, aside in self._parts
            if aside is not None
        )
        return self._with_person(ibis.union(*parts))

    def _trusted(self) -> Expression:
        if not self.anything_aside:
            return self.events
        return self._with_person(ibis.union(*(_kept(*one) for one in self._parts)))

    def _opened(self, snapshot: Snapshot) -> list[tuple[Expression, Expression | None]]:
        """(Events without their person, what is set aside of them) of each part that has any."""
        found = []
        for number, part in enumerate(snapshot.parts):
            tables = self._tables_of(part, number)
            aside = pa.table({"aside": pa.array(part.set_aside, pa.string())})
            if tables:
                named = self.memory(aside) if len(aside) else None
                found.append((ibis.union(*tables), named))
        return found or [(self._hot(FILE_SCHEMA.empty_table(), "hot"), None)]

    def _tables_of(self, part: Part, number: int) -> list[Expression]:
        tables = []
        if part.paths:
            self._session.files(f"lake_{number}", part.paths)
            tables.append(ibis.table(_READ_COLUMNS, name=f"lake_{number}"))
        if len(part.hot):
            tables.append(self._hot(part.hot, f"hot_{number}"))
        return tables

    def _hot(self, rows: pa.Table, name: str) -> Expression:
        at = pc.cast(rows["at_us"], pa.timestamp("us"))
        self._session.memory(name, rows.append_column("at", at))
        return ibis.table(_READ_COLUMNS, name=name)

    def _people(self, snapshot: Snapshot) -> Expression | None:
        if not len(snapshot.person_of):
            return None
        renamed = snapshot.person_of.rename_columns(list(_PERSON_OF.names))
        self._session.memory("person_of", renamed)
        return ibis.table(_PERSON_OF, name="person_of")

    def _with_person(self, events: Expression) -> Expression:
        if self._person_of is None:
            return events.mutate(person=events.node)
        joined = events.left_join(self._person_of, "node")
        person = ibis.coalesce(joined.person_of_node, joined.node)
        return joined.mutate(person=person).select(*events.columns, "person")


def _by_order(events: Expression) -> Expression:
    """A payment without a number is an order of its own, named by its event."""
    own = (events.kind == PAID).ifelse(events.event_id, ibis.null("string"))
    return events.mutate(order_key=ibis.coalesce(events.order_id, own))


def _kept(events: Expression, aside: Expression | None) -> Expression:
    if aside is None:
        return events
    kept = _by_order(events).anti_join(aside, [("order_key", "aside")])
    return kept.select(*_READ_COLUMNS.names)


class Lake:
    """Opens readings. ``merchant`` None reads all merchants (for the operator's trends only)."""

    def __init__(self, engine: LakeEngine, snapshots: Snapshots) -> None:
        self._engine = engine
        self._snapshots = snapshots

    @contextmanager
    def reading(self, merchant: str | None, period: Period = ALL_TIME) -> Iterator[Reading]:
        """Events outside the period may still be in the table: the report filters them."""
        snapshot = self._snapshots.take(merchant, period)
        with self._engine.session() as session:
            yield Reading(session, snapshot)

    def answer(
        self, merchant: str | None, ask: Callable[[Reading], T], *, period: Period = ALL_TIME
    ) -> T:
        """``ask`` over a reading; asked again over a newer one when an erasure took a file away."""
        for attempt in range(TRIES):
            snapshot = self._snapshots.take(merchant, period)
            try:
                with self._engine.session() as session:
                    return ask(Reading(session, snapshot))
            except Exception:
                if attempt + 1 == TRIES or all(Path(p).exists() for p in snapshot.paths):
                    raise
        raise AssertionError("the last attempt answers or raises")
