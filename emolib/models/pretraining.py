"""Pre-train the convolutional part of a backbone on simulated people.

The network regresses action-unit intensities, each standardised over the training faces, from
crops of people who are not in the corpus. A VGG network trains as a *twin* with batch normalisation
between each convolution and its rectifier, without which thirteen layers hardly start to learn in
the minutes that a processor allows; afterwards the normalisation is folded into the kernels and the
plain network remains. VGG-19 does not start from nothing but from VGG-16, with its three further
convolutions as identities. Xception is normalised already. Most epochs run on half-sized crops, at
a fraction of the cost; a short last stage runs at the size at which the network will be used.

After every epoch, the work folder holds a checkpoint from which an interrupted run goes on as if
nothing had happened, the log ``history.csv``, and the plain network so far in ``weights.npz``.

References
----------
Simonyan and Zisserman (2015), Very Deep Convolutional Networks for Large-Scale Image Recognition.
"""

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.models.backbones import (
    convolutional_part,
    load_backbone,
    shipped_weights,
)
from emolib.models.compact import assign_weights, load_compact, save_compact
from emolib.models.pretraining_data import People, render_people, shrink, shuffled_batches
from emolib.models.probe import probe_predictions, probe_table, write_model_card
from emolib.models.twin import deepened, plain_weights, start_twin, trainable_twin
from emolib.simulation.action_units import ACTION_UNITS
from emolib.storage import atomic_path, value_hash, write_table

_BATCH_SIZE = 64
_WEIGHT_DECAY = 1e-4
_START_FACES = 512  # from which a twin that does not start at random takes its statistics


@dataclass(frozen=True)
class Stage:
    """A part of pre-training at one size of crops.

    Attributes
    ----------
    size : int
        Side of the crops in pixels, a divisor of 72.
    epochs : int
        Rounds, each followed by a checkpoint.
    learning_rate : float
        Highest rate; it rises over the first epoch and falls to zero as a cosine.
    """

    size: int
    epochs: int
    learning_rate: float


@dataclass(frozen=True)
class Pretraining:
    """Everything that determines a pre-training.

    Attributes
    ----------
    n_people, faces_per_person : int
        Training people, and faces rendered of each.
    n_validation_people : int
        Further people, on whom the fit is measured after each epoch.
    faces_per_epoch : int
        Faces drawn at random for one epoch.
    stages : tuple of Stage
        In order.
    precision : str
        Keras policy of the twin.
    start : str, optional
        Shallower backbone whose shipped weights it starts from; left out: random kernels.
    seed : int
        Of people, initial weights, order and augmentation; not the corpus's.
    """

    n_people: int = 1200
    faces_per_person: int = 20
    n_validation_people: int = 40
    faces_per_epoch: int = 6400
    stages: tuple[Stage, ...] = (Stage(36, 12, 1e-3), Stage(72, 2, 3e-4))
    precision: str = "mixed_bfloat16"
    start: str | None = None
    seed: int = 1889

    def schedule(self) -> Iterator[tuple[int, Stage, int]]:
        """Yield the number of each epoch, its stage, and its number within the stage."""
        epoch = 0
        for stage in self.stages:
            for within in range(stage.epochs):
                yield epoch, stage, within
                epoch += 1


SETTINGS: dict[str, Pretraining] = {
    "vgg16": Pretraining(),
    "vgg19": Pretraining(stages=(Stage(36, 3, 5e-4), Stage(72, 2, 3e-4)), start="vgg16"),
    # Depthwise convolutions in bfloat16 are slower than in float32 on a processor.
    "xception": Pretraining(stages=(Stage(36, 9, 1e-3), Stage(72, 4, 5e-4)), precision="float32"),
}
"""How the shipped weights were made, in the order in which one starts from another."""


