"""Turns annotations that count frames into seconds.

A frame number is not a time: the rate in a corpus's file names is often not the rate of the file,
and some videos have no constant rate at all. So the rate, or better the time of every decoded
frame, is always asked for.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.errors import InputError


class FrameClock(NamedTuple):
    """When the frames of videos are shown; exactly one of the two is to be given.

    Attributes
    ----------
    fps : float or mapping of str to float, optional
        Frames per second, of all videos or by name of the track or video.
    frame_times : array_like, shape (n,), or mapping of str to array_like, optional
        Time of every decoded frame in s, for a source with one track, or by name.
    """

    fps: float | Mapping[str, float] | None
    frame_times: np.ndarray | Mapping[str, np.ndarray] | None

    def bounds(self, count: int, *names: str) -> np.ndarray:
        """Return where frames begin and end.

        Parameters
        ----------
        count : int
            How many frames are wanted.
        *names : str
            What the rate may be listed under: the track, and the video it comes from. Only whole
            names count, since ``102`` and ``102-30-640x360`` are different videos.

        Returns
        -------
        ndarray, shape (m + 1,)
            Frame ``i`` lasts from item ``i`` to item ``i + 1``, in s. ``m`` is `count`, or the
            number of decoded frames if that is smaller.

        Raises
        ------
        InputError
            If neither or both are given, a name is not listed, or what is listed is no rate or no
            increasing sequence of times.

        Examples
        --------
        >>> FrameClock(25.0, None).bounds(2, "video1").tolist()
        [0.0, 0.04, 0.08]
        """
        if (self.fps is None) == (self.frame_times is None):
            raise InputError(
                "this format counts frames: give either fps (frames per second, measured, since "
                "the number in a file name is often wrong) or frame_times (s, of decoded frames)"
            )
        if self.frame_times is None:
            return np.arange(count + 1) / _rate(_find("fps", self.fps, names), names[0])
        times = np.asarray(_find("frame_times", self.frame_times, names), dtype=float)
        if times.ndim != 1 or len(times) < 2 or not np.all(np.diff(times) > 0):
            raise InputError(
                f"frame_times of {names[0]!r} must be two or more increasing times in s"
            )
        return np.append(times, times[-1] + np.median(np.diff(times)))[: count + 1]

    def frames_after(self, count: int, *names: str) -> int:
        """Return how many decoded frames follow the first `count`; 0 where only the rate is known.

        Examples
        --------
        >>> FrameClock(None, [0.0, 0.1, 0.2]).frames_after(1, "video1")
        2
        """
        if self.frame_times is None:
            return 0
        return max(0, len(_find("frame_times", self.frame_times, names)) - count)

    def check_tracks(self, count: int) -> None:
        """Refuse the frame times of one video for several tracks."""
        if count > 1 and self.frame_times is not None and not isinstance(self.frame_times, Mapping):
            raise InputError(
                f"frame_times are those of one video, but there are {count} tracks; give them by "
                "name of the track or video"
            )


def dimensional_rows(
    track: str | np.ndarray, rater: str, times: np.ndarray, valence: np.ndarray, arousal: np.ndarray
) -> pd.DataFrame:
    """Return a table of valence and arousal by one rater; a lone track is that of all."""
    return pd.DataFrame(
        {"track": track, "time": times, "valence": valence, "arousal": arousal, "rater": rater}
    )


def interval_rows(
    track: str | np.ndarray, rater: str, starts: np.ndarray, ends: np.ndarray, emotions: np.ndarray
) -> pd.DataFrame:
    """Return a table of category intervals by one rater; a lone track is that of all."""
    return pd.DataFrame(
        {
            "track": track,
            "start": starts,
            "end": ends,
            "emotion": emotions,
            "rater": rater,
            "pass": 1,
        }
    )


def runs(frames: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join neighbouring frames that have the same label.

    Parameters
    ----------
    frames : ndarray of int, shape (n,)
        Increasing frame numbers; where one is missing, a run ends.
    labels : ndarray of object, shape (n,)
        Their labels; frames with None belong to no run.

    Returns
    -------
    first, last : ndarray of int, shape (m,)
        First and last frame of every run.
    label : ndarray of object, shape (m,)
        Its label.

    Examples
    --------
    >>> labels = np.array(["fear", "fear", None, "fear", "fear"], dtype=object)
    >>> [found.tolist() for found in runs(np.array([0, 1, 2, 3, 5]), labels)]
    [[0, 3, 5], [1, 3, 5], ['fear', 'fear', 'fear']]
    """
    labelled = np.array([label is not None for label in labels], dtype=bool)
    frames, labels = frames[labelled], labels[labelled]
    if not len(frames):
        return frames, frames, labels
    begins = np.flatnonzero((np.diff(frames) != 1) | (labels[1:] != labels[:-1])) + 1
    first = np.concatenate([[0], begins])
    last = np.concatenate([begins - 1, [len(frames) - 1]])
    return frames[first], frames[last], labels[first]


def _find(option: str, value, names: tuple[str, ...]):
    if not isinstance(value, Mapping):
        return value
    for name in names:
        if name in value:
            return value[name]
    raise InputError(f"{option} lists nothing under {' or '.join(map(repr, dict.fromkeys(names)))}")


def _rate(fps, name: str) -> float:
    try:
        rate = float(fps)
    except (TypeError, ValueError):
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise InputError(f"fps of {name!r} must be a number above 0; found {fps!r}")
    return rate
