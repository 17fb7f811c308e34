"""What every part of the service stands on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap64

from quanyu.clock import Clock
from quanyu.customers.audiences.ports import AudienceStore, Crowd
from quanyu.customers.audiences.resolve import resolve
from quanyu.customers.audiences.tree import Node
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.errors import NotFound
from quanyu.ids import Tokeniser


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service is told from outside."""

    clock: Clock
    catalogue: Catalogue
    tokeniser_of: Callable[[str], Tokeniser]


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

    def _members(self, merchant: str, names: Sequence[str]) -> list[BitMap64]:
        found = self._store.members(merchant, names)
        for name in names:
            if name not in found:
                raise NotFound(f"audience {name!r}")
        return [found[name] for name in names]
