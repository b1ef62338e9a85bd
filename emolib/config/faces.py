"""How faces are found in the videos and cut out."""

from pydantic import Field

from emolib.config.section import Section


class Faces(Section):
    """How faces are found and cut out."""

    detector: str = "dlib"  # any menpodetect detector, or ffld2 (T 4.2)
    detect_every: int = Field(1, ge=1)  # detect on every k-th frame, interpolate boxes between
    crop_size: int = Field(72, ge=32)  # pixels, T 4.3
