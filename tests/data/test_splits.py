"""Tests of `emolib.data.splits` on corpora whose imbalance is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.data.splits import assert_disjoint, balance_report, split_people
from emolib.errors import InputError
from emolib.labels import EMOTIONS

THIRDS = {"train": 0.6, "validation": 0.2, "test": 0.2}


def corpus(n_people, seed, videos=None, emotions=None):
    """Return samples of people with different numbers of faces and different main emotions."""
    generator = np.random.default_rng(seed)
    tables = []
    for person in range(n_people):
        n = int(generator.integers(20, 80))
        if emotions is None:
            weights = generator.dirichlet([0.4] * len(EMOTIONS))
            drawn = generator.choice(EMOTIONS, n, p=weights)
        else:
            drawn = np.repeat(emotions[person], n)
        video = person if videos is None else videos[person]
        tables.append(
            pd.DataFrame(
                {
                    "person": f"person{person:02d}",
                    "video": f"video{video}",
                    "valence": generator.uniform(-1, 1, n),
                    "arousal": generator.uniform(-1, 1, n),
                    "emotion": drawn,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def with_split(samples, **options):
    splits = split_people(samples, THIRDS, seed=1, **{"n_trials": 200, **options})
    return samples.assign(split=samples["person"].map(splits))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=12, max_size=16), st.integers(0, 2**32 - 1))
def test_split_people_never_shares_a_person_or_a_video(videos, seed):
    samples = corpus(len(videos), seed, videos)
    try:
        split = with_split(samples, n_trials=50)
    except InputError as error:  # fewer than three videos were drawn
        assert samples["video"].nunique() < 3 and "too few" in str(error)
        return
    assert_disjoint(split)
    assert set(split["split"]) == set(THIRDS)


def test_split_people_chain_of_shared_videos_stays_together():
    samples = corpus(9, 0)
    shared = samples[samples["person"] == "person00"].assign(video="video1")
    other = samples[samples["person"] == "person01"].assign(video="video2")
    samples = pd.concat([samples, shared, other])
    splits = split_people(samples, THIRDS, seed=0)
    assert splits["person00"] == splits["person01"] == splits["person02"]


def test_split_people_same_seed_gives_same_split():
    samples = corpus(25, 5)
    first = split_people(samples, THIRDS, seed=7, n_trials=100)
    assert first == split_people(samples.sample(frac=1, random_state=0), THIRDS, 7, n_trials=100)
    assert list(first) == sorted(first)


def test_split_people_reaches_the_shares():
    report = balance_report(with_split(corpus(59, 2))).set_index("split")
    for split, share in THIRDS.items():
        assert report.loc[split, "n_frames"] / report.loc["all", "n_frames"] == pytest.approx(
            share, abs=0.04
        )
        assert report.loc[split, "n_people"] / 59 == pytest.approx(share, abs=0.06)


def test_split_people_every_emotion_is_everywhere_when_it_can_be():
    # Each emotion is shown by three people only, by nobody else, and by nothing but those.
    emotions = list(EMOTIONS) * 3
    for seed in range(3):
        split = with_split(corpus(21, seed, emotions=emotions))
        assert (split.groupby("split")["emotion"].nunique() == len(EMOTIONS)).all()


def test_split_people_emotion_of_two_people_does_not_prevent_the_others():
    emotions = ["disgust"] * 2 + ["neutral"] * 6 + ["fear"] * 3
    split = with_split(corpus(11, 0, emotions=emotions))
    assert (split[split["emotion"] != "disgust"].groupby("split")["emotion"].nunique() == 2).all()


def test_split_people_is_better_balanced_than_chance():
    samples = corpus(40, 3)
    ours = balance_report(with_split(samples))
    generator = np.random.default_rng(0)
    people = samples["person"].unique()
    distances = []
    for _ in range(50):
        drawn = generator.permutation(np.repeat(list(THIRDS), [24, 8, 8]))
        splits = dict(zip(people, drawn, strict=True))
        at_random = samples.assign(split=samples["person"].map(splits))
        distances.append(balance_report(at_random)["js_emotion"].sum())
    assert ours["js_emotion"].sum() < min(distances)


def test_split_people_person_without_labels_is_assigned_too():
    samples = corpus(12, 0)
    samples.loc[samples["person"] == "person03", "emotion"] = ""
    splits = split_people(samples, THIRDS, seed=0, n_trials=50)
    assert splits["person03"] in THIRDS and len(splits) == 12


def test_split_people_too_few_groups_raise():
    with pytest.raises(InputError, match="1 independent groups .* too few for 3 parts"):
        split_people(corpus(8, 0, videos=[0] * 8), THIRDS, seed=0)
    samples = corpus(8, 0)
    samples["valence"] = np.nan
    with pytest.raises(InputError, match="0 independent groups"):
        split_people(samples, THIRDS, seed=0)
    with pytest.raises(InputError, match="0 independent groups"):
        split_people(samples[:0], THIRDS, seed=0)


def test_split_people_bad_input_raises():
    with pytest.raises(InputError, match="sum to 1"):
        split_people(corpus(8, 0), {"train": 0.6, "test": 0.6}, seed=0)
    with pytest.raises(InputError, match="no person or no video"):
        split_people(corpus(8, 0).assign(person=None), THIRDS, seed=0)


def test_balance_report_hand_case():
    samples = pd.DataFrame(
        {
            "split": ["train", "train", "test", "test", "test"],
            "person": list("abccd"),
            "valence": [0.5, -0.5, 0.5, 0.5, np.nan],
            "arousal": [0.1, 0.1, 0.1, 0.1, np.nan],
            "emotion": ["fear", "anger", "fear", "fear", "anger"],
        }
    )
    report = balance_report(samples).set_index("split")
    assert report.index.tolist() == ["train", "test", "all"]
    assert report["n_people"].tolist() == [2, 2, 4]
    assert report["n_frames"].tolist() == [2, 2, 4]
    assert report["fear"].tolist() == [0.5, 1.0, 0.75]
    assert report["valence_mean"].tolist() == [0.0, 0.5, 0.25]
    # By the definition of the Jensen-Shannon divergence, for (1/2, 1/2) against (3/4, 1/4):
    p, q = np.array([0.5, 0.5]), np.array([0.75, 0.25])
    m = (p + q) / 2
    divergence = (p * np.log2(p / m)).sum() / 2 + (q * np.log2(q / m)).sum() / 2
    assert report.loc["train", "js_emotion"] == pytest.approx(np.sqrt(divergence))
    assert report.loc["train", "js_arousal"] == 0 and report.loc["all", "js_valence"] == 0


def test_balance_report_split_without_labels_is_nan():
    samples = corpus(4, 0).assign(split="train")
    samples.loc[samples["person"] == "person00", ["split", "emotion"]] = ["test", ""]
    report = balance_report(samples).set_index("split")
    assert report.loc["test", "n_frames"] == 0 and np.isnan(report.loc["test", "js_emotion"])
    assert np.isnan(report.loc["test", "fear"])


def test_assert_disjoint_leak_names_person_or_video():
    samples = corpus(6, 0)
    half = np.where(np.arange(len(samples)) < 10, "train", "test")
    with pytest.raises(InputError, match="person 'person00' is in the splits train, test"):
        assert_disjoint(samples.assign(split=half))
    shared = corpus(2, 0, videos=[0, 0])
    split = shared["person"].map({"person00": "train", "person01": "test"})
    with pytest.raises(InputError, match="video 'video0' is in the splits"):
        assert_disjoint(shared.assign(split=split))
    assert_disjoint(samples.assign(split="train"))
