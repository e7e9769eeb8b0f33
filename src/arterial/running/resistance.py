"""Specific train resistance after published formulas, and curve resistance.

Every formula gives N/kN (which is kgf/t and permille) as a quadratic in speed; sources and their
standing are in `RESISTANCE_FORMULAS`. `combine_resistance` adds vehicles up to the newtons that
`arterial.running.train.Train` takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.units import GRAVITY_M_S2, ms_to_kmh

__all__ = [
    "RESISTANCE_FORMULAS",
    "Resistance",
    "ResistanceFormula",
    "SourceGrade",
    "VehicleResistance",
    "combine_resistance",
    "curve_resistance",
]

CURVE_CONSTANT_M: Final = 700.0
KN_TO_N: Final = 1000.0


class SourceGrade(StrEnum):
    """How well a published figure is known."""

    READ = "read"
    """Read in the source that is named."""
    RECALLED = "recalled"
    """Known from memory of the source; to be checked before it is relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resistance:
    """Resistance of a whole train, A + B v + C v² with v in m/s.

    Parameters
    ----------
    a_n, b_n_per_ms, c_n_per_ms2 : float
        Coefficients [N, N/(m/s), N/(m/s)²].
    """

    a_n: float
    b_n_per_ms: float
    c_n_per_ms2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResistanceFormula:
    """Specific resistance constant + (base + linear V + square V²) / divisor, V in km/h.

    The divisor is the axle load q0 [t] when `is_by_axle_load`, else 1.

    Parameters
    ----------
    name : str
        Name as in `RESISTANCE_FORMULAS`.
    constant : float
        Part that does not depend on the axle load [N/kN].
    base, linear, square : float
        Coefficients of the part that is divided.
    is_by_axle_load : bool
        Whether that part is divided by the axle load.
    source : str
        Where it was read or whence it is recalled.
    grade : SourceGrade
        How well it is known.
    """

    name: str
    constant: float
    base: float
    linear: float
    square: float
    is_by_axle_load: bool
    source: str
    grade: SourceGrade

    def specific(self, speed_kmh: float, axle_load_t: float = 1.0) -> float:
        """Specific resistance at a speed [N/kN].

        Parameters
        ----------
        speed_kmh : float
            Speed [km/h].
        axle_load_t : float
            Axle load [t]; without effect on formulas that do not divide by it.

        Returns
        -------
        float
            Resistance over weight [N/kN].

        Examples
        --------
        >>> formula = RESISTANCE_FORMULAS["freight_4_axle_jointed"]
        >>> round(formula.specific(80.0, 19.55), 6)
        2.081074
        """
        divisor = axle_load_t if self.is_by_axle_load else 1.0
        divided = self.base + self.linear * speed_kmh + self.square * speed_kmh**2
        return self.constant + divided / divisor


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleResistance:
    """Part of a train whose resistance follows one formula.

    Parameters
    ----------
    formula : ResistanceFormula
        The formula.
    mass_kg : float
        Mass of the vehicles it holds for [kg].
    axle_load_t : float
        Their axle load [t].
    """

    formula: ResistanceFormula
    mass_kg: float
    axle_load_t: float = 1.0


def combine_resistance(
    parts: Sequence[VehicleResistance], *, gravity_m_s2: float = GRAVITY_M_S2
) -> Resistance:
    """Resistance of a train from the formulas of its vehicles.

    The weight [kN] times the specific resistance [N/kN], summed; speed goes from km/h to m/s.

    Parameters
    ----------
    parts : sequence of VehicleResistance
        Vehicles by formula.
    gravity_m_s2 : float
        Acceleration of free fall [m/s²].

    Returns
    -------
    Resistance
        Coefficients for v in m/s.

    Examples
    --------
    One 4-axle freight wagon of 80 t: 784.8 kN x (0.7 + 3/20) N/kN = 667.08 N at standstill.

    >>> formula = RESISTANCE_FORMULAS["freight_4_axle_jointed"]
    >>> part = VehicleResistance(formula=formula, mass_kg=80_000.0, axle_load_t=20.0)
    >>> round(combine_resistance([part]).a_n, 2)
    667.08
    """
    a_n = b_n = c_n = 0.0
    for part in parts:
        formula = part.formula
        divisor = part.axle_load_t if formula.is_by_axle_load else 1.0
        weight_kn = part.mass_kg * gravity_m_s2 / KN_TO_N
        a_n += weight_kn * (formula.constant + formula.base / divisor)
        b_n += weight_kn * ms_to_kmh(formula.linear) / divisor
        c_n += weight_kn * ms_to_kmh(ms_to_kmh(formula.square)) / divisor
    return Resistance(a_n=a_n, b_n_per_ms=b_n, c_n_per_ms2=c_n)


def curve_resistance(radius_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Curve resistance 700 / R [N/kN], read at primidi (curve resistance); 0 on straight track.

    Parameters
    ----------
    radius_m : ndarray of float64, shape (n,)
        Radius [m]; 0 is straight.

    Returns
    -------
    ndarray of float64, shape (n,)
        Specific resistance [N/kN].

    Examples
    --------
    >>> [float(w) for w in curve_resistance(np.array([0.0, 350.0]))]
    [0.0, 2.0]
    """
    is_curved = radius_m > 0.0
    specific = np.zeros_like(radius_m)
    specific[is_curved] = CURVE_CONSTANT_M / radius_m[is_curved]
    return specific


def _formula(
    name: str,
    coefficients: tuple[float, float, float, float],
    source: str,
    *,
    is_by_axle_load: bool = True,
    grade: SourceGrade = SourceGrade.RECALLED,
) -> ResistanceFormula:
    constant, base, linear, square = coefficients
    return ResistanceFormula(
        name=name,
        constant=constant,
        base=base,
        linear=linear,
        square=square,
        is_by_axle_load=is_by_axle_load,
        source=source,
        grade=grade,
    )


_PTR = "PTR 1985 (rules for traction calculations)"
RESISTANCE_FORMULAS: Final = MappingProxyType(
    {
        formula.name: formula
        for formula in (
            _formula(
                "freight_4_axle_jointed",
                (0.7, 3.0, 0.1, 0.0025),
                "studopedia.info/6-63568",
                grade=SourceGrade.READ,
            ),
            _formula(
                "freight_8_axle_jointed",
                (0.7, 6.0, 0.038, 0.0021),
                "studopedia.info/6-63568",
                grade=SourceGrade.READ,
            ),
            _formula("freight_4_axle_welded", (0.7, 3.0, 0.09, 0.002), _PTR),
            _formula("passenger_jointed", (0.7, 8.0, 0.18, 0.003), _PTR),
            _formula("passenger_welded", (0.7, 8.0, 0.16, 0.0023), _PTR),
            _formula(
                "locomotive_powered_jointed",
                (0.0, 1.9, 0.01, 0.0003),
                "ukrbukva 59945",
                is_by_axle_load=False,
                grade=SourceGrade.READ,
            ),
            _formula(
                "locomotive_coasting_jointed",
                (0.0, 2.4, 0.011, 0.00035),
                _PTR,
                is_by_axle_load=False,
            ),
        )
    }
)
"""Formulas by name; V in km/h, result in N/kN."""
