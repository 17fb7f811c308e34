"""What may be published of small groups: nothing that shows what fewer than k people did.

Reports on groups are sums of *released day cells*, and a day cell is released only when at least
k people stand in it. Every difference of two reports is then again made of released day cells,
so no choice of windows isolates fewer than k people.

Complementary suppression: a hidden cell could be had back by taking the shown ones from the
total, so wherever a cell is hidden, the smallest shown cell is hidden with it.

Rounding: cells of two tables overlap (an item is most of its category), so their difference could
be about few people although both are large. Every released count is therefore a multiple of k,
hence so is every sum and difference. A count is rounded up or down by a secret step that stays
with its cell (subtractive dither; the cell-key idea of Fraser and Wooton 2005): right on average,
the same in every report, and somebody who adds people of his own until the figure jumps learns
the step, not the count.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from quanyu.ids import derive_key

K_WITHIN_MERCHANT = 10
K_ACROSS_MERCHANTS = 50


@dataclass(frozen=True, slots=True)
class Veil:
    """Over the figures of one table: nothing of fewer than ``k`` people, and multiples of ``k``."""

    k: int
    key: bytes
    """Secret, and the same for as long as figures are published."""

    def of(self, *table: str) -> "Veil":
        """The veil of one table among several."""
        return replace(self, key=derive_key(self.key, *table))

    def rounded(self, people: int, *cell: str) -> int:
        """The multiple of k below ``people`` + a step of 0 … k − 1 that hangs on the cell.

        Averaged over keys it is ``people``; its variance is r·(k − r) with r = people mod k.
        """
        step = int.from_bytes(derive_key(self.key, *cell)[:8], "big") % self.k
        return (people + step) // self.k * self.k

    def at_least(self, people: int, *cell: str) -> int:
        """A multiple of k that ``people`` reach: 0 below k, and more than ``people`` - 2k.

        The step hangs on the question and not on who is found: two questions about the same
        people may get two answers, so that no two answers prove that somebody stands between.
        """
        step = int.from_bytes(derive_key(self.key, "at least", *cell)[:8], "big") % self.k
        return max(0, people - step) // self.k * self.k

    @property
    def variance_max(self) -> float:
        """Of one rounded figure."""
        return self.k**2 / 4


@dataclass(frozen=True, slots=True)
class DayCell:
    """What happened to one subject on one China day."""

    day: int
    subject: str
    people: int


@dataclass(frozen=True, slots=True)
class DayTotal:
    day: int
    people: int


@dataclass(frozen=True, slots=True)
class Released:
    """The only material that a report may add up."""

    cells: tuple[DayCell, ...]
    totals: tuple[DayTotal, ...]
    hidden: int
    """Day cells kept back."""


def release(cells: Iterable[DayCell], totals: Iterable[DayTotal], *, veil: Veil) -> Released:
    """Keep back every cell and total of fewer than k people, and what would give them away;
    round the rest."""
    days: dict[int, list[DayCell]] = defaultdict(list)
    for cell in cells:
        days[cell.day].append(cell)
    shown = [cell for group in days.values() for cell in _shown(group, veil.k)]
    return Released(
        cells=tuple(
            replace(cell, people=veil.rounded(cell.people, str(cell.day), cell.subject))
            for cell in sorted(shown, key=lambda cell: (cell.day, cell.subject))
        ),
        totals=tuple(
            replace(total, people=veil.rounded(total.people, str(total.day)))
            for total in sorted(totals, key=lambda total: total.day)
            if total.people >= veil.k
        ),
        hidden=sum(map(len, days.values())) - len(shown),
    )


def _shown(group: list[DayCell], k: int) -> list[DayCell]:
    ranked = sorted(group, key=lambda cell: (-cell.people, cell.subject))
    shown = [cell for cell in ranked if cell.people >= k]
    return shown if len(shown) == len(ranked) else shown[:-1]
