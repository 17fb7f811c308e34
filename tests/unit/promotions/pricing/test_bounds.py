"""Large carts and crowded slots: answers stay lawful, and say when they are only good."""

import json
import sys
from typing import Any

import pytest
from tests.unit.promotions.pricing.carts import cart, line, off, offer, quote, traced
from tests.unit.promotions.pricing.inside import amount, laid_out, percent

from quanyu.promotions.pricing import OfferIndex, Quote, decode_cart, decode_offers, evaluate
from quanyu.promotions.pricing.choosing import MENUS_MAX, Chooser
from quanyu.promotions.pricing.filling import NODES_MAX, SLOTS_MAX, Filler
from quanyu.promotions.pricing.menus import WAYS_MAX
from quanyu.promotions.pricing.slots import Purse

THREE_FOR_TWO = {"n_for_m": {"n": 3, "m": 2}}
SECOND_HALF = {"nth_percent_off": {"nth": 2, "percent": 50}}


def many(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        line(f"L{n:04}", 1000 + n * 37 % 9000, 1 + n % 3, item=f"i{n}", **more)
        for n in range(count)
    ]


def adds_up(found: Quote) -> None:
    """No fen is lost or made, whatever was decided."""
    for one in found.lines:
        taken = sum(discount.amount for discount in one.discounts)
        assert one.list - taken == one.cash == sum(unit.cash for unit in one.units)
        assert 0 <= one.cash <= one.activity <= one.list
    assert found.payable == found.cash + found.shipping
    assert sum(found.settlement.values()) == found.payable + found.funded["platform"]


def test_a_thousand_lines_with_one_offer_each() -> None:
    found = quote(
        cart(*many(1000, flags=["cross_shop"])),
        *(offer(f"o{n}", "item", percent(10), scope={"items": [f"i{n}"]}) for n in range(1000)),
        offer("x", "cross_shop", amount(5000, threshold=30000, repeat=True)),
    )
    adds_up(found)
    assert len(found.lines) == 1000
    assert traced(found)["x"].amount == sum(one.activity for one in found.lines) // 30000 * 5000


@pytest.mark.parametrize("spanning", [[THREE_FOR_TWO], [THREE_FOR_TWO, SECOND_HALF]])
def test_a_thousand_lines_tied_together_are_priced_and_said_to_be_a_guess(
    spanning: list[dict[str, Any]],
) -> None:
    lines = many(1000)
    offers = [offer(f"s{n}", "item", benefit) for n, benefit in enumerate(spanning)]
    found = quote(cart(*lines), *offers, offer("p", "item", percent(20)))
    adds_up(found)
    assert not found.optimal
    listed = sum(one.list for one in found.lines)
    assert found.payable <= listed * 4 // 5 + len(lines), "at least as good as 20 % off all"


@pytest.mark.parametrize("shops", [1, 50, SLOTS_MAX, SLOTS_MAX + 1, 300, 1000])
def test_shops_do_not_recurse_too_deep(shops: int) -> None:
    """Each shop has a slot of its own. With 1,000 the stack must not be what ends it."""
    lines = [line(f"L{n:04}", 3000, item=f"i{n}", shop=f"S{n:04}") for n in range(shops)]
    offers = [
        offer(f"o{n:04}", "shop", amount(300, threshold=2000), shop=f"S{n:04}")
        for n in range(shops)
    ]
    limit = sys.getrecursionlimit()
    found = quote(cart(*lines), *offers)
    assert sys.getrecursionlimit() == limit
    adds_up(found)
    assert (found.payable, found.optimal) == (shops * 2700, True)


def test_more_slots_than_are_searched_are_filled_largest_first() -> None:
    """With a red packet cut off the search would have to start; it does not, and says so."""
    shops = SLOTS_MAX + 1
    lines = [line(f"L{n:04}", 3000, item=f"i{n}", shop=f"S{n:04}") for n in range(shops)]
    offers = [
        offer(f"o{n:04}", "shop", amount(300), shop=f"S{n:04}", exclusive=True)
        for n in range(shops)
    ]
    rival = offer("r", "red_packet", amount(20_000), exclusive=True)
    found = quote(cart(*lines), *offers, rival)
    adds_up(found)
    assert not found.optimal
    assert found.payable == shops * 2700


