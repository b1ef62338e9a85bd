"""Does a map change when the network forgets what it learned? If not, it does not show it.

Reference
---------
Adebayo et al. (2018), Sanity Checks for Saliency Maps, section 3: cascading randomisation, and the
rank correlation of the absolute maps.
"""

from dataclasses import replace

import keras
import numpy as np
from scipy import stats

from emolib.models.backbones import Backbone
from emolib.models.inspection import InspectedRun

ALL_WEIGHTS = "all weights"
CASCADE = ("heads", "heads and trunk", ALL_WEIGHTS)
"""What is randomised, from the answer backwards; the trunk is the LSTM."""


def randomised(
    run: InspectedRun, what: str, seed: int, backbone: Backbone | None = None
) -> InspectedRun:
    """Return a run of which some layers have lost what they learned.

    The values of each weight are dealt anew within it. Drawn from an initialiser instead, they
    would have another scale, and through so many layers, of which some normalise, answers would
    vanish or explode for that reason alone.

    Parameters
    ----------
    run : InspectedRun
        Not changed.
    what : str
        One of `CASCADE`.
    seed : int
        Of the deal.
    backbone : Backbone or None
        One that an earlier call randomised, to be overwritten, which saves compiling another.
    """
    generator = np.random.default_rng(seed)
    network = keras.models.clone_model(run.network)
    network.set_weights(run.network.get_weights())
    for layer in network.layers:
        if layer.name != "trunk" or what != CASCADE[0]:
            _shuffle(layer, generator)
    if what != ALL_WEIGHTS:
        return InspectedRun(run.spec, network, run.backbone)
    if backbone is None:
        backbone = replace(run.backbone, model=keras.models.clone_model(run.backbone.model))
    backbone.model.set_weights(run.backbone.model.get_weights())
    _shuffle(backbone.model, generator)
    return InspectedRun(run.spec, network, backbone)


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's correlation of two maps without their signs; 0 where one is constant."""
    first, second = np.abs(first).ravel(), np.abs(second).ravel()
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first, second).statistic)


def _shuffle(layer: keras.layers.Layer, generator: np.random.Generator) -> None:
    weights = layer.get_weights()
    layer.set_weights([generator.permutation(w.ravel()).reshape(w.shape) for w in weights])
