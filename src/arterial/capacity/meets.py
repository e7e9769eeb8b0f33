"""Crossings on a single line: the period of a section under each scheme of crossing.

Two trains of opposite directions follow each other over a single-track section; at each of its
ends the one that leaves the section meets the one that will enter it. What happens there decides
how long the section stands empty. Main function: :func:`section_period_min`. The forms are those
of the railways of the 1520 mm gauge, read in worked examples (tlookup.ru/wocs-1042-1,
ukrbukva.net/18916, mylektsii.ru/10-69113).

On a line of several sections (:func:`plan_meets`), what a train does at a station counts for the
sections on both sides of it: where trains in direction up pass, the section behind them is cleared
on the move and the one before them entered on the move. The limiting section is the one with the
longest period; the scheme is chosen so that this period is the shortest there can be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from arterial.errors import LimitError

__all__ = [
    "EndMeet",
    "LineMeets",
    "MeetEnds",
    "MeetScheme",
    "MeetTimes",
    "SectionTimes",
    "StationMeet",
    "plan_meets",
    "section_period_min",
]


class EndMeet(StrEnum):
    """How the leaving and the entering train meet at one end of a section."""

    LEAVING_PASSES = "leaving_passes"
    """The entering train stood and starts behind the leaving one, which passes."""
    ENTERING_PASSES = "entering_passes"
    """The leaving train stops, and the entering one then passes."""
    BOTH_STOP_ENTERING_FIRST = "both_stop_entering_first"
    """Both stop; the entering train was there before, and starts behind the leaving one."""
    BOTH_STOP_LEAVING_FIRST = "both_stop_leaving_first"
    """Both stop; the entering train arrives behind the leaving one and starts again."""


@dataclass(frozen=True, slots=True)
class MeetEnds:
    """Meets at both ends of a section.

    Parameters
    ----------
    near : EndMeet
        At the end where trains in direction up enter.
    far : EndMeet
        At the end where they leave.
    """

    near: EndMeet
    far: EndMeet


class MeetScheme(StrEnum):
    """The usual pairs of meets at the ends of a section."""

    ENTER_MOVING = "enter_moving"
    """Both trains enter the section without a stop."""
    LEAVE_MOVING = "leave_moving"
    """Both trains leave the section without a stop."""
    UP_PASSES = "up_passes"
    """Trains in direction up pass at both ends, the others stop."""
    DOWN_PASSES = "down_passes"
    """Trains in direction down pass at both ends, the others stop."""
    BOTH_STOP = "both_stop"
    """Both trains stop at both ends, where one end is slower than the other: the planning form."""

    @property
    def ends(self) -> MeetEnds:
        """What happens at the two ends."""
        return _SCHEME_ENDS[self]


_SCHEME_ENDS = {
    MeetScheme.ENTER_MOVING: MeetEnds(EndMeet.ENTERING_PASSES, EndMeet.ENTERING_PASSES),
    MeetScheme.LEAVE_MOVING: MeetEnds(EndMeet.LEAVING_PASSES, EndMeet.LEAVING_PASSES),
    MeetScheme.UP_PASSES: MeetEnds(EndMeet.ENTERING_PASSES, EndMeet.LEAVING_PASSES),
    MeetScheme.DOWN_PASSES: MeetEnds(EndMeet.LEAVING_PASSES, EndMeet.ENTERING_PASSES),
    MeetScheme.BOTH_STOP: MeetEnds(
        EndMeet.BOTH_STOP_ENTERING_FIRST, EndMeet.BOTH_STOP_LEAVING_FIRST
    ),
}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetTimes:
    """What a meet takes beside the running times.

    Parameters
    ----------
    arrival_interval_min : float
        Interval of non-simultaneous arrival, tau_n: from the arrival of one train to the arrival
        or passing of the opposing one [min].
    crossing_interval_min : float
        Crossing interval, tau_c: from the arrival or passing of one train to the departure of the
        opposing one into the section just cleared [min].
    start_min, stop_min : float
        Time lost by starting and by stopping at an end of the section [min].
    """

    arrival_interval_min: float
    crossing_interval_min: float
    start_min: float
    stop_min: float

    def __post_init__(self) -> None:
        """Refuse times below zero."""
        for name in MeetTimes.__slots__:
            if not getattr(self, name) >= 0:
                message = f"{name} must be 0 or more, not {getattr(self, name)}."
                raise LimitError(message)

    def at_end(self, meet: EndMeet) -> float:
        """Time that one end adds to the period [min].

        The section stands empty for tau_n where the entering train has yet to arrive, for tau_c
        where it starts; a train that stops when leaving adds its stop allowance, one that starts
        when entering its start allowance.

        Examples
        --------
        >>> times = MeetTimes(
        ...     arrival_interval_min=4, crossing_interval_min=1, start_min=2, stop_min=1)
        >>> [times.at_end(meet) for meet in EndMeet]
        [3, 5, 4, 7]
        """
        if meet is EndMeet.LEAVING_PASSES:
            return self.crossing_interval_min + self.start_min
        if meet is EndMeet.ENTERING_PASSES:
            return self.arrival_interval_min + self.stop_min
        both = self.start_min + self.stop_min
        if meet is EndMeet.BOTH_STOP_ENTERING_FIRST:
            return self.crossing_interval_min + both
        return self.arrival_interval_min + both


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


_Plan = tuple[float, tuple[StationMeet, ...]]
"""What a plan of meets costs, and the meet at each station."""


def section_period_min(
    up_min: float, down_min: float, meet: MeetScheme | MeetEnds, times: MeetTimes
) -> float:
    """Time in which one pair of trains passes a single-track section [min].

    T = t_up + t_down + what the meet adds at the near end + what it adds at the far end. For
    :attr:`MeetScheme.BOTH_STOP` this is T = t_up + t_down + tau_n + tau_c + 2 (start + stop).

    Parameters
    ----------
    up_min, down_min : float
        Running time without stops in each direction [min].
    meet : MeetScheme or MeetEnds
        Meets at the two ends.
    times : MeetTimes
        Intervals and allowances.

    Returns
    -------
    float
        Period [min].

    Raises
    ------
    LimitError
        If a running time is not above zero.

    Notes
    -----
    The trains of a direction are taken as alike. Train lengths, the time to set a route and the
    tracks of the stations are within the intervals.

    Examples
    --------
    24 + 25 min, both trains starting at the section's ends: 49 + 2 (1 + 2).

    >>> times = MeetTimes(
    ...     arrival_interval_min=4, crossing_interval_min=1, start_min=2, stop_min=1)
    >>> section_period_min(24, 25, MeetScheme.LEAVE_MOVING, times)
    55
    """
    for value in (up_min, down_min):
        if not value > 0:
            message = f"A running time must be above 0 min, not {value}."
            raise LimitError(message)
    ends = meet.ends if isinstance(meet, MeetScheme) else meet
    return up_min + down_min + times.at_end(ends.near) + times.at_end(ends.far)


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
    shortest, _ = _find_plan(sections, times, fixed, None)
    _, stations = _find_plan(sections, times, fixed, shortest)
    periods = tuple(
        _period(section, times, stations[index], stations[index + 1])
        for index, section in enumerate(sections)
    )
    return LineMeets(stations, periods)


def _list_periods(
    up_min: float, down_min: float, times: MeetTimes
) -> Iterator[tuple[MeetScheme, float]]:
    for scheme in MeetScheme:
        yield scheme, section_period_min(up_min, down_min, scheme, times)


def _find_plan(
    sections: Sequence[SectionTimes],
    times: MeetTimes,
    fixed: tuple[StationMeet | None, StationMeet | None],
    limit_min: float | None,
) -> _Plan:
    """Plan with the least longest period, or with the least sum within a limit."""
    first, last = fixed
    plans: dict[StationMeet, _Plan] = {
        meet: (0.0, (meet,)) for meet in StationMeet if first in {None, meet}
    }
    for section in sections:
        found: dict[StationMeet, _Plan] = {}
        for before, (spent, stations) in plans.items():
            for after in StationMeet:
                period = _period(section, times, before, after)
                if limit_min is not None and period > limit_min:
                    continue
                cost = max(spent, period) if limit_min is None else spent + period
                if after not in found or cost < found[after][0]:
                    found[after] = (cost, (*stations, after))
        plans = found
    ends = [plan for meet, plan in plans.items() if last in {None, meet}]
    return min(ends, key=lambda plan: plan[0])


def _period(
    section: SectionTimes, times: MeetTimes, before: StationMeet, after: StationMeet
) -> float:
    ends = MeetEnds(near=_BEFORE[before], far=_BEHIND[after])
    return section_period_min(section.up_min, section.down_min, ends, times)
