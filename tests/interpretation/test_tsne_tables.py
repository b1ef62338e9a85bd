"""Tables and sentences of the chapter on maps: planted truth, small corpora, missing intervals."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emolib.interpretation import tsne_prose as prose
from emolib.interpretation import tsne_tables as tables
from emolib.interpretation.map_quality import EMOTION, PERSON, QUESTIONS
from emolib.interpretation.tsne import Optimisation, fit_map
from emolib.labels import EMOTIONS, SPLITS

PEOPLE, EACH = 12, 20
TEST = [f"p{n}" for n in range(PEOPLE) if n % 3 == 2]


@pytest.fixture(scope="module")
def faces():
    """Return faces of twelve people, a video each, who show three emotions in turn."""
    n = np.arange(PEOPLE * EACH)
    person = n // EACH
    emotion = n % 3
    return pd.DataFrame(
        {
            "video": [f"v{x}" for x in person],
            "track": [f"v{x}" for x in person],
            "person": [f"p{x}" for x in person],
            "time": (n % EACH) * 3.0,
            "row": n % EACH,
            "split": [SPLITS[x % 3] for x in person],
            "emotion": [EMOTIONS[x] for x in emotion],
            "valence": np.array([-0.6, 0.0, 0.7])[emotion],
            "arousal": np.array([0.1, 0.5, -0.2])[emotion],
        }
    )


@pytest.fixture(scope="module")
def features(faces):
    """Return features that hold nothing but the emotion, nothing but the person, and neither."""
    rng = np.random.default_rng(0)
    codes = {
        "emotion": pd.factorize(faces["emotion"])[0],
        "person": pd.factorize(faces["person"])[0],
    }
    centres = rng.normal(size=(PEOPLE, 20)) * 4
    noise = rng.normal(size=(len(faces), 20))
    held = {f"of {name}": centres[code] + 0.5 * noise for name, code in codes.items()}
    return held | {"of nothing": noise}


@pytest.fixture(scope="module")
def asked(faces, features):
    """Return what is found in the features themselves."""
    return tables.ask_maps(faces, features)


def gain(table, question, name, split="test"):
    rows = table.set_index(["question", "map", "split"])
    return rows.loc[(question, name, split)]


def test_quality_table_tells_a_good_map_from_a_random_one(features):
    quick = Optimisation(early_iterations=60, iterations=100)
    held = {"of emotion": features["of emotion"], "random": features["of nothing"]}
    maps = {name: fit_map(x, seed=0, optimisation=quick) for name, x in held.items()}
    shuffled = np.random.default_rng(1).permutation(len(held["random"]))
    held["random"] = held["random"][shuffled]
    table = tables.quality_table(held, maps, seed=0).set_index("map")
    assert table.loc["of emotion", "trustworthiness"] > 0.75
    assert table.loc["random", "trustworthiness"] < 0.6
    assert "Below 0.8" in prose.trust_sentence(table.reset_index())
    assert "“random”" in prose.trust_sentence(table.reset_index())
    trusted = table.reset_index().assign(trustworthiness=[0.9, 0.95])
    assert prose.trust_sentence(trusted) == "Here it is 0.90 to 0.95."


def test_gain_table_finds_what_the_features_hold(faces, asked):
    people = tables.people_by_split(faces)
    assert people["test"] == TEST and list(people) == list(SPLITS)
    table = tables.gain_table(asked, people, 0.95)
    assert len(table) == len(QUESTIONS) * 3 * 3
    assert gain(table, EMOTION, "of emotion")["gain"] > 0.95
    assert gain(table, PERSON, "of person")["gain"] > 0.95
    assert abs(gain(table, PERSON, "of emotion")["gain"]) < 0.1
    assert abs(gain(table, EMOTION, "of nothing")["gain"]) < 0.15
    assert gain(table, "similar valence, other people", "of emotion")["low"] > 0.9


def test_printed_gains_put_the_training_people_beside_the_test_people(faces, asked):
    people = tables.people_by_split(faces)
    gains = tables.gain_table(asked, people, 0.95)
    printed = tables.printed_gains(gains, gains.assign(gain=0.25), "test")
    assert len(printed) == len(QUESTIONS) * 3 and (printed["gain in features"] == 0.25).all()
    row = printed.set_index(["question", "map"]).loc[(PERSON, "of person")]
    assert row["gain, training people"] == gain(gains, PERSON, "of person", "train")["gain"]
    assert row["gain"] == gain(gains, PERSON, "of person")["gain"]


def test_sentences_turn_with_what_is_near(faces, asked):
    arguments = {"people": TEST, "confidence": 0.95}
    near = {x: prose.nearness_sentence(asked[x], x, **arguments) for x in asked}
    assert "The same emotion is nearer than the same person" in near["of emotion"]
    for name in ("of emotion", "of person"):  # numbers in the order of the words
        said = near[name].replace("−", "-")
        nearer, other, difference = map(float, re.findall(r"-?\d\.\d+", said)[:3])
        assert nearer > other and difference == pytest.approx(nearer - other, abs=0.02)
    assert "The same person is nearer than the same emotion" in near["of person"]
    assert "cannot be told" in near["of nothing"]
    strangers = {x: prose.strangers_sentence(asked[x], x, **arguments) for x in asked}
    assert "the same emotion of different people is near: 100%" in strangers["of emotion"]
    assert "is not shown" in strangers["of nothing"]
    compare = [("of emotion", "of nothing"), ("of nothing", "of emotion"), ("of nothing",) * 2]
    found = [prose.control_sentence(asked, *pair, **arguments) for pair in compare]
    assert "brings the same emotion of different people nearer" in found[0]
    assert "farther apart" in found[1] and "cannot be told" in found[2]


def test_opening_says_whose_controls_they_are_and_where_a_backbone_differs(faces):
    def said(*networks):
        specs = [
            SimpleNamespace(network=f"{network}-1fc", seed=1, backbone=backbone, kind=kind)
            for network in networks
            for backbone, kind in [network.split("-")]
        ]
        runs = {spec.kind: SimpleNamespace(spec=spec) for spec in specs}
        return prose.opening(runs, faces, faces[:9], {"a": None})

    alike = said("vgg16-dimensional", "vgg16-combined")
    assert alike["controls"].startswith("VGG16 with random weights, and the LSTM of the combined")
    assert alike["networks"].endswith("combined: VGG16+LSTM+1FC, seed 1.")
    told = said("vgg16-dimensional", "vgg19-combined")["networks"]
    assert "The backbone of dimensional-only (VGG16) is not VGG19" in told


@pytest.mark.parametrize("people", [TEST[:1], []])
def test_sentences_of_too_few_people_claim_nothing(asked, people):
    arguments = {"people": people, "confidence": 0.95}
    answers = asked["of emotion"]
    assert "cannot be told" in prose.nearness_sentence(answers, "x", **arguments)
    assert "an interval takes more people" in prose.strangers_sentence(answers, "x", **arguments)
    told = prose.control_sentence(asked, "of emotion", "of nothing", **arguments)
    assert "cannot be told" in told and "without an interval" in told


def test_draw_faces_tests_every_draw(faces, features):
    measures, drawn = tables.draw_faces(features["of emotion"], faces, [1, 2])
    assert measures["faces"].tolist() == [PEOPLE] * 2 and (measures["p"] < 0.05).all()
    assert (measures["p_holm"] >= measures["p"]).all()
    for _, own in drawn.groupby("draw"):
        assert own["video"].is_unique and len(own) == PEOPLE
        assert not own.duplicated(["cell_column", "cell_row"]).any()
    again, _ = tables.draw_faces(features["of emotion"], faces, [1, 2])
    pd.testing.assert_frame_equal(measures, again)
    assert "in 2 of 2 draws more neighbours" in prose.draw_sentence(measures)
    nothing, _ = tables.draw_faces(features["of nothing"], faces, [1, 2])
    assert "in none of the draws" in prose.draw_sentence(nothing)


def test_draw_faces_of_too_few_videos_is_empty_and_says_so(faces, features):
    few = faces["video"].isin(["v0", "v1", "v2"]).to_numpy()
    measures, drawn = tables.draw_faces(features["of emotion"][few], faces[few], [1, 2])
    assert measures.empty and drawn.empty
    assert "too few videos" in prose.draw_sentence(measures)


def test_placed_faces_lie_among_their_emotion(faces, features):
    known = (faces["split"] == "train").to_numpy()
    new = (faces["split"] == "test").to_numpy()
    placements = {
        name: tables.place_faces(features[name][known], features[name][new], seed=0)
        for name in ("of emotion", "of nothing")
    }
    table = tables.placed_table(placements, faces[known], faces[new], 0.95)
    rows = table.set_index(["map", "question"])
    assert rows.loc[("of emotion", "same emotion"), "gain"] > 0.95
    assert abs(rows.loc[("of nothing", "same emotion"), "gain"]) < 0.3
    assert list(rows.loc["of emotion"].index) == [
        "same emotion",
        "similar valence",
        "similar arousal",
    ]
    told = prose.placed_sentence(table, placements)
    assert "newcomers agree with the faces around them" in told
    assert "more than by chance in same emotion (gain 1.00)" in told
    assert f"({10 / known.sum():.1%} by chance)" in told

    labels = tables.neighbour_label_table(placements, faces[known]).set_index("map")
    shares = labels[["neutral", "happiness", "sadness"]].sum(axis=1)
    np.testing.assert_allclose(shares, 1)
    told = prose.clip_sentence(labels.reset_index(), placements)
    assert "has no labels" in told and "“of emotion” shows" in told
