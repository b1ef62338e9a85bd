"""The seven emotion categories in their one order, their colours, and the valence-arousal range.

Everything that orders, counts, colours or one-hot encodes emotions reads this module, so that a
confusion matrix, a softmax output and a legend can never disagree.
"""

EMOTIONS = ("neutral", "happiness", "sadness", "anger", "fear", "surprise", "disgust")
"""The categories; the position of a name is its class index in every array and network output."""

DIMENSIONS = ("valence", "arousal")
"""The two affect dimensions, in the order of every two-column array and network output."""

DIMENSION_RANGE = (-1.0, 1.0)
"""Closed range of valence and of arousal after normalisation."""

# The Okabe-Ito palette: distinguishable under the common colour vision deficiencies, and of
# enough contrast on both a white and a near-black page.
COLOURS = {
    "neutral": "#8a8a8a",
    "happiness": "#e69f00",
    "sadness": "#0072b2",
    "anger": "#d55e00",
    "fear": "#cc79a7",
    "surprise": "#56b4e9",
    "disgust": "#009e73",
}

SPLITS = ("train", "validation", "test")
"""The three parts of a corpus, in the order in which tables show them."""


def emotion_index(emotion: str) -> int:
    """Return the class index of an emotion.

    Parameters
    ----------
    emotion : str
        One of `EMOTIONS`.

    Returns
    -------
    int
        Position in `EMOTIONS`, in [0, 6].

    Raises
    ------
    ValueError
        If the name is not one of the seven.

    Examples
    --------
    >>> emotion_index("sadness")
    2
    """
    if emotion not in EMOTIONS:
        raise ValueError(f"unknown emotion {emotion!r}; the seven are {', '.join(EMOTIONS)}")
    return EMOTIONS.index(emotion)
