"""Who writes: templates, or a language model behind an endpoint. Engines live in ``storage``."""

from typing import Protocol

import msgspec

from quanyu.compliance.verdict import Hit
from quanyu.content.generation.brief import Brief, GeneratedKind
from quanyu.content.generation.draft import Draft
from quanyu.errors import QuanyuError


class Task(msgspec.Struct, frozen=True, kw_only=True):
    kind: GeneratedKind
    brief: Brief
    seed: int
    round: int = 0
    """Counts rewritings from the first draft on."""
    findings: tuple[Hit, ...] = ()
    """Why the last draft was not let through; empty at first."""
    last: Draft | None = None
    complaint: str = ""
    """What else was wrong with it: its form, its length."""


class Unwritten(QuanyuError):
    """The writer gave no usable draft:"""


class WriterUnavailable(QuanyuError):
    """The language model cannot be reached:"""


class Writer(Protocol):
    @property
    def name(self) -> str:
        """For the record: ``template`` or the model."""

    def write(self, task: Task) -> Draft:
        """Raises Unwritten when what comes is not usable and may be asked for again,
        WriterUnavailable when nothing comes, BadInput when the brief cannot be met."""
