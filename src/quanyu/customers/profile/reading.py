"""From states to values, from values to Chinese: how a tag reads as of a moment."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from quanyu.clock import CHINA_OFFSET_US, DAY_US, china_datetime, parse_day
from quanyu.customers.profile.definitions import Condition, Tag, TagValue
from quanyu.customers.profile.fields import text_of
from quanyu.money import format_yuan

DAYS_OF_MONTH = 30
PLACEHOLDERS = frozenset({"value", "top", "weight", "monthly", "yuan"})
_BEYOND_64_BITS = 20


def as_integer(text: str) -> int | None:
    plain = text.removeprefix("-")
    fits = plain.isascii() and plain.isdigit() and len(plain) < _BEYOND_64_BITS
    return int(text) if fits else None


def _age(text: str, as_of_us: int) -> int | None:
    year = as_integer(text)
    return None if year is None else china_datetime(as_of_us).year - year


def _days_ago(text: str, as_of_us: int) -> int:
    return (as_of_us + CHINA_OFFSET_US) // DAY_US - parse_day(text)


READINGS: Mapping[str, Callable[[str, int], TagValue | None]] = {
    "plain": lambda text, as_of_us: text,
    "date": lambda text, as_of_us: text,
    "number": lambda text, as_of_us: as_integer(text),
    "age": _age,
    "days_ago": _days_ago,
}


def read_measured(tag: Tag, measured: Any, *, as_of_us: int) -> TagValue | None:
    """The tag's value from what its measure gave."""
    if isinstance(measured, list):
        return tuple(text for text, _ in measured)
    if isinstance(measured, str):
        return READINGS[tag.reading](measured, as_of_us)
    assert measured is None or isinstance(measured, int)
    return measured


def _text_test(op: str, have: TagValue | None, *, want: set[str]) -> bool:
    """eq, ne, in, not_in: compared as texts; an absent value equals nothing."""
    is_one = have is not None and not isinstance(have, tuple) and text_of(have) in want
    return is_one if op in ("eq", "in") else not is_one


_ORDER: Mapping[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "ge": int.__ge__,
    "lt": int.__lt__,
    "le": int.__le__,
}


def compare(op: str, have: TagValue | None, *, want: Any) -> bool:
    """One condition on one value; README.md, section Rule."""
    if op in ("eq", "ne", "in", "not_in"):
        return _text_test(op, have, want={text_of(w) for w in (want if _many(want) else (want,))})
    if have is None:
        return False
    if op == "exists":
        return True
    if op == "contains":
        return text_of(want) in (have if isinstance(have, tuple) else text_of(have))
    if not isinstance(have, int):
        return False
    if op == "between":
        return bool(want[0] <= have <= want[1])
    return isinstance(want, int) and _ORDER[op](have, want)


def _many(want: Any) -> bool:
    return isinstance(want, list | tuple)


def holds(condition: Condition | None, values: Mapping[str, TagValue]) -> bool:
    """Whether a rule's condition holds over the values of other tags."""
    if condition is None:
        return True
    if condition.all is not None:
        return all(holds(part, values) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, values) for part in condition.any)
    if condition.negated is not None:
        return not holds(condition.negated, values)
    assert condition.tag is not None
    return compare(condition.op, values.get(condition.tag), want=condition.value)


def rule_value(tag: Tag, values: Mapping[str, TagValue]) -> str | None:
    return next((case.value for case in tag.cases if holds(case.when, values)), None)


def tags_of(condition: Condition | None) -> Iterable[str]:
    """Keys of the tags that a condition asks."""
    if condition is None:
        return
    for part in (*(condition.all or ()), *(condition.any or ()), condition.negated):
        yield from tags_of(part)
    if condition.tag is not None:
        yield condition.tag


def render(tag: Tag, value: TagValue, *, weights: list[tuple[str, int]] | None = None) -> str:
    """The readable text. Empty when a monthly rate rounds to nothing."""
    texts = [text_of(v) for v in (value if isinstance(value, tuple) else (value,))]
    shown = [tag.labels.get(text, text) for text in texts]
    weight = weights[0][1] if weights else 0
    window = tag.measure.window_days if tag.measure else None
    monthly = (2 * weight * DAYS_OF_MONTH + (window or 1)) // (2 * (window or 1))
    if "{monthly}" in tag.text and monthly == 0:
        return ""
    yuan = format_yuan(value) if isinstance(value, int) else ""
    filling = {"value": "、".join(shown), "top": shown[0], "weight": str(weight)}
    return _fill(tag.text, filling | {"monthly": str(monthly), "yuan": yuan})


def _fill(template: str, filling: Mapping[str, str]) -> str:
    """Replacement by name only: a template is data and reaches no attribute of anything."""
    for name, text in filling.items():
        template = template.replace(f"{{{name}}}", text)
    return template
