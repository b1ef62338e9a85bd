import numpy as np
import pytest

from emolib.annotator.state import Trace

pytestmark = pytest.mark.browser

FRAME = 1 / 30  # s
NEAR = 0.006  # of a value: the mouse is moved to whole pixels
BOTH = ["valence", "arousal"]


def sampled(page):
    """Return all samples that were sent, a row each."""
    return np.array([sample for piece in page.records() for sample in piece["samples"]])


def record(page, start, end, value, dimensions=BOTH):
    """Let another window record a constant."""
    times = np.arange(start, end + 1e-9, 1 / 60)
    samples = [[time, *[value] * len(dimensions)] for time in times]
    page.do(
        {"do": "record", "recording": f"{start} {end} {value}", "track": "clip", "start": start}
        | {"end": end, "dimensions": dimensions, "samples": samples}
    )


def circle(time):
    """Return where the mouse is while it records."""
    return 0.8 * np.cos(3 * time), 0.6 * np.sin(5 * time)


def test_samples_are_where_the_mouse_was_at_the_time_of_the_clock(rating):
    page = rating()
    page.run(1.0)
    times = 1.0 + np.cumsum([0.0, *[0.03, 0.05, 0.02, 0.04] * 4])
    page.point_at(*circle(times[0]))
    page.press("Enter")
    for time in times:
        page.point_at(*circle(time))
        page.run(time)
    page.press("Enter")
    pieces, samples = page.records(), sampled(page)
    assert len(pieces) > 2
    assert len({piece["recording"] for piece in pieces}) == 1
    assert {piece["device"] for piece in pieces} == {"mouse"}
    assert pieces[0]["start"] == 1.0
    assert pieces[-1]["end"] == pytest.approx(times[-1])
    for piece, following in zip(pieces, pieces[1:], strict=False):
        assert piece["end"] == following["start"]
        assert all(piece["start"] <= sample[0] < piece["end"] for sample in piece["samples"])
    np.testing.assert_allclose(samples[:, 0], times, atol=1e-4)
    np.testing.assert_allclose(samples[:, 1:], np.array([circle(t) for t in times]), atol=NEAR)
    assert page.trace("valence").stretches == ((1.0, round(times[-1], 4), "hand"),)
    np.testing.assert_allclose(page.trace("arousal").time, samples[:, 0])
    page.press("Control+z")
    assert not page.trace("valence").stretches


def test_pointer_events_between_frames_are_samples_of_their_own(rating):
    page = rating()
    page.press("Enter")
    page.run(0.1)
    page.page.evaluate(
        """places => {
          const canvas = document.querySelector("canvas.plane");
          app.player.time = 0.2;
          const now = performance.now();
          const events = places.map(([x, y, ago]) => {
            const event = new PointerEvent("pointermove", { clientX: x, clientY: y });
            Object.defineProperty(event, "timeStamp", { value: now - ago });
            return event;
          });
          const moved = new PointerEvent("pointermove", { pointerType: "mouse" });
          moved.getCoalescedEvents = () => events;
          canvas.dispatchEvent(moved);
        }""",
        [[*page.place(0.5, -0.5), 70], [*page.place(1, 0), 30]],
    )
    page.press("Enter")
    samples = sampled(page)
    between = samples[(samples[:, 0] > 0.1) & (samples[:, 0] < 0.2)]
    np.testing.assert_allclose(between[:, 0], [0.13, 0.17], atol=0.004)
    np.testing.assert_allclose(between[:, 1:], [[0.5, -0.5], [1, 0]], atol=NEAR)


def test_arrows_step_frames_until_recording_starts_and_then_move_the_point(rating):
    page = rating()
    page.press("ArrowRight", "ArrowRight")
    assert page.page.evaluate("app.player.frame") == 2
    page.press("Enter")
    page.run(0.1)
    page.page.keyboard.down("ArrowRight")
    page.page.keyboard.down("w")
    page.run(*np.arange(0.1, 0.5, 0.05))
    page.page.keyboard.up("ArrowRight")
    moved = page.point
    page.run(*np.arange(0.5, 0.6, 0.05))
    page.page.keyboard.up("w")
    stopped = page.point
    page.run(*np.arange(0.6, 0.7, 0.05))
    assert 0.1 < moved[0] == stopped[0] == page.point[0] <= 1
    assert moved[1] <= stopped[1] == page.point[1] <= 1
    page.press("c")
    assert page.point == (0, 0)
    page.press("Enter", "ArrowRight")
    assert {piece["device"] for piece in page.records()} == {"keys"}
    samples = sampled(page)
    rising = samples[(samples[:, 0] > 0.1) & (samples[:, 0] < 0.5)]
    assert (np.diff(rising[:, 1]) >= 0).all()
    assert rising[-1, 1] > rising[0, 1]


