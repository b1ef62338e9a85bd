"""Trivial predictors, fitted on the train split, that any network must beat.

Each function takes a predictions table that holds the train split and returns a table of the same
faces, with the predictions of the baseline in place of the network's. They see nothing of a face:
only how often each category, and what valence and arousal on average, occur in train.
"""

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.evaluation.predictions import TARGETS, emotion_codes, has_truth
from emolib.labels import DIMENSIONS, EMOTIONS


def baselines(predictions: pd.DataFrame, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return every baseline that the labels of a corpus allow, by name.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions table of any network, with its train rows.
    seed : int
        Seed of the draws of the train prior.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``majority class`` and ``train prior`` where the corpus has categories, ``train mean``
        where it has valence and arousal.
    """
    tables = {}
    if has_truth(predictions, "emotion").any():
        tables["majority class"] = majority_class(predictions)
        tables["train prior"] = train_prior(predictions, seed)
    if has_truth(predictions, "valence").any():
        tables["train mean"] = train_mean(predictions)
    return tables


def majority_class(predictions: pd.DataFrame) -> pd.DataFrame:
    """Predict the most frequent category of train for every face, with probability one.

    Of equally frequent categories, the earlier in `emolib.labels.EMOTIONS` is taken.
    """
    probabilities = np.zeros(len(EMOTIONS))
    probabilities[np.argmax(_prior(predictions))] = 1
    return _with_categories(predictions, EMOTIONS[np.argmax(probabilities)], probabilities)


def train_prior(predictions: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw the category of each face at random, with the class shares of train."""
    prior = _prior(predictions)
    drawn = np.random.default_rng(seed).choice(EMOTIONS, size=len(predictions), p=prior)
    return _with_categories(predictions, drawn, prior)


def train_mean(predictions: pd.DataFrame) -> pd.DataFrame:
    """Predict the mean valence and arousal of train for every face."""
    means = _train_rows(predictions, "valence")[list(DIMENSIONS)].mean()
    return _faces(predictions).assign(
        **{f"predicted_{dimension}": means[dimension] for dimension in DIMENSIONS}
    )


def _prior(predictions: pd.DataFrame) -> np.ndarray:
    codes = emotion_codes(_train_rows(predictions, "emotion")["emotion"])
    return np.bincount(codes, minlength=len(EMOTIONS)) / len(codes)


def _train_rows(predictions: pd.DataFrame, target: str) -> pd.DataFrame:
    rows = predictions[(predictions["split"] == "train") & has_truth(predictions, target)]
    if rows.empty:
        raise InputError(
            f"predictions have no train face labelled with {target}; "
            "a baseline is fitted on train, so give it the table with all splits"
        )
    return rows


def _faces(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the table without the columns that a network predicted."""
    predicted = [f"predicted_{target}" for target in TARGETS]
    predicted += [f"probability_{emotion}" for emotion in EMOTIONS]
    return predictions.drop(columns=predicted, errors="ignore")


def _with_categories(
    predictions: pd.DataFrame, emotion: str | np.ndarray, probabilities: np.ndarray
) -> pd.DataFrame:
    return _faces(predictions).assign(
        predicted_emotion=emotion,
        **{
            f"probability_{name}": probability
            for name, probability in zip(EMOTIONS, probabilities, strict=True)
        },
    )
