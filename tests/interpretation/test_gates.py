"""Gates: against the equations written out unit by unit, and the layer that was read."""

import keras
import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.interpretation.block_prose import gates_sentence, sequence_sentence, spread_sentence
from emolib.interpretation.gates import (
    MEAN,
    QUANTITIES,
    Gates,
    busiest_units,
    gate_table,
    holes,
    lstm_gates,
    memory_frames,
    telling_sequence,
)
from emolib.models.lstm import LSTM

FRAMES, DIMENSION, UNITS = 5, 3, 2


@pytest.fixture(scope="module")
def layer():
    built = LSTM(UNITS)
    built.build((None, FRAMES, DIMENSION))
    generator = np.random.default_rng(4)
    built.set_weights([generator.normal(0, 0.8, each.shape) for each in built.get_weights()])
    return built


def sequence(seed=2):
    return np.random.default_rng(seed).normal(size=(FRAMES, DIMENSION)).astype(np.float32)


def literal(layer, features):
    """Return the six quantities as the equations have them, one number at a time."""
    w, u, b = layer.get_weights()
    found = {name: np.zeros((len(features), UNITS)) for name in QUANTITIES}
    state, cell = np.zeros(UNITS), np.zeros(UNITS)
    for t, x in enumerate(features):
        before, kept = state.copy(), cell.copy()
        for unit in range(UNITS):
            # Keras's order of the gates: input, forget, candidate, output.
            net = [
                sum(x[d] * w[d, part * UNITS + unit] for d in range(DIMENSION))
                + sum(before[k] * u[k, part * UNITS + unit] for k in range(UNITS))
                + b[part * UNITS + unit]
                for part in range(4)
            ]
            entry, forget, output = (1 / (1 + np.exp(-net[part])) for part in (0, 1, 3))
            candidate = np.tanh(net[2])
            cell[unit] = forget * kept[unit] + entry * candidate
            state[unit] = output * np.tanh(cell[unit])
            values = (entry, forget, output, candidate, cell[unit], state[unit])
            for name, value in zip(QUANTITIES, values, strict=True):
                found[name][t, unit] = value
    return found


def test_gates_equal_the_equations_written_out(layer):
    gates = lstm_gates(layer, sequence())
    for name, expected in literal(layer, sequence()).items():
        np.testing.assert_allclose(getattr(gates, name), expected, atol=1e-5, err_msg=name)


def test_gates_end_in_the_states_that_the_layer_hands_on(layer):
    states = keras.ops.convert_to_numpy(layer(sequence()[None]))[0]
    np.testing.assert_allclose(lstm_gates(layer, sequence()).state, states, atol=1e-6)


def test_gates_refuse_features_of_another_length(layer):
    with pytest.raises(InputError, match=r"shape \(5, 2\).*vectors of 3"):
        lstm_gates(layer, sequence()[:, :2])


def made(forget, output=0.5):
    whole = np.full((4, 3), forget)
    cell = np.outer(np.arange(4.0), [1.0, -3.0, 0.0])
    return Gates(whole, whole, np.full((4, 3), output), -whole, cell, cell / 10)


def test_gate_table_has_means_first_and_then_the_busiest_units():
    gates = made(0.5)
    assert busiest_units(gates, 2) == [1, 0]
    table = gate_table(gates, np.arange(4) / 30, [1, 0])
    assert table["unit"].unique().tolist() == [MEAN, "unit 2", "unit 1"]
    last = table[table["time"] == 3 / 30].set_index("unit")
    assert last["cell"].tolist() == [4.0, -9.0, 3.0]  # of the mean the absolute values
    assert last.loc[MEAN, "candidate"] == 0.5 and last.loc["unit 1", "candidate"] == -0.5


def test_memory_is_the_half_life_of_the_median_unit():
    assert memory_frames(made(0.5)) == pytest.approx(1)
    assert memory_frames(made(np.sqrt(0.5))) == pytest.approx(2)
    assert memory_frames(made(1.0)) == np.inf


def faces(emotions, track="a", valence=0.0):
    count = len(emotions)
    return pd.DataFrame({"track": track, "time": np.arange(count) / 30, "emotion": emotions,
                         "valence": valence, "arousal": 0.0, "split": "test"})  # fmt: skip


def test_telling_sequence_is_whole_and_changes_most():
    table = pd.concat(
        [faces(["fear"] * 4), faces(["fear", "anger", "fear"], "b"),
         faces(["fear", "fear", "anger", "anger"], "c")], ignore_index=True,
    )  # fmt: skip
    assert telling_sequence(table, 4, 1.0).tolist() == [7, 8, 9, 10]
    table.loc[10, "time"] += 0.5  # behind a hole
    assert telling_sequence(table, 4, 1.0).tolist() == [7, 8, 9, 10]
    assert holes(table["time"].to_numpy()[7:]).tolist() == [2]
    whole = pd.concat([table, faces(["fear", "anger", "anger", "anger"], "d")], ignore_index=True)
    assert telling_sequence(whole, 4, 1.0).tolist() == [11, 12, 13, 14]
    assert holes(np.array([1.0])).tolist() == []
    with pytest.raises(InputError, match="no faces"):
        telling_sequence(table[:0], 4, 1.0)


def test_sentences_turn_with_the_numbers():
    assert "is shorter than" in gates_sentence(made(0.5), made(0.9), 30)
    assert "is 0.50 for the input gates, 0.50 for the forget gates and 0.50 for" in gates_sentence(
        made(0.5), made(0.9), 30
    )
    assert "is longer than" in gates_sentence(made(0.9), made(0.5), 30)
    assert "about as without" in gates_sentence(made(0.5), made(0.5), 30)
    assert "every unit has an output gate of at least 0.1" in spread_sentence(made(0.5))
    assert "100% of the units have an output gate below" in spread_sentence(made(0.5, output=0.01))
    assert "annotated as fear throughout" in sequence_sentence(faces(["fear"] * 4))
    assert "changes once" in sequence_sentence(faces(["fear", "anger"]))
    assert "no face" not in sequence_sentence(faces(["fear"] * 4))
    broken = faces(["fear"] * 4).assign(time=[7.0, 7.1, 7.2, 8.0])
    assert "1.0 s long, with no face between 0.20 s and 1.00 s, annotated as" in sequence_sentence(
        broken
    )
    clip = faces([""] * 3).assign(split="clip")
    assert "of a clip" in sequence_sentence(clip) and "without" in sequence_sentence(clip)
