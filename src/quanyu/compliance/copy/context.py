"""Where in the text something was found: its clause, its sentence, the words around it."""

from datetime import date
from functools import cached_property

from quanyu.compliance.copy.claims import OnRecord
from quanyu.compliance.copy.folding import Folded, folded
from quanyu.compliance.copy.lexicon import Found, Lexicon

CLAUSE_ENDS = "，。！？；,!?;\n\r"
SENTENCE_ENDS = "。！？；!?;\n\r"
REACH = 60
"""So far a clause or sentence is looked at on either side."""


class Case:
    """One text under one day's law."""

    def __init__(self, text: Folded, lexicon: Lexicon, *, on: date, record: OnRecord) -> None:
        self.text = text
        self.lexicon = lexicon
        self.on = on
        self.record = record


class Place:
    """One finding in it. Everything is folded, so that no writing hides the context."""

    def __init__(self, case: Case, found: Found) -> None:
        self.case = case
        self.found = found
        self.start, self.end = case.text.span(found.start, found.end)

    @property
    def written(self) -> str:
        return self.case.text.text[self.start : self.end]

    @cached_property
    def word(self) -> str:
        return self.case.text.plain[self.found.start : self.found.end]

    @cached_property
    def clause(self) -> str:
        return folded(self._around(CLAUSE_ENDS))

    @cached_property
    def sentence(self) -> str:
        return folded(self._around(SENTENCE_ENDS))

    @cached_property
    def raw_sentence(self) -> str:
        return self._around(SENTENCE_ENDS)

    @cached_property
    def before(self) -> str:
        """The clause up to it."""
        return folded(self._back(CLAUSE_ENDS))

    @cached_property
    def after(self) -> str:
        """The clause from its end."""
        return folded(self._forth(CLAUSE_ENDS))

    def _around(self, ends: str) -> str:
        return self._back(ends) + self.written + self._forth(ends)

    def _back(self, ends: str) -> str:
        near = self.case.text.text[max(0, self.start - REACH) : self.start]
        return near[max(map(near.rfind, ends)) + 1 :]

    def _forth(self, ends: str) -> str:
        near = self.case.text.text[self.end : self.end + REACH]
        return near[: min(place for place in (*map(near.find, ends), len(near)) if place >= 0)]
