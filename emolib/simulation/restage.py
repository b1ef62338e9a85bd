"""Film a moment of a simulated corpus again, with a face at rest in place of the one it showed.

What differs between the two pictures is what the action units of that moment did to the face: the
truth about where its expression can be seen, which nobody has for a real face.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emolib.errors import InputError
from emolib.simulation.plan import Video, plan_corpus
from emolib.simulation.shoot import film_video, place_actors
from emolib.storage import read_json, record_path

_ROUNDING = 1e-3  # s; stamps in a file are rounded to its time base


@dataclass(frozen=True)
class Restaging:
    """A simulated corpus that can be filmed again.

    Attributes
    ----------
    videos : tuple of Video
        Its plan.
    duration, seed, rest
        As `emolib.simulation.corpus.write_corpus` was given them.
    """

    videos: tuple[Video, ...]
    duration: float
    seed: int
    rest: float

    def pictures(self, track: str, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Film a moment twice: as it was, and with all action units of one person at rest.

        Head, gaze, light, camera and noise are the same in both, and those of the video, but for
        flicker, the draw of noise and the losses of its compression.

        Parameters
        ----------
        track : str
            Of the person.
        time : float
            Seconds from the start of the video; the picture shown then is filmed.

        Returns
        -------
        as_it_was, at_rest : ndarray of uint8 (height, width, 3)
            RGB.

        Raises
        ------
        InputError
            If the corpus has no such track, or its videos are shorter.
        """
        video, place = self._find(track)
        times = np.arange(int(self.duration * video.frame_rate)) / float(video.frame_rate)
        if not 0 <= time < self.duration:
            raise InputError(f"{track}: {time} s is not within its {self.duration} s")
        shown = int(np.searchsorted(times, time + _ROUNDING, side="right")) - 1
        # The last time, too, since the shake of the camera is drawn up to there.
        times = times[[shown, -1]]
        actors = place_actors(video, self.duration, self.seed, self.rest, times)
        relaxed = list(actors)
        movement = actors[place].movement
        at_rest = replace(movement, action_units=np.zeros_like(movement.action_units))
        relaxed[place] = replace(actors[place], movement=at_rest)
        first, second = (next(film_video(video, x, self.seed, times)) for x in (actors, relaxed))
        return first[..., ::-1], second[..., ::-1]

    def _find(self, track: str) -> tuple[Video, int]:
        for video in self.videos:
            for place, role in enumerate(video.roles):
                if role.track == track:
                    return video, place
        raise InputError(f"the simulated corpus has no track {track!r}")


def open_restaging(folder: str | Path) -> Restaging:
    """Plan a simulated corpus again, from the record of what it was made from.

    Parameters
    ----------
    folder : str or Path
        Of the corpus, as `emolib.simulation.corpus.write_corpus` wrote it.

    Raises
    ------
    InputError
        If the folder holds no simulated corpus.
    """
    record = record_path(Path(folder) / "README.md")
    if not record.is_file():
        raise InputError(f"{folder}: holds no simulated corpus, so there is nothing to film again")
    made = read_json(record)
    videos, _ = plan_corpus(
        made["n_videos"], made["n_pairs"], made["duration"], made["seed"], made["emotions"]
    )
    return Restaging(tuple(videos), made["duration"], made["seed"], made["rest"])
