"""Commands on the whole timetable: ``arterial conflicts | timetable``, and dispatch of a study."""

import os
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from arterial.cli.printing import AsJson, StudyFolder, print_result
from arterial.errors import LimitError
from arterial.writing import refuse_output

__all__ = ["Moves", "conflicts", "dispatch_study", "read_date", "timetable"]

MOST_MOVES: Final = 10_000_000

WITHOUT: Final = "in the plan of the day without the disturbance"
"""What the delay of a plan made anew counts from."""

Moves = Annotated[
    int,
    typer.Option(
        help="How long the plan of a day is improved; the same gives the same plan.",
        min=0,
        max=MOST_MOVES,
    ),
]


def read_date(text: str) -> date:
    """Date of an option.

    Raises
    ------
    typer.BadParameter
        Where it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is no date; write 2026-01-31."
        raise typer.BadParameter(message) from None


def conflicts(
    study: StudyFolder,
    rows: Annotated[int, typer.Option(help="Conflicts to print; 0 = all.", min=0)] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """Hold all stated trains against each other: head-on, catching up, full stations."""
    from arterial.compute import Workers
    from arterial.flows.conflicts import list_barred, list_conflicts
    from arterial.report.planned_days import describe_conflicts, describe_missing_faces
    from arterial.report.stated_trains import describe_timetable_conflicts

    with Workers(os.cpu_count() or 1, module="arterial.flows.conflicts") as team:
        read, stated = list_conflicts(study, workers=team)
    found = stated.tables["timetable_conflicts"].to_dicts()
    answer = list(describe_timetable_conflicts(read, stated.tables))
    if not answer:
        count = f"{len(found)} places are" if len(found) != 1 else "1 place is"
        answer = [f"Nothing stated cannot be run; {count} close, or to be settled on the way."]
    lines = [*answer, ""]
    lines += describe_conflicts(read, found, rows=rows or len(found))
    lines += describe_missing_faces(read, stated.traffic)
    barred = list_barred(read)
    lines += [f"{train} cannot run over its way. {reason}" for train, reason in barred.items()]
    shown = [row | {"first_day": str(row["first_day"])} for row in found]
    print_result({"conflicts": shown, "barred": barred}, "\n".join(lines), as_json=as_json)


def timetable(
    study: StudyFolder,
    day: Annotated[
        str | None, typer.Option("--date", help="Operating day to plan.", metavar="DATE")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Tell instead where trains are as stated.", metavar="INSTANT"),
    ] = None,
    moves: Moves = 20_000,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="CSV file for the plan.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Plan all stated trains of a day so that none excludes another, at least shift."""
    if (day is None) == (at is None):
        message = "Give --date to plan a day, or --at for where trains are; one of them."
        raise typer.BadParameter(message)
    if at is not None:
        _print_positions(study, at, as_json=as_json)
        return
    _refuse_output(output, study)
    from arterial.compute import Workers
    from arterial.flows.replanning import plan_day

    with Workers(os.cpu_count() or 1, module="arterial.flows.replanning") as team:
        planned = plan_day(
            study,
            read_date(str(day)),
            moves=moves,
            workers=team,
            announce=partial(typer.echo, err=True),
        )
    _print_day(planned, output, words=("stated", "first plan"), as_json=as_json)


def _print_positions(study: Path, at: str, *, as_json: bool) -> None:
    from arterial.compute import Workers
    from arterial.flows.conflicts import list_positions
    from arterial.report.planned_days import describe_positions

    with Workers(os.cpu_count() or 1, module="arterial.flows.conflicts") as team:
        read, positions, note = list_positions(study, at, workers=team)
    found = positions.to_dicts()
    lines = [*([note] if note else []), *describe_positions(read, found)]
    shown = [row | {"operating_day": str(row["operating_day"])} for row in found]
    print_result({"at": at, "note": note, "positions": shown}, "\n".join(lines), as_json=as_json)


