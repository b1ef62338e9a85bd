"""Backbones: weights from each source, scaling inside the model, keys, errors."""

import dataclasses
import hashlib

import keras
import numpy as np
import pytest

from emolib.errors import InputError
from emolib.models import backbones
from emolib.models.backbones import ARCHITECTURES, convolutional_part, load_backbone
from emolib.models.compact import named_weights, save_compact

SIZE = 32


@pytest.fixture(scope="module")
def part():
    keras.utils.set_random_seed(5)
    return convolutional_part("vgg16", SIZE)


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3)).astype(np.float32)


def features_of_part(part, scaled):
    return keras.ops.convert_to_numpy(part(scaled)).reshape(len(scaled), -1)


def imagenet_folder(tmp_path, monkeypatch, part, md5=None, name="vgg16"):
    """Write the test's weights under the official name; make their checksum the official one."""
    path = tmp_path / ARCHITECTURES[name].file
    part.save(tmp_path / "whole.h5")
    (tmp_path / "whole.h5").rename(path)
    md5 = md5 or hashlib.md5(path.read_bytes()).hexdigest()
    entry = dataclasses.replace(ARCHITECTURES[name], md5=md5)
    monkeypatch.setitem(ARCHITECTURES, name, entry)
    monkeypatch.setenv("EMOLIB_WEIGHTS", str(tmp_path))


def no_network(*arguments, **options):
    raise Exception("no route to host")


def load(**options):
    return load_backbone("vgg16", input_size=SIZE, **options)


def test_load_backbone_imagenet_native_subtracts_the_bgr_mean(tmp_path, monkeypatch, part, faces):
    imagenet_folder(tmp_path, monkeypatch, part)
    expected = features_of_part(part, keras.applications.vgg16.preprocess_input(faces.copy()))
    backbone = load(weights="imagenet")
    assert backbone.dimension == 512
    np.testing.assert_allclose(
        backbone.model.predict_on_batch(faces), expected, rtol=1e-4, atol=1e-3
    )


def test_load_backbone_imagenet_thesis_scales_to_plus_minus_one(tmp_path, monkeypatch, part, faces):
    imagenet_folder(tmp_path, monkeypatch, part)
    expected = features_of_part(part, faces / 127.5 - 1)
    found = load(weights="imagenet", preprocessing="thesis").model.predict_on_batch(faces)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["vgg19", "xception"])
def test_load_backbone_imagenet_reads_the_official_file_without_a_network(
    tmp_path, monkeypatch, name
):
    part = convolutional_part(name, 72)
    imagenet_folder(tmp_path, monkeypatch, part, name=name)
    monkeypatch.setattr(keras.utils, "get_file", no_network)
    model = load_backbone(name, weights="imagenet").model
    for found, expected in zip(model.get_weights(), part.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_load_backbone_imagenet_damaged_file_names_file_hashes_and_address(
    tmp_path, monkeypatch, name
):
    path = tmp_path / ARCHITECTURES[name].file
    path.write_bytes(b"cut short")
    monkeypatch.setenv("EMOLIB_WEIGHTS", str(tmp_path))
    with pytest.raises(InputError) as caught:
        load_backbone(name, weights="imagenet", input_size=72)
    found = hashlib.md5(b"cut short").hexdigest()
    for piece in (str(path), found, ARCHITECTURES[name].md5, ARCHITECTURES[name].address):
        assert piece in str(caught.value)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_load_backbone_imagenet_not_to_be_had_says_what_to_do(tmp_path, monkeypatch, name):
    monkeypatch.setattr(keras.utils, "get_file", no_network)
    monkeypatch.setenv("EMOLIB_WEIGHTS", str(tmp_path))
    with pytest.raises(InputError, match="set EMOLIB_WEIGHTS to that folder") as caught:
        load_backbone(name, weights="imagenet", input_size=72)
    official = ARCHITECTURES[name]
    for piece in (official.file, official.md5, official.address, str(tmp_path)):
        assert piece in str(caught.value)


def test_load_backbone_keras_file_gives_the_same_features(tmp_path, part, faces):
    path = tmp_path / "mine.weights.h5"
    part.save_weights(path)
    found = load(weights=path, preprocessing="thesis").model.predict_on_batch(faces)
    np.testing.assert_allclose(
        found, features_of_part(part, faces / 127.5 - 1), rtol=1e-4, atol=1e-5
    )


def test_load_backbone_compact_file_takes_the_scaling_it_records(tmp_path, part):
    path = save_compact(
        named_weights(part),
        tmp_path / "mine.npz",
        {"backbone": "vgg16", "preprocessing": "symmetric"},
    )
    native, thesis = load(weights=path), load(weights=path, preprocessing="thesis")
    assert native.model.get_layer("scaling").offset == -1.0
    assert native.key.rsplit("-", 1)[1] == thesis.key.rsplit("-", 1)[1]


def test_load_backbone_bgr_mean_scales_so_whatever_the_weights_were_made_for(faces):
    model = load(weights="random", preprocessing="bgr_mean").model
    scaled = keras.Model(model.input, model.get_layer("scaling").output).predict_on_batch(faces)
    mean = np.array([103.939, 116.779, 123.68], np.float32)
    np.testing.assert_allclose(scaled, faces[..., ::-1] - mean, rtol=1e-4, atol=1e-3)


def test_load_backbone_compact_file_of_another_backbone_is_an_error(tmp_path, part):
    path = save_compact(named_weights(part), tmp_path / "mine.npz", {"backbone": "vgg16"})
    with pytest.raises(InputError, match="holds weights of vgg16, not of vgg19"):
        load_backbone("vgg19", weights=path, input_size=SIZE)


def test_load_backbone_file_of_another_model_is_an_error(tmp_path):
    path = tmp_path / "small.weights.h5"
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.layers.Dense(2)(inputs)).save_weights(path)
    with pytest.raises(InputError, match="not Keras weights of the convolutional part of vgg16"):
        load(weights=path)


