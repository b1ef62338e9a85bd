"""Tests of the ELAN formats, on files written here in their layouts."""

import numpy as np
import pytest

from emolib.data.annotations.formats import elan
from emolib.data.annotations.formats.elan_tab import read_elan_tab
from emolib.errors import InputError

SLOTS = {"ts1": 0, "ts2": 1000, "ts3": None, "ts4": None, "ts5": 4000, "ts6": 5000}


def aligned(name, first, last, value):
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="{first}" '
        f'TIME_SLOT_REF2="{last}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def reference(name, parent, value):
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{parent}">'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def document(tiers, slots=SLOTS, origin=""):
    order = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"'
        + ("/>" if value is None else f' TIME_VALUE="{value}"/>')
        for name, value in slots.items()
    )
    body = "".join(
        f'<TIER LINGUISTIC_TYPE_REF="emotion" TIER_ID="{name}" {more}>{"".join(found)}</TIER>'
        for name, (more, found) in tiers.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT AUTHOR="" '
        'DATE="2020-01-01T00:00:00+01:00" FORMAT="3.0" VERSION="3.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">\n'
        f'<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="v.mp4" '
        f'MIME_TYPE="video/mp4" {origin}/></HEADER>\n'
        f"<TIME_ORDER>{order}</TIME_ORDER>\n{body}\n</ANNOTATION_DOCUMENT>\n"
    )


CHAIN = [
    aligned("a1", "ts2", "ts3", "Happy"),
    aligned("a2", "ts3", "ts4", "sad"),
    aligned("a3", "ts4", "ts5", "fear"),
]
WIDE = [aligned("b1", "ts1", "ts6", "neutral")]


def intervals(found):
    return found.categorical[["start", "end", "emotion"]].to_numpy().tolist()


def test_slots_without_a_time_lie_evenly_between_those_of_the_same_tier(write_text):
    # Another tier has slots at 0 and 5 s, which must not count as neighbours.
    path = write_text("a.eaf", document({"wide": ("", WIDE), "chain": ("", CHAIN)}))
    found = elan.read_elan(path, tiers="chain")
    assert intervals(found) == [[1, 2, "happiness"], [2, 3, "sadness"], [3, 4, "fear"]]
    assert found.provenance["interpolated_slots"] == 2 and not found.problems


def test_reference_has_the_interval_of_its_parent(write_text):
    tiers = {
        "wide": ("", WIDE),
        "child": ('PARENT_REF="wide"', [reference("c1", "b1", "x")]),
        "emotion": ('PARENT_REF="child"', [reference("d1", "c1", "anger")]),
    }
    found = elan.read_elan(write_text("a.eaf", document(tiers)), tiers="emotion")
    assert intervals(found) == [[0, 5, "anger"]]


def test_symbolic_subdivision_has_no_times_and_is_refused(write_text):
    two = [reference("c1", "b1", "anger"), reference("c2", "b1", "fear")]
    path = write_text("a.eaf", document({"wide": ("", WIDE), "parts": ("", two)}))
    with pytest.raises(InputError, match="'parts' divides annotations .* without giving times"):
        elan.read_elan(path, tiers="parts")


def test_rater_is_option_or_annotator_or_tier(write_text):
    tiers = {"one": ('ANNOTATOR="anna"', WIDE), "two": ("", CHAIN)}
    path = write_text("clip.eaf", document(tiers))
    found = elan.read_elan(path, tiers=["one", "two"]).categorical
    assert found["rater"].tolist() == ["anna", "two", "two", "two"]
    assert set(found["track"]) == {"clip"} and set(found["pass"]) == {1}
    named = elan.read_elan(path, tiers=["one"], rater="ben", track="v_left").categorical
    assert (named["rater"].item(), named["track"].item()) == ("ben", "v_left")


def test_other_words_are_counted_and_never_neutral(write_text):
    words = [aligned("a1", "ts1", "ts2", "contempt"), aligned("a2", "ts5", "ts6", "")]
    found = elan.read_elan(write_text("a.eaf", document({"t": ("", words)})), tiers="t")
    assert found.categorical.empty
    assert sum(found.provenance["dropped"].values()) == 2
    assert any("'contempt'" in problem for problem in found.problems)


def test_origin_of_the_media_demands_an_offset(write_text):
    text = document({"wide": ("", WIDE)}, origin='TIME_ORIGIN="1500"')
    path = write_text("a.eaf", text)
    with pytest.raises(InputError, match=r"TIME_ORIGIN 1500 ms\); give offset"):
        elan.read_elan(path, tiers="wide")
    assert intervals(elan.read_elan(path, tiers="wide", offset=1.5)) == [[1.5, 6.5, "neutral"]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<no", "not an ELAN document"),
        (document({"u": ("", WIDE)}), "no tier 't'; it has 'u'"),
        (document({"t": ("", CHAIN[1:])}), "the first or last time slot of tier 't' has no time"),
        (document({"t": ("", [aligned("a1", "ts1", "ts9", "x")])}), "'ts9', which is not listed"),
        (
            document({"t": ("", [aligned("a1", "ts2", "ts2", "x")])}),
            "ends at 1 s, not after its st",
        ),
        (document({"t": ("", [reference("a1", "gone", "x")])}), "'gone' is referred to, but leads"),
        (document({"t": ("", [reference("a1", "a1", "x")])}), "'a1' is referred to, but leads"),
    ],
)
def test_bad_document_raises(write_text, text, problem):
    with pytest.raises(InputError, match=problem):
        elan.read_elan(write_text("a.eaf", text), tiers="t")


