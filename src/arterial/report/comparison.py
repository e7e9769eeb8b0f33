"""Two runs side by side: before, after and difference of what was simulated.

The main function is `compare_results`. Where both runs met the same chances, punctuality and
delay are compared trip by trip; elsewhere the errors of the two are added as if independent, which
is too much rather than too little for runs that share their chances.

Common random numbers (`pair_punctuality`, `pair_times`) cancel what both runs share, so that the
error of a difference is far below that of either figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "CHANCE_TABLES",
    "COMPARED",
    "Comparison",
    "Measure",
    "compare_results",
    "is_paired",
    "pair_punctuality",
    "pair_times",
    "summarise_pairs",
]

SAME: Final = ("draws_count", "replications_count", "seed", "parameter_set")
"""What has to agree for one trip of both runs to have met the same chances."""
KEYS: Final = ["draw", "replication", "trip_id"]
LOW: Final = 0.05
HIGH: Final = 0.95


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared of a table.

    Parameters
    ----------
    table : str
        Result table.
    keys : tuple of str
        Columns that name a row.
    value : str
        Column that is compared; its error and range stand in columns of the same name.
    names : tuple of str
        Columns that only describe a row, taken from the run that has it.
    """

    table: str
    keys: tuple[str, ...]
    value: str
    names: tuple[str, ...] = ()


COMPARED: Final = {
    "punctuality": Measure(
        "punctuality", ("service_id", "group_id", "measure", "limit_h"), "share"
    ),
    "delays": Measure("arrival_distributions", ("service_id", "group_id"), "delay_mean_min"),
    "journeys": Measure("simulated_trips", ("service_id", "group_id"), "elapsed_min"),
    "handovers": Measure(
        "handover_risks",
        ("service_id", "group_id", "sequence"),
        "missed_share",
        ("point_id", "to_train_id"),
    ),
    "causes": Measure(
        "delay_causes",
        ("service_id", "group_id", "cause_id"),
        "delay_min",
        ("parent_id", "cause", "name", "rank"),
    ),
    "rotations": Measure("rotation_risks", ("pool_id", "spare_sets"), "lost_share"),
    "lines": Measure("line_delays", ("train_key", "scenario"), "delay_mean_min"),
    "assets": Measure("asset_effects", ("asset_id",), "delay_min_per_year", ("kind", "section_id")),
    "derailments": Measure("derailment_risks", ("section_id",), "derailments_per_year"),
}
"""What is laid side by side, in the order of the page."""
CHANCE_TABLES: Final = (
    *dict.fromkeys(measure.table for measure in COMPARED.values()),
    "simulation_runs",
    "simulated_trips",
)
"""Result tables that are read where a run has them."""
SIDES: Final = ("before", "after")
PARTS: Final = ("error", "low", "high")
PAIRED_TIMES: Final = {"delays": "arrival_delay_s", "journeys": "elapsed_s"}
DELAY_PARTS: Final = ("primary", "knock_on", "restriction")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Tables of differences, and what could not be compared.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By the names of `COMPARED`: keys, names, ``before``, ``after`` and ``difference``, each with
        ``_error``, ``_low`` and ``_high`` where known, and ``is_paired``.
    absent : mapping of str to str
        Tables that one run or both lack, with which.
    is_paired : bool
        Whether both runs met the same chances.
    """

    tables: Mapping[str, pl.DataFrame]
    absent: Mapping[str, str]
    is_paired: bool


def compare_results(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]
) -> Comparison:
    """Compare the simulated operations of two runs.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        Result tables by name; those that one run lacks are named in the answer.
    """
    tables: dict[str, pl.DataFrame] = {}
    absent: dict[str, str] = {}
    for name, measure in COMPARED.items():
        prepared = [_prepare(results, name, measure) for results in (before, after)]
        if prepared[0] is None or prepared[1] is None:
            whose = [side for side, frame in zip(SIDES, prepared, strict=True) if frame is None]
            absent[name] = "both runs" if len(whose) == len(SIDES) else f"the run {whose[0]}"
            continue
        tables[name] = _lay_side_by_side(prepared[0], prepared[1], measure)
    paired = is_paired(before, after)
    if paired and "punctuality" in tables:
        pairs = pair_punctuality(before, after, tables["punctuality"])
        tables["punctuality"] = _take_paired(tables["punctuality"], pairs)
    for name, column in PAIRED_TIMES.items():
        if paired and name in tables:
            tables[name] = _take_paired(tables[name], pair_times(before, after, column))
    return Comparison(tables=tables, absent=absent, is_paired=paired)


def _prepare(
    results: Mapping[str, pl.DataFrame], name: str, measure: Measure
) -> pl.DataFrame | None:
    """The table of one run with one row a key; None where the run has none."""
    frame = results.get(measure.table)
    if frame is None or frame.is_empty():
        return None
    if name == "journeys":
        frame = _average_journeys(frame)
    if name == "delays":
        last = frame.sort("sequence").group_by("service_id", "group_id", maintain_order=True).last()
        frame = last
    if name == "assets":
        minutes = [pl.col(f"{part}_delay_min_per_year").fill_null(0) for part in DELAY_PARTS]
        errors = [
            pl.col(f"{part}_delay_min_per_year_error").fill_null(0) ** 2 for part in DELAY_PARTS
        ]
        frame = frame.with_columns(
            delay_min_per_year=pl.sum_horizontal(minutes),
            delay_min_per_year_error=pl.sum_horizontal(errors).sqrt(),
        )
    if "group_id" in frame.columns:
        frame = frame.filter(pl.col("group_id").is_in(["works", "all"]))
    return frame


def _average_journeys(trips: pl.DataFrame) -> pl.DataFrame:
    """Mean journey time of the simulated trips of each service that arrive [min]."""
    drawn = trips.filter(pl.col("draw") >= 0)
    used = trips if drawn.is_empty() else drawn
    service = pl.col("trip_id").str.split("@").list.first().alias("service_id")
    return (
        used.drop_nulls("elapsed_s")
        .group_by(service, maintain_order=True)
        .agg(elapsed_min=pl.col("elapsed_s").mean() / MINUTE_S)
        .with_columns(group_id=pl.lit("all"))
    )


def _lay_side_by_side(before: pl.DataFrame, after: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Rows of both runs joined by key; a row that one run lacks has an unknown difference."""
    sides = {
        side: _rename(frame, measure, side)
        for side, frame in (("before", before), ("after", after))
    }
    joined = sides["before"].join(
        sides["after"],
        on=list(measure.keys),
        how="full",
        coalesce=True,
        maintain_order="left_right",
    )
    squares = [pl.col(f"{side}_error").fill_null(0) ** 2 for side in sides]
    unknown = pl.lit(None, dtype=pl.Float64)
    compared = joined.with_columns(
        *(pl.coalesce(name, f"{name}_right").alias(name) for name in measure.names),
        difference=pl.col("after") - pl.col("before"),
        difference_error=pl.when(
            pl.col("after").is_not_null() & pl.col("before").is_not_null()
        ).then(pl.sum_horizontal(squares).sqrt()),
        difference_low=unknown,
        difference_high=unknown,
        is_paired=pl.lit(value=False),
    )
    return compared.drop(f"{name}_right" for name in measure.names)


