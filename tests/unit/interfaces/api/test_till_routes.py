"""Tills without a network over HTTP: devices, passes, and what comes back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.till_ground import RISK, Counter
from tests.unit.interfaces.api.test_coupon_routes import Door

from quanyu.clock import FixedClock
from quanyu.promotions.coupons.bills import Bill, BillLine
from quanyu.promotions.coupons.offline import Kit
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI = "taobao_id:li"
DEVICES = "/v1/stores/s1/devices"
BACK = "/v1/redemptions/offline"
TERMS = {"offline": RISK, "per_person": 9}


@pytest.fixture
def engine(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[Engine]:
    made = Engine(Settings(data_dir=data_dir), database, clock=clock)
    yield made
    made.close()


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(engine)


def till(door: Door, clock: FixedClock) -> Counter:
    kit = msgspec.convert(door.ok(DEVICES, {}), Kit)
    return Counter(kit, at_us=clock.now_us())


def shown(door: Door, **more: Any) -> tuple[str, str]:
    """(coupon, pass) of a new piece."""
    coupon = door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"]
    asked = {"coupon": coupon, "identifier": LI, **more}
    return coupon, door.ok("/v1/coupons/offline-pass", asked)["pass"]


def line(entry: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(entry))


def test_a_till_from_its_first_day_to_its_last(door: Door, clock: FixedClock) -> None:
    door.publish(per_person=9, offline={"per_device_fen": 6000, "per_coupon_fen": 2000})
    counter = till(door, clock)
    coupon, text = shown(door)
    voided, other = shown(door, ttl="30m")
    entries = [line(counter.took(text)), line(counter.took(other))]
    door.ok("/v1/coupons/void", {"coupon": voided})
    told = door.ok(BACK, {"entries": entries})["entries"]
    assert [(one["outcome"], one["coupon"]) for one in told] == [
        ("redeemed", coupon), ("conflict", voided),
    ]  # fmt: skip
    assert door.ok(BACK, {"entries": entries})["entries"] == told
    balances = door.get("/v1/offers/t1").json()["balances"]
    assert (balances["fen/spent"], balances["fen/offline_loss"]) == (2000, 2000)
    device = counter.till.kit.device
    assert door.ok(f"{DEVICES}/{device}/revoke", {})["revoked"]
    assert door.refused(f"{DEVICES}/{device}/revoke", {}, status=409) == "device_revoked"
    _, late = shown(door)
    told = door.ok(BACK, {"entries": [line(counter.took(late))]})["entries"]
    assert (told[0]["outcome"], told[0]["reason"]) == ("rejected", "device_revoked")
    assert [one["device"] for one in door.get(DEVICES).json()] == [device]


def test_the_kit_is_told_again_for_the_same_key_alone(door: Door) -> None:
    first, again = door.ok(DEVICES, {}, key="same"), door.ok(DEVICES, {}, key="same")
    assert first == again
    assert door.ok(DEVICES, {}, key="other")["device"] != first["device"]
    told = door.post("/v1/stores/s2/devices", {}, key="same")
    assert (told.status_code, told.json()["error"]["code"]) == (422, "key_used_for_another_request")
    assert first["key"] not in door.get(DEVICES).text


def test_a_bill_with_lines_comes_back_as_it_was_signed(door: Door, clock: FixedClock) -> None:
    door.publish(**TERMS, terms={"scope": {"items": ["tea"]}})
    counter = till(door, clock)
    _, text = shown(door)
    tea = BillLine("tea", 3, 4000, category="饮品", flags=("new",))
    bill = Bill(13_000, (tea, BillLine("cup", 1, 1000)), virtual=True)
    entry = line(counter.took(text, bill=bill))
    assert door.ok(BACK, {"entries": [entry]})["entries"][0]["outcome"] == "redeemed"


def test_who_may_do_what(engine: Engine) -> None:
    """A till's key reconciles, and neither enrols devices nor makes passes."""
    at_till = Door(engine, "redemptions:write")
    assert at_till.post(DEVICES, {}).status_code == 403
    assert at_till.get(DEVICES).status_code == 403
    asked = {"coupon": "c_1", "identifier": LI}
    assert at_till.post("/v1/coupons/offline-pass", asked).status_code == 403
    assert Door(engine, "coupons:write").post(BACK, {"entries": []}).status_code == 403


def test_another_merchant_finds_nothing(engine: Engine, door: Door, clock: FixedClock) -> None:
    door.publish(**TERMS)
    counter = till(door, clock)
    coupon, text = shown(door)
    entry = line(counter.took(text))
    shoes = Door(engine, merchant="shoes")
    told = shoes.ok(BACK, {"entries": [entry]})["entries"]
    assert told == [{"sequence": 1, "outcome": "rejected", "reason": "unknown_device"}]
    assert shoes.get(DEVICES).json() == []
    device = counter.till.kit.device
    assert shoes.post(f"{DEVICES}/{device}/revoke", {}).status_code == 404
    asked = {"coupon": coupon, "identifier": LI}
    assert shoes.post("/v1/coupons/offline-pass", asked).status_code == 404


def test_no_pass_for_what_is_not_offline(door: Door) -> None:
    door.publish()
    coupon = door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"]
    asked = {"coupon": coupon, "identifier": LI}
    assert door.refused("/v1/coupons/offline-pass", asked, status=409) == "not_offline"
    assert door.post("/v1/coupons/offline-pass", asked | {"ttl": "2d"}).status_code == 400


WHOLE = {
    "sequence": 1, "device": "d", "pass": "QY2", "amount": 1, "discount": 0, "at_us": 1,
    "previous": "0", "signature": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"entries": []}, {"entries": [{}]}, {"entries": [7]}, {"entries": [WHOLE] * 501},
        {"entries": [WHOLE | {"sequence": 0}]}, {"entries": [WHOLE | {"amount": -1}]},
        {"entries": [WHOLE | {"amount": 0.5}]}, {"entries": [WHOLE | {"x": 1}]},
        {"entries": [WHOLE | {"lines": [{}]}]},
    ],
)  # fmt: skip
def test_what_cannot_be_read(door: Door, body: Any) -> None:
    assert door.post(BACK, body).status_code in (400, 422)


def test_nonsense_that_can_be_read_is_rejected(door: Door) -> None:
    told = door.ok(BACK, {"entries": [WHOLE]})["entries"]
    assert told == [{"sequence": 1, "outcome": "rejected", "reason": "unknown_device"}]


def test_a_whole_audience_over_http(engine: Engine, door: Door) -> None:
    door.publish()
    assert door.post("/v1/offers/t1/issue-to-audience", {"audience": "all"}).status_code == 404
    engine.audiences.create("tea", "all", definition={"event": "view"})
    given = door.ok("/v1/offers/t1/issue-to-audience", {"audience": "all"})
    assert given == {"offer": "t1", "audience": "all", "counts": {}}
    door.ok("/v1/offers/t1/moves/pause", {"actor": "lin"})
    told = door.refused("/v1/offers/t1/issue-to-audience", {"audience": "all"}, status=409)
    assert told == "offer_paused"
    reader = Door(engine, "offers:write")
    assert reader.post("/v1/offers/t1/issue-to-audience", {"audience": "all"}).status_code == 403
