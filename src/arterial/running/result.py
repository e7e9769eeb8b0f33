"""What a running-time calculation gives: times, speeds, works, and what the train does where."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from arterial.units import ms_to_kmh

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

__all__ = ["DriveKind", "Passing", "RunningTime", "Transition"]


class DriveKind(StrEnum):
    """What the train does over a step."""

    ACCELERATE = "accelerate"
    """Full effort, the speed rises."""
    CRUISE = "cruise"
    """The speed is held, with effort or with the brake."""
    COAST = "coast"
    """No effort and no brake."""
    BRAKE = "brake"
    """On a braking curve."""
    STOP = "stop"
    """At a stand."""
    SLOW = "slow"
    """Full effort, yet the gradient takes speed away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Where the train begins to do something else.

    Parameters
    ----------
    position_m : float
        Position of the head [m].
    time_s : float
        Time since the start of the run [s].
    speed_kmh : float
        Speed [km/h].
    kind : DriveKind
        What begins.
    """

    position_m: float
    time_s: float
    speed_kmh: float
    kind: DriveKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """When the head of the train is at a position.

    Parameters
    ----------
    position_m : float
        Position [m].
    arrival_s, departure_s : float
        Time since the start of the run [s]; they differ at a stop.
    speed_kmh : float
        Speed on arrival [km/h].
    """

    position_m: float
    arrival_s: float
    departure_s: float
    speed_kmh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTime:
    """Running time of one train over one path.

    Parameters
    ----------
    total_time_s : float
        From the start to the arrival at the last stop, dwell times between included [s].
    dwell_s : float
        Dwell times at the stops between [s].
    traction_energy_j, braking_energy_j : float
        Work of effort and of brake at the wheel [J].
    resistance_work_j : float
        Work of train and curve resistance [J].
    potential_energy_j, kinetic_energy_j : float
        Change of potential energy, and of kinetic energy with rotating masses [J].
    places : ndarray of float64, shape (n_places, 4)
        Position [m], arrival [s], departure [s] and speed [m/s] at the start, every position of
        the path that was run over, every stop and every point asked for.
    steps : ndarray of float64, shape (n_steps, LOG_COLUMNS)
        The run step by step, columns as in `arterial.running.run_kernel`.
    """

    total_time_s: float
    dwell_s: float
    traction_energy_j: float
    braking_energy_j: float
    resistance_work_j: float
    potential_energy_j: float
    kinetic_energy_j: float
    places: "NDArray[np.float64]" = field(repr=False, compare=False)
    steps: "NDArray[np.float64]" = field(repr=False, compare=False)

    @property
    def running_time_s(self) -> float:
        """Total time without the dwell times [s]."""
        return self.total_time_s - self.dwell_s

    @property
    def energy_imbalance_j(self) -> float:
        """Traction less resistance, kinetic and potential change and braking [J]; rounding only."""
        spent = self.resistance_work_j + self.kinetic_energy_j + self.potential_energy_j
        return self.traction_energy_j - self.braking_energy_j - spent

    @property
    def passings(self) -> tuple[Passing, ...]:
        """When the head passes each of `places`."""
        return tuple(
            Passing(
                position_m=position,
                arrival_s=arrival,
                departure_s=departure,
                speed_kmh=ms_to_kmh(speed),
            )
            for position, arrival, departure, speed in self.places.tolist()
        )

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """Where the train began to do something else; the last is the stop at the end."""
        from arterial.running.sampling import read_transitions

        return read_transitions(self.steps)

    def passing_at(self, position_m: float) -> Passing:
        """Passing nearest to a position.

        Parameters
        ----------
        position_m : float
            Position of a stop, of a breakpoint of the path or of a point asked for [m].

        Returns
        -------
        Passing
            The nearest of `passings`.
        """
        nearest = abs(self.places[:, 0] - position_m).argmin()
        position, arrival, departure, speed = self.places[nearest].tolist()
        return Passing(
            position_m=position,
            arrival_s=arrival,
            departure_s=departure,
            speed_kmh=ms_to_kmh(speed),
        )

    def to_frame(self, *, longest_gap_s: float = 2.0) -> "pl.DataFrame":
        """Sample the run for charts, at least every `longest_gap_s` and at every step's ends.

        Parameters
        ----------
        longest_gap_s : float
            Longest time between rows while the train moves [s].

        Returns
        -------
        polars.DataFrame
            Columns position_m, time_s, speed_kmh, effort_n (negative when braking) and kind.
        """
        from arterial.running.sampling import sample_run

        return sample_run(self.steps, longest_gap_s=longest_gap_s)

    @property
    def mean_speed_kmh(self) -> float:
        """Mean speed without dwell times [km/h]."""
        run_m = float(self.places[-1, 0] - self.places[0, 0])
        return ms_to_kmh(run_m / self.running_time_s)

    @property
    def highest_speed_kmh(self) -> float:
        """Highest speed of the run [km/h]; it is always reached at the end of a step."""
        from arterial.running.driving_kernel import LOG_V

        return ms_to_kmh(float(self.steps[:, LOG_V].max()))
