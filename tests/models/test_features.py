"""Feature extraction: against the plain model, in both precisions, resumed, and refused."""

import keras
import numpy as np
import pytest

from emolib.errors import InputError
from emolib.models import devices, features
from emolib.models.backbones import convolutional_part, load_backbone
from emolib.models.devices import resolve_precision
from emolib.models.features import extract_features, extract_tracks, in_precision
from emolib.storage import read_array, read_json, record_path, write_array

SIZE = 32


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("vgg16", weights="random", input_size=SIZE)


@pytest.fixture(scope="module")
def crops():
    return np.random.default_rng(1).integers(0, 256, (21, SIZE, SIZE, 3), dtype=np.uint8)


def cosine(a, b):
    a, b = a.astype(float), b.astype(float)
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.parametrize("batch_size", [1, 8, 21, 256])
def test_extract_features_any_batch_size_equals_face_by_face(backbone, crops, batch_size):
    expected = np.concatenate(
        [backbone.model.predict_on_batch(crop[None].astype(np.float32)) for crop in crops[-3:]]
    )
    found = extract_features(crops, backbone, precision="float32", batch_size=batch_size)
    assert found.dtype == np.float16 and found.shape == (21, 512)
    np.testing.assert_allclose(found[-3:], expected, rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["vgg16", pytest.param("xception", marks=pytest.mark.slow)])
def test_extract_features_bfloat16_points_the_same_way_as_float32(name):
    backbone = load_backbone(name, weights="random", pooling="average")
    crops = np.random.default_rng(2).integers(0, 256, (2, 72, 72, 3), dtype=np.uint8)
    exact = extract_features(crops, backbone, precision="float32")
    fast = extract_features(crops, backbone, precision="bfloat16")
    assert not np.array_equal(exact, fast)
    assert cosine(exact, fast).min() > 0.999


def test_extract_features_bfloat16_subtracts_the_mean_in_float32(tmp_path, crops):
    path = tmp_path / "vgg16.weights.h5"
    convolutional_part("vgg16", SIZE).save_weights(path)
    backbone = load_backbone("vgg16", weights=path, input_size=SIZE)
    twin = in_precision(backbone.model, "bfloat16")
    scaled = keras.Model(twin.input, twin.get_layer("scaling").output)
    expected = crops[:2, ..., ::-1] - np.array([103.939, 116.779, 123.68])
    found = scaled.predict_on_batch(crops[:2].astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    fast, exact = (model.predict_on_batch(crops[:4]) for model in (twin, backbone.model))
    assert cosine(np.asarray(fast, np.float32), exact).min() > 0.999


def test_extract_features_no_faces_gives_an_empty_array(backbone, crops):
    assert extract_features(crops[:0], backbone).shape == (0, 512)


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, SIZE, SIZE, 3), np.float32), np.zeros((2, 40, 40, 3), np.uint8)]
)
def test_extract_features_other_crops_are_an_error(backbone, wrong):
    with pytest.raises(InputError, match="expected uint8"):
        extract_features(wrong, backbone)


def test_extract_tracks_does_only_what_is_missing_or_changed(
    tmp_path, backbone, crops, monkeypatch
):
    extracted = []
    original = features._extract

    def spy(crops, model, batch_size, name, progress):
        extracted.append(name.rsplit("/", 1)[-1])
        return original(crops, model, batch_size, name, progress)

    monkeypatch.setattr(features, "_extract", spy)

    def run(precision="float32"):
        extracted.clear()
        extract_tracks(
            ["a", "b"], tmp_path, tmp_path / "out", backbone, precision=precision, progress=False
        )
        return extracted[:]

    write_array(crops[:5], tmp_path / "a.npy")
    write_array(crops[5:], tmp_path / "b.npy")
    assert run() == ["a.npy", "b.npy"]
    assert run() == []
    (tmp_path / "out" / "b.npy").unlink()  # as if killed before the second track
    assert run() == ["b.npy"]
    write_array(crops[:6], tmp_path / "a.npy")
    assert run() == ["a.npy"]
    assert run("bfloat16") == ["a.npy", "b.npy"]
    np.testing.assert_array_equal(
        read_array(tmp_path / "out" / "b.npy"),
        extract_features(crops[5:], backbone, precision="bfloat16"),
    )


def test_extract_tracks_of_some_rows_leaves_the_others_undefined(tmp_path, backbone, crops):
    write_array(crops[:6], tmp_path / "a.npy")
    write_array(crops[:2], tmp_path / "b.npy")

    def run(rows):
        extract_tracks(
            ["a", "b"], tmp_path, tmp_path / "out", backbone,
            precision="float32", rows=rows, progress=False,
        )  # fmt: skip
        return read_array(tmp_path / "out" / "a.npy"), read_array(tmp_path / "out" / "b.npy")

    some, none = run({"a": [1, 4], "b": []})
    whole = extract_features(crops[:6], backbone, precision="float32")
    np.testing.assert_allclose(some[[1, 4]], whole[[1, 4]], rtol=1e-2, atol=1e-3)
    assert np.isnan(some[[0, 2, 3, 5]]).all() and np.isnan(none).all()
    more, _ = run({"a": [1, 2, 4], "b": []})
    assert np.isfinite(more[2]).all()
    assert np.isfinite(run(None)[0]).all()


def test_extract_tracks_auto_records_the_precision_used(tmp_path, backbone, crops):
    write_array(crops[:2], tmp_path / "a.npy")
    extract_tracks(["a"], tmp_path, tmp_path / "out", backbone, progress=False)
    record = read_json(record_path(tmp_path / "out" / "a.npy"))
    assert record["precision"] == resolve_precision("auto")
    assert record["backbone"] == backbone.key


def test_extract_tracks_without_crops_names_the_track(tmp_path, backbone):
    with pytest.raises(InputError, match="no crops of track ghost"):
        extract_tracks(["ghost"], tmp_path, tmp_path, backbone, progress=False)


@pytest.mark.parametrize(
    ("description", "expected"),
    [("flags : fpu avx512_bf16", "bfloat16"), ("flags : amx_bf16 fpu", "bfloat16"),
     ("flags : fpu avx2", "float32"), (None, "float32")],
)  # fmt: skip
def test_resolve_precision_auto_follows_the_processor(tmp_path, monkeypatch, description, expected):
    path = tmp_path / "cpuinfo"
    if description is not None:
        path.write_text(description)
    monkeypatch.setattr(devices, "_CPU_DESCRIPTION", path)
    assert resolve_precision("auto") == expected


def test_resolve_precision_unknown_is_an_error():
    with pytest.raises(InputError, match="float64"):
        resolve_precision("float64")
