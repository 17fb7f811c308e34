"""Offers with a compared price: what they show, and that nothing untrue is published."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from quanyu.clock import DAY_US, FixedClock, format_iso, parse_iso
from quanyu.compliance.prices import History, Trade, review_prices
from quanyu.compliance.showing import PriceShown, Unlawful
from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput
from quanyu.promotions.comparing import Comparing
from quanyu.promotions.orders.true_catalogue import TrueCatalogue
from quanyu.promotions.pricing.compared_prices import prices_of
from quanyu.promotions.pricing.offers import Offer, offer_of

NOW_US = parse_iso("2026-11-01T12:00:00+08:00")


def offer(**change: Any) -> Offer:
    """限时8折, 原价 100.00."""
    said = {
        "id": "o", "lane": "item", "shop": "A", "scope": {"items": ["cup"]},
        "benefit": {"percent_off": {"percent": 20}},
        "compared": {"shop": "A", "reference": 10_000}, **change,
    }  # fmt: skip
    return offer_of({name: value for name, value in said.items() if value is not None})


class Catalogue:
    def __init__(self) -> None:
        self.kept: list[str] = []

    def active(self, tx: None, merchant: str) -> Sequence[Offer]:
        return []

    def put(self, tx: None, merchant: str, *, offer: Offer) -> None:
        self.kept.append(offer.id)

    def remove(self, tx: None, merchant: str, *, offer: str) -> bool:
        return offer in self.kept


class Truth:
    """By a history that is given."""

    def __init__(self, *trades: Trade) -> None:
        self.trades = trades
        self.asked: list[str] = []

    def review_in(
        self,
        tx: None,
        merchant: str,
        *,
        shown: Sequence[PriceShown],
        at_us: int,
        reasons: Mapping[tuple[str, str], str],
    ) -> Verdict:
        self.asked.append(format_iso(at_us))
        known = {
            of: History(trades=self.trades, rise_reason=reasons.get(of, ""))
            for of in {(one.shop, one.item) for one in shown}
        }
        return review_prices(shown, known, at_us=at_us)


def paid(days_ago: int, fen: int) -> Trade:
    return Trade(paid_us=NOW_US - days_ago * DAY_US, unit_fen=fen)


def published(truth: Truth, one: Offer) -> list[str]:
    catalogue = Catalogue()
    TrueCatalogue(catalogue, Comparing(truth, FixedClock(NOW_US))).put(None, "m", offer=one)
    return catalogue.kept


@pytest.mark.parametrize(
    ("benefit", "price_fen"),
    [
        ({"percent_off": {"percent": 20}}, 8_000),
        ({"fixed_price": {"price": 5_900}}, 5_900),
        ({"amount_off": {"amount": 1_500}}, 8_500),
        ({"amount_off": {"amount": 1_500, "threshold": 20_000}}, 10_000),
    ],
)
def test_what_an_offer_shows(benefit: dict[str, Any], price_fen: int) -> None:
    (one,) = prices_of(offer(benefit=benefit))
    assert (one.shop, one.item, one.price_fen) == ("A", "cup", price_fen)
    assert (one.reference_fen, one.basis) == (10_000, None)


def test_one_price_per_item_and_none_without_a_comparison() -> None:
    both = prices_of(offer(scope={"items": ["cup", "tea"]}))
    assert [one.item for one in both] == ["cup", "tea"]
    assert prices_of(offer(compared=None)) == []


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        ({"lane": "shop", "benefit": {"amount_off": {"amount": 1, "threshold": 2}}}, "lane item"),
        ({"kind": "coupon"}, "only promotions of lane item"),
        ({"scope": {}}, "name the items"),
        ({"scope": {"items": ["cup"], "categories": ["c"]}}, "and nothing else"),
        ({"scope": {"items": ["cup"], "flags": ["f"]}}, "and nothing else"),
        ({"shop": "B"}, "prices of the shop that it is for"),
        ({"benefit": {"gift": {"item": "x", "quantity": 1}}}, ""),
        ({"compared": {"shop": "A", "reference": 0}}, ">= 1"),
        ({"compared": {"shop": "A"}}, "reference"),
    ],
)
def test_comparisons_that_say_nothing_are_refused(change: dict[str, Any], mend: str) -> None:
    with pytest.raises(BadInput) as caught:
        offer(**change)
    assert mend in str(caught.value)


@pytest.mark.parametrize(
    ("trades", "article"),
    [
        ([paid(1, 10_000)], None),
        ([paid(1, 12_000), paid(3, 11_000)], None),
        ([paid(1, 9_999), paid(3, 11_000)], "第十六条"),
        ([], "第十六条"),
        ([paid(2, 10_000), paid(25, 6_000)], "第十七条"),
    ],
    ids=["as low as paid", "lower", "a fen too high", "never traded", "raised before"],
)
def test_only_true_comparisons_are_published(trades: list[Trade], article: str | None) -> None:
    truth = Truth(*trades)
    if article is None:
        assert published(truth, offer()) == ["o"]
        return
    with pytest.raises(Unlawful, match=article) as caught:
        published(truth, offer())
    assert caught.value.field == "compared.prices[0].reference"


def test_an_offer_without_a_comparison_needs_no_history() -> None:
    truth = Truth()
    assert published(truth, offer(compared=None)) == ["o"]
    assert truth.asked == []


def test_a_reason_lifts_a_raise() -> None:
    compared = {"shop": "A", "reference": 10_000, "reason": "换代"}
    assert published(Truth(paid(2, 10_000), paid(25, 6_000)), offer(compared=compared)) == ["o"]


def test_a_price_must_be_a_reduction() -> None:
    with pytest.raises(Unlawful, match="没有优惠"):
        published(Truth(paid(1, 10_000)), offer(benefit={"fixed_price": {"price": 12_000}}))


def test_one_that_starts_later_is_held_against_both_weeks() -> None:
    """Today the lowest is 90.00; on the 11th that trade is over seven days old."""
    window = {"from": "2026-11-11T00:00:00+08:00", "to": "2026-11-12T00:00:00+08:00"}
    truth = Truth(paid(1, 9_000))
    with pytest.raises(Unlawful, match="第十六条"):
        published(truth, offer(window=window))
    true = Truth(paid(1, 10_000))
    published(true, offer(window=window))
    assert true.asked == ["2026-11-01T12:00:00+08:00", "2026-11-11T00:00:00+08:00"]


def test_one_that_has_started_is_held_against_now() -> None:
    truth = Truth(paid(1, 10_000))
    published(truth, offer(window={"from": "2026-10-01T00:00:00+08:00"}))
    assert truth.asked == ["2026-11-01T12:00:00+08:00"]


def test_the_rest_of_the_catalogue_is_as_it_was() -> None:
    kept = Catalogue()
    catalogue = TrueCatalogue(kept, Comparing(Truth(paid(1, 10_000)), FixedClock(NOW_US)))
    catalogue.put(None, "m", offer=offer())
    assert catalogue.remove(None, "m", offer="o")
    assert catalogue.active(None, "m") == []


def test_the_makers_price_may_stand_beside_it_when_it_is_labelled() -> None:
    labelled = {"shop": "A", "reference": 10_000, "basis": "厂商建议零售价"}
    assert published(Truth(), offer(compared=labelled)) == ["o"]
    with pytest.raises(Unlawful, match="第十六条"):
        published(Truth(), offer(compared={**labelled, "basis": "门店价"}))
