"""What the book prints of a table."""

import numpy as np
import pandas as pd

from emolib.evaluation.formatting import format_table


def test_p_values_have_three_digits():
    text = format_table(pd.DataFrame({"p": [0.0001, 0.04, np.nan], "p_holm": [0.0003, 1, 0.5]}))
    assert list(text["p"]) == ["< 0.001", "0.040", "–"]
    assert list(text["p (Holm)"]) == ["< 0.001", "1.000", "0.500"]


def test_nullable_integers():
    table = pd.DataFrame({"published": pd.array([55, None], dtype="Int64")})
    assert list(format_table(table)["Published"]) == ["55", "–"]


def test_numbers_signs_and_dashes():
    table = pd.DataFrame(
        {
            "metric": ["recall_fear", "ccc_valence", "macro_f1"],
            "difference": [-0.126, np.nan, -0.001],
            "faces": [12345, 0, 7],
        }
    )
    text = format_table(table)
    assert list(text.columns) == ["Metric", "Difference", "Faces"]
    assert list(text["Metric"]) == ["Fear", "CCC valence", "Macro F1"]
    assert list(text["Difference"]) == ["−0.13", "–", "0.00"]
    assert list(text["Faces"]) == ["12,345", "0", "7"]
    assert list(format_table(table, decimals=1)["Difference"]) == ["−0.1", "–", "0.0"]


def test_squared_errors_have_a_digit_more_where_there_is_one():
    wide = pd.DataFrame({"mse_arousal": [0.0386, 0.0404], "mse_arousal_sd": [0.001, np.nan]})
    assert list(format_table(wide)["MSE arousal"]) == ["0.039 ± 0.001", "0.040"]
    assert list(format_table(wide.round(2))["MSE arousal"]) == ["0.04 ± 0.00", "0.04"]
    long = pd.DataFrame({"metric": ["ccc_arousal", "mse_arousal"], "value": [0.4321, 0.0386]})
    assert list(format_table(long)["Value"]) == ["0.43", "0.039"]


def test_spread_stands_behind_the_value_it_belongs_to():
    table = pd.DataFrame({"accuracy": [0.5, 0.4, np.nan], "accuracy_sd": [0.021, np.nan, np.nan]})
    text = format_table(table)
    assert list(text.columns) == ["Total"]
    assert list(text["Total"]) == ["0.50 ± 0.02", "0.40", "–"]


def test_limits_are_one_column():
    table = pd.DataFrame({"low": [-0.1, np.nan], "high": [0.2, np.nan], "p": [0.5, np.nan]})
    text = format_table(table)
    assert list(text.columns) == ["Interval", "p"]
    assert list(text["Interval"]) == ["−0.10 to 0.20", "–"]


def test_nothing_is_a_row_of_dashes():
    text = format_table(pd.DataFrame({"pair": [], "low": [], "high": [], "p": []}))
    assert text.to_numpy().tolist() == [["–", "–", "–"]]
