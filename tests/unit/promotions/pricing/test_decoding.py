"""Carts and offers that are not taken: the path of the field, and nothing is priced."""

import json
from typing import Any

import pytest
from tests.unit.promotions.pricing.carts import NOW, cart, line, offer
from tests.unit.promotions.quote_example import CART, OFFERS

from quanyu.errors import BadInput
from quanyu.promotions.pricing import decode_cart, decode_offers
from quanyu.strict import decoded

P = line("P", 1000)
MINUS = {"amount_off": {"amount": 100}}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("", "cart"),
        ("[]", "cart"),
        ("{", "cart"),
        ("nan", "cart"),
        ('{"now": NaN}', "cart"),
        ('{"now": "x", "now": "y"}', "cart"),
        ("[" * 100_000, "cart"),
        (cart(), "cart.lines"),
        ({"lines": [P]}, "cart.now"),
        (cart(P, now="2026-11-11T20:00:00"), "cart.now"),
        (cart(P, now="soon"), "cart.now"),
        (cart(P, profile={"age": 30}), "cart.profile"),
        (cart(P, eligibility=[""]), "cart.eligibility"),
        (cart(P, points_to_spend=-1), "cart.points_to_spend"),
        (cart(P, points_to_spend=1.5), "cart.points_to_spend"),
        (cart(P, payment={"instalments": 4}), "cart.payment.instalments"),
        (cart(P, shipping=[{"shop": "A", "amount": -1}]), "cart.shipping"),
        (cart(P, shipping=[{"shop": "A", "amount": 1}] * 2), "cart.shipping[1]"),
        (cart(P, P), "cart.lines[1]"),
        (cart({**P, "quantity": 0}), "cart.lines[0].quantity"),
        (cart({**P, "quantity": -1}), "cart.lines[0].quantity"),
        (cart({**P, "quantity": 10_001}), "cart.lines[0].quantity"),
        (cart({**P, "quantity": "2"}), "cart.lines[0].quantity"),
        (cart({**P, "list_price": -1}), "cart.lines[0].list_price"),
        (cart({**P, "list_price": 9.99}), "cart.lines[0].list_price"),
        (cart({**P, "list_price": 2**70}), "cart.lines[0].list_price"),
        (cart({**P, "list_price": 10**11, "quantity": 10_000},
              line("Q", 10**11, 10_000)), "cart.lines"),
        (cart({**P, "line": ""}), "cart.lines[0].line"),
        (cart({**P, "shop": "x" * 129}), "cart.lines[0].shop"),
        (cart({**P, "color": "red"}), "cart.lines[0].color"),
        (cart(*(line(f"L{n}", 1) for n in range(1001))), "cart.lines"),
    ],
)  # fmt: skip
def test_carts(document: Any, field: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(BadInput) as refused:
        decode_cart(text)
    assert refused.value.field.startswith(field), refused.value.field
    assert refused.value.mend


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"lane": "gift"}, "lane"),
        ({"kind": "voucher"}, "kind"),
        ({"exclusive": 1}, "exclusive"),
        ({"overflow": "keep"}, "overflow"),
        ({"refund": "never"}, "refund"),
        ({"stacking": True}, "stacking"),
        ({"scope": {"brands": []}}, "scope.brands"),
        ({"expires": "2026-11-11"}, "expires"),
        ({"window": {"from": NOW, "to": NOW}}, "window"),
        ({"window": {"from": NOW, "to": "2026-01-01T00:00:00+08:00"}}, "window"),
        ({"window": {"hours": "8-20"}}, "window"),
        ({"window": {"hours": "08:00-25:00"}}, "window"),
        ({"window": {"weekdays": [0]}}, "window.weekdays"),
        ({"funders": {"merchant": 60, "platform": 50}}, "funders"),
        ({"funders": {}}, "funders"),
        ({"funders": {"merchant": 150, "platform": -50}}, "funders"),
        ({"funders": {"brand": 100}}, "funders"),
        ({"benefit": {}}, "benefit"),
        ({"benefit": {**MINUS, "percent_off": {"percent": 5}}}, "benefit"),
        ({"benefit": {"half_off": {}}}, "benefit.half_off"),
        ({"benefit": {"amount_off": {"amount": 0}}}, "benefit.amount_off.amount"),
        ({"benefit": {"amount_off": {"amount": -5}}}, "benefit.amount_off.amount"),
        ({"benefit": {"amount_off": {"amount": 1.5}}}, "benefit.amount_off.amount"),
        ({"benefit": {"amount_off": {"amount": 2**65}}}, "benefit.amount_off.amount"),
        ({"benefit": {"amount_off": {"amount": 5, "repeat": True}}}, "benefit.amount_off"),
        ({"benefit": {"amount_off": {"amount": 5, "cap": 4}}}, "benefit.amount_off"),
        ({"benefit": {"amount_off": {"amount": 5, "per": "shop"}}}, "benefit.amount_off.per"),
        ({"benefit": {"percent_off": {"percent": 0}}}, "benefit.percent_off.percent"),
        ({"benefit": {"percent_off": {"percent": 101}}}, "benefit.percent_off.percent"),
        ({"benefit": {"n_for_m": {"n": 2, "m": 3}}}, "benefit.n_for_m"),
        ({"benefit": {"n_for_m": {"n": 2, "m": 2}}}, "benefit.n_for_m"),
        ({"benefit": {"n_for_m": {"n": 2, "m": 0}}}, "benefit.n_for_m.m"),
        ({"benefit": {"nth_percent_off": {"nth": 1, "percent": 50}}}, "benefit.nth_percent_off"),
        ({"benefit": {"bundle_price": {"items": {}, "price": 1}}}, "benefit.bundle_price.items"),
        ({"benefit": {"bundle_price": {"items": {"p": 0}, "price": 1}}}, "benefit.bundle_price"),
        ({"benefit": {"tiers": {"tiers": []}}}, "benefit.tiers.tiers"),
        ({"benefit": {"tiers": {"tiers": [{"threshold": 5}]}}}, "benefit.tiers"),
        (
            {"benefit": {"tiers": {"tiers": [{"threshold": 5, "amount": 1, "percent": 1}]}}},
            "benefit.tiers",
        ),
        (
            {"benefit": {"tiers": {"tiers": [{"threshold": 5, "amount": 1},
                                             {"threshold": 5, "amount": 2}]}}},
            "benefit.tiers",
        ),
        (
            {"benefit": {"tiers": {"tiers": [{"threshold": 5, "amount": 3},
                                             {"threshold": 6, "amount": 2}]}}},
            "benefit.tiers",
        ),
        ({"benefit": {"free_shipping": {}}}, "benefit.free_shipping"),
        ({"lane": "shipping", "benefit": {"n_for_m": {"n": 2, "m": 1}}}, "benefit.n_for_m"),
        ({"lane": "points", "benefit": MINUS}, "benefit.amount_off"),
        ({"lane": "points", "benefit": {"points_rate": {}}}, "benefit.points_rate"),
        ({"lane": "points", "benefit": {"points_rate": {"points_per_yuan": 1}}},
         "benefit.points_rate.fen_per_point"),
        ({"lane": "after", "benefit": {"points_rate": {"fen_per_point": 1}}},
         "benefit.points_rate.points_per_yuan"),
        ({"lane": "after", "benefit": {"points_multiplier": {"factor": 0.5}}},
         "benefit.points_multiplier.factor"),
        ({"lane": "payment", "benefit": {"instalment_free": {"terms": [4]}}},
         "benefit.instalment_free.terms"),
        ({"lane": "payment", "benefit": {"instalment_free": {"terms": []}}},
         "benefit.instalment_free.terms"),
        ({"lane": "member", "benefit": {"amount_off": {"amount": 1, "per": "order"}}},
         "benefit.amount_off.per"),
    ],
)  # fmt: skip
def test_offers(change: dict[str, Any], field: str) -> None:
    said = [offer("first", "shop", MINUS), {**offer("o", "shop", MINUS), **change}]
    with pytest.raises(BadInput) as refused:
        decode_offers(json.dumps(said))
    assert refused.value.field.startswith(f"offers[1].{field}"), refused.value.field
    assert refused.value.mend


