"""The content library, and the gate that everything in it passes."""

from functools import cached_property

import psycopg

from quanyu.compliance.showing import Gate, Showing
from quanyu.compliance.verdict import Verdict
from quanyu.content.library.rules import Rules
from quanyu.content.library.service import Library
from quanyu.storage.postgres.contents import PostgresPieces
from quanyu.wiring.orders import Sales


class Open:
    def check(self, showing: Showing) -> Verdict:
        return Verdict()


class Contents(Sales):
    @cached_property
    def gate(self) -> Gate:
        return Open()

    @cached_property
    def content_rules(self) -> Rules:
        four_eyes = bool(self.settings.content_four_eyes)
        return Rules(self.gate, self.settings.policy, self.clock, four_eyes)

    @cached_property
    def library(self) -> Library[psycopg.Connection]:
        return Library(self.once, PostgresPieces(), rules=self.content_rules)
