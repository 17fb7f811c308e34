"""The files of examples/money make the worked example of docs/money.md."""

import json
from pathlib import Path

import msgspec

from quanyu.promotions.loyalty.programmes import decode_terms
from quanyu.promotions.offers.terms import read_template
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.pricing import decode_offers, evaluate

HERE = Path(__file__).parents[3] / "examples" / "money"


def text(name: str) -> str:
    return (HERE / name).read_text()


def test_the_order_costs_what_it_expects() -> None:
    form = decode_order(text("order.json"))
    templates = [
        read_template(json.loads(text(f"{n}.json"))) for n in ("shop_coupon", "red_packet")
    ]
    offers = [*decode_offers(text("promotions.json")), *(one.priced for one in templates)]
    quote = evaluate(form.cart, offers)
    assert quote.payable == form.expected_payable == 36_890
    assert quote.settlement == {"A": 31_365, "B": 9_025}


def test_it_is_the_example_of_the_quote() -> None:
    cart = msgspec.json.decode((HERE.parent / "quote" / "cart.json").read_bytes())
    assert msgspec.json.decode(text("order.json"))["cart"] == cart


def test_joining_brings_the_points_that_the_order_spends() -> None:
    terms = decode_terms(text("programme.json").encode())
    assert terms.join_gift == decode_order(text("order.json")).cart.points_to_spend == 500


def test_the_walk_names_every_file() -> None:
    walk = text("walk.sh")
    named = {path.name for path in HERE.iterdir() if path.suffix == ".json"}
    assert named == {
        "promotions.json", "shop_coupon.json", "red_packet.json", "programme.json", "order.json",
    }  # fmt: skip
    assert all(name.partition(".")[0] in walk for name in named)