def test_more_open_menus_than_are_searched() -> None:
    """One line's discount forgone would do, but there are too many lines to try."""
    count = MENUS_MAX + 1
    lines = [line(f"L{n:04}", 1000, item=f"i{n}") for n in range(count)]
    offers = [offer("p", "item", percent(10))]
    step = offer("s", "shop", amount(900, threshold=count * 900 + 50))
    found = quote(cart(*lines), *offers, step)
    adds_up(found)
    assert (found.payable, found.optimal) == (count * 900, False)
    fewer = quote(cart(*lines[1:]), *offers, offer(
        "s", "shop", amount(900, threshold=(count - 1) * 900 + 50)))  # fmt: skip
    assert fewer.payable == (count - 1) * 900 + 100 - 900


def test_a_group_with_too_many_ways_says_so() -> None:
    """Two ways a line: 8 lines are 256 ways, 9 are more than are tried. Of 8 lines the two cheapest
    stay out, so that dearer ones are free."""
    assert WAYS_MAX == 2**8
    for count, complete, free in ((8, True, 1002 + 1003), (9, False, 1000 + 1001 + 1002)):
        lines = [line(f"L{n}", 1000 + n, item=f"i{n}") for n in range(count)]
        inside = laid_out(cart(*lines), [offer("n", "item", THREE_FOR_TWO)])
        (menu,) = inside.menus
        assert menu.complete is complete
        assert menu.ways[0].price == sum(1000 + n for n in range(count)) - free


def test_a_group_with_too_many_ways_still_mixes_offers() -> None:
    """Dear lines are better off at half price, cheap ones as the free ones of three."""
    lines = [line(f"L{n}", 1000 * (n + 1), item=f"i{n}") for n in range(9)]
    half = offer("h", "item", percent(50), scope={"items": ["i8"]})
    found = quote(cart(*lines), offer("n", "item", THREE_FOR_TWO), half)
    assert not found.optimal
    assert off(found)["h"] == {"L8": 4500}
    assert found.payable < 45_000 - 6000, "better than three for two by itself"


def test_more_fillings_than_are_looked_at_end_in_a_good_one() -> None:
    """Exclusive red packets of like size: the largest stands, and nobody claims a proof."""
    offers = [
        offer(f"r{n:02}", "red_packet", amount(500 + n * 7 % 11), exclusive=n % 3 == 0)
        for n in range(60)
    ]
    inside = laid_out(cart(*many(12)), offers)
    filler = Filler(inside.slots)
    activity = [part.price for part in inside.ground.parts]
    found = filler.fill(Purse(inside.ground, activity), ())
    assert found is not None
    exclusive = [one.option for one in found.taken if one.option.offer.exclusive]
    assert len(exclusive) == 1
    assert exclusive[0].offer.face == max(500 + n * 7 % 11 for n in range(60) if n % 3 == 0)
    assert len(found.taken) == 41


def test_the_work_of_a_filling_is_bounded_however_it_is_asked() -> None:
    """The bound is of all fillings of one evaluation together."""
    offers = [
        offer(f"r{n:02}", "red_packet", amount(300 + n), exclusive=True, scope={"items": [item]})
        for n, item in enumerate(["i0", "i1", "i2", "i3"] * 10)
    ]
    offers += [offer(f"s{n}", "shop", amount(900 + n), kind=kind, exclusive=True)
               for n, kind in enumerate(["promotion", "coupon"])]  # fmt: skip
    inside = laid_out(cart(*many(6)), offers)
    filler = Filler(inside.slots)
    activity = [part.price for part in inside.ground.parts]
    payables = set()
    for _ in range(3 * NODES_MAX):
        found = filler.fill(Purse(inside.ground, activity), ())
        assert found is not None
        payables.add(found.payable)
        if not filler.complete:
            break
    assert not filler.complete
    assert len(payables) <= 2


def test_red_packets_are_used_by_expiry_then_face_until_nothing_is_left() -> None:
    def packet(name: str, fen: int, day: int) -> dict[str, Any]:
        expires = f"2026-11-{day}T00:00:00+08:00"
        return offer(name, "red_packet", amount(fen), expires=expires)

    found = quote(
        cart(line("P", 1000)),
        packet("late-large", 900, 20),
        packet("soon-small", 300, 12),
        packet("soon-large", 400, 12),
        packet("last", 500, 30),
    )
    told = traced(found)
    assert found.payable == 0
    assert found.optimal
    assert told["soon-large"].amount == 400
    assert told["soon-small"].amount == 300
    assert told["late-large"].amount == 300, "what is left of it"
    assert (told["last"].status, told["last"].amount) != ("applied", 500)


