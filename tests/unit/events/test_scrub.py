"""Personal values in free text are masked, in whatever costume; ordinary text stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.events.scrub import (
    BANK_CARD_MASK,
    EMAIL_MASK,
    ID_CARD_MASK,
    PHONE_MASK,
    PLACE_MASK,
    TELEPHONE_MASK,
    birth_year,
    is_mobile,
    is_personal_key,
    scrub_props,
    scrub_text,
)

PHONES = [
    "13912345678",
    "139 1234 5678",
    "139-1234-5678",
    "139.1234.5678",
    "+86 13912345678",
    "+86-139-1234-5678",
    "008613912345678",
    "8613912345678",
    "１３９１２３４５６７８",
    "１３９－１２３４－５６７８",
    "139１２３４5678",
    "1 3 9 1 2 3 4 5 6 7 8",
    "一三九一二三四五六七八",
    "幺三九一二三四五六七八",
    "139/1234/5678",
    "139　1234　5678",
]


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("around", ["{}", "打给{}吧", "tel:{},谢谢", "收货人张 {}", "{}?"])
def test_mobile_numbers_are_masked(phone: str, around: str) -> None:
    assert scrub_text(around.format(phone)) == around.format(PHONE_MASK)


OTHERS = [
    ("010-62345678", TELEPHONE_MASK),
    ("0571 88888888", TELEPHONE_MASK),
    ("400-123-4567", TELEPHONE_MASK),
    ("11010519491231002X", ID_CARD_MASK),
    ("110105194912310021", ID_CARD_MASK),
    ("110105 19491231 002X", ID_CARD_MASK),
    ("１１０１０５１９４９１２３１００２Ｘ", ID_CARD_MASK),
    ("110105491231002", ID_CARD_MASK),
    ("6222 0212 3456 7895", None),
    ("6225365271562822", BANK_CARD_MASK),
    ("6225 3652 7156 2822", BANK_CARD_MASK),
    ("4111-1111-1111-1111", BANK_CARD_MASK),
    ("zhang.san@example.com", EMAIL_MASK),
    ("zhang＠example.com.cn", EMAIL_MASK),
    ("31.230416,121.473701", PLACE_MASK),
    ("31.2304, 121.4737", PLACE_MASK),
    ("-31.2304，-121.4737", PLACE_MASK),
]


@pytest.mark.parametrize(("value", "mask"), OTHERS)
def test_other_personal_values_are_masked(value: str, mask: str | None) -> None:
    assert scrub_text(f"看 {value} 看") == f"看 {mask or value} 看"


def test_several_in_one_text_are_all_masked() -> None:
    text = "a@b.cn 13912345678 或 13812345678，身份证 11010519491231002X"
    assert scrub_text(text) == f"{EMAIL_MASK} {PHONE_MASK} 或 {PHONE_MASK}，身份证 {ID_CARD_MASK}"


PLAIN = [
    "",
    "羽绒服 女 2026新款",
    "iPhone 17 Pro 256G",
    "订单 20260310",
    "满300减30",
    "2026-03-10 12:00:05",
    "4.5折",
    "面膜 10片装 x 3",
    "3.14159",
    "一二三四五",
    "十一月十一日",
    "尺码 170/92A",
    "@小二",
    "23912345678",
    "1391234567",
    "139123456789",
    "1511658000",
]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_text_stays(text: str) -> None:
    assert scrub_text(text) == text


@given(st.text(max_size=60), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=60))
def test_no_text_carries_a_phone_number_through(before: str, phone: str, after: str) -> None:
    """A digit beside it would make it another number."""
    text = f"{before.rstrip()}·，{phone}，·{after}"
    scrubbed = scrub_text(text)
    assert phone not in scrubbed or any(c.isdecimal() for c in (before[-1:], after[:1]))


@given(st.text(max_size=300))
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrub_text(text)
    assert scrub_text(once) == once


@pytest.mark.parametrize(
    "evil", ["a" * 1024 + "@", "1 " * 512, "1-" * 512, "1.1" * 340, "@" * 1024]
)
def test_hostile_text_is_read_in_linear_time(evil: str) -> None:
    for _ in range(200):
        scrub_text(evil)


@pytest.mark.parametrize(
    "key",
    [
        "name", "phone", "Phone", "mobile", "tel", "address", "consignee", "id_card", "email",
        "receiver_phone", "delivery_address", "buyer_name", "contact_mobile", "bank_card", "ip",
        "lat", "lng", "birthday", "dob",
    ],
)  # fmt: skip
def test_keys_that_name_a_person(key: str) -> None:
    assert is_personal_key(key)
    assert scrub_props({key: "x"}) == {}


@pytest.mark.parametrize(
    "key", ["category", "gender", "city", "item_name", "brand_name", "channel", "minutes", "points"]
)
def test_keys_that_name_a_thing(key: str) -> None:
    assert not is_personal_key(key)
    assert scrub_props({key: "x"}) == {key: "x"}


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("1998-05-20", 1998),
        ("1998/5/20", 1998),
        ("19980520", 1998),
        ("2003年5月", 2003),
        (1998, 1998),
        ("5-20", None),
        ("98-05-20", None),
        ("", None),
    ],
)
def test_a_birthday_is_cut_to_its_year(value: str | int, year: int | None) -> None:
    assert birth_year(value) == year
    assert scrub_props({"birthday": value}) == ({} if year is None else {"birth_year": year})


def test_a_given_birth_year_wins_over_the_birthday() -> None:
    assert scrub_props({"birth_year": 1990, "birthday": "1998-05-20"})["birth_year"] == 1990
    assert scrub_props({"birthday": "1998-05-20", "birth_year": 1990})["birth_year"] == 1990


def test_values_of_props_are_masked_by_type() -> None:
    props = {"note": "call 13912345678", "n": 13912345678, "quantity": 2, "rate": 0.5, "new": True}
    assert scrub_props(props) == {
        "note": f"call {PHONE_MASK}", "n": PHONE_MASK, "quantity": 2, "rate": 0.5, "new": True,
    }  # fmt: skip


def test_brackets_inside_a_number_do_not_hide_it() -> None:
    assert "1234" not in scrub_text("打 (139)12345678")


@pytest.mark.parametrize("value", PHONES)
def test_a_mobile_number_alone_is_known(value: str) -> None:
    assert is_mobile(value)


@pytest.mark.parametrize(
    "value", ["", "1391234567", "o-13912345678", "e-1", "23912345678", "x" * 99]
)
def test_other_ids_are_not_mobile_numbers(value: str) -> None:
    assert not is_mobile(value)
