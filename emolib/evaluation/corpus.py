"""What a corpus holds: counts beside the published ones, recordings, gaps, raters, parts."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pandas as pd

from emolib.evaluation.agreement import categorical_agreement, dimensional_agreement
from emolib.evaluation.formatting import small_share
from emolib.evaluation.prose import count_words
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

PUBLISHED = resources.files("emolib.evaluation") / "published"
"""Folder of the numbers that the thesis printed, one file a table."""

PROBLEM_COLUMNS = ["stage", "item", "problem"]

COEFFICIENTS = {
    "mean_ccc": "ccc_of_two",
    "icc_2_1": "intraclass_correlation",
    "kappa": "kappa",
    "agreement": "agreement",
}
"""Columns of the tables of `emolib.evaluation.agreement` -> columns of `agreement_table`."""


def corpus_table(videos: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Count videos, people and faces beside the counts of the thesis (chapter 4, section 6.1).

    Parameters
    ----------
    videos : pandas.DataFrame
        Usable videos, one row each.
    samples : pandas.DataFrame
        All faces: video, track, person, valence (NaN where unlabelled), emotion ("" where
        unlabelled).

    Returns
    -------
    pandas.DataFrame
        Columns ``quantity, this_build, published``; undefined where the thesis gives no count.
    """
    dimensional, categorical = _has_dimensions(samples), samples["emotion"] != ""
    people = samples.groupby("video")["person"].nunique()
    counts = {
        "videos": len(videos),
        "people": samples["person"].nunique(),
        "tracks": samples["track"].nunique(),
        "videos with several people": int((people > 1).sum()),
        "faces": len(samples),
        "faces with valence and arousal": int(dimensional.sum()),
        "faces with a category": int(categorical.sum()),
        "faces with both kinds of label": int((dimensional & categorical).sum()),
    }
    published = pd.read_csv(PUBLISHED / "dataset.csv").set_index("quantity")["published"]
    table = pd.DataFrame({"quantity": list(counts), "this_build": list(counts.values())})
    return table.assign(published=table["quantity"].map(published).astype("Int64"))


