"""The content library; everything in it passes the gate."""

from functools import cached_property

import psycopg

from quanyu.content.library.rules import Rules
from quanyu.content.library.service import Library
from quanyu.storage.postgres.contents import PostgresPieces
from quanyu.wiring.orders import Sales


class Contents(Sales):
    @cached_property
    def content_rules(self) -> Rules:
        four_eyes = bool(self.settings.content_four_eyes)
        return Rules(self.gate, self.settings.policy, self.clock, four_eyes)

    @cached_property
    def pieces(self) -> PostgresPieces:
        return PostgresPieces()

    @cached_property
    def library(self) -> Library[psycopg.Connection]:
        return Library(self.once, self.pieces, rules=self.content_rules)