def dispatch_study(
    study: Path,
    day: str,
    *,
    delays: list[str],
    closed: list[str],
    speeds: list[str],
    moves: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Plan a day of a study anew once trains are late or track is shut or slow."""
    from arterial.compute import Workers
    from arterial.dispatching.paths.disturbances import Disturbance
    from arterial.flows.replanning import replan_day

    disturbance = Disturbance(
        delays_min={
            name: _read_number(value, "--delay", least=1 / 60, most=1440.0)
            for name, value in _split(delays)
        },
        closed=[(name, _read_times(value)) for name, value in _split(closed, may_repeat=True)],
        speeds_kmh={
            name: _read_number(value, "--speed", least=1.0, most=600.0)
            for name, value in _split(speeds)
        },
    )
    _refuse_output(output, study)
    with Workers(os.cpu_count() or 1, module="arterial.flows.replanning") as team:
        planned = replan_day(
            study,
            read_date(day),
            disturbance,
            moves=moves,
            workers=team,
            announce=partial(typer.echo, err=True),
        )
    _print_day(planned, output, words=(WITHOUT, "first come, first served"), as_json=as_json)


def _refuse_output(output: Path | None, study: Path) -> None:
    from arterial.study.run_folder import list_input_files

    if output is not None:
        refuse_output(output, inputs=list_input_files(study))


def _split(pairs: list[str], *, may_repeat: bool = False) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value:
            message = f"'{pair}' lacks a name, '=' or a value; see --help."
            raise typer.BadParameter(message)
        if not may_repeat and any(name == other for other, _ in found):
            message = f"'{name}' is given twice; say it once."
            raise typer.BadParameter(message)
        found.append((name, value))
    return found


def _read_number(text: str, option: str, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        message = f"{option} takes a number from {least:.3g} to {most:g}, not '{text}'."
        raise typer.BadParameter(message)
    return number


def _read_times(text: str) -> tuple[str, str]:
    from arterial.clock import parse_clock_time

    begin, _, end = text.partition("-")
    try:
        is_same = parse_clock_time(begin) == parse_clock_time(end)
    except LimitError as error:
        message = f"--close takes two times, HH:MM-HH:MM, not '{text}': {error.message}"
        raise typer.BadParameter(message) from None
    if is_same:
        message = (
            f"--close {text}: both times are the same; write two different ones, for a whole day "
            "00:00-23:59:59."
        )
        raise typer.BadParameter(message)
    return begin, end


def _print_day(planned: Any, output: Path | None, *, words: tuple[str, str], as_json: bool) -> None:  # noqa: ANN401 imported late
    from arterial.flows.replanning import write_paths
    from arterial.report.planned_days import (
        describe_crossed,
        describe_missing_faces,
        describe_planned_day,
        describe_too_fast,
        describe_wishes,
    )

    lines = describe_planned_day(
        planned.study,
        planned.delays_s,
        planned.waits,
        planned.unplaced,
        planned.left_out,
        costs_h=(planned.cost_h, planned.bound_h, planned.compared_h),
        words=words,
        stated_delays_s=planned.stated_delays_s,
    )
    lines += describe_wishes(planned.earlier_s, planned.clashes, planned.loose_links)
    lines += describe_crossed(planned.crossed.to_dicts())
    lines += describe_too_fast(planned.traffic, planned.day)
    lines += describe_missing_faces(planned.study, planned.traffic, planned.day)
    if output is not None:
        lines.append(f"Written: {write_paths(planned, output)}")
    result = {
        "date": planned.day.isoformat(),
        "trains": len(planned.delays_s),
        "delay_h": planned.cost_h,
        "bound_h": planned.bound_h,
        "compared_h": planned.compared_h,
        "unplaced": list(planned.unplaced),
        "left_out": list(planned.left_out),
        "delays_s": dict(planned.delays_s),
        "stated_delays_s": dict(planned.stated_delays_s),
        "earlier_s": dict(planned.earlier_s),
        "clashes": [asdict(clash) for clash in planned.clashes],
        "loose_links": list(planned.loose_links),
        "crossed": planned.crossed.to_dicts(),
    }
    print_result(result, "\n".join(lines), as_json=as_json)
