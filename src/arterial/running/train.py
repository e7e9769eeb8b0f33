"""The train as running-time calculation sees it: mass, resistance, tractive effort and brake.

`Train` is one of the two inputs of a running time. Its values are SI, as they come from force
diagrams; the file reader takes customary units. Values that do not fit each other are refused by
`arterial.running.credible`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import inf, isfinite
from typing import Final

from arterial.errors import Fault, LimitError
from arterial.running.adhesion import AdhesionLaw
from arterial.running.credible import find_incredible
from arterial.units import GRAVITY_M_S2

__all__ = ["BrakeRule", "LimitRule", "MassModel", "Train"]

HEAVIEST_KG: Final = 1e8
LONGEST_TRAIN_M: Final = 10_000.0
FASTEST_MS: Final = 170.0
"""Above the 603 km/h that a train has reached on a test line [m/s]."""

LIGHTEST_KG: Final = 100.0
SLOWEST_MS: Final = 0.1
BRAKING_M_S2: Final = (0.01, 3.0)
"""Decelerations between which a brake is believed; a train brakes with 0.2 to 1.3 m/s², a tram in
an emergency with just under 3."""


class BrakeRule(StrEnum):
    """How the train slows down along a braking curve."""

    CONSTANT = "constant"
    """A fixed deceleration [m/s²] that leaves grade and resistance out of account."""
    MAXIMUM = "maximum"
    """A force of value [m/s²] x mass with rotating mass, added to resistance and grade."""
    FORCE = "force"
    """A brake force [N] added to resistance and grade."""


class LimitRule(StrEnum):
    """Which part of the train a speed limit binds."""

    TAIL = "tail"
    """From when the head reaches its start until the tail has left its end."""
    FRONT = "front"
    """Only while the head is within the stretch."""


class MassModel(StrEnum):
    """Where the weight acts on gradients and curves."""

    STRIP = "strip"
    """Spread evenly over the train's length behind the head."""
    POINT = "point"
    """At the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """One train: what moves it, what holds it back and how it brakes.

    Parameters
    ----------
    mass_kg : float
        Mass of the whole train [kg].
    length_m : float
        Length over couplers [m].
    resistance_a_n, resistance_b_n_per_ms, resistance_c_n_per_ms2 : float
        Resistance of the whole train, A + B v + C v², on straight level track [N, N/(m/s),
        N/(m/s)²].
    effort_speed_ms, effort_n : sequence of float
        Tractive effort at the wheel [N] at speeds [m/s]: linear between points, the last value
        held beyond. Empty when `effort_max_n` and `power_w` describe it.
    top_speed_ms : float
        Highest speed of the train [m/s].
    brake_rule : BrakeRule
        How it brakes.
    brake_value : float
        Deceleration [m/s²] or force [N], as the rule says.
    rotating_mass_kg : float or None
        Inertia of the rotating parts, as mass [kg]; None takes it from the coefficient.
    rotating_mass_coefficient : float
        Mass with rotating parts over mass; used when `rotating_mass_kg` is None.
    effort_max_n : float
        Cap on the effort [N]; infinite when there is none.
    power_w : float
        Cap on effort x speed [W]; infinite when there is none.
    rated_power_w : float
        Rated power at the wheel [W], against which the effort is checked; infinite for no check.
    adhesion : AdhesionLaw or None
        Adhesion coefficient by speed; None leaves adhesion out.
    adhesive_mass_kg : float
        Mass on driven axles [kg]; used with `adhesion`.
    adhesion_factor : float
        Derating of the adhesion for wet or soiled rail; 1 is dry rail.
    limit_rule : LimitRule
        Which part of the train a speed limit binds.
    mass_model : MassModel
        Where the weight acts.
    gravity_m_s2 : float
        Acceleration of free fall [m/s²].
    check_resistance : bool
        Refuse a resistance that is not credible per tonne.

    Raises
    ------
    LimitError
        With every fault found.

    Examples
    --------
    >>> train = Train(
    ...     mass_kg=400_000.0, length_m=200.0, resistance_a_n=6000.0,
    ...     resistance_b_n_per_ms=100.0, resistance_c_n_per_ms2=8.0, effort_max_n=250_000.0,
    ...     power_w=3.0e6, top_speed_ms=40.0, brake_rule=BrakeRule.CONSTANT, brake_value=0.5)
    >>> train.effort_at(30.0)
    100000.0
    """

    mass_kg: float
    length_m: float
    resistance_a_n: float
    resistance_b_n_per_ms: float
    resistance_c_n_per_ms2: float
    top_speed_ms: float
    brake_rule: BrakeRule
    brake_value: float
    effort_speed_ms: Sequence[float] = ()
    effort_n: Sequence[float] = ()
    rotating_mass_kg: float | None = None
    rotating_mass_coefficient: float = 1.0
    effort_max_n: float = inf
    power_w: float = inf
    rated_power_w: float = inf
    adhesion: AdhesionLaw | None = None
    adhesive_mass_kg: float = 0.0
    adhesion_factor: float = 1.0
    limit_rule: LimitRule = LimitRule.TAIL
    mass_model: MassModel = MassModel.STRIP
    gravity_m_s2: float = GRAVITY_M_S2
    check_resistance: bool = True

    def __post_init__(self) -> None:
        """Hold the effort table as tuples and refuse a faulty train with all its faults."""
        object.__setattr__(self, "effort_speed_ms", tuple(float(v) for v in self.effort_speed_ms))
        object.__setattr__(self, "effort_n", tuple(float(f) for f in self.effort_n))
        faults = [*_settle_choices(self), *_find_range_faults(self), *_find_effort_faults(self)]
        if not faults:
            faults = find_incredible(self)
        if faults:
            message = "The train is faulty."
            raise LimitError(message, faults)

    @property
    def inertia_kg(self) -> float:
        """Mass with rotating parts [kg]."""
        if self.rotating_mass_kg is None:
            return self.mass_kg * self.rotating_mass_coefficient
        return self.mass_kg + self.rotating_mass_kg

    def resistance_at(self, speed_ms: float) -> float:
        """Resistance on straight level track at a speed [N]."""
        linear = self.resistance_b_n_per_ms + self.resistance_c_n_per_ms2 * speed_ms
        return self.resistance_a_n + speed_ms * linear

    def effort_at(self, speed_ms: float) -> float:
        """Highest effort at the wheel at a speed [N], under every cap that is given."""
        effort = min(self.table_effort_at(speed_ms), self.effort_max_n)
        if speed_ms > 0.0:
            effort = min(effort, self.power_w / speed_ms)
        if self.adhesion is not None:
            weight = self.adhesive_mass_kg * self.gravity_m_s2 * self.adhesion_factor
            effort = min(effort, weight * self.adhesion.coefficient(speed_ms))
        return effort

    def table_effort_at(self, speed_ms: float) -> float:
        """Effort of the table alone at a speed [N]; infinite without a table."""
        speeds, efforts = self.effort_speed_ms, self.effort_n
        if not speeds:
            return inf
        if speed_ms <= speeds[0]:
            return efforts[0]
        for k in range(len(speeds) - 1):
            if speed_ms <= speeds[k + 1]:
                share = (speed_ms - speeds[k]) / (speeds[k + 1] - speeds[k])
                return efforts[k] + share * (efforts[k + 1] - efforts[k])
        return efforts[-1]


def _settle_choices(train: Train) -> list[Fault]:
    """Turn closed choices given as text into their members; unknown ones are faults."""
    faults = []
    for name, kind in (
        ("brake_rule", BrakeRule),
        ("limit_rule", LimitRule),
        ("mass_model", MassModel),
    ):
        value = getattr(train, name)
        if value in tuple(kind):
            object.__setattr__(train, name, kind(value))
        else:
            choices = ", ".join(member.value for member in kind)
            faults.append(Fault(f"{name} is {value!r}.", f"Choose {choices}.", column=name))
    return faults


def _is_braking(train: Train) -> bool:
    """Whether the brake slows the train down within what can be reckoned."""
    value = train.brake_value
    if train.brake_rule is BrakeRule.FORCE and train.mass_kg > 0:
        value /= train.mass_kg
    return BRAKING_M_S2[0] <= value <= BRAKING_M_S2[1]


def _name_braking(train: Train) -> str:
    """What the value of the brake must be, in its own unit."""
    low, high = BRAKING_M_S2
    if train.brake_rule is BrakeRule.FORCE and train.mass_kg > 0:
        force = f"a force from {low * train.mass_kg:.3g} to {high * train.mass_kg:.3g} N, which"
        return f"{force} slows this mass by {low:g} to {high:g} m/s²; check N against kN"
    return f"a deceleration from {low:g} to {high:g} m/s²; most trains have 0.2 to 1.3"


def _find_range_faults(train: Train) -> list[Fault]:
    """Single values outside the declared limits."""
    checks = (
        ("mass_kg", LIGHTEST_KG <= train.mass_kg <= HEAVIEST_KG, "from 100 to 1e8 kg"),
        ("length_m", 0.0 <= train.length_m <= LONGEST_TRAIN_M, "from 0 to 10,000 m"),
        ("resistance_a_n", 0.0 <= train.resistance_a_n < inf, "a force of at least 0 N"),
        ("resistance_b_n_per_ms", isfinite(train.resistance_b_n_per_ms), "a number"),
        ("resistance_c_n_per_ms2", 0.0 <= train.resistance_c_n_per_ms2 < inf, "at least 0"),
        (
            "top_speed_ms",
            SLOWEST_MS <= train.top_speed_ms <= FASTEST_MS,
            "from 0.1 to 170 m/s (612 km/h)",
        ),
        ("brake_value", _is_braking(train), _name_braking(train)),
        ("rotating_mass_coefficient", 1.0 <= train.rotating_mass_coefficient <= 2.0, "1 to 2"),  # noqa: PLR2004
        ("effort_max_n", train.effort_max_n > 0.0, "above 0 N"),
        ("power_w", train.power_w > 0.0, "above 0 W"),
        ("rated_power_w", train.rated_power_w > 0.0, "above 0 W"),
        ("adhesion_factor", 0.0 < train.adhesion_factor <= 1.5, "above 0 and at most 1.5"),  # noqa: PLR2004
        ("gravity_m_s2", 9.7 < train.gravity_m_s2 < 9.9, "between 9.7 and 9.9 m/s²"),  # noqa: PLR2004
        (
            "rotating_mass_kg",
            train.rotating_mass_kg is None or 0.0 <= train.rotating_mass_kg <= train.mass_kg,
            "from 0 to the mass of the train",
        ),
        (
            "adhesive_mass_kg",
            train.adhesion is None or 0.0 < train.adhesive_mass_kg <= train.mass_kg,
            "above 0 and at most the mass of the train",
        ),
    )
    return [
        Fault(f"{name} is {getattr(train, name)}.", f"It must be {rule}.", column=name)
        for name, is_good, rule in checks
        if not is_good
    ]


def _find_effort_faults(train: Train) -> list[Fault]:
    """Faults of the effort table, and an effort that nothing limits."""
    faults = []
    speeds, efforts = train.effort_speed_ms, train.effort_n
    if len(speeds) != len(efforts):
        cause = f"The effort table has {len(speeds)} speeds and {len(efforts)} efforts."
        faults.append(Fault(cause, "Give one effort for each speed.", column="effort"))
    if not speeds and train.effort_max_n == inf and train.adhesion is None:
        cause = "Nothing limits the effort at standstill."
        cure = "Give an effort table, a highest effort or an adhesion law."
        faults.append(Fault(cause, cure, column="effort"))
    if any(not (isfinite(v) and v >= 0.0) for v in (*speeds, *efforts)):
        cause = "The effort table holds a negative or missing value."
        faults.append(Fault(cause, "Correct it.", column="effort"))
    faults.extend(
        Fault(f"Effort speed {after:g} m/s follows {before:g} m/s.", "Order them.", column="effort")
        for before, after in pairwise(speeds)
        if not after > before
    )
    return faults
