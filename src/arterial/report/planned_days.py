"""A planned day in words: what was moved, who waits where behind whom; `describe_planned_day`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.clock import local_text
from arterial.report.timetable_answer import KIND_WORDS
from arterial.report.wording import count_text
from arterial.study import Study
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "describe_conflicts",
    "describe_crossed",
    "describe_missing_faces",
    "describe_planned_day",
    "describe_positions",
    "describe_too_fast",
    "describe_wishes",
]

ROWS_IN_WORDS: Final = 10


def describe_conflicts(
    study: Study, conflicts: Sequence[Mapping[str, Any]], *, rows: int = ROWS_IN_WORDS
) -> list[str]:
    """Conflicts as lines, the gravest first.

    Parameters
    ----------
    study : Study
        The study, for names and zones.
    conflicts : sequence of mapping
        Rows of ``timetable_conflicts``.
    rows : int
        Lines to give.

    Returns
    -------
    list of str
        One line each; the last says how many are left out.
    """
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    lines = []
    for row in conflicts[:rows]:
        at = row["point_id"] or row["from_point"]
        place = at if row["point_id"] else f"{row['from_point']}-{row['to_point']}"
        when = local_text(row["from_at_s"], study.settings.epoch, zones.get(at) or "Etc/UTC")
        grave = "cannot be run" if row["is_impossible"] else "close, or to be settled on the way"
        others = (row["other_train_ids"] or row["possession_id"] or "").split(";")
        trains = " and ".join(filter(None, (row["train_id"], ", ".join(others))))
        lines.append(
            f"{place}  {when}  {trains}: {KIND_WORDS[row['kind']]}, {_describe_missing(row)}"
            f"{count_text(row['days_count'], 'day')} ({grave})"
        )
    if len(conflicts) > rows:
        lines.append(f"... and {len(conflicts) - rows} more; --rows 0 shows all.")
    return lines


def _describe_missing(row: Mapping[str, Any]) -> str:
    """By how much times are too close, or what else is wrong."""
    seconds = row["missing_s"]
    if row["kind"] == "track_unfit":
        return f"{row['cure']} "
    if not seconds:
        return ""
    if seconds < MINUTE_S:
        return f"{seconds} s missing, "
    return f"{seconds / MINUTE_S:.1f} min missing, "


def describe_planned_day(
    study: Study,
    delays_s: Mapping[str, int],
    waits: Sequence[Any],
    unplaced: Sequence[str],
    left_out: Sequence[str],
    *,
    costs_h: tuple[float, float, float | None],
    words: tuple[str, str],
    stated_delays_s: Mapping[str, int],
) -> list[str]:
    """A plan as lines: how late trains are in all, the latest ones, and the longest waits.

    Parameters
    ----------
    study : Study
        The study, for zones.
    delays_s : mapping of str to int
        How much later each train arrives [s].
    waits : sequence of Wait
        Who waits where, the longest first.
    unplaced : sequence of str
        Trains without a path.
    left_out : sequence of str
        Trains whose way or times are not known.
    costs_h : tuple of float
        Delay of the plan, its lower bound, and that of what it is held against [h].
    words : tuple of str
        What the delay counts from, and what the plan is held against.
    stated_delays_s : mapping of str to int
        How much later each train arrives than stated [s].

    Returns
    -------
    list of str
        The answer first.
    """
    late = {train: delay for train, delay in delays_s.items() if delay > 0}
    cost, bound, other = costs_h
    against = "" if other is None else f"; {words[1]}: {other:.1f} h"
    trains = count_text(len(delays_s), "train")
    answer = f"{trains} planned without conflicts, {len(late) or 'none'} later than {words[0]}"
    weights = [study.table(name)["delay_weight"] for name in ("trains", "train_categories")]
    is_weighted = any((column.drop_nulls() != 1).any() for column in weights)
    weighted = "weighted by delay_weight" if is_weighted else "in all"
    floor = f", at least {bound:.1f} h" if bound * HOUR_S >= MINUTE_S else ""
    lines = [f"{answer}: {cost:.1f} h of delay {weighted}{floor}{against}."]
    if stated_delays_s != delays_s:
        shifts_s = [delay for delay in stated_delays_s.values() if delay > 0]
        count = count_text(len(shifts_s), "train arrives", "trains arrive")
        lines.append(f"{count} later than stated, by {sum(shifts_s) / HOUR_S:.1f} h in all.")
    if unplaced:
        lines.append(f"Without a path: {', '.join(unplaced[:ROWS_IN_WORDS])}.")
    if left_out:
        names = ", ".join(left_out[:ROWS_IN_WORDS])
        lines.append(f"Not planned, for their way or times are not known: {names}.")
    latest = sorted(late, key=lambda train: (-late[train], train))[:ROWS_IN_WORDS]
    lines += [f"  {train}: {late[train] / MINUTE_S:.0f} min late" for train in latest]
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    longest = waits[:ROWS_IN_WORDS]
    if longest:
        lines.append("The longest waits:")
    for wait in longest:
        zone = zones.get(wait.point_id) or "Etc/UTC"
        when = local_text(wait.from_s, study.settings.epoch, zone)
        behind = f" for {wait.because_of}" if wait.because_of else ""
        length = f"{wait.wait_s / MINUTE_S:.0f} min"
        if wait.wait_s > HOUR_S:
            length = f"{wait.wait_s / HOUR_S:.1f} h"
        lines.append(f"  {wait.train_id} at {wait.point_id} from {when}: {length}{behind}")
    return lines


def describe_wishes(
    earlier_s: Mapping[str, int], clashes: Sequence[Any], loose_links: Sequence[str]
) -> list[str]:
    """What became of wishes and links: who leaves earlier, which wishes clash, what is not kept.

    Parameters
    ----------
    earlier_s : mapping of str to int
        How much earlier than stated trains leave [s].
    clashes : sequence of Clash
        Wishes that cannot all be met.
    loose_links : sequence of str
        Trains whose connection or turn-round could not be kept.

    Returns
    -------
    list of str
        Nothing where all is as stated.
    """
    lines = [
        f"  {train}: leaves {early_s / MINUTE_S:.0f} min earlier"
        for train, early_s in sorted(earlier_s.items(), key=lambda one: (-one[1], one[0]))
    ][:ROWS_IN_WORDS]
    for clash in clashes:
        names = ", ".join(clash.train_ids)
        where = f" on {clash.place}" if clash.place else ""
        together = "cannot be planned together" if len(clash.train_ids) > 1 else "finds no path"
        line = f"{names} {together} within the limits of their wishes{where}"
        if clash.eased_train_id is None:
            lines.append(f"{line}; no single limit that gives way helps.")
        else:
            more = f"{clash.more_s / MINUTE_S:.1f} min"
            lines.append(
                f"{line}; least would be that {clash.eased_train_id} arrives {more} later."
            )
    if loose_links:
        names = ", ".join(loose_links[:ROWS_IN_WORDS])
        lines.append(f"Connections or turn-rounds not kept: {names}.")
    return lines


def describe_crossed(crossed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Trains of a plan whose ways cross in throats too close, as lines.

    Parameters
    ----------
    crossed : sequence of mapping
        As :func:`arterial.timetable.paths.throats.find_crossed_paths` gives them.

    Returns
    -------
    list of str
        Nothing where there are none.
    """
    if not crossed:
        return []
    lines = [f"{count_text(len(crossed), 'crossing')} in throats too close, for plans do not look:"]
    lines += [
        f"  {row['train_id']} at {row['point_id']}: {row['missing_s']} s after "
        f"{row['other_train_id']} missing"
        for row in crossed[:ROWS_IN_WORDS]
    ]
    return lines


