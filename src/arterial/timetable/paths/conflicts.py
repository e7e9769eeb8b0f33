"""Conflicts between train paths: what cannot stand as it is, where, when, and what would mend it.

Main function: :func:`find_conflicts`. It looks at every pair of users of every step and counts the
trains at every point in plain Python, and shares no code with the search for paths.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl

from arterial.study import conform_table, empty_table, join_list
from arterial.timetable.paths.line_model import UNLIMITED_TRACKS, LineModel, LineStep
from arterial.timetable.paths.links import LinkKind, TrainLink
from arterial.timetable.paths.possessions import Closure
from arterial.timetable.paths.requests import TrainPath

__all__ = ["Conflict", "ConflictKind", "find_conflicts", "tabulate_conflicts"]


class ConflictKind(StrEnum):
    """What two users of the track do to each other."""

    HEADWAY = "headway"
    OPPOSING = "opposing"
    STATION_FULL = "station_full"
    TOO_LONG = "too_long"
    GAUGE = "gauge"
    VOLTAGE = "voltage"
    POSSESSION = "possession"
    LINK = "link"


CURES: Final = {
    ConflictKind.HEADWAY: "Let the later train leave {missing_s} s later, or wait at {place}.",
    ConflictKind.OPPOSING: "Let one of them wait for the other before the step: {missing_s} s.",
    ConflictKind.STATION_FULL: "Let one train less be there: hold one a station before, or give "
    "{place} a further track.",
    ConflictKind.TOO_LONG: "Let them meet where a loop holds one of them, or lengthen the loop.",
    ConflictKind.GAUGE: "Take a train of the gauge of the step, or change gauge before it.",
    ConflictKind.VOLTAGE: "Change the locomotive before the step.",
    ConflictKind.POSSESSION: "Let the train pass before or after, or move the possession: "
    "{missing_s} s.",
    ConflictKind.LINK: "Let the linked train wait {missing_s} s longer.",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Users of the track that cannot all stand as they are.

    Parameters
    ----------
    kind : ConflictKind
        What is broken.
    train_ids : tuple of str
        Trains concerned.
    from_s, to_s : int
        When [s].
    missing_s : int
        By how much the rule is broken [s].
    step : LineStep or None
        Step on which it happens.
    point_id : str or None
        Point at which it happens.
    possession_id : str or None
        Possession concerned.
    """

    kind: ConflictKind
    train_ids: tuple[str, ...]
    from_s: int
    to_s: int
    missing_s: int
    step: LineStep | None = None
    point_id: str | None = None
    possession_id: str | None = None

    @property
    def place(self) -> str:
        """Where it happens, in words."""
        if self.point_id is not None:
            return self.point_id
        return "" if self.step is None else f"{self.step.from_point}-{self.step.to_point}"

    @property
    def cure(self) -> str:
        """What would mend it."""
        return CURES[self.kind].format(missing_s=self.missing_s, place=self.place)


@dataclass(frozen=True, slots=True)
class _Use:
    """A train on a step or at a point."""

    enter_s: int
    leave_s: int
    path: TrainPath
    is_backward: bool = False

    @property
    def train_id(self) -> str:
        return self.path.train_id


def find_conflicts(
    model: LineModel,
    paths: Iterable[TrainPath],
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
) -> tuple[Conflict, ...]:
    """Every conflict between paths, possessions and links.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : iterable of TrainPath
        The paths.
    closures : iterable of Closure
        What possessions take.
    links : iterable of TrainLink
        Links between the trains.

    Returns
    -------
    tuple of Conflict
        By time, then place and trains.
    """
    paths, closures = list(paths), list(closures)
    steps: dict[int, list[_Use]] = defaultdict(list)
    points: dict[str, list[_Use]] = defaultdict(list)
    for path in paths:
        _list_uses(model, path, steps, points)
    found: list[Conflict] = []
    for number, uses in steps.items():
        found += _judge_step(model, model.steps[number], sorted(uses, key=_by_entry))
        found += _judge_closures(model.steps[number], uses, closures, number)
    for point, uses in points.items():
        found += _judge_point(model, point, uses, closures)
    for path in paths:
        found += _judge_track(model, path)
    found += _judge_links({path.train_id: path for path in paths}, links)
    return tuple(sorted(found, key=lambda one: (one.from_s, one.place, one.kind, one.train_ids)))


def tabulate_conflicts(conflicts: Sequence[Conflict]) -> pl.DataFrame:
    """Conflicts as the result table ``conflicts``."""
    rows = [
        {
            "conflict_id": f"C{number:06d}",
            "kind": one.kind.value,
            "point_id": one.point_id,
            "section_id": None if one.step is None else one.step.section_id,
            "from_point": None if one.step is None else one.step.from_point,
            "to_point": None if one.step is None else one.step.to_point,
            "from_at_s": one.from_s,
            "to_at_s": one.to_s,
            "path_ids": join_list(one.train_ids),
            "possession_id": one.possession_id,
            "missing_s": one.missing_s,
            "cure": one.cure,
        }
        for number, one in enumerate(conflicts, start=1)
    ]
    if not rows:
        return empty_table("conflicts")
    return conform_table("conflicts", pl.DataFrame(rows, infer_schema_length=None))


