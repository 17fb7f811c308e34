"""Lines as benefits look at them, and which of their units are the cheap ones."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from quanyu.promotions.pricing.apportion import shared


class Part(msgspec.Struct, frozen=True, gc=False):
    """A line as far as a benefit looks at it."""

    item: str
    quantity: int
    price: int
    """Of all units, in the lane's own base."""

    @property
    def unit_price(self) -> int:
        """In millionths of a fen: fine enough to tell dear from cheap."""
        return self.price * 10**6 // self.quantity


def below(amount: int, cap: int | None) -> int:
    return amount if cap is None else min(amount, cap)


def off_each(part: Part, off: Callable[[int], int]) -> int:
    """Off a line unit by unit: ``off`` says how much off a unit of a price. Where the price does
    not divide, some units cost a fen more."""
    low, dearer = divmod(part.price, part.quantity)
    amount = off(low) * (part.quantity - dearer)
    return amount + off(low + 1) * dearer if dearer else amount


def cheapest(parts: Sequence[Part], units: int) -> list[int]:
    """How many units of each part are among the cheapest ``units``."""
    picked = [0] * len(parts)
    order = sorted(range(len(parts)), key=lambda i: (parts[i].unit_price, i))
    for i in order:
        picked[i] = min(units, parts[i].quantity)
        units -= picked[i]
    return picked


def price_of(parts: Sequence[Part], units: Sequence[int]) -> list[int]:
    """What so many units of each part cost."""
    return [part.price * n // part.quantity for part, n in zip(parts, units, strict=True)]


def off_bundles(items: Mapping[str, int], price_fen: int, *, parts: Sequence[Part]) -> list[int]:
    """As many whole bundles as save the most, made of the dearest units."""
    have = dict.fromkeys(items, 0)
    for part in parts:
        have[part.item] = have.get(part.item, 0) + part.quantity
    most = min(have[item] // count for item, count in items.items())
    best, saved = [0] * len(parts), 0
    for times in range(1, most + 1):
        normal = _dearest(parts, {item: count * times for item, count in items.items()})
        off = sum(normal) - price_fen * times
        if off > saved:
            best, saved = shared(off, normal), off
    return best


def _dearest(parts: Sequence[Part], need: dict[str, int]) -> list[int]:
    """What the dearest units of the items that are needed cost by themselves, per part."""
    normal = [0] * len(parts)
    for i in sorted(range(len(parts)), key=lambda i: (-parts[i].unit_price, i)):
        part = parts[i]
        taken = min(need.get(part.item, 0), part.quantity)
        if taken:
            need[part.item] -= taken
            normal[i] = part.price * taken // part.quantity
    return normal