@pytest.mark.parametrize("count", [1, 10, 199, 400])
def test_many_red_packets_never_go_below_nothing(count: int) -> None:
    packets = [offer(f"r{n:03}", "red_packet", amount(7 + n, threshold=n)) for n in range(count)]
    found = quote(cart(line("P", 300, 2), line("Q", 1)), *packets)
    adds_up(found)
    faces = sum(7 + n for n in range(count))
    assert found.payable == max(0, 601 - faces)


def test_nested_spanning_offers_share_units_once() -> None:
    """P and Q can be a bundle, Q and R three for two: Q's units go where they save more."""
    bundle = {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 1500}}
    lines = [line("P", 1000), line("Q", 1000, 3), line("R", 1000)]
    pair = offer("n", "item", THREE_FOR_TWO, scope={"items": ["q", "r"]})
    both = quote(cart(*lines), offer("b", "item", bundle), pair)
    only_pair = quote(cart(*lines), pair)
    only_bundle = quote(cart(*lines), offer("b", "item", bundle))
    assert both.optimal
    assert both.payable == min(only_pair.payable, only_bundle.payable) == 4000
    for told in off(both).values():
        assert "Q" not in told or list(off(both)) == ["n"]


@pytest.mark.parametrize(
    ("first", "second", "payable"),
    [
        (THREE_FOR_TWO, SECOND_HALF, 2000),
        (THREE_FOR_TWO, {"n_for_m": {"n": 2, "m": 1}}, 2000),
        (SECOND_HALF, {"n_for_m": {"n": 3, "m": 1}}, 1000),
        (SECOND_HALF, {"bundle_price": {"items": {"p": 2, "q": 1}, "price": 1}}, 1),
    ],
)
def test_of_two_that_span_the_same_lines_the_better_wins(
    first: dict[str, Any], second: dict[str, Any], payable: int
) -> None:
    found = quote(
        cart(line("P", 1000, 2), line("Q", 1000)),
        offer("a", "item", first),
        offer("b", "item", second),
    )
    assert (found.payable, found.optimal) == (payable, True)


def test_spanning_offers_on_different_lines_both_apply() -> None:
    found = quote(
        cart(line("P", 1000, 3), line("Q", 2000, 2)),
        offer("a", "item", THREE_FOR_TWO, scope={"items": ["p"]}),
        offer("b", "item", SECOND_HALF, scope={"items": ["q"]}),
    )
    assert off(found) == {"a": {"P": 1000}, "b": {"Q": 1000}}


def test_a_member_price_comes_on_top_of_three_for_two() -> None:
    """20.00 over three are 6.66, 6.67, 6.67: 67 fen off each."""
    lines = [line("P", 1000, 3)]
    offers = [offer("n", "item", THREE_FOR_TWO), offer("m", "member", percent(10))]
    assert quote(cart(*lines), *offers).payable == 1799
    assert quote(cart(*lines), *offers, member="better_of_both").payable == 2000


def forgoing(price: int, threshold: int, gain: int) -> Quote:
    """Five lines at 10 % off, and a threshold that is only met by forgoing some of it."""
    lines = [line(f"L{n}", price + n * 100, item=f"i{n}") for n in range(5)]
    return quote(
        cart(*lines),
        offer("p", "item", percent(10)),
        offer("s", "shop", amount(gain, threshold=threshold)),
    )


@pytest.mark.parametrize(
    ("threshold", "gain", "payable"),
    [
        (5400, 500, 4900),
        (5401, 500, 5000),
        (5500, 500, 5000),
        (5510, 500, 5010),
        (5510, 110, 5400),
        (5510, 111, 5399),
        (5511, 500, 5020),
        (6000, 601, 5399),
        (6000, 600, 5400),
        (6001, 9999, 5400),
    ],
)
def test_a_discount_is_forgone_when_the_threshold_gives_more(
    threshold: int, gain: int, payable: int
) -> None:
    """10.00 to 14.00 at 10 % off: 54.00 in all; a line's discount is 1.00 to 1.40."""
    found = forgoing(1000, threshold, gain)
    assert (found.payable, found.optimal) == (payable, True)


def test_what_is_forgone_is_the_sum_that_just_reaches_the_threshold() -> None:
    """30 fen are missing; 31, 45 and 60 could be forgone."""
    lines = [line("P", 310), line("Q", 450), line("R", 600)]
    found = quote(
        cart(*lines),
        offer("p", "item", percent(10)),
        offer("s", "shop", amount(200, threshold=1224 + 30)),
    )
    assert "P" not in off(found)["p"]
    assert found.payable == 1224 + 31 - 200


