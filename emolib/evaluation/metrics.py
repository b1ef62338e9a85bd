r"""Agreement between truth and prediction, for the seven categories and for valence and arousal.

Every function takes the truth first and the prediction second and pools all faces it is given:
the concordance of a split is not the mean of the concordances of its videos.

Conventions
-----------
- Valence and arousal are in [-1, 1]. Variances are population variances (``ddof=0``).
- What is undefined is NaN, never 0, because 0 is a score that networks do obtain.
- Averages over categories (macro-F1, balanced accuracy) are taken over the categories present in
  the truth: a category nobody showed can be neither found nor missed.

Public functions: `ccc`, `mse`, `rmse`, `pearson`, `sign_agreement`, `confusion_matrix`,
`category_metrics`, `dimensional_metrics`, `evaluate`, `metric_target`, `metric_range`.

References
----------
Lin, L. I.-K. (1989). A concordance correlation coefficient to evaluate reproducibility.
Biometrics 45(1), 255-268. doi:10.2307/2532051
Nicolaou, M. A., Gunes, H., and Pantic, M. (2011). Continuous prediction of spontaneous affect from
multiple cues and modalities in valence-arousal space. IEEE Transactions on Affective Computing
2(2), 92-105. doi:10.1109/T-AFFC.2011.9
"""

import numpy as np
import pandas as pd
import sklearn.metrics
from numpy.typing import ArrayLike
from scipy import stats

from emolib.errors import InputError
from emolib.evaluation.predictions import emotion_codes, labelled, predicts
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

CATEGORY_METRICS = (
    *(f"{score}_{emotion}" for score in ("recall", "precision", "f1") for emotion in EMOTIONS),
    "accuracy",
    "macro_f1",
    "balanced_accuracy",
)
"""Names of the metrics of `category_metrics`, in its order."""

DIMENSIONAL_METRICS = tuple(
    f"{score}_{dimension}"
    for score in ("ccc", "mse", "rmse", "pearson", "sign_agreement")
    for dimension in DIMENSIONS
)
"""Names of the metrics of `dimensional_metrics`, in its order."""


def ccc(truth: ArrayLike, prediction: ArrayLike) -> float:
    r"""Concordance correlation coefficient (Lin 1989; equation 3.3 of the thesis).

    .. math:: \rho_c = \frac{2 s_{xy}}{s_x^2 + s_y^2 + (\bar{x} - \bar{y})^2}

    where :math:`x` is the truth, :math:`y` the prediction, :math:`s_x^2, s_y^2` their population
    variances and :math:`s_{xy}` their population covariance.

    Parameters
    ----------
    truth, prediction : array_like of shape (n,)
        Values of one dimension.

    Returns
    -------
    float
        In [-1, 1]. NaN for fewer than two samples, and when both series are the same constant
        (0/0). One constant series, or two different ones, give 0.

    Raises
    ------
    InputError
        If the lengths differ or a value is not finite.

    Examples
    --------
    >>> ccc([0.0, 0.5, 1.0], [0.0, 0.5, 1.0])
    1.0
    >>> round(ccc([0.0, 0.5, 1.0], [0.5, 1.0, 1.5]), 3)
    0.571
    """
    truth, prediction = _pair(truth, prediction)
    if len(truth) < 2:
        return np.nan
    # Measured from its first value, a constant series has a variance of exactly zero.
    x, y = truth - truth[0], prediction - prediction[0]
    offset = (truth[0] - prediction[0]) + (x.mean() - y.mean())
    denominator = x.var() + y.var() + offset**2
    if denominator == 0:
        return np.nan
    return float(2 * np.mean((x - x.mean()) * (y - y.mean())) / denominator)