def test_missing_document_raises(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        elan.read_elan(tmp_path / "a.eaf", tiers="t")


NAMED = """"#file:///C:/clip.eaf
tier\tBegin Time\tEnd Time\tvalue
face\t1000\t2500\thappy
voice\t0\t2500\tsad
face\t2500\t3000\tcontempt
"""
OPTIONS = {"start": "Begin Time", "end": "End Time", "emotion": "value", "time_format": "ms"}


def test_tab_columns_and_tiers_are_named_by_options(write_text):
    path = write_text("a.txt", NAMED.replace("\n", "\r\n"))
    found = read_elan_tab(path, **OPTIONS, tier_column="tier", tiers="face", offset=0.5)
    assert intervals(found) == [[1.5, 3.0, "happiness"]]
    assert found.categorical["rater"].tolist() == ["face"]
    assert sum(found.provenance["dropped"].values()) == 1
    every = read_elan_tab(path, **OPTIONS)
    assert every.categorical["rater"].tolist() == ["a", "a"]


def test_tab_annotations_of_equal_times_share_a_row(write_text):
    text = "b\te\tface\tvoice\n0.5\t1\tfear\t\n1\t2\tsad\tjoy\n2\t3\t\tanger\n"
    path = write_text("a.tsv", text)
    options = {"start": "b", "end": "e", "time_format": "s"}
    found = read_elan_tab(path, **options, emotion="face")
    assert intervals(found) == [[0.5, 1, "fear"], [1, 2, "sadness"]]
    assert "left out 1 rows without a word in column 'face'" in found.problems[0]
    assert len(read_elan_tab(path, **options, emotion="voice").categorical) == 2


def test_tab_without_header_and_with_clock_times(write_text):
    path = write_text("a.txt", "face\tann\t00:00:01.250\t01:02:03.5\tsurprise\n")
    found = read_elan_tab(
        path,
        columns=["tier", "person", "start", "end", "word"],
        start="start",
        end="end",
        emotion="word",
        time_format="hh:mm:ss.ms",
        rater="anna",
    )
    assert intervals(found) == [[1.25, 3723.5, "surprise"]]
    assert found.categorical["rater"].item() == "anna"


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        (NAMED, {"emotion": "word"}, "should hold 'word' once"),
        (NAMED, {"time_format": "frames"}, "time_format 'frames' is none of"),
        (NAMED, {"time_format": "hh:mm:ss.ms"}, r"a\.txt:3: Begin Time '1000' is not written hh"),
        (NAMED, {"tiers": "face"}, "give both or neither"),
        (NAMED, {"tiers": "x", "tier_column": "tier"}, "no row of tier 'x'; there are 'face'"),
        (NAMED + "face\t9\t8\tsad\n", {}, r"a\.txt:6: ends at 0\.008 s, not after"),
        (NAMED + "face\t9\t8\n", {}, r"a\.txt:6: 3 cells where 4 are expected"),
        ("", {}, "holds no rows"),
    ],
)
def test_tab_bad_table_or_options_raise(write_text, text, options, problem):
    with pytest.raises(InputError, match=problem):
        read_elan_tab(write_text("a.txt", text), **{**OPTIONS, **options})


def test_formats_match_their_own_layout_only(write_text, tmp_path):
    eaf, tab = write_text("a.eaf", document({})), write_text("a.txt", NAMED)
    for number, own in enumerate([eaf, tab]):
        for path in (eaf, tab, tmp_path):
            assert elan.FORMATS[number].matches(path) == (path == own)


@pytest.mark.parametrize(
    ("tier", "annotations", "interpolated"),
    [("text", 399, 0), ("words-timesub", 1995, 1572), ("gestures", 1197, 0)],
)
def test_real_document(sample_data, tier, annotations, interpolated):
    found = elan.read_elan(sample_data / "elan/sample_2.8.eaf", tiers=tier)
    assert found.categorical.empty  # its tiers hold words of a sentence and gestures
    assert sum(found.provenance["dropped"].values()) == annotations
    assert found.provenance["interpolated_slots"] == interpolated


def test_real_document_parts_of_a_sentence_fill_it_without_gaps(sample_data):
    document = elan.parse_document(sample_data / "elan/sample_2.8.eaf")
    path = sample_data / "elan/sample_2.8.eaf"
    starts, ends, _, _ = elan.tier_intervals(path, document, "words-timesub")
    sentence_starts, sentence_ends, _, _ = elan.tier_intervals(path, document, "text")
    np.testing.assert_allclose(starts[::5], sentence_starts)
    np.testing.assert_allclose(ends[4::5], sentence_ends)
    inner = np.arange(1, len(starts)) % 5 != 0
    np.testing.assert_array_equal(starts[1:][inner], ends[:-1][inner])
