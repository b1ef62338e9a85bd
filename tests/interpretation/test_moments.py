"""Which faces are explained: every category, many people, only what was seen before."""

import numpy as np
import pandas as pd
import pytest

from emolib.interpretation.moments import choose_moments


def corpus(folder, plan, split="test"):
    """Write crops that hold their own row number; return the table of faces."""
    tables = []
    for number, emotions in enumerate(plan):
        count, track = len(emotions), f"video{number}"
        crops = (
            np.zeros((count, 2, 2, 3), np.uint8)
            + np.arange(count, dtype=np.uint8)[:, None, None, None]
        )
        np.save(folder / f"{track}.npy", crops)
        tables.append(
            pd.DataFrame(
                {
                    "track": track, "person": f"person{number // 2}", "frame": np.arange(count) + 7,
                    "time": np.arange(count) / 30, "row": np.arange(count), "split": split,
                    "emotion": emotions,
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def test_moment_ends_at_the_last_face_of_its_category_in_a_sequence(tmp_path):
    faces = corpus(tmp_path, [["fear"] * 3 + ["anger"] * 3])
    fear, anger = sorted(
        choose_moments(faces, tmp_path, 4, 0.5, 2, 1), key=lambda moment: len(moment.crops)
    )
    assert (fear.emotion, fear.frame, fear.person) == ("fear", 9, "person0")
    assert fear.crops[:, 0, 0, 0].tolist() == [0, 1, 2]
    assert (anger.emotion, anger.frame) == ("anger", 10)
    assert anger.crops[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(anger.times, np.arange(4) / 30)


def test_categories_are_in_their_order_and_equally_many(tmp_path):
    faces = corpus(tmp_path, [["sadness"] * 4] * 6 + [["neutral"] * 4] * 2)
    chosen = [moment.emotion for moment in choose_moments(faces, tmp_path, 4, 0.5, 4, 1)]
    assert chosen == ["neutral"] * 2 + ["sadness"] * 2


def test_people_come_before_second_sequences_of_the_same_person(tmp_path):
    faces = corpus(tmp_path, [["sadness"] * 8] * 6)
    chosen = choose_moments(faces, tmp_path, 4, 0.5, 3, 1)
    assert {moment.person for moment in chosen} == {"person0", "person1", "person2"}
    assert len(choose_moments(faces, tmp_path, 4, 0.5, 100, 1)) == 12


def test_people_of_the_test_split_are_explained_and_all_others_where_there_are_none(tmp_path):
    faces = corpus(tmp_path, [["fear"] * 4] * 4)
    faces.loc[faces["person"] == "person0", "split"] = "train"
    assert {m.person for m in choose_moments(faces, tmp_path, 4, 0.5, 9, 1)} == {"person1"}
    clip = faces.assign(split="clip", emotion="")
    found = choose_moments(clip, tmp_path, 4, 0.5, 9, 1)
    assert {(m.person, m.emotion) for m in found} == {("person0", ""), ("person1", "")}


@pytest.mark.parametrize("seed", [1, 2])
def test_choice_repeats_with_its_seed(tmp_path, seed):
    faces = corpus(tmp_path, [["fear"] * 4] * 8)
    first, again = (choose_moments(faces, tmp_path, 4, 0.5, 3, seed) for _ in range(2))
    assert [m.track for m in first] == [m.track for m in again]
