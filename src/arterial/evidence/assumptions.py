"""What a run took on trust: settings, defaults, estimates, graded values, added locomotives."""

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl
from pydantic import BaseModel

from arterial.assets.parameters import load_parameter_set
from arterial.running.hauling import (
    DEFAULT_LENGTHS_M,
    DEFAULT_RESISTANCE_LAWS,
    DEFAULT_ROTATING_MASS_COEFFICIENT,
)
from arterial.study import Study, conform_table, list_default_uses, load_schema
from arterial.study.defaults import UNSURE, make_assumption
from arterial.timetable.paths.barred_trains import Misfit

__all__ = ["list_assumptions"]

OFF_WHEN_EMPTY: Final = ("standard_error_points",)
"""Options that take nothing on trust where they are left out."""

MODEL_TABLES: Final = (
    "operational_points",
    "line_points",
    "sections",
    "change_points",
    "vehicle_types",
    "formations",
    "traction_assignments",
    "calendar_rules",
    "trains",
    "train_stops",
    "procedures",
    "procedure_steps",
    "coach_pools",
    "pool_turns",
    "coach_services",
    "coach_legs",
    "published_runs",
    "assets",
    "asset_densities",
    "disturbances",
)
CAUSE_TABLES: Final = ("assets", "asset_densities", "disturbances")
SIMULATION_RULES: Final = {
    "timetables that nobody published": (
        "such that the announced hand-overs are possible",
        "The railways planned what they announced; the first runs made it.",
    ),
    "closed lines": (
        "single-line working on double track; a train that would wait too long is cancelled",
        "A cancelled train counts as late by the longest wait.",
    ),
    "coach sets that come too late": (
        "work the next departure from where they stand; the one that they miss is cancelled",
        "Counted as not arrived in every share; no set is brought from elsewhere.",
    ),
    "number of assets": (
        "at its best value in every draw",
        "Each asset keeps its name; the range of its density is not in the ranges of delay.",
    ),
    "journeys that find no host within the days looked ahead": (
        "the set comes home as if a host came on the next day",
        "Counted as unfinished, and as late in every share.",
    ),
}
ROWS_MOST: Final = 200
"""Assumed rows of one table that are listed one by one; more are counted."""

Row = dict[str, object]


def list_assumptions(
    study: Study, helpers: Iterable[str], contradicted: Iterable[Misfit] = ()
) -> pl.DataFrame:
    """Everything that a run of a study assumed, as the table ``assumptions``.

    Parameters
    ----------
    study : Study
        The study.
    helpers : iterable of str
        Locomotives that had to be added, in words.
    contradicted : iterable of Misfit
        Unsure values that a reported run contradicts.

    Returns
    -------
    DataFrame
        Settings, schema defaults, defaults of vehicle values, graded values by table, ranges by
        attribute, and added locomotives.
    """
    rows = [
        *_list_settings(study.settings),
        *_list_vehicle_defaults(study.table("vehicle_types")),
        *_list_assumed_rows(study),
        *_list_graded_values(study),
        *_list_unsourced_rows(study),
        *_list_estimates(study.table("estimates")),
        *(
            make_assumption(
                f"helper:{number}", "assumption", "tractive effort", text, reason=HELPER
            )
            for number, text in enumerate(helpers, 1)
        ),
        *(
            make_assumption(
                f"contradiction:{number}",
                "assumption",
                one.section_id,
                one.contradiction,
                reason=RAN,
            )
            for number, one in enumerate(contradicted, 1)
        ),
        *_list_simulated(study),
    ]
    table = conform_table("assumptions", pl.DataFrame(rows, infer_schema_length=None))
    defaults = list_default_uses(study, *MODEL_TABLES)
    return pl.concat([table, defaults]).unique("assumption_id", keep="first", maintain_order=True)


RAN: Final = "A value that nobody read anywhere does not stop a train that was seen to run."
HELPER: Final = "The usual locomotive cannot climb the gradient of the stretch."


def _list_settings(settings: BaseModel) -> Iterator[Row]:
    """Options of running times, timetable and simulation, set or left at their default."""
    for part in ("running", "timetable", "reliability"):
        options = getattr(settings, part)
        for name, field in type(options).model_fields.items():
            if name in OFF_WHEN_EMPTY and getattr(options, name) is None:
                continue
            where = f"study.toml [{part}] {name}"
            kind = "assumption" if name in options.model_fields_set else "default"
            value = str(getattr(options, name))
            yield make_assumption(
                f"setting:{part}.{name}", kind, where, value, reason=field.description
            )


def _list_vehicle_defaults(vehicles: pl.DataFrame) -> Iterator[Row]:
    """Values that stood in where a vehicle type states none."""
    defaults = {
        "rotating_mass_coefficient": str(DEFAULT_ROTATING_MASS_COEFFICIENT),
        "resistance_law": ", ".join(f"{k}: {v}" for k, v in DEFAULT_RESISTANCE_LAWS.items()),
        "length_m": ", ".join(f"{k}: {v} m" for k, v in DEFAULT_LENGTHS_M.items()),
    }
    for column, value in defaults.items():
        uses = vehicles[column].null_count()
        if uses:
            yield make_assumption(
                f"default:vehicle_types.{column}",
                "default",
                f"vehicle_types.{column}",
                value,
                reason="General knowledge for a type that states none; see the guide.",
                uses=uses,
            )