def test_forgoing_is_searched_to_the_fen_among_many_lines() -> None:
    """The cheapest sum of discounts that closes the gap, by a naive table of all sums."""
    prices = [1130, 1370, 1710, 1930, 2210, 2570, 2930, 3110]
    discounts = [price // 10 for price in prices]
    total = sum(prices) - sum(discounts)
    sums = {0}
    for one in discounts:
        sums |= {known + one for known in sums}
    for gap in (1, 113, 114, 500, 501, 777, 1000, sum(discounts)):
        least = min(known for known in sums if known >= gap)
        lines = [line(f"L{n}", price, item=f"i{n}") for n, price in enumerate(prices)]
        found = quote(
            cart(*lines),
            offer("p", "item", percent(10)),
            offer("s", "shop", amount(least + 1, threshold=total + gap)),
        )
        assert (found.payable, found.optimal) == (total - 1, True)


def test_past_its_bound_a_search_says_that_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cart, decided with the bound and with next to none."""
    prices = [1130, 1370, 1710, 1930, 2210, 2570]
    lines = [line(f"L{n}", price, item=f"i{n}") for n, price in enumerate(prices)]
    total = sum(price * 9 // 10 for price in prices)
    offers = [
        offer("p", "item", percent(10)),
        offer("s", "shop", amount(400, threshold=total + 300)),
        offer("t", "shop", amount(300, threshold=total + 500), kind="coupon"),
    ]
    exact = quote(cart(*lines), *offers)
    assert exact.optimal
    monkeypatch.setattr("quanyu.promotions.pricing.choosing.TRIES_MAX", 0)
    stopped = quote(cart(*lines), *offers)
    adds_up(stopped)
    assert not stopped.optimal
    assert exact.payable <= stopped.payable <= total


def test_sums_too_large_for_a_table_are_still_decided() -> None:
    """Discounts of thousands of yuan: without the table of sums, by bounds alone."""
    lines = [line(f"L{n}", 100_000_00 + n, item=f"i{n}") for n in range(3)]
    total = sum((100_000_00 + n) - (100_000_00 + n + 5) // 10 for n in range(3))
    found = quote(
        cart(*lines),
        offer("p", "item", percent(10)),
        offer("s", "shop", amount(15_000_00, threshold=total + 1)),
    )
    assert found.optimal
    assert found.payable == total + 10_000_00 - 15_000_00


def test_thresholds_without_number_are_bounded() -> None:
    """每满 0.01 减 0.01 has a step at every fen."""
    lines = [line(f"L{n}", 1000, item=f"i{n}") for n in range(3)]
    found = quote(
        cart(*lines),
        offer("p", "item", percent(10)),
        offer("s", "shop", amount(1, threshold=2, repeat=True)),
    )
    adds_up(found)
    assert found.payable == 1350


def test_the_choice_leaves_what_it_was_given_alone() -> None:
    inside = laid_out(cart(*many(4)), [
        offer("p", "item", percent(10)), offer("s", "shop", amount(500, threshold=5000)),
    ])  # fmt: skip
    before = ([list(menu.ways) for menu in inside.menus], list(inside.ground.shipping))
    first = Chooser(inside.ground, inside.menus, slots=inside.slots).choose()
    again = Chooser(inside.ground, inside.menus, slots=inside.slots).choose()
    assert first == again
    assert before == ([list(m.ways) for m in inside.menus], list(inside.ground.shipping))


def test_a_discount_on_the_payment_counts_by_what_it_takes() -> None:
    """Both say 1 %, but one of them only of a line that costs nothing."""
    found = quote(
        cart(line("P", 0), line("Q", 999, shop="B")),
        offer("a", "payment", percent(1), shop="A"),
        offer("b", "payment", percent(1)),
    )
    assert found.payable == 989
    assert traced(found)["b"].amount == 10


def test_the_catalogue_behind_an_index_changes_nothing() -> None:
    """5,000 offers for other items: neither the price nor the trace."""
    asked = decode_cart(json.dumps(cart(*many(5))))
    mine = [offer(f"o{n}", "item", percent(10 + n), scope={"items": [f"i{n}"]}) for n in range(5)]
    others = [
        offer(f"z{n}", "item", percent(50), scope={"items": [f"other{n}"]}) for n in range(5000)
    ]
    small = evaluate(asked, OfferIndex(decode_offers(json.dumps(mine))))
    large = evaluate(asked, OfferIndex(decode_offers(json.dumps([*others, *mine]))))
    assert small == large
