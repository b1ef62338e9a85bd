"""Tests of the Aff-Wild formats, on files written here in their layouts."""

import numpy as np
import pytest

from emolib.data.annotations.formats import affwild
from emolib.data.annotations.tables import DIMENSIONAL_COLUMNS
from emolib.errors import InputError


@pytest.fixture
def release(tmp_path):
    """Return a function that writes a pair of files of the release of 2017."""

    def write(valence, arousal, name="105"):
        for dimension, text in [("valence", valence), ("arousal", arousal)]:
            folder = tmp_path / "train" / dimension
            folder.mkdir(parents=True, exist_ok=True)
            if text is not None:
                (folder / f"{name}.txt").write_bytes(text.encode())
        return tmp_path

    return write


def test_2017_line_one_is_frame_zero(release):
    found = affwild.read_2017(release("0.5\n-0.25\n1\n", "0.1\n0.2\n-1\n"), fps=25)
    assert list(found.dimensional.columns) == list(DIMENSIONAL_COLUMNS)
    assert found.dimensional["time"].tolist() == [0.0, 0.04, 0.08]
    assert found.dimensional["valence"].tolist() == [0.5, -0.25, 1.0]
    assert found.dimensional["arousal"].tolist() == pytest.approx([0.1, 0.2, -1.0])
    assert set(found.dimensional["track"]) == {"105"}
    assert found.categorical.empty and not found.problems
    assert len(found.provenance["files"]) == 2
    assert found.provenance["options"] == {"fps": 25}
    assert all(len(digest) == 64 for digest in found.provenance["files"].values())


def test_2017_byte_order_mark_and_windows_line_ends_are_fine(release):
    found = affwild.read_2017(release("\ufeff0.5\r\n0.25\r\n", "0\r\n0\r\n"), fps=1)
    assert found.dimensional["valence"].tolist() == [0.5, 0.25]


def test_2017_frame_times_replace_a_constant_rate(release):
    found = affwild.read_2017(release("0\n1\n0\n", "0\n0\n0\n"), frame_times=[0.0, 0.033, 0.075])
    assert found.dimensional["time"].tolist() == [0.0, 0.033, 0.075]


def test_2017_rows_beyond_the_last_frame_are_counted(release):
    found = affwild.read_2017(release("0\n1\n0\n", "0\n0\n0\n"), frame_times=[0.0, 0.5])
    assert len(found.dimensional) == 2
    assert found.provenance["dropped"] == {"rows beyond the last decoded frame": 1}
    assert "left out 1 rows beyond" in found.problems[0]


def test_2017_pair_of_files_instead_of_a_folder(release):
    folder = release("0.5\n", "0.25\n") / "train"
    valence = folder / "valence" / "105.txt"
    found = affwild.read_2017(valence, fps=30, arousal=folder / "arousal" / "105.txt")
    assert found.dimensional[["valence", "arousal"]].to_numpy().tolist() == [[0.5, 0.25]]
    with pytest.raises(InputError, match="give the other as 'arousal'"):
        affwild.read_2017(valence, fps=30)


def test_2017_pair_of_unequal_length_is_refused(release):
    with pytest.raises(InputError, match="2 values of valence but 1 of arousal"):
        affwild.read_2017(release("0\n0\n", "0\n"), fps=30)


def test_2017_lone_file_is_reported_and_others_read(release):
    release("0\n", None, name="7")
    release(None, "0\n", name="8")
    found = affwild.read_2017(release("0\n", "0\n"), fps=30)
    assert set(found.dimensional["track"]) == {"105"}
    assert len(found.problems) == 2
    assert sum(found.provenance["dropped"].values()) == 2


def test_2017_folder_without_any_pair_is_refused(release):
    with pytest.raises(InputError, match="no valence file has an arousal file"):
        affwild.read_2017(release("0\n", None), fps=30)


def test_2017_blank_line_between_frames_is_refused(release):
    with pytest.raises(InputError, match=r"105.txt:1: a blank line follows"):
        affwild.read_2017(release("0.1\n\n0.2\n", "0\n0\n"), fps=30)


def test_2017_thousandths_are_refused_not_rescaled(release):
    with pytest.raises(InputError, match=r"105.txt:2: valence 250 is outside \[-1, 1\]"):
        affwild.read_2017(release("0\n250\n", "0\n0\n"), fps=30)


def test_2017_bad_file_is_reported_and_others_read(release):
    release("0\nx\n", "0\n0\n", name="9")
    found = affwild.read_2017(release("0\n", "0\n"), fps=30)
    assert "9.txt:2: valence 'x' is not a number" in found.problems[0]
    assert set(found.dimensional["track"]) == {"105"}


