"""Metrics: hand cases, a literal oracle for each equation, properties, degenerate input."""

import math

import audmetric
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.evaluation import metrics
from emolib.labels import EMOTIONS

# Multiples of 1/64 keep sums exact enough for tight comparisons.
RATINGS = st.integers(-64, 64).map(lambda i: i / 64)
PAIRS = st.lists(st.tuples(RATINGS, RATINGS), min_size=2, max_size=40)


def literal_ccc(truth, prediction):
    n = len(truth)
    mean_x, mean_y = sum(truth) / n, sum(prediction) / n
    s_xx = sum((x - mean_x) ** 2 for x in truth) / n
    s_yy = sum((y - mean_y) ** 2 for y in prediction) / n
    s_xy = sum((x - mean_x) * (y - mean_y) for x, y in zip(truth, prediction, strict=True)) / n
    return 2 * s_xy / (s_xx + s_yy + (mean_x - mean_y) ** 2)


def table(truth, predicted, **columns):
    n = len(truth)
    return pd.DataFrame(
        {
            "track": "t",
            "person": "p",
            "video": "v",
            "frame": range(n),
            "time": 0.0,
            "split": "test",
            "emotion": truth,
            "predicted_emotion": predicted,
            **columns,
        }
    )


def test_ccc_hand_case_matches_paper_arithmetic():
    # Means 2 and 3, population variances 2/3 and 2/3, covariance 2/3.
    assert metrics.ccc([1, 2, 3], [2, 3, 4]) == pytest.approx((4 / 3) / (4 / 3 + 1))


@given(PAIRS)
def test_ccc_matches_literal_equation(pairs):
    truth, prediction = map(list, zip(*pairs, strict=True))
    assume(len(set(truth)) > 1)
    assert metrics.ccc(truth, prediction) == pytest.approx(
        literal_ccc(truth, prediction), abs=1e-12
    )


@given(PAIRS)
def test_ccc_equals_audmetric(pairs):
    truth, prediction = map(np.array, zip(*pairs, strict=True))
    assert metrics.ccc(truth, prediction) == pytest.approx(
        audmetric.concordance_cc(truth, prediction), abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize(
    ("truth", "prediction", "expected"),
    [([], [], math.nan), ([0.5], [0.5], math.nan), ([0.5], [-0.5], math.nan),
     ([0.5, 0.5], [0.5, 0.5], math.nan), ([0.5, 0.5], [-0.25, -0.25], 0),
     ([0.5, 0.5, 0.5], [0.0, 0.25, 0.5], 0), ([-0.5, 0.25, 1.0], [-0.5, 0.25, 1.0], 1),
     ([-1.0, 1.0], [1.0, -1.0], -1)],
)  # fmt: skip
def test_ccc_degenerate_input_equals_audmetric(truth, prediction, expected):
    for function in (metrics.ccc, audmetric.concordance_cc):
        assert function(truth, prediction) == pytest.approx(expected, nan_ok=True)


@given(PAIRS, st.data())
def test_ccc_refuses_the_nan_that_audmetric_returns_or_leaves_out(pairs, data):
    truth, prediction = map(np.array, zip(*pairs, strict=True))
    lacking = np.array(data.draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs))))
    assume(lacking.any())
    holed = np.where(lacking, np.nan, prediction)
    with pytest.raises(InputError, match="NaN"):
        metrics.ccc(truth, holed)
    assert math.isnan(audmetric.concordance_cc(truth, holed))
    assert metrics.ccc(truth[~lacking], prediction[~lacking]) == pytest.approx(
        audmetric.concordance_cc(truth, holed, ignore_nan=True), abs=1e-12, nan_ok=True
    )


@given(PAIRS)
def test_ccc_is_symmetric_and_at_most_pearson(pairs):
    truth, prediction = map(list, zip(*pairs, strict=True))
    assume(len(set(truth)) > 1 and len(set(prediction)) > 1)
    value = metrics.ccc(truth, prediction)
    assert value == pytest.approx(metrics.ccc(prediction, truth), abs=1e-12)
    assert abs(value) <= abs(metrics.pearson(truth, prediction)) + 1e-9


