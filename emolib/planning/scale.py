"""How large a corpus is: counted where a build has counted, else read from headers or assumed."""

import logging
import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib import pipeline
from emolib.data.headers import Header, read_header
from emolib.data.matching import has_both
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.evaluation.corpus import PUBLISHED
from emolib.labels import DIMENSIONS
from emolib.workspace import Workspace

THESIS = "thesis"
"""Name of the configuration whose corpus may be absent: the thesis says how large it was."""

SIMULATED_MEGAPIXELS = 0.0803
"""Of a picture of a simulated video, on average: 320 x 240 pixels, some larger."""

USUAL_MEGAPIXELS = 0.2304
"""Of a picture of a corpus that is not there: 640 x 360."""

SIMULATED_SHARES = {"category": 0.63, "dimensional": 1.0}
"""Of the faces of a simulated corpus, those that get each kind of label."""

logger = logging.getLogger(__name__)


class Sizes(NamedTuple):
    """What the user says about a corpus; None for what is to be found out."""

    videos: int | None = None
    faces: int | None = None
    labelled: int | None = None
    """Faces with both kinds of label."""


UNKNOWN = Sizes()
"""The user says nothing."""


@dataclass(frozen=True)
class Scale:
    """How large a corpus is.

    Attributes
    ----------
    videos, tracks : int
        A track is one person in one video.
    frames : float
        Of all videos, at 30 per second.
    megapixels : float
        Of a frame.
    faces : float
        Found, or expected to be.
    category, dimensional, both : float
        Faces with that kind of label, or with both kinds.
    cut_out : bool
        Whether the faces come with the corpus.
    notes : tuple of str
        What was assumed, a sentence each.
    """

    videos: int
    tracks: int
    frames: float
    megapixels: float
    faces: float
    category: float
    dimensional: float
    both: float
    cut_out: bool = False
    notes: tuple[str, ...] = ()

    def labelled(self, setting: str, outputs: Collection[str]) -> float:
        """Return the faces that a network is trained on and predicts.

        Parameters
        ----------
        setting : str
            ``both`` or ``any``, the setting ``training.faces``.
        outputs : collection of str
            The outputs of the network: category, dimensional or both.
        """
        if setting == "both":
            return self.both
        return max(getattr(self, output) for output in outputs)


def corpus_scale(
    workspace: Workspace, sizes: Sizes = UNKNOWN, redone: Collection[str] = ()
) -> Scale:
    """Find out how large the corpus of a build is.

    Parameters
    ----------
    workspace : Workspace
        The build. Its tables are believed, unless the stage that counts the videos is redone.
    sizes : Sizes
        What the user says, which is believed before anything else.
    redone : collection of str
        Rules that the build will execute.

    Returns
    -------
    Scale

    Raises
    ------
    InputError
        If the corpus is not there, holds nothing to use, and nobody said how large it is.
    """
    known = workspace.videos.is_file() and "ingest" not in redone
    if known:
        scale = _counted(workspace)
    elif workspace.simulated:
        scale = _simulated(workspace)
    elif workspace.corpus.exists():
        scale = _described(workspace)
    else:
        scale = _published(workspace, sizes)
    return _as_said(scale, sizes)


def _counted(workspace: Workspace) -> Scale:
    """Return what the tables of a build say; faces and labels that they lack are expected."""
    videos = workspace.load("videos")
    people = videos["people"].fillna(1).astype(int)
    frames = videos["duration"] * STREAM_RATE
    scale = _expected(
        len(videos),
        int(people.sum()),
        frames.sum(),
        float(np.average(videos["width"] * videos["height"] / 1e6, weights=frames)),
        (frames * people).sum(),
        _expected_shares(workspace),
    )
    cut_out = bool((videos["crops"] != "").all())
    if workspace.samples.is_file():
        samples = workspace.load("samples", ["track", "emotion", *DIMENSIONS])
        return replace(
            scale,
            tracks=samples["track"].nunique(),
            faces=len(samples),
            category=int((samples["emotion"].fillna("") != "").sum()),
            dimensional=int(samples[list(DIMENSIONS)].notna().all(axis=1).sum()),
            both=int(has_both(samples).sum()),
            cut_out=cut_out,
        )
    note = _note_on_labels(workspace)
    if workspace.faces.is_file():
        faces = workspace.load("faces", ["track"])
        counted = len(faces) / scale.faces
        labels = {n: getattr(scale, n) * counted for n in ("category", "dimensional", "both")}
        return replace(
            scale, tracks=faces["track"].nunique(), faces=len(faces), **labels, notes=(note,)
        )
    note_on_faces = "Every person is taken to be seen in every frame of the video."
    return replace(scale, cut_out=cut_out, notes=(note_on_faces, note))


def _simulated(workspace: Workspace) -> Scale:
    corpus = workspace.config.corpus
    people = corpus.n_videos + corpus.n_pairs
    each = corpus.duration * STREAM_RATE
    return replace(
        _expected(
            corpus.n_videos,
            people,
            corpus.n_videos * each,
            SIMULATED_MEGAPIXELS,
            people * each,
            SIMULATED_SHARES,
        ),
        notes=("The corpus is not rendered yet; its size is that of the configuration.",),
    )


