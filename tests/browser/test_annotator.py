"""A person annotates a clip in JupyterLab, and everything is on the disk as it was done."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error

from emolib import pipeline
from emolib.annotator.session import read_state
from emolib.annotator.widget import Annotator
from emolib.config import load_config
from emolib.data.annotations import read_annotations
from emolib.data.faces import extract_faces
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.workspace import Workspace
from workflow.scripts.chromium import SWITCHES, find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "book" / "_static"
UPDATE = "EMOLIB_UPDATE_PICTURES"
VIDEO = "video02"  # of two people
FRAMES = 180
SIMULATED = "corpus: {kind: simulated, n_videos: 3, n_pairs: 1, duration: 6}"

CELL = f"""
import pandas as pd
from emolib.annotator import Annotator
Annotator("corpus/videos/{VIDEO}.mp4", rater="ann", faces=pd.read_parquet("faces.parquet"))
"""

# What a rater sees at the moment of a key, whatever the page makes of it afterwards.
NOTE_KEYS = """(root) => {
  window.keys = [];
  for (const type of ['keydown', 'keyup']) {
    root.addEventListener(type, ({ key, repeat }) => {
      const { frame } = root.querySelector('.player').dataset;
      if (!repeat) window.keys.push([type, key, Number(frame)]);
    }, true);
  }
}"""
SHOWN = "document.querySelector('.emolib-annotator .player')?.dataset.frame"


class Rater:
    """Somebody in front of the tool."""

    def __init__(self, page, tool):
        self.page, self.tool = page, tool
        page.wait_for_function(f"() => {SHOWN} !== undefined")
        tool.evaluate(NOTE_KEYS)
        tool.focus()

    @property
    def frame(self) -> int:
        return int(self.tool.locator(".player").get_attribute("data-frame"))

    @property
    def intervals(self):
        """What a screen reader finds in the selected lane."""
        return self.tool.locator("[role=listbox] [role=option]")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(100)

    def wait_for(self, frame: int) -> None:
        self.page.wait_for_function(f"() => Number({SHOWN}) >= {frame}", timeout=60_000)

    def go_to(self, frame: int) -> None:
        """Go to a frame by the keys for a second and for a frame."""
        self.page.keyboard.press("Home")
        self.page.wait_for_function(f"() => Number({SHOWN}) === 0")
        seconds, frames = divmod(frame, round(STREAM_RATE))
        for key in ["Shift+ArrowRight"] * seconds + ["ArrowRight"] * frames:
            before = self.frame
            self.page.keyboard.press(key)
            self.page.wait_for_function(f"() => Number({SHOWN}) > {before}")
        assert self.frame == frame

    def watch(self) -> None:
        """Watch the video to its end, and say so; nothing happens if that was done before."""
        if not self.tool.get_by_role("button", name="Mark as watched").count():
            return
        self.press("Space")
        self.wait_for(FRAMES - 1)
        self.page.wait_for_timeout(300)
        self.press("Shift+F")
        anyway = self.tool.get_by_role("dialog").get_by_role("button", name="Mark as watched")
        if anyway.count():  # a busy machine has shown too few of the frames
            anyway.click()
        self.tool.get_by_role("button", name="Finish marking").wait_for()

    def place(self, frame: int, track: int) -> tuple[float, float]:
        """Return where a frame begins in a lane, when the timeline shows the whole video."""
        box = self.tool.locator(".lanes canvas").bounding_box()
        return box["x"] + box["width"] * frame / FRAMES, box["y"] + box["height"] * (
            0.25 + 0.5 * track
        )

    def circle(self, seconds: float) -> None:
        """Move the mouse in a circle about the middle of the pad."""
        box = self.tool.locator("canvas.plane").bounding_box()
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            right, up = 0.25 * np.sin(3 * passed), 0.25 * np.cos(3 * passed)
            self.page.mouse.move(
                box["x"] + box["width"] * (0.5 + right), box["y"] + box["height"] * (0.5 - up)
            )
            self.page.wait_for_timeout(20)


@pytest.fixture(scope="module")
def corpus(lab, tmp_path_factory):
    """Return a folder that holds one simulated video; beside it lies a table of its faces."""
    folder = tmp_path_factory.mktemp("simulated")
    (folder / "simulated.yaml").write_text(SIMULATED)
    workspace = Workspace(load_config(folder / "simulated.yaml"), folder)
    pipeline.simulate(workspace, jobs=1)
    corpus = lab.folder / "corpus"
    (corpus / "videos").mkdir(parents=True)
    video = corpus / "videos" / f"{VIDEO}.mp4"
    shutil.copy(workspace.corpus / "videos" / video.name, video)
    extract_faces(
        video, lab.folder / "faces.parquet", folder, detect_every=3, n_people=2, progress=False
    )
    return corpus


@pytest.fixture
def sit_down(lab, corpus, open_notebook):
    """Return a function that opens the tool on the video, in the window of a small laptop."""
    return lambda: Rater(*open_notebook([CELL]))


def state_of(corpus):
    return read_state(corpus, VIDEO, "ann", FRAMES)[0]


def spans(corpus) -> list[tuple[int, int, str]]:
    """Return the intervals as the pipeline reads them, in frames; all lie on frames."""
    try:
        table = read_annotations(corpus)[1].sort_values("start")
    except InputError:  # there is none yet
        return []
    edges = (table[["start", "end"]] * STREAM_RATE).to_numpy()
    assert np.allclose(edges, edges.round(), atol=1e-9)
    return [
        (int(start), int(end), emotion)
        for (start, end), emotion in zip(edges.round(), table["emotion"], strict=True)
    ]


def wait_until(value, expected, seconds: float = 15) -> None:
    """Wait until a function returns what is expected."""
    deadline = time.monotonic() + seconds
    while (found := value()) != expected:
        assert time.monotonic() < deadline, f"{found} is not {expected}"
        time.sleep(0.1)


def test_a_clip_is_annotated_and_everything_is_there_after_a_reload(corpus, sit_down):
    rater = sit_down()
    rater.watch()
    done = [hold_a_key(rater)]
    wait_until(lambda: spans(corpus), done)
    rater.go_to(130)
    rater.press("i", *["ArrowRight"] * 5, "o", "4")
    done.append((130, 136, "anger"))
    wait_until(lambda: spans(corpus), done)
    done[1] = (130, drag_the_end(rater, 136, 160), "anger")
    wait_until(lambda: spans(corpus), done)
    rater.press("Control+z", "Control+z")
    wait_until(lambda: spans(corpus), done[:1])
    rater.press("Control+Shift+z", "Control+Shift+z")
    wait_until(lambda: spans(corpus), done)
    take_picture(rater, "annotator-categories")

    rater.press("t", "Home")
    rater.page.wait_for_function(f"() => Number({SHOWN}) === 0")
    record(rater, seconds=3)
    take_picture(rater, "annotator-dimensions")
    rater.page.wait_for_timeout(1500)
    table = read_annotations(corpus)[0]
    assert table["track"].nunique() == 1
    assert len(table) > 20 and (table["time"].diff().dropna() > 0).all()
    radius = np.hypot(table["valence"], table["arousal"])[table["time"] > 0.2]
    assert radius.between(0.5, 0.8).all() and np.ptp(radius) < 0.05
    assert np.ptp(table["valence"]) > 0.5 or np.ptp(table["arousal"]) > 0.5

    before = state_of(corpus)
    rater.page.close()
    again = sit_down()
    words = again.intervals.all_text_contents()
    assert [emotion in text for (*_, emotion), text in zip(done, words, strict=True)] == [True] * 2
    assert state_of(corpus).intervals == before.intervals
    again.press("Control+z")  # what was done before
    wait_until(lambda: len(state_of(corpus).traces), 0)
    again.press("Control+Shift+z")
    wait_until(lambda: len(state_of(corpus).traces), 2)


def hold_a_key(rater) -> tuple[int, int, str]:
    """Mark happiness while the video plays; return what was on the screen meanwhile."""
    rater.press("Home")
    rater.page.wait_for_function(f"() => Number({SHOWN}) === 0")
    rater.page.keyboard.press("Space")
    rater.wait_for(15)
    rater.page.keyboard.down("2")
    rater.wait_for(45)
    rater.page.keyboard.up("2")
    rater.page.keyboard.press("Space")
    down, up = (frame for _, key, frame in rater.page.evaluate("() => window.keys") if key == "2")
    assert 15 <= down < up and up >= 45
    return down, up + 1, "happiness"


def drag_the_end(rater, end: int, to: int) -> int:
    """Drag an edge; return the frame after the one that was shown when it was let go."""
    rater.intervals.nth(1).wait_for(state="attached")  # the page has it too
    rater.press("0")
    mouse, track = rater.page.mouse, 0
    mouse.move(*rater.place(end, track))
    mouse.down()
    mouse.move(*rater.place(to, track), steps=5)
    rater.page.wait_for_function(f"() => Math.abs(Number({SHOWN}) + 1 - {to}) <= 2")
    rater.page.wait_for_timeout(500)
    shown = rater.frame
    mouse.up()
    return shown + 1


def record(rater, seconds: float) -> None:
    """Record valence and arousal with the mouse."""
    rater.circle(0.1)
    rater.page.keyboard.press("Enter")
    rater.circle(seconds)
    rater.page.keyboard.press("Enter")


def test_a_killed_kernel_costs_a_second_at_most(lab, corpus, sit_down):
    rater = sit_down()
    rater.watch()
    kernel = int(lab.ask(rater.page, "import os; print(os.getpid())"))
    shown = record_until(rater, 100)
    os.kill(kernel, signal.SIGKILL)
    assert saved_until(corpus) >= shown - 1.0
    rater.page.close()
    sit_down()  # writes the tables that the killed kernel had not written
    assert read_annotations(corpus)[0]["time"].max() >= shown - 1.0


def test_a_killed_browser_costs_a_second_at_most(lab, corpus, sit_down, browser, tmp_path):
    sit_down().watch()
    other = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=find_chromium(), args=SWITCHES
    )
    rater = Rater(*lab.open_notebook([CELL], context=other))
    shown = record_until(rater, 100)
    for process in processes_with(str(tmp_path / "profile")):
        os.kill(process, signal.SIGKILL)
    with contextlib.suppress(Error):
        other.close()
    assert saved_until(corpus) >= shown - 1.0


def record_until(rater, frame: int) -> float:
    """Record from the beginning until a frame is shown, and go on; return its time in s."""
    rater.press("t")
    rater.page.keyboard.press("Home")
    rater.page.wait_for_function(f"() => Number({SHOWN}) === 0")
    rater.circle(0.1)
    rater.page.keyboard.press("Enter")
    rater.wait_for(frame)
    return rater.frame / STREAM_RATE


def saved_until(corpus) -> float:
    """Return the end of what the last recording left on the disk, in s."""
    lines = (corpus / "annotations" / f"{VIDEO}.ann.journal.jsonl").read_text().splitlines()
    return max(one["end"] for one in map(json.loads, lines[-3:]) if one["do"] == "record")


def processes_with(text: str) -> list[int]:
    """Return the processes whose command holds a text."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it has ended
                continue
            if text in command:
                found.append(int(folder.name))
    return found


def take_picture(rater, name: str) -> None:
    """Compare what is seen with the picture in the book, or take that picture.

    Machines draw letters differently, so that a small likeness is asked for; but a picture of
    another version of the page is stale, however alike.
    """
    shot, known = rater.tool.screenshot(), PICTURES / "annotator.sha256"
    if os.environ.get(UPDATE):
        (PICTURES / f"{name}.png").write_bytes(shot)
        known.write_text(fingerprint() + "\n")
    remedy = f"the page has changed: look at it, then run this test with {UPDATE}=1"
    assert known.read_text().strip() == fingerprint(), remedy
    first, second = (
        np.asarray(Image.open(file).convert("L").resize((64, 40)), float).ravel()
        for file in (PICTURES / f"{name}.png", BytesIO(shot))
    )
    assert np.corrcoef(first, second)[0, 1] > 0.8, remedy


def fingerprint() -> str:
    """Return what the pictures are made by."""
    return hashlib.sha256((Annotator._esm + Annotator._css).encode()).hexdigest()