@pytest.mark.parametrize(
    ("text", "field"),
    [("{}", "offers"), ("[1]", "offers[0]"), ("", "offers"), ('[{"id": 1e400}]', "offers[0]")],
)
def test_what_is_no_list_of_offers(text: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_offers(text)
    assert refused.value.field.startswith(field)


def test_an_id_stands_once() -> None:
    with pytest.raises(BadInput) as refused:
        decode_offers(json.dumps([offer("o", "shop", MINUS)] * 2))
    assert refused.value.field == "offers[1].id"


def test_the_example_is_read_and_defaults_are_those_of_the_contract() -> None:
    assert len(decode_cart(json.dumps(CART)).lines) == 3
    found = decode_offers(json.dumps(OFFERS))
    assert [one.id for one in found] == [one["id"] for one in OFFERS]
    bare = decode_offers(json.dumps([offer("o", "shop", MINUS)]))[0]
    told = (bare.kind, bare.exclusive, bare.overflow, bare.refund, dict(bare.funders))
    assert told == ("promotion", False, "forfeit", "keep", {"merchant": 100})
    assert (bare.shop, bare.scope.items, list(bare.requires), bare.window) == (None, (), [], None)


@pytest.mark.parametrize(
    "text", ['{"order": "a\\u0000"}', '{"a\\u0000": 1}', '[["x", {"y": ["\\u0000"]}]]']
)
def test_a_zero_byte_is_refused_before_a_database_is(text: str) -> None:
    for said in (text, text.encode()):
        with pytest.raises(BadInput) as refused:
            decoded(said, dict, name="body")
        assert (refused.value.field, refused.value.mend[:17]) == ("body", "leave out U+0000:")


def test_an_escaped_backslash_is_none() -> None:
    assert decoded('{"a": "\\\\u0000"}', dict[str, str], name="body") == {"a": "\\u0000"}
