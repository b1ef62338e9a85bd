"""Run the command line as ``python -m emolib``."""

from emolib.cli import main

main()
