"""Workers on a study: exact numbers of trials, repeats of lost ones, the planted optimum."""

import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from emolib.errors import InputError
from emolib.search.storage import open_storage
from emolib.search.workers import (
    EXCESS,
    MOST_FAILURES,
    QUEUED,
    is_due,
    new_sampler,
    read_ledger,
    work,
)

TOTAL = 12
WORKER = """
import os, sys, time
import optuna
from emolib.search.storage import open_storage
from emolib.search.workers import new_sampler, work

url, name, total, seconds, log = sys.argv[1:]

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    with open(log, "a") as file:
        file.write(f"{os.getpid()} {trial.number} {x!r}\\n")
    time.sleep(float(seconds))
    trial.set_user_attr("by", os.getpid())
    return x

optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(
    study_name=name, storage=open_storage(url, 4), load_if_exists=True,
    sampler=new_sampler("tpe", 5, 1),
)
work(study, objective, int(total), poll=0.1, progress=False)
"""


def frozen(number, state, x=0.5, **attributes):
    has_value = state in (TrialState.COMPLETE,)
    trial = create_trial(
        state=state,
        params={"x": x},
        distributions={"x": optuna.distributions.FloatDistribution(0, 1)},
        value=1.0 if has_value else None,
        user_attrs=attributes,
    )
    trial.number = number
    return trial


def new_study(**options):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(**options)


def planted(trial):
    """A loss like a network's: a narrow valley in two settings, one that matters little, a choice.

    The lowest, 0, is at a rate of 3e-4, a dropout of 0.6, the choice 60 and a weight of 0.5.
    """
    rate = math.log10(trial.suggest_float("rate", 1e-6, 1e-1, log=True) / 3e-4)
    dropout = trial.suggest_float("dropout", 0.5, 0.8) - 0.6
    length = trial.suggest_categorical("length", [60, 80])
    weight = trial.suggest_float("weight", 0, 1) - 0.5
    return rate**2 + 20 * dropout**2 + (0.3 if length == 80 else 0) + 0.05 * weight**2


def lowest(sampler, seed, trials=50):
    study = new_study(sampler=new_sampler(sampler, 10, seed))
    work(study, planted, trials, progress=False)
    assert len(study.trials) == trials
    return study.best_trial


def test_search_finds_the_planted_optimum_and_beats_random_search_at_equal_trials():
    seeds = range(5)
    found = [lowest("tpe", seed) for seed in seeds]
    by_chance = [lowest("random", seed) for seed in seeds]
    assert sorted(trial.value for trial in found)[2] < 0.02
    for trial in found:
        assert 1e-4 < trial.params["rate"] < 1e-3 and trial.params["length"] == 60
    means = [sum(trial.value for trial in side) / 5 for side in (found, by_chance)]
    assert means[0] < means[1] / 2
    assert sum(a.value < b.value for a, b in zip(found, by_chance, strict=True)) >= 4


def test_one_worker_with_a_seed_tries_the_same_each_time_and_another_seed_something_else():
    tried = []
    for seed in (1, 1, 2):
        study = new_study(sampler=new_sampler("tpe", 4, seed))
        work(study, planted, 10, progress=False)
        tried.append([trial.params for trial in study.trials])
    assert tried[0] == tried[1] != tried[2]


def test_study_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path):
    url, whole = f"sqlite:///{tmp_path}/trials.db", new_study(sampler=new_sampler("tpe", 4, 3))
    work(whole, planted, 9, progress=False)
    for total in (4, 9, 9):
        study = new_study(
            study_name="s", storage=open_storage(url, 60), load_if_exists=True,
            sampler=new_sampler("tpe", 4, 3),
        )  # fmt: skip
        work(study, planted, total, progress=False)
        assert len(study.trials) == total
    assert [trial.params for trial in study.trials] == [trial.params for trial in whole.trials]


def test_queued_trials_come_first_and_in_any_case():
    study = new_study()
    study.enqueue_trial({"rate": 1e-3}, {QUEUED: "the thesis"})
    work(study, planted, 3, progress=False)
    assert study.trials[0].params["rate"] == 1e-3 and len(study.trials) == 3
    study.enqueue_trial({"rate": 1e-2}, {QUEUED: "this build"})
    work(study, planted, 3, progress=False)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 4


def test_trial_that_breaks_down_is_done_again_and_given_up_after_three_times():
    study, tried = new_study(sampler=new_sampler("random", 1, 1)), []

    def breaks(trial):
        x = trial.suggest_float("x", 0, 1)
        tried.append(x)
        if len(tried) <= MOST_FAILURES:
            raise MemoryError
        return x

    for _ in range(MOST_FAILURES):
        with pytest.raises(MemoryError):
            work(study, breaks, 2, progress=False)
    assert len(set(tried)) == 1
    work(study, breaks, 2, progress=False)
    assert len(set(tried)) == 3
    assert len(read_ledger(study.trials).finished) == 2


def test_ctrl_c_loses_no_trial():
    study, tried = new_study(sampler=new_sampler("random", 1, 1)), []

    def interrupted(trial):
        tried.append(trial.suggest_float("x", 0, 1))
        if len(tried) == 1:
            raise KeyboardInterrupt
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        work(study, interrupted, 2, progress=False)
    work(study, interrupted, 2, progress=False)
    assert tried[0] in tried[1:] and len(tried) == 3


