"""What a linear classifier reads from representations, from planted predictions."""

import numpy as np
import pandas as pd

from emolib.evaluation import representations
from emolib.labels import EMOTIONS

NAMES = ["grey pixels", "VGG16, random weights", "VGG16, simulated weights"]


def planted(*skills, names=NAMES, people=12):
    """Return predictions of representations that are right with these probabilities."""
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(people).astype(str), 14)
    faces = pd.DataFrame({"person": person, "track": person, "frame": np.arange(len(person))})
    faces = faces.assign(split="test", emotion=np.tile(EMOTIONS, 2 * people), dimension=8)
    return pd.concat(
        faces.assign(
            representation=name,
            predicted_emotion=np.where(
                rng.random(len(faces)) < skill, faces["emotion"], rng.choice(EMOTIONS, len(faces))
            ),
        )
        for name, skill in zip(names, skills, strict=True)
    )


def test_representations_are_set_beside_the_best():
    table = representations.representation_table(planted(0.1, 0.5, 0.5)).set_index("representation")
    assert table["beside_the_best"].value_counts().to_dict() == {
        representations.BEST: 1,
        representations.ALIKE: 1,
        representations.BELOW: 1,
    }
    assert table.loc["grey pixels", "beside_the_best"] == representations.BELOW
    assert (table["people"] == 12).all() and (table["low"] < table["balanced_accuracy"]).all()
    sentence = representations.best_sentence(table.reset_index(), 0.95)
    assert "weights cannot be told from it." in sentence and "VGG16 with" in sentence
    surer = representations.representation_table(planted(0.1, 0.1, 0.9))
    said = representations.best_sentence(surer, 0.95)
    assert "VGG16 with simulated weights" in said and "certainly below it" in said


def test_answer_turns_with_what_the_weights_hold():
    much = representations.answer_sentence(planted(0.3, 0.0, 0.9))
    assert much.startswith("A part of it is there: on these simulated people the weights")
    assert "the one backbone is ahead of a copy with random weights" in much
    assert "the best that nobody had to learn (grey pixels)" in much
    nothing = representations.answer_sentence(planted(0.9, 0.0, 0.0))
    assert nothing.startswith("That anything learnt is there is not certain")
    assert "behind the best that nobody had to learn" in nothing
    random = representations.answer_sentence(planted(0.3, 0.1, names=NAMES[:2]))
    assert random.startswith("The weights of this build are random")
    two = [*NAMES, "VGG19, random weights", "VGG19, simulated weights"]
    some = representations.answer_sentence(planted(0.4, 0.0, 0.9, 0.0, 0.0, names=two))
    assert some.startswith("A part of it is there, in 1 of the 2 backbones")
