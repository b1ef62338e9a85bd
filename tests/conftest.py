"""What all tests share: quiet libraries, one thread each, examples without a deadline."""

import os

from hypothesis import settings

# Before anything imports TensorFlow: two test processes share the cores.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

# How long an example takes says more about the machine than about the code.
settings.register_profile("emolib", deadline=None)
settings.load_profile("emolib")
