"""How much of a day's budget a worker may take at a time. Whole fen; sums never pass the budget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasePlan:
    budget_fen: int
    """Of the day."""
    settled_fen: int
    """Billed already."""
    leased_fen: int
    """Out with workers: neither billed nor given back."""
    permille: int
    """Of what is left, what the coming slice should spend: 1000 · planned ÷ left."""
    workers: int
    least_fen: int
    """The largest single price that can fall due: less is no use to a worker."""

    def __post_init__(self) -> None:
        assert min(self.budget_fen, self.settled_fen, self.leased_fen) >= 0
        assert 0 <= self.permille <= 1000
        assert self.workers >= 1
        assert self.least_fen >= 1

    @property
    def free_fen(self) -> int:
        return max(0, self.budget_fen - self.settled_fen - self.leased_fen)

    def next_fen(self) -> int:
        """The next lease: the worker's part of the planned spend, up to whole fen; at least
        ``least_fen``; never more than is free, and nothing where not even one price is free."""
        free = self.free_fen
        if free < self.least_fen:
            return 0
        left = self.budget_fen - self.settled_fen
        part = -(-left * self.permille // (1000 * self.workers))
        return min(free, max(self.least_fen, part))
