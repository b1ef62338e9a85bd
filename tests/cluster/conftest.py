"""A Slurm of one node, with settings, folders and ports of its own, and the plugin that submits."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("setpriv", "munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol")
GPUS = ("/dev/null", "/dev/zero")
"""Devices that stand for GPUs: Slurm counts them and says which ones a job got."""

# Nothing is accounted, confined or kept. The node claims as many cores as a job of the profile asks
# for, and so little memory that two jobs of most rules fill it, since it is really this machine.
SETTINGS = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller_port}
SlurmdPort={node_port}
StateSaveLocation={folder}/controller
SlurmdSpoolDir={folder}/node
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
MinJobAge=3600
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=12000 Gres=gpu:{gpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Start a cluster; return the variables of its clients. Skip where that cannot be done."""
    lacking = [name for name in PROGRAMS if shutil.which(name, path=_system_path()) is None]
    if lacking:
        pytest.skip(f"NO CLUSTER WAS TRIED: there is no {', '.join(lacking)}; install Slurm")
    if os.getuid() != 0:
        pytest.skip("NO CLUSTER WAS TRIED: only root can start a node of Slurm")
    folder = tmp_path_factory.mktemp("slurm")
    folder.chmod(0o755)
    _configure(folder)
    _find_settings_in_jobs(folder)
    environment = os.environ | {
        "SLURM_CONF": str(folder / "slurm.conf"),
        "PATH": f"{folder / 'bin'}:{_system_path()}",
    }
    daemons = []
    try:
        for command in _daemons(folder):
            log = (folder / f"{command[0]}.out").open("w")
            # They end with this process, however it ends.
            command = ["setpriv", "--pdeathsig", "TERM", *command]
            daemons.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
            if command[3] == "munged":
                _wait(lambda: (folder / "munge.socket").exists(), folder)
        _wait(lambda: _state(environment) == "idle", folder)
        yield environment
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(timeout=30)


@pytest.fixture(scope="session")
def plugin(tmp_path_factory):
    """Return a folder that holds Snakemake's plugin for Slurm, in the versions that are pinned.

    It stays out of the environment, since with it every start of Snakemake calls Slurm.
    """
    pins = re.findall(
        r"^snakemake-executor.*", (ROOT / "requirements-slurm.txt").read_text(), flags=re.MULTILINE
    )
    assert len(pins) == 2
    folder = tmp_path_factory.mktemp("plugin")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--target", str(folder), *pins]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"NO CLUSTER WAS TRIED: no plugin for Slurm: {installed.stderr.strip()[-300:]}")
    return folder


def _configure(folder: Path) -> None:
    for name in ("controller", "node"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o400)
    host = socket.gethostname().split(".")[0]
    ports = {"controller_port": _free_port(), "node_port": _free_port()}
    settings = SETTINGS.format(host=host, folder=folder, gpus=len(GPUS), **ports)
    (folder / "slurm.conf").write_text(settings)
    lines = [f"NodeName={host} Name=gpu File={device}\n" for device in GPUS]
    (folder / "gres.conf").write_text("".join(lines))


def _find_settings_in_jobs(folder: Path) -> None:
    """Put a `srun` first on the path that knows where the settings are: jobs forget SLURM_*."""
    program = shutil.which("srun", path=_system_path())
    srun = folder / "bin" / "srun"
    srun.parent.mkdir()
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {program} "$@"\n')
    srun.chmod(0o755)


def _daemons(folder: Path) -> list[list[str]]:
    munge = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket"]
    munge += [f"--key-file={folder}/munge.key", f"--pid-file={folder}/munge.pid"]
    munge += [f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"]
    return [munge, ["slurmctld", "-D"], ["slurmd", "-D"]]


def _state(environment: dict[str, str]) -> str:
    """Return what Slurm says of the node; nothing while the controller does not answer."""
    command = ["sinfo", "--noheader", "--format=%T"]
    asked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def _wait(is_ready: Callable[[], bool], folder: Path) -> None:
    for _ in range(60):
        if is_ready():
            return
        time.sleep(1)
    logs = "".join(path.read_text()[-2000:] for path in folder.glob("*.log"))
    raise RuntimeError(f"no cluster after a minute:\n{logs}")


def _system_path() -> str:
    # Daemons lie where a login shell of root looks, and a test process perhaps does not.
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
