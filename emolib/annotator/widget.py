"""The notebook widget: it answers the page, and shows it what the session says.

All that is kept lives in `emolib.annotator.session`; the page, in ``widget/``, only shows it. No
server is needed beside the notebook's own: pictures and sound go through the widget's messages.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from emolib.annotator import exchange
from emolib.annotator.folders import corpus_folder, people_of
from emolib.annotator.frames import FrameReader
from emolib.annotator.importing import import_operations
from emolib.annotator.operations import Scene
from emolib.annotator.proposals import Proposals
from emolib.annotator.session import Session, visible_frames
from emolib.annotator.sound import has_sound, read_sound
from emolib.annotator.state import Interval, Trace
from emolib.annotator.tables import categorical_table, dimensional_table
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import COLOURS, DIMENSIONS, EMOTIONS

_FOLDER = Path(__file__).parent / "widget"

SCRIPTS = (
    *("store", "dom", "commands", "scale", "film", "sound", "player", "faces", "transport"),
    *("app", "status"),
    *("intervals", "selection", "marking", "editing", "proposals", "people", "palette"),
    *("timeline", "ruler", "drawing", "dragging", "dialog", "header", "protocol", "notes", "help"),
    *("trace", "rated", "ticker", "point", "gamepad", "recorder", "latency", "calibration"),
    *("emotions", "plane", "pad", "traces", "main"),
)
"""The files of the page in the order in which they are joined: what is used at once comes first."""

STYLES = ("base", "player", "header", "palette", "timeline", "pad")
"""The style sheets, likewise."""

_BOXES = ["x", "y", "w", "h"]


class Annotator(anywidget.AnyWidget):
    """Annotates the emotions, valence and arousal of the people in one video.

    The last line of a cell shows it. Every change is on the disk before the page shows it, so
    there is nothing to save; run the cell again to go on another day.

    Parameters
    ----------
    video : str or Path
        The video file.
    corpus : str or Path, optional
        The folder that the tables are written into (`emolib.annotator.tables`); else the one whose
        ``videos/`` holds the video, or the video's own folder.
    rater : str
        Who annotates: letters, digits, - and _. Raters do not see each other's work.
    faces : DataFrame, optional
        Faces of the corpus (``faces.parquet`` of a build); their boxes are drawn, and each track
        is a lane. Without them the people are those of ``people.csv``, or one.
    proposals : Proposals, optional
        What a network proposes (`emolib.annotator.proposals.propose`): drawn as ghosts, and never
        written into a table unless the rater takes it.

    Raises
    ------
    InputError
        If the video cannot be read, the folder cannot be written to, or the journal of this video
        and rater is about another file.
    """

    _esm = "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    _css = "\n".join((_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)

    video = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    emotions = traitlets.List().tag(sync=True)

    def __init__(
        self,
        video: str | Path,
        *,
        rater: str,
        corpus: str | Path | None = None,
        faces: pd.DataFrame | None = None,
        proposals: Proposals | None = None,
    ):
        path = Path(video).expanduser()
        self._frames = FrameReader(path)
        self._path, folder = path, corpus_folder(path) if corpus is None else Path(corpus)
        visible = visible_frames(
            faces, path.stem, self._frames.frames, people_of(folder, path.stem)
        )
        self._session = Session(
            path, folder, rater, scene_of(self._frames.frames, proposals), visible
        )
        self._session.problems += self._frames.problems
        self._session.write()  # a window that was killed may have left older tables
        self._faces = None if faces is None else faces[faces["video"] == path.stem]
        super().__init__(
            video={
                "name": path.stem,
                "frames": self._frames.frames,
                "rate": STREAM_RATE,
                "width": self._frames.width,
                "height": self._frames.height,
                "duration": self._frames.frames / STREAM_RATE,
                "sound": has_sound(path),
            },
            view=self._session.view(),
            emotions=[
                {"name": name, "key": str(number), "colour": COLOURS[name]}
                for number, name in enumerate(EMOTIONS, start=1)
            ],
        )
        self.on_msg(lambda _, content, buffers: self._receive(content))

    @property
    def categorical(self) -> pd.DataFrame:
        """The intervals so far (`emolib.annotator.tables.categorical_table`)."""
        return categorical_table(self._session.state, self._session.rater)

    @property
    def dimensional(self) -> pd.DataFrame:
        """Valence and arousal so far (`emolib.annotator.tables.dimensional_table`)."""
        return dimensional_table(self._session.state, self._session.rater)

    def do(self, operation: dict[str, Any]) -> None:
        """Do an operation (`emolib.annotator.operations`) as if the page had asked for it."""
        told = self._session.do(operation)
        self._show(told)

    def import_annotations(self, path: str | Path, **options: Any) -> list[str]:
        """Add annotations that the tool exported, or that were made with other tools.

        They are one step of undo, and say of themselves that they were imported.

        Parameters
        ----------
        path, **options
            As for `emolib.annotator.exchange.import_annotations`; the video is that of the tool.

        Returns
        -------
        list of str
            A sentence for each thing that was left out or changed.

        Raises
        ------
        InputError
            If the file cannot be read, or is about another video.
        """
        duration = self._frames.frames / STREAM_RATE
        found = exchange.import_annotations(path, video=self._path, duration=duration, **options)
        for operation in import_operations(found):
            self._session.do(operation, write=False)
        self._session.write()
        self._show(found.problems)
        return found.problems

    def export(self, folder: str | Path | None = None) -> list[Path]:
        """Write the annotation as CSV, ELAN document and WebVTT; return the files.

        Parameters
        ----------
        folder : str or Path, optional
            Where to; else ``annotations/exports`` of the corpus.

        Raises
        ------
        InputError
            If nothing was annotated yet, or intervals of a person overlap, which ELAN cannot show.
        """
        folder = self._session.corpus / "annotations" / "exports" if folder is None else folder
        tables = self.dimensional, self.categorical
        writers = (exchange.export_csv, exchange.export_webvtt, exchange.export_elan)
        return [path for write in writers for path in write(*tables, self._path, folder)]

    def close(self) -> None:
        """Take the page away, and let go of the files."""
        self._session.close()
        super().close()

    def _receive(self, content: dict[str, Any]) -> None:
        answers: dict[str, Callable[[dict[str, Any]], tuple[dict[str, Any], list[bytes]]]] = {
            "do": self._do,
            "pulse": self._pulse,
            "frames": self._send_frames,
            "sound": self._send_sound,
            "faces": self._send_faces,
            "export": self._export,
            "trace": self._send_trace,
            "proposed_trace": self._send_proposed_trace,
        }
        number = content.get("number")
        try:
            answer, buffers = answers[content["kind"]](content)
        except InputError as error:
            self.send({"number": number, "refused": str(error)})
            return
        self.send({"number": number, **answer}, buffers)

    def _do(self, content):
        self.do(content["operation"])
        return {}, []

    def _pulse(self, content):
        told = self._session.sync()
        self._session.write()
        if told or self.view["revision"] != self._session.revision:
            self._show(told)
        return {}, []

    def _export(self, content):
        return {"files": [str(path) for path in self.export()]}, []

    def _send_frames(self, content):
        wanted, width = [int(frame) for frame in content["frames"]], int(content["width"])
        known = len(self._frames.problems)
        frames, files = self._frames.jpegs(wanted, width, bool(content.get("quick")))
        for problem in self._frames.problems[known:]:
            self._tell(problem)
        return {"frames": frames}, files

    def _send_sound(self, content):
        rate, samples = read_sound(self._path, float(content["start"]), float(content["end"]))
        return {"rate": rate}, [samples.tobytes()]

    def _send_faces(self, content):
        if self._faces is None:
            return {"tracks": [], "counts": []}, []
        rows = corrected(self._faces, self._session.state.corrections.values())
        tracks, counts, buffers = [], [], []
        for track, found in rows.dropna(subset=_BOXES).sort_values("frame").groupby("track"):
            tracks.append(track)
            counts.append(len(found))
            buffers += [
                found["frame"].to_numpy(np.int32).tobytes(),
                found[_BOXES].to_numpy(np.float32).tobytes(),
            ]
        return {"tracks": tracks, "counts": counts}, buffers

    def _send_trace(self, content):
        state, track = self._session.state, content["track"]
        return {}, trace_buffers(*(state.trace(track, name) for name in DIMENSIONS))

    def _send_proposed_trace(self, content):
        traces = self._session.scene.traces
        found = (traces.get((content["track"], name), Trace()) for name in DIMENSIONS)
        return {}, trace_buffers(*found)

    def _show(self, told: list[str]) -> None:
        self.view = self._session.view()
        for text in told:
            self._tell(text)

    def _tell(self, text: str) -> None:
        self.send({"kind": "told", "text": text, "tone": "warning"})


def scene_of(frames: int, proposals: Proposals | None) -> Scene:
    """Return what operations refer to, with proposals cut to the video."""
    if proposals is None:
        return Scene(frames, {}, {})
    intervals, traces = {}, {}
    for row in proposals.intervals.to_dict("records"):
        start, end = (round(row[name] * STREAM_RATE) for name in ("start", "end"))
        if start < min(end, frames):
            end = min(end, frames)
            intervals[row["id"]] = Interval(row["id"], row["track"], start, end, row["emotion"])
    for track, rows in proposals.traces.groupby("track"):
        for name in DIMENSIONS:
            known = rows[rows[name].notna()].sort_values("time")
            if len(known):
                ends = known.groupby("id")["time"].agg(["min", "max"]).sort_values("min")
                stretches = tuple((*pair, "") for pair in ends.to_numpy(float).tolist())
                time, value = known["time"].to_numpy(float), known[name].to_numpy(np.float32)
                traces[track, name] = Trace(time, value, stretches)
    return Scene(frames, intervals, traces, proposals.run)


def corrected(faces: pd.DataFrame, corrections) -> pd.DataFrame:
    """Return faces with those of a correction given to another person, or left out."""
    tracks, kept = faces["track"].to_numpy(object).copy(), np.ones(len(faces), dtype=bool)
    for one in corrections:
        chosen = (faces["track"] == one.track) & faces["frame"].between(one.start, one.end - 1)
        tracks[chosen.to_numpy()] = one.to
        kept &= ~(chosen.to_numpy() & (one.to == ""))
    return faces.assign(track=tracks)[kept]


def trace_buffers(valence: Trace, arousal: Trace) -> list[bytes]:
    """Return times (float64), valence and arousal (float32, NaN where not rated) as bytes."""
    times = np.union1d(valence.time, arousal.time)
    columns = []
    for trace in (valence, arousal):
        values = np.full(len(times), np.nan, np.float32)
        values[np.searchsorted(times, trace.time)] = trace.value
        columns.append(values.tobytes())
    return [times.tobytes(), *columns]
