"""What a benefit takes off, before any cap of the lines. Everything is integer fen."""

from collections.abc import Sequence
from typing import NamedTuple

from quanyu.promotions.pricing.apportion import percent_of, shared
from quanyu.promotions.pricing.benefits import (
    AmountOff,
    Benefit,
    BundlePrice,
    FixedPrice,
    NForM,
    NthPercentOff,
    PercentOff,
    Tiers,
)


class Part(NamedTuple):
    """A line as far as a benefit looks at it."""

    item: str
    quantity: int
    price: int
    """Of all units, in the lane's own base."""

    @property
    def unit_price(self) -> int:
        """In millionths of a fen: fine enough to tell dear from cheap."""
        return self.price * 10**6 // self.quantity


def off_group(benefit: Benefit, base: int) -> int:
    """Off the sum of a scope; never falls when the base rises."""
    if isinstance(benefit, AmountOff):
        return _repeated(benefit, base)
    if isinstance(benefit, PercentOff):
        if base < benefit.threshold:
            return 0
        return _below(percent_of(base, benefit.percent), benefit.cap)
    assert isinstance(benefit, Tiers), f"{benefit} is not for a sum"
    reached = [tier for tier in benefit.tiers if base >= tier.threshold]
    if not reached:
        return 0
    tier = reached[-1]
    return percent_of(base, tier.percent) if tier.percent else tier.amount or 0


def _below(amount: int, cap: int | None) -> int:
    return amount if cap is None else min(amount, cap)


def _repeated(benefit: AmountOff, base: int) -> int:
    if base < benefit.threshold:
        return 0
    times = base // benefit.threshold if benefit.repeat else 1
    return _below(benefit.amount * times, benefit.cap)


def next_step(benefit: Benefit, base: int) -> int | None:
    """The next base at which ``off_group`` jumps; None above the last."""
    if isinstance(benefit, Tiers):
        return next((t.threshold for t in benefit.tiers if base < t.threshold), None)
    assert isinstance(benefit, AmountOff | PercentOff), f"{benefit} has no steps"
    if base < benefit.threshold:
        return benefit.threshold
    if not isinstance(benefit, AmountOff) or not benefit.repeat:
        return None
    if benefit.cap is not None and _repeated(benefit, base) >= benefit.cap:
        return None
    return (base // benefit.threshold + 1) * benefit.threshold


def off_line(benefit: Benefit, part: Part) -> int:
    """Off one line, unit by unit unless the benefit says otherwise; at most its price."""
    if isinstance(benefit, FixedPrice):
        return max(0, part.price - benefit.price * part.quantity)
    if isinstance(benefit, Tiers) or (isinstance(benefit, AmountOff) and benefit.per == "line"):
        return min(part.price, off_group(benefit, part.price))
    if isinstance(benefit, PercentOff) and part.price < benefit.threshold:
        return 0
    low, ceiled = divmod(part.price, part.quantity)
    off = _off_units(benefit, low, units=part.quantity - ceiled)
    if ceiled:
        off += _off_units(benefit, low + 1, units=ceiled)
    return _below(off, getattr(benefit, "cap", None))


def _off_units(benefit: Benefit, price: int, *, units: int) -> int:
    if isinstance(benefit, PercentOff):
        return percent_of(price, benefit.percent) * units
    assert isinstance(benefit, AmountOff), f"{benefit} is not for a unit"
    if price < benefit.threshold:
        return 0
    times = price // benefit.threshold if benefit.repeat else 1
    return min(benefit.amount * times, price) * units


def off_units(benefit: Benefit, parts: Sequence[Part]) -> list[int]:
    """Off single units of several lines: the cheapest are the free or reduced ones."""
    if isinstance(benefit, BundlePrice):
        return _off_bundle(benefit, parts)
    total = sum(part.quantity for part in parts)
    if isinstance(benefit, NForM):
        picked = _cheapest(parts, total // benefit.n * (benefit.n - benefit.m))
        return [part.price * n // part.quantity for part, n in zip(parts, picked, strict=True)]
    assert isinstance(benefit, NthPercentOff), f"{benefit} does not pick units"
    picked = _cheapest(parts, total // benefit.nth)
    return [
        percent_of(part.price * n // part.quantity, benefit.percent)
        for part, n in zip(parts, picked, strict=True)
    ]


def _cheapest(parts: Sequence[Part], units: int) -> list[int]:
    """How many units of each part are among the cheapest ``units``."""
    picked = [0] * len(parts)
    order = sorted(range(len(parts)), key=lambda i: (parts[i].unit_price, i))
    for i in order:
        picked[i] = min(units, parts[i].quantity)
        units -= picked[i]
    return picked


def _off_bundle(benefit: BundlePrice, parts: Sequence[Part]) -> list[int]:
    """As many whole bundles as save the most, made of the dearest units."""
    have = dict.fromkeys(benefit.items, 0)
    for part in parts:
        have[part.item] = have.get(part.item, 0) + part.quantity
    most = min(have[item] // count for item, count in benefit.items.items())
    best, saved = [0] * len(parts), 0
    for times in range(1, most + 1):
        normal = _in_bundles(benefit, parts, times=times)
        off = sum(normal) - benefit.price * times
        if off > saved:
            best, saved = shared(off, normal), off
    return best


def _in_bundles(benefit: BundlePrice, parts: Sequence[Part], *, times: int) -> list[int]:
    """What the units in so many bundles cost by themselves, per part."""
    need = {item: count * times for item, count in benefit.items.items()}
    normal = [0] * len(parts)
    for i in sorted(range(len(parts)), key=lambda i: (-parts[i].unit_price, i)):
        part = parts[i]
        taken = min(need.get(part.item, 0), part.quantity)
        if taken:
            need[part.item] -= taken
            normal[i] = part.price * taken // part.quantity
    return normal


PICKS_UNITS = (NForM, NthPercentOff, BundlePrice)
"""Benefits that look at single units of several lines."""
