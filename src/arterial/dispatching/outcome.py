"""What a dispatcher hands back: a plan, its value, a bound, and how it ended."""

from dataclasses import dataclass
from enum import Enum

from arterial.exchange.displib import DisplibSolution

__all__ = ["DispatchOutcome", "DispatchStatus"]


class DispatchStatus(Enum):
    """How far the answer is known to be the best."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True, slots=True)
class DispatchOutcome:
    """A plan without conflicts and what is known about it.

    Parameters
    ----------
    solution : DisplibSolution
        Events and value.
    bound : int
        No plan has a lower value [cost units].
    found_by : str
        Which part of the portfolio found the plan.
    seconds : float
        Wall time used [s].
    """

    solution: DisplibSolution
    bound: int
    found_by: str
    seconds: float

    @property
    def value(self) -> int:
        """Value of the plan [cost units]."""
        return self.solution.objective_value

    @property
    def status(self) -> DispatchStatus:
        """Optimal when value and bound meet."""
        return DispatchStatus.OPTIMAL if self.bound >= self.value else DispatchStatus.FEASIBLE

    @property
    def gap(self) -> float | None:
        """Distance of the value from the bound as a share of the bound; None where it is zero."""
        if self.bound >= self.value:
            return 0.0
        return (self.value - self.bound) / self.bound if self.bound > 0 else None
