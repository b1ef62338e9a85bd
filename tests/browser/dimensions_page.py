"""The page of the annotation tool in its dimensional mode: no Jupyter, a clock that tests turn."""

import base64
from pathlib import Path

import numpy as np

from emolib.annotator import widget
from emolib.annotator.operations import Scene
from emolib.annotator.session import Session
from emolib.annotator.state import Trace
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import COLOURS, DIMENSIONS, EMOTIONS

FOLDER = Path(widget.__file__).parent / "widget"
PLAYER = {"player", "transport", "faces"}  # files that only the real player needs
WATCHED = {"do": "review", "kind": "watched", "coverage": 1.0, "seconds": 10.0}
STUB = "const createTransport = () => '';"

# The half of anywidget's model that the page uses; `kernel` is a function of the test. While `deaf`, no
# answer comes; it comes when the kernel hears again.
MODEL = """
class Model extends EventTarget {
  constructor(state) { super(); this.state = state; this.deaf = []; this.isDeaf = false; }
  get(name) { return this.state[name]; }
  on(type, listener) { this.addEventListener(type, (event) => listener(...(event.detail ?? []))); }
  tell(type, ...detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
  show(view) { this.state.view = view; this.tell("change:view"); }
  async send(content) {
    if (this.isDeaf) return this.deaf.push(content);
    const { answer, view, buffers } = await window.kernel(content);
    if (view) this.show(view);
    const bytes = (buffers ?? []).map((one) => new DataView(Uint8Array.from(atob(one), (c) => c.charCodeAt(0)).buffer));
    this.tell("msg:custom", { number: content.number, ...answer }, bytes);
  }
  hear() {
    this.isDeaf = false;
    for (const content of this.deaf.splice(0)) this.send(content);
  }
}
window.open_ = (state) => {
  window.model = new Model(state);
  render({ model: window.model, el: document.body });
  app.setMode("dimensions");
};
Object.assign(window, { Trace, dotPath, estimateLatency, stickPlace, isDue, randomNumbers, TimeScale, gapsBetween, planeOf, letterOf });
"""


