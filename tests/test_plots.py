"""Charts: valid specifications that hold the right numbers and draw on any page."""

import base64
import io
import warnings

import altair as alt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from emolib import plots
from emolib.errors import InputError
from emolib.labels import COLOURS, EMOTIONS, SPLITS
from emolib.plots.style import MIME_TYPE, PAGE
from tests import test_agreement_plots as agreement_plots
from tests import test_overview_plots as overview_plots
from tests import test_provenance_plots as provenance_plots
from tests import test_search_plots as search_plots
from tests import test_teaching_plots as teaching_plots

PREDICTIONS = pd.DataFrame(
    {
        "track": ["video1"] * 3000,
        "time": np.arange(3000) / 30,
        "valence": np.sin(np.arange(3000) / 200),
        "arousal": 0.25,
        "predicted_valence": 0.5,
        "predicted_arousal": np.cos(np.arange(3000) / 200),
    }
)
SAMPLES = pd.DataFrame(
    {
        "emotion": ["fear"] * 3 + ["anger"] * 5 + [""] * 2,
        "valence": [-1.0, 1.0, 0.3, 0.3, 0.29, 0.0, -0.05, 0.7, np.nan, 0.95],
        "arousal": 0.1,
        "split": ["train", "validation", "test", "train", "train", *["test"] * 5],
    }
)
HISTORIES = pd.DataFrame(
    [
        (run, epoch, split, metric, 1 / (epoch + 1))
        for run, epochs in (("seed 1", 3), ("seed 2", 5))
        for epoch in range(epochs)
        for split in ("train", "validation")
        for metric in ("loss", "accuracy")
    ],
    columns=["run", "epoch", "split", "metric", "value"],
)
MATRIX = pd.DataFrame(0, index=list(EMOTIONS), columns=list(EMOTIONS))
MATRIX.loc["fear", ["fear", "anger"]] = [3, 1]
SCORES = pd.DataFrame(
    [
        (network, kind, metric, split, 0.4, 0.3, 0.5, 0.35, 0.45)
        for network, kind in (("A", "category"), ("B", "combined"), ("majority", "baseline"))
        for metric in ("macro_f1", "accuracy")
        for split in SPLITS
    ],
    columns=[
        *("network", "kind", "metric", "split", "estimate", "low", "high", "lowest", "highest")
    ],
)
TITLES = {"macro_f1": "macro F1 [0, 1]", "accuracy": "total accuracy [0, 1]"}
PAIRS = pd.DataFrame(
    {
        "pair": ["A", "B", "mean"],
        "metric": "macro_f1",
        "difference": [0.05, -0.2, -0.08],
        "low": [-0.02, np.nan, -0.1],
        "high": [0.12, np.nan, -0.01],
        "p_holm": [0.2, np.nan, 0.04],
    }
)
KEPT = pd.DataFrame(
    [
        (metric, people, method, 0.9, 0.93, 0.97)
        for metric in ("macro_f1", "accuracy")
        for people in (6, 18)
        for method in ("people left out", "people drawn", "faces left out")
    ],
    columns=["metric", "people", "method", "coverage", "low", "high"],
)
POWER = pd.DataFrame(
    {"metric": "macro_f1", "difference": [0.0, 0.1, 0.2], "power": [0.05, 0.4, 0.9]}
)
COVERAGE = pd.DataFrame(
    {
        "track": ["video1", "video2"],
        "n_faces": [10, 30],
        "with_dimensions": [10, 30],
        "with_category": [4, 6],
        "with_both": [4, 6],
    }
)
CROPS = np.full((3, 72, 72, 3), 200, dtype=np.uint8)
FACES = pd.DataFrame(
    {
        "video": "talk",
        "track": ["talk_left"] * 400 + ["talk_right"] * 400,
        "time": [*np.arange(400) / 30] * 2,
        "x": [50.0] * 400 + [250.0] * 400,
        "w": 80.0,
        "status": ["auto"] * 790 + ["rejected"] * 10,
    }
)

