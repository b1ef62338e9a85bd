r"""What the losses of this report do, shown on series whose truth is known.

A corpus of one dimension is made up: people with a level of their own, whose annotated value
wanders, and a prediction that is as good as one asks for. On it the concordance of a batch, which
training sees, is held against that of all frames, which is reported. For speed both are computed by
`emolib.evaluation.metrics.ccc`; `loss_gap` says how far `emolib.models.losses.dimensional_loss` is
from it.

References
----------
Lin (1989), A concordance correlation coefficient to evaluate reproducibility.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from keras import ops
from scipy.signal import lfilter

from emolib.errors import InputError
from emolib.evaluation.metrics import ccc, mse, pearson
from emolib.interpretation.gradients import value_and_gradient
from emolib.labels import EMOTIONS, SPLITS
from emolib.models.losses import category_loss, dimensional_loss

RATE = 30
"""Frames a second."""

LEVEL, SPREAD = 0.1, 0.3
"""Mean and standard deviation of the made-up values, as annotated valence has them."""


@dataclass(frozen=True)
class MadeUp:
    """A corpus of one dimension.

    Attributes
    ----------
    truth, prediction : numpy.ndarray, shape (people, frames)
        Consecutive frames of each person.
    """

    truth: np.ndarray
    prediction: np.ndarray

    @property
    def ccc(self) -> float:
        """The concordance over all frames."""
        return ccc(self.truth.ravel(), self.prediction.ravel())


def make_up(
    *, people: int, frames: int, correlation: float, between: float, memory: float, seed: int
) -> MadeUp:
    """Make up a corpus.

    Parameters
    ----------
    people, frames : int
        How many people, and frames of each.
    correlation : float
        Of truth and prediction in the population, in [-1, 1]. Both have the same mean and
        spread there, so that it is the concordance too; a corpus departs from it by chance.
    between : float
        Share of the variance that lies between people rather than within one, in [0, 1]; of the
        truth and of the errors alike.
    memory : float
        Seconds after which the correlation of a person's value with itself is down to 1 / e.
    seed : int
        Of chance.

    Raises
    ------
    InputError
        If a share or a correlation is out of its range, or there are fewer than two frames.
    """
    if not (-1 <= correlation <= 1 and 0 <= between <= 1 and memory > 0):
        raise InputError(
            f"correlation {correlation}, between {between}, memory {memory}: a correlation is in "
            "[-1, 1], a share of variance in [0, 1], and a memory in seconds above 0"
        )
    if people * frames < 2:
        raise InputError(f"{people} people with {frames} frames each; two frames are needed")
    rng = np.random.default_rng(seed)
    truth, error = (_wandering(rng, people, frames, between, memory) for _ in range(2))
    prediction = correlation * truth + np.sqrt(1 - correlation**2) * error
    return MadeUp(LEVEL + SPREAD * truth, LEVEL + SPREAD * prediction)


def batch_table(
    made: MadeUp, sizes: Iterable[int], lengths: Iterable[int], *, draws: int, seed: int
) -> pd.DataFrame:
    """Draw batches as training does and compare their concordance with that of all frames.

    Parameters
    ----------
    made : MadeUp
        Where the sequences of a batch are taken from: each from a person drawn at random, no
        person twice as far as there are enough, from a random frame on.
    sizes, lengths : iterable of int
        Sequences in a batch, and frames in a sequence; all pairs are tried.
    draws : int
        Batches of each pair.
    seed : int
        Of the draw.

    Returns
    -------
    DataFrame
        ``batch_size``, ``sequence_length``, ``frames``; ``mean``, ``bias`` (mean minus the
        concordance of all frames) and ``sd`` of the concordance of a batch, ``low`` and ``high``,
        between which nine tenths of the batches lie; ``direction``, the mean cosine between the
        gradient of a batch by its predictions and that of all frames by the same predictions.

    Raises
    ------
    InputError
        If a sequence is longer than what there is of a person.
    """
    rng, overall = np.random.default_rng(seed), made.ccc
    everywhere = ccc_gradient(made.truth.ravel(), made.prediction.ravel())
    everywhere = everywhere.reshape(made.truth.shape)
    rows = []
    for size, length in ((size, length) for length in lengths for size in sizes):
        found, cosines = np.empty(draws), np.empty(draws)
        for draw in range(draws):
            at = _batch(rng, made, size, length)
            truth, prediction = made.truth[at].ravel(), made.prediction[at].ravel()
            found[draw] = np.nan_to_num(ccc(truth, prediction))  # undefined counts 0 in the loss
            own = ccc_gradient(truth, prediction)
            cosines[draw] = _cosine(own, everywhere[at].ravel())
        low, high = np.quantile(found, [0.05, 0.95])
        bias = found.mean() - overall
        spread = (found.mean(), bias, found.std(ddof=1), low, high, cosines.mean())
        rows.append((size, length, size * length, *spread))
    columns = ["batch_size", "sequence_length", "frames"]
    return pd.DataFrame(rows, columns=[*columns, "mean", "bias", "sd", "low", "high", "direction"])


def ccc_gradient(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    r"""Return the gradient of the concordance by each prediction.

    .. math::

        \frac{\partial \rho_c}{\partial y_i} = \frac{2}{n D}
            \left( (x_i - \bar x) - \rho_c (y_i - \bar x) \right), \qquad
        D = s_x^2 + s_y^2 + (\bar x - \bar y)^2

    Parameters
    ----------
    truth, prediction : ndarray (n,)
        Values of one dimension, x and y.

    Returns
    -------
    ndarray (n,)
        0 where the denominator is 0, as of the loss.
    """
    x, y = np.asarray(truth, float), np.asarray(prediction, float)
    denominator = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    if denominator == 0:
        return np.zeros(len(x))
    found = 2 * np.mean((x - x.mean()) * (y - y.mean())) / denominator
    return 2 / (len(x) * denominator) * ((x - x.mean()) - found * (y - x.mean()))


def loss_gap(made: MadeUp, size: int, length: int, *, draws: int, seed: int) -> float:
    """Return how far the loss in training is from one minus the concordance that is reported.

    Parameters
    ----------
    made, size, length, draws, seed
        As in `batch_table`, of one pair.

    Returns
    -------
    float
        The largest absolute difference over the batches.
    """
    rng = np.random.default_rng(seed)
    batches = (_batch(rng, made, size, length) for _ in range(draws))
    pairs = [(made.truth[at].ravel(), made.prediction[at].ravel()) for at in batches]
    return max(abs(_loss(*pair) - (1 - np.nan_to_num(ccc(*pair)))) for pair in pairs)


def gradient_gap(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return how far the equation of the gradient is from the derivative of the loss in training.

    Returns
    -------
    float
        The largest absolute difference, as a share of the largest absolute gradient.
    """
    expected = ccc_gradient(truth, prediction)
    apart = np.abs(_loss_gradient(truth, prediction) + expected)
    return float(apart.max() / np.abs(expected).max())


