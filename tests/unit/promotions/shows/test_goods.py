"""What a show promises, held against what its offers give and what is in stock."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from tests.money_ground import template
from tests.unit.content.shows.plans import SERUM, show

from quanyu.compliance.verdict import Hit, Severity
from quanyu.promotions.offers.answers import Offer as Batch
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import read_template
from quanyu.promotions.pricing import Offer
from quanyu.promotions.pricing.offers import offer_of
from quanyu.promotions.shows.goods import ShowGoods

LIMITED = {
    "id": "serum-8折", "lane": "item", "benefit": {"percent_off": {"percent": 20}},
    "scope": {"items": ["serum"]}, "requires": ["show:evening"],
}  # fmt: skip


class Catalogue:
    def __init__(self, *offers: dict[str, Any]) -> None:
        self.offers = [offer_of(one) for one in offers]

    def active(self, tx: None, merchant: str) -> Sequence[Offer]:
        return self.offers


def batch(state: OfferState = OfferState.ACTIVE, *, requires: str = "show:evening") -> Batch:
    terms = {"requires": [requires]} if requires else {}
    return Batch("茶馆", "drop-20", read_template(template("drop-20", terms=terms)), state)


def goods(*offers: dict[str, Any], found: Batch | None = None, free: int | None = None) -> Any:
    return ShowGoods(
        Catalogue(*offers),  # type: ignore[arg-type]
        lambda tx, merchant, *, offer: found if offer == "drop-20" else None,
        lambda tx, merchant, *, item: free,
    )


def hits(one: Any, **change: Any) -> Sequence[Hit]:
    found: Sequence[Hit] = one.review(None, "茶馆", show=show(**change)).hits
    return found


def test_a_promise_that_is_kept() -> None:
    assert hits(goods(LIMITED, found=batch())) == ()


@pytest.mark.parametrize(
    ("price_fen", "kept"), [(16_000, True), (16_001, True), (15_999, False), (20_000, True)]
)
def test_the_price_that_is_said_is_what_it_costs_or_more(price_fen: int, kept: bool) -> None:
    """Costing less than was said is nobody's harm (令56 第二十一条)."""
    slots = [SERUM | {"price_fen": price_fen, "coupons": []}]
    found = hits(goods(LIMITED), slots=slots)
    assert (found == ()) is kept
    if not kept:
        assert "第十九条" in found[0].article
        assert found[0].severity is Severity.BLOCK
        assert "15999" in found[0].why
        assert "16000" in found[0].why


def test_an_offer_that_is_not_there() -> None:
    found = hits(goods(found=batch()))
    assert [one.field for one in found] == ["slots.s1.offers", "slots.s1.price_fen"]


def test_an_offer_that_holds_everywhere_is_told() -> None:
    everywhere = {name: value for name, value in LIMITED.items() if name != "requires"}
    (hit,) = hits(goods(everywhere, found=batch()))
    assert hit.severity is Severity.WARN
    assert "show:evening" in hit.suggestion


def test_an_offer_of_another_show_does_not_count() -> None:
    other = LIMITED | {"requires": ["show:morning"]}
    assert any(hit.severity is Severity.BLOCK for hit in hits(goods(other, found=batch())))


def test_an_offer_of_the_whole_plan_counts_on_each_day() -> None:
    one = goods(LIMITED, found=batch())
    assert hits(one, id="evening.20260310", plan="evening") == ()


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        (None, Severity.BLOCK),
        (batch(OfferState.STOPPED), Severity.BLOCK),
        (batch(OfferState.ENDED), Severity.BLOCK),
        (batch(OfferState.EXHAUSTED), Severity.BLOCK),
        (batch(requires=""), Severity.WARN),
    ],
)
def test_batches(found: Batch | None, severity: Severity) -> None:
    (hit,) = hits(goods(LIMITED, found=found))
    assert (hit.field, hit.severity) == ("slots.s1.coupons", severity)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (batch(), None),
        (None, "not_found"),
        (batch(OfferState.PAUSED), "wrong_state"),
        (batch(OfferState.DRAFT), "wrong_state"),
    ],
)
def test_what_may_be_dropped(found: Batch | None, reason: str | None) -> None:
    refusal = goods(found=found).may_drop(None, "茶馆", offer="drop-20")
    assert (refusal and refusal.reason) == reason


def test_a_killed_batch_is_not_dropped() -> None:
    for switch in ({"killed": True}, {"tripped": True}):
        found = replace(batch(), **switch)
        assert goods(found=found).may_drop(None, "茶馆", offer="drop-20") is not None


def test_stock_is_what_the_service_says() -> None:
    assert goods(free=3).in_stock(None, "茶馆", item="serum") == 3
    assert goods().in_stock(None, "茶馆", item="serum") is None