def mse(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Mean squared error.

    Parameters
    ----------
    truth, prediction : array_like of shape (n,)
        Values of one dimension.

    Returns
    -------
    float
        At least 0; NaN without samples.

    Raises
    ------
    InputError
        If the lengths differ or a value is not finite.

    Examples
    --------
    >>> mse([0.0, 1.0], [0.5, 1.0])
    0.125
    """
    truth, prediction = _pair(truth, prediction)
    return float(sklearn.metrics.mean_squared_error(truth, prediction)) if len(truth) else np.nan


def rmse(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Root of the mean squared error.

    Parameters
    ----------
    truth, prediction : array_like of shape (n,)
        Values of one dimension.

    Returns
    -------
    float
        At least 0, in the unit of the values; NaN without samples.

    Raises
    ------
    InputError
        If the lengths differ or a value is not finite.

    Examples
    --------
    >>> rmse([0.0, 0.0], [0.5, -0.5])
    0.5
    """
    return float(np.sqrt(mse(truth, prediction)))


def pearson(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Pearson correlation, which a shift or another scale of the prediction does not change.

    Parameters
    ----------
    truth, prediction : array_like of shape (n,)
        Values of one dimension.

    Returns
    -------
    float
        In [-1, 1]; NaN for fewer than two samples or a constant series.

    Raises
    ------
    InputError
        If the lengths differ or a value is not finite.

    Examples
    --------
    >>> round(pearson([0.0, 0.5, 1.0], [0.5, 1.0, 1.5]), 6)
    1.0
    """
    truth, prediction = _pair(truth, prediction)
    if len(truth) < 2 or np.ptp(truth) == 0 or np.ptp(prediction) == 0:
        return np.nan
    return float(stats.pearsonr(truth, prediction).statistic)


def sign_agreement(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Share of samples whose truth and prediction have the same sign (SAGR, Nicolaou 2011).

    Zero is a sign of its own: it agrees with zero only.

    Parameters
    ----------
    truth, prediction : array_like of shape (n,)
        Values of one dimension.

    Returns
    -------
    float
        In [0, 1]; NaN without samples.

    Raises
    ------
    InputError
        If the lengths differ or a value is not finite.

    Examples
    --------
    >>> sign_agreement([-0.2, 0.3, 0.0, 0.1], [-0.9, -0.1, 0.0, 0.0])
    0.5
    """
    truth, prediction = _pair(truth, prediction)
    return float(np.mean(np.sign(truth) == np.sign(prediction))) if len(truth) else np.nan


def confusion_matrix(truth: ArrayLike, prediction: ArrayLike) -> pd.DataFrame:
    """Count the faces of each true (rows) and predicted (columns) emotion.

    Parameters
    ----------
    truth, prediction : array_like of str, shape (n,)
        Emotion names.

    Returns
    -------
    pandas.DataFrame of int, shape (7, 7)
        Rows and columns in the order of `emolib.labels.EMOTIONS`.

    Raises
    ------
    InputError
        If the lengths differ or a name is not one of the seven.

    Examples
    --------
    >>> counts = confusion_matrix(["fear", "fear", "anger"], ["fear", "surprise", "anger"])
    >>> int(counts.loc["fear", "surprise"]), int(counts.to_numpy().sum())
    (1, 3)
    """
    truth, prediction = emotion_codes(truth), emotion_codes(prediction)
    _require_equal_length(truth, prediction)
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)), dtype=int)
    if len(truth):
        labels = np.arange(len(EMOTIONS))
        counts = sklearn.metrics.confusion_matrix(truth, prediction, labels=labels)
    return pd.DataFrame(
        counts,
        index=pd.Index(EMOTIONS, name="emotion"),
        columns=pd.Index(EMOTIONS, name="predicted_emotion"),
    )


def category_metrics(predictions: pd.DataFrame) -> dict[str, float]:
    """Recall, precision and F1 of each category, total accuracy and the averages over categories.

    Recall is what the thesis calls the accuracy of a category. Recall is NaN for a category that
    is absent from the truth, precision for one that is never predicted, F1 where both hold.
    Macro-F1 and balanced accuracy (mean recall) average the categories present in the truth.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions table, the rows of one split; faces without a category are left out.

    Returns
    -------
    dict of str to float
        The names of `CATEGORY_METRICS`, each in [0, 1] or NaN.

    Raises
    ------
    InputError
        If the table has no predicted emotion or mixes splits.
    """
    rows = labelled(predictions, "emotion")
    if rows.empty:
        return dict.fromkeys(CATEGORY_METRICS, np.nan)
    truth, prediction = rows["truth"].to_numpy(), rows["prediction"].to_numpy()
    precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(
        truth, prediction, labels=np.arange(len(EMOTIONS)), zero_division=np.nan
    )
    accuracy = sklearn.metrics.accuracy_score(truth, prediction)
    present = support > 0
    values = [*recall, *precision, *f1, accuracy, f1[present].mean(), recall[present].mean()]
    return dict(zip(CATEGORY_METRICS, map(float, values), strict=True))


