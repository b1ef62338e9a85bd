"""The harness: turns, quartiles, goals, files. No test looks at how long anything took."""

import numpy as np
import pandas as pd
import pytest
from typer import Typer
from typer.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks.harness import (
    FASTER,
    Row,
    Skipped,
    at_least,
    at_most,
    printed,
    race,
    speedup,
    table,
)
from benchmarks.machine import machine
from benchmarks.shipping import ship
from emolib.planning.benchmarks import COLUMNS, load_benchmarks

RATIOS = Row("work", "peer", FASTER, [1.0, 2.0, 3.0, 4.0, 10.0], at_least(3))


class Subject:
    """A benchmark that takes no time."""

    def __init__(self, ours=1.0):
        self.ours = ours

    def rows(self, repeats):
        race({"ours": lambda: self.ours, "peer": lambda: 1.0}, np.testing.assert_equal, repeats)
        yield Row("work", "peer", FASTER, [2.0] * repeats, at_least(3), "It is slow.")


class Broken:
    """A benchmark that measures one number and then does not get on."""

    def __init__(self, error):
        self.error = error

    def rows(self, repeats):
        yield Row("first", "peer", FASTER, [4.0], at_least(3))
        raise self.error


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs benchmarks from stand-in subjects, into `tmp_path`."""
    app = Typer()
    app.command()(command.run)

    def invoke(subjects, *arguments):
        monkeypatch.setattr(command, "SUBJECTS", list(subjects))
        monkeypatch.setattr(command, "subject", subjects.__getitem__)
        return CliRunner().invoke(app, [*arguments, "--output", str(tmp_path)])

    return invoke


def test_race_calls_everybody_in_turn_and_changes_who_is_first():
    calls = []
    contenders = {name: lambda name=name: calls.append(name) for name in "ab"}
    seconds = race(contenders, lambda *_: None, repeats=4)
    assert "".join(calls) == "ab" + "baab" * 2  # the first round only warms up and compares
    assert seconds.shape == (4, 2) and list(seconds) == ["a", "b"] and (seconds >= 0).all(axis=None)


def test_race_measures_nothing_where_results_differ():
    calls = []
    contenders = {"ours": lambda: calls.append(1) or 1.0, "peer": lambda: 1.001}
    with pytest.raises(AssertionError):
        race(contenders, np.testing.assert_allclose, repeats=5)
    assert len(calls) == 1


def test_race_may_count_the_calls_that_are_compared():
    calls = []
    contenders = {name: lambda name=name: calls.append(name) for name in "ab"}
    seconds = race(contenders, lambda *_: None, repeats=2, warm_up=False)
    assert "".join(calls) == "abba" and seconds.shape == (2, 2)


def test_speedup_is_the_ratio_of_each_round():
    seconds = pd.DataFrame({"ours": [1.0, 2.0], "peer": [3.0, 2.0]})
    assert speedup("work", seconds, "peer", at_least(1)).values == [3.0, 1.0]


def test_row_gives_quartiles_and_says_whether_its_median_reaches_the_goal():
    summary = RATIOS.summary()
    assert [summary[key] for key in ("lower_quartile", "median", "upper_quartile")] == [2, 3, 4]
    assert summary["reached"] == "yes" and summary["goal"] == "≥ 3" and summary["repeats"] == 5
    assert Row("memory", "600 MB", "MB", [601.0], at_most(600)).summary()["reached"] == "no"


def test_row_shows_its_note_only_where_it_misses_its_goal_and_may_have_none():
    rows = [
        Row("work", "peer", "s", [2.0], goal, "Slow.") for goal in (at_most(1), at_most(3), None)
    ]
    assert [row.summary()["note"] for row in rows] == ["Slow.", "", ""]
    assert [row.summary()["reached"] for row in rows] == ["no", "yes", "–"]
    assert rows[2].summary()["goal"] == "–"


def test_printed_table_has_a_line_a_row_and_admits_single_measurements():
    once = Row("memory", "600 MB", "MB", [480.0], at_most(600))
    lines = printed(table({"a": [RATIOS], "b": [once]})).splitlines()
    assert len(lines) == 3
    assert "3 times as fast" in lines[1] and "2 to 4" in lines[1]
    assert "480 MB" in lines[2] and "measured once" in lines[2]


def test_command_runs_what_is_named_and_writes_table_and_machine(run, tmp_path):
    result = run({"one": Subject(), "two": Subject()}, "two", "--repeats", "6")
    assert result.exit_code == 0, result.output
    assert "2 times as fast" in result.stdout
    written = pd.read_csv(tmp_path / "benchmarks.csv")
    assert written["benchmark"].tolist() == ["two"] and written["repeats"].tolist() == [6]
    assert written["reached"].tolist() == ["no"]
    assert (tmp_path / "machine.json").is_file()


def test_command_prints_no_ratio_of_results_that_differ_and_goes_on(run, tmp_path):
    result = run({"wrong": Subject(ours=2.0), "right": Subject()})
    assert result.exit_code == 1
    assert result.stdout.count("times as fast") == 1
    assert "wrong: the results differ" in result.stderr
    assert pd.read_csv(tmp_path / "benchmarks.csv")["benchmark"].tolist() == ["right"]


def test_command_keeps_what_was_measured_before_a_failure_and_goes_on(run, tmp_path):
    subjects = {"broken": Broken(ValueError("no such thing")), "right": Subject()}
    result = run(subjects)
    assert result.exit_code == 1 and "ValueError: no such thing" in result.stderr
    written = pd.read_csv(tmp_path / "benchmarks.csv")
    assert written["benchmark"].tolist() == ["broken", "right"]
    assert list(written) == COLUMNS


def test_command_says_what_is_lacking_and_does_not_fail(run):
    result = run({"lacking": Broken(Skipped("no build")), "right": Subject()})
    assert result.exit_code == 0 and "lacking: NOT MEASURED: no build" in result.stderr


def test_shipping_replaces_the_rows_of_what_was_measured_alone(run, tmp_path):
    run({"one": Subject(), "two": Subject()})
    shipped = tmp_path / "shipped"
    (path,) = ship(tmp_path, {"one", "two"}, shipped)
    run({"two": Broken(Skipped("")), "three": Subject()})
    assert ship(tmp_path, {"two"}, shipped) == [path] and not ship(tmp_path, set(), shipped)
    table = load_benchmarks(path)
    assert table["what"].tolist() == ["work", "first"]
    assert table["note"].tolist() == ["It is slow.", ""]
    assert "core" in table["processor"][0] and "numpy" in table["versions"][0]


def test_command_refuses_unknown_names_and_too_few_repeats(run):
    assert "no benchmark 'machting'" in run({"matching": Subject()}, "machting").stderr
    assert run({"matching": Subject()}, "--repeats", "4").exit_code == 2


def test_machine_says_what_the_numbers_came_from():
    facts = machine()
    assert facts["cores"] >= 1 and facts["processor"]
    assert all(flag.startswith(("amx", "avx512")) for flag in facts["flags"])
    assert {"python", "emolib", "numpy"} <= set(facts["versions"])
