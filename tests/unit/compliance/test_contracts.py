"""Prepaid money and goods that go back (RULES B7): day 7 in, day 8 by contract."""

from datetime import date

import pytest

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.contracts import (
    ByContract,
    Goods,
    Kept,
    Prepaid,
    PrincipalBack,
    refund_of,
    return_of,
    review_prepaid,
)
from quanyu.errors import BadInput

PAID_US = parse_iso("2026-11-01T15:00:00+08:00")
CARD = Prepaid(paid_us=PAID_US, principal_fen=100_000, used_fen=12_300)


@pytest.mark.parametrize(
    ("asked", "day", "fen"),
    [
        ("2026-11-01T15:00:00+08:00", 0, 87_700),
        ("2026-11-08T00:00:00+08:00", 7, 87_700),
        ("2026-11-08T23:59:59+08:00", 7, 87_700),
        ("2026-11-09T00:00:00+08:00", 8, None),
        ("2027-01-01T00:00:00+08:00", 61, None),
        ("2026-10-31T00:00:00+08:00", -1, None),
        ("2026-11-08T15:59:59+00:00", 7, 87_700),
        ("2026-11-08T16:00:00+00:00", 8, None),
    ],
)
def test_the_principal_comes_back_for_seven_days(asked: str, day: int, fen: int | None) -> None:
    found = refund_of(CARD, parse_iso(asked))
    if fen is None:
        assert found == ByContract(day)
    else:
        assert isinstance(found, PrincipalBack)
        assert (found.fen, found.day) == (fen, day)
        assert found.article.endswith("第十四条")


def test_before_the_interpretation_the_contract_decides() -> None:
    paid_us = parse_iso("2025-04-28T12:00:00+08:00")
    early = Prepaid(paid_us=paid_us, principal_fen=1)
    assert refund_of(early, parse_iso("2025-04-30T23:59:59+08:00")) == ByContract(2)
    assert isinstance(refund_of(early, parse_iso("2025-05-01T00:00:00+08:00")), PrincipalBack)


@pytest.mark.parametrize(
    ("written", "at_risk", "fields"),
    [(True, False, []), (False, False, ["contract"]), (True, True, ["at_risk"]),
     (False, True, ["contract", "at_risk"])],
)  # fmt: skip
def test_who_may_take_money_in_advance(written: bool, at_risk: bool, fields: list[str]) -> None:
    hits = review_prepaid(written=written, at_risk=at_risk, on=date(2026, 11, 1)).hits
    assert [hit.field for hit in hits] == fields
    assert all("第二十二条" in hit.article for hit in hits)
    assert review_prepaid(written=False, at_risk=True, on=date(2024, 6, 30)).may_be_shown


@pytest.mark.parametrize(
    ("kept", "marked", "confirmed", "allowed"),
    [
        (None, False, False, True),
        (None, True, True, True),
        (Kept.FRESH, False, False, True),
        (Kept.FRESH, True, False, False),
        (Kept.CUSTOM, True, False, False),
        (Kept.DIGITAL, True, False, False),
        (Kept.PERIODICAL, True, False, False),
        (Kept.PERIODICAL, False, True, True),
        (Kept.BY_NATURE, True, False, True),
        (Kept.BY_NATURE, True, True, False),
        (Kept.BY_NATURE, False, True, True),
    ],
)
def test_goods_that_are_kept(
    kept: Kept | None, marked: bool, confirmed: bool, allowed: bool
) -> None:
    """Fresh food needs its flag; what is kept by nature needs the buyer's yes."""
    goods = Goods(received_us=PAID_US, kept=kept, marked=marked, confirmed=confirmed)
    found = return_of(goods, PAID_US + DAY_US)
    assert found.allowed is allowed
    assert found.article == "《消费者权益保护法》第二十五条"
    assert found.last_day == date(2026, 11, 8)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [("2026-11-08T23:59:59+08:00", True), ("2026-11-09T00:00:00+08:00", False)],
)
def test_seven_days_from_the_day_after_receipt(asked: str, allowed: bool) -> None:
    found = return_of(Goods(received_us=PAID_US), parse_iso(asked))
    assert found.allowed is allowed
    assert ("按约定处理" in found.why) is not allowed


def test_before_the_law_nothing_can_be_told() -> None:
    early = Goods(received_us=parse_iso("2014-03-01T00:00:00+08:00"))
    with pytest.raises(BadInput, match="no rule on contract is known for 2014-03-02"):
        return_of(early, parse_iso("2014-03-02T00:00:00+08:00"))
