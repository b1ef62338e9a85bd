"""Sentences about ablations, which turn when the numbers turn."""

from collections.abc import Iterable, Mapping

import pandas as pd

from emolib.evaluation import published
from emolib.evaluation.ablations import BUILD, OWN, Ablated, chart_rows
from emolib.evaluation.formatting import metric_name
from emolib.evaluation.prose import capital, join_words, verdict
from emolib.labels import DIMENSIONS

NONE = "This build has no ablations; a configuration lists them under “ablations”."

THESIS = {
    "features.preprocessing": (
        "It scales pixels to between −1 and 1 for every backbone, also for VGG, whose ImageNet "
        "weights were trained on BGR pixels from 0 to 255 with their mean taken out"
    ),
    "features.weights": "It takes weights that were trained on ImageNet",
    "training.faces": "It trains on faces with both kinds of label and throws all others away",
    "training.sequence_length": "It reads 60 frames at a time, and gave up 80 as worse",
    "matching.lag": "It gives a face the rating of its own moment, as if raters took no time",
}
"""What the thesis does, by the setting that decides it."""

_WHOSE = {BUILD: "By the labels of the build: ", OWN: "By its own labels: "}
_VERDICTS = {
    "higher": "higher in {}",
    "lower": "lower in {}",
    "unconfirmed": "different by the interval, but not by the corrected p-value, in {}",
    "undecided": "not to be told from the build in {}",
}
_DECIDED = {"higher", "lower"}


def change_rows(settings: pd.DataFrame) -> pd.DataFrame:
    """Return what each ablation changes, as the book prints it.

    Parameters
    ----------
    settings : pandas.DataFrame
        Columns ``name, ablation, setting, thesis, build, ablated``, a row a setting overridden.
    """
    rows = settings.drop(columns="name")
    rows.insert(2, "what the thesis does", rows["setting"].map(THESIS).fillna("–"))
    return rows.rename(columns={"build": "this build", "ablated": "in the ablation"})


def result_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of `emolib.evaluation.ablations.ablation_table` as the book prints it."""
    columns = ["pair", "metric", "faces", "build", "ablated", "difference", "low", "high"]
    return chart_rows(table)[[*columns, "p", "p_holm"]].rename(columns={"pair": "ablation"})


def finding_rows(table: pd.DataFrame, settings: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Say of each ablation what it changed, and what that means for the thesis.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.ablations.ablation_table`.
    settings : pandas.DataFrame
        As for `change_rows`.
    confidence : float
        Of the intervals; a corrected p-value above one minus it confirms no difference.

    Returns
    -------
    pandas.DataFrame
        Columns ``ablation, finding, for the thesis``.
    """
    rows = []
    for name, own in table.groupby("name", sort=False):
        finding = _finding(own, 1 - confidence)
        meaning = _meaning(own, settings[settings["name"] == name], 1 - confidence)
        rows.append((own["ablation"].iloc[0], finding, meaning))
    return pd.DataFrame(rows, columns=["ablation", "finding", "for the thesis"])


def tally_sentence(table: pd.DataFrame, confidence: float) -> str:
    """Say which ablations make a difference that interval and corrected p-value agree on."""
    if table.empty:
        return NONE
    decided = table[_verdicts(table, 1 - confidence).isin(_DECIDED)]
    titles = list(table["ablation"].unique())
    found = list(decided["ablation"].unique())
    things = f"the {len(titles)} things" if len(titles) > 1 else "the one thing"
    if not found:
        return (
            f"Of {things} that were done in another way, none makes a difference in any metric "
            "that interval and corrected p-value agree on."
        )
    return (
        f"Of {things} that were done in another way, {len(found)} "
        f"{'make' if len(found) > 1 else 'makes'} a difference in some metric that interval and "
        f"corrected p-value agree on: {join_words(found)}."
    )


def trained_sentence(compared: Iterable[Ablated]) -> str:
    """Say which networks were trained again for which ablation, with how many seeds."""
    trained: dict[tuple[str, int], list[str]] = {}
    for each in compared:
        key = f"{each.network}, {each.build.kind}", len(each.ablated.seeds)
        trained.setdefault(key, []).append(each.title)
    if not trained:
        return NONE
    parts = [
        f"{network}, with {seeds} {'seeds' if seeds > 1 else 'seed'} ({join_words(titles)})"
        for (network, seeds), titles in trained.items()
    ]
    return f"Trained again, and compared with the same seeds of the build: {'; '.join(parts)}."


def scale_sentence(scales: pd.DataFrame, alike: float = 3.0) -> str:
    """Say how large the features of ablations are, and warn where that may be all that matters.

    Parameters
    ----------
    scales : pandas.DataFrame
        Columns ``ablation, backbone, ratio`` to the build; there may be no row.
    alike : float
        Up to this many times as large or small, features are no reason to warn.
    """
    if scales.empty:
        return "No ablation of this build puts faces through a backbone in another way."
    parts = [f"{row.ratio:.1f} for {row.ablation}" for row in scales.itertuples()]
    sentence = (
        "The size of an ablation's features (their root mean square), as a multiple of the "
        f"build's, is {join_words(parts)}."
    )
    far = (scales["ratio"] > alike) | (scales["ratio"] < 1 / alike)
    if far.any():
        names = join_words(scales.loc[far, "ablation"].unique())
        sentence += (
            f" What is lost or gained by {names} may therefore be due to the size of what the LSTM "
            "reads, which saturates by large numbers and hardly stirs at small ones, and not to "
            "what the features tell."
        )
    return sentence


