"""Networks that have learned nothing, as a control: the weights of a trained one, shuffled.

A picture that a network with random weights could have made as well tells nothing of what a
network has learned.

References
----------
Adebayo et al. (2018), Sanity Checks for Saliency Maps, section 3, for the idea of the control.
"""

from dataclasses import replace

import keras
import numpy as np

from emolib.models.inspection import InspectedRun


def shuffle_weights(run: InspectedRun, seed: int) -> InspectedRun:
    """Return a run with each array of weights in a random order, those of the backbone too.

    Unlike weights drawn anew, shuffled ones keep the distribution that they had, and so about the
    scale of what is computed with them.

    Parameters
    ----------
    run : InspectedRun
        Is left as it is.
    seed : int
        Of the order.
    """
    rng = np.random.default_rng(seed)

    def shuffled(model: keras.Model) -> keras.Model:
        twin = keras.models.clone_model(model)
        twin.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in model.get_weights()])
        twin.trainable = False
        return twin

    backbone = replace(run.backbone, model=shuffled(run.backbone.model), key="shuffled")
    return InspectedRun(run.spec, shuffled(run.network), backbone)
