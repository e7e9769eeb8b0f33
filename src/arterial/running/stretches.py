"""Basic running times along a route, piece by piece, under kind, best and harsh gradients.

The main function, :func:`time_route`, runs a train over each stretch of one locomotive and cuts the
run at section ends and stops. It knows physics only; what is added to reach published times is in
:mod:`arterial.running.calibration`.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import polars as pl

from arterial.errors import InfeasibleError
from arterial.network import GradientCase, GradientSettings, Route, route_profile
from arterial.running.calculate import calculate_running_time
from arterial.running.path import PathProfile
from arterial.running.result import RunningTime
from arterial.running.train import Train
from arterial.units import KM_TO_M

__all__ = ["HauledTrain", "TimedRoute", "TractionKey", "time_route"]

MOST_LOCOMOTIVES: Final = 3
SAMPLES_PER_ROUTE: Final = 1500
PLACE_DECIMALS: Final = 3
RESTRICTED: Final = "restricted"
PROFILE_COLUMNS: Final = (
    "position_km",
    "speed_kmh",
    "limit_kmh",
    "gradient_permille",
    "gradient_bound_permille",
    "gradient_basis",
    "electrification",
)


@dataclass(frozen=True, slots=True)
class TractionKey:
    """What decides on the train of a stretch: the railway, the contact line and the vehicles.

    Parameters
    ----------
    railway_id : str
        Railway that runs the section; empty = unknown.
    electrification : str
        System of the contact line; ``none`` also where it is unknown.
    formation_id : str, optional
        Vehicles behind the locomotive, where the train changes them on its way; None = those that
        it leaves with.
    """

    railway_id: str
    electrification: str
    formation_id: str | None = None


@dataclass(frozen=True, slots=True)
class HauledTrain:
    """A train with the locomotive that hauls it over a stretch.

    Parameters
    ----------
    train : Train
        What the physics needs.
    vehicle_type_id : str
        Type of the locomotive.
    locomotives_count : int
        How many haul the train.
    """

    train: Train
    vehicle_type_id: str
    locomotives_count: int


MakeTrain = Callable[[TractionKey, int], HauledTrain]
"""Gives the train for a stretch and a number of locomotives beyond the usual."""


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """Basic running times over a route.

    Parameters
    ----------
    pieces : DataFrame
        One row for each piece between section ends and stops: section_id, railway_id,
        electrification, vehicle_type_id, from_m, to_m, basic_low_s, basic_s, basic_high_s,
        restriction_s, and restricted_from_m: where a restriction begins on it, null = nowhere.
    profile : DataFrame
        The best run: position_km, speed_kmh, limit_kmh, gradient_permille,
        gradient_bound_permille, gradient_basis, electrification; empty where it was left out.
    helpers : tuple of str
        Stretches that the usual locomotive could not climb in some case, in words.
    too_steep : tuple of str
        Those among them that it cannot climb even by what is known of their gradients.
    """

    pieces: pl.DataFrame
    profile: pl.DataFrame
    helpers: tuple[str, ...]
    too_steep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """A run and the train that made it."""

    hauled: HauledTrain
    result: RunningTime


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive rows of a profile under one locomotive."""

    key: TractionKey
    rows: pl.DataFrame

    @property
    def from_m(self) -> float:
        return float(self.rows["position_m"][0])

    @property
    def to_m(self) -> float:
        return float(self.rows["position_m"][-1] + self.rows["length_m"][-1])


