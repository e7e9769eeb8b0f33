"""What can go wrong on a line: rows of ``asset_states`` and ``disturbances`` as sources.

The main function is `list_line_sources`. An asset that lies on several steps fails on each with
its share of the length. Failures happen in time and last until repaired; every train that comes by
is delayed, or held where the line is closed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.line.hazards import (
    DayHit,
    Hazards,
    Horizon,
    RunChance,
    Shape,
    Source,
    make_hazards,
)
from arterial.operations.line.plan import OperationsPlan
from arterial.study import split_list
from arterial.timetable.paths import LineModel
from arterial.units import DAY_S, HOUR_S, KM_TO_M, MINUTE_S, MONTHS_PER_YEAR, YEAR_S

__all__ = ["AssetPiece", "LineSources", "list_line_sources", "locate_assets"]

WARM_UP_DAYS: Final = 14
"""How long before the first train failures begin to happen, for those that last [d]."""

HELD_AT_POINTS: Final = frozenset({"power_shortage", "weather"})
"""Causes for which a train is held at the point before; others stop it between points."""

EXCEEDED_BY_ONE_IN_TWENTY: Final = 1.6448536269514722
"""Standard normal quantile of 0.95 [1]."""


@dataclass(frozen=True, slots=True)
class AssetPiece:
    """Part of an asset on one step: row of ``asset_states``, step, share of the asset, length."""

    asset: int
    step: int
    share: float
    length_m: float


@dataclass(frozen=True)
class LineSources:
    """Sources of a line.

    Parameters
    ----------
    hazards : Hazards
        Chances at dominating rates.
    source_ids : tuple of str
        Asset or disturbance of each source.
    asset_rows : ndarray
        Row of ``asset_states`` of each source, -1 = a disturbance.
    month_factor : ndarray
        Share of candidates accepted in each month, ``(12, n_sources)``.
    """

    hazards: Hazards
    source_ids: tuple[str, ...]
    asset_rows: NDArray[np.int64]
    month_factor: NDArray[np.float64]


def locate_assets(states: pl.DataFrame, line: LineModel) -> list[AssetPiece]:
    """Pieces of assets on the steps of a line.

    Parameters
    ----------
    states : DataFrame
        Table ``asset_states``.
    line : LineModel
        The line; the steps of a section follow each other from its from_point on.

    Returns
    -------
    list of AssetPiece
        One for each asset and step that it touches.
    """
    places: dict[str, list[tuple[int, float, float]]] = {}
    for number, step in enumerate(line.steps):
        here = places.setdefault(step.section_id, [])
        begin = here[-1][2] if here else 0.0
        here.append((number, begin, begin + step.length_km * KM_TO_M))
    columns = ("section_id", "from_offset_m", "to_offset_m")
    pieces = []
    for asset, (section, begin, end) in enumerate(states.select(columns).iter_rows()):
        here = places.get(section, [])
        first = begin or 0.0
        last = first if end is None else end
        length = last - first
        for place, (owner, left, right) in enumerate(here):
            is_last = place == len(here) - 1
            if length <= 0:
                if left <= first and (first < right or is_last):
                    pieces.append(AssetPiece(asset, owner, 1.0, 0.0))
                continue
            overlap = min(last, math.inf if is_last else right) - max(first, left)
            if overlap > 0:
                pieces.append(AssetPiece(asset, owner, overlap / length, overlap))
    return pieces


def list_line_sources(
    plan: OperationsPlan,
    line: LineModel,
    *,
    states: pl.DataFrame,
    seasons: pl.DataFrame,
    disturbances: pl.DataFrame,
    section_railways: Mapping[str, str],
) -> LineSources:
    """Sources of a plan on a line.

    Parameters
    ----------
    plan : OperationsPlan
        The plan.
    line : LineModel
        The line.
    states, seasons : DataFrame
        Tables ``asset_states`` and ``asset_seasons``; a month without a row has factor 1.
    disturbances : DataFrame
        Table ``disturbances``. Rows that prolong border procedures hit coaches, not trains.
    section_railways : mapping of str to str
        Railway of each section.

    Returns
    -------
    LineSources
        The sources.
    """
    factors = _read_seasons(seasons)
    sources: list[Source] = []
    asset_rows: list[int] = []
    months: list[NDArray[np.float64]] = []
    rows = states.to_dicts()
    used = set(plan.events.step.tolist())
    for piece in locate_assets(states, line):
        row = rows[piece.asset]
        season = factors.get(row["kind"], np.ones(MONTHS_PER_YEAR))
        source = _read_asset(row, piece, float(season.max()))
        if source is not None and piece.step in used:
            sources.append(source)
            asset_rows.append(piece.asset)
            months.append(season / season.max())
    chances: list[RunChance] = []
    hits: list[DayHit] = []
    for row in disturbances.iter_rows(named=True):
        if row["cause"] == "border" and row["per"] == "stop":
            continue
        number = len(sources)
        sources.append(_read_disturbance(row))
        asset_rows.append(-1)
        months.append(_read_months(row["months"]))
        for run in range(plan.runs_count):
            events = _Way(plan, line, run, section_railways)
            if row["per"] == "day":
                hits += _list_hits(events, row, number)
            else:
                chances += _list_chances(events, row, number)
    horizon = Horizon(
        int(plan.events.planned.min()) - WARM_UP_DAYS * DAY_S,
        int(plan.events.planned.max()) + WARM_UP_DAYS * DAY_S,
    )
    return LineSources(
        hazards=make_hazards(
            plan,
            sources,
            chances=chances,
            hits=hits,
            horizon=horizon,
            step_ids=[step.step_id for step in line.steps],
        ),
        source_ids=tuple(source.source_id for source in sources),
        asset_rows=np.array(asset_rows, dtype=np.int64),
        month_factor=np.array(months).reshape(len(sources), MONTHS_PER_YEAR).T.copy(),
    )


def _read_seasons(seasons: pl.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Factors of the months by kind of asset."""
    factors: dict[str, NDArray[np.float64]] = {}
    for kind, month, factor in seasons.select("kind", "month", "factor").iter_rows():
        factors.setdefault(kind, np.ones(MONTHS_PER_YEAR))[month - 1] = factor
    return factors


