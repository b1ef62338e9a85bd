"""A build that is killed again and again is finished by the next call, with the same result."""

import os

import pytest
from tests.acceptance.chaos import KINDS, Build, assert_same, assert_tidy, copy_repository, results

pytestmark = pytest.mark.slow

FULL = "EMOLIB_CHAOS"
"""Environment variable that asks for the chaos test at smoke scale, chapters and pages included."""

KILLS = 20

TINY = """
emotions: [neutral]
corpus: {kind: simulated, n_videos: 5, n_pairs: 0, duration: 4}
faces: {detect_every: 6}
features: {weights: simulated, preprocessing: native}
training:
  networks: [vgg16-combined-1fc]
  seeds: [1]
  epochs: 2
  sequence_length: 20
  checkpoint_every: 1
  learning_rate: {category: 5.0e-4, dimensional: 5.0e-4, combined: 5.0e-4}
"""


def builds(repository, config, target, cores):
    """Return two builds of the same configuration."""
    for name in ("whole", "killed"):
        (repository / "config" / f"{name}.yaml").write_text(config)
    return [Build(repository, name, target, cores) for name in ("whole", "killed")]


def test_killed_build_ends_as_an_undisturbed_one_does(tmp_path):
    target = "build/{name}/trained/vgg16-combined-1fc"
    whole, killed = builds(copy_repository(tmp_path), TINY, target, cores=1)
    duration = whole.finish()
    done = killed.disturb(KILLS, duration / 5, seed=7)
    assert set(done) == set(KINDS) and done.total() == KILLS
    killed.finish()
    assert_same(results(killed.folder), results(whole.folder))
    assert_tidy(killed)


@pytest.mark.skipif(
    FULL not in os.environ,
    reason=f"the chaos test at smoke scale takes an hour; {FULL}=1 python -m pytest "
    "tests/acceptance/test_survival.py runs it",
)
def test_killed_smoke_build_ends_as_an_undisturbed_one_does(tmp_path):
    repository = copy_repository(tmp_path)
    config = (repository / "config" / "smoke.yaml").read_text()
    whole, killed = builds(repository, config, "build/{name}/html/index.html", cores=2)
    duration = whole.finish()
    done = killed.disturb(KILLS, duration / 5, seed=int(os.environ[FULL]))
    assert set(done) == set(KINDS) and done.total() == KILLS
    killed.finish()
    assert_same(results(killed.folder), results(whole.folder))
    assert_tidy(killed)
