"""A person annotates a clip in JupyterLab, and everything is on the disk as it was done."""

import hashlib
import os
import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from emolib.annotator.session import read_state
from emolib.annotator.widget import Annotator
from emolib.data.annotations import read_annotations
from emolib.data.video import STREAM_RATE
from tests.browser.lab import TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "book" / "_static"
UPDATE = os.environ.get("EMOLIB_UPDATE_PICTURES")

OPEN = """
import pandas as pd
from emolib.annotator import Annotator
Annotator("{video}", rater="ann", faces=pd.read_parquet("{faces}"))
"""

# What a rater sees at the moment of a key, whatever the page makes of it afterwards.
WATCH_KEYS = """(root) => {
  window.keys = [];
  for (const type of ['keydown', 'keyup']) {
    root.addEventListener(type, (event) => {
      if (event.repeat) return;
      window.keys.push([type, event.key, Number(root.querySelector('.player').dataset.frame)]);
    }, true);
  }
}"""


class Rater:
    """Somebody in front of the tool."""

    def __init__(self, page, widget):
        self.page, self.widget = page, widget
        widget.focus()
        page.wait_for_function(
            "() => document.querySelector('.emolib-annotator .player')?.dataset.frame !== undefined"
        )
        widget.evaluate(WATCH_KEYS)

    @property
    def frame(self) -> int:
        return int(self.widget.locator(".player").get_attribute("data-frame"))

    @property
    def keys(self) -> list:
        return self.page.evaluate("() => window.keys")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_timeout(150)

    def step_to(self, frame: int) -> None:
        """Go to a frame by the keys that a rater has."""
        self.press("Home")
        self.wait_for(0)
        seconds, frames = divmod(frame, round(STREAM_RATE))
        for key, count in (("Shift+ArrowRight", seconds), ("ArrowRight", frames)):
            for _ in range(count):
                before = self.frame
                self.page.keyboard.press(key)
                self.page.wait_for_function(
                    "before => Number(document.querySelector('.player').dataset.frame) > before",
                    arg=before,
                )
        assert self.frame == frame

    def wait_for(self, frame: int) -> None:
        self.page.wait_for_function(
            f"() => Number(document.querySelector('.player').dataset.frame) >= {frame}",
            timeout=60_000,
        )

    def watch(self, frames: int) -> None:
        """Watch the video to its end, and say so."""
        self.press("Home", "Space")
        self.wait_for(frames - 1)
        self.page.wait_for_timeout(300)
        self.press("Shift+F")
        anyway = self.widget.get_by_role("dialog").get_by_role("button", name="Mark as watched")
        if anyway.count():  # a busy machine showed too few of the frames
            anyway.click()
        self.widget.get_by_text("Finish marking").wait_for()


@pytest.fixture(scope="module")
def corpus(lab, smoke):
    """Return a corpus of one simulated video of two people, and a table of their faces."""
    faces = pd.read_parquet(smoke / "faces.parquet")
    tracks = faces.groupby("video")["track"].nunique()
    video = tracks.idxmax()
    folder = lab.folder / "corpus"
    (folder / "videos").mkdir(parents=True)
    path = next((smoke / "corpus" / "videos").glob(f"{video}.*"))
    shutil.copy(path, folder / "videos")
    faces[faces["video"] == video].to_parquet(lab.folder / "faces.parquet")
    return folder


@pytest.fixture
def sit_down(lab, corpus):
    """Return a function that opens the tool on the video, in the window of a small laptop."""
    video = next((corpus / "videos").iterdir())
    cell = OPEN.format(video=video, faces=lab.folder / "faces.parquet")

    def open_tool():
        page, widget = lab.open_notebook([cell])
        return Rater(page, widget)

    yield open_tool
    lab.close_pages()
    assert lab.trouble == []


def frames_of(corpus) -> int:
    video = next((corpus / "videos").iterdir())
    tool = Annotator(video, rater="counts", corpus=corpus.parent / "elsewhere")
    frames = tool.video["frames"]
    tool.close()
    return frames


def state_of(corpus):
    video = next((corpus / "videos").iterdir())
    return read_state(corpus, video.stem, "ann", 10**6)[0]


