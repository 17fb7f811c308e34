"""A model as files: read without running anything, refused where it does not fit."""

import json
from typing import Any

import numpy as np
import pytest
from tests.unit.decisions.rank.learned import last_rows, model

from quanyu.decisions.rank.model import (
    BUY_FILE,
    CARD_FILE,
    CLICK_FILE,
    Model,
    chosen,
    files_of,
    model_of,
    raw_shares,
)
from quanyu.decisions.rank.prior import Prior
from quanyu.errors import BadInput


def changed(**card: Any) -> dict[str, str]:
    files = files_of(model())
    return {**files, CARD_FILE: json.dumps({**json.loads(files[CARD_FILE]), **card})}


def test_what_is_saved_and_read_scores_the_same() -> None:
    again = model_of(files_of(model()))
    features = last_rows()[0].features[:200]
    one, other = model().score(features), again.score(features)
    assert (one.click == other.click).all()
    assert (one.buy == other.buy).all()
    assert again.card == model().card


def test_files_are_text_that_people_can_read() -> None:
    files = files_of(model())
    assert set(files) == {CARD_FILE, CLICK_FILE, BUY_FILE}
    card = json.loads(files[CARD_FILE])
    assert card["features"] == list(model().names)
    assert card["begins"] < card["ends"]
    assert files[CLICK_FILE].startswith("tree\n")


def test_shares_are_shares_and_a_buy_is_never_likelier_than_its_click() -> None:
    scored = model().score(last_rows()[0].features)
    assert ((scored.click > 0) & (scored.click < 1)).all()
    assert ((scored.buy > 0) & (scored.buy <= scored.click)).all()
    assert (scored.buy_given_click <= 1).all()


def test_at_serving_everything_is_asked_about_as_if_it_stood_first() -> None:
    rows = last_rows()[0]
    first = raw_shares(model(), rows.features)
    where = raw_shares(model(), rows.features, positions=np.full(len(rows), 8.0))
    assert first.click.mean() > 1.3 * where.click.mean(), "places below are looked at less"


def test_each_touchpoint_has_its_calibration() -> None:
    features = last_rows()[0].features[:300]
    quiet = model().at("youku.pause").score(features).click
    busy = model().at("alipay.paid").score(features).click
    unknown = model().at("nowhere.known").score(features).click
    assert quiet.mean() < unknown.mean() < busy.mean()
    assert (unknown == model().score(features).click).all()


def test_no_candidates_no_scores() -> None:
    scored = model().score(np.zeros((0, len(model().names)), np.float32))
    assert len(scored.click) == len(scored.buy) == 0


def test_other_features_are_a_defect_at_serving() -> None:
    with pytest.raises(AssertionError):
        model().score(np.zeros((3, 2), np.float32))


# Which ranker answers


def test_a_model_that_fits_answers() -> None:
    found = chosen(files_of(model()), features=model().names)
    assert isinstance(found.ranker, Model)
    assert found.why is None


def test_without_a_model_the_prior_answers() -> None:
    for files in (None, {}):
        found = chosen(files, features=model().names)
        assert isinstance(found.ranker, Prior)
        assert found.why == "no_model"
        features = last_rows()[0].features[:5]
        there = found.ranker.at("taobao.feed").score(features)
        assert (there.click == found.ranker.score(features).click).all()


def test_a_model_of_other_features_is_refused_by_name_and_the_prior_answers() -> None:
    made = (*model().names[1:], "moon_phase")
    found = chosen(files_of(model()), features=made)
    assert isinstance(found.ranker, Prior)
    assert found.why == "other_features"
    assert model().names[0] in found.detail
    assert "moon_phase" in found.detail
    assert "train it again" in found.detail


def test_the_same_features_in_another_order_are_other_features() -> None:
    found = chosen(files_of(model()), features=model().names[::-1])
    assert found.why == "other_features"
    assert "order" in found.detail


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda: {CLICK_FILE: files_of(model())[CLICK_FILE]}, id="no card"),
        pytest.param(lambda: {CARD_FILE: files_of(model())[CARD_FILE]}, id="no forest"),
        pytest.param(lambda: {**files_of(model()), CARD_FILE: "{"}, id="a card that is no JSON"),
        pytest.param(lambda: changed(form=99), id="a form of the future"),
        pytest.param(lambda: changed(surprise=1), id="a card with more in it"),
        pytest.param(lambda: changed(features=["a", "b"]), id="a forest of another card"),
        pytest.param(lambda: {**files_of(model()), CLICK_FILE: ""}, id="an empty forest"),
        pytest.param(lambda: {**files_of(model()), CLICK_FILE: "\x80\x04pickle"}, id="a pickle"),
        pytest.param(
            lambda: {k: v for k, v in files_of(model()).items() if k != BUY_FILE}, id="half of it"
        ),
    ],
)
def test_what_is_no_model_is_refused_and_the_prior_answers(broken: Any) -> None:
    files = broken()
    with pytest.raises(BadInput):
        model_of(files)
    found = chosen(files, features=model().names)
    assert isinstance(found.ranker, Prior)
    assert found.why == "unreadable"
    assert found.detail
