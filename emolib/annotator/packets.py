"""Which pictures a video file holds, and from which packet each can be decoded, without decoding.

Reading packets is a hundred times as fast as decoding them: half an hour opens in a fraction of a
second. Packets are believed where their stamps can be trusted; else the file is decoded once.
"""

import warnings
from bisect import bisect_right
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from emolib.data.video import no_frame, probe

REORDERED = 40
"""Packets by which a picture may be shown later or earlier than decoded: more than codecs allow,
so that a larger number tells of stamps that go back."""


class Key(NamedTuple):
    """A packet from which decoding can begin."""

    place: int
    """Position among the packets of the stream, from 0."""
    stamp: int
    """Of its picture, in ticks of the stream."""
    decoded: int
    """Stamp at which it is decoded, in ticks: what many containers seek by."""
    offset: int | None
    """Where it lies in the file, in bytes; None where the container does not say."""


class Pictures:
    """The pictures of a stream in the order in which they are shown.

    Attributes
    ----------
    stamps : ndarray of int64, shape (n,)
        When each is shown, in ticks of the stream; increasing.
    bounds : ndarray of float64, shape (n + 1,)
        The same in s, the first being 0, and the end of the last one: as `probe` gives them.
    keys : list of Key
        In the order of the file, and of their stamps.
    places : dict
        Position of every packet among those of the stream, by its stamp.
    decoded : bool
        Whether every picture was decoded to learn this.
    """

    def __init__(self, stamps, durations, keys: list[Key], places: dict[int, int], tick: float):
        self.decoded = False
        self.keys = _increasing(keys)
        self.places = places
        self._key_stamps = [key.stamp for key in self.keys]
        self._tick = tick
        self._durations = durations
        self._set(stamps)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.stamps)

    def number(self, stamp: int) -> int | None:
        """Return the number of the picture with a stamp, from 0; None where there is none."""
        return self._numbers.get(stamp)

    def key(self, number: int, earlier: int = 0) -> Key:
        """Return the last packet from which a picture can be decoded, or the nth one before it."""
        place = bisect_right(self._key_stamps, self.stamps[number]) - 1 - earlier
        return self.keys[max(place, 0)]

    def keep(self, start: int, stop: int, duration: int) -> None:
        """Forget what cannot be decoded before picture `start` and from `stop` on.

        Parameters
        ----------
        start, stop : int
            Numbers of pictures.
        duration : int
            Ticks for which the last one is shown; 0 where nobody says.
        """
        last = self.stamps[stop - 1]
        self._durations = self._durations | {last: duration}
        self._set(self.stamps[start:stop])

    def _set(self, stamps) -> None:
        self.stamps = np.asarray(stamps, dtype=np.int64)
        self._numbers = {stamp: number for number, stamp in enumerate(self.stamps.tolist())}
        times = (self.stamps - self.stamps[0]) * self._tick
        step = self._durations.get(int(self.stamps[-1]), 0) * self._tick
        step = step or (times[-1] - times[-2] if len(times) > 1 else 0.0)
        self.bounds = np.append(times, times[-1] + step)


def read_pictures(path: Path, container, stream) -> tuple[Pictures, list[str]]:
    """Read all packets of a stream.

    Parameters
    ----------
    path, container, stream
        A video file, opened and not yet read.

    Returns
    -------
    pictures : Pictures
    problems : list of str
        Sentences about what cannot be shown, for instance where the file breaks off.

    Raises
    ------
    InputError
        If there is no picture, or if pictures have no time stamps.
    """
    stamps, shown, durations, keys, places, problems = [], [], {}, [], {}, []
    try:
        for packet in container.demux(stream):
            if packet.size == 0:
                continue  # says that the file ends
            shown_at = packet.pts if packet.pts is not None else packet.dts
            place = len(stamps)
            stamps.append(packet.pts)
            if shown_at is None:
                continue
            places.setdefault(shown_at, place)
            if packet.is_keyframe or place == 0:
                decoded_at = packet.dts if packet.dts is not None else shown_at
                keys.append(Key(place, shown_at, decoded_at, packet.pos))
            if not packet.is_discard:
                shown.append(shown_at)
                durations.setdefault(shown_at, packet.duration or 0)
    except av.FFmpegError as error:
        reached = (max(shown) - min(shown)) * float(stream.time_base) if shown else 0.0
        problems.append(
            f"{path}: broken after {reached:.2f} s ({error.strerror}); only the frames before "
            "that can be shown"
        )
    if not stamps:
        raise no_frame(path)
    tick = float(stream.time_base)
    if None in stamps or not shown:
        return _decoded_pictures(path, durations, keys, places, tick)
    if _go_back(stamps):  # no stamp says for sure where a packet is
        return _decoded_pictures(path, durations, keys[:1], places, tick)
    return Pictures(sorted(set(shown)), durations, keys, places, tick), problems


def _increasing(keys: list[Key]) -> list[Key]:
    """Return keys without those whose stamps go back."""
    kept = keys[:1]
    for key in keys[1:]:
        if key.stamp > kept[-1].stamp:
            kept.append(key)
    return kept


def _go_back(stamps: list[int]) -> bool:
    """Return whether stamps jump back, as where recordings were joined end to end."""
    order = np.argsort(stamps, kind="stable")
    return bool(np.abs(order - np.arange(len(order))).max() > REORDERED)


def _decoded_pictures(path: Path, durations, keys, places, tick: float):
    """Decode a file once, because its packets do not say when pictures are shown."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bounds = probe(path)["bounds"]
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    first = frame.pts if frame.pts is not None else frame.dts
    stamps = first + np.round(bounds[:-1] / tick).astype(np.int64)
    pictures = Pictures(stamps, durations, keys or [Key(0, first, first, None)], places, tick)
    pictures.bounds, pictures.decoded = bounds, True
    return pictures, [str(one.message) for one in caught]
