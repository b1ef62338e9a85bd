"""Sentences on maps of faces that depend on numbers, so that they turn when the numbers turn."""

from collections.abc import Mapping, Sequence

import pandas as pd

from emolib.evaluation.prose import join_words, verdict
from emolib.evaluation.uncertainty import Interval
from emolib.interpretation.map_quality import (
    EMOTION,
    EMOTION_OF_OTHERS,
    PERSON,
    Agreement,
    gain_difference,
)
from emolib.interpretation.representations import RANDOM_CNN, RANDOM_LSTM, cnn_name, lstm_name
from emolib.interpretation.tsne import FaceMap
from emolib.interpretation.tsne_tables import Agreements, Placement
from emolib.models.inspection import InspectedRun
from emolib.models.networks import network_spec

TRUSTED = 0.8
"""Trustworthiness below which the chapter warns of a map."""


def opening(
    runs: Mapping[str, InspectedRun],
    corpus: pd.DataFrame,
    shown: pd.DataFrame,
    maps: Mapping[str, FaceMap],
    clip: str = "",
) -> dict[str, str | int]:
    """Return what the chapter says of the faces and networks that it maps, by key."""
    described = [
        f"{lstm_name(run).removeprefix('LSTM, ')}: {network_spec(run.spec.network).display}, "
        f"seed {run.spec.seed}"
        for run in runs.values()
    ]
    *_, main = runs.values()
    backbone = cnn_name(main).removeprefix("CNN, ")
    others = [
        f"{lstm_name(run).removeprefix('LSTM, ')} ({cnn_name(run).removeprefix('CNN, ')})"
        for run in runs.values()
        if cnn_name(run) != cnn_name(main)
    ]
    networks = f"the networks are {join_words(described)}."
    if others:
        networks += (
            f" The backbone of {join_words(others)} is not {backbone}: what differs between maps "
            "of different backbones may be due to these as well as to the task."
        )
    return {
        "corpus_faces": f"{len(corpus):,}",
        "faces": f"{len(shown):,}",
        "n_maps": len(maps),
        "main": backbone,
        "networks": networks,
        "controls": f"{backbone} with random weights, and the LSTM of the "
        f"{lstm_name(main).removeprefix('LSTM, ')} network as it is before training.",
        "newcomers": "the faces of the clip" if clip else "faces of the test people",
    }


def answers(
    agreements: Agreements,
    cnn: str,
    trained: Sequence[str],
    *,
    people: Sequence[str],
    confidence: float,
) -> dict[str, str]:
    """Return the sentences on what is near, by key.

    Parameters
    ----------
    agreements : mapping
        See `emolib.interpretation.tsne_tables.ask_maps`.
    cnn : str
        Name of the map of the features of the CNN.
    trained : sequence of str
        Names of the maps of trained LSTMs; the last belongs to the CNN and the controls.
    people, confidence
        As in `nearness_sentence`.
    """
    asked = {"people": people, "confidence": confidence}
    names = [cnn, trained[-1]]
    return {
        "nearness": " ".join(nearness_sentence(agreements[x], x, **asked) for x in names),
        "strangers": " ".join(strangers_sentence(agreements[x], x, **asked) for x in names),
        "control_cnn": control_sentence(agreements, cnn, RANDOM_CNN, **asked),
        "control_lstm": control_sentence(agreements, trained[-1], RANDOM_LSTM, **asked),
        "learned": control_sentence(agreements, trained[-1], cnn, **asked),
    }


def trust_sentence(quality: pd.DataFrame) -> str:
    """Say how far the maps are to be trusted, and which are not.

    Parameters
    ----------
    quality : DataFrame
        See `emolib.interpretation.tsne_tables.quality_table`.
    """
    values = quality["trustworthiness"]
    doubtful = list(quality.loc[~(values >= TRUSTED), "map"])
    sentence = f"Here it is {values.min():.2f} to {values.max():.2f}."
    if doubtful:
        names = join_words(_quoted(name) for name in doubtful)
        sentence += f" Below {TRUSTED:g}, and so not to be read by eye: {names}."
    return sentence


def nearness_sentence(
    answers: Mapping[str, Agreement], name: str, people: Sequence[str], confidence: float
) -> str:
    """Say what is near on a map: the same person, the same emotion, or neither.

    Parameters
    ----------
    answers : mapping
        Of one map, by question.
    name : str
        Its name.
    people : sequence of str
        Those who ask.
    confidence : float
        Of the intervals, in (0, 1).
    """
    person, emotion = first, second = answers[PERSON].of(people), answers[EMOTION].of(people)
    difference = gain_difference(person, emotion, confidence)
    found = {
        "higher": "The same person is nearer than the same emotion",
        "lower": "The same emotion is nearer than the same person",
        "undecided": "Whether the same person or the same emotion is nearer cannot be told",
    }[verdict(difference.low, difference.high)]
    if difference.high < 0:  # what the sentence names first comes first in its numbers
        first, second = emotion, person
        difference = gain_difference(first, second, confidence)
    return (
        f"On the map {_quoted(name)}, {person.share:.0%} of the neighbours show the same person, "
        f"where {person.chance:.0%} would by chance, and {emotion.share:.0%} show the same "
        f"emotion, where {emotion.chance:.0%} would. {found}: "
        f"gains of {_number(first.gain)} and {_number(second.gain)}, {_difference(difference)}."
    )