SHARES = pd.DataFrame(
    {
        "split": ["train", "test", "test"],
        "emotion": ["neutral", "neutral", "neutral and fear"],
        "low": [0.2, 0.4, 0.4],
        "high": [0.3, 0.5, 0.6],
    }
)
TOTALS = pd.DataFrame(
    {
        "network": ["a", "b"],
        "printed": [0.5, 0.35],
        "low": [0.49, 0.4],
        "high": [0.52, 0.42],
        "consistent": [True, False],
    }
)
SELECTION = pd.DataFrame(
    {
        "network": ["a", "b"],
        "kind": ["category", "combined"],
        "validation": [0.2, 0.6],
        "test": [0.5, 0.3],
    }
)
LEDGER = pd.DataFrame(
    {
        "name": ["first", "second", "third"],
        "effect": [0.1, -0.02, np.nan],
        "low": [0.05, -0.1, np.nan],
        "high": [0.15, 0.06, np.nan],
        "verdict": ["supported", "undecided", "not tested"],
        "published_validation": [0.2, np.nan, 0.3],
        "published_test": [-0.1, np.nan, np.nan],
    }
)
LAGS = pd.DataFrame(
    {
        "lag": [0.0, 0.1, 0.2],
        "ccc_valence": [0.1, 0.2, 0.15],
        "ccc_arousal": [np.nan] * 3,
        "score": [0.1, 0.2, 0.15],
        "chosen": [False, True, False],
    }
)
LAYERS = pd.DataFrame(
    {
        "layer": ["faces", "VGG16", "LSTM 128", "fully connected 7", "fully connected 2"],
        "branch": ["shared", "shared", "shared", "category", "dimensional"],
        "shape": ["60 × 72", "60 × 2048", "60 × 128", "60 × 7", "60 × 2"],
        "parameters": [0, 1000, 500, 30, 20],
        "frozen": [False, True, False, False, False],
    }
)
SIMILAR = pd.DataFrame(
    {
        "first": ["block 1", "block 1", "LSTM"],
        "second": ["LSTM", "scores", "scores"],
        "svcca": [0.5, 0.4, 0.9],
        "other_faces": [0.2, 0.3, 0.1],
        "chance": 0.1,
        "cka": [0.4, 0.3, 0.8],
    }
)
LEARNING = pd.DataFrame(
    {
        "epoch": [0, 0, 0, 4, 4, 4],
        "layer": ["LSTM", "category, hidden 1", "category scores"] * 2,
        "branch": ["shared", "category", "category"] * 2,
        "svcca": [0.5, 0.4, 0.3, 1.0, 1.0, 1.0],
        "other_faces": 0.2,
    }
)

FELT = pd.DataFrame(
    {
        "emotion": ["fear", "anger", "fear"],
        "person": ["a", "a", "b"],
        "valence": [-0.5, -0.48, -0.4],
        "arousal": [0.6, 0.55, 0.5],
    }
)
OUTLINES = pd.DataFrame(
    {
        "emotion": "fear",
        "share": 0.5,
        "line": 0,
        "order": range(4),
        "valence": [-0.7, -0.3, -0.3, -0.7],
        "arousal": [0.3, 0.3, 0.8, 0.8],
    }
)
CENTRES = pd.DataFrame({"emotion": ["fear"], "share": 1.0, "valence": -0.5, "arousal": 0.5})
FOLLOWERS = pd.DataFrame(0, index=list(EMOTIONS), columns=list(EMOTIONS))
FOLLOWERS.loc["neutral", ["fear", "anger"]] = [3, 1]
READ = pd.DataFrame(
    [
        (name, kind, metric, 0.5, 0.4, 0.6)
        for name in ("VGG16 features", "combined states")
        for kind in ("linear", "shallow")
        for metric in ("macro_f1", "accuracy")
    ],
    columns=["representation", "probe", "metric", "estimate", "low", "high"],
)
MAPPED = pd.DataFrame(
    {
        "emotion": ["fear", "anger", "fear"],
        "person": ["a", "a", "b"],
        "valence": [-1.0, 0.0, 1.0],
        "arousal": 0.25,
        "time": [0.0, 0.1, 0.2],
        "draw": ["draw 1", "draw 1", "draw 2"],
        "cell_column": [0, 1, 0],
        "cell_row": 0,
    }
)
PLACES = np.array([[0.0, 0.0], [1.0, 5.0], [2.0, 10.0]])
GAINS = pd.DataFrame(
    [
        (name, question, split, gain, gain - 0.1, gain + 0.1)
        for question in ("same person", "same emotion")
        for name, gain in (("CNN", 0.5), ("untrained", 0.05))
        for split in ("train", "test")
    ],
    columns=["map", "question", "split", "gain", "low", "high"],
)
REACHED = pd.DataFrame(
    {
        "kind": ["category"] * 3 + ["combined"] * 2,
        "unit": ["fear", "fear", "anger", "fear", "valence up"],
        "way": ["noise", "film", "noise", "noise", "film"],
        "relative": [1.5, 0.4, 3.0, 2.0, 8.0],
        "lowest": -0.7,
    }
)
SHEET = pd.DataFrame(
    {"row": ["fear", "fear", "anger"], "column": ["noise", "real 1", "noise"], "relative": 1.234}
)
CHECKS = pd.DataFrame(
    {"method": ["a", "b"], "quantity": "share", "estimate": [0.4, 0.3], "low": 0.2, "high": 0.5}
)
BEFORE = pd.DataFrame(
    {"way": "occlusion", "before": [0, 1, 2], "estimate": [0.5, 0.3, 0.2], "low": 0.1, "high": 0.6}
)
REACHED_BY_OTHERS = pd.DataFrame(
    [("a", 2021, 0.2, True), ("a", 2021, 0.4, False), ("b", 2023, 0.5, False)],
    columns=["corpus", "year", "value", "baseline"],
).assign(metric="ccc_valence", system="x")
GROWN = pd.DataFrame(
    [(stage, n, n / 100, 20.0) for stage in ("train", "match") for n in (100, 1000, 10_000)],
    columns=["stage", "faces", "seconds", "peak_mb"],
)
RESULTS = pd.DataFrame(
    {
        "number": ["a 1", "a 2", "b"],
        "what": "work",
        "against": "peer",
        "unit": "s",
        "median": [10.0, 20.0, 1.0],
        "goal": ["≥ 5", "≤ 10", "–"],
        "reached": ["yes", "no", "–"],
        "kept": [2.0, 0.5, np.nan],
        "kept_low": [1.6, 0.25, np.nan],
        "kept_high": [2.4, 0.6, np.nan],
    }
)
STAGES = pd.DataFrame(
    {"stage": ["match", "train"], "jobs": [1, 3], "seconds": [2.0, 90.0], "peak_gb": [np.nan, 1.26]}
)

