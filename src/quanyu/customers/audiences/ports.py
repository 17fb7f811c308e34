"""What audiences need from storage: a table with live members, and a look at everybody."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap64

from quanyu.clock import format_iso
from quanyu.customers.audiences.history import PersonView
from quanyu.customers.audiences.tree import Node
from quanyu.ids import Token

Persons = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Audience:
    name: str
    definition: dict[str, Any]
    version: int
    created_us: int
    updated_us: int
    people: int

    def as_json(self) -> dict[str, Any]:
        return {
            "audience": self.name,
            "version": self.version,
            "people": self.people,
            "definition": self.definition,
            "created_at": format_iso(self.created_us),
            "updated_at": format_iso(self.updated_us),
        }


@dataclass(frozen=True, slots=True)
class Filling:
    """A bulk evaluation: members, the timers of the coming time, when to evaluate again."""

    persons: Persons
    timers: Sequence[tuple[int, int]]
    """(person, due_us)"""
    refresh_us: int


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody found by an identifier."""

    person: int
    public_id: str
    view: PersonView


class AudienceStore(Protocol):
    def trees(self, merchant: str) -> dict[str, Node]: ...

    def listed(self, merchant: str) -> list[Audience]: ...

    def put(
        self, merchant: str, name: str, *, tree: Node, fill: Callable[[], Filling], now_us: int
    ) -> int:
        """Create or change, and fill in the same transaction; returns the version."""

    def refresh(self, merchant: str, name: str, *, fill: Callable[[], Filling], now_us: int) -> int:
        """Evaluate again and journal the differences; returns how many people moved."""

    def due(self, now_us: int) -> list[tuple[str, str]]:
        """(merchant, name) of the audiences that are due for a bulk evaluation."""

    def remove(self, merchant: str, name: str) -> bool: ...

    def members(self, merchant: str, names: Collection[str]) -> dict[str, BitMap64]: ...

    def public_ids(self, merchant: str, persons: Sequence[int]) -> dict[int, str]: ...

    def permitted(
        self, merchant: str, persons: Sequence[int], *, purpose: str, recipient: str | None = None
    ) -> set[int]:
        """Persons whose data may be handed out for the purpose now, to the recipient if one is
        named. Raises BadInput."""

    def unpersonalised(self, merchant: str) -> BitMap64:
        """Everybody who is treated as an anonymous visitor: no audience has them."""

    def known(self, merchant: str, identifier: tuple[str, Token]) -> Known | None: ...


@dataclass(frozen=True, slots=True)
class Features:
    """One row per person; columns are what a model may look at."""

    persons: Persons
    names: tuple[str, ...]
    matrix: NDArray[np.float64]

    def without(self, persons: Sequence[int]) -> "Features":
        kept = ~np.isin(self.persons, np.asarray(persons, dtype=np.int64))
        return Features(self.persons[kept], self.names, self.matrix[kept])


@dataclass(frozen=True, slots=True)
class Purchases:
    """What RFM is made of, one row per buyer."""

    persons: Persons
    recency_us: Persons
    """Time since the last payment."""
    frequency: Persons
    monetary_fen: Persons


class Crowd(Protocol):
    """Everybody of one merchant at once."""

    def members(self, merchant: str, tree: Node, *, as_of_us: int) -> Persons: ...

    def timers(
        self, merchant: str, tree: Node, *, as_of_us: int, until_us: int
    ) -> list[tuple[int, int]]:
        """(person, moment) at which a known event first enters or leaves a window of the tree."""

    def purchases(self, merchant: str, *, as_of_us: int, window_us: int) -> Purchases: ...

    def features(self, merchant: str, *, as_of_us: int) -> Features: ...
