import itertools

import cv2
import dlib
import numpy as np
import pytest

from emolib.labels import EMOTIONS
from emolib.simulation.action_units import ACTION_UNITS, INDEX
from emolib.simulation.camera import sample_camera
from emolib.simulation.face import Face, Pose, compose
from emolib.simulation.identity import sample_identity, sample_manner
from emolib.simulation.prototypes import PROTOTYPES
from emolib.simulation.scene import draw_body, draw_room, place
from emolib.simulation.shading import Light, sample_light

POSE = Pose(x=100, y=105, scale=50)
FRONTAL_LIGHT = Light(np.array([0.0, -0.3, 0.954]), 0.5, 0.7, np.ones(3))
# Heights on the face (0 at the eyes, 1 about the mouth, 1.6 the chin) where each unit must show.
UPPER = {
    1: (-0.8, 0),
    2: (-0.8, 0),
    4: (-0.5, 0.1),
    5: (-0.3, 0.2),
    7: (-0.2, 0.3),
    43: (-0.4, 0.2),
}
MIDDLE = {6: (-0.1, 0.7), 9: (-0.3, 0.95)}
LOWER = {10: (0.5, 1.1), 12: (0.4, 1.2), 15: (0.8, 1.4), 16: (0.85, 1.3), 17: (0.8, 1.5)}
LOWER |= {20: (0.7, 1.3), 23: (0.7, 1.3), 25: (0.8, 1.2), 26: (0.9, 1.8)}
WHERE = UPPER | MIDDLE | LOWER


@pytest.fixture(scope="module")
def face():
    return Face.of_person(np.random.default_rng(4))


def rest(**changes):
    action_units = np.zeros(len(ACTION_UNITS))
    for unit, intensity in changes.items():
        action_units[INDEX[int(unit.removeprefix("au"))]] = intensity
    return action_units


def shown(face, action_units, pose=POSE, light=FRONTAL_LIGHT):
    frame = np.full((240, 200, 3), 0.2, np.float32)
    compose(frame, face.render(action_units, pose, light))
    return frame