def dimensional_metrics(predictions: pd.DataFrame) -> dict[str, float]:
    """Concordance, errors, correlation and sign agreement of valence and of arousal.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions table, the rows of one split; faces without a rating are left out.

    Returns
    -------
    dict of str to float
        The names of `DIMENSIONAL_METRICS`.

    Raises
    ------
    InputError
        If the table has no predicted valence or arousal or mixes splits.
    """
    functions = (ccc, mse, rmse, pearson, sign_agreement)
    rows = {dimension: labelled(predictions, dimension) for dimension in DIMENSIONS}
    return {
        f"{function.__name__}_{dimension}": function(
            rows[dimension]["truth"], rows[dimension]["prediction"]
        )
        for function in functions
        for dimension in DIMENSIONS
    }


def evaluate(predictions: pd.DataFrame) -> pd.DataFrame:
    """Compute every metric that a predictions table allows, on each split it holds.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions table of any number of splits, of a network of any kind.

    Returns
    -------
    pandas.DataFrame
        Columns ``split, metric, value``; splits in the order of `emolib.labels.SPLITS`.

    Raises
    ------
    InputError
        If the network predicts neither an emotion nor valence and arousal.
    """
    kinds = {"emotion": category_metrics, "valence": dimensional_metrics}
    functions = [function for target, function in kinds.items() if predicts(predictions, target)]
    if not functions:
        raise InputError("predictions have no column predicted_emotion nor predicted_valence")
    records = [
        (split, metric, value)
        for split in SPLITS
        if (predictions["split"] == split).any()
        for function in functions
        for metric, value in function(predictions[predictions["split"] == split]).items()
    ]
    return pd.DataFrame(records, columns=["split", "metric", "value"])


def metric_target(metric: str) -> str:
    """Return what a metric judges: ``emotion``, ``valence`` or ``arousal``.

    Raises
    ------
    InputError
        If there is no metric of that name.

    Examples
    --------
    >>> metric_target("ccc_arousal"), metric_target("macro_f1")
    ('arousal', 'emotion')
    """
    if metric in CATEGORY_METRICS:
        return "emotion"
    if metric in DIMENSIONAL_METRICS:
        return metric.rpartition("_")[2]
    raise InputError(
        f"unknown metric {metric!r}; known are "
        f"{', '.join((*CATEGORY_METRICS, *DIMENSIONAL_METRICS))}"
    )


def metric_range(metric: str) -> tuple[float, float]:
    """Return the smallest and the largest value that a metric can have.

    Raises
    ------
    InputError
        If there is no metric of that name.

    Examples
    --------
    >>> metric_range("ccc_valence"), metric_range("macro_f1"), metric_range("mse_arousal")
    ((-1, 1), (0, 1), (0, inf))
    """
    metric_target(metric)
    if metric.startswith(("ccc", "pearson")):
        return -1, 1
    return 0, np.inf if metric.startswith(("mse", "rmse")) else 1


def _pair(truth: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    truth, prediction = np.asarray(truth, float), np.asarray(prediction, float)
    _require_equal_length(truth, prediction)
    for name, values in (("truth", truth), ("prediction", prediction)):
        invalid = int((~np.isfinite(values)).sum())
        if invalid:
            raise InputError(
                f"{name} has {invalid} of {values.size} values that are NaN or infinite; "
                "leave out unlabelled faces, and check that training did not diverge"
            )
    return truth, prediction


def _require_equal_length(truth: np.ndarray, prediction: np.ndarray) -> None:
    if truth.ndim != 1 or truth.shape != prediction.shape:
        raise InputError(
            f"truth has shape {truth.shape} and prediction {prediction.shape}; "
            "both must be one value per face"
        )