CHARTS = {
    "goal_chart": lambda: plots.goal_chart(RESULTS),
    "profile_chart": lambda: plots.profile_chart(STAGES, {"train": "training"}),
    "scaling_chart": lambda: plots.scaling_chart(GROWN, {"train": "training", "match": "matching"}),
    "picture_grid": lambda: plots.picture_grid(["fear", "anger", "fear"], {"face": list(CROPS)}),
    "check_chart": lambda: plots.check_chart(CHECKS, {"share": "mass"}, {"share": 0.2}),
    "time_chart": lambda: plots.time_chart(BEFORE),
    "picture_sheet": lambda: plots.picture_sheet(SHEET, CROPS),
    "reached_chart": lambda: plots.reached_chart(REACHED),
    "emotion_histogram": lambda: plots.emotion_histogram(SAMPLES),
    "dimension_histogram": lambda: plots.dimension_histogram(SAMPLES, "valence"),
    "label_distribution": lambda: plots.label_distribution(SAMPLES),
    "coverage_chart": lambda: plots.coverage_chart(COVERAGE),
    "track_sheet": lambda: plots.track_sheet(FACES.iloc[::200], CROPS[[0, 1, 2, 0]]),
    "place_chart": lambda: plots.place_chart(FACES),
    "contact_sheet": lambda: plots.contact_sheet(CROPS, ["fear", "anger", "fear"], columns=2),
    "network_diagram": lambda: plots.network_diagram(LAYERS, "VGG16+LSTM+1FC"),
    "training_history": lambda: plots.training_history(HISTORIES),
    "confusion_matrix": lambda: plots.confusion_matrix(MATRIX),
    "trace_chart": lambda: plots.trace_chart(PREDICTIONS, "video1"),
    "score_chart": lambda: plots.score_chart(SCORES, TITLES),
    "lag_chart": lambda: plots.lag_chart({"the build": LAGS}),
    "forest_chart": lambda: plots.forest_chart(PAIRS, TITLES, ["mean"]),
    "interval_coverage_chart": lambda: plots.interval_coverage_chart(KEPT, TITLES),
    "p_value_chart": lambda: plots.p_value_chart({"accuracy": [0.5, 0.01, 0.9, 0.01]}),
    "power_chart": lambda: plots.power_chart(POWER, TITLES, 0.05),
    "share_chart": lambda: plots.share_chart(SHARES),
    "consistency_chart": lambda: plots.consistency_chart(TOTALS),
    "selection_chart": lambda: plots.selection_chart(SELECTION),
    "verdict_chart": lambda: plots.verdict_chart(LEDGER),
    "plane_panels": lambda: plots.plane_panels(FELT, CROPS, OUTLINES, CENTRES),
    "plane_chart": lambda: plots.plane_chart(FELT, CROPS, OUTLINES),
    "transition_chart": lambda: plots.transition_chart(FOLLOWERS),
    "probe_chart": lambda: plots.probe_chart(READ, TITLES),
    "progress_chart": lambda: plots.progress_chart(REACHED_BY_OTHERS, {"ccc_valence": "CCC"}),
    "rank_chart": lambda: plots.rank_chart(SCORES[SCORES["kind"] != "baseline"], TITLES),
    "face_map_chart": lambda: plots.face_map_chart(MAPPED, {"A": PLACES, "B": PLACES[::-1]}, CROPS),
    "gain_chart": lambda: plots.gain_chart(GAINS, ["untrained"]),
    "draw_chart": lambda: plots.draw_chart(MAPPED, CROPS),
    "placed_chart": lambda: plots.placed_chart(MAPPED, PLACES, MAPPED, PLACES, CROPS),
    "similarity_map": lambda: plots.similarity_map(SIMILAR),
    "dynamics_chart": lambda: plots.dynamics_chart(LEARNING, 4),
    **overview_plots.CHARTS,
    "search_history_chart": search_plots.CHARTS["history"],
    "importance_chart": search_plots.CHARTS["importance"],
    "slice_chart": search_plots.CHARTS["slices"],
    "parallel_chart": search_plots.CHARTS["parallel"],
    "step_chart": provenance_plots.CHARTS["steps"],
    "reads_chart": provenance_plots.CHARTS["reads"],
    "concordance_sliders": teaching_plots.CHARTS["sliders"],
    "batch_chart": teaching_plots.CHARTS["batches"],
    "convolution_chart": teaching_plots.CHARTS["convolution"],
    "gate_chart": teaching_plots.CHARTS["gates"],
    "agreement_chart": lambda: plots.agreement_chart(agreement_plots.PAIRS, "all videos"),
    "rater_timeline": lambda: plots.rater_timeline(
        agreement_plots.INTERVALS, agreement_plots.TRACES, agreement_plots.DIFFERENCES
    ),
}
PICTURES = {"face_grid", "map_columns", "map_picture", "region_picture"}
SEVERAL_VIEWS = {"label_distribution", "contact_sheet", "trace_chart", "track_sheet", "place_chart"}
SEVERAL_VIEWS |= {
    "lag_chart",
    "score_chart",
    "forest_chart",
    "rank_chart",
    "interval_coverage_chart",
}
SEVERAL_VIEWS |= {"plane_panels", "probe_chart", "progress_chart"}
SEVERAL_VIEWS |= {"gain_chart", "draw_chart"}
SEVERAL_VIEWS |= {
    "scaling_chart",
    "search_history_chart",
    "importance_chart",
    "slice_chart",
    "rater_timeline",
}
SEVERAL_VIEWS |= {"picture_sheet", "reached_chart", "picture_grid", "check_chart"}


