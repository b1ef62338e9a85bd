"""Activation maximisation: inputs that raise an objective, by steps along its gradient.

The input is shown to the network, the gradient of what the network says is taken by what the
input is made of, and the input is changed a little in that direction, again and again. How to
climb is separate from what to climb (`objectives`), what to avoid (`regularisers`), how the input
is moved meanwhile (`transforms`) and what it is made of (`parameterisation`).

References
----------
Erhan, Bengio, Courville and Vincent (2009), Visualizing Higher-Layer Features of a Deep Network;
thesis 5.6, equation 5.4. The steps are those of Adam (Kingma and Ba 2015), algorithm 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from keras import ops
from tqdm import tqdm

from emolib.errors import InputError
from emolib.interpretation.compiling import compiled
from emolib.interpretation.gradients import value_and_gradient
from emolib.interpretation.parameterisation import Pixels
from emolib.interpretation.regularisers import Regularisation
from emolib.interpretation.transforms import STILL, Movements, move

_MEAN_RATE, _SQUARE_RATE, _TINY = 0.9, 0.999, 1e-8  # beta1, beta2 and epsilon of Adam
_LAST_STEP = 0.1  # of the first, so that the end is not a jump past the top


@dataclass(frozen=True)
class Ascent:
    """What an ascent found.

    Attributes
    ----------
    pictures : ndarray of uint8 (items, frames, height, width, 3)
        Rounded, as they are shown and judged.
    values : ndarray of float32 (steps, items)
        Objective minus penalties before each step, the pictures moved as they were then.
    """

    pictures: np.ndarray
    values: np.ndarray


def noise(shape: tuple[int, ...], amplitude: float, seed: int) -> np.ndarray:
    """Draw parameters from a normal distribution around 0, which is mid-grey.

    Parameters
    ----------
    shape : tuple of int
        (items, frames, height, width, 3).
    amplitude : float
        Standard deviation.
    seed : int
        Each frame of each item is drawn on its own.

    Returns
    -------
    ndarray of float32
    """
    return np.random.default_rng(seed).normal(0, amplitude, shape).astype(np.float32)


def ascend(
    objective: Callable,
    start: np.ndarray,
    parameterisation: Pixels,
    *,
    steps: int,
    seed: int,
    step_size: float = 0.05,
    regularisation: Regularisation | None = None,
    movements: Movements = STILL,
    progress: bool = False,
) -> Ascent:
    """Climb from a start.

    Parameters
    ----------
    objective : callable
        From pictures, a tensor (items, frames, height, width, 3) in [0, 255], to a value for each
        item, (items,), which no other item moves.
    start : ndarray (items, frames, height, width, 3)
        Parameters.
    parameterisation : Pixels
        Or `Fourier`: what the parameters mean.
    steps : int
        How many, at least 1.
    seed : int
        Of the movements.
    step_size : float
        Change of a parameter in the first step. It falls evenly to a tenth of that.
    regularisation : Regularisation or None
        What is subtracted from the objective.
    movements : Movements
        How far the pictures are moved before they are shown, differently in each step.
    progress : bool
        Show a progress bar.

    Raises
    ------
    InputError
        If there is no step, a step has no size, or the objective is no longer a number.
    """
    if steps < 1 or not step_size > 0:
        raise InputError(f"steps={steps}, step_size={step_size}: both must be more than 0")
    rng = np.random.default_rng(seed)
    regularisation = regularisation or Regularisation()

    @compiled
    def climb(parameters, drawn):
        pictures = parameterisation.decode(parameters)
        shown = pictures if movements == STILL else move(pictures, drawn)
        return objective(shown) - regularisation.penalty(pictures)

    parameters, values = np.array(start, np.float32), []
    mean, square = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in tqdm(range(steps), "ascent", unit="step", disable=not progress):
        drawn = ops.convert_to_tensor(movements.draw(len(parameters), rng))
        value, gradient = value_and_gradient(partial(climb, drawn=drawn), parameters)
        if not np.isfinite(value).all():
            raise InputError(f"step {step}: the objective is not a number; lower step_size")
        values.append(value)
        mean += (1 - _MEAN_RATE) * (gradient - mean)
        square += (1 - _SQUARE_RATE) * (gradient**2 - square)
        size = step_size * (1 - (1 - _LAST_STEP) * step / max(steps - 1, 1))
        unbiased = np.sqrt(square / (1 - _SQUARE_RATE ** (step + 1)))
        parameters += size * mean / (1 - _MEAN_RATE ** (step + 1)) / (unbiased + _TINY)
    pictures = ops.convert_to_numpy(parameterisation.decode(ops.convert_to_tensor(parameters)))
    return Ascent(np.rint(pictures).astype(np.uint8), np.stack(values))
