"""Learning from a log whose truth is known."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.decisions.rank.learned import last_rows, log, model

from quanyu.decisions.rank import calibration
from quanyu.decisions.rank.model import BUY_FILE, Model, files_of, model_of, raw_shares
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.training import BUYS_MIN, CLICKS_MIN, Logged, train
from quanyu.errors import BadInput, Refused


def test_it_ranks_better_than_the_prior_and_comes_near_the_truth() -> None:
    rows, real = last_rows()
    label = rows.click.astype(float)
    learned = model().card.click_metrics.auc
    prior = calibration.auc(Prior(rows.names).score(rows.features).click, label)
    best = calibration.auc(real, label)
    assert learned is not None
    assert prior is not None
    assert best is not None
    assert prior > 0.6, "the prior is sensible, too"
    assert learned > prior == model().card.prior_auc
    assert learned > best - 0.08


def test_its_probabilities_are_better_than_the_rate_and_right_on_average() -> None:
    for found in (model().card.click_metrics, model().card.buy_metrics):
        assert found.log_loss < found.log_loss_of_rate
    clicks = model().card.click_metrics
    assert clicks.calibration_error < 0.03, "300 rows a bucket: chance alone makes half of it"
    for place in clicks.by_touchpoint:
        assert place.ratio == pytest.approx(1, abs=0.5), place
    assert sum(one.rows for one in clicks.by_touchpoint) == clicks.rows


def test_the_true_probability_is_met_in_every_fifth() -> None:
    """Against the truth itself, not only against what chance made of it."""
    rows, real = last_rows()
    raw = raw_shares(model(), rows.features, positions=rows.position.astype(float)).click
    said = model().card.click.apply(raw, rows.touchpoint)
    fifths = np.array_split(np.argsort(said), 5)
    truth = [float(real[at].mean()) for at in fifths]
    assert truth == sorted(truth)
    assert [float(said[at].mean()) for at in fifths] == pytest.approx(truth, rel=0.4, abs=0.008)
    assert said.mean() == pytest.approx(real.mean(), rel=0.2)


def test_time_splits_and_nothing_of_later_days_is_learned_from() -> None:
    rows = model().card.rows
    assert rows["train"] > rows["calibrate"] > 0 < rows["test"]
    assert sum(rows.values()) == len(log()[0])
    logged = log()[0]
    order = np.argsort(logged.at_us, kind="stable")
    late = order[rows["train"] :]
    features = logged.features.copy()
    features[late] = 0
    other = train(replace(logged, features=features), seed=1)
    assert isinstance(other, Model)
    assert other.click.model_to_string() == model().click.model_to_string()


def test_the_same_rows_and_seed_give_the_same_model_in_any_order() -> None:
    again = train(log()[0], seed=1)
    assert isinstance(again, Model)
    assert files_of(again) == files_of(model())


def taken(count: int) -> Logged:
    return log()[0].taken(np.arange(count))


def test_too_few_clicks_are_refused_with_how_many_it_takes() -> None:
    few = taken(500)
    found = train(few, seed=1)
    assert isinstance(found, Refused)
    assert found.reason == "too_few_clicks"
    assert found.need == CLICKS_MIN
    assert found.have is not None
    assert found.have < CLICKS_MIN
    assert train(taken(0), seed=1) == Refused("too_few_clicks", have=0, need=CLICKS_MIN)


def test_with_too_few_bought_the_rate_of_all_stands_for_each() -> None:
    logged = log()[0]
    bought = np.zeros(len(logged), np.bool_)
    bought[np.flatnonzero(logged.click)[: BUYS_MIN // 2]] = True
    found = train(replace(logged, buy=bought), seed=1)
    assert isinstance(found, Model)
    assert found.buy is None
    assert found.card.trees["buy"] == 0
    assert BUY_FILE not in files_of(found)
    again = model_of(files_of(found))
    scored = again.score(logged.features[:100])
    assert (scored.buy > 0).all()
    assert (scored.buy <= scored.click).all()


def column(name: str, value: Any) -> Logged:
    """The first rows with one value changed."""
    some = taken(50)
    values = getattr(some, name).copy()
    values[7] = value
    return replace(some, **{name: values})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("features", np.nan), ("features", np.inf), ("propensity", 0.0), ("propensity", 1.1),
        ("propensity", np.nan), ("propensity", -0.5), ("position", 0),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_are_refused(name: str, value: Any) -> None:
    with pytest.raises(BadInput) as caught:
        train(column(name, value), seed=1)
    assert caught.value.field == f"logged.{name}"


def test_a_buy_without_a_click_is_refused() -> None:
    some = taken(50)
    with pytest.raises(BadInput, match="buy"):
        train(replace(some, click=np.zeros(50, np.bool_), buy=np.ones(50, np.bool_)), seed=1)


def test_columns_of_other_lengths_are_refused() -> None:
    some = taken(50)
    with pytest.raises(BadInput, match="touchpoint"):
        train(replace(some, touchpoint=some.touchpoint[:49]), seed=1)
    with pytest.raises(BadInput, match="features"):
        train(replace(some, names=some.names[:-1]), seed=1)
    with pytest.raises(BadInput, match="names"):
        train(replace(some, names=some.names[::-1]), seed=1)


def test_rows_of_exploration_are_learned_from_as_if_all_had_been_shown_alike() -> None:
    """With all propensities alike nothing weighs more; the forests differ from the weighed ones."""
    logged = log()[0]
    even = train(replace(logged, propensity=np.full(len(logged), 0.5)), seed=1)
    half = train(replace(logged, propensity=np.full(len(logged), 0.25)), seed=1)
    assert isinstance(even, Model)
    assert isinstance(half, Model)
    assert even.click.model_to_string() == half.click.model_to_string()
    assert even.click.model_to_string() != model().click.model_to_string()
