r"""What a claim is judged by: the runs of a build, without each person, or the printed tables.

Both kinds of evidence answer the same questions, so that a claim is measured on the published
numbers by the very function that measures it on a build. An answer is an array: the value first,
then, for a build, the value without each person in turn. Arithmetic on such arrays measures
differences, ratios and minima of scores with the same people in each.

Conventions
-----------
- One person is left out at a time, of all networks; of a value that rests on two splits, people of
  both are. Intervals are then those of `emolib.evaluation.uncertainty`.
- A value that jumps as people come and go, such as a rank correlation, has no such interval. For it
  `Build.afresh` gives evidence whose people are drawn with replacement, split by split, the same
  ones for every network.
- Runs are averaged over seeds and networks, which are not resampled.

References
----------
Hesterberg, T. C. (2015). What teachers should know about the bootstrap: resampling in the
undergraduate statistics curriculum. The American Statistician 69(4), 371-386.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.naive_bayes import GaussianNB

from emolib.errors import InputError
from emolib.evaluation import published
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.predictions import select_split
from emolib.evaluation.results import Network
from emolib.evaluation.sufficient import PersonSums, require_alike, score
from emolib.evaluation.uncertainty import draw_people, left_out_error
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

MINORITIES = ("happiness", "anger", "fear", "surprise", "disgust")
"""The categories that are rare in the thesis (5.1)."""


class Untestable(Exception):
    """A claim that the evidence at hand cannot test; the message says what it would need."""


class Limits(NamedTuple):
    """The interval of a value and its standard error, NaN where there is none, and who tells."""

    low: float
    high: float
    error: float
    people: int
    """How many people the value rests on; of several splits, those of the smallest."""


class Printed:
    """The tables that the thesis printed, as evidence without people.

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
    """The runs and labels of a build, with everyone and without each person in turn.

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
        Number of draws of people and their seed, where people are drawn.
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
        self._everyone = self._all_people()
        self._drawn, self._asked = False, {}

    def afresh(self, *, drawn: bool = False) -> "Build":
        """Return the same evidence, of which nothing was asked, with people left out or drawn.

        `limits` counts the people who had a part in what was asked before.
        """
        other = copy.copy(self)
        other._drawn, other._asked = drawn, {}
        return other

    @property
    def minorities(self) -> tuple[str, ...]:
        """The categories with fewer faces in train than if all seven had the same number."""
        shares = zip(EMOTIONS, self.afresh().train_shares()[:, 0], strict=True)
        return tuple(emotion for emotion, share in shares if 0 < share < 1 / len(EMOTIONS))

    def train_shares(self) -> np.ndarray:
        """Return the share of each category in train, a row each: the value, then the others."""
        train = select_split(self._samples, "train")
        counts = pd.crosstab(train["person"], train["emotion"]).reindex(columns=EMOTIONS).fillna(0)
        totals = self._weights(_in("train", counts.index)) @ counts.to_numpy(float)
        with np.errstate(invalid="ignore"):  # without the only person there is no share
            return (totals / totals.sum(axis=1, keepdims=True)).T

    def samples(self) -> pd.DataFrame:
        """Return the labelled faces."""
        return self._samples

    def score(self, networks: Iterable[str], metric: str, split: str | None = None) -> np.ndarray:
        """Return the mean score of some networks: with everyone, then without each person.

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

    def able(self, target: str) -> list[str]:
        """Return the networks that predict ``emotion``, ``valence`` or ``arousal``."""
        return [name for name in self.networks if self._by_name[name].predicts(target)]

    def seeds_by_length(self) -> dict[int, int]:
        """Return the fewest seeds of a network, by the frames in its sequences."""
        return {
            length: min(len(self._by_name[name].seeds) for name in names.values())
            for length, names in self.by_length.items()
            if names
        }

    def showing(self) -> pd.Series:
        """Return how many people of the split judged show each category."""
        rows = select_split(self._samples, self.split)
        shown = rows.groupby("emotion")["person"].nunique()
        return shown.reindex(EMOTIONS, fill_value=0)

    def pick(self, networks: Sequence[str], metrics: Sequence[str]) -> str:
        """Return the network with the highest mean of some metrics on validation."""
        return best_on_validation(self.afresh(), networks, metrics)

    def share(self, faces: pd.Series, of: pd.Series) -> np.ndarray:
        """Return the share of faces among others, of all people: value, then without each.

        Parameters
        ----------
        faces, of : pandas.Series of bool
            Which samples count, and among which.
        """
        counts = pd.DataFrame({"part": faces & of, "whole": of})
        sums = counts.groupby([self._samples["split"], self._samples["person"]]).sum()
        part, whole = (self._weights(sums.index, "all") @ sums.to_numpy(float)).T
        with np.errstate(invalid="ignore"):
            return part / whole

    def limits(self, values: np.ndarray, confidence: float) -> Limits:
        """Return the interval of a value, over the people who had a part in what was asked.

        The limits are quantiles of Student's t with one degree of freedom less than there are
        people. The standard error is that of leaving people out, the variances of several splits
        added up; or, of drawn people, the standard deviation over draws, times sqrt(n / (n - 1))
        because draws of n people vary too little by that factor (Hesterberg 2015). Draws without a
        defined value are left out; a value that is undefined without some person has no interval.

        Where nobody changes the value, as when two networks never differ or no face of anyone lies
        in a region, it says nothing about other people, and there is no interval either.

        Parameters
        ----------
        values : numpy.ndarray
            What was made of the answers.
        confidence : float
            Coverage aimed at, in (0, 1).
        """
        groups = [sorted(columns) for columns in self._asked.values()]
        people = min(map(len, groups))
        others = values[1:]
        if self._drawn:
            others = others[~np.isnan(others)]
        if people < 2 or len(others) < 2:
            error = np.nan
        elif self._drawn:
            error = others.std(ddof=1) * np.sqrt(people / (people - 1))
        else:
            error = np.sqrt(sum(left_out_error(others[columns]) ** 2 for columns in groups))
        if not error > 1e-12:
            return Limits(np.nan, np.nan, np.nan, people)
        margin = stats.t.ppf((1 + confidence) / 2, people - 1) * error
        low, high = values[0] - margin, values[0] + margin
        return Limits(float(low), float(high), float(error), people)

    def _score(self, sums: PersonSums, metric: str, split: str) -> np.ndarray:
        target = metric_target(metric)
        weights = self._weights(_in(split, sums.people(target)))
        return score(metric, weights @ sums.statistics(target)).mean(axis=0)

    def _person_sums(self, network: str, split: str, target: str) -> PersonSums:
        sums = self._by_name[network].on(split)
        require_alike(self._first.setdefault((split, target), sums), sums, target)
        return sums

    def _all_people(self) -> pd.MultiIndex:
        """Return the split and name of everyone, also of those who carry one kind of label only."""
        found = pd.MultiIndex.from_frame(self._samples[["split", "person"]].drop_duplicates())
        for target in ("emotion", *DIMENSIONS):
            able = [each for each in self._by_name.values() if each.predicts(target)]
            for split in SPLITS if able else ():
                try:
                    sums = able[0].on(split)
                except InputError:  # nobody is in that split, which whoever asks of it will hear
                    continue
                found = found.union(_in(split, sums.people(target)))
        return found.sort_values()

    def _weights(self, people: pd.MultiIndex, group: str | None = None) -> np.ndarray:
        """Return how often people count: row 0 once each, then as others are left out or drawn."""
        columns = self._everyone.get_indexer(people)
        self._asked.setdefault(group or people[0][0], set()).update(columns.tolist())
        number = len(self._everyone)
        if not self._drawn:
            return np.concatenate([np.ones((1, number)), 1 - np.eye(number)])[:, columns]
        weights = np.ones((1 + self._n_replicates, number))
        splits = self._everyone.get_level_values("split")
        for place, split in enumerate(SPLITS):
            theirs = np.flatnonzero(splits == split)
            if len(theirs) > 1:
                drawn = draw_people(len(theirs), self._n_replicates, self._seed + place)
                weights[1:, theirs] = drawn
        return weights[:, columns]


def _in(split: str, people: Iterable[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_product([[split], people], names=["split", "person"])


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
