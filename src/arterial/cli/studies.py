"""Commands on studies and their results: ``arterial new | check | show | compare``."""

import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from arterial.cli.claims import AsKnownDay
from arterial.cli.printing import (
    Agreed,
    AsJson,
    ExitCode,
    StudyFolder,
    Verbose,
    describe_faults,
    fit_lines,
    print_result,
)
from arterial.cli.timetable import read_date
from arterial.errors import ArterialError, Fault
from arterial.writing import refuse_output, write_whole

__all__ = ["check", "compare", "new", "open_report", "runs", "show"]


def new(
    path: Annotated[Path, typer.Argument(help="Folder to create.", show_default=False)],
    shipped: Annotated[
        str | None, typer.Option("--from", help="Shipped study to start from.", metavar="NAME")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            "--network",
            help="Made-up network instead, such as stations=1000,trains=2000; also runs, stops, "
            "days, assets, vehicles (0 = times as stated alone), seed.",
            metavar="SIZES",
        ),
    ] = None,
    *,
    is_agreed: Agreed = False,
    as_json: AsJson = False,
) -> None:
    """Write a new study: a small working one, a copy of a shipped one, or a made-up network."""
    from arterial.study import new_study

    if network is not None and shipped is not None:
        message = "--network and --from exclude each other."
        raise typer.BadParameter(message)
    if network is None:
        created = new_study(path, from_shipped=shipped)
    else:
        from arterial.compute.expected import require_agreement
        from arterial.flows.expected_work import expect_network
        from arterial.study.networks import read_network_size, write_network

        size = read_network_size(network)
        require_agreement(expect_network(size), is_agreed=is_agreed)
        created = write_network(path, size)
    text = f"Wrote {created}. Next: arterial check {created}, then arterial run {created}."
    print_result({"study": str(created)}, text, as_json=as_json)


def check(
    study: StudyFolder,
    *,
    is_verbose: Verbose = False,
    datapackage: Annotated[
        bool, typer.Option("--datapackage", help="Also write datapackage.json for other tools.")
    ] = False,
    as_known: AsKnownDay = None,
    as_json: AsJson = False,
) -> None:
    """Report every fault of a study at once, and which analyses it is ready for."""
    from arterial.flows.check_study import check_readiness
    from arterial.study import write_datapackage

    day = None if as_known is None else read_date(as_known)
    faults, lacks = check_readiness(study, as_known=day)
    errors = [fault for fault in faults if fault.severity == "error"]
    warnings = [fault for fault in faults if fault.severity != "error"]
    counts = f"{study}: {_count(errors, 'error')}, {_count(warnings, 'warning')}."
    head = [" ".join([counts, *_describe_readiness(lacks)])]
    told = [f"{fault.severity}: {fault}" for fault in _vary([*errors, *warnings])]
    end = [f"{name} lacks: {', '.join(missing)}" for name, missing in lacks.items() if missing]
    # A file or another program gets all of it.
    is_whole = is_verbose or not sys.stdout.isatty()
    more = "more: --verbose"
    lines = [*head, *told, *end] if is_whole else fit_lines(head, told, end, more=more)
    result = {"study": str(study), "errors": len(errors), "warnings": len(warnings)}
    result |= {"lacks": {name: list(missing) for name, missing in lacks.items()}}
    print_result(result | {"faults": describe_faults(faults)}, "\n".join(lines), as_json=as_json)
    if errors:
        raise typer.Exit(ExitCode.FAULTY_DATA)
    if datapackage:
        write_datapackage(study)


