"""99 抵 200: what each scan makes the store's own, and what stays the buyer's."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import MINUTE_US
from quanyu.errors import BadInput, Refused
from quanyu.ids import Token
from quanyu.promotions.vouchers.codes import ALPHABET, VoucherCodes
from quanyu.promotions.vouchers.postings import VoucherBook
from quanyu.promotions.vouchers.voucher import (
    DAYS_MAX,
    UNDO_WINDOW_US,
    Use,
    Visit,
    Voucher,
    VoucherProduct,
    VoucherRefusal,
    earned_by,
    refund_refusal,
    undo_refusal,
    use_refusal,
)

HOTPOT = VoucherProduct("hotpot-200", "hotpot", 20_000, 90, ("s1", "s2"))
BOUGHT = Voucher("v1", HOTPOT, ("taobao_id", Token(bytes(16))), "o1", 9_900, "alipay", 10**15)
NOON_US = 10**12


def used(voucher: Voucher, amount_fen: int) -> Voucher:
    return msgspec.structs.replace(
        voucher,
        used_fen=voucher.used_fen + amount_fen,
        earned_fen=voucher.earned_fen + earned_by(voucher, amount_fen),
    )


def test_two_visits_and_the_rest() -> None:
    """120.00 of 200.00 for 99.00 make 59.40 the store's; 39.60 stay the buyer's."""
    after = used(used(BOUGHT, 7_000), 5_000)
    assert (after.rest_fen, after.earned_fen, after.refundable_fen) == (8_000, 5_940, 3_960)
    whole = used(after, 8_000)
    assert (whole.rest_fen, whole.refundable_fen) == (0, 0)


@given(
    face=st.integers(1, 10**6),
    paid=st.integers(0, 10**6),
    shares=st.lists(st.integers(1, 10**5), max_size=12),
)
def test_however_it_is_used_up_the_store_earns_the_price(
    face: int, paid: int, shares: list[int]
) -> None:
    product = msgspec.structs.replace(HOTPOT, face_fen=face)
    voucher = msgspec.structs.replace(BOUGHT, product=product, paid_fen=paid)
    for share in shares:
        if share < voucher.rest_fen:
            voucher = used(voucher, share)
            assert 0 <= voucher.refundable_fen <= paid
            assert voucher.earned_fen * face <= paid * voucher.used_fen
    assert used(voucher, voucher.rest_fen).earned_fen == paid


@given(data=st.data())
def test_undone_scans_leave_the_price_whole(data: st.DataObject) -> None:
    """Scans are taken back in any order; store and buyer together always have the price."""
    voucher, scans = BOUGHT, []
    for _ in range(data.draw(st.integers(1, 8))):
        if scans and data.draw(st.booleans()):
            amount, earned = scans.pop(data.draw(st.integers(0, len(scans) - 1)))
            voucher = msgspec.structs.replace(
                voucher, used_fen=voucher.used_fen - amount, earned_fen=voucher.earned_fen - earned
            )
        elif voucher.rest_fen:
            amount = data.draw(st.integers(1, voucher.rest_fen))
            scans.append((amount, earned_by(voucher, amount)))
            voucher = used(voucher, amount)
        assert voucher.earned_fen == sum(earned for _, earned in scans)
        assert 0 <= voucher.earned_fen <= voucher.paid_fen
    assert used(voucher, voucher.rest_fen).refundable_fen == 0 or not voucher.rest_fen


@pytest.mark.parametrize(
    ("change", "visit", "reason", "have", "need"),
    [
        ({}, {"amount_fen": 0}, "amount_not_positive", 0, 1),
        ({}, {"amount_fen": -5}, "amount_not_positive", -5, 1),
        ({"refunded": True}, {}, "voucher_refunded", None, None),
        ({"expires_us": NOON_US}, {}, "voucher_expired", None, None),
        ({}, {"store": "s3"}, "wrong_store", None, None),
        ({"used_fen": 20_000}, {}, "voucher_used_up", None, None),
        ({"used_fen": 19_000}, {"amount_fen": 1_001}, "exceeds_rest_of_voucher", 1_000, 1_001),
    ],
)
def test_scans_that_are_refused(
    change: dict[str, Any],
    visit: dict[str, Any],
    reason: str,
    *,
    have: int | None,
    need: int | None,
) -> None:
    voucher = msgspec.structs.replace(BOUGHT, **change)
    scan = msgspec.structs.replace(Visit("s1", 1_000, NOON_US), **visit)
    assert use_refusal(voucher, scan) == Refused(reason, have=have, need=need)


@pytest.mark.parametrize(
    ("change", "scan"),
    [
        ({"expires_us": NOON_US + 1}, Visit("s2", 20_000, NOON_US)),
        ({"used_fen": 19_000}, Visit("s1", 1_000, NOON_US)),
        ({"product": msgspec.structs.replace(HOTPOT, stores=())}, Visit("s9", 1, NOON_US)),
    ],
)
def test_scans_at_the_edge_are_taken(change: dict[str, Any], scan: Visit) -> None:
    assert use_refusal(msgspec.structs.replace(BOUGHT, **change), scan) is None


def test_a_scan_is_taken_back_within_half_an_hour_and_once() -> None:
    use = Use("u1", Visit("s1", 1_000, NOON_US), 495)
    gone = msgspec.structs.replace(use, undone=True)
    back = msgspec.structs.replace(BOUGHT, refunded=True)
    late_us = NOON_US + UNDO_WINDOW_US + 1
    assert undo_refusal(BOUGHT, use, now_us=NOON_US + UNDO_WINDOW_US) is None
    assert undo_refusal(BOUGHT, use, now_us=late_us) == Refused(VoucherRefusal.UNDO_WINDOW_OVER)
    assert undo_refusal(BOUGHT, gone, now_us=NOON_US) == Refused(VoucherRefusal.USE_UNDONE)
    assert undo_refusal(back, use, now_us=NOON_US) == Refused(VoucherRefusal.REFUNDED)
    assert UNDO_WINDOW_US == 30 * MINUTE_US


def test_an_expired_voucher_is_still_worth_its_price() -> None:
    late = msgspec.structs.replace(BOUGHT, expires_us=0)
    assert refund_refusal(late) is None
    assert late.refundable_fen == 9_900
    assert refund_refusal(used(BOUGHT, 20_000)) == Refused(VoucherRefusal.USED_UP)


def test_postings_follow_the_voucher() -> None:
    book = VoucherBook("m", used(BOUGHT, 5_000))
    use = Use("u1", Visit("s1", 5_000, NOON_US), 2_475)
    moves = {
        one.code: (one.debit, one.credit, one.amount)
        for chain in (book.sold(), book.used(use), book.undone(use), book.refunded())
        for one in chain
    }
    deferred, payable = "party/m/hotpot/deferred", "party/m/hotpot/payable"
    assert moves == {
        "voucher.sold": (payable, deferred, 9_900),
        "voucher.used": (deferred, payable, 2_475),
        "voucher.undone": (payable, deferred, 2_475),
        "voucher.refunded": (deferred, "clearing/alipay", 9_900 - 2_475),
    }
    assert {one.id for one in book.accounts} >= {
        place for move in moves.values() for place in move[:2]
    }


def test_a_voucher_that_cost_nothing_moves_nothing() -> None:
    free = VoucherBook("m", msgspec.structs.replace(BOUGHT, paid_fen=0))
    assert (free.sold(), free.refunded()) == ([], [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"face_fen": 0}, "face_fen"),
        ({"face_fen": -1}, "face_fen"),
        ({"valid_days": 0}, "valid_days"),
        ({"valid_days": DAYS_MAX + 1}, "valid_days"),
        ({"item": ""}, "item"),
        ({"shop": "x" * 129}, "shop"),
        ({"stores": ("s",) * 1001}, "stores"),
    ],
)
def test_products_that_are_not_taken(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        msgspec.structs.replace(HOTPOT, **change)
    assert refused.value.field == field


def test_a_code_can_be_read_aloud_and_found_again() -> None:
    codes = VoucherCodes(bytes(range(32)))
    code = codes.code("m", "v1")
    assert len(code) == 16
    assert set(code) <= set(ALPHABET)
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    assert codes.token("m", typed) == codes.token("m", code)
    assert codes.token("n", code) != codes.token("m", code), "of another merchant: nothing"
    assert codes.code("m", "v2") != code
    assert VoucherCodes(bytes(32)).code("m", "v1") != code
