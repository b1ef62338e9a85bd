"""Annotations of a video out of the tool, and into it: plain tables, ELAN, WebVTT.

What is exchanged is the work of one rater on one video, as the two tables that the tool keeps:
those of `emolib.data.annotations.tables`, with one more column ``origin`` that says where a row
came from (``hand``, ``proposal <run>``, ``import <file>``). All three formats keep every frame of
every interval, every digit of every trace, passes and origins, and can be read back.

======== ============================================ ============================================
format   intervals                                    traces
======== ============================================ ============================================
CSV      ``<name>_emotions.csv``                      ``<name>.csv``
ELAN     a tier for each person in ``<name>.eaf``     ``<name>.<track>.timeseries.csv``, linked
WebVTT   captions, ``<name>.vtt``                     metadata cues, ``<name>.traces.vtt``
======== ============================================ ============================================

``<name>`` is the name of the video and that of the rater.
"""

from collections.abc import Mapping
from pathlib import Path

from emolib.annotator.exchange.contents import (
    CATEGORICAL,
    DIMENSIONAL,
    Imported,
    settled,
)
from emolib.annotator.exchange.elan import export_elan, read_elan_document
from emolib.annotator.exchange.plain import export_csv, read_plain
from emolib.annotator.exchange.webvtt import export_webvtt, read_webvtt
from emolib.errors import InputError

__all__ = [
    "CATEGORICAL",
    "DIMENSIONAL",
    "Imported",
    "export_csv",
    "export_elan",
    "export_webvtt",
    "import_annotations",
]

SUFFIXES = (".csv", ".eaf", ".vtt")


def import_annotations(
    path: str | Path,
    *,
    tiers: Mapping[str, str] | None = None,
    track: str | None = None,
    rater: str | None = None,
    video: str | Path | None = None,
    duration: float | None = None,
    offset: float | None = None,
) -> Imported:
    """Read annotations that the tool exported, or that were made with other tools.

    Edges of intervals are brought to the nearest frame of the 30 fps stream. Words that mean none
    of the seven emotions are left out and counted. Of what the tool exported, both intervals and
    traces are read, whichever of its files is given; rows keep their origin, and all others get
    ``import <file>``.

    Parameters
    ----------
    path : str or Path
        ``.eaf``, ``.vtt`` or ``.csv``; other layouts are read by ``emolib convert`` first.
    tiers : mapping of str to str, optional
        Of an ELAN document of other people: the tiers to read, and the track that each is about.
    track : str, optional
        Whom the file is about, where it does not say.
    rater : str, optional
        Who the annotations are from; else who the file says, else its name.
    video : str or Path, optional
        The video that they are for; a file about another one is reported.
    duration : float, optional
        The length of that video in s; a file that goes on for longer is refused.
    offset : float, optional
        What is added to all times, in s; demanded of an ELAN document whose medium does not begin
        at 0.

    Returns
    -------
    Imported
        The two tables, sorted by track and time, and a sentence for each thing that was left out.

    Raises
    ------
    InputError
        If the file cannot be read, holds nothing of use, or cannot be about the video.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"{path}: annotations are imported from {', '.join(SUFFIXES)}; bring other layouts "
            "into a table with `emolib convert`"
        )
    if tiers is not None and suffix != ".eaf":
        raise InputError(f"{path}: only ELAN documents have tiers; say whom it is about by `track`")
    if suffix == ".eaf":
        found = read_elan_document(path, tiers=tiers, offset=offset)
    else:
        found = (read_plain if suffix == ".csv" else read_webvtt)(path, track=track)
    return settled(path, found, rater=rater, video=video, duration=duration, offset=offset or 0.0)
