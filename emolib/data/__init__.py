"""Videos, faces, annotations and samples: everything before a network. Never imports Keras."""
