"""From logged rows to a model: split by time, learned, calibrated, and judged on the last rows.

Rows are what was shown: features as they were logged then, what followed, where it stood, and the
propensity with which it was shown. Rows of exploration weigh more (1 ÷ propensity, up to
WEIGHT_MAX), so that the model also knows what the old order seldom showed; calibration and figures
count each row once, since they are about what is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from quanyu.clock import format_iso
from quanyu.decisions.rank import calibration
from quanyu.decisions.rank.calibration import Calibration
from quanyu.decisions.rank.features import FEATURES, Matrix
from quanyu.decisions.rank.model import FORM, POSITION, Card, Metrics, Model, raw_shares
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.scored import Shares
from quanyu.errors import BadInput, Refused

if TYPE_CHECKING:
    from lightgbm import Booster

SPLIT = (0.7, 0.85)
"""Shares of the rows by time: trained on, calibrated on, judged on."""
TREES = {"click": 50, "buy": 25}
LEAVES = {"click": 24, "buy": 8}
"""So that 400 candidates take little more than a millisecond on one core (docs/ranking.md)."""
RATE = 0.12
WEIGHT_MAX = 3.0
"""More makes the few explored rows drown the rest (docs/ranking.md)."""
CLICKS_MIN = 100
"""In the training rows."""
BUYS_MIN = 50
"""In the training rows; below, the rate of all stands for each."""
BUY_PRIOR = (0.03, 50.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Shown rows, in any order; columns of equal length."""

    features: Matrix
    names: tuple[str, ...]
    touchpoint: npt.NDArray[Any]
    at_us: npt.NDArray[np.int64]
    position: npt.NDArray[np.int64]
    """From 1."""
    propensity: Shares
    """In (0, 1]."""
    click: npt.NDArray[np.bool_]
    buy: npt.NDArray[np.bool_]
    """Within the window after the click: only of rows that were clicked."""

    def __len__(self) -> int:
        return len(self.features)

    def taken(self, at: npt.NDArray[Any]) -> "Logged":
        changed = {
            one.name: getattr(self, one.name)[at] for one in fields(self) if one.name != "names"
        }
        return replace(self, **changed)


def train(logged: Logged, *, seed: int, threads: int = 1) -> Model | Refused:
    """The same rows, seed and threads give the same model. Refused (``too_few_clicks``) where
    there is nothing to learn from. Raises BadInput for rows that cannot be."""
    _check(logged)
    parts = _split(logged)
    clicks = int(parts["train"].click.sum())
    if clicks < CLICKS_MIN or not parts["calibrate"].click.any():
        return Refused("too_few_clicks", have=clicks, need=CLICKS_MIN)
    forests = _forests(parts["train"], seed=seed, threads=threads)
    rate = _buy_rate(parts["train"])
    model = Model(_blank(logged, parts, forests=forests, buy_rate=rate, seed=seed), *forests)
    held = parts["calibrate"]
    raw = raw_shares(model, held.features, positions=held.position.astype(np.float64))
    click = calibration.fit(raw.click, held.click.astype(np.float64), touchpoints=held.touchpoint)
    buy = _buy_calibration(raw.buy, held, click=click)
    card = msgspec.structs.replace(model.card, click=click, buy=buy)
    return Model(judged(Model(card, *forests), parts), *forests)


def judged(model: Model, parts: Mapping[str, Logged]) -> Card:
    """With the figures of the last rows, at the places where they were shown."""
    test, seen = parts["test"], parts["train"]
    raw = raw_shares(model, test.features, positions=test.position.astype(np.float64))
    click = model.card.click.apply(raw.click, test.touchpoint)
    by_hand = Prior(model.names).score(test.features).click
    buy = np.minimum(click, model.card.buy.apply(raw.buy, test.touchpoint))
    return msgspec.structs.replace(
        model.card,
        click_metrics=metrics(
            click, test.click, touchpoints=test.touchpoint, rate=float(seen.click.mean())
        ),
        prior_auc=calibration.auc(by_hand, test.click.astype(np.float64)),
        buy_metrics=metrics(
            buy, test.buy, touchpoints=test.touchpoint, rate=float(seen.buy.mean())
        ),
    )


def metrics(
    share: Shares, happened: npt.NDArray[np.bool_], *, touchpoints: npt.NDArray[Any], rate: float
) -> Metrics:
    label = happened.astype(np.float64)
    buckets = tuple(calibration.by_prediction(share, label))
    return Metrics(
        rows=len(label),
        happened=int(label.sum()),
        auc=calibration.auc(share, label),
        log_loss=calibration.log_loss(share, label),
        log_loss_of_rate=calibration.log_loss(np.full(len(label), rate), label),
        calibration_error=calibration.calibration_error(buckets),
        by_prediction=buckets,
        by_touchpoint=tuple(calibration.by_touchpoint(share, label, touchpoints=touchpoints)),
    )


