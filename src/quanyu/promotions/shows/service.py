"""The figures of a show: its board while it is live, the commission of its hosts afterwards."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from quanyu.clock import DAY_US
from quanyu.content.shows.moving import Stage
from quanyu.promotions.shows.board import Board, board
from quanyu.promotions.shows.commission import Commission, commission
from quanyu.promotions.shows.ports import Attention, CommissionBook, ShowOrders

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class ShowFigures(Generic[Tx]):
    stage: Stage[Tx]
    orders: ShowOrders[Tx]
    attention: Attention
    book: CommissionBook[Tx]

    def board(self, merchant: str, show: str) -> Board:
        """As of now. Raises NotFound."""
        standing = self.stage.find(merchant, show)
        since_us = standing.show.stretch[0] - DAY_US
        looked = self.attention(merchant, show=show, since_us=since_us)
        with self.stage.once.transactions.transaction() as tx:
            sold = self.orders.of_show(tx, merchant, show=show)
        return board(standing, sold, looked=looked)

    def commission(self, merchant: str, show: str) -> Commission:
        """As of now: returns of tomorrow will lower it. Raises NotFound."""
        standing = self.stage.find(merchant, show)
        with self.stage.once.transactions.transaction() as tx:
            totals = self.orders.totals(tx, merchant, show=show)
            booked = self.book.find(tx, merchant, show=show)
        return msgspec.structs.replace(commission(standing.show, totals), booked=booked)
