"""Cutting up everybody: lifecycle, RFM, and people who look like an audience."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from quanyu.customers.audiences.grounds import Grounds
from quanyu.customers.audiences.lookalike import expand
from quanyu.customers.audiences.tiers import lifecycle, rfm, rfm_rules
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Likeness:
    """A scored expansion: public ids by falling score, the quality, and what speaks for it."""

    people: tuple[tuple[str, float], ...]
    auc: float
    seed_people: int
    weights: tuple[tuple[str, float], ...]


class Segmenting(Grounds):
    def lookalike(self, merchant: str, seed: str, *, size: int, random_seed: int = 0) -> Likeness:
        if size < 1:
            raise BadInput("size", "must be at least 1")
        self._around.demand(PERSONALISATION)
        members = np.asarray(self._members(merchant, [seed])[0].to_array(), dtype=np.int64)
        left_out = self._store.unpersonalised(merchant).to_array()
        features = self._crowd.features(merchant, as_of_us=self._now_us()).without(left_out)
        found = expand(features, members, size=size, random_seed=random_seed)
        ids = self._store.public_ids(merchant, found.persons.tolist())
        scored = zip(found.persons.tolist(), found.scores.tolist(), strict=True)
        people = tuple((ids[person], round(score, 6)) for person, score in scored if person in ids)
        return Likeness(people, found.auc, found.seed_people, found.weights)

    def lifecycle(self, merchant: str) -> dict[str, int]:
        """Label of each tier → people in it now."""
        now_us = self._now_us()
        return {
            tier.label: len(self._crowd.members(merchant, tier.tree, as_of_us=now_us))
            for tier in lifecycle()
        }

    def rfm(self, merchant: str) -> dict[str, int]:
        """Segment → buyers of the window in it."""
        rules = rfm_rules()
        bought = self._crowd.purchases(merchant, as_of_us=self._now_us(), window_us=rules.window_us)
        counted = Counter(rfm(bought, rules).segment)
        return {segment: counted[segment] for segment in rules.segments.values()}
