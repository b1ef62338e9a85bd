"""Sentences of the chapter turn with their numbers, and stay sentences where these lack."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation.uncertainty import Interval
from emolib.interpretation import probe_prose
from emolib.interpretation import relation_prose as prose
from emolib.interpretation.ceilings import BALANCED, MAJORITY, NEIGHBOURS
from emolib.interpretation.information import BOTH, Information
from emolib.interpretation.people import Estimate
from emolib.interpretation.regions import Regions


def answers(said, answered, annotated, clip=""):
    return probe_prose.answer_sentences(said, answered, annotated, clip, 0.95)


def regions(number, people=9):
    table = pd.DataFrame(columns=["share", "valence", "arousal"])
    return Regions(people, number, number, table, 0.1, -0.1, 0.2)


def sure(value, spread=0.01):
    return Estimate(value, value + spread * np.linspace(-1, 1, 20))


def information(told, category=2.0, spread=0.001, left_out=()):
    shared = {"valence": sure(told / 2), "arousal": sure(told / 4), BOTH: sure(told, spread)}
    by_category = {"fear": sure(told * 2), "neutral": sure(-0.1)}
    people = tuple(f"p{n:02d}" for n in range(20))
    return Information(sure(category, 0.0), sure(1.0), shared, by_category, left_out, people)


def quadrants(**rows):
    columns = ["emotion", "fullest", "low"]
    return pd.DataFrame([(name, *row) for name, row in rows.items()], columns=columns)


def test_quadrant_sentence_counts_agreement_with_the_thesis():
    table = quadrants(happiness=("first", 0.9), fear=("first", 0.7), neutral=("second", 0.3))
    found = prose.quadrant_sentence(table)
    assert "for happiness and fear in the first quadrant." in found
    assert "Of the 2 categories" in found and "1 has its fullest quadrant" in found
    assert "Of no category" in prose.quadrant_sentence(quadrants(neutral=("second", 0.3)))
    assert "nan" not in prose.quadrant_sentence(quadrants(fear=("second", np.nan)))


def test_mapping_sentences_name_numbers_and_what_is_too_few():
    found = {"fear": regions(1), "happiness": regions(1), "surprise": regions(2)}
    found["disgust"] = regions(0, people=2)
    sentence = prose.mapping_sentence(found)
    assert "Fear and happiness lie in one region each (one-to-one)" in sentence
    assert "Surprise lies in two regions (one-to-two)" in sentence
    assert "Disgust is shown by fewer than 4 people" in sentence
    assert prose.thesis_mapping_sentence(found) == (
        "That is the count of the thesis for happiness, fear and surprise."
    )


def test_thesis_mapping_sentence_tells_more_from_fewer():
    sentence = prose.thesis_mapping_sentence({"fear": regions(2), "anger": regions(1)})
    assert "More than the thesis saw are shown for fear." in sentence
    assert "second region of anger is neither shown nor excluded" in sentence
    agrees = prose.thesis_mapping_sentence({"fear": regions(1), "anger": regions(1)})
    assert "thesis for fear. As no category is counted in two, that could hardly" in agrees
    assert "None of the categories" in prose.thesis_mapping_sentence({"neutral": regions(1)})


def test_planned_sentence_admits_what_is_missed():
    found = {"fear": regions(1), "anger": regions(1, people=6), "neutral": regions(1)}
    planned = {"fear": 1, "anger": 2, "neutral": None}
    sentence = prose.planned_sentence(found, planned)
    assert "Of 1 category planned in more than one region, none is shown to lie in as" in sentence
    assert "missed are the further regions of anger (two planned, 6 people)." in sentence
    assert (
        "Of 1 category planned in one, 1 is counted in one, which says little of fear" in sentence
    )
    both = prose.planned_sentence(found | {"anger": regions(2)}, planned)
    assert "1 is shown to lie in as many." in both and both.endswith("1 is counted in one.")
    wrong = prose.planned_sentence({"fear": regions(2)}, planned)
    assert wrong.endswith("Of 1 category planned in one, none is counted in one.")
    assert (
        prose.plane_sentences(quadrants(fear=("second", 0.9)), found, False)["planned"]
        == prose.UNKNOWN
    )


def test_information_sentences_turn_with_the_numbers():
    much, nothing = information(1.0), information(0.05, spread=0.05)
    assert "1.00 (" in prose.information_sentence(much, 0.95)
    assert "or 50%" in prose.information_sentence(much, 0.95)
    assert "may tell nothing" not in prose.information_sentence(much, 0.95)
    assert "may tell nothing" in prose.information_sentence(nothing, 0.95)
    assert "2.0 (" in prose.remaining_sentence(much, 0.95)
    assert "of 4.0 before" in prose.remaining_sentence(much, 0.95)
    assert "50% (" in prose.remaining_sentence(much, 0.95)
    assert prose.telling_sentence(much, 0.95).startswith(
        "In this sample most is told of fear, 2.00 ("
    )
    assert prose.telling_sentence(much, 0.95).endswith(") bits.")
    close = Information(much.category, much.plane, much.shared, dict.fromkeys("ab", sure(1)), ())
    assert "whose places may be chance" in prose.telling_sentence(close, 0.95)
    lacking = information(1.0, left_out=("disgust",))
    assert "Disgust, which is shown by fewer" in prose.information_sentence(lacking, 0.95)


@pytest.mark.parametrize(
    ("left", "spread", "words"),
    [(1.0, 0.001, "lies below 5"), (2.6, 0.001, "lies above 5"), (2.32, 0.2, "holds 5")],
)
def test_many_sentence_judges_the_five_of_the_thesis(left, spread, words):
    found = information(0.2, category=left + 0.2, spread=spread)
    assert words in prose.many_sentence(found, 0.95)


def test_information_sentences_without_information_say_so():
    nothing = Estimate(np.nan, np.full(1, np.nan))
    shared = dict.fromkeys(("valence", "arousal", BOTH), nothing)
    sentences = prose.information_sentences(Information(nothing, nothing, shared, {}, ()), 0.95)
    assert "not two categories" in sentences["information"]
    assert not any("nan" in sentence for sentence in sentences.values())


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (Interval(0.1, 0.05, 0.15), "more than the 40% (30% to 45%)"),
        (Interval(0.1, -0.1, 0.3), "which cannot be told from the 40%"),
        (Interval(-0.1, -0.2, -0.05), "less than the 40%"),
    ],
)
def test_ceiling_sentence_compares_with_guessing(gain, words):
    rows = [
        (NEIGHBOURS, "accuracy", 0.5, 0.4, 0.6),
        (MAJORITY, "accuracy", 0.4, 0.3, 0.45),
        (BALANCED, "balanced_accuracy", 0.3, 0.2, 0.4),
        (MAJORITY, "balanced_accuracy", 0.14, 0.14, 0.14),
    ]
    table = pd.DataFrame(rows, columns=["told_by", "metric", "estimate", "low", "high"])
    sentence = prose.ceiling_sentence(table, sure(0.6, 0.005), gain, 0.95)
    assert words in sentence and "no more than 60% (5" in sentence
    assert "0.30 (0.20 to 0.40), against 0.14." in sentence


def test_explained_sentence_says_where_it_is_nothing():
    table = pd.DataFrame(
        [("valence", "explained", 0.3, 0.1, 0.5), ("arousal", "explained", 0.1, -0.1, 0.3)],
        columns=["dimension", "metric", "estimate", "low", "high"],
    )
    sentence = prose.explained_sentence(table)
    assert "30% (10% to 50%) of the variance of valence" in sentence
    assert "for arousal that is not more than chance allows" in sentence


def test_time_sentences_with_and_without_followers():
    episodes = pd.DataFrame(
        {"emotion": ["fear", "fear"], "previous": ["neutral", ""], "person": ["a", "b"]}
    )
    durations = pd.DataFrame({"emotion": ["fear", "anger"], "median": [2.0, 1.0]})
    durations = durations.assign(low=[1.5, 0.5], high=[2.5, 1.2])
    sentences = prose.time_sentences(episodes, durations, 0.95)
    assert "2 episodes, of which 1 follow" in sentences["transitions"]
    assert "fear are over after 2.0 (1.5 to 2.5) s, the longest" in sentences["durations"]
    assert sentences["durations"].endswith("after 1.0 (0.5 to 1.2) s, the shortest.")
    assert "Fear lasts 2.0 (1.5" in prose.duration_sentence(durations[:1])
    assert "may be chance" in prose.duration_sentence(durations.assign(high=2.5))
    sentences = prose.time_sentences(episodes.head(0), durations.assign(median=np.nan), 0.95)
    assert "None of them" in sentences["transitions"]
    assert "No category can be followed" in sentences["durations"]


def contrasts(*rows):
    columns = ["first", "second", "metric", "difference", "low", "high", "p_holm"]
    return pd.DataFrame(rows, columns=columns)


def test_contrasts_count_what_holds_after_correction():
    table = contrasts(
        ("A states", "VGG16 states at random", "ccc_valence", 0.2, 0.1, 0.3, 0.01),
        ("A states", "VGG16 states at random", "ccc_arousal", 0.1, 0.01, 0.2, 0.2),
        ("A states", "B states", "balanced_accuracy", -0.1, -0.3, 0.1, 1.0),
    )
    found = probe_prose.probe_sentences(table, 0.95)
    assert found["told_apart"].startswith("Of 3 comparisons, 1 finds a difference when p-v")
    assert "A states hold more than VGG16 states at random in CCC valence" in found["told_apart"]
    assert "A states and VGG16 states at random in CCC arousal" in found["not_told_apart"]
    assert "A states and B states in balanced accuracy" in found["not_told_apart"]
    assert "one of these intervals excludes zero" in found["not_told_apart"]
    assert "in part: training leaves more of CCC valence in A states" in found["supposition"]
    found = probe_prose.probe_sentences(table[:1], 0.95)
    assert found["not_told_apart"] == "" and "in part" not in found["supposition"]
    found = probe_prose.probe_sentences(table.assign(p_holm=1.0), 0.95)
    assert "none finds a difference" in found["told_apart"]
    assert "is not shown here" in found["supposition"]
    worse = table[:1].assign(difference=-0.2, low=-0.3, high=-0.1)
    found = probe_prose.probe_sentences(worse, 0.95)
    assert "hold less than" in found["told_apart"] and "not shown" in found["supposition"]
    found = probe_prose.probe_sentences(table[2:].assign(low=np.nan, high=np.nan), 0.95)
    assert "(no interval)" in found["not_told_apart"] and "nan" not in str(found)
    assert "cannot be told from this build" in found["supposition"]


def test_probe_sentences_of_lacking_kinds_say_so():
    found = probe_prose.probe_sentences(contrasts(), 0.95)
    assert found["told_apart"] == "This build lacks what would be compared."
    assert found["not_told_apart"] == ""


def test_answer_sentences_for_a_clip_and_for_the_test_people():
    said = pd.DataFrame({"emotion": ["fear", "fear", "anger"], "valence": 0.1, "arousal": 0.2})
    much, little = information(1.2), information(0.4)
    outside = answers(said.assign(valence=[1.0, 0.5, 0.2]), much, little)["answers"]
    assert "values of 33.3% lie beyond" in outside
    closer = answers(said, much, little)
    assert closer["whose"] == "the test people" and "beyond" not in closer["answers"]
    assert "or 60% (60% to 60%); in the annotations of the same faces it is" in closer["answers"]
    assert (
        "ties the two closer than the annotations do: the difference is +40%" in closer["answers"]
    )
    looser = answers(said, information(0.2), little, "me.mp4")
    assert looser["whose"] == "the faces of your clip" and "less closely" in looser["answers"]
    same = answers(said, information(0.4, spread=0.1), little)["answers"]
    assert "which of them ties the two closer cannot be told" in same
    nothing = Estimate(np.nan, np.full(1, np.nan))
    unknown = Information(nothing, nothing, {BOTH: nothing}, {}, ())
    assert answers(said, much, unknown)["answers"].endswith("or 60% (60% to 60%).")
    assert "cannot be put into bits" in answers(said, unknown, unknown)["answers"]
    lacking = answers(said.head(0), unknown, unknown)
    assert "no combined network" in lacking["answers"]
