"""Looking at an audience: why somebody is in it, and how large a definition would be."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyroaring import BitMap64

from quanyu.customers.audiences.decode import decode
from quanyu.customers.audiences.evaluate import evaluate
from quanyu.customers.audiences.explain import Asked, Finding, findings
from quanyu.customers.audiences.grounds import Grounds
from quanyu.customers.audiences.ports import Audience
from quanyu.customers.audiences.resolve import resolve
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.errors import NotFound

SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """``exact``: everybody was evaluated, nothing is extrapolated."""

    people: int
    exact: bool
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    person: str
    name: str
    member: bool
    conditions: tuple[Finding, ...]


class Studying(Grounds):
    def explain(self, merchant: str, name: str, *, identifier: str) -> Explanation:
        """Why a person is in the audience now, or not: each condition with have and need. Raises
        BadInput while personalisation is off."""
        self._around.demand(PERSONALISATION)
        trees = self._store.trees(merchant)
        if name not in trees:
            raise NotFound(f"audience {name!r}")
        tree = resolve(trees[name], trees, name=name)
        kind, value = read_identifier(identifier)
        token = self._around.tokeniser_of(merchant).token(kind, value)
        known = self._store.known(merchant, (kind, token))
        if known is None:
            raise NotFound(f"nobody has this {kind}")
        asked = Asked(known.view, self._now_us(), self._around.catalogue)
        anonymous = known.person in self._store.unpersonalised(merchant)
        member = not anonymous and evaluate(tree, known.view, as_of_us=asked.as_of_us)
        return Explanation(known.public_id, name, member, tuple(findings(tree, asked)))

    def estimate(self, merchant: str, definition: Any) -> Estimate:
        """People of a definition that is still being written; nothing is kept. Raises BadInput
        while personalisation is off."""
        self._around.demand(PERSONALISATION)
        tree = self._resolved(merchant, decode(definition, self._words), name="")
        persons = self._everybody(merchant, tree)
        step = max(1, len(persons) // SAMPLE)
        chosen = [int(person) for person in np.sort(persons)[::step][:SAMPLE]]
        ids = self._store.public_ids(merchant, chosen)
        return Estimate(len(persons), True, tuple(masked(one) for one in sorted(ids.values())))

    def drift(self, merchant: str, audience: Audience) -> tuple[int, int]:
        """Live members against the definition, everybody evaluated now: how many people are
        missing, and how many are too many. Both 0 unless something is broken."""
        tree = self._resolved(
            merchant, decode(audience.definition, self._words), name=audience.name
        )
        due = BitMap64(self._everybody(merchant, tree))
        held = self._members(merchant, [audience.name])[0]
        return len(due - held), len(held - due)


def masked(public_id: str) -> str:
    return f"{public_id[:6]}…{public_id[-2:]}"
