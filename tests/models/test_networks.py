"""Networks: the tables of the thesis, their shapes and sizes, causality, precision."""

import numpy as np
import pytest

from emolib.errors import InputError
from emolib.models.networks import NETWORKS, build_network, network_spec

FEATURES = 6


def sequences(count=2, length=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, length, FEATURES)).astype(np.float32)


def test_networks_are_the_eighteen_of_the_thesis():
    assert list(NETWORKS) == [
        *(f"{b}-category-{n}fc" for b in ("vgg16", "vgg19", "xception") for n in (1, 2)),
        *(f"{b}-dimensional-{n}fc" for b in ("vgg16", "vgg19", "xception") for n in (1, 2)),
        *("vgg16-combined-1fc", "vgg16-combined-3fc", "vgg19-combined-1fc"),
        *("vgg19-combined-2fc", "xception-combined-2fc", "xception-combined-3fc"),
    ]


# Thesis, tables 4.1 and 4.2 with the text of 4.4.1 (which unit count belongs to which backbone),
# the text of 4.4.2, and table 4.3 with the text of 4.4.3: units of the fully connected layers after
# the LSTM of 128 units. Each layer is (units, activation).
CATEGORY, DIMENSIONAL = (7, "softmax"), (2, "linear")
THESIS = {
    # Table 4.1
    "vgg16-category-1fc": {"category": [CATEGORY]},
    "vgg19-category-1fc": {"category": [CATEGORY]},
    "xception-category-1fc": {"category": [CATEGORY]},
    # Table 4.2
    "vgg16-category-2fc": {"category": [64, CATEGORY]},
    "vgg19-category-2fc": {"category": [128, CATEGORY]},
    "xception-category-2fc": {"category": [128, CATEGORY]},
    # 4.4.2, as tables 4.1 and 4.2
    "vgg16-dimensional-1fc": {"dimensional": [DIMENSIONAL]},
    "vgg19-dimensional-1fc": {"dimensional": [DIMENSIONAL]},
    "xception-dimensional-1fc": {"dimensional": [DIMENSIONAL]},
    "vgg16-dimensional-2fc": {"dimensional": [64, DIMENSIONAL]},
    "vgg19-dimensional-2fc": {"dimensional": [128, DIMENSIONAL]},
    "xception-dimensional-2fc": {"dimensional": [128, DIMENSIONAL]},
    # Table 4.3
    "vgg16-combined-1fc": {"category": [CATEGORY], "dimensional": [DIMENSIONAL]},
    "vgg16-combined-3fc": {
        "category": [128, 128, CATEGORY], "dimensional": [128, 128, DIMENSIONAL]
    },
    "vgg19-combined-1fc": {"category": [CATEGORY], "dimensional": [DIMENSIONAL]},
    "vgg19-combined-2fc": {"category": [128, CATEGORY], "dimensional": [128, DIMENSIONAL]},
    "xception-combined-2fc": {"category": [128, CATEGORY], "dimensional": [128, DIMENSIONAL]},
    "xception-combined-3fc": {
        "category": [128, 128, CATEGORY], "dimensional": [128, 128, DIMENSIONAL]
    },
}  # fmt: skip


def fully_connected(network, output):
    """Return the layers between the LSTM and an output, from the built model."""
    found = []
    for layer in network.layers:
        if layer.name.startswith(output) and hasattr(layer, "units"):
            last = layer.name == output
            found.append((layer.units, layer.activation.__name__) if last else layer.units)
    return found


@pytest.mark.parametrize("name", THESIS)
def test_network_layers_are_those_of_the_tables_4_1_to_4_3(name):
    network = build_network(NETWORKS[name], 5, FEATURES, 0.5)
    heads = THESIS[name]
    assert set(network.output) == set(heads)
    assert {output: fully_connected(network, output) for output in heads} == heads
    assert network.get_layer("trunk").units == 128
    # A dropout follows the LSTM and every fully connected layer but the last.
    dropouts = [layer.name for layer in network.layers if hasattr(layer, "rate")]
    assert len(dropouts) == 1 + sum(len(layers) - 1 for layers in heads.values())


def test_networks_of_the_tables_are_all_there_is():
    assert set(THESIS) == set(NETWORKS)


def test_network_display_is_the_name_in_the_thesis():
    assert NETWORKS["xception-combined-3fc"].display == "Xception+LSTM+3FC"


def test_network_spec_unknown_lists_the_known():
    with pytest.raises(InputError, match="vgg16-category-9fc.*vgg16-category-1fc"):
        network_spec("vgg16-category-9fc")


@pytest.mark.parametrize(
    "name", ["vgg16-category-2fc", "vgg19-dimensional-1fc", "vgg16-combined-3fc"]
)
def test_build_network_outputs_and_parameters_match_a_hand_count(name):
    spec = NETWORKS[name]
    network = build_network(spec, 5, FEATURES, 0.5)
    outputs = network.predict_on_batch(sequences())
    assert {k: v.shape for k, v in outputs.items()} == {k: (2, 5, u) for k, u in spec.heads.items()}
    if "category" in outputs:
        np.testing.assert_allclose(outputs["category"].sum(-1), 1, rtol=1e-5)
    count = 4 * 128 * (FEATURES + 128 + 1)
    for units in spec.heads.values():
        widths = [128, *spec.hidden, units]
        count += sum((a + 1) * b for a, b in zip(widths, widths[1:], strict=False))
    assert network.count_params() == count


def test_build_network_in_bfloat16_keeps_weights_and_answers_in_float32():
    network = build_network(NETWORKS["vgg16-combined-3fc"], 5, FEATURES, 0.5, "mixed_bfloat16")
    assert {weight.dtype for weight in network.weights} == {"float32"}
    assert {output.dtype for output in network.output.values()} == {"float32"}
    exact = build_network(NETWORKS["vgg16-combined-3fc"], 5, FEATURES, 0.5)
    exact.set_weights(network.get_weights())
    found, expected = (model.predict_on_batch(sequences()) for model in (network, exact))
    for output in expected:
        assert not np.array_equal(found[output], expected[output])
        np.testing.assert_allclose(found[output], expected[output], atol=0.02)


def test_build_network_later_frames_do_not_reach_earlier_ones():
    network = build_network(NETWORKS["vgg16-combined-1fc"], None, FEATURES, 0.5)
    first, second = sequences(), sequences()
    second[:, 3:] = 100
    for output in ("category", "dimensional"):
        a, b = (network.predict_on_batch(x)[output] for x in (first, second))
        np.testing.assert_array_equal(a[:, :3], b[:, :3])
        assert not np.array_equal(a[:, 3:], b[:, 3:])
