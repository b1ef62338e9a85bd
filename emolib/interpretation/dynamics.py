"""How the layers of a network come to what they are: it is trained once more, and watched.

A run keeps one state, that of its best epoch. Since two trainings of one specification are
identical, the states in between are had by training it again; that the same network comes out is
not taken for granted but measured.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.interpretation.layers import TRUNK, FaceSample, answers, layer_title
from emolib.interpretation.svcca import Subspace, other_faces, subspace, svcca
from emolib.labels import SPLITS
from emolib.models.batches import Labels, TrackFeatures
from emolib.models.checkpoints import Progress
from emolib.models.devices import dtype_policy, make_deterministic
from emolib.models.fitting import Material, compile_model, fit
from emolib.models.inspection import InspectedRun
from emolib.models.networks import build_network
from emolib.models.runs import RunSpec, read_spec
from emolib.models.training import load_run, usable_samples
from emolib.models.weighting import plain


@dataclass(frozen=True)
class Dynamics:
    """How similar each layer is to its final state, during training.

    Attributes
    ----------
    table : DataFrame
        ``epoch``, 0 before the first; ``layer``, its name in print; ``branch``, ``shared`` or the
        output that it leads to; ``svcca`` with its state after the last epoch; ``other_faces``,
        the same with mismatched faces.
    kept : int
        The epoch whose state the run keeps.
    deviation : float
        Largest difference between a weight that came out now, at that epoch, and the one stored.
    """

    table: pd.DataFrame
    kept: int
    deviation: float


def training_dynamics(
    run_folder: str | Path,
    sample: FaceSample,
    samples: pd.DataFrame,
    features: str | Path,
    *,
    epochs_at: Iterable[int] | None = None,
    directions: int | None = None,
    draws: int = 5,
    seed: int = 0,
) -> Dynamics | None:
    """Train a run's network again and compare each layer with what becomes of it.

    Parameters
    ----------
    run_folder : path
        A finished run.
    sample : FaceSample
        The faces that states are compared on.
    samples : DataFrame
        The faces it was trained on, as of `emolib.models.training.train`.
    features : path
        Folder of their features.
    epochs_at : iterable of int or None
        Epochs whose states are compared; 0 and the last are added. None takes 1, 2, 4 and so on.
    directions : int or None
        The strongest directions of each layer that are compared; None takes all.
    draws, seed : int
        Mismatched pairings of faces, and the seed that chooses them.

    Returns
    -------
    Dynamics or None
        None for a run that was trained end to end, which takes too long to repeat.

    Raises
    ------
    InputError
        If there is no finished run, or the samples cannot be trained on.
    """
    spec = read_spec(run_folder)
    if spec.end_to_end:
        return None
    states, kept, best = _train_again(spec, samples, features, _chosen(spec, epochs_at))
    stored = load_run(run_folder).model
    deviation = max(np.abs(a - b).max() for a, b in zip(best, stored.get_weights(), strict=True))
    inputs, scores = sample.inputs(Path(run_folder)), InspectedRun(spec, stored, None).scores
    parts: dict[int, dict[str, Subspace]] = {}
    for epoch, weights in states.items():
        scores.set_weights(weights)
        found = answers(scores, spec, sample, inputs)
        parts[epoch] = {
            name: subspace(values, variance=1, most=directions) for name, values in found.items()
        }
    table = _table(parts, sample.people, draws, seed)
    return Dynamics(table, kept, float(deviation))


@dataclass
class _Recorder:
    """Stands where a training keeps its checkpoint, and notes the weights of some epochs."""

    epochs: set[int]
    states: dict[int, list[np.ndarray]] = field(default_factory=dict)

    def restore(self, model: keras.Model) -> None:
        self.states[0] = plain(model).get_weights()

    def save(self, model: keras.Model, progress: Progress) -> None:
        self.last = progress.epoch, plain(model).get_weights()
        if progress.epoch in self.epochs:
            self.states[progress.epoch] = self.last[1]


def _train_again(
    spec: RunSpec, samples: pd.DataFrame, features: str | Path, epochs: set[int]
) -> tuple[dict[int, list[np.ndarray]], int, list[np.ndarray]]:
    """Return the weights at some epochs and the last, the best epoch, and the weights at that."""
    samples = usable_samples(samples)
    inputs, labels = TrackFeatures(samples, features), Labels(samples)
    sequences = build_sequences(samples, spec.sequence_length, spec.max_gap)
    split = samples["split"].to_numpy(str)[sequences[:, 0]]
    parts = {name: sequences[split == name] for name in SPLITS}
    if not len(parts["train"]) or not len(parts["validation"]):
        raise InputError("samples: no faces to train on or to validate with; change 'split'")
    make_deterministic(spec.seed)
    policy = dtype_policy(spec.precision)
    model = build_network(
        spec.architecture, spec.sequence_length, inputs.shape[1], spec.dropout, policy
    )
    model = compile_model(model, spec)
    recorder = _Recorder(epochs)
    material = Material(inputs, labels, parts)
    _, kept = fit(model, spec, material, recorder, checkpoint_every=1, progress=False)
    last, weights = recorder.last
    return recorder.states | {last: weights}, kept, plain(model).get_weights()


def _chosen(spec: RunSpec, epochs_at: Iterable[int] | None) -> set[int]:
    if epochs_at is not None:
        return set(epochs_at)
    return {2**power for power in range(spec.epochs.bit_length())}


def _table(
    parts: dict[int, dict[str, Subspace]], people: np.ndarray, draws: int, seed: int
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    partners = [other_faces(people, rng) for _ in range(draws)]
    final = parts[max(parts)]
    rows = [
        {
            "epoch": epoch,
            "layer": layer_title(name),
            "branch": "shared" if name == TRUNK else name.partition("_")[0],
            "svcca": svcca(state, final[name]),
            "other_faces": np.mean([svcca(state, final[name].of(pairs)) for pairs in partners]),
        }
        for epoch, layers in sorted(parts.items())
        for name, state in layers.items()
    ]
    return pd.DataFrame(rows)
