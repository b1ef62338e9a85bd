"""Judging predictions: metrics, their uncertainty, trivial baselines and the tables of chapters."""