def test_a_gamepad_is_read_while_it_is_connected(rating):
    page = rating()
    page.page.evaluate(
        """() => {
          window.reads = 0;
          window.stick = [0, 0];
          const buttons = () => [{ pressed: window.button === true }];
          const pad = () => ({ connected: true, axes: stick, buttons: buttons() });
          navigator.getGamepads = () => { reads += 1; return [null, pad()]; };
        }"""
    )
    page.press("Enter")
    page.run(0.1)
    assert page.page.evaluate("reads") == 0
    page.page.evaluate("window.dispatchEvent(new Event('gamepadconnected'))")
    page.run(0.2)
    page.page.evaluate("window.stick = [0.7, 0.7]")  # right and down, as far as a stick goes
    page.run(0.3)
    assert page.point == pytest.approx((1, -1), abs=0.02)
    page.page.evaluate("window.stick = [0, -1]")
    page.run(0.4)
    assert page.point == pytest.approx((0, 1))
    page.page.evaluate("window.button = true")
    page.run(0.5)
    page.settle()
    assert not page.page.evaluate("app.player.playing")  # its button stops, as Enter does
    page.page.evaluate("window.dispatchEvent(new Event('gamepaddisconnected'))")
    reads = page.page.evaluate("reads")
    page.run(0.6)
    assert page.page.evaluate("reads") == reads
    assert page.records()[-1]["device"] == "gamepad"


def test_a_new_recording_replaces_just_its_stretch(rating):
    page = rating()
    record(page, 0.0, 4.0, 0.5)
    page.seek(30)
    page.point_at(-0.5, -0.5)
    page.press("Enter")
    page.run(*np.arange(1.0, 2.0, 0.1))
    page.press("Space")
    last = page.records()[-1]["end"]
    for name in BOTH:
        trace = page.trace(name)
        new = (trace.time >= 1.0) & (trace.time <= last)
        np.testing.assert_allclose(trace.value[new], -0.5, atol=NEAR)
        np.testing.assert_allclose(trace.value[~new], 0.5)
        assert trace.time[0] == 0 and trace.time[-1] == 4.0
        assert trace.stretches == ((0.0, 4.0, "hand"),)
    assert page.page.evaluate("app.traces.current.valence.valueAt(1.5)") == pytest.approx(
        -0.5, abs=NEAR
    )
    page.press("Control+z")
    np.testing.assert_allclose(page.trace("valence").value, 0.5)


def test_a_selected_stretch_is_recorded_after_a_run_up_and_ends_itself(rating):
    page = rating()
    plot = page.page.locator(".traces .plot").bounding_box()
    axis = page.page.evaluate("2.4 * letterOf(document.querySelector('.plot'))")
    x = [plot["x"] + axis + (plot["width"] - axis) * time / 10 for time in (3, 5)]
    page.page.mouse.move(x[0], plot["y"] + 20)
    page.page.mouse.down()
    page.page.mouse.move(x[1], plot["y"] + 30, steps=3)
    page.page.mouse.up()
    start, end = page.page.evaluate("app.stretch")
    assert (start, end) == pytest.approx((3, 5), abs=0.02)
    page.point_at(0.2, 0.4)
    page.press("Enter")
    assert page.page.evaluate("app.player.time") == pytest.approx(start - 1, abs=FRAME)
    page.run(start - 0.5)
    assert page.page.inner_text(".numbers span") == "run-up"
    page.run(*np.arange(start + 0.01, end + 0.2, 0.2))
    page.settle()
    assert not page.page.evaluate("app.player.playing")
    assert page.trace("valence").stretches == ((start, end, "hand"),)
    samples = sampled(page)
    assert start <= samples[0, 0] and samples[-1, 0] <= end


