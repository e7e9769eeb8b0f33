"""Result tables of simulated through coaches from their parts.

Main function: :func:`summarise_coaches`. Each value is the mean over draws of a ratio of sums; its
error is the standard error over replications, draws apart; its low and high ends are the 5 % and
95 % quantiles of the draws' values, and null where there is one draw only.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from arterial.operations.coaches.cause_tables import make_delay_causes
from arterial.operations.coaches.cells import VARIANT_KINDS, Measure, list_variants
from arterial.operations.coaches.delay_bins import EDGES_MIN, find_quantiles
from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.ratios import Scale, estimate_ratios
from arterial.study import conform_table, empty_table
from arterial.units import DAY_S, DAYS_PER_YEAR, HOUR_S, MINUTE_S

__all__ = ["summarise_coaches"]

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def summarise_coaches(
    parts: Mapping[str, pl.DataFrame], model: CoachModel
) -> dict[str, pl.DataFrame]:
    """Result tables from the parts of all draws and replications.

    Parameters
    ----------
    parts : mapping of str to polars.DataFrame
        ``coach_sums``, ``place_bins``, ``cause_sums`` and ``coach_batches`` of
        :func:`arterial.operations.coaches.simulate_coaches`, all put together. The rows of
        ``simulated_trips`` are a result as they are.
    model : CoachModel
        Model of which the parts are; at whatever draw.

    Returns
    -------
    dict of str to polars.DataFrame
        ``arrival_distributions``, ``punctuality``, ``handover_risks``, ``rotation_risks``,
        ``buffer_values``, ``delay_causes``, ``simulation_runs``.
    """
    sums = parts["coach_sums"]
    return {
        "arrival_distributions": _make_arrivals(parts, model),
        "punctuality": _make_punctuality(sums, model),
        "handover_risks": _make_handover_risks(sums, model),
        "rotation_risks": _make_rotation_risks(sums, model),
        "buffer_values": _make_buffer_values(sums, model),
        "delay_causes": make_delay_causes(parts, model),
        "simulation_runs": _make_runs(parts["coach_batches"], model),
    }


def _make_punctuality(sums: pl.DataFrame, model: CoachModel) -> pl.DataFrame:
    """Table ``punctuality``; a journey cancelled or broken off counts as late."""
    day, announced = (
        estimate_ratios(sums, measure, Scale("share"))
        for measure in (Measure.ANNOUNCED_DAY, Measure.ANNOUNCED)
    )
    options = model.options
    # What holds of every service, with the limit that it rests on [h].
    fixed = {
        "arrival_tolerance": (Measure.TOLERANCE, options.tolerance_min * MINUTE_S / HOUR_S),
        "cancelled": (Measure.CANCELLED, options.cancel_after_h),
        "broken_off": (Measure.BROKEN_OFF, options.timetable.catch_up_days * DAY_S / HOUR_S),
    }
    limits = {
        "announced_day": (day, pl.col("announced_arrival_day") * (DAY_S / HOUR_S)),
        "announced_duration": (announced, pl.col("announced_duration_h")),
    }
    rows = [
        *(
            _split_target(shares, model)
            .join(
                model.services.select("service_id", limit_h=limit),
                on="service_id",
                how="left",
                maintain_order="left",
            )
            .drop_nulls("limit_h")
            .with_columns(measure=pl.lit(measure))
            for measure, (shares, limit) in limits.items()
        ),
        *(
            _split_target(estimate_ratios(sums, of, Scale("share")), model).with_columns(
                limit_h=pl.lit(float(limit_h)), measure=pl.lit(measure)
            )
            for measure, (of, limit_h) in fixed.items()
        ),
    ]
    columns = empty_table("punctuality").columns
    whole = pl.concat([frame.with_columns(trips_count="count").select(columns) for frame in rows])
    return conform_table("punctuality", whole)


def _make_handover_risks(sums: pl.DataFrame, model: CoachModel) -> pl.DataFrame:
    """Table ``handover_risks``: in the first leg's row hosts are missed for want of a set."""
    missed = estimate_ratios(sums, Measure.MISSED, Scale("missed_share"))
    closed = estimate_ratios(sums, Measure.HOST_CANCELLED, Scale("host_cancelled_share"))
    wait = estimate_ratios(sums, Measure.WAIT, Scale("wait_if_missed_h", HOUR_S)).drop("count")
    cost = estimate_ratios(sums, Measure.COST, Scale("delay_cost_h", HOUR_S)).drop("count")
    keys = ["target", "place"]
    joined = missed.join(closed.drop("count"), on=keys)
    joined = joined.join(wait, on=keys, how="left").join(cost, on=keys, how="left")
    rows = _split_target(joined, model).join(_name_legs(model), on=["service_id", "place"])
    named = rows.rename({"place": "sequence", "count": "trips_count", "train_id": "to_train_id"})
    return _conform("handover_risks", named)


