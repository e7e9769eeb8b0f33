"""What differs in the results of two runs that rest on no chance: verdicts, times, findings.

Main functions: `compare_outcomes` (one row a difference) and `group_outcomes`. Two rows are the
same where subject and key agree, whatever their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "OUTCOME_TABLES",
    "PRESENCE",
    "SUBJECTS",
    "SUBJECT_WORDS",
    "compare_outcomes",
    "group_outcomes",
]

PRESENCE: Final = "there"
"""Measure of a row that only one run has: its words before or after."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is held against each other of a result table.

    Parameters
    ----------
    table : str
        Result table.
    keys : tuple of str
        Columns that make two rows the same.
    owner : str
        Column under which rows are told together.
    values : tuple of str
        Columns that are compared.
    words : str
        Column that tells of a row that only one run has.
    """

    table: str
    keys: tuple[str, ...]
    owner: str
    values: tuple[str, ...]
    words: str


SUBJECTS: Final = {
    "departure": Subject(
        "trips",
        ("service_id", "trip_date"),
        "service_id",
        ("verdict", "status", "departure_s", "journey_s"),
        "verdict",
    ),
    "train": Subject(
        "train_runs",
        ("train_id",),
        "train_id",
        ("mode", "departure", "days_count", "journey_s", "conflicts_count"),
        "mode",
    ),
    "finding": Subject(
        "findings",
        ("service_id", "trip_date", "kind", "train_id", "point_id"),
        "service_id",
        ("severity",),
        "cause",
    ),
    "conflict": Subject(
        "timetable_conflicts",
        ("kind", "train_id", "other_train_ids", "section_id", "point_id", "from_point", "to_point"),
        "train_id",
        ("days_count", "missing_s"),
        "cure",
    ),
    "connection": Subject(
        "connections", ("trip_id", "sequence"), "point_id", ("verdict",), "verdict"
    ),
    "coach check": Subject(
        "compatibility_checks",
        ("service_id", "subject_kind", "subject_id", "attribute"),
        "service_id",
        ("verdict",),
        "explanation",
    ),
    "coach sets": Subject(
        "set_requirements", ("pool_id",), "pool_id", ("minimum_sets", "sets_owned"), "explanation"
    ),
    "statement": Subject(
        "statement_checks", ("statement_id",), "statement_id", ("verdict", "computed"), "subject"
    ),
    "work": Subject(
        "campaign_plan", ("plan_id", "site_id"), "site_id", ("month", "last_month"), "month"
    ),
    "plan": Subject(
        "campaign_totals",
        ("plan_id",),
        "plan_id",
        ("sites_count", "benefit", "delay_avoided_h_per_year", "derailments_avoided_per_year"),
        "name",
    ),
}
"""What is compared, the most important first."""

OUTCOME_TABLES: Final = tuple(subject.table for subject in SUBJECTS.values())
"""Result tables that are compared."""

SUBJECT_WORDS: Final = {
    "departure": "Verdicts and journey times of departures",
    "train": "Trains",
    "finding": "Findings",
    "conflict": "Conflicts of the timetable",
    "connection": "Connections",
    "coach check": "Coaches held against lines and host trains",
    "coach sets": "Coach sets",
    "statement": "Published statements",
    "work": "Works of the campaign",
    "plan": "Plans of the campaign",
}
SCHEMA: Final = {
    "subject": pl.String,
    "owner": pl.String,
    "key": pl.String,
    "day": pl.Date,
    "measure": pl.String,
    "before": pl.String,
    "after": pl.String,
    "difference": pl.Float64,
}


def compare_outcomes(
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    *,
    epoch_shift_s: int = 0,
) -> pl.DataFrame:
    """Give each difference of the results that need no chance.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        Result tables by name; what a table does not have is not compared.
    epoch_shift_s : int
        From the epoch of the first to that of the second, which instants are counted from [s].

    Returns
    -------
    polars.DataFrame
        ``subject``, ``owner``, ``key``, ``day`` (of a departure), ``measure``, ``before`` and
        ``after`` as text, ``difference`` (of numbers; times in s).
    """
    parts = [pl.DataFrame(schema=SCHEMA)]
    for name, subject in SUBJECTS.items():
        first = _prepare(name, subject, before.get(subject.table), 0)
        second = _prepare(name, subject, after.get(subject.table), epoch_shift_s)
        if first is not None and second is not None:
            parts.append(_compare(name, subject, first, second))
    return pl.concat(parts)


def _prepare(
    name: str, subject: Subject, frame: pl.DataFrame | None, shift_s: int
) -> pl.DataFrame | None:
    """One row a key, with the values that are compared; None where a run lacks the table."""
    if frame is None:
        return None
    made = {
        ("departure", "departure_s"): ("departure_at_s", pl.col("departure_at_s") + shift_s),
        ("departure", "journey_s"): ("elapsed_h", (pl.col("elapsed_h") * HOUR_S).round()),
        ("train", "journey_s"): ("journey_min", (pl.col("journey_min") * MINUTE_S).round()),
    }
    columns = []
    for value in dict.fromkeys((*subject.values, subject.words)):
        source, formula = made.get((name, value), (value, pl.col(value)))
        # What an older run does not know is not compared.
        if source in frame.columns or value == subject.words:
            known = formula if source in frame.columns else pl.lit(None, dtype=pl.String)
            columns.append(known.alias(f"value:{value}"))
    keys = [
        (pl.col(key) if key in frame.columns else pl.lit(None)).cast(pl.String)
        for key in dict.fromkeys((*subject.keys, subject.owner))
    ]
    day = pl.col("trip_date") if "trip_date" in frame.columns else pl.lit(None, dtype=pl.Date)
    owned = frame.select(
        pl.concat_str(keys[: len(subject.keys)], separator=" ", ignore_nulls=True).alias("key"),
        keys[-1].alias("owner") if subject.owner not in subject.keys else _owner(subject, keys),
        day.alias("day"),
        *columns,
    )
    return owned.unique("key", keep="first", maintain_order=True)


def _owner(subject: Subject, keys: Sequence[pl.Expr]) -> pl.Expr:
    return keys[subject.keys.index(subject.owner)].alias("owner")


def _compare(
    name: str, subject: Subject, first: pl.DataFrame, second: pl.DataFrame
) -> pl.DataFrame:
    both = first.join(
        second, on="key", how="full", coalesce=True, maintain_order="left_right", suffix=":after"
    ).with_columns(
        is_before=pl.col("key").is_in(first["key"].implode()),
        is_after=pl.col("key").is_in(second["key"].implode()),
    )
    parts = [_list_presence(name, subject, both)]
    kept = both.filter(pl.col("is_before") & pl.col("is_after"))
    for value in subject.values:
        if not all(f"value:{value}" in side.columns for side in (first, second)):
            continue
        old, new = pl.col(f"value:{value}"), pl.col(f"value:{value}:after")
        differs = kept.filter(old.ne_missing(new))
        is_number = differs.schema[f"value:{value}"].is_numeric()
        change = (new - old).cast(pl.Float64) if is_number else pl.lit(None, dtype=pl.Float64)
        parts.append(_shape(differs, name, value, old, new, change))
    return pl.concat(parts)


def _list_presence(name: str, subject: Subject, both: pl.DataFrame) -> pl.DataFrame:
    """Rows that only one run has, in their own words."""
    only = both.filter(~(pl.col("is_before") & pl.col("is_after")))
    column = f"value:{subject.words}"
    old = pl.when("is_before").then(pl.col(column).cast(pl.String).fill_null(PRESENCE))
    new = pl.when("is_after").then(pl.col(f"{column}:after").cast(pl.String).fill_null(PRESENCE))
    return _shape(only, name, PRESENCE, old, new, pl.lit(None, dtype=pl.Float64))


def _shape(
    rows: pl.DataFrame, name: str, measure: str, old: pl.Expr, new: pl.Expr, change: pl.Expr
) -> pl.DataFrame:
    return rows.select(
        pl.lit(name).alias("subject"),
        pl.coalesce("owner", "owner:after").alias("owner"),
        "key",
        pl.coalesce("day", "day:after").alias("day"),
        pl.lit(measure).alias("measure"),
        old.cast(pl.String).alias("before"),
        new.cast(pl.String).alias("after"),
        change.alias("difference"),
    ).cast(SCHEMA)  # type: ignore[arg-type]


def group_outcomes(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Put differences together that are alike: one row, with the days and the count.

    Parameters
    ----------
    outcomes : polars.DataFrame
        As from `compare_outcomes`, with a column ``cause`` or not.
    """
    keys = ["subject", "owner", "measure", "before", "after"]
    # Departures of one service that lose as much are told together though their times differ.
    by = [
        *keys[:3],
        pl.when(pl.col("difference").is_null()).then("before").alias("group_before"),
        pl.when(pl.col("difference").is_null()).then("after").alias("group_after"),
        pl.col("difference"),
        *(["cause"] if "cause" in outcomes.columns else []),
    ]
    return outcomes.group_by(by, maintain_order=True).agg(
        pl.col("before").first(),
        pl.col("after").first(),
        pl.col("key").first(),
        pl.col("day").drop_nulls().unique().sort().alias("days"),
        pl.len().alias("count"),
    )