def data(chart):
    """Return the tables a chart carries, the longest first."""
    tables = map(pd.DataFrame, chart.to_dict()["datasets"].values())
    return sorted(tables, key=len, reverse=True)


def picture(bundle):
    return Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))


@pytest.fixture(name="render")
def _render():
    """Return a function from a chart to what a notebook would store of it."""
    previous, transformer = alt.theme.active, alt.data_transformers.active
    with plots.enable_renderer():
        yield lambda chart: chart._repr_mimebundle_()
    alt.theme.enable(previous)
    alt.data_transformers.enable(transformer)


def test_every_public_chart_is_tried_here():
    assert set(plots.__all__) - {"theme", "enable_renderer"} - PICTURES == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_chart_renders_as_vega_lite_and_transparent_png(name, render):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle = render(CHARTS[name]())
    assert set(bundle) == {MIME_TYPE, "image/png"}
    image = picture(bundle).convert("RGBA")
    pixels = np.asarray(image)
    assert pixels[0, 0, 3] == 0
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 3, "nothing was drawn"
    assert image.width <= 2 * (PAGE + 20)


@pytest.mark.parametrize("name", CHARTS)
def test_chart_says_in_words_what_it_shows(name):
    description = CHARTS[name]().to_dict()["description"]
    assert description.endswith(".") and any(character.isdigit() for character in description)
    assert "nan" not in description


@pytest.mark.parametrize("name", sorted(set(CHARTS) - SEVERAL_VIEWS))
def test_chart_of_one_view_narrows_with_the_screen(name):
    specification = CHARTS[name]().to_dict()
    widths = [each for each in specification["params"] if each["name"] == "width"]
    assert len(widths) == 1 and "windowSize" in widths[0]["expr"]


@pytest.mark.parametrize("name", CHARTS)
def test_chart_carries_few_rows(name):
    assert all(len(table) <= 2000 for table in data(CHARTS[name]()))


def test_theme_text_has_contrast_on_light_and_dark():
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    configuration = plots.theme()["config"]
    assert configuration["background"] == "transparent"
    for colour in (configuration["axis"]["labelColor"], configuration["text"]["color"]):
        assert contrast(colour, "#ffffff") > 3.5
        assert contrast(colour, "#14181e") > 3.5


def test_emotion_histogram_counts_labelled_faces_by_split():
    splits, whole = data(plots.emotion_histogram(SAMPLES))
    counts = whole.set_index("emotion")["faces"]
    assert list(counts.index) == list(EMOTIONS)
    assert counts["fear"] == 3 and counts["anger"] == 5 and counts.sum() == 8
    cell = splits[(splits["split"] == "train") & (splits["emotion"] == "fear")].iloc[0]
    assert cell["faces"] == 1 and cell["share"] == pytest.approx(1 / 3)


def test_emotion_histogram_uses_the_colours_of_labels():
    text = plots.emotion_histogram(SAMPLES).to_json()
    assert all(colour in text for colour in COLOURS.values())


def test_emotion_histogram_one_split_has_no_second_layer():
    chart = plots.emotion_histogram(SAMPLES[SAMPLES["split"] == "test"])
    (table,) = data(chart)
    assert set(table["split"]) == {"whole"} and table["faces"].sum() == 4


def test_dimension_histogram_bins_of_a_tenth_hold_their_lower_edge():
    whole = data(plots.dimension_histogram(SAMPLES, "valence"))[-1].set_index("start")
    assert len(whole) == 20 and whole["faces"].sum() == 9
    expected = {-1.0: 1, -0.1: 1, 0.0: 1, 0.2: 1, 0.3: 2, 0.7: 1, 0.9: 2}
    occupied = whole.loc[whole["faces"] > 0, "faces"].to_dict()
    assert occupied == expected  # 1.0 belongs to the last bin
    np.testing.assert_allclose(whole["end"] - whole.index, 0.1)


def test_histograms_without_a_labelled_face_are_empty_charts():
    nobody = SAMPLES.assign(emotion="", valence=np.nan)
    for chart in (plots.emotion_histogram(nobody), plots.dimension_histogram(nobody, "valence")):
        assert data(chart)[0]["faces"].sum() == 0
        assert " 0 faces" in chart.description and "nan" not in chart.description


def test_coverage_chart_orders_the_least_covered_first():
    chart = plots.coverage_chart(COVERAGE)
    assert chart.to_dict()["layer"][0]["encoding"]["y"]["sort"] == ["video2", "video1"]
    table = data(chart)[0].set_index(["track", "label"])["share"]
    assert table["video2", "a category"] == pytest.approx(0.2)
    assert "25% have a category" in chart.description


