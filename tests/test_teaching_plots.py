"""Charts that the reader operates: what the page computes, against the metrics and by hand."""

import re

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from emolib import plots
from emolib.errors import InputError
from emolib.evaluation import metrics
from emolib.plots.style import VEGA_LITE_VERSION

GENERATOR = np.random.default_rng(1)
SERIES = pd.DataFrame({"truth": GENERATOR.normal(size=40), "error": GENERATOR.normal(size=40)})
BATCHES = pd.DataFrame(
    {
        "batch_size": [1, 2, 1, 2],
        "sequence_length": [15, 15, 60, 60],
        "mean": [0.1, 0.2, 0.3, 0.4],
        "low": [-0.2, 0.0, 0.1, 0.2],
        "high": [0.4, 0.5, 0.5, 0.6],
    }
)
FACE = GENERATOR.uniform(-1, 1, (6, 6)).round(2)
KERNELS = {
    "left minus right": np.array([[1, 0, -1]] * 3) / 2,
    "all": np.ones((3, 3)),
}
FRAMES = pd.DataFrame(
    {"time": np.arange(9) / 30 + 5, "emotion": ["fear"] * 4 + [""] + ["anger"] * 4}
)
GATES = pd.concat(
    pd.DataFrame(
        {"unit": unit, "time": FRAMES["time"], "input": 0.2, "forget": 0.9, "output": 0.5,
         "cell": np.linspace(-height, height / 2, 9), "state": 0.1}
    )
    for unit, height in (("mean of all units", 2.0), ("unit 3", 7.0))
)  # fmt: skip
CROPS = np.full((9, 8, 8, 3), 90, np.uint8)

CHARTS = {
    "sliders": lambda: plots.concordance_sliders(SERIES),
    "batches": lambda: plots.batch_chart(BATCHES, 0.55),
    "convolution": lambda: plots.convolution_chart(FACE, KERNELS),
    "gates": lambda: plots.gate_chart(GATES, FRAMES, CROPS),
}


def texts(chart: alt.LayerChart, **chosen) -> list[str]:
    """Return what a reader reads who sets some of the fields below a chart."""
    spec = chart.to_dict()
    for parameter in spec["params"]:
        if parameter["name"] in chosen:
            parameter["value"] = chosen.pop(parameter["name"])
    assert not chosen, "no such field"
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE_VERSION)
    return [text.replace("−", "-") for text in re.findall(r"<text[^>]*>([^<]+)</text>", svg)]


@pytest.mark.parametrize(
    ("shift", "scale", "correlation"), [(0, 1, 1), (-0.4, 0.5, 0.9), (0.25, 2, -0.6), (1, 1, 0)]
)
def test_sliders_show_the_numbers_of_the_metrics(shift, scale, correlation):
    said = texts(CHARTS["sliders"](), shift=shift, scale=scale, correlation=correlation)
    # The prediction by another way: the part of the error that the truth does not explain.
    x = SERIES["truth"].to_numpy()
    slope, cut = np.polyfit(x, SERIES["error"], 1)
    z, e = ((v - v.mean()) / v.std() for v in (x, SERIES["error"].to_numpy() - slope * x - cut))
    truth = 0.1 + 0.3 * z
    prediction = 0.1 + shift + scale * 0.3 * (correlation * z + np.sqrt(1 - correlation**2) * e)
    expected = [getattr(metrics, name)(truth, prediction) for name in ("pearson", "ccc", "mse")]
    assert expected[0] == pytest.approx(correlation, abs=1e-9)
    shown = said[said.index("squared error") + 1 :][:3]
    assert [float(number) for number in shown] == pytest.approx(expected, abs=0.0051)
    assert "-0.00" not in said


def test_sliders_of_a_constant_prediction_have_no_correlation():
    said = texts(CHARTS["sliders"](), scale=0)
    assert said[said.index("squared error") + 1 :][:2] == ["undefined", "0.00"]


