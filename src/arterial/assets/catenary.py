"""Catenary, and the other assets whose failures come at a steady rate.

The main function is `catenary_failure_rate`; `signalling_failure_rate`, `tunnel_failure_rate` and
`vehicle_failure_rate` read theirs likewise. No usable published figure was found for any of them:
all rates are assumptions with wide ranges, and none depends on age.
"""

from arterial.assets.parameters import ParameterSet

__all__ = [
    "catenary_failure_rate",
    "signalling_failure_rate",
    "tunnel_failure_rate",
]


def catenary_failure_rate(parameters: ParameterSet, *, is_aged: bool = False) -> float:
    """Faults a year on a kilometre of electrified track [1/(km y)].

    Parameters
    ----------
    parameters : ParameterSet
        Rates for 100 km.
    is_aged : bool
        Whether it is aged 3 kV equipment instead of well kept.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> catenary_failure_rate(load_parameter_set(), is_aged=True)
    0.04
    """
    name = "aged_faults_per_100_km_year" if is_aged else "faults_per_100_km_year"
    return parameters.value(name, kind="catenary") / 100.0


def signalling_failure_rate(parameters: ParameterSet) -> float:
    """Failures a year of one signalling installation, of a station or a block section [1/y].

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> signalling_failure_rate(load_parameter_set())
    0.5
    """
    return parameters.value("failures_per_unit_year", kind="signalling")


def tunnel_failure_rate(parameters: ParameterSet) -> float:
    """Failures a year on a kilometre of tunnel: falls of rock or lining, ice, water [1/(km y)].

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> tunnel_failure_rate(load_parameter_set())
    0.02
    """
    return parameters.value("failures_per_km_year", kind="tunnel")
