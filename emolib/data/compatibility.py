"""Makes menpo 0.11 work with NumPy 2; imported before menpo, wherever menpo is imported.

menpo calls ``numpy.issubclass_`` whenever it converts pixels, a name that NumPy 2 removed.
"""

import numpy as np


def _issubclass(candidate: object, parents: type | tuple[type, ...]) -> bool:
    """Return what NumPy 1 did: False, not an error, for anything that is no class."""
    return isinstance(candidate, type) and issubclass(candidate, parents)


if not hasattr(np, "issubclass_"):
    np.issubclass_ = _issubclass  # noqa: NPY201
