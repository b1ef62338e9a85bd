r"""What can be read from what a network holds of a face: probes of its states and features.

The thesis (5.5, equations 5.2 and 5.3) supposes that a network of one kind holds part of the other
representation already. A probe asks how much: it learns to tell the category, or valence and
arousal, from the states of a trained LSTM, for the training people, and is judged on the
test people.

What a probe reads, the states need not owe to training: the features may hold it and the LSTM pass
it on. Probes of the features alone and of an LSTM with random weights say how much that is
(Hewitt and Liang 2019; Wieting and Kiela 2019).

Conventions
-----------
- Inputs are standardised and, where they are many, reduced to `COMPONENTS` principal components.
- A *linear* probe is a logistic or a ridge regression; a *shallow* one has a hidden layer of
  `HIDDEN` rectified units. The strength of the penalty is chosen on the validation people.
- Every category weighs the same in the fit, and balanced accuracy (mean recall) is the score.

References
----------
Alain, G., and Bengio, Y. (2017). Understanding intermediate layers using linear classifier probes.
arXiv:1610.01644.
Hewitt, J., and Liang, P. (2019). Designing and interpreting probes with control tasks. EMNLP,
2733-2743. doi:10.18653/v1/D19-1275
Wieting, J., and Kiela, D. (2019). No training required: exploring random encoders for sentence
classification. ICLR. arXiv:1901.10444.
"""

import warnings
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from emolib.errors import InputError
from emolib.evaluation.metrics import ccc
from emolib.evaluation.uncertainty import (
    difference_interval,
    holm,
    interval,
    permutation_test,
)
from emolib.labels import DIMENSIONS

PROBES = ("linear", "shallow")
COMPONENTS = 128
"""As many as an LSTM has states, so that every probe has as many inputs."""

HIDDEN = 64
SCORES = ("balanced_accuracy", "ccc_valence", "ccc_arousal")

CATEGORY_STATES, DIMENSIONAL_STATES, COMBINED_STATES = (
    "category-only states",
    "dimensional-only states",
    "combined states",
)
RANDOM = "states at random"
"""Names of what is probed; the last after the name of a backbone."""

_NAMES, _VALUES = SCORES[:1], SCORES[1:]
_CATEGORY_PENALTIES = (1e-3, 1e-2, 1e-1)
_RIDGE_PENALTIES = (1e1, 1e2, 1e3, 1e4)
_SHALLOW_PENALTIES = (1e-1, 3.0)
_EPOCHS = 40
_MOST_FITTED = 4000  # neighbouring frames add next to nothing


