"""What a member does with points by request: earning, spending, giving, exchanging."""

import re
from collections.abc import Callable, Sequence
from typing import Generic

from quanyu.compliance.doorkeeper import Page
from quanyu.errors import NotFound
from quanyu.events.requests import Request
from quanyu.promotions.loyalty.answers import (
    Earned,
    GivenBack,
    HandedOver,
    Spent,
    TakenBack,
)
from quanyu.promotions.loyalty.desk import Order, PointsDesk
from quanyu.promotions.loyalty.exchange import (
    Entitlement,
    Entitlements,
    Exchanged,
    ExchangeDesk,
    Item,
    Offered,
    page_of,
)
from quanyu.promotions.loyalty.lots import Lot
from quanyu.promotions.loyalty.ports import Ports, Tx
from quanyu.promotions.loyalty.programmes import Line, Programme
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.promotions.loyalty.service import Loyalty

CODE = re.compile(r"ent_[0-9a-f]{32}")
History = Callable[[Tx, Sequence[int]], Sequence[Lot]]
Who = tuple[str, str]
"""(programme, identifier)"""


class PointsCounter(Generic[Tx]):
    def __init__(
        self, loyalty: Loyalty[Tx], *, entitlements: Entitlements[Tx], history: History[Tx]
    ) -> None:
        self._loyalty = loyalty
        self._entitlements = entitlements
        self._history = history

    def earn(
        self, request: Request, who: Who, *, order: Order, lines: Sequence[Line]
    ) -> Earned | Refused:
        def work(tx: Tx, ports: Ports[Tx]) -> Earned | Refused:
            programme, members = self._loyalty.members(tx, request.merchant, who=who)
            if programme.owner != request.merchant:
                return Refused(Reason.ONLY_IN_ORDERS)
            desk = PointsDesk(ports)
            return desk.earn(tx, programme, member=members[0], order=order, lines=lines)

        return self._loyalty.once(request, Earned, work=work)

    def spend(self, request: Request, who: Who, *, order: Order, points: int) -> Spent | Refused:
        def work(tx: Tx, ports: Ports[Tx]) -> Spent | Refused:
            programme, members = self._loyalty.members(tx, request.merchant, who=who)
            if programme.owner != request.merchant:
                return Refused(Reason.ONLY_IN_ORDERS)
            desk = PointsDesk(ports)
            return desk.spend(tx, programme, members=members, order=order, points=points)

        return self._loyalty.once(request, Spent, work=work)

    def cancel(
        self, request: Request, programme: str, *, order: Order, points: int | None = None
    ) -> GivenBack | Refused:
        """Points of a spend come back, all that are out unless said."""

        def work(tx: Tx, ports: Ports[Tx]) -> GivenBack | Refused:
            found = self._loyalty.programme(tx, request.merchant, name=programme)
            return PointsDesk(ports).give_back(tx, found, order=order, points=points)

        return self._loyalty.once(request, GivenBack, work=work)

    def refund(
        self, request: Request, programme: str, *, order: Order, cash_fen: int
    ) -> TakenBack | Refused:
        """Cash of an order went back: what it had earned is taken back."""

        def work(tx: Tx, ports: Ports[Tx]) -> TakenBack | Refused:
            found = self._loyalty.programme(tx, request.merchant, name=programme)
            return PointsDesk(ports).refund(tx, found, order=order, cash_fen=cash_fen)

        return self._loyalty.once(request, TakenBack, work=work)

    def transfer(self, request: Request, who: Who, *, to: str, points: int) -> HandedOver | Refused:
        def work(tx: Tx, ports: Ports[Tx]) -> HandedOver | Refused:
            programme, members = self._loyalty.members(tx, request.merchant, who=who)
            _, others = self._loyalty.members(tx, request.merchant, who=(who[0], to))
            desk = PointsDesk(ports)
            return desk.transfer(tx, programme, members=members, to=others[0], points=points)

        return self._loyalty.once(request, HandedOver, work=work)

    def offer(self, merchant: str, programme: str, *, offered: Offered) -> Item:
        """Something to be had for points. Raises BadInput for a taken name, and Unlawful."""
        self._loyalty.ports.door.admit(merchant, page_of(programme, offered), place="offered")
        with self._loyalty.ports.transaction() as tx:
            found = self._own(tx, merchant, programme=programme)
            return self._exchange(self._loyalty.ports).offer(tx, found, offered=offered)

    def items(self, merchant: str, programme: str) -> Sequence[Item]:
        with self._loyalty.ports.transaction() as tx:
            found = self._loyalty.programme(tx, merchant, name=programme)
            return self._entitlements.items(tx, found)

    def shown(self, merchant: str) -> list[Page]:
        """Of everything that points of the merchant's own programmes buy."""
        with self._loyalty.ports.transaction() as tx:
            programmes = self._loyalty.ports.purses.programmes(tx, merchant)
            return [
                page_of(one.name, item.offered)
                for one in programmes
                for item in self._entitlements.items(tx, one)
            ]

    def exchange(self, request: Request, who: Who, *, item: str) -> Exchanged | Refused:
        def work(tx: Tx, ports: Ports[Tx]) -> Exchanged | Refused:
            programme, members = self._loyalty.members(tx, request.merchant, who=who)
            found = self._entitlements.item(tx, programme, name=item)
            if found is None:
                raise NotFound(f"{item!r} among what {who[0]} points buy")
            desk, code = self._exchange(ports), self._code(request)
            return desk.exchange(tx, programme, members=members, item=found, code=code)

        return self._loyalty.once(request, Exchanged, work=work)

    def fulfil(self, request: Request, code: str, *, given: bool) -> Exchanged | Refused:
        """The partner says that it has given what the code stands for, or that it cannot."""

        def work(tx: Tx, ports: Ports[Tx]) -> Exchanged | Refused:
            if CODE.fullmatch(code) is None:
                raise NotFound("an entitlement with that code")
            desk = self._exchange(ports)
            end = desk.fulfil if given else desk.fail
            done = end(tx, request.merchant, code=code)
            if done is None:
                raise NotFound("an entitlement with that code")
            return done

        return self._loyalty.once(request, Exchanged, work=work)

    def lots(self, merchant: str, who: Who) -> Sequence[Lot]:
        """The newest first."""
        with self._loyalty.ports.transaction() as tx:
            _, members = self._loyalty.members(tx, merchant, who=who)
            return self._history(tx, [one.id for one in members])

    def entitlements(self, merchant: str, who: Who) -> Sequence[Entitlement]:
        with self._loyalty.ports.transaction() as tx:
            _, members = self._loyalty.members(tx, merchant, who=who)
            return self._entitlements.of_members(tx, [one.id for one in members])

    def _code(self, request: Request) -> str:
        """Follows from the request, and nobody without our key can guess it."""
        tokeniser = self._loyalty.ports.tokeniser_of(request.merchant)
        return f"ent_{tokeniser.token('entitlement', request.key).hex()}"

    def _exchange(self, ports: Ports[Tx]) -> ExchangeDesk[Tx]:
        return ExchangeDesk(ports, entitlements=self._entitlements, points=PointsDesk(ports))

    def _own(self, tx: Tx, merchant: str, *, programme: str) -> Programme:
        """Only the owner says what its points buy: the owner pays for it."""
        found = self._loyalty.programme(tx, merchant, name=programme)
        if found.owner != merchant:
            raise NotFound(f"programme {programme!r} of {merchant}")
        return found