def describe_positions(study: Study, positions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where trains are at an instant, as lines.

    Parameters
    ----------
    study : Study
        The study, for zones.
    positions : sequence of mapping
        As :func:`arterial.timetable.positions.find_positions` gives them.

    Returns
    -------
    list of str
        One line a train.
    """
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    lines = [f"{count_text(len(positions), 'train')} under way."]
    for row in positions:
        last = row["to_point"] or row["point_id"]
        until = local_text(row["until_s"], study.settings.epoch, zones.get(last) or "Etc/UTC")
        place = f"at {row['point_id']} until {until}"
        if row["point_id"] is None:
            share = f"{row['share']:.0%}"
            place = f"{row['from_point']}-{row['to_point']}, {share} of the time, there {until}"
        lines.append(f"  {row['train_id']}@{row['operating_day']}: {place}")
    return lines


def describe_too_fast(traffic: StatedTraffic, day: date) -> list[str]:
    """Trains of a day whose stated times neither line nor train allows; a plan keeps those times.

    Parameters
    ----------
    traffic : StatedTraffic
        Its stated trains.
    day : date
        Operating day.

    Returns
    -------
    list of str
        Nothing where all can be run.
    """
    timed, lines = traffic.timed, []
    number = (day - timed.period.day_from).days
    points = traffic.model.point_ids
    for row in traffic.too_fast.iter_rows(named=True):
        runs = timed.days[timed.pattern_days[timed.pattern_trains == row["train"]]]
        if 0 <= number < timed.days.shape[1] and runs[:, number].any():
            lines.append(
                f"  {timed.train_ids[row['train']]} from {points[row['from_number']]} to "
                f"{points[row['to_number']]}: {row['to_s'] - row['from_s']} s, at least "
                f"{row['missing_s']} s more are needed"
            )
    if not lines:
        return []
    head = "Stated faster than line and train allow, and planned so all the same:"
    return [head, *list(dict.fromkeys(lines))[:ROWS_IN_WORDS]]


def describe_missing_faces(
    study: Study, traffic: StatedTraffic, day: date | None = None
) -> list[str]:
    """Stated times that no clock shows, with what is taken.

    Parameters
    ----------
    study : Study
        The study, for its epoch.
    traffic : StatedTraffic
        Its stated trains.
    day : date, optional
        Operating day; all of them if left out.

    Returns
    -------
    list of str
        Nothing where every time shows.
    """
    missing = traffic.missing_faces
    if day is not None and missing.height:
        number = (day - traffic.timed.period.day_from).days
        missing = missing.filter(pl.col("day_number") == number)
    if missing.is_empty():
        return []
    lines = [f"{count_text(missing.height, 'stated time')} never showed, clocks were set forward:"]
    for row in missing.head(ROWS_IN_WORDS).iter_rows(named=True):
        taken = local_text(row["taken_at_s"], study.settings.epoch, row["zone"])
        kind = "leaves" if row["is_departure"] else "comes to"
        what = "it does not run then" if row["is_left_out"] else f"{taken} is taken"
        lines.append(
            f"  {row['train_id']} {kind} {row['point_id']} at {row['stated']:%H:%M on %Y-%m-%d} "
            f"({row['zone']}): {what}"
        )
    return lines
