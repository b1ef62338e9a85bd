"""The command line: what it lists, converts and refuses."""

import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from emolib import __version__, cli
from emolib.data.annotations.formats import formats
from emolib.errors import InputError


def call(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def refused(*arguments):
    """Return the sentence with which a call is refused."""
    result = call(*arguments)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text("time,valence,arousal\n0,500,250\n40,-1000,0\n")
    return path


def test_version_is_that_of_the_package():
    assert call("--version").output.strip() == __version__


def test_formats_has_a_line_for_each():
    lines = call("formats").output.splitlines()
    assert [line.split()[0] for line in lines] == list(formats())
    assert all(len(line.split()) > 3 for line in lines)


def test_convert_writes_the_unified_table(trace, tmp_path):
    out = tmp_path / "out.csv"
    options = ["columns={time: time, valence: valence, arousal: arousal}", "time_unit=ms"]
    options += ["scale=1000"]
    flags = [flag for option in options for flag in ("-o", option)]
    result = call("convert", trace, "--out", out, "--format", "generic", *flags)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    assert table["time"].tolist() == [0, 0.04]
    assert table["valence"].tolist() == [0.5, -1]
    assert "2 rows" in result.output


def test_convert_without_a_format_suggests_and_does_nothing(trace, tmp_path):
    sentence = refused("convert", trace, "--out", tmp_path / "out.csv")
    assert "generic" in sentence
    assert not (tmp_path / "out.csv").exists()


def test_convert_explains_formats_and_options_that_it_does_not_know(trace, tmp_path):
    out = ("--out", tmp_path / "out.csv", "--format")
    assert "unknown format 'affwild9'" in refused("convert", trace, *out, "affwild9")
    assert "needs the option 'columns'" in refused("convert", trace, *out, "generic")
    assert "no option 'scal'" in refused("convert", trace, *out, "generic", "-o", "scal=1")
    assert "write it as name=value" in refused("convert", trace, *out, "generic", "-o", "scale")


def test_main_shows_an_input_error_alone_and_exits_with_two(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["emolib", "check", "--config", "none.yaml"])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2
    assert capsys.readouterr().err == (
        "error: none.yaml: no such configuration file; the shipped ones are in config/\n"
    )
