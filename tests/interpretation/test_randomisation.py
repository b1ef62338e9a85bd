"""Randomised networks: the same numbers in another order, and the trained network as it was."""

import numpy as np

from emolib.interpretation.randomisation import ALL_WEIGHTS, randomised


def test_every_array_keeps_its_values_and_loses_its_order(toy_run):
    before = [w.copy() for w in toy_run.network.get_weights()]
    shuffled = randomised(toy_run, ALL_WEIGHTS, seed=1)
    for part in ("network", "backbone"):
        own, other = (
            x.get_weights() if part == "network" else x.model.get_weights()
            for x in (getattr(toy_run, part), getattr(shuffled, part))
        )
        for trained, mixed in zip(own, other, strict=True):
            np.testing.assert_array_equal(np.sort(trained, axis=None), np.sort(mixed, axis=None))
        assert any((trained != mixed).any() for trained, mixed in zip(own, other, strict=True))
    for now, then in zip(toy_run.network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_order_is_that_of_the_seed(toy_run):
    first, again, other = (randomised(toy_run, ALL_WEIGHTS, seed).network for seed in (1, 1, 2))
    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first.get_weights()[0] != other.get_weights()[0]).any()