def _check(logged: Logged) -> None:
    _check_lengths(logged)
    _check_values(logged)


def _check_lengths(logged: Logged) -> None:
    if logged.names[: len(FEATURES)] != FEATURES:
        raise BadInput("logged.names", "give the features that this version makes")
    if logged.features.ndim != 2 or logged.features.shape[1] != len(logged.names):
        raise BadInput("logged.features", f"give {len(logged.names)} columns, one for each name")
    for one in fields(logged):
        if one.name != "names" and len(getattr(logged, one.name)) != len(logged):
            raise BadInput(f"logged.{one.name}", f"give {len(logged)} values, one for each row")


def _check_values(logged: Logged) -> None:
    if not np.isfinite(logged.features).all():
        raise BadInput("logged.features", "leave out rows with NaN or infinity")
    if not ((logged.propensity > 0) & (logged.propensity <= 1)).all():
        raise BadInput("logged.propensity", "give shares above 0 and up to 1")
    if (logged.position < 1).any():
        raise BadInput("logged.position", "count places from 1")
    if (logged.buy & ~logged.click).any():
        raise BadInput("logged.buy", "nothing is bought here without a click")


def _split(logged: Logged) -> dict[str, Logged]:
    """By time: equal moments stay together, with the earlier part."""
    order = np.argsort(logged.at_us, kind="stable")
    at_us = logged.at_us[order]
    cuts = [0]
    for share in SPLIT:
        place = min(int(share * len(order)), len(order) - 1)
        cuts.append(int(np.searchsorted(at_us, at_us[place], side="right")) if len(order) else 0)
    cuts.append(len(order))
    names = ("train", "calibrate", "test")
    return {
        name: logged.taken(order[begin:end])
        for name, begin, end in zip(names, cuts[:-1], cuts[1:], strict=True)
    }


def _forests(rows: Logged, *, seed: int, threads: int) -> tuple["Booster", "Booster | None"]:
    click = _forest(rows, "click", label=rows.click, seed=seed, threads=threads)
    if rows.buy.sum() < BUYS_MIN:
        return click, None
    return click, _forest(rows, "buy", label=rows.buy, seed=seed, threads=threads)


def _forest(
    rows: Logged, name: str, *, label: npt.NDArray[np.bool_], seed: int, threads: int
) -> "Booster":
    import lightgbm

    weight = np.minimum(WEIGHT_MAX, 1 / rows.propensity)
    table = np.column_stack([rows.features, rows.position.astype(np.float32)])
    data = lightgbm.Dataset(
        table, label.astype(np.float32), weight=weight / weight.mean(),
        feature_name=[*rows.names, POSITION], free_raw_data=True,
    )  # fmt: skip
    settings = {
        "objective": "binary", "num_leaves": LEAVES[name], "learning_rate": RATE,
        "min_data_in_leaf": 50, "lambda_l2": 5.0, "feature_fraction": 0.8, "bagging_fraction": 0.8,
        "bagging_freq": 1, "seed": seed, "deterministic": True, "force_row_wise": True,
        "num_threads": threads, "verbose": -1,
    }  # fmt: skip
    return lightgbm.train(settings, data, TREES[name])


def _buy_rate(rows: Logged) -> float:
    """Of clicks, smoothed."""
    rate, weight = BUY_PRIOR
    return float((rows.buy.sum() + rate * weight) / (rows.click.sum() + weight))


def _buy_calibration(raw: Shares, held: Logged, *, click: Calibration) -> Calibration:
    """Where no buy was held out, buys follow the calibration of clicks."""
    if not held.buy.any():
        return click
    return calibration.fit(raw, held.buy.astype(np.float64), touchpoints=held.touchpoint)


def _blank(
    logged: Logged, parts: Mapping[str, Logged], *, forests: tuple["Booster", "Booster | None"],
    buy_rate: float, seed: int,
) -> Card:  # fmt: skip
    """The card before calibration and figures."""
    nothing = Metrics(
        rows=0, happened=0, auc=None, log_loss=0.0, log_loss_of_rate=0.0, calibration_error=0.0,
        by_prediction=(), by_touchpoint=(),
    )  # fmt: skip
    click, buy = forests
    return Card(
        form=FORM,
        features=logged.names,
        rows={name: len(part) for name, part in parts.items()},
        begins=format_iso(int(logged.at_us.min())),
        ends=format_iso(int(logged.at_us.max())),
        seed=seed,
        trees={"click": click.num_trees(), "buy": buy.num_trees() if buy is not None else 0},
        buy_rate=buy_rate,
        click=Calibration(),
        buy=Calibration(),
        click_metrics=nothing,
        buy_metrics=nothing,
        prior_auc=None,
    )