def recordings_table(videos: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Say how videos and faces vary in length, rate and size, by quartiles.

    Parameters
    ----------
    videos : pandas.DataFrame
        Usable videos: video, duration (s), mean_fps (NaN where a video has none), width, height
        (px).
    samples : pandas.DataFrame
        All faces: video, valence, arousal, emotion, w (px).

    Returns
    -------
    pandas.DataFrame
        Columns ``quantity, smallest, lower_quartile, median, upper_quartile, largest, total``;
        whole numbers of faces and px; the total is undefined where a sum means nothing.
    """
    usable = samples[_has_dimensions(samples) & (samples["emotion"] != "")]
    per_video = {
        name: rows.groupby("video").size().reindex(videos["video"], fill_value=0)
        for name, rows in (("faces", samples), ("usable faces", usable))
    }
    series = {  # values, whether they add up, whether they are whole numbers
        "duration of a video (s)": (videos["duration"], True, False),
        "frames per second": (videos["mean_fps"], False, False),
        "width of a picture (px)": (videos["width"], False, True),
        "height of a picture (px)": (videos["height"], False, True),
        "faces in a video": (per_video["faces"], True, True),
        "of these with both kinds of label": (per_video["usable faces"], True, True),
        "width of a face (px)": (samples["w"], False, True),
    }
    quartiles = {
        "smallest": 0,
        "lower_quartile": 0.25,
        "median": 0.5,
        "upper_quartile": 0.75,
        "largest": 1,
    }
    rows = []
    for name, (values, adds_up, whole) in series.items():
        found = values.quantile(list(quartiles.values()))
        row = dict(zip(quartiles, found.round().astype("Int64") if whole else found, strict=True))
        total = values.sum() if adds_up else float("nan")
        rows.append({"quantity": name} | row | {"total": total})
    return pd.DataFrame(rows, dtype=object)  # lest whole numbers become fractions beside others


def read_problems(folder: Path) -> dict[str, pd.DataFrame]:
    """Return what each stage could not use, in whole or in part: stage -> ``stage, item, problem``.

    Parameters
    ----------
    folder : Path
        ``problems/`` of a workspace; a stage that met no problem has an empty table.
    """
    files = sorted(folder.glob("*.csv"))
    return {file.stem: pd.read_csv(file, dtype=str)[PROBLEM_COLUMNS] for file in files}


def missing_table(samples: pd.DataFrame, problems: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count the faces without a label and what the stages of the build could not use.

    Parameters
    ----------
    samples : pandas.DataFrame
        All faces: valence, arousal, emotion, split ("" where a face is in no part).
    problems : mapping
        See `read_problems`.

    Returns
    -------
    pandas.DataFrame
        Columns ``missing, count, share`` (of all faces, in [0, 1], as
        `emolib.evaluation.formatting.small_share` gives it; undefined for what is no face).
    """
    dimensional, categorical = _has_dimensions(samples), samples["emotion"] != ""
    faces = {
        "faces without valence and arousal": ~dimensional,
        "faces without a category": ~categorical,
        "faces without any label": ~(dimensional | categorical),
        "faces of people who are in no part": samples["split"] == "",
    }
    rows = [(name, int(lacks.sum()), small_share(lacks.mean())) for name, lacks in faces.items()]
    rows += [
        (f"problems that the stage {stage} met", len(table), float("nan"))
        for stage, table in problems.items()
    ]
    return pd.DataFrame(rows, columns=["missing", "count", "share"])


def left_out_table(problems: Mapping[str, pd.DataFrame], most: int = 20) -> pd.DataFrame:
    """List what could not be used and why, the first `most` of it; one row says if it is nothing.

    Parameters
    ----------
    problems : mapping
        See `read_problems`.
    most : int
        Rows at most; the last then says how many more there are.
    """
    listed = [table for table in problems.values() if len(table)]
    if not listed:
        return pd.DataFrame(
            [("every stage", "nothing", "everything could be used")], columns=PROBLEM_COLUMNS
        )
    table = pd.concat(listed, ignore_index=True)
    if len(table) <= most:
        return table
    rest = len(table) - most + 1
    more = pd.DataFrame(
        [("…", f"{rest} more", "see problems/ of the build")], columns=PROBLEM_COLUMNS
    )
    return pd.concat([table.head(most - 1), more], ignore_index=True)


def agreement_table(dimensional: pd.DataFrame, categorical: pd.DataFrame) -> pd.DataFrame:
    """Say who rated the corpus, and how far raters of the same tracks agree.

    Parameters
    ----------
    dimensional, categorical : pandas.DataFrame
        The annotations, as `emolib.evaluation.agreement` takes them.

    Returns
    -------
    pandas.DataFrame
        A row each for valence, arousal and category: ``label``; ``tracks``; ``most_raters`` of a
        track; ``tracks_with_several`` and, over those, ``ccc_of_two`` (mean concordance) and
        ``intraclass_correlation`` (ICC(2,1)), or ``kappa`` (Cohen's of two raters, Fleiss' of
        more) and ``agreement`` (share of the time that all labelled alike). NaN where undefined.
    """
    rows = []
    for name in DIMENSIONS:
        rated = dimensional[dimensional[name].notna()]
        found = dimensional_agreement(_rated_by_several(rated))
        rows.append({"label": name} | _raters(rated) | _first(found[found["dimension"] == name]))
    found = categorical_agreement(_rated_by_several(categorical))
    rows.append({"label": "category"} | _raters(categorical) | _first(found.tail(1)))
    counts = ["label", "tracks", "most_raters", "tracks_with_several"]
    return pd.DataFrame(rows).reindex(columns=[*counts, *COEFFICIENTS.values()])


def agreement_sentence(agreement: pd.DataFrame) -> str:
    """Say in a sentence whether raters can be compared, and how far they agree.

    Parameters
    ----------
    agreement : pandas.DataFrame
        See `agreement_table`.
    """
    if not agreement["tracks"].sum():
        return "Nobody rated this corpus."
    if not agreement["tracks_with_several"].sum():
        return (
            "Every track has one rater for each kind of label, so how far people agree about "
            "these faces is not known."
        )
    parts = [_said(row) for row in agreement.itertuples() if row.tracks_with_several]
    return f"Of the tracks with several raters: {'; '.join(parts)}."


def category_split_table(samples: pd.DataFrame) -> pd.DataFrame:
    """Say how common each category is in each split, and how many people show it there.

    Parameters
    ----------
    samples : pandas.DataFrame
        Faces with both kinds of label: split, person, emotion.

    Returns
    -------
    pandas.DataFrame
        One row a category: ``category``; its share of the faces of each split and of all, in
        [0, 1]; and ``<split> people`` who show it, of each split.
    """
    by_split = samples.groupby(["emotion", "split"])["person"].agg(["size", "nunique"])
    faces, people = (
        by_split[count].unstack(fill_value=0).reindex(index=EMOTIONS, fill_value=0)
        for count in ("size", "nunique")
    )
    shares = (faces / faces.sum()).reindex(columns=SPLITS)
    people = people.reindex(columns=SPLITS, fill_value=0).add_suffix(" people")
    table = shares.assign(all=faces.sum(axis=1) / len(samples)).join(people)
    return table.rename_axis("category").reset_index()


def split_table(samples: pd.DataFrame, balance: pd.DataFrame) -> pd.DataFrame:
    """Count people and faces of each split, and say how far its labels are from the whole.

    Parameters
    ----------
    samples : pandas.DataFrame
        Faces with both kinds of label: split, person, valence, arousal.
    balance : pandas.DataFrame
        Distances of each split and of all: ``split, js_emotion, js_valence, js_arousal``.

    Returns
    -------
    pandas.DataFrame
        One row a split, and one for all: people, faces, mean valence, mean arousal, and the
        distances.
    """
    parts = {split: samples[samples["split"] == split] for split in SPLITS} | {"all": samples}
    table = pd.DataFrame(
        {
            "split": split,
            "people": part["person"].nunique(),
            "faces": len(part),
            "mean valence": part["valence"].mean(),
            "mean arousal": part["arousal"].mean(),
        }
        for split, part in parts.items()
    )
    kinds = {"emotion": "category"} | {name: name for name in DIMENSIONS}
    distances = balance.set_index("split")[[f"js_{kind}" for kind in kinds]]
    distances.columns = [f"distance of {word}" for word in kinds.values()]
    return table.join(distances, on="split")


def _has_dimensions(samples: pd.DataFrame) -> pd.Series:
    return samples[list(DIMENSIONS)].notna().all(axis=1)


def _rated_by_several(annotations: pd.DataFrame) -> pd.DataFrame:
    return annotations[annotations.groupby("track")["rater"].transform("nunique") > 1]


def _raters(annotations: pd.DataFrame) -> dict[str, int]:
    raters = annotations.groupby("track")["rater"].nunique()
    most = int(raters.max()) if len(raters) else 0
    several = int((raters > 1).sum())
    return {"tracks": len(raters), "most_raters": most, "tracks_with_several": several}


def _first(found: pd.DataFrame) -> dict[str, float]:
    """Return the coefficients of the one row of a table of agreement; nothing if it has none."""
    found = found.rename(columns=COEFFICIENTS)
    names = [name for name in COEFFICIENTS.values() if name in found]
    return {} if found.empty else found[names].iloc[0].to_dict()


def _said(row) -> str:
    value, words = (
        (row.kappa, "kappa of the categories")
        if row.label == "category"
        else (row.ccc_of_two, f"mean concordance of two in {row.label}")
    )
    number = "cannot be computed" if pd.isna(value) else f"{value:.2f}".replace("-", "−")
    tracks = count_words(row.tracks_with_several, "track")
    return f"{words} {number} ({tracks}, up to {row.most_raters} raters)"
