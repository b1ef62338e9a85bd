"""Tests of how many annotation files become two tables: sources, manifest, joining."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.data.annotations import Source, read_annotations, read_sources
from emolib.data.annotations.formats import check_options
from emolib.data.annotations.joining import SAME_MOMENT, join_dimensions
from emolib.data.annotations.manifest import read_manifest
from emolib.errors import InputError

STAMPS = np.arange(5) * 0.04  # of pictures, and the end of the last


@pytest.fixture
def corpus(tmp_path, write_text):
    """Return a function that writes annotations.csv and files, and reads them."""

    def read(manifest, bounds=None, **files):
        write_text("annotations.csv", manifest)
        for name, content in files.items():
            write_text(name.replace("__", "."), content)
        return read_annotations(tmp_path, bounds)

    return read


def values(table, track):
    rows = table[table["track"] == track]
    return rows[["time", "valence", "arousal"]].round(6).to_numpy().tolist()


def test_manifest_takes_any_format_with_options(corpus):
    dimensional, categorical, problems = corpus(
        "file,track,format,options\n"
        "muse.csv,v1,muse-fused,dimension=valence; bin_width=0.5; rater=gold\n"
        "both.csv,v2,generic,"
        '"columns={time: t, valence: v, arousal: a}; time_unit=ms; scale=10; rater=gold"\n',
        muse__csv="Time,value\n0,0.5\n500,0.25\n",
        both__csv="t,v,a\n0,5,-5\n40,1,2\n",
    )
    assert not problems and categorical.empty
    assert values(dimensional, "v2") == [[0.0, 0.5, -0.5], [0.04, 0.1, 0.2]]
    muse = dimensional[dimensional["track"] == "v1"]
    assert muse["time"].tolist() == [0.25, 0.75] and muse["valence"].tolist() == [0.5, 0.25]
    assert muse["arousal"].isna().all() and set(muse["rater"]) == {"gold"}


def test_manifest_mixes_tables_and_formats(corpus):
    dimensional, categorical, problems = corpus(
        "file,track,format,options,rater,content,delimiter,columns,time_unit,scale\n"
        "a.txt,a,,,anna,dimensional,whitespace,time valence arousal,ms,1000\n"
        "b.txt,b,affwild2-va,fps=25,anna,,,,,\n"
        "c.csv,b,,,anna,categorical,comma,,s,\n",
        a__txt="0 500 -250\n",
        b__txt="valence,arousal\n0.5,-0.25\n-5,-5\n",
        c__csv="start,end,emotion\n0,1,fear\n",
    )
    assert values(dimensional, "a") == values(dimensional, "b") == [[0.0, 0.5, -0.25]]
    assert set(dimensional["rater"]) == set(categorical["rater"]) == {"anna"}
    assert len(problems) == 1 and "left out 1 rows with the marker -5" in problems[0]


def test_manifest_file_of_several_tracks_keeps_their_names(corpus):
    text = "who,t,v,a\nx_left,0,1,1\nx_right,0,0,0\n"
    options = "columns={track: who, time: t, valence: v, arousal: a}; time_unit=s; scale=1"
    dimensional, _, problems = corpus(
        f'file,track,format,options\nall.csv,,generic,"{options}"\n', all__csv=text
    )
    assert dimensional["track"].tolist() == ["x_left", "x_right"] and not problems
    with pytest.raises(InputError, match=r"said to be about track 'x', but it holds 2 \(x_left, x"):
        corpus(f'file,track,format,options\nall.csv,x,generic,"{options}"\n', all__csv=text)


def test_manifest_formats_that_count_frames_take_the_times_of_the_video(corpus):
    bounds = {"v": np.array([0.0, 0.1, 0.3, 0.35]), "v_left": np.array([0.0, 0.1, 0.3, 0.35])}
    dimensional, _, problems = corpus(
        "file,track,format\nfile7.txt,v_left,affwild2-va\n",
        bounds,
        file7__txt="valence,arousal\n0,0\n0.1,0\n0.2,0\n0.3,0\n",
    )
    assert dimensional["time"].tolist() == [0.0, 0.1, 0.3]
    assert len(problems) == 1 and "left out 1 rows beyond the last decoded frame" in problems[0]
    with pytest.raises(InputError, match="no video of track 'w' was read to take their times from"):
        corpus("file,track,format\nfile7.txt,w,affwild2-va\n", bounds)


def test_manifest_paths_in_options_are_those_of_the_corpus(corpus):
    dimensional, _, _ = corpus(
        "file,track,format,options\nv.txt,clip,affwild-2017,fps=10; arousal=a.txt\n",
        v__txt="0.5\n0.25\n",
        a__txt="-0.5\n-0.25\n",
    )
    assert values(dimensional, "clip") == [[0.0, 0.5, -0.5], [0.1, 0.25, -0.25]]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a.csv,v,afwild,", r"annotations\.csv:2: format 'afwild' is unknown; `emolib formats`"),
        ("a.csv,v,omg,clock", r"annotations\.csv:2: option 'clock': write it as name=value"),
        ("a.csv,v,omg,clock=[", r"annotations\.csv:2: option 'clock=\[' cannot be read"),
        ("a.csv,v,omg,speed=2", "format omg has no option 'speed'; it has clock, "),
        ("a.csv,v,,", r"annotations\.csv:2: content '' is none of dimensional, valence"),
        (",v,omg,", r"annotations\.csv:2: file is empty"),
        ("gone.csv,v,omg,", r"gone\.csv: no such file"),
    ],
)
def test_manifest_rows_that_cannot_be_used_are_explained(corpus, row, problem):
    with pytest.raises(InputError, match=problem):
        corpus(f"file,track,format,options\n{row}\n")


LIST = "file,track,rater,content,delimiter,columns,time_unit,scale\n"


def test_valence_and_arousal_of_two_files_become_rows_of_both(corpus):
    dimensional, _, problems = corpus(
        LIST + "v.csv,a,anna,valence,comma,,s,1\na.csv,a,anna,arousal,comma,,ms,10\n",
        v__csv="time,valence\n0.033,0.1\n0.067,0.2\n0.1,0.3\n",
        a__csv="time,arousal\n100,-3\n33,-1\n66,-2\n",
    )
    assert not problems
    assert values(dimensional, "a") == [[0.033, 0.1, -0.1], [0.067, 0.2, -0.2], [0.1, 0.3, -0.3]]


def test_valence_and_arousal_without_common_stamps_are_left_out_and_counted(corpus):
    dimensional, _, problems = corpus(
        LIST + "v.csv,a,anna,valence,comma,,s,1\na.csv,a,anna,arousal,comma,,s,1\n",
        v__csv="time,valence\n0,0.1\n0.5,0.2\n1,0.3\n",
        a__csv="time,arousal\n0.01,-0.1\n0.75,-0.2\n",
    )
    assert values(dimensional, "a") == [[0.0, 0.1, -0.1]]
    assert len(problems) == 1
    assert "left out 2 of 3 rows with valence alone and 1 of 2 with arousal alone" in problems[0]


def test_valence_and_arousal_of_two_raters_are_never_mixed(corpus):
    dimensional, _, problems = corpus(
        LIST + "v.csv,a,,valence,comma,,s,1\na.csv,a,,arousal,comma,,s,1\n",
        v__csv="time,valence\n0,0.1\n",
        a__csv="time,arousal\n0,-0.1\n",
    )
    assert len(dimensional) == 2 and set(dimensional["rater"]) == {"v", "a"}
    assert "v rated valence alone and a arousal alone; if they are one rater" in problems[0]


def test_one_dimension_alone_stays(corpus):
    dimensional, _, problems = corpus(
        LIST + "v.csv,a,,valence,comma,,s,1\n", v__csv="time,valence\n0,0.1\n1,0.2\n"
    )
    assert not problems and dimensional["valence"].tolist() == [0.1, 0.2]


def rows(name, times, rater="r"):
    other = {"valence": "arousal", "arousal": "valence"}[name]
    found = pd.DataFrame({"track": "t", "time": times, name: np.arange(len(times)) / 100})
    return found.assign(**{other: np.nan, "rater": rater})


TIMES = st.lists(st.floats(0, 3), max_size=25, unique=True)


@given(TIMES, TIMES)
def test_join_pairs_moments_once_and_only_within_half_a_frame(first, second):
    table = pd.concat([rows("valence", first), rows("arousal", second)], ignore_index=True)
    joined, problems = join_dimensions(table)
    if not (first and second):
        assert len(joined) == len(table) and not problems
        return
    assert joined.notna().all(axis=None)
    used = (joined["arousal"] * 100).round().astype(int)
    assert used.is_unique and joined["time"].is_unique
    for time, place in zip(joined["time"], used, strict=True):
        assert abs(second[place] - time) <= SAME_MOMENT
        assert abs(second[place] - time) == min(abs(other - time) for other in second)
    for time in set(first) & set(second):  # equal stamps always find each other
        assert time in set(joined["time"])
    assert bool(problems) == (len(table) > 2 * len(joined))


def test_join_leaves_half_a_row_out_where_the_rest_is_whole():
    whole = pd.DataFrame(
        {"track": "t", "time": [0.0], "valence": [0.5], "arousal": [0.5], "rater": "r"}
    )
    joined, problems = join_dimensions(pd.concat([whole, rows("valence", [0.2])]))
    assert joined["time"].tolist() == [0.0]
    assert "left out 1 of 1 rows with valence alone" in problems[0]


def test_sources_milliseconds_taken_for_seconds_are_refused(write_text):
    trace = "time,valence,arousal\n" + "".join(f"{40 * i},0,0\n" for i in range(100))
    path = write_text("v.csv", trace)
    source = Source(path, "table", {"content": "dimensional"}, "v")
    dimensional, _, problems = read_sources([source], {"v": STAMPS})
    assert dimensional.empty
    assert problems == [
        (
            "v.csv",
            f"{path}: the annotations of track 'v' go on until 3960 s, but its video ends at "
            "0.16 s; are the stamps in milliseconds?",
        )
    ]
    right = source._replace(options=source.options | {"time_unit": "ms"})
    dimensional, _, problems = read_sources([right], {"v": STAMPS * 25})
    assert len(dimensional) == 100 and not problems


def test_sources_annotation_longer_than_the_video_is_reported(write_text):
    path = write_text("v.csv", "start,end,emotion\n0,1,fear\n3,4,anger\n5,6,anger\n")
    source = Source(path, "table", {"content": "categorical"}, "v")
    _, categorical, problems = read_sources([source], {"v": STAMPS})
    assert len(categorical) == 3
    assert (
        "2 of 3 annotations of track 'v' come after its video, which ends at 0.16 s"
        in (problems[0][1])
    )


def test_sources_values_times_thousand_are_refused_with_the_line(write_text):
    path = write_text("v.txt", "valence,arousal\n0.5,0.5\n500,-250\n")
    dimensional, _, problems = read_sources([Source(path, "affwild2-va", {}, "v")], {"v": STAMPS})
    assert dimensional.empty
    assert "v.txt:3: valence 500 is outside [-1, 1]" in problems[0][1]


def test_sources_of_bytes_that_are_no_text_are_reported_and_the_rest_goes_on(write_text):
    bad = write_text("bad.txt", b"valence,arousal\r\n0.5,0.5\r\n\xe9,1\r\n")
    good = write_text("good.txt", b"valence,arousal\r\n0.5,0.25\r\n")
    found = read_sources(
        [Source(path, "affwild2-va", {}, path.stem) for path in (bad, good)],
        {"bad": STAMPS, "good": STAMPS},
    )
    assert values(found[0], "good") == [[0.0, 0.5, 0.25]] and len(found[0]) == 1
    assert "bad.txt:3: byte 0xe9" in found[2][0][1]


def test_the_list_in_the_documentation_can_be_read(write_text, tmp_path):
    page = (Path(__file__).parents[3] / "book" / "own-corpus.md").read_text()
    listed = next(block for block in page.split("```text\n") if block.startswith("file,track"))
    write_text("annotations.csv", listed.partition("```")[0])
    sources, problems = read_manifest(tmp_path)
    assert not problems and len(sources) == 5
    for source in sources:
        check_options(source.format, source.options)
