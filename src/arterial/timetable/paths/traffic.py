"""Who uses the line when: the paths that stand, and what is left between them.

Main class: :class:`Traffic`, a ledger of uses that trains and possessions enter and leave; it is
the one object here that changes. Free windows are read from it by compiled kernels.
Possessions are users too: :func:`resolve_possessions` says which steps and tracks they close, and
when.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import civil_to_epoch_s
from arterial.errors import Fault, LimitError, StudyError
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.requests import PathRequest, TrainPath
from arterial.timetable.paths.windows_kernel import (
    CLOSED,
    CLOSED_FORWARD,
    FITS,
    USE,
    add_uses,
    list_point_windows,
    list_step_windows,
    remove_owner,
)
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.units import DAY_S, MINUTE_S

__all__ = ["Closure", "FreeWindows", "Traffic", "count_possession_days", "resolve_possessions"]

FIRST_CAPACITY: Final = 16

Integers = NDArray[np.int64]
Records = NDArray[np.void]

DIRECTIONS: Final = {"both": None, "forward": 0, "backward": 1}

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Closure:
    """What a possession takes from the trains at one place.

    Parameters
    ----------
    possession_id : str
        The possession, on one day.
    from_s, to_s : int
        From when to when [s].
    step : int or None
        Step that is closed; None = tracks of a point.
    direction : int or None
        Direction that is closed; None = both.
    point : int or None
        Point of which tracks are closed.
    tracks_count : int
        Tracks closed there.
    """

    possession_id: str
    from_s: int
    to_s: int
    step: int | None = None
    direction: int | None = None
    point: int | None = None
    tracks_count: int = 0


@dataclass(frozen=True, slots=True)
class FreeWindows:
    """Free windows along a way.

    Parameters
    ----------
    step_starts, point_starts : numpy.ndarray of int64
        Where the windows of each step and point begin.
    step_windows, point_windows : numpy.ndarray of STEP_WINDOW and of POINT_WINDOW
        The windows, those of a step or point in order of time.
    """

    step_starts: Integers
    step_windows: Records
    point_starts: Integers
    point_windows: Records


class Traffic:
    """The paths and possessions that stand on a line.

    Parameters
    ----------
    model : LineModel
        The line.
    """

    def __init__(self, model: LineModel) -> None:
        self.model = model
        self.owners: list[str] = []
        self.paths: dict[str, TrainPath] = {}
        self.closures: dict[str, list[Closure]] = {}
        self._numbers: dict[str, int] = {}
        self._steps = _Ledger(len(model.steps))
        self._points = _Ledger(len(model.point_ids))

    @classmethod
    def of(
        cls, model: LineModel, paths: Iterable[TrainPath], closures: Iterable[Closure] = ()
    ) -> Self:
        """Traffic of paths and closures that all stand at once."""
        traffic = cls(model)
        for closure in closures:
            traffic.close(closure)
        for path in paths:
            traffic.add(path)
        return traffic

    def add(self, path: TrainPath) -> None:
        """Let a path stand.

        Raises
        ------
        LimitError
            If its train has a path already.
        """
        if path.train_id in self.paths:
            message = f"Train {path.train_id} has a path already; remove it first."
            raise LimitError(message)
        owner = self._number(path.train_id)
        self.paths[path.train_id] = path
        steps, points = path.request.step_rows, path.request.point_rows
        arrival, departure = path.arrival_s, path.departure_s
        self._steps.add(steps["row"], departure[:-1], arrival[1:], steps["direction"], owner)
        self._points.add(points["row"], arrival, departure, points["is_long"], owner)

    def remove(self, train_id: str) -> TrainPath:
        """Take away the path of a train and give it back."""
        path = self.paths.pop(train_id)
        owner = self._numbers[train_id]
        self._steps.remove(path.request.step_rows["row"], owner)
        self._points.remove(path.request.point_rows["row"], owner)
        return path

    def close(self, closure: Closure) -> None:
        """Let a possession take its track."""
        owner = self._number(closure.possession_id)
        self.closures.setdefault(closure.possession_id, []).append(closure)
        from_s = np.array([closure.from_s])
        if closure.step is not None:
            mark = CLOSED if closure.direction is None else CLOSED_FORWARD + closure.direction
            until_s, row = np.array([closure.to_s]), np.array([closure.step])
            self._steps.add(row, from_s, until_s, np.array([mark]), owner)
        if closure.point is not None:
            # A track is released a moment after its user leaves: a closure needs no such moment.
            until_s = np.array([closure.to_s]) - self.model.rules.encode().release_s
            for _ in range(min(closure.tracks_count, self.model.tracks_count[closure.point])):
                row = np.array([closure.point])
                self._points.add(row, from_s, until_s, np.array([FITS]), owner)

    def copy(self) -> "Traffic":
        """A ledger of the same paths and closures that changes by itself."""
        closures = [closure for several in self.closures.values() for closure in several]
        return Traffic.of(self.model, self.paths.values(), closures)

    def free_windows(
        self,
        request: PathRequest,
        *,
        without: Collection[str] = (),
        margin_s: int | None = None,
    ) -> FreeWindows:
        """Free windows along the way of a request.

        Parameters
        ----------
        request : PathRequest
            Whose way.
        without : collection of str
            Trains and possessions that count as absent.
        margin_s : int, optional
            Margin towards other trains; that of the line's rules if left out [s].

        Returns
        -------
        FreeWindows
            The windows.
        """
        rules = self.model.rules.encode(margin_s=margin_s)
        ignored = np.zeros(len(self.owners) + 1, np.bool_)
        for name in (*without, request.train_id):
            if name in self._numbers:
                ignored[self._numbers[name]] = True
        steps, points = self._steps, self._points
        step_starts, step_windows = list_step_windows(
            steps.uses, steps.counts, request.step_rows, rules, ignored
        )
        point_starts, point_windows = list_point_windows(
            points.uses, points.counts, request.point_rows, rules, ignored
        )
        return FreeWindows(step_starts, step_windows, point_starts, point_windows)

    def list_users(self, request: PathRequest, from_s: int, to_s: int) -> list[str]:
        """Trains and possessions that use the way of a request in some period, in a fixed order."""
        owners: set[int] = set()
        for ledger, rows in ((self._steps, request.step_rows), (self._points, request.point_rows)):
            for row in rows["row"]:
                owners |= ledger.list_owners(int(row), from_s, to_s)
        names = {self.owners[owner] for owner in owners} - {request.train_id}
        return sorted(names)

    def _number(self, name: str) -> int:
        """Number of an owner, given on first sight."""
        if name not in self._numbers:
            self._numbers[name] = len(self.owners)
            self.owners.append(name)
        return self._numbers[name]


class _Ledger:
    """Uses of many rows, each sorted by entry."""

    def __init__(self, rows_count: int) -> None:
        self.uses = np.zeros((rows_count, FIRST_CAPACITY), USE)
        self.counts = np.zeros(rows_count, np.int64)

    def add(
        self, rows: Integers, enter_s: Integers, leave_s: Integers, marks: Integers, owner: int
    ) -> None:
        """Enter one use in each of some rows."""
        # A way may pass a row more than once.
        most = int(np.bincount(rows).max())
        while int(self.counts[rows].max()) + most > self.uses.shape[1]:
            grown = np.zeros((len(self.counts), 2 * self.uses.shape[1]), USE)
            grown[:, : self.uses.shape[1]] = self.uses
            self.uses = grown
        new = np.empty(len(rows), USE)
        new["enter_s"], new["leave_s"], new["mark"], new["owner"] = enter_s, leave_s, marks, owner
        add_uses(self.uses, self.counts, np.ascontiguousarray(rows), new)

    def remove(self, rows: Integers, owner: int) -> None:
        """Delete the uses of an owner in some rows."""
        remove_owner(self.uses, self.counts, np.ascontiguousarray(rows), owner)

    def list_owners(self, row: int, from_s: int, to_s: int) -> set[int]:
        """Owners of uses that touch a period."""
        uses = self.uses[row, : self.counts[row]]
        touches = (uses["enter_s"] <= to_s) & (uses["leave_s"] >= from_s)
        return set(uses["owner"][touches].tolist())


def resolve_possessions(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    *,
    epoch: date,
    day_from: date,
    day_to: date,
) -> tuple[Closure, ...]:
    """What possessions close on the days of a period.

    Parameters
    ----------
    model : LineModel
        The line.
    tables : mapping of str to DataFrame
        ``possessions``, ``calendar_rules``, ``operational_points``.
    epoch : date
        Study epoch.
    day_from, day_to : date
        First and last local day on which they begin.

    Returns
    -------
    tuple of Closure
        One for each possession, day and step or point.

    Raises
    ------
    StudyError
        Naming every possession that has neither a section nor a point, or a stretch that its
        section does not have.
    """
    points = tables["operational_points"]
    zones = dict(points.select("point_id", "zone").iter_rows())
    calendars = resolve_calendars(tables["calendar_rules"], day_from, day_to)
    faults: list[Fault] = []
    closures: list[Closure] = []
    for row in tables["possessions"].iter_rows(named=True):
        places = list(_list_places(model, row))
        if not places:
            faults.append(_fault_of(row))
            continue
        zone = zones[_find_clock(model, row)]
        for day in _list_days(row, calendars, day_from, day_to):
            from_s = civil_to_epoch_s(day, row["start"], zone, epoch, allow_gap=True)
            closures += [
                Closure(
                    possession_id=f"{row['possession_id']}@{day}",
                    from_s=from_s,
                    to_s=from_s + round(row["duration_min"] * MINUTE_S),
                    step=place if row["section_id"] is not None else None,
                    direction=DIRECTIONS[row["direction"] or "both"],
                    point=None if row["section_id"] is not None else place,
                    tracks_count=row["tracks_count"] or model.tracks_count[place]
                    if row["section_id"] is None
                    else 0,
                )
                for place in places
            ]
    if faults:
        message = f"{len(faults)} possessions close nothing."
        raise StudyError(message, faults)
    return tuple(closures)


def count_possession_days(possessions: pl.DataFrame) -> int:
    """Days before a day on which a possession may begin that still lasts on it [d].

    Parameters
    ----------
    possessions : DataFrame
        Table ``possessions``.

    Returns
    -------
    int
        At least 1: clocks of places differ.
    """
    longest_min = possessions["duration_min"].max()
    seconds = float(str(longest_min or 0.0)) * MINUTE_S
    return int(seconds // DAY_S) + 1


def _list_places(model: LineModel, row: Row) -> Iterator[int]:
    """Steps that a possession closes, or the one point."""
    if row["section_id"] is None:
        if row["point_id"] in model.point_numbers:
            yield model.point_numbers[str(row["point_id"])]
        return
    steps = [
        (number, step)
        for number, step in enumerate(model.steps)
        if step.section_id == row["section_id"]
    ]
    begin = row["from_point"] or (steps[0][1].from_point if steps else None)
    end = row["to_point"] or (steps[-1][1].to_point if steps else None)
    names = [step.from_point for _, step in steps] + [step.to_point for _, step in steps[-1:]]
    if begin not in names or end not in names:
        return
    first, last = sorted((names.index(str(begin)), names.index(str(end))))
    for number, _ in steps[first:last]:
        yield number


def _find_clock(model: LineModel, row: Row) -> str:
    """Point whose clock a possession keeps."""
    if row["section_id"] is None:
        return str(row["point_id"])
    steps = [step for step in model.steps if step.section_id == row["section_id"]]
    return str(row["from_point"] or steps[0].from_point)


def _list_days(
    row: Row, calendars: Mapping[str, Mapping[date, object]], day_from: date, day_to: date
) -> list[date]:
    """Days on which a possession begins."""
    first, last = row["first_day"], row["last_day"]
    first = max(day_from, first) if isinstance(first, date) else day_from
    last = min(day_to, last) if isinstance(last, date) else day_to
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    if row["calendar_id"] is None:
        return days
    named = set(list_calendar_days(calendars.get(str(row["calendar_id"]), {})))  # type: ignore[arg-type]
    return [day for day in days if day in named]


def _fault_of(row: Row) -> Fault:
    return Fault(
        cause=f"Possession {row['possession_id']} names no stretch of track.",
        cure="Name section_id with two of its points, or point_id with the tracks that are closed.",
        file="tables/possessions.csv",
        column="section_id",
    )
