"""Condition of assets on a day: what was stated, what inspections found, and what models add.

The main function is `resolve_conditions`.

Lives of sleepers are Weibull with the shape that follows the curve of the Forest Products
Laboratory [USDA FPL], mean lives by material.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.bridges import STATES_COUNT, bridge_speed_limit_kmh, transition_matrix
from arterial.assets.lifetimes import failed_share, scale_from_mean
from arterial.assets.parameters import ParameterSet
from arterial.assets.placing import even_ranks
from arterial.assets.register import EVEN, EVEN_SEED, GOLDEN
from arterial.randomness import stream
from arterial.units import DAYS_PER_YEAR

__all__ = ["ASSUMED_AGE_Y", "ASSUMED_LENGTH_KM", "ASSUMED_STATE", "resolve_conditions"]

_KIND = "track"
ASSUMED_AGE_Y: Final = 20.0
"""Age of an asset of which none is known."""
ASSUMED_STATE: Final = 3
"""State of an embankment of which none is known: fair."""
ASSUMED_LENGTH_KM: Final = 1.0
"""Length of track, contact line, embankment or tunnel of which none is known."""
_LARGEST_SHARE: Final = 1 - 1e-9
_LINEAR: Final = ("track", "catenary", "embankment", "tunnel")


def resolve_conditions(
    register: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    *,
    as_of: dt.date,
    seed: int,
    draw: int = -1,
) -> pl.DataFrame:
    """Register with the condition of each asset on a day.

    The latest inspection that found a state or a share of defective sleepers counts, aged forward
    to the day: shares along the Weibull curve of the material, states of bridges by the yearly
    matrix. Track of which no share is known takes the one of its age. A bridge of which no state
    is known takes a drawn one among those that allow the speed that its section states, since
    that speed is known; its age says how likely each is.

    Parameters
    ----------
    register : polars.DataFrame
        Columns of `arterial.assets.register.REGISTER_SCHEMA`.
    tables : mapping of str to polars.DataFrame
        Input tables; ``inspections`` and ``sections`` are read.
    parameters : ParameterSet
        Parameters of the models.
    as_of : datetime.date
        The day.
    seed, draw : int
        Seed of the study and number of the draw; -1 = the picture that is shown, `EVEN` = that
        in which the states of a section are spread evenly, the same for every seed.

    Returns
    -------
    polars.DataFrame
        The register with `age_y`, `defect_share` and `state` settled, and with `length_km` [km],
        `section_limit_kmh` [km/h] and what was assumed added to `basis`.
    """
    frame = _join_inspections(register, tables.get("inspections"), as_of)
    limits = tables["sections"].select(
        "section_id", pl.col("passenger_speed_limit_kmh").alias("section_limit_kmh")
    )
    frame = frame.join(limits, on="section_id", how="left", maintain_order="left")
    frame = _settle_lengths_and_ages(frame)
    frame = _age_shares(frame, parameters)
    frame = _settle_embankments(frame)
    return _settle_bridges(frame, parameters, seed=seed, draw=draw)


def _join_inspections(
    register: pl.DataFrame, inspections: pl.DataFrame | None, as_of: dt.date
) -> pl.DataFrame:
    """Latest state and share found by the day, with the years since; later than the renewal."""
    if inspections is None or inspections.is_empty():
        return register.with_columns(
            share_since_y=pl.lit(0.0), state_since_y=pl.lit(0.0), is_inspected=pl.lit(value=False)
        )
    seen = inspections.filter(pl.col("inspected_on") <= as_of).join(
        register.select("asset_id", "installed"), on="asset_id", how="inner"
    )
    seen = seen.filter(
        # An inspection from before the renewal is of what stood there before.
        pl.col("installed").is_null() | (pl.col("inspected_on") >= pl.col("installed"))
    )
    frame = register
    since_y = (pl.lit(as_of) - pl.col("inspected_on")).dt.total_days() / DAYS_PER_YEAR
    for column, name in (("defect_share", "share"), ("state", "state")):
        latest = (
            seen.filter(pl.col(column).is_not_null())
            .sort("inspected_on", maintain_order=True)
            .unique("asset_id", keep="last", maintain_order=True)
            .select(
                "asset_id",
                pl.col(column).alias(f"found_{name}"),
                since_y.alias(f"{name}_since_y"),
                pl.col("inspected_on").alias(f"{name}_day"),
            )
        )
        frame = frame.join(latest, on="asset_id", how="left", maintain_order="left")
    day = pl.max_horizontal("share_day", "state_day")
    return frame.with_columns(
        pl.coalesce("found_share", "defect_share").alias("defect_share"),
        pl.coalesce("found_state", "state").alias("state"),
        pl.col("share_since_y").fill_null(0.0),
        pl.col("state_since_y").fill_null(0.0),
        is_inspected=day.is_not_null(),
        basis=pl.when(day.is_not_null())
        .then(pl.format("{}; inspected {}", "basis", day))
        .otherwise("basis"),
    ).drop("found_share", "found_state", "share_day", "state_day")


def _settle_lengths_and_ages(frame: pl.DataFrame) -> pl.DataFrame:
    length_km = (pl.col("to_offset_m") - pl.col("from_offset_m")) / 1_000.0
    is_linear = pl.col("kind").is_in(_LINEAR)
    lacks_length = is_linear & (length_km.is_null() | (length_km <= 0))
    lacks_age = pl.col("age_y").is_null()
    return frame.with_columns(
        length_km=pl.when(lacks_length).then(ASSUMED_LENGTH_KM).otherwise(length_km.fill_null(0.0)),
        basis=pl.concat_str(
            "basis",
            pl.when(lacks_age).then(pl.lit(f"; age assumed, {ASSUMED_AGE_Y:g} y")).otherwise(_NONE),
            pl.when(lacks_length)
            .then(pl.lit(f"; length assumed, {ASSUMED_LENGTH_KM:g} km"))
            .otherwise(_NONE),
        ),
        model_age_y=pl.col("age_y").fill_null(ASSUMED_AGE_Y),
    )


_NONE: Final = pl.lit("")


def _age_shares(frame: pl.DataFrame, parameters: ParameterSet) -> pl.DataFrame:
    """Shares of defective sleepers on the day, material by material."""
    share = frame["defect_share"].to_numpy().astype(np.float64)
    needs_model = (frame["kind"] == "track").to_numpy() & np.isnan(share)
    since_y = frame["share_since_y"].to_numpy()
    age_y = frame["model_age_y"].to_numpy()
    is_aged = ~np.isnan(share) & (since_y > 0)
    shape = parameters.value("sleeper_shape", kind="track")
    materials = frame["material"].to_list()
    for material in sorted({name or "" for name in materials}):
        is_meant = np.array([(name or "") == material for name in materials])
        scale_y = _sleeper_scale_y(parameters, material=material or None)
        place = is_meant & needs_model
        share[place] = failed_share(age_y[place], shape=shape, scale=scale_y)
        place = is_meant & is_aged
        # Where all sleepers are defective the curve has no age.
        known = np.minimum(share[place], _LARGEST_SHARE)
        equal_age_y = scale_y * (-np.log1p(-known)) ** (1 / shape)
        share[place] = failed_share(equal_age_y + since_y[place], shape=shape, scale=scale_y)
    note = pl.Series(needs_model)
    return frame.with_columns(
        pl.Series("defect_share", share).fill_nan(None),
        basis=pl.when(note)
        .then(pl.concat_str("basis", pl.lit("; sleepers by age")))
        .otherwise("basis"),
    )


def _settle_embankments(frame: pl.DataFrame) -> pl.DataFrame:
    is_open = (pl.col("kind") == "embankment") & pl.col("state").is_null()
    return frame.with_columns(
        state=pl.when(is_open).then(ASSUMED_STATE).otherwise("state"),
        basis=pl.when(is_open)
        .then(pl.concat_str("basis", pl.lit("; state assumed, fair")))
        .otherwise("basis"),
    )


def _settle_bridges(
    frame: pl.DataFrame, parameters: ParameterSet, *, seed: int, draw: int
) -> pl.DataFrame:
    """States of bridges: known ones aged forward, the others drawn."""
    place = np.flatnonzero((frame["kind"] == "bridge").to_numpy())
    if not place.size:
        return frame
    bridges = frame[place]
    known = bridges["state"].is_not_null().to_numpy()
    start = bridges["state"].fill_null(1).to_numpy() - 1
    years = np.where(known, bridges["state_since_y"].to_numpy(), bridges["model_age_y"].to_numpy())
    # The matrix moves whole years only.
    chances = _find_chances(start, np.floor(years).astype(np.int64), parameters)
    limits = bridge_speed_limit_kmh(np.arange(1, STATES_COUNT + 1), parameters)
    asked = bridges["section_limit_kmh"].fill_null(0.0).to_numpy()
    is_allowed = known[:, None] | (limits[None, :] >= asked[:, None])
    chances = np.where(is_allowed, chances, 0.0)
    whole = chances.sum(axis=1, keepdims=True)
    reached = np.cumsum(chances / whole, axis=1)[:, :-1]
    drawn = 1 + (_draw_ranks(bridges, seed, draw)[:, None] > reached).sum(axis=1)
    state = frame["state"].scatter(place, drawn)
    note = np.zeros(frame.height, dtype=np.bool_)
    note[place[~known]] = True
    return frame.with_columns(
        state,
        basis=pl.when(pl.Series(note))
        .then(pl.concat_str("basis", pl.lit("; state drawn by age, as the line speed allows")))
        .otherwise("basis"),
    )


def _find_chances(
    start: NDArray[np.int64], years: NDArray[np.int64], parameters: ParameterSet
) -> NDArray[np.float64]:
    """Chance of each state after whole years from a state, ``(n, 5)``."""
    matrix = transition_matrix(parameters)
    powers = np.empty((int(years.max(initial=0)) + 1, STATES_COUNT, STATES_COUNT))
    powers[0] = np.eye(STATES_COUNT)
    for year in range(1, powers.shape[0]):
        powers[year] = powers[year - 1] @ matrix
    return np.asarray(powers[years, start])


def _draw_ranks(bridges: pl.DataFrame, seed: int, draw: int) -> NDArray[np.float64]:
    """One number for each bridge, from the stream of its section."""
    ranks = np.empty(bridges.height)
    sections = bridges["section_id"].to_numpy()
    for number, section in enumerate(dict.fromkeys(sections.tolist()), 1):
        place = np.flatnonzero(sections == section)
        # The picture that is shown has a stream of its own beside those of the draws.
        owned = EVEN_SEED if draw == EVEN else seed
        random = stream(owned, f"assets/bridge-states/{section}", max(draw, -1) + 1)
        drawn = random.random(place.size)
        ranks[place] = even_ranks(drawn, number * GOLDEN % 1) if draw == EVEN else drawn
    return ranks


def _sleeper_scale_y(
    parameters: ParameterSet, *, material: str | None = None, is_curve: bool = False
) -> float:
    """Weibull scale of the life of sleepers [y].

    Parameters
    ----------
    parameters : ParameterSet
        Mean lives, shape and factor for curves.
    material : str or None
        Material of the sleepers; None = unknown.
    is_curve : bool
        Whether they lie in a curve sharper than `sleeper_curve_radius_m`.

    Examples
    --------
    15 / Gamma(1 + 1 / 4.5):

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(_sleeper_scale_y(load_parameter_set(), material="timber_softwood"), 2)
    16.44
    """
    mean = parameters.value("sleeper_mean_life_y", kind=_KIND, material=material)
    factor = parameters.value("sleeper_curve_factor", kind=_KIND) if is_curve else 1.0
    return scale_from_mean(mean * factor, parameters.value("sleeper_shape", kind=_KIND))