def predictor_table(made: MadeUp) -> pd.DataFrame:
    """Return what squared error, correlation and concordance say of predictors.

    Returns
    -------
    DataFrame
        ``predictor``, what it answers; ``mse``, ``pearson``, ``ccc`` over all frames; ``loss``, one
        minus the concordance as it is trained on, which is never undefined.
    """
    x, y = made.truth.ravel(), made.prediction.ravel()
    mean, found = x.mean(), pearson(x, y)
    answers = {
        "the truth": x,
        "the truth, one standard deviation too high": x + x.std(),
        "the truth, half as far from its mean": mean + (x - mean) / 2,
        "the truth, twice as far from its mean": mean + 2 * (x - mean),
        "the truth, upside down": 2 * mean - x,
        "always the mean": np.full_like(x, mean),
        "the prediction": y,
        # The factor that no other beats in squared error.
        "the prediction, shrunk to the least squared error": (
            mean + found * x.std() / y.std() * (y - y.mean())
        ),
    }
    rows = [
        (name, mse(x, each), pearson(x, each), ccc(x, each), _loss(x, each))
        for name, each in answers.items()
    ]
    return pd.DataFrame(rows, columns=["predictor", "mse", "pearson", "ccc", "loss"])


def degenerate_table() -> pd.DataFrame:
    """Return what becomes of the concordance where it has nothing to compare.

    Returns
    -------
    DataFrame
        ``truth`` and ``prediction`` in words; ``ccc`` as it is reported, NaN where undefined;
        ``loss`` as it is trained on; ``gradient``, ``none`` or ``some``, of that loss.
    """
    rising, level = np.array([-0.3, 0.1, 0.5]), np.full(3, 0.1)
    cases = [
        ("varies", "constant", rising, level),
        ("constant", "varies", level, rising),
        ("constant", "another constant", level, level + 0.2),
        ("constant", "the same constant", level, level),
        ("one frame", "one frame", level[:1], rising[:1]),
    ]
    rows = []
    for truth, prediction, x, y in cases:
        size = np.abs(_loss_gradient(x, y)).max()
        moves = "some" if size > 1e-6 else "none"
        rows.append((truth, prediction, ccc(x, y), _loss(x, y), moves))
    return pd.DataFrame(rows, columns=["truth", "prediction", "ccc", "loss", "gradient"])


