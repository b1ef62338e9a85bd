"""Who a simulated person is: proportions, complexion, hair, and a personal way of moving.

All of it is drawn from one generator, so a person is reproduced by a seed. The distributions are
chosen for variety, and describe no population. Lengths are in units of half a face width.
"""

from dataclasses import dataclass

import numpy as np

from emolib.simulation.action_units import ACTION_UNITS, INDEX

_IRISES = ((0.10, 0.16, 0.26), (0.07, 0.10, 0.16), (0.38, 0.28, 0.16), (0.20, 0.28, 0.20))
_HAIRS = (
    (0.02, 0.02, 0.03),
    (0.03, 0.05, 0.08),
    (0.05, 0.09, 0.17),
    (0.14, 0.27, 0.42),
    (0.05, 0.10, 0.26),
    (0.36, 0.37, 0.38),
)
_FAIR_SKIN = np.array([0.60, 0.70, 0.88])
_DARK_SKIN = np.array([0.10, 0.16, 0.28])
_LIP_TINT = np.array([0.62, 0.55, 0.85])
_RESTING_FULLY = (1, 2, 4, 12, 15)
_NEVER_NEGATIVE = (16, 25, 26, 43)


@dataclass(frozen=True)
class Identity:
    """Appearance of a person; colours are linear BGR reflectances."""

    crown: float
    """Height of the skull above the eyes."""
    jaw: float
    """Length of the face below the eyes."""
    jaw_shape: float
    """Exponent of the jaw outline; small is pointed, large is square."""
    eye_u: float
    eye_width: float
    eye_upper: float
    eye_lower: float
    eye_tilt: float
    brow_v: float
    brow_tilt: float
    brow_thickness: float
    nose_width: float
    mouth_v: float
    mouth_width: float
    lip_upper: float
    lip_lower: float
    relief: np.ndarray
    """Factors on the parts of the height map, in the order in which they are added."""
    age: float
    skin: np.ndarray
    lip: np.ndarray
    iris: np.ndarray
    hair: np.ndarray
    hairline: float
    hair_volume: float
    bald: bool
    long_hair: bool
    beard: float
    """Opacity of beard or stubble in [0, 1]; 0 is shaven."""
    glasses: bool
    moles: np.ndarray
    """Positions (u, v) of moles, (n, 2)."""


@dataclass(frozen=True)
class Manner:
    """How strongly a person shows emotions, and the resting face from which they start."""

    gain: float
    resting: np.ndarray
    asymmetry: np.ndarray

    def shown(self, action_units: np.ndarray) -> np.ndarray:
        """Return the intensities that this face shows when it is moved by `action_units`.

        Parameters
        ----------
        action_units : ndarray (..., 17)
            Intensities of an average person with a blank resting face.

        Returns
        -------
        ndarray of float32 (..., 17)
            In [-0.3, 1.25]; jaw, lips apart and lid closure are never negative.
        """
        return limited(self.gain * np.asarray(action_units) + self.resting)


def limited(action_units: np.ndarray) -> np.ndarray:
    """Clip intensities, (..., 17), to what the face can show."""
    lowest = np.full(len(ACTION_UNITS), -0.3, np.float32)
    lowest[[INDEX[unit] for unit in _NEVER_NEGATIVE]] = 0.0
    return np.clip(action_units, lowest, 1.25).astype(np.float32)


def sample_identity(generator: np.random.Generator) -> Identity:
    """Draw the appearance of a person."""

    def near(mean: float, spread: float) -> float:
        return float(mean * (1 + spread * np.clip(generator.standard_normal(), -2, 2)))

    melanin = generator.beta(1.1, 1.5)
    skin = np.exp((1 - melanin) * np.log(_FAIR_SKIN) + melanin * np.log(_DARK_SKIN))
    man = generator.random() < 0.5
    bald = man and generator.random() < 0.24
    bearded = man and generator.random() < 0.6
    hair = np.array(_HAIRS[generator.choice(len(_HAIRS) if melanin < 0.5 else 3)])
    return Identity(
        crown=near(1.42, 0.05),
        jaw=near(1.66, 0.05),
        jaw_shape=near(2.6, 0.15),
        eye_u=near(0.43, 0.05),
        eye_width=near(0.20, 0.08),
        eye_upper=near(0.085, 0.18),
        eye_lower=near(0.055, 0.18),
        eye_tilt=float(-0.06 + 0.08 * np.clip(generator.standard_normal(), -2, 2)),
        brow_v=near(-0.27, 0.10),
        brow_tilt=float(0.035 * np.clip(generator.standard_normal(), -2, 2)),
        brow_thickness=near(0.05, 0.25),
        nose_width=near(1.0, 0.18),
        mouth_v=near(0.98, 0.04),
        mouth_width=near(0.37, 0.10),
        lip_upper=near(0.085, 0.25),
        lip_lower=near(0.115, 0.25),
        relief=1 + 0.3 * np.clip(generator.standard_normal(14), -1.6, 1.6),
        age=float(generator.random()),
        skin=skin * near(1.0, 0.06),
        lip=skin * _LIP_TINT * near(1.0, 0.08),
        iris=np.array(_IRISES[generator.choice(len(_IRISES) if melanin < 0.45 else 2)]),
        hair=hair * near(1.0, 0.15),
        hairline=float(generator.uniform(0.25, 0.7)),
        hair_volume=float(generator.uniform(1.03, 1.16)),
        bald=bool(bald),
        long_hair=bool(generator.random() < (0.1 if man else 0.75)) and not bald,
        beard=float(generator.uniform(0.2, 0.9)) if bearded else 0.0,
        glasses=bool(generator.random() < 0.18),
        moles=generator.uniform((-0.8, -0.5), (0.8, 1.4), (generator.integers(0, 5), 2)),
    )


def sample_manner(generator: np.random.Generator, rest: float = 0.11) -> Manner:
    """Draw how a person moves; `rest` scales the resting face, and so the difficulty."""
    spread = np.array(
        [1.0 if u in _RESTING_FULLY else generator.uniform(0.3, 0.8) for u in ACTION_UNITS]
    )
    spread[INDEX[26]] = 0.0
    return Manner(
        gain=float(np.clip(np.exp(0.28 * generator.standard_normal()), 0.5, 1.6)),
        resting=rest * spread * generator.standard_normal(len(ACTION_UNITS)),
        asymmetry=0.12 * generator.standard_normal(len(ACTION_UNITS)),
    )