def test_sliders_need_points_that_vary():
    with pytest.raises(InputError, match="2 points"):
        plots.concordance_sliders(SERIES[:2])
    with pytest.raises(InputError, match="constant column"):
        plots.concordance_sliders(SERIES.assign(truth=1.0))


@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize(("kernel", "column", "row"), [(0, 1, 1), (0, 4, 3), (1, 6, 6)])
def test_convolution_by_hand(kernel, column, row, rectify):
    weights, padded = list(KERNELS.values())[kernel], np.pad(FACE, 1)
    sums = np.zeros((6, 6))
    for r, c, k, m in np.ndindex(6, 6, 3, 3):
        sums[r, c] += weights[k, m] * padded[r + k, c + m]
    values = np.maximum(sums, 0) if rectify else sums
    said = texts(CHARTS["convolution"](), kernel=kernel, column=column, row=row, rectify=rectify)
    window = padded[row - 1 : row + 2, column - 1 : column + 2].ravel()
    at = said.index("window") + 1
    assert [float(number) for number in said[at : at + 9]] == pytest.approx(window, abs=0.0051)
    total = next(text for text in said if text.startswith("sum "))
    found = [float(number) for number in re.findall(r"-?\d+\.\d+", total)]
    expected = sums[row - 1, column - 1]
    assert found == pytest.approx([expected, max(expected, 0)][: 1 + rectify], abs=0.0101)
    block = values[(row - 1) // 2 * 2 :, (column - 1) // 2 * 2 :][:2, :2]
    pooled = next(text for text in said if text.startswith("largest "))
    assert float(pooled.split(": ")[1]) == pytest.approx(block.max(), abs=0.0101)


def test_convolution_refuses_what_cannot_be_pooled_and_no_kernel():
    with pytest.raises(InputError, match="even square"):
        plots.convolution_chart(FACE[:5, :5], KERNELS)
    with pytest.raises(InputError, match="no kernel"):
        plots.convolution_chart(FACE, {})


@pytest.mark.parametrize(("unit", "end"), [("mean of all units", "2.00"), ("unit 3", "7.00")])
def test_gates_of_the_chosen_unit_have_a_scale_of_their_own(unit, end):
    said = texts(CHARTS["gates"](), unit=unit)
    assert {end, f"-{end}", "fear", "anger"} <= set(said)


def test_gates_refuse_other_numbers_of_faces():
    with pytest.raises(InputError, match="8 crops of 9 frames"):
        plots.gate_chart(GATES, FRAMES, CROPS[:8])
    with pytest.raises(InputError, match="no frame"):
        plots.gate_chart(GATES, FRAMES[:0], CROPS[:0])


def test_batch_chart_names_the_smallest_and_the_largest_batch():
    described = CHARTS["batches"]().to_dict()["description"]
    assert "1 sequence of 15 frames, mean 0.10, -0.20 to 0.40" in described
    assert "2 sequences of 60 frames, mean 0.40" in described
    with pytest.raises(InputError, match="7 batch sizes"):
        plots.batch_chart(pd.concat([BATCHES.assign(batch_size=n) for n in range(1, 8)]), 0.5)


def test_gate_chart_breaks_lines_and_shows_fewer_faces_where_they_would_overlap():
    frames = FRAMES.assign(time=[*np.arange(5) / 30, *(2 + np.arange(4) / 30)])
    gates = GATES.assign(time=[*frames["time"]] * 2)
    tables = list(
        map(pd.DataFrame, plots.gate_chart(gates, frames, CROPS).to_dict()["datasets"].values())
    )
    lines = next(table for table in tables if "stretch" in table)
    assert lines["stretch"].tolist() == [*[0] * 5, *[1] * 4] * 2
    faces = next(table for table in tables if "image" in table)
    assert (faces["narrow"].sum(), faces["wide"].sum()) == (2, 3)
    strip = next(table for table in tables if "colour" in table)
    assert (strip["end"] - strip["time"]).max() < 1
