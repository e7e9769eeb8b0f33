"""A single line of several sections: who passes at which station, and the limiting section.

Main function: :func:`plan_meets`. What a train does at a station counts for the sections on both
sides of it: where trains in direction up pass, the section behind them is cleared on the move and
the one before them entered on the move. The limiting section is the one with the longest period,
and the scheme is chosen so that this period is the shortest there can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from arterial.capacity.meets import EndMeet, MeetEnds, MeetTimes, section_period_min
from arterial.errors import LimitError

__all__ = ["LineMeets", "SectionTimes", "StationMeet", "plan_meets"]


class StationMeet(StrEnum):
    """How two opposing trains meet at a station of a single line."""

    UP_PASSES = "up_passes"
    """The train in direction down stands."""
    DOWN_PASSES = "down_passes"
    """The train in direction up stands."""
    UP_STOPS_FIRST = "up_stops_first"
    """Both stop, and the train in direction up arrives first."""
    DOWN_STOPS_FIRST = "down_stops_first"
    """Both stop, and the train in direction down arrives first."""


_BEHIND = {
    StationMeet.UP_PASSES: EndMeet.LEAVING_PASSES,
    StationMeet.DOWN_PASSES: EndMeet.ENTERING_PASSES,
    StationMeet.UP_STOPS_FIRST: EndMeet.BOTH_STOP_LEAVING_FIRST,
    StationMeet.DOWN_STOPS_FIRST: EndMeet.BOTH_STOP_ENTERING_FIRST,
}
"""The meet as the section behind the station in direction up sees it, at its far end."""

_BEFORE = {
    StationMeet.UP_PASSES: EndMeet.ENTERING_PASSES,
    StationMeet.DOWN_PASSES: EndMeet.LEAVING_PASSES,
    StationMeet.UP_STOPS_FIRST: EndMeet.BOTH_STOP_ENTERING_FIRST,
    StationMeet.DOWN_STOPS_FIRST: EndMeet.BOTH_STOP_LEAVING_FIRST,
}
"""The meet as the section before the station in direction up sees it, at its near end."""


@dataclass(frozen=True, slots=True)
class SectionTimes:
    """Running times over a section between two passing points.

    Parameters
    ----------
    up_min, down_min : float
        Without stops, in each direction [min].
    """

    up_min: float
    down_min: float


@dataclass(frozen=True, slots=True)
class LineMeets:
    """The meets along a line and the periods that they give.

    Parameters
    ----------
    stations : tuple of StationMeet
        What happens at each station, ends of the line included, shape ``(n_sections + 1,)``.
    periods_min : tuple of float
        Period of each section [min], shape ``(n_sections,)``.
    """

    stations: tuple[StationMeet, ...]
    periods_min: tuple[float, ...]

    @property
    def limiting_section(self) -> int:
        """Index of the section with the longest period; the first of several."""
        return self.periods_min.index(max(self.periods_min))

    @property
    def limiting_period_min(self) -> float:
        """Longest period [min], which the capacity of the whole line follows from."""
        return max(self.periods_min)


@dataclass(frozen=True, slots=True)
class _Plan:
    cost: float
    stations: tuple[StationMeet, ...]


def plan_meets(
    sections: Sequence[SectionTimes],
    times: MeetTimes,
    *,
    first: StationMeet | None = None,
    last: StationMeet | None = None,
) -> LineMeets:
    """Choose the meet at every station of a line so that the limiting period is shortest.

    Two passes of dynamic programming over the four meets at each station: the first finds the
    shortest longest period, the second the least sum of periods that keeps it.

    Parameters
    ----------
    sections : sequence of SectionTimes
        Sections in direction up, shape ``(n_sections,)``.
    times : MeetTimes
        Intervals and allowances.
    first, last : StationMeet, optional
        What happens at the ends of the line, where that is fixed; trains that begin and end there
        all stop.

    Returns
    -------
    LineMeets
        Meets and periods.

    Raises
    ------
    LimitError
        If there is no section.

    Examples
    --------
    >>> times = MeetTimes(
    ...     arrival_interval_min=4, crossing_interval_min=1, start_min=2, stop_min=1)
    >>> line = plan_meets([SectionTimes(16, 17), SectionTimes(21, 20)], times)
    >>> line.periods_min, line.limiting_section
    ((41, 47), 1)
    """
    if not sections:
        message = "A line needs at least one section."
        raise LimitError(message)
    fixed = (first, last)
    shortest = _find_plan(sections, times, fixed, None)
    best = _find_plan(sections, times, fixed, shortest.cost)
    periods = tuple(
        _period(section, times, best.stations[index], best.stations[index + 1])
        for index, section in enumerate(sections)
    )
    return LineMeets(best.stations, periods)


def _find_plan(
    sections: Sequence[SectionTimes],
    times: MeetTimes,
    fixed: tuple[StationMeet | None, StationMeet | None],
    limit_min: float | None,
) -> _Plan:
    """Plan with the least longest period, or with the least sum within a limit."""
    first, last = fixed
    plans = {meet: _Plan(0.0, (meet,)) for meet in StationMeet if first in {None, meet}}
    for section in sections:
        found: dict[StationMeet, _Plan] = {}
        for before, plan in plans.items():
            for after in StationMeet:
                period = _period(section, times, before, after)
                if limit_min is not None and period > limit_min:
                    continue
                cost = max(plan.cost, period) if limit_min is None else plan.cost + period
                if after not in found or cost < found[after].cost:
                    found[after] = _Plan(cost, (*plan.stations, after))
        plans = found
    ends = [plan for meet, plan in plans.items() if last in {None, meet}]
    return min(ends, key=lambda plan: plan.cost)


def _period(
    section: SectionTimes, times: MeetTimes, before: StationMeet, after: StationMeet
) -> float:
    ends = MeetEnds(near=_BEFORE[before], far=_BEHIND[after])
    return section_period_min(section.up_min, section.down_min, ends, times)
