"""Charts of what the concordance rewards: under the reader's hand, and in batches."""

import altair as alt
import numpy as np
import pandas as pd

from emolib.errors import InputError

from .style import ACCENT, GREY, IS_NARROW, fit_page

CENTRE, SPREAD = 0.1, 0.3
"""Mean and standard deviation of the annotated values that a reader shifts and stretches."""

SIZE_COLOURS = ("#c2701f", "#1f9e9e", ACCENT, "#8f8f1f", "#3d8fc4", GREY)
SIZE_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")

READOUTS = ("Pearson correlation", "concordance", "squared error")


def concordance_sliders(series: pd.DataFrame) -> alt.LayerChart:
    """Let the reader shift and stretch a prediction and see correlation and concordance change.

    All is computed in the page, from the two columns and the three sliders. The numbers are text
    of the page, not of a picture, so that they can be selected and read aloud.

    Parameters
    ----------
    series : pandas.DataFrame
        ``truth`` and ``error``, any two varying columns. They are standardised, and the error is
        freed of the truth, so that the slider of the correlation says what it is.
    """
    if len(series) < 3:
        raise InputError(f"{len(series)} points to shift and stretch; three are needed")
    truth = _standard(series["truth"].to_numpy(float))
    error = series["error"].to_numpy(float)
    error = _standard(error - error.mean() - truth * np.mean(truth * error))
    table = pd.DataFrame({"z": truth, "e": error}).round(5)
    shift = _slider("shift", 0.25, -1, 1)
    scale = _slider("scale", 0.5, 0, 2)
    correlation = _slider("correlation", 0.9, -1, 1)
    scaled = alt.Chart(table).transform_calculate(
        truth=f"{CENTRE} + {SPREAD} * datum.z",
        prediction=f"{CENTRE} + shift + scale * {SPREAD} * (correlation * datum.z"
        " + sqrt(1 - correlation * correlation) * datum.e)",
    )
    axis = alt.Axis(values=[-1, -0.5, 0, 0.5, 1], format="+.1f")
    across, along = (alt.Scale(domain=ends, nice=False) for ends in ([-0.9, 1.1], [-1.4, 1.8]))
    x = alt.X("truth:Q", scale=across, axis=axis, title="annotated")
    y = alt.Y("prediction:Q", scale=along, axis=axis, title="predicted")
    ends = pd.DataFrame({"from": [-0.9], "to": [1.1]})
    identity = (
        alt.Chart(ends)
        .mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=1.5)
        .encode(x=alt.X("from:Q"), x2="to:Q", y=alt.Y("from:Q"), y2="to:Q")
    )
    distances = scaled.mark_rule(stroke=ACCENT, opacity=0.5, clip=True).encode(
        x=x, y=y, y2=alt.Y2("truth:Q")
    )
    points = scaled.mark_circle(size=42, color=ACCENT, opacity=1, clip=True).encode(x=x, y=y)
    names, numbers = _readouts(scaled)
    chart = alt.layer(identity, distances, points, names, numbers).add_params(
        shift, scale, correlation
    )
    return fit_page(chart, 70).properties(
        height=300,
        usermeta={"embedOptions": {"renderer": "svg"}},
        description=(
            f"Scatter of {len(table)} predicted against annotated values with the identity line. "
            "Three sliders set shift, scale and correlation of the prediction; above stand "
            "Pearson's correlation, the concordance and the mean squared error that result. At "
            f"first: shift {shift.param.value}, scale {scale.param.value}, correlation "
            f"{correlation.param.value}."
        ),
    )


