"""What single orders show, one table per feature: a row, and whether it shows it."""

import msgspec
import numpy as np
import pytest
from tests.trades_town import BEGIN_US, orders_of, sent, trade

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from quanyu.compliance.trades import features
from quanyu.compliance.trades.features import FEATURES, Found, observed
from quanyu.compliance.trades.orders import UNKNOWN, Trade

YES, NO, UNSAID = True, False, None


def says(found: Found) -> list[bool | None]:
    pairs = zip(found.hit.tolist(), found.known.tolist(), strict=True)
    return [hit if known else None for hit, known in pairs]


def of(name: str, *trades: Trade) -> list[bool | None]:
    return says(observed(orders_of(trades))[name])


def crowd(column: str, people: int) -> list[Trade]:
    return [trade(f"b{n}", order=f"o{n}", **{column: "same"}) for n in range(people)]


@pytest.mark.parametrize(("browsed", "shows"), [(True, NO), (False, YES), (None, UNSAID)])
def test_no_browse(browsed: bool | None, shows: bool | None) -> None:
    assert of("no_browse", trade(browsed=browsed)) == [shows]


@pytest.mark.parametrize(
    ("feature", "column", "least"),
    [
        ("shared_device", "device", 3),
        ("shared_payer", "payer", 3),
        ("shared_address", "address", 6),
    ],
)
class TestShared:
    def test_from_so_many_buyers_on(self, feature: str, column: str, least: int) -> None:
        assert of(feature, *crowd(column, least)) == [YES] * least
        assert of(feature, *crowd(column, least - 1)) == [NO] * (least - 1)

    def test_many_orders_of_one_buyer_are_one_buyer(
        self, feature: str, column: str, least: int
    ) -> None:
        mine = [trade("li", order=f"o{n}", **{column: "same"}) for n in range(least + 3)]
        assert of(feature, *mine) == [NO] * (least + 3)

    def test_who_has_said_nothing_shares_nothing(
        self, feature: str, column: str, least: int
    ) -> None:
        silent = [trade(f"b{n}", order=f"o{n}") for n in range(least + 3)]
        assert of(feature, *silent) == [UNSAID] * (least + 3)


class TestBurst:
    def many(self, count: int, every_us: int, item: str = "tea") -> list[Trade]:
        return [
            trade(f"b{n}", item, order=f"{item}{n}", paid_us=BEGIN_US + n * every_us)
            for n in range(count)
        ]

    def test_a_month_of_steady_sales_is_none(self) -> None:
        assert not any(of("burst", *self.many(300, 2 * HOUR_US)))

    def test_twenty_in_a_minute_are_one(self) -> None:
        steady, rush = self.many(30, DAY_US), self.many(20, 3 * SECOND_US, "gift")
        shows = of("burst", *steady, *rush)
        assert not any(shows[:30])
        assert all(shows[30:])

    def test_what_sells_all_day_may_sell_in_any_minute(self) -> None:
        assert not any(of("burst", *self.many(2_000, MINUTE_US)))

    def test_four_at_once_are_too_few_to_say(self) -> None:
        steady, few = self.many(30, DAY_US), self.many(4, SECOND_US, "gift")
        assert not any(of("burst", *steady, *few)[30:])

    def test_items_do_not_add_up(self) -> None:
        """Nine items, each once in the same minute."""
        each = [trade("li", f"i{n}", order=f"o{n}") for n in range(9)]
        later = [trade("li", f"i{n}", order=f"p{n}", paid_us=BEGIN_US + 9 * DAY_US)
                 for n in range(9)]  # fmt: skip
        assert not any(of("burst", *each, *later))


@pytest.mark.parametrize(
    ("amount", "threshold", "shows"),
    [
        (20_000, 20_000, YES),
        (20_400, 20_000, YES),
        (20_401, 20_000, NO),
        (19_999, 20_000, NO),
        (1_100, 1_000, YES),
        (1_101, 1_000, NO),
        (20_000, None, UNSAID),
        (20_000, 0, UNSAID),
    ],
)
def test_over_threshold(amount: int, threshold: int | None, shows: bool | None) -> None:
    assert of("over_threshold", trade(amount_fen=amount, threshold_fen=threshold)) == [shows]


@pytest.mark.parametrize(
    ("wait_us", "stars", "shows"),
    [
        (MINUTE_US, 5, YES),
        (HOUR_US, 5, YES),
        (HOUR_US + 1, 5, NO),
        (MINUTE_US, 4, NO),
        (MINUTE_US, None, UNSAID),
        (None, 5, UNSAID),
    ],
)
@pytest.mark.parametrize("delivered", [False, True])
def test_instant_praise(
    wait_us: int | None, stars: int | None, shows: bool | None, delivered: bool
) -> None:
    one = sent(trade()) if delivered else trade()
    arrived_us = one.delivered_us if one.delivered_us is not None else one.paid_us
    confirmed_us = None if wait_us is None else arrived_us + wait_us
    said = msgspec.structs.replace(one, confirmed_us=confirmed_us, stars=stars)
    assert of("instant_praise", said) == [shows]


