"""Making, changing and removing audiences, and evaluating everybody when that is due."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US, day_number
from quanyu.customers.audiences.decode import check_name, decode
from quanyu.customers.audiences.grounds import Grounds
from quanyu.customers.audiences.ports import Audience, Filling
from quanyu.customers.audiences.resolve import references, resolve
from quanyu.customers.audiences.tree import Node
from quanyu.customers.audiences.vocabulary import nearest
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.errors import BadInput, NotFound

HORIZON_MARGIN_US = 6 * HOUR_US
"""Timers reach beyond the next bulk evaluation, which may start late."""


class Defining(Grounds):
    def create(
        self, merchant: str, name: str, *, definition: Any, version: int | None = None
    ) -> Audience:
        """Create, or change to the next version, and evaluate everybody.

        ``version``: the version that the caller means to replace (0: none yet); None does not ask.
        """
        self._around.demand(PERSONALISATION)
        check_name(name)
        tree = decode(definition, self._words)
        held = {one.name: one.version for one in self._store.listed(merchant)}
        if version is not None and held.get(name, 0) != version:
            raise BadInput("version", f"{name} is at version {held.get(name, 0)}, not {version}")
        resolved = self._resolved(merchant, tree, name=name)
        self._refuse_circles(merchant, name, tree=tree)
        self._store.put(
            merchant,
            name,
            tree=tree,
            fill=lambda: self._filling(merchant, resolved),
            now_us=self._now_us(),
        )
        return self.get(merchant, name)

    def get(self, merchant: str, name: str) -> Audience:
        found = {one.name: one for one in self.list(merchant)}
        if name not in found:
            raise NotFound(f"audience {name!r}{nearest(name, found)}")
        return found[name]

    def delete(self, merchant: str, name: str) -> None:
        """Refused while another audience refers to it."""
        trees = self._store.trees(merchant)
        users = sorted(user for user, tree in trees.items() if name in references(tree))
        if users:
            raise BadInput("name", f"{name} is used by {', '.join(users)}; change those first")
        if not self._store.remove(merchant, name):
            raise NotFound(f"audience {name!r}")

    def refresh_due(self) -> int:
        """Bulk evaluations whose time has come; returns how many people moved."""
        moved = 0
        for merchant, name in self._store.due(self._now_us()):
            trees = self._store.trees(merchant)
            if name in trees:
                tree = resolve(trees[name], trees, name=name)
                fill = partial(self._filling, merchant, tree)
                moved += self._store.refresh(merchant, name, fill=fill, now_us=self._now_us())
        return moved

    def _refuse_circles(self, merchant: str, name: str, *, tree: Node) -> None:
        """A change may close a circle through audiences that refer to this one."""
        trees = self._store.trees(merchant) | {name: tree}
        for user, its_tree in trees.items():
            resolve(its_tree, trees, name=user)

    def _filling(self, merchant: str, tree: Node) -> Filling:
        now_us = self._now_us()
        midnight_us = next_midnight_us(now_us)
        persons = self._everybody(merchant, tree)
        until_us = midnight_us + HORIZON_MARGIN_US
        timers = self._crowd.timers(merchant, tree, as_of_us=now_us, until_us=until_us)
        return Filling(persons, timers, midnight_us)

    def list(self, merchant: str) -> Sequence[Audience]:
        """By name, each with the number of people now: nobody while personalisation is off."""
        listed = self._store.listed(merchant)
        if self._around.works(PERSONALISATION):
            return listed
        return [replace(one, people=0) for one in listed]


def next_midnight_us(now_us: int) -> int:
    """The next beginning of a day in China."""
    return (day_number(now_us) + 1) * DAY_US - CHINA_OFFSET_US
