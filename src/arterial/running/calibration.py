"""The calibration layer: from basic running times to those that trains really keep.

Physics is never bent to fit. For each piece of a route the basic time gets a supplement, the time
lost to restrictions, and a quality factor that brings it to what is published: a row of
``section_calibrations``, the typical speed of the section, and over both a published run of the
whole stretch. The main function is :func:`calibrate_pieces`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.units import KM_TO_M, MINUTE_S, kmh_to_ms

__all__ = ["PublishedStretch", "calibrate_pieces", "list_section_runs", "sum_links"]

HUNDRED_KM_M: Final = 100_000.0


@dataclass(frozen=True, slots=True)
class PublishedStretch:
    """A published duration laid on a route.

    Parameters
    ----------
    run_id : str
        Row of ``published_runs``.
    from_m, to_m : float
        Where it begins and ends on the route [m].
    low_s, best_s, high_s : float
        Duration without the dwell times at the stops between [s].
    source_id : str or None
        Its source.
    """

    run_id: str
    from_m: float
    to_m: float
    low_s: float
    best_s: float
    high_s: float
    source_id: str | None


def calibrate_pieces(
    runs: Sequence[pl.DataFrame],
    tables: Mapping[str, pl.DataFrame],
    published: Sequence[Sequence[PublishedStretch]],
    *,
    category: str,
    default_supplement_percent: float,
) -> list[pl.DataFrame]:
    """Calibrated running times of the pieces of routes, all runs of one category at once.

    calibrated = (basic + supplement + restriction) x quality factor. The factor of a section is
    its row of ``section_calibrations``; else what brings the time without restrictions to the
    typical speed of the section, with the range that ``estimates`` gives it; else 1. Where a
    published run covers a piece, all its pieces are stretched alike so that they add up to the
    published duration. Basic time under the kindest gradients, plus restrictions, is the floor of
    all of them.

    Parameters
    ----------
    runs : sequence of DataFrame
        Of each run, as :attr:`arterial.running.stretches.TimedRoute.pieces`.
    tables : mapping of str to DataFrame
        Study tables ``sections``, ``section_calibrations``, ``estimates``.
    published : sequence of sequence of PublishedStretch
        Of each run, published runs to fit to; a later one overrides an earlier one where they
        overlap.
    category : str
        ``passenger`` or ``freight``.
    default_supplement_percent : float
        Supplement where a section states none [%].

    Returns
    -------
    list of DataFrame
        The pieces of each run with supplement_s, quality_factor, quality_basis,
        quality_source_id, calibrated_low_s, calibrated_s, calibrated_high_s.

    Notes
    -----
    A factor below 1 says that what is stated or published eats into the supplement, or is faster
    than the train can be and was not taken: limits or masses of the study are then too harsh, or
    the statement is wrong.
    """
    if not runs:
        return []
    joined = _join_section_values(pl.concat(runs), tables, category)
    fitted = _split_runs(_apply_section_values(joined, default_supplement_percent), runs)
    for number, stretches in enumerate(published):
        for stretch in stretches:
            fitted[number] = _fit_stretch(fitted[number], stretch)
    before = pl.col("basic_s") + pl.col("supplement_s") + pl.col("restriction_s")
    calibrated = pl.concat(fitted).with_columns(
        quality_factor=pl.col("calibrated_s") / before,
        calibrated_low_s=pl.min_horizontal("calibrated_low_s", "calibrated_s"),
        calibrated_high_s=pl.max_horizontal("calibrated_high_s", "calibrated_s"),
    )
    return _split_runs(calibrated.select(*runs[0].columns, *CALIBRATED_COLUMNS), runs)


def _split_runs(together: pl.DataFrame, runs: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Rows of all runs, cut where one run ends and the next begins."""
    ends = np.cumsum([run.height for run in runs])
    return [
        together.slice(int(end) - run.height, run.height)
        for end, run in zip(ends, runs, strict=True)
    ]


FLOOR_S: Final = pl.col("basic_low_s") + pl.col("restriction_s")
"""What no train can be faster than, whatever is stated [s]."""

CALIBRATED_COLUMNS: Final = (
    "supplement_s",
    "quality_factor",
    "quality_basis",
    "quality_source_id",
    "calibrated_low_s",
    "calibrated_s",
    "calibrated_high_s",
)