def time_route(
    route: Route,
    tables: Mapping[str, pl.DataFrame],
    make_train: MakeTrain,
    *,
    stops: Sequence[tuple[float, str | None]],
    settings: GradientSettings,
    restrictions_on: dt.date | None = None,
    is_freight: bool = False,
    is_brief: bool = False,
) -> TimedRoute:
    """Basic running times over a route, with stops and changes of locomotive and vehicles.

    A train stops wherever its locomotive or its vehicles change. If it cannot climb a stretch, a
    further locomotive is added (at most two) and named in ``helpers``.

    Parameters
    ----------
    route : Route
        The route.
    tables : mapping of str to DataFrame
        Study tables ``sections``, ``profile_pieces``, ``speed_restrictions``.
    make_train : callable
        Gives the train for a stretch.
    stops : sequence of (float, str or None)
        Stops in order, by their position from the start of the route [m]; start and end need not
        be named. With each the formation that the train changes to there; None = it keeps its own.
    settings : GradientSettings
        How unknown gradients are drawn.
    restrictions_on : date, optional
        Day whose temporary speed restrictions cost time; None = none do.
    is_freight : bool
        Whether the limits of freight trains hold.
    is_brief : bool
        Leaves out the kindest and the harshest gradients and the speed profile: where thousands
        of trains run, their ranges are not looked at.

    Returns
    -------
    TimedRoute
        Times and the speed profile.

    Raises
    ------
    InfeasibleError
        If a stretch cannot be climbed with three locomotives.
    """
    railways = dict(tables["sections"].select("section_id", "railway_id").iter_rows())
    changes = [(at, formation) for at, formation in stops if formation is not None]
    helpers: list[str] = []
    too_steep: list[str] = []
    samples: list[pl.DataFrame] = []
    timed: dict[str, pl.DataFrame] = {}
    limits: dict[str, pl.DataFrame] = {}
    cases = (GradientCase.BEST,) if is_brief else tuple(GradientCase)
    days: dict[str, dt.date | None] = dict.fromkeys(cases)
    if restrictions_on is not None and _has_restrictions(tables):
        days[RESTRICTED] = restrictions_on
    for case, day in days.items():
        profile = route_profile(
            route,
            tables,
            settings=settings,
            gradient_case=GradientCase.BEST if case == RESTRICTED else case,
            is_freight=is_freight,
            restrictions_on=day,
        )
        parts = []
        for stretch in _split_stretches(profile, railways, changes):
            inside_m = [at for at, _ in stops if stretch.from_m + 1 < at < stretch.to_m - 1]
            # The kindest case has no gradients but those that are known.
            told = too_steep if case == GradientCase.LOW else helpers
            run = _run_stretch(stretch, inside_m, make_train, told)
            parts.append(_time_pieces(stretch, inside_m, run))
            if case == GradientCase.BEST and not is_brief:
                samples.append(_sample_profile(stretch, run.result, route.length_km))
        timed[case] = pl.concat(parts)
        limits[case] = profile.select("position_m", "speed_limit_kmh").set_sorted("position_m")
    sampled = pl.concat(samples) if samples else pl.DataFrame()
    return TimedRoute(
        _place_restrictions(_join_cases(timed), limits),
        sampled,
        tuple(dict.fromkeys([*too_steep, *helpers])),
        tuple(dict.fromkeys(too_steep)),
    )


def _has_restrictions(tables: Mapping[str, pl.DataFrame]) -> bool:
    """Whether the study has any temporary speed restriction."""
    return "speed_restrictions" in tables and not tables["speed_restrictions"].is_empty()


def _split_stretches(
    profile: pl.DataFrame,
    railways: Mapping[str, str | None],
    changes: Sequence[tuple[float, str]],
) -> Iterator[_Stretch]:
    """Stretches of a profile under one railway, one contact line and with the same vehicles."""
    if changes:
        profile = _cut_rows(profile, [at for at, _ in changes])
    changes_m = [at - 1 for at, _ in changes]
    vehicles = [None, *(name for _, name in changes)]
    keys = [
        TractionKey(
            railways.get(section) or "", system or "none", vehicles[bisect_right(changes_m, at)]
        )
        for section, system, at in profile.select(
            "section_id", "electrification", "position_m"
        ).iter_rows()
    ]
    begin = 0
    for key, same in groupby(keys):
        count = len(list(same))
        yield _Stretch(key, profile.slice(begin, count))
        begin += count


def _cut_rows(profile: pl.DataFrame, places_m: Sequence[float]) -> pl.DataFrame:
    """A profile with a row that begins at each place, to the metre."""
    begins = profile["position_m"].to_numpy()
    ends = begins + profile["length_m"].to_numpy()
    cuts = [at for at in places_m if np.abs(begins - at).min() > 1 and at < ends[-1] - 1]
    starts = np.sort(np.concatenate([begins, cuts]))
    rows = np.searchsorted(begins, starts, side="right") - 1
    lengths = np.append(starts[1:], ends[-1]) - starts
    return profile[rows].with_columns(position_m=starts, length_m=lengths)


def _run_stretch(
    stretch: _Stretch, stops: list[float], make_train: MakeTrain, helpers: list[str]
) -> _Run:
    """Run of a train over a stretch, with as many locomotives as it takes."""
    rows = stretch.rows
    path = PathProfile(
        position_m=[*rows["position_m"], stretch.to_m],
        gradient_permille=rows["gradient_permille"].to_list(),
        speed_limit_kmh=rows["speed_limit_kmh"].to_list(),
        curve_radius_m=rows["curve_radius_m"].fill_null(0.0).to_list(),
        stop_position_m=[*stops, stretch.to_m],
        stop_dwell_s=[0.0] * (len(stops) + 1),
    )
    for more in range(MOST_LOCOMOTIVES):
        hauled = make_train(stretch.key, more)
        try:
            run = _Run(hauled, calculate_running_time(path, hauled.train))
        except InfeasibleError:
            if more == MOST_LOCOMOTIVES - 1:
                raise
            continue
        if more:
            first, last = rows["section_id"][0], rows["section_id"][-1]
            helpers.append(
                f"{hauled.locomotives_count} {hauled.vehicle_type_id} instead of "
                f"{hauled.locomotives_count - more} from section {first} to {last}"
            )
        break
    return run


