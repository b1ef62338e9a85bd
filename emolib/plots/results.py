"""Charts of a trained network: its history, its confusions, its traces."""

import altair as alt
import pandas as pd

from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, SPLITS

from .style import (
    ACCENT,
    GREY,
    IS_NARROW,
    PAGE,
    dimension_title,
    empty_chart,
    fit_page,
    split_colour,
    unbroken,
)


def training_history(histories: pd.DataFrame, metric: str = "loss") -> alt.Chart:
    """Show a metric after each epoch, train against validation, a line per run.

    Parameters
    ----------
    histories : pandas.DataFrame
        Columns ``run, epoch, split, metric, value``; without a row, the chart says so.
    metric : str
        Which metric is shown.

    Raises
    ------
    InputError
        If the histories do not hold the metric.
    """
    if histories.empty:
        return empty_chart("No network of this kind was trained in this build.")
    table = histories[histories["metric"] == metric]
    if table.empty:
        known = ", ".join(sorted(histories["metric"].unique()))
        raise InputError(f"the training histories hold no metric {metric!r}; they hold {known}")
    last = table.loc[table.groupby(["run", "split"])["epoch"].idxmax()]
    ends = last.groupby("split")["value"].mean()
    described = ", ".join(f"{value:.2f} on {split}" for split, value in ends.items())
    name = metric.replace("_", " ")
    splits = [split for split in SPLITS if split in ends]
    menu = alt.binding_select(options=["both", *splits], name="show ")  # no key reaches a legend
    shown = alt.param(name="shown", value="both", bind=menu)
    chosen = (shown == "both") | (alt.datum["split"] == shown)
    chart = (
        alt.Chart(table[["run", "epoch", "split", "value"]])
        .mark_line(strokeWidth=1.5, point=alt.OverlayMarkDef(size=18))
        .encode(
            x=alt.X("epoch:Q", axis=alt.Axis(title="epoch", tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title=name, scale=alt.Scale(zero=False)),
            color=split_colour(splits),
            detail="run:N",
            opacity=alt.when(chosen).then(alt.value(0.9)).otherwise(alt.value(0.1)),
            tooltip=["run:N", "split:N", "epoch:Q", alt.Tooltip("value:Q", format=".3f")],
        )
        .add_params(shown)
        .properties(
            height=240,
            description=(
                f"Line chart of {name} over {table['epoch'].nunique()} epochs of "
                f"{table['run'].nunique()} runs; after the last, on average {described}."
            ),
        )
    )
    return fit_page(chart, 60)


def confusion_matrix(matrix: pd.DataFrame) -> alt.LayerChart:
    """Show what each true category was taken for, in percent of its faces.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Counts with the truth in rows, as `emolib.evaluation.metrics.confusion_matrix` returns, or
        their mean over seeds. A category absent from the truth has an empty row.
    """
    shares = matrix.div(matrix.sum(axis=1), axis=0)
    table = pd.DataFrame(
        [
            (truth, named, float(matrix.loc[truth, named]), shares.loc[truth, named])
            for truth in matrix.index[matrix.sum(axis=1) > 0]
            for named in matrix.columns
        ],
        columns=["truth", "named", "faces", "share"],
    )
    faces = matrix.sum(axis=1).round().astype(int)
    rows = {name: f"{name} ({faces[name]:,})" for name in matrix.index}
    table["row"] = table["truth"].map(rows)
    base = alt.Chart(table).encode(
        x=_category_axis(alt.X, "named", "predicted category", matrix.columns, labelAngle=-40),
        y=_category_axis(alt.Y, "row", "true category (faces)", rows.values()),
        tooltip=[
            "truth:N",
            "named:N",
            alt.Tooltip("faces:Q", format=",.0f"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    colour = alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], scheme="blues"), legend=None)
    dark = alt.datum.share > 0.5
    percentages = base.mark_text(fontSize=alt.ExprRef(f"{IS_NARROW} ? 10 : 12")).encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.when(dark).then(alt.value("white")).otherwise(alt.value("#1b1b1b")),
    )
    recalls = (
        f"{row.truth} {row.share:.0%}" for row in table.itertuples() if row.truth == row.named
    )
    return fit_page(alt.layer(base.mark_rect().encode(color=colour), percentages), 125).properties(
        height=alt.Step(34),
        description=(
            f"Confusion matrix of {faces.sum():,} faces; recognised as what they are: "
            f"{', '.join(recalls)}."
        ),
    )


def trace_chart(predictions: pd.DataFrame, track: str, n_points: int = 400) -> alt.FacetChart:
    """Show annotated and predicted valence and arousal of one track over time.

    Lines break where there are no faces for a while.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions table of a network with a dimensional output.
    track : str
        The track shown.
    n_points : int
        Bins of time; faces that share a bin are averaged.

    Raises
    ------
    InputError
        If the table does not hold the track.
    """
    rows = predictions[predictions["track"] == track].sort_values("time")
    if rows.empty:
        raise InputError(f"the predictions hold no track {track!r}")
    start, end = rows["time"].min(), rows["time"].max()
    bins = ((rows["time"] - start) // max((end - start) / n_points, 1e-9)).rename("bin")
    stretch = pd.Series(unbroken(rows["time"]), rows.index, name="stretch")
    columns = {"annotated": "{}", "predicted": "predicted_{}"}
    table = pd.concat(
        pd.DataFrame({"time": rows["time"], "value": rows[column.format(dimension)]})
        .groupby([stretch, bins])
        .mean()
        .round(3)
        .reset_index("stretch")
        .assign(dimension=dimension_title(dimension), source=source)
        for dimension in DIMENSIONS
        for source, column in columns.items()
    )
    colours = alt.Scale(domain=list(columns), range=[GREY, ACCENT])
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=1.5, strokeJoin="round", strokeCap="round")
        .encode(
            x=alt.X("time:Q", title="time (s)"),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=DIMENSION_RANGE, clamp=True)),
            color=alt.Color("source:N", scale=colours, title=None),
            detail="stretch:N",
            tooltip=["source:N", "time:Q", alt.Tooltip("value:Q", format=".2f")],
        )
        .properties(width=PAGE - 80, height=130)
        .facet(row=alt.Row("dimension:N", title=None, sort=list(map(dimension_title, DIMENSIONS))))
        .properties(
            description=(
                f"Annotated and predicted valence and arousal of {len(rows):,} faces of track "
                f"{track}, {start:.0f} s to {end:.0f} s."
            )
        )
    )


def _category_axis(channel, field: str, title: str, categories, **axis):
    return channel(
        f"{field}:N", scale=alt.Scale(domain=list(categories)), axis=alt.Axis(title=title, **axis)
    )