def _make_rotation_risks(sums: pl.DataFrame, model: CoachModel) -> pl.DataFrame:
    """Table ``rotation_risks``."""
    lost = estimate_ratios(sums, Measure.LOST, Scale("lost_share"))
    cancelled = estimate_ratios(sums, Measure.SETS_CANCELLED, Scale("cancelled_share"))
    late = estimate_ratios(sums, Measure.SET_LATE, Scale("departure_delay_mean_h", HOUR_S))
    days = (model.trips["trip_date"].max() - model.trips["trip_date"].min()).days + 1  # type: ignore[operator,union-attr]
    per_year = HOUR_S * max(days, 1) / DAYS_PER_YEAR
    value = estimate_ratios(sums, Measure.SPARE_SAVES, Scale("value_h_per_year", per_year))
    keys = ["target", "place"]
    joined = lost.join(cancelled.drop("count"), on=keys).join(late.drop("count"), on=keys)
    joined = joined.join(value.drop("count"), on=keys, how="left")
    return _conform(
        "rotation_risks",
        joined.rename({"target": "pool_id", "place": "spare_sets", "count": "trips_count"}),
    )


def _make_buffer_values(sums: pl.DataFrame, model: CoachModel) -> pl.DataFrame:
    """Table ``buffer_values``."""
    missed = estimate_ratios(sums, Measure.BUFFER_MISSED, Scale("missed_share"))
    saved = estimate_ratios(sums, Measure.BUFFER_SAVES, Scale("delay_saved_h", HOUR_S))
    joined = missed.join(saved.drop("count"), on=["target", "place"])
    if not joined.height:
        return empty_table("buffer_values")
    variants = pl.DataFrame(
        [
            {
                "place": number,
                "kind": VARIANT_KINDS[int(kind)],
                "minutes": float(seconds) / MINUTE_S,
            }
            for number, (kind, seconds) in enumerate(list_variants(model))
        ]
    )
    parts = pl.col("target").str.split("|").list
    rows = (
        joined.with_columns(service_id=parts.first(), sequence=parts.last().cast(pl.Int64))
        .join(variants, on="place")
        .drop("place")
        .join(_name_legs(model).rename({"place": "sequence"}), on=["service_id", "sequence"])
    )
    return _conform("buffer_values", rows)


def _make_arrivals(parts: Mapping[str, pl.DataFrame], model: CoachModel) -> pl.DataFrame:
    """Table ``arrival_distributions``, from the sums and the bins of each stop."""
    means = estimate_ratios(parts["coach_sums"], Measure.DELAY, Scale("delay_mean_min", MINUTE_S))
    quantiles = pl.concat(_find_place_quantiles(parts["place_bins"], model))
    events = model.events.with_columns(
        target=model.trips["trip_id"].gather(model.events["trip"])
    ).select("target", "sequence", "planned_at_s")
    places = _split_target(means.join(quantiles, on=["target", "place"], how="left"), model)
    of_stops = model.events.with_columns(
        service_id=model.trips["service_id"].gather(model.events["trip"])
    ).unique(["service_id", "sequence"], keep="first", maintain_order=True)
    rows = (
        places.rename({"place": "sequence", "count": "trips_count"})
        .join(events, on=["target", "sequence"], how="left")
        .join(
            of_stops.select("service_id", "sequence", "point_id", "event", "distance_km"),
            on=["service_id", "sequence"],
        )
    )
    return _conform("arrival_distributions", rows)


