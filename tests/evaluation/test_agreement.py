"""Tests of `emolib.evaluation.agreement` against textbooks and literal implementations."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.evaluation.agreement import (
    CATEGORICAL_COLUMNS,
    DIMENSIONAL_COLUMNS,
    categorical_agreement,
    ccc_matrix,
    dimensional_agreement,
    fleiss_kappa,
    reliability,
)

ROSTER = ["anna", "ben", "carl"]

# Shrout and Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def test_reliability_reproduces_shrout_and_fleiss():
    found = reliability(SHROUT_FLEISS)
    assert found.icc_2_1 == pytest.approx(0.29, abs=0.005)
    assert found.icc_2_k == pytest.approx(0.62, abs=0.005)
    assert found.alpha == pytest.approx(0.91, abs=0.005)  # their ICC(3, 4)
    # ICC(3, 1) is alpha stepped down from four judges to one (Spearman and Brown).
    assert found.alpha / (4 - 3 * found.alpha) == pytest.approx(0.71, abs=0.005)


def mean_squares(table):
    """Return the mean squares of targets, raters and residual, summed one by one."""
    n, k = len(table), len(table[0])
    grand = sum(sum(row) for row in table) / (n * k)
    target = [sum(row) / k for row in table]
    rater = [sum(row[j] for row in table) / n for j in range(k)]
    squares = [0.0, 0.0, 0.0]
    for i in range(n):
        for j in range(k):
            squares[0] += (target[i] - grand) ** 2
            squares[1] += (rater[j] - grand) ** 2
            squares[2] += (table[i][j] - target[i] - rater[j] + grand) ** 2
    return squares[0] / (n - 1), squares[1] / (k - 1), squares[2] / ((n - 1) * (k - 1))


@given(st.integers(2, 9), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_reliability_equals_the_analysis_of_variance(n, k, seed):
    table = np.random.default_rng(seed).normal(size=(n, k)).tolist()
    between, raters, error = mean_squares(table)
    found = reliability(table)
    single = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    assert found.icc_2_1 == pytest.approx(single)
    assert found.icc_2_k == pytest.approx((between - error) / (between + (raters - error) / n))
    # Cronbach's alpha by its own definition, from variances of items and of their sum.
    items, total = np.var(table, axis=0, ddof=1).sum(), np.var(np.sum(table, axis=1), ddof=1)
    assert found.alpha == pytest.approx(k / (k - 1) * (1 - items / total))


def test_reliability_of_perfect_raters_is_one_and_of_no_variance_undefined():
    assert reliability([[0, 0], [1, 1], [2, 2]]) == (1.0, 1.0, 1.0)
    assert np.isnan(reliability([[1, 1], [1, 1]])).all()
    assert np.isnan(reliability([[1, 2]])).all() and np.isnan(reliability([[1], [2]])).all()
    # Another level costs the agreement, not the consistency.
    assert reliability([[0, 1], [1, 2], [2, 3]]).alpha == 1.0
    assert reliability([[0, 1], [1, 2], [2, 3]]).icc_2_1 == pytest.approx(2 / 3)


def test_reliability_needs_a_complete_table():
    with pytest.raises(InputError, match="complete table"):
        reliability([[1, np.nan], [1, 2]])


def traces(**values):
    """Return ratings of one track every tenth of a second, a rater an argument; NaN is none."""
    return pd.concat(
        pd.DataFrame(
            {
                "track": "a",
                "time": np.arange(len(series)) / 10,
                "valence": series,
                "arousal": np.negative(series),
                "rater": rater,
            }
        )
        for rater, series in values.items()
    )


def lin(x, y):
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / len(x)
    squares = sum((a - mean_x) ** 2 for a in x) / len(x) + sum((b - mean_y) ** 2 for b in y) / len(
        y
    )
    return 2 * covariance / (squares + (mean_x - mean_y) ** 2)


def test_ccc_matrix_compares_what_both_rated():
    nan = np.nan
    anna, ben, carl = [0.1, 0.2, 0.4, 0.3], [0.2, 0.1, nan, 0.5], [nan, nan, 0.3, nan]
    table = ccc_matrix(traces(ben=ben, carl=carl, anna=anna), "valence")
    assert table.index.tolist() == table.columns.tolist() == ["anna", "ben", "carl"]
    assert table.loc["anna", "ben"] == pytest.approx(lin([0.1, 0.2, 0.3], [0.2, 0.1, 0.5]))
    assert table.loc["ben", "anna"] == table.loc["anna", "ben"]
    assert table.loc["anna", "anna"] == 1.0
    assert np.isnan(table.loc["anna", "carl"])  # one time in common


def test_ccc_matrix_pools_tracks_and_never_mixes_their_times():
    first = traces(anna=[0.1, 0.2], ben=[0.0, 0.3])
    second = traces(anna=[-0.5, -0.4], ben=[-0.4, -0.6]).assign(track="b")
    table = ccc_matrix(pd.concat([first, second]), "arousal")
    expected = lin([-0.1, -0.2, 0.5, 0.4], [0.0, -0.3, 0.4, 0.6])
    assert table.loc["anna", "ben"] == pytest.approx(expected)


def test_ccc_matrix_of_raters_with_stamps_of_their_own_is_that_of_the_signal():
    generator = np.random.default_rng(0)
    tables = []
    for rater, rate in [("anna", 25), ("ben", 9)]:
        times = np.sort(generator.uniform(0, 60, 60 * rate))
        table = pd.DataFrame({"track": "a", "time": times, "valence": np.sin(times)})
        tables.append(table.assign(arousal=0.0, rater=rater))
    assert ccc_matrix(pd.concat(tables), "valence").loc["anna", "ben"] > 0.98


def test_ccc_matrix_stamps_rounded_to_milliseconds_stay_together():
    times = np.arange(300) / 30
    values = np.sin(times)
    anna = pd.DataFrame({"track": "a", "time": times, "valence": values, "rater": "anna"})
    ben = anna.assign(time=times.round(3), rater="ben")
    table = ccc_matrix(pd.concat([anna, ben]), "valence")
    assert table.loc["anna", "ben"] == pytest.approx(1.0)


def test_dimensional_agreement_hand_case():
    table = dimensional_agreement(traces(anna=[0.1, 0.3, 0.2], ben=[0.2, 0.3, 0.1]))
    assert list(table.columns) == list(DIMENSIONAL_COLUMNS)
    assert table["dimension"].tolist() == ["valence", "arousal"]
    assert table[["raters", "tracks", "n"]].to_numpy().tolist() == [[2, 1, 3]] * 2
    expected = reliability([[0.1, 0.2], [0.3, 0.3], [0.2, 0.1]])
    assert table["mean_ccc"].iloc[0] == pytest.approx(lin([0.1, 0.3, 0.2], [0.2, 0.3, 0.1]))
    assert table[["icc_2_1", "icc_2_k", "alpha"]].iloc[0].tolist() == pytest.approx(list(expected))


def test_dimensional_agreement_is_over_times_that_everybody_rated():
    nan = np.nan
    ratings = traces(anna=[0.1, 0.3, 0.2, 0.5], ben=[0.2, 0.3, 0.1, nan], carl=[0.0, 0.3, 0.1, 0.4])
    row = dimensional_agreement(ratings).iloc[0]
    assert (row["raters"], row["n"]) == (3, 3)
    pairs = [ccc_matrix(ratings, "valence").loc[a, b] for a, b in combinations(ROSTER, 2)]
    assert row["mean_ccc"] == pytest.approx(np.mean(pairs))


def test_dimensional_agreement_of_raters_of_different_tracks_is_undefined():
    second = traces(ben=[0.3, 0.1]).assign(track="b")
    row = dimensional_agreement(pd.concat([traces(anna=[0.1, 0.2]), second])).iloc[0]
    assert (row["raters"], row["tracks"], row["n"]) == (2, 0, 0)
    assert row[["mean_ccc", "icc_2_1", "icc_2_k", "alpha"]].isna().all()


def test_one_rater_gives_empty_tables():
    assert dimensional_agreement(traces(anna=[0.1, 0.2])).empty
    assert ccc_matrix(traces(anna=[0.1, 0.2]), "valence").shape == (0, 0)
    assert categorical_agreement(intervals(("anna", 0, 1, "fear"))).empty
    none = intervals()
    assert list(categorical_agreement(none).columns) == list(CATEGORICAL_COLUMNS)
    nobody = traces(anna=[0.1])[:0]
    assert dimensional_agreement(nobody).empty and ccc_matrix(nobody, "valence").empty


def test_ccc_matrix_of_an_unknown_dimension_raises():
    with pytest.raises(InputError, match="unknown dimension 'dominance'"):
        ccc_matrix(traces(anna=[0.1, 0.2]), "dominance")


# Fourteen raters put ten targets into five categories; a worked example that is widely printed.
TEN_TARGETS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def test_fleiss_kappa_worked_example():
    assert fleiss_kappa(TEN_TARGETS) == pytest.approx(0.210, abs=0.0005)


def fleiss_by_pairs(ratings, n_categories):
    """Return Fleiss' kappa by counting every pair of ratings of every target."""
    alike = [a == b for row in ratings for a, b in combinations(row, 2)]
    every = [rating for row in ratings for rating in row]
    chance = sum((every.count(category) / len(every)) ** 2 for category in range(n_categories))
    return (np.mean(alike) - chance) / (1 - chance)