def _time_pieces(stretch: _Stretch, stops: list[float], run: _Run) -> pl.DataFrame:
    """Time of each piece between section ends and stops of a stretch."""
    # A section that is run twice, to and fro, counts as two.
    sections = stretch.rows["section_id"].to_list()
    begins = [i for i, section in enumerate(sections) if i == 0 or section != sections[i - 1]]
    bounds = [*stretch.rows["position_m"].gather(begins), stretch.to_m]
    cuts = np.unique(np.round([*bounds, *stops], PLACE_DECIMALS))
    at = np.interp(cuts, run.result.places[:, 0], run.result.places[:, 1])
    section = np.searchsorted(np.round(bounds, PLACE_DECIMALS), cuts[:-1], side="right") - 1
    return pl.DataFrame(
        {
            "section_id": stretch.rows["section_id"].gather(begins).gather(section),
            "railway_id": pl.Series([stretch.key.railway_id] * len(section)),
            "electrification": pl.Series([stretch.key.electrification] * len(section)),
            "vehicle_type_id": pl.Series([run.hauled.vehicle_type_id] * len(section)),
            "from_m": cuts[:-1],
            "to_m": cuts[1:],
            "time_s": np.diff(at),
        }
    )


def _join_cases(timed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Pieces with the times of all cases side by side, low <= best <= high."""
    best = timed[GradientCase.BEST]
    low, high = (timed.get(c, best)["time_s"] for c in (GradientCase.LOW, GradientCase.HIGH))
    restricted = timed.get(RESTRICTED, best)["time_s"]
    return best.rename({"time_s": "basic_s"}).with_columns(
        basic_low_s=pl.min_horizontal(low, "basic_s"),
        basic_high_s=pl.max_horizontal(high, "basic_s"),
        restriction_s=pl.max_horizontal(restricted - pl.col("basic_s"), pl.lit(0.0)),
    )


def _place_restrictions(pieces: pl.DataFrame, limits: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Pieces with the place at which a restriction first lowers the limit on each."""
    free = limits[GradientCase.BEST].rename({"speed_limit_kmh": "free_kmh"})
    lowered = (
        limits.get(RESTRICTED, limits[GradientCase.BEST])
        .join_asof(free, on="position_m", strategy="backward")
        .filter(pl.col("speed_limit_kmh") < pl.col("free_kmh"))["position_m"]
        .to_list()
    )
    begins = [
        next((max(at, begin) for at in lowered if begin - 1 < at < end - 1), None)
        for begin, end in pieces.select("from_m", "to_m").iter_rows()
    ]
    return pieces.with_columns(restricted_from_m=pl.Series(begins, dtype=pl.Float64))


def _sample_profile(stretch: _Stretch, result: RunningTime, length_km: float) -> pl.DataFrame:
    """Speed, limit and gradient of the best run, thinned so that stops still show."""
    width_m = max(length_km * KM_TO_M / SAMPLES_PER_ROUTE, 50.0)
    run = result.to_frame(longest_gap_s=30.0).select("position_m", "speed_kmh")
    bins = (pl.col("position_m") / width_m).floor().alias("bin")
    shown = (
        run.group_by(bins)
        .agg(
            pl.struct("position_m", "speed_kmh").sort_by("speed_kmh").first().alias("slowest"),
            pl.struct("position_m", "speed_kmh").sort_by("speed_kmh").last().alias("fastest"),
        )
        .unpivot(index="bin", variable_name="which", value_name="sample")
        .unnest("sample")
        .unique("position_m")
        .sort("position_m")
    )
    known = stretch.rows.select(
        pl.col("position_m"),
        "speed_limit_kmh",
        "gradient_permille",
        "gradient_bound_permille",
        "gradient_basis",
        "electrification",
    ).set_sorted("position_m")
    return (
        shown.join_asof(known, on="position_m", strategy="backward")
        .with_columns(position_km=pl.col("position_m") / KM_TO_M)
        .rename({"speed_limit_kmh": "limit_kmh"})
        .select(*PROFILE_COLUMNS)
    )
