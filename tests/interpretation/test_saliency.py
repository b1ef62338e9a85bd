"""Maps of a face: where they must point, what they must sum to, literal implementations."""

import cv2
import keras
import numpy as np
import pytest
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.answers import ask, blurred, features_of, pixel_gradients
from emolib.interpretation.gradcam import grad_cam
from emolib.interpretation.gradients import value_and_gradient
from emolib.interpretation.occlusion import occlusion, patches
from emolib.interpretation.pointing import mass_share, points_into
from emolib.interpretation.randomisation import CASCADE, likeness, randomised
from emolib.interpretation.saliency import (
    METHODS,
    completeness_error,
    explain,
    integrated_gradients,
    smooth_gradient,
)
from emolib.labels import DIMENSIONS, EMOTIONS
from tests.interpretation.toys import LENGTH, SIZE, patch_region, red_faces, red_run, vgg_run


@pytest.fixture(scope="module")
def red():
    return red_run()


@pytest.fixture(scope="module")
def answer(red):
    return ask(red, red_faces(), "sadness")


@pytest.fixture(scope="module")
def vgg():
    return vgg_run()


@pytest.fixture(scope="module")
def crops():
    return np.random.default_rng(2).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize(("name", "seen"), [("fear", 3), ("valence", 3), ("arousal", 2)])
def test_gradient_on_cached_features_is_that_of_the_whole_network(vgg, crops, name, seen):
    answer = ask(vgg, crops[:seen], name)
    output, names = ("category", EMOTIONS) if name in EMOTIONS else ("dimensional", DIMENSIONS)
    pixels = np.zeros((1, *crops.shape), np.float32)
    pixels[0, :seen] = crops[:seen]
    value, expected = value_and_gradient(
        lambda x: vgg.pixel_scores(x)[output][:, seen - 1, names.index(name)], pixels
    )
    found = pixel_gradients(answer, answer.face[None])[0]
    assert np.abs(expected[0, seen - 1]).max() > 0
    np.testing.assert_allclose(
        answer.sign * found, expected[0, seen - 1], atol=1e-4 * np.abs(expected).max()
    )
    np.testing.assert_allclose(answer.sign * answer.score(answer.face[None]), value, rtol=1e-4)


def test_answer_without_a_name_is_the_category_that_the_network_gives(vgg, crops):
    answer = ask(vgg, crops)
    said = np.asarray(vgg.network(features_of(vgg, crops)[None])["category"])[0, -1]
    assert answer.name == EMOTIONS[said.argmax()]
    np.testing.assert_allclose(answer.outcome(answer.face[None]), said.max(), rtol=1e-4)


def test_answer_below_zero_is_explained_by_how_far_below(vgg, crops):
    answers = [ask(vgg, crops, name) for name in DIMENSIONS]
    said = np.asarray(vgg.network(features_of(vgg, crops)[None])["dimensional"])[0, -1]
    assert [answer.sign for answer in answers] == [1 if value >= 0 else -1 for value in said]
    for answer, value in zip(answers, said, strict=True):
        np.testing.assert_allclose(answer.outcome(answer.face[None]), abs(value), rtol=1e-3)


def test_answers_that_a_network_does_not_give_are_refused(vgg, crops):
    with pytest.raises(InputError, match="says no 'valence'"):
        ask(vgg_run(network="vgg16-category-1fc"), crops, "valence")
    with pytest.raises(InputError, match="4 faces; this network takes 1 to 3"):
        ask(vgg, np.concatenate([crops, crops[:1]]), "fear")
    with pytest.raises(InputError, match="0 faces"):
        ask(vgg, crops[:0], "fear")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_points_at_the_patch_that_the_network_uses(answer, method):
    found = METHODS[method](answer, 0)
    region = patch_region()
    assert found.shape == (SIZE, SIZE) and found.dtype == np.float32
    # Occlusion and Grad-CAM are coarse: a patch that covers the red one reaches 8 px beyond.
    near = cv2.dilate(region.astype(np.uint8), np.ones((17, 17), np.uint8)).astype(bool)
    assert points_into(found, near) == 1
    assert mass_share(found, near) > 0.7
    assert mass_share(found, region) > 4 * region.mean()


@pytest.mark.parametrize("method", METHODS)
def test_with_randomised_weights_no_method_points_there_any_more(red, answer, method):
    region, shares, alike = patch_region(), [], []
    with_weights = METHODS[method](answer, 0)
    for seed in range(6):
        forgetful = randomised(red, CASCADE[-1], seed)
        found = METHODS[method](ask(forgetful, red_faces(), "sadness"), 0)
        shares.append(mass_share(found, region))
        alike.append(likeness(with_weights, found))
    assert np.nanmean(shares) < 0.75 * mass_share(with_weights, region)
    assert np.mean(alike) < 0.65


def test_randomised_run_keeps_the_values_and_the_layers_before_the_cascade(red):
    for what, same in (("heads", [True, True]), ("heads and trunk", [True, False])):
        other = randomised(red, what, 1)
        for got, kept in zip((other.backbone.model, other.trunk), same, strict=True):
            before = (
                red.backbone.model if got is other.backbone.model else red.trunk
            ).get_weights()
            equal = [np.array_equal(a, b) for a, b in zip(before, got.get_weights(), strict=True)]
            assert all(equal) == kept
    other = randomised(red, CASCADE[-1], 1)
    for a, b in zip(red.backbone.model.weights, other.backbone.model.weights, strict=True):
        np.testing.assert_allclose(np.sort(np.ravel(a)), np.sort(np.ravel(b)))
    assert not np.array_equal(red.network.get_weights()[-2], other.network.get_weights()[-2])


