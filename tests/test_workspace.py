"""Where a build and its ablations keep their files, and what they share."""

import pytest

from emolib.config import load_config
from emolib.errors import InputError
from emolib.workspace import Workspace

CONFIG = """
corpus: {kind: simulated}
features: {pooling_of: {xception: average}}
training: {networks: [vgg16-combined-1fc, xception-combined-2fc], seeds: [1, 2]}
ablations:
  lag: {title: lag, networks: [vgg16-combined-1fc], seeds: [2], matching: {lag: 0.3}}
  flat:
    title: flat
    networks: [vgg16-combined-1fc, xception-combined-2fc]
    features: {pooling_of: {xception: flatten}}
  any: {title: any, networks: [vgg16-combined-1fc], training: {faces: any}}
"""
SHARED = ("corpus", "videos", "people", "stamps", "faces", "crops", "dimensional", "categorical")


@pytest.fixture
def build(tmp_path):
    (tmp_path / "mine.yaml").write_text(CONFIG)
    return Workspace(load_config(tmp_path / "mine.yaml"), tmp_path / "build")


@pytest.mark.parametrize("name", ["lag", "flat", "any"])
def test_ablation_shares_what_it_cannot_change_and_has_runs_of_its_own(build, name):
    ablation = build.ablation(name)
    for place in SHARED:
        assert getattr(ablation, place) == getattr(build, place), place
    assert ablation.folder == build.folder / "ablations" / name
    assert ablation.runs == ablation.folder / "runs"
    assert ablation.config.ablations == {}


def test_ablation_has_samples_of_its_own_where_it_matches_in_another_way(build):
    lag = build.ablation("lag")
    assert [lag.samples, lag.coverage, lag.balance] == [
        lag.folder / f"{name}.parquet" for name in ("samples", "coverage", "balance")
    ]
    assert lag.rematches and not build.ablation("any").rematches
    assert build.ablation("any").samples == build.samples
    assert lag.features("vgg16") == build.features("vgg16")


def test_ablation_has_features_of_its_own_only_of_the_backbone_it_changes(build):
    flat = build.ablation("flat")
    assert flat.has_own_features("xception") and not flat.has_own_features("vgg16")
    assert flat.features("xception") == flat.folder / "features" / "xception"
    assert flat.features("vgg16") == build.features("vgg16")
    assert flat.samples == build.samples


def test_ablation_that_is_not_configured_names_those_that_are(build):
    with pytest.raises(InputError, match="unknown ablation 'late'; mine has: lag, flat, any"):
        build.ablation("late")
