r"""The gates of an LSTM while it reads a sequence.

With :math:`x_t` the features of frame t, :math:`h_{t-1}` the state after the frame before, and
:math:`\odot` the product of each unit with its own,

.. math::

    i_t &= \sigma(W_i x_t + U_i h_{t-1} + b_i) \quad \text{input gate} \\
    f_t &= \sigma(W_f x_t + U_f h_{t-1} + b_f) \quad \text{forget gate} \\
    o_t &= \sigma(W_o x_t + U_o h_{t-1} + b_o) \quad \text{output gate} \\
    g_t &= \tanh(W_g x_t + U_g h_{t-1} + b_g) \quad \text{candidate} \\
    c_t &= f_t \odot c_{t-1} + i_t \odot g_t \quad \text{cell state} \\
    h_t &= o_t \odot \tanh(c_t) \quad \text{state}

References
----------
Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers, Schmidhuber and Cummins (2000),
Learning to Forget.
"""

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.models.lstm import forward

QUANTITIES = ("input", "forget", "output", "candidate", "cell", "state")
"""What is computed of each unit at each frame, by the names of the fields of `Gates`."""

MEAN = "mean of all units"

HOLE = 3
"""Neighbouring faces more than so many usual steps apart have a hole between them."""


@dataclass(frozen=True)
class Gates:
    """What an LSTM computes at each frame of a sequence, each float32 (frames, units).

    Attributes
    ----------
    input, forget, output : numpy.ndarray
        In [0, 1]: how much of the candidate enters, of the cell is kept, of it is shown.
    candidate : numpy.ndarray
        In [-1, 1]: what would enter.
    cell : numpy.ndarray
        What is remembered, of any size.
    state : numpy.ndarray
        In [-1, 1]: what the layers behind read.
    """

    input: np.ndarray
    forget: np.ndarray
    output: np.ndarray
    candidate: np.ndarray
    cell: np.ndarray
    state: np.ndarray


def lstm_gates(layer: keras.layers.LSTM, features: np.ndarray) -> Gates:
    """Return what an LSTM computes while it reads one sequence.

    Parameters
    ----------
    layer : keras.layers.LSTM
        Built; with the activations of Keras's default form. It is read, not run.
    features : numpy.ndarray, shape (frames, dimension)
        What it reads; it starts from a state of zeros.

    Raises
    ------
    InputError
        If the features are of another length than the layer reads.
    """
    kernel, recurrent, bias = (np.asarray(weight, np.float32) for weight in layer.get_weights())
    features = np.asarray(features, np.float32)
    if features.ndim != 2 or features.shape[1] != len(kernel):
        raise InputError(
            f"features of shape {features.shape}; this LSTM reads one sequence of vectors of "
            f"{len(kernel)}"
        )
    projected = (features @ kernel + bias)[None]  # 1, frames, 4 units
    states, gates, carries = forward(projected, recurrent)
    entry, forget, candidate, output = np.split(gates[:, 0], 4, axis=1)
    return Gates(entry, forget, output, candidate, carries[1:, 0], states[0])


def busiest_units(gates: Gates, count: int) -> list[int]:
    """Return the units whose cell state varies most over the sequence, the busiest first."""
    order = np.argsort(-gates.cell.var(axis=0), kind="stable")
    return [int(unit) for unit in order[:count]]


def gate_table(gates: Gates, times: np.ndarray, units: list[int]) -> pd.DataFrame:
    """Return what some units do, and all of them in the mean.

    Parameters
    ----------
    gates : Gates
        Of a sequence.
    times : numpy.ndarray, shape (frames,)
        Seconds of its frames.
    units : list of int
        Which units.

    Returns
    -------
    pandas.DataFrame
        ``unit``, `MEAN` first and then such as ``unit 17``, counted from 1; ``time``; and each of
        `QUANTITIES`. Candidate, cell and state of the mean are means of absolute values, because
        the sign of a unit means nothing by itself.
    """
    whole = pd.DataFrame({name: getattr(gates, name).mean(axis=1) for name in QUANTITIES[:3]})
    for name in QUANTITIES[3:]:
        whole[name] = np.abs(getattr(gates, name)).mean(axis=1)
    tables = [whole.assign(unit=MEAN)]
    for unit in units:
        own = {name: getattr(gates, name)[:, unit] for name in QUANTITIES}
        tables.append(pd.DataFrame(own).assign(unit=f"unit {unit + 1}"))
    found = pd.concat([table.assign(time=times) for table in tables], ignore_index=True)
    return found[["unit", "time", *QUANTITIES]]


def memory_frames(gates: Gates) -> float:
    """Return after how many frames half of what the median unit holds is forgotten.

    A cell keeps the product of its forget gate over the frames; the geometric mean over the
    sequence says how fast that falls. Infinite for a gate that never closes.
    """
    keeps = np.exp(np.log(np.maximum(gates.forget, 1e-12)).mean(axis=0))  # units
    typical = float(np.median(keeps))
    return np.log(0.5) / np.log(typical) if typical < 1 else np.inf


def telling_sequence(faces: pd.DataFrame, length: int, max_gap: float) -> np.ndarray:
    """Choose the sequence of a person in which the annotation changes most.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``track, time, emotion, valence, arousal``; those of a track together and in the order of
        time. An empty emotion is none.
    length, max_gap
        As of `emolib.data.sequences.build_sequences`.

    Returns
    -------
    numpy.ndarray of int
        Positions of the faces, in order: of the sequences with most frames those with most
        changes of category, of these those with fewest holes, and of these the one whose valence
        and arousal vary most.

    Raises
    ------
    InputError
        If there is no face.
    """
    if faces.empty:
        raise InputError("there are no faces to read a sequence of")
    sequences = [rows[rows >= 0] for rows in build_sequences(faces, length, max_gap)]

    def told(rows: np.ndarray) -> tuple[int, int, int, float]:
        own = faces.iloc[rows]
        emotions = own["emotion"].to_numpy(str)
        spread = np.nan_to_num(own[["valence", "arousal"]].to_numpy(float).var(axis=0).sum())
        changes = int((emotions[1:] != emotions[:-1]).sum())
        return len(rows), changes, -len(holes(own["time"].to_numpy(float))), float(spread)

    return max(sequences, key=told)


def holes(times: np.ndarray) -> np.ndarray:
    """Return after which faces of a sequence some are missing, by their positions in it.

    Examples
    --------
    >>> holes(np.array([0.0, 0.1, 0.2, 1.0, 1.1])).tolist()
    [2]
    """
    steps = np.diff(times)
    return np.flatnonzero(steps > HOLE * np.median(steps)) if len(steps) else np.array([], int)