def test_render_twice_is_identical():
    first, second = (shown(Face.of_person(np.random.default_rng(9)), rest()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_people_look_different():
    first, second = (shown(Face.of_person(np.random.default_rng(s)), rest()) for s in (1, 2))
    assert np.abs(first - second).mean() > 0.01


@pytest.mark.parametrize("unit", ACTION_UNITS)
def test_action_unit_changes_its_region(face, unit):
    change = np.abs(shown(face, rest(**{f"au{unit}": 1})) - shown(face, rest())).sum(axis=2)
    heights = (np.arange(240) - POSE.y) / POSE.scale
    low, high = WHERE[unit]
    profile = change.sum(axis=1)
    assert profile.sum() > 20
    assert low < np.average(heights, weights=profile) < high


@pytest.mark.parametrize("unit", ACTION_UNITS)
def test_action_unit_grows_with_intensity(face, unit):
    neutral = shown(face, rest())
    weak, strong = (
        np.abs(shown(face, rest(**{f"au{unit}": x})) - neutral).sum() for x in (0.3, 1.0)
    )
    assert weak < strong


def test_prototypes_are_visibly_different(face):
    pictures = [shown(face, action_units) for action_units in PROTOTYPES]
    for (i, first), (j, second) in itertools.combinations(enumerate(pictures), 2):
        pair = EMOTIONS[i], EMOTIONS[j]
        assert np.abs(first - second).sum(axis=2).max() > 0.3, pair
        assert np.abs(first - second).mean() > 0.002, pair


def test_gaze_moves_the_irises_only(face):
    change = face.render(rest(), POSE, FRONTAL_LIGHT, (0.06, 0)).image
    change = np.abs(change - face.render(rest(), POSE, FRONTAL_LIGHT).image).sum(axis=(1, 2))
    rows = np.flatnonzero(change > 1e-3)
    patch = face.render(rest(), POSE, FRONTAL_LIGHT)
    heights = (rows + patch.top - POSE.y) / POSE.scale
    assert len(rows) and np.abs(heights).max() < 0.25


def test_light_from_a_side_brightens_that_side(face):
    for side in (-1, 1):
        light = Light(np.array([0.8 * side, 0.0, 0.6]), 0.3, 0.9, np.ones(3))
        picture = shown(face, rest(), light=light)[90:150]
        left, right = picture[:, 60:95].mean(), picture[:, 105:140].mean()
        assert (right - left) * side > 0.05


def test_whole_pixel_move_moves_the_patch_exactly(face):
    near = face.render(rest(), POSE, FRONTAL_LIGHT)
    far = face.render(rest(), Pose(x=107, y=93, scale=50), FRONTAL_LIGHT)
    assert (far.left - near.left, far.top - near.top) == (7, -12)
    np.testing.assert_allclose(far.image, near.image, atol=2e-3)


def test_turned_head_moves_the_nose_where_the_pose_says():
    tip = (0, 0.5, 0.9)
    assert Pose(yaw=0.3).project(tip)[0] > Pose().project(tip)[0] + 5
    assert Pose(pitch=0.3).project(tip)[1] > Pose().project(tip)[1] + 5
    assert Pose(roll=0.3).project((0.8, 0.35, -0.2))[1] > Pose().project((0.8, 0.35, -0.2))[1] + 5


@pytest.mark.parametrize("turn", [{"yaw": 0.35}, {"pitch": 0.25}, {"roll": 0.2}])
def test_rendered_eyes_follow_the_pose(face, turn):
    pose = Pose(x=100, y=105, scale=50, **turn)
    change = np.abs(shown(face, rest(au43=1), pose) - shown(face, rest(), pose)).sum(axis=2)
    row, column = np.array(np.nonzero(change > 0.3 * change.max())).mean(axis=1)
    expected = pose.project((0, 0, 0.75))
    assert np.abs((column, row) - expected).max() < 9


def test_patch_is_premultiplied_and_empty_at_its_border(face):
    image = face.render(rest(), POSE, FRONTAL_LIGHT).image
    alpha = image[..., 3:]
    assert alpha.min() >= 0 and alpha.max() <= 1 + 1e-6
    assert (image[..., :3] <= 1.5 * alpha + 1e-5).all()
    assert alpha[0].max() == alpha[-1].max() == alpha[:, 0].max() == alpha[:, -1].max() == 0


@pytest.mark.parametrize(("x", "y"), [(0, 0), (200, 240), (-500, 100), (100, 900)])
def test_compose_beyond_the_frame_keeps_the_rest(face, x, y):
    frame = np.full((240, 200, 3), 0.2, np.float32)
    patch = face.render(rest(), Pose(x=x, y=y, scale=50), FRONTAL_LIGHT)
    compose(frame, patch)
    outside = np.ones((240, 200), bool)
    rows, columns = patch.image.shape[:2]
    top, left = max(patch.top, 0), max(patch.left, 0)
    outside[top : max(patch.top + rows, 0), left : max(patch.left + columns, 0)] = False
    assert (frame[outside] == np.float32(0.2)).all()


def posed_pictures():
    for person in range(15):
        generator = np.random.default_rng([77, person])
        identity = sample_identity(generator)
        face, manner = Face(identity, generator), sample_manner(generator)
        scale = generator.uniform(46, 60)
        room, light = draw_room(generator, 240, 320), sample_light(generator)
        body, camera = (
            draw_body(generator, scale, identity.skin),
            sample_camera(generator, 240, 320),
        )
        for action_units in PROTOTYPES[generator.permutation(len(PROTOTYPES))[:4]]:
            yaw, pitch, roll = generator.normal(0, (0.15, 0.08, 0.05))
            pose = Pose(yaw, pitch, roll, 160, 101, scale)
            frame = room.copy()
            place(frame, body, pose.x, pose.y)
            compose(frame, face.render(manner.shown(action_units), pose, light))
            yield cv2.cvtColor(camera.develop(frame, generator), cv2.COLOR_BGR2RGB), pose


def test_detector_finds_rendered_faces():
    detector = dlib.get_frontal_face_detector()
    found, false = 0, 0
    for picture, pose in posed_pictures():
        x, y, side, _ = pose.box()
        hits = 0
        for box in detector(picture, 0):
            centre = np.array([box.left() + box.right(), box.top() + box.bottom()]) / 2
            near = np.abs(centre - (x + side / 2, y + side / 2)).max() < 0.25 * side
            hits += near and 0.7 < box.width() / side < 1.4
            false += not near
        found += hits == 1
    assert found >= 0.97 * 60
    assert false <= 1
