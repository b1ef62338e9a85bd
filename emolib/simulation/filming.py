"""A simulated video: people before a wall, a hand-held camera, and the H.264 file it leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from emolib.simulation.camera import sample_camera
from emolib.simulation.expression import ornstein_uhlenbeck, sample_times
from emolib.simulation.face import Face, Pose, compose
from emolib.simulation.identity import Identity
from emolib.simulation.movement import Movement, interpolate
from emolib.simulation.scene import draw_body, draw_room, place
from emolib.simulation.shading import sample_light

_SHAKE = 2.0
_MARGIN = 10
_LARGEST_SWAY = 0.12
_SHOULDERS_FOLLOW = 0.6
# One thread and no macroblock tree: otherwise the bytes depend on the number of cores, and the
# first file of a process may differ from the next.
_X264 = {"crf": "26", "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}


@dataclass(frozen=True)
class Actor:
    """A person before the camera: looks, movement per frame, and where they sit, in pixels."""

    face: Face
    identity: Identity
    movement: Movement
    x: float
    y: float
    scale: float

    def pose(self, frame: int) -> Pose:
        """Return where the head is in a frame."""
        yaw, pitch, roll = self.movement.turn[frame].tolist()
        sway = np.clip(self.movement.sway[frame], -_LARGEST_SWAY, _LARGEST_SWAY) * self.scale
        x, y = (sway + (self.x, self.y)).tolist()
        return Pose(yaw, pitch, roll, x, y, self.scale)


def film(
    actors: Sequence[Actor], width: int, height: int, times: np.ndarray, seed: Sequence[int]
) -> Iterator[np.ndarray]:
    """Film people.

    Parameters
    ----------
    actors : sequence of Actor
        Whose movements are given at `times`.
    width, height : int
        Frame size in pixels.
    times : ndarray (n,)
        Seconds.
    seed : sequence of int
        Determines room, clothes, light and camera.

    Yields
    ------
    ndarray of uint8 (height, width, 3)
        BGR, one for each time.
    """
    generator = np.random.default_rng(seed)
    room = draw_room(generator, height + 2 * _MARGIN, width + 2 * _MARGIN)
    bodies = [draw_body(generator, actor.scale, actor.identity.skin) for actor in actors]
    light = sample_light(generator)
    camera = sample_camera(generator, height, width)
    shake = ornstein_uhlenbeck(generator, (len(sample_times(times[-1])), 2), 1.0)
    shifts = np.clip(interpolate(times, shake) * _SHAKE, -_MARGIN, _MARGIN) - _MARGIN
    for number, shift in enumerate(shifts.tolist()):
        frame = cv2.warpAffine(
            room, np.float32([[1, 0, shift[0]], [0, 1, shift[1]]]), (width, height)
        )
        for actor, body in zip(actors, bodies, strict=True):
            pose = actor.pose(number)
            shoulders = np.array([actor.x, actor.y]) * (1 - _SHOULDERS_FOLLOW)
            shoulders += np.array([pose.x, pose.y]) * _SHOULDERS_FOLLOW
            place(frame, body, *shoulders.tolist())
            gaze = tuple(actor.movement.gaze[number].tolist())
            patch = actor.face.render(actor.movement.action_units[number], pose, light, gaze)
            compose(frame, patch)
        yield camera.develop(frame, generator)


def encode(frames: Iterator[np.ndarray], path: Path, rate: Fraction) -> None:
    """Write 8-bit BGR frames as an H.264 file without sound, at a constant frame rate."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options=_X264)
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        container.mux(stream.encode())
