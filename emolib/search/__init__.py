"""A search for better hyperparameters (thesis 4.5): on validation people, by any number of workers.

`space` says what a trial may try, `trials` what it does, `storage` where it is kept, `workers` how
several share a study, `results` what was found, and `stages` puts them together for a build.
"""

from emolib.search.space import setting_names
from emolib.search.stages import (
    UNPRUNED,
    confirm,
    is_searched,
    study_name,
    try_settings,
    variants,
    write_findings,
)

__all__ = [
    "UNPRUNED",
    "confirm",
    "is_searched",
    "setting_names",
    "study_name",
    "try_settings",
    "variants",
    "write_findings",
]
