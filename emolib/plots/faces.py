"""Charts of the faces that were found: what they look like, and where in the picture they are."""

import altair as alt
import numpy as np
import pandas as pd

from emolib.errors import InputError

from .pictures import data_uri
from .style import ACCENT, GREY, PAGE, empty_chart

PLACE_COLOURS = (ACCENT, "#1f9e9e", "#8f8f1f", GREY)
"""Of the people in a video from left to right."""

LABELS = 120
"""Width in px of the names of tracks."""


def track_sheet(faces: pd.DataFrame, crops: np.ndarray) -> alt.LayerChart:
    """Show faces of several tracks, a row each, with their times.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``track``, ``time`` (s) and ``status``; the tracks are shown in the order of the table.
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        The face of each row.
    """
    if len(faces) != len(crops):
        raise InputError(f"{len(crops)} crops of {len(faces)} faces; one each is needed")
    if faces.empty:
        return empty_chart("There are no faces to show.")
    order = list(dict.fromkeys(faces["track"]))
    columns = int(faces.groupby("track").size().max())
    size = int(min(48, (PAGE - LABELS) / columns - 4))
    table = pd.DataFrame(
        {
            "track": faces["track"].to_numpy(),
            "column": faces.groupby("track").cumcount().to_numpy(),
            "time": [
                f"{face.time:.1f} s" + (" ×" if face.status == "rejected" else "")
                for face in faces.itertuples()
            ],
            "image": [data_uri(crop) for crop in crops],
        }
    )
    axis = alt.Axis(labelLimit=LABELS - 10, domain=False, ticks=False, grid=False)
    base = alt.Chart(table).encode(
        x=alt.X("column:O", axis=None),
        y=alt.Y("track:N", sort=order, title=None, axis=axis),
        tooltip=["track:N", "time:N", "image:N"],
    )
    pictures = base.mark_image(width=size, height=size).encode(url="image:N")
    times = base.mark_text(dy=size / 2 + 7, fontSize=10).encode(text="time:N")
    return alt.layer(pictures, times).properties(
        width=alt.Step(size + 4),
        height=alt.Step(size + 20),
        description=f"Contact sheet of {len(faces)} faces of {len(order)} tracks.",
    )


def place_chart(faces: pd.DataFrame, most: int = 6, points: int = 60) -> alt.FacetChart | alt.Chart:
    """Show where in the picture the people of a video are, for videos with several.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``video``, ``track``, ``time`` (s), ``x``, ``w`` (px), ``status``; rejected faces, and
        those whose place is not known, are left out.
    most : int
        Videos shown at most, in the order of the table.
    points : int
        Points of a line at most; times between are averaged.
    """
    faces = faces[(faces["status"] != "rejected") & faces["x"].notna()]
    people = faces.groupby("video", sort=False)["track"].unique()
    people = people[people.map(len) > 1]
    if people.empty:
        return empty_chart("No video shows several people.")
    shown = people.index[:most]
    table = faces[faces["video"].isin(shown)].assign(centre=faces["x"] + faces["w"] / 2)
    length = table.groupby("video")["time"].transform("max") / points
    table["step"] = (table["time"] // length.clip(lower=1e-9)).astype(int)
    rank = {track: n for tracks in people[shown] for n, track in enumerate(tracks)}
    table["person"] = "person " + (table["track"].map(rank) + 1).astype(str)
    table = table.groupby(["video", "track", "person", "step"], as_index=False, sort=False).agg(
        time=("time", "mean"), centre=("centre", "mean")
    )
    table = table.round({"time": 2, "centre": 1})
    names = sorted(table["person"].unique())
    colours = [PLACE_COLOURS[n % len(PLACE_COLOURS)] for n in range(len(names))]
    chart = (
        alt.Chart(table)
        .mark_point(filled=True, size=18, opacity=1)
        .encode(
            x=alt.X("time:Q", axis=alt.Axis(title="time (s)", tickCount=4)),
            y=alt.Y("centre:Q", axis=alt.Axis(title="centre of the face (px)", tickCount=4)),
            color=alt.Color("person:N", scale=alt.Scale(domain=names, range=colours), title=None),
            shape=alt.Shape("person:N", scale=alt.Scale(domain=names), title=None),
            tooltip=["track:N", "time:Q", "centre:Q"],
        )
        .properties(width=PAGE / 2 - 80, height=110)
    )
    return (
        chart.facet(alt.Facet("video:N", sort=list(shown), title=None), columns=2)
        .resolve_scale(x="independent", y="independent")
        .properties(
            description=(
                f"Where the people are, from left to right, over time, in {len(shown)} of "
                f"{len(people)} videos with several."
            )
        )
    )
