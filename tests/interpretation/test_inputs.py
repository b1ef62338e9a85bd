"""What goes into a run: pictures in order, features stored or made, an LSTM as it began."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.interpretation.inputs import face_features, read_crops, untrained_trunk
from emolib.storage import write_array, write_record

FACES = pd.DataFrame({"track": [*"aaab", "b"], "row": [0, 1, 2, 1, 0]})


@pytest.fixture(name="crops")
def _crops(tmp_path):
    generator = np.random.default_rng(2)
    for track in "ab":
        pictures = generator.integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
        write_array(pictures, tmp_path / "crops" / f"{track}.npy")
    return tmp_path / "crops"


def test_crops_are_in_the_order_of_the_table(crops):
    found = read_crops(FACES.iloc[[3, 0]], crops)
    np.testing.assert_array_equal(found[0], np.load(crops / "b.npy")[1])
    np.testing.assert_array_equal(found[1], np.load(crops / "a.npy")[0])
    assert len(read_crops(FACES[:0], crops)) == 0


def test_features_are_those_of_each_face_in_any_order(toy_run, crops):
    mixed = FACES.sample(frac=1, random_state=0)
    found = face_features(toy_run, mixed, crops, crops / "nowhere")
    np.testing.assert_allclose(found, toy_run.features(read_crops(mixed, crops)), atol=1e-2)
    assert found.dtype == np.float16 and len(np.unique(found[:, 0])) > 1


@pytest.mark.parametrize(("key", "stored"), [("toy", True), ("another", False)])
def test_features_are_read_only_if_the_runs_backbone_made_them(toy_run, crops, key, stored):
    folder = crops.parent / "features"
    for track in "ab":
        write_array(np.full((3, 8), -1, np.float16), folder / f"{track}.npy")
        write_record(folder / f"{track}.npy", {"backbone": key})
    assert (face_features(toy_run, FACES, crops, folder) == -1).all() == stored
    (folder / "b.npy.inputs.json").unlink()
    assert (face_features(toy_run, FACES, crops, folder) != -1).any()


def test_features_of_nobody_are_refused(toy_run, crops):
    with pytest.raises(InputError, match="no faces"):
        face_features(toy_run, FACES[:0], crops)


def test_untrained_trunk_differs_from_the_run_and_depends_on_the_seed_only(toy_run):
    first, again, other = (untrained_trunk(toy_run, seed).get_weights() for seed in (1, 1, 2))
    own = toy_run.trunk.get_weights()
    assert [weight.shape for weight in first] == [weight.shape for weight in own]
    np.testing.assert_array_equal(first[0], again[0])
    for number in (0, 1):
        assert not np.allclose(first[number], other[number])
        assert not np.allclose(first[number], own[number])
    # As Keras begins: orthogonal recurrence, gates that forget open.
    np.testing.assert_allclose(first[1] @ first[1].T, np.eye(128), atol=1e-5)
    np.testing.assert_array_equal(first[2], np.repeat([0, 1, 0, 0], 128))
