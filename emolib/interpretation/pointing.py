"""Does a map point where the expression is? Only a simulated corpus knows where that is.

A region is where the face would look another way if its action units were at rest. The share of a
map that lies in it is compared with the region's share of the picture, which is what a map that
knows nothing has on average, and so is how often the map's highest point lies in it (the pointing
game of Zhang et al. 2018).
"""

import cv2
import numpy as np

from emolib.data.crops import crop_face
from emolib.simulation.restage import Restaging

HELD = 0.75
"""Share of all change that the region holds."""

VISIBLE = 8
"""Grey levels by which the most changed pixel must differ for the face to show anything."""


def moved_region(
    restaging: Restaging, track: str, time: float, box: tuple[float, ...], size: int
) -> np.ndarray | None:
    """Return which pixels of a crop the action units change.

    Parameters
    ----------
    restaging : Restaging
        The simulated corpus.
    track : str
        Whose face.
    time : float
        Seconds from the start of the video.
    box : tuple of float
        x, y, w, h in px, from which the crop was cut.
    size : int
        Side of the crop in px.

    Returns
    -------
    ndarray of bool (size, size) or None
        None where the action units do next to nothing.
    """
    crops = [crop_face(picture, box, size) for picture in restaging.pictures(track, time)]
    return region_of_change(*crops)


def region_of_change(first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    """Return the smallest region that holds three quarters of what differs, or None.

    Differences are spread over a few pixels first, so that both edges of a lip that has moved
    belong to one region.

    Parameters
    ----------
    first, second : ndarray of uint8 (size, size, 3)

    Returns
    -------
    ndarray of bool (size, size) or None
        None where the two look the same.
    """
    change = np.abs(first.astype(np.float32) - second).mean(axis=-1)
    change = cv2.GaussianBlur(change, (0, 0), len(change) / 48, borderType=cv2.BORDER_REFLECT)
    if change.max() < VISIBLE:
        return None
    order = np.argsort(-change, axis=None, kind="stable")
    held = np.cumsum(change.ravel()[order])
    region = np.zeros(change.size, bool)
    region[order[: int(np.searchsorted(held, HELD * held[-1])) + 1]] = True
    return region.reshape(change.shape)


def mass_share(importance: np.ndarray, region: np.ndarray) -> float:
    """Return the share of a map, without its signs, that lies in a region; NaN of an empty map."""
    magnitude = np.abs(importance)
    total = magnitude.sum(dtype=float)
    return float(magnitude[region].sum(dtype=float) / total) if total > 0 else np.nan


def points_into(importance: np.ndarray, region: np.ndarray) -> float:
    """Return 1 if a map is highest within a region, 0 if elsewhere, and NaN of an empty map."""
    magnitude = np.abs(importance)
    return float(region.flat[magnitude.argmax()]) if magnitude.max() > 0 else np.nan


def centre_map(size: int) -> np.ndarray:
    """Return a blob in the middle of the picture, (size, size), where crops have their faces."""
    across = (np.arange(size) - (size - 1) / 2) / (size / 4)
    line = np.exp(-0.5 * across**2)
    return np.outer(line, line).astype(np.float32)


def edge_map(face: np.ndarray) -> np.ndarray:
    """Return how steep the picture is at each pixel, (size, size), which looks like a map."""
    grey = np.asarray(face, np.float32).mean(axis=-1)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
