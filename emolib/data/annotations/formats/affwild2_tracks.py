"""The tracks of Aff-Wild2: their names, their images, and the lists of those of a test set.

A final ``_left`` or ``_right`` tells two people in one video apart, and of two people one may have
the bare name. ``_1`` or ``-1`` is a part of a longer recording, and a video of its own.
"""

from pathlib import Path

from emolib.data.annotations.delimited import read_delimited
from emolib.data.annotations.formats.gathering import Gathering

PEOPLE = ("_left", "_right")


def video_name(track: str) -> str:
    """Return the video that a track was cut from.

    Examples
    --------
    >>> video_name("video10_1_left"), video_name("122-60-1920x1080-4")
    ('video10_1', '122-60-1920x1080-4')
    """
    for person in PEOPLE:
        if track.endswith(person):
            return track.removesuffix(person)
    return track


def read_test_tracks(path: str | Path) -> list[str]:
    """Read the list of tracks of a test set: one name without extension per line.

    Raises
    ------
    InputError
        If a line holds more than a name, or a name is listed twice.
    """
    table = read_delimited(path, "whitespace", ["track"])
    tracks = table.text("track")
    for row, track in enumerate(tracks):
        if track in tracks[:row]:
            raise table.error(row, f"track {track!r} is listed twice")
        if "," in track or track.endswith((".txt", ".mp4", ".avi")):
            raise table.error(row, f"{track!r} is not the name of a track without extension")
    return tracks


def compare_with_crops(gathering: Gathering, path: Path, count: int, folder: Path) -> None:
    """Report images without a row, and rows after the last image; holes in between are usual.

    Parameters
    ----------
    gathering : Gathering
        Takes the reports.
    path : Path
        The file of the track.
    count : int
        How many rows it has; row 1 is image 1.
    folder : Path
        The images of the track, such as ``00001.jpg``.
    """
    numbers = [int(file.stem) for file in folder.glob("*.jpg") if file.stem.isdigit()]
    if not numbers:
        gathering.problems.append(f"{path}: no images such as 00001.jpg in {folder}")
        return
    without_row = sum(number > count for number in numbers)
    if without_row:
        gathering.problems.append(
            f"{path}: {without_row} images in {folder} have no row; there are {count} rows and the "
            f"last image is {max(numbers)}"
        )
    if count > max(numbers):
        gathering.problems.append(
            f"{path}: {count - max(numbers)} of {count} rows come after the last image, "
            f"{max(numbers)}, of {folder}"
        )
