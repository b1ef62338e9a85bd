"""Sentences of the chapter *Objective functions*: what its experiments found."""

import math
from collections.abc import Mapping

import pandas as pd

from emolib.evaluation.prose import join_words
from emolib.labels import EMOTIONS

SLIGHT = 0.01
"""A difference of concordances up to this is called none."""

_PEOPLE = {"train": "training", "validation": "validation", "test": "test"}


def faceless_sentence(losses: Mapping[str, float]) -> str:
    """Say how much of a cross-entropy is reached without looking at a face.

    Parameters
    ----------
    losses : mapping of str to float
        See `emolib.interpretation.loss_study.faceless_cross_entropy`.
    """
    uniform = math.log(len(EMOTIONS))
    if "train" not in losses:
        return "This build has no training face, so no shares of categories to answer with."
    parts = [f"{loss:.2f} on the {_PEOPLE[split]} people" for split, loss in losses.items()]
    text = (
        f"Seven equal probabilities cost {uniform:.2f} nats a face; the shares of the training "
        f"faces, answered to every face of this build, cost {join_words(parts)}."
    )
    others = [_PEOPLE[split] for split, loss in losses.items() if loss > uniform]
    if others:
        worse = join_words(others)
        text += f" On the {worse} people that is worse than to answer nothing in particular."
    return text


def batch_sentence(table: pd.DataFrame, overall: float, size: int, length: int, whose: str) -> str:
    """Say what a network sees of the concordance in one batch.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.interpretation.loss_study.batch_table`.
    overall : float
        The concordance of all frames.
    size, length : int
        One of its pairs.
    whose : str
        Whose batch that is, such as "this build".
    """
    row = _pair(table, size, length)
    mean = _signed(row["mean"])  # Series have a method of that name
    return (
        f"A batch with the shape of those of {whose}, {_sequences(size)} of {length} frames, has a "
        f"concordance of {mean} in the mean, {_away(row.bias)} the {_signed(overall)} of all "
        f"frames; nine batches in ten lie between {_signed(row.low)} and {_signed(row.high)}, and "
        f"the mean cosine between its gradient and that of all frames is {_signed(row.direction)}."
    )


def growth_sentence(table: pd.DataFrame) -> str:
    """Say what becomes of bias and spread from the smallest to the largest batch.

    The spread need not fall all the way, so where it is largest in between is said too.
    """
    first = table.loc[table["frames"].idxmin()]
    last = table.loc[table["frames"].idxmax()]
    widest = table.loc[table["sd"].idxmax()]
    small, large, wide = (
        f"{row.batch_size:.0f} × {row.sequence_length:.0f}" for row in (first, last, widest)
    )
    nearer = abs(first.bias) - abs(last.bias)
    bias = "The bias shrinks" if nearer > SLIGHT else "The bias does not shrink"
    spread = "shrinks" if last.sd < first.sd else "does not shrink"
    between = f"; it is largest with {wide}, {widest.sd:.2f}"
    if round(widest.sd, 2) <= round(max(first.sd, last.sd), 2):
        between = ""
    return (
        f"{bias} from {_signed(first.bias)} with {small} frames to {_signed(last.bias)} with "
        f"{large}, and the standard deviation between batches {spread}, from {first.sd:.2f} to "
        f"{last.sd:.2f}{between}."
    )


def shape_sentence(table: pd.DataFrame) -> str:
    """Say whether many short sequences or few long ones serve better, at equally many frames."""
    equal = [rows for _, rows in table.groupby("frames") if len(rows) > 1]
    if not equal:
        return "No two of these batches have equally many frames."
    # The number of frames at which the shapes differ most.
    rows = max(equal, key=lambda rows: rows["batch_size"].max() / rows["batch_size"].min())
    short, long = rows.loc[rows["batch_size"].idxmax()], rows.loc[rows["batch_size"].idxmin()]
    gain = abs(long.bias) - abs(short.bias)
    found = "comes no nearer to all frames than"
    if abs(gain) > SLIGHT:
        found = f"comes {'nearer to' if gain > 0 else 'less near'} all frames than"
    return (
        f"Of batches with {short.frames:.0f} frames, one of {_sequences(int(short.batch_size))} "
        f"{found} one of {_sequences(int(long.batch_size))}: their biases are "
        f"{_signed(short.bias)} and {_signed(long.bias)}, their standard deviations "
        f"{short.sd:.2f} and {long.sd:.2f}."
    )


def squared_error_sentence(predictors: pd.DataFrame) -> str:
    """Say what least squared error makes of a prediction.

    Parameters
    ----------
    predictors : pandas.DataFrame
        See `emolib.interpretation.loss_study.predictor_table`.
    """
    rows = predictors.set_index("predictor")
    own = rows.loc["the prediction"]
    shrunk = rows.loc["the prediction, shrunk to the least squared error"]
    mean = rows.loc["always the mean"]
    price = own.ccc - shrunk.ccc
    if abs(price) <= SLIGHT:
        concordance = f"leaves its concordance at {_signed(shrunk.ccc)}"
    else:
        verb = "lowers" if price > 0 else "raises"
        concordance = f"{verb} its concordance from {_signed(own.ccc)} to {_signed(shrunk.ccc)}"
    beats = "less" if mean.mse < own.mse else "more"
    return (
        f"Shrinking the prediction takes its squared error from {own.mse:.3f} to {shrunk.mse:.3f} "
        f"and {concordance}; always to answer the mean costs {beats} squared error "
        f"({mean.mse:.3f}) than the prediction, and has no concordance at all."
    )


def _pair(table: pd.DataFrame, size: int, length: int) -> pd.Series:
    rows = table[(table["batch_size"] == size) & (table["sequence_length"] == length)]
    return rows.iloc[0]


def _sequences(size: int) -> str:
    return f"{size} sequence{'s' * (size > 1)}"


def _away(bias: float) -> str:
    if abs(bias) <= SLIGHT:
        return "which is near"
    return f"which is {abs(bias):.2f} {'below' if bias < 0 else 'above'}"


def _signed(value: float) -> str:
    return f"{value:z.2f}".replace("-", "−")