def strangers_sentence(
    answers: Mapping[str, Agreement], name: str, people: Sequence[str], confidence: float
) -> str:
    """Say whether similar expressions of different people are near each other on a map.

    Parameters
    ----------
    answers, name, people, confidence
        As in `nearness_sentence`.
    """
    answer = answers[EMOTION_OF_OTHERS].of(people)
    gain, low, high = answer.interval(confidence)
    numbers = (
        f"{answer.share:.0%} of the neighbours among other people show the same emotion, where "
        f"{answer.chance:.0%} would by chance, a gain of {_number(gain)}"
    )
    if low != low:  # NaN: one person, or none
        return f"On the map {_quoted(name)}, {numbers}; an interval takes more people."
    found = {
        "higher": "the same emotion of different people is near",
        "lower": "the same emotion of different people is even kept apart",
        "undecided": "it is not shown that the same emotion of different people is near",
    }[verdict(low, high)]
    limits = f"{_number(low)} to {_number(high)}"
    return (
        f"On the map {_quoted(name)}, {found}: {numbers} "
        f"({confidence:.0%} interval over people {limits})."
    )


def control_sentence(
    agreements: Agreements,
    trained: str,
    control: str,
    people: Sequence[str],
    confidence: float,
) -> str:
    """Say whether training brought the same emotion of different people nearer than its absence.

    Parameters
    ----------
    agreements : mapping
        See `emolib.interpretation.tsne_tables.ask_maps`.
    trained, control : str
        Two of its maps.
    people : sequence of str
        Those who ask.
    confidence : float
        Of the interval, in (0, 1).
    """
    a, b = (agreements[name][EMOTION_OF_OTHERS].of(people) for name in (trained, control))
    difference = gain_difference(a, b, confidence)
    found = {
        "higher": "brings the same emotion of different people nearer than",
        "lower": "keeps the same emotion of different people farther apart than",
        "undecided": "cannot be told in this from",
    }[verdict(difference.low, difference.high)]
    return (
        f"{_quoted(trained)} {found} {_quoted(control)}: gains of {_number(a.gain)} and "
        f"{_number(b.gain)}, {_difference(difference)}."
    )


def draw_sentence(measures: pd.DataFrame, alpha: float = 0.05) -> str:
    """Say in how many draws of one face per video the same emotion is near.

    Parameters
    ----------
    measures : DataFrame
        See `emolib.interpretation.tsne_tables.draw_faces`.
    alpha : float
        A corrected p-value of at most that counts as more than chance.
    """
    if measures.empty:
        return "This corpus has too few videos for a map with one face of each."
    near = int((measures["p_holm"] <= alpha).sum())
    gains = f"{_number(measures['gain'].min())} to {_number(measures['gain'].max())}"
    found = f"in {near} of {len(measures)} draws" if near else "in none of the draws"
    return (
        f"With one face per video, {found} more neighbours show the same emotion than dealing the "
        f"emotions at random explains; the gains are {gains}."
    )


def placed_sentence(table: pd.DataFrame, placements: Mapping[str, Placement]) -> str:
    """Say whether newcomers came to lie beside their neighbours, and among their emotion.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.tsne_tables.placed_table`.
    placements : mapping of str to Placement
        The same maps.
    """
    sentences = [kept_sentence(placements)]
    for name, rows in table.groupby("map", sort=False):
        found: dict[str, list[str]] = {"higher": [], "undecided": [], "lower": []}
        for row in rows.itertuples():
            text = f"{row.question} (gain {_number(row.gain)})"
            found[verdict(row.low, row.high)].append(text)
        endings = {
            "higher": "more than by chance in",
            "undecided": "not to be told from chance in",
            "lower": "less than by chance in",
        }
        parts = [f"{end} {join_words(found[key])}" for key, end in endings.items() if found[key]]
        sentences.append(
            f"On the map {_quoted(name)}, newcomers agree with the faces around them to a degree "
            f"that is {'; '.join(parts)}."
        )
    return " ".join(sentences)


def kept_sentence(placements: Mapping[str, Placement]) -> str:
    """Say how many of the faces nearest in the features lie nearest on the map."""
    kept = [
        f"{each.kept:.0%} on the map {_quoted(name)} ({each.kept_by_chance:.1%} by chance)"
        for name, each in placements.items()
    ]
    return (
        "Of the training faces nearest to a newcomer in the features, those that are nearest on "
        f"the map as well make up {join_words(kept)}."
    )


def clip_sentence(table: pd.DataFrame, placements: Mapping[str, Placement]) -> str:
    """Say among what the faces of a clip, which has no labels, came to lie.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.tsne_tables.neighbour_label_table`.
    placements : mapping of str to Placement
        The same maps.
    """
    sentences = [kept_sentence(placements)]
    not_emotions = {"map", "neighbours kept", "valence", "arousal"}
    for _, row in table.iterrows():
        shares = row.drop(list(not_emotions)).astype(float).dropna().nlargest(2)
        shown = join_words([f"{share:.0%} {emotion}" for emotion, share in shares.items()])
        sentences.append(
            f"Around the faces of the clip, the map {_quoted(row['map'])} shows {shown}, with a "
            f"mean valence of {_number(row['valence'])} and arousal of {_number(row['arousal'])}."
        )
    sentences.append("Whether that is right cannot be said, since the clip has no labels.")
    return " ".join(sentences)


def _difference(difference: Interval) -> str:
    if difference.low != difference.low:
        return f"difference {_number(difference.estimate, '+')}, without an interval"
    limits = f"{_number(difference.low, '+')} to {_number(difference.high, '+')}"
    return f"difference {_number(difference.estimate, '+')}, interval {limits}"


def _quoted(name: str) -> str:
    return f"“{name}”"


def _number(value: float, sign: str = "") -> str:
    if value != value:
        return "–"
    return f"{value:{sign}z.2f}".replace("-", "−")
