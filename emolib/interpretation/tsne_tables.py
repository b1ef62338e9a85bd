"""The tables of the chapter on maps of faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from emolib.evaluation.uncertainty import holm
from emolib.interpretation.grid import grid_shape, lay_on_grid
from emolib.interpretation.map_quality import (
    NEIGHBOURS,
    QUESTIONS,
    Agreement,
    kept_neighbours,
    neighbour_agreement,
    shuffled_p_value,
    trustworthiness,
)
from emolib.interpretation.tsne import FEWEST, FaceMap, fit_map, one_face_per_video, sample_faces
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

Agreements = Mapping[str, Mapping[str, Agreement]]
"""By the name of a map, then by question."""

DRAW_NEIGHBOURS = 5
"""Nearest faces that are asked where there is one face of each video."""

_LARGEST_DRAW, _LARGEST_GRID = 500, 64  # videos drawn from, and faces legible side by side


@dataclass(frozen=True)
class Placement:
    """Faces placed on a map of other faces.

    Attributes
    ----------
    map : FaceMap
        Of the others.
    positions : ndarray (m, 2)
        Where the faces were placed.
    kept : float
        See `emolib.interpretation.map_quality.kept_neighbours`.
    kept_by_chance : float
        What it would be if they were placed anywhere.
    """

    map: FaceMap
    positions: np.ndarray
    kept: float
    kept_by_chance: float


def quality_table(
    features: Mapping[str, np.ndarray], maps: Mapping[str, FaceMap], *, seed: int
) -> pd.DataFrame:
    """Return what each map is made from and how far it is to be trusted.

    Returns
    -------
    DataFrame
        ``map, faces, dimension, variance kept, trustworthiness``.
    """
    return pd.DataFrame(
        {
            "map": name,
            "faces": len(made.positions),
            "dimension": features[name].shape[1],
            "variance kept": made.variance_kept,
            "trustworthiness": trustworthiness(features[name], made.positions, seed=seed),
        }
        for name, made in maps.items()
    )


def ask_maps(faces: pd.DataFrame, positions: Mapping[str, np.ndarray]) -> Agreements:
    """Ask all questions of several maps of the same faces, or of their features."""
    return {name: neighbour_agreement(faces, at, faces, at) for name, at in positions.items()}


def people_by_split(faces: pd.DataFrame) -> dict[str, list[str]]:
    """Return the people of each split that has any."""
    people = faces.groupby("split")["person"].unique()
    return {split: list(people[split]) for split in SPLITS if split in people}


def gain_table(
    agreements: Agreements,
    people: Mapping[str, Sequence[str]],
    confidence: float,
) -> pd.DataFrame:
    """Return the answers of every map to every question, by who asks.

    Parameters
    ----------
    agreements : mapping
        From `ask_maps`.
    people : mapping of str to sequence of str
        Those who ask, by the name of the group.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        ``question, map, split, agreement, chance, gain, low, high``.
    """
    rows = []
    for question in QUESTIONS:
        for name, answers in agreements.items():
            for split, asking in people.items():
                answer = answers[question].of(asking)
                gain, low, high = answer.interval(confidence)
                row = {"agreement": answer.share, "chance": answer.chance}
                row |= {"gain": gain, "low": low, "high": high}
                rows.append({"question": question, "map": name, "split": split, **row})
    return pd.DataFrame(rows)


def printed_gains(on_maps: pd.DataFrame, in_features: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the answers that the people of a split get on each map, beside other gains.

    Parameters
    ----------
    on_maps, in_features : DataFrame
        From `gain_table`, of the maps and of what they were made from.
    split : str
        Who asks.

    Returns
    -------
    DataFrame
        ``question, map, agreement, chance, gain, low, high``, then the gains that the training
        people find and those found in the features.
    """
    keys = ["question", "map"]
    table = on_maps[on_maps["split"] == split].drop(columns="split")
    others = {
        "gain, training people": on_maps[on_maps["split"] == "train"],
        "gain in features": in_features[in_features["split"] == split],
    }
    for title, other in others.items():
        table = table.merge(other[[*keys, "gain"]].rename(columns={"gain": title}), "left", keys)
    return table