def test_training_history_shows_one_metric_and_present_splits():
    chart = plots.training_history(HISTORIES, "accuracy")
    (table,) = data(chart)
    assert len(table) == 16
    domain = chart.to_dict()["encoding"]["color"]["scale"]["domain"]
    assert domain == list(SPLITS[:2])
    assert "0.27 on train" in chart.description  # the mean of 1/3 and 1/5
    (shown,) = [param for param in chart.to_dict()["params"] if "bind" in param]
    assert shown["bind"]["options"] == ["both", *SPLITS[:2]] and shown["value"] == "both"
    with pytest.raises(InputError, match="no metric 'ccc'; they hold accuracy, loss"):
        plots.training_history(HISTORIES, "ccc")


def test_trace_chart_breaks_its_lines_where_there_are_no_faces():
    chart = plots.trace_chart(PREDICTIONS.drop(index=range(1000, 1500)), "video1")
    table = data(chart)[0]
    ends = table.groupby("stretch")["time"].agg(["min", "max"])
    assert len(ends) == 2 and ends["max"][0] < 1000 / 30 < 1500 / 30 <= ends["min"][1]
    assert chart.to_dict()["spec"]["encoding"]["detail"]["field"] == "stretch"


def test_check_chart_shares_the_scale_of_what_is_held_against_one_value():
    two = pd.concat([CHECKS, CHECKS.assign(quantity="hit")])
    titles = {"share": "mass", "hit": "point"}
    for lines, scale in (({"share": 0, "hit": 0}, "shared"), ({"hit": 0}, "independent")):
        chart = plots.check_chart(two, titles, lines).to_dict()
        assert chart["resolve"]["scale"]["x"] == scale


def test_confusion_matrix_shares_are_of_the_true_category():
    (table,) = data(plots.confusion_matrix(MATRIX))
    cells = table.set_index(["truth", "named"])
    assert len(cells) == 7  # categories absent from the truth have no cells
    assert cells.loc[("fear", "fear"), "share"] == 0.75
    assert cells.loc[("fear", "anger"), "faces"] == 1
    assert "4 faces" in plots.confusion_matrix(MATRIX).description


def test_confusion_matrix_of_means_over_seeds_counts_whole_faces():
    (table,) = data(plots.confusion_matrix(MATRIX / 3))
    assert set(table["row"]) == {"fear (1)"} and table["share"].max() == 0.75


def test_score_chart_marks_the_best_baseline_of_each_panel():
    scores = SCORES.assign(estimate=np.linspace(0, 1, len(SCORES)))
    second = SCORES.assign(network="prior", estimate=0.95)[SCORES["kind"] == "baseline"]
    (table,) = data(plots.score_chart(pd.concat([scores, second]), TITLES))
    panel = table[(table["metric"] == "accuracy") & (table["split"] == "train")]
    baselines = panel.loc[panel["kind"] == "baseline", "estimate"]
    assert len(baselines) == 2 and set(panel["reference"]) == {baselines.max()}


def test_score_chart_of_baselines_alone_says_that_there_is_no_network():
    chart = plots.score_chart(SCORES[SCORES["kind"] == "baseline"], TITLES)
    assert "no network, best baseline 0.40" in chart.description


def test_forest_chart_says_what_has_no_interval_and_draws_summaries_apart():
    chart = plots.forest_chart(PAIRS, TITLES, ["mean"])
    (table,) = data(chart)
    assert list(table["shape"]) == [False, False, True]
    assert "B -0.20 (no interval)" in chart.description


@pytest.mark.parametrize(
    "chart",
    [
        lambda: plots.forest_chart(PAIRS[:0], TITLES),
        lambda: plots.rank_chart(SCORES[:0], TITLES),
        lambda: plots.training_history(HISTORIES[:0]),
        lambda: plots.dynamics_chart(None, None),
    ],
)
def test_charts_of_nothing_say_so(chart, render):
    assert "trained" in chart().description
    assert picture(render(chart())).height > 20


def test_contact_sheet_of_a_corpus_without_categories_says_so():
    sheet = plots.contact_sheet(np.empty((0, 72, 72, 3), np.uint8), [], columns=4)
    assert "No face of this corpus has a category" in sheet.description


def test_forest_chart_says_what_is_taken_from_what():
    chart = plots.forest_chart(PAIRS, TITLES, difference="ablation minus build")
    assert "ablation minus build" in chart.to_json()
    assert chart.description.startswith("Ablation minus build, with intervals: ")


def test_lag_chart_marks_the_lag_of_each_place():
    chart = plots.lag_chart({"the build": LAGS, "an ablation": LAGS.assign(chosen=LAGS.lag == 0)})
    (table,) = data(chart)
    marked = table.groupby("where")["chosen_lag"].max()
    assert marked.to_dict() == {"the build": 0.1, "an ablation": 0.0}
    assert "the build 0.1 s; an ablation 0.0 s" in chart.description
    assert "No lag was estimated" in plots.lag_chart({}).description


def test_rank_chart_puts_validation_against_test():
    tables = data(plots.rank_chart(SCORES[SCORES["kind"] != "baseline"], TITLES))
    (panel, *_) = (table for table in tables if "test_estimate" in table)
    assert set(panel["network"]) == {"A", "B"}


