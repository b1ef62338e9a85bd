"""Intervals and permutation tests against literal loops over faces."""

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
    metric_target,
)
from emolib.evaluation.sufficient import PersonSums, score
from emolib.evaluation.uncertainty import (
    difference_interval,
    draw_people,
    holm,
    interval,
    percentile_limits,
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


def test_draw_people_and_their_sums_equal_a_loop_over_faces(simulate):
    predictions = simulate(people=5, faces=12)
    people = sorted(predictions["person"].unique())
    drawn = draw_people(5, 20, seed=3)
    expected = pd.DataFrame(
        [frame_metrics(resampled(predictions, people, counts)) for counts in drawn]
    )
    sums = PersonSums(predictions)
    for metric in (*CATEGORY_METRICS, *DIMENSIONAL_METRICS):
        (statistics,) = sums.statistics(metric_target(metric))
        replicates = score(metric, drawn @ statistics)
        np.testing.assert_allclose(replicates, expected[metric], atol=1e-12)
        limits = expected[metric].quantile([0.025, 0.975])
        assert percentile_limits(replicates, 0.95) == pytest.approx(tuple(limits), nan_ok=True)
        assert sums.value(metric) == pytest.approx(frame_metrics(predictions)[metric], nan_ok=True)


def test_draw_people_draws_as_many_as_there_are_and_nobody_from_one():
    drawn = draw_people(7, 100, seed=0)
    assert drawn.shape == (100, 7) and (drawn.sum(axis=1) == 7).all()
    assert draw_people(1, 100, seed=0).shape == (0, 1)
    assert all(map(math.isnan, percentile_limits(np.array([np.nan]), 0.9)))


def test_difference_interval_of_a_network_and_itself_is_zero(simulate):
    predictions = simulate()
    assert difference_interval(predictions, predictions, "accuracy") == (0, 0, 0)


def test_interval_order_of_rows_is_irrelevant(simulate):
    predictions = simulate()
    shuffled = predictions.sample(frac=1, random_state=0)
    found = interval(predictions, "ccc_valence")
    assert interval(shuffled, "ccc_valence") == pytest.approx(found)
    assert difference_interval(shuffled, predictions, "accuracy").estimate == 0


def test_interval_constant_series_is_zero_or_undefined(simulate):
    predictions = simulate().assign(valence=0.1, predicted_valence=0.1)
    assert math.isnan(interval(predictions, "ccc_valence").estimate)
    predictions["predicted_valence"] = 0.3
    assert interval(predictions, "ccc_valence") == (0, 0, 0)
    assert math.isnan(interval(predictions, "pearson_valence").estimate)


def test_interval_absent_category_is_undefined(simulate):
    assert all(map(math.isnan, interval(simulate(), "recall_disgust")))


def test_difference_interval_different_faces_are_refused_with_counts(simulate):
    predictions = simulate(people=3, faces=10)
    with pytest.raises(InputError, match="4 only in the first, 0 only in the second"):
        difference_interval(predictions, predictions[4:], "accuracy")
    other = predictions.assign(frame=predictions["frame"] + 1)
    with pytest.raises(InputError, match="3 only in the first, 3 only in the second"):
        difference_interval(predictions, other, "accuracy")
    with pytest.raises(InputError, match="30 faces occur more than once"):
        doubled = pd.concat([predictions, predictions])
        difference_interval(predictions, doubled, "accuracy")


def test_seeds_that_cover_different_faces_are_refused(simulate):
    predictions = simulate(people=3, faces=10)
    with pytest.raises(InputError, match="4 only in the first"):
        interval([predictions, predictions[4:]], "accuracy")


def test_difference_interval_different_truth_is_refused(simulate):
    predictions = simulate(people=3, faces=10)
    other = predictions.assign(valence=predictions["valence"] + 0.1)
    with pytest.raises(InputError, match="truth differs between the two tables for 30 of 30"):
        difference_interval(predictions, other, "ccc_valence")
    assert difference_interval(predictions, other, "accuracy").estimate == 0


def test_difference_interval_unlabelled_faces_may_differ(simulate):
    predictions = simulate(people=3, faces=10)
    more = predictions.assign(emotion=predictions["emotion"].where(predictions["frame"] > 2))
    labelled = more[more["emotion"].notna()]
    assert difference_interval(more, labelled, "accuracy").estimate == 0


def test_interval_unknown_metric_or_no_run_is_refused(simulate):
    with pytest.raises(InputError, match="unknown metric 'acuracy'"):
        interval(simulate(), "acuracy")
    with pytest.raises(InputError, match="no run to evaluate"):
        interval([], "accuracy")


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