def _read_months(text: str | None) -> NDArray[np.float64]:
    """1 in the months of a list, or in all where there is none."""
    months = {int(item) for item in split_list(text)}
    return np.array(
        [not months or month in months for month in range(1, MONTHS_PER_YEAR + 1)], dtype=float
    )


def _read_asset(row: Mapping[str, Any], piece: AssetPiece, highest: float) -> Source | None:
    """An asset as a source; None where it never fails or what it would need is not known."""
    rate, repair_h = row["failure_rate_per_year"], row["repair_median_h"]
    delay_min = row["delay_per_train_min"]
    if not rate or repair_h is None or (not row["closes_line"] and delay_min is None):
        return None
    return Source(
        source_id=row["asset_id"],
        shape=Shape.LOGNORMAL,
        size=((delay_min or 0.0) * MINUTE_S, row["delay_sigma"] or 0.0, 0.0),
        rate_per_s=rate * piece.share * highest / YEAR_S,
        step=piece.step,
        repair_median_s=repair_h * HOUR_S,
        repair_sigma=row["repair_sigma"] or 0.0,
        closes=bool(row["closes_line"]),
    )


def _read_disturbance(row: Mapping[str, Any]) -> Source:
    """A disturbance as a source."""
    low, best, high = (float(row[f"delay_{end}_min"]) * MINUTE_S for end in ("low", "best", "high"))
    shape, size = Shape.TRIANGULAR, (low, best, high)
    if row["shape"] == "lognormal" and best > 0:
        sigma = math.log(max(high / best, 1.0)) / EXCEEDED_BY_ONE_IN_TWENTY
        shape, size = Shape.LOGNORMAL, (best, sigma, 0.0)
    elif row["shape"] == "uniform":
        shape, size = Shape.UNIFORM, (low, high, 0.0)
    return Source(
        source_id=row["disturbance_id"],
        shape=shape,
        size=size,
        day_rate=float(row["rate"]) if row["per"] == "day" else 0.0,
        group=row["storm_group"] or "",
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """A run on the line, as disturbances see it."""

    plan: OperationsPlan
    line: LineModel
    run: int
    railways: Mapping[str, str]

    @property
    def steps(self) -> Sequence[int]:
        return self.plan.runs[self.run].steps

    @property
    def first(self) -> int:
        return int(self.plan.events.first[self.run])

    def is_named(self, row: Mapping[str, Any]) -> bool:
        """Whether a disturbance names this train, or all."""
        return row["train_id"] in {None, self.plan.runs[self.run].train_key}

    def list_places(self, row: Mapping[str, Any]) -> Iterator[int]:
        """Places of the steps on which a disturbance can hit."""
        for place, number in enumerate(self.steps):
            section = self.line.steps[number].section_id
            fits_railway = row["railway_id"] in {None, self.railways.get(section)}
            if row["section_id"] in {None, section} and fits_railway:
                yield place

    def list_stops(self, row: Mapping[str, Any]) -> Iterator[int]:
        """Places at which the run stops as planned, within what a disturbance names."""
        run, allowed = self.plan.runs[self.run], set(self.list_places(row))
        for place in range(len(run.steps)):
            point = self.line.point_ids[run.points[place]]
            is_stop = run.least_dwell_s[place] > 0 or (place == 0 and row["point_id"] is not None)
            if is_stop and row["point_id"] in {None, point} and place in allowed:
                yield place


def _list_chances(way: _Way, row: Mapping[str, Any], source: int) -> Iterator[RunChance]:
    """Mean numbers at the events of a run."""
    rate = float(row["rate"])
    if not way.is_named(row) or rate <= 0:
        return
    places = list(way.list_places(row))
    lengths = [way.line.steps[way.steps[place]].length_km for place in places]
    stops = list(way.list_stops(row))
    is_on_way = int(row["cause"] not in HELD_AT_POINTS)
    if row["per"] == "stop":
        yield from (RunChance(way.first + 2 * place, source, rate) for place in stops)
    elif row["per"] == "train_km":
        for place, length in zip(places, lengths, strict=True):
            yield RunChance(way.first + 2 * place + is_on_way, source, rate * length)
    elif row["point_id"] is not None:
        yield from (RunChance(way.first + 2 * place, source, rate) for place in stops[:1])
    elif row["cause"] == "late_host":
        yield from (RunChance(way.first, source, rate) for place in places[:1])
    elif sum(lengths) > 0:
        for place, length in zip(places, lengths, strict=True):
            share = length / sum(lengths)
            yield RunChance(way.first + 2 * place + is_on_way, source, rate * share)


def _list_hits(way: _Way, row: Mapping[str, Any], source: int) -> Iterator[DayHit]:
    """First event of each day at which a run is where a disturbance hits."""
    if not way.is_named(row):
        return
    at_point = row["point_id"] is not None
    is_on_way = int(not at_point and row["cause"] not in HELD_AT_POINTS)
    days: set[int] = set()
    for place in way.list_stops(row) if at_point else way.list_places(row):
        event = way.first + 2 * place
        day = int(way.plan.events.planned[event]) // DAY_S
        if day not in days:
            days.add(day)
            yield DayHit(event + is_on_way, source, day)