def test_p_value_chart_steps_to_the_share_of_tests():
    table = max(data(plots.p_value_chart({"a": [0.5, 0.01, 0.9, 0.01]})), key=len)
    assert dict(zip(table["p"], table["share"], strict=True)) == {0.01: 0.5, 0.5: 0.75, 0.9: 1}


def test_trace_chart_averages_within_bins_of_time():
    (table,) = data(plots.trace_chart(PREDICTIONS, "video1", n_points=100))
    assert table["dimension"].unique().tolist() == ["valence [−1, 1]", "arousal [−1, 1]"]
    truth = table[(table["source"] == "annotated") & (table["dimension"] == "valence [−1, 1]")]
    assert len(truth) in (100, 101)
    np.testing.assert_allclose(truth["value"], np.sin(truth["time"] * 30 / 200), atol=0.02)
    with pytest.raises(InputError, match="no track 'video2'"):
        plots.trace_chart(PREDICTIONS, "video2")


def test_contact_sheet_places_faces_row_by_row():
    (table,) = data(plots.contact_sheet(CROPS, ["fear", "anger", "fear"], columns=2))
    assert list(zip(table["row"], table["column"], strict=True)) == [(0, 0), (0, 1), (1, 0)]
    header, _, encoded = table["image"][0].partition(",")
    assert header == "data:image/jpeg;base64" and len(encoded) < 3000
    face = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))
    assert face.shape == (72, 72, 3) and np.abs(face.astype(int) - 200).max() <= 3
    with pytest.raises(InputError, match="3 faces but 2 emotions"):
        plots.contact_sheet(CROPS, ["fear", "anger"], columns=2)


def test_share_chart_leaves_out_sums_of_categories():
    tables = data(plots.share_chart(SHARES))
    assert all(set(table["emotion"]) == {"neutral"} for table in tables)
    assert "neutral on test 40% to 50%" in plots.share_chart(SHARES).description


def test_consistency_chart_names_the_rows_that_contradict():
    chart = plots.consistency_chart(TOTALS)
    assert "1 contradict the others: b printed 0.35" in chart.description
    assert data(chart)[0]["row"].tolist() == ["consistent", "contradicts the others"]


def test_selection_chart_says_who_was_picked_and_who_was_best():
    described = plots.selection_chart(SELECTION).description
    assert "highest on validation is b with 0.60 on validation and 0.30 on test" in described
    assert "highest on test is a with 0.20 on validation and 0.50 on test" in described


def test_verdict_chart_shows_printed_effects_of_claims_that_were_not_tested():
    chart = plots.verdict_chart(LEDGER)
    tables = [table for table in data(chart) if "verdict" in table]
    printed = next(table for table in tables if table["verdict"].str.startswith("printed").all())
    assert sorted(printed["effect"]) == [-0.1, 0.2, 0.3]
    assert "Effects of 2 claims" in chart.description and "1 are not tested" in chart.description


def test_track_sheet_has_a_row_a_track_and_marks_rejected_faces():
    chart = plots.track_sheet(FACES.iloc[[0, 399, 400, 799]], CROPS[[0, 1, 2, 0]])
    table = data(chart)[0]
    assert table["column"].tolist() == [0, 1, 0, 1]
    assert table["time"].tolist() == ["0.0 s", "13.3 s", "0.0 s", "13.3 s ×"]
    with pytest.raises(InputError, match="3 crops of 4 faces"):
        plots.track_sheet(FACES.iloc[:4], CROPS)


def test_place_chart_averages_within_steps_and_leaves_out_the_unknown():
    table = data(plots.place_chart(FACES, points=40))[0]
    assert len(table) <= 82
    assert table.groupby("person")["centre"].unique().str[0].to_dict() == {
        "person 1": 90,
        "person 2": 290,
    }
    for nothing in (FACES[:400], FACES.assign(x=np.nan)):
        assert (
            "No video shows several people" in plots.place_chart(nothing).to_dict()["description"]
        )


def test_network_diagram_puts_branches_side_by_side_below_what_they_share():
    chart = plots.network_diagram(LAYERS, "VGG16+LSTM+1FC")
    boxes = data(chart)[0].set_index("layer")
    assert boxes["row"].tolist() == [0, 1, 2, 3, 3]
    assert boxes["left"].round().tolist() == [0, 0, 0, 0, 1]
    assert boxes["right"].round().tolist() == [2, 2, 2, 1, 2]
    assert boxes.loc["VGG16", "size"] == "60 × 2048, 1,000 parameters, frozen"
    assert "550 parameters train" in chart.description


def test_plane_panels_carry_small_faces_and_the_marks_of_every_category():
    (table,) = data(plots.plane_panels(FELT, CROPS, OUTLINES, CENTRES))
    assert table["kind"].value_counts().to_dict() == {"face": 3, "line": 4, "centre": 1}
    pictures = table.loc[table["kind"] == "face", "image"]
    assert pictures.str.startswith("data:image/jpeg;base64,").all()
    first = Image.open(io.BytesIO(base64.b64decode(pictures.iloc[0].split(",")[1])))
    assert first.size == (40, 40)


def test_plane_chart_moves_names_that_would_cover_each_other():
    names = next(t for t in data(plots.plane_chart(FELT, CROPS, OUTLINES)) if len(t) == 2)
    assert abs(names["arousal"].diff().iloc[1]) >= 0.08 - 1e-9


