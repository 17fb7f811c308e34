"""Ad marks, the share of ads, devices, landing prices (RULES B4): tables with their articles."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.compliance.placements import (
    Device,
    Kind,
    Slot,
    review_device,
    review_home,
    review_landing,
    review_slots,
)
from quanyu.compliance.policy import Policy
from quanyu.errors import BadInput

ON = date(2026, 11, 11)
AD = Slot(kind=Kind.RANKED, bid_fen=100, marked=True)
PLAIN = Slot(kind=Kind.MODULE)


@pytest.mark.parametrize(
    ("slot", "article"),
    [
        (Slot(kind=Kind.RANKED, bid_fen=1), "《电子商务法》第四十条"),
        (Slot(kind=Kind.RANKED, bid_fen=1, marked=True), None),
        (Slot(kind=Kind.RANKED), None),
        (Slot(kind=Kind.EXPERIENCE, purchase_link=True), "《互联网广告管理办法》第九条"),
        (Slot(kind=Kind.KNOWLEDGE, purchase_link=True), "《互联网广告管理办法》第九条"),
        (Slot(kind=Kind.REVIEW, purchase_link=True), "《互联网广告管理办法》第九条"),
        (Slot(kind=Kind.REVIEW, purchase_link=True, marked=True), None),
        (Slot(kind=Kind.REVIEW), None),
        (Slot(kind=Kind.MODULE, purchase_link=True), None),
        (Slot(kind=Kind.REVIEW, purchase_link=True, bid_fen=1), "《电子商务法》第四十条"),
    ],
)
def test_what_must_carry_the_word_ad(slot: Slot, article: str | None) -> None:
    verdict = review_slots([AD, slot], on=ON)
    assert [hit.article for hit in verdict.hits] == ([] if article is None else [article])
    assert [hit.field for hit in verdict.hits] == ([] if article is None else ["slots[1]"])
    assert verdict.may_be_shown is (article is None)


def test_the_law_of_the_day() -> None:
    review = Slot(kind=Kind.REVIEW, purchase_link=True)
    assert review_slots([review], on=date(2023, 4, 30)).hits == ()
    assert len(review_slots([review], on=date(2023, 5, 1)).hits) == 1
    with pytest.raises(BadInput, match="no rule on placement is known for 2015-08-31"):
        review_slots([review], on=date(2015, 8, 31))


@pytest.mark.parametrize(
    ("ads", "modules", "passes"),
    [(3, 10, True), (300, 1000, True), (301, 1000, False), (4, 10, False), (0, 0, True),
     (1, 1, False), (1, 3, False), (0, 5, True)],
)  # fmt: skip
def test_thirty_percent_of_a_home_page(ads: int, modules: int, passes: bool) -> None:
    page = [AD] * ads + [PLAIN] * (modules - ads)
    verdict = review_home(page, on=ON)
    assert verdict.may_be_shown is passes
    assert all(f"{modules} 个模块里有 {ads} 个广告，超过 30%" in hit.why for hit in verdict.hits)


def test_the_share_is_policy() -> None:
    page = [AD] * 2 + [PLAIN] * 8
    assert review_home(page, on=ON, policy=Policy(home_ads_permille_max=200)).may_be_shown
    assert not review_home(page, on=ON, policy=Policy(home_ads_permille_max=199)).may_be_shown
    assert not review_home([AD], on=ON, policy=Policy(home_ads_permille_max=0)).may_be_shown


def test_unmarked_ads_count_as_ads() -> None:
    hidden = Slot(kind=Kind.EXPERIENCE, purchase_link=True)
    assert not review_home([hidden, PLAIN, PLAIN], on=ON).may_be_shown


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 1000))
def test_the_share_is_counted_exactly(ads: list[bool], most: int) -> None:
    page = [AD if one else PLAIN for one in ads]
    passes = review_home(page, on=ON, policy=Policy(home_ads_permille_max=most)).may_be_shown
    assert passes is (1000 * sum(ads) <= most * len(ads))


@pytest.mark.parametrize("device", Device)
@pytest.mark.parametrize("consent", [True, False])
def test_no_ads_in_cars_and_appliances_without_consent(device: Device, consent: bool) -> None:
    closed = device in {Device.VEHICLE, Device.NAVIGATION, Device.APPLIANCE}
    verdict = review_device(device, consent=consent, on=ON)
    assert verdict.may_be_shown is (consent or not closed)
    assert all("第十七条" in hit.article for hit in verdict.hits)


@pytest.mark.parametrize(
    ("creative_fen", "landing_fen", "passes"),
    [(9_900, 9_900, True), (9_900, 10_900, False), (9_900, 9_899, False)],
)
def test_the_landing_page_has_the_price_of_the_ad(
    creative_fen: int, landing_fen: int, passes: bool
) -> None:
    verdict = review_landing(creative_fen, landing_fen, on=ON)
    assert verdict.may_be_shown is passes
    assert all(hit.field == "landing.price" and "¥99.00" in hit.why for hit in verdict.hits)
