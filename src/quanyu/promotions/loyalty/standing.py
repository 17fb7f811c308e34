"""How a person stands in a programme."""

from quanyu.promotions.loyalty.answers import Balance
from quanyu.promotions.loyalty.lots import State
from quanyu.promotions.loyalty.programmes import Programme, tier_of, value_fen
from quanyu.promotions.loyalty.shelf import Shelf, catch_up


def balance_at(programme: Programme, shelf: Shelf, *, now_us: int) -> Balance:
    """Whether or not the sweep has been there; the shelf is brought up to the minute."""
    catch_up(shelf, now_us=now_us)
    live = shelf.in_state(State.AVAILABLE)
    tier_points = sum(purse.tier_points for purse in shelf.purses.values())
    tier = tier_of(programme.terms, tier_points)
    first = live[0].expires_us if live else None
    return Balance(
        shelf.spendable,
        shelf.pending,
        shelf.debt,
        tier_points,
        None if tier is None else tier.name,
        shelf.frozen,
        value_fen(programme.terms, shelf.spendable),
        first,
        sum(lot.remaining for lot in live if lot.expires_us == first),
    )
