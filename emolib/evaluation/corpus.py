"""What a corpus holds: counts beside the published ones, and what the labels look like."""

from importlib import resources

import pandas as pd

from emolib.labels import EMOTIONS, SPLITS

PUBLISHED = resources.files("emolib.evaluation") / "published"
"""Folder of the numbers that the thesis printed, one file a table."""


def corpus_table(videos: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Count videos, people and faces beside the counts of the thesis (sections 4.1, 4.2, 6.1).

    Parameters
    ----------
    videos : pandas.DataFrame
        Usable videos, one row each.
    samples : pandas.DataFrame
        All faces: video, person, valence (NaN where unlabelled), emotion ("" where unlabelled).

    Returns
    -------
    pandas.DataFrame
        Columns ``quantity, this_build, published``; undefined where the thesis gives no count.
    """
    dimensional, categorical = samples["valence"].notna(), samples["emotion"] != ""
    people = samples.groupby("video")["person"].nunique()
    counts = {
        "videos": len(videos),
        "people": samples["person"].nunique(),
        "videos with two people": int((people == 2).sum()),
        "faces": len(samples),
        "faces with valence and arousal": int(dimensional.sum()),
        "faces with a category": int(categorical.sum()),
        "faces with both kinds of label": int((dimensional & categorical).sum()),
    }
    published = pd.read_csv(PUBLISHED / "dataset.csv").set_index("quantity")["published"]
    table = pd.DataFrame({"quantity": list(counts), "this_build": list(counts.values())})
    return table.assign(published=table["quantity"].map(published).astype("Int64"))


def split_table(samples: pd.DataFrame) -> pd.DataFrame:
    """Count people and faces of each category by split.

    Parameters
    ----------
    samples : pandas.DataFrame
        Faces with both kinds of label: split, person, emotion, valence, arousal.

    Returns
    -------
    pandas.DataFrame
        One row a split, and one for all: people, faces, the share of each category in [0, 1],
        mean valence and mean arousal.
    """
    parts = {split: samples[samples["split"] == split] for split in SPLITS} | {"all": samples}
    rows = []
    for split, part in parts.items():
        shares = part["emotion"].value_counts(normalize=True)
        rows.append(
            {
                "split": split,
                "people": part["person"].nunique(),
                "faces": len(part),
                **{emotion: float(shares.get(emotion, 0.0)) for emotion in EMOTIONS},
                "mean valence": part["valence"].mean(),
                "mean arousal": part["arousal"].mean(),
            }
        )
    return pd.DataFrame(rows)
