"""Summaries of networks: against the built models and counts by hand."""

import pytest

from emolib.config import Features
from emolib.models.networks import NETWORKS
from emolib.models.summaries import (
    backbone_table,
    layer_table,
    pooling_sentence,
    summary_table,
)

VGG16 = [name for name in NETWORKS if name.startswith("vgg16")]


@pytest.fixture(scope="module")
def summary():
    return summary_table(Features(), networks=VGG16)


def test_summary_has_the_table_of_the_thesis_beside_each_network(summary):
    assert summary["thesis"].tolist() == ["4.1", "4.2", "4.4.2", "4.4.2", "4.3", "4.3"]
    assert summary["layers"].tolist() == [
        *("LSTM 128, 7", "LSTM 128, 64, 7", "LSTM 128, 2", "LSTM 128, 64, 2"),
        *("LSTM 128, 7 and 2", "LSTM 128, 128, 128, 7 and 2"),
    ]


def test_summary_counts_parameters_as_by_hand(summary):
    assert set(summary["frozen"]) == {14_714_688}  # of VGG-16 without its top, as Keras documents
    lstm = 4 * 128 * (2048 + 128 + 1)
    assert summary["trainable"].tolist()[:2] == [
        lstm + 129 * 7,
        lstm + 129 * 64 + 65 * 7,
    ]


def test_summary_follows_the_pooling_of_the_backbone():
    pooled = Features(pooling_of={"vgg16": "average"})
    table = summary_table(pooled, networks=VGG16[:1])
    assert table["features"].tolist() == [512]


def test_layer_table_lists_shared_layers_before_the_branches():
    table = layer_table("vgg16-combined-3fc", Features(), sequence_length=30)
    assert table.loc[1, "layer"] == "VGG16, convolutional part, flattened"
    assert table["branch"].tolist()[:4] == ["shared"] * 4
    assert table["frozen"].tolist() == [False, True] + [False] * 12
    assert table["shape"].tolist()[:3] == ["30 × 72 × 72 × 3", "30 × 2048", "30 × 128"]
    for branch, last in (("category", "7, softmax"), ("dimensional", "2, linear")):
        own = table.loc[table["branch"] == branch, "layer"].tolist()
        hidden = ["fully connected 128, relu", "dropout 0.5"]
        assert own == [*hidden, *hidden, f"fully connected {last}"]


def test_backbone_table_joins_blocks_alike_and_counts_every_parameter():
    table = backbone_table(["vgg16-category-1fc", "xception-category-1fc"])
    totals = table.groupby("backbone")["parameters"].sum()
    # Of either without its top, as Keras documents.
    assert totals.to_dict() == {"VGG16": 14_714_688, "Xception": 20_861_480}
    vgg = table[table["backbone"] == "VGG16"].set_index("block")
    assert vgg.loc["3", "layers"] == "3 convolutions 3 × 3 of 256, max pooling"
    assert vgg["shape"].tolist()[::4] == ["36 × 36 × 64", "2 × 2 × 512"]
    middle = table[table["block"] == "5–12"]
    assert middle["layers"].tolist() == ["3 separable convolutions 3 × 3 of 728"]


def test_pooling_sentence_says_once_what_several_backbones_have_in_common():
    settings = Features(pooling_of={"xception": "average"})
    names = ["vgg16-category-1fc", "vgg19-category-1fc", "xception-category-1fc"]
    assert pooling_sentence(settings, names) == (
        "The last map of VGG16 and of VGG19 is flattened: 2 × 2 × 512 become 2,048 numbers a face. "
        "The last map of Xception is averaged: 3 × 3 × 2048 become 2,048 numbers a "
        "face."
    )
