"""Workers on one study: as many trials as were asked for, each done once, whoever dies.

A worker takes one trial after the other until the study has all of them. There is no master and
no lock: the storage numbers the trials, and every worker decides by the same rules, from the same
list, which of them is due.

- A trial that is *free* is due if less than the wanted number of trials began before it. Those that
  two workers began at once, one too many, are dropped by the later of them before any work is done.
- A trial that failed, because its worker died, was interrupted or broke down, is *owed*: it is
  queued again with the same parameters, and of several such copies the first is due. After three
  failures it is given up, and another takes its place.
"""

import logging
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import fail_stale_trials
from optuna.storages._heartbeat import is_heartbeat_enabled
from optuna.trial import FrozenTrial, Trial, TrialState
from tqdm import tqdm

logger = logging.getLogger(__name__)

QUEUED = "queued"
"""Attribute of a queued trial: what for, such as ``trial 3``. Of equal ones the first is due."""
EXCESS = "excess"
"""Attribute of a trial that was one too many and never done."""
CLAIMED = "claimed"
"""Attribute of a trial whose worker has begun, and given its first sign of life."""
MOST_FAILURES = 3
"""So often a trial may fail before it is given up."""

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


class _Excess(Exception):
    """The trial is one too many."""


class NumberedSampler(BaseSampler):
    """A sampler whose draws for a trial depend on a seed and the number of the trial.

    Workers that share a study then never draw alike, and a study that was resumed goes on like one
    that was not.

    Parameters
    ----------
    make : callable
        Of a seed; returns the sampler that draws.
    seed : int
        The seed of the study.
    """

    def __init__(self, make: Callable[[int], BaseSampler], seed: int):
        self._make, self._seed = make, seed
        self._sampler = make(seed)

    def before_trial(self, study, trial):
        """Take a sampler of this trial's own."""
        self._sampler = self._make(self._seed + 7919 * trial.number)
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(self, study, trial):
        """Return what the sampler draws together."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        """Draw values together."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Draw one value."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study, trial, state, values):
        """Tell the sampler that a trial has ended."""
        self._sampler.after_trial(study, trial, state, values)


