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

STATIONS_FROM: Final = CONFLICT_KINDS.index("station_full")
"""First of the kinds that happen at points; those before it are of two trains on a section."""
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
    rows = _join_rows(found)
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


def _join_rows(found: pl.DataFrame) -> pl.DataFrame:
    """Conflicts of patterns and days joined by trains and place, numbered in order."""
    keys = ["kind", "is_impossible", "is_fixed", "one", "two", "step", "way", "point"]
    keys += ["from_number", "to_number", "possession_id", "cure"]
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
    return (
        _mark_pairs(found.sort("first_day", "from_s", maintain_order=True), keys)
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col(
                "train", "other", "is_backward", "first_day", "from_s", "to_s", "others"
            ).first(),
            pl.when(pl.col("days").null_count() == 0)
            .then(pl.col("days").explode().n_unique())
            .otherwise(pl.col("days_count").sum())
            .first()
            .cast(pl.Int64)
            .alias("days_count"),
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


def _mark_pairs(found: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Conflicts with what they are joined by: of two trains on a section, whoever is the later.

    Days of one whose later train is the other one are counted as those of the train in front.
    """
    is_pair = pl.col("kind") < STATIONS_FROM
    pair = pl.struct("train", "other")
    found = found.with_columns(
        one=pl.when(is_pair).then(pl.min_horizontal("train", "other")).otherwise("train"),
        two=pl.when(is_pair).then(pl.max_horizontal("train", "other")).otherwise("other"),
        way=pl.when(~is_pair).then("is_backward"),
    )
    at_s = pl.col("first_day") * DAY_S + pl.col("from_s")
    later_days = ((at_s - at_s.first()) / DAY_S).round().cast(pl.Int64)
    own_days = pl.col("first_day") - pl.col("first_day").first()
    turned = found.select(
        shift=pl.when(pair != pair.first()).then(later_days - own_days).otherwise(0).over(keys)
    )["shift"]
    if not (turned != 0).any():
        return found
    shifted = [
        days if not shift or days is None else [day + shift for day in days]
        for days, shift in zip(found["days"].to_list(), turned.to_list(), strict=True)
    ]
    return found.with_columns(days=pl.Series(shifted, dtype=pl.List(pl.Int64)))


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
