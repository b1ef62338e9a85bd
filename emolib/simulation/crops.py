"""Face crops with known action units, from which a backbone is pre-trained.

The people are strangers to the corpus, whatever the seeds. Expressions are varied beyond
what the seven emotions show, so that action units are nearly independent of each other and a
network cannot learn one from another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from emolib.labels import EMOTIONS
from emolib.simulation.action_units import ACTION_UNITS, INDEX
from emolib.simulation.camera import Camera, sample_camera
from emolib.simulation.face import Face, Pose, compose
from emolib.simulation.identity import limited, sample_identity, sample_manner
from emolib.simulation.prototypes import PROTOTYPES, vary
from emolib.simulation.scene import draw_body, draw_room, place
from emolib.simulation.shading import Light, sample_light

# Keeps these people apart from those of the corpus, whatever the seeds.
_STREAM = 1
_PROTOTYPE_SHARE = 0.4
_FACES_PER_SCENE = 6
_SCENE_EXTENT = 1.65
# dlib's boxes on these faces: centre and side scatter about Pose.box by this share of the side,
# measured on 280 posed portraits. Its pyramid has steps of 6/5, hence the spread of the side.
_CENTRE_SPREAD = 0.037
_SIDE_SPREAD = 0.10

Crops = tuple[np.ndarray, np.ndarray, np.ndarray, int]


def simulate_crops(
    n_people: int, faces_per_person: int, seed: int, first_person: int = 0, size: int = 72
) -> Iterator[Crops]:
    """Render face crops of simulated people, person by person.

    Parameters
    ----------
    n_people : int
        Number of people.
    faces_per_person : int
        Crops of each.
    seed : int
        With the number of the person it determines everything, so that people can be rendered
        in any order and in parallel.
    first_person : int
        Number of the first person.
    size : int
        Side of a crop in pixels.

    Yields
    ------
    crops : ndarray of uint8 (faces_per_person, size, size, 3)
        RGB.
    action_units : ndarray of float32 (faces_per_person, 17)
        Intensities shown, in the order of `emolib.simulation.action_units.ACTION_UNITS`.
    emotion : ndarray of str (faces_per_person,)
        The category of crops that show a prototype (40 %, near-balanced); "" of the others.
    person : int
        Number of the person.

    Examples
    --------
    >>> crops, action_units, emotion, person = next(simulate_crops(1, 5, seed=3))
    >>> crops.shape, action_units.shape, person
    ((5, 72, 72, 3), (5, 17), 0)
    """
    for person in range(first_person, first_person + n_people):
        yield _crops_of_person(
            np.random.default_rng([seed, person]), faces_per_person, size, person
        )


def pure_crops(person: int, faces: int, seed: int, size: int = 72) -> tuple[np.ndarray, np.ndarray]:
    """Render the crops of a person that show a category in pure form; for a process among others.

    Parameters
    ----------
    person, seed, size
        As of `simulate_crops`.
    faces : int
        How many crops the person has in all.

    Returns
    -------
    crops : ndarray of uint8 (n, size, size, 3)
    emotion : ndarray of str (n,)
    """
    cv2.setNumThreads(1)  # several processes already share the cores
    crops, _, emotion, _ = next(simulate_crops(1, faces, seed, person, size))
    return crops[emotion != ""], emotion[emotion != ""]


@dataclass(frozen=True)
class _Scene:
    room: np.ndarray
    body: np.ndarray
    scale: float
    light: Light
    camera: Camera
    turn: np.ndarray
    quality: int


def _crops_of_person(generator, faces_per_person: int, size: int, person: int) -> Crops:
    identity = sample_identity(generator)
    manner = sample_manner(generator)
    face = Face(identity, generator, manner.asymmetry)
    intended, emotion = _sample_expressions(generator, faces_per_person, person)
    action_units = manner.shown(intended)
    crops = np.empty((faces_per_person, size, size, 3), np.uint8)
    for i in range(faces_per_person):
        if i % _FACES_PER_SCENE == 0:
            scene = _sample_scene(generator, identity.skin)
        crops[i] = _render_crop(generator, face, action_units[i], scene, size)
    return crops, action_units, emotion, person


def _sample_expressions(generator, count: int, person: int) -> tuple[np.ndarray, np.ndarray]:
    """Return action units before gain and rest, (count, 17), and emotions, in random order."""
    n_prototypes = round(_PROTOTYPE_SHARE * count)
    n_blends = (count - n_prototypes) // 3
    # Starting at another emotion for each person balances the classes however few the faces.
    category = (person + np.arange(n_prototypes)) % len(EMOTIONS)
    strength = generator.uniform(0.4, 1.0, (n_prototypes, 1))
    pure = vary(generator, PROTOTYPES[category] * strength)

    weights = generator.uniform(0, 0.9, (n_blends, 2))
    pairs = PROTOTYPES[generator.integers(0, len(EMOTIONS), (n_blends, 2))]
    blends = vary(generator, np.einsum("np,npk->nk", weights, pairs))

    shape = (count - n_prototypes - n_blends, len(ACTION_UNITS))
    single = generator.uniform(0, 1.1, shape) * (generator.random(shape) < 0.3)
    action_units = np.concatenate([pure, blends, single])
    blink = generator.random(count) < 0.08
    action_units[blink, INDEX[43]] = generator.uniform(0.3, 1.0, blink.sum())
    action_units += 0.04 * generator.standard_normal(action_units.shape)

    emotion = np.full(count, "", dtype=f"<U{max(map(len, EMOTIONS))}")
    emotion[:n_prototypes] = np.array(EMOTIONS)[category]
    order = generator.permutation(count)
    return limited(action_units[order]), emotion[order]


def _sample_scene(generator: np.random.Generator, skin: np.ndarray) -> _Scene:
    scale = float(generator.uniform(46, 66))
    side = round(2 * _SCENE_EXTENT * scale)
    room = draw_room(generator, 240, 320)
    top, left = generator.integers(0, (240 - side + 1, 320 - side + 1))
    return _Scene(
        room=room[top : top + side, left : left + side],
        body=draw_body(generator, scale, skin),
        scale=scale,
        light=sample_light(generator),
        camera=sample_camera(generator, side, side),
        turn=generator.normal(0, (0.11, 0.07, 0.03)),
        quality=int(generator.integers(45, 91)),
    )


def _render_crop(generator, face: Face, action_units, scene: _Scene, size: int) -> np.ndarray:
    middle = _SCENE_EXTENT * scene.scale
    yaw, pitch, roll = (scene.turn + generator.normal(0, (0.13, 0.07, 0.05))).tolist()
    x, y = (middle + generator.uniform(-2, 2, 2)).tolist()
    pose = Pose(yaw, pitch, roll, x, y - 0.42 * scene.scale, scene.scale)
    gaze = tuple(generator.normal(0, (0.025, 0.012)).tolist())
    frame = scene.room.copy()
    place(frame, scene.body, x, pose.y)
    compose(frame, face.render(action_units, pose, scene.light, gaze))
    picture = scene.camera.develop(frame, generator)
    # The corpus is compressed video; JPEG leaves similar blocks and smears at a similar price.
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, scene.quality])
    picture = cv2.imdecode(code, cv2.IMREAD_COLOR)
    return _crop(generator, picture, pose.box(), size)


def _crop(generator, picture: np.ndarray, box, size: int) -> np.ndarray:
    x, y, side, _ = box
    jitter = np.clip(generator.standard_normal(2), -2, 2) * _CENTRE_SPREAD * side
    centre = np.array([x, y]) + side / 2 + jitter
    side = side * float(generator.uniform(1 - _SIDE_SPREAD, 1 + _SIDE_SPREAD))
    left, top = np.round(centre - side / 2).astype(int).clip(0)
    crop = picture[top : top + round(side), left : left + round(side), ::-1]
    return cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