def unused_sentence(samples: pd.DataFrame) -> str:
    """Say how many faces with valence and arousal lack a category, which the thesis leaves out.

    Parameters
    ----------
    samples : pandas.DataFrame
        All faces, with ``emotion`` (empty where there is none), ``valence`` and ``arousal``.
    """
    printed = published.counts()
    left_out = printed["faces with valence and arousal"] - printed["faces with both kinds of label"]
    rated = samples[list(DIMENSIONS)].notna().all(axis=1)
    lacking = rated & (samples["emotion"].fillna("") == "")
    here = "in this corpus every face with valence and arousal has a category"
    if lacking.any():
        here = (
            f"in this corpus they are {lacking.sum():,} of {rated.sum():,} faces with valence and "
            f"arousal ({lacking.sum() / rated.sum():.0%})"
        )
    return f"The thesis had {left_out:,} such faces and trained no network on them; {here}."


def length_sentence(table: pd.DataFrame, settings: pd.DataFrame, confidence: float) -> str:
    """Say what ablations of the length of sequences found, which change nothing else.

    Parameters
    ----------
    table, settings, confidence
        As for `finding_rows`.
    """
    only = settings[settings.groupby("name")["setting"].transform("size") == 1]
    tried = only[only["setting"] == "training.sequence_length"]
    mine = table[table["name"].isin(tried["name"])]
    if mine.empty:
        return "This build tried no other length of sequences."
    opening = f"Beside sequences of {tried['build'].iloc[0]} frames, this build tried others."
    found = [
        f"{capital(row.ablation)}: {row.finding[0].lower()}{row.finding[1:]}"
        for row in finding_rows(mine, settings, confidence).itertuples()
    ]
    return " ".join([opening, *found])


def lag_sentence(tables: Mapping[str, pd.DataFrame]) -> str:
    """Say how late ratings are estimated to be.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Of `emolib.data.lag.estimate_lag`, by where it was estimated; there may be none.
    """
    if not tables:
        return "This build estimates no lag; “lag: estimate” under “matching” asks for it."
    sentences = []
    for where, table in tables.items():
        chosen, at_zero = table[table["chosen"]].iloc[0], table.iloc[0]
        sentences.append(
            f"For {where}, ratings go best with the faces of those who train when they are taken "
            f"to be {chosen.lag:.1f} s late; the concordance of the simple regression is then "
            f"{chosen.score:.2f}, and {at_zero.score:.2f} without a lag.".replace("-", "−")
        )
    return " ".join(sentences)


def _verdicts(table: pd.DataFrame, alpha: float) -> pd.Series:
    """Return `verdict` of each row, unconfirmed where the corrected p-value does not agree."""
    found = pd.Series([verdict(row.low, row.high) for row in table.itertuples()], table.index)
    agrees = (found == "undecided") | (table["p_holm"] <= alpha)
    return found.where(agrees, "unconfirmed")


def _finding(rows: pd.DataFrame, alpha: float) -> str:
    """Put all comparisons of one ablation into a sentence for each network and set of labels."""
    several = rows["network"].add(rows["kind"]).nunique() > 1
    relabelled = rows["labels"].nunique() > 1
    sentences = []
    for (network, kind, labels), own in rows.groupby(["network", "kind", "labels"], sort=False):
        start = f"{network}, {kind}: " if several else ""
        start += _WHOSE[labels] if relabelled else ""
        found = _verdicts(own, alpha)
        parts = [
            _VERDICTS[each].format(
                join_words(map(_with_difference, own[found == each].itertuples()))
            )
            for each in _VERDICTS
            if (found == each).any()
        ]
        sentences.append(f"{start}{'; '.join(parts)}.")
    return " ".join(map(capital, sentences))


def _with_difference(row) -> str:
    difference = f"{row.difference:+z.2f}".replace("-", "−")
    name = metric_name(row.metric)
    return f"{name if name[1].isupper() else name[0].lower() + name[1:]} ({difference})"


def _meaning(rows: pd.DataFrame, settings: pd.DataFrame, alpha: float) -> str:
    """Say what an ablation tells about the way of the thesis."""
    found = set(_verdicts(rows, alpha)) & _DECIDED
    as_built = (settings["build"] == settings["thesis"]).all()
    as_ablated = (settings["ablated"] == settings["thesis"]).all()
    if not (as_built or as_ablated):
        return "Neither side does what the thesis does, so this bears on it by analogy only."
    if not found:
        return "Whether the way of the thesis costs anything cannot be told with these people."
    if len(found) > 1:
        return "The way of the thesis is better in one respect and worse in another."
    thesis_is_better = found == ({"lower"} if as_built else {"higher"})
    return f"The way of the thesis is the {'better' if thesis_is_better else 'worse'} one here."
