"""A datasheet: what whoever uses a corpus should know, as questions with computed answers.

The questions follow Gebru et al. (2021), as far as a program can answer them from the corpus. What
a corpus does not state about itself is said to be not stated.

References
----------
Gebru, T., Morgenstern, J., Vecchione, B., Vaughan, J. W., Wallach, H., Daumé III, H., and
Crawford, K. (2021). Datasheets for datasets. Communications of the ACM 64(12), 86-92.
doi:10.1145/3458723
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from emolib.evaluation.corpus import agreement_sentence, agreement_table
from emolib.evaluation.corpus_prose import whole_percent
from emolib.evaluation.prose import count_words, join_words
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS
from emolib.storage import read_json, value_hash

NOT_STATED = "not stated by the corpus"

COLUMNS = ["about", "question", "answer"]

FACTS = ("name", "purpose", "consent", "licence", "citation", "homepage")
"""What only the corpus itself can say."""

SIMULATED = {
    "name": "the simulated corpus of this software",
    "purpose": (
        "to run every part of this software without a download; it says nothing about people"
    ),
    "consent": "nobody is shown: every face is drawn by a program",
    "licence": "none needed: the corpus was simulated by this program",
    "homepage": "none: it is made anew in each build",
}


def corpus_facts(path: Path, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return what is stated about a corpus as a whole: any of `FACTS`.

    Parameters
    ----------
    path : Path
        ``corpus.json`` of a workspace, with what the makers of the corpus state; not read for a
        simulated corpus, which was made here.
    settings : mapping
        Section ``corpus`` of the configuration: ``kind``, and for a simulated corpus ``seed``.
    """
    if settings["kind"] != "simulated":
        return read_json(path)
    seed = f"this software, with the seed {settings['seed']} of the simulation"
    return SIMULATED | {"citation": seed}


