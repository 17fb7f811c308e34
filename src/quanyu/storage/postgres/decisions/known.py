"""Who some identifiers are, with all that permission hangs on, in one statement for a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.consent import ADULT_AGE, ConsentEntry, Subject
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.storage.postgres.sql_files import sql


@dataclass(frozen=True, slots=True)
class Known:
    nodes: tuple[int, ...]
    """Of the person, in order: the first is the person's number."""
    subject: Subject
    """What was said about personalisation; of adults, no year of birth."""
    erasing: bool
    tier_points: Mapping[int, int]
    """By programme of points that the person has joined, over all purses."""

    @property
    def person(self) -> int:
        return self.nodes[0]


def known_by(
    tx: psycopg.Connection, merchant: str, *, asked: Sequence[Sequence[Identifier]]
) -> dict[int, Known]:
    """Place of the ask → the person of its first identifier that somebody has."""
    pairs = [(ask, kind, token) for ask, one in enumerate(asked) for kind, token in one]
    if not pairs:
        return {}
    asks, kinds, tokens = (list(column) for column in zip(*pairs, strict=True))
    return _known(tx, merchant, asks=asks, kinds=kinds, tokens=tokens, nodes=[])


def known_at(tx: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> dict[int, Known]:
    """Node → its person as of now; nothing of nodes that were erased."""
    found = _known(tx, merchant, asks=[], kinds=[], tokens=[], nodes=list(nodes))
    return {nodes[place]: known for place, known in found.items()}


def _known(tx: psycopg.Connection, merchant: str, **lists: Any) -> dict[int, Known]:
    rows = tx.execute(sql("decisions/known"), {"merchant": merchant, **lists}, binary=True)
    return {
        ask: Known(tuple(sorted(nodes)), _subject(words, through), erasing, _points(*joined))
        for ask, nodes, *words, through, erasing, joined in ((*row[:7], row[7:]) for row in rows)
    }


def _subject(words: Sequence[Any], through: int | None) -> Subject:
    actions, at, numbers = (column or () for column in words)
    entries = tuple(
        ConsentEntry(
            purpose=PERSONALISATION, action=action, notice_version=0, at_us=at_us, actor="",
            number=number,
        )
        for action, at_us, number in zip(actions, at, numbers, strict=True)
    )  # fmt: skip
    born = None if through is None else through - ADULT_AGE
    return Subject(entries, born, through is not None)


def _points(programmes: Sequence[int] | None, points: Sequence[int] | None) -> dict[int, int]:
    sums: dict[int, int] = {}
    for programme, count in zip(programmes or (), points or (), strict=True):
        sums[programme] = sums.get(programme, 0) + count
    return sums
