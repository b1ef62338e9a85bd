"""One module a subject; a new one is found by its name, with nothing to register."""