def _apply_section_values(joined: pl.DataFrame, default_supplement_percent: float) -> pl.DataFrame:
    """Supplement and section factor of each piece; no piece becomes faster than its physics."""
    length = pl.col("to_m") - pl.col("from_m")
    percent, by_length = pl.col("supplement_percent"), pl.col("supplement_min_per_100km")
    share = (
        pl.when(percent.is_null() & by_length.is_null())
        .then(default_supplement_percent)
        .otherwise(percent.fill_null(0.0))
        / 100.0
    )
    by_length_s = length * by_length.fill_null(0.0) * MINUTE_S / HUNDRED_KM_M
    supplement = pl.col("basic_s") * share + by_length_s
    given, has_typical = pl.col("quality_factor"), pl.col("typical_best_kmh").is_not_null()
    times = {}
    for end, basic, speed in (
        ("calibrated_low_s", "basic_low_s", "typical_high_kmh"),
        ("calibrated_s", "basic_s", "typical_best_kmh"),
        ("calibrated_high_s", "basic_high_s", "typical_low_kmh"),
    ):
        supplemented = pl.col(basic) + supplement + pl.col("restriction_s")
        typical = length / (pl.col(speed) * kmh_to_ms(1.0))
        times[end] = (
            pl.when(given.is_not_null())
            .then(supplemented * given)
            .when(has_typical)
            .then(pl.max_horizontal(typical, "basic_low_s") + pl.col("restriction_s"))
            .otherwise(supplemented)
        )
        times[end] = pl.max_horizontal(times[end], FLOOR_S)
    return joined.with_columns(
        supplement_s=supplement,
        quality_basis=pl.when(given.is_not_null())
        .then(pl.lit("section_calibration"))
        .when(has_typical)
        .then(pl.lit("typical_speed"))
        .otherwise(pl.lit("none")),
        quality_source_id=pl.when(given.is_not_null())
        .then(pl.col("calibration_source_id"))
        .when(has_typical)
        .then(pl.col("section_source_id")),
        **times,
    )


def _join_section_values(
    pieces: pl.DataFrame, tables: Mapping[str, pl.DataFrame], category: str
) -> pl.DataFrame:
    """Pieces with the typical speed (low, best, high) and the calibration of their section."""
    attribute = f"typical_{category}_speed_kmh"
    sections = tables["sections"].select(
        "section_id",
        pl.col(attribute).alias("typical_best_kmh"),
        pl.col("source_id").alias("section_source_id"),
    )
    ranges = tables["estimates"].filter(
        (pl.col("table") == "sections") & (pl.col("attribute") == attribute)
    )
    ranges = ranges.select(
        pl.col("key").alias("section_id"),
        pl.col("low").alias("typical_low_kmh"),
        pl.col("high").alias("typical_high_kmh"),
    )
    calibrations = tables["section_calibrations"].filter(pl.col("category") == category)
    calibrations = calibrations.select(
        "section_id",
        "supplement_percent",
        "supplement_min_per_100km",
        "quality_factor",
        pl.col("source_id").alias("calibration_source_id"),
    )
    return (
        pieces.join(sections, on="section_id", how="left", maintain_order="left")
        .join(ranges, on="section_id", how="left", maintain_order="left")
        .join(calibrations, on="section_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("typical_low_kmh").fill_null(pl.col("typical_best_kmh")),
            pl.col("typical_high_kmh").fill_null(pl.col("typical_best_kmh")),
        )
    )


def _fit_stretch(pieces: pl.DataFrame, stretch: PublishedStretch) -> pl.DataFrame:
    """Stretch the pieces that a published run covers so that they add up to it.

    How the total spreads over the sections stays uncertain: their errors are taken as independent,
    so the widths of the pieces shrink alike until they add up to their root-sum-square.
    """
    # By the middle: ends of pieces and of published runs agree up to rounding only.
    middle = (pl.col("from_m") + pl.col("to_m")) / 2
    covered = (middle > stretch.from_m) & (middle < stretch.to_m)
    inside = pieces.filter(covered)
    total = float(inside["calibrated_s"].sum())
    if not total:
        return pieces
    scale = stretch.best_s / total
    best = pl.col("calibrated_s") * scale
    fitted = {"calibrated_s": best}
    for name, end_s in (("calibrated_low_s", stretch.low_s), ("calibrated_high_s", stretch.high_s)):
        width = (inside[name] - inside["calibrated_s"]) * scale
        spread = _shrink_spread(width.to_numpy())
        fitted[name] = best * (end_s / stretch.best_s) + spread * scale * (
            pl.col(name) - pl.col("calibrated_s")
        )
    fitted = {name: pl.max_horizontal(time, FLOOR_S) for name, time in fitted.items()}
    fitted["quality_basis"] = pl.lit("published_run")
    fitted["quality_source_id"] = pl.lit(stretch.source_id, dtype=pl.String)
    return pieces.with_columns(
        pl.when(covered).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in fitted.items()
    )


def _shrink_spread(width_s: NDArray[np.float64]) -> float:
    """Factor that makes widths add up to their root-sum-square."""
    total = abs(float(width_s.sum()))
    return float(np.linalg.norm(width_s)) / total if total else 0.0


