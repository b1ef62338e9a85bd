"""The stages of a build, in order: corpus, videos, faces, annotations, samples, features, runs.

Each function does one stage of a `Workspace` and writes what the next one reads. A video or an
annotation file that cannot be used is reported, written to ``problems/<stage>.csv`` and left
out; the rest goes on. Work already done for an unchanged video or track is kept, so a stage that
was killed continues where it was.
"""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

import joblib
import pandas as pd
from tqdm import tqdm

from emolib.config import KINDS, FolderCorpus
from emolib.data import splits
from emolib.data.annotations import read_annotations
from emolib.data.detection import detector as find_detector
from emolib.data.faces import extract_faces
from emolib.data.matching import match
from emolib.data.sequences import labelled
from emolib.data.video import list_videos, probe
from emolib.errors import InputError
from emolib.models.runs import RunSpec, run_specs
from emolib.sources import code_hash
from emolib.storage import (
    file_hash,
    is_current,
    read_json,
    read_table,
    record_path,
    value_hash,
    write_json,
    write_record,
    write_table,
)
from emolib.workspace import Workspace

logger = logging.getLogger(__name__)

PROBLEM_COLUMNS = ("stage", "item", "problem")


CORPUS_TABLES = ("videos.csv", "people.csv", "annotations.csv")


def check(workspace: Workspace) -> None:
    """Refuse, before anything starts, a configuration that no book can be built with.

    Raises
    ------
    InputError
        If a network is unknown, a kind of network or a table of the corpus is missing, or the
        detector cannot be had.
    """
    config = workspace.config
    kinds = {spec.kind for spec in run_specs(config)}
    for kind in KINDS:
        if kind not in kinds:
            raise InputError(
                f"{config.name}: training.networks holds no {kind} network; the book needs one of "
                f"each kind ({', '.join(KINDS)})"
            )
    find_detector(config.faces.detector)
    if isinstance(config.corpus, FolderCorpus):
        for name in CORPUS_TABLES:
            if not (workspace.corpus / name).is_file():
                raise InputError(
                    f"{workspace.corpus / name}: no such file; the page 'Use your own corpus' says "
                    "what a corpus holds"
                )


def simulate(workspace: Workspace, jobs: int | None = None) -> None:
    """Write the simulated corpus of a workspace.

    Raises
    ------
    InputError
        If the configuration names a corpus of the user's own.
    """
    from emolib.simulation.corpus import write_corpus

    corpus = workspace.config.corpus
    if isinstance(corpus, FolderCorpus):
        raise InputError(f"{corpus.path}: this corpus is yours; only kind 'simulated' is made here")
    write_corpus(
        workspace.corpus,
        n_videos=corpus.n_videos,
        n_pairs=corpus.n_pairs,
        duration=corpus.duration,
        seed=corpus.seed,
        jobs=_jobs(jobs),
    )


def ingest(workspace: Workspace) -> pd.DataFrame:
    """Probe every video of the corpus and write ``videos.parquet``, one row a usable video."""
    rows, problems = [], []
    for path in tqdm(list_videos(workspace.corpus / "videos"), desc="videos", unit="video"):
        try:
            rows.append(probe(path))
        except InputError as error:
            problems.append((path.name, str(error)))
    _report(workspace, "ingest", problems)
    if not rows:
        raise InputError(f"{workspace.corpus / 'videos'}: none of the videos can be read")
    videos = pd.DataFrame(rows)
    videos["people"] = videos["video"].map(_expected_people(workspace.corpus)).astype("Int64")
    write_table(videos, workspace.videos)
    write_record(
        workspace.videos,
        {"sha256": dict(zip(videos.video, videos.sha256, strict=True))},
    )
    return videos


def extract_all_faces(workspace: Workspace, jobs: int | None = None) -> pd.DataFrame:
    """Find and cut out the faces of every video; write ``faces.parquet`` and ``crops/``."""
    videos = workspace.load("videos")
    settings = workspace.config.faces
    find_detector(settings.detector)  # one that cannot be had is no fault of a video
    tasks = [
        joblib.delayed(_faces_of_video)(
            row.path,
            row.sha256,
            None if pd.isna(row.people) else int(row.people),
            settings,
            workspace.folder,
        )
        for row in videos.itertuples()
    ]
    results = joblib.Parallel(n_jobs=_jobs(jobs), return_as="generator")(tasks)
    tables, problems = [], []
    for row, (table, problem) in zip(
        videos.itertuples(),
        tqdm(results, total=len(tasks), desc="faces", unit="video"),
        strict=True,
    ):
        if problem:
            problems.append((row.video, problem))
        elif table.empty:
            problems.append((row.video, "no face was found"))
        else:
            tables.append(table)
    _report(workspace, "faces", problems)
    if not tables:
        raise InputError(f"{workspace.videos}: no face was found in any of {len(videos)} videos")
    faces = pd.concat(tables, ignore_index=True)
    write_table(faces, workspace.faces)
    write_record(workspace.faces, {"videos": file_hash(workspace.videos), "faces": settings})
    return faces


def unify_annotations(workspace: Workspace) -> None:
    """Read every annotation file into ``dimensional.parquet`` and ``categorical.parquet``."""
    dimensional, categorical, problems = read_annotations(workspace.corpus)
    _report(workspace, "annotations", [("annotations.csv", problem) for problem in problems])
    write_table(dimensional, workspace.dimensional)
    write_table(categorical, workspace.categorical)
    manifest = workspace.corpus / "annotations.csv"
    files = [workspace.corpus / name for name in read_table(manifest)["file"]]
    source = {
        "manifest": file_hash(manifest),
        "files": value_hash({str(path): file_hash(path) for path in files if path.is_file()}),
    }
    write_record(workspace.dimensional, source)
    write_record(workspace.categorical, source)


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
    faces["row"] = faces.groupby("track").cumcount()
    samples, coverage = match(
        faces,
        workspace.load("dimensional"),
        workspace.load("categorical"),
        max_distance=config.matching.max_distance,
        lag=config.matching.lag,
    )
    people = _corpus_table(workspace.corpus / "people.csv", ("track", "person"))
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