def test_2017_latin_text_is_refused(tmp_path, release):
    folder = release("0\n", "0\n")
    (folder / "train/valence/105.txt").write_bytes(b"0\n\xe9\n")
    with pytest.raises(InputError, match=r"105.txt:2: byte 0xe9 .* not UTF-8"):
        affwild.read_2017(folder, fps=30)


@pytest.mark.parametrize("options", [{}, {"fps": 30, "frame_times": [0.0, 1.0]}])
def test_2017_needs_exactly_one_source_of_times(release, options):
    with pytest.raises(InputError, match="give either fps .* or frame_times"):
        affwild.read_2017(release("0\n", "0\n"), **options)


def test_2017_rates_by_name_are_never_found_by_prefix(release):
    release("0\n0\n", "0\n0\n", name="102")
    folder = release("0\n0\n", "0\n0\n", name="102-30-640x360")
    found = affwild.read_2017(folder, fps={"102": 10, "102-30-640x360": 20})
    ends = found.dimensional.groupby("track")["time"].max()
    assert ends.to_dict() == {"102": 0.1, "102-30-640x360": 0.05}
    lacking = affwild.read_2017(folder, fps={"102": 10})
    assert "fps lists nothing under '102-30-640x360'" in lacking.problems[0]


def test_2017_times_of_one_video_are_refused_for_several(release):
    release("0\n", "0\n", name="1")
    with pytest.raises(InputError, match="there are 2 tracks"):
        affwild.read_2017(release("0\n", "0\n", name="2"), frame_times=[0.0, 0.1])


def test_2017_fps_must_be_a_rate(release):
    with pytest.raises(InputError, match="must be a number above 0; found -5"):
        affwild.read_2017(release("0\n", "0\n"), fps=-5)


def test_prerelease_thousandths_at_the_written_frames(tmp_path):
    (tmp_path / "69-25-854x480.txt").write_text("0 -1000 1000\n1 500.0\t-250\n\n 30  0 10\n")
    found = affwild.read_prerelease(tmp_path, fps=30)
    np.testing.assert_allclose(found.dimensional["time"], [0, 1 / 30, 1.0])
    np.testing.assert_allclose(found.dimensional["valence"], [-1, 0.5, 0])
    np.testing.assert_allclose(found.dimensional["arousal"], [1, -0.25, 0.01])
    assert set(found.dimensional["track"]) == {"69-25-854x480"}


def test_prerelease_small_values_are_not_rescaled(tmp_path):
    (tmp_path / "1.txt").write_text("0 1 -1\n")
    found = affwild.read_prerelease(tmp_path, fps=30)
    assert found.dimensional["valence"].tolist() == pytest.approx([0.001])


def test_prerelease_first_frame_moves_time(tmp_path):
    (tmp_path / "1.txt").write_text("1 0 0\n2 0 0\n")
    found = affwild.read_prerelease(tmp_path / "1.txt", fps=10, first_frame=1)
    assert found.dimensional["time"].tolist() == [0.0, 0.1]
    with pytest.raises(InputError, match=r"1.txt:1: frame 1 comes before first_frame 2"):
        affwild.read_prerelease(tmp_path, fps=10, first_frame=2)


def test_prerelease_frames_beyond_the_video_are_counted(tmp_path):
    (tmp_path / "1.txt").write_text("0 0 0\n5 0 0\n")
    found = affwild.read_prerelease(tmp_path, frame_times=[0.0, 0.1, 0.2])
    assert found.dimensional["time"].tolist() == [0.0]
    assert found.provenance["dropped"] == {"rows beyond the last decoded frame": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 0 0\n1 1001 0\n", r"1.txt:2: valence 1001 is outside \[-1000, 1000\]"),
        ("0 0 0\n1.5 0 0\n", r"1.txt:2: frame 1.5 is not a whole number"),
        ("0 0 0\n0 0 0\n", r"1.txt:2: frame 0 does not come after frame 0"),
        ("0 0 0\n1 0\n", r"1.txt:2: 2 cells where 3 are expected"),
        ("", "holds no rows"),
    ],
)
def test_prerelease_bad_rows_are_refused(tmp_path, text, message):
    (tmp_path / "1.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        affwild.read_prerelease(tmp_path, fps=30)


def test_matches_tells_the_two_apart(tmp_path, release):
    release_2017, prerelease = affwild.FORMATS
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "1.txt").write_text("0 -500 20\n")
    folder = release("0.5\n", "0.5\n") / "train"
    assert release_2017.matches(folder) and not prerelease.matches(folder)
    assert release_2017.matches(folder / "valence" / "105.txt")
    assert prerelease.matches(tmp_path / "old") and not release_2017.matches(tmp_path / "old")
    assert prerelease.matches(tmp_path / "old" / "1.txt")
    assert not prerelease.matches(tmp_path / "missing.txt")