class TestLogistics:
    usual = sent(trade("usual", order="usual"))

    @pytest.mark.parametrize(
        ("took_us", "shows"),
        [(2 * DAY_US, NO), (2 * HOUR_US + 1, NO), (2 * HOUR_US, YES), (0, YES), (-HOUR_US, YES)],
    )
    def test_how_long_it_was_on_its_way(self, took_us: int, shows: bool) -> None:
        assert of("no_logistics", sent(trade(), took_us=took_us)) == [shows]

    def test_confirmed_and_never_sent(self) -> None:
        empty = trade(confirmed_us=BEGIN_US + DAY_US)
        assert of("no_logistics", self.usual, empty) == [NO, YES]

    def test_a_shop_that_sends_nothing_sells_what_is_not_sent(self) -> None:
        downloads = [trade(n, order=f"o{n}", confirmed_us=BEGIN_US) for n in range(3)]
        assert of("no_logistics", *downloads) == [UNSAID] * 3

    def test_still_on_its_way(self) -> None:
        under_way = trade(shipped_us=BEGIN_US + DAY_US)
        assert of("no_logistics", self.usual, under_way) == [NO, UNSAID]


@pytest.mark.parametrize(
    ("age_us", "shows"), [(0, YES), (7 * DAY_US, YES), (7 * DAY_US + 1, NO), (None, UNSAID)]
)
def test_new_account(age_us: int | None, shows: bool | None) -> None:
    since_us = None if age_us is None else BEGIN_US - age_us
    assert of("new_account", trade(since_us=since_us)) == [shows]


@pytest.mark.parametrize(
    ("refunds", "shows"),
    [
        ([True, True], [YES, YES]),
        ([True, True, False], [YES, YES, YES]),
        ([True, False], [NO, NO]),
        ([None, None], [UNSAID, UNSAID]),
    ],
)
def test_refund_loop(refunds: list[bool | None], shows: list[bool | None]) -> None:
    again = [trade(order=f"o{n}", refunded=one) for n, one in enumerate(refunds)]
    assert of("refund_loop", *again) == shows


def test_refunds_of_two_items_are_no_loop() -> None:
    two = [trade(item=f"i{n}", order=f"o{n}", refunded=True) for n in range(2)]
    assert of("refund_loop", *two) == [NO, NO]


def test_copied_reviews() -> None:
    texts = ["这款茶味道清香回甘，包装也很好，推荐购买",
             "这款茶味道清香回甘，包装也很好！推荐购买。",
             "这款茶味道清香，回甘，包装也很好，推荐购买～",
             "物流有点慢，不过客服态度很好，总体满意",
             "好评", None]  # fmt: skip
    rows = [trade(f"b{n}", order=f"o{n}", review=text) for n, text in enumerate(texts)]
    assert of("copied_review", *rows) == [YES, YES, YES, NO, UNSAID, UNSAID]


def test_who_copies_himself_copies_nobody() -> None:
    mine = [trade("li", order=f"o{n}", review="每次都买这一款，全家都喜欢喝") for n in range(4)]
    assert of("copied_review", *mine) == [NO] * 4


class TestAll:
    def test_nothing_said_is_nothing_known(self) -> None:
        found = observed(orders_of([trade()]))
        assert {name for name, one in found.items() if one.known.any()} == {"burst"}
        assert not any(one.hit.any() for one in found.values())

    def test_an_unknown_row_is_never_a_hit(self) -> None:
        """Whatever stands in for unknown must not look like a figure."""
        rows = [trade(f"b{n}", order=f"o{n}") for n in range(8)]
        told = [sent(one) for one in rows[:4]]
        for name, one in observed(orders_of([*told, *rows[4:]])).items():
            assert not (one.hit & ~one.known).any(), name
            assert one.hit.dtype == np.bool_

    def test_names_labels_and_sentences(self) -> None:
        names = [one.name for one in FEATURES]
        assert len(set(names)) == len(names) == 11
        assert len({one.label for one in FEATURES}) == 11
        assert all("{share}" in one.say and 0 < one.weight <= 2.5 for one in FEATURES)

    def test_figures_behind_the_answers(self) -> None:
        found = observed(orders_of(crowd("device", 4)))
        assert found["shared_device"].value.tolist() == [4] * 4
        assert found["shared_payer"].value.tolist() == [0] * 4
        assert found["no_browse"].value.tolist() == [UNKNOWN] * 4

    def test_the_limits_are_those_of_the_docs(self) -> None:
        assert (features.DEVICE_BUYERS_MIN, features.PAYER_BUYERS_MIN) == (3, 3)
        assert features.ADDRESS_BUYERS_MIN == 6
        assert features.BURST_US == 10 * MINUTE_US
