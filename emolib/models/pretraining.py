"""Pre-train the convolutional part of a VGG network on simulated people.

The network regresses action-unit intensities, each standardised over the training faces, from
crops of people who are not in the corpus. It trains as a *twin* with batch normalisation between
each convolution and its rectifier, without which thirteen layers hardly start to learn in the
minutes that a processor allows; afterwards the normalisation is folded into the kernels and the
plain network remains. Most epochs run on half-sized crops, at a quarter of the cost; a short last
stage runs at the size at which the network will be used.

After every epoch, the work folder holds a checkpoint from which an interrupted run goes on as if
nothing had happened, the log ``history.csv``, and the folded network so far in ``weights.npz``.

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

from emolib.models.backbones import convolutional_part, load_backbone
from emolib.models.compact import assign_weights, save_compact
from emolib.models.pretraining_data import People, render_people, shrink, shuffled_batches
from emolib.models.probe import probe_table, write_model_card
from emolib.models.twin import batch_normalised_twin, fold_batch_norm
from emolib.simulation.action_units import ACTION_UNITS
from emolib.storage import atomic_path, value_hash, write_table

_BATCH_SIZE = 64
_WEIGHT_DECAY = 1e-4


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
    seed : int
        Of people, initial weights, order and augmentation; not the corpus's.
    """

    n_people: int = 1200
    faces_per_person: int = 20
    n_validation_people: int = 40
    faces_per_epoch: int = 6400
    stages: tuple[Stage, ...] = (Stage(36, 12, 1e-3), Stage(72, 2, 3e-4))
    precision: str = "mixed_bfloat16"
    seed: int = 1889

    def schedule(self) -> Iterator[tuple[int, Stage, int]]:
        """Yield the number of each epoch, its stage, and its number within the stage."""
        epoch = 0
        for stage in self.stages:
            for within in range(stage.epochs):
                yield epoch, stage, within
                epoch += 1


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
        ``vgg16`` or ``vgg19``.
    out : str or Path
        The ``.npz`` to write.
    work_folder : str or Path
        Rendered people, checkpoints and the log. Call again with the same folder to go on after
        an interruption.
    settings : Pretraining, optional
        Defaults to those of the shipped weights: about half an hour of two quiet cores.
    n_jobs : int
        Processes for rendering.
    progress : bool
        Show progress bars.

    Returns
    -------
    Path
        `out`.
    """
    settings = settings or Pretraining()
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
    twin, history = _resume(backbone, settings, state_folder)
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
    folder = _state_folder(work_folder, backbone, settings or Pretraining())
    plain = convolutional_part(backbone)
    n_epochs = len(pd.read_csv(folder / "history.csv"))
    assign_weights(plain, fold_batch_norm(keras.models.load_model(_state(folder, n_epochs))))
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
    return write_model_card(weights, probe_table(backbones=backbones), weights.with_suffix(".md"))


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


def _resume(backbone: str, settings: Pretraining, folder: Path) -> tuple[keras.Model, list[dict]]:
    """Return the twin and the log of the last checkpoint, or a fresh twin and an empty log."""
    history = folder / "history.csv"
    if history.exists():
        rows = pd.read_csv(history).to_dict("records")
        return keras.models.load_model(_state(folder, len(rows))), rows
    twin = batch_normalised_twin(
        convolutional_part(backbone), len(ACTION_UNITS), settings.precision
    )
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
        "epochs_done": len(history),
        "validation": history[-1],
    }
    save_compact(fold_batch_norm(twin), folder / "weights.npz", metadata)
    with atomic_path(_state(folder, len(history))) as temporary:
        twin.save(temporary)
    write_table(pd.DataFrame(history), folder / "history.csv")
    _state(folder, len(history) - 1).unlink(missing_ok=True)


def _state_folder(work_folder: str | Path, backbone: str, settings: Pretraining) -> Path:
    """Return where checkpoints lie; those of other settings can so never be mixed in."""
    return Path(work_folder) / f"{backbone}-{value_hash(asdict(settings), 8)}"


def _state(folder: Path, epochs_done: int) -> Path:
    return folder / f"state-{epochs_done:03d}.keras"


def main() -> None:
    """Make the weights that the package ships, from nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m emolib.models.pretraining",
        description="Pre-train a backbone on simulated people; go on after an interruption.",
    )
    parser.add_argument("--backbone", choices=("vgg16", "vgg19"), default="vgg16")
    parser.add_argument("--work", type=Path, default=Path("build/pretraining"))
    parser.add_argument("--out", type=Path, help="default: where the package looks for them")
    arguments = parser.parse_args()
    backbone = arguments.backbone
    out = arguments.out or Path(__file__).parent / "pretrained" / f"{backbone}_simulated.npz"
    make_weights(backbone, out, arguments.work)
    judge_weights(backbone, out, arguments.work)


if __name__ == "__main__":
    main()
