"""Sentences of the chapter *What the networks are made of*, as its numbers have it."""

import math

import numpy as np
import pandas as pd

from emolib.evaluation.prose import join_words
from emolib.interpretation.convolution import FirstConvolution
from emolib.interpretation.gates import QUANTITIES, Gates, holes, memory_frames
from emolib.labels import EMOTIONS


def convolution_sentence(first: FirstConvolution) -> str:
    """Say what sharing a kernel over all pixels saves."""
    biases = "biases included" if first.biases else "without biases"
    return (
        f"The first convolution of {first.title} has {first.kernels} kernels with "
        f"{first.weights:,} weights, {biases}; a layer that joins every number of its input "
        f"to every number of its output by a weight of its own would have "
        f"{_short(first.unshared)}."
    )


def sequence_sentence(frames: pd.DataFrame) -> str:
    """Say what is shown: how many frames, of whom, with which holes, annotated as what.

    Parameters
    ----------
    frames : pandas.DataFrame
        ``time``, ``emotion``, ``split`` of the faces of one sequence, in order.
    """
    seconds = frames["time"].iloc[-1] - frames["time"].iloc[0]
    split = frames["split"].iloc[0]
    whose = "a clip" if split == "clip" else f"a {split} person"
    shown = [emotion for emotion in dict.fromkeys(frames["emotion"]) if emotion in EMOTIONS]
    emotions = frames["emotion"].to_numpy(str)
    changes = int((emotions[1:] != emotions[:-1]).sum())
    text = (
        f"It is a sequence of {len(frames)} faces of {whose}, {seconds:.1f} s long{_holes(frames)},"
    )
    if not shown:
        return f"{text} without annotated categories."
    if not changes:
        return f"{text} annotated as {shown[0]} throughout: no other sequence there changes more."
    times = "once" if changes == 1 else f"{changes} times"
    return f"{text} in which the annotated category changes {times}."


def gates_sentence(trained: Gates, untrained: Gates, rate: float) -> str:
    """Say how open the gates are, and how long a unit remembers, before training and after.

    Parameters
    ----------
    trained, untrained : Gates
        Of the same sequence.
    rate : float
        Frames a second.
    """
    opened = [
        f"{getattr(trained, name).mean():.2f} for the {name} gates" for name in QUANTITIES[:3]
    ]
    kept, before = memory_frames(trained), memory_frames(untrained)
    text = (
        f"The mean over units and frames is {join_words(opened)} (0 closed, 1 open). What the "
        f"median unit holds is half forgotten after {_duration(kept, rate)}"
    )
    if math.isclose(kept, before, rel_tol=0.1):
        return f"{text}, about as without training ({_duration(before, rate)})."
    found = "longer" if kept > before else "shorter"
    return f"{text}, which is {found} than without training ({_duration(before, rate)})."


def spread_sentence(gates: Gates) -> str:
    """Say whether units divide the work: how different their forget gates are."""
    means = gates.forget.mean(axis=0)
    low, high = np.quantile(means, [0.05, 0.95])
    closing = float(np.mean(gates.output.mean(axis=0) < 0.1))
    text = (
        f"Nine units in ten have a forget gate between {low:.2f} and {high:.2f} in the mean over "
        "the sequence"
    )
    if closing:
        return (
            f"{text}, and {closing:.0%} of the units have an output gate below 0.1, so that they "
            "show next to nothing of what they hold."
        )
    return f"{text}, and every unit has an output gate of at least 0.1 in that mean."


def _holes(frames: pd.DataFrame) -> str:
    times = frames["time"].to_numpy(float) - frames["time"].iloc[0]
    found = [f"{times[at]:.2f} s and {times[at + 1]:.2f} s" for at in holes(times)]
    return f", with no face between {join_words(found)}" if found else ""


def _duration(frames: float, rate: float) -> str:
    if not math.isfinite(frames):
        return "no number of frames, since its gate never closes"
    return f"{frames:.1f} frames or {frames / rate:.2f} s"


def _short(count: int) -> str:
    """Return a large number in words, such as ``5.2 billion``."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if count >= size:
            return f"{count / size:.1f} {word}"
    return f"{count:,}"