def spans(corpus) -> list:
    """Return the intervals as the pipeline reads them, in frames."""
    table = read_annotations(corpus)[1].sort_values(["start", "track"])
    edges = (table[["start", "end"]] * STREAM_RATE).round(6)
    assert (edges == edges.round()).all(axis=None)
    return list(zip(edges["start"].astype(int), edges["end"].astype(int), table["emotion"]))


def test_a_clip_is_annotated_by_hand_and_is_there_after_a_reload(lab, corpus, sit_down):
    frames = frames_of(corpus)
    rater = sit_down()
    rater.watch(frames)

    # Hold a key while it plays: the interval is what was on the screen meanwhile.
    rater.press("Home")
    rater.wait_for(0)
    rater.page.keyboard.press("Space")
    rater.wait_for(15)
    rater.page.keyboard.down("2")
    rater.wait_for(45)
    rater.page.keyboard.up("2")
    rater.wait_for(50)
    rater.press("Space")
    held = [(kind, frame) for kind, key, frame in rater.keys if key == "2"]
    (_, first), (_, last) = held[0], held[-1]
    expected = [(first, last + 1, "happiness")]
    assert 15 <= first < 40 and last >= 45
    wait_until(lambda: spans(corpus) == expected, lambda: (spans(corpus), expected))

    # Mark in and out, frame by frame.
    rater.step_to(100)
    rater.press("i")
    for _ in range(5):
        rater.press("ArrowRight")
    assert rater.frame == 105
    rater.press("o", "4")
    expected.append((100, 106, "anger"))
    wait_until(lambda: spans(corpus) == expected, lambda: (spans(corpus), expected))

    # Drag the end of it to the right; the picture shows where it goes.
    canvas = rater.widget.locator(".lanes canvas").first
    box = canvas.bounding_box()
    lane = rater.widget.evaluate("() => 1")
    assert lane == 1
    rater.press("f")
    y = box["y"] + box["height"] * lane_share(rater)
    x = [box["x"] + box["width"] * frame / frames for frame in (106, 130)]
    rater.page.mouse.move(x[0], y)
    rater.page.mouse.down()
    rater.page.mouse.move(x[1], y, steps=5)
    rater.page.wait_for_timeout(300)
    shown = rater.frame
    rater.page.mouse.up()
    assert abs(shown + 1 - 130) <= 2
    expected[1] = (100, shown + 1, "anger")
    wait_until(lambda: spans(corpus) == expected, lambda: (spans(corpus), expected))

    # Undo, undo, redo.
    rater.press("Control+z", "Control+z")
    wait_until(lambda: spans(corpus) == expected[:1], lambda: spans(corpus))
    rater.press("Control+Shift+z")
    wait_until(lambda: spans(corpus) == [expected[0], (100, 106, "anger")], lambda: spans(corpus))

    take_picture(rater, "annotator-categories")

    # Valence and arousal by the mouse.
    rater.press("t", "Home")
    pad = rater.widget.locator("canvas.plane")
    box = pad.bounding_box()
    rater.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    rater.page.keyboard.press("Enter")
    begin = time.monotonic()
    while time.monotonic() - begin < 2.5:
        angle = 2 * (time.monotonic() - begin)
        right, up = 0.3 * np.sin(angle), 0.3 * np.cos(angle)
        rater.page.mouse.move(
            box["x"] + box["width"] * (0.5 + right), box["y"] + box["height"] * (0.5 - up)
        )
        rater.page.wait_for_timeout(30)
    rater.page.keyboard.press("Enter")
    rater.page.wait_for_timeout(600)
    take_picture(rater, "annotator-dimensions")
    wait_until(lambda: len(read_annotations(corpus)[0]) > 20, lambda: read_annotations(corpus)[0])
    table = read_annotations(corpus)[0]
    assert (table["time"].diff().dropna() > 0).all()
    assert table["time"].min() < 0.3 and table["time"].max() > 0.7
    radius = np.hypot(table["valence"], table["arousal"])[len(table) // 2 :]
    assert radius.between(0.3, 1.0).all() and np.ptp(table["valence"]) > 0.3
    assert [track["name"] for track in [{"name": table["track"].iloc[0]}]]

    # Reload: everything is there.
    before = state_of(corpus)
    rater.page.reload()
    lab.close_pages()
    again = sit_down()
    options = again.widget.get_by_role("option")
    again.press("f")
    wait_until(lambda: options.count() == 2, options.all_inner_texts)
    assert "happiness" in options.first.inner_text()
    assert state_of(corpus).intervals == before.intervals
    again.press("Control+z")  # what was done before the reload
    wait_until(lambda: not state_of(corpus).traces, lambda: state_of(corpus).traces.keys())
    again.press("Control+Shift+z")


def lane_share(rater) -> float:
    """Return where in the canvas of the lanes the middle of the selected lane is."""
    count = rater.widget.evaluate(
        "(root) => root.querySelectorAll('.lanes [data-track], .lane-name').length || 1"
    )
    return 0.5 / max(count, 1)


def wait_until(condition, found, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, found()
        time.sleep(0.1)


def recording(rater) -> None:
    """Begin to record, with the mouse at rest."""
    rater.press("t", "Home")
    rater.wait_for(0)
    rater.widget.locator("canvas.plane").hover()
    rater.page.keyboard.press("Enter")
    rater.wait_for(60)


def last_time(corpus) -> float:
    """Return until when a recording is on the disk, in s."""
    state = state_of(corpus)
    return max((trace.stretches[-1][1] for trace in state.traces.values()), default=0.0)


def test_a_killed_kernel_costs_a_second_at_most(lab, corpus, sit_down):
    rater = sit_down()
    if state_of(corpus).stage == "watch":
        rater.watch(frames_of(corpus))
    pid = int(lab.ask(rater.page, "import os; print(os.getpid())"))
    recording(rater)
    shown = rater.frame / STREAM_RATE
    os.kill(pid, signal.SIGKILL)
    assert last_time(corpus) >= shown - 1.0
    again = sit_down()
    assert again.frame == 0
    assert last_time(corpus) >= shown - 1.0
    wait_until(
        lambda: read_annotations(corpus)[0]["time"].max() >= shown - 1.0,
        lambda: read_annotations(corpus)[0]["time"].max(),
    )


def test_a_killed_browser_costs_a_second_at_most(lab, corpus, sit_down, browser, tmp_path):
    from playwright.sync_api import Error

    if state_of(corpus).stage == "watch":
        sit_down().watch(frames_of(corpus))
        lab.close_pages()
    own = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=lab.chromium,
        args=lab.switches,
        viewport={"width": 1366, "height": 768},
    )
    page, widget = lab.open_notebook([sit_down.__closure__ and cell_of(lab, corpus)], context=own)
    rater = Rater(page, widget)
    recording(rater)
    shown = rater.frame / STREAM_RATE
    for process in processes_with(str(tmp_path / "profile")):
        os.kill(process, signal.SIGKILL)
    try:
        own.close()
    except Error:
        pass
    assert last_time(corpus) >= shown - 1.0
    again = sit_down()
    assert again.widget.is_visible()


def cell_of(lab, corpus) -> str:
    video = next((corpus / "videos").iterdir())
    return OPEN.format(video=video, faces=lab.folder / "faces.parquet")


def processes_with(text: str) -> list[int]:
    """Return the processes whose command holds a text."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if text in command:
                found.append(int(folder.name))
    return found


def fingerprint() -> str:
    """Return what the pictures show: the page's own files."""
    return hashlib.sha256((Annotator._esm + Annotator._css).encode()).hexdigest()[:16]


def take_picture(rater, name: str) -> None:
    """Take the picture of the book, or compare it with what is seen now.

    Machines draw letters differently, so that a small likeness is asked for; but a picture of
    another version of the page is stale, however alike.
    """
    path = PICTURES / f"{name}.png"
    shot = rater.widget.screenshot()
    if UPDATE:
        path.write_bytes(shot)
        (PICTURES / "annotator.txt").write_text(fingerprint() + "\n")
    remedy = "look at the page, then run the test with EMOLIB_UPDATE_PICTURES=1"
    assert (PICTURES / "annotator.txt").read_text().strip() == fingerprint(), remedy
    now = path.with_name(f".{name}.now.png")
    now.write_bytes(shot)
    images = [Image.open(file).convert("L").resize((64, 40)) for file in (path, now)]
    first, second = (np.asarray(image, float).ravel() for image in images)
    now.unlink()
    assert np.corrcoef(first, second)[0, 1] > 0.8, remedy
    assert re.fullmatch(r"[0-9a-f]{16}", fingerprint()) and TOKEN
