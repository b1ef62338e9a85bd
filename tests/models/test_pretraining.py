"""Pre-training: the twin and back, people on disk, augmentation, resumption, probe, card."""

import dataclasses
import json

import cv2
import keras
import numpy as np
import pandas as pd
import pytest

from emolib.models import pretraining, pretraining_data
from emolib.models.backbones import convolutional_part, shipped_weights
from emolib.models.compact import assign_weights, load_compact, named_weights, save_compact
from emolib.models.pretraining import SETTINGS, Pretraining, Stage, make_weights, r_squared
from emolib.models.pretraining_data import (
    People,
    augment,
    render_people,
    shrink,
    shuffled_batches,
)
from emolib.models.probe import probe_predictions, probe_table, write_model_card
from emolib.models.twin import deepened, plain_weights, start_twin, trainable_twin

TINY = Pretraining(
    n_people=8,
    faces_per_person=8,
    n_validation_people=1,
    faces_per_epoch=64,
    stages=(Stage(36, 2, 1e-2), Stage(72, 1, 1e-3)),
    precision="float32",
)


def tiny_part(name="tiny"):
    x = inputs = keras.Input((72, 72, 3))
    for block, filters in ((1, 4), (2, 6)):
        layer = f"block{block}_conv1"
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=layer)(x)
        x = keras.layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(x)
    return keras.Model(inputs, x)


@pytest.fixture(scope="module")
def work_folder(tmp_path_factory):
    """Return a folder with the tiny people rendered in it."""
    folder = tmp_path_factory.mktemp("work")
    render_people(folder, range(9), 8, TINY.seed, n_jobs=1, progress=False)
    return folder


def people(count=3, faces=4, side=72):
    generator = np.random.default_rng(1)
    crops = generator.integers(0, 256, (count, faces, side, side, 3), dtype=np.uint8)
    units = generator.normal(size=(count, faces, 17)).astype(np.float32)
    return People(tuple(crops), units, np.full((count, faces), ""))


def features(network, images, layer=None):
    if layer:
        network = keras.Model(network.input, network.get_layer(layer).output)
    return network.predict_on_batch(images)


