"""Sharing fen out without losing or making one (分摊)."""

from collections.abc import Sequence


def percent_of(amount_fen: int, percent: int) -> int:
    """Of a fen, half and more counts as one: 20 % of 19.99 are 4.00."""
    return (amount_fen * percent + 50) // 100


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in proportion to ``weights`` by largest remainder: extra fen by larger fraction,
    then larger weight, then lower index. All weights 0: all shares 0."""
    whole = sum(weights)
    if whole == 0 or total == 0:
        return [0] * len(weights)
    if whole == total:
        return list(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    if left:
        order = sorted([(-(total * w % whole), -w, i) for i, w in enumerate(weights)])
        for _, _, i in order[:left]:
            shares[i] += 1
    return shares


def capped(total: int, weights: Sequence[int], *, caps: Sequence[int], respread: bool) -> list[int]:
    """As ``shared``, no share above its cap. What a cap cuts off is lost, or with ``respread``
    shared out again among those that still have room."""
    shares = list(map(min, shared(total, weights), caps))
    while respread and (left := total - sum(shares)):
        room = [w if s < c else 0 for s, c, w in zip(shares, caps, weights, strict=True)]
        if not any(room):
            break
        more = shared(left, room)
        shares = [min(s + m, c) for s, m, c in zip(shares, more, caps, strict=True)]
    return shares


def units_of(total: int, quantity: int) -> list[int]:
    """A line's amount over its units by prefix rounding, so that any order of returns sums
    exactly: unit k gets ⌊T·k/q⌋ − ⌊T·(k−1)/q⌋."""
    return [total * k // quantity - total * (k - 1) // quantity for k in range(1, quantity + 1)]