def _rename(frame: pl.DataFrame, measure: Measure, side: str) -> pl.DataFrame:
    value = measure.value
    parts = [
        pl.col(f"{value}_{part}").alias(f"{side}_{part}")
        if f"{value}_{part}" in frame.columns
        else pl.lit(None, dtype=pl.Float64).alias(f"{side}_{part}")
        for part in PARTS
    ]
    names = [name for name in measure.names if name in frame.columns]
    return frame.select(*measure.keys, *names, pl.col(value).cast(pl.Float64).alias(side), *parts)


def _take_paired(table: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Put paired differences in the place of those with errors added."""
    if pairs.is_empty():
        return table
    keys = [name for name in pairs.columns if not name.startswith("difference")]
    values = ("difference", "difference_error", "difference_low", "difference_high")
    joined = table.join(pairs, on=keys, how="left", suffix="_paired", maintain_order="left")
    has_pair = pl.col("difference_paired").is_not_null()
    taken = [
        pl.when(has_pair).then(pl.col(f"{name}_paired")).otherwise(pl.col(name)).alias(name)
        for name in values
    ]
    return joined.with_columns(*taken, is_paired=has_pair).drop(f"{name}_paired" for name in values)


def is_paired(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> bool:
    """Whether both runs hold simulated trips of the same draws, replications and seed."""
    rows = []
    for results in (before, after):
        runs, trips = results.get("simulation_runs"), results.get("simulated_trips")
        if runs is None or trips is None or trips.is_empty():
            return False
        coach_runs = runs.filter(pl.col("simulation_id") == "coaches")
        if coach_runs.is_empty():
            return False
        rows.append(coach_runs.select(SAME).row(0))
    return bool(rows[0] == rows[1])


def pair_punctuality(
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    compared: pl.DataFrame,
) -> pl.DataFrame:
    """Differences of the share in time over all trips that both runs simulated.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        Tables ``simulated_trips`` of both runs.
    compared : polars.DataFrame
        Rows of ``punctuality`` side by side; those of the group ``all`` are paired.

    Returns
    -------
    polars.DataFrame
        Keys of ``punctuality``, ``difference`` with its error and range.
    """
    pairs = _join_trips(before, after)
    # The end of a local day is no fixed time after departure, so trips do not tell it.
    is_timed = pl.col("measure").is_in(["announced_duration", "arrival_tolerance"])
    is_shown = (pl.col("group_id") == "all") & is_timed
    rows = compared.filter(is_shown).drop_nulls("difference")
    parts = []
    for service_id, measure, limit_h in rows.select("service_id", "measure", "limit_h").iter_rows():
        column = "elapsed_s" if measure == "announced_duration" else "arrival_delay_s"
        limit_s = limit_h * HOUR_S
        # A trip that never arrives is not in time.
        before_in, after_in = (
            (pl.col(name) <= limit_s).fill_null(value=False).cast(pl.Float64)
            for name in (column, f"{column}_right")
        )
        of_service = pairs.filter(pl.col("service_id") == service_id)
        gained = of_service.select("draw", "replication", gained=after_in - before_in)
        keys = {"service_id": service_id, "measure": measure, "limit_h": limit_h}
        parts.append(summarise_pairs(gained).with_columns(_keys(keys)))
    return pl.concat(parts) if parts else pl.DataFrame()


def pair_times(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], column: str
) -> pl.DataFrame:
    """Differences of a mean time over the trips that arrive in both runs [min].

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        With ``simulated_trips``.
    column : str
        ``arrival_delay_s``, delay at the end, or ``elapsed_s``, journey time.
    """
    pairs = _join_trips(before, after).drop_nulls([column, f"{column}_right"])
    parts = []
    for service_id in pairs["service_id"].unique(maintain_order=True).to_list():
        change = (pl.col(f"{column}_right") - pl.col(column)) / MINUTE_S
        of_service = pairs.filter(pl.col("service_id") == service_id)
        gained = of_service.select("draw", "replication", gained=change)
        parts.append(summarise_pairs(gained).with_columns(_keys({"service_id": service_id})))
    return pl.concat(parts) if parts else pl.DataFrame()


def summarise_pairs(gained: pl.DataFrame) -> pl.DataFrame:
    """Mean difference, its Monte-Carlo error and the range over draws.

    The mean is that of the draws' means. Its error is the root of the summed variances of the
    draws' means over their number: ``sqrt(sum(s_d^2 / n_d)) / D`` with ``n_d`` replications in each
    of ``D`` draws. The draw -1, best values, is left out where there are others.

    Parameters
    ----------
    gained : polars.DataFrame
        ``draw``, ``replication`` and ``gained``, one row a trip.

    Examples
    --------
    >>> rows = {"draw": [0, 0, 1, 1], "replication": [0, 1, 0, 1], "gained": [1.0, 3.0, 4.0, 8.0]}
    >>> summarise_pairs(pl.DataFrame(rows)).select("difference", "difference_error").row(0)
    (4.0, 1.118033988749895)
    """
    drawn = gained.filter(pl.col("draw") >= 0)
    used = gained if drawn.is_empty() else drawn
    runs = used.group_by("draw", "replication").agg(pl.col("gained").mean()).sort("draw")
    draws = runs.group_by("draw", maintain_order=True).agg(
        mean=pl.col("gained").mean(), square=pl.col("gained").var() / pl.len()
    )
    return draws.select(
        difference=pl.col("mean").mean(),
        difference_error=pl.col("square").sum().sqrt() / pl.len(),
        difference_low=pl.col("mean").quantile(LOW, "linear"),
        difference_high=pl.col("mean").quantile(HIGH, "linear"),
    )


def _join_trips(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Trips that both runs simulated, beside each other."""
    columns = [*KEYS, "arrival_delay_s", "elapsed_s"]
    first, second = (results["simulated_trips"].select(columns) for results in (before, after))
    joined = first.join(second, on=KEYS, how="inner", maintain_order="left")
    return joined.with_columns(service_id=pl.col("trip_id").str.split("@").list.first())


def _keys(values: Mapping[str, str | float]) -> list[pl.Expr]:
    return [
        pl.lit("all").alias("group_id"),
        *(pl.lit(value).alias(name) for name, value in values.items()),
    ]
