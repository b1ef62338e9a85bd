"""What the networks learned: how the two representations relate, and what a network looks at.

Every method is a function that takes arrays or a model and a seed, and returns a documented
result; a chapter draws it.
"""