def _list_assumed_rows(study: Study) -> Iterator[Row]:
    """Rows of a model table that are graded an assumption as a whole, with their values."""
    for table in MODEL_TABLES:
        attributes = load_schema(table).attributes
        names = [attribute.name for attribute in attributes]
        if "grade" not in names:
            continue
        keys = [attribute.name for attribute in attributes if attribute.is_key]
        told = {*keys, "note", "source_id", "grade", "name"}
        assumed = study.table(table).filter(pl.col("grade") == "assumption")
        if assumed.height > ROWS_MOST:
            yield make_assumption(
                f"rows:{table}",
                "assumption",
                table,
                f"{assumed.height} of {study.table(table).height} rows",
                reason="Graded an assumption in the study, row by row.",
                uses=assumed.height,
            )
            continue
        for row in assumed.to_dicts():
            key = ";".join(str(row[name]) for name in keys)
            values = [f"{name} {row[name]}" for name in names if name not in told and row[name]]
            yield make_assumption(
                f"row:{table}.{key}",
                "assumption",
                f"{table} {key}",
                ", ".join(values) or str(row.get("name") or key),
                reason=row.get("note") or row.get("name") or "Graded an assumption in the study.",
                source_id=row["source_id"],
                uses=1,
            )


def _list_graded_values(study: Study) -> Iterator[Row]:
    """How many rows of each model table are recalled, estimated or assumed, by what is graded."""
    for table in MODEL_TABLES:
        frame = study.table(table)
        for attribute in load_schema(table).attributes:
            if attribute.term != "grade" or frame[attribute.name].null_count() == frame.height:
                continue
            counts = dict(frame[attribute.name].value_counts().iter_rows())
            subject = attribute.name.removesuffix("_grade").removesuffix("grade")
            for grade in UNSURE:
                # Rows assumed as a whole are listed one by one.
                if counts.get(grade) and (subject or grade != "assumption"):
                    yield make_assumption(
                        f"grade:{table}.{attribute.name}.{grade}",
                        grade,
                        f"{table}: {subject or 'whole row'}",
                        f"{counts[grade]} of {frame.height} rows",
                        reason="Graded so in the study; each row names its source.",
                        uses=counts[grade],
                    )


def _list_unsourced_rows(study: Study) -> Iterator[Row]:
    """How many rows of each model table name neither a source nor a grade."""
    for table in MODEL_TABLES:
        frame = study.table(table)
        if "grade" not in frame.columns or "source_id" not in frame.columns:
            continue
        grades = [name for name in frame.columns if name.removesuffix("grade") != name]
        is_bare = pl.all_horizontal(pl.col(["source_id", *grades]).is_null())
        if "note" in frame.columns:
            is_bare &= pl.col("note").is_null()
        count = frame.filter(is_bare).height
        if count:
            yield make_assumption(
                f"unsourced:{table}",
                "unsourced",
                table,
                f"{count} of {frame.height} rows",
                reason="Neither source nor grade nor note says where they come from.",
                uses=count,
            )


def _list_simulated(study: Study) -> Iterator[Row]:
    """What the simulation of operations takes on trust; nothing where nothing is simulated."""
    if all(study.table(name).is_empty() for name in CAUSE_TABLES):
        return
    for number, (where, (value, reason)) in enumerate(SIMULATION_RULES.items(), 1):
        yield make_assumption(f"simulation:{number}", "assumption", where, value, reason=reason)
    name = study.settings.reliability.parameter_set
    parameters = load_parameter_set(name, folder=study.path / "parameters").table
    for grade, count in sorted(parameters["grade"].value_counts().iter_rows()):
        if grade in UNSURE:
            yield make_assumption(
                f"parameters:{name}.{grade}",
                grade,
                f"parameter set {name}",
                f"{count} of {parameters.height} parameters",
                reason="Each names its range and source; see the guide on the models of assets.",
                uses=count,
            )


def _list_estimates(estimates: pl.DataFrame) -> Iterator[Row]:
    """Ranges by table and attribute."""
    groups = estimates.group_by("table", "attribute", maintain_order=True).agg(
        count=pl.len(),
        least=pl.col("best").min(),
        most=pl.col("best").max(),
        low=(pl.col("low") / pl.col("best")).median(),
        high=(pl.col("high") / pl.col("best")).median(),
        note=pl.col("note").drop_nulls().mode().sort().first(),
    )
    for group in groups.iter_rows(named=True):
        where = f"{group['table']}.{group['attribute']}"
        yield make_assumption(
            f"estimate:{where}",
            "estimate",
            where,
            f"{group['count']} values from {group['least']:g} to {group['most']:g}",
            low_high=_describe_width(group["low"], group["high"]),
            reason=group["note"] or "Range stated in estimates.csv.",
            uses=group["count"],
        )


def _describe_width(low: float | None, high: float | None) -> str | None:
    """Median width of ranges in words; None where the best value is zero."""
    if low is None or high is None:
        return None
    return f"median {low - 1:+.0%} to {high - 1:+.0%} of the best value"
