"""Sentences on how alike representations are, computed so that they turn when the numbers turn."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from emolib.evaluation.formatting import kind_title
from emolib.evaluation.prose import join_words, verdict
from emolib.evaluation.uncertainty import Interval
from emolib.interpretation.similarity import (
    HALF_TRAINED,
    KINDS,
    OTHER_BACKBONE,
    SAME_KIND,
    SAME_NETWORK,
    UNTRAINED,
    Relations,
    between_kinds,
)
from emolib.interpretation.svcca import chance_correlation, effective_faces

TOLERANCE = 0.05
"""By how much SVCCA may miss a known answer; chance itself moves it by a few hundredths."""


def checks_sentence(table: pd.DataFrame) -> str:
    """Say whether SVCCA gives the answers that are known.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.similarity.known_answers`.
    """
    known = table.dropna(subset=["expected"])
    if known.empty:
        return "The layer answers the same to every face, so nothing can be checked on it."
    missed = (known["svcca"] - known["expected"]).abs()
    if missed.max() <= TOLERANCE:
        return (
            f"SVCCA gives the answer that is known in all {len(known)} cases, to within "
            f"{max(missed.max(), 0.005):.2f}."
        )
    worst = known.loc[missed.idxmax()]
    return (
        f"SVCCA misses a known answer: with {worst['compared_with']} it should be "
        f"{worst['expected']:.2f} and is {worst['svcca']:.2f}, so nothing below can be relied on; "
        "raise interpretation.svcca_faces."
    )


def worth_sentence(table: pd.DataFrame, faces: int) -> str:
    """Say what the resemblance of frames and faces costs.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.similarity.known_answers`; its last row is that on other faces.
    faces : int
        Number of faces compared.
    """
    if table.empty:
        return "There is no chance level to give."
    size, unrelated = int(table["directions"].iloc[-1]), table["svcca"].iloc[-1]
    chance = chance_correlation(faces, size, size)
    worth = effective_faces(unrelated, faces, size, size)
    sides = f"on other faces {unrelated:.2f}, independent random numbers {chance:.2f}"
    if worth >= faces:
        return f"Its {size} directions reach {sides}: as if all faces were strangers."
    return (
        f"Its {size} directions reach {sides}: for this measure the {faces:,} faces are worth "
        f"about {worth:,.0f} independent ones."
    )


def layers_sentence(pairs: pd.DataFrame, layers: Sequence[str]) -> str:
    """Say where the representation changes most from one layer to the next.

    Parameters
    ----------
    pairs : DataFrame
        See `emolib.interpretation.similarity.pair_table`.
    layers : sequence of str
        Its layers, from first to last, as far as each reads the one before.
    """
    found = pairs.set_index(["first", "second"])
    steps = [step for step in zip(layers, layers[1:], strict=False) if step in found.index]
    values = found.loc[steps].dropna(subset=["svcca"]) if steps else found.iloc[:0]
    if values.empty:
        return "There are no two layers in a row to compare."
    first, second = values["svcca"].idxmin()
    lowest = values.loc[(first, second)]
    most = values["svcca"].max()
    ends = ""
    if (layers[0], layers[-1]) in found.index and len(layers) > 2:
        end = found.loc[(layers[0], layers[-1])]
        ends = (
            f" Between {layers[0]} and {layers[-1]}, the ends of this path, it is "
            f"{end['svcca']:.2f} ({end['other_faces']:.2f} on other faces)."
        )
    return (
        f"From one layer to the next it is lowest between {first} and {second}, "
        f"{lowest['svcca']:.2f} ({lowest['other_faces']:.2f} on other faces), and at most "
        f"{most:.2f}.{ends}"
    )


def seeds_sentence(table: pd.DataFrame) -> str:
    """Say which layers other seeds find again, and whether training is the reason.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.lineup.seed_table`.
    """
    known = table.dropna(subset=["svcca"])
    if known.empty:
        return "There is no run of the same network from another seed to compare this one with."
    lowest, highest = known.loc[known["svcca"].idxmin()], known.loc[known["svcca"].idxmax()]
    gained = known[known["low"] > known["untrained"]]["layer"]
    if len(known) == 1:
        agreed = f"{highest['svcca']:.2f} ({highest['layer']})"
    elif highest["low"] > lowest["high"]:
        agreed = f"highest in {_layer(highest)} and lowest in {_layer(lowest)}"
    else:
        agreed = f"{lowest['svcca']:.2f} to {highest['svcca']:.2f} from layer to layer"
        if not known["low"].isna().all():
            agreed += ", with intervals that overlap, so that layers are not put in an order"
    if known["low"].isna().all():
        rest = "With fewer than two people there is no interval, so nothing is concluded."
    elif gained.empty:
        rest = (
            "In no layer is that more, beyond the interval, than what it shares with networks "
            "that were never trained."
        )
    else:
        which = "every layer" if len(gained) == len(known) else join_words(gained)
        rest = (
            f"In {which} that is more, beyond the interval, than what it shares with networks "
            "that were never trained."
        )
    return f"SVCCA with networks from other seeds is {agreed}. {rest}"


def backbones_sentence(table: pd.DataFrame) -> str:
    """Say how alike the features of different backbones are, and of random ones.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.lineup.feature_table`.
    """
    is_random = table["backbones"].str.contains(" random")
    trained, random = table[~is_random], table[is_random]
    compared = f"{len(trained)} pair{'s' if len(trained) > 1 else ''} of trained backbones"
    with_random = random["svcca"].max()
    if trained.empty:
        return (
            "This build has one backbone; its features and those of the same one with random "
            f"weights have an SVCCA of {with_random:.2f}, {random['other_faces'].max():.2f} on "
            "other faces."
        )
    clear = int((trained["low"] > with_random).sum())
    values = f"{trained['svcca'].min():.2f}"
    if len(trained) > 1:
        values += f" to {trained['svcca'].max():.2f}"
    text = (
        f"Between the features of {compared} SVCCA is {values}, and at most {with_random:.2f} "
        "between a trained and a random one"
    )
    if trained["low"].isna().all():
        return f"{text}; there is no interval for a single person, so nothing is concluded."
    return f"{text}; the former is higher, beyond its interval, in {clear} of {len(trained)}."


def training_sentence(found: Relations, confidence: float) -> str:
    """Say whether training makes the LSTMs of one network from several seeds alike."""
    values = found.table.set_index("relation")
    if SAME_NETWORK not in values.index:
        return "This build trained no network from two seeds, so seeds cannot be compared."
    row = values.loc[SAME_NETWORK]
    text = (
        f"Trained from another seed, a network's LSTM has with the first an SVCCA of "
        f"{row['svcca']:.2f}{_limits(row['low'], row['high'], confidence)}, "
        f"{row['other_faces']:.2f} on other faces."
    )
    for name, what in (
        (UNTRAINED, "two that were never trained"),
        (HALF_TRAINED, "a trained and an untrained one"),
    ):
        difference = found.difference(SAME_NETWORK, name, confidence)
        if difference is not None:
            text += f" {_difference(difference, 'Two such LSTMs are', what, confidence)}"
            text += _few(int(values.loc[name, "pairs"]))
    return text


def kinds_sentence(found: Relations, confidence: float) -> str:
    """Say whether networks of another kind differ more than networks from another seed do."""
    compared: dict[str, dict[str, Interval]] = {}
    for first, second in combinations(KINDS, 2):
        difference = found.difference(SAME_KIND, between_kinds(first, second), confidence)
        reference = "Two networks that differ only behind the LSTM are"
        if difference is None:
            difference = found.difference(SAME_NETWORK, between_kinds(first, second), confidence)
            reference = "Two networks that differ only in the seed are"
        if difference is not None:
            what = f"a {kind_title(first)} and a {kind_title(second)} one"
            compared.setdefault(reference, {})[what] = difference
    if not compared:
        return "This build lacks the networks that it takes to compare the kinds on one backbone."
    return " ".join(
        _differences(others, reference, confidence) for reference, others in compared.items()
    )


def nearer_sentence(found: Relations, confidence: float) -> str:
    """Say whether the combined networks encode rather what category or dimensional ones do."""
    names = [between_kinds(kind, "combined") for kind in ("category", "dimensional")]
    difference = found.difference(*names, confidence)
    if difference is None:
        return "Whether combined networks resemble either single kind more cannot be said here."
    numbers = _numbers(difference, confidence)
    nearer = {"higher": "category", "lower": "dimensional"}.get(
        verdict(difference.low, difference.high)
    )
    if nearer is None:
        return (
            "It cannot be told whether the LSTM of a combined network is more like that of a "
            f"category-only or of a dimensional-only one ({numbers})."
        )
    return (
        f"The LSTM of a combined network is more like that of a {kind_title(nearer)} network than "
        f"like that of the other kind ({numbers})."
    )


def across_sentence(found: Relations, confidence: float) -> str:
    """Say whether the seed or the backbone makes the greater difference."""
    difference = found.difference(SAME_KIND, OTHER_BACKBONE, confidence)
    if difference is None:
        difference = found.difference(SAME_NETWORK, OTHER_BACKBONE, confidence)
    if difference is None:
        return "This build has no two backbones under the same kind of network."
    return _difference(
        difference,
        "Two networks of one kind on one backbone are",
        "two of one kind on different backbones",
        confidence,
    )


ON_RELATIONS = {
    "training": training_sentence,
    "kinds": kinds_sentence,
    "nearer": nearer_sentence,
    "across": across_sentence,
}
"""The sentences on the relations of runs, by the name under which a chapter prints them."""


def _difference(difference: Interval, subject: str, other: str, confidence: float) -> str:
    return _differences({other: difference}, subject, confidence)


def _differences(others: Mapping[str, Interval], subject: str, confidence: float) -> str:
    """Say in a sentence for each outcome what pairs are more alike than others, or less."""
    outcomes: dict[str, list[str]] = {}
    for other, difference in others.items():
        outcome = verdict(difference.low, difference.high)
        outcomes.setdefault("" if math.isnan(difference.low) else outcome, []).append(other)
    sentences = []
    for outcome, names in outcomes.items():
        numbers = [_numbers(others[name], confidence, brief=name != names[0]) for name in names]
        what = join_words(f"{n} ({each})" for n, each in zip(names, numbers, strict=True))
        sentences.append(
            {
                "higher": f"{subject} more alike than {what}.",
                "lower": f"{subject} less alike than {what}.",
                "undecided": f"{subject} not clearly more or less alike than {what}.",
                "": f"Whether {subject[0].lower()}{subject[1:]} more or less alike than {what} "
                "cannot be said of a single person.",
            }[outcome]
        )
    return " ".join(sentences)


def _numbers(difference: Interval, confidence: float, brief: bool = False) -> str:
    text = f"{'' if brief else 'difference in SVCCA '}{difference.estimate:+z.2f}"
    if not math.isnan(difference.low):
        text += ", " if brief else f", {confidence:.0%} interval over people "
        text += f"{difference.low:+z.2f} to {difference.high:+z.2f}"
    return text.replace("-", "−")


def _few(pairs: int, enough: int = 10) -> str:
    """Return the warning that a mean over few pairs of networks needs; empty for many."""
    if pairs >= enough:
        return ""
    number = f"are only {pairs} pairs" if pairs > 1 else f"is only {pairs} pair"
    return (
        f" Of the latter there {number}, "
        "and an interval over people does not say what others would do."
    )


def _layer(row: pd.Series) -> str:
    size = int(row["directions"])
    several = f"{size} direction{'s' * (size > 1)}"
    return f"{row['layer']} ({row['svcca']:.2f}, {row['low']:.2f} to {row['high']:.2f}; {several})"


def _limits(low: float, high: float, confidence: float) -> str:
    if math.isnan(low):
        return ""
    return f" ({confidence:.0%} interval over people {low:.2f} to {high:.2f})"
