"""A stretch of a video's sound, as the page plays it: one channel, 16 bits.

Times are those of the stream of pictures: 0 is when the first picture is shown, whenever the sound
begins.
"""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from emolib.data.video import open_video

HIGHEST_RATE = 24000
"""Samples per second, at most: speech and laughter need no more."""


def has_sound(path: str | Path) -> bool:
    """Return whether a video has sound. A folder of pictures has none.

    Raises
    ------
    InputError
        If the file is missing or is not a video.
    """
    path = Path(path)
    if path.is_dir():
        return False
    with open_video(path) as container:
        return bool(container.streams.audio)


def read_sound(path: str | Path, start: float, end: float) -> tuple[int, np.ndarray]:
    """Return the sound of a stretch of a video.

    Parameters
    ----------
    path : str or Path
        A video with sound.
    start, end : float
        s since the first picture. Only what is played in this stretch is decoded.

    Returns
    -------
    rate : int
        Samples per second.
    samples : ndarray of int16, shape (round((end - start) x rate),)
        The mean of the channels; 0 where the file has no sound, or cannot be decoded.

    Raises
    ------
    InputError
        If the file is missing or is not a video.
    """
    with open_video(Path(path)) as container:
        stream = container.streams.audio[0]
        origin = _first_picture(container)
        rate = min(stream.codec_context.sample_rate, HIGHEST_RATE)
        samples = np.zeros(round((end - start) * rate), dtype=np.int16)
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        # Decoders need some sound before that which they are to decode well.
        wanted = max(start - 0.2, 0.0) + origin
        container.seek(int(wanted * av.time_base), backward=True)
        try:
            for frame in container.decode(stream):
                if frame.pts is None:
                    continue
                if frame.pts * stream.time_base - origin >= end:
                    break
                for piece in resampler.resample(frame):
                    _place(piece, samples, start + origin, rate)
        except av.FFmpegError:
            pass  # silence; that the file is broken is said where its pictures are read
    return rate, samples


def _first_picture(container) -> float:
    """Return when the first picture is shown, in s of the container's clock."""
    video = container.streams.video[0]
    stamps = (
        packet.pts if packet.pts is not None else packet.dts
        for packet, _ in zip(container.demux(video), range(40), strict=False)
        if not packet.is_discard
    )
    return float(min((one for one in stamps if one is not None), default=0) * video.time_base)


def _place(piece: av.AudioFrame, samples: np.ndarray, start: float, rate: int) -> None:
    """Write a decoded piece to where it belongs in the stretch, as far as it is part of it."""
    sound = piece.to_ndarray()[0]
    at = round((float(piece.pts * Fraction(piece.time_base)) - start) * rate)
    first, last = max(at, 0), min(at + len(sound), len(samples))
    if first < last:
        samples[first:last] = sound[first - at : last - at]