def assert_close(found, expected):
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def shaken(network, generator):
    """Give the normalisations of a network statistics, scales and offsets of their own."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            low, high = ([0.5, -1, -1, 0.1], [2, 1, 1, 4])
            values = zip(low, high, layer.get_weights(), strict=True)
            layer.set_weights([generator.uniform(a, b, old.shape) for a, b, old in values])
    return network


def test_plain_weights_plain_network_computes_what_the_twin_does():
    generator = np.random.default_rng(2)
    part = tiny_part()
    twin = shaken(trainable_twin(part, 17), generator)
    assign_weights(part, plain_weights(twin))
    images = generator.uniform(-1, 1, (2, 72, 72, 3)).astype(np.float32)
    assert_close(part.predict_on_batch(images), features(twin, images, "block2_pool"))


def test_plain_weights_of_xception_are_all_that_its_twin_learns_below_the_head():
    generator = np.random.default_rng(3)
    part = convolutional_part("xception", 72)
    twin = shaken(trainable_twin(part, 17), generator)
    assign_weights(part, plain_weights(twin))
    images = generator.uniform(-1, 1, (2, 72, 72, 3)).astype(np.float32)
    assert_close(part.predict_on_batch(images), features(twin, images, "block14_sepconv2_act"))


def test_deepened_vgg19_computes_exactly_the_features_of_vgg16():
    keras.utils.set_random_seed(4)
    shallow, deep = convolutional_part("vgg16", 32), convolutional_part("vgg19", 32)
    assign_weights(deep, deepened(named_weights(shallow), deep))
    images = np.random.default_rng(4).uniform(-1, 1, (3, 32, 32, 3)).astype(np.float32)
    expected = shallow.predict_on_batch(images)
    assert expected.any()
    np.testing.assert_array_equal(deep.predict_on_batch(images), expected)


def test_start_twin_computes_what_the_plain_network_does_with_statistics_of_the_images():
    keras.utils.set_random_seed(5)
    part = tiny_part()
    part.get_layer("block1_conv1").bias.assign([0.5, -0.5, 1, 0])
    images = np.random.default_rng(5).uniform(-1, 1, (6, 72, 72, 3)).astype(np.float32)
    twin = trainable_twin(part, 17)
    start_twin(twin, named_weights(part), images)
    assert_close(features(twin, images, "block2_pool"), part.predict_on_batch(images))
    in_training = twin(images, training=True)  # normalises by the batch, which is the images
    np.testing.assert_allclose(in_training, twin.predict_on_batch(images), atol=1e-4)


def test_people_faces_are_numbered_across_people():
    some = people()
    np.testing.assert_array_equal(
        some.faces(np.array([5, 0])), [some.crops[1][1], some.crops[0][0]]
    )
    np.testing.assert_array_equal(some.targets[5], some.action_units[1, 1])
    assert len(some[1:]) == 2


def test_render_people_twice_renders_only_whom_it_lacks(tmp_path, monkeypatch):
    first = render_people(tmp_path, [0, 1], 2, seed=3, n_jobs=1, progress=False)
    rendered = []
    original = pretraining_data._render
    monkeypatch.setattr(
        pretraining_data, "_render", lambda *a: (rendered.append(a[1]), original(*a))
    )
    again = render_people(tmp_path, [0, 1, 2], 2, seed=3, n_jobs=1, progress=False)
    assert rendered == [2]
    np.testing.assert_array_equal(again.crops[1], first.crops[1])
    assert again.action_units.shape == (3, 2, 17)


def test_shrink_is_area_averaging_to_plus_minus_one():
    crops = people(1, 2).crops[0]
    expected = [
        cv2.resize(crop.astype(np.float32), (36, 36), interpolation=cv2.INTER_AREA) / 127.5 - 1
        for crop in crops
    ]
    np.testing.assert_allclose(shrink(crops, 36), expected, atol=1e-5)
    assert shrink(np.full((1, 72, 72, 3), 255, np.uint8), 72).max() == 1


def test_augment_stays_in_range_and_mirrors_about_half():
    ramp = np.linspace(-0.8, 0.8, 16, dtype=np.float32)
    images = np.broadcast_to(ramp[None, None, :, None], (200, 16, 16, 3))
    changed = augment(images, np.random.default_rng(0))
    assert changed.dtype == np.float32 and changed.shape == images.shape
    assert changed.min() >= -1 and changed.max() <= 1
    rising = (changed[:, 0, -1] > changed[:, 0, 0]).all(axis=-1)
    assert 70 < rising.sum() < 130


def test_shuffled_batches_show_every_face_once_and_repeat_by_seed():
    some = people(5, 4)
    first, again = (list(shuffled_batches(some, 4, 36, np.random.default_rng(7))) for _ in range(2))
    assert sorted(np.concatenate([rows for _, rows in first])) == list(range(20))
    for (images, _), (same, _) in zip(first, again, strict=True):
        assert images.shape == (4, 36, 36, 3)
        np.testing.assert_array_equal(images, same)


def test_r_squared_is_one_for_the_truth_and_zero_for_its_mean():
    some, train = people(4, 3), people(6, 3)

    class Oracle:
        def __init__(self, values):
            standard = (values - train.targets.mean(0)) / train.targets.std(0)
            self.values = standard

        def predict_on_batch(self, images):
            return self.values[: len(images)]

    assert r_squared(Oracle(some.targets), some, train, 36)["r2"] == pytest.approx(1, abs=1e-5)
    mean = np.broadcast_to(some.targets.mean(0), some.targets.shape)
    assert r_squared(Oracle(mean), some, train, 36)["r2_AU12"] == pytest.approx(0, abs=1e-5)


def test_make_weights_interrupted_goes_on_as_if_nothing_had_happened(
    tmp_path, work_folder, monkeypatch
):
    monkeypatch.setattr(pretraining, "convolutional_part", tiny_part)
    make_weights("whole", tmp_path / "whole.npz", work_folder, TINY, progress=False)

    original, calls = pretraining._train_epoch, []

    def interrupted(*arguments):
        calls.append(arguments[3])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(pretraining, "_train_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_weights("parts", tmp_path / "parts.npz", work_folder, TINY, progress=False)
    assert not (tmp_path / "parts.npz").exists()
    make_weights("parts", tmp_path / "parts.npz", work_folder, TINY, progress=False)
    assert calls == [0, 1, 1, 2]

    histories = [
        pd.read_csv(next(work_folder.glob(f"{n}-*/history.csv"))) for n in ("whole", "parts")
    ]
    assert histories[0]["size"].tolist() == [36, 36, 72]
    pd.testing.assert_frame_equal(*histories, rtol=1e-4)
    weights, metadata = load_compact(tmp_path / "parts.npz")
    assert set(weights) == {f"block{b}_conv1/{w}" for b in (1, 2) for w in ("kernel", "bias")}
    assert metadata["preprocessing"] == "symmetric" and metadata["epochs_done"] == 3


def test_make_weights_starts_where_another_backbone_ended(tmp_path, work_folder, monkeypatch):
    path = tmp_path / "shallow_simulated.npz"
    monkeypatch.setattr(pretraining, "convolutional_part", tiny_part)
    monkeypatch.setattr(pretraining, "shipped_weights", lambda name: path)
    kernels = {name: 3 * value for name, value in named_weights(tiny_part()).items()}
    save_compact(kernels, path, {})
    still = dataclasses.replace(TINY, start="shallow", stages=(Stage(36, 1, 0.0),))
    weights, metadata = load_compact(
        make_weights("deep", tmp_path / "deep.npz", work_folder, still, progress=False)
    )
    for name, value in load_compact(path)[0].items():
        if name.endswith("kernel"):  # scaled by how the statistics moved over one epoch
            channel = (0, 1, 2)
            found = weights[name] / np.abs(weights[name]).max(channel)
            assert_close(found, value / np.abs(value).max(channel))
    assert metadata["start"].startswith("`shallow_simulated.npz`")
    assert load_compact(path)[1]["sha256"] in metadata["start"]


def test_settings_start_only_from_backbones_that_are_made_before():
    made = []
    for name, settings in SETTINGS.items():
        assert settings.start is None or settings.start in made
        made.append(name)


def test_shipped_weights_were_made_with_the_settings_in_the_code():
    for name, settings in SETTINGS.items():
        _, metadata = load_compact(shipped_weights(name))
        made_with = {"start": None} | metadata["settings"]
        assert made_with == json.loads(json.dumps(dataclasses.asdict(settings)))
        assert metadata["epochs_done"] == sum(stage.epochs for stage in settings.stages)


def test_probe_table_separates_representations_from_chance():
    predictions = probe_predictions(12, 20, backbones={}, n_jobs=1)
    people = predictions.groupby("split")["person"].nunique()
    assert people.to_dict() == {"test": 5, "train": 7}
    table = probe_table(predictions)
    assert table["representation"].tolist() == ["grey pixels", "oriented gradients"]
    assert table["dimension"].tolist() == [36 * 36, 8 * 8 * 36]
    assert (table["train_faces"] + table["test_faces"] == 12 * 8).all()
    gradients = table.set_index("representation")["balanced_accuracy"]["oriented gradients"]
    assert 1.5 / 7 < gradients <= 1


def test_write_model_card_shows_the_metadata_and_the_probe(tmp_path):
    metadata = {
        "backbone": "vgg16", "preprocessing": "symmetric", "target": "action units",
        "settings": {"n_people": 8, "n_validation_people": 1, "faces_per_person": 8, "seed": 5,
                     "faces_per_epoch": 64, "precision": "float32",
                     "stages": [{"size": 36, "epochs": 2, "learning_rate": 0.01}]},
        "validation": {"size": 36, "r2": 0.625, "r2_AU12": 0.8125},
        "start": "`other.npz`",
    }  # fmt: skip
    save_compact({"a/kernel": np.eye(3, dtype=np.float32)}, tmp_path / "w.npz", metadata)
    table = pd.DataFrame({"representation": ["gradients"], "balanced_accuracy": [0.5625]})
    text = write_model_card(tmp_path / "w.npz", table, tmp_path / "w.md").read_text()
    for piece in ("2 epochs at 36 x 36", "| 12 | 0.812 |", "| gradients | 0.562 |", "0.62 on av"):
        assert piece in text
    assert "| start | `other.npz` |" in text
    assert "batch normalisation folded in" in text
    assert load_compact(tmp_path / "w.npz")[1]["sha256"] in text
