"""Adhesion coefficient between wheel and rail by speed, after published formulas.

All have the form k0 + k1 / (k2 + k3 V) + k4 V with V in km/h. Coefficients and their sources are
listed once, in `ADHESION_LAWS`.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from arterial.units import ms_to_kmh

__all__ = ["ADHESION_LAWS", "AdhesionLaw"]


@dataclass(frozen=True, slots=True)
class AdhesionLaw:
    """Adhesion coefficient k0 + k1 / (k2 + k3 V) + k4 V, V in km/h.

    Parameters
    ----------
    name : str
        Short name, as in `ADHESION_LAWS`.
    constant, numerator, offset, slope, linear : float
        k0, k1, k2, k3 and k4 [-, -, -, h/km, h/km].
    source : str
        Where the formula was read.

    Examples
    --------
    >>> round(ADHESION_LAWS["curtius_kniffler"].coefficient(100 / 3.6), 3)
    0.213
    """

    name: str
    constant: float
    numerator: float
    offset: float
    slope: float
    linear: float
    source: str

    def coefficient(self, speed_ms: float) -> float:
        """Adhesion coefficient at a speed [-].

        Parameters
        ----------
        speed_ms : float
            Speed [m/s].

        Returns
        -------
        float
            Force that the rail can take over the weight on driven axles.
        """
        speed_kmh = ms_to_kmh(speed_ms)
        hyperbola = self.numerator / (self.offset + self.slope * speed_kmh)
        return self.constant + hyperbola + self.linear * speed_kmh


ADHESION_LAWS: Final = MappingProxyType(
    {
        law.name: law
        for law in (
            AdhesionLaw("vl80", 0.28, 4.0, 50.0, 6.0, -0.0006, "read: helpiks.org/7-31542"),
            AdhesionLaw("vl10", 0.28, 3.0, 50.0, 20.0, -0.0007, "read: helpiks.org/7-31542"),
            AdhesionLaw("vl8", 0.25, 8.0, 100.0, 20.0, 0.0, "read: helpiks.org/7-31542"),
            AdhesionLaw("diesel", 0.118, 5.0, 27.5, 1.0, 0.0, "read: helpiks.org/7-31542"),
            AdhesionLaw(
                "curtius_kniffler", 0.161, 7.5, 44.0, 1.0, 0.0, "read: Open Rails documentation"
            ),
        )
    }
)
"""Known laws by name: electric locomotives VL80 (also VL60, VL65, VL85), VL10 (VL11, VL82), VL8
(VL23); diesel locomotives except 2TE10L, whose printed formula contradicts its own table; and
Curtius and Kniffler."""
