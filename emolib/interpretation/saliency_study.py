"""The maps of many faces, and what tests make of them, as tables of a row per face and method.

Means over these rows come from `emolib.interpretation.people.person_means`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emolib.interpretation.answers import Answer, ask, ask_again
from emolib.interpretation.faithfulness import BLIND, areas, blind_map, removal_curves
from emolib.interpretation.moments import Moment
from emolib.interpretation.pointing import (
    centre_map,
    edge_map,
    mass_share,
    moved_region,
    points_into,
)
from emolib.interpretation.randomisation import CASCADE, likeness, randomised
from emolib.interpretation.saliency import METHODS, completeness_error, explain
from emolib.interpretation.through_time import frame_weights, share_table
from emolib.labels import DIMENSIONS
from emolib.models.inspection import InspectedRun
from emolib.simulation.restage import Restaging

CENTRE, EDGES = "middle of the picture", "edges of the picture"
"""Maps that no network took part in, which the maps of networks must be better than."""


REMOVAL = {
    "deletion": "deletion (low is good)",
    "insertion": "insertion (high is good)",
    "over_blind": "gain over the blind map",
}
POINTING = {
    "share": "share of the map in the region",
    "hit": "highest point in the region",
    "area": "area of the region",
    "over_area": "share less area",
    "over_centre": "share less that of the blob",
    "over_edges": "share less that of the edges",
}
"""What `removal_rows` and `pointing_rows` measure, in words."""


@dataclass(frozen=True)
class Explained:
    """One answer at one moment, with its maps, float32 (size, size), by method."""

    moment: Moment
    answer: Answer
    maps: dict[str, np.ndarray]

    @property
    def label(self) -> str:
        """What tells the face from others beside it: its category, or else the answer and when."""
        when = moment_label(self.moment)
        return when if self.moment.emotion else f"{self.answer.name}, {when}"


def moment_label(moment: Moment) -> str:
    """Return the category of a moment or, where it has none, its time."""
    return moment.emotion or f"{moment.times[-1]:.1f} s"


def explain_moments(
    run: InspectedRun | None,
    moments: Iterable[Moment],
    methods: Sequence[str] = tuple(METHODS),
    seed: int = 0,
) -> list[Explained]:
    """Explain a category at each moment: that of the face, or else the one the network gives.

    Parameters
    ----------
    run : InspectedRun or None
        Of the network; None, where there is none that gives such an answer, explains nothing.
    moments : iterable of Moment
        When.
    methods : sequence of str
        Of `emolib.interpretation.saliency.METHODS`.
    seed : int
        Of SmoothGrad's noise.
    """
    if run is None:
        return []
    explained = []
    for moment in moments:
        seen = moment.last(run.scores.input_shape[1])
        answer = ask(run, seen.crops, seen.emotion)
        explained.append(Explained(seen, answer, explain(answer, methods, seed)))
    return explained


def explain_dimensions(
    run: InspectedRun | None, moments: Iterable[Moment], seed: int = 0
) -> list[Explained]:
    """Explain valence and arousal at each moment, by every method; see `explain_moments`.

    Returns
    -------
    list of Explained
        Valence and arousal of the first moment, then of the next.
    """
    if run is None:
        return []
    explained = []
    for moment in moments:
        seen = moment.last(run.scores.input_shape[1])
        first = ask(run, seen.crops, DIMENSIONS[0])
        for name in DIMENSIONS:
            answer = ask_again(first, name)
            explained.append(Explained(seen, answer, explain(answer, seed=seed)))
    return explained


def dimension_maps(explained: Sequence[Explained], name: str) -> list[dict[str, np.ndarray]]:
    """Return the maps of valence or of arousal, by method, for each moment."""
    return [each.maps for each in explained if each.answer.name == name]


def printable(
    means: pd.DataFrame, quantities: Mapping[str, str], limits_of: str, by: Sequence[str]
) -> pd.DataFrame:
    """Return means over people as a table to print, a row per group.

    Parameters
    ----------
    means : DataFrame
        From `person_means`.
    quantities : mapping of str to str
        The columns, with their headings.
    limits_of : str
        The quantity whose interval is printed as well, behind all of them.
    by : sequence of str
        What names a group.
    """
    by = list(by)
    of = {name: means[means["quantity"] == name].set_index(by) for name in quantities}
    wide = pd.DataFrame({title: of[name]["estimate"] for name, title in quantities.items()})
    return wide.join(of[limits_of][["low", "high", "faces", "people"]]).reset_index()


def one_per_answer(explained: Sequence[Explained]) -> list[Explained]:
    """Return the face of each answer of which the network is surest: the clearest of its kind."""
    best: dict[str, tuple[float, Explained]] = {}
    for each in explained:
        sure = float(each.answer.outcome(each.answer.face[None])[0])
        name = each.answer.name
        if name not in best or sure > best[name][0]:
            best[name] = (sure, each)
    return [each for _, each in best.values()]


def recognised(explained: Iterable[Explained]) -> int:
    """Return how many of the faces a network gives the category that is explained."""
    return sum(ask_again(each.answer).name == each.answer.name for each in explained)


def completeness(explained: Iterable[Explained]) -> float:
    """Return the median share by which integrated gradients miss the difference they add up to."""
    method = "integrated gradients"
    errors = [completeness_error(each.answer, each.maps[method]) for each in explained]
    return float(np.median(errors)) if errors else np.nan


def removal_rows(explained: Iterable[Explained], seed: int) -> pd.DataFrame:
    """Return ``method, person, deletion, insertion, gain``, and ``over_blind``.

    Areas under the curves of `removal_curves`; the gain is insertion minus deletion, and what it
    is more than that of a blind map of the same face stands in the last column.
    """
    rows = []
    for number, each in enumerate(explained):
        answer = each.answer
        blind = blind_map(len(answer.face), seed + number)
        found = {}
        for method, evidence in {**each.maps, BLIND: blind}.items():
            curves = removal_curves(answer.outcome, answer.face, answer.blank, evidence)
            found[method] = areas(curves)
        blind_gain = found[BLIND][1] - found[BLIND][0]
        for method, (deletion, insertion) in found.items():
            gain = insertion - deletion
            row = (method, each.moment.person, deletion, insertion, gain, gain - blind_gain)
            rows.append(row)
    columns = ["method", "person", "deletion", "insertion", "gain", "over_blind"]
    return pd.DataFrame(rows, columns=columns)


def randomisation_rows(explained: Sequence[Explained], seed: int) -> pd.DataFrame:
    """Return ``method, person`` and, a column for each step of `CASCADE`, the likeness of maps.

    The weights are dealt anew for every face.
    """
    rows, backbone = [], None
    for number, each in enumerate(explained):
        alike: dict[str, list[float]] = {method: [] for method in each.maps}
        for what in CASCADE:
            forgetful = randomised(each.answer.run, what, seed + number, backbone)
            if forgetful.backbone is each.answer.run.backbone:
                answer = ask_again(each.answer, each.answer.name, forgetful)
            else:
                backbone = forgetful.backbone
                answer = ask(forgetful, each.moment.crops, each.answer.name)
            for method, found in explain(answer, list(each.maps), seed).items():
                alike[method].append(likeness(each.maps[method], found))
        rows += [(method, each.moment.person, *values) for method, values in alike.items()]
    return pd.DataFrame(rows, columns=["method", "person", *CASCADE])


def moved_regions(
    moments: Iterable[Moment], restaging: Restaging, boxes: pd.DataFrame
) -> dict[tuple[str, int], np.ndarray]:
    """Return where the action units of faces act, by track and frame; see `moved_region`.

    Parameters
    ----------
    moments : iterable of Moment
        Whose faces. Those whose action units do next to nothing are left out.
    restaging : Restaging
        The simulated corpus.
    boxes : DataFrame
        ``track, frame, x, y, w, h`` (px) of all faces.
    """
    boxes = boxes.set_index(["track", "frame"])[list("xywh")]
    regions = {}
    for moment in moments:
        key = moment.track, moment.frame
        size = moment.crops.shape[1]
        box = tuple(boxes.loc[key])
        region = moved_region(restaging, moment.track, moment.times[-1], box, size)
        if region is not None:
            regions[key] = region
    return regions


def region_of(
    explained: Explained, regions: dict[tuple[str, int], np.ndarray]
) -> np.ndarray | None:
    """Return the region of a face, or None if it has none."""
    return regions.get((explained.moment.track, explained.moment.frame))


def pointing_rows(
    explained: Iterable[Explained], regions: dict[tuple[str, int], np.ndarray]
) -> pd.DataFrame:
    """Return ``answer, method, person, share, hit, area``, of faces that have a region.

    And ``over_area``, the share less the region's area, and ``over_centre`` and ``over_edges``,
    the share less that of a blob in the middle of the picture and of the edges in it. The answer
    is ``category`` or a dimension.
    """
    rows = []
    for each in explained:
        region = region_of(each, regions)
        if region is None:
            continue
        blind = {CENTRE: centre_map(len(region)), EDGES: edge_map(each.answer.face)}
        area = region.mean()
        less = [area, *(mass_share(found, region) for found in blind.values())]
        output = each.answer.output
        about = ("category" if output == "category" else each.answer.name, each.moment.person)
        for method, found in {**each.maps, **blind}.items():
            share, hit = mass_share(found, region), points_into(found, region)
            rows.append((method, *about, share, hit, area, *(share - other for other in less)))
    columns = ["method", "answer", "person", *POINTING]
    return pd.DataFrame(rows, columns=columns)


def time_rows(explained: Iterable[Explained]) -> pd.DataFrame:
    """Return ``way, before, share, person``: how an answer is divided among the faces before it."""
    tables = [
        share_table(
            frame_weights(each.answer, each.moment.crops),
            each.moment.times,
            person=each.moment.person,
        )
        for each in explained
    ]
    columns = pd.DataFrame(columns=["way", "before", "share", "person"])
    return pd.concat([table for table in tables if len(table)] or [columns], ignore_index=True)