@pytest.mark.parametrize("chart", [plots.plane_panels, plots.plane_chart])
def test_planes_without_a_face_say_so_and_refuse_other_numbers_of_crops(chart):
    assert "0 results" in chart(FELT.head(0), CROPS[:0], OUTLINES).to_dict()["description"]
    with pytest.raises(InputError, match="1 crops of 3 faces"):
        chart(FELT, CROPS[:1], OUTLINES)


def test_transition_chart_leaves_out_what_nothing_follows():
    (table,) = data(plots.transition_chart(FOLLOWERS))
    assert set(table["before"]) == {"neutral"}
    assert table.set_index("after").loc["fear", "share"] == 0.75
    assert "0 results" in plots.transition_chart(FOLLOWERS * 0).to_dict()["description"]


def test_probe_chart_without_networks_says_so():
    assert "0 results" in plots.probe_chart(READ.head(0), TITLES).to_dict()["description"]


def test_face_map_chart_carries_every_map_and_each_colour_of_a_face():
    chart = plots.face_map_chart(MAPPED, {"A": PLACES, "B": PLACES[::-1]}, CROPS)
    (table,) = (each for each in data(chart) if "image" in each)
    assert table["x0"].tolist() == [0, 0.5, 1] and table["y1"].tolist() == [1, 0.5, 0]
    assert table["colour_emotion"].tolist() == [COLOURS[emotion] for emotion in MAPPED["emotion"]]
    assert table["colour_person"].nunique() == 2 and table["colour_valence"].nunique() == 3
    assert table["colour_arousal"].nunique() == 1
    face = table["image"][0].partition(",")[2]
    assert Image.open(io.BytesIO(base64.b64decode(face))).size == (40, 40)
    params = {param["name"]: param for param in chart.to_dict()["params"]}
    assert params["shown"]["bind"]["labels"] == ["A", "B"]
    assert params["by"]["bind"]["options"] == ["emotion", "person", "valence", "arousal"]
    with pytest.raises(InputError, match="3 faces; every map needs a position for each"):
        plots.face_map_chart(MAPPED, {"A": PLACES[:2]}, CROPS)


@pytest.mark.parametrize("by", ["emotion", "person", "valence", "arousal"])
def test_face_map_chart_draws_a_legend_of_what_is_chosen(by, render):
    chart = plots.face_map_chart(MAPPED, {"A": PLACES}, CROPS)
    spec = render(chart)[MIME_TYPE]
    legend = next(
        pd.DataFrame(rows) for rows in spec["datasets"].values() if "of" in pd.DataFrame(rows)
    )
    names = legend.loc[legend["of"] == by, "name"].tolist()
    expected = {"emotion": ["anger", "fear"], "person": ["one colour for each of 2 people"]}
    assert names == expected.get(by, ["−1.0", "−0.5", "0", "+0.5", "+1.0"])


def test_gain_chart_hollows_controls_and_says_when_there_is_nothing():
    table = max(data(plots.gain_chart(GAINS, ["untrained"])), key=len)
    assert table.groupby("map")["control"].first().to_dict() == {"CNN": False, "untrained": True}
    described = plots.gain_chart(GAINS, ["untrained"]).description
    assert "2 maps in 2 questions; the largest is 0.50" in described
    nobody = plots.gain_chart(GAINS.assign(gain=np.nan))
    assert "No face has a neighbour" in nobody.description
    without = plots.gain_chart(GAINS.assign(low=np.nan, high=np.nan))
    assert "nan" not in without.to_json()


def test_draw_chart_shrinks_to_two_draws_a_page():
    wide = MAPPED.assign(cell_column=[0, 30, 0])
    chart = plots.draw_chart(wide, CROPS).to_dict()
    assert 2 * 31 * chart["spec"]["width"]["step"] < PAGE
    with pytest.raises(InputError, match="2 crops of 3 faces"):
        plots.draw_chart(MAPPED, CROPS[:2])


def test_placed_chart_without_labels_joins_faces_in_time():
    unlabelled = MAPPED.assign(emotion="", valence=np.nan, arousal=np.nan)
    chart = plots.placed_chart(MAPPED, PLACES, unlabelled, PLACES, CROPS)
    marks = [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]
    assert marks == ["circle", "line", "point"]
    assert "3 faces of 2 people placed on a map of 3 faces" in chart.description
    empty = plots.placed_chart(MAPPED[:0], PLACES[:0], MAPPED, PLACES, CROPS)
    assert "nobody to place" in empty.description


