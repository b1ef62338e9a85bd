"""What depends on the machine and on Keras's backend: a GPU, bfloat16 units, determinism.

The networks and losses know no backend; this is the only module of `emolib.models` that does.
"""

from pathlib import Path

import keras

from emolib.errors import InputError

_CPU_DESCRIPTION = Path("/proc/cpuinfo")
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}
_FIRST_GPU_GENERATION_WITH_BFLOAT16 = 8  # CUDA compute capability, major number


def resolve_precision(precision: str) -> str:
    """Return ``float32`` or ``bfloat16``, whichever `precision` means on this machine.

    Parameters
    ----------
    precision : str
        ``float32``, ``bfloat16``, or ``auto``: bfloat16 where the processor in use has units for
        it (x86 with AVX512-BF16 or AMX, a GPU of CUDA capability 8 or more), else float32, since
        emulated bfloat16 is slower than float32.

    Raises
    ------
    InputError
        If `precision` is none of the three.
    """
    if precision == "auto":
        return "bfloat16" if _has_bfloat16() else "float32"
    if precision not in ("float32", "bfloat16"):
        raise InputError(f"unknown precision {precision!r}; known are auto, float32, bfloat16")
    return precision


def dtype_policy(precision: str) -> str:
    """Return Keras's dtype policy, ``float32`` or ``mixed_bfloat16``, for a training precision.

    Parameters
    ----------
    precision : str
        Either of them, or ``auto``, which is resolved as by `resolve_precision`.
    """
    if precision != "auto":
        return precision
    return {"float32": "float32", "bfloat16": "mixed_bfloat16"}[resolve_precision("auto")]


def make_deterministic(seed: int) -> None:
    """Seed every generator and choose repeatable operations, for the rest of the process."""
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def device_names() -> list[str]:
    """Return the devices that Keras computes on, such as ``["gpu:0"]`` or ``["cpu:0"]``."""
    if keras.backend.backend() == "torch":  # has no `keras.distribution`
        import torch

        return [f"gpu:{number}" for number in range(torch.cuda.device_count())] or ["cpu:0"]
    return keras.distribution.list_devices()


def has_gpu() -> bool:
    """Return whether Keras computes on a GPU."""
    return any(name.startswith("gpu") for name in device_names())


def _has_bfloat16() -> bool:
    if has_gpu():
        return _gpu_has_bfloat16()
    if not _CPU_DESCRIPTION.exists():
        return False
    return not _BFLOAT16_FLAGS.isdisjoint(_CPU_DESCRIPTION.read_text().split())


def _gpu_has_bfloat16() -> bool:
    if keras.backend.backend() != "tensorflow":
        return True
    import tensorflow

    gpu = tensorflow.config.list_physical_devices("GPU")[0]
    capability = tensorflow.config.experimental.get_device_details(gpu).get("compute_capability")
    return capability is not None and capability[0] >= _FIRST_GPU_GENERATION_WITH_BFLOAT16
