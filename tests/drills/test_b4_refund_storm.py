"""B4: fifty refunds at once, good and bad, over several engines and over HTTP: what goes back is
what was paid for the units, once, and never more than that."""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from time import perf_counter
from typing import Any

import pytest
from tests.drills.coupon_ground import insisted
from tests.drills.market import PAYABLE_FEN, POINTS, SHOP, UNITS, Bought, Market, Units, market

from quanyu.clock import FixedClock
from quanyu.promotions.orders.placing import PAY_WITHIN_US

pytestmark = pytest.mark.drill
ORDERS = int(os.environ.get("QUANYU_DRILL_ORDERS", "4"))
STORM = 50
BAD: list[tuple[str, Units]] = [
    ("unit_not_in_order", [("A2", 0)]),
    ("unit_not_in_order", [("A2", -1)]),
    ("unit_not_in_order", [("A2", 3)]),
    ("unit_not_in_order", [("A9", 1)]),
    ("unit_not_in_order", [*UNITS, ("B1", 2)]),
    ("unit_named_twice", [("A1", 1), ("A1", 1)]),
    ("nothing_to_refund", []),
]
GOOD: list[Units] = [[one] for one in UNITS] + [UNITS[:2], UNITS[1:3], UNITS[2:], UNITS]
TWINS = 8
LATE_STATE = "order_in_wrong_state"
LATE = {"unit_returned_already", LATE_STATE}
RED_FEN = 1_000
VOUCHERS = 10
Ask = tuple[str, Units]


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Market]:
    with market(database_url, tmp_path, clock=clock) as made:
        yield made


