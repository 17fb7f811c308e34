"""The stretch of event time that a report looks at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quanyu.clock import CHINA, format_iso, parse_iso, to_us
from quanyu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Period:
    """From ``from_us`` up to and without ``to_us``; None leaves that side open."""

    from_us: int | None = None
    to_us: int | None = None

    def __post_init__(self) -> None:
        if self.from_us is not None and self.to_us is not None and self.from_us >= self.to_us:
            raise BadInput("from", f"must be before to, which is {format_iso(self.to_us)}")

    def holds(self, at_us: int) -> bool:
        after = self.from_us is None or at_us >= self.from_us
        return after and (self.to_us is None or at_us < self.to_us)

    def __str__(self) -> str:
        ends = (self.from_us, self.to_us)
        first, last = (format_iso(end)[:16] if end is not None else "" for end in ends)
        return f"{first or 'the beginning'} to {last or 'now'}"


ALL_TIME = Period()


def parse_period(from_text: str | None, to_text: str | None) -> Period:
    """Two days (``2026-05-01``, both included, China's days) or ISO 8601 times with offset.

    A time as ``to`` is excluded. Raises BadInput.
    """
    from_us = None if from_text is None else _moment("from", from_text)
    to_us = None if to_text is None else _moment("to", to_text, whole_day=True)
    return Period(from_us, to_us)


def _moment(field: str, text: str, *, whole_day: bool = False) -> int:
    try:
        if len(text) == len("2026-05-01"):
            start = datetime.combine(date.fromisoformat(text), datetime.min.time(), CHINA)
            return to_us(start + timedelta(days=whole_day))
        return parse_iso(text)
    except (ValueError, OverflowError):
        mend = "write a day such as 2026-05-01, or a time such as 2026-05-01T20:00:00+08:00"
        raise BadInput(field, mend) from None
