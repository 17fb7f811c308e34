"""Everybody of one merchant: audiences, timers, purchases and features out of the lake."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.customers.audiences.ports import Features, Persons, Purchases
from quanyu.customers.audiences.tree import (
    EventCondition,
    Node,
    SequenceCondition,
    Step,
    TagCondition,
    leaves,
)
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.definitions import TagType, TagValue
from quanyu.storage.lake.audience import People, Table, members, step_matches
from quanyu.storage.lake.table import Lake, Reading

EverybodysTags = Callable[[str], Iterable[Mapping[int, Mapping[str, TagValue]]]]
"""``tags(merchant)`` → pages of person → tag values, everybody once."""

ARROW_TYPES: Mapping[TagType, pa.DataType] = {
    "text": pa.string(),
    "number": pa.int64(),
    "texts": pa.list_(pa.string()),
}
FEATURE_KINDS = (
    "view", "search", "click", "watch", "follow", "favourite", "add_to_cart", "order_placed",
    "payment_completed", "refund_completed", "coupon_redeemed", "store_arrived", "review_posted",
)  # fmt: skip
CATEGORIES_MAX = 20
FEATURE_WINDOW_US = 90 * DAY_US


class LakeCrowd:
    """The port ``Crowd``. Tag values come as one relation made from the profiles' own states, so
    that there is one definition of what a tag says and not two."""

    def __init__(self, lake: Lake, catalogue: Catalogue, *, tags: EverybodysTags) -> None:
        self._lake = lake
        self._catalogue = catalogue
        self._tags = tags

    def members(self, merchant: str, tree: Node, *, as_of_us: int) -> Persons:
        def ask(reading: Reading) -> Persons:
            found = members(tree, self._people(reading, merchant, tree=tree), as_of_us=as_of_us)
            return column(reading.arrow(found), "person")

        return self._lake.answer(merchant, ask)

    def timers(
        self, merchant: str, tree: Node, *, as_of_us: int, until_us: int
    ) -> list[tuple[int, int]]:
        def ask(reading: Reading) -> list[tuple[int, int]]:
            moments = list(_moments(reading.events, tree, as_of_us=as_of_us, until_us=until_us))
            if not moments:
                return []
            first = ibis.union(*moments).group_by("person").aggregate(due_us=lambda t: t.due.min())
            found = reading.arrow(first)
            pairs = zip(found["person"].to_pylist(), found["due_us"].to_pylist(), strict=True)
            return [(int(person), int(due_us)) for person, due_us in pairs]

        return self._lake.answer(merchant, ask)

    def purchases(self, merchant: str, *, as_of_us: int, window_us: int) -> Purchases:
        def ask(reading: Reading) -> Purchases:
            events = reading.trusted
            paid = events.filter(
                (events.kind == "payment_completed")
                & (events.at_us <= as_of_us)
                & (events.at_us > as_of_us - window_us)
            )
            found = reading.arrow(
                paid.group_by("person").aggregate(
                    last_us=paid.at_us.max(),
                    frequency=paid.count(),
                    fen=paid.amount_fen.sum().fill_null(0).cast("int64"),
                )
            )
            last_us = column(found, "last_us")
            counts, fen = column(found, "frequency"), column(found, "fen")
            return Purchases(column(found, "person"), as_of_us - last_us, counts, fen)

        return self._lake.answer(merchant, ask)

    def features(self, merchant: str, *, as_of_us: int) -> Features:
        """Counts per kind, touchpoint and category over 90 days, active days, days since last.
        People behind fake trades are left out: nobody shall look like them."""

        def ask(reading: Reading) -> Features:
            events = reading.trusted
            if reading.anything_aside:
                events = events.anti_join(reading.aside(), "person")
            seen = events.filter(
                (events.at_us <= as_of_us) & (events.at_us > as_of_us - FEATURE_WINDOW_US)
            )
            measures = _features(seen, reading, as_of_us=as_of_us)
            found = reading.arrow(seen.group_by("person").aggregate(**measures))
            names = tuple(measures)
            columns = [column(found, name).astype(np.float64) for name in names]
            return Features(column(found, "person"), names, np.column_stack(columns))

        return self._lake.answer(merchant, ask)

    def _people(self, reading: Reading, merchant: str, *, tree: Node) -> People:
        if not any(isinstance(leaf, TagCondition) for leaf in leaves(tree)):
            return People(reading.events)
        return People(
            reading.events, lambda keys: reading.memory(self._tag_table(merchant, sorted(keys)))
        )

    def _tag_table(self, merchant: str, keys: Sequence[str]) -> pa.Table:
        types = {key: ARROW_TYPES[self._catalogue.tags[key].type] for key in keys}
        schema = pa.schema({"person": pa.int64(), **types})
        pages = [
            pa.Table.from_pylist(
                [{"person": p} | {k: v for k, v in tags.items() if k in types}
                 for p, tags in page.items()],
                schema,
            )
            for page in self._tags(merchant)
        ]  # fmt: skip
        return pa.concat_tables([schema.empty_table(), *pages])


def column(table: pa.Table, name: str) -> Persons:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _moments(events: Table, tree: Node, *, as_of_us: int, until_us: int) -> Iterable[Table]:
    """(person, due) for every edge of a window that an event crosses in (as_of, until]."""
    for steps, delays in _edges(tree):
        matched = reduce(or_, (step_matches(events, step) for step in steps))
        for delay_us in delays:
            due = events.at_us + delay_us
            inside = matched & (due > as_of_us) & (due <= until_us)
            yield events.filter(inside).select("person", due=events.at_us + delay_us)


def _edges(tree: Node) -> Iterable[tuple[tuple[Step, ...], set[int]]]:
    for leaf in dict.fromkeys(leaves(tree)):
        if isinstance(leaf, SequenceCondition):
            yield leaf.steps, {0}
        elif isinstance(leaf, EventCondition):
            first, last = leaf.window.offsets()
            delays = {last.ago_us or 0 if last is not None else 0}
            if first is not None and first.ago_us is not None:
                delays.add(first.ago_us)
            yield (leaf.step,), delays


def _features(seen: Table, reading: Reading, *, as_of_us: int) -> dict[str, Any]:
    measures: dict[str, Any] = {
        f"kind:{kind}": seen.count(where=seen.kind == kind) for kind in FEATURE_KINDS
    }
    for name in ("touchpoint", "category"):
        for value in _most_frequent(seen, reading, name=name):
            measures[f"{name}:{value}"] = seen.count(where=seen[name] == value)
    measures["paid_fen"] = (
        seen.amount_fen.sum(where=seen.kind == "payment_completed").fill_null(0).cast("int64")
    )
    measures["days"] = ((seen.at_us + CHINA_OFFSET_US) // DAY_US).nunique()
    measures["quiet_days"] = (as_of_us - seen.at_us.max()) // DAY_US
    return measures


def _most_frequent(seen: Table, reading: Reading, *, name: str) -> list[str]:
    present = seen.filter(seen[name].notnull())
    counted = present.group_by(name).aggregate(n=present.count())
    ordered = counted.order_by([ibis.desc("n"), name]).limit(CATEGORIES_MAX)
    return [str(value) for value in reading.arrow(ordered)[name].to_pylist()]
