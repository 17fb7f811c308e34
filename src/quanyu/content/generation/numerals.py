"""Figures in Chinese writing: 一百二十五克 is 125."""

import re

DIGITS = {char: place for place, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1_000}
GROUPS = {"万": 10_000, "亿": 100_000_000}
_NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_UNITS = "元|块|折|倍|克|公斤|斤|毫升|升|厘米|毫米|米|年|小时|度|人|名"
HAN_FIGURE = re.compile(
    rf"百分之(?P<share>[{_NUMERAL}]+)"
    rf"|(?<![\d几数多第{_NUMERAL}])(?P<count>[{_NUMERAL}]+)(?P<unit>{_UNITS})"
)
"""What states an amount: a share, or a number before a measure. “三步” and “第一” state none."""


def figures_in(text: str) -> list[tuple[str, int | None]]:
    """(as written, its value) of every amount in Chinese writing; None for what is no one number
    (三四年). One of something (一年, 一人) is a way of speaking, save for 一折 and 一倍."""
    found = []
    for one in HAN_FIGURE.finditer(text):
        written = one["share"] or one["count"]
        if written != "一" or one["share"] or one["unit"] in ("折", "倍"):
            found.append((one[0], value_of(written)))
    return found


def value_of(written: str) -> int | None:
    """一百零五 → 105, 二〇二六 → 2026, 十二万 → 120000; None for what is no number."""
    if all(char in DIGITS for char in written):
        spoken = len(written) == 1 or "零" in written or "〇" in written
        return int("".join(str(DIGITS[char]) for char in written)) if spoken else None
    total = group = digit = 0
    for char in written:
        if char in GROUPS:
            total, group, digit = (total + (group + digit or 1)) * GROUPS[char], 0, 0
        elif char in TENS:
            group, digit = group + (digit or 1) * TENS[char], 0
        elif digit:
            return None
        else:
            digit = DIGITS[char]
    return total + group + digit
