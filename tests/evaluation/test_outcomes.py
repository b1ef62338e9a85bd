"""The prose of the first and last pages says what its numbers say, whatever a build finds.

Networks are planted so that the combined ones are better, worse or no different, and so that
nothing is defined; then every sentence of these pages is held against the tables behind it.
"""

import re
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation import claims, claims_prose, comparisons, leaders, outlook, prose
from emolib.evaluation import overview_prose as overview
from emolib.evaluation.evidence import Build
from emolib.evaluation.results import Network, baseline_networks

CONFIDENCE, SPLITS = 0.95, ("train", "validation", "test")
F1, CCC = ("macro_f1", "accuracy"), ("ccc_valence", "ccc_arousal")
SKILLS = {"better": (0.9, 0.3), "worse": (0.3, 0.9), "open": (0.6, 0.6)}
"""Of the combined and of the single networks."""

ANSWER = {"better": "Yes.", "worse": "No.", "open": "Undecided.", "undefined": "Undecided."}
LACKS = {
    "category": ["predicted_valence", "predicted_arousal"],
    "dimensional": ["predicted_emotion"],
    "combined": [],
}
"""What each kind of network does not say."""

WORDS = {"higher": 1, "lower": -1}
GROUPS = re.compile(
    r"(better|worse|not certain to differ) in (.+?)(?=,? (?:and )?(?:better|worse|not) |\.$)"
)
SIGNED = re.compile(r"[+−]\d+\.\d\d")


def number(text):
    return float(text.replace("−", "-"))


def build(simulate, with_predictions_of, skills, people):
    """Return all that the pages are written from, of networks of given skills."""
    samples = simulate(splits=SPLITS, people=people, seed=3)
    kinds = {
        kind: {
            f"VGG16+LSTM+{layers}FC": Network(
                with_predictions_of(samples, 10 * place + layers, skills[kind]).drop(columns=lacks),
                kind,
                "vgg16",
                layers,
            )
            for layers in (1, 2)
        }
        for place, (kind, lacks) in enumerate(LACKS.items())
    }
    settings = {"confidence": CONFIDENCE, "seed": 1}
    pairs = {
        kind: comparisons.pair_table(
            comparisons.matched_pairs(kinds["combined"], kinds[kind]),
            metrics,
            "test",
            n_permutations=499,
            **settings,
        )
        for kind, metrics in (("category", F1), ("dimensional", CCC))
    }
    everyone = comparisons.by_kind(*kinds.values())
    evidence = Build(list(everyone.values()), samples, n_replicates=100)
    return SimpleNamespace(
        samples=samples,
        kinds=kinds,
        pairs={metric: pairs["category"] for metric in F1}
        | {metric: pairs["dimensional"] for metric in CCC},
        leaders=[
            leaders.leader_table(everyone, metrics, "test", n_replicates=100, **settings)
            for metrics in (["macro_f1"], list(CCC))
        ],
        ranks=comparisons.rank_table(everyone, [*F1, *CCC], n_replicates=50, **settings),
        evidence=evidence,
        ledger=claims.ledger(evidence, CONFIDENCE),
    )


@pytest.fixture(scope="module", name="builds")
def _builds(simulate, with_predictions_of):
    made = {
        name: build(
            simulate,
            with_predictions_of,
            {"category": single, "dimensional": single, "combined": combined},
            people=8,
        )
        for name, (combined, single) in SKILLS.items()
    }
    even = dict.fromkeys(("category", "dimensional", "combined"), 0.5)
    return made | {"undefined": build(simulate, with_predictions_of, even, people=1)}


each_outcome = pytest.mark.parametrize("outcome", [*SKILLS, "undefined"])


def check_difference(sentence, row):
    """Check that a sentence has the sign, the limits and the certainty of its row."""
    if np.isnan(row["low"]):
        assert "nothing is concluded" in sentence
        return
    said = [number(text) for text in SIGNED.findall(sentence)]
    assert said == pytest.approx([row["difference"], row["low"], row["high"]], abs=0.0051)
    (direction,) = re.findall(r"is (higher|lower) than|(cannot be told apart)", sentence)
    if direction[1]:
        assert row["low"] <= 0 <= row["high"]
    else:
        assert WORDS[direction[0]] * row["difference"] > 0
        assert row["low"] > 0 or row["high"] < 0
        assert ("does not confirm" in sentence) == (row["p_holm"] > 1 - CONFIDENCE)


