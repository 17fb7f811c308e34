"""What may be published of small groups: nothing that shows what fewer than k people did.

Reports on groups are sums of *released day cells*, and a day cell is released only when at least
k people stand in it. Every difference of two reports is then again made of released day cells,
so no choice of windows isolates fewer than k people.

Complementary suppression: a hidden cell could be had back by taking the shown ones from the
total, so wherever a cell is hidden, the smallest shown cell is hidden with it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

K_WITHIN_MERCHANT = 10
K_ACROSS_MERCHANTS = 50


@dataclass(frozen=True, slots=True)
class DayCell:
    """What happened to one subject on one China day."""

    day: int
    subject: str
    events: int
    people: int


@dataclass(frozen=True, slots=True)
class DayTotal:
    day: int
    events: int
    people: int


@dataclass(frozen=True, slots=True)
class Released:
    """The only material that a report may add up."""

    cells: tuple[DayCell, ...]
    totals: tuple[DayTotal, ...]
    hidden: int
    """Day cells kept back."""


def release(cells: Iterable[DayCell], totals: Iterable[DayTotal], *, k: int) -> Released:
    """Keep back every cell and total of fewer than ``k`` people, and what would give them away."""
    days: dict[int, list[DayCell]] = defaultdict(list)
    for cell in cells:
        days[cell.day].append(cell)
    shown = [cell for group in days.values() for cell in _shown(group, k)]
    return Released(
        cells=tuple(sorted(shown, key=lambda cell: (cell.day, cell.subject))),
        totals=tuple(t for t in sorted(totals, key=lambda t: t.day) if t.people >= k),
        hidden=sum(map(len, days.values())) - len(shown),
    )


def _shown(group: list[DayCell], k: int) -> list[DayCell]:
    ranked = sorted(group, key=lambda cell: (-cell.people, cell.subject))
    shown = [cell for cell in ranked if cell.people >= k]
    return shown if len(shown) == len(ranked) else shown[:-1]
