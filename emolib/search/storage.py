"""Where the trials of a study are kept, so that several workers share it and none is lost.

A storage is named by a URL: any database that Optuna can use (``sqlite:///trials.db``,
``postgresql://host/name``), or a file on a disk that all see (``journal:/shared/trials.log``).
SQLite is for one machine, since it cannot lock a file on a network disk; a journal can.

A worker that is busy with a trial says so every few seconds in the storage. Optuna offers that for
databases; for a journal it is added here.
"""

import os
import time
import warnings
from pathlib import Path

import optuna
import sqlalchemy
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from emolib.errors import InputError

JOURNAL = "journal:"
"""What the URL of a journal starts with; a path follows."""

BEAT = "heartbeat"
"""Attribute of a trial in a journal: when its worker was last heard of, seconds since 1970."""


def open_storage(url: str, silence: int) -> BaseStorage:
    """Open a storage, and make it if it is not there.

    Parameters
    ----------
    url : str
        See above; ``$VARIABLES`` in it are replaced, so that a password need not stand in a file.
    silence : int
        Seconds after which a worker that was not heard of counts as dead, at least 2.

    Raises
    ------
    InputError
        If the URL means nothing, or the storage cannot be reached.
    """
    url = os.path.expandvars(url)
    if url.startswith(JOURNAL):
        path = Path(url.removeprefix(JOURNAL)).expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return BeatingJournal(JournalFileBackend(str(path)), silence)
        except OSError as error:
            raise InputError(f"{path}: this journal cannot be opened: {error.strerror}") from error
    try:
        parts = sqlalchemy.engine.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise InputError(
            f"search.storage: {url!r} is no URL of a storage; write postgresql://host/name, "
            "sqlite:///file.db or journal:/shared/file.log"
        ) from error
    if parts.drivername == "postgresql":
        parts = parts.set(drivername="postgresql+psycopg")  # the driver that is installed
    if parts.drivername.startswith("sqlite") and parts.database:
        Path(parts.database).parent.mkdir(parents=True, exist_ok=True)
    return _database(parts, silence)


def _database(url: sqlalchemy.engine.URL, silence: int) -> RDBStorage:
    # Of workers that start together, all but one find that a table was just made by another.
    for attempt in range(5):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                return RDBStorage(
                    url.render_as_string(hide_password=False),
                    engine_kwargs={"pool_pre_ping": True},
                    heartbeat_interval=max(1, silence // 6),
                    grace_period=silence,
                )
        except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
            is_last = attempt == 4 or not isinstance(error, sqlalchemy.exc.DBAPIError)
            if is_last:
                reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
                raise InputError(
                    f"{url.render_as_string(hide_password=True)}: this storage cannot be used: "
                    f"{reason}; is the server running, and does the database exist?"
                ) from error
            time.sleep(0.2 * (attempt + 1))
    raise AssertionError("unreachable")


class BeatingJournal(JournalStorage, BaseHeartbeat):
    """A journal in which workers say that they are alive.

    The clocks of the nodes must agree to within a few seconds.

    Parameters
    ----------
    backend : optuna.storages.journal.BaseJournalBackend
        The file.
    silence : int
        As of `open_storage`.
    """

    def __init__(self, backend: JournalFileBackend, silence: int):
        super().__init__(backend)
        self._silence = silence

    def record_heartbeat(self, trial_id: int) -> None:
        """Say that the worker of a trial is alive."""
        self.set_trial_system_attr(trial_id, BEAT, time.time())

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        running = self.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
        now = time.time()
        return [
            trial._trial_id
            for trial in running
            if now - trial.system_attrs.get(BEAT, trial.datetime_start.timestamp()) > self._silence
        ]

    def get_heartbeat_interval(self) -> int:
        """Return after how many seconds workers say that they are alive."""
        return max(1, self._silence // 6)

    def get_heartbeat_stale_trial_callback(self) -> None:
        """Return nothing: `emolib.search.workers` does trials of dead workers again."""
        return