def _find_place_quantiles(bins: pl.DataFrame, model: CoachModel) -> list[pl.DataFrame]:
    summed = bins.group_by("event", "bin").agg(pl.col("count").cast(pl.Int64).sum())
    counts = np.zeros((model.events.height, len(EDGES_MIN)), np.int64)
    counts[summed["event"], summed["bin"]] = summed["count"]
    begins, ends = model.counted["event_begin"], model.counted["event_end"]
    sequences = model.events["sequence"].to_numpy()
    targets = model.trips["trip_id"].gather(model.events["trip"]).to_list()
    tables = [_tabulate(targets, sequences, counts)]
    for service, group in model.groups:
        mask = model.trips["service_id"] == service
        if group == "works":
            mask &= model.trips["works"]
        trips = np.flatnonzero(mask.to_numpy())
        grouped = np.zeros((int((ends - begins)[trips].max()), counts.shape[1]), np.int64)
        for trip in trips:
            grouped[: ends[trip] - begins[trip]] += counts[begins[trip] : ends[trip]]
        names = [f"{service}|{group}"] * len(grouped)
        tables.append(_tabulate(names, np.arange(1, len(grouped) + 1), grouped))
    return tables


def _tabulate(targets: list[str], places: np.ndarray, counts: np.ndarray) -> pl.DataFrame:
    found = find_quantiles(counts, np.array(list(QUANTILES.values())))
    columns = {f"delay_{name}_min": found[:, number] for number, name in enumerate(QUANTILES)}
    frame = pl.DataFrame({"target": targets, "place": places, **columns})
    return frame.with_columns(pl.col("^delay_.*$").fill_nan(None))


def _make_runs(batches: pl.DataFrame, model: CoachModel) -> pl.DataFrame:
    """Table ``simulation_runs``."""
    options = model.options
    # Batches of one draw have the same timetable.
    drawn = batches.filter(pl.col("draw") >= 0).unique("draw", maintain_order=True)
    kept = drawn["timetable_missed_s"] == 0
    row = {
        "simulation_id": "coaches",
        "draws_count": batches["draw"].n_unique(),
        "replications_count": batches["replications"].sum(),
        "trips_per_replication": model.trips.height,
        "seed": options.seed,
        "parameter_set": options.parameter_set,
        "from_date": options.first_day,
        "to_date": options.simulate_to or options.timetable.horizon_to,
        "attribution_gap_s": batches["attribution_gap_s"].max(),
        "timetables_kept_share": (
            int(kept.sum()) / int(drawn["timetables_drawn"].sum())
            if options.trusts_announcements and drawn.height
            else None
        ),
        "draws_not_kept": (~kept).sum() if options.trusts_announcements else None,
    }
    return conform_table(
        "simulation_runs", pl.DataFrame([row], schema=dict(empty_table("simulation_runs").schema))
    )


def _split_target(frame: pl.DataFrame, model: CoachModel) -> pl.DataFrame:
    """Service and group of each target: a trip, or service and name of a group joined by a bar."""
    services = model.trips.select(pl.col("trip_id").alias("target"), "service_id")
    bar = pl.col("target").str.split("|").list
    joined = frame.join(services, on="target", how="left", maintain_order="left")
    return joined.with_columns(
        service_id=pl.coalesce("service_id", bar.first()),
        group_id=pl.when(pl.col("service_id").is_null()).then(bar.last()).otherwise("target"),
    )


def _name_legs(model: CoachModel) -> pl.DataFrame:
    legs = model.legs.with_columns(service_id=model.trips["service_id"].gather(model.legs["trip"]))
    named = legs.unique(["service_id", "sequence"], keep="first", maintain_order=True)
    return named.select("service_id", pl.col("sequence").alias("place"), "point_id", "train_id")


def _conform(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return conform_table(name, frame.select(empty_table(name).columns))
