"""Conflicts of stated trains as rows of a table: named, in order, each with its cure.

Main function: :func:`tabulate_conflicts`.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from arterial.study import conform_table, empty_table
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.units import DAY_S

__all__ = [
    "CONFLICT_KINDS",
    "CONNECTION",
    "POSSESSION",
    "THROAT",
    "TOO_FAST",
    "UNFIT",
    "tabulate_conflicts",
]

CONFLICT_KINDS: Final = (
    "opposing",
    "catching_up",
    "headway",
    "station_full",
    "loop_too_short",
    "track_taken",
)
"""Kinds in the order of the numbers that kernels give them."""

POSSESSION: Final = len(CONFLICT_KINDS)
TOO_FAST: Final = POSSESSION + 1
CONNECTION: Final = TOO_FAST + 1
UNFIT: Final = CONNECTION + 1
THROAT: Final = UNFIT + 1

CURES: Final[Mapping[str, str]] = {
    "too_fast": "State at least {} s more between the two stops, or correct lengths and limits.",
    "connection": "Let the train leave {} s later, the other come earlier, or state less time.",
    "opposing": "Let the second train wait for the first where they can cross: {} s later.",
    "catching_up": "Let the second train leave {} s later, or let it overtake before.",
    "headway": "Let the second train leave {} s later, or state signalling that lets it follow.",
    "station_full": "Let the train come {} s later, or state the tracks that there are.",
    "loop_too_short": "Let them meet where a loop holds one of them: {} s later here.",
    "track_taken": "Let the train come {} s later, or state another track that it can use.",
    "possession": "Let the train pass {} s later, or move the possession.",
    "throat": "Let the train pass the throat {} s later, or use a track that no other way crosses.",
}


def tabulate_conflicts(timed: TimedTrains, model: LineModel, found: pl.DataFrame) -> pl.DataFrame:
    """Conflicts of patterns and days joined by trains and place, with their names.

    Parameters
    ----------
    timed : TimedTrains
        The trains.
    model : LineModel
        Points and steps.
    found : DataFrame
        Conflicts by numbers of kind, trains and places, with operating days and times after their
        00:00 UTC.

    Returns
    -------
    DataFrame
        Table ``timetable_conflicts``: what is impossible first, then by days, place and trains.
    """
    if found.is_empty():
        return empty_table("timetable_conflicts")
    keys = ["kind", "is_impossible", "is_fixed", "train", "other", "step", "is_backward", "point"]
    keys += ["from_number", "to_number"]
    missing: dict[str, pl.DataType] = {
        "others": pl.List(pl.Int64),
        "days": pl.List(pl.Int64),
        "possession_id": pl.String(),
        "cure": pl.String(),
    }
    found = found.with_columns(
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in missing.items()
        if name not in found.columns
    )
    rows = (
        found.sort("first_day", "from_s", maintain_order=True)
        .group_by([*keys, "possession_id", "cure"], maintain_order=True)
        .agg(
            pl.col("first_day", "from_s", "to_s", "others").first(),
            pl.col("days_count").sum(),
            pl.col("missing_s").max(),
            pl.col("days").explode().drop_nulls().unique(),
        )
        .sort(
            ["is_impossible", "is_fixed", "days_count", "first_day", "from_s", "train", "other"],
            descending=[True, True, True, False, False, False, False],
            maintain_order=True,
        )
        .with_row_index("number", offset=1)
    )
    epoch_day = (pl.col("first_day") + (timed.period.day_from - timed.period.epoch).days) * DAY_S
    named = rows.with_columns(
        kind=pl.col("kind").replace_strict(
            list(range(THROAT + 1)),
            [*CONFLICT_KINDS, "possession", "too_fast", "connection", "track_unfit", "throat"],
        ),
        basis=pl.when("is_fixed").then(pl.lit("stated")).otherwise(pl.lit("computed")),
        days=_write_days(rows),
        conflict_id=pl.format("T{}", pl.col("number").cast(pl.String).str.zfill(6)),
        from_at_s=epoch_day + pl.col("from_s"),
        to_at_s=epoch_day + pl.col("to_s"),
        first_day=pl.lit(timed.period.day_from) + pl.duration(days=pl.col("first_day")),
        **_name_places(model),
        **_name_trains(timed),
    )
    whole = named.with_columns(cure=_choose_cure())
    return conform_table(
        "timetable_conflicts", whole.select(empty_table("timetable_conflicts").columns)
    )


def _write_days(rows: pl.DataFrame) -> pl.Series:
    """Days from the first one on as signs; nothing where they are not listed."""
    signs: list[str | None] = []
    for days, first in rows.select("days", "first_day").iter_rows():
        listed = set(days)
        span = range(first, max(days, default=first) + 1)
        signs.append("".join("01"[day in listed] for day in span) if days else None)
    return pl.Series(signs, dtype=pl.String)


def _choose_cure() -> pl.Expr:
    """What would mend each conflict: its own words, else those of its kind."""
    of_kind = (
        pl.when(pl.col("kind") == kind).then(pl.format(text, "missing_s"))
        for kind, text in CURES.items()
    )
    return pl.coalesce("cure", *of_kind)


def _name_trains(timed: TimedTrains) -> dict[str, pl.Expr]:
    """Ids of the trains of each row."""
    names = pl.Series(timed.train_ids, dtype=pl.String)

    def name(column: str) -> pl.Expr:
        return pl.lit(names).gather(pl.col(column))

    others = pl.col("others").list.eval(pl.lit(names).gather(pl.element()))
    return {
        "train_id": name("train"),
        "other_train_id": name("other"),
        "other_train_ids": others.list.join(";").fill_null(name("other")),
    }


def _name_places(model: LineModel) -> dict[str, pl.Expr]:
    """Ids of the point or section of each row, the ends in the direction of the train."""
    columns = {
        "section_id": [step.section_id for step in model.steps],
        "from": [step.from_point for step in model.steps],
        "to": [step.to_point for step in model.steps],
    }
    names = {
        key: pl.lit(pl.Series(values, dtype=pl.String)).gather(pl.col("step"))
        for key, values in columns.items()
    }
    points = pl.lit(pl.Series(model.point_ids, dtype=pl.String))
    back = pl.col("is_backward")
    return {
        "point_id": points.gather(pl.col("point")),
        "section_id": names["section_id"],
        "from_point": pl.coalesce(
            points.gather(pl.col("from_number")),
            pl.when(back).then(names["to"]).otherwise(names["from"]),
        ),
        "to_point": pl.coalesce(
            points.gather(pl.col("to_number")),
            pl.when(back).then(names["from"]).otherwise(names["to"]),
        ),
    }
