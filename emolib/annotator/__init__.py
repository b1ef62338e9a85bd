"""The annotation tool: a notebook widget for categories, valence and arousal of people in video."""