def test_ledger_counts_a_trial_and_its_repeats_once():
    trials = [
        frozen(0, TrialState.COMPLETE, **{QUEUED: "the thesis"}),
        frozen(1, TrialState.FAIL),
        frozen(2, TrialState.WAITING, **{QUEUED: "trial 1"}),
        frozen(3, TrialState.WAITING, **{QUEUED: "trial 1"}),  # two workers saw it fail
        frozen(4, TrialState.FAIL, **{EXCESS: True}),
        frozen(5, TrialState.PRUNED),
        frozen(6, TrialState.FAIL),
    ]
    ledger = read_ledger(trials)
    assert [trial.number for trial in ledger.finished] == [0, 5]
    assert [trial.number for trial in ledger.begun] == [0, 1, 5, 6]
    assert [trial.number for trial in ledger.owed] == [6]
    assert ledger.queued
    assert is_due(trials[2], trials, 1) and not is_due(trials[3], trials, 1)


def test_free_trial_is_due_while_fewer_than_wanted_began_before_it():
    trials = [frozen(number, TrialState.RUNNING) for number in range(4)]
    assert [is_due(trial, trials, 3) for trial in trials] == [True, True, True, False]
    # One that failed is still owed, so that its place is not given away.
    trials[0] = frozen(0, TrialState.FAIL)
    assert not is_due(trials[3], trials, 3)


def test_worker_that_died_before_its_first_sign_of_life_is_found_out(tmp_path):
    storage = open_storage(f"sqlite:///{tmp_path}/trials.db", 2)
    study = new_study(storage=storage)
    study.ask()  # and not another word
    started = time.monotonic()
    work(study, planted, 2, poll=0.1, progress=False)
    states = [trial.state for trial in study.trials]
    assert states.count(TrialState.COMPLETE) == 2 and states[0] == TrialState.FAIL
    assert time.monotonic() - started > 2


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """Start a PostgreSQL server of its own, and return the URL of a database in it."""
    folders = [Path(shutil.which("initdb") or "/").resolve().parent]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next((folder for folder in folders if (folder / "pg_ctl").is_file()), None)
    if not found:
        pytest.skip(
            "NO WORKERS SHARED A DATABASE: there is no PostgreSQL; install the package postgresql"
        )
    folder = Path("/tmp") / f"emolib-postgres-{os.getpid()}"  # sockets need short names
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    as_nobody = []
    if os.getuid() == 0:  # which PostgreSQL refuses to run as
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    def run(program, *arguments):
        result = subprocess.run(
            [*as_nobody, found / program, "-D", folder / "data", *arguments],
            cwd=folder, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr

    run("initdb", "--auth=trust", "--username=emolib", "--encoding=UTF8", "--no-sync")
    options = f"-c listen_addresses= -c fsync=off -k {folder}"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    yield f"postgresql://emolib@/postgres?host={folder}"
    run("pg_ctl", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["postgresql", "journal"])
def shared(request, tmp_path):
    """Return the URL of a storage that several machines could share."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres")
    return f"journal:{tmp_path}/trials.log"


@pytest.mark.slow
def test_two_workers_share_a_study_and_lose_no_trial_when_one_is_killed(shared, tmp_path):
    log = tmp_path / "log"
    log.touch()
    command = [sys.executable, "-c", WORKER, shared, "study", str(TOTAL), "0.25", str(log)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    workers = [subprocess.Popen(command, env=environment) for _ in range(2)]
    try:
        killed = kill_in_a_trial(workers, log)
        survivor = next(worker for worker in workers if worker.pid != killed)
        assert survivor.wait(60) == 0
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    study = optuna.load_study(study_name="study", storage=open_storage(shared, 4))
    finished = read_ledger(study.trials).finished
    assert len(finished) == TOTAL
    assert all(trial.state == TrialState.COMPLETE for trial in finished)
    values = [trial.params["x"] for trial in finished]
    assert len(set(values)) == TOTAL, "some trial was done twice"
    assert {trial.user_attrs["by"] for trial in finished} == {worker.pid for worker in workers}
    # What the dead worker was busy with was done by the other one.
    lost = [trial for trial in study.trials if trial.state == TrialState.FAIL]
    lost = [trial for trial in lost if EXCESS not in trial.user_attrs]
    assert len(lost) == 1
    repeated = [trial for trial in finished if trial.params == lost[0].params]
    assert [trial.user_attrs["by"] for trial in repeated] == [survivor.pid]


def kill_in_a_trial(workers, log):
    """Wait until both have begun two trials, kill one with no warning, return its process id."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = [line.split() for line in log.read_text().splitlines()]
        begun = {worker.pid: sum(int(line[0]) == worker.pid for line in lines if len(line) == 3)
                 for worker in workers}  # fmt: skip
        if min(begun.values()) >= 2:
            # Half of its time is left to the last one to begin.
            last = int(lines[-1][0])
            os.kill(last, signal.SIGKILL)
            return last
        time.sleep(0.02)
    raise AssertionError(f"the workers did not begin: {begun}")


@pytest.mark.parametrize(
    ("url", "words"),
    [("trials", "is no URL of a storage"),
     ("postgresql://eve:secret@127.0.0.1:1/trials", "cannot be used"),
     ("sqlite:////proc/none/trials.db", "")],
)  # fmt: skip
def test_storage_that_cannot_be_had_is_one_sentence_without_the_password(url, words):
    if url.startswith("sqlite"):
        with pytest.raises((InputError, OSError)):
            open_storage(url, 60)
        return
    with pytest.raises(InputError, match=words) as refusal:
        open_storage(url, 60)
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
