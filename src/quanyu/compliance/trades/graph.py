"""Who bought what, as a graph of buyers and items."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """One edge per buyer and item, however often it was bought. Arrays of equal length."""

    buyer: Ints
    item: Ints
    buyers: int
    items: int
    """How many numbers there are; a number without an edge is allowed."""

    def __len__(self) -> int:
        return len(self.buyer)

    @cached_property
    def of_buyer(self) -> Ints:
        """Edges per buyer."""
        return np.bincount(self.buyer, minlength=self.buyers)

    @cached_property
    def of_item(self) -> Ints:
        return np.bincount(self.item, minlength=self.items)

    def only(self, edges: Flags) -> "Graph":
        """The same numbers, fewer edges."""
        return Graph(self.buyer[edges], self.item[edges], self.buyers, self.items)

    def inside(self, block: "Block") -> Flags:
        """Which edges join a buyer of the block with an item of it."""
        return block.has_buyer(self.buyer, self.buyers) & block.has_item(self.item, self.items)


@dataclass(frozen=True)
class Block:
    """Buyers and items, both as sorted numbers."""

    buyers: Ints
    items: Ints

    def has_buyer(self, numbers: Ints, size: int) -> Flags:
        return flags(self.buyers, size)[numbers]

    def has_item(self, numbers: Ints, size: int) -> Flags:
        return flags(self.items, size)[numbers]

    @property
    def nodes(self) -> int:
        return len(self.buyers) + len(self.items)


def flags(numbers: Ints, size: int) -> Flags:
    found = np.zeros(size, dtype=np.bool_)
    found[numbers] = True
    return found


def graph_of(buyer: Ints, item: Ints) -> tuple[Graph, Ints]:
    """Rows of (buyer, item) → the graph, and the edge of each row."""
    buyers = int(buyer.max(initial=-1)) + 1
    items = int(item.max(initial=-1)) + 1
    keys = buyer * max(items, 1) + item
    edges, row_edge = np.unique(keys, return_inverse=True)
    return Graph(edges // max(items, 1), edges % max(items, 1), buyers, items), row_edge
