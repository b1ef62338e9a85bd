"""From faces and annotations to samples: faces with labels and a part of the corpus.

Memory: the tables of faces, of annotations and of samples as a whole, which grow with the corpus;
by how much, the chapter *Scaling* measures. No other stage before the chapters holds them.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from emolib.config import Config
from emolib.data import splits
from emolib.data.lag import chosen_lag, estimate_lag
from emolib.data.matching import match
from emolib.data.raters import fuse_categorical, fuse_dimensional
from emolib.data.sequences import labelled
from emolib.data.split_lists import listed_people, published_people
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, SPLITS
from emolib.storage import (
    file_hash,
    forget,
    is_current,
    read_json,
    record_path,
    write_record,
    write_table,
)
from emolib.workspace import AblationWorkspace, Workspace


def match_and_split(workspace: Workspace) -> pd.DataFrame:
    """Give every face its labels and its part of the corpus; write ``samples.parquet``.

    Beside it go ``coverage.parquet`` (faces matched, by track), ``balance.parquet`` (how alike
    the three parts are), ``raters.parquet`` (what became of each rater, where raters are fused)
    and ``lag.parquet`` (how each lag did, where it is estimated).

    People are split by labels that are matched without lag, so that neither a lag nor its
    estimate, which is made on those who train, decides who is in which part. In an ablation
    everybody stays in the part that the build put them into.

    Raises
    ------
    InputError
        If the corpus lacks a category that the configuration asks for, or a part has no face with
        both kinds of labels.
    """
    forget(workspace.samples)  # it vouches for the tables beside it too
    config, faces = workspace.config, workspace.load("faces")
    faces["row"] = faces.groupby("track").cumcount()  # of the crops, which hold the rejected too
    faces = faces[faces["status"] != "rejected"].reset_index(drop=True)
    people = workspace.load("people")
    faces["person"] = _people_of_tracks(faces["track"], people, workspace.corpus)
    dimensional, categorical = _annotations(workspace)
    max_distance = config.matching.max_distance
    samples, coverage = match(faces, dimensional, categorical, max_distance=max_distance)
    parts = _parts(samples, people, workspace)
    lag = config.matching.lag
    if lag == "estimate":
        rated = samples[list(DIMENSIONS)].notna().any(axis=1)
        train = samples[rated & (samples["person"].map(parts) == "train")]
        lag = _estimate_lag(train, dimensional, workspace)
    else:
        _lag_path(workspace).unlink(missing_ok=True)
    if lag:
        samples, coverage = match(
            faces, dimensional, categorical, max_distance=max_distance, lag=lag
        )
    samples["split"] = samples["person"].map(parts).fillna("")
    usable = labelled(samples[samples["split"] != ""])
    _check_categories(usable, config)
    _check_parts(usable)
    splits.assert_disjoint(samples[samples["split"] != ""])
    write_table(samples, workspace.samples)
    write_table(coverage, workspace.coverage)
    write_table(splits.balance_report(usable), workspace.balance)
    write_record(workspace.samples, _inputs(workspace) | {"lag": lag})
    return samples


def samples_are_current(workspace: Workspace) -> bool:
    """Return whether ``samples.parquet`` was made from what the workspace holds and asks for."""
    record = record_path(workspace.samples)
    if not record.is_file():
        return False
    # An estimated lag is a result that stands among the inputs.
    return is_current(workspace.samples, _inputs(workspace) | {"lag": read_json(record).get("lag")})


def _inputs(workspace: Workspace) -> dict[str, Any]:
    config = workspace.config
    inputs = {
        "faces": file_hash(workspace.faces),
        "people": file_hash(workspace.people),
        "dimensional": file_hash(workspace.dimensional),
        "categorical": file_hash(workspace.categorical),
        "raters": config.raters,
        "matching": config.matching,
        "split": config.split,
        "lists": {part: file_hash(path) for part, path in list_files(workspace).items()},
    }
    if isinstance(workspace, AblationWorkspace):
        inputs["build"] = file_hash(workspace.build.samples)
    return inputs


def _annotations(workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the annotations, one rater a track where the configuration says so."""
    settings = workspace.config.raters
    dimensional, categorical = workspace.load("dimensional"), workspace.load("categorical")
    path = workspace.samples.with_name("raters.parquet")
    if settings.fuse == "none":
        path.unlink(missing_ok=True)
        return dimensional, categorical
    fused = fuse_dimensional(
        dimensional, settings.fuse, align=settings.align, max_shift=settings.max_shift
    )
    write_table(fused.raters, path)
    return fused.dimensional, fuse_categorical(categorical)


def _parts(samples: pd.DataFrame, people: pd.DataFrame, workspace: Workspace) -> dict[str, str]:
    """Return the part of each person, in the way that the configuration asks for."""
    if isinstance(workspace, AblationWorkspace):
        # Who tests is the same for both, or they could not be compared.
        of_build = workspace.build.load("samples")
        return of_build[of_build["split"] != ""].groupby("person")["split"].first().to_dict()
    split = workspace.config.split
    if split.lists == "corpus":
        return published_people(samples, people)
    if split.lists:
        return listed_people(samples, list_files(workspace))
    usable = labelled(samples)
    _check_categories(usable, workspace.config)
    if split.folds:
        return splits.fold_people(usable, split.folds, split.fold, split.seed)
    return splits.split_people(usable, {part: getattr(split, part) for part in SPLITS}, split.seed)


def list_files(workspace: Workspace) -> dict[str, Path]:
    """Return the configured list of each part, in the folder of the corpus; none if none is."""
    lists = workspace.config.split.lists
    if lists is None or lists == "corpus":
        return {}
    return {part: workspace.corpus / lists[part] for part in SPLITS}


def _estimate_lag(train: pd.DataFrame, dimensional: pd.DataFrame, workspace: Workspace) -> float:
    """Return the lag in s at which ratings go best with the faces of those who train."""
    matching = workspace.config.matching
    table = estimate_lag(
        train,
        dimensional,
        workspace.crops,
        max_distance=matching.max_distance,
        max_lag=matching.max_lag,
        seed=workspace.config.split.seed,
    )
    write_table(table, _lag_path(workspace))
    return chosen_lag(table)


def _lag_path(workspace: Workspace) -> Path:
    return workspace.samples.with_name("lag.parquet")


def _check_categories(usable: pd.DataFrame, config: Config) -> None:
    shown = set(usable["emotion"])
    lacking = [emotion for emotion in config.emotions if emotion not in shown]
    held = [emotion for emotion in config.emotions if emotion in shown]
    if lacking:
        raise InputError(
            f"{config.name}: the configuration asks for {', '.join(lacking)}, but no face has that "
            "label together with valence and arousal; annotate some, look into "
            "problems/annotations.csv for what was left out, or list under 'emotions' only what "
            f"there is: [{', '.join(held)}]"
        )


def _check_parts(usable: pd.DataFrame) -> None:
    for part in SPLITS:
        if part not in set(usable["split"]):
            raise InputError(
                f"nobody in {part} has a face with both a category and valence and arousal, so "
                "nothing can be said of that part; name other people in split.lists, or leave it "
                "out to split by shares"
            )


def _people_of_tracks(tracks: pd.Series, people: pd.DataFrame, corpus: Path) -> pd.Series:
    person = tracks.map(people.set_index("track")["person"])
    if person.isna().any():
        missing = sorted(set(tracks[person.isna()]))
        raise InputError(
            f"{corpus / 'people.csv'}: no person is given for track {', '.join(missing)}; "
            "add a row 'track,video,person' for each, or correct the number of people in videos.csv"
        )
    return person