def _by_entry(use: _Use) -> tuple[int, int, str]:
    return (use.enter_s, use.leave_s, use.train_id)


def _list_uses(
    model: LineModel,
    path: TrainPath,
    steps: dict[int, list[_Use]],
    points: dict[str, list[_Use]],
) -> None:
    """Add the uses of one path to those of steps and points."""
    names = path.request.points
    for place, point in enumerate(names):
        arrival, departure = int(path.arrival_s[place]), int(path.departure_s[place])
        points[point].append(_Use(arrival, departure, path))
        if place + 1 < len(names):
            number = int(path.request.step_rows["row"][place])
            is_backward = model.steps[number].from_point != point
            arrival = int(path.arrival_s[place + 1])
            steps[number].append(_Use(departure, arrival, path, is_backward))


def _judge_step(model: LineModel, step: LineStep, uses: list[_Use]) -> Iterator[Conflict]:
    """Pairs of trains that come too close on a step."""
    reach = model.longest_interval_s
    for place, first in enumerate(uses):
        for second in uses[place + 1 :]:
            if second.enter_s >= first.leave_s + reach:
                break
            is_opposing = first.is_backward != second.is_backward
            if is_opposing and not step.is_single:
                continue
            missing_s = _miss(model, step, first, second)
            if missing_s > 0 and first.path is not second.path:
                yield Conflict(
                    kind=ConflictKind.OPPOSING if is_opposing else ConflictKind.HEADWAY,
                    train_ids=(first.train_id, second.train_id),
                    from_s=second.enter_s,
                    to_s=max(first.leave_s, second.enter_s),
                    missing_s=missing_s,
                    step=step,
                )


def _miss(model: LineModel, step: LineStep, first: _Use, second: _Use) -> int:
    """By how much the second of two trains comes too early onto a step [s]."""
    rules, stated = model.rules, step.intervals[int(second.is_backward)]
    if first.is_backward != second.is_backward:
        gap_s = rules.opposing_interval_s if stated.opposing_s is None else stated.opposing_s
        return first.leave_s + gap_s - second.enter_s
    if not step.can_follow:
        gap_s = rules.following_interval_s if stated.following_s is None else stated.following_s
        return first.leave_s + gap_s - second.enter_s
    gap_s = rules.headway_s if stated.headway_s is None else stated.headway_s
    return max(first.enter_s + gap_s - second.enter_s, first.leave_s + gap_s - second.leave_s)


def _judge_closures(
    step: LineStep, uses: list[_Use], closures: Iterable[Closure], number: int
) -> Iterator[Conflict]:
    """Trains on a step while a possession holds it."""
    for closure in closures:
        if closure.step != number:
            continue
        for use in uses:
            if closure.direction is not None and closure.direction != int(use.is_backward):
                continue
            from_s, to_s = max(use.enter_s, closure.from_s), min(use.leave_s, closure.to_s)
            if from_s < to_s:
                yield Conflict(
                    kind=ConflictKind.POSSESSION,
                    train_ids=(use.train_id,),
                    from_s=from_s,
                    to_s=to_s,
                    missing_s=min(use.leave_s - closure.from_s, closure.to_s - use.enter_s),
                    step=step,
                    possession_id=closure.possession_id,
                )


def _judge_point(
    model: LineModel, point: str, uses: list[_Use], closures: Iterable[Closure]
) -> Iterator[Conflict]:
    """Times at which a point holds more trains than tracks, or several that no loop holds."""
    number = model.point_numbers[point]
    release, tracks = model.rules.track_release_s, model.tracks_count[number]
    held = [(use.enter_s, use.leave_s + release, use.train_id, 1) for use in uses]
    if tracks < UNLIMITED_TRACKS:
        here = [closure for closure in closures if closure.point == number]
        closed = [
            (one.from_s, one.to_s, one.possession_id, min(one.tracks_count, tracks)) for one in here
        ]
        for over in _find_overfull([*held, *closed], tracks):
            names = {one.possession_id for one in here} & set(over.users)
            yield Conflict(
                kind=ConflictKind.POSSESSION if names else ConflictKind.STATION_FULL,
                train_ids=tuple(sorted(set(over.users) - names)),
                from_s=over.from_s,
                to_s=over.to_s,
                missing_s=over.to_s - over.from_s,
                point_id=point,
                possession_id=min(names, default=None),
            )
    if number in model.station_tracks:
        yield from _judge_listed(model, point, uses)
        return
    loop_m = model.loop_length_m[number]
    lengths = {use.train_id: use.path.request.traits.length_m for use in uses}
    long = [one for one in held if (lengths[one[2]] or 0.0) > loop_m]
    for over in _find_overfull(long, 1):
        yield Conflict(
            kind=ConflictKind.TOO_LONG,
            train_ids=tuple(sorted(set(over.users))),
            from_s=over.from_s,
            to_s=over.to_s,
            missing_s=over.to_s - over.from_s,
            point_id=point,
        )


