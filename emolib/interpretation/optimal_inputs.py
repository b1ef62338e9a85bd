"""Optimal inputs of a whole network: for every output unit, in several ways, with a control.

Each unit is maximised from noise with two seeds, and from the mean face; pixel by pixel, without
movements and penalties, as the plain method does; and once more on a network whose weights were
shuffled, which has learned nothing. All units climb side by
side in one batch. What was reached is read from the rounded picture, as it is shown, and once more
while it is moved in ways that it was not made with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from keras import ops

from emolib.errors import InputError
from emolib.interpretation import real_faces
from emolib.interpretation.activation_max import ascend, noise
from emolib.interpretation.inputs import face_features, has_features, read_crops
from emolib.interpretation.keyframes import KeyframeScores
from emolib.interpretation.objectives import (
    objective_table,
    objective_values,
    unit_objectives,
    weight_matrices,
)
from emolib.interpretation.parameterisation import Fourier, Pixels, colour_basis
from emolib.interpretation.randomisation import ALL_WEIGHTS, randomised
from emolib.interpretation.regularisers import Regularisation
from emolib.interpretation.transforms import STILL, Movements, move
from emolib.labels import EMOTIONS
from emolib.models.inspection import InspectedRun

FROM_NOISE = ("noise, seed 1", "noise, seed 2")
FROM_FACE, BY_PIXEL, CONTROL, FILM = "mean face", "pixels", "shuffled", "film"
WAYS = (*FROM_NOISE, FROM_FACE, BY_PIXEL, CONTROL)
"""How still pictures are made; the last on a network with shuffled weights."""

STEP_SIZE = 0.3
"""Of a single step; n steps are smaller by the root of n, so that more of them go farther."""

NOISE = 0.1
"""Standard deviation of parameters at the start, around mid-grey or the mean face."""

REGULARISATION = Regularisation(total_variation=2.0, norm=0.2, norm_power=6.0, flicker=1.0)
"""In units of the distance from the median to the 99th percentile of real faces."""

MOVEMENTS = Movements(jitter=3, scale=0.05, rotation=5)
TRIED = Movements(jitter=4, scale=0.08, rotation=8)
"""Movements during an ascent, and those that a finished picture is tried under."""

TRIALS = 3
"""How many movements a finished picture is tried under."""

CONTROL_FACES = 100
"""Real faces that the network with shuffled weights is shown, which has no stored features."""


@dataclass(frozen=True)
class RealFaces:
    """Real faces, and how strongly they activate the units of one network.

    Attributes
    ----------
    faces : DataFrame, n rows
        The faces that were held still.
    pictures : ndarray of uint8 (n, size, size, 3)
    stills, films : DataFrame
        Activations after the last frame, a column for each objective: of the faces held still, a
        row each, and of stretches of film.
    """

    faces: pd.DataFrame
    pictures: np.ndarray
    stills: pd.DataFrame
    films: pd.DataFrame

    @property
    def mean_face(self) -> np.ndarray:
        """Mean of the training faces, or of all where there are none; float (size, size, 3)."""
        train = (self.faces["split"] == "train").to_numpy()
        return self.pictures[train if train.any() else slice(None)].mean(axis=0)


@dataclass(frozen=True)
class OptimalInputs:
    """Optimal inputs of one network.

    Attributes
    ----------
    table : DataFrame, n rows
        ``unit``, ``way`` (of `WAYS`, or `FILM`), ``activation``, ``moved`` (mean activation of a
        still under movements), ``low, median, high, largest`` of real faces shown in the same way
        to the same network, ``relative`` (0 at the median of real faces, 1 at their 99th
        percentile), ``exceeds`` (whether it is above that percentile), ``kept`` (where it
        does, the share of the distance from the median that remains under movements), ``wins``
        (for a category: whether the network answers it; NaN for dimensions). For films also
        ``backwards``, the activation when the pictures are shown in the opposite order.
    pictures : ndarray of uint8 (n, frames, size, size, 3)
    """

    table: pd.DataFrame
    pictures: np.ndarray


def show_real_faces(
    run: InspectedRun,
    faces: pd.DataFrame,
    crops: Path,
    seed: int,
    stored: Path | None = None,
    *,
    most_stills: int = 500,
    most_films: int = 400,
    most_computed: int = 10,
) -> RealFaces:
    """Show real faces to a network.

    Parameters
    ----------
    run : InspectedRun
        The network.
    faces, crops
        As `emolib.report.Chapter.faces` returns them.
    seed : int
        Of the choice of faces.
    stored : Path or None
        Folder where features of these faces may be; they are used if the run's backbone made them.
    most_stills, most_films : int
        Faces and stretches of film at most.
    most_computed : int
        Stretches of film at most where features have to be computed first.
    """
    length = run.spec.sequence_length
    if stored is None or not has_features(run, faces, stored):
        most_films = min(most_films, most_computed)
    windows = real_faces.sample_windows(faces, length, run.spec.max_gap, most_films, seed)
    features = face_features(run, windows, crops, stored)
    chosen = np.flatnonzero(~windows.duplicated(["track", "row"]))
    chosen = np.random.default_rng(seed).permutation(chosen)[:most_stills]
    still_faces = windows.iloc[chosen].reset_index(drop=True)
    return RealFaces(
        still_faces,
        read_crops(still_faces, crops),
        real_faces.activations(run, features[chosen][:, None]),
        real_faces.activations(run, features.reshape(-1, length, features.shape[1])),
    )


def optimal_stills(
    run: InspectedRun,
    real: RealFaces,
    *,
    steps: int,
    seed: int,
    ways: Sequence[str] = WAYS,
    precision: str = "auto",
) -> OptimalInputs:
    """Make still pictures that maximise each unit of a network, in several ways.

    Parameters
    ----------
    run : InspectedRun
        The network.
    real : RealFaces
        What its activations are compared with.
    steps : int
        Of each ascent.
    seed : int
        Of noise and movements.
    ways : sequence of str
        Some of `WAYS`.
    precision : str
        As in `KeyframeScores`.
    """
    waves = _waves(real)
    grey, face = np.full_like(real.mean_face, 127.5), real.mean_face
    scores, reference = KeyframeScores(run, precision), real_faces.percentiles(real.stills)
    starts = {way: face if way == FROM_FACE else grey for way in ways}
    by_waves = {way: starts[way] for way in (*FROM_NOISE, FROM_FACE) if way in ways}
    found = []
    if by_waves:
        found.append(_maximise(scores, reference, waves, by_waves, steps, seed))
    if BY_PIXEL in ways:
        by_pixel = {BY_PIXEL: grey}
        found.append(_maximise(scores, reference, Pixels(), by_pixel, steps, seed, plain=True))
    if CONTROL in ways:
        shuffled = KeyframeScores(randomised(run, ALL_WEIGHTS, seed), precision)
        answers = shuffled.evaluate(real.pictures[:CONTROL_FACES, None])
        reference = real_faces.percentiles(objective_table(answers))
        found.append(_maximise(shuffled, reference, waves, {CONTROL: grey}, steps, seed))
    return _joined(found)


def optimal_films(
    run: InspectedRun,
    real: RealFaces,
    *,
    frames: int,
    steps: int,
    seed: int,
    precision: str = "auto",
) -> OptimalInputs:
    """Make short films that maximise each unit of a network after their last frame.

    Parameters
    ----------
    frames : int
        Different pictures in a film; each is shown for an equal share of a sequence. All start
        from the mean face, each with noise of its own.
    run, real, steps, seed, precision
        As in `optimal_stills`.

    Raises
    ------
    InputError
        If there is no frame, or there are more than in a sequence.
    """
    scores, reference = KeyframeScores(run, precision), real_faces.percentiles(real.films)
    if not 1 <= frames <= scores.length:
        raise InputError(f"frames={frames}: a film has 1 to {scores.length}, as a sequence has")
    starts = {FILM: real.mean_face}
    films = _maximise(scores, reference, _waves(real), starts, steps, seed, frames)
    backwards = _own(scores.evaluate(films.pictures[:, ::-1]), films.table["unit"])
    return replace(films, table=films.table.assign(backwards=backwards))


def _maximise(
    scores: KeyframeScores,
    reference: pd.DataFrame,
    parameterisation: Pixels,
    starts: Mapping[str, np.ndarray],
    steps: int,
    seed: int,
    frames: int = 1,
    plain: bool = False,
) -> OptimalInputs:
    """Maximise every unit from every start, in one batch.

    ``reference`` is that of `real_faces.percentiles`; ``starts`` holds a picture for each way;
    ``plain`` leaves out penalties and movements.
    """
    table = pd.concat([reference.assign(way=way) for way in starts], ignore_index=True)
    objectives, spreads = unit_objectives(scores.outputs), _spreads(table)
    matrices = weight_matrices(
        [
            (1 / spread) * objectives[name]
            for name, spread in zip(table["unit"], spreads, strict=True)
        ],
        scores.outputs,
    )
    parameters = [
        noise((len(reference), frames, *start.shape), NOISE, seed + number)
        + parameterisation.encode(start[None, None])
        for number, start in enumerate(starts.values())
    ]
    ascent = ascend(
        lambda pictures: objective_values(scores(pictures), matrices),
        np.concatenate(parameters),
        parameterisation,
        steps=steps,
        seed=seed,
        step_size=STEP_SIZE / np.sqrt(steps),
        regularisation=Regularisation() if plain else REGULARISATION,
        movements=STILL if plain else MOVEMENTS,
    )
    # Of films nobody asks; moving them costs as much as making them climb some more.
    trials = TRIALS if frames == 1 else 0
    return OptimalInputs(_judged(table, scores, ascent.pictures, seed, trials), ascent.pictures)


def _judged(
    table: pd.DataFrame, scores: KeyframeScores, pictures: np.ndarray, seed: int, n_trials: int
) -> pd.DataFrame:
    """Add to each row what its picture reaches, as it is and moved."""
    answers = scores.evaluate(pictures)
    rng = np.random.default_rng([seed, 1])  # other movements than those of the ascent
    pixels = ops.convert_to_tensor(pictures.astype(np.float32))
    trials = []
    for _ in range(n_trials):
        moved = move(pixels, ops.convert_to_tensor(TRIED.draw(len(table), rng)))
        trials.append(_own(scores.evaluate(moved), table["unit"]))
    table = table.assign(
        activation=_own(answers, table["unit"]),
        moved=np.mean(trials, axis=0) if trials else np.nan,
        wins=[_wins(name, answers, row) for row, name in enumerate(table["unit"])],
    )
    gain = table["activation"] - table["median"]
    return table.assign(
        relative=gain / _spreads(table),
        exceeds=table["activation"] > table["high"],
        kept=((table["moved"] - table["median"]) / gain).where(table["activation"] > table["high"]),
    )


def _own(answers: Mapping[str, np.ndarray], units: pd.Series) -> np.ndarray:
    """Return the activation of each item's own unit."""
    values = objective_table(answers)
    return values.to_numpy()[np.arange(len(values)), values.columns.get_indexer(units)]


def _wins(name: str, answers: Mapping[str, np.ndarray], row: int) -> float:
    """Return 1 if a category has the highest score of all, 0 if not, NaN for a dimension."""
    if name not in EMOTIONS:
        return np.nan
    return float(EMOTIONS[int(answers["category"][row].argmax())] == name)


def _spreads(table: pd.DataFrame) -> np.ndarray:
    """Return how far the 99th percentile of real faces is from their median; 1 where it is not."""
    spread = (table["high"] - table["median"]).to_numpy()
    return np.where(spread > 0, spread, 1.0)


def _waves(real: RealFaces) -> Fourier:
    return Fourier(colour_basis(real.pictures[:100]), size=real.pictures.shape[1])


def _joined(parts: Sequence[OptimalInputs]) -> OptimalInputs:
    return OptimalInputs(
        pd.concat([part.table for part in parts], ignore_index=True),
        np.concatenate([part.pictures for part in parts]),
    )