def new_sampler(name: str, startup: int, seed: int) -> NumberedSampler:
    """Return a sampler: ``tpe``, after some trials at ``random``, or ``random`` altogether."""

    def make(seed: int) -> BaseSampler:
        if name == "random":
            return RandomSampler(seed=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            # What others are busy with counts as bad, so that workers try different things.
            return TPESampler(n_startup_trials=startup, seed=seed, constant_liar=True)

    return NumberedSampler(make, seed)


@dataclass(frozen=True)
class Ledger:
    """What has become of the trials of a study.

    Attributes
    ----------
    finished : list of FrozenTrial
        Trials that were done, pruned ones among them.
    begun : list of FrozenTrial
        The first trial of each that is done, under way, queued or owed.
    owed : list of FrozenTrial
        Trials that failed and have to be queued again.
    queued : bool
        Whether some trial waits for a worker.
    """

    finished: list[FrozenTrial]
    begun: list[FrozenTrial]
    owed: list[FrozenTrial]
    queued: bool


def read_ledger(trials: Iterable[FrozenTrial]) -> Ledger:
    """Sort the trials of a study."""
    trials = sorted(trials, key=lambda trial: trial.number)
    seen, kept = set(), []
    for trial in trials:
        purpose = trial.user_attrs.get(QUEUED)
        if EXCESS in trial.user_attrs or (purpose and purpose in seen):
            continue
        seen.add(purpose)
        kept.append(trial)
    again = {trial.user_attrs.get(QUEUED): trial for trial in kept}
    begun, owed = [], []
    for first in kept:
        if str(first.user_attrs.get(QUEUED, "")).startswith("trial "):
            continue
        last, failures = first, 0
        while last is not None and last.state == TrialState.FAIL:
            failures, failed = failures + 1, last
            last = again.get(f"trial {last.number}")
        if failures >= MOST_FAILURES:
            continue
        begun.append(first)
        if last is None:
            owed.append(failed)
    return Ledger(
        [trial for trial in kept if trial.state in FINISHED],
        begun,
        owed,
        any(trial.state == TrialState.WAITING for trial in kept),
    )


def work(
    study: optuna.Study,
    objective: Callable[[Trial], float],
    total: int,
    *,
    poll: float = 1.0,
    progress: bool = True,
) -> None:
    """Work on a study until it has a number of trials, which others may be working on too.

    Trials that somebody has queued are done in any case, also where they are more than that.

    Parameters
    ----------
    study : optuna.Study
        The study; its storage says of workers whether they are alive.
    objective : callable
        Of a trial; returns what is to be low, or raises `optuna.TrialPruned`.
    total : int
        Trials of the study when it is complete.
    poll : float
        Seconds between two looks at what others do, where nothing is left to begin.
    progress : bool
        Show a progress bar.

    Raises
    ------
    Exception
        What the objective raises; the trial is then owed.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tqdm(total=total, desc=study.study_name, unit="trial", disable=not progress) as bar:
        while True:
            _fail_stale(study)
            ledger = read_ledger(study.get_trials(deepcopy=False))
            bar.n = min(total, len(ledger.finished))
            bar.refresh()
            if len(ledger.finished) >= total and not (ledger.owed or ledger.queued):
                return
            for trial in ledger.owed:
                requeue(study, trial)
            if ledger.owed or ledger.queued or len(ledger.begun) < total:
                _work_once(study, objective, total)
            else:
                time.sleep(poll)


def requeue(study: optuna.Study, trial: FrozenTrial) -> None:
    """Queue a failed trial again, with its parameters."""
    attributes = {**trial.user_attrs, QUEUED: f"trial {trial.number}"}
    attributes.pop(CLAIMED, None)
    parameters = {**trial.system_attrs.get("fixed_params", {}), **trial.params}
    study.enqueue_trial(parameters, attributes)


def is_due(trial: FrozenTrial, trials: Iterable[FrozenTrial], total: int) -> bool:
    """Return whether a trial that was just begun is one of the wanted, by the rules above."""
    earlier = [other for other in trials if other.number < trial.number]
    purpose = trial.user_attrs.get(QUEUED)
    if purpose:
        return not any(
            other.user_attrs.get(QUEUED) == purpose and EXCESS not in other.user_attrs
            for other in earlier
        )
    begun = read_ledger(trials).begun
    return sum(first.number < trial.number for first in begun) < total


def _work_once(study: optuna.Study, objective: Callable[[Trial], float], total: int) -> None:
    def if_due(trial: Trial) -> float:
        trials = study.get_trials(deepcopy=False)
        (own,) = (each for each in trials if each.number == trial.number)
        if not is_due(own, trials, total):
            trial.set_user_attr(EXCESS, True)
            raise _Excess
        if is_heartbeat_enabled(study._storage):
            study._storage.record_heartbeat(trial._trial_id)
        trial.set_user_attr(CLAIMED, True)
        return objective(trial)

    try:
        study.optimize(if_due, n_trials=1, catch=(_Excess,))
    except optuna.exceptions.UpdateFinishedTrialError:
        logger.warning(
            "%s: a trial took so long to give a sign of life that it was given to another worker",
            study.study_name,
        )


def _fail_stale(study: optuna.Study) -> None:
    """Let the trials of workers that were not heard of fail."""
    if not is_heartbeat_enabled(study._storage):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        fail_stale_trials(study)
    # A worker that died before its first sign of life is none to Optuna.
    latest = datetime.now() - timedelta(seconds=6 * study._storage.get_heartbeat_interval())
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if CLAIMED not in trial.user_attrs and trial.datetime_start < latest:
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