class Storm:
    """Everybody at once; who asks what is dealt out over the engines and the door."""

    def __init__(self, shop: Market) -> None:
        self.shop = shop
        self.waits_s: list[float] = []

    def __call__(self, asks: Sequence[Callable[[Any], Any]]) -> list[Any]:
        start = Barrier(len(asks))

        def one(place: int) -> Any:
            start.wait(60)
            begun_s = perf_counter()
            told = insisted(partial(asks[place], self.shop.desks[place % len(self.shop.desks)]))
            self.waits_s.append(perf_counter() - begun_s)
            return told

        with ThreadPoolExecutor(len(asks)) as threads:
            return list(threads.map(one, range(len(asks))))

    def conclude(self, name: str, **report: int) -> None:
        waits_ms = sorted(1000 * s for s in self.waits_s)
        waited = {
            "p50_ms": round(waits_ms[len(waits_ms) // 2], 1),
            "p99_ms": round(waits_ms[int(len(waits_ms) * 0.99)], 1),
        }
        print(json.dumps({"drill": f"B4 {name}", "attempted": len(waits_ms), **report, **waited}))
        assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)


def asks_of(order: str) -> list[Ask]:
    """(Key, units): all bad ones, good ones under many keys, twins, and a key with other units."""
    bad = [(f"{order}-bad-{n}", units) for n, (_, units) in enumerate(BAD)]
    twins = [(f"{order}-twin", UNITS[1:2])] * TWINS + [(f"{order}-twin", UNITS[2:3])]
    rest = STORM - len(bad) - len(twins)
    return bad + twins + [(f"{order}-{n}", GOOD[n % len(GOOD)]) for n in range(rest)]


def refund(order: str, key: str, units: Units) -> Callable[[Any], Any]:
    return lambda desk: desk.refund(order, key, units=units)


def test_fifty_refunds_of_an_order_give_back_what_was_paid(shop: Market) -> None:
    storm, faults, lost, twice, acked = Storm(shop), list[Any](), 0, 0, 0
    for bought in [shop.bought(f"b{n}") for n in range(ORDERS)]:
        asks = asks_of(bought.order)
        told = storm([refund(bought.order, *ask) for ask in asks])
        answers: dict[Any, list[Any]] = defaultdict(list)
        for (key, units), answer in zip(asks, told, strict=True):
            answers[key, tuple(units)].append(answer)
        parts = [found[0] for found in answers.values() if isinstance(found[0], dict)]
        faults += wrongly_refused(bought.order, answers)
        faults += [found for found in answers.values() if any(one != found[0] for one in found)]
        rest = sorted(set(UNITS) - shop.engine.orders.find(SHOP, bought.order).returned)
        if rest:
            parts.append(shop.desks[0].refund(bought.order, "rest", units=rest))
        faults += not_as_it_was(shop, bought, parts)
        given_fen = sum(part["cash_fen"] for part in parts)
        lost, twice = lost + (given_fen < PAYABLE_FEN), twice + (given_fen > PAYABLE_FEN)
        acked += len(parts)
    assert faults == []
    balances, unbalanced = shop.balances(), shop.faults()
    assert not any(balances.values()), balances
    violations = len(faults) + len(unbalanced)
    storm.conclude("units", acked=acked, lost=lost, duplicates=twice, violations=violations)


def wrongly_refused(order: str, answers: dict[Any, list[Any]]) -> list[Any]:
    """Bad ones for their reason, a second use of a key for that, good ones for coming late."""
    due = {f"{order}-bad-{n}": {reason, LATE_STATE} for n, (reason, _) in enumerate(BAD)}
    due[f"{order}-twin"] = {*LATE, "key_used_for_another_request"}
    found = [(key, one) for (key, _), told in answers.items() for one in told]
    given = [(key, one) for key, one in found if isinstance(one, dict) and "bad" in key]
    return given + [
        (key, one) for key, one in found if isinstance(one, str) and one not in due.get(key, LATE)
    ]


def not_as_it_was(shop: Market, bought: Bought, parts: Sequence[dict[str, Any]]) -> list[Any]:
    """Everything goes back: then the buyer has what was there before the order, once."""
    found = shop.engine.orders.find(SHOP, bought.order)
    back = Counter(one for part in parts for one in part["coupons"])
    red_fen = sum(fen for part in parts for fen in part["red_packets"].values())
    points = sum(part["points"] for part in parts)
    holds = {
        "refunded": found.refunded_fen == PAYABLE_FEN and len(found.returned) == len(UNITS),
        "coupons": back == Counter(bought.coupons) and shop.states(bought) == {"issued"},
        "red packet": red_fen == RED_FEN,
        "points": points == POINTS == shop.points(bought),
    }
    return [(bought.order, what) for what, well in holds.items() if not well]


def test_a_voucher_is_used_or_goes_back(shop: Market) -> None:
    """Scans, refunds of the voucher and refunds of the order's unit, for each voucher at once."""
    storm, order = Storm(shop), shop.vouchers("dinner", VOUCHERS)
    codes = shop.codes(order)
    asks: list[tuple[str, Callable[[Any], Any]]] = []
    for unit in range(1, VOUCHERS + 1):
        voucher = f"{order.order}:V:{unit}"
        asks += [("use", scan(codes[voucher], f"{voucher}-use-{n}")) for n in range(2)]
        asks.append(("voucher", give_back(voucher)))
        asks += [("order", refund(order.order, f"{voucher}-o-{n}", [("V", unit)])) for n in (1, 2)]
    told = storm([ask for _, ask in asks])
    got = Counter(kind for (kind, _), one in zip(asks, told, strict=True) if isinstance(one, dict))
    back_fen = sum(
        one["amount_fen"] if kind == "voucher" else one["cash_fen"]
        for (kind, _), one in zip(asks, told, strict=True)
        if isinstance(one, dict) and kind != "use"
    )
    held = [voucher for voucher, _ in shop.held(order)]
    ended = sum(one.refunded for one in held)
    open_fen = sum(one.paid_fen - one.earned_fen for one in held if not one.refunded)
    earned_fen = sum(one.earned_fen for one in held)
    books, paid_fen = shop.balances(), sum(one.paid_fen for one in held)
    violations = [
        len(held) != VOUCHERS,
        books != {**books, "cash": back_fen - paid_fen, "A": earned_fen, "deferred": open_fen},
        back_fen + earned_fen + open_fen != paid_fen,
        sum(one.used_fen for one in held) != 5_000 * got["use"],
        bool(shop.faults()),
    ]
    duplicates = max(0, got["voucher"] + got["order"] - ended)
    storm.conclude(
        "vouchers", acked=sum(got.values()), lost=ended - got["voucher"] - got["order"],
        duplicates=duplicates, violations=sum(violations),
    )  # fmt: skip
    assert min(got["use"], got["voucher"] + got["order"]) > 0, "both sides win somewhere"


def scan(code: str, key: str) -> Callable[[Any], Any]:
    return lambda desk: desk.use(code, key, amount_fen=5_000)


def give_back(voucher: str) -> Callable[[Any], Any]:
    return lambda desk: desk.refund_voucher(voucher, f"{voucher}-back")


def test_paid_cancelled_or_lapsed_and_refunded_only_when_paid(
    shop: Market, clock: FixedClock
) -> None:
    """Payments, cancellations and refunds of every order at once, while its time runs out and two
    engines cancel what is late."""
    storm, orders = Storm(shop), [shop.buyer(f"p{n}") for n in range(STORM // 6)]
    for bought in orders:
        shop.place(bought)
    asks: list[Callable[[Any], Any]] = []
    for bought in orders:
        asks += [pay(bought.order, f"pay-{n}") for n in range(2)]
        asks.append(cancel(bought.order))
        asks += [refund(bought.order, f"r-{n}-{bought.order}", UNITS[n:2]) for n in range(2)]
    told = storm([*asks, out_of_time(storm, clock), out_of_time(storm, clock)])
    shop.engine.orders.lapse()
    shop.engine.coupon_parts.chores.lapse()
    states = {one.order: shop.engine.orders.find(SHOP, one.order) for one in orders}
    paid = [one for one in orders if states[one.order].state != "cancelled"]
    gone = [one for one in orders if one not in paid]
    said = Counter(one["state"] for one in told if isinstance(one, dict) and "state" in one)
    back_fen = sum(one["cash_fen"] for one in told if isinstance(one, dict) and "cash_fen" in one)
    violations = [
        *(shop.states(one) != {"issued"} or shop.points(one) != POINTS for one in gone),
        *("used" not in shop.states(one) for one in paid),
        *(states[one.order].state not in ("paid", "refunded") for one in paid),
        back_fen != sum(one.refunded_fen for one in states.values()),
        shop.balances()["cash"] != back_fen - PAYABLE_FEN * len(paid),
        bool(shop.faults()),
    ]
    assert (bool(paid), bool(gone)) == (True, True)
    storm.conclude(
        "cancelled or paid", acked=sum(said.values()), lost=max(0, said["paid"] - len(paid)),
        duplicates=max(0, len(paid) - said["paid"]), violations=sum(violations),
    )  # fmt: skip


def pay(order: str, key: str) -> Callable[[Any], Any]:
    return lambda desk: desk.pay(order, f"{key}-{order}")


def cancel(order: str) -> Callable[[Any], Any]:
    return lambda desk: desk.cancel(order, f"cancel-{order}")


def out_of_time(storm: Storm, clock: FixedClock) -> Callable[[Any], Any]:
    """Two of these bring the deadline, when a third of the others have been answered."""

    def late(desk: Any) -> int:
        pause = Event()
        while len(storm.waits_s) < STORM // 3:
            pause.wait(0.002)
        clock.advance(PAY_WITHIN_US // 2)
        return storm.shop.engine.orders.lapse()

    return late
