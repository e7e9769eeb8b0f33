"""Plain pictures as SVG text, for papers and mails: no script, no browser, no network.

Main functions: `plot_line_day` (all trains of a line on a day) and `plot_calendar` (every departure
of a service). The report draws the same with more; here colours are never the only sign.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from typing import Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_datetime
from arterial.errors import LimitError
from arterial.report.wording import date_text
from arterial.study import Study, require_day
from arterial.study.faults import find_near_names
from arterial.units import DAY_S, HOUR_S

__all__ = ["plot_calendar", "plot_line_day"]

WIDTH: Final = 960
LEFT: Final = 150
RIGHT: Final = 20
TOP: Final = 46
HEIGHT: Final = 480
INK: Final = "#1c2733"
RULE: Final = "#d3dae0"
LONGEST_JOURNEY_DAYS: Final = 20
LEAST_GAP_PX: Final = 11
"""Distance of two names of places from each other."""

LONGEST_NAME: Final = 24
CELL: Final = 22
VERDICTS: Final = {
    "ran": ("R", "#2e7d32", "ran"),
    "works": ("+", "#4b8243", "shown to work"),
    "at_risk": ("!", "#a86a00", "at risk"),
    "does_not_work": ("\N{MULTIPLICATION SIGN}", "#b3261e", "cannot be made"),
    "unknown": ("?", "#5a5f66", "unknown"),
    "suspended": ("\N{EN DASH}", "#8a949e", "suspended"),
}
"""Sign, colour and words of what came of a departure."""


def plot_line_day(
    study: Study, results: Mapping[str, pl.DataFrame], line_id: str, day: date
) -> str:
    """Give the string-line of a line on a day as SVG.

    Parameters
    ----------
    study : Study
        The study that was run.
    results : mapping of str to DataFrame
        Tables ``train_times`` and ``train_patterns``; without them the picture has no trains.
    line_id : str
        The line; its points stand at their kilometres.
    day : date
        Day of the picture, from midnight to midnight by the clock of the line's first point; trains
        that set out days before are there too.

    Returns
    -------
    str
        The picture.

    Raises
    ------
    LimitError
        If there is no such line with two points, or the day lies outside the horizon.
    """
    require_day(study, day)
    points = _list_line_points(study, line_id)
    zone = str(points["zone"][0])
    epoch = study.settings.epoch
    ends = [
        civil_to_epoch_s(one, "00:00", zone, epoch, allow_gap=True)
        for one in (day, day + timedelta(days=1))
    ]
    kms = points["location_km"].to_list()
    low, span_km = float(min(kms)), float(max(kms) - min(kms)) or 1.0

    def x(at_s: float) -> float:
        return LEFT + (at_s - ends[0]) / (ends[1] - ends[0]) * (WIDTH - LEFT - RIGHT)

    def y(km: float) -> float:
        return TOP + HEIGHT * (km - low) / span_km

    parts = [*_rule_hours(ends, study, zone, x), *_rule_points(points, y)]
    parts.append(
        f'<clipPath id="day"><rect x="{LEFT}" y="{TOP - 2}" width="{WIDTH - LEFT - RIGHT}" '
        f'height="{HEIGHT + 4}"/></clipPath><g clip-path="url(#day)" fill="none">'
    )
    where = dict(points.select("point_id", "location_km").iter_rows())
    for number, strings in _list_strings(study, results, where, day):
        for string in strings:
            if string[-1][0] < ends[0] or string[0][0] > ends[1]:
                continue
            path = " ".join(f"{x(at_s):.1f},{y(km):.1f}" for at_s, km in string)
            title = f"<title>{escape(number)}</title>"
            parts.append(f'<polyline points="{path}" stroke="#12496b">{title}</polyline>')
            at_s, km = _find_middle(string, ends)
            parts.append(
                f'<text x="{x(at_s) + 3:.1f}" y="{y(km) - 3:.1f}" fill="{INK}" stroke="#fff" '
                f'stroke-width="2" paint-order="stroke">{escape(number)}</text>'
            )
    name = dict(study.table("lines").select("line_id", "name").iter_rows()).get(line_id) or line_id
    title = f"{name}, {date_text(day)}, times of {zone}"
    return _frame([*parts, "</g>"], title, height=TOP + HEIGHT + 20)


def _list_line_points(study: Study, line_id: str) -> pl.DataFrame:
    table = study.table("line_points")
    points = (
        table.filter(pl.col("line_id") == line_id)
        .sort("sequence")
        .join(
            study.table("operational_points").select("point_id", "name", "zone"),
            on="point_id",
            maintain_order="left",
        )
        .drop_nulls(["location_km", "zone"])
    )
    if points.height > 1:
        return points
    near = ", ".join(find_near_names(line_id, table["line_id"].unique().sort().to_list()))
    hint = f" Did you mean {near}?" if near else ""
    message = f"There is no line {line_id!r} with two points at known kilometres.{hint}"
    raise LimitError(message)


String = list[tuple[int, float]]
"""Instants since the study epoch and kilometres of a train, while it is on the line."""


def _list_strings(
    study: Study, results: Mapping[str, pl.DataFrame], where: Mapping[str, float], day: date
) -> Iterator[tuple[str, list[String]]]:
    """Number and strings of each train that may be on its way on a day."""
    times, patterns = results.get("train_times"), results.get("train_patterns")
    if times is None or patterns is None or times.is_empty():
        return
    numbers = dict(study.table("trains").select("train_id", "number").iter_rows())
    first = study.settings.horizon_from
    courses = times.sort("sequence").partition_by("train_id", "pattern", as_dict=True)
    for train_id, pattern, days in patterns.select("train_id", "pattern", "days").iter_rows():
        rows = courses.get((train_id, pattern))
        if rows is None or rows["point_id"].is_in(list(where)).sum() == 0:
            continue
        course = list(rows.select("point_id", "arrival_s", "departure_s").iter_rows())
        last_s = max((late or early or 0) for _, early, late in course)
        before = min(int(last_s // DAY_S) + 1, LONGEST_JOURNEY_DAYS)
        for start in (day + timedelta(days=shift) for shift in range(-before, 2)):
            place = (start - first).days
            if 0 <= place < len(days) and days[place] == "1":
                shift_s = (start - study.settings.epoch).days * DAY_S
                yield numbers.get(train_id) or train_id, list(_cut(course, where, shift_s))


def _cut(
    course: Sequence[tuple[str, float | None, float | None]],
    where: Mapping[str, float],
    shift_s: int,
) -> Iterator[String]:
    """The parts of a course on the line; it ends where the train passes a point of another."""
    string: String = []
    for point, arrival_s, departure_s in course:
        if point in where:
            known = [at_s for at_s in (arrival_s, departure_s) if at_s is not None]
            string += [(round(at_s) + shift_s, where[point]) for at_s in known]
            continue
        if len(string) > 1:
            yield string
        string = []
    if len(string) > 1:
        yield string


def _find_middle(string: String, ends: Sequence[int]) -> tuple[float, float]:
    """Where the name of a train stands: the middle of its longest way within the day."""
    begin, end = max(
        pairwise(string),
        key=lambda pair: (
            min(pair[1][0], ends[1]) - max(pair[0][0], ends[0]) if pair[0][1] != pair[1][1] else -1
        ),
    )
    at_s = (max(begin[0], ends[0]) + min(end[0], ends[1])) / 2
    share = (at_s - begin[0]) / max(end[0] - begin[0], 1)
    return at_s, begin[1] + share * (end[1] - begin[1])


def plot_calendar(
    study: Study, results: Mapping[str, pl.DataFrame], service_id: str | None = None
) -> str:
    """Give the calendar of departures of a service as SVG, a month a row and a day a cell.

    Parameters
    ----------
    study : Study
        The study that was run.
    results : mapping of str to DataFrame
        Table ``trips``.
    service_id : str, optional
        The service; else the first of the study.

    Returns
    -------
    str
        The picture.

    Raises
    ------
    LimitError
        If the service has no departure.
    """
    trips = results.get("trips", pl.DataFrame({"service_id": []}))
    names = dict(study.table("coach_services").select("service_id", "name").iter_rows())
    wanted = service_id or next(iter(names), "")
    trips = trips.filter(pl.col("service_id") == wanted)
    if trips.is_empty():
        message = f"The service {wanted!r} has no departure among the results."
        raise LimitError(message)
    cells = {
        row["trip_date"]: "suspended" if row["status"] == "suspended" else row["verdict"]
        for row in trips.select("trip_date", "status", "verdict").iter_rows(named=True)
    }
    months = sorted({(day.year, day.month) for day in cells})
    parts = [
        f'<text x="{LEFT + (number - 0.5) * CELL}" y="{TOP}" text-anchor="middle">{number}</text>'
        for number in range(1, 32)
    ]
    for line, (year, month) in enumerate(months):
        y = TOP + 8 + line * CELL
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{year}-{month:02}</text>'
        )
        for day, verdict in sorted(cells.items()):
            if (day.year, day.month) == (year, month):
                x = LEFT + (day.day - 1) * CELL
                parts.extend(_fill_cell(x, y, verdict or "unknown", f"{day}: "))
    bottom = TOP + 8 + len(months) * CELL
    values = [verdict or "unknown" for verdict in cells.values()]
    x = LEFT
    for verdict, (_, _, words) in VERDICTS.items():
        if verdict in values:
            parts.extend(_fill_cell(x, bottom + 12, verdict, ""))
            told = f"{values.count(verdict)} {words}"
            parts.append(f'<text x="{x + CELL + 4}" y="{bottom + 27}">{told}</text>')
            x += 140
    title = f"Departures of {names.get(wanted) or wanted}"
    return _frame(parts, title, height=bottom + 46)


def _fill_cell(x: float, y: float, verdict: str, prefix: str) -> Iterator[str]:
    sign, colour, words = VERDICTS[verdict]
    middle = f'x="{x + CELL / 2 - 1}" y="{y + 15}" text-anchor="middle"'
    yield (
        f'<rect x="{x}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" fill="{colour}">'
        f"<title>{escape(prefix)}{words}</title></rect>"
        f'<text {middle} fill="#ffffff">{sign}</text>'
    )


def _rule_hours(
    ends: Sequence[int], study: Study, zone: str, x: Callable[[float], float]
) -> Iterator[str]:
    """A line each full hour of the local clock, which may be skipped or come twice."""
    for at_s in range(ends[0], ends[1] + 1, HOUR_S // 4):
        face = local_datetime(at_s, study.settings.epoch, zone)
        if face.minute:
            continue
        yield (
            f'<line x1="{x(at_s):.1f}" x2="{x(at_s):.1f}" y1="{TOP}" y2="{TOP + HEIGHT}" '
            f'stroke="{RULE}"/>'
        )
        if face.hour % 2 == 0:
            yield f'<text x="{x(at_s):.1f}" y="{TOP - 8}" text-anchor="middle">{face:%H}</text>'


def _rule_points(points: pl.DataFrame, y: Callable[[float], float]) -> Iterator[str]:
    """A line each point; names that would lie on each other are left out."""
    last = -float(LEAST_GAP_PX)
    for name, km in points.sort("location_km").select("name", "location_km").iter_rows():
        at = y(km)
        ends = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"'
        yield f'<line {ends} stroke="{RULE}"/>'
        if at - last >= LEAST_GAP_PX:
            last = at
            cut = str(name)[:LONGEST_NAME]
            yield f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{escape(cut)}</text>'


def _frame(parts: Sequence[str], title: str, *, height: float) -> str:
    """A whole picture with its title, which is also what is read aloud."""
    words = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img" aria-label="{words}" '
        f'font-family="sans-serif" font-size="11" fill="{INK}">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="12" y="18" font-size="14" font-weight="bold">{words}</text>'
        f"{''.join(parts)}</svg>"
    )
