"""Speed and memory of emolib, each beside a named peer: ``make bench`` or ``python -m benchmarks``.

A benchmark is a module of `benchmarks.subjects` with a function ``rows(repeats)`` that yields the
rows of the table (`benchmarks.harness.Row`). It first has both sides do the work once and raises
`AssertionError` where their results differ, so a ratio never compares different answers. Then the
sides take turns, so that whatever else the machine does in the meantime slows both alike: ratios
survive a busy machine, seconds do not, and ratios are reported wherever there is a peer.

All of them take about half an hour on two cores with nothing beside them, and a quarter more where
the demo is built, whose trainings are then raced too. ``make bench SHIP=yes`` puts what was
measured into ``emolib/planning/``, where the chapters *Performance* and *Scaling* read it; rows of
benchmarks that were not measured stay.
"""
