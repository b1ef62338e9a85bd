"""Any picture of a video file, exactly, wherever it lies: seek to a key picture and decode on."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from emolib.annotator.packets import Key, read_pictures
from emolib.data.video import no_frame, open_video, shortfall, upright
from emolib.errors import InputError

AHEAD = 8
"""Pictures that are rather decoded than sought past."""

NEARBY = 64
NEARBY_BYTES = 64_000_000
"""Decoded pictures that are kept, at most, so that stepping back does not decode them again."""

LONGEST_TAIL = 1000
"""Pictures that opening may decode to learn whether the last ones can be."""

MOST_THREADS = 4


class VideoFile:
    """The pictures of a video file, by number.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    bounds : ndarray of float64, shape (n + 1,)
        Stamps of the pictures in s, from 0, and the end of the last one: as `probe` gives them.
    width, height : int
        As displayed, px.
    problems : list of str
        Sentences about what cannot be shown.

    Raises
    ------
    InputError
        If the file is missing, is not a video, is cut off before its index, or has no frame.
    """

    def __init__(self, path: Path):
        self.path = path
        self._threads = MOST_THREADS
        self._reformatter = VideoReformatter()
        self._nearby: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._held: dict[int, int] = {}  # pictures that cannot be decoded -> those before them
        self._broken: int | None = None  # the first picture that is out of reach
        self._container = None
        self._open()
        try:
            self._pictures, self.problems = read_pictures(path, self._container, self._stream)
            self._find_start()
            if not self._pictures.decoded:
                self._find_end()
            self.height, self.width = self.image(0).shape[:2]
        except BaseException:
            self.close()
            raise

    @property
    def bounds(self) -> np.ndarray:  # noqa: D102
        return self._pictures.bounds

    def image(self, number: int, share: float = 1.0) -> np.ndarray:
        """Return a picture as uint8 (height, width, 3), RGB, at a share of its size.

        One that cannot be decoded is that before it, as for `read_frames`.

        Raises
        ------
        InputError
            If the file is broken before this picture.
        """
        return upright(self._frame(number), self._pixel_aspect, self._reformatter, share)

    def nearest(self, number: int) -> int:
        """Return a picture that can be had at once: this one, or the key picture before it."""
        if number in self._nearby or self._goes_on(number, 4 * AHEAD):
            return number
        key = self._pictures.number(self._pictures.key(number).stamp)
        return number if key is None or number - key <= AHEAD else key

    def close(self) -> None:
        """Close the file."""
        self._nearby.clear()
        if self._container is not None:
            self._container.close()

    def _frame(self, number: int) -> av.VideoFrame:
        """Return a decoded picture."""
        while (number := self._held.get(number, number)) not in self._nearby:
            if self._broken is not None and number >= self._broken:
                raise InputError(self.problems[-1])
            try:
                self._reach(number)
            except av.FFmpegError as error:
                self._break(error)
        self._nearby.move_to_end(number)
        return self._nearby[number]

    def _reach(self, number: int) -> None:
        """Decode up to a picture; where it cannot be decoded, note what is shown instead."""
        clear = max(number - NEARBY // 2, 0)  # from here on, every picture is decoded
        self._clear_from = self._pictures.stamps[clear]
        for earlier in range(3):
            if earlier or not self._goes_on(number, AHEAD):
                self._seek(self._pictures.key(number, earlier))
            before, found = self._at, -1
            for found in self._run:
                if found >= number:
                    break
                before = found
            if found == number:
                return
            if before >= clear:  # the decoder was in step, and left out what lies between
                left_out = range(before + 1, max(found, number + 1))
                self._held |= dict.fromkeys(left_out, before)
                return
        self._held[number] = number - 1

    def _goes_on(self, number: int, ahead: int) -> bool:
        """Return whether to decode on from where the decoder stands."""
        if self._run is None or self._at >= number:
            return False
        if self._at < 0:
            return self._start.place == self._pictures.key(number).place
        key = self._pictures.key(number).stamp
        return number - self._at <= ahead or key <= self._pictures.stamps[self._at]

    def _break(self, error: av.FFmpegError) -> None:
        """Try again without threads, or note that the file is broken."""
        if self._threads > 1:
            self._threads = 1  # alone, a decoder breaks where that of `read_frames` does
            self._open()
            return
        start = self._pictures.number(self._start.stamp) or 0
        self._broken = max(self._at + 1, start)
        self._run = None
        self.problems.append(
            f"{self.path}: broken after {self.bounds[self._broken]:.2f} s ({error.strerror}); only "
            "the frames before that can be shown"
        )

    # ---- Decoding

    def _open(self) -> None:
        """Open the file, at its beginning."""
        if self._container is not None:
            self._container.close()
        self._container = open_video(self.path)
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "NONE" if self._threads == 1 else "AUTO"
        self._stream.codec_context.thread_count = self._threads
        self._pixel_aspect = float(self._stream.sample_aspect_ratio or 1) or 1.0
        self._run, self._start, self._at, self._clear_from = None, None, -1, 0

    def _seek(self, key: Key) -> None:
        """Let the decoder begin with a key picture, and with nothing else."""
        keys = self._pictures.keys
        earlier = [one.decoded for one in reversed(keys[: keys.index(key)])]
        nearer = () if key.place == 0 else (key.stamp, key.decoded, *earlier[:3])
        for stamp in (*nearer, None):
            packets = self._packets_from(stamp)
            for packet in packets:
                place = self._pictures.places.get(_stamp(packet), -1)
                if place > key.place:
                    break  # too far
                # Where packets were lost, some containers stamp differently after seeking.
                if place == key.place and key.offset in (None, packet.pos):
                    self._start, self._at = key, -1
                    self._run = self._decoded(chain([packet], packets))
                    return
        raise InputError(
            f"{self.path}: no longer holds what it held when it was opened; open it again"
        )

    def _packets_from(self, stamp: int | None) -> Iterator[av.Packet]:
        """Read on from a stamp, or from the beginning."""
        if stamp is None:
            self._open()
        else:
            try:
                self._container.seek(int(stamp), stream=self._stream)
            except av.FFmpegError:
                self._open()
        return self._container.demux(self._stream)

    def _decoded(self, packets: Iterable[av.Packet]) -> Iterator[int]:
        """Decode, keep every picture and yield its number."""
        context, start = self._stream.codec_context, self._start
        for packet in packets:
            if self._threads > 1 and packet.pts is not None:
                passed = packet.pts < self._clear_from
                context.skip_frame = "NONREF" if passed else "DEFAULT"
            for frame in packet.decode():
                stamp = _stamp(frame)
                number = self._pictures.number(stamp)
                if number is None:
                    self._note_stranger(stamp)
                # What is shown before the key picture may need what lies before it.
                elif number > self._at and (start.place == 0 or stamp >= start.stamp):
                    self._at = number
                    self._keep(number, frame)
                    if frame.is_corrupt:
                        self._note_damage(number)
                    yield number

    def _keep(self, number: int, frame: av.VideoFrame) -> None:
        self._nearby[number] = frame
        self._nearby.move_to_end(number)
        size = sum(plane.buffer_size for plane in frame.planes)
        while len(self._nearby) > max(min(NEARBY, NEARBY_BYTES // size), 2):
            self._nearby.popitem(last=False)

    def _note_damage(self, number: int) -> None:
        """Note the first picture of which a part could not be decoded."""
        start = f"{self.path}: damaged"
        if not any(problem.startswith(start) for problem in self.problems):
            self.problems.append(
                f"{start} at {self.bounds[number]:.2f} s, where pictures may look wrong"
            )

    def _note_stranger(self, stamp: int) -> None:
        """Note a picture that no packet announced."""
        stamps = self._pictures.stamps
        problem = (
            f"{self.path}: has pictures that its index does not know, so frames may be off; rewrap "
            f"it with `ffmpeg -i {self.path.name} -c copy {self.path.stem}.mkv`"
        )
        if stamps[0] < stamp < stamps[-1] and problem not in self.problems:
            self.problems.append(problem)

    # ---- What can be decoded of what the packets promise

    def _find_start(self) -> None:
        """Leave out what lies before the first picture that can be decoded."""
        self._clear_from = self._pictures.stamps[0]
        try:
            self._seek(self._pictures.keys[0])
            first = next(self._run, None)
        except av.FFmpegError:
            first = None
        if first is None:
            raise no_frame(self.path)
        if first > 0:
            self._forget(first, len(self._pictures))

    def _find_end(self) -> None:
        """Leave out what lies after the last picture that can be decoded."""
        count = len(self._pictures)
        for earlier in range(len(self._pictures.keys)):
            key = self._pictures.key(count - 1, earlier)
            if count - (self._pictures.number(key.stamp) or 0) > LONGEST_TAIL:
                return
            if last := self._last_from(key):
                number, duration = last
                break
        else:
            raise no_frame(self.path)
        tick = float(self._stream.time_base)
        self._forget(0, number + 1, duration)
        start = self._pictures.stamps[0] * tick
        short = shortfall(self.path, self._container, self._stream, start, self.bounds[-1])
        if short and not self.problems:
            self.problems.append(short)

    def _last_from(self, key: Key) -> tuple[int, int] | None:
        """Return the number of the last picture, and its duration in ticks, decoding from a key."""
        count = len(self._pictures)
        self._clear_from = self._pictures.stamps[max(count - NEARBY, 0)]
        self._seek(key)
        try:
            for _ in self._run:
                pass
        except av.FFmpegError as error:
            if self._threads > 1:
                self._threads = 1
                self._open()
                return self._last_from(key)
            if not self.problems:
                reached = self.bounds[max(self._at, 0)]
                self.problems.append(
                    f"{self.path}: broken after {reached:.2f} s ({error.strerror}); only the "
                    "frames before that can be shown"
                )
        last = self._at
        self._run = None
        return (last, self._nearby[last].duration or 0) if last >= 0 else None

    def _forget(self, start: int, stop: int, duration: int = 0) -> None:
        """Leave out pictures at both ends."""
        self._pictures.keep(start, stop, duration)
        self._nearby.clear()
        self._run = None


def _stamp(timed: "av.Packet | av.VideoFrame") -> int | None:
    return timed.pts if timed.pts is not None else timed.dts
