"""Folds the log into each node's history and tag states, a batch at a time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, cast

import msgspec
import psycopg

from quanyu.clock import Clock, china_datetime
from quanyu.customers.privacy.consent import ADULT_AGE
from quanyu.customers.profile.catalogue import Catalogue, States
from quanyu.customers.profile.measure import canonical
from quanyu.customers.profile.reading import as_integer
from quanyu.events.event import Event, LoggedEvent
from quanyu.storage.postgres.recent_deeds import NONE, with_deeds
from quanyu.storage.postgres.sql_files import sql


class Nodes(Protocol):
    """Which node of the identity graph keeps an event (identity's registry)."""

    def of(
        self, conn: psycopg.Connection, merchant: str, *, events: Sequence[Event]
    ) -> list[int]: ...


REFOLD_NODES = 2_000
WITH_DEEDS = "+deeds"
"""States that were folded before there were deeds beside them are folded anew."""
_encode = msgspec.msgpack.Encoder().encode
_event = msgspec.msgpack.Decoder(Event).decode


def decode_states(raw: bytes) -> States:
    return cast(States, msgspec.msgpack.decode(raw))


def encode_states(states: States) -> bytes:
    """Equal states give equal bytes."""
    return _encode({name: canonical(states[name]) for name in sorted(states)})


class ProfileProjection:
    """Projection ``profiles``: rows of history, tag_state and tag_withheld. The sweep keeps the
    promise that no tags exist of people who switched them off or are under age."""

    name = "profiles"

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Clock,
        *,
        nodes: Nodes,
        forget: Callable[[psycopg.Connection, Sequence[int]], object] = lambda tx, nodes: None,
    ) -> None:
        """``forget`` hears at each look of which nodes nothing personal is kept."""
        self.catalogue = catalogue
        self._forget = forget
        self._clock = clock
        self._nodes = nodes
        self._current = False

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        self.refresh(tx)
        by_node = self._by_node(tx, events)
        add_history(tx, by_node)
        nodes = sorted(by_node)
        states, deeds, suppressed = self._load(tx, nodes)
        for node in nodes:
            for logged in by_node[node]:
                self.catalogue.fold(states[node], logged.event)
            told = (logged.event for logged in by_node[node])
            deeds[node] = with_deeds(deeds.get(node, NONE), told)
        self._save(tx, states, deeds=deeds, suppressed=suppressed)
        self._follow(tx, nodes)

    def reset(self, tx: psycopg.Connection) -> None:
        tx.execute(sql("profiles/reset"))
        tx.execute(sql("profiles/reset_withheld"))
        self._current = False

    def refresh(self, tx: psycopg.Connection) -> bool:
        """Fold all states anew from history when the tags' measures have changed."""
        if self._current:
            return False
        row = tx.execute(sql("profiles/digest")).fetchone()
        digest = f"{self.catalogue.digest}{WITH_DEEDS}"
        changed = row is None or row[0] != digest
        if changed:
            self._refold_all(tx)
            tx.execute(sql("profiles/set_digest"), {"digest": digest})
        self._current = True
        return changed

    def sweep(self, tx: psycopg.Connection, persons: Sequence[int] | None = None) -> int:
        """Suppress or restore tags as the off switch and age say now; None means everybody.

        Returns the number of nodes that changed.
        """
        if persons is None:
            persons = [row[0] for row in tx.execute(sql("profiles/special_persons"))]
        return self._flip(tx, persons)

    def moved(self, tx: psycopg.Connection, nodes: Collection[int]) -> int:
        """The people at these nodes are not who they were: whoever was joined to somebody without
        tags has them back, and the other way round. Waits for the batch that is being folded."""
        tx.execute(sql("events/lock_consumer"), {"consumer": self.name})
        return self._follow(tx, sorted(nodes))

    def refold(self, tx: psycopg.Connection, nodes: Sequence[int]) -> None:
        """Make the states of some nodes from their history; they count as not suppressed."""
        states: dict[int, States] = {node: {} for node in nodes}
        told: dict[int, list[Event]] = {node: [] for node in nodes}
        for node, raw in tx.execute(sql("profiles/history_of_nodes"), {"nodes": list(nodes)}):
            event = _event(raw)
            self.catalogue.fold(states[node], event)
            told[node].append(event)
        deeds = {node: with_deeds(NONE, events) for node, events in told.items()}
        self._save(tx, states, deeds=deeds, suppressed=set())

    def forget(self, tx: psycopg.Connection, gone: Sequence[tuple[int, int, int]]) -> None:
        """Take events, as (node, at_us, offset), out of history and out of the tags made of it."""
        nodes, at, offsets = (list(column) for column in zip(*gone, strict=True))
        tx.execute(sql("profiles/delete_events"), {"nodes": nodes, "at": at, "offsets": offsets})
        touched = sorted(set(nodes))
        *_, suppressed = self._load(tx, touched)
        self.refold(tx, touched)
        self._suppress(tx, sorted(suppressed))
        tx.execute(sql("profiles/tell_flipped"), {"nodes": touched})

    def _by_node(
        self, tx: psycopg.Connection, events: Sequence[LoggedEvent]
    ) -> dict[int, list[LoggedEvent]]:
        by_merchant: dict[str, list[LoggedEvent]] = {}
        for logged in events:
            by_merchant.setdefault(logged.merchant, []).append(logged)
        by_node: dict[int, list[LoggedEvent]] = {}
        for merchant, listed in sorted(by_merchant.items()):
            nodes = self._nodes.of(tx, merchant, events=[logged.event for logged in listed])
            for node, logged in zip(nodes, listed, strict=True):
                by_node.setdefault(node, []).append(logged)
        return by_node

    def _load(
        self, tx: psycopg.Connection, nodes: list[int]
    ) -> tuple[dict[int, States], dict[int, bytes], set[int]]:
        """States, deeds, and the nodes that are suppressed."""
        states: dict[int, States] = {node: {} for node in nodes}
        deeds, suppressed = {}, set()
        for node, raw, done, held_back in tx.execute(
            sql("profiles/states"), {"nodes": nodes}, binary=True
        ):
            states[node], deeds[node] = decode_states(raw), done
            if held_back:
                suppressed.add(node)
        return states, deeds, suppressed

    def _save(
        self,
        tx: psycopg.Connection,
        states: dict[int, States],
        *,
        deeds: Mapping[int, bytes],
        suppressed: set[int],
    ) -> None:
        encoded = [
            encode_states(self._bare(held) if node in suppressed else held)
            for node, held in states.items()
        ]
        done = [NONE if node in suppressed else deeds.get(node, NONE) for node in states]
        rows = {"nodes": list(states), "states": encoded, "deeds": done}
        tx.execute(sql("profiles/save_states"), rows)
        year = china_datetime(self._clock.now_us()).year
        minors = {
            node: through
            for node, held in states.items()
            if (through := self._minor_through(held, year)) is not None
        }
        withheld = sorted(suppressed | minors.keys())
        tx.execute(sql("profiles/forget_withheld"), {"nodes": list(states.keys() - set(withheld))})
        args = {
            "nodes": withheld,
            "minors": [minors.get(node) for node in withheld],
            "suppressed": [node in suppressed for node in withheld],
            "year": year,
        }
        if withheld:
            tx.execute(sql("profiles/save_withheld"), args)

    def _bare(self, states: States) -> States:
        """All that is kept of a person without tags: what tells whether that still holds."""
        name = self.catalogue.birth_year_id
        return {name: states[name]} if name in states else {}

    def _minor_through(self, states: States, this_year: int) -> int | None:
        """Last year in which the states say that their person is under age, be it over or not."""
        if self.catalogue.birth_year_id not in states:
            return None
        born = birth_year(self.catalogue, states)
        return born + ADULT_AGE if born and abs(this_year - born) <= 150 else None

    def _follow(self, tx: psycopg.Connection, nodes: Sequence[int]) -> int:
        if not anybody_special(tx):
            return 0
        rows = tx.execute(sql("profiles/persons_of_nodes"), {"nodes": list(nodes)})
        return self._flip(tx, [row[0] for row in rows])

    def _flip(self, tx: psycopg.Connection, persons: Sequence[int]) -> int:
        now_us = self._clock.now_us()
        year = china_datetime(now_us).year
        args = {"persons": list(persons), "now_us": now_us, "year": year}
        found = tx.execute(sql("profiles/to_flip"), args).fetchall()
        if withheld := [node for node, suppress, _ in found if suppress]:
            self._forget(tx, withheld)
        flips = [(node, suppress) for node, suppress, flips in found if flips]
        self._suppress(tx, [node for node, suppress in flips if suppress])
        restored = [node for node, suppress in flips if not suppress]
        if restored:
            self.refold(tx, restored)
        if flips:
            tx.execute(sql("profiles/tell_flipped"), {"nodes": [node for node, _ in flips]})
        return len(flips)

    def _suppress(self, tx: psycopg.Connection, nodes: list[int]) -> None:
        if nodes:
            states, *_ = self._load(tx, nodes)
            self._save(tx, states, deeds={}, suppressed=set(nodes))

    def _refold_all(self, tx: psycopg.Connection) -> None:
        after = -1
        while page := tx.execute(
            sql("profiles/nodes_after"), {"after": after, "limit": REFOLD_NODES}
        ).fetchall():
            self.refold(tx, [node for node, _ in page])
            self._suppress(tx, [node for node, suppressed in page if suppressed])
            after = page[-1][0]


def birth_year(catalogue: Catalogue, states: States) -> int | None:
    """What the states say of the year of birth."""
    accumulator = catalogue.accumulators[catalogue.birth_year_id]
    text = accumulator.value(states.get(catalogue.birth_year_id), 0)
    return None if text is None else as_integer(text)


def anybody_special(tx: psycopg.Connection) -> bool:
    row = tx.execute(sql("profiles/anybody_special")).fetchone()
    return bool(row and row[0])


def add_history(tx: psycopg.Connection, by_node: dict[int, list[LoggedEvent]]) -> None:
    with tx.cursor() as cursor, cursor.copy(sql("profiles/add_history")) as copy:
        copy.set_types(["int8", "int8", "int8", "bytea"])
        for row in _history_rows(by_node):
            copy.write_row(row)


def _history_rows(
    by_node: dict[int, list[LoggedEvent]],
) -> Iterable[tuple[int, int, int, bytes]]:
    for node, listed in by_node.items():
        for logged in listed:
            yield node, logged.event.at_us, logged.offset, _encode(logged.event)
