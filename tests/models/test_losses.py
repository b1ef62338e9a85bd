"""Losses: against literal NumPy, numeric gradients, padding, degenerate batches."""

from functools import partial

import audmetric
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.models.losses import category_loss, dimensional_loss

LOSSES = [category_loss, dimensional_loss, partial(dimensional_loss, ccc="sequence")]


def literal_ccc(x, y):
    """Lin's coefficient, one sum at a time, in double precision."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    covariance = np.mean((x - x.mean()) * (y - y.mean()))
    return 2 * covariance / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)


def batch(seed, shape=(3, 5), units=2):
    generator = np.random.default_rng(seed)
    truth, prediction = generator.normal(0, 0.5, (2, *shape, units)).astype(np.float32)
    mask = generator.random(shape) < 0.7
    mask[0, :2] = True
    return truth, prediction, mask.astype(np.float32)


def probabilities(logits):
    exponential = np.exp(logits)
    return exponential / exponential.sum(-1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_dimensional_loss_any_batch_equals_literal_ccc(seed):
    truth, prediction, mask = batch(seed)
    valid = mask > 0
    expected = sum(
        1 - literal_ccc(truth[valid][:, column], prediction[valid][:, column])
        for column in range(2)
    )
    assert float(dimensional_loss(truth, prediction, mask)) == pytest.approx(expected, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0.1, 1), offset=st.floats(-0.5, 0.5))
def test_dimensional_loss_equals_audmetric(seed, spread, offset):
    truth, prediction, mask = batch(seed)
    prediction = np.float32(spread * prediction + offset)
    valid = mask > 0
    expected = sum(
        1 - audmetric.concordance_cc(truth[valid][:, column], prediction[valid][:, column])
        for column in range(2)
    )
    assert float(dimensional_loss(truth, prediction, mask)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("truth", "prediction"),
    [([], []), ([0.5], [0.5]), ([0.25], [-0.5]), ([0.5, 0.5], [0.5, 0.5]),
     ([0.5, 0.5], [-0.5, -0.5]), ([0.5, 0.5, 0.5], [0.0, 0.25, 0.5]),
     ([0.0, 0.25, 0.5], [0.0, 0.25, 0.5])],
)  # fmt: skip
def test_dimensional_loss_counts_as_zero_what_is_undefined_for_audmetric(truth, prediction):
    expected = np.nan_to_num(audmetric.concordance_cc(truth, prediction))
    columns = [np.zeros((1, 4, 2), np.float32) for _ in range(2)]
    for column, values in zip(columns, (truth, prediction), strict=True):
        column[0, : len(values)] = np.array(values)[:, None]
    mask = (np.arange(4) < len(truth))[None].astype(np.float32)
    assert float(dimensional_loss(*columns, mask)) == pytest.approx(2 * (1 - expected), abs=1e-4)


def test_dimensional_loss_does_not_hide_a_prediction_that_is_nan():
    truth, prediction, mask = batch(4)
    prediction[0, 0] = np.nan
    assert np.isnan(float(dimensional_loss(truth, prediction, mask)))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_dimensional_loss_of_sequences_is_the_mean_of_theirs(seed):
    truth, prediction, mask = batch(seed)
    mask[1] = 0  # an empty sequence, as it fills up the last batch, has no say
    expected = [
        sum(
            1 - literal_ccc(truth[i][valid][:, column], prediction[i][valid][:, column])
            for column in range(2)
        )
        for i, valid in enumerate(mask > 0)
        if valid.sum() > 1
    ]
    # One frame has no covariance, so its CCC is 0.
    expected += [2.0] * int((mask.sum(1) == 1).sum())
    found = float(dimensional_loss(truth, prediction, mask, "sequence"))
    assert found == pytest.approx(np.mean(expected), abs=1e-4)


@pytest.mark.parametrize("ccc", ["batch", "sequence"])
@pytest.mark.parametrize(
    ("truth", "prediction"),
    [([0.5, 0.5, 0.5], [0.1, -0.2, 0.4]), ([0.1, -0.2, 0.4], [0.5, 0.5, 0.5]),
     ([0.3, 0.3, 0.3], [-0.3, -0.3, -0.3]), ([0.1, -0.2, 0.4], [1e3, -1e3, 2e3])],
)  # fmt: skip
def test_dimensional_loss_degenerate_input_equals_literal_ccc(truth, prediction, ccc):
    expected = 2 * (1 - literal_ccc(truth, prediction))
    columns = [np.float32([values, values]).T[None] for values in (truth, prediction)]
    assert float(dimensional_loss(*columns, np.ones((1, 3)), ccc)) == pytest.approx(
        expected, abs=1e-4
    )


def test_dimensional_loss_perfect_prediction_is_zero():
    truth, _, mask = batch(1)
    assert float(dimensional_loss(truth, truth, mask)) == pytest.approx(0, abs=1e-5)


def test_dimensional_loss_opposite_prediction_is_nearly_four():
    truth = np.array([[[-1.0, -1.0], [1.0, 1.0]]], np.float32)
    assert float(dimensional_loss(truth, -truth, np.ones((1, 2)))) == pytest.approx(4, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_category_loss_any_batch_equals_literal_cross_entropy(seed):
    _, logits, mask = batch(seed, units=7)
    prediction = probabilities(logits)
    classes = np.random.default_rng(seed).integers(0, 7, mask.shape)
    truth = np.eye(7, dtype=np.float32)[classes]
    frames = [
        -np.log(prediction[i, j, classes[i, j]])
        for i in range(mask.shape[0])
        for j in range(mask.shape[1])
        if mask[i, j]
    ]
    assert float(category_loss(truth, prediction, mask)) == pytest.approx(np.mean(frames), rel=1e-4)


def test_category_loss_certain_and_wrong_is_finite():
    truth, prediction = np.eye(7)[None, :1], np.eye(7, dtype=np.float32)[None, 1:2]
    loss = float(category_loss(truth, prediction, np.ones((1, 1))))
    assert loss == pytest.approx(-np.log(1e-7), rel=1e-4)


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_padding_changes_neither_value_nor_gradient(loss):
    truth, prediction, mask = batch(2)
    prediction = probabilities(prediction)
    other = [np.where(mask[..., None] > 0, values, 9.0) for values in (truth, prediction)]
    (value, gradient), (other_value, other_gradient) = (
        value_and_gradient(loss, *pair, mask) for pair in ((truth, prediction), other)
    )
    assert value == other_value
    np.testing.assert_array_equal(gradient, other_gradient)
    assert (gradient[mask == 0] == 0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_gradient_equals_finite_differences(loss):
    truth, prediction, mask = batch(3, (2, 3))
    truth, prediction = truth.astype(float), probabilities(prediction.astype(float))
    _, gradient = value_and_gradient(loss, truth, prediction, mask)
    step = 1e-6
    for index in np.ndindex(prediction.shape):
        up, down = prediction.copy(), prediction.copy()
        up[index] += step
        down[index] -= step
        difference = float(
            loss(truth, tf.constant(up), mask) - loss(truth, tf.constant(down), mask)
        )
        assert gradient[index] == pytest.approx(difference / (2 * step), abs=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_valid", [0, 1, 4])
def test_loss_constant_or_tiny_batch_is_finite(loss, n_valid):
    values = np.full((1, 4, 2), 0.5, np.float32)
    mask = (np.arange(4) < n_valid)[None].astype(np.float32)
    value, gradient = value_and_gradient(loss, values, values, mask)
    assert np.isfinite(value) and np.isfinite(gradient).all()


def value_and_gradient(loss, truth, prediction, mask):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("gradients are checked on the TensorFlow backend")
    prediction = tf.constant(prediction)
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        value = loss(truth, prediction, mask)
    return float(value), tape.gradient(value, prediction).numpy()
