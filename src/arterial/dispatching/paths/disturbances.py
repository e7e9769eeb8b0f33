"""What goes wrong on a day in the words of a study, as a disruption; `read_disturbance`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.dispatching.paths.rescheduling import Disruption
from arterial.errors import Fault, UsageError
from arterial.study.faults import find_near_names
from arterial.study.identifiers import find_coded
from arterial.timetable.paths import Closure, LineModel, TrainPath
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["DayClock", "Disturbance", "read_disturbance"]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What goes wrong on a day, in the words of the study.

    Parameters
    ----------
    delays_min : mapping of str to float
        How much later each of some trains can leave its first stop [min].
    closed : sequence of (str, (str, str))
        Sections that are shut, each with the local times from when to when.
    speeds_kmh : mapping of str to float
        Speed that some sections can be run at [km/h].
    """

    delays_min: Mapping[str, float] = field(default_factory=dict)
    closed: Sequence[tuple[str, tuple[str, str]]] = ()
    speeds_kmh: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayClock:
    """A day, and the tables that name trains and the clocks of places.

    Parameters
    ----------
    day : date
        Operating day.
    epoch : date
        Study epoch.
    tables : mapping of str to DataFrame
        Tables of the study.
    """

    day: date
    epoch: date
    tables: Mapping[str, pl.DataFrame]


def read_disturbance(
    model: LineModel, paths: Sequence[TrainPath], disturbance: Disturbance, clock: DayClock
) -> Disruption:
    """The disturbance in numbers, from the first instant at which the plan has to change.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : sequence of TrainPath
        The plan that is disturbed; its trains are named ``train@day``.
    disturbance : Disturbance
        What goes wrong.
    clock : DayClock
        Day that is meant where none is named, and the tables that name trains and clocks.

    Returns
    -------
    Disruption
        What `arterial.dispatching.paths.rescheduling` takes.

    Raises
    ------
    StudyError
        Naming every train and section that there is not.
    """
    # The train of the day that is asked for; one still under way is named with its own day.
    named = {path.train_id: path for path in paths}
    of_day = f"@{clock.day}"
    named |= {
        name.removesuffix(of_day): named[name] for name in list(named) if name.endswith(of_day)
    }
    for text in disturbance.delays_min:
        number, _, day = text.partition("@")
        coded = find_coded(clock.tables, "train_id", number)
        running = [name for one in coded if (name := f"{one}@{day or clock.day}") in named]
        # A number of two trains of the day names neither.
        if text not in named and len(running) == 1:
            named[text] = named[running[0]]
    sections = sorted({step.section_id for step in model.steps})
    faults = [
        Fault(
            f"Train {name} has no path on {clock.day}.",
            "Name one that runs on that day.",
            near=find_near_names(name, named),
        )
        for name in disturbance.delays_min
        if name not in named
    ]
    faults += [
        Fault(
            f"There is no section {name}.",
            "Use an id of sections.",
            near=find_near_names(name, sections),
        )
        for name in (*(name for name, _ in disturbance.closed), *disturbance.speeds_kmh)
        if name not in sections
    ]
    if faults:
        message = "The disturbance names what the study does not have."
        raise UsageError(message, faults)
    shut = tuple(
        closure
        for name, times in disturbance.closed
        for closure in _shut_section(model, clock, name, times)
    )
    leaves = {name: named[name].depart_at_s for name in disturbance.delays_min}
    starts = [*leaves.values(), *(closure.from_s for closure in shut)]
    # A moment before: what leaves at the instant itself has left already.
    now_s = min(starts, default=min((path.depart_at_s for path in paths), default=0)) - 1
    held = {
        named[name].train_id: leaves[name] - now_s + round(minutes * MINUTE_S)
        for name, minutes in disturbance.delays_min.items()
    }
    least_run_s = _limit_steps(model, disturbance.speeds_kmh)
    return Disruption(now_s, held, shut, least_run_s=least_run_s)


def _shut_section(
    model: LineModel, clock: DayClock, section_id: str, times: tuple[str, str]
) -> Sequence[Closure]:
    """Closures of all steps of a section, in the time of its first point."""
    zones = dict(clock.tables["operational_points"].select("point_id", "zone").iter_rows())
    steps = [n for n, step in enumerate(model.steps) if step.section_id == section_id]
    zone = zones[model.steps[steps[0]].from_point] or "Etc/UTC"
    from_s, to_s = (
        civil_to_epoch_s(clock.day, face, zone, clock.epoch, allow_gap=True) for face in times
    )
    if to_s <= from_s:
        to_s += DAY_S
    return [Closure(f"closed {section_id}", from_s, to_s, step=step) for step in steps]


def _limit_steps(model: LineModel, speeds_kmh: Mapping[str, float]) -> dict[int, int]:
    """Running time over each slow step at its speed: no train is faster, each by itself [s]."""
    return {
        number: round(step.length_km / speeds_kmh[step.section_id] * HOUR_S)
        for number, step in enumerate(model.steps)
        if step.section_id in speeds_kmh
    }