@given(st.integers(1, 8), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_fleiss_kappa_equals_counting_pairs(n, k, seed):
    ratings = np.random.default_rng(seed).integers(0, 3, (n, k))
    counts = [[(row == category).sum() for category in range(3)] for row in ratings]
    if len(np.unique(ratings)) == 1:
        assert np.isnan(fleiss_kappa(counts))
    else:
        assert fleiss_kappa(counts) == pytest.approx(fleiss_by_pairs(ratings.tolist(), 3))


def test_fleiss_kappa_weights_are_repetitions():
    repeated = np.repeat(TEN_TARGETS, [1, 2, 3, 1, 1, 1, 4, 1, 1, 2], axis=0)
    weighted = fleiss_kappa(TEN_TARGETS, [1, 2, 3, 1, 1, 1, 4, 1, 1, 2])
    assert weighted == pytest.approx(fleiss_kappa(repeated))


def test_fleiss_kappa_needs_as_many_ratings_for_each_target():
    with pytest.raises(InputError, match="2 to 3 ratings"):
        fleiss_kappa([[2, 0], [2, 1]])


def intervals(*rows, track="a"):
    table = pd.DataFrame(rows, columns=["rater", "start", "end", "emotion"])
    return table.astype({"start": float, "end": float}).assign(**{"track": track, "pass": 1})


def test_categorical_agreement_hand_case():
    table = categorical_agreement(
        intervals(
            ("anna", 0, 4, "fear"), ("anna", 4, 8, "anger"),
            ("ben", 1, 3, "fear"), ("ben", 3, 9, "anger"),
        )
    )  # fmt: skip
    row = table.iloc[0]
    assert len(table) == 1 and row["raters"] == "anna, ben" and row["statistic"] == "Cohen"
    # Common time is 1 s to 8 s; they differ from 3 s to 4 s.
    assert row["seconds"] == 7 and row["tracks"] == 1
    assert row["agreement"] == pytest.approx(6 / 7)
    assert row["overlap"] == pytest.approx(7 / 9)
    chance = (3 / 7) * (2 / 7) + (4 / 7) * (5 / 7)
    assert row["kappa"] == pytest.approx((6 / 7 - chance) / (1 - chance))


LABELS = st.lists(
    st.tuples(
        st.sampled_from(ROSTER),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from(["fear", "anger", "neutral"]),
    ),
    min_size=1,
    max_size=12,
)


def by_seconds(rows, raters):
    """Return what each rater said in each second, later starts first, "" where nothing."""
    said = []
    for second in range(20):
        line = []
        for rater in raters:
            inside = [
                (start, number)
                for number, (name, start, length, _) in enumerate(rows)
                if name == rater and start <= second < start + length
            ]
            line.append(rows[max(inside)[1]][3] if inside else "")
        said.append(line)
    return said


@settings(max_examples=50)
@given(LABELS)
def test_categorical_agreement_equals_counting_seconds(rows):
    table = categorical_agreement(
        intervals(*((rater, start, start + length, name) for rater, start, length, name in rows))
    ).set_index("raters")
    raters = sorted({row[0] for row in rows})
    for pair in combinations(raters, 2):
        both = [line for line in by_seconds(rows, pair) if all(line)]
        row = table.loc[", ".join(pair)]
        assert row["seconds"] == len(both)
        if both:
            agreement = np.mean([a == b for a, b in both])
            assert row["agreement"] == pytest.approx(agreement)
            names = {name for line in both for name in line}
            chance = sum(
                np.mean([a == name for a, _ in both]) * np.mean([b == name for _, b in both])
                for name in names
            )
            if len(names) > 1:
                assert row["kappa"] == pytest.approx((agreement - chance) / (1 - chance))
            else:
                assert np.isnan(row["kappa"])
    assert ("all" in table.index) == (len(raters) == 3)
    everybody = [line for line in by_seconds(rows, raters) if all(line)]
    if len(raters) == 3 and len({name for line in everybody for name in line}) > 1:
        codes = {"fear": 0, "anger": 1, "neutral": 2}
        ratings = [[codes[name] for name in line] for line in everybody]
        assert table.loc["all", "kappa"] == pytest.approx(fleiss_by_pairs(ratings, 3))


def test_categorical_agreement_takes_the_last_pass_of_a_rater():
    first = intervals(("anna", 0, 2, "fear"), ("ben", 0, 2, "anger"))
    second = intervals(("anna", 0, 2, "anger")).assign(**{"pass": 2})
    assert categorical_agreement(pd.concat([first, second]))["agreement"].tolist() == [1.0]


def test_categorical_agreement_without_common_time_is_undefined():
    row = categorical_agreement(intervals(("anna", 0, 1, "fear"), ("ben", 2, 3, "fear"))).iloc[0]
    assert row["seconds"] == 0 and row["overlap"] == 0 and row["tracks"] == 0
    assert np.isnan(row["kappa"]) and np.isnan(row["agreement"])
