"""The published numbers, against cells read in the thesis by eye."""

import re
from importlib import resources

import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.evaluation import published
from emolib.evaluation.metrics import CATEGORY_METRICS, DIMENSIONAL_METRICS
from emolib.evaluation.tables import CATEGORY_COLUMNS, DIMENSIONAL_COLUMNS
from emolib.labels import SPLITS
from emolib.models.networks import NETWORKS

CATEGORY_TABLES = {"5.1": "category", "5.3": "combined", "C.1": "category"}
CATEGORY_TABLES |= {"C.3": "combined", "C.5": "category", "C.7": "combined"}
DIMENSIONAL_TABLES = {"5.2": "dimensional", "5.6": "combined", "C.2": "dimensional"}
DIMENSIONAL_TABLES |= {"C.4": "combined", "C.6": "dimensional", "C.8": "combined"}

CELLS = [
    ("5.1", "vgg16-category-1fc", "recall_sadness", 0.77),
    ("5.1", "vgg16-category-2fc", "recall_disgust", 0.09),
    ("5.1", "vgg19-category-1fc", "accuracy", 0.51),
    ("5.1", "xception-category-2fc", "recall_neutral", 0.42),
    ("5.2", "xception-dimensional-1fc", "ccc_arousal", -0.13),
    ("5.2", "vgg19-dimensional-2fc", "ccc_valence", 0.16),
    ("5.2", "vgg16-dimensional-1fc", "mse_valence", 0.40),
    ("5.3", "vgg19-combined-1fc", "recall_fear", 0.25),
    ("5.3", "xception-combined-2fc", "accuracy", 0.43),
    ("5.3", "vgg16-combined-3fc", "recall_sadness", 0.97),
    ("5.4", "vgg16-category-2fc", "accuracy", 0.47),
    ("5.4", "vgg19-combined-1fc", "recall_anger", 0.15),
    ("5.6", "vgg16-combined-1fc", "mse_arousal", 0.19),
    ("5.6", "vgg16-combined-3fc", "ccc_arousal", 0.13),
    ("5.6", "vgg19-combined-1fc", "ccc_arousal", 0.20),
    ("5.7", "vgg19-dimensional-2fc", "mse_arousal", 0.09),
    ("5.7", "vgg19-combined-2fc", "ccc_valence", 0.14),
    ("C.1", "vgg16-category-2fc", "recall_disgust", 0.71),
    ("C.1", "xception-category-2fc", "recall_anger", 0.06),
    ("C.2", "vgg19-dimensional-2fc", "ccc_valence", 0.87),
    ("C.2", "xception-dimensional-2fc", "mse_valence", 0.29),
    ("C.3", "vgg16-combined-1fc", "recall_surprise", 0.33),
    ("C.3", "vgg19-combined-2fc", "recall_happiness", 0.01),
    ("C.3", "xception-combined-3fc", "accuracy", 0.38),
    ("C.4", "vgg19-combined-1fc", "ccc_arousal", 0.71),
    ("C.4", "xception-combined-2fc", "mse_arousal", 0.09),
    ("C.5", "vgg19-category-2fc", "accuracy", 0.52),
    ("C.5", "vgg16-category-1fc", "recall_neutral", 0.05),
    ("C.6", "vgg16-dimensional-2fc", "ccc_arousal", -0.09),
    ("C.6", "vgg19-dimensional-1fc", "mse_valence", 0.58),
    ("C.7", "vgg19-combined-2fc", "recall_anger", 0.19),
    ("C.7", "vgg16-combined-1fc", "accuracy", 0.24),
    ("C.8", "vgg16-combined-3fc", "ccc_arousal", -0.15),
    ("C.8", "vgg19-combined-2fc", "ccc_valence", -0.12),
    ("C.8", "vgg16-combined-1fc", "mse_arousal", 0.27),
]
PRECISION_CELLS = [
    ("neutral", [0.57, 0.39, 0.46]),
    ("sadness", [0.64, 0.93, 0.76]),
    ("fear", [0.26, 0.25, 0.26]),
    ("average", [0.49, 0.59, 0.52]),
]

each_table = pytest.mark.parametrize("table", published.tables())


