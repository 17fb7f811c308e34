"""What one offer took off in all, and what of it the platform bears."""

from collections.abc import Iterable, Mapping, Sequence

from quanyu.promotions.pricing.apportion import percent_of, shared
from quanyu.promotions.pricing.choosing import Chosen
from quanyu.promotions.pricing.index import Prepared


class Given:
    """``rows``: line, or after all lines shipment, by number → fen that the offer took off it."""

    __slots__ = ("amount", "offer", "rows")

    def __init__(self, offer: Prepared) -> None:
        self.offer = offer
        self.amount = 0
        self.rows: dict[int, int] = {}

    def take(self, row: int, amount: int) -> None:
        if amount:
            self.rows[row] = amount
            self.amount += amount

    def take_all(self, rows: Iterable[int], amounts: Sequence[int]) -> None:
        self.rows.update([pair for pair in zip(rows, amounts, strict=True) if pair[1]])
        self.amount += sum(amounts)

    def borne_by_platform(self) -> list[int]:
        """Fen of each row. The platform's part of the whole is rounded once, and shared out by
        largest remainder."""
        amounts = list(self.rows.values())
        total = percent_of(self.amount, self.offer.platform_percent)
        return shared(total, amounts)


def given_by(chosen: Chosen) -> Mapping[str, Given]:
    """By offer, in the order of the lanes."""
    found: dict[str, Given] = {}
    offs = [off for way in chosen.ways for off in way.offs]
    offs.sort(key=lambda off: (off.offer.lane != "item", off.line))
    for off in offs:
        _of(found, off.offer).take(off.line, off.amount)
    count = len(chosen.activity)
    for taken in chosen.filled.taken:
        shipment = taken.option.shipment
        rows = taken.option.lines if shipment is None else (count + shipment,)
        _of(found, taken.option.offer).take_all(rows, taken.offs)
    return {id: given for id, given in found.items() if given.amount}


def _of(found: dict[str, Given], offer: Prepared) -> Given:
    given = found.get(offer.id)
    if given is None:
        given = found[offer.id] = Given(offer)
    return given
