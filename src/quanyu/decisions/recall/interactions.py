"""Who did what with which item, as columns: what recall learns from."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Rows, Scores
from quanyu.decisions.taste import KINDS

Persons = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.int8]
Times = npt.NDArray[np.int64]
Places = npt.NDArray[np.int16]
WEIGHTS = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
"""Of KINDS: a payment says more than a view. By experience, not learned."""
assert len(WEIGHTS) == len(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """All columns are of one length. ``kind`` counts in KINDS, ``touchpoint`` in
    ``touchpoints``."""

    person: Persons
    row: Rows
    """Of the goods."""
    kind: Kinds
    at_us: Times
    touchpoint: Places
    touchpoints: tuple[str, ...] = ("",)

    @classmethod
    def of(cls, person: Persons, row: Rows, *, kind: Kinds, at_us: Times) -> "Interactions":
        """At no touchpoint that matters."""
        nowhere = np.zeros(len(person), np.int16)
        return cls(person=person, row=row, kind=kind, at_us=at_us, touchpoint=nowhere)

    @classmethod
    def none(cls) -> "Interactions":
        empty = np.empty(0, np.int64)
        rows, kinds = empty.astype(np.int32), empty.astype(np.int8)
        return cls.of(empty, rows, kind=kinds, at_us=empty)

    def __len__(self) -> int:
        return len(self.person)

    @property
    def weight(self) -> Scores:
        found: Scores = WEIGHTS[self.kind]
        return found

    def chosen(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "Interactions":
        """Those of a mask, or at these places."""
        return replace(
            self,
            person=self.person[which],
            row=self.row[which],
            kind=self.kind[which],
            at_us=self.at_us[which],
            touchpoint=self.touchpoint[which],
        )
