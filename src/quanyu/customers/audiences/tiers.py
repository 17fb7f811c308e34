"""Shipped segmentations: lifecycle tiers as trees, RFM as quintiles of the lake's buyers."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanyu.clock import parse_duration
from quanyu.customers.audiences.decode import decode_definition
from quanyu.customers.audiences.ports import Persons, Purchases
from quanyu.customers.audiences.tree import Node
from quanyu.customers.audiences.vocabulary import Vocabulary

QUINTILES = 5


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    label: str
    tree: Node


@dataclass(frozen=True, slots=True)
class RfmRules:
    window_us: int
    high_from: int
    segments: dict[str, str]
    """``"R-M"`` (which scores are high) → name."""


@dataclass(frozen=True, slots=True)
class Rfm:
    """Scores 1 to 5 (5 is best) and the segment of each buyer."""

    persons: Persons
    recency: NDArray[np.int8]
    frequency: NDArray[np.int8]
    monetary: NDArray[np.int8]
    segment: list[str]


def _shipped(name: str) -> dict[str, Any]:
    file = resources.files("quanyu.customers.audiences") / "definitions" / name
    return tomllib.loads(file.read_text("utf-8"))


@cache
def lifecycle() -> tuple[Tier, ...]:
    words = Vocabulary()
    return tuple(
        Tier(raw["name"], raw["label"], decode_definition(raw["definition"], words))
        for raw in _shipped("lifecycle.toml")["tier"]
    )


@cache
def rfm_rules() -> RfmRules:
    raw = _shipped("rfm.toml")
    return RfmRules(parse_duration(raw["window"]), raw["high_from"], raw["segments"])


def quintile(values: Persons) -> NDArray[np.int8]:
    """1 to 5 by the share of people at or below the value; equal values score equal.

    score = ⌈5 · #(≤ v) / n⌉, in whole numbers.
    """
    ordered = np.sort(values)
    at_most = np.searchsorted(ordered, values, side="right")
    return (-(-QUINTILES * at_most // max(1, len(values)))).astype(np.int8)


def rfm(bought: Purchases, rules: RfmRules) -> Rfm:
    scores = (
        quintile(-bought.recency_us),
        quintile(bought.frequency),
        quintile(bought.monetary_fen),
    )
    high = [score >= rules.high_from for score in scores]
    segment = [
        rules.segments["".join(m if h else "-" for m, h in zip("RFM", flags, strict=True))]
        for flags in zip(*(flags.tolist() for flags in high), strict=True)
    ]
    return Rfm(bought.persons, *scores, segment)