def make_weights(
    backbone: str,
    out: str | Path,
    work_folder: str | Path,
    settings: Pretraining | None = None,
    *,
    n_jobs: int = 2,
    progress: bool = True,
) -> Path:
    """Render people, pre-train a backbone on them, and write its compact weight file.

    Parameters
    ----------
    backbone : str
        Key of `emolib.models.backbones.ARCHITECTURES`.
    out : str or Path
        The ``.npz`` to write.
    work_folder : str or Path
        Rendered people, checkpoints and the log. Call again with the same folder to go on after
        an interruption.
    settings : Pretraining, optional
        Defaults to those of the shipped weights: half an hour or an hour of two quiet cores.
    n_jobs : int
        Processes for rendering.
    progress : bool
        Show progress bars.

    Returns
    -------
    Path
        `out`.
    """
    settings = settings or SETTINGS[backbone]
    people = render_people(
        work_folder,
        range(settings.n_validation_people + settings.n_people),
        settings.faces_per_person,
        settings.seed,
        n_jobs=n_jobs,
        progress=progress,
    )
    validation, train = (
        people[: settings.n_validation_people],
        people[settings.n_validation_people :],
    )
    state_folder = _state_folder(work_folder, backbone, settings)
    keras.utils.set_random_seed(settings.seed)
    twin, history = _resume(backbone, settings, train, state_folder)
    for epoch, stage, within in settings.schedule():
        if epoch < len(history):
            continue
        loss = _train_epoch(twin, train, settings, epoch, stage, within, progress)
        fit = r_squared(twin, validation, train, stage.size)
        history.append({"epoch": epoch, "size": stage.size, "loss": loss, **fit})
        _checkpoint(twin, backbone, settings, history, state_folder)
    with atomic_path(out) as temporary:
        shutil.copy(state_folder / "weights.npz", temporary)
    return Path(out)


def judge_weights(
    backbone: str,
    weights: str | Path,
    work_folder: str | Path,
    settings: Pretraining | None = None,
) -> Path:
    """Probe the weights that `make_weights` wrote, before and after compaction; write their card.

    Parameters
    ----------
    backbone, work_folder, settings
        As given to `make_weights`; the last checkpoint holds the weights before compaction.
    weights : str or Path
        The file it wrote.

    Returns
    -------
    Path
        The model card, beside the weights.
    """
    weights = Path(weights)
    folder = _state_folder(work_folder, backbone, settings or SETTINGS[backbone])
    plain = convolutional_part(backbone)
    n_epochs = len(pd.read_csv(folder / "history.csv"))
    assign_weights(plain, plain_weights(keras.models.load_model(_state(folder, n_epochs))))
    plain.save_weights(folder / "plain.weights.h5")
    sources = {
        "random weights": "random",
        "simulated, float32": folder / "plain.weights.h5",
        "simulated, as shipped": weights,
    }
    backbones = {
        f"{backbone}, {name}": load_backbone(backbone, weights=source, preprocessing="thesis")
        for name, source in sources.items()
    }
    table = probe_table(probe_predictions(backbones=backbones))
    return write_model_card(weights, table, weights.with_suffix(".md"))


def r_squared(
    twin: keras.Model, people: People, train: People, size: int, batch_size: int = 200
) -> dict[str, float]:
    """Return how much of the variance of each action unit the twin explains on these people.

    Returns
    -------
    dict of str to float
        ``r2`` (the mean) and ``r2_AU<n>`` of each action unit; 1 is perfect, 0 a constant.
    """
    rows = np.arange(len(people.targets))
    predicted = np.concatenate(
        [
            twin.predict_on_batch(shrink(people.faces(rows[start : start + batch_size]), size))
            for start in range(0, len(rows), batch_size)
        ]
    )
    mean, deviation = _standard(train)
    truth = (people.targets - mean) / deviation
    residual = ((truth - predicted) ** 2).mean(0) / truth.var(0)
    values = {f"r2_AU{unit}": float(1 - r) for unit, r in zip(ACTION_UNITS, residual, strict=True)}
    return {"r2": float(np.mean(list(values.values()))), **values}


def _standard(people: People) -> tuple[np.ndarray, np.ndarray]:
    return people.targets.mean(0), people.targets.std(0)