def _described(workspace: Workspace) -> Scale:
    """Return what the headers of the videos of a corpus say."""
    videos, rows, unreadable = pipeline.describe(workspace).videos, [], 0
    for video in videos.itertuples(index=False):
        people = 1 if pd.isna(video.people) else int(video.people)
        try:
            header = read_header(video.path, video.image_rate)
        except InputError as error:
            logger.warning("%s; it is left out", error)
            unreadable += 1
            continue
        rows.append((people, header, _ready_made(video)))
    if not rows:
        raise InputError(f"{workspace.corpus}: none of its {len(videos)} videos can be read")
    table = pd.DataFrame(
        [(people, *header, ready) for people, header, ready in rows],
        columns=["people", *Header._fields, "ready"],
    )
    unstated = table["duration"].isna()
    # Where no header states a duration there is nothing better than a minute.
    table["duration"] = table["duration"].fillna(table["duration"].mean()).fillna(60.0)
    frames = table["duration"] * STREAM_RATE
    cut_out = bool(table["ready"].notna().all())
    notes = [
        "Nothing was decoded: durations are those that the headers of the videos state.",
        "The faces come with the corpus."
        if cut_out
        else "Every person is taken to be seen in every frame of the video.",
        _note_on_labels(workspace),
    ]
    if unstated.any():
        notes.append(f"{unstated.sum()} videos state no duration; the mean of the others is taken.")
    scale = _expected(
        len(table),
        int(table["people"].sum()),
        frames.sum(),
        float(np.average(table["width"] * table["height"] / 1e6, weights=frames)),
        table["ready"].fillna(frames * table["people"]).sum(),
        _expected_shares(workspace),
    )
    return replace(scale, cut_out=cut_out, notes=tuple(notes))


def _ready_made(video) -> float:
    """Return how many faces of a video were cut out by others; NaN if none were."""
    if not video.crops:
        return math.nan
    folders = [Path(video.crops) / track for track in video.tracks]
    return float(sum(len(list(folder.iterdir())) for folder in folders if folder.is_dir()))


def _published(workspace: Workspace, sizes: Sizes) -> Scale:
    """Return the size that the thesis states, for its configuration or what the user says of."""
    if workspace.config.name != THESIS and sizes.faces is None:
        try:
            pipeline.describe(workspace)  # says what is missing
        except InputError as error:
            raise InputError(
                f"{error}; or say how large it is, with --videos and --faces"
            ) from None
    thesis = pd.read_csv(PUBLISHED / "dataset.csv").set_index("quantity")["published"]
    videos = sizes.videos or thesis["videos"]
    faces = sizes.faces or thesis["faces"]
    share = faces / thesis["faces"]
    return Scale(
        videos=videos,
        tracks=round(videos * thesis["people"] / thesis["videos"]),
        frames=faces,
        megapixels=USUAL_MEGAPIXELS,
        faces=faces,
        category=share * thesis["faces with a category"],
        dimensional=share * thesis["faces with valence and arousal"],
        both=share * thesis["faces with both kinds of label"],
        notes=(
            f"The corpus, {workspace.corpus}, is not there; "
            + (
                f"that of the thesis is assumed: {thesis['videos']:,} videos and "
                f"{thesis['faces']:,} faces, {thesis['faces with both kinds of label']:,} of them "
                "labelled."
                if sizes.faces is None
                else "it is taken to be as large as you say."
            ),
            "A frame is taken to show one face and to have 640 x 360 pixels; the share of labelled "
            "faces is that of the thesis.",
        ),
    )


def _as_said(scale: Scale, sizes: Sizes) -> Scale:
    """Return the scale with what the user says in place of what was found."""
    if sizes.videos is not None:
        scale = replace(scale, videos=sizes.videos)
    if sizes.faces is not None and sizes.faces != scale.faces:
        factor = sizes.faces / scale.faces
        names = ("frames", "faces", "category", "dimensional", "both")
        scale = replace(scale, **{name: getattr(scale, name) * factor for name in names})
    if sizes.labelled is not None:
        said = dict.fromkeys(("category", "dimensional", "both"), sizes.labelled)
        scale = replace(scale, **said)
    return scale


def _expected(
    videos: int,
    tracks: int,
    frames: float,
    megapixels: float,
    faces: float,
    shares: dict[str, float],
) -> Scale:
    labels = {name: share * faces for name, share in shares.items()}
    both = min(labels.values())
    return Scale(videos, tracks, frames, megapixels, faces, **labels, both=both)


def _expected_shares(workspace: Workspace) -> dict[str, float]:
    # Nobody knows before the annotations are matched; what is planned should suffice.
    own = {"category": 1.0, "dimensional": 1.0}
    return SIMULATED_SHARES if workspace.simulated else own


def _note_on_labels(workspace: Workspace) -> str:
    if workspace.simulated:
        return "Labels are taken to be as frequent as in other simulated corpora."
    return "Every face is taken to be labelled, which makes trainings too long rather than short."