@given(st.lists(RATINGS, min_size=2, max_size=40), st.integers(1, 64))
def test_ccc_constant_shift_is_penalised(truth, shift):
    assume(len(set(truth)) > 1)
    shifted = np.array(truth) + shift / 64
    assert metrics.ccc(truth, truth) == pytest.approx(1)
    assert metrics.ccc(truth, shifted) < 1
    assert metrics.pearson(truth, shifted) == pytest.approx(1)


@pytest.mark.parametrize("function", [metrics.ccc, metrics.pearson])
def test_correlation_fewer_than_two_samples_is_nan(function):
    assert math.isnan(function([], []))
    assert math.isnan(function([0.1], [0.1]))


def test_ccc_constant_series_zero_or_undefined():
    # 0.1 is not a binary fraction: a naive variance of it is not exactly zero.
    assert math.isnan(metrics.ccc([0.1] * 1000, [0.1] * 1000))
    assert metrics.ccc([0.1] * 1000, [0.2] * 1000) == 0
    assert metrics.ccc(np.linspace(-1, 1, 9), [0.1] * 9) == pytest.approx(0)
    assert math.isnan(metrics.pearson(np.linspace(-1, 1, 9), [0.1] * 9))


@pytest.mark.parametrize(
    "function", [metrics.ccc, metrics.mse, metrics.rmse, metrics.pearson, metrics.sign_agreement]
)
def test_dimensional_function_invalid_input_is_refused(function):
    with pytest.raises(InputError, match="prediction has 2 of 3 values that are NaN"):
        function([0.0, 0.1, 0.2], [np.nan, 0.1, np.inf])
    with pytest.raises(InputError, match="shape"):
        function([0.0, 0.1], [0.1])


def test_mse_and_rmse_hand_case():
    assert metrics.mse([0.0, 1.0, -1.0], [0.5, 1.0, 0.0]) == pytest.approx(1.25 / 3)
    assert metrics.rmse([0.0, 1.0, -1.0], [0.5, 1.0, 0.0]) == pytest.approx(math.sqrt(1.25 / 3))
    assert math.isnan(metrics.mse([], [])) and math.isnan(metrics.rmse([], []))


@given(PAIRS)
def test_sign_agreement_matches_literal_count(pairs):
    truth, prediction = map(list, zip(*pairs, strict=True))

    def sign(value):
        return 0 if value == 0 else math.copysign(1, value)

    agree = sum(sign(x) == sign(y) for x, y in pairs)
    assert metrics.sign_agreement(truth, prediction) == pytest.approx(agree / len(pairs))


def test_confusion_matrix_counts_truth_in_rows():
    matrix = metrics.confusion_matrix(["fear", "fear", "anger"], ["fear", "anger", "anger"])
    assert matrix.loc["fear", "anger"] == 1 and matrix.loc["anger", "fear"] == 0
    assert matrix.loc["fear", "fear"] == 1 and matrix.loc["anger", "anger"] == 1
    assert matrix.to_numpy().sum() == 3
    assert tuple(matrix.index) == tuple(matrix.columns) == EMOTIONS


def test_confusion_matrix_unknown_emotion_is_refused():
    with pytest.raises(InputError, match="1 labels are not among the seven emotions: contempt"):
        metrics.confusion_matrix(["fear", "contempt"], ["fear", "fear"])


def test_confusion_matrix_empty_is_all_zero():
    assert metrics.confusion_matrix([], []).to_numpy().sum() == 0


def test_category_metrics_hand_case():
    values = metrics.category_metrics(
        table(
            ["neutral", "neutral", "neutral", "sadness"], ["neutral", "neutral", "sadness", "anger"]
        )
    )
    assert values["recall_neutral"] == pytest.approx(2 / 3)
    assert values["precision_neutral"] == 1
    assert values["f1_neutral"] == pytest.approx(0.8)
    assert values["recall_sadness"] == values["precision_sadness"] == values["f1_sadness"] == 0
    assert math.isnan(values["recall_anger"]) and values["precision_anger"] == 0
    assert math.isnan(values["precision_fear"]) and math.isnan(values["f1_fear"])
    assert values["accuracy"] == 0.5
    assert values["macro_f1"] == pytest.approx(0.4)  # neutral and sadness only
    assert values["balanced_accuracy"] == pytest.approx(1 / 3)
    assert tuple(values) == metrics.CATEGORY_METRICS