def show(  # noqa: PLR0917 the options of one command
    study: StudyFolder,
    table: Annotated[
        str | None,
        typer.Option(help="Result table to show; else trips, or train_runs where no coaches run."),
    ] = None,
    service: Annotated[str | None, typer.Option(help="Only this coach service.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="Only this departure date.")] = None,
    columns: Annotated[
        str | None, typer.Option(help="Only these columns.", metavar="NAME,NAME")
    ] = None,
    run: Annotated[str | None, typer.Option(help="Name of the run; else the newest.")] = None,
    rows: Annotated[int, typer.Option(help="Rows to print; 0 = all.", min=0)] = 40,
    csv: Annotated[
        Path | None, typer.Option(help="Write all rows and columns to this file instead.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(help="Write them to this workbook, times and names in words.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a result table of a run, times by the clocks of its places."""
    from arterial.flows.show_results import (
        format_table,
        keep_columns,
        show_results,
        word_results,
        write_workbook,
    )
    from arterial.study.csvtext import format_sheet
    from arterial.study.run_folder import list_input_files

    if csv is not None and xlsx is not None:
        message = "--csv and --xlsx exclude each other."
        raise typer.BadParameter(message)
    output = csv or xlsx
    if output is not None:
        refuse_output(output, inputs=list_input_files(study))
    frame = show_results(study, table or "trips", service=service, day=day, run=run)
    if table is None and frame.is_empty():
        # A study of trains alone has no departures of coaches.
        frame = show_results(study, "train_runs", run=run)
    worded = frame if as_json or csv is not None else word_results(frame, study)
    if columns is not None:
        worded = keep_columns(worded, columns)
    if as_json:
        typer.echo(worded.write_json())
    elif output is not None:
        if xlsx is None:
            write_whole(output, format_sheet(worded))
        else:
            write_workbook(output, worded)
        typer.echo(f"Wrote {output}: {worded.height} rows, {worded.width} columns.")
    else:
        width = shutil.get_terminal_size((0, 0)).columns
        typer.echo(format_table(worded, rows=rows or worded.height, width=width))


def runs(
    study: StudyFolder,
    remove: Annotated[
        str | None, typer.Option(help="Remove the run of this name.", metavar="NAME")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the runs of a study, the newest first."""
    from arterial.study.run_folder import list_runs, remove_run

    if remove is not None:
        removed = remove_run(study, remove)
        left = f" {removed} still holds what no run wrote." if removed.exists() else ""
        text = f"Removed the run {remove}.{left}"
        print_result({"removed": str(removed)}, text, as_json=as_json)
        return
    found = [_stamp_run(run) for run in reversed(list_runs(study))]
    lines = [
        f"{stamp['run']}  {stamp['fault']}"
        if "fault" in stamp
        else f"{stamp['run']}  {stamp.get('horizon', '')}  study {stamp.get('digest', '')[:10]}, "
        f"program {stamp.get('arterial', 'unknown')}"
        for stamp in found
    ]
    text = "\n".join(lines or [f"{study} has no run yet: arterial run {study}"])
    print_result(found, text, as_json=as_json)


def _stamp_run(run: Path) -> dict[str, str]:
    """What a run is of; what is wrong with its record does not hide the other runs."""
    from arterial.study.run_record import read_record

    try:
        record = read_record(run)
    except ArterialError as error:
        return {"run": run.name, "fault": error.reason}
    stamp = {key: str(value) for key, value in record.items() if not isinstance(value, dict)}
    return stamp | {"run": run.name}


def open_report(
    study: StudyFolder,
    run: Annotated[str | None, typer.Option(help="Name of the run; else the newest.")] = None,
) -> None:
    """Open the report of a run in the browser."""
    from arterial.study.run_folder import REPORT, find_last_run, find_run
    from arterial.study.run_record import read_file

    folder = find_last_run(study) if run is None else find_run(study, run)
    read_file(folder, REPORT)
    report = (folder / REPORT).resolve()
    if typer.launch(report.as_uri()):
        message = f"No browser could be started. The report is {report}."
        raise ArterialError(message)
    typer.echo(f"Opened {report}.")


def compare(
    before: Annotated[
        str,
        typer.Argument(help="Run or study before: a folder, or STUDY:NAME.", show_default=False),
    ],
    after: Annotated[
        str, typer.Argument(help="Run or study after: a folder, or STUDY:NAME.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Page to write.", metavar="FILE.html")
    ] = None,
    *,
    is_verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Lay two runs or studies side by side: what was changed, what came of it, and why."""
    from arterial.flows.compare import compare_runs

    compared = compare_runs(before, after, output=output)
    page = None if compared.page is None else str(compared.page)
    head, told = compared.answer, [f"  {line}" for line in compared.summary]
    end = [] if page is None else [f"Page: {page}"]
    more = "more sentences: --verbose, or --output FILE.html for the page"
    lines = [*head, *told, *end] if is_verbose else fit_lines(head, told, end, more=more)
    print_result(compared.record | {"page": page}, "\n".join(lines), as_json=as_json)


def _describe_readiness(lacks: Mapping[str, Sequence[str]]) -> list[str]:
    """What the study is ready for, and what it is not ready for."""
    ready = [name for name, missing in lacks.items() if not missing]
    others = [name for name, missing in lacks.items() if missing]
    told = [f"Ready for {', '.join(ready)}."] if ready else []
    return [*told, f"Not ready for {', '.join(others)}."] if others else told


def _vary(faults: Sequence[Fault]) -> list[Fault]:
    """Errors before warnings, and of each the first of every column before those like it."""
    seen: Counter[tuple[str, str, str]] = Counter()
    ranks = []
    for fault in faults:
        kind = (fault.severity, fault.file or "", fault.column or "")
        ranks.append((fault.severity != "error", seen[kind]))
        seen[kind] += 1
    return [faults[place] for place in sorted(range(len(faults)), key=ranks.__getitem__)]


def _count(items: list[Fault], noun: str) -> str:
    """A count with its noun in the right number."""
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
