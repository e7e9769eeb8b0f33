"""What a study states of the standstills that a change of gauge, locomotive or country needs.

Main function: :func:`read_stated_stands`. A procedure that a through coach goes through at a point
holds for a train that passes there; so does the stay of a stated train that runs through, but for
its gauge. Nothing else tells how long such work takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl

from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.trains.timing_kernel import UNKNOWN

__all__ = ["Movement", "Need", "StatedProcedure", "StatedStands", "Stay", "read_stated_stands"]


class Need(StrEnum):
    """What a train cannot do while it runs."""

    GAUGE = "change of gauge"
    LOCOMOTIVE = "change of locomotive"
    BORDER = "border control"


CONTROLS: Final = frozenset({"exit_control", "entry_control", "customs", "quarantine"})
Movement = tuple[int, int, int]
"""Point, step that leads there and step that leads on; -1 = unknown."""


@dataclass(frozen=True, slots=True)
class StatedProcedure:
    """A procedure that a through coach goes through.

    Parameters
    ----------
    procedure_id : str
        The procedure.
    movement : tuple of int
        Where, and between which steps.
    needs : frozenset of Need
        What it serves.
    """

    procedure_id: str
    movement: Movement
    needs: frozenset[Need]


@dataclass(frozen=True, slots=True)
class Stay:
    """Shortest stay of stated trains that run through a point.

    Parameters
    ----------
    train_id : str
        The train.
    stay_s : int
        How long [s].
    """

    train_id: str
    stay_s: int


@dataclass(frozen=True, slots=True)
class StatedStands:
    """What a study states of standstills.

    Parameters
    ----------
    procedures : mapping of int to tuple of StatedProcedure
        By number of the point.
    stays : mapping of int to mapping of Movement to Stay
        Shortest stays of trains that stop where they run through, by point.
    crossed : mapping of int to frozenset of int
        Steps over which trains run that run through a point, by point.
    borders_h : mapping of frozenset of int to (float, float) or None
        Shortest and longest stay of passengers at a border, by the two points at it; None = not
        stated [h].
    work_s : mapping of str to (float, float, float)
        Shortest, likely and longest time that each procedure takes once all is open [s].
    """

    procedures: Mapping[int, tuple[StatedProcedure, ...]] = field(default_factory=dict)
    stays: Mapping[int, Mapping[Movement, Stay]] = field(default_factory=dict)
    crossed: Mapping[int, frozenset[int]] = field(default_factory=dict)
    borders_h: Mapping[frozenset[int], tuple[float, float] | None] = field(default_factory=dict)
    work_s: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def find_procedure(self, movement: Movement, needs: frozenset[Need]) -> StatedProcedure | None:
        """The procedure that serves most of some needs, that of the same movement first.

        Parameters
        ----------
        movement : tuple of int
            Where the train passes.
        needs : frozenset of Need
            What it needs.

        Returns
        -------
        StatedProcedure or None
            None where none serves any of the needs.
        """

        def rate(one: StatedProcedure) -> tuple[int, int, int]:
            _, before, after = one.movement
            same = (after == movement[2]) + (before == movement[1])
            # Against the movement it tells of the work, not of this side's controls.
            opposite = (after == movement[1]) + (before == movement[2])
            return (len(one.needs & needs), same, -opposite)

        found = [one for one in self.procedures.get(movement[0], ()) if one.needs & needs]
        return max(found, key=rate, default=None)

    def find_stay(self, point: int, *steps: int) -> Stay | None:
        """Shortest stay of stated trains that run through a point.

        Parameters
        ----------
        point : int
            The point.
        *steps : int
            Steps at it that they run over; where none does, those over any steps count, unless a
            single one is named.

        Returns
        -------
        Stay or None
            None where nobody stops.
        """
        here = [*self.stays.get(point, {}).items()]
        same = [one for one in here if set(steps) <= set(one[0][1:])]
        found = same if len(steps) == 1 else same or here
        return min((stay for _, stay in found), key=lambda stay: stay.stay_s, default=None)

    def crosses(self, point: int, step: int) -> bool:
        """Whether a stated train runs through a point and over a step at it."""
        return step in self.crossed.get(point, ())


def read_stated_stands(
    traffic: StatedTraffic,
    tables: Mapping[str, pl.DataFrame],
    work_s: Mapping[str, tuple[float, float, float]],
) -> StatedStands:
    """What is stated of standstills at every point.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    tables : mapping of str to DataFrame
        ``coach_legs``, ``procedures``, ``procedure_steps``, ``borders`` and ``train_stops``.
    work_s : mapping of str to (float, float, float)
        Shortest, likely and longest time of each procedure [s].

    Returns
    -------
    StatedStands
        Procedures, stays and borders.
    """
    numbers = traffic.model.point_numbers
    borders: dict[frozenset[int], tuple[float, float] | None] = {}
    for row in tables["borders"].iter_rows(named=True):
        hours = [row["passenger_dwell_low_h"], row["passenger_dwell_high_h"]]
        stated = sorted(float(value) for value in hours if value is not None)
        ends = frozenset({numbers[row["point_a"]], numbers[row["point_b"]]})
        borders[ends] = (stated[0], stated[-1]) if stated else None
    stays, crossed = _list_stays(traffic, tables["train_stops"])
    return StatedStands(_list_procedures(traffic, tables), stays, crossed, borders, work_s)


def _list_procedures(
    traffic: StatedTraffic, tables: Mapping[str, pl.DataFrame]
) -> dict[int, tuple[StatedProcedure, ...]]:
    """Procedures of through coaches, by the point at which they are worked."""
    kinds: dict[str, set[str]] = {}
    for name, kind in tables["procedure_steps"].select("procedure_id", "kind").iter_rows():
        kinds.setdefault(name, set()).add(kind)
    is_border = dict(tables["procedures"].select("procedure_id", pl.col("kind") == "border").rows())
    courses = _list_ways(traffic)
    legs = tables["coach_legs"].sort("service_id", "sequence")
    found: dict[int, dict[StatedProcedure, None]] = {}
    for _, of_service in legs.group_by("service_id", maintain_order=True):
        before: Mapping[str, Any] | None = None
        for leg in of_service.iter_rows(named=True):
            name, point = leg["procedure_id"], traffic.model.point_numbers[leg["from_point"]]
            if name in kinds:
                movement = (
                    point,
                    -1 if before is None else _find_step(courses, before["train_id"], point, 0),
                    _find_step(courses, leg["train_id"], point, 1),
                )
                needs = _list_needs(kinds[name], is_border=bool(is_border.get(name)))
                found.setdefault(point, {})[StatedProcedure(name, movement, needs)] = None
            before = leg
    return {point: tuple(procedures) for point, procedures in found.items()}


def _list_needs(kinds: set[str], *, is_border: bool) -> frozenset[Need]:
    """What a procedure of some kinds of steps serves."""
    needs: set[Need] = set()
    # To exchange bogies the coaches leave their locomotive.
    if "bogie_exchange" in kinds:
        needs |= {Need.GAUGE, Need.LOCOMOTIVE}
    # At a border the coach is put behind another locomotive.
    if "locomotive_change" in kinds or (is_border and "attach" in kinds):
        needs.add(Need.LOCOMOTIVE)
    if is_border or kinds & CONTROLS:
        needs.add(Need.BORDER)
    return frozenset(needs)


def _list_ways(traffic: StatedTraffic) -> dict[str, tuple[list[int], list[int]]]:
    """Points of each train that runs at some time, and the steps that lead to them."""
    courses, timed = traffic.passings.courses, traffic.timed
    ways = {}
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        course = int(traffic.passings.own[pattern])
        span = slice(int(courses.first[course]), int(courses.first[course + 1]))
        ways[timed.train_ids[train]] = (courses.point[span].tolist(), courses.step[span].tolist())
    return ways


def _find_step(
    ways: Mapping[str, tuple[list[int], list[int]]], train_id: str, point: int, ahead: int
) -> int:
    """Step by which a train reaches a point, or that by which it leaves it; -1 = none."""
    points, steps = ways.get(train_id, ([], []))
    place = points.index(point) + ahead if point in points else -1
    return steps[place] if 0 <= place < len(steps) else -1


def _list_stays(
    traffic: StatedTraffic, train_stops: pl.DataFrame
) -> tuple[dict[int, dict[Movement, Stay]], dict[int, frozenset[int]]]:
    """Shortest stay of the trains that run through each point, and over which steps they do."""
    courses, passings, timed = traffic.passings.courses, traffic.passings, traffic.timed
    stays: dict[int, dict[Movement, Stay]] = {}
    crossed: dict[int, set[int]] = {}
    is_stated = pl.col("dwell_min").is_not_null() | (
        pl.col("arrival").is_not_null() & pl.col("departure").is_not_null()
    )
    stops = train_stops.sort("train_id", "sequence").select("train_id", is_stated)
    stated = dict(stops.group_by("train_id").agg("dwell_min").iter_rows())
    for pattern, (begin, end) in enumerate(pairwise(passings.first.tolist())):
        course = int(passings.own[pattern])
        first = int(courses.first[course])
        points = courses.point[first : first + end - begin].tolist()
        steps = courses.step[first : first + end - begin].tolist()
        arrive, leave = passings.arrival_s[begin:end], passings.departure_s[begin:end]
        is_known = (arrive != UNKNOWN) & (leave != UNKNOWN)
        train_id = timed.train_ids[timed.pattern_trains[pattern]]
        span = slice(int(courses.stop_first[course]), int(courses.stop_first[course + 1]))
        stated_places = {
            place
            for place, is_known_stay in zip(
                courses.stop_place[span].tolist(), stated[train_id], strict=True
            )
            if is_known_stay
        }
        for place in (np.flatnonzero(is_known[1:-1]) + 1).tolist():
            movement = (points[place], steps[place], steps[place + 1])
            if min(movement) < 0:
                continue
            crossed.setdefault(movement[0], set()).update(movement[1:])
            stay_s = int(leave[place] - arrive[place])
            here = stays.setdefault(movement[0], {})
            if (
                place in stated_places
                and stay_s > 0
                and (movement not in here or stay_s < here[movement].stay_s)
            ):
                here[movement] = Stay(train_id, stay_s)
    return stays, {point: frozenset(of_point) for point, of_point in crossed.items()}