def test_load_backbone_simulated_missing_names_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(backbones, "_PRETRAINED", tmp_path)
    with pytest.raises(InputError, match="run `make weights`"):
        load(weights="simulated")


def test_load_backbone_random_depends_on_the_seed_alone():
    keys = [load(weights="random", seed=seed).key for seed in (1, 1, 2)]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0].startswith("vgg16-random-native-flatten-")


def test_load_backbone_key_tells_whatever_changes_the_features_apart():
    options = [
        {"preprocessing": preprocessing, "pooling": pooling}
        for preprocessing in ("native", "thesis", "bgr_mean")
        for pooling in ("flatten", "average")
    ]
    keys = {load(weights="random", **some).key for some in options}
    assert len(keys) == 6
    assert any(key.startswith("vgg16-random-thesis-average-") for key in keys)
    assert load_backbone("vgg16", weights="random", input_size=64).key not in keys


@pytest.mark.parametrize(("name", "maps"), [("vgg16", 512), ("vgg19", 512), ("xception", 2048)])
def test_load_backbone_dimensions_at_the_size_of_the_thesis(name, maps):
    side = 3 if name == "xception" else 2
    assert load_backbone(name, weights="random").dimension == side * side * maps
    assert load_backbone(name, weights="random", pooling="average").dimension == maps


def test_load_backbone_xception_features_do_not_change_with_the_batch():
    model = load_backbone("xception", weights="random", pooling="average").model
    assert not model.trainable_weights
    faces = np.random.default_rng(1).integers(0, 256, (4, 72, 72, 3)).astype(np.float32)
    together = model.predict_on_batch(faces)
    assert np.isfinite(together).all() and together.std() > 1e-3
    np.testing.assert_allclose(
        model.predict_on_batch(faces[:1]), together[:1], rtol=1e-4, atol=1e-3
    )
    # Not even a caller who says that this is training makes it use the statistics of the batch.
    np.testing.assert_allclose(model(faces, training=True), together, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_load_backbone_simulated_weights_are_shipped_and_tell_faces_apart(name):
    model = load_backbone(name).model
    faces = np.random.default_rng(1).integers(0, 256, (2, 72, 72, 3)).astype(np.float32)
    features = model.predict_on_batch(faces)
    assert np.isfinite(features).all() and np.abs(features[0] - features[1]).max() > 1e-3


def test_load_backbone_xception_brings_its_moving_statistics():
    weights = {w.path: w.numpy() for w in load_backbone("xception").model.weights}
    means = [value for path, value in weights.items() if path.endswith("moving_mean")]
    variances = [value for path, value in weights.items() if path.endswith("moving_variance")]
    assert len(means) == len(variances) == 40
    assert all(value.any() for value in means) and all((v > 0).all() for v in variances)
    assert not any((value == 1).all() for value in variances)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_architectures_list_every_convolution_in_order(name):
    part = convolutional_part(name, 72)
    kinds = keras.layers.Conv2D, keras.layers.SeparableConv2D
    layers = [layer.name for layer in part.layers if isinstance(layer, kinds)]
    # Xception leaves its four shortcut projections unnamed.
    assert [n for n in layers if n.startswith("block")] == list(ARCHITECTURES[name].convolutions)


@pytest.mark.parametrize(
    "options", [{"pooling": "max"}, {"preprocessing": "caffe"}, {"weights": "imagenette"}]
)
def test_load_backbone_unknown_option_is_an_error(options):
    with pytest.raises(InputError, match=next(iter(options.values()))):
        load(**{"weights": "random", **options})


def test_load_backbone_unknown_name_lists_the_known():
    with pytest.raises(InputError, match="resnet.*vgg16, vgg19, xception"):
        load_backbone("resnet")
