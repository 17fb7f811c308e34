"""What a show promises, held against what its offers give and what is in stock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.content.shows.show import Show, Slot
from quanyu.errors import Refused
from quanyu.promotions.offers.answers import Offer as Batch
from quanyu.promotions.offers.answers import OfferRefusal
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.orders.ports import OfferCatalogue
from quanyu.promotions.pricing import Cart, Line, Offer, evaluate

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
PRICE = "《明码标价和禁止价格欺诈规定》第十九条"
POLICY = "平台直播规范"
GONE = (OfferState.STOPPED, OfferState.ENDED, OfferState.EXHAUSTED)


class Batches(Protocol[In]):
    def __call__(self, tx: In, merchant: str, *, offer: str) -> Batch | None: ...


class Stock(Protocol[In]):
    def __call__(self, tx: In, merchant: str, *, item: str) -> int | None:
        """Pieces that can be bought now; None where nobody counts them."""


@dataclass(frozen=True, slots=True)
class ShowGoods(Generic[Tx]):
    """The port ``Goods`` of shows."""

    offers: OfferCatalogue[Tx]
    batches: Batches[Tx]
    stock: Stock[Tx]

    def review(self, tx: Tx, merchant: str, *, show: Show) -> Verdict:
        active = {one.id: one for one in self.offers.active(tx, merchant)}
        hits = [hit for slot in show.slots for hit in _slot_hits(show, slot, active=active)]
        dropped = {
            (slot.id, id): self.batches(tx, merchant, offer=id)
            for slot in show.slots
            for id in slot.coupons
        }
        return Verdict((*hits, *_batch_hits(show, dropped)))

    def may_drop(self, tx: Tx, merchant: str, *, offer: str) -> Refused | None:
        found = self.batches(tx, merchant, offer=offer)
        if found is None:
            return Refused(OfferRefusal.NOT_FOUND)
        idle = found.state is not OfferState.ACTIVE or found.killed or found.tripped
        return Refused(OfferRefusal.WRONG_STATE) if idle else None

    def in_stock(self, tx: Tx, merchant: str, *, item: str) -> int | None:
        return self.stock(tx, merchant, item=item)


def _slot_hits(show: Show, slot: Slot, *, active: Mapping[str, Offer]) -> Iterator[Hit]:
    field = f"slots.{slot.id}"
    for id in slot.offers:
        if id not in active:
            why = f"优惠 {id} 不存在或已停用"
            mend = "先用 quanyu promotion put 登记，或从商品位中去掉"
            yield hit(f"{field}.offers", why, mend=mend)
        elif show.words.isdisjoint(active[id].requires):
            why = f"优惠 {id} 在直播间以外也有效"
            mend = f"要只在直播间有效，给它加上 requires: {min(show.words)}"
            yield hit(f"{field}.offers", why, mend=mend, severity=Severity.WARN)
    costs_fen = price_in(show, slot, active=active)
    if costs_fen > slot.price_fen:
        why = f"口播价 {slot.price_fen} 分，结算价却是 {costs_fen} 分"
        yield hit(f"{field}.price_fen", why, mend="改口播价，或调整优惠", article=PRICE)


def price_in(show: Show, slot: Slot, *, active: Mapping[str, Offer]) -> int:
    """What one piece costs somebody in the show, with the promotions that apply by themselves."""
    line = Line("1", slot.shop, slot.item, 1, slot.list_fen)
    cart = Cart(show.starts, [line], eligibility=sorted(show.words))
    return evaluate(cart, list(active.values())).cash


def _batch_hits(show: Show, dropped: Mapping[tuple[str, str], Batch | None]) -> Iterator[Hit]:
    for (slot, id), batch in dropped.items():
        field = f"slots.{slot}.coupons"
        if batch is None or batch.state in GONE:
            why, mend = f"券批次 {id} 不存在或已停发", "先用 quanyu offer create 建立批次"
            yield hit(field, why, mend=mend)
        elif show.words.isdisjoint(batch.template.priced.requires):
            why = f"券批次 {id} 在直播间以外也能用"
            mend = f"要只在直播间能用，在 terms 里加上 requires: {min(show.words)}"
            yield hit(field, why, mend=mend, severity=Severity.WARN)


def hit(
    field: str, why: str, *, mend: str, article: str = POLICY, severity: Severity = Severity.BLOCK
) -> Hit:
    return Hit(
        rule="live.goods", article=article, severity=severity, field=field, why=why,
        suggestion=mend,
    )  # fmt: skip
