"""Category mode in a browser, on a page without Jupyter, with a real session behind it."""

import numpy as np
import pytest

from emolib.annotator.state import Interval
from emolib.labels import EMOTIONS

pytestmark = pytest.mark.browser

LANES = ".lanes canvas"
PROPOSED = (
    Interval("p1", "clip", 30, 60, "fear"),
    Interval("p2", "clip", 90, 120, "anger"),
    Interval("p3", "clip", 150, 180, "disgust"),
)


def mark(name, start, end, emotion="happiness", track="clip"):
    fields = {"interval": name, "track": track, "start": start, "end": end, "emotion": emotion}
    return {"do": "add_interval", **fields}


def place(tool, frame, row=0.5, canvas=LANES):
    """Return where the beginning of a frame is on a canvas, in px of the page."""
    box = tool.page.locator(canvas).bounding_box()
    share = tool.page.evaluate(f"app.scale.x({frame} / 30, 1)")
    return box["x"] + share * box["width"], box["y"] + row * box["height"]


def drag(tool, start, end, canvas=LANES, row=0.5, release=True):
    mouse = tool.page.mouse
    mouse.move(*place(tool, start, row, canvas))
    mouse.down()
    mouse.move(*place(tool, end, row, canvas), steps=3)
    if release:
        mouse.up()
    tool.settle()


def test_a_held_key_marks_the_frames_that_were_shown(tool):
    page = tool()
    page.seek(10)
    page.press("Space")
    page.hold("2", 20)
    assert page.spans() == [(10, 21, "happiness")]
    page.advance(30)
    page.hold("3", 42)  # while it plays on
    assert page.spans()[1:] == [(30, 43, "sadness")]


def test_a_second_held_key_takes_over_without_gap_or_overlap(tool):
    page = tool()
    page.press("Space")
    page.page.keyboard.down("2")
    page.advance(10)
    page.page.keyboard.down("4")
    page.advance(14)
    page.page.keyboard.up("2")
    page.advance(19)
    page.page.keyboard.up("4")
    page.settle()
    assert page.spans() == [(0, 10, "happiness"), (10, 20, "anger")]


def test_a_held_key_ends_when_the_focus_leaves(tool):
    page = tool()
    page.press("Space")
    page.page.keyboard.down("2")
    page.advance(10)
    page.page.evaluate("document.activeElement.blur()")
    page.settle()
    assert page.spans() == [(0, 11, "happiness")]


def test_nothing_is_marked_before_the_video_was_watched(tool):
    page = tool(watched=False)
    page.press("Space")
    page.hold("2", 20)
    assert page.sent == []
    assert "Watch the video to its end first" in page.status


def test_keys_of_emotions_begin_end_and_relabel_while_the_video_stands(tool):
    page = tool()
    page.seek(30)
    page.press("2")
    page.seek(50)
    page.press("3")  # ends what was begun, with the emotion pressed last
    assert page.spans() == [(30, 51, "sadness")]
    page.press("5")  # the made interval is selected, and its picture is shown
    assert page.spans() == [(30, 51, "fear")]
    page.seek(80)
    page.press("6", "6")  # elsewhere, keys begin and end anew
    assert page.spans() == [(30, 51, "fear"), (80, 81, "surprise")]


def test_marking_in_and_out_waits_for_an_emotion(tool):
    page = tool()
    page.press("o")
    assert "Mark the start first" in page.status
    page.seek(40)
    page.press("i")
    page.seek(60)
    page.press("o", "Enter")
    assert page.spans() == [(40, 61, "neutral")]
    page.seek(100)
    page.press("i")
    page.seek(90)  # back: the end may lie before the start
    page.press("7")
    assert page.spans()[1:] == [(90, 101, "disgust")]
    page.seek(200)
    page.press("i", "Escape", "Enter")
    assert len(page.spans()) == 2


def test_the_last_word_counts(tool):
    page = tool()
    random = np.random.default_rng(4)
    expected = np.full(300, -1)
    words = []
    for _ in range(12):
        start, emotion = int(random.integers(0, 80)), int(random.integers(0, 4))
        end = start + int(random.integers(1, 41))
        expected[start:end] = emotion
        words.append([start, end, EMOTIONS[emotion]])
    script = "async (words) => { for (const word of words) await app.marking.place(...word); }"
    page.page.evaluate(script, words)
    found = np.full(300, -1)
    for start, end, emotion in page.spans():
        assert (found[start:end] == -1).all()
        found[start:end] = EMOTIONS.index(emotion)
    assert (found == expected).all()


def test_a_mark_and_what_it_cuts_are_undone_together(tool):
    page = tool()
    page.do(mark("a", 10, 100))
    page.seek(40)
    page.press("3")
    page.seek(49)
    page.press("3")
    assert page.spans() == [(10, 40, "happiness"), (40, 50, "sadness"), (50, 100, "happiness")]
    assert "add interval sadness" in page.page.get_attribute("[data-command=undo]", "title")
    page.press("Control+z")
    assert page.spans() == [(10, 100, "happiness")]
    page.press("Control+Shift+z")
    assert len(page.spans()) == 3


