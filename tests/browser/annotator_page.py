"""The page of the annotation tool alone: a real session behind it, no Jupyter, no pictures."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emolib.annotator import widget
from emolib.annotator.operations import Scene
from emolib.annotator.session import Session
from emolib.annotator.state import Interval, Trace
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import COLOURS, EMOTIONS

FOLDER = Path(widget.__file__).parent / "widget"
WATCHED = {"do": "review", "kind": "watched", "coverage": 1.0, "seconds": 10.0}

# The half of anywidget's model that the page uses; `kernel` is a function of the test. While the
# kernel is `deaf` it answers nothing; what was asked then is answered when it hears again.
MODEL = """
class Model extends EventTarget {
  constructor(state) { super(); Object.assign(this, { state, deaf: false, unheard: [] }); }
  get(name) { return this.state[name]; }
  on(type, listener) { this.addEventListener(type, (event) => listener(...(event.detail ?? []))); }
  tell(type, ...detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
  show(view) { this.state.view = view; this.tell("change:view"); }
  async send(content) {
    if (this.deaf) return this.unheard.push(content);
    const { answer, view, buffers = [] } = await window.kernel(content);
    if (view) this.show(view);
    const answered = { number: content.number, ...answer };
    return this.tell("msg:custom", answered, buffers.map((buffer) => this.decode(buffer)));
  }
  decode(buffer) {
    return new DataView(Uint8Array.from(atob(buffer), (letter) => letter.charCodeAt(0)).buffer);
  }
  hear() {
    this.deaf = false;
    for (const content of this.unheard.splice(0)) this.send(content);
  }
}
window.openTool = (state) => {
  window.model = new Model(state);
  window.closeTool?.();
  document.body.replaceChildren();
  window.closeTool = render({ model: window.model, el: document.body });
};
"""


class AnnotatorPage:
    """A page with the tool, and the session that keeps what is done in it.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
        Opens the page.
    """

    player = "stand_in_player.js"
    """What stands in for the player, which is tested with real videos."""
    replaced = frozenset({"film", "sound", "player"})
    """Scripts that it stands in for."""
    script = ""
    """What a test adds to the module of the page."""

    def __init__(self, browser):
        self.session: Session | None = None
        self.sent: list[dict] = []  # operations, in their order
        self.trouble: list[str] = []
        self.page = browser.new_page()
        self.page.set_default_timeout(5000)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", self._note_error)
        self.page.expose_function("kernel", self._answer)
        self.page.set_content(self._document())
        self.page.wait_for_function("() => Boolean(window.openTool)")

    def start(
        self,
        folder: Path,
        frames: int = 300,
        tracks: tuple[str, ...] = ("clip",),
        proposals: tuple[Interval, ...] = (),
        traces: Mapping[tuple[str, str], Trace] | None = None,
        watched: bool = True,
        size: tuple[int, int] = (1000, 620),
        dark: bool = False,
    ) -> "AnnotatorPage":
        """Open the tool on a video that nobody has annotated.

        Parameters
        ----------
        folder : Path
            An empty folder for the corpus.
        frames : int
            Length of the video.
        tracks : sequence of str
            People in it.
        proposals : sequence of Interval
            What a run proposes.
        traces : mapping of (str, str) to Trace, optional
            The same for valence and arousal, by track and dimension.
        watched : bool
            Whether the rater has watched the video already.
        size : (int, int)
            Of the window, px.
        dark : bool
            Whether JupyterLab's theme is dark.
        """
        video = folder / "videos" / "clip.mp4"
        video.parent.mkdir(parents=True)
        video.write_bytes(bytes(range(256)))
        scene = Scene(frames, {one.id: one for one in proposals}, traces or {}, "vgg16-combined")
        visible = {track: np.ones(frames, dtype=bool) for track in tracks}
        self.stop()
        self.session = Session(video, folder, "ann", scene, visible)
        self.sent.clear()
        if watched:
            self.session.do(WATCHED)
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        theme = "light => { document.body.dataset.jpThemeLight = String(light); }"
        self.page.evaluate(theme, not dark)
        self.open()
        self.settle()  # a wheel that turns before anything is painted is lost
        return self

    def stop(self) -> None:
        """Let go of the files of the session."""
        if self.session is not None:
            self.session.close()

    def open(self, **view) -> None:
        """Show the tool, with some of the view in place of the session's."""
        video = {"name": "clip", "frames": self.session.scene.frames, "rate": STREAM_RATE}
        video |= {"width": 640, "height": 360, "sound": False}
        video["duration"] = self.session.scene.frames / STREAM_RATE
        emotions = [
            {"name": name, "key": str(number), "colour": COLOURS[name]}
            for number, name in enumerate(EMOTIONS, start=1)
        ]
        state = {"video": video, "view": self.session.view() | view, "emotions": emotions}
        self.page.evaluate("state => { window.openTool(state); }", state)

    def do(self, *operations: dict) -> None:
        """Do operations as another window would, and show what came of them."""
        for operation in operations:
            self.session.do(operation)
        self.page.evaluate("view => { model.show(view); }", self.session.view())

    def press(self, *keys: str) -> None:
        """Press keys one after the other, with all answers in before the next one."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def hold(self, key: str, frame: int) -> None:
        """Hold a key while the video plays on to a frame."""
        self.page.keyboard.down(key)
        self.advance(frame)
        self.page.keyboard.up(key)
        self.settle()

    def advance(self, frame: int) -> None:
        """Play on to a frame."""
        self.page.evaluate("frame => { app.player.advance(frame); }", frame)

    def seek(self, frame: int) -> None:
        """Show a frame."""
        self.page.evaluate("frame => { app.player.seek(frame); }", frame)

    def settle(self) -> None:
        """Wait until the kernel has answered and the page is drawn."""
        self.page.evaluate(
            """async () => {
              const frame = () => new Promise((done) => requestAnimationFrame(done));
              await frame(); // until then it may not have asked yet
              while (app.store.waiting.size > model.unheard.length) await frame();
              await frame();
              await frame();
            }"""
        )

    def spans(self, track: str = "clip") -> list[tuple[int, int, str]]:
        """Return the intervals of a person: start, end, emotion."""
        kept = (one for one in self.session.state.intervals.values() if one.track == track)
        return sorted((one.start, one.end, one.emotion) for one in kept)

    @property
    def frame(self) -> int:
        """Return the frame shown."""
        return self.page.evaluate("app.player.frame")

    @property
    def status(self) -> str:
        """Return what the status line says."""
        return self.page.inner_text(".status")

    def _answer(self, content: dict) -> dict:
        if content["kind"] == "faces":
            return {"answer": {"tracks": [], "counts": []}}
        if content["kind"] != "do":
            return {"answer": {}}
        self.sent.append(content["operation"])
        try:
            self.session.do(content["operation"])
        except InputError as error:
            return {"answer": {"refused": str(error)}}
        return {"answer": {}, "view": self.session.view()}

    def _note_error(self, message) -> None:
        if message.type == "error":
            self.trouble.append(message.text)

    def _document(self) -> str:
        scripts = [FOLDER / f"{name}.js" for name in widget.SCRIPTS if name not in self.replaced]
        stand_in = Path(__file__).with_name(self.player)
        source = "\n".join(path.read_text() for path in [stand_in, *scripts])
        source = source.replace("export default { render };", MODEL + self.script)
        styles = "\n".join((FOLDER / f"{name}.css").read_text() for name in widget.STYLES)
        return f"""<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} {styles}</style>
<body><script type="module">{source}</script>"""
