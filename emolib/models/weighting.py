r"""A combined network that learns how much each of its losses weighs.

With :math:`s_o = \log \sigma_o^2` a weight of the network for each output o, it minimises

.. math::

    \sum_o \left( c_o e^{-s_o} L_o + \tfrac{1}{2} s_o \right), \qquad
    c_{category} = 1, \quad c_{dimensional} = \tfrac{1}{2}

where the first term makes an uncertain output count less and the second makes uncertainty dear.
That is the likelihood of Kendall, Gal and Cipolla for a category and for a number. One minus the
CCC is no logarithm of a likelihood, so for the dimensions it is a rule that works alike, no more.

References
----------
Kendall, Gal and Cipolla (2018), Multi-task learning using uncertainty to weigh losses for scene
geometry and semantics, equations 7 and 10.
"""

from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import ops

FACTORS = {"category": 1.0, "dimensional": 0.5}
"""Of each output's loss, beside :math:`e^{-s}`: 1 for a likelihood of classes, 1/2 of numbers."""


class SelfWeighting(keras.Model):
    """A network with the weights of its losses, to be compiled with an optimizer alone.

    Parameters
    ----------
    network : keras.Model
        With outputs of the names of `FACTORS`; its layers are shared.
    losses : mapping of str to callable
        Of targets and prediction, by output.
    start : mapping of str to float
        The weight from which each loss starts, more than 0.
    """

    def __init__(
        self,
        network: keras.Model,
        losses: Mapping[str, Callable],
        start: Mapping[str, float],
    ):
        super().__init__(network.input, network.output, name=network.name)
        self._losses_of = dict(losses)
        self._uncertainty = {
            output: self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(np.log(FACTORS[output] / start[output])),
                name=f"{output}_log_variance",
            )
            for output in losses
        }
        self._means = {output: keras.metrics.Mean(f"{output}_loss") for output in losses}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the sum above; keep each output's own loss as a metric of its name."""
        total = 0.0
        for output, loss in self._losses_of.items():
            value, uncertainty = loss(y[output], y_pred[output]), self._uncertainty[output]
            self._means[output].update_state(value)
            total += FACTORS[output] * ops.exp(-uncertainty) * value + uncertainty / 2
        return total

    def learned_weights(self) -> dict[str, float]:
        """Return the weight of each loss as learned so far, as ``<output>_weight``."""
        return {
            f"{output}_weight": float(FACTORS[output] * ops.exp(-uncertainty))
            for output, uncertainty in self._uncertainty.items()
        }


def plain(network: keras.Model) -> keras.Model:
    """Return a network without the weights of its losses, with which it answers the same."""
    if not isinstance(network, SelfWeighting):
        return network
    return keras.Model(network.input, network.output, name=network.name)
