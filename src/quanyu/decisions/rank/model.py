"""A learned ranking: two forests of LightGBM, their calibration, and a card that describes them.

Saved as LightGBM's own text and JSON, never as pickle: reading a model runs nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from quanyu.decisions.rank.calibration import Bucket, Calibration
from quanyu.decisions.rank.features import Matrix
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.scored import Ranker, Scored, Shares
from quanyu.errors import BadInput
from quanyu.strict import decoded

if TYPE_CHECKING:
    from lightgbm import Booster

FORM = 1
CLICK_FILE, BUY_FILE, CARD_FILE = "click.txt", "buy.txt", "card.json"
POSITION = "position"
"""The last column of the forests: where the row was shown, learned as a bias."""
SERVED_POSITION = 1.0
"""At serving every candidate is asked about as if it stood first."""
Why = Literal["no_model", "unreadable", "other_features"]


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """On the last rows by time, which neither the forest nor its calibration saw."""

    rows: int
    happened: int
    auc: float | None
    log_loss: float
    log_loss_of_rate: float
    """Of always saying the rate of the training rows: what a model must be below."""
    calibration_error: float
    by_prediction: tuple[Bucket, ...]
    by_touchpoint: tuple[Bucket, ...]


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    form: int
    features: tuple[str, ...]
    """Of the columns, in order, without the position."""
    rows: Mapping[str, int]
    """Of train, calibrate, test."""
    begins: str
    ends: str
    """ISO 8601: of all rows."""
    seed: int
    trees: Mapping[str, int]
    """Of click, buy; 0: too few bought to learn from, the rate stands for all."""
    buy_rate: float
    """Of clicks."""
    click: Calibration
    buy: Calibration
    click_metrics: Metrics
    buy_metrics: Metrics
    prior_auc: float | None
    """Of clicks, on the same rows, by the order that needs no model."""


@dataclass(frozen=True, slots=True)
class Model:
    card: Card
    click: "Booster"
    buy: "Booster | None"
    """Of pCTCVR, learned over all impressions (Ma et al. 2018, entire space)."""
    touchpoint: str = ""
    """Whose calibration is applied; another than the known ones: that over all."""

    @property
    def names(self) -> tuple[str, ...]:
        return self.card.features

    def at(self, touchpoint: str) -> "Model":
        return Model(self.card, self.click, self.buy, touchpoint)

    def score(self, features: Matrix) -> Scored:
        """Of each row, in the first place. One thread: many requests run beside each other."""
        raw = raw_shares(self, features)
        click = self.card.click.of(self.touchpoint)(raw.click)
        buy = self.card.buy.of(self.touchpoint)(raw.buy)
        return Scored(click, np.minimum(buy, click))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which ranker answers, and why it is the prior where it is."""

    ranker: Ranker
    why: Why | None = None
    detail: str = ""


def raw_shares(
    model: Model, features: Matrix, *, positions: Shares | None = None, threads: int = 1
) -> Scored:
    """Before calibration."""
    assert features.shape[1] == len(model.names), "built from other features"
    rows = np.empty((len(features), features.shape[1] + 1), np.float32)
    rows[:, :-1] = features
    rows[:, -1] = SERVED_POSITION if positions is None else positions
    if not len(rows):
        return Scored(np.zeros(0), np.zeros(0))
    click = _predicted(model.click, rows, threads=threads)
    if model.buy is None:
        return Scored(click, click * model.card.buy_rate)
    return Scored(click, _predicted(model.buy, rows, threads=threads))


def _predicted(forest: "Booster", rows: Matrix, *, threads: int) -> Shares:
    return np.asarray(forest.predict(rows, num_threads=threads), np.float64)


def files_of(model: Model) -> dict[str, str]:
    """Name → text."""
    files = {
        CARD_FILE: msgspec.json.format(msgspec.json.encode(model.card), indent=1).decode(),
        CLICK_FILE: model.click.model_to_string(),
    }
    if model.buy is not None:
        files[BUY_FILE] = model.buy.model_to_string()
    return files


def model_of(files: Mapping[str, str]) -> Model:
    """Raises BadInput for what is no model, or one that does not fit its own card."""
    for name in (CARD_FILE, CLICK_FILE):
        if name not in files:
            raise BadInput(name, "is missing")
    card = decoded(files[CARD_FILE], Card, name=CARD_FILE)
    if card.form != FORM:
        raise BadInput(f"{CARD_FILE}.form", f"is {card.form}, this version reads {FORM}")
    buy = _forest(files, BUY_FILE, card=card) if card.trees.get("buy") else None
    return Model(card, _forest(files, CLICK_FILE, card=card), buy)


def chosen(files: Mapping[str, str] | None, *, features: Sequence[str]) -> Chosen:
    """The model of these files if it was learned on the features that this code makes, else the
    prior: ranking never fails for want of a model."""
    prior = Prior(tuple(features))
    if not files:
        return Chosen(prior, "no_model", "no model is there yet")
    try:
        model = model_of(files)
    except BadInput as error:
        return Chosen(prior, "unreadable", str(error))
    if model.names != tuple(features):
        return Chosen(prior, "other_features", _difference(model.names, features))
    return Chosen(model)


def _difference(learned: Sequence[str], made: Sequence[str]) -> str:
    gone = ", ".join(name for name in learned if name not in made) or "none"
    new = ", ".join(name for name in made if name not in learned) or "none"
    if gone == new == "none":
        return "the model knows the same features in another order; train it again"
    return f"the model was learned with {gone} that are gone, without {new}; train it again"


def _forest(files: Mapping[str, str], name: str, *, card: Card) -> "Booster":
    from lightgbm import Booster
    from lightgbm.basic import LightGBMError

    text = files.get(name, "")
    if not text.startswith("tree\n"):
        raise BadInput(name, "is no model of LightGBM")
    try:
        forest = Booster(model_str=text)
    except LightGBMError as error:
        raise BadInput(name, f"cannot be read: {error}") from None
    named: list[Any] = forest.feature_name()
    if tuple(named) != (*card.features, POSITION):
        raise BadInput(name, f"has other features than {CARD_FILE}")
    return forest
