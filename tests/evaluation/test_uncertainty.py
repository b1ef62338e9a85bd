"""Bootstrap and permutation tests against literal loops over faces, and their calibration."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.evaluation.metrics import (
    CATEGORY_METRICS,
    DIMENSIONAL_METRICS,
    category_metrics,
    dimensional_metrics,
    metric_range,
)
from emolib.evaluation.sufficient import PersonSums
from emolib.evaluation.uncertainty import (
    bootstrap,
    bootstrap_difference,
    difference_interval,
    holm,
    interval,
    permutation_test,
)


def frame_metrics(predictions):
    return {**category_metrics(predictions), **dimensional_metrics(predictions)}


def resampled(predictions, people, counts):
    """Return the faces of each person as often as the person was drawn."""
    chosen = [
        predictions[predictions["person"] == person]
        for person, count in zip(people, counts, strict=True)
        for _ in range(count)
    ]
    return pd.concat(chosen)


def drawn_counts(people, replicates, seed):
    generator = np.random.default_rng(seed)
    return generator.multinomial(people, [1 / people] * people, size=replicates)


def without_each_person(predictions):
    people = sorted(predictions["person"].unique())
    return pd.DataFrame(
        [frame_metrics(predictions[predictions["person"] != person]) for person in people]
    )


def literal_limits(estimate, left_out, quantile):
    n = len(left_out)
    error = math.sqrt((n - 1) / n * sum((value - np.mean(left_out)) ** 2 for value in left_out))
    return estimate - quantile * error, estimate + quantile * error


STUDENT_4 = 2.776445105  # the 0.975 quantile for 4 degrees of freedom


def test_interval_equals_loop_over_people_left_out(simulate):
    predictions = simulate(people=5, faces=12)
    left_out, estimates = without_each_person(predictions), frame_metrics(predictions)
    for metric in (*CATEGORY_METRICS, *DIMENSIONAL_METRICS):
        found = interval(predictions, metric)
        assert found.estimate == pytest.approx(estimates[metric], nan_ok=True)
        low, high = literal_limits(estimates[metric], left_out[metric].to_numpy(), STUDENT_4)
        bounds = np.clip([low, high], *metric_range(metric))
        assert (found.low, found.high) == pytest.approx(tuple(bounds), nan_ok=True)


def test_difference_interval_leaves_the_same_person_out_of_all_seeds(simulate, with_predictions_of):
    first = simulate(people=5, faces=12)
    a = [with_predictions_of(first, seed, skill=0.7) for seed in (1, 2)]
    b = [first, with_predictions_of(first, 4), with_predictions_of(first, 5)]
    for metric in ("macro_f1", "ccc_arousal"):
        means = [
            (
                np.mean([frame_metrics(run)[metric] for run in runs]),
                np.mean([without_each_person(run)[metric] for run in runs], axis=0),
            )
            for runs in (a, b)
        ]
        estimate, left_out = (first - second for first, second in zip(*means, strict=True))
        found = difference_interval(a, b, metric)
        assert found.estimate == pytest.approx(estimate)
        expected = literal_limits(estimate, left_out, STUDENT_4)
        assert (found.low, found.high) == pytest.approx(expected)
        sums = difference_interval(PersonSums(a), PersonSums(b), metric)
        assert sums[:3] == found[:3]


def test_interval_of_one_person_or_of_what_one_person_shows_is_undefined(simulate):
    alone = interval(simulate(people=1), "accuracy")
    assert not math.isnan(alone.estimate)
    assert math.isnan(alone.low) and math.isnan(alone.high)
    predictions = simulate(people=4).assign(emotion="neutral")
    predictions.loc[0, "emotion"] = "fear"
    assert math.isnan(interval(predictions, "recall_fear").low)
    assert not math.isnan(interval(predictions, "recall_neutral").low)


def test_interval_stays_in_the_range_of_the_metric(simulate):
    predictions = simulate(people=3, faces=4, skill=0.9)
    found = interval(predictions, "accuracy", confidence=0.999)
    assert (found.low, found.high) == (0, 1)


def test_interval_is_wider_for_more_confidence(simulate):
    predictions = simulate()
    narrow, wide = (interval(predictions, "ccc_valence", confidence=c) for c in (0.8, 0.95))
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
    with pytest.raises(InputError, match="confidence is 95"):
        interval(predictions, "ccc_valence", confidence=95)


def test_bootstrap_replicates_equal_loop_over_faces(simulate):
    predictions = simulate(people=5, faces=12)
    people = sorted(predictions["person"].unique())
    expected = pd.DataFrame(
        [
            frame_metrics(resampled(predictions, people, counts))
            for counts in drawn_counts(5, 20, seed=3)
        ]
    )
    for metric in (*CATEGORY_METRICS, *DIMENSIONAL_METRICS):
        interval = bootstrap(predictions, metric, n_replicates=20, seed=3)
        np.testing.assert_allclose(interval.replicates, expected[metric], atol=1e-12)
        low, high = expected[metric].quantile([0.025, 0.975])
        assert (interval.low, interval.high) == pytest.approx((low, high), nan_ok=True)
        estimate = frame_metrics(predictions)[metric]
        assert interval.estimate == pytest.approx(estimate, nan_ok=True)


def test_bootstrap_difference_pairs_people_and_averages_seeds(simulate, with_predictions_of):
    first = simulate(people=5, faces=12)
    a = [with_predictions_of(first, seed, skill=0.7) for seed in (1, 2, 3)]
    b = [first, with_predictions_of(first, 4)]
    people = sorted(first["person"].unique())
    for metric in ("macro_f1", "ccc_valence", "mse_arousal"):
        interval = bootstrap_difference(a, b, metric, n_replicates=6, seed=5)
        for value, counts in zip(interval.replicates, drawn_counts(5, 6, seed=5), strict=True):
            means = [
                np.mean([frame_metrics(resampled(t, people, counts))[metric] for t in tables])
                for tables in (a, b)
            ]
            assert value == pytest.approx(means[0] - means[1])


def test_bootstrap_difference_of_a_network_and_itself_is_zero(simulate):
    predictions = simulate()
    interval = bootstrap_difference(predictions, predictions, "accuracy", seed=0)
    assert interval[:3] == (0, 0, 0)


def test_bootstrap_order_of_rows_is_irrelevant(simulate):
    predictions = simulate()
    shuffled = predictions.sample(frac=1, random_state=0)
    interval = bootstrap(predictions, "ccc_valence", seed=1)
    assert bootstrap(shuffled, "ccc_valence", seed=1)[:3] == pytest.approx(interval[:3])
    assert bootstrap_difference(shuffled, predictions, "accuracy", seed=1).estimate == 0


def test_bootstrap_one_person_has_no_interval(simulate):
    interval = bootstrap(simulate(people=1), "accuracy", seed=0)
    assert 0 < interval.estimate < 1
    assert math.isnan(interval.low) and math.isnan(interval.high)
    assert len(interval.replicates) == 0


def test_bootstrap_constant_equal_series_is_undefined(simulate):
    predictions = simulate().assign(valence=0.1, predicted_valence=0.1)
    assert math.isnan(bootstrap(predictions, "ccc_valence", seed=0).estimate)
    predictions["predicted_valence"] = 0.3
    assert bootstrap(predictions, "ccc_valence", seed=0).estimate == 0
    assert math.isnan(bootstrap(predictions, "pearson_valence", seed=0).estimate)


def test_bootstrap_absent_category_is_undefined(simulate):
    interval = bootstrap(simulate(), "recall_disgust", n_replicates=50, seed=0)
    assert all(map(math.isnan, (*interval[:3], *interval.replicates)))


def test_bootstrap_coverage_on_clustered_data_is_near_nominal():
    # Accuracy of a person ~ Beta(4, 4); the accuracy of the population is therefore 0.5.
    generator = np.random.default_rng(0)
    people, faces, corpora, covered = 30, 20, 150, 0
    frame = pd.DataFrame(
        {
            "track": np.repeat(np.arange(people), faces),
            "person": np.repeat(np.arange(people), faces),
            "frame": np.tile(np.arange(faces), people),
            "split": "test",
            "emotion": "neutral",
        }
    )
    for corpus in range(corpora):
        skill = np.repeat(generator.beta(4, 4, people), faces)
        right = generator.random(people * faces) < skill
        table = frame.assign(predicted_emotion=np.where(right, "neutral", "fear"))
        interval = bootstrap(table, "accuracy", n_replicates=400, confidence=0.9, seed=corpus)
        covered += interval.low <= 0.5 <= interval.high
    assert 0.83 <= covered / corpora <= 0.96


def test_bootstrap_different_faces_are_refused_with_counts(simulate):
    predictions = simulate(people=3, faces=10)
    with pytest.raises(InputError, match="4 only in the first, 0 only in the second"):
        bootstrap_difference(predictions, predictions[4:], "accuracy", seed=0)
    other = predictions.assign(frame=predictions["frame"] + 1)
    with pytest.raises(InputError, match="3 only in the first, 3 only in the second"):
        bootstrap_difference(predictions, other, "accuracy", seed=0)
    with pytest.raises(InputError, match="30 faces occur more than once"):
        doubled = pd.concat([predictions, predictions])
        bootstrap_difference(predictions, doubled, "accuracy", seed=0)


def test_bootstrap_different_truth_is_refused(simulate):
    predictions = simulate(people=3, faces=10)
    other = predictions.assign(valence=predictions["valence"] + 0.1)
    with pytest.raises(InputError, match="truth differs between the two tables for 30 of 30"):
        bootstrap_difference(predictions, other, "ccc_valence", seed=0)
    assert bootstrap_difference(predictions, other, "accuracy", seed=0).estimate == 0


def test_bootstrap_unlabelled_faces_may_differ(simulate):
    predictions = simulate(people=3, faces=10)
    more = predictions.assign(emotion=predictions["emotion"].where(predictions["frame"] > 2))
    labelled = more[more["emotion"].notna()]
    assert bootstrap_difference(more, labelled, "accuracy", seed=0).estimate == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "acuracy"}, "unknown metric 'acuracy'"),
        ({"metric": "accuracy", "confidence": 95}, "confidence is 95"),
    ],
)
def test_bootstrap_invalid_argument_is_refused(simulate, arguments, message):
    with pytest.raises(InputError, match=message):
        bootstrap(simulate(), seed=0, **arguments)


def test_bootstrap_no_run_is_refused():
    with pytest.raises(InputError, match="no run to evaluate"):
        bootstrap([], "accuracy", seed=0)


def swapped(a, b, people, swap):
    """Return both tables with the predictions of the marked people exchanged."""
    marked = a["person"].isin([p for p, chosen in zip(people, swap, strict=True) if chosen])
    new_a, new_b = a.copy(), b.copy()
    columns = ["predicted_emotion", "predicted_valence", "predicted_arousal"]
    new_a.loc[marked, columns] = b.loc[marked, columns]
    new_b.loc[marked, columns] = a.loc[marked, columns]
    return new_a, new_b


@pytest.mark.parametrize("metric", ["macro_f1", "ccc_arousal"])
def test_permutation_exact_equals_literal_enumeration(simulate, with_predictions_of, metric):
    first = simulate(people=4, faces=12)
    a = [with_predictions_of(first, seed, skill=0.6) for seed in (1, 2)]
    b = [with_predictions_of(first, seed, skill=0.5) for seed in (3, 4)]
    people = sorted(first["person"].unique())
    differences = []
    for swap in product([0, 1], repeat=4):
        pairs = [swapped(x, y, people, swap) for x, y in zip(a, b, strict=True)]
        differences.append(
            np.mean([frame_metrics(x)[metric] - frame_metrics(y)[metric] for x, y in pairs])
        )
    test = permutation_test(a, b, metric, seed=0)
    assert test.exact
    assert test.difference == pytest.approx(differences[0])
    assert test.p == np.mean(np.abs(differences) >= abs(differences[0]) - 1e-12)


def test_permutation_random_agrees_with_exact(simulate, with_predictions_of):
    a = simulate(people=10, faces=10, seed=4)
    b = with_predictions_of(a, 1, skill=0.4)
    exact = permutation_test(a, b, "accuracy", n_permutations=2000, seed=0)
    random = permutation_test(a, b, "accuracy", n_permutations=1000, seed=0)
    assert exact.exact and not random.exact
    assert random.p == pytest.approx(exact.p, abs=0.05)


def test_permutation_clear_difference_reaches_smallest_p(simulate, with_predictions_of):
    a = simulate(people=12, faces=20)
    right = a.assign(predicted_emotion=a["emotion"])
    wrong = a.assign(predicted_emotion="disgust")
    test = permutation_test(right, wrong, "accuracy", n_permutations=999, seed=0)
    assert test.difference == 1
    assert 1 / 1000 <= test.p <= 3 / 1000  # the observed labelling and its mirror image
    assert permutation_test(a, a, "accuracy", seed=0).p == 1


def test_permutation_under_null_p_is_not_too_often_small(simulate, with_predictions_of):
    p_values = []
    for seed in range(60):
        a = simulate(people=7, faces=5, seed=seed)
        b = with_predictions_of(a, seed + 1000)
        a = with_predictions_of(a, seed + 2000)
        p_values.append(permutation_test(a, b, "ccc_valence", seed=0).p)
    assert np.mean(np.array(p_values) <= 0.1) <= 0.2
    assert 0.4 <= np.mean(p_values) <= 0.6


def test_permutation_single_table_is_paired_with_every_seed(simulate, with_predictions_of):
    a = simulate(people=6)
    seeds = [with_predictions_of(a, seed) for seed in (1, 2)]
    single = permutation_test(seeds, a, "accuracy", seed=0)
    assert single == permutation_test(seeds, [a, a], "accuracy", seed=0)
    with pytest.raises(InputError, match="cannot pair 2 runs with 3"):
        permutation_test(seeds, [a, a, a], "accuracy", seed=0)


def test_permutation_undefined_metric_is_nan(simulate):
    test = permutation_test(simulate(), simulate(), "recall_disgust", seed=0)
    assert math.isnan(test.p) and math.isnan(test.difference)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_matches_literal_step_down(p_values):
    ranked = sorted(range(len(p_values)), key=lambda i: p_values[i])
    expected, largest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(ranked):
        largest = max(largest, min(1, (len(p_values) - rank) * p_values[i]))
        expected[i] = largest
    np.testing.assert_allclose(holm(p_values), expected)


def test_holm_undefined_test_is_not_counted():
    np.testing.assert_allclose(holm([0.02, np.nan, 0.03]), [0.04, np.nan, 0.04])
    assert holm([]).size == 0
