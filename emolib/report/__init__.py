"""What a chapter of the report needs from a build: its data, its runs, a place for its results.

A chapter opens itself with `open_chapter`, asks for the runs of a kind of network (which trains
those that are lacking), and hands over its tables and numbers, which the book prints.
"""

import math
import os
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.config import load_config
from emolib.data.faces import extract_faces
from emolib.data.sequences import labelled
from emolib.errors import InputError
from emolib.evaluation import published
from emolib.evaluation.formatting import format_table, kind_title
from emolib.evaluation.results import Network, baseline_networks
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.networks import NETWORKS
from emolib.report.reading import note_reads
from emolib.report.search import SearchReader
from emolib.storage import file_hash, read_array, read_table, write_json, write_table
from emolib.workspace import Workspace

PUBLISH = "EMOLIB_PUBLISH"
"""Environment variable in which a build names the chapter that it executes."""


class Chapter(SearchReader):
    """One chapter of one build.

    Parameters
    ----------
    name : str
        The name of the notebook; it prefixes what the chapter writes.
    workspace : Workspace
        The build.
    publishes : bool
        Whether tables and numbers go to the book. Only the build itself publishes: a chapter that
        a person executes, with other parameters perhaps, must not change what the book prints.
    """

    def __init__(self, name: str, workspace: Workspace, publishes: bool = False):
        super().__init__(workspace)
        self.name = name
        self.publishes = publishes

    def baselines(self, target: str) -> dict[str, Network]:
        """Return the trivial predictors of ``emotion`` or ``valence``, by name."""
        return baseline_networks(self.samples(), target)

    def thesis_table(self, number: str) -> pd.DataFrame:
        """Return a table that the thesis printed, with the names of networks that are shown.

        Networks of several kinds are told apart by a first column ``kind``. Rows are in the order
        in which this build lists the same networks, so that they face each other; those of
        networks that it lacks come last.
        """
        order = {name: place for place, name in enumerate(self.config.training.networks)}
        table = published.load(number).sort_values(
            "network",
            kind="stable",
            key=lambda names: names.map(order).fillna(len(order)),
            ignore_index=True,
        )
        specs = table["network"].map(NETWORKS)
        kinds = specs.map(lambda spec: spec.kind)
        if kinds.nunique() > 1:
            table.insert(0, "kind", kinds.map(kind_title))
        return table.assign(network=specs.map(lambda spec: spec.display))

    def faces(self, clip: str | Path | None = None) -> tuple[pd.DataFrame, Path]:
        """Return faces and the folder that holds their crops, ``<track>.npy``.

        Parameters
        ----------
        clip : path or None
            A video of one's own; None takes the labelled faces of the corpus.

        Returns
        -------
        DataFrame
            ``track, person, video, frame, time, row, split, emotion, valence, arousal``, numbered
            from 0. Faces of a clip are in the split ``clip`` and have no labels: ``emotion`` is
            empty, valence and arousal are NaN.
        Path
            The folder.

        Raises
        ------
        InputError
            If the clip cannot be read or shows no face.
        """
        if not clip:
            return self.samples().reset_index(drop=True), self.workspace.crops
        clip = Path(clip)
        if not clip.is_file():
            raise InputError(f"{clip}: no such video")
        settings = self.config.faces
        folder = self.workspace.folder / "clips" / f"{clip.stem}-{file_hash(clip)[:8]}"
        faces = extract_faces(
            clip,
            folder / "faces.parquet",
            folder,
            detector=settings.detector,
            detect_every=settings.detect_every,
            crop_size=settings.crop_size,
        )
        if faces.empty:
            raise InputError(f"{clip}: no face was found")
        faces = faces.reset_index(drop=True).assign(split="clip", emotion="")
        faces[list(DIMENSIONS)] = np.nan
        return faces.assign(row=faces.groupby("track").cumcount()), folder

    def samples(self) -> pd.DataFrame:
        """Return the faces that carry both kinds of label, which all networks are trained on."""
        return labelled(self.workspace.load("samples"))

    def example_faces(self, per_emotion: int, seed: int) -> tuple[np.ndarray, list[str]]:
        """Draw faces of every category, each from another person as far as there are any.

        Returns
        -------
        numpy.ndarray of uint8, shape (n, height, width, 3)
            The crops, category by category; none where no face of the corpus has a category.
        list of str
            The category of each.
        """
        rng = np.random.default_rng(seed)
        samples = self.workspace.load("samples").sample(frac=1, random_state=rng)
        crops, emotions = [], []
        for emotion in EMOTIONS:
            rows = samples[samples["emotion"] == emotion]
            by_person = pd.concat([rows.drop_duplicates("person"), rows]).drop_duplicates(
                ["track", "row"]
            )
            for face in by_person.head(per_emotion).itertuples():
                crops.append(read_array(self.workspace.crops / f"{face.track}.npy")[face.row])
                emotions.append(emotion)
        size = self.config.faces.crop_size
        return np.array(crops, np.uint8).reshape(-1, size, size, 3), emotions

    def crops_of(self, faces: pd.DataFrame) -> np.ndarray:
        """Return the pictures of faces of the corpus, uint8 (n, size, size, 3); at least one."""
        files = {
            track: read_array(self.workspace.crops / f"{track}.npy")
            for track in set(faces["track"])
        }
        return np.stack([files[face.track][face.row] for face in faces.itertuples()])

    def truth(self) -> pd.DataFrame | None:
        """Return the true boxes of the corpus, or None where nobody knows them."""
        files = sorted((self.workspace.corpus / "truth").glob("*.parquet"))
        if not files:
            return None
        columns = ["track", "frame", "time", "x", "y", "w", "h"]
        tables = [read_table(file, columns=columns).assign(video=file.stem) for file in files]
        return pd.concat(tables, ignore_index=True)

    def publish_table(self, name: str, table: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
        """Write a table as the book prints it, if this chapter publishes; return it as it is."""
        if self.publishes:
            write_table(format_table(table, decimals), self.workspace.tables / f"{name}.csv")
        return table

    def publish_numbers(self, **numbers: float | int | str) -> dict[str, float | int | str]:
        """Write what the prose quotes, if this chapter publishes; return it for `glue`."""
        plain = {
            key: value.item() if isinstance(value, np.generic) else value
            for key, value in numbers.items()
        }
        undefined = {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in plain.items()
        }
        if self.publishes:
            write_json(undefined, self.workspace.folder / "numbers" / f"{self.name}.json")
        return plain


def open_chapter(name: str, config: str | Path, **overrides) -> Chapter:
    """Open a chapter on the build of a configuration.

    Parameters
    ----------
    name : str
        The name of the notebook.
    config : path
        The configuration file, looked for in the current folder and those above it, so that a
        notebook works from its own folder and from the root of the repository.
    **overrides
        Values that replace those of the configuration's ``training`` section; None keeps them.
        A value given for a setting that differs by kind holds for every kind.

    Raises
    ------
    InputError
        If the configuration cannot be found or used, or an override is impossible.
    """
    folder, path = _find(Path(config))
    settings = load_config(path)
    given = {key: value for key, value in overrides.items() if value is not None}
    training = settings.training.model_dump()
    for key, value in given.items():
        if key not in training:
            raise InputError(
                f"{key}={value!r}: no such training setting; see emolib/config/training.py"
            )
        per_kind = isinstance(training[key], dict) and not isinstance(value, dict)
        training[key] = dict.fromkeys(training[key], value) if per_kind else value
    if given:
        settings = settings.override_training(training)
    workspace = Workspace(settings, folder / "build")
    publishes = os.environ.get(PUBLISH) == name and not given
    if publishes:
        note_reads(workspace, name)
    return Chapter(name, workspace, publishes)


def _find(path: Path) -> tuple[Path, Path]:
    """Return the folder that holds ``build/`` and the path of the configuration."""
    for folder in (Path(), *Path.cwd().parents):
        if (folder / path).is_file():
            return folder, folder / path
    raise InputError(f"{path}: no such configuration here or in a folder above; see config/")