def _train_epoch(
    twin: keras.Model,
    people: People,
    settings: Pretraining,
    epoch: int,
    stage: Stage,
    within: int,
    progress: bool,
) -> float:
    """Train on one epoch's faces and return the mean loss."""
    mean, deviation = _standard(people)
    targets = (people.targets - mean) / deviation
    generator = np.random.default_rng([settings.seed, epoch])
    steps = min(settings.faces_per_epoch, len(targets)) // _BATCH_SIZE
    batches = shuffled_batches(people, _BATCH_SIZE, stage.size, generator)
    bar = tqdm(range(steps), f"epoch {epoch + 1}, {stage.size} px", disable=not progress)
    losses = []
    for step, (images, rows) in zip(bar, batches, strict=False):
        done = (within * steps + step) / (stage.epochs * steps)
        warm = min(1, (within * steps + step + 1) / steps)
        twin.optimizer.learning_rate = stage.learning_rate * warm * (1 + np.cos(np.pi * done)) / 2
        losses.append(float(twin.train_on_batch(images, targets[rows])))
        bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}")
    return float(np.mean(losses))


def _resume(
    backbone: str, settings: Pretraining, people: People, folder: Path
) -> tuple[keras.Model, list[dict]]:
    """Return the twin and the log of the last checkpoint, or a fresh twin and an empty log."""
    history = folder / "history.csv"
    if history.exists():
        rows = pd.read_csv(history).to_dict("records")
        return keras.models.load_model(_state(folder, len(rows))), rows
    part = convolutional_part(backbone)
    twin = trainable_twin(part, len(ACTION_UNITS), settings.precision)
    if settings.start:
        weights, _ = load_compact(shipped_weights(settings.start))
        generator = np.random.default_rng(settings.seed)
        rows = generator.choice(len(people.targets), min(_START_FACES, len(people.targets)), False)
        faces = shrink(people.faces(rows), settings.stages[0].size)
        start_twin(twin, deepened(weights, part), faces)
    twin.compile(keras.optimizers.AdamW(weight_decay=_WEIGHT_DECAY), "mse")
    return twin, []


def _checkpoint(
    twin: keras.Model, backbone: str, settings: Pretraining, history: list[dict], folder: Path
) -> None:
    """Write weights, state and log; the log comes last, and names the state that it belongs to."""
    metadata = {
        "backbone": backbone,
        "preprocessing": "symmetric",
        "target": "standardised action-unit intensities of simulated people",
        "settings": asdict(settings),
        "start": _describe_start(settings.start),
        "epochs_done": len(history),
        "validation": history[-1],
    }
    save_compact(plain_weights(twin), folder / "weights.npz", metadata)
    with atomic_path(_state(folder, len(history))) as temporary:
        twin.save(temporary)
    write_table(pd.DataFrame(history), folder / "history.csv")
    _state(folder, len(history) - 1).unlink(missing_ok=True)


def _describe_start(start: str | None) -> str:
    if start is None:
        return "random kernels"
    path = shipped_weights(start)
    _, metadata = load_compact(path)
    return f"`{path.name}` (`{metadata['sha256']}`), further convolutions as identities"


def _state_folder(work_folder: str | Path, backbone: str, settings: Pretraining) -> Path:
    """Return where checkpoints lie; those of other settings or start can so never be mixed in."""
    origin = [asdict(settings), _describe_start(settings.start)]
    return Path(work_folder) / f"{backbone}-{value_hash(origin, 8)}"


def _state(folder: Path, epochs_done: int) -> Path:
    return folder / f"state-{epochs_done:03d}.keras"


def main() -> None:
    """Make the weights that the package ships, from nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m emolib.models.pretraining",
        description="Pre-train backbones on simulated people; go on after an interruption.",
    )
    parser.add_argument("--backbone", choices=SETTINGS, help="default: all, one after the other")
    parser.add_argument("--work", type=Path, default=Path("build/pretraining"))
    parser.add_argument("--out", type=Path, help="folder; default: where the package looks")
    arguments = parser.parse_args()
    for backbone in [arguments.backbone] if arguments.backbone else SETTINGS:
        out = shipped_weights(backbone)
        if arguments.out:
            out = arguments.out / out.name
        make_weights(backbone, out, arguments.work)
        judge_weights(backbone, out, arguments.work)


if __name__ == "__main__":
    main()