def probe(
    representation: np.ndarray, faces: pd.DataFrame, kind: str = "linear", *, seed: int
) -> pd.DataFrame:
    """Read category, valence and arousal of the test people from a representation of their faces.

    Parameters
    ----------
    representation : numpy.ndarray, shape (n, d)
        What is held of each face.
    faces : pandas.DataFrame, n rows
        ``track, frame, person, split, emotion, valence, arousal``, all labelled.
    kind : str
        One of `PROBES`.
    seed : int
        Of principal components and shallow probes.

    Returns
    -------
    pandas.DataFrame
        The test faces with ``predicted_emotion``, ``predicted_valence``, ``predicted_arousal``.

    Raises
    ------
    InputError
        If there is no such probe, the lengths differ, or a split has no face.
    """
    if kind not in PROBES:
        raise InputError(f"unknown probe {kind!r}; known are {', '.join(PROBES)}")
    if len(representation) != len(faces):
        raise InputError(f"{len(representation)} representations of {len(faces)} faces")
    parts = {
        name: np.flatnonzero(faces["split"] == name) for name in ("train", "validation", "test")
    }
    lacking = [name for name, rows in parts.items() if not len(rows)]
    if lacking:
        raise InputError(f"no face of the {lacking[0]} people has both kinds of label")
    emotion, truth = faces["emotion"].to_numpy(str), faces[list(DIMENSIONS)].to_numpy(float)
    fitted = parts["train"][:: -(-len(parts["train"]) // _MOST_FITTED)]
    reduce = make_pipeline(StandardScaler(), *_reduction(representation[fitted], seed))
    inputs = {"fitted": reduce.fit_transform(np.asarray(representation[fitted], np.float32))}
    for name in ("validation", "test"):
        inputs[name] = reduce.transform(np.asarray(representation[parts[name]], np.float32))
    several = len(np.unique(emotion[fitted])) > 1
    named = _choose(
        _classifiers(kind, seed) if several else [DummyClassifier()],
        inputs,
        emotion[fitted],
        emotion[parts["validation"]],
        _recall,
    )
    valued = _choose(
        _regressors(kind, seed), inputs, truth[fitted], truth[parts["validation"]], _concordance
    )
    columns = {f"predicted_{name}": valued[:, i] for i, name in enumerate(DIMENSIONS)}
    return faces.iloc[parts["test"]].assign(predicted_emotion=named, **columns)


def probe_all(
    representations: Mapping[str, np.ndarray], faces: pd.DataFrame, *, seed: int
) -> dict[tuple[str, str], pd.DataFrame]:
    """Apply every kind of probe to every representation, by (representation, probe)."""
    return {
        (name, kind): probe(values, faces, kind, seed=seed)
        for name, values in representations.items()
        for kind in PROBES
    }


def probe_table(
    probes: Mapping[tuple[str, str], pd.DataFrame], *, confidence: float
) -> pd.DataFrame:
    """Judge probes, with intervals over the test people.

    Returns
    -------
    pandas.DataFrame
        ``representation, probe, metric, estimate, low, high``, a row for each of `SCORES`.
    """
    rows = [
        (*name, metric, *interval(table, metric, confidence=confidence))
        for name, table in probes.items()
        for metric in SCORES
    ]
    columns = ["representation", "probe", "metric", "estimate", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def contrast_table(
    probes: Mapping[tuple[str, str], pd.DataFrame],
    pairs: Mapping[tuple[str, str], tuple[str, ...]],
    kind: str = "linear",
    *,
    confidence: float,
    n_permutations: int = 9999,
    seed: int,
) -> pd.DataFrame:
    """Compare what can be read from pairs of representations, on the same test people.

    Parameters
    ----------
    probes : mapping
        See `probe_all`.
    pairs : mapping of (str, str) to tuple of str
        The metrics on which the first representation is compared with the second; pairs of which
        one is lacking are left out.
    kind : str
        Of the probe.
    confidence : float
        Of the intervals, in (0, 1).
    n_permutations, seed : int
        As in `emolib.evaluation.uncertainty.permutation_test`.

    Returns
    -------
    pandas.DataFrame
        ``first, second, metric, difference, low, high, p, p_holm``; all rows are one family.
    """
    rows = []
    for (first, second), metrics in pairs.items():
        if {(first, kind), (second, kind)} <= set(probes):
            a, b = probes[first, kind], probes[second, kind]
            for metric in metrics:
                found = difference_interval(a, b, metric, confidence=confidence)
                p = permutation_test(a, b, metric, n_permutations=n_permutations, seed=seed).p
                rows.append((first, second, metric, *found, p))
    columns = ["first", "second", "metric", "difference", "low", "high", "p"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_holm=holm(table["p"].astype(float)))


def contrast_pairs(representations: Iterable[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return which representations are compared on what, for `contrast_table`.

    Of a network of one kind, the states are compared in the other representation: with chance,
    and with those of the network that was trained for it; of a combined network, in either
    with those of the single one.

    Parameters
    ----------
    representations : iterable of str
        Their names, as `emolib.interpretation.states.network_states` gives them.
    """
    random = [name for name in representations if name.endswith(RANDOM)]
    other = {CATEGORY_STATES: _VALUES, DIMENSIONAL_STATES: _NAMES}
    native = {CATEGORY_STATES: DIMENSIONAL_STATES, DIMENSIONAL_STATES: CATEGORY_STATES}
    pairs = {}
    for states, metrics in other.items():
        pairs |= {(states, name): metrics for name in random[:1]}
        pairs[states, native[states]] = metrics
    pairs[COMBINED_STATES, CATEGORY_STATES] = _NAMES
    pairs[COMBINED_STATES, DIMENSIONAL_STATES] = _VALUES
    return pairs


def _reduction(values: np.ndarray, seed: int) -> list[BaseEstimator]:
    if values.shape[1] <= COMPONENTS:
        return []
    components = min(COMPONENTS, len(values))
    return [PCA(components, svd_solver="randomized", random_state=seed), StandardScaler()]


def _classifiers(kind: str, seed: int) -> list[BaseEstimator]:
    if kind == "linear":
        return [LogisticRegression(C=penalty, max_iter=200) for penalty in _CATEGORY_PENALTIES]
    return [
        MLPClassifier(hidden_layer_sizes=(HIDDEN,), **_shallow(penalty, seed))
        for penalty in _SHALLOW_PENALTIES
    ]


def _regressors(kind: str, seed: int) -> list[BaseEstimator]:
    if kind == "linear":
        return [Ridge(penalty) for penalty in _RIDGE_PENALTIES]
    return [
        MLPRegressor(hidden_layer_sizes=(HIDDEN,), **_shallow(penalty, seed))
        for penalty in _SHALLOW_PENALTIES
    ]


def _shallow(penalty: float, seed: int) -> dict:
    return {"alpha": penalty, "max_iter": _EPOCHS, "random_state": seed}


def _choose(models, inputs, truth, validation_truth, score) -> np.ndarray:
    """Return what the model that is best on validation says of the test faces."""
    weights = compute_sample_weight("balanced", truth) if truth.ndim == 1 else None
    with warnings.catch_warnings():
        # So many epochs are the setting, not a failure to converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = [model.fit(inputs["fitted"], truth, sample_weight=weights) for model in models]
    scores = [score(validation_truth, model.predict(inputs["validation"])) for model in fitted]
    return fitted[int(np.argmax(np.nan_to_num(scores, nan=-1.0)))].predict(inputs["test"])


def _recall(truth: np.ndarray, prediction: np.ndarray) -> float:
    with warnings.catch_warnings():
        # A category that the validation people do not show can still be named.
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true")
        warnings.filterwarnings("ignore", "A single label was found")
        return balanced_accuracy_score(truth, prediction)


def _concordance(truth: np.ndarray, prediction: np.ndarray) -> float:
    return float(np.mean([ccc(truth[:, i], prediction[:, i]) for i in range(truth.shape[1])]))