@each_outcome
def test_differences_have_the_direction_of_their_numbers(builds, outcome):
    made = builds[outcome]
    for metric, table in made.pairs.items():
        sentence = prose.pair_sentence(table, metric, "single", CONFIDENCE)
        check_difference(sentence, prose.pair_row(table, metric))


@each_outcome
def test_answer_says_which_metrics_are_better_worse_or_open(builds, outcome):
    made = builds[outcome]
    sentence = overview.answer_sentence(made.pairs, CONFIDENCE)
    assert sentence.startswith(ANSWER[outcome]), sentence
    groups = dict(
        re.findall(r"(better|worse|not certain to differ) in ([^.;]+?)(?=,? not |\.|$)", sentence)
    )
    for metric, table in made.pairs.items():
        row = prose.pair_row(table, metric)
        sure = row["p_holm"] <= 1 - CONFIDENCE
        group = "not certain to differ"
        group = "better" if sure and row["low"] > 0 else group
        group = "worse" if sure and row["high"] < 0 else group
        assert prose.inside_sentence(prose.metric_name(metric)) in groups[group], sentence


@each_outcome
def test_leaders_are_said_to_be_as_certain_as_they_are(builds, outcome):
    for table in builds[outcome].leaders:
        sentence = overview.leader_sentence(table, "it", "test", CONFIDENCE)
        assert table.loc[0, "network"] in sentence
        for row in table.itertuples():
            assert f"{row.value:.2f}" in sentence
            assert row.below + row.alike + row.above == row.networks - 1
        surest = sentence.count("that it is the best is as certain as")
        assert surest == (table["below"] == table["networks"] - 1).sum()
        assert sentence.count("it is not the best there") == (table["above"] > 0).sum()
    if outcome == "better":
        assert "combined" in builds[outcome].leaders[0].loc[0, "network"]
    if outcome == "worse":
        assert "category" in builds[outcome].leaders[0].loc[0, "network"]


@each_outcome
def test_advantage_counts_what_its_intervals_say(builds, outcome):
    made = builds[outcome]
    trivial = baseline_networks(made.samples, "emotion")
    table = comparisons.advantage_table(made.kinds["combined"], trivial, ["macro_f1"], "test")
    sentence = prose.advantage_sentence(table, "macro_f1", "test")
    found = Counter(prose.verdict(row.low, row.high) for row in table.itertuples())
    for verdict, words in (
        ("higher", "above"),
        ("lower", "below"),
        ("undecided", "not to be told"),
    ):
        said = re.search(rf"(\d+) (?:is|are) {words}", sentence)
        assert int(said[1] if said else 0) == found[verdict], sentence


@each_outcome
def test_ranks_quote_their_correlation(builds, outcome):
    made = builds[outcome]
    sentences = prose.rank_sentences(made.ranks, CONFIDENCE)
    for _, row in made.ranks.iterrows():
        assert f"number {row['rank_on_test']} on test" in sentences
        if not np.isnan(row["low"]):
            assert f"{row['spearman']:+z.2f}".replace("-", "−") in sentences


@each_outcome
def test_conclusion_says_of_each_claim_its_verdict_and_its_numbers(builds, outcome):
    ledger = builds[outcome].ledger.set_index("name")
    for names in claims_prose.TOPICS.values():
        text = claims_prose.paragraph(ledger.reset_index(), names)
        # One sentence a verdict; claims hold no full stop followed by a capital.
        by_verdict = {
            verdict: next(
                (said for said in re.split(r"(?<=\.) (?=It )", text) if words in said), ""
            )
            for verdict, words in claims_prose.PREDICATES.items()
        }
        for name in names:
            row = ledger.loc[name]
            clause = row["claim"][1:]
            if row["verdict"] in ("undecided", "not tested"):
                clause = (row["opposite"] or row["claim"])[1:]
            if row["verdict"] == "not tested":
                assert clause in text and row["reason"] in text
                continue
            said = by_verdict[row["verdict"]]
            assert clause in said, (name, text)
            after = said[said.index(clause) :]
            numbers = [number(x) for x in SIGNED.findall(after[: after.index(")")])]
            expected = row[["effect", "low", "high"]].dropna()
            assert numbers == pytest.approx(list(expected), abs=0.0051)