class DimensionsPage:
    """An opened page of the tool, and the session that keeps what is done in it.

    Parameters
    ----------
    folder : Path
        An empty folder for the corpus.
    browser : playwright.sync_api.Browser
        Opens the page.
    frames : int
        Length of the video.
    proposed : Trace, optional
        What a run proposes for both dimensions; arousal is its negative.
    watched : bool
        Whether the rater has watched the video already.
    size : (int, int)
        Of the window, px.
    dark : bool
        Whether JupyterLab's theme is dark.
    """

    def __init__(
        self,
        folder: Path,
        browser,
        frames: int = 300,
        proposed: Trace | None = None,
        watched: bool = True,
        size: tuple[int, int] = (1000, 760),
        dark: bool = False,
    ):
        video = folder / "videos" / "clip.mp4"
        video.parent.mkdir(parents=True)
        video.write_bytes(bytes(range(256)))
        traces = {}
        if proposed is not None:
            negative = Trace(proposed.time, -proposed.value, proposed.stretches)
            traces = {("clip", "valence"): proposed, ("clip", "arousal"): negative}
        scene = Scene(frames, {}, traces, "vgg16-combined")
        self.session = Session(video, folder, "ann", scene, {"clip": np.ones(frames, dtype=bool)})
        self.sent: list[dict] = []  # operations, in their order
        self.refusal = ""  # with which records are refused
        self.trouble: list[str] = []
        if watched:
            self.session.do(WATCHED)
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(5000)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", self._note_error)
        self.page.expose_function("kernel", self._answer)
        self.page.set_content(_document(dark))
        self.page.wait_for_function("() => Boolean(window.open_)")
        self.page.evaluate("state => { window.open_(state); }", self._state())
        self.settle()

    def do(self, *operations: dict) -> None:
        """Do operations as another window would, and show what came of them."""
        for operation in operations:
            self.session.do(operation)
        self.page.evaluate("view => { model.show(view); }", self.session.view())
        self.settle()

    def press(self, *keys: str) -> None:
        """Press keys one after the other, with all answers in before the next one."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def run(self, *times: float) -> None:
        """Let the clock go to times (s), with a frame of the page at each."""
        for time in times:
            self.page.evaluate("time => app.player.run(time)", time)

    def point_at(self, valence: float, arousal: float) -> None:
        """Move the mouse to a place of the pad."""
        self.page.mouse.move(*self.place(valence, arousal))

    def place(self, valence: float, arousal: float) -> tuple[float, float]:
        """Return where a place of the pad lies in the window (px)."""
        place = """([valence, arousal]) => {
          const canvas = document.querySelector("canvas.plane");
          const { left, top } = canvas.getBoundingClientRect();
          const plane = planeOf(canvas);
          return [left + plane.x(valence), top + plane.y(arousal)];
        }"""
        return tuple(self.page.evaluate(place, [valence, arousal]))

    def settle(self) -> None:
        """Wait until the kernel has answered and the page is drawn."""
        self.page.evaluate(
            """async () => {
              const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
              await drawn();
              while (app.store.waiting.size && !model.isDeaf) await new Promise((done) => setTimeout(done, 2));
              await drawn();
            }"""
        )

    def records(self) -> list[dict]:
        """Return the pieces of recordings that were sent."""
        return [one for one in self.sent if one["do"] == "record"]

    def trace(self, name: str) -> Trace:
        """Return what is kept of a dimension."""
        return self.session.state.trace("clip", name)

    @property
    def status(self) -> str:
        """Return what the status line says."""
        return self.page.inner_text(".status")

    @property
    def point(self) -> tuple[float, float]:
        """Return where the point is."""
        point = "({ valence, arousal }) => [valence, arousal]"
        return tuple(self.page.evaluate(f"({point})(app.recorder.point)"))

    def close(self) -> None:
        """Close the page and let the files go."""
        self.page.close()
        self.session.close()

    def _state(self) -> dict:
        frames = self.session.scene.frames
        emotions = [
            {"name": name, "key": str(number), "colour": COLOURS[name]}
            for number, name in enumerate(EMOTIONS, start=1)
        ]
        video = {"name": "clip", "frames": frames, "rate": STREAM_RATE, "sound": False}
        video |= {"duration": frames / STREAM_RATE, "width": 640, "height": 360}
        return {"video": video, "view": self.session.view(), "emotions": emotions}

    def _answer(self, content: dict) -> dict:
        kind, track = content["kind"], content.get("track")
        if kind == "faces":
            return {"answer": {"tracks": [], "counts": []}}
        traces = {"trace": self.session.state.traces, "proposed_trace": self.session.scene.traces}
        if kind in traces:
            found = (traces[kind].get((track, name), Trace()) for name in DIMENSIONS)
            buffers = [base64.b64encode(one).decode() for one in widget.trace_buffers(*found)]
            return {"answer": {}, "buffers": buffers}
        if kind != "do":
            return {"answer": {}}
        self.sent.append(content["operation"])
        try:
            if self.refusal and content["operation"]["do"] == "record":
                raise InputError(self.refusal)
            self.session.do(content["operation"])
        except InputError as error:
            return {"answer": {"refused": str(error)}}
        return {"answer": {}, "view": self.session.view()}

    def _note_error(self, message) -> None:
        if message.type == "error":
            self.trouble.append(message.text)


def _document(dark: bool) -> str:
    names = [name for name in widget.SCRIPTS if name not in PLAYER | {"stubs"}]
    scripts = [Path(__file__).with_name("clock_player.js"), *(FOLDER / f"{name}.js" for name in names)]
    source = "\n".join([STUB, *(path.read_text(encoding="utf-8") for path in scripts)])
    source = source.replace("export default { render };", MODEL)
    styles = "\n".join((FOLDER / f"{name}.css").read_text() for name in widget.STYLES)
    return f"""<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} {styles}</style>
<body data-jp-theme-light="{"false" if dark else "true"}"><script type="module">{source}</script>"""