def test_face_grid_frames_each_face_in_its_cell_and_names_the_colours():
    cells = np.array([[0, 0], [1, 1], [2, 0]])
    made = plots.face_grid(CROPS, cells, ["fear", "anger", ""], size=100, frame=10)
    image = Image.open(io.BytesIO(made.jpeg))
    assert image.format == "JPEG" and image.size == (made.width, made.height)
    assert made.width == 300 and made.height > 200  # and room for the legend
    pixels = np.asarray(image).astype(int)
    for (column, row), colour in zip(cells, (COLOURS["fear"], COLOURS["anger"]), strict=False):
        frame = pixels[row * 100 + 50, column * 100 + 4]
        expected = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(frame - expected).max() < 12
        assert np.abs(pixels[row * 100 + 50, column * 100 + 50] - 200).max() < 6
    assert pixels[150, 50].max() < 60  # nobody is there
    legend = pixels[205:].reshape(-1, 3)
    for emotion, there in (("fear", True), ("anger", True), ("disgust", False)):
        colour = [int(COLOURS[emotion][i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(legend - colour).max(axis=1) < 20).any() == there
    assert made._repr_jpeg_() == made.jpeg and len(repr(made)) < 100


def test_face_grid_refuses_what_does_not_fit_together():
    with pytest.raises(InputError, match="3 faces, 2 cells and 3 emotions"):
        plots.face_grid(CROPS, np.zeros((2, 2), int), ["fear"] * 3)
    with pytest.raises(InputError, match="no faces"):
        plots.face_grid(CROPS[:0], np.zeros((0, 2), int), [])


def test_similarity_map_shows_chance_above_the_diagonal():
    table = data(plots.similarity_map(SIMILAR))[0]
    below = table[table["faces"] == "same faces"].set_index(["row", "column"])["value"]
    above = table[table["faces"] == "other faces"].set_index(["row", "column"])["value"]
    assert below["scores", "block 1"] == 0.4 and above["block 1", "scores"] == 0.3
    assert len(table) == 6
    described = plots.similarity_map(SIMILAR).description
    assert "0.40 (block 1 and scores) to 0.90 (LSTM and scores)" in described


def test_similarity_map_writes_the_names_that_it_is_given():
    chart = plots.similarity_map(SIMILAR, {"LSTM": "the trunk's"}).to_dict()
    axis = chart["layer"][0]["encoding"]["y"]["axis"]
    assert axis["values"] == ["LSTM"] and "'LSTM': 'the trunk\\'s'" in axis["labelExpr"]
    assert chart["layer"][0]["encoding"]["x"]["axis"] is None


def test_similarity_map_of_fewer_than_two_says_so():
    assert "no two representations" in plots.similarity_map(SIMILAR[:0]).description


def test_dynamics_chart_draws_outputs_solid_and_what_leads_to_them_dashed():
    chart = plots.dynamics_chart(LEARNING, 4).to_dict()
    scale = chart["layer"][2]["encoding"]["strokeDash"]["scale"]
    dashes = dict(zip(scale["domain"], scale["range"], strict=True))
    assert dashes["category scores"] == dashes["LSTM"] == [1, 0]
    assert dashes["category, hidden 1"] == [8, 3]
    assert "LSTM 0.50, category, hidden 1 0.40" in chart["description"]


def test_picture_sheet_says_whose_pictures_it_shows_and_has_nothing_without_a_network():
    chart = plots.picture_sheet(SHEET, CROPS)
    (table,) = data(chart)
    assert list(table["row"]) == ["fear", "fear", "anger"] and table["relative"][0] == 1.23
    assert table["image"].str.startswith("data:image/jpeg;base64,").all()
    assert "rows: fear, anger; columns: noise, real 1" in chart.description
    assert "no network" in plots.picture_sheet().description
    with pytest.raises(InputError, match="3 pictures of 2 rows"):
        plots.picture_sheet(SHEET[:2], CROPS)


def test_reached_chart_counts_what_exceeds_real_faces():
    chart = plots.reached_chart(REACHED)
    assert "noise 3 of 3, film 1 of 2" in chart.description
    assert "no network" in plots.reached_chart(REACHED[:0]).description


def test_scaling_chart_has_a_panel_a_stage_for_time_and_for_memory():
    chart = plots.scaling_chart(GROWN, {"train": "training", "match": "matching"})
    spec = chart.to_dict()
    lines = [each["spec"]["layer"][0]["encoding"]["y"] for each in spec["vconcat"]]
    assert [line["field"] for line in lines] == ["seconds", "peak_mb"]
    assert "training: from 1 s and 20 MB with 100 faces" in spec["description"]
    assert "to 100 s and 20 MB with 10,000" in spec["description"]
    powers = plots.scaling_chart(GROWN, {"train": "training"}, {"train": 1.04}).to_dict()
    assert powers["description"].endswith("with 10,000, time growing as n^1.04.")
    layers = [len(each["spec"]["layer"]) for each in powers["vconcat"]]
    assert layers == [2, 1]  # a power is one of time


def test_goal_chart_shows_goals_alone_and_profile_chart_names_time_and_memory():
    described = plots.goal_chart(RESULTS).description
    assert "2 goals, 1 of which were reached. a 1: 2.00 times its goal; a 2: 0.50" in described
    assert "0 results" in plots.goal_chart(RESULTS[2:]).description
    described = plots.profile_chart(STAGES, {"train": "training"}).description
    assert described.endswith("match: 2 s; training: 1.5 min, 1.3 GB.")
    assert "not timed" in plots.profile_chart(STAGES[:0], {}).description


def test_goal_chart_ends_where_a_quartile_is_zero():
    shown = plots.goal_chart(RESULTS.assign(kept_high=np.inf)).to_dict()
    (rows,) = [rows for rows in shown["datasets"].values() if "kept_high" in rows[0]]
    assert all(np.isfinite(row["kept_high"]) and row["kept"] <= row["kept_high"] for row in rows)
