# What jobs ask of a cluster. On one machine nothing is asked for: the cores are what limits them,
# and the GPUs where there are any.

from functools import cache

from emolib.gpus import list_gpus

# A run that is trained on several GPUs at once has a part of a batch for each of them.
GPUS_OF_A_RUN = SETTINGS.training.replicas

# As many trainings side by side as this machine has GPUs, each of which claims one (emolib/gpus.py).
# Jobs that are sent to nodes are none of its business.
if workflow.is_main_process and workflow.nodes is None and (found := list_gpus()):
    workflow.register_resource("gpu", len(found))


@cache
def requests():
    """Return what each job is expected to need, from the size of the corpus and the settings."""
    from emolib.planning.requests import job_requests

    return job_requests(Workspace(SETTINGS))


def is_submitting():
    """Return whether this process sends jobs to a cluster; the jobs there know what they got."""
    return workflow.non_local_exec and workflow.is_main_process


def minutes(stage, name=None, wildcard=None):
    """Return what says how many minutes a job asks for, by its name or the value of a wildcard."""

    def asked(wildcards, threads, attempt):
        job = wildcards[wildcard] if wildcard else name
        return requests().runtime(stage, job, threads, attempt) if is_submitting() else 0

    return asked


def mebibytes(stage):
    """Return what says how much memory a job of a stage asks for."""

    def asked(wildcards, threads, attempt):
        return requests().mem_mb(stage, threads, attempt) if is_submitting() else 0

    return asked


def all_cores(wildcards):
    """Return the cores of this machine; a profile for a cluster says another number."""
    return workflow.cores
