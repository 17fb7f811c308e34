"""What a report leaves out because it looks like fake trade, told beside its figures."""

import msgspec


class Excluded(msgspec.Struct, frozen=True):
    """Orders paid in the period of the report that are suspected or confirmed to be fake, and
    what was paid for them. A report counts nothing that belongs to such an order."""

    orders: int = 0
    gmv_fen: int = 0

    def __bool__(self) -> bool:
        return self.orders > 0


NOTHING = Excluded()