def datasheet(
    videos: pd.DataFrame,
    samples: pd.DataFrame,
    dimensional: pd.DataFrame,
    categorical: pd.DataFrame,
    problems: Mapping[str, pd.DataFrame],
    facts: Mapping[str, str],
    detector: str,
) -> pd.DataFrame:
    """Answer the questions of a datasheet.

    Parameters
    ----------
    videos : pandas.DataFrame
        Usable videos: video, sha256, duration (s), mean_fps, variable_fps, width, height (px).
    samples : pandas.DataFrame
        All faces: video, track, person, valence, arousal, emotion, split, confidence, status.
    dimensional, categorical : pandas.DataFrame
        The annotations.
    problems : mapping
        See `emolib.evaluation.corpus.read_problems`.
    facts : mapping of str
        Any of `FACTS`, see `corpus_facts`.
    detector : str
        What found the faces.

    Returns
    -------
    pandas.DataFrame of str
        Columns `COLUMNS`.
    """
    stated = {key: facts.get(key) or NOT_STATED for key in FACTS}
    rows = [
        ("motivation", "What is it called?", stated["name"]),
        ("motivation", "What was it made for?", stated["purpose"]),
        ("composition", "What does it hold?", _instances(samples, videos)),
        ("composition", "How long are the videos?", _durations(videos["duration"])),
        ("composition", "How large are the pictures?", _sizes(videos)),
        ("composition", "At which rate were they taken?", _rates(videos)),
        ("composition", "Which labels are there?", _labels(samples)),
        ("composition", "What is missing?", _missing(samples, problems)),
        ("composition", "Which people are in which part?", _parts(samples)),
        ("composition", "Did the people in it consent?", stated["consent"]),
        ("collection", "Who rated it?", _raters(dimensional, categorical)),
        (
            "collection",
            "Do raters agree?",
            agreement_sentence(agreement_table(dimensional, categorical)),
        ),
        ("processing", "How were faces found?", _faces(samples, detector)),
        ("distribution", "Under which licence?", stated["licence"]),
        ("distribution", "What is to be cited?", stated["citation"]),
        ("distribution", "Where does it come from?", stated["homepage"]),
        ("maintenance", "Which version is this?", _version(videos)),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _instances(samples: pd.DataFrame, videos: pd.DataFrame) -> str:
    people = samples.groupby("video")["person"].nunique()
    several = int((people > 1).sum())
    who = f"{several:,} of which show" if several else "none of which shows"
    who = "1 of which shows" if several == 1 else who
    return (
        f"{count_words(len(samples), 'face')} in "
        f"{count_words(samples['track'].nunique(), 'track')} of "
        f"{count_words(samples['person'].nunique(), 'person', 'people')}, from "
        f"{count_words(len(videos), 'video')}, {who} several people"
    )


def _durations(seconds: pd.Series) -> str:
    quartiles = [f"{value:.1f}" for value in seconds.quantile([0.25, 0.5, 0.75])]
    each = f"the quartiles of a video are {join_words(quartiles)} s"
    if len(set(quartiles)) == 1:
        alike = seconds.map("{:.1f}".format).nunique() == 1
        each = f"{'each lasts' if alike else 'at least half of the videos last'} {quartiles[0]} s"
    return f"{_time(seconds.sum())} in all; {each}"


def _sizes(videos: pd.DataFrame, most: int = 3) -> str:
    sizes = videos.groupby(["width", "height"]).size().sort_values(ascending=False, kind="stable")
    listed = [
        f"{width} × {height} px ({count_words(n, 'video')})"
        for (width, height), n in sizes.head(most).items()
    ]
    others = len(sizes) - most
    return join_words([*listed, count_words(others, "other size")] if others > 0 else listed)


def _rates(videos: pd.DataFrame) -> str:
    rates, variable = videos["mean_fps"].dropna(), int(videos["variable_fps"].sum())
    if rates.empty:
        return "no video has two pictures"
    low, high = f"{rates.min():.4g}", f"{rates.max():.4g}"
    spread = f"{low}" if low == high else f"{low} to {high}"
    at = "a constant rate in every video"
    if variable:
        at = f"a variable rate in {variable:,} of {count_words(len(videos), 'video')}"
    return f"{spread} frames per second, at {at}"


def _labels(samples: pd.DataFrame) -> str:
    dimensional, categories = samples[list(DIMENSIONS)].dropna(), samples["emotion"]
    counts = categories.value_counts()
    listed = [f"{emotion} {counts.get(emotion, 0):,}" for emotion in EMOTIONS]
    ranges = [
        f"{name} from {values.min():.2f} to {values.max():.2f}".replace("-", "−")
        for name, values in dimensional.items()
        if len(values)
    ]
    return (
        f"valence and arousal of {len(dimensional):,} faces"
        + (f" ({join_words(ranges)})" if ranges else "")
        + f"; a category of {(categories != '').sum():,} ({', '.join(listed)})"
    )


def _missing(samples: pd.DataFrame, problems: Mapping[str, pd.DataFrame]) -> str:
    lacks = {
        "valence and arousal": int(samples[list(DIMENSIONS)].isna().any(axis=1).sum()),
        "a category": int((samples["emotion"] == "").sum()),
    }
    without = join_words(
        f"{what} of {count_words(number, 'face')} ({whole_percent(number, len(samples))})"
        if number
        else f"{what} of no face"
        for what, number in lacks.items()
    )
    stages = [
        f"{len(table):,} in the stage {stage}" for stage, table in problems.items() if len(table)
    ]
    return f"{without}; " + (
        f"problems met: {join_words(stages)}" if stages else "no stage met a problem"
    )


def _parts(samples: pd.DataFrame) -> str:
    people = samples.groupby("split")["person"].nunique()
    listed = [f"{people.get(split, 0):,} in {split}" for split in SPLITS]
    return join_words([*listed, *([f"{people['']:,} in none"] if "" in people else [])])


def _raters(dimensional: pd.DataFrame, categorical: pd.DataFrame) -> str:
    said = []
    for what, annotations in (("valence and arousal", dimensional), ("categories", categorical)):
        raters = annotations.groupby("track")["rater"].nunique()
        if raters.empty:
            said.append(f"{what}: nobody")
            continue
        each = sorted({int(raters.min()), int(raters.max())})
        said.append(
            f"{what}: {' to '.join(map(str, each))} {'rater' if each[-1] == 1 else 'raters'} "
            f"in each of {count_words(len(raters), 'track')}"
        )
    passes = int(categorical["pass"].max()) if len(categorical) else 0
    ending = {0: "", 1: ", in one pass"}.get(passes, f", in up to {passes:,} passes")
    return "; ".join(said) + ending


def _faces(samples: pd.DataFrame, detector: str) -> str:
    by_person = samples["status"].value_counts()
    reviewed = [
        f"{by_person[status]:,} {status} by a person"
        for status in ("corrected", "rejected")
        if status in by_person
    ]
    return (
        f"by the detector {detector}, {samples['confidence'].notna().mean():.0%} of them in their "
        "own frame, the others between two; "
        + (join_words(reviewed) if reviewed else "none was reviewed by a person")
    )


def _version(videos: pd.DataFrame) -> str:
    return f"the one whose videos have the common hash {value_hash(sorted(videos['sha256']))}"


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 5400 else f"{seconds / 60:.1f} minutes"
