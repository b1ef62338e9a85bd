"""Counts of a corpus, by hand."""

import numpy as np
import pandas as pd

from emolib.evaluation.corpus import corpus_table, split_table

SAMPLES = pd.DataFrame(
    {
        "video": ["a", "a", "a", "b", "b"],
        "person": ["p", "q", "q", "r", "r"],
        "split": ["train", "train", "train", "test", "test"],
        "emotion": ["fear", "fear", "", "neutral", "fear"],
        "valence": [0.5, np.nan, 0.5, -0.5, -0.1],
        "arousal": [0.5, np.nan, 0.5, 0.5, 0.1],
    }
)


def test_corpus_table_counts_each_kind_of_label():
    table = corpus_table(pd.DataFrame({"video": ["a", "b"]}), SAMPLES).set_index("quantity")
    assert table["this_build"].to_dict() == {
        "videos": 2,
        "people": 3,
        "videos with two people": 1,
        "faces": 5,
        "faces with valence and arousal": 4,
        "faces with a category": 4,
        "faces with both kinds of label": 3,
    }
    assert table.loc["faces", "published"] == 265_663
    assert pd.isna(table.loc["faces with a category", "published"])


def test_split_table_shares_sum_to_one_in_every_part():
    table = split_table(SAMPLES[SAMPLES["emotion"] != ""]).set_index("split")
    shares = table.loc[["train", "test", "all"], "neutral":"disgust"].sum(axis=1)
    assert np.allclose(shares, 1)
    assert table.loc["test", "neutral"] == 0.5
    assert table.loc["all", "people"] == 3
    assert table.loc["validation", "faces"] == 0