def draw_faces(
    features: np.ndarray, faces: pd.DataFrame, seeds: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw one face of every video, several times, and make a map of each draw.

    Parameters
    ----------
    features : ndarray (n, dimension)
        Of the faces.
    faces : DataFrame, n rows
        ``video, person, emotion`` and so on.
    seeds : sequence of int
        One for each draw.

    Returns
    -------
    measures : DataFrame
        ``draw, faces, trustworthiness, share, chance, gain, p, p_holm``: how many of the five
        nearest faces show the same emotion, and the p-value from dealing the emotions anew.
    drawn : DataFrame
        The rows of the faces drawn, of up to 64 videos, with ``draw``, and ``cell_column`` and
        ``cell_row`` of each in a grid.

    Where there are too few videos for a map, both are empty.
    """
    measures, drawn = [], []
    for number, seed in enumerate(seeds, 1):
        rows = one_face_per_video(faces, _LARGEST_DRAW, seed=seed)
        if len(rows) < FEWEST:
            break
        own = faces.iloc[rows]
        at = fit_map(features[rows], seed=seed).positions
        (answer,) = neighbour_agreement(
            own, at, own, at, questions={"": QUESTIONS["same emotion"]}, k=DRAW_NEIGHBOURS
        ).values()
        p = shuffled_p_value(own["emotion"].to_numpy(), at, k=DRAW_NEIGHBOURS, seed=seed)
        trusted = trustworthiness(features[rows], at, k=DRAW_NEIGHBOURS, seed=seed)
        row = {"draw": f"draw {number}", "faces": len(rows), "trustworthiness": trusted}
        row |= {"share": answer.share, "chance": answer.chance, "gain": answer.gain, "p": p}
        measures.append(row)
        laid = sample_faces(own, _LARGEST_GRID, seed=seed)
        columns, height = grid_shape(len(laid), aspect=1.0)
        cells = lay_on_grid(at[laid], columns, height + (columns * height < len(laid)))
        own = own.iloc[laid].assign(draw=row["draw"])
        drawn.append(own.assign(cell_column=cells[:, 0], cell_row=cells[:, 1]))
    columns = ["draw", "faces", "trustworthiness", "share", "chance", "gain", "p"]
    table = pd.DataFrame(measures, columns=columns)
    return table.assign(p_holm=holm(table["p"])), pd.concat([faces.head(0), *drawn])


def place_faces(features: np.ndarray, placed: np.ndarray, *, seed: int) -> Placement:
    """Make a map of faces and place others on it.

    Parameters
    ----------
    features : ndarray (n, dimension)
        Of the faces that the map is made from.
    placed : ndarray (m, dimension)
        Of those that are placed.
    seed : int
        Of the map.
    """
    made = fit_map(features, seed=seed)
    positions = made.place(placed)
    reduced = made.reduction.transform(np.asarray(placed, np.float32))
    kept = kept_neighbours(reduced, made.reduced, positions, made.positions)
    return Placement(made, positions, kept, min(1.0, NEIGHBOURS / len(features)))


def placed_table(
    placements: Mapping[str, Placement],
    training: pd.DataFrame,
    placed: pd.DataFrame,
    confidence: float,
) -> pd.DataFrame:
    """Return how far placed faces agree with the faces of the map that they came to lie among.

    Returns
    -------
    DataFrame
        ``map, neighbours kept, question, agreement, chance, gain, low, high``.
    """
    questions = {
        name.removesuffix(", other people"): question
        for name, question in QUESTIONS.items()
        if question.strangers
    }
    rows = []
    for name, placement in placements.items():
        answers = neighbour_agreement(
            placed, placement.positions, training, placement.map.positions, questions=questions
        )
        for question, answer in answers.items():
            gain, low, high = answer.interval(confidence)
            row = {"map": name, "neighbours kept": placement.kept, "question": question}
            row |= {"agreement": answer.share, "chance": answer.chance}
            rows.append(row | {"gain": gain, "low": low, "high": high})
    return pd.DataFrame(rows)


def neighbour_label_table(
    placements: Mapping[str, Placement], training: pd.DataFrame
) -> pd.DataFrame:
    """Return what the faces show among which faces without labels came to lie.

    Returns
    -------
    DataFrame
        ``map, neighbours kept``, the share of each category that is there, and the mean valence
        and arousal, over the ten nearest faces of every placed face.
    """
    rows = []
    for name, placement in placements.items():
        near = _nearest(placement, NEIGHBOURS)
        shown = training["emotion"].to_numpy()[near].ravel()
        row = {"map": name, "neighbours kept": placement.kept}
        row |= {emotion: np.mean(shown == emotion) for emotion in EMOTIONS if emotion in shown}
        row |= {x: training[x].to_numpy()[near].mean() for x in DIMENSIONS}
        rows.append(row)
    return pd.DataFrame(rows)


def _nearest(placement: Placement, k: int) -> np.ndarray:
    k = min(k, len(placement.map.positions))
    _, near = cKDTree(placement.map.positions).query(placement.positions, k)
    return near.reshape(len(placement.positions), k)
