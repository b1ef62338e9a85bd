"""Pixels and waves: the way there and back, the size of a step, what waves favour."""

import numpy as np
import pytest
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.parameterisation import Fourier, Pixels, colour_basis

SIZE = 12
RNG = np.random.default_rng(7)
PICTURES = RNG.uniform(10, 245, (2, 3, SIZE, SIZE, 3))
COLOURS = colour_basis(PICTURES[0])
WAYS = {
    "pixels": Pixels(),
    "pixels, colours": Pixels(COLOURS),
    "waves": Fourier(size=SIZE),
    "waves, colours": Fourier(COLOURS, size=SIZE, decay=1.5),
}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))


@each_way
def test_picture_comes_back_from_its_parameters(way):
    found = ops.convert_to_numpy(way.decode(way.encode(PICTURES)))
    np.testing.assert_allclose(found, PICTURES, atol=0.01)


@each_way
def test_any_parameters_are_a_picture(way):
    found = ops.convert_to_numpy(way.decode(RNG.normal(0, 50, PICTURES.shape).astype(np.float32)))
    assert found.min() >= 0 and found.max() <= 255


@each_way
def test_zero_is_mid_grey(way):
    found = ops.convert_to_numpy(way.decode(np.zeros(PICTURES.shape, np.float32)))
    np.testing.assert_allclose(found, 127.5)


@each_way
def test_step_of_all_parameters_is_as_large_in_the_sum(way):
    signs = RNG.choice([-0.01, 0.01], (20, 3, SIZE, SIZE, 3)).astype(np.float32)
    change = ops.convert_to_numpy(way.decode(signs)) - 127.5
    # The slope of 255 times the logistic function at 0 is 255 / 4.
    np.testing.assert_allclose(np.sqrt(np.mean(change**2)), 0.01 * 255 / 4, rtol=0.1)


def test_black_and_white_are_moved_in_a_little():
    found = ops.convert_to_numpy(Pixels().decode(Pixels().encode(np.array([0, 128, 255.0]))))
    np.testing.assert_allclose(found, [0.02 * 255, 128, 0.98 * 255], rtol=1e-4)


def test_waves_are_those_of_the_fourier_transform():
    way = Fourier(size=SIZE, decay=0)
    logits = np.log(PICTURES / (255 - PICTURES))
    spectrum = np.fft.fft2(logits, axes=(2, 3), norm="ortho")
    # The separable Hartley transform has the energy of a wave and its mirror images together.
    found = way.encode(PICTURES) ** 2
    power = np.abs(spectrum) ** 2
    mirror = (-np.arange(SIZE)) % SIZE
    for energy in (found, power):
        energy += energy[:, :, mirror].copy()
        energy += energy[:, :, :, mirror].copy()
    np.testing.assert_allclose(found, power, rtol=1e-3, atol=1e-4)


def test_long_waves_weigh_more():
    noise = RNG.normal(0, 0.1, (50, 1, SIZE, SIZE, 3)).astype(np.float32)
    spectra = {}
    for name in ("pixels", "waves"):
        picture = ops.convert_to_numpy(WAYS[name].decode(noise))[..., 0]
        spectra[name] = np.mean(np.abs(np.fft.fft2(picture)) ** 2, axis=(0, 1))
    long, short = (0, 1), (SIZE // 2, SIZE // 2)
    assert spectra["waves"][long] > 20 * spectra["waves"][short]
    assert spectra["pixels"][long] < 2 * spectra["pixels"][short]


def test_colours_vary_independently_in_the_basis_of_the_pictures():
    grey = RNG.normal(0, 1, (4, 6, 6, 1))
    logits = np.concatenate([grey, grey + 0.1, 0.5 * grey], -1) + RNG.normal(0, 0.3, (4, 6, 6, 3))
    pictures = 255 / (1 + np.exp(-logits))
    parameters = Pixels(colour_basis(pictures)).encode(pictures).reshape(-1, 3)
    correlation = np.corrcoef(parameters.T)
    np.testing.assert_allclose(correlation, np.eye(3), atol=0.05)


def test_grey_pictures_have_a_basis_of_colours():
    assert np.isfinite(np.linalg.inv(colour_basis(np.full((2, 4, 4, 3), 99)))).all()


def test_waves_of_another_size_are_refused():
    with pytest.raises(InputError, match=r"pictures of \(12, 12\) pixels; expected size 16"):
        Fourier(size=16).encode(PICTURES)
