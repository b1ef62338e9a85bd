"""The page of the annotation tool alone, in its dimensional mode, with a clock that tests turn."""

import base64

from emolib.annotator.state import Trace
from emolib.annotator.widget import trace_buffers
from emolib.errors import InputError
from emolib.labels import DIMENSIONS
from tests.browser.annotator_page import AnnotatorPage

SCRIPT = """
const open = window.openTool;
window.openTool = (state) => {
  open(state);
  app.setMode("dimensions");
};
Object.assign(window, { Trace, TimeScale, Point, planeOf, letterOf, isDue, drawTrace });
Object.assign(window, { dotPath, randomNumbers, estimateLatency });
"""


class DimensionsPage(AnnotatorPage):
    """A page with the tool in dimensional mode; see `AnnotatorPage`.

    Attributes
    ----------
    refusal : str
        With which recordings are refused, if any.
    """

    player = "clock_player.js"
    replaced = AnnotatorPage.replaced | {"faces", "transport"}
    script = SCRIPT

    def __init__(self, browser):
        self.refusal = ""
        super().__init__(browser)

    def start(self, *arguments, size=(1000, 720), **settings) -> "DimensionsPage":
        """Open the tool on a video that nobody has rated; see `AnnotatorPage.start`."""
        self.refusal = ""
        super().start(*arguments, size=size, **settings)
        self.page.mouse.move(1, 1)
        self.settle()
        return self

    def do(self, *operations: dict) -> None:
        """Do operations as another window would, and wait until the page shows them."""
        super().do(*operations)
        self.settle()

    def seek(self, frame: int) -> None:
        """Show a frame."""
        super().seek(frame)
        self.settle()

    def run(self, *times: float) -> None:
        """Let the clock go to times (s), with a frame of the page at each."""
        for time in times:
            self.page.evaluate("time => app.player.run(time)", time)

    def cut(self) -> None:
        """Let the page send a piece of the recording, if it has not yet done so by itself."""
        self.page.evaluate("app.recorder.running && app.recorder.cut()")

    def point_at(self, valence: float, arousal: float) -> None:
        """Move the mouse to a place of the pad."""
        self.page.mouse.move(*self.place(valence, arousal))

    def place(self, valence: float, arousal: float) -> list[float]:
        """Return where a place of the pad lies in the window (px)."""
        place = """([valence, arousal]) => {
          const canvas = document.querySelector("canvas.plane");
          const { left, top } = canvas.getBoundingClientRect();
          const plane = planeOf(canvas);
          return [left + plane.x(valence), top + plane.y(arousal)];
        }"""
        return self.page.evaluate(place, [valence, arousal])

    def records(self) -> list[dict]:
        """Return the pieces of recordings that were sent."""
        return [one for one in self.sent if one["do"] == "record"]

    def trace(self, name: str) -> Trace:
        """Return what is kept of a dimension."""
        return self.session.state.trace("clip", name)

    @property
    def point(self) -> tuple[float, float]:
        """Return where the point is."""
        point = "({ valence, arousal }) => [valence, arousal]"
        return tuple(self.page.evaluate(f"({point})(app.recorder.point)"))

    def _answer(self, content: dict) -> dict:
        kinds = {"trace": self.session.state.traces, "proposed_trace": self.session.scene.traces}
        if content["kind"] in kinds:
            traces = kinds[content["kind"]]
            found = (traces.get((content["track"], name), Trace()) for name in DIMENSIONS)
            buffers = [base64.b64encode(one).decode() for one in trace_buffers(*found)]
            return {"answer": {}, "buffers": buffers}
        if self.refusal and content.get("operation", {}).get("do") == "record":
            return {"answer": {"refused": str(InputError(self.refusal))}}
        return super()._answer(content)
