"""Verdicts on corpora that were planted so that the truth of a claim is known."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from emolib.evaluation import claims, effects, published
from emolib.evaluation.evidence import Build, Printed, Untestable
from emolib.evaluation.metrics import ccc
from emolib.evaluation.results import Network
from emolib.evaluation.uncertainty import difference_interval, holm
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

SHARES = np.array([0.35, 0.06, 0.35, 0.08, 0.06, 0.05, 0.05])
CENTRES = np.array(
    [(0, 0), (0.6, 0.5), (-0.6, -0.4), (-0.5, 0.6), (-0.7, 0.2), (0.2, 0.8), (-0.3, 0)]
)
FACE = [f"x{number}" for number in range(4)]
CCC = ("ccc_valence", "ccc_arousal")
LEDGER = ["name", "claim", "opposite", "where", "test", "smallest", "denies", "drawn"]
LEDGER += ["published_validation", "published_test", "effect", "low", "high", "p", "people"]
LEDGER += ["rests_on", "reason", "p_holm", "verdict"]


def plant(telling, people=14, faces=60, seed=0):
    """Return samples whose faces show the category dimly, and whose V/A tell it, or do not."""
    generator = np.random.default_rng(seed)
    face_of = generator.normal(0, 1, (len(EMOTIONS), len(FACE)))
    tables = []
    for split, person in itertools.product(SPLITS, range(people)):
        codes = generator.choice(len(EMOTIONS), size=faces, p=SHARES)
        shown = codes if telling else generator.choice(len(EMOTIONS), size=faces, p=SHARES)
        looks = generator.normal(0, 0.4, len(FACE))  # of this person
        table = pd.DataFrame(
            {
                "track": f"{split}{person}",
                "person": f"{split}{person}",
                "frame": np.arange(faces),
                "split": split,
                "emotion": np.array(EMOTIONS)[codes],
            }
        )
        affect = np.clip(CENTRES[shown] + generator.normal(0, 0.15, (faces, 2)), -1, 1)
        table[list(DIMENSIONS)] = affect
        table[FACE] = face_of[codes] + looks + generator.normal(0, 1, (faces, len(FACE)))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def classify(samples, columns):
    """Return what a classifier of some columns says that was fitted on train."""
    train = samples["split"] == "train"
    model = GaussianNB().fit(samples.loc[train, columns], samples.loc[train, "emotion"])
    return samples.assign(predicted_emotion=model.predict(samples[columns]))


def with_dimensions(table, noise, seed):
    """Return a table with predicted valence and arousal: the truth and noise."""
    error = np.random.default_rng(seed).normal(0, noise, (len(table), 2))
    return table.assign(
        **{f"predicted_{name}": table[name] + error[:, i] for i, name in enumerate(DIMENSIONS)}
    )


@pytest.fixture(scope="module", name="telling")
def _telling():
    return plant(telling=True)


@pytest.fixture(scope="module", name="silent")
def _silent():
    return plant(telling=False)


def networks_of(samples):
    """Return what networks of the three kinds might have said of a planted corpus."""
    face, both = classify(samples, FACE), classify(samples, [*FACE, *DIMENSIONS])
    return {
        "vgg16-category-1fc": [face],
        "vgg16-dimensional-1fc": [with_dimensions(samples, 0.3, 1)],
        "vgg16-combined-1fc": [with_dimensions(both, 0.3, 2)],
    }


def build_of(samples, runs, n_replicates=400):
    networks = []
    for name, tables in runs.items():
        backbone, kind, layers = name.split("-")
        networks.append(Network(tables, kind, backbone, int(layers[0])))
    return Build(networks, samples, {30: networks}, n_replicates=n_replicates)


def judge(samples, runs):
    return claims.ledger(build_of(samples, runs)).set_index("name")


def test_claims_are_named_once_and_say_where_they_stand():
    names = [claim.name for claim in claims.CLAIMS]
    assert len(set(names)) == len(names) >= 15
    for claim in claims.CLAIMS:
        assert claim.where[0] in "456" and not claim.statement.endswith(".")


def test_ledger_supports_combined_where_dimensions_tell_the_category(telling):
    table = judge(telling, networks_of(telling))
    assert sorted(table.reset_index()) == sorted(LEDGER)
    for name in ("combined accuracy", "combined macro-F1", "rare categories"):
        assert table.loc[name, "verdict"] == "supported", table.loc[name]
    assert table.loc["dimensions tell category", "verdict"] == "supported"
    assert table.loc["category tells dimensions", "verdict"] == "not supported"


def test_ledger_does_not_support_combined_where_dimensions_tell_nothing(silent):
    table = judge(silent, networks_of(silent))
    for name in ("combined accuracy", "combined macro-F1", "rare categories"):
        assert table.loc[name, "verdict"] in ("not supported", "undecided"), table.loc[name]
    assert table.loc["dimensions tell category", "verdict"] != "supported"
    assert table.loc["category tells dimensions", "verdict"] == "supported"


def test_ledger_turns_with_the_networks(telling):
    runs = networks_of(telling)
    worse = runs | {
        "vgg16-category-1fc": runs["vgg16-combined-1fc"],
        "vgg16-combined-1fc": [with_dimensions(runs["vgg16-category-1fc"][0], 0.3, 2)],
    }
    table = judge(telling, worse)
    for name in ("combined accuracy", "combined macro-F1", "headline gain"):
        assert table.loc[name, "verdict"] == "not supported"
        assert table.loc[name, "high"] < 0


def test_networks_that_never_differ_leave_everything_open(telling):
    runs = networks_of(telling)
    same = runs["vgg16-category-1fc"][0].assign(
        predicted_valence=runs["vgg16-dimensional-1fc"][0]["predicted_valence"],
        predicted_arousal=runs["vgg16-dimensional-1fc"][0]["predicted_arousal"],
    )
    table = judge(telling, runs | {"vgg16-combined-1fc": [same]})
    names = ["combined accuracy", "rare categories", "combined valence", "combined arousal"]
    assert (table.loc[names, "effect"] == 0).all()
    assert table.loc[names, ["low", "high", "p"]].isna().all(axis=None)
    assert table.loc[names, "verdict"].eq("undecided").all()


def test_nearly_equal_networks_support_the_denial_of_a_benefit(telling):
    runs = networks_of(telling)
    runs["vgg16-dimensional-1fc"] = [with_dimensions(telling, 0.1, 5)]
    runs["vgg16-combined-1fc"] = [with_dimensions(runs["vgg16-combined-1fc"][0], 0.1, 6)]
    table = judge(telling, runs).loc[["combined valence", "combined arousal"]]
    assert table["verdict"].eq("supported").all() and table["high"].lt(0.05).all()


def test_intervals_end_where_effects_do(silent):
    few = silent[silent["person"].str.fullmatch(r"[a-z]+[01]")]
    table = judge(few, networks_of(few))
    assert table.loc["share and recall", "high"] == 1
    assert table["low"].dropna().ge(-2).all() and table.loc["headline gain", "low"] >= -1


def test_equally_good_networks_are_supported_rarely(silent):
    # Of corpora without a difference, hardly any may have an interval above zero.
    supported = 0
    for seed in range(30):
        generator = np.random.default_rng(seed)
        truth = silent.assign(skill=silent["person"].map(_skills(silent, generator)))
        said = [_guess(truth, generator) for _ in range(2)]
        runs = {"vgg16-category-1fc": said[:1], "vgg16-combined-1fc": said[1:]}
        build = build_of(silent, runs)
        values = effects.kinds_differ("category", "accuracy")(build)
        supported += build.limits(values, 0.95).low > 0
    assert supported <= 3


def _skills(samples, generator):
    people = samples["person"].unique()
    return dict(zip(people, np.clip(generator.normal(0.5, 0.15, len(people)), 0, 1), strict=True))


def _guess(samples, generator):
    right = generator.random(len(samples)) < samples["skill"]
    guessed = generator.choice(EMOTIONS, size=len(samples))
    return samples.assign(predicted_emotion=np.where(right, samples["emotion"], guessed))


def sides(runs, split="test"):
    """Return the combined and the category-only runs of a split."""
    names = ("vgg16-combined-1fc", "vgg16-category-1fc")
    return [[run[run["split"] == split] for run in runs[name]] for name in names]


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_a_difference_has_the_interval_that_it_has_everywhere_else(telling, metric):
    runs = networks_of(telling)
    build = build_of(telling, runs)
    found = build.limits(effects.kinds_differ("category", metric)(build), 0.95)
    expected = difference_interval(*sides(runs), metric)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.people == 14


def test_draws_of_people_give_nearly_the_interval_of_leaving_them_out(telling):
    runs = networks_of(telling)
    build = build_of(telling, runs, n_replicates=4000).afresh(drawn=True)
    found = build.limits(effects.kinds_differ("category", "accuracy")(build), 0.95)
    expected = difference_interval(*sides(runs), "accuracy")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_people_of_two_splits_are_left_out_of_each(telling):
    runs = networks_of(telling)
    fewer = telling["split"].ne("train") | telling["person"].str.fullmatch(r"train\d")
    runs = {name: [run[fewer] for run in tables] for name, tables in runs.items()}
    build = build_of(telling[fewer], runs)
    found = build.limits(effects.generalisation(build), 0.95)
    errors = []
    for split in ("train", "test"):
        one = build.afresh()
        mean = np.mean([one.score(["vgg16-dimensional-1fc"], name, split) for name in CCC], axis=0)
        errors.append(one.limits(mean, 0.95).error)
    assert found.error == pytest.approx(np.hypot(*errors)) and found.people == 10


def test_people_with_one_kind_of_label_have_a_part_in_what_that_label_judges(telling):
    lacking = telling["person"].isin(["test0", "test1"])
    runs = networks_of(telling)
    for name in ("vgg16-category-1fc", "vgg16-combined-1fc"):
        runs[name] = [run.assign(emotion=run["emotion"].mask(lacking, "")) for run in runs[name]]
    runs["vgg16-category-1fc"] = [run[~lacking] for run in runs["vgg16-category-1fc"]]
    build = build_of(telling[~lacking], runs)
    for kind, metric, people in (("category", "accuracy", 12), ("dimensional", CCC[0], 14)):
        evidence = build.afresh()
        found = evidence.limits(effects.kinds_differ(kind, metric)(evidence), 0.95)
        single = [run[run["split"] == "test"] for run in runs[f"vgg16-{kind}-1fc"]]
        expected = difference_interval(sides(runs)[0], single, metric)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        assert found.people == people


def test_verdicts_that_count_rare_categories_say_how_few_show_them(telling):
    shown = telling["person"].isin(["test0"]) | (telling["split"] != "test")
    rare = telling["emotion"].isin(["neutral", "sadness"])
    samples = telling[rare | shown]
    runs = {k: [run[rare | shown] for run in v] for k, v in networks_of(telling).items()}
    table = judge(samples, runs)
    said = table.loc["rare categories", "rests_on"]
    assert said == table.loc["combined macro-F1", "rests_on"]
    assert said == "judged on 1 person per rare category"
    assert table.loc["combined accuracy", "rests_on"] == ""
    assert "people per rare" in judge(telling, networks_of(telling)).loc["rare categories"].rests_on


def test_p_values_are_corrected_over_the_whole_ledger(telling):
    table = judge(telling, networks_of(telling))
    tested = table[table["verdict"] != "not tested"]
    order = tested["p"].dropna().sort_values(kind="stable")
    adjusted, largest = {}, 0.0
    for rank, (name, p) in enumerate(order.items()):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        adjusted[name] = largest
    for name, p in adjusted.items():
        assert tested.loc[name, "p_holm"] == pytest.approx(p)
    np.testing.assert_allclose(holm(tested["p"]), tested["p_holm"])
    assert table.loc[table["verdict"] == "not tested", "p_holm"].isna().all()


ROW = {"low": 0.1, "high": 0.3, "p_holm": 0.01, "smallest": 0.05, "denies": False, "reason": ""}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "supported"),
        ({"denies": True}, "not supported"),
        ({"p_holm": 0.06}, "undecided"),
        ({"low": -0.1}, "undecided"),
        ({"low": -0.1, "denies": True}, "undecided"),
        ({"low": -0.3, "high": -0.1}, "not supported"),
        ({"low": -0.3, "high": -0.1, "denies": True}, "supported"),
        ({"low": 0.01, "high": 0.04}, "not supported"),
        ({"low": 0.01, "high": 0.04, "denies": True}, "supported"),
        ({"low": -0.01, "high": 0.04, "denies": True, "p_holm": 0.2}, "undecided"),
        ({"low": np.nan, "high": np.nan}, "undecided"),
        ({"low": np.nan, "high": np.nan, "denies": True}, "undecided"),
        ({"reason": "nothing to test"}, "not tested"),
    ],
)
def test_verdict_follows_the_stated_rule(change, expected):
    assert claims.verdict(SimpleNamespace(**ROW | change), 0.05) == expected


def test_claims_without_their_networks_say_what_they_need(telling):
    runs = networks_of(telling)
    table = judge(telling, {"vgg16-category-1fc": runs["vgg16-category-1fc"]})
    untested = table[table["verdict"] == "not tested"]
    assert untested["effect"].isna().all() and (untested["reason"] != "").all()
    assert "combined and a category-only network" in untested.loc["combined accuracy", "reason"]
    assert "VGG-19" in untested.loc["VGG-19 for categories", "reason"]
    assert "here: 30" in untested.loc["sequence length", "reason"]
    assert "dimensional-only" in untested.loc["generalisation", "reason"]
    assert table.loc["dimensions tell category", "verdict"] == "supported"


def test_claims_about_backbones_and_layers_are_tested_when_configured(telling):
    face, both = classify(telling, FACE), classify(telling, [*FACE, *DIMENSIONS])
    poor = classify(telling, FACE[:1])
    runs = {
        "vgg16-category-1fc": [poor],
        "vgg16-category-2fc": [face],
        "vgg19-category-1fc": [both],
        "xception-category-1fc": [poor],
    }
    table = judge(telling, runs)
    row = table.loc["VGG-19 for categories"]
    nearest = _accuracy(both) - max(_accuracy(face), _accuracy(poor))
    assert row["effect"] == pytest.approx(nearest) and row["verdict"] == "supported"
    row = table.loc["layers for categories"]
    assert row["effect"] == pytest.approx(_accuracy(face) - _accuracy(poor))
    assert row["verdict"] == "not supported"


def _accuracy(table):
    test = table[table["split"] == "test"]
    return (test["emotion"] == test["predicted_emotion"]).mean()


def test_sequence_lengths_are_compared_where_a_network_has_both(telling):
    face, both = classify(telling, FACE), classify(telling, [*FACE, *DIMENSIONS])
    near, far = (with_dimensions(telling, noise, 7) for noise in (0.2, 0.6))
    build = Build(
        [Network([face], "category", "vgg16", 1)],
        telling,
        {
            60: [
                Network([both], "category", "vgg16", 1),
                Network([near], "dimensional", "vgg16", 1),
                Network([near], "dimensional", "vgg19", 1),
            ],
            80: [
                Network([face], "category", "vgg16", 1),
                Network([far], "dimensional", "vgg16", 1),
            ],
        },
        n_replicates=200,
    )
    row = claims.ledger(build).set_index("name").loc["sequence length"]
    test = telling["split"] == "test"
    concordances = [
        np.mean(
            [ccc(run.loc[test, name], run.loc[test, f"predicted_{name}"]) for name in DIMENSIONS]
        )
        for run in (near, far)
    ]
    expected = [_accuracy(both) - _accuracy(face), concordances[0] - concordances[1]]
    assert row["effect"] == pytest.approx(np.mean(expected))
    assert row["verdict"] == "supported"


def test_imbalance_correlates_share_and_recall_by_rank(telling):
    frequent = telling.assign(  # right about the two largest categories only
        predicted_emotion=telling["emotion"].where(
            telling["emotion"].isin(EMOTIONS[:3:2]), "neutral"
        )
    )
    table = judge(telling, {"vgg16-category-1fc": [frequent]})
    test = frequent[frequent["split"] == "test"]
    shares = telling.loc[telling["split"] == "train", "emotion"].value_counts()
    recalls = (test["emotion"] == test["predicted_emotion"]).groupby(test["emotion"]).mean()
    expected = recalls.corr(shares, method="spearman")
    assert table.loc["share and recall", "effect"] == pytest.approx(expected)
    named = shares[["neutral", "sadness"]].mean() - shares.drop(["neutral", "sadness"]).mean()
    assert table.loc["never named", "effect"] == pytest.approx(named / shares.sum())
    assert table.loc["never named", "verdict"] == "supported"


def test_regions_count_faces_in_the_plane(telling):
    table = judge(telling, networks_of(telling))
    happy, fear = (telling[telling["emotion"] == name] for name in ("happiness", "fear"))
    expected = min(
        ((happy["valence"] > 0) & (happy["arousal"] > 0)).mean(),
        ((fear["valence"] < 0) & (fear["arousal"] > 0)).mean(),
    )
    assert table.loc["one region", "effect"] == pytest.approx(expected - 0.5)
    assert table.loc["one region", "verdict"] == "supported"
    lonely = telling.loc[telling["emotion"] == "sadness", "valence"].gt(0).mean()
    assert table.loc["two regions", "effect"] == pytest.approx(lonely - effects.SECOND_REGION)
    nobody = telling[telling["emotion"] != "fear"]
    runs = {
        name: [run[run["emotion"] != "fear"] for run in tables]
        for name, tables in networks_of(telling).items()
    }
    assert judge(nobody, runs).loc["one region", "reason"] == "nobody shows fear"


def test_generalisation_sees_the_gap_between_train_and_strangers(telling):
    dimensional = with_dimensions(telling, 0.05, 3)
    strangers = telling["split"] != "train"
    for name in DIMENSIONS:
        dimensional.loc[strangers, f"predicted_{name}"] = 0.1
    row = judge(telling, {"vgg16-dimensional-1fc": [dimensional]}).loc["generalisation"]
    assert row["effect"] > 0.8 and row["verdict"] == "supported"


@pytest.mark.parametrize(
    ("name", "split", "expected"),
    [
        ("headline gain", "validation", 0.59 / 0.47 - 1),
        ("headline gain", "test", 0.29 / 0.32 - 1),
        ("VGG-19 for categories", "validation", 0.59 - 0.57),
    ],
)
def test_published_effects_are_those_of_the_printed_tables(name, split, expected):
    (claim,) = (claim for claim in claims.CLAIMS if claim.name == name)
    assert claim.measure(Printed(split))[0] == pytest.approx(expected)


def test_published_effects_match_pairs_of_networks():
    single, combined = (published.load(t).set_index("network")["accuracy"] for t in ("5.1", "5.3"))
    nearest = {
        "vgg16-combined-1fc": "vgg16-category-1fc",
        "vgg16-combined-3fc": "vgg16-category-2fc",
        "xception-combined-2fc": "xception-category-2fc",
        "xception-combined-3fc": "xception-category-2fc",
        "vgg19-combined-1fc": "vgg19-category-1fc",
        "vgg19-combined-2fc": "vgg19-category-2fc",
    }
    expected = np.mean([combined[a] - single[b] for a, b in nearest.items()])
    found = effects.kinds_differ("category", "accuracy")(Printed("validation"))
    assert found == pytest.approx([expected])
    with pytest.raises(Untestable, match="does not print macro_f1"):
        effects.kinds_differ("category", "macro_f1")(Printed("test"))
