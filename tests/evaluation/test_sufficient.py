"""Metrics from sums over people, against scikit-learn and SciPy over faces."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sklearn
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from emolib.errors import InputError
from emolib.evaluation import sufficient
from emolib.evaluation.formatting import format_table
from emolib.evaluation.predictions import PredictionsFile
from emolib.evaluation.results import Network, baseline_networks
from emolib.evaluation.sufficient import PersonSums, person_statistics, require_alike, score
from emolib.evaluation.tables import category_table, precision_recall_table, score_table
from emolib.labels import EMOTIONS

CODES = st.integers(0, len(EMOTIONS) - 1)
PEOPLE = st.integers(0, 3)
RATINGS = st.integers(-64, 64).map(lambda i: i / 64)


def totals(pairs, target):
    """Return the sums of all people of (person, truth, prediction) triples."""
    rows = pd.DataFrame(pairs, columns=["person", "truth", "prediction"])
    return person_statistics(rows, target).sum(axis=0)


@given(st.lists(st.tuples(PEOPLE, CODES, CODES), min_size=1, max_size=60))
def test_category_scores_equal_scikit_learn(faces):
    _, truth, named = map(list, zip(*faces, strict=True))
    sums = totals(faces, "emotion")
    np.testing.assert_array_equal(
        sums.reshape(7, 7), sklearn.confusion_matrix(truth, named, labels=range(7))
    )
    present = sorted(set(truth))
    expected = {
        "accuracy": sklearn.accuracy_score(truth, named),
        "macro_f1": sklearn.f1_score(
            truth, named, labels=present, average="macro", zero_division=0
        ),
        "balanced_accuracy": sklearn.recall_score(
            truth, named, labels=present, average="macro", zero_division=0
        ),
    }
    for name, function in (
        ("recall", sklearn.recall_score),
        ("precision", sklearn.precision_score),
        ("f1", sklearn.f1_score),
    ):
        values = function(truth, named, labels=range(7), average=None, zero_division=np.nan)
        expected |= {f"{name}_{emotion}": values[i] for i, emotion in enumerate(EMOTIONS)}
    for metric, value in expected.items():
        assert score(metric, sums) == pytest.approx(value, nan_ok=True), metric


@given(st.lists(st.tuples(PEOPLE, RATINGS, RATINGS), min_size=2, max_size=40))
def test_dimensional_scores_equal_scikit_learn_and_scipy(faces):
    _, truth, predicted = map(np.array, zip(*faces, strict=True))
    assume(np.ptp(truth) > 0 and np.ptp(predicted) > 0)
    sums = totals(faces, "valence")
    expected = {
        "mse_valence": sklearn.mean_squared_error(truth, predicted),
        "rmse_valence": sklearn.root_mean_squared_error(truth, predicted),
        "pearson_valence": stats.pearsonr(truth, predicted).statistic,
        "sign_agreement_valence": sklearn.accuracy_score(np.sign(truth), np.sign(predicted)),
    }
    for metric, value in expected.items():
        assert score(metric, sums) == pytest.approx(value, abs=1e-9), metric


def test_person_sums_reads_each_table_once(simulate, monkeypatch):
    read = []
    labelled = sufficient.labelled
    monkeypatch.setattr(
        sufficient, "labelled", lambda table, target: read.append(target) or labelled(table, target)
    )
    sums = PersonSums([simulate(), simulate()])
    for metric in ("accuracy", "macro_f1", "recall_fear", "ccc_valence", "mse_valence"):
        sums.value(metric)
    assert read == ["emotion"] * 2 + ["valence"] * 2


def test_values_are_those_of_each_seed(simulate, with_predictions_of):
    first = simulate()
    seeds = [first, with_predictions_of(first, 1)]
    values = PersonSums(seeds).values("accuracy")
    assert values == pytest.approx([PersonSums(seed).value("accuracy") for seed in seeds])
    assert PersonSums(seeds).value("accuracy") == pytest.approx(values.mean())


def test_split_without_a_category_leaves_dashes_and_no_other_trace(simulate):
    corpus = simulate(splits=("train", "validation", "test"), people=4)
    networks = {"a": Network(corpus, "category")} | baseline_networks(corpus, "emotion")
    printed = format_table(category_table(networks, "test"))
    assert set(printed["Disgust"]) == {"–"}
    assert "–" not in set(printed["Total"]) | set(printed["Macro F1"])
    table = precision_recall_table(networks["a"], "test").set_index("emotion")
    assert np.isnan(table.loc["disgust", "recall"]) and table.loc["disgust", "faces"] == 0
    assert table.loc["macro average"].notna().all()
    scores = score_table(networks, ["recall_disgust", "macro_f1"], ["test"])
    undefined = scores[scores["metric"] == "recall_disgust"]
    assert undefined[["estimate", "low", "high", "lowest"]].isna().all(axis=None)
    assert scores.loc[scores["metric"] == "macro_f1", "estimate"].notna().all()


@pytest.fixture
def on_disk(simulate, tmp_path, monkeypatch):
    """Return a function that writes predictions and reads them in chunks of 17 rows."""
    monkeypatch.setattr("emolib.storage.ROWS", 17)

    def write(table, name="a"):
        table.to_parquet(tmp_path / f"{name}.parquet", index=False)
        return PredictionsFile(tmp_path / f"{name}.parquet")

    return write


@pytest.mark.parametrize("target", ["emotion", "valence", "arousal"])
def test_sums_of_a_file_equal_those_of_the_table(simulate, with_predictions_of, on_disk, target):
    table = simulate(splits=("train", "test"))
    other = with_predictions_of(table, 3)
    held = Network([table, other]).on("test")
    read = Network([on_disk(table), on_disk(other, "b")]).on("test")
    np.testing.assert_allclose(read.statistics(target), held.statistics(target), rtol=1e-12)
    assert read.identity(target) == held.identity(target)
    assert read.identity(target).count == (table["split"] == "test").sum()
    pd.testing.assert_frame_equal(read.table(), held.table())


def test_faces_of_a_file_that_differ_are_counted(simulate, on_disk):
    table = simulate()
    fewer, moved = table.iloc[:-3], table.assign(valence=table["valence"].where(table.index > 1, 0))
    with pytest.raises(InputError, match="3 only in the first, 0 only in the second"):
        PersonSums([on_disk(table), on_disk(fewer, "b")]).statistics("valence")
    with pytest.raises(InputError, match="truth differs between the two tables for 2 of"):
        PersonSums([on_disk(table), on_disk(moved, "b")]).statistics("valence")
    with pytest.raises(InputError, match="3 only in the first"):
        require_alike(PersonSums(on_disk(table)), PersonSums(on_disk(fewer, "b")), "emotion")


def test_faces_of_a_file_that_are_repeated_chunks_apart_are_refused(simulate, on_disk):
    table = simulate()
    with pytest.raises(InputError, match="2 faces occur more than once"):
        PersonSums(on_disk(pd.concat([table, table.iloc[:2]]))).statistics("valence")


def test_order_of_the_faces_of_a_file_does_not_matter(simulate, on_disk):
    table = simulate()
    shuffled = PersonSums(on_disk(table.sample(frac=1, random_state=1)))
    expected = PersonSums(table)
    np.testing.assert_allclose(shuffled.statistics("valence"), expected.statistics("valence"))
    assert shuffled.identity("valence") == expected.identity("valence")


def test_file_without_a_split_or_a_prediction_is_refused(simulate, on_disk):
    file = on_disk(simulate(splits=("train",)).drop(columns="predicted_emotion"))
    assert not Network(file).predicts("emotion") and Network(file).predicts("valence")
    with pytest.raises(InputError, match="'test'; splits present: train"):
        Network(file).on("test")
    with pytest.raises(InputError, match="no column predicted_emotion"):
        Network(file).on("train").statistics("emotion")
