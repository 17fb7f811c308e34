"""Tags as data: what is measured, how it reads in Chinese, what it may be used for.

These classes hold no behaviour beyond their own checks, so that an evaluator in Python
(``measure``) and one in Ibis (``storage.lake``) can share them. README.md has the exact semantics.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Scalar = str | int | bool
"""What a ``where`` compares with; compared as text, see ``fields.text_of``."""
TagValue = str | int | tuple[str, ...]
"""A top-N tag is a tuple of texts, heaviest first; every other tag is a text or an integer."""

Aggregate = Literal["count", "sum", "mean", "last", "first", "top_n", "days", "distinct"]
TagKind = Literal["fact", "rule", "statistic", "preference"]
Reading = Literal["plain", "number", "age", "date", "days_ago"]
TagType = Literal["text", "number", "texts"]
Operator = Literal[
    "eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "contains", "between", "exists"
]
NEEDS_FIELD = frozenset({"sum", "mean", "last", "first", "top_n", "distinct"})


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One figure about one person: which events count, and how they add up."""

    events: tuple[str, ...] = ()
    """Kinds; empty means every kind."""
    aggregate: Aggregate
    field: str | None = None
    """Public event field, calendar field (``fields.CALENDAR``) or prop."""
    where: dict[str, tuple[Scalar, ...] | Scalar] = {}
    """Field → value or values, one of which it must have."""
    unless: dict[str, tuple[Scalar, ...] | Scalar] = {}
    """Field → value or values, none of which it may have; an absent field passes."""
    window_days: Annotated[int, Meta(ge=1, le=1096)] | None = None
    """Whole China days, the day of ``as_of`` included; none means all time."""
    hours: tuple[Annotated[int, Meta(ge=0, le=23)], Annotated[int, Meta(ge=1, le=24)]] | None = None
    """China hours [from, to); from > to runs over midnight."""
    weekdays: tuple[Annotated[int, Meta(ge=1, le=7)], ...] = ()
    """ISO weekdays in China, 6 and 7 are the weekend; empty means every day."""
    n: Annotated[int, Meta(ge=1, le=20)] = 1
    weights: dict[str, Annotated[int, Meta(ge=1, le=1000)]] = {}
    """Kind → weight in a top-N; a kind that is not listed weighs 1."""
    weight_min: Annotated[int, Meta(ge=1)] = 1
    """A value of a top-N that weighs less is left out."""

    def __post_init__(self) -> None:
        if self.aggregate in NEEDS_FIELD and self.field is None:
            raise ValueError(f"aggregate {self.aggregate!r} needs a field")
        if self.aggregate != "top_n" and (self.weights or self.n != 1 or self.weight_min != 1):
            raise ValueError("n, weights and weight_min belong to aggregate 'top_n'")
        if self.events and not self.weights.keys() <= set(self.events):
            raise ValueError("weights name a kind that is not among events")
        if self.hours is not None and self.hours[0] == self.hours[1]:
            raise ValueError("hours are empty; leave them out for the whole day")


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tree over other tags: exactly one of all, any, not or tag (with op and value)."""

    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    negated: "Condition | None" = msgspec.field(default=None, name="not")
    tag: Key | None = None
    op: Operator = "exists"
    value: Scalar | tuple[Scalar, ...] | None = None

    def __post_init__(self) -> None:
        forms = (self.all, self.any, self.negated, self.tag)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("a condition is exactly one of all, any, not, tag")
        if self.tag is not None and (self.op == "exists") != (self.value is None):
            raise ValueError(f"operator {self.op!r} with value {self.value!r}")
        if self.op == "between" and not (isinstance(self.value, tuple) and len(self.value) == 2):
            raise ValueError("between needs [from, to]")


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of a rule tag; the first case whose condition holds gives the value."""

    value: str
    when: Condition | None = None
    """None always holds: the case for everyone else."""


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One tag. ``measure`` gives a fact, statistic or preference; ``cases`` give a rule."""

    key: Key
    label: Annotated[str, Meta(min_length=1, max_length=32)]
    kind: TagKind
    purpose: Annotated[str, Meta(min_length=1)]
    """What it may be used for (PIPL 6); one of the keys in privacy/purposes.toml."""
    measure: Measure | None = None
    reading: Reading = "plain"
    """How the measured value becomes the tag's value: see README.md."""
    cases: tuple[Case, ...] = ()
    text: str = "{value}"
    """Format of the readable text: {value}, {top} and, for a top-N, {weight} and {monthly}."""
    labels: dict[str, str] = {}
    """Value → how it reads: female → 女性."""
    ttl_days: Annotated[int, Meta(ge=1)] | None = None
    """The value is gone this many China days after the last event that counted."""
    sensitive: bool = False

    def __post_init__(self) -> None:
        if (self.kind == "rule") != bool(self.cases) or bool(self.cases) == bool(self.measure):
            raise ValueError("a rule has cases, every other kind has a measure")
        if self.reading != "plain" and (
            self.measure is None or self.measure.aggregate not in ("last", "first")
        ):
            raise ValueError(f"reading {self.reading!r} needs aggregate 'last' or 'first'")
        if self.kind == "preference" and self.measure and self.measure.aggregate != "top_n":
            raise ValueError("a preference is a top_n")

    @property
    def type(self) -> TagType:
        """What the value is to a condition: an operand of comparison, a text, or several texts."""
        if self.measure is None:
            return "text"
        if self.measure.aggregate in ("last", "first"):
            return "text" if self.reading in ("plain", "date") else "number"
        return "texts" if self.measure.aggregate == "top_n" else "number"
