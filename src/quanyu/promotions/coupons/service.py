"""What marketers, customers, stores and orders do with coupons."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Any, Protocol

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import BadInput, NotFound
from quanyu.events.requests import Request
from quanyu.promotions.coupons.codes import grouped
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Done, Issue, Outcome
from quanyu.promotions.coupons.forms import Form, Reader, read_form
from quanyu.promotions.coupons.refusals import Refused

AT_ONCE = 500
Told = Callable[[int], None]


class Batch(Protocol):
    """A batch of printed codes."""

    @property
    def batch(self) -> str: ...
    @property
    def offer(self) -> str: ...
    @property
    def made(self) -> int: ...
    @property
    def pieces(self) -> int: ...


class CouponStore(Protocol):
    """The port of coupons. Engines live in ``storage``."""

    def submit(self, command: AnyCommand) -> "Future[Outcome]":
        """Together with what arrives at the same time; durable when the future is done."""

    def find(
        self, merchant: str, *, ids: Sequence[str] = (), orders: Sequence[str] = ()
    ) -> list[Coupon]: ...

    def of_person(self, merchant: str, holder: Identifier) -> list[Coupon]: ...

    def make_codes(
        self, merchant: str, batch: str, *, offer: str, pieces: int, told: Told
    ) -> Batch | Refused: ...

    def batch(self, merchant: str, batch: str) -> Batch | None: ...


class CouponService:
    def __init__(self, store: CouponStore, reader: Reader) -> None:
        self._store = store
        self._reader = reader

    def submit(
        self, merchant: str, verb: str, *, form: Form, request: str
    ) -> "Future[Outcome] | Refused":
        command = self._reader.command(merchant, verb, form=form, request=request)
        return command if isinstance(command, Refused) else self.send(command)

    def send(self, command: AnyCommand) -> "Future[Outcome]":
        return self._store.submit(command)

    def act(
        self, merchant: str, verb: str, *, form: Form | dict[str, Any], request: str
    ) -> Outcome:
        """issue, claim, bind, gift, accept, take_back, lock, unlock, use, return, void, redeem,
        undo; raises BadInput for a form that is not that command's."""
        read = form if isinstance(form, Form) else read_form(form)
        sent = self.submit(merchant, verb, form=read, request=request)
        return sent if isinstance(sent, Refused) else sent.result()

    def issue_to_all(
        self, merchant: str, offer: str, *, identifiers: Iterable[str], request: str
    ) -> Iterator[tuple[str, Outcome]]:
        """One piece to each, in groups; a run that broke off goes on under the same request."""
        waiting = iter(identifiers)
        while some := list(islice(waiting, AT_ONCE)):
            holders = [self._reader.holder(merchant, identifier) for identifier in some]
            outcomes = self.issue_to_holders(merchant, offer, holders=holders, request=request)
            yield from zip(some, outcomes, strict=True)

    def issue_to_holders(
        self, merchant: str, offer: str, *, holders: Iterable[Identifier], request: str
    ) -> Iterator[Outcome]:
        """The same for whom only tokens are known."""
        waiting = iter(holders)
        while some := list(islice(waiting, AT_ONCE)):
            keys = [
                Request(merchant, "issue", f"{request}/{token.hex()}", b"") for _, token in some
            ]
            sent = [
                self.send(Issue(merchant=merchant, request=one.key, offer=offer, holder=holder))
                for one, holder in zip(keys, some, strict=True)
            ]
            yield from (one.result() for one in sent)

    def gift_code(self, merchant: str, coupon: str, *, request: str) -> str:
        """What the giver passes on after ``gift``."""
        return self._reader.codes.gift(merchant, coupon, request=request)

    def find(self, merchant: str, coupon: str) -> Coupon:
        found = self._store.find(merchant, ids=[coupon])
        if not found:
            raise NotFound(f"coupon {coupon[:40]!r}")
        return found[0]

    def of_person(self, merchant: str, identifier: str) -> list[Coupon]:
        return self._store.of_person(merchant, self._reader.holder(merchant, identifier))

    def of_order(self, merchant: str, order: str) -> list[Coupon]:
        return self._store.find(merchant, orders=[order])

    def held(self, merchant: str, coupon: str, *, identifier: str) -> Coupon:
        """Raises NotFound when it is not theirs."""
        found = self.find(merchant, coupon)
        if found.holder != self._reader.holder(merchant, identifier):
            raise NotFound(f"coupon {coupon[:40]!r} of that person")
        return found

    def shown_code(self, merchant: str, coupon: str, *, identifier: str, now_us: int) -> str:
        """QR text for the holder's screen; ask again every 30 s."""
        self.held(merchant, coupon, identifier=identifier)
        return self._reader.codes.shown(merchant, coupon, now_us=now_us)

    def make_codes(
        self,
        merchant: str,
        batch: str,
        *,
        form: tuple[str, int],
        told: Told = lambda made: None,
    ) -> Batch | Refused:
        """``form``: (offer, pieces). A batch that broke off goes on when it is asked for again."""
        offer, pieces = form
        if not batch.isascii() or not batch.replace("-", "a").isalnum() or len(batch) > 40:
            raise BadInput("batch", "name it with 1 to 40 of A-Z a-z 0-9 -")
        if not 1 <= pieces <= 1_000_000:
            raise BadInput("pieces", "1 to 1,000,000 codes in one batch")
        return self._store.make_codes(merchant, batch, offer=offer, pieces=pieces, told=told)

    def export(self, merchant: str, batch: str) -> Iterator[str]:
        """CSV lines: number, code, QR text. The codes are reckoned again, not stored."""
        found = self._store.batch(merchant, batch)
        if found is None:
            raise NotFound(f"batch {batch[:40]!r}")
        yield "number,code,qr\n"
        for number in range(1, found.made + 1):
            code = self._reader.codes.printed(merchant, batch, number=number)
            yield f"{number},{grouped(code)},{code}\n"


def answer_json(outcome: Outcome) -> dict[str, Any]:
    """The public form of an outcome."""
    if isinstance(outcome, Done):
        return dict(outcome.coupon.as_json())
    numbers = {"have": outcome.have, "need": outcome.need}
    told = {name: number for name, number in numbers.items() if number is not None}
    return {"refused": str(outcome.reason), **told}
