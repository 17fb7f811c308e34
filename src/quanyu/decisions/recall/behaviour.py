"""Behaviour as Taobao publishes it, a line each: user,item,category,pv|fav|cart|buy,second."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from quanyu.clock import SECOND_US
from quanyu.decisions.goods import Column
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.taste import KINDS
from quanyu.errors import BadInput

BEHAVIOURS = {"pv": "view", "fav": "favourite", "cart": "add_to_cart", "buy": "payment_completed"}
_KIND = {short: KINDS.index(kind) for short, kind in BEHAVIOURS.items()}


@dataclass(frozen=True, slots=True)
class Behaviour:
    interactions: Interactions
    items: tuple[str, ...]
    """By row."""
    category: Column
    """Of each row, as it was named last."""


def read_behaviour(lines: Iterable[bytes]) -> Behaviour:
    """Raises BadInput with the line."""
    people: dict[str, int] = {}
    items: dict[str, int] = {}
    category: dict[int, str] = {}
    columns: list[tuple[int, int, int, int]] = []
    for number, line in enumerate(lines, 1):
        cells = line.decode("utf-8", "replace").strip().split(",")
        if cells == [""]:
            continue
        if len(cells) != 5 or cells[3] not in _KIND or not _whole(cells[4]):
            raise BadInput(f"line {number}", "write user,item,category,pv|fav|cart|buy,second")
        row = items.setdefault(cells[1], len(items))
        category[row] = cells[2]
        person = people.setdefault(cells[0], len(people))
        columns.append((person, row, _KIND[cells[3]], int(cells[4]) * SECOND_US))
    if not columns:
        raise BadInput("file", "it holds no rows")
    person_of, row_of, kind, at_us = np.array(columns, np.int64).T
    interactions = Interactions.of(
        person_of, row_of.astype(np.int32), kind=kind.astype(np.int8), at_us=at_us
    )  # fmt: skip
    return Behaviour(interactions, tuple(items), Column.of(category[n] for n in range(len(items))))


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
