"""Benchmarks and the profile of a build, as the chapter shows them: hand cases and sentences."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.planning import performance_prose as prose
from emolib.planning.benchmarks import COLUMNS, load_benchmarks
from emolib.planning.profile import job_times, stage_profile

ROWS = [
    ("a", "one", "peer", "times as fast", 10.0, 8.0, 12.0, 5, "≥ 5", "yes", ""),
    ("a", "two", "limit", "s", 20.0, 16.0, 40.0, 5, "≤ 10", "no", "The disk is slow."),
    ("b", "three", "nobody", "MB", 1234.0, 1234.0, 1234.0, 1, "–", "–", ""),
]


@pytest.fixture
def results(tmp_path):
    """Return a table of one goal reached, one missed and one number without a goal."""
    table = pd.DataFrame([(*row, "toy, 2 cores", "numpy 2", 0.1) for row in ROWS], columns=COLUMNS)
    table.to_csv(tmp_path / "benchmarks.csv", index=False)
    return load_benchmarks(tmp_path / "benchmarks.csv")


def test_benchmarks_are_numbered_and_held_against_their_goals(results):
    assert results["number"].tolist() == ["a 1", "a 2", "b"]
    kept = results[["kept_low", "kept", "kept_high"]].to_numpy()
    np.testing.assert_allclose(kept[0], [8 / 5, 2, 12 / 5])
    np.testing.assert_allclose(kept[1], [10 / 40, 0.5, 10 / 16])
    assert np.isnan(kept[2]).all()


def test_table_of_another_version_is_refused(tmp_path):
    pd.DataFrame({"benchmark": ["a"]}).to_csv(tmp_path / "old.csv", index=False)
    with pytest.raises(InputError, match="old.csv: no column 'what'.*measure again"):
        load_benchmarks(tmp_path / "old.csv")
    with pytest.raises(InputError, match="`make bench` writes such a table"):
        load_benchmarks(tmp_path / "none.csv")


def test_shipped_benchmarks_are_whole():
    table = load_benchmarks()
    assert {"matching", "bootstrap", "faces"} <= set(table["benchmark"])
    assert table["number"].is_unique and (table["median"] > 0).all()
    judged = table[table["kept"].notna()]
    assert ((judged["kept"] >= 1) == (judged["reached"] == "yes")).all()
    assert (judged.loc[judged["reached"] == "no", "note"] != "").all()
    assert "core" in table["processor"][0] and "numpy" in table["versions"][0]


def test_sentences_about_benchmarks_follow_the_numbers(results):
    assert prose.goals_sentence(results) == "Of 2 goals, 1 were reached and 1 missed: a 2."
    assert prose.goals_sentence(results[:1]) == "All of the 1 goals were reached."
    assert prose.goals_sentence(results[2:]) == "Nothing that has a goal was measured."
    (missed,) = prose.missed_table(results).to_dict("records")
    assert missed["median"] == "20 s" and missed["what bounds it"] == "The disk is slow."
    assert (
        prose.missed_table(results.assign(note=""))["what bounds it"].eq("Not looked into.").all()
    )
    printed = prose.result_table(results)
    assert printed["median"].tolist() == ["10 times as fast", "20 s", "1,234 MB"]
    assert printed["quartiles"].tolist() == ["8 to 12", "16 to 40", "–"]
    quiet = prose.machine_sentences(results)
    assert "toy, 2 cores, with numpy 2" in quiet and "was at most" in quiet
    assert "load average 3.5" in prose.machine_sentences(results.assign(load=[0.1, 3.5, 0]))


def test_profile_sums_up_the_jobs_of_each_stage(tmp_path, time_job):
    time_job(tmp_path, "chapters/tsne", 90, memory=2000, ended=30)
    time_job(tmp_path, "train/a", 60, memory=1000, ended=10)
    time_job(tmp_path, "train/b", 120, memory=500, ended=20)
    time_job(tmp_path, "match", 2, memory="-", ended=5)
    jobs = job_times(tmp_path)
    assert jobs["job"].tolist() == ["", "a", "b", "tsne"]
    assert jobs["peak_gb"][1] == pytest.approx(1000 * 2**20 / 1e9)
    profile = stage_profile(jobs).set_index("stage")
    assert list(profile.index) == ["match", "train", "chapters"]
    train = profile.loc["train"]
    assert (train["jobs"], train["seconds"]) == (2, 180)
    assert (train["longest"], train["largest"]) == ("b", "a")
    assert np.isnan(profile.loc["match", "peak_gb"])
    profile = profile.reset_index()
    assert "4 jobs in 3 stages took 4.5 minutes" in prose.profile_sentence(profile)
    slowest = prose.slowest_sentences(profile, 2)
    assert slowest.startswith("Training took 3.0 minutes, 66% of the whole, the longest of its 2")
    assert "(b) 2.0 minutes; what bounds this stage is the steps of the LSTM" in slowest
    assert "Chapters took" in slowest and "Matching" not in slowest
    assert "chapters (tsne), took 2.10 GB of memory, less than the 4 GB" in prose.memory_sentence(
        profile
    )
    assert "more than" in prose.memory_sentence(profile.assign(peak_gb=5.0))
    assert prose.profile_table(profile)["share"].tolist() == ["66%", "33%", "1%"]


def test_build_whose_stages_were_not_timed_says_so(tmp_path):
    profile = stage_profile(job_times(tmp_path))
    assert "were not timed" in prose.profile_sentence(profile)
    assert prose.slowest_sentences(profile) == ""
    assert "No job ran long enough" in prose.memory_sentence(profile)
    assert prose.profile_table(profile).empty


def test_every_stage_has_a_name_and_what_bounds_it():
    assert set(prose.BOUNDS) == set(prose.TITLES)
