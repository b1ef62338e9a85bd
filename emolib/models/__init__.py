"""Backbones, features, networks, losses and training. Keras is imported here and nowhere below."""