def batch_chart(table: pd.DataFrame, overall: float) -> alt.LayerChart:
    """Show the concordance of batches beside that of all frames.

    Parameters
    ----------
    table : pandas.DataFrame
        ``batch_size``, ``sequence_length``, ``mean``, ``low`` and ``high`` of batches of each
        pair, up to six sizes.
    overall : float
        The concordance of all frames.
    """
    sizes = sorted(table["batch_size"].unique().tolist())
    if len(sizes) > len(SIZE_COLOURS):
        raise InputError(f"{len(sizes)} batch sizes; at most {len(SIZE_COLOURS)} can be told apart")
    names = [f"{size} sequence{'s' * (size > 1)}" for size in sizes]
    shown = table.assign(batch=table["batch_size"].map(dict(zip(sizes, names, strict=True))))
    x = alt.X(
        "sequence_length:O", title="frames in a sequence", axis=alt.Axis(labelAngle=0)
    )  # fmt: skip
    offset = alt.XOffset("batch:N", sort=names)
    scale = alt.Scale(domain=names, range=list(SIZE_COLOURS[: len(sizes)]))
    legend = alt.Legend(columns=2)
    colour = alt.Color("batch:N", scale=scale, title="in a batch", legend=legend)
    shapes = alt.Scale(domain=names, range=list(SIZE_SHAPES[: len(sizes)]))
    axis = alt.Axis(tickCount=6, format=".1f")
    base = alt.Chart(shown).encode(x=x, xOffset=offset, color=colour)
    bars = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y("low:Q", title="concordance [−1, 1]", axis=axis), y2="high:Q"
    )
    numbers = [
        alt.Tooltip(f"{name}:Q", format=".2f")
        for name in ("mean", "low", "high", "sd", "direction")
        if name in shown
    ]
    marks = base.mark_point(size=60, filled=True, opacity=1).encode(
        y="mean:Q",
        shape=alt.Shape("batch:N", scale=shapes, title="in a batch", legend=legend),
        tooltip=["batch:N", "sequence_length:O", *numbers],
    )
    rule = (
        alt.Chart(pd.DataFrame({"all": [overall]}))
        .mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=1.5)
        .encode(y="all:Q")
    )
    ends = [shown.loc[(shown["batch_size"] * shown["sequence_length"]).agg(end)] for end in
            ("idxmin", "idxmax")]  # fmt: skip
    described = "; ".join(
        f"{row.batch} of {row.sequence_length} frames, mean {row['mean']:.2f}, "
        f"{row.low:.2f} to {row.high:.2f}"
        for row in ends
    )
    return fit_page(alt.layer(rule, bars, marks), 75).properties(
        height=300,
        description=(
            f"Concordance of batches of {len(shown)} shapes, a dashed line at the {overall:.2f} of "
            f"all frames: {described}."
        ),
    )


def _standard(values: np.ndarray) -> np.ndarray:
    if np.ptp(values) == 0:
        raise InputError("a constant column cannot be shifted and stretched")
    return (values - values.mean()) / values.std()


def _slider(name: str, value: float, low: float, high: float) -> alt.Parameter:
    bound = alt.binding_range(min=low, max=high, step=0.05, name=f"{name} ")
    return alt.param(name=name, value=value, bind=bound)


def _readouts(scaled: alt.Chart) -> tuple[alt.Chart, alt.Chart]:
    """Return names and values of the three measures, side by side above the plot."""
    place = f"width * (datum.place + 0.5) / {len(READOUTS)}"
    measured = (
        scaled.transform_joinaggregate(mean_truth="mean(truth)", mean_prediction="mean(prediction)")
        .transform_calculate(
            xx="pow(datum.truth - datum.mean_truth, 2)",
            yy="pow(datum.prediction - datum.mean_prediction, 2)",
            xy="(datum.truth - datum.mean_truth) * (datum.prediction - datum.mean_prediction)",
            apart="pow(datum.truth - datum.prediction, 2)",
            bias="pow(datum.mean_truth - datum.mean_prediction, 2)",
        )
        .transform_aggregate(
            xx="mean(xx)", yy="mean(yy)", xy="mean(xy)", apart="mean(apart)", bias="mean(bias)"
        )
        .transform_calculate(
            pearson="datum.yy < 1e-12 ? null : datum.xy / sqrt(datum.xx * datum.yy)",
            concordance="2 * datum.xy / (datum.xx + datum.yy + datum.bias)",
        )
        .transform_fold(["pearson", "concordance", "apart"], as_=["measure", "value"])
        .transform_window(place="row_number()")
        .transform_calculate(
            place="datum.place - 1",
            # A sum of products that is zero but for rounding would be shown as minus zero.
            shown="isValid(datum.value)"
            " ? replace(format(abs(datum.value) < 0.005 ? 0 : datum.value, '.2f'), '-', '−')"
            " : 'undefined'",
            left=place,
        )
        .transform_calculate(name=f"{list(READOUTS)}[datum.place]")
    )
    base = measured.encode(x=alt.X("left:Q", scale=None, axis=None))
    size = alt.ExprRef(f"{IS_NARROW} ? 10 : 11")
    names = base.mark_text(baseline="bottom", fontSize=size, color=GREY).encode(
        text="name:N", y=alt.value(-34)
    )
    numbers = base.mark_text(baseline="bottom", fontSize=20, color=GREY, fontWeight="bold").encode(
        text="shown:N", y=alt.value(-10)
    )
    return names, numbers
