"""Emotion recognition from faces in video: categories, valence and arousal, or both."""

__version__ = "0.1.0"
