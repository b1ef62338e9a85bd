"""The frame shown is the frame named: numbers in the pictures, read back from the canvas."""

import re
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from emolib.data.video import read_frames

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZE = (640, 360)
BITS, COLUMNS, BLOCK = 12, 6, 100  # px: neither codec nor JPEG blurs blocks of this size
TICKS = 15360  # per second

READ = """(root) => {
  const canvas = root.querySelector('canvas');
  const scale = canvas.width / 640;
  const context = canvas.getContext('2d');
  let picture = 0;
  for (let bit = 0; bit < 12; bit += 1) {
    const x = Math.round((20 + 50 + 100 * (bit % 6)) * scale);
    const y = Math.round((50 + 100 * Math.floor(bit / 6)) * scale);
    picture += (context.getImageData(x, y, 1, 1).data[1] > 127) * 2 ** bit;
  }
  const text = root.querySelector('.where').textContent;
  return [picture, Number(root.querySelector('.player').dataset.frame), text];
}"""

# Looks at the canvas whenever another frame is named, before anything else can happen in the page.
WATCH = f"""(root) => {{
  const read = {READ};
  window.looks = [];
  new MutationObserver(() => window.looks.push(read(root)))
    .observe(root.querySelector('.player'), {{ attributeFilter: ['data-frame'] }});
}}"""