def test_conclusion_turns_with_the_networks(builds):
    verdicts = {name: made.ledger.set_index("name")["verdict"] for name, made in builds.items()}
    assert verdicts["better"]["combined accuracy"] == "supported"
    assert verdicts["worse"]["combined accuracy"] == "not supported"
    assert verdicts["better"]["combined valence"] == "not supported"  # a benefit is denied there
    assert verdicts["worse"]["combined valence"] == "supported"
    assert set(verdicts["undefined"]) <= {"undecided", "not tested"}


@each_outcome
def test_tally_and_outlook_count_the_verdicts(builds, outcome):
    made = builds[outcome]
    counts = made.ledger["verdict"].value_counts()
    tally = claims_prose.tally_sentence(made.ledger)
    for verdict in claims.VERDICTS:
        said = re.search(rf"\b(\w+) (is|are) {verdict}\b", tally)
        count = counts.get(verdict, 0)
        assert (said[1] if said else "none") == claims_prose.number_word(count), tally
    table = outlook.outlook_table(made.ledger)
    assert len(table) == counts.get("undecided", 0)
    sentence = outlook.outlook_sentence(table)
    assert (f"{len(table)} " in sentence) if len(table) else ("No claim" in sentence)


@each_outcome
def test_gaps_fall_where_their_numbers_fall(builds, outcome):
    for metric in ("macro_f1", "ccc_valence"):
        row = outlook.gap_row(builds[outcome].evidence, metric, CONFIDENCE)
        sentence = outlook.gap_sentence(row, "test")
        said = [number(text) for text in re.findall(r"[+−]?\d+\.\d\d", sentence)]
        expected = row[["train", "judged", "change", "low", "high"]].astype(float).dropna()
        assert said == pytest.approx(list(expected), abs=0.0051), sentence
        assert ("it falls." in sentence) == (row["high"] < 0), sentence
        assert ("it rises." in sentence) == (row["low"] > 0), sentence


@each_outcome
def test_claims_and_comparison_give_one_difference_one_interval(builds, outcome):
    made = builds[outcome]
    ledger = made.ledger.set_index("name")
    for name, metric in (("combined accuracy", "accuracy"), ("combined macro-F1", "macro_f1")):
        row = prose.pair_row(made.pairs[metric], metric)
        found, columns = ledger.loc[name], ["low", "high"]
        assert found["effect"] == pytest.approx(row["difference"])
        assert list(found[columns]) == pytest.approx(list(row[columns]), nan_ok=True)


@each_outcome
def test_no_sentence_shows_what_is_undefined(builds, outcome):
    made = builds[outcome]
    table = outlook.outlook_table(made.ledger)
    limits = outlook.limit_sentences(made.ledger, table, made.samples, made.evidence, CONFIDENCE)
    said = [
        overview.answer_sentence(made.pairs, CONFIDENCE),
        *(prose.pair_sentence(of, name, "single", CONFIDENCE) for name, of in made.pairs.items()),
        *(overview.leader_sentence(each, "it", "test", CONFIDENCE) for each in made.leaders),
        overview.corpus_sentence(made.samples, 3, "simulated", "test"),
        prose.rank_sentences(made.ranks, CONFIDENCE),
        *(claims_prose.paragraph(made.ledger, names) for names in claims_prose.TOPICS.values()),
        claims_prose.tally_sentence(made.ledger),
        claims_prose.untested_sentence(made.ledger),
        claims_prose.drawn_sentence(made.ledger),
        outlook.seed_sentence([1, 2], made.evidence),
        *limits.values(),
    ]
    for sentence in said:
        assert not re.search(r"\b(nan|None|inf|NaT)\b|\{|−0\.00", sentence), sentence
        assert sentence.endswith(".") and "  " not in sentence
        assert sentence[0].isupper()


def test_nothing_to_compare_is_said():
    columns = ["pair", "metric", "combined", "single", "difference", "low", "high", "p", "p_holm"]
    nothing = {metric: pd.DataFrame(columns=columns) for metric in (*F1, *CCC)}
    assert overview.answer_sentence(nothing, CONFIDENCE).startswith("Not tested")
    empty = leaders.leader_table({}, ["macro_f1"], "test", seed=1)
    assert "trained no network for categories" in overview.leader_sentence(
        empty, "categories", "test", CONFIDENCE
    )