def test_one_dimension_is_recorded_while_the_other_moves_as_it_was(rating):
    page = rating()
    times = np.arange(0, 3, 1 / 60)
    samples = np.c_[times, 0.1 + 0 * times, times / 3].tolist()
    page.do(
        {"do": "record", "recording": "r", "track": "clip", "dimensions": BOTH}
        | {"start": 0.0, "end": 3.0, "samples": samples}
    )
    page.press("v")
    page.point_at(-0.7, 0.9)
    page.press("Enter")
    for time in (0.2, 0.4, 0.6):
        page.run(time)
        assert page.point == pytest.approx((-0.7, time / 3), abs=0.01)
    assert "not change" not in page.status
    page.press("v")
    assert "cannot change" in page.status
    page.press("Enter")
    assert {len(sample) for piece in page.records() for sample in piece["samples"]} == {2}
    assert page.records()[0]["dimensions"] == ["valence"]
    np.testing.assert_allclose(page.trace("arousal").value, times / 3, atol=1e-6)
    assert page.page.get_attribute("canvas.plane", "aria-label") == "valence alone"


def test_speeds_are_sent_and_never_above_one(rating):
    page = rating()
    page.page.click("button[value='0.5']")
    page.press("Enter")  # the click left the keys to the page
    page.run(0.1, 0.2)
    page.page.evaluate("app.player.setSpeed(2)")
    page.run(0.3, 0.4)
    page.press("Enter")
    assert page.page.evaluate("app.player.speed") == 1
    speeds = [piece["speed"] for piece in page.records()]
    assert speeds == sorted(speeds)
    assert set(speeds) == {0.5, 1}


def test_nothing_is_sampled_while_the_clock_waits_and_a_leap_ends_the_recording(rating):
    page = rating()
    page.press("Enter")
    page.run(0.1, 0.2)
    page.point_at(0.3, 0.3)
    page.run(0.2, 0.2, 0.2)
    page.run(0.25)
    page.run(7.0)
    page.settle()
    assert "the playhead was moved" in page.status
    assert page.trace("valence").stretches == ((0.0, 0.25, "hand"),)
    times = sampled(page)[:, 0]
    assert (np.diff(times) > 0).all()
    assert list(times) == [0, 0.1, 0.2, 0.25]


def test_a_recording_to_the_last_picture_covers_the_video(rating):
    page = rating(frames=30)
    page.press("Enter")
    page.run(*np.arange(0.1, 0.99, 0.1), 29 / 30)
    page.page.evaluate("app.player.pause()")
    page.settle()
    assert page.trace("arousal").stretches == ((0.0, 1.0, "hand"),)
    page.press("g")
    assert page.status == "The whole video is rated."
    page.press("Enter")
    assert "at the end of the video" in page.status


def test_what_is_refused_is_said_and_not_shown_as_saved(rating):
    page = rating()
    page.press("Enter")
    page.run(0.1, 0.2, 0.3)
    page.cut()
    page.settle()
    saved = page.records()[-1]["end"]
    page.refusal = "the disk is full"
    page.run(0.4, 0.5)
    page.cut()
    page.settle()
    assert "the disk is full; what came before" in page.status
    assert page.page.inner_text("button.record") == "Record"
    page.run(0.6)
    assert page.trace("valence").stretches == ((0.0, saved, "hand"),)
    assert page.page.evaluate("app.traces.current.valence.covered") == [[0, saved]]
    assert page.page.evaluate("app.recorder.unsaved") is None


def test_a_kernel_that_is_lost_stops_the_recording_and_gets_the_rest_when_it_is_back(rating):
    page = rating()
    page.press("Enter")
    page.run(0.1, 0.2)
    page.page.evaluate("model.deaf = true")
    page.run(0.3)
    page.cut()
    page.run(0.4)
    page.page.evaluate("app.recorder.lose(app.recorder.job)")  # what happens after five seconds
    assert "the kernel does not answer" in page.status
    assert page.page.evaluate("app.recorder.unsaved.samples.at(-1)[0]") == 0.4
    page.press("Enter")
    assert "not saved yet" in page.status
    page.page.evaluate("model.hear()")
    page.settle()
    assert "answers again" in page.status
    assert page.trace("valence").stretches == ((0.0, 0.4, "hand"),)
    assert list(page.trace("valence").time) == [0, 0.1, 0.2, 0.3, 0.4]