def numbered(number):
    """Return a picture that carries its number in blocks, for the test, and digits, for people."""
    image = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
    for bit in range(BITS):
        x, y = 20 + BLOCK * (bit % COLUMNS), BLOCK * (bit // COLUMNS)
        image[y : y + BLOCK, x : x + BLOCK] = 235 if number >> bit & 1 else 20
    cv2.putText(image, str(number), (230, 320), cv2.FONT_HERSHEY_SIMPLEX, 3, (240, 240, 240), 6)
    return image


def number_of(image):
    """Return the number that a picture carries."""
    bits = range(BITS)
    centres = [(BLOCK * (bit // COLUMNS) + 50, 70 + BLOCK * (bit % COLUMNS)) for bit in bits]
    return sum(int(image[y, x, 1] > 127) << bit for bit, (y, x) in enumerate(centres))


def write(path, times, sound):
    """Write a numbered picture for every time in s, in long groups with B-frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "120", "bf": "3"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, TICKS)
        voice = container.add_stream("aac", rate=24000, layout="mono") if sound else None
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = round(time * TICKS), stream.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if voice:
            wave = np.sin(np.arange(round(times[-1] * 24000)) / 10).astype(np.float32)[None] / 4
            frame = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
            frame.sample_rate = 24000
            container.mux(voice.encode(frame))
            container.mux(voice.encode())
    return path


STEPS = [1 / 24, 1 / 30, 1 / 30, 0.3, 1 / 60, 1 / 60, 1 / 24] * 24
CLIPS = {
    "constant": (np.arange(600) / 30, True),
    "variable": (1.5 + np.concatenate([[0.0], np.cumsum(STEPS)]), False),
}


CELL = """
import pandas as pd
from emolib.annotator import Annotator
people = (("anna", 40), ("bert", 400))
rows = [(name, frame, x + frame % 50) for name, x in people for frame in range(300)]
faces = pd.DataFrame(rows, columns=["track", "frame", "x"])
faces = faces.assign(video="numbered", y=80.0, w=90.0, h=120.0, status="auto", confidence=1.0)
faces = faces.assign(person=faces["track"], time=faces["frame"] / 30)
annotator = Annotator({path!r}, rater="carla", faces=faces)
annotator
"""

SCRUB = """async (slider, frames) => {
  for (const frame of frames) {
    slider.value = frame;
    slider.dispatchEvent(new Event('input'));
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}"""

BOXES = """(all) => all.map(
  ({ style }) => [style.left, style.top, style.width, style.height])"""

SLOW = """
import time
quickly = annotator._frames.jpegs
def jpegs(frames, *rest):
    time.sleep(0.08 * len(frames))
    return quickly(frames, *rest)
annotator._frames.jpegs = jpegs
"""


class Shown:
    """What the page shows, and what it should."""

    def __init__(self, page, widget, pictures):
        self.page, self.widget, self.pictures = page, widget, pictures
        self.wait(0)
        widget.evaluate(WATCH)
        widget.focus()

    def wait(self, frame):
        self.widget.locator(f"[data-frame='{frame}']").wait_for()

    def require(self, frame):
        """Require a frame to be shown, and named."""
        self.wait(frame)
        self.require_agreement(*self.widget.evaluate(READ))

    def require_agreement(self, picture, frame, text):
        assert picture == self.pictures[frame], text
        minutes, seconds = divmod(frame / 30, 60)
        assert text.startswith(f"Frame {frame} of {len(self.pictures) - 1} · ")
        assert f" {minutes:.0f}:{seconds:06.3f} of " in text

    def looks(self):
        """Return the frames that were shown since the last call, all of which agree."""
        looks = self.page.evaluate("window.looks.splice(0)")
        for look in looks:
            self.require_agreement(*look)
        return [frame for _, frame, _ in looks]

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def scrub(self, *frames):
        self.widget.locator("input.position").evaluate(SCRUB, [int(frame) for frame in frames])

    def play(self, *keys):
        self.press(*keys, "Space")
        self.widget.locator(".play[aria-pressed=true]").wait_for()

    def require_pause(self):
        self.widget.locator(".play[aria-pressed=false]").wait_for()


@pytest.fixture
def shown(open_notebook, tmp_path):
    """Return a function that opens a clip of a rhythm."""

    def open_clip(rhythm):
        path = write(tmp_path / "numbered.mp4", *CLIPS[rhythm])
        pictures = [number_of(frame.image) for frame in read_frames(path)]
        assert len(set(pictures)) > 100
        page, widget = open_notebook([CELL.replace("{path!r}", repr(str(path)))])
        return Shown(page, widget, pictures)

    return open_clip


@pytest.mark.parametrize("rhythm", list(CLIPS))
def test_frame_shown_is_the_frame_named(shown, rhythm):
    shown = shown(rhythm)
    last = len(shown.pictures) - 1

    shown.press(*["ArrowRight"] * 25)
    shown.require(25)
    shown.press(*["ArrowLeft"] * 7)
    shown.require(18)
    shown.press("Shift+ArrowRight")
    shown.require(48)
    shown.press("End")
    shown.require(last)
    shown.press(*["ArrowLeft"] * 20, "Shift+ArrowLeft")
    shown.require(last - 50)
    shown.press("Home")
    shown.require(0)
    assert {0, 18, 25, 48, last - 50, last} <= set(shown.looks())

    for frame in np.random.default_rng(5).integers(0, last, 12):
        shown.scrub(frame)
        shown.require(frame)
    shown.looks()
    shown.scrub(*range(0, last, 7), last - 33)  # faster than pictures come
    shown.require(last - 33)
    shown.looks()

    shown.scrub(40)
    shown.require(40)
    shown.looks()
    shown.play()
    shown.page.wait_for_function("window.looks.some((look) => look[1] > 90)")
    shown.press("Space")
    shown.require_pause()
    played = shown.looks()
    shown.require(played[-1])
    assert played == sorted(set(played))
    if rhythm == "variable":  # it has no sound: the clock waits for the picture, and all are shown
        assert played == list(range(41, played[-1] + 1))

    shown.scrub(last - 20)
    shown.require(last - 20)
    shown.play(".", ".")
    assert shown.widget.locator(".speed").inner_text() == "2×"
    shown.require(last)
    shown.require_pause()
    shown.looks()


def test_faces_are_where_they_were_found_and_slow_kernels_are_told_of(shown, lab):
    shown = shown("variable")
    face = shown.widget.locator(".face")
    assert face.evaluate_all("(all) => all.map((one) => one.dataset.track)") == ["anna", "bert"]
    shown.scrub(130)
    shown.require(130)
    boxes = [[float(side.rstrip("%")) for side in sides] for sides in face.evaluate_all(BOXES)]
    for box, x in zip(boxes, (70, 430), strict=True):
        expected = [x / 6.4, 80 / 3.6, 90 / 6.4, 120 / 3.6]
        assert box == pytest.approx(expected, abs=0.01)
    assert face.nth(0).get_attribute("aria-pressed") == "true"
    face.nth(1).click()
    assert face.nth(1).get_attribute("aria-pressed") == "true"
    assert face.nth(0).get_attribute("aria-pressed") == "false"
    shown.press("b")
    assert not face.nth(0).is_visible()
    shown.press("b")
    assert face.nth(0).is_visible()
    shown.scrub(320)
    shown.require(320)
    assert not face.nth(0).is_visible()  # there the table has none

    lab.ask(shown.page, SLOW)
    shown.looks()
    shown.scrub(20)
    shown.require(20)
    shown.looks()
    shown.play()
    pace = shown.widget.locator(".pace", has_text="frames/s")
    pace.wait_for()
    told = re.fullmatch(r"Shown: (\d+) of 30 frames/s", pace.inner_text())
    assert int(told[1]) < 20  # each takes 80 ms
    shown.press("Space")
    shown.require_pause()
    played = shown.looks()
    assert played == list(range(21, played[-1] + 1))
