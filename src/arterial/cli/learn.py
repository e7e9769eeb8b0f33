"""The command ``arterial learn``: what observations teach, of the options and of the unknowns."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from arterial.cli.printing import AsJson, StudyFolder, Verbose, print_result
from arterial.writing import refuse_output, write_whole

if TYPE_CHECKING:
    import polars as pl

    from arterial.flows.learn import LearnOutcome

__all__ = ["learn"]

MOVED: Final = 0.15
"""Shift of a mean, in standard deviations before, from which on it is told [1]."""
MOST_MOVED: Final = 4
MOST_TIMES: Final = 1e6
WORTH_A_MENTION: Final = 3.0
"""Bayes factor below which a difference is not worth more than a bare mention [Kass 1995]."""


def learn(
    study: StudyFolder,
    csv: Annotated[
        Path | None, typer.Option(help="Folder for the tables as CSV files.", metavar="FOLDER")
    ] = None,
    estimates: Annotated[
        Path | None,
        typer.Option(
            help="Write estimates.csv with what was learned in the likeliest option.",
            metavar="FILE",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    *,
    is_verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Weigh rival structures and narrow what is not known by what was seen; the study stays."""
    from arterial.compute import Workers
    from arterial.flows.learn import learn_study
    from arterial.progress import show_progress
    from arterial.study.run_folder import list_input_files

    if estimates is not None:
        refuse_output(estimates, inputs=list_input_files(study))
    if csv is not None and csv.exists() and not csv.is_dir():
        message = f"{csv} is no folder; name one for the tables."
        raise typer.BadParameter(message)
    count = workers or os.cpu_count() or 1
    with (
        show_progress(is_quiet=as_json) as report_step,
        Workers(count, module="arterial.flows.learn") as team,
    ):
        outcome = learn_study(study, workers=team, report_step=report_step)
    _write_files(outcome, csv, estimates)
    result = {"study": str(study), "seconds": round(outcome.seconds, 1)}
    result |= {name: json.loads(table.write_json()) for name, table in outcome.results.items()}
    text = "\n".join(describe_learned(outcome, is_verbose=is_verbose))
    print_result(result, text, as_json=as_json)


def _write_files(outcome: "LearnOutcome", csv: Path | None, estimates: Path | None) -> None:
    """Write the tables as sheets, and what was learned as estimates."""
    from arterial.evidence.learning import carry_estimates
    from arterial.study.csvtext import format_sheet, format_table

    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)
        for name, table in outcome.results.items():
            write_whole(csv / f"{name}.csv", format_sheet(table))
        typer.echo(f"Wrote {len(outcome.results)} tables into {csv}.", err=True)
    if estimates is not None:
        rows = carry_estimates(outcome.study, outcome.results)
        write_whole(estimates, format_table(rows.columns, rows))
        typer.echo(f"Wrote {estimates}: {rows.height} ranges.", err=True)


def describe_learned(outcome: "LearnOutcome", *, is_verbose: bool) -> Iterator[str]:
    """What was learned in lines: the answer, the options, the chances, what moved."""
    weights = outcome.results["structure_weights"].to_dicts()
    yield from _describe_answer(weights)
    yield ""
    yield f"{'Option':<26}{'before':>8}{'x seen':>9}{'x planned':>11}{'after':>8}"
    for row in weights:
        yield (
            f"{row['option']:<26}{row['prior_weight']:>8.0%}{row['bayes_factor']:>9.2f}"
            f"{row['plan_factor']:>11.2f}{row['posterior_weight']:>8.1%}"
        )
    yield ""
    yield f"{'Keeps its announced day':<26}{'before':>22}{'after':>22}"
    chances = outcome.results["learned_chances"]
    for row in chances.to_dicts():
        if row["measure"] == "announced_day" and (is_verbose or not row["option"]):
            name = row["service_id"] + (f", {row['option']}" if row["option"] else "")
            yield f"{name:<26}{_word_chance(row, 'prior'):>22}{_word_chance(row, 'learned'):>22}"
    yield from _describe_moves(outcome.results["learned_unknowns"], weights, is_verbose=is_verbose)
    if is_verbose:
        for row in outcome.results["observation_checks"].to_dicts():
            yield f"{row['observation_id']} in {row['option']}: {row['words']}."
    yield f"{outcome.seconds:.0f} s. The weights before, and how often a plan is false, are yours:"
    yield "alternatives.csv and [evidence] of study.toml."


def _describe_answer(weights: list[dict[str, Any]]) -> Iterator[str]:
    """What tells the options apart, and what does not."""
    from arterial.evidence.learning import NONE_CAN_BE

    best = max(weights, key=lambda row: float(row["posterior_weight"]))
    if all(row["reason"] == NONE_CAN_BE for row in weights):
        yield f"Nothing can be told: {NONE_CAN_BE}."
        return
    if len(weights) == 1:
        yield "One structure is stated; what was seen narrows its unknowns."
    else:
        factors = [row["bayes_factor"] for row in weights if row["log_evidence"] is not None]
        spread = max(factors) / min(factors) if factors and min(factors) > 0 else math.inf
        tells = "does not tell" if spread < WORTH_A_MENTION else "tells"
        times = f"{spread:.1f} times" if spread < MOST_TIMES else "far more than a million times"
        if factors:
            yield (
                f"What was seen {tells} the options apart: the best explains it {times} as well "
                "as the worst."
            )
        barred = [row for row in weights if row["plans_impossible"]]
        for row in barred:
            yield (
                f"What was planned bars {row['option']}: {row['plans_impossible']} of "
                f"{row['plans_count']} announced events cannot be with it."
            )
        yield f"Likeliest: {best['title']} ({best['posterior_weight']:.0%})."
    for row in weights:
        if row["reason"]:
            yield f"{row['option']}: cannot be told: {row['reason']}."


def _word_chance(row: Mapping[str, Any], side: str) -> str:
    """A chance with the error of its mean and the range of the pictures."""
    chance, error = row[f"{side}_chance"], row[f"{side}_error"]
    low, high = row[f"{side}_low"], row[f"{side}_high"]
    return f"{chance:.0%} ± {error * 100:.1f} ({low * 100:.0f}-{high * 100:.0f})"


def _describe_moves(
    unknowns: "pl.DataFrame", weights: list[dict[str, Any]], *, is_verbose: bool
) -> Iterator[str]:
    """Unknowns whose mean moved, in the likeliest option."""
    best = max(weights, key=lambda row: float(row["posterior_weight"]))["option"]
    rows = [row for row in unknowns.to_dicts() if row["option"] == best]
    moved = [row for row in rows if abs(row["moved"]) >= MOVED]
    if not rows:
        return
    yield ""
    if not moved:
        yield f"No unknown moved by more than {MOVED:g} of its standard deviation."
    for row in moved if is_verbose else moved[:MOST_MOVED]:
        unit = " min" if row["unit"] == "min" else " times what is stated"
        yield (
            f"{row['subject']}: {row['prior_mean']:.2f} ({row['prior_low']:.2f} to "
            f"{row['prior_high']:.2f}) -> {row['learned_mean']:.2f} ({row['learned_low']:.2f} to "
            f"{row['learned_high']:.2f}){unit}"
        )
