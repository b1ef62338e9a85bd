"""What a linear classifier reads from representations of a face: scores over people, sentences.

The classifier's predictions come from `emolib.models.probe.probe_predictions`. They are judged by
balanced accuracy, the mean recall of the categories, and compared on the same people, as networks
are (see `emolib.evaluation.leaders`). The best of them is picked on the people that it is judged
on, which favours it.
"""

from collections import Counter

import numpy as np
import pandas as pd

from emolib.evaluation.leaders import places
from emolib.evaluation.prose import join_words
from emolib.evaluation.results_prose import standing, standing_words
from emolib.evaluation.sufficient import PersonSums
from emolib.evaluation.uncertainty import difference_interval, interval
from emolib.labels import EMOTIONS

METRIC = "balanced_accuracy"

CHANCE = 1 / len(EMOTIONS)
"""What a guess reaches."""

BEST, ALIKE, BELOW = "the best", "not told from it", "below it"
"""Where a representation is beside the best one."""

_RANDOM = "random weights"


def representation_table(predictions: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Score every representation on the test people, and set it beside the best.

    Parameters
    ----------
    predictions : pandas.DataFrame
        See `emolib.models.probe.probe_predictions`.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    pandas.DataFrame
        ``representation, dimension, people, balanced_accuracy, low, high, beside_the_best``, the
        last `BEST`, `ALIKE` (the interval of the difference, corrected for the number of
        representations, holds 0) or `BELOW`.
    """
    sums = _sums(predictions)
    best = max(sums, key=lambda name: sums[name].value(METRIC))
    others = {name: each for name, each in sums.items() if name != best}
    found = places(sums[best], list(others.values()), METRIC, confidence)
    words = {"alike": ALIKE, "below": BELOW}
    beside = {best: BEST} | {name: words[place] for name, place in zip(others, found, strict=True)}
    rows = []
    for name, mine in _tested(predictions):
        score = interval(sums[name], METRIC, confidence=confidence)
        rows.append(
            {
                "representation": name,
                "dimension": int(mine["dimension"].iloc[0]),
                "people": mine["person"].nunique(),
                METRIC: score.estimate,
                "low": score.low,
                "high": score.high,
                "beside_the_best": beside[name],
            }
        )
    return pd.DataFrame(rows)


def best_sentence(table: pd.DataFrame, confidence: float) -> str:
    """Say which representation scores highest, and which cannot be told from it.

    Parameters
    ----------
    table : pandas.DataFrame
        See `representation_table`.
    confidence : float
        Of its intervals, in (0, 1).
    """
    beside = table["beside_the_best"]
    best = table[beside == BEST].iloc[0]
    text = f"The highest score is that of {_in_words(best['representation'])}, {best[METRIC]:.2f}"
    if not np.isnan(best["low"]):
        limits = f"{best['low']:.2f} to {best['high']:.2f}"
        text += f" ({confidence:.0%} interval over people {limits})"
    alike = [_in_words(name) for name in table.loc[beside == ALIKE, "representation"]]
    if len(alike) == len(table) - 1:
        return f"{text}; none of the others can be told from it."
    if alike:
        return f"{text}; {join_words(alike)} cannot be told from it."
    return f"{text}; all others are certainly below it."


def answer_sentence(predictions: pd.DataFrame, confidence: float = 0.95) -> str:
    """Say whether the weights of a build hold more than random ones and than what nobody learnt.

    Parameters
    ----------
    predictions : pandas.DataFrame
        See `emolib.models.probe.probe_predictions`.
    confidence : float
        Of the intervals, in (0, 1).
    """
    sums = _sums(predictions)
    random = {name: each for name, each in sums.items() if name.endswith(_RANDOM)}
    ours = {name: each for name, each in sums.items() if name.endswith(" weights")}
    ours = {name: each for name, each in ours.items() if name not in random}
    if not ours:
        return "The weights of this build are random: nothing was learnt that could be there."
    plain = {name: each for name, each in sums.items() if name not in random and name not in ours}
    strongest = max(plain, key=lambda name: plain[name].value(METRIC))
    rivals = {
        "a copy with random weights": [
            random[f"{name.partition(', ')[0]}, {_RANDOM}"] for name in ours
        ],
        f"the best that nobody had to learn ({strongest})": [plain[strongest]] * len(ours),
    }
    found = {
        rival: [
            standing(*difference_interval(mine, other, METRIC, confidence=confidence)[1:])
            for mine, other in zip(ours.values(), others, strict=True)
        ]
        for rival, others in rivals.items()
    }
    sure = sum(set(each) == {"ahead"} for each in zip(*found.values(), strict=True))
    opening = "A part of it is there" if sure else "That anything learnt is there is not certain"
    if 0 < sure < len(ours):
        opening += f", in {sure} of the {len(ours)} backbones"
    values = [each.value(METRIC) for each in ours.values()]
    ends = dict.fromkeys(f"{value:.2f}" for value in (min(values), max(values)))
    beside = ", and ".join(
        standing_words(Counter(each), "backbone", rival) for rival, each in found.items()
    )
    return (
        f"{opening}: on these simulated people the weights of this build reach "
        f"{' to '.join(ends)}, where a guess has {CHANCE:.2f} and everything would be 1. "
        f"In detail, {beside}."
    )


def _sums(predictions: pd.DataFrame) -> dict[str, PersonSums]:
    return {name: PersonSums(mine) for name, mine in _tested(predictions)}


def _tested(predictions: pd.DataFrame):
    """Return each representation with its rows of the test people, in their order."""
    test = predictions[predictions["split"] == "test"]
    return test.groupby("representation", sort=False)


def _in_words(name: str) -> str:
    """Return a name as a sentence has it: ``VGG16 with random weights``."""
    return name.replace(", ", " with ", 1)
