"""Personal values that hide in free text and in props are masked before anything is stored.

A mask keeps the sentence readable (``送到〔手机号〕``) and can be counted; the value is gone.
"""

import re
from collections.abc import Callable, Container, Mapping

from quanyu.events.event import PropValue

PHONE_MASK = "〔手机号〕"
TELEPHONE_MASK = "〔电话〕"
ID_CARD_MASK = "〔证件号〕"
BANK_CARD_MASK = "〔银行卡〕"
EMAIL_MASK = "〔邮箱〕"
PLACE_MASK = "〔坐标〕"

_DIGITS = "〇零一二三四五六七八九幺"
_PLAIN = {0xFF01 + n: 0x21 + n for n in range(94)} | str.maketrans(
    "　–—" + _DIGITS, " --" + "001234567891"
)
"""One character for one, so that places found in the plain form are places in the original."""

_SUSPECT = re.compile(rf"[@＠]|\d[.．]\d{{3}}|(?:[\d{_DIGITS}][^\d{_DIGITS}]{{0,3}}){{10}}")
"""Ten digits, an @ or three decimals: below that no pattern can match."""

_SHORTEST = len("a@b.c")
_GAP = r"[\s\-.·_()/]{0,3}"
_MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_TELEPHONE = re.compile(
    r"(?<!\d)(?:\(?0\d{2,3}\)?[\s-]{1,2}\d{7,8}|400[\s-]?\d{3}[\s-]?\d{4})(?!\d)"
)
_ID_CARD = re.compile(rf"(?<!\d)[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?![\dA-Za-z])")
_OLD_ID_CARD = re.compile(r"(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}(?!\d)")
_BANK_CARD = re.compile(r"(?<!\d)[3-6](?:[\s-]?\d){14,18}(?!\d)")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++\s?@\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_PLACE = re.compile(r"(?<![\d.])-?\d{1,3}\.\d{3,}\s*[NSns]?[,;\s]+-?\d{1,3}\.\d{3,}(?![\d.])")


def _always(found: str) -> bool:
    return True


def _luhn(found: str) -> bool:
    """ISO/IEC 7812-1 annex B: tells card numbers from order numbers of the same length."""
    digits = [int(c) for c in reversed(found) if c.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _mainland_id(found: str) -> bool:
    """GB 11643 puts the birth date at digits 7 to 14; a mistyped check digit stays personal."""
    digits = [c for c in found if c.isalnum()]
    month, day = int("".join(digits[10:12])), int("".join(digits[12:14]))
    return 1 <= month <= 12 and 1 <= day <= 31


_MASKS: tuple[tuple[re.Pattern[str], str, Callable[[str], bool]], ...] = (
    (_EMAIL, EMAIL_MASK, _always),
    (_PLACE, PLACE_MASK, _always),
    (_ID_CARD, ID_CARD_MASK, _mainland_id),
    (_BANK_CARD, BANK_CARD_MASK, _luhn),
    (_OLD_ID_CARD, ID_CARD_MASK, _always),
    (_MOBILE, PHONE_MASK, _always),
    (_TELEPHONE, TELEPHONE_MASK, _always),
)


def scrub_text(text: str) -> str:
    """``text`` with phone, ID-card, bank-card numbers, e-mail addresses and coordinates masked."""
    if len(text) < _SHORTEST or _SUSPECT.search(text) is None:
        return text
    for pattern, mask, holds in _MASKS:
        plain = _ascii_digits(text)
        for found in reversed(list(pattern.finditer(plain))):
            if holds(found[0]):
                text = text[: found.start()] + mask + text[found.end() :]
    return text


NO_NAME = "give a name or a staff number, no phone number, e-mail address, card or place"


def is_plain_name(actor: str) -> bool:
    """Who acts is told by a name or a staff number: nothing in it would have to be masked."""
    return scrub_text(actor) == actor


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    plain = text.translate(_PLAIN)
    if plain.isascii():
        return plain
    return "".join(str(int(c)) if c.isdecimal() else c for c in plain)


def is_mobile(value: str) -> bool:
    """True for a Chinese mobile number alone, with or without +86 and separators."""
    return 11 <= len(value) <= 24 and _MOBILE.fullmatch(_ascii_digits(value)) is not None


_PERSONAL = {
    "name", "realname", "fullname", "nickname", "nick", "surname", "username", "contact",
    "phone", "mobile", "tel", "telephone", "cellphone", "fax", "msisdn",
    "address", "addr", "street", "postcode", "consignee", "receiver", "recipient",
    "idcard", "idnumber", "passport", "licence", "license", "email", "mail", "wechat", "weixin",
    "qq", "bankcard", "cardnumber", "iban", "lat", "lng", "lon", "latitude", "longitude", "ip",
    "coordinates", "imei", "idfa", "oaid", "mac", "姓名", "手机", "手机号", "电话", "地址", "邮箱",
}  # fmt: skip
_PERSONAL_PAIRS = {
    "real_name", "full_name", "first_name", "last_name", "family_name", "given_name", "user_name",
    "contact_name", "receiver_name", "consignee_name", "buyer_name", "customer_name",
    "id_card", "id_number", "id_no", "bank_card", "card_number", "card_no", "phone_number",
    "mobile_number", "phone_no", "post_code", "zip_code", "ip_address", "geo_point",
}  # fmt: skip
_BIRTHDAYS = {"birthday", "birth_date", "birthdate", "date_of_birth", "dob"}
_YEAR = re.compile(r"\s*((?:19|20)\d{2})(?!\d{1,3}$)")


def is_personal_key(key: str) -> bool:
    """True for a prop that names a person directly: ``phone``, ``receiver_mobile``, ``id_card``."""
    lowered = key.lower()
    if lowered in _PERSONAL or lowered in _PERSONAL_PAIRS or lowered in _BIRTHDAYS:
        return True
    last = lowered.rpartition("_")[2]
    return last != "name" and last in _PERSONAL


def is_birthday_key(key: str) -> bool:
    return key.lower() in _BIRTHDAYS


def birth_year(value: PropValue) -> int | None:
    """``"1998-05-20"`` → 1998; None where no year can be read."""
    found = _YEAR.match(str(value))
    return int(found[1]) if found else None


def scrub_props(props: Mapping[str, PropValue], plain: Container[str] = ()) -> dict[str, PropValue]:
    """Props without direct identifiers, with texts masked and a birthday cut to its year.

    ``plain`` holds keys that are known to name nobody.
    """
    kept: dict[str, PropValue] = {}
    for key, value in props.items():
        if key in plain or not is_personal_key(key):
            kept[key] = scrub_value(value)
        elif is_birthday_key(key) and (year := birth_year(value)) is not None:
            kept.setdefault("birth_year", year)
    return kept


def scrub_value(value: PropValue) -> PropValue:
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, int) and is_mobile(str(value)):
        return PHONE_MASK
    return value
