"""State of every asset: failures a year, track class, speed, repair and derailments.

Main functions: `assess_assets`, `assess_renewed` and `find_seasons`.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.bridges import bridge_speed_limit_kmh
from arterial.assets.conditions import ASSUMED_STATE, resolve_conditions
from arterial.assets.derailments import derailment_rates
from arterial.assets.failures import failure_consequence, season_factors
from arterial.assets.parameters import ParameterSet
from arterial.assets.placing import locate_on_sections
from arterial.assets.rates import ParameterEnd, Stock, widen_parameters, yearly_failures
from arterial.assets.track_class import BEST_CLASS, allowed_class, class_speed_kmh
from arterial.assets.trajectories import EXACT_STATE, apply_works
from arterial.study.tables import conform_table, empty_table

__all__ = [
    "ASSET_KINDS",
    "AssetAssessment",
    "assess_assets",
    "assess_renewed",
    "find_seasons",
    "read_stock",
]

ASSET_KINDS: Final = (
    "turnout",
    "track",
    "bridge",
    "tunnel",
    "embankment",
    "catenary",
    "signalling",
)
"""Kinds of assets, as the table ``assets`` names them."""

SPEED_SLACK: Final = 1.05
"""A class whose speed lies so little below the stated limit does not restrict: limits are round."""

SPEED_STEP_KMH: Final = 5.0
"""Restrictions are set in such steps."""

_STATE_OF_CLASS: Final = (5, 5, 4, 3, 2, 1)
_WELDED: Final = frozenset({"concrete"})
_DERAILMENTS: Final = (
    "derailments_per_million_train_km_low",
    "derailments_per_million_train_km",
    "derailments_per_million_train_km_high",
)
_RATES: Final = (
    "failure_rate_per_year",
    "failure_rate_low_per_year",
    "failure_rate_high_per_year",
)


@dataclass(frozen=True, slots=True)
class AssetAssessment:
    """States of the assets and the seasons of their failures.

    Parameters
    ----------
    states : polars.DataFrame
        Table ``asset_states``, in the order of the register.
    seasons : polars.DataFrame
        Table ``asset_seasons``.
    """

    states: pl.DataFrame
    seasons: pl.DataFrame


def assess_assets(
    register: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    *,
    as_of: dt.date,
    seed: int,
    draw: int = -1,
    age_shares: Mapping[str, float] | None = None,
) -> AssetAssessment:
    """Assess every asset of a register.

    Parameters
    ----------
    register : polars.DataFrame
        What `arterial.assets.register.build_register` gives.
    tables : mapping of str to polars.DataFrame
        Input tables: inspections, sections and the points between them.
    parameters : ParameterSet
        Parameters of the models, drawn for the same draw.
    as_of : datetime.date
        Day on which the condition counts; failures are those of the year after it.
    seed, draw : int
        Seed of the study and number of the draw; -1 = the picture that is shown.
    age_shares : mapping of str to float, optional
        Assets as they would be if a work had just left them this share of their age.

    Returns
    -------
    AssetAssessment
        Tables ``asset_states`` and ``asset_seasons``.

    Notes
    -----
    A speed stands in `speed_limit_kmh` only where the condition allows less than the passenger
    limit of the section, which already describes the line as it is: a class whose speed lies up
    to 5 % below that limit does not restrict, and the best class never does.
    """
    frame = resolve_conditions(register, tables, parameters, as_of=as_of, seed=seed, draw=draw)
    if age_shares:
        frame = apply_works(frame, age_shares, parameters)
    track_class = _find_classes(frame, parameters)
    columns = {
        **_find_rates(read_stock(frame), parameters),
        "track_class": track_class,
        "state": _find_states(frame, track_class),
        "speed_limit_kmh": _find_limits(frame, track_class, parameters),
        **_find_derailments(frame, track_class, tables, parameters),
        **_find_consequences(frame["kind"], parameters),
        **locate_on_sections(frame["section_id"], _find_middles(frame), tables).to_dict(),
    }
    states = frame.with_columns(pl.Series(name, values) for name, values in columns.items())
    return AssetAssessment(
        conform_table("asset_states", states.select(_state_columns())), find_seasons(parameters)
    )


def assess_renewed(
    states: pl.DataFrame, asset_ids: Collection[str], parameters: ParameterSet
) -> pl.DataFrame:
    """States as they would be had some assets just been renewed; the others stay as they are.

    A renewed asset is new: age 0, state 1, no defective sleepers, the best track class, no
    restriction, and the failures of its first year. Nothing gets worse by renewal.

    Parameters
    ----------
    states : polars.DataFrame
        Table ``asset_states``.
    asset_ids : collection of str
        Assets that are renewed.
    parameters : ParameterSet
        Parameters of the models, as `states` was assessed with.

    Returns
    -------
    polars.DataFrame
        Table ``asset_states``, in the same order.
    """
    is_renewed = pl.col("asset_id").is_in(list(asset_ids))
    ratio = pl.min_horizontal(
        pl.col("renewed_failure_rate_per_year") / pl.col("failure_rate_per_year"), pl.lit(1.0)
    ).fill_nan(1.0)
    has_class = pl.col("track_class").is_not_null()
    worst_first = derailment_rates(np.arange(BEST_CLASS + 1), parameters)
    scaled = {
        name: pl.col(name)
        * pl.col("track_class").replace_strict(
            list(range(BEST_CLASS + 1)), (rates[BEST_CLASS] / rates).tolist(), default=None
        )
        for name, rates in zip(
            _DERAILMENTS, (worst_first.low, worst_first.best, worst_first.high), strict=True
        )
    }
    renewed = {
        **{name: pl.col(name) * ratio for name in _RATES},
        **scaled,
        "age_y": pl.lit(0.0),
        "state": pl.when(pl.col("state").is_not_null()).then(pl.lit(1)),
        "defect_share": pl.when(pl.col("defect_share").is_not_null()).then(pl.lit(0.0)),
        "track_class": pl.when(has_class).then(pl.lit(BEST_CLASS)),
        "speed_limit_kmh": pl.lit(None, dtype=pl.Float64),
        "basis": pl.concat_str("basis", pl.lit("; renewed")),
    }
    changed = states.with_columns(
        pl.when(is_renewed).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in renewed.items()
    )
    return conform_table("asset_states", changed)


def find_seasons(parameters: ParameterSet) -> pl.DataFrame:
    """Table ``asset_seasons``: failures of each month over the mean of the year, by kind."""
    rows = [
        (kind, month + 1, float(factor))
        for kind in ASSET_KINDS
        for month, factor in enumerate(season_factors(kind, parameters))
    ]
    frame = pl.DataFrame(rows, schema=["kind", "month", "factor"], orient="row")
    return conform_table("asset_seasons", frame)


def _state_columns() -> list[str]:
    return list(empty_table("asset_states").columns)


def _find_middles(frame: pl.DataFrame) -> pl.Series:
    end_m = pl.col("to_offset_m").fill_null(pl.col("from_offset_m"))
    return frame.select((pl.col("from_offset_m") + end_m) / 2).to_series()


def read_stock(frame: pl.DataFrame) -> Stock:
    """Settled conditions, as `resolve_conditions` gives them, as arrays for the models.

    Worked bridges may lie between two states; all else has whole ones.
    """
    state = frame["state"].fill_null(ASSUMED_STATE)
    if EXACT_STATE in frame.columns:
        exact = frame.select(
            pl.when(pl.col("kind") == "bridge").then(EXACT_STATE).otherwise("state")
        )
        state = exact.to_series().fill_null(ASSUMED_STATE)
    return Stock(
        kind=frame["kind"].to_numpy().astype(np.str_),
        age_y=frame["model_age_y"].to_numpy(),
        state=state.to_numpy(),
        units=frame["units_count"].to_numpy().astype(np.float64),
        length_km=frame["length_km"].to_numpy(),
        tonnage_mt=frame["annual_tonnage_mgt"].fill_null(0.0).to_numpy(),
        is_powered=frame["is_powered"].fill_null(value=True).to_numpy(),
        is_jointed=~frame["material"].is_in(list(_WELDED)).fill_null(value=False).to_numpy(),
    )


def _find_rates(stock: Stock, parameters: ParameterSet) -> dict[str, NDArray[np.float64]]:
    best = yearly_failures(stock, parameters)
    low = yearly_failures(stock, widen_parameters(parameters, ParameterEnd.LOW))
    high = yearly_failures(stock, widen_parameters(parameters, ParameterEnd.HIGH))
    renewed = yearly_failures(stock.renewed(), parameters)
    return {
        "failure_rate_per_year": best,
        "failure_rate_low_per_year": np.minimum(low, best),
        "failure_rate_high_per_year": np.maximum(high, best),
        "renewed_failure_rate_per_year": np.minimum(renewed, best),
    }


def _find_classes(frame: pl.DataFrame, parameters: ParameterSet) -> pl.Series:
    """Class of track and turnouts whose sleepers are known; unknown elsewhere."""
    share = frame["defect_share"].to_numpy().astype(np.float64)
    classes = np.full(frame.height, -1, dtype=np.int64)
    for kind, is_curve in (("track", False), ("turnout", True)):
        place = np.flatnonzero((frame["kind"] == kind).to_numpy() & ~np.isnan(share))
        if place.size:
            classes[place] = allowed_class(share[place], parameters, is_curve=is_curve)
    return pl.select(pl.when(pl.Series(classes) >= 0).then(pl.Series(classes))).to_series()


def _find_states(frame: pl.DataFrame, track_class: pl.Series) -> pl.Series:
    by_class = track_class.replace_strict(
        list(range(BEST_CLASS + 1)), _STATE_OF_CLASS, default=None, return_dtype=pl.Int64
    )
    is_track = frame["kind"] == "track"
    return pl.select(pl.when(is_track).then(by_class).otherwise(frame["state"])).to_series()


def _find_limits(
    frame: pl.DataFrame, track_class: pl.Series, parameters: ParameterSet
) -> pl.Series:
    """Speed that the condition allows, where that is less than the section's own limit."""
    allowed = np.full(frame.height, np.inf)
    classes = track_class.fill_null(BEST_CLASS).to_numpy()
    slow = np.flatnonzero(classes < BEST_CLASS)
    allowed[slow] = class_speed_kmh(classes[slow], parameters)
    place = np.flatnonzero((frame["kind"] == "bridge").to_numpy())
    if place.size:
        allowed[place] = bridge_speed_limit_kmh(frame["state"][place].to_numpy(), parameters)
    asked = frame["section_limit_kmh"].fill_null(np.inf).to_numpy()
    is_restricted = np.isfinite(allowed) & (allowed * SPEED_SLACK < asked)
    with np.errstate(invalid="ignore"):
        rounded = np.maximum(np.round(allowed / SPEED_STEP_KMH), 1.0) * SPEED_STEP_KMH
    return pl.Series(np.where(is_restricted, rounded, np.nan)).fill_nan(None)


