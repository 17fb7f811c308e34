"""What a type of fact is: its name, version and the fields that it cannot do without."""

from dataclasses import dataclass

STAND_INS = {"amount": "amount_unknown"}
"""Field → the prop that, being true, says that the source does not know the field."""


@dataclass(frozen=True, slots=True)
class FactType:
    kind: str
    requires: tuple[str, ...] = ()
    """Public field names; ``props.x`` names a prop."""
    version: int = 1
    conversion: bool = False
    """Counts as a result in reports (an order, a payment, a redemption)."""
