"""What an input is to raise: a weighted sum of the scores of a network's output units.

An objective is made of units, added and multiplied: ``unit("fear") - 0.5 * unit("valence")``. A
unit that it does not name has weight 0, and an output none of whose units is named is left out of
the computation, so a head is silenced by not naming it.

Conventions
-----------
- Units have the names of the categories and dimensions of `emolib.labels`. The score of a category
  is what goes into the softmax, that of a dimension is the answer itself.
- Scores are a dictionary from output to a tensor (items, units), as networks return them.

References
----------
Simonyan, Vedaldi and Zisserman (2014), section 2, for scores before the softmax: a probability
rises also when the scores of all other categories fall.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from keras import ops

from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS

OUTPUT_UNITS = {"category": EMOTIONS, "dimensional": DIMENSIONS}
"""The units of each output, in order."""

UNITS = (*EMOTIONS, *DIMENSIONS)


@dataclass(frozen=True)
class Objective:
    """A weighted sum of scores.

    Attributes
    ----------
    weights : mapping of str to float
        By unit; what is not there weighs nothing.

    Raises
    ------
    InputError
        If a unit is unknown.

    Examples
    --------
    >>> (unit("fear") - 0.5 * unit("valence")).weights
    {'fear': 1.0, 'valence': -0.5}
    """

    weights: Mapping[str, float]

    def __post_init__(self):
        """Refuse a unit that there is not."""
        for name in self.weights:
            if name not in UNITS:
                raise InputError(f"unknown unit {name!r}; known are {', '.join(UNITS)}")

    def __add__(self, other: "Objective") -> "Objective":
        """Return the objective that wants both."""
        names = dict.fromkeys([*self.weights, *other.weights])
        return Objective(
            {name: self.weights.get(name, 0.0) + other.weights.get(name, 0.0) for name in names}
        )

    def __mul__(self, factor: float) -> "Objective":
        """Return the objective with all weights multiplied."""
        return Objective({name: factor * weight for name, weight in self.weights.items()})

    __rmul__ = __mul__

    def __neg__(self) -> "Objective":
        """Return the objective that wants the opposite."""
        return -1.0 * self

    def __sub__(self, other: "Objective") -> "Objective":
        """Return the objective that wants this one and the opposite of the other."""
        return self + -other


def unit(name: str) -> Objective:
    """Return the objective that wants one unit as high as it goes."""
    return Objective({name: 1.0})


def unit_objectives(outputs: Iterable[str]) -> dict[str, Objective]:
    """Return an objective for every unit of a network, and the opposite of each dimension.

    Parameters
    ----------
    outputs : iterable of str
        The outputs that the network has.

    Examples
    --------
    >>> list(unit_objectives(["dimensional"]))
    ['valence up', 'valence down', 'arousal up', 'arousal down']
    """
    found = {}
    for output in sorted(outputs):
        for name in OUTPUT_UNITS[output]:
            if output == "category":
                found[name] = unit(name)
            else:
                found |= {f"{name} up": unit(name), f"{name} down": -unit(name)}
    return found


def weight_matrices(
    objectives: Sequence[Objective], outputs: Iterable[str]
) -> dict[str, np.ndarray]:
    """Return the weights of objectives as a matrix for each output that one of them names.

    Returns
    -------
    dict of str to ndarray of float32 (objectives, units)

    Raises
    ------
    InputError
        If an objective names a unit that none of the outputs has.
    """
    outputs = set(outputs)
    known = {name for output in outputs for name in OUTPUT_UNITS[output]}
    for objective in objectives:
        for name, weight in objective.weights.items():
            if weight and name not in known:
                raise InputError(f"no unit {name!r} in a network with {', '.join(sorted(outputs))}")
    matrices = {
        output: np.array(
            [[each.weights.get(name, 0.0) for name in OUTPUT_UNITS[output]] for each in objectives],
            np.float32,
        )
        for output in sorted(outputs)
    }
    return {output: matrix for output, matrix in matrices.items() if matrix.any()}


def objective_values(scores: Mapping, matrices: Mapping[str, np.ndarray]):
    """Return the value of each item's own objective.

    Parameters
    ----------
    scores : mapping of str to tensor (items, units)
        The answers of a network, by output.
    matrices : mapping of str to ndarray (items, units)
        From `weight_matrices`, a row for each item.

    Returns
    -------
    tensor (items,)
    """
    return sum(
        ops.sum(ops.multiply(scores[output], matrix), axis=-1)
        for output, matrix in matrices.items()
    )


def objective_table(scores: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the value of every one of `unit_objectives`, a column each, a row for each item.

    Parameters
    ----------
    scores : mapping of str to ndarray (items, units)
        The answers of a network, by output.
    """
    objectives = unit_objectives(scores)
    matrices = weight_matrices(list(objectives.values()), scores)
    values = sum(np.asarray(scores[output]) @ matrix.T for output, matrix in matrices.items())
    return pd.DataFrame(values, columns=list(objectives))