def test_arrows_go_from_the_selected_interval_or_from_where_the_picture_is(tool):
    page = tool()
    page.do(mark("a", 10, 40), mark("b", 40, 60, "fear"), mark("c", 200, 210, "anger"))
    page.press("ArrowDown")
    assert page.frame == 10
    page.press("ArrowDown")
    assert page.frame == 40
    page.seek(150)  # played on
    page.press("ArrowDown")
    assert page.frame == 200
    page.press("ArrowDown")
    assert "Nothing after this" in page.status
    page.seek(150)
    page.press("ArrowUp")
    assert page.frame == 40


def test_keys_may_be_faster_than_pictures(tool):
    page = tool()
    page.do(mark("a", 10, 40), mark("b", 100, 120, "fear"))
    page.page.evaluate("app.player.slow = true")
    page.press("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "[", "3")
    assert page.spans() == [(10, 40, "happiness"), (102, 120, "sadness")]
    assert page.frame == 0
    page.page.evaluate("app.player.arrive()")
    assert page.frame == 102


def test_edges_follow_the_keys_and_the_picture_follows_the_edges(tool):
    page = tool()
    page.do(mark("a", 10, 100))
    page.press("ArrowDown")
    assert page.frame == 10
    page.seek(20)
    page.press("[")
    assert page.spans() == [(20, 100, "happiness")]
    page.press("Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowRight")
    assert page.spans() == [(23, 100, "happiness")]
    assert page.frame == 23
    page.press("e", "Alt+ArrowLeft")
    assert page.spans() == [(23, 99, "happiness")]
    assert page.frame == 98  # the last frame that it holds
    page.seek(90)
    page.press("]")
    assert page.spans() == [(23, 91, "happiness")]
    page.press("Control+z", "Control+z", "Control+z")
    assert page.spans() == [(20, 100, "happiness")]  # the three steps of the start were one
    page.seek(10)
    page.press("]")
    assert page.spans() == [(20, 21, "happiness")]  # one frame remains


def test_an_edge_is_dragged_with_the_picture_beside_it(tool):
    page = tool()
    page.do(mark("a", 60, 120), mark("b", 200, 240, "fear"))
    drag(page, 120, 150, release=False)
    assert page.frame == 149
    assert page.spans()[0] == (60, 120, "happiness")  # nothing is said until it is let go
    page.page.mouse.up()
    page.settle()
    assert page.spans()[0] == (60, 150, "happiness")
    drag(page, 60, 30)
    assert page.spans()[0] == (30, 150, "happiness")
    assert page.frame == 30
    assert [one["do"] for one in page.sent] == ["change_interval", "change_interval"]


def test_a_dragged_edge_snaps_unless_alt_is_held(tool):
    page = tool()
    page.do(mark("a", 60, 120), mark("b", 200, 240, "fear"))
    drag(page, 120, 199)
    assert page.spans()[0] == (60, 200, "happiness")  # to its neighbour
    page.press("Control+z")
    page.page.keyboard.down("Alt")
    drag(page, 120, 199)
    page.page.keyboard.up("Alt")
    assert page.spans()[0] == (60, 199, "happiness")


def test_escape_gives_a_dragged_edge_back(tool):
    page = tool()
    page.do(mark("a", 60, 120))
    drag(page, 120, 150, release=False)
    page.press("Escape")
    page.page.mouse.up()
    page.settle()
    assert page.spans() == [(60, 120, "happiness")]
    assert page.sent == []


def test_a_click_selects_and_scrubs(tool):
    page = tool(tracks=("anna", "ben"))
    page.do(mark("a", 60, 120, track="anna"), mark("b", 60, 120, "fear", "ben"))
    page.page.mouse.click(*place(page, 90.5, row=0.75))
    assert page.page.evaluate("[app.track, app.selection.id, app.player.frame]") == ["ben", "b", 90]
    drag(page, 150.5, 200.5, row=0.25)
    assert page.page.evaluate("[app.track, app.selection.id, app.player.frame]") == [
        *("anna", None, 200)
    ]


def test_intervals_are_split_merged_deleted_and_copied(tool):
    page = tool()
    page.do(mark("a", 10, 40))
    page.seek(20)
    page.press("s")
    assert page.spans() == [(10, 20, "happiness"), (20, 40, "happiness")]
    page.press("5")  # the right part is selected
    assert page.spans() == [(10, 20, "happiness"), (20, 40, "fear")]
    page.press("ArrowUp", "g")
    assert page.spans() == [(10, 40, "happiness")]
    assert "all of it is happiness now" in page.status
    page.do(mark("b", 70, 80, "anger"))
    page.seek(50)
    page.press("c")  # up to the next one
    assert page.spans()[1] == (50, 70, "happiness")
    page.press("c")
    assert "There is an interval at this frame already" in page.status
    page.press("Delete")
    assert page.spans() == [(10, 40, "happiness"), (70, 80, "anger")]
    assert "Deleted: happiness, 1.67 s to 2.33 s" in page.status
    page.press("Delete")
    assert "Select an interval first" in page.status
    page.press("s")
    assert "Nothing to split here" in page.status


def test_gaps_and_overlaps_are_counted_reached_and_mended(tool):
    page = tool()
    page.do(mark("a", 0, 100), mark("b", 90, 150, "fear"), mark("c", 160, 300, "anger"))
    assert page.page.inner_text(".summary p") == "3 intervals, 1 gap, 1 overlap"
    page.press("n")
    assert page.frame == 90
    assert "More than one emotion in frames 90 to 99" in page.status
    page.press("k")  # the later one is selected, and is kept
    assert page.spans()[:2] == [(0, 90, "happiness"), (90, 150, "fear")]
    page.press("n", "3")  # the key of an emotion fills a gap
    assert page.spans()[2] == (150, 160, "sadness")
    page.press("n")
    assert "No gap and no overlap" in page.status


def test_proposals_are_annotations_only_when_accepted(tool):
    page = tool(proposals=PROPOSED)
    page.press("p", "a")
    assert page.spans() == [(30, 60, "fear")]
    assert page.frame == 90  # it goes on to the next one
    page.press("e", "Alt+ArrowLeft", "3")  # changed before it is accepted
    assert page.spans() == [(30, 60, "fear")]
    assert "changed" in page.page.inner_text(".origin")
    page.press("a")
    assert page.spans()[1:] == [(90, 119, "sadness")]
    origins = {one.start: one.origin for one in page.session.state.intervals.values()}
    assert origins == {30: "proposal vgg16-combined", 90: "proposal vgg16-combined, changed"}
    page.press("x")
    assert len(page.spans()) == 2
    assert page.page.is_hidden(".proposals")


def test_accepting_all_proposals_needs_a_yes(tool):
    page = tool(proposals=PROPOSED)
    page.page.keyboard.press("Shift+A")
    assert "Accept 3 proposals for clip" in page.page.inner_text("dialog")
    page.page.keyboard.press("Escape")
    page.settle()
    assert page.spans() == []
    page.page.keyboard.press("Shift+A")
    page.page.click("dialog .primary")
    page.settle()
    assert len(page.spans()) == 3
    page.press("Control+z")  # one step
    assert page.spans() == []


def test_a_ghost_is_dragged_in_its_part_of_the_lane(tool):
    page = tool(proposals=PROPOSED)
    page.do(mark("a", 30, 60))
    drag(page, 60, 75, row=0.8)
    page.press("a")
    assert page.spans() == [(30, 60, "happiness"), (30, 75, "fear")]


def test_emotions_are_marked_with_the_mouse_and_with_a_screen_reader(tool):
    page = tool()
    page.press("Space")
    page.page.hover("[data-emotion=fear]")
    page.page.mouse.down()
    page.advance(20)
    page.page.mouse.up()
    page.settle()
    assert page.spans() == [(0, 21, "fear")]
    page.advance(30)
    for frame in (30, 39):  # a click without a pointer begins, the next one ends
        page.advance(frame)
        page.page.evaluate("document.querySelector('[data-emotion=anger]').click()")
    page.settle()
    assert page.spans()[1:] == [(30, 40, "anger")]


def test_the_selected_interval_is_changed_by_typing(tool):
    page = tool()
    page.do(mark("a", 10, 40))
    page.press("ArrowDown")
    start, end = page.page.locator(".properties input").all()
    end.fill("52")
    end.press("Enter")
    page.settle()
    assert page.spans() == [(10, 52, "happiness")]
    start.fill("5")
    start.press("Escape")
    page.settle()
    assert page.spans() == [(10, 52, "happiness")]
    page.page.select_option(".properties select", "disgust")
    page.settle()
    assert page.spans() == [(10, 52, "disgust")]


def test_intervals_and_faces_are_given_to_another_person(tool):
    page = tool(tracks=("anna", "ben"))
    page.do(mark("a", 10, 40, track="anna"))
    page.press("ArrowDown")
    page.page.keyboard.press("r")
    page.page.click("dialog .primary")
    page.settle()
    assert page.spans("ben") == [(10, 40, "happiness")]
    for what, to in (("faces", "clip_2"), ("rejected", "")):
        page.page.keyboard.press("r")
        page.page.check(f"dialog [value={what}]")
        page.page.fill("dialog [name=last]", "25")
        if to:
            page.page.select_option("dialog select", to)
        page.page.click("dialog .primary")
        page.settle()
    made = [(one.track, one.start, one.end, one.to) for one in corrections(page)]
    assert made == [("ben", 10, 26, "clip_2"), ("ben", 10, 26, "")]
    page.page.keyboard.press("r")
    page.page.click("dialog li button >> nth=0")
    page.settle()
    assert [one.to for one in corrections(page)] == [""]


def corrections(page):
    return list(page.session.state.corrections.values())