def _judge_listed(model: LineModel, point: str, uses: list[_Use]) -> Iterator[Conflict]:
    """Trains that come to a point when no track of its own is left for each that is there."""
    tracks = model.station_tracks[model.point_numbers[point]]
    release = model.rules.track_release_s

    def list_holding(use: _Use) -> list[int]:
        request = use.path.request
        here = request.points.index(point)
        rows = request.step_rows["row"][max(here - 1, 0) : here + 1].tolist()
        ways = [(model.steps[row].section_id, model.steps[row].gauges_mm) for row in rows]
        length_m = request.traits.length_m or 0.0
        reached = [n for n, track in enumerate(tracks) if track.suits(ways)]
        holding = [n for n in reached if length_m <= tracks[n].length_m]
        return holding or reached or list(range(len(tracks)))

    def seat(waiting: Sequence[list[int]], taken: frozenset[int]) -> bool:
        if not waiting:
            return True
        free = [track for track in waiting[0] if track not in taken]
        return any(seat(waiting[1:], taken | {track}) for track in free)

    for use in uses:
        there = [
            other
            for other in uses
            if other.enter_s <= use.enter_s < max(other.leave_s, other.enter_s) + release
        ]
        held = sorted((list_holding(other) for other in there), key=len)
        if 1 < len(there) <= len(tracks) and not seat(held, frozenset()):
            yield Conflict(
                kind=ConflictKind.STATION_FULL,
                train_ids=tuple(sorted({other.train_id for other in there})),
                from_s=use.enter_s,
                to_s=use.enter_s + 1,
                missing_s=min(other.leave_s for other in there) + release - use.enter_s,
                point_id=point,
            )


@dataclass(frozen=True, slots=True)
class _Overfull:
    """A time at which a point holds too much."""

    from_s: int
    to_s: int
    users: tuple[str, ...]


def _find_overfull(held: Sequence[tuple[int, int, str, int]], limit: int) -> Iterator[_Overfull]:
    """Longest periods in which more is held than the limit allows, with all that takes part."""
    events = [(one[1], -one[3], one[2]) for one in held] + [
        (one[0], one[3], one[2]) for one in held
    ]
    inside, users, since = 0, [], None
    present: dict[str, int] = defaultdict(int)
    for at_s, change, name in sorted(events):
        inside += change
        present[name] += change
        if inside > limit:
            since = at_s if since is None else since
            users += [one for one, count in present.items() if count > 0]
        elif since is not None:
            if at_s > since:
                yield _Overfull(since, at_s, tuple(dict.fromkeys(users)))
            since, users = None, []


def _judge_track(model: LineModel, path: TrainPath) -> Iterator[Conflict]:
    """Steps whose gauge or contact line a train cannot use."""
    traits = path.request.traits
    for place, row in enumerate(path.request.step_rows["row"].tolist()):
        step = model.steps[row]
        kinds = []
        if traits.gauge_mm is not None and step.gauges_mm and traits.gauge_mm not in step.gauges_mm:
            kinds.append(ConflictKind.GAUGE)
        if traits.systems and step.electrification and step.electrification not in traits.systems:
            kinds.append(ConflictKind.VOLTAGE)
        for kind in kinds:
            enter, leave = int(path.departure_s[place]), int(path.arrival_s[place + 1])
            yield Conflict(kind, (path.train_id,), enter, leave, leave - enter, step=step)


def _judge_links(paths: dict[str, TrainPath], links: Iterable[TrainLink]) -> Iterator[Conflict]:
    """Links that the paths do not keep."""
    for link in links:
        path, other = paths.get(link.train_id), paths.get(link.other_train_id)
        if path is None or other is None:
            continue
        here, there = path.request.points, other.request.points
        if link.point_id not in here or link.point_id not in there:
            continue
        place, place_other = here.index(link.point_id), there.index(link.point_id)
        leave, arrive = int(path.departure_s[place]), int(other.arrival_s[place_other])
        missing_s = arrive + link.least_s - leave
        if link.kind is LinkKind.TOGETHER:
            until = min(leave, int(other.departure_s[place_other]))
            missing_s = link.least_s - (until - max(arrive, int(path.arrival_s[place])))
        if missing_s > 0:
            yield Conflict(
                kind=ConflictKind.LINK,
                train_ids=(link.train_id, link.other_train_id),
                from_s=min(leave, arrive),
                to_s=max(leave, arrive),
                missing_s=missing_s,
                point_id=link.point_id,
            )
