"""What ranking says of each candidate, whoever says it: a model or the prior."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    click: Shares
    """p(click) of an impression in the first place."""
    buy: Shares
    """pCTCVR: p(click and buy) of the same impression; never more than ``click``."""

    @property
    def buy_given_click(self) -> Shares:
        """pCVR."""
        found: Shares = self.buy / np.maximum(self.click, 1e-12)
        return found


class Ranker(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...

    def at(self, touchpoint: str) -> "Ranker":
        """The same, as it is calibrated there."""

    def score(self, features: npt.NDArray[np.float32]) -> Scored: ...