LABELS = st.lists(
    st.tuples(st.sampled_from(EMOTIONS), st.sampled_from(EMOTIONS)), min_size=1, max_size=60
)


@given(LABELS)
def test_category_metrics_match_literal_counts(pairs):
    truth, predicted = map(list, zip(*pairs, strict=True))
    values = metrics.category_metrics(table(truth, predicted))
    f1 = []
    for emotion in EMOTIONS:
        hits = sum(x == y == emotion for x, y in pairs)
        shown, named = truth.count(emotion), predicted.count(emotion)
        for name, count in (("recall", shown), ("precision", named)):
            expected = hits / count if count else math.nan
            assert values[f"{name}_{emotion}"] == pytest.approx(expected, nan_ok=True)
        expected = 2 * hits / (shown + named) if shown + named else math.nan
        assert values[f"f1_{emotion}"] == pytest.approx(expected, nan_ok=True)
        if shown:
            f1.append(expected)
    assert values["macro_f1"] == pytest.approx(sum(f1) / len(f1))


@given(LABELS)
def test_category_metrics_recalls_times_shares_give_accuracy(pairs):
    truth, predicted = map(list, zip(*pairs, strict=True))
    values = metrics.category_metrics(table(truth, predicted))
    total = sum(
        values[f"recall_{emotion}"] * truth.count(emotion) / len(truth)
        for emotion in EMOTIONS
        if emotion in truth
    )
    assert values["accuracy"] == pytest.approx(total)


def test_category_metrics_unlabelled_faces_are_left_out():
    values = metrics.category_metrics(
        table(["fear", None, "", "fear"], ["fear", "anger", "fear", "anger"])
    )
    assert values["accuracy"] == 0.5
    assert all(map(math.isnan, metrics.category_metrics(table([None], ["fear"])).values()))


def test_category_metrics_missing_prediction_is_refused():
    with pytest.raises(InputError, match="1 of 2 faces labelled with emotion have no prediction"):
        metrics.category_metrics(table(["fear", "fear"], ["fear", None]))


def test_category_metrics_dimensional_network_is_refused():
    predictions = table(["fear"], ["fear"]).drop(columns="predicted_emotion")
    with pytest.raises(InputError, match="no column predicted_emotion"):
        metrics.category_metrics(predictions)


def test_category_metrics_mixed_splits_are_refused(simulate):
    with pytest.raises(InputError, match="mix 2 splits"):
        metrics.category_metrics(simulate(splits=("train", "test")))


def test_dimensional_metrics_are_pooled_over_people(simulate):
    predictions = simulate()
    values = metrics.dimensional_metrics(predictions)
    assert tuple(values) == metrics.DIMENSIONAL_METRICS
    pooled = literal_ccc(list(predictions["arousal"]), list(predictions["predicted_arousal"]))
    per_person = predictions.groupby("person").apply(
        lambda rows: literal_ccc(list(rows["arousal"]), list(rows["predicted_arousal"]))
    )
    assert values["ccc_arousal"] == pytest.approx(pooled)
    assert values["ccc_arousal"] != pytest.approx(per_person.mean(), abs=1e-3)


def test_evaluate_kind_decides_metrics(simulate):
    predictions = simulate(splits=("test", "train"), people=2)
    both = metrics.evaluate(predictions)
    assert list(both["split"].unique()) == ["train", "test"]
    assert len(both) == 2 * (len(metrics.CATEGORY_METRICS) + len(metrics.DIMENSIONAL_METRICS))
    category_only = predictions.drop(columns=["predicted_valence", "predicted_arousal"])
    assert set(metrics.evaluate(category_only)["metric"]) == set(metrics.CATEGORY_METRICS)
    with pytest.raises(InputError, match="predicted_emotion nor predicted_valence"):
        metrics.evaluate(category_only.drop(columns="predicted_emotion"))


def test_metric_target_unknown_name_is_refused():
    with pytest.raises(InputError, match="unknown metric 'ccc'"):
        metrics.metric_target("ccc")
