"""Sentences on when the layers of a network settle, computed so that they turn with the numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from emolib.evaluation.prose import join_words
from emolib.interpretation.dynamics import Dynamics

_AUTHORS = "Raghu and others"

SETTLED = 0.9
"""Share of the way from its first to its last state after which a layer is called settled."""


def dynamics_sentence(found: Dynamics | None) -> str:
    """Say which layer is settled when, and whether those near the input are first.

    Parameters
    ----------
    found : Dynamics or None
        Layers from first to last; None where the network was not trained again.
    """
    if found is None:
        return (
            "This network was trained with its backbone in the loop, which takes too long to "
            "repeat, so its training is not watched."
        )
    table = found.table.dropna(subset=["svcca"])
    settled = {layer: _settled(rows) for layer, rows in table.groupby("layer", sort=False)}
    settled = {layer: epoch for layer, epoch in settled.items() if epoch is not None}
    if not settled:
        return "Every layer answers the same to every face, so there is nothing to watch."
    last, starts = table["epoch"].max(), table[table["epoch"] == 0]
    text = (
        f"Before training, layers have an SVCCA of {starts['svcca'].min():.2f} to "
        f"{starts['svcca'].max():.2f} with their last states. "
    )
    if min(settled.values()) == last:
        return f"{text}None has gone {SETTLED:.0%} of the way before the last epoch looked at."
    looked = sorted(table["epoch"].unique())
    by = []
    for epoch in sorted(set(settled.values())):
        names = join_words(layer for layer in settled if settled[layer] == epoch)
        by.append(f"{_between(looked, epoch)} in {names}")
    text += f"Of the way from there, {SETTLED:.0%} are gone {'; '.join(by)}"
    trunk, *rest = settled.values()
    if not rest:
        return f"{text}."
    if trunk < min(rest):
        return f"{text}. The layer nearest to the input settles first, as {_AUTHORS} found."
    if trunk > min(rest):
        return (
            f"{text}. That layers settle from the input to the output, as {_AUTHORS} found, is "
            "not seen here."
        )
    return f"{text}. Whether layers settle from the input to the output cannot be told from that."


def repetition_sentence(found: Dynamics | None) -> str:
    """Say whether the network that came out is the one that was stored."""
    if found is None:
        return "Nothing was trained again."
    if found.deviation == 0:
        return (
            f"The best epoch is {found.kept}, and its weights are those of the stored run, to "
            "the last bit."
        )
    if found.deviation < 1e-3:
        return (
            f"The best epoch is {found.kept}, and its weights are those of the stored run up to "
            f"{found.deviation:.1g}, as rounding on another machine has it."
        )
    return (
        f"What came out is another network than the stored run: a weight differs by "
        f"{found.deviation:.2g}. It was trained on other faces or another machine, so this shows "
        "a training of its kind, not its own."
    )


ON_TRAINING = {"dynamics": dynamics_sentence, "repetition": repetition_sentence}
"""The sentences on a training, by the name under which a chapter prints them."""


def _settled(rows: pd.DataFrame) -> int | None:
    """Return the first epoch from which on a layer has gone the way; None if it never moved."""
    values, epochs = rows["svcca"].to_numpy(), rows["epoch"].to_numpy()
    way = values[-1] - values[0]
    short = np.flatnonzero(values < values[0] + SETTLED * way)
    if way <= 0:
        return None
    return int(epochs[short[-1] + 1]) if len(short) else int(epochs[0])


def _between(looked: Sequence[int], epoch: int) -> str:
    """Say when something was there that an epoch shows, and the one looked at before does not."""
    place = list(looked).index(epoch)
    if not place:
        return "from the start"
    end = f"{epoch}, the last," if epoch == looked[-1] else f"{epoch}"
    return f"between epochs {looked[place - 1]} and {end}"
