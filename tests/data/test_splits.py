"""Tests of `emolib.data.splits` on corpora whose imbalance is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.data.splits import assert_disjoint, balance_report, fold_people, split_people
from emolib.errors import InputError
from emolib.labels import EMOTIONS, SPLITS

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
    leak = r"person 'person00' is in test \(video0\) and train \(video0\): a network would be"
    with pytest.raises(InputError, match=leak):
        assert_disjoint(samples.assign(split=half))
    shared = corpus(2, 0, videos=[0, 0])
    split = shared["person"].map({"person00": "train", "person01": "test"})
    leak = r"video 'video0' is in test \(person01\) and train \(person00\)"
    with pytest.raises(InputError, match=leak):
        assert_disjoint(shared.assign(split=split))
    assert_disjoint(samples.assign(split="train"))


def test_assert_disjoint_names_five_and_counts_the_others():
    samples = corpus(7, 0)
    alternating = np.where(np.arange(len(samples)) % 2, "train", "test")
    with pytest.raises(InputError, match=r"'person04' is in .*; and 2 more: ") as error:
        assert_disjoint(samples.assign(split=alternating))
    assert "person05" not in str(error.value)


def test_fold_people_every_person_is_tested_once_and_never_seen():
    samples = corpus(23, 4, videos=[*range(20), 0, 1, 1])
    rounds = [fold_people(samples, 5, fold, seed=3, n_trials=50) for fold in range(5)]
    for parts in rounds:
        assert list(parts) == sorted(samples["person"].unique())
        assert set(parts.values()) == set(SPLITS)
        assert_disjoint(samples.assign(split=samples["person"].map(parts)))
    for person in rounds[0]:
        assert [parts[person] for parts in rounds].count("test") == 1
        assert [parts[person] for parts in rounds].count("validation") == 1


def test_fold_people_validates_on_the_fold_that_is_tested_next():
    samples = corpus(12, 0)
    rounds = [fold_people(samples, 3, fold, seed=0, n_trials=50) for fold in range(3)]
    for now, then in zip(rounds, rounds[1:] + rounds[:1], strict=True):
        validated = {person for person, part in now.items() if part == "validation"}
        assert validated == {person for person, part in then.items() if part == "test"}


def test_fold_people_folds_are_of_equal_size_and_balanced():
    samples = corpus(60, 2)
    shares, distances = [], []
    for fold in range(5):
        parts = fold_people(samples, 5, fold, seed=0, n_trials=200)
        report = balance_report(samples.assign(split=samples["person"].map(parts)))
        report = report.set_index("split")
        shares.append(report.loc["test", ["n_people", "n_frames"]] / report.loc["all"])
        distances.append(report.loc["test", "js_emotion"])
    shares = pd.DataFrame(shares)[["n_people", "n_frames"]].astype(float)
    assert (abs(shares - 0.2) < 0.04).all(axis=None)
    assert max(distances) < 0.2


def test_fold_people_is_the_search_of_split_people():
    # Thirds by shares and three folds ask for the same parts of the same search.
    samples = corpus(15, 1)
    shares = dict.fromkeys(["0", "1", "2"], 1 / 3)
    parts = split_people(samples, shares, seed=5, n_trials=100)
    tested = fold_people(samples, 3, 1, seed=5, n_trials=100)
    assert {p for p, part in tested.items() if part == "test"} == {
        p for p, part in parts.items() if part == "1"
    }


def test_fold_people_impossible_folds_raise():
    for folds, fold in [(2, 0), (5, 5), (5, -1)]:
        with pytest.raises(InputError, match=f"fold {fold} of {folds}: give at least 3"):
            fold_people(corpus(8, 0), folds, fold, seed=0)
    with pytest.raises(InputError, match="4 independent groups .* too few for 5 parts"):
        fold_people(corpus(4, 0), 5, 0, seed=0)