def test_nothing_is_recorded_before_the_video_was_watched(rating):
    page = rating(watched=False)
    page.press("Enter")
    assert "Watch the video" in page.status
    assert not page.page.evaluate("app.player.playing")


def test_selections_are_erased_accepted_and_undone_by_keys(rating):
    times = np.arange(0, 10, FRAME)
    times = times[(times < 4) | (times > 6)]
    proposed = Trace(times, np.sin(times).astype(np.float32), ((0.0, 10.0, ""),))
    opposite = Trace(times, -proposed.value, proposed.stretches)
    traces = {("clip", "valence"): proposed, ("clip", "arousal"): opposite}
    page = rating(traces=traces)
    page.press("e")
    assert "Select the stretch to erase first" in page.status
    record(page, 1.0, 9.0, 0.5)
    page.seek(60)
    page.press("[")
    page.seek(89)
    page.press("]", "a")
    trace = page.trace("arousal")
    taken = (trace.time >= 2) & (trace.time <= 3)
    np.testing.assert_allclose(trace.value[taken], -np.sin(trace.time[taken]), atol=1e-6)
    assert [origin for *_, origin in trace.stretches] == ["hand", "proposal vgg16-combined", "hand"]
    page.press("v", "v", "e")  # arousal alone
    assert page.sent[-1]["dimensions"] == ["arousal"]
    assert [stretch[:2] for stretch in page.trace("arousal").stretches] == [(1, 2), (3, 9)]
    assert page.page.get_attribute(".plot", "aria-label").endswith(
        "Here: valence +0.17, arousal not rated. Rated: valence 80 %, arousal 70 % of the video. "
        "Selected: 0:02.000 to 0:03.000."
    )
    page.press("Control+z", "Control+z")
    np.testing.assert_allclose(page.trace("arousal").value, 0.5)
    page.press("Escape")
    assert page.page.evaluate("app.stretch") is None
    page.seek(0)
    page.press("g")
    assert page.page.evaluate("app.player.time") == pytest.approx(9.0, abs=FRAME)
    ghosts = page.page.evaluate("app.traces.proposed.valence.covered")
    assert [edge for stretch in ghosts for edge in stretch] == pytest.approx(
        [0, times[times < 4][-1], times[times > 6][0], times[-1]]
    )


def test_the_point_follows_what_was_recorded_and_says_so(rating):
    page = rating()
    record(page, 1.0, 3.0, -0.25)
    page.seek(60)
    assert page.point == (-0.25, -0.25)
    assert page.page.inner_text(".numbers strong") == "Valence −0.25, arousal −0.25"
    assert page.page.inner_text(".numbers span") == "recorded"
    page.seek(150)
    assert page.page.inner_text(".numbers span") == "not rated here"
    page.point_at(0.5, 0.5)
    assert page.point == (-0.25, -0.25)  # a mouse that passes by moves nothing
    page.page.mouse.down()
    page.page.mouse.up()
    page.settle()
    assert page.point == pytest.approx((0.5, 0.5), abs=NEAR)
    assert page.page.inner_text(".numbers span") == "start value"
    spoken = "[aria-valuetext='valence +0.50, arousal +0.50, start value']"
    page.page.wait_for_selector(f"canvas.plane{spoken}")


def test_latency_is_measured_kept_and_corrected(rating):
    page = rating()
    page.press("l", "Enter")
    follow = """delay => {
      const { calibration, recorder: { point } } = app;
      calibration.start(7);
      for (let now = 0; calibration.running; now += 1000 / 60) {
        const place = calibration.path((now - 1000) / 1000 - delay);
        if (delay !== null) point.place(...place, "mouse");
        calibration.tick(now);
      }
    }"""
    page.page.evaluate(follow, None)
    page.settle()
    assert "did not follow the dot closely enough" in page.page.inner_text(".calibration p")
    assert page.page.is_disabled(".calibration input")
    page.page.evaluate(follow, 0.31)
    page.settle()
    assert page.page.inner_text(".calibration p").startswith("Measured: 0.31 s late, ± 0.00 s")
    assert page.session.state.calibration["latency"] == pytest.approx(0.31, abs=0.005)
    page.page.check(".calibration input")
    page.settle()
    assert page.session.state.correct_latency
    page.press("Escape")
    assert not page.page.is_visible(".calibration")