def faceless_cross_entropy(samples: pd.DataFrame) -> dict[str, float]:
    """Return the cross-entropy of answering every face with the shares of the training faces.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``emotion`` and ``split`` of labelled faces.

    Returns
    -------
    dict of str to float
        In nats, by split, without the splits that have no face.
    """
    shares = samples.loc[samples["split"] == "train", "emotion"].value_counts(normalize=True)
    shares = shares.reindex(list(EMOTIONS), fill_value=0).to_numpy()
    losses = {}
    for split in SPLITS:
        emotions = samples.loc[samples["split"] == split, "emotion"].to_numpy(str)
        if len(emotions):
            truth = (emotions[:, None] == np.array(EMOTIONS))[None].astype(float)  # 1, n, 7
            answers = np.broadcast_to(shares, truth.shape)
            losses[split] = float(category_loss(truth, answers, np.ones(truth.shape[:2])))
    return losses


def _batch(
    rng: np.random.Generator, made: MadeUp, size: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the people (size, 1) and frames (size, length) of a batch."""
    people, frames = made.truth.shape
    if length > frames:
        raise InputError(f"a sequence of {length} frames; a person has {frames}")
    who = rng.permutation(people)[np.arange(size) % people]
    start = rng.integers(0, frames - length + 1, size)
    return who[:, None], start[:, None] + np.arange(length)


def _wandering(
    rng: np.random.Generator, people: int, frames: int, between: float, memory: float
) -> np.ndarray:
    """Return values of mean 0 and variance 1: a level of each person and a walk around it."""
    keep = np.exp(-1 / (RATE * memory))
    steps = rng.normal(size=(people, frames)) * np.sqrt(1 - keep**2)
    steps[:, 0] /= np.sqrt(1 - keep**2)  # from the first frame on as spread as later
    walk = lfilter([1.0], [1.0, -keep], steps, axis=1)
    return np.sqrt(between) * rng.normal(size=(people, 1)) + np.sqrt(1 - between) * walk


def _both(series: np.ndarray) -> np.ndarray:
    """Return a series as valence and as arousal of one sequence, float64 (1, n, 2)."""
    return np.repeat(np.asarray(series, float).reshape(1, -1, 1), 2, axis=2)


def _loss(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return one minus the concordance, as a network is trained on it."""
    mask = np.ones((1, truth.size))
    return float(dimensional_loss(_both(truth), _both(prediction), mask)) / 2


def _loss_gradient(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Return the derivative of `_loss` by each prediction."""
    mask = np.ones((1, truth.size))
    _, gradient = value_and_gradient(
        lambda y: dimensional_loss(ops.convert_to_tensor(_both(truth)), y, mask) / 2,
        _both(prediction),
    )
    return gradient.sum(axis=-1).ravel()


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    sizes = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / sizes) if sizes > 0 else 0.0  # no gradient has no direction
