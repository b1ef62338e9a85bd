"""The words that annotation tools use for columns and for emotions, and what they mean here."""

COLUMN_WORDS = {
    "time": ("time", "timestamp", "timestamps", "second", "seconds", "time_s", "time_ms", "t"),
    "valence": ("valence", "v"),
    "arousal": ("arousal", "activation", "a"),
    "start": ("start", "onset", "begin", "start_time", "begin_time", "from"),
    "end": ("end", "offset", "stop", "end_time", "to"),
    "emotion": ("emotion", "category", "label", "expression"),
    "rater": ("rater", "annotator", "user"),
    "pass": ("pass", "round"),
}
"""For every column that is read, the names it goes by in files, in lower case."""

EMOTION_WORDS = {
    "neutral": ("neutral", "neutrality", "calm"),
    "happiness": ("happiness", "happy", "joy", "joyful"),
    "sadness": ("sadness", "sad"),
    "anger": ("anger", "angry"),
    "fear": ("fear", "fearful", "afraid"),
    "surprise": ("surprise", "surprised"),
    "disgust": ("disgust", "disgusted"),
}
"""For every emotion, the words that mean it, in lower case."""

_COLUMNS = {word: name for name, words in COLUMN_WORDS.items() for word in words}
_EMOTIONS = {word: emotion for emotion, words in EMOTION_WORDS.items() for word in words}


def column_name(word: str) -> str | None:
    """Return the column that a name in a file means, or None for one that is not read.

    Examples
    --------
    >>> column_name(" Onset "), column_name("liking")
    ('start', None)
    """
    return _COLUMNS.get(word.strip().lower())


def emotion_name(word: str) -> str | None:
    """Return the emotion that a word means, or None for what is none of the seven.

    Contempt, "other" and the like are never counted as neutral.

    Examples
    --------
    >>> emotion_name("HAPPY"), emotion_name("contempt")
    ('happiness', None)
    """
    return _EMOTIONS.get(word.strip().lower())
