"""The camera that turns linear light into an 8-bit picture: blur, exposure, gamma and noise."""

from dataclasses import dataclass

import cv2
import numpy as np

_NOISE_MARGIN = 64


@dataclass(frozen=True)
class Camera:
    """Settings that stay the same during a video."""

    blur: float
    """Standard deviation of the focus blur, in pixels."""
    white_balance: np.ndarray
    exposure: float
    gamma: float
    noise: np.ndarray
    """Field of noise, int16, larger than a frame; each frame shows another part of it."""

    def develop(self, frame: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Return an 8-bit BGR picture of a linear BGR frame.

        Parameters
        ----------
        frame : ndarray of float32 (rows, columns, 3)
            Linear light, of the size that `sample_camera` was told.
        generator : numpy.random.Generator
            Draws the flicker and the part of the noise.

        Returns
        -------
        ndarray of uint8 (rows, columns, 3)
        """
        flicker = self.exposure * (1 + 0.02 * float(generator.standard_normal()))
        blurred = cv2.GaussianBlur(frame, (0, 0), self.blur)
        rows, columns = frame.shape[:2]
        lines = blurred.reshape(rows, -1)
        lines *= np.tile((self.white_balance * flicker).astype(np.float32), columns)
        picture = cv2.pow(np.clip(blurred, 0, 1, out=blurred), self.gamma)
        top, left = generator.integers(0, _NOISE_MARGIN, 2).tolist()
        noise = self.noise[top : top + rows, left : left + columns]
        return cv2.add(picture * 255, noise, dtype=cv2.CV_8U)


def sample_camera(generator: np.random.Generator, height: int, width: int) -> Camera:
    """Draw the settings of a camera that takes pictures of `height` by `width` pixels."""
    noise_level = 255 * 0.022 * generator.uniform(0.4, 1.6)
    size = (height + _NOISE_MARGIN, width + _NOISE_MARGIN, 3)
    noise = generator.standard_normal(size, dtype=np.float32)
    return Camera(
        blur=float(generator.uniform(0.3, 1.0)),
        white_balance=generator.uniform(0.92, 1.08, 3),
        exposure=float(generator.uniform(0.75, 1.1)),
        gamma=float(1 / generator.uniform(1.3, 1.8)),
        noise=np.round(noise * noise_level).astype(np.int16),
    )
