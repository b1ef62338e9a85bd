"""The study of the losses: gradients by finite differences, biases, what is said of them."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.evaluation.metrics import ccc
from emolib.interpretation import loss_prose
from emolib.interpretation.loss_study import (
    LEVEL,
    SPREAD,
    batch_table,
    ccc_gradient,
    degenerate_table,
    faceless_cross_entropy,
    gradient_gap,
    loss_gap,
    make_up,
    predictor_table,
)


def made_up(**changes):
    usual = {"people": 40, "frames": 400, "correlation": 0.6, "between": 0.5, "memory": 0.5}
    return make_up(**(usual | changes), seed=7)


@pytest.fixture(scope="module")
def made():
    return made_up()


def test_made_up_corpus_has_the_moments_that_were_asked_for():
    large = made_up(people=1500, frames=100)
    for series in (large.truth, large.prediction):
        assert series.mean() == pytest.approx(LEVEL, abs=0.02)
        assert series.std() == pytest.approx(SPREAD, abs=0.02)
        assert series[:, 0].std() == pytest.approx(series[:, -1].std(), abs=0.03)
        levels = series.mean(axis=1).var() / series.var()
        assert levels == pytest.approx(0.5 + 0.5 * 2 * 0.5 * 30 / 100, abs=0.08)
    assert large.ccc == pytest.approx(0.6, abs=0.04)
    kept = np.corrcoef(*(made_up(between=0, people=300).truth[:, at] for at in (0, 15)))[0, 1]
    assert kept == pytest.approx(math.exp(-1), abs=0.12)  # after the memory of half a second


@pytest.mark.parametrize("change", [{"correlation": 1.1}, {"between": -0.1}, {"memory": 0}])
def test_made_up_corpus_refuses_what_cannot_be(change):
    with pytest.raises(InputError, match="a correlation is in"):
        made_up(**change)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 12))
def test_gradient_equals_finite_differences_of_the_metric(seed, count):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, count))
    found, step = ccc_gradient(x, y), 1e-5
    for at in range(count):
        moved = [y + sign * step * (np.arange(count) == at) for sign in (1, -1)]
        difference = (ccc(x, moved[0]) - ccc(x, moved[1])) / (2 * step)
        assert found[at] == pytest.approx(difference, abs=1e-4 * max(1, np.abs(found).max()))


def test_gradient_and_loss_are_those_of_training(made):
    assert gradient_gap(made.truth[0], made.prediction[0]) < 1e-4
    assert loss_gap(made, 2, 30, draws=3, seed=1) < 1e-4
    assert ccc_gradient(np.ones(3), np.ones(3)).tolist() == [0, 0, 0]


def test_batches_come_nearer_to_all_frames_as_they_grow(made):
    table = batch_table(made, [1, 30], [10, 400], draws=60, seed=1)
    assert table["frames"].tolist() == [10, 300, 400, 12000]
    np.testing.assert_allclose(table["mean"] - table["bias"], made.ccc)
    assert table["bias"].abs().iloc[-1] < 0.05 < table["bias"].abs().iloc[0]
    assert table["sd"].iloc[-1] < table["sd"].iloc[0]
    assert table["direction"].iloc[-1] > 0.95 > table["direction"].iloc[0]
    assert (table["low"] <= table["mean"]).all() and (table["mean"] <= table["high"]).all()
    with pytest.raises(InputError, match="401 frames; a person has 400"):
        batch_table(made, [1], [401], draws=1, seed=1)


def test_batch_of_everything_is_everything(made):
    # Each person once, in full: no matter in which order, the frames are all of them.
    table = batch_table(made, [40], [400], draws=3, seed=1)
    assert table["mean"].iloc[0] == pytest.approx(made.ccc)
    assert table["direction"].iloc[0] == pytest.approx(1)


def test_predictors_by_formula(made):
    rows = predictor_table(made).set_index("predictor")
    assert rows.loc["the truth", "ccc"] == pytest.approx(1)
    shifted = rows.loc["the truth, one standard deviation too high"]
    assert (shifted.pearson, shifted.ccc) == (pytest.approx(1), pytest.approx(2 / 3))
    for name in ("half", "twice"):
        assert rows.loc[f"the truth, {name} as far from its mean", "ccc"] == pytest.approx(0.8)
    shrunk = rows.loc["the prediction, shrunk to the least squared error"]
    assert shrunk.mse == pytest.approx((1 - shrunk.pearson**2) * made.truth.var())
    np.testing.assert_allclose(rows["loss"], 1 - rows["ccc"], atol=1e-5)


def test_degenerate_cases_have_a_loss_even_where_the_metric_is_undefined():
    table = degenerate_table()
    assert table["ccc"].isna().tolist() == [False, False, False, True, True]
    np.testing.assert_allclose(table["loss"], 1, atol=1e-5)
    assert table["gradient"].tolist() == ["some", "none", "none", "none", "none"]


def test_faceless_cross_entropy_by_hand():
    emotions = ["fear", "fear", "fear", "anger"]
    samples = pd.DataFrame({"emotion": emotions * 2, "split": ["train"] * 4 + ["test"] * 4})
    samples.loc[4:, "emotion"] = "anger"
    losses = faceless_cross_entropy(samples)
    entropy = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert losses == {"train": pytest.approx(entropy), "test": pytest.approx(-math.log(0.25))}
    assert "no training face" in loss_prose.faceless_sentence({})
    assert "worse" not in loss_prose.faceless_sentence(losses)
    assert "On the test people that is worse" in loss_prose.faceless_sentence({**losses, "test": 3})


def test_sentences_turn_with_the_numbers(made):
    table = batch_table(made, [1, 4], [20, 80], draws=30, seed=1)
    said = loss_prose.batch_sentence(table, made.ccc, 1, 20, "this build")
    assert said.startswith("A batch with the shape of those of this build, 1 sequence of 20")
    assert " below the " in said
    above = loss_prose.batch_sentence(table.assign(bias=0.2), made.ccc, 1, 20, "this build")
    assert "0.20 above the" in above
    assert "bias shrinks" in loss_prose.growth_sentence(table)
    turned = table.assign(bias=table["bias"].to_numpy()[::-1], sd=table["sd"].to_numpy()[::-1])
    assert "does not shrink" in loss_prose.growth_sentence(turned)
    two = pd.DataFrame({"batch_size": [1, 1, 2], "sequence_length": [5, 9, 8],
                        "frames": [5, 9, 16], "bias": [-0.3, -0.2, -0.1],
                        "sd": [0.2, 0.4, 0.1]})  # fmt: skip
    assert loss_prose.growth_sentence(two).endswith(
        "shrinks, from 0.20 to 0.10; it is largest with 1 × 9, 0.40."
    )
    assert "largest" not in loss_prose.growth_sentence(two.assign(sd=[0.4, 0.3, 0.1]))
    assert "batches with 80 frames, one of 4 sequences comes nearer" in loss_prose.shape_sentence(
        table
    )
    assert "No two" in loss_prose.shape_sentence(table[:1])
    said = loss_prose.squared_error_sentence(predictor_table(made))
    assert "lowers its concordance" in said and "costs more squared error" in said
    poor = predictor_table(made_up(correlation=0.1))
    assert "costs less squared error" in loss_prose.squared_error_sentence(poor)
