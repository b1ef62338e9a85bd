"""The command that searches: which networks, what a worker leaves to others, refusals."""

import pytest
from typer.testing import CliRunner

from emolib import cli, search
from emolib.errors import InputError


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Record what the command asks for, in a folder with two configurations."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none.yaml").write_text("corpus: {kind: simulated}\n")
    (tmp_path / "some.yaml").write_text(
        "corpus: {kind: simulated}\nsearch: {networks: [vgg16-category-1fc]}\n"
    )
    (tmp_path / "best.yaml").write_text("training: {dropout: 0.6}\n")
    made = []

    def record(name, result=None):
        def recorded(workspace, network, **options):
            made.append((name, network, options))
            return result

        monkeypatch.setattr(search, name, recorded)

    record("try_settings")
    record("write_findings", tmp_path)
    record("confirm", [])
    return made


def call(*arguments):
    return CliRunner().invoke(cli.app, ["search", *arguments])


def test_search_without_names_takes_those_of_the_configuration(calls):
    result = call("--config", "some.yaml", "--trials", "7")
    assert result.exit_code == 0 and "dropout: 0.6" in result.output
    network = "vgg16-category-1fc"
    assert calls == [
        ("try_settings", network, {"trials": 7, "storage": None}),
        ("write_findings", network, {"storage": None}),
        ("confirm", network, {}),
    ]


def test_worker_tries_settings_and_leaves_the_rest_to_another(calls):
    url = "journal:/shared/trials.log"
    call("vgg16-combined-1fc", "--config", "none.yaml", "--storage", url, "--worker")
    assert calls == [("try_settings", "vgg16-combined-1fc", {"trials": None, "storage": url})]


def test_search_of_nothing_is_refused(calls):
    result = call("--config", "none.yaml")
    assert isinstance(result.exception, InputError) and calls == []
    assert "no network to search" in str(result.exception)