@pytest.mark.parametrize(("table", "network", "metric", "value"), CELLS)
def test_cell_is_what_the_thesis_prints(table, network, metric, value):
    assert published.load(table).set_index("network").loc[network, metric] == value


@pytest.mark.parametrize(("emotion", "values"), PRECISION_CELLS)
def test_precision_table_is_what_the_thesis_prints(emotion, values):
    table = published.load("5.5").set_index("emotion")
    assert table.loc[emotion, ["precision", "recall", "f1"]].tolist() == values
    assert set(table["network"]) == {"vgg19-combined-1fc"} and len(table) == 8


def test_tables_are_those_of_the_thesis():
    assert list(published.tables()) == [f"5.{n}" for n in range(1, 8)] + [
        f"C.{n}" for n in range(1, 9)
    ]
    golden = {table for table, *_ in CELLS} | {"5.5"}
    assert golden == set(published.tables())


def test_load_unknown_table_names_those_there_are():
    with pytest.raises(InputError, match=r"no table of results '5\.8'; there are 5\.1, "):
        published.load("5.8")


@pytest.mark.parametrize(
    ("kinds", "columns"),
    [(CATEGORY_TABLES, CATEGORY_COLUMNS[:-1]), (DIMENSIONAL_TABLES, DIMENSIONAL_COLUMNS)],
)
def test_tables_of_a_split_hold_the_six_networks_of_their_kind(kinds, columns):
    for table, kind in kinds.items():
        printed = published.load(table)
        assert list(printed) == ["network", *columns]
        networks = [name for name, spec in NETWORKS.items() if spec.kind == kind]
        assert sorted(printed["network"]) == sorted(networks)


@each_table
def test_every_cell_is_printed_with_two_decimals(table):
    text = (resources.files(published) / f"table-{table}.csv").read_text()
    _, *lines = text.splitlines()
    cells = [cell for line in lines for cell in re.split(",", line)[1:] if not cell.isalpha()]
    assert cells and all(re.fullmatch(r"-?[01]\.\d\d", cell) for cell in cells)


def test_tidy_holds_every_number_once():
    tidy = published.tidy()
    assert list(tidy) == ["table", "network", "kind", "split", "metric", "value"]
    assert len(tidy) == 6 * 6 * 8 + 6 * 6 * 4 + 2 * 8 + 8 * 3 + 2 * 4
    assert not tidy.isna().any(axis=None)
    assert not tidy.duplicated(["table", "network", "metric"]).any()
    assert set(tidy["split"]) == set(SPLITS)
    assert set(tidy["network"]) == set(NETWORKS)
    assert (tidy["kind"] == tidy["network"].map(lambda name: NETWORKS[name].kind)).all()
    averages = {f"{score}_average" for score in ("precision", "recall", "f1")}
    assert set(tidy["metric"]) <= {*CATEGORY_METRICS, *DIMENSIONAL_METRICS, *averages}


def test_tidy_splits_are_those_that_the_thesis_names():
    splits = published.tidy().groupby("table")["split"].unique().map(list)
    assert splits["5.1"] == splits["5.5"] == ["validation"]
    assert splits["C.4"] == ["train"] and splits["C.5"] == ["test"]


@pytest.mark.parametrize(("best", "sources"), [("5.4", ["5.1", "5.3"]), ("5.7", ["5.2", "5.6"])])
def test_tables_of_the_best_repeat_rows_of_the_others(best, sources):
    rows = pd.concat(map(published.load, sources)).set_index("network")
    repeated = published.load(best).set_index("network")
    pd.testing.assert_frame_equal(repeated, rows.loc[repeated.index])


def test_precision_table_repeats_the_recalls_of_the_best_network():
    recalls = published.load("5.5").set_index("emotion")["recall"]
    row = published.load("5.3").set_index("network").loc["vgg19-combined-1fc"]
    for emotion in recalls.index.drop("average"):
        assert recalls[emotion] == row[f"recall_{emotion}"]
    assert recalls["average"] == row["accuracy"]


def test_statements_name_their_section():
    statements = published.statements()
    assert list(statements) == ["quantity", "published", "source"]
    assert statements["source"].str.fullmatch(r"[456]\.\d").all()