def extract_all_features(workspace: Workspace) -> None:
    """Put every face through each backbone that a configured network needs."""
    from emolib.models.backbones import load_backbone
    from emolib.models.features import extract_tracks
    from emolib.models.networks import NETWORKS

    settings = workspace.config.features
    tracks = list(dict.fromkeys(workspace.load("faces")["track"]))
    names = dict.fromkeys(NETWORKS[name].backbone for name in workspace.config.training.networks)
    for name in names:
        backbone = load_backbone(
            name,
            weights=settings.weights,
            preprocessing=settings.preprocessing,
            pooling=settings.pooling,
            input_size=workspace.config.faces.crop_size,
        )
        extract_tracks(
            tracks,
            workspace.crops,
            workspace.features(name),
            backbone,
            precision=settings.precision,
            batch_size=settings.batch_size,
        )


def train_runs(workspace: Workspace, names: Iterable[str]) -> None:
    """Train the named runs, in the order given, and record what each was trained on."""
    from emolib.models.training import train

    specs = {spec.name: spec for spec in run_specs(workspace.config)}
    samples = labelled(workspace.load("samples"))
    for name in names:
        if name not in specs:
            raise InputError(f"unknown run {name!r}; `emolib runs` lists those of a configuration")
        spec, folder = specs[name], workspace.runs / name
        inputs = _run_inputs(workspace, spec)
        features = workspace.features(spec.backbone)
        train(spec, samples, features, folder)
        record = read_json(next(features.glob("*.inputs.json")))
        write_json({"key": record["backbone"]}, folder / "backbone.json")
        write_record(folder / "metrics.json", inputs)


def lacking_runs(workspace: Workspace) -> list[str]:
    """Return the configured runs that are not trained, or were on other data or by other code."""
    return [
        spec.name
        for spec in run_specs(workspace.config)
        if not is_current(workspace.runs / spec.name / "metrics.json", _run_inputs(workspace, spec))
    ]


def _run_inputs(workspace: Workspace, spec: RunSpec) -> dict[str, str]:
    records = sorted(workspace.features(spec.backbone).glob("*.inputs.json"))
    return {
        "samples": file_hash(workspace.samples) if workspace.samples.exists() else "",
        "features": value_hash({path.name: read_json(path) for path in records}),
        "code": code_hash("emolib.models.training"),
    }


def _faces_of_video(path, sha256, n_people, settings, folder: Path):
    """Return (face table, "") or (None, what went wrong) of one video, from disk if unchanged."""
    table_path = folder / "faces" / f"{Path(path).stem}.parquet"
    code = code_hash("emolib.data.faces")
    inputs = {"video": sha256, "faces": settings, "people": n_people, "code": code}
    if not is_current(table_path, inputs):
        # From here on the crops may be others than the record says, should this be killed.
        record_path(table_path).unlink(missing_ok=True)
        try:
            extract_faces(
                path,
                table_path,
                folder / "crops",
                detector=settings.detector,
                detect_every=settings.detect_every,
                crop_size=settings.crop_size,
                n_people=n_people,
                progress=False,  # the bar of all videos is enough
            )
        except InputError as error:
            return None, str(error)
        write_record(table_path, inputs)
    return pd.read_parquet(table_path), ""


def _expected_people(corpus: Path) -> pd.Series:
    """Return how many people each video of ``videos.csv`` is said to show, by video."""
    path = corpus / "videos.csv"
    table = _corpus_table(path, ("video", "people"))
    for video, people in zip(table["video"], table["people"], strict=True):
        if people and not people.isdigit():
            raise InputError(
                f"{path}: video {video} has {people!r} people; give a whole number, or nothing "
                "where it is not known"
            )
    return pd.to_numeric(table.set_index("video")["people"].replace("", None))


def _corpus_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table of a corpus as text; its first column identifies a row."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; every corpus needs one with {', '.join(columns)}")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in columns:
        if column not in table:
            raise InputError(f"{path}: no column {column!r}; it needs {', '.join(columns)}")
    doubled = table[columns[0]][table[columns[0]].duplicated()]
    if len(doubled):
        raise InputError(f"{path}: {columns[0]} {doubled.iloc[0]!r} is listed twice")
    return table


def _people_of_tracks(tracks: pd.Series, people: pd.DataFrame, corpus: Path) -> pd.Series:
    person = tracks.map(people.set_index("track")["person"])
    if person.isna().any():
        missing = sorted(set(tracks[person.isna()]))
        raise InputError(
            f"{corpus / 'people.csv'}: no person is given for track {', '.join(missing)}; "
            "add a row 'track,video,person' for each, or correct the number of people in videos.csv"
        )
    return person


def _report(workspace: Workspace, stage: str, problems: list[tuple[str, str]]) -> None:
    for _, problem in problems:
        logger.warning(problem)
    if problems:
        logger.warning("%s: %d left out; the rest goes on", stage, len(problems))
    rows = [(stage, item, problem) for item, problem in problems]
    table = pd.DataFrame(rows, columns=PROBLEM_COLUMNS)
    write_table(table, workspace.folder / "problems" / f"{stage}.csv")


def _jobs(jobs: int | None) -> int:
    return jobs or os.cpu_count() or 1
