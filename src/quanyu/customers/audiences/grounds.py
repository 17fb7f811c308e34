"""What every part of the service stands on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap64

from quanyu.clock import Clock
from quanyu.customers.audiences.ports import AudienceStore, Crowd, Persons
from quanyu.customers.audiences.resolve import resolve
from quanyu.customers.audiences.tree import Node
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.errors import NotFound
from quanyu.ids import Tokeniser


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service is told from outside."""

    clock: Clock
    catalogue: Catalogue
    tokeniser_of: Callable[[str], Tokeniser]
    demand: Callable[[str], None] = lambda feature: None
    """Raises BadInput while a feature has no impact assessment in force."""
    works: Callable[[str], bool] = lambda feature: True
    """Whether it has one."""


class Grounds:
    def __init__(self, store: AudienceStore, crowd: Crowd, *, around: Surroundings) -> None:
        self._store = store
        self._crowd = crowd
        self._around = around
        self._words = Vocabulary.of(around.catalogue)

    def _now_us(self) -> int:
        return self._around.clock.now_us()

    def _resolved(self, merchant: str, tree: Node, *, name: str) -> Node:
        return resolve(tree, self._store.trees(merchant), name=name)

    def _everybody(self, merchant: str, tree: Node) -> Persons:
        """All whom the tree finds, but for those who are treated as anonymous visitors: that is
        everybody while personalisation is off."""
        if not self._around.works(PERSONALISATION):
            return np.empty(0, dtype=np.int64)
        found = self._crowd.members(merchant, tree, as_of_us=self._now_us())
        left_out = self._store.unpersonalised(merchant)
        return found if not left_out else found[~np.isin(found, left_out.to_array())]

    def _members(self, merchant: str, names: Sequence[str]) -> list[BitMap64]:
        found = self._store.members(merchant, names)
        for name in names:
            if name not in found:
                raise NotFound(f"audience {name!r}")
        works = self._around.works(PERSONALISATION)
        return [found[name] if works else BitMap64() for name in names]
