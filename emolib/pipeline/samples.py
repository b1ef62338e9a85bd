"""From faces and annotations to samples: faces with labels and a part of the corpus."""

from pathlib import Path

import pandas as pd

from emolib.data import splits
from emolib.data.matching import match
from emolib.data.sequences import labelled
from emolib.errors import InputError
from emolib.storage import file_hash, write_record, write_table
from emolib.workspace import Workspace


def match_and_split(workspace: Workspace) -> pd.DataFrame:
    """Give every face its labels and its part of the corpus; write ``samples.parquet``.

    Beside it go ``coverage.parquet`` (faces matched, by track) and ``balance.parquet`` (how alike
    the three parts are).

    Raises
    ------
    InputError
        If the corpus lacks a category that the configuration asks for.
    """
    config, faces = workspace.config, workspace.load("faces")
    faces["row"] = faces.groupby("track").cumcount()  # of the crops, which hold the rejected too
    faces = faces[faces["status"] != "rejected"].reset_index(drop=True)
    samples, coverage = match(
        faces,
        workspace.load("dimensional"),
        workspace.load("categorical"),
        max_distance=config.matching.max_distance,
        lag=config.matching.lag,
    )
    people = workspace.load("people")
    samples["person"] = _people_of_tracks(samples["track"], people, workspace.corpus)
    usable = labelled(samples)
    lacking = [emotion for emotion in config.emotions if emotion not in set(usable["emotion"])]
    if lacking:
        raise InputError(
            f"{config.name}: the configuration asks for {', '.join(lacking)}, but no face has that "
            "label together with valence and arousal; annotate some, or list under 'emotions' only "
            "what the corpus holds"
        )
    fractions = config.split.model_dump(exclude={"seed"})
    parts = splits.split_people(usable, fractions, config.split.seed)
    samples["split"] = samples["person"].map(parts).fillna("")
    splits.assert_disjoint(samples[samples["split"] != ""])
    write_table(samples, workspace.samples)
    write_table(coverage, workspace.coverage)
    write_table(splits.balance_report(labelled(samples)), workspace.balance)
    inputs = {
        "faces": file_hash(workspace.faces),
        "dimensional": file_hash(workspace.dimensional),
        "categorical": file_hash(workspace.categorical),
        "matching": config.matching,
        "split": config.split,
    }
    write_record(workspace.samples, inputs)
    return samples


def _people_of_tracks(tracks: pd.Series, people: pd.DataFrame, corpus: Path) -> pd.Series:
    person = tracks.map(people.set_index("track")["person"])
    if person.isna().any():
        missing = sorted(set(tracks[person.isna()]))
        raise InputError(
            f"{corpus / 'people.csv'}: no person is given for track {', '.join(missing)}; "
            "add a row 'track,video,person' for each, or correct the number of people in videos.csv"
        )
    return person
