"""Where the faces of each category lie on the plane of valence and arousal.

Conventions
-----------
- Quadrants are counted as in the thesis (5.4): the first has valence and arousal above 0, the
  second valence below and arousal above, the third both below, the fourth valence above and
  arousal below. A face rated exactly 0 in either is in none of them, but on an axis.
- Densities are kernel estimates from at most `FACES_PER_PERSON` faces of each person, so that a
  long video does not make the picture.

References
----------
Hyndman, R. J. (1996). Computing and graphing highest density regions. The American Statistician
50(2), 120-126. doi:10.1080/00031305.1996.10474359
"""

from collections.abc import Sequence

import contourpy
import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde

from emolib.interpretation.people import at_most_each, ratio
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS

QUADRANTS = ("first", "second", "third", "fourth")
ON_AXIS = "on an axis"
SHARES = (0.5, 0.9)
"""Of the faces of a category, within its contours."""

FACES_PER_PERSON = 60
_CELLS = 50  # of the grid that contours are drawn on, a side
_FEWEST = 10  # faces that make a density


def quadrants(samples: pd.DataFrame) -> pd.Series:
    """Return the quadrant of each face: one of `QUADRANTS`, or `ON_AXIS`.

    Examples
    --------
    >>> points = {"valence": [0.5, -0.5, -0.5, 0.5, 0.0], "arousal": [1, 1, -1, -1, 1]}
    >>> quadrants(pd.DataFrame(points)).tolist()
    ['first', 'second', 'third', 'fourth', 'on an axis']
    """
    valence, arousal = np.sign(samples["valence"]), np.sign(samples["arousal"])
    places = [(valence == v) & (arousal == a) for v, a in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
    return pd.Series(np.select(places, QUADRANTS, ON_AXIS), index=samples.index)


def quadrant_table(samples: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Count the faces of each category in each quadrant.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person, emotion, valence, arousal``, all labelled.
    confidence : float
        Of the interval of the share in the fullest quadrant, in (0, 1).

    Returns
    -------
    pandas.DataFrame
        A row a category that occurs: ``emotion, faces, people``, the share in each quadrant and
        on an axis, the ``fullest`` quadrant and ``low, high``, the interval of its share.
    """
    places = quadrants(samples)
    rows = []
    for emotion in EMOTIONS:
        mine = samples["emotion"] == emotion
        if not mine.any():
            continue
        shares = places[mine].value_counts(normalize=True).reindex([*QUADRANTS, ON_AXIS])
        shares = shares.fillna(0.0)
        fullest = shares.idxmax()
        person = samples.loc[mine, "person"]
        _, low, high = ratio(places[mine] == fullest, 1, person).interval(confidence)
        low, high = np.clip([low, high], 0, 1)
        rows.append(
            {
                "emotion": emotion,
                "faces": int(mine.sum()),
                "people": person.nunique(),
                **shares,
                "fullest": fullest,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def density_contours(samples: pd.DataFrame, shares: Sequence[float] = SHARES) -> pd.DataFrame:
    """Return the outlines of the smallest areas that hold given shares of each category.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person, emotion, valence, arousal``, all labelled.
    shares : sequence of float
        In (0, 1).

    Returns
    -------
    pandas.DataFrame
        ``emotion, share, line`` (an area may have several outlines), ``order`` along it,
        ``valence, arousal``. Categories with fewer than ten faces, or with all of them in a line,
        have none.
    """
    lines = []
    for emotion in EMOTIONS:
        faces = at_most_each(samples[samples["emotion"] == emotion], FACES_PER_PERSON)
        values = faces[list(DIMENSIONS)].to_numpy(float).T
        if len(faces) >= _FEWEST and np.linalg.matrix_rank(np.cov(values), tol=1e-6) == 2:
            for share, outline in _outlines(values, shares):
                table = pd.DataFrame(outline.round(3), columns=list(DIMENSIONS))
                table = table.assign(emotion=emotion, share=share, line=len(lines))
                lines.append(table.assign(order=np.arange(len(table))))
    columns = ["emotion", "share", "line", "order", *DIMENSIONS]
    if not lines:
        return pd.DataFrame(columns=columns)
    return pd.concat(lines, ignore_index=True)[columns]


def sample_faces(samples: pd.DataFrame, per_emotion: int, seed: int) -> pd.DataFrame:
    """Draw faces of each category, of as many people as there are.

    The first face of everybody comes before anybody's second.
    """
    shuffled = samples.sample(frac=1, random_state=np.random.default_rng(seed))
    turn = shuffled.groupby(["emotion", "person"]).cumcount()
    shuffled = shuffled.iloc[np.argsort(turn.to_numpy(), kind="stable")]
    drawn = shuffled.groupby("emotion").head(per_emotion)
    order = drawn["emotion"].map({name: n for n, name in enumerate(EMOTIONS)})
    return drawn.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def face_of_each_cell(samples: pd.DataFrame, cells: int, seed: int) -> pd.DataFrame:
    """Draw one face for each cell of a grid on the plane, where there is one.

    Where few people are rated comes first, and each cell takes a face of the person that is shown
    least so far, so that as many people as possible are seen.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person, valence, arousal``, all labelled.
    cells : int
        Cells along a side of the plane.
    seed : int
        Of the draw among faces of a person.

    Returns
    -------
    pandas.DataFrame
        Rows of `samples`, and ``column, line``: the cell, counted from the lowest valence and the
        lowest arousal.
    """
    low, high = DIMENSION_RANGE
    width = (high - low) / cells
    column, line = (
        np.clip((samples[name] - low) // width, 0, cells - 1).astype(int) for name in DIMENSIONS
    )
    shuffled = samples.assign(column=column, line=line).sample(
        frac=1, random_state=np.random.default_rng(seed)
    )
    shown: dict[str, int] = {}
    drawn = []
    candidates = shuffled.drop_duplicates(["column", "line", "person"])
    groups = [cell for _, cell in candidates.groupby(["column", "line"])]
    for cell in sorted(groups, key=len):
        turns = [shown.get(person, 0) for person in cell["person"]]
        face = cell.iloc[[int(np.argmin(turns))]]
        drawn.append(face)
        person = face["person"].iloc[0]
        shown[person] = shown.get(person, 0) + 1
    table = pd.concat([shuffled[:0], *drawn])
    return table.sort_values(["line", "column"]).reset_index(drop=True)


def _outlines(values: np.ndarray, shares: Sequence[float]):
    """Yield each share with an outline, (points, 2), of the smallest area that holds it."""
    density = gaussian_kde(values)
    low, high = DIMENSION_RANGE
    axis = np.linspace(low, high, _CELLS + 1)
    grid = np.stack([each.ravel() for each in np.meshgrid(axis, axis)])
    heights = density(grid).reshape(len(axis), len(axis))
    at_faces = density(values)
    for share in shares:
        level = np.quantile(at_faces, 1 - share)
        for outline in contourpy.contour_generator(axis, axis, heights).lines(level):
            yield share, outline