def test_integrated_gradients_sum_to_the_difference_of_scores(vgg, crops, answer):
    for of, tolerance in ((answer, 0.01), (ask(vgg, crops, "fear"), 0.05)):
        contributions = integrated_gradients(of, steps=64)
        face, blank = np.asarray(of.score(np.stack([of.face, of.blank])))
        np.testing.assert_allclose(contributions.sum(), face - blank, atol=tolerance)
        assert completeness_error(of, contributions) < 0.1


def test_integrated_gradients_of_a_linear_score_are_exact_with_one_step(answer):
    class Linear:
        face, blank = answer.face, answer.blank
        weights = np.random.default_rng(3).normal(size=answer.face.shape).astype(np.float32)

        def score(self, faces):
            return ops.sum(faces * self.weights, axis=(1, 2, 3))

    linear = Linear()
    expected = ((linear.face - linear.blank) * linear.weights).sum(-1)
    np.testing.assert_allclose(
        integrated_gradients(linear, steps=1), expected, rtol=1e-3, atol=1e-2
    )
    smooth = smooth_gradient(linear, seed=1, samples=2)
    np.testing.assert_allclose(smooth, np.abs(linear.weights).max(-1), rtol=1e-5)


def test_smooth_gradient_is_the_literal_mean_and_repeats_with_its_seed(answer):
    noise = np.random.default_rng(7).normal(0, 0.2 * 255, (3, *answer.face.shape))
    each = [pixel_gradients(answer, (answer.face + n)[None])[0] for n in noise]
    expected = np.abs(np.mean(each, axis=0)).max(-1)
    found = smooth_gradient(answer, seed=7, samples=3, noise=0.2)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6 * expected.max())
    assert not np.array_equal(found, smooth_gradient(answer, seed=8, samples=3, noise=0.2))


def test_grad_cam_is_the_literal_one(red, answer):
    conv = red.backbone.model.get_layer("conv2")
    maps = np.asarray(keras.Model(red.backbone.model.input, conv.output)(answer.face[None]))[0]

    def score_of_maps(maps):
        pooled = ops.max_pool(maps, 3)
        return answer.score_of_features(ops.reshape(pooled, (len(maps), -1)))

    _, gradient = value_and_gradient(score_of_maps, maps[None])
    cam = np.zeros(maps.shape[:2])
    for k in range(maps.shape[-1]):
        alpha = sum(gradient[0, i, j, k] for i, j in np.ndindex(cam.shape)) / cam.size
        cam += alpha * maps[:, :, k]
    expected = cv2.resize(np.maximum(cam, 0).astype(np.float32), (SIZE, SIZE))
    np.testing.assert_allclose(grad_cam(answer), expected, rtol=1e-4)


def test_grad_cam_takes_the_last_convolution_of_a_backbone_before_it_is_pooled(vgg, crops):
    from emolib.interpretation.gradcam import _cut

    before, after = _cut(vgg.backbone.model)
    assert before.output.shape[1:] == (2, 2, 512)
    np.testing.assert_allclose(
        after(before(crops.astype(np.float32))), features_of(vgg, crops), rtol=1e-5
    )
    flat = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(InputError, match="no convolution"):
        _cut(flat)


def test_occlusion_is_the_literal_one(answer):
    patch, stride = 8, 7
    whole = float(np.asarray(answer.score(answer.face[None]))[0])
    total, times = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
    for top in (0, 7, 14, 21, 28):
        for left in (0, 7, 14, 21, 28):
            covered = answer.face.copy()
            place = np.s_[top : top + patch, left : left + patch]
            covered[place] = answer.blank[place]
            total[place] += whole - float(np.asarray(answer.score(covered[None]))[0])
            times[place] += 1
    np.testing.assert_allclose(
        occlusion(answer, patch=patch, stride=stride), total / times, rtol=1e-2, atol=1e-5
    )


@pytest.mark.parametrize(("size", "patch", "stride"), [(10, 3, 2), (9, 9, 4), (7, 3, 3), (5, 1, 1)])
def test_patches_cover_every_pixel_and_none_leaves_the_picture(size, patch, stride):
    masks = patches(size, patch, stride)
    assert masks.any(axis=0).all()
    assert (masks.sum(axis=(1, 2)) == patch**2).all()


def test_patches_further_apart_than_they_are_wide_are_refused():
    with pytest.raises(InputError, match="stride is 3 px, patch 2 px"):
        patches(9, 2, 3)


def test_blank_keeps_the_light_and_loses_the_patch():
    face = red_faces()[0]
    blank = blurred(face)
    assert blank.std() < 0.4 * face.std()
    np.testing.assert_allclose(blank.mean((0, 1)), face.mean((0, 1)), atol=6)


def test_explain_returns_the_methods_asked_for(answer):
    assert list(explain(answer, ["Grad-CAM", "gradient"])) == ["Grad-CAM", "gradient"]
    with pytest.raises(InputError, match="no method 'guess'"):
        explain(answer, ["guess"])


def test_likeness_ignores_signs_and_is_zero_of_a_constant_map():
    first = np.random.default_rng(1).normal(size=(5, 5))
    assert likeness(first, -(first**3)) == pytest.approx(1)
    assert likeness(first, np.zeros((5, 5))) == 0


def test_sequences_may_be_shorter_than_those_of_training(red):
    short = ask(red, red_faces(2), "fear")
    assert short.features.shape == (2, red.backbone.dimension)
    later = np.ones((LENGTH - 2, short.features.shape[1]), np.float32)
    whole = np.asarray(red.scores(np.concatenate([short.features, later])[None])["category"])
    np.testing.assert_allclose(
        np.asarray(short.score(short.face[None]))[0], whole[0, 1, EMOTIONS.index("fear")], rtol=1e-4
    )
