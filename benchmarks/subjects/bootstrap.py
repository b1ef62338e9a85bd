"""Clustered bootstrap of CCC: sums per person against CCC computed anew from frames."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.harness import Row, at_least, race, speedup
from emolib.evaluation.metrics import ccc
from emolib.evaluation.predictions import by_face, labelled
from emolib.evaluation.sufficient import person_statistics, score
from emolib.evaluation.uncertainty import draw_people

SEED = 2018
NOTE = "Most of the time goes into summing up the frames of each person; more resamples gain more."


def rows(
    repeats: int,
    frames: int = 100_000,
    people: int = 60,
    replicates: int = 2000,
    looped: int = 20,
) -> Iterator[Row]:
    """Compare the time of all replicates; the loop does `looped` of them and is scaled up.

    Both sides start from a table of predictions that was read and checked; the loop's frames are
    sorted by person, while ours are not.
    """
    checked = by_face(labelled(predictions(frames, people), "valence"))
    pairs = [
        frames_of[["truth", "prediction"]].to_numpy() for _, frames_of in checked.groupby("person")
    ]
    peer = (
        f"a loop over frames ({looped} of the replicates, time scaled by {replicates / looped:g})"
    )
    contenders = {
        "emolib": lambda: sums(checked, people, replicates),
        peer: lambda: frame_loop(pairs, looped),
    }
    seconds = race(contenders, agree, repeats)
    seconds[peer] *= replicates / looped
    what = f"CCC of {replicates:,} resamples of {people} people with {frames:,} frames"
    yield speedup(what, seconds, peer, at_least(100), NOTE)


def predictions(frames: int, people: int) -> pd.DataFrame:
    """Return a predictions table of people with unequal numbers of frames."""
    generator = np.random.default_rng(SEED)
    person = np.sort(generator.integers(people, size=frames))
    truth = generator.normal(0, 0.4, frames).clip(-1, 1)
    offset = generator.normal(0, 0.2, people)[person]
    names = np.char.add("person", person.astype(str))
    return pd.DataFrame(
        {
            "track": names,
            "person": names,
            "frame": np.arange(frames),
            "split": "test",
            "valence": truth,
            "predicted_valence": 0.5 * truth + offset + generator.normal(0, 0.2, frames),
        }
    )


def sums(checked: pd.DataFrame, people: int, replicates: int) -> np.ndarray:
    """Return all replicates, from one sum per person."""
    statistics = person_statistics(checked, "valence")
    return score("ccc_valence", draw_people(people, replicates, SEED) @ statistics)


def frame_loop(pairs: list[np.ndarray], looped: int) -> np.ndarray:
    """Return the first `looped` replicates, each from the frames, (n, 2), of the people drawn."""
    people = len(pairs)
    values = []
    for people_of in np.random.default_rng(SEED).integers(people, size=(looped, people)):
        drawn = np.concatenate([pairs[person] for person in people_of])
        values.append(ccc(drawn[:, 0], drawn[:, 1]))
    return np.array(values)


def agree(ours: np.ndarray, peer: np.ndarray) -> None:
    """Require the same CCC of every resample that the loop did."""
    np.testing.assert_allclose(ours[: len(peer)], peer, rtol=0, atol=1e-10)
