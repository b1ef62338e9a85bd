r"""What a claim is judged by: the runs of a build, resampled by person, or the printed tables.

Both kinds of evidence answer the same questions, so that a claim is measured on the published
numbers by the very function that measures it on a build. An answer is an array: the value first,
then, for a build, the value for each resample of people. Arithmetic on such arrays measures
differences, ratios and minima of scores with the same people in each.

Conventions
-----------
- The people of a split are drawn with replacement, the same ones for every network. People of
  different splits are different people and are drawn apart.
- Runs are averaged over seeds and networks, which are not resampled.

References
----------
Hesterberg, T. C. (2015). What teachers should know about the bootstrap: resampling in the
undergraduate statistics curriculum. The American Statistician 69(4), 371-386.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.naive_bayes import GaussianNB

from emolib.evaluation import published
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.predictions import select_split
from emolib.evaluation.results import Network
from emolib.evaluation.sufficient import PersonSums, require_alike, score
from emolib.evaluation.uncertainty import draw_people
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

MINORITIES = ("happiness", "anger", "fear", "surprise", "disgust")
"""The categories that are rare in the thesis (5.1)."""


class Untestable(Exception):
    """A claim that the evidence at hand cannot test; the message says what it would need."""


class Printed:
    """The tables that the thesis printed, as evidence without resamples.

    Parameters
    ----------
    split : str
        The split that is judged.
    """

    def __init__(self, split: str):
        self.split = split
        self.networks = tuple(dict.fromkeys(network for network, *_ in _printed()))
        self.minorities = MINORITIES

    def score(self, networks: Iterable[str], metric: str, split: str | None = None) -> np.ndarray:
        """Return the mean printed score of some networks, shape (1,).

        Raises
        ------
        Untestable
            If the metric is not printed.
        """
        try:
            values = [_printed()[name, split or self.split, metric] for name in networks]
        except KeyError as error:
            raise Untestable(f"the thesis does not print {metric}") from error
        return np.array([np.mean(values)])

    def pick(self, networks: Sequence[str], metrics: Sequence[str]) -> str:
        """Return the network that the thesis calls the best, or the best on validation."""
        named = published.load("5.4" if metrics[0] == "accuracy" else "5.7")["network"]
        chosen = [name for name in networks if name in set(named)]
        return best_on_validation(self, chosen or networks, metrics)

    def samples(self) -> pd.DataFrame:
        """Raise `Untestable`: no label of a face is printed."""
        raise Untestable("the thesis prints no labels of faces")


class Build:
    """The runs and labels of a build, resampled by person.

    Parameters
    ----------
    networks : iterable of Network
        With backbones named as in `emolib.models.networks.NETWORKS`.
    samples : pandas.DataFrame
        The faces that carry both kinds of label: ``track, person, frame, split, emotion,
        valence, arousal``.
    by_length : mapping of int to sequence of Network
        By the frames in their sequences, networks that differ in nothing else.
    split : str
        The split that is judged.
    n_replicates, seed : int
        Number of resamples of people and seed of their draws.
    """

    def __init__(
        self,
        networks: Iterable[Network],
        samples: pd.DataFrame,
        by_length: Mapping[int, Sequence[Network]] | None = None,
        *,
        split: str = "test",
        n_replicates: int = 2000,
        seed: int = 2018,
    ):
        self.split = split
        self._by_name = {_name(network): network for network in networks}
        self.networks = tuple(self._by_name)
        self.by_length: dict[int, dict[str, str]] = {}
        for length, same in (by_length or {}).items():
            self.by_length[length] = {_name(each): f"{_name(each)} of {length}" for each in same}
            self._by_name |= {f"{_name(each)} of {length}": each for each in same}
        self._samples = samples
        self._n_replicates, self._seed = n_replicates, seed
        self._first: dict[tuple[str, str], PersonSums] = {}

    @property
    def minorities(self) -> tuple[str, ...]:
        """The categories with fewer faces in train than if all seven had the same number."""
        shares = zip(EMOTIONS, self.train_shares()[:, 0], strict=True)
        return tuple(emotion for emotion, share in shares if 0 < share < 1 / len(EMOTIONS))

    def train_shares(self) -> np.ndarray:
        """Return the share of each category in train, shape (7, 1 + resamples)."""
        train = select_split(self._samples, "train")
        counts = pd.crosstab(train["person"], train["emotion"]).reindex(columns=EMOTIONS).fillna(0)
        totals = self._draws("train", len(counts)) @ counts.to_numpy(float)
        return (totals / totals.sum(axis=1, keepdims=True)).T

    def samples(self) -> pd.DataFrame:
        """Return the labelled faces."""
        return self._samples

    def people(self, split: str | None = None) -> int:
        """Return the number of people in a split; in the whole corpus for ``all``."""
        split = split or self.split
        rows = self._samples if split == "all" else select_split(self._samples, split)
        return rows["person"].nunique()

    def score(self, networks: Iterable[str], metric: str, split: str | None = None) -> np.ndarray:
        """Return the mean score of some networks: with everyone, then for each resample.

        Raises
        ------
        InputError
            If the networks were not run on the same faces.
        """
        split, target = split or self.split, metric_target(metric)
        return np.mean(
            [
                self._score(self._person_sums(name, split, target), metric, split)
                for name in networks
            ],
            axis=0,
        )

    def score_of(self, predictions: pd.DataFrame, metric: str) -> np.ndarray:
        """Return the score of a predictions table of the split judged, as `score` does."""
        return self._score(PersonSums(predictions), metric, self.split)

    def pick(self, networks: Sequence[str], metrics: Sequence[str]) -> str:
        """Return the network with the highest mean of some metrics on validation."""
        return best_on_validation(self, networks, metrics)

    def share(self, faces: pd.Series, of: pd.Series) -> np.ndarray:
        """Return the share of faces among others, of all people: value, then resamples.

        Parameters
        ----------
        faces, of : pandas.Series of bool
            Which samples count, and among which.
        """
        counts = pd.DataFrame({"part": faces & of, "whole": of}).groupby(self._samples["person"])
        sums = counts.sum().to_numpy(float)
        part, whole = (self._draws("all", len(sums)) @ sums).T
        with np.errstate(invalid="ignore"):
            return part / whole

    def _score(self, sums: PersonSums, metric: str, split: str) -> np.ndarray:
        statistics = sums.statistics(metric_target(metric))
        return score(metric, self._draws(split, statistics.shape[1]) @ statistics).mean(axis=0)

    def _person_sums(self, network: str, split: str, target: str) -> PersonSums:
        sums = self._by_name[network].on(split)
        require_alike(self._first.setdefault((split, target), sums), sums, target)
        return sums

    def _draws(self, split: str, people: int) -> np.ndarray:
        """Return how often each person is drawn: row 0 once each, then a row a resample."""
        seed = self._seed + (*SPLITS, "all").index(split)
        return np.concatenate([np.ones((1, people)), draw_people(people, self._n_replicates, seed)])


def _name(network: Network) -> str:
    return f"{network.backbone}-{network.kind}-{network.layers}fc"


@cache
def _printed() -> dict[tuple[str, str, str], float]:
    """Return every printed number by network, split and metric."""
    return published.tidy().set_index(["network", "split", "metric"])["value"].to_dict()


def best_on_validation(
    evidence: Printed | Build, networks: Sequence[str], metrics: Sequence[str]
) -> str:
    """Return the network with the highest mean of some metrics on validation; ties: the first."""
    values = [
        np.mean([evidence.score([name], metric, "validation")[0] for metric in metrics])
        for name in networks
    ]
    return networks[int(np.argmax(values))]


def limits(values: np.ndarray, people: int, confidence: float) -> tuple[float, float, float]:
    """Return the interval of a resampled value and its standard error.

    The standard error is the standard deviation over resamples, times sqrt(n / (n - 1)) because
    resamples of n people vary too little by that factor; the limits are quantiles of Student's t
    with n - 1 degrees of freedom (Hesterberg 2015). Percentiles of the resamples would be too
    narrow for few people. Resamples without a defined value are left out.

    Where all resamples are equal, as when two networks never differ or no face of anyone lies in a
    region, they say nothing about other people, and there is no interval.

    Returns
    -------
    tuple of float
        Lower limit, upper limit, standard error; NaN where there is no interval.
    """
    resampled = values[1:][~np.isnan(values[1:])]
    if people < 2 or len(resampled) < 2 or np.ptp(resampled) < 1e-12:
        return np.nan, np.nan, np.nan
    error = float(resampled.std(ddof=1) * np.sqrt(people / (people - 1)))
    margin = stats.t.ppf((1 + confidence) / 2, people - 1) * error
    return float(values[0] - margin), float(values[0] + margin), error


def categories_from_dimensions(samples: pd.DataFrame, split: str) -> tuple[pd.DataFrame, int]:
    """Name the category of each face from its annotated valence and arousal alone.

    A Gaussian for each category, fitted on train; all categories are equally likely beforehand.

    Returns
    -------
    pandas.DataFrame
        Predictions of the rows of the split.
    int
        Between how many categories it chooses.
    """
    train, rows = select_split(samples, "train"), select_split(samples, split)
    names = np.unique(train["emotion"])
    model = GaussianNB(priors=np.full(len(names), 1 / len(names)))
    columns = list(DIMENSIONS)
    named = model.fit(train[columns].to_numpy(), train["emotion"]).predict(rows[columns].to_numpy())
    return rows.assign(predicted_emotion=named), len(names)


def dimensions_from_category(samples: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the valence and arousal of each face as the train mean of its annotated category."""
    train, rows = select_split(samples, "train"), select_split(samples, split)
    means = train.groupby("emotion")[list(DIMENSIONS)].mean()
    return rows.assign(
        **{
            f"predicted_{name}": rows["emotion"].map(means[name]).fillna(train[name].mean())
            for name in DIMENSIONS
        }
    )
