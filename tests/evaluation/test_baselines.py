"""Trivial predictors: fitted on train only, judged like any network."""

import numpy as np
import pytest

from emolib.errors import InputError
from emolib.evaluation.baselines import baselines, majority_class, train_mean, train_prior
from emolib.evaluation.metrics import category_metrics, dimensional_metrics
from emolib.evaluation.predictions import select_split
from emolib.labels import EMOTIONS

PROBABILITIES = [f"probability_{emotion}" for emotion in EMOTIONS]


@pytest.fixture(name="corpus")
def _corpus(simulate):
    table = simulate(splits=("train", "validation", "test"), people=6)
    test = table["split"] == "test"
    table.loc[test, "emotion"] = "disgust"
    table.loc[test, "valence"] = 0.9
    return table


def test_majority_class_is_that_of_train(corpus):
    table = majority_class(corpus)
    train = corpus.loc[corpus["split"] == "train", "emotion"]
    assert set(table["predicted_emotion"]) == {train.mode()[0]}
    assert (table[f"probability_{train.mode()[0]}"] == 1).all()
    assert category_metrics(select_split(table, "test"))["accuracy"] == 0
    on_train = category_metrics(select_split(table, "train"))
    assert on_train["accuracy"] == train.value_counts(normalize=True).max()


def test_majority_class_tie_takes_the_earlier_emotion(simulate):
    table = simulate(splits=("train",), people=1, faces=4)
    table["emotion"] = ["disgust", "fear", "fear", "disgust"]
    assert set(majority_class(table)["predicted_emotion"]) == {"fear"}


def test_train_prior_draws_with_train_shares(corpus):
    table = train_prior(corpus, seed=0)
    shares = corpus.loc[corpus["split"] == "train", "emotion"].value_counts(normalize=True)
    for emotion in EMOTIONS:
        share = shares.get(emotion, 0)
        assert (table[f"probability_{emotion}"] == share).all()
        assert (table["predicted_emotion"] == emotion).mean() == pytest.approx(share, abs=0.08)
    np.testing.assert_allclose(table[PROBABILITIES].sum(axis=1), 1)
    assert table.equals(train_prior(corpus, seed=0))
    assert not table.equals(train_prior(corpus, seed=1))


def test_train_mean_is_constant_and_has_no_concordance(corpus):
    table = train_mean(corpus)
    train = corpus[corpus["split"] == "train"]
    assert table["predicted_valence"].unique() == pytest.approx([train["valence"].mean()])
    values = dimensional_metrics(select_split(table, "train"))
    assert values["ccc_valence"] == pytest.approx(0, abs=1e-12)
    assert values["mse_arousal"] == pytest.approx(train["arousal"].var(ddof=0))


def test_baselines_keep_faces_and_drop_network_predictions(corpus):
    tables = baselines(corpus)
    assert list(tables) == ["majority class", "train prior", "train mean"]
    for table in tables.values():
        assert table[["track", "frame", "split"]].equals(corpus[["track", "frame", "split"]])
    assert "predicted_valence" not in tables["majority class"]
    assert "predicted_emotion" not in tables["train mean"]


def test_baselines_corpus_without_categories_has_the_mean_only(corpus):
    assert list(baselines(corpus.assign(emotion=None))) == ["train mean"]


def test_baseline_without_train_faces_is_refused(corpus):
    with pytest.raises(InputError, match="no train face labelled with emotion"):
        majority_class(select_split(corpus, "test"))
