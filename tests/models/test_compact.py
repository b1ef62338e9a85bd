"""Compact weight files: round trip, error bound, size, damage."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.models.compact import assign_weights, load_compact, named_weights, save_compact


def small_model(units=3):
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(units, name="dense_part")(inputs))


def test_save_compact_hand_case_rounds_to_the_nearest_of_255_steps(tmp_path):
    kernel = np.array([[1.27, 0.0], [-0.634, 0.0]], np.float32)
    save_compact({"a/kernel": kernel}, tmp_path / "w.npz", {})
    weights, _ = load_compact(tmp_path / "w.npz")
    np.testing.assert_allclose(weights["a/kernel"], [[1.27, 0], [-0.63, 0]], atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(-6, 6))
def test_save_compact_round_trip_is_within_half_a_scale(tmp_path_factory, seed, spread):
    path = tmp_path_factory.mktemp("compact") / "w.npz"
    generator = np.random.default_rng(seed)
    kernel = generator.normal(size=(3, 3, 4, 5)).astype(np.float32) * np.float32(10**spread)
    bias = generator.normal(size=5).astype(np.float32)
    save_compact({"c/kernel": kernel, "c/bias": bias}, path, {"name": "c"})
    weights, metadata = load_compact(path)
    bound = np.abs(kernel).max((0, 1, 2)) / 254 * (1 + 1e-5)
    assert (np.abs(weights["c/kernel"] - kernel) <= bound).all()
    np.testing.assert_array_equal(weights["c/bias"], bias)
    assert metadata["name"] == "c"


def test_save_compact_keeps_the_channels_of_a_depthwise_kernel_apart(tmp_path):
    generator = np.random.default_rng(6)
    strength = np.float32(10) ** np.arange(-4, 1)
    kernel = (generator.normal(size=(3, 3, 5, 1)) * strength[:, None]).astype(np.float32)
    save_compact({"d/depthwise_kernel": kernel}, tmp_path / "w.npz", {})
    found = load_compact(tmp_path / "w.npz")[0]["d/depthwise_kernel"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, kernel, rtol=1 / 2048, atol=1e-7)


def test_load_compact_changed_weight_fails_the_checksum(tmp_path):
    path = tmp_path / "w.npz"
    save_compact({"a/kernel": np.eye(3, dtype=np.float32)}, path, {})
    with np.load(path) as file:
        arrays = dict(file)
    arrays["a/kernel/int8"][0, 0] = 3
    np.savez_compressed(path, **arrays)
    with pytest.raises(InputError, match="checksum"):
        load_compact(path)


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 cut short"])
def test_load_compact_other_content_is_an_error(tmp_path, content):
    path = tmp_path / "w.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a compact weight file"):
        load_compact(path)


def test_assign_weights_reproduces_the_model(tmp_path):
    first, second = small_model(), small_model()
    save_compact(named_weights(first), tmp_path / "w.npz", {})
    assign_weights(second, load_compact(tmp_path / "w.npz")[0])
    found, expected = named_weights(second), named_weights(first)
    assert list(found) == ["dense_part/kernel", "dense_part/bias"]
    np.testing.assert_allclose(found["dense_part/kernel"], expected["dense_part/kernel"], atol=0.01)


def test_assign_weights_of_another_shape_is_an_error():
    with pytest.raises(InputError, match="do not belong"):
        assign_weights(small_model(3), named_weights(small_model(2)))