def list_section_runs(
    train_ids: Sequence[str], runs: Sequence[pl.DataFrame], points: Sequence[Mapping[int, str]]
) -> pl.DataFrame:
    """Calibrated pieces of trains' routes added up by section, as ``section_runs``.

    Parameters
    ----------
    train_ids : sequence of str
        The trains.
    runs : sequence of DataFrame
        Of each train, as :func:`calibrate_pieces` gives them.
    points : sequence of mapping of int to str
        Of each train, operational points by position on the route [m].

    Returns
    -------
    DataFrame
        Table ``section_runs``, one row a visit of a section.
    """
    pieces = _number_runs(runs)
    visits = pieces.group_by(
        pl.struct("run", "section_id", "vehicle_type_id").rle_id().alias("visit"),
        maintain_order=True,
    )
    first = ("run", "section_id", "electrification", "vehicle_type_id")
    rows = visits.agg(
        pl.col(*first, "quality_basis", "quality_source_id", "from_m").first(),
        pl.col("to_m").last(),
        pl.col(SUMMED_COLUMNS).sum(),
    )
    names = pl.DataFrame(
        [(run, at, name) for run, named in enumerate(points) for at, name in named.items()],
        schema={"run": pl.Int64, "at": pl.Int64, "name": pl.String},
        orient="row",
    )
    for end in ("from", "to"):
        at = pl.col(f"{end}_m").round().cast(pl.Int64)
        rows = rows.with_columns(at=at).join(
            names.rename({"name": f"{end}_point"}),
            on=["run", "at"],
            how="left",
            maintain_order="left",
        )
        rows = rows.drop("at")
    before = pl.col("basic_s") + pl.col("supplement_s") + pl.col("restriction_s")
    return rows.with_columns(
        train_id=pl.Series(list(train_ids), dtype=pl.String).gather(rows["run"]),
        sequence=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("run"),
        length_km=(pl.col("to_m") - pl.col("from_m")) / KM_TO_M,
        quality_factor=pl.col("calibrated_s") / before,
    ).drop("run", "visit", "from_m", "to_m")


def _number_runs(runs: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Pieces of all runs, with the number of their run."""
    numbers = np.repeat(np.arange(len(runs)), [run.height for run in runs])
    return pl.concat(runs).with_columns(run=numbers)


SUMMED_COLUMNS: Final = (
    "basic_low_s",
    "basic_s",
    "basic_high_s",
    "supplement_s",
    "restriction_s",
    "calibrated_low_s",
    "calibrated_s",
    "calibrated_high_s",
)


def place_restrictions(
    runs: Sequence[pl.DataFrame], stops_m: Sequence[Sequence[float]]
) -> pl.Series:
    """Where between two stops a train first meets a temporary speed restriction.

    Parameters
    ----------
    runs, stops_m
        As of :func:`sum_links`.

    Returns
    -------
    Series
        One a link, in its order: running time from the stop before [s]; null = no restriction.
    """
    place = pl.col("restricted_from_m").fill_null(pl.col("from_m")) - pl.col("from_m")
    # What the restriction costs lies behind its beginning.
    inside = place / (pl.col("to_m") - pl.col("from_m")) * pl.col("free_s")
    cut = (
        _number_links(runs, stops_m)
        .with_columns(free_s=pl.col("calibrated_s") - pl.col("restriction_s"))
        .with_columns(
            before_s=pl.col("calibrated_s").cum_sum().over("run", "link")
            - pl.col("calibrated_s")
            + inside
        )
    )
    met = cut.group_by("run", "link", maintain_order=True).agg(
        pl.col("before_s").filter(pl.col("restriction_s") > 0).first()
    )
    return met.sort("run", "link")["before_s"]


def _number_links(runs: Sequence[pl.DataFrame], stops_m: Sequence[Sequence[float]]) -> pl.DataFrame:
    """Pieces of all runs with the number of their run and link."""
    links = []
    for pieces, at in zip(runs, stops_m, strict=True):
        # By the middle: the end of a piece lies at a stop up to rounding only.
        middle = (pieces["from_m"].to_numpy() + pieces["to_m"].to_numpy()) / 2
        links.append(np.searchsorted(np.asarray(at[1:-1]), middle))
    return _number_runs(runs).with_columns(link=np.concatenate(links))


def sum_links(runs: Sequence[pl.DataFrame], stops_m: Sequence[Sequence[float]]) -> pl.DataFrame:
    """Calibrated running time between neighbouring stops.

    Parameters
    ----------
    runs : sequence of DataFrame
        Of each run, as :func:`calibrate_pieces` gives them, cut at every stop.
    stops_m : sequence of sequence of float
        Of each run, positions of all stops from first to last [m].

    Returns
    -------
    DataFrame
        One row a link: run, link (0 is the one after the first stop), distance_km, running_low_s,
        running_s, running_high_s, least_s.
    """
    return (
        _number_links(runs, stops_m)
        .group_by("run", "link", maintain_order=True)
        .agg(
            distance_km=(pl.col("to_m") - pl.col("from_m")).sum() / KM_TO_M,
            running_low_s=pl.col("calibrated_low_s").sum(),
            running_s=pl.col("calibrated_s").sum(),
            running_high_s=pl.col("calibrated_high_s").sum(),
            least_s=FLOOR_S.sum(),
        )
        .sort("run", "link")
    )
