"""Sleepers: how long they last; main function `sleeper_scale_y`.

Lives are Weibull with the shape that follows the curve of the Forest Products Laboratory
[USDA FPL], mean lives by material.
"""

from arterial.assets.parameters import ParameterSet
from arterial.assets.weibull import scale_from_mean

__all__ = [
    "sleeper_scale_y",
]

_KIND = "track"


def sleeper_scale_y(
    parameters: ParameterSet, *, material: str | None = None, is_curve: bool = False
) -> float:
    """Weibull scale of the life of sleepers [y].

    Parameters
    ----------
    parameters : ParameterSet
        Mean lives, shape and factor for curves.
    material : str or None
        Material of the sleepers; None = unknown.
    is_curve : bool
        Whether they lie in a curve sharper than `sleeper_curve_radius_m`.

    Examples
    --------
    15 / Gamma(1 + 1 / 4.5):

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(sleeper_scale_y(load_parameter_set(), material="timber_softwood"), 2)
    16.44
    """
    mean = parameters.value("sleeper_mean_life_y", kind=_KIND, material=material)
    factor = parameters.value("sleeper_curve_factor", kind=_KIND) if is_curve else 1.0
    return scale_from_mean(mean * factor, parameters.value("sleeper_shape", kind=_KIND))