def _find_derailments(
    frame: pl.DataFrame,
    track_class: pl.Series,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
) -> dict[str, pl.Series]:
    """Derailments by both models, for track whose class is known."""
    is_track = (frame["kind"] == "track") & track_class.is_not_null()
    rates = derailment_rates(
        track_class.fill_null(BEST_CLASS).to_numpy(),
        parameters,
        annual_tonnage_mt=frame["annual_tonnage_mgt"].fill_null(0.0).to_numpy(),
        is_signalled=_find_signalled(frame["section_id"], tables),
    )
    return {
        name: pl.select(pl.when(is_track).then(pl.Series(values))).to_series()
        for name, values in zip(_DERAILMENTS, (rates.low, rates.best, rates.high), strict=True)
    }


def _find_signalled(
    section_ids: pl.Series, tables: Mapping[str, pl.DataFrame]
) -> NDArray[np.bool_]:
    """Whether a section has signals that follow the trains; unknown and manual ones do not."""
    sections = tables["sections"].select("section_id", "signalling")
    words = pl.col("signalling").str.to_lowercase().str.replace_all("semi-automatic", "")
    marked = sections.select(
        "section_id", words.str.contains("automatic|interlocking|ctc").fill_null(value=False)
    )
    by_section = dict(marked.iter_rows())
    return np.array([by_section.get(section, False) for section in section_ids.to_list()])


def _find_consequences(kinds: pl.Series, parameters: ParameterSet) -> dict[str, pl.Series]:
    """What a failure of each asset does, by its kind."""
    names = (
        "repair_median_h",
        "repair_sigma",
        "delay_per_train_min",
        "delay_sigma",
        "closes_line",
    )
    found = {kind: failure_consequence(kind, parameters) for kind in ASSET_KINDS}
    return {
        name: kinds.replace_strict(
            list(found), [getattr(consequence, name) for consequence in found.values()]
        )
        for name in names
    }
