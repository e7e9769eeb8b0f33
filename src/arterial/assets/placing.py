"""Places, ages and defects of generated assets, the same whatever else a study holds.

The main functions are `place_stretches` (units that have a length), `place_at_points` (units that
belong to operational points first) and `place_evenly`. All are nested: more units on a section
leave the places of the first ones as they were.

`locate_on_sections` gives places on sections their coordinates, between the operational points.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.network import build_network
from arterial.units import KM_TO_M

__all__ = [
    "Places",
    "even_ranks",
    "locate_on_sections",
    "place_at_points",
    "place_evenly",
    "place_stretches",
    "spread_ages",
    "spread_shares",
]

_SHARE_VARIATION: Final = 0.5
"""Standard deviation of the share of defective sleepers between kilometres, over its mean."""
_NEIGHBOUR_REACH_M: Final = 3_000.0
"""Distance over which the likeness of neighbouring shares falls to 1/e: one gang, one supply."""
_LEAST_CONCENTRATION: Final = 0.5
_GOLDEN_SHARE: Final = (5**0.5 - 1) / 2
_NEAREST_M: Final = 40.0
_FARTHEST_M: Final = 450.0
"""Turnouts of a station lie so far from its middle: half of a passing loop of 850 m."""


@dataclass(frozen=True, slots=True)
class Places:
    """Units of one kind on one section, in the order of their offset.

    Parameters
    ----------
    from_m, to_m : numpy.ndarray
        Where each begins and ends, from the section's from_point [m], ``(n,)``; the end is NaN
        where it lies at one place.
    number : numpy.ndarray of int64
        Number of the unit on its section, from 1, ``(n,)``; it stays when units are added.
    point : numpy.ndarray of int64
        Index of the point to which it belongs, -1 = none, ``(n,)``.
    """

    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    number: NDArray[np.int64]
    point: NDArray[np.int64]


def place_stretches(
    length_m: float, unit_length_m: float, count: int, random: np.random.Generator
) -> Places:
    """Units with a length, on slots of the section that do not overlap.

    The section is cut into equal slots of about the unit's length; as many as asked for are
    chosen, all of them when there are no more.

    Parameters
    ----------
    length_m, unit_length_m : float
        Length of the section and of one unit [m].
    count : int
        Units.
    random : numpy.random.Generator
        Stream of the section and kind.

    Examples
    --------
    >>> places = place_stretches(3_100.0, 1_000.0, 3, np.random.default_rng(1))
    >>> places.to_m.round(1).tolist()
    [1033.3, 2066.7, 3100.0]
    """
    slots_count = max(round(length_m / unit_length_m), 1)
    slots = np.sort(random.permutation(slots_count)[:count]).astype(np.int64)
    width_m = length_m / slots_count
    edges_m = np.arange(slots_count + 1, dtype=np.float64) * width_m
    return Places(
        from_m=edges_m[slots],
        to_m=edges_m[slots + 1],
        number=slots + 1,
        point=np.full(slots.size, -1, dtype=np.int64),
    )


def place_evenly(length_m: float, count: int, random: np.random.Generator) -> Places:
    """Units without a length, spread evenly: steps of the golden section from a drawn start.

    Parameters
    ----------
    length_m : float
        Length of the section [m].
    count : int
        Units.
    random : numpy.random.Generator
        Stream of the section and kind.
    """
    start = random.random()
    shares = (start + np.arange(count) * _GOLDEN_SHARE) % 1.0
    offset_m = np.asarray(shares * length_m, dtype=np.float64)
    return _sort_places(offset_m, np.full(count, -1, dtype=np.int64))


def place_at_points(
    length_m: float,
    point_offsets_m: Sequence[float],
    count: int,
    most_at_point: int,
    random: np.random.Generator,
) -> Places:
    """Units that belong to operational points: these are filled in turn, the rest spread evenly.

    Parameters
    ----------
    length_m : float
        Length of the section [m].
    point_offsets_m : sequence of float
        Offset of each of its points [m].
    count : int
        Units.
    most_at_point : int
        Units that one point takes; what is left lies at points that the study does not name.
    random : numpy.random.Generator
        Stream of the section and kind.

    Examples
    --------
    >>> places = place_at_points(10_000.0, [0.0, 10_000.0], 5, 2, np.random.default_rng(1))
    >>> sorted(places.point.tolist())
    [-1, 0, 0, 1, 1]
    """
    points_count = len(point_offsets_m)
    turn = random.permutation(points_count)
    held = most_at_point * points_count
    away_m = random.uniform(_NEAREST_M, _FARTHEST_M, held)
    near_count = min(count, held)
    order = np.arange(near_count)
    point = turn[order % points_count].astype(np.int64) if points_count else order
    # Points take one unit at each end before a second one at either.
    side = np.where((order // max(points_count, 1)) % 2 == 0, 1.0, -1.0)
    offsets = np.asarray(point_offsets_m, dtype=np.float64)
    middle_m = offsets[point] if near_count else np.empty(0)
    near_m = _reflect(middle_m + side * away_m[:near_count], length_m)
    rest = place_evenly(length_m, count - near_count, random)
    by_number = np.argsort(rest.number)
    return _sort_places(
        np.concatenate([near_m, rest.from_m[by_number]]),
        np.concatenate([point, rest.point[by_number]]),
    )


def _reflect(offset_m: NDArray[np.float64], length_m: float) -> NDArray[np.float64]:
    """Offsets beyond an end of the section, turned back into it."""
    inside = np.abs(offset_m)
    inside = np.where(inside > length_m, 2 * length_m - inside, inside)
    return np.clip(inside, 0.0, length_m)


def _sort_places(offset_m: NDArray[np.float64], point: NDArray[np.int64]) -> Places:
    order = np.argsort(offset_m, kind="stable")
    return Places(
        from_m=offset_m[order],
        to_m=np.full(order.size, np.nan),
        number=(order + 1).astype(np.int64),
        point=point[order],
    )


def spread_ages(
    low_y: float, best_y: float, high_y: float, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Ages by the triangular distribution between the youngest and the oldest.

    Parameters
    ----------
    low_y, best_y, high_y : float
        Youngest, most frequent and oldest age [y].
    share : numpy.ndarray
        Rank of each unit between the youngest (0) and the oldest (1), ``(n,)``.

    Returns
    -------
    numpy.ndarray
        Ages [y], ``(n,)``.

    Examples
    --------
    >>> spread_ages(0.0, 10.0, 20.0, np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 10.0, 20.0]
    """
    width_y = high_y - low_y
    if width_y <= 0:
        return np.full(share.size, best_y)
    turn = (best_y - low_y) / width_y
    rising = low_y + np.sqrt(share * width_y * (best_y - low_y))
    falling = high_y - np.sqrt((1 - share) * width_y * (high_y - best_y))
    ages: NDArray[np.float64] = np.where(share < turn, rising, falling)
    return ages


def even_ranks(values: NDArray[np.float64], start: float) -> NDArray[np.float64]:
    """Ranks that keep the order of some values and lie evenly between 0 and 1.

    A systematic sample: a chance lies in the order alone, not in how many are bad. Where `start`
    is spread evenly over many samples, no part of the range is missed by all of them.

    Parameters
    ----------
    values : numpy.ndarray
        Any numbers, ``(n,)``.
    start : float
        Where in its share of the range each rank lies, 0 to 1.

    Examples
    --------
    >>> even_ranks(np.array([7.0, -1.0, 3.0, 4.0]), 0.5).tolist()
    [0.875, 0.125, 0.375, 0.625]
    """
    order = np.empty(values.size)
    order[np.argsort(values, kind="stable")] = np.arange(values.size)
    ranks: NDArray[np.float64] = (order + start) / max(values.size, 1)
    return ranks


def spread_shares(
    mean: float,
    middle_m: NDArray[np.float64],
    noise: NDArray[np.float64],
    *,
    start: float | None = None,
) -> NDArray[np.float64]:
    """Shares of defective sleepers around their mean, alike between neighbours.

    A beta distribution whose standard deviation is `_SHARE_VARIATION` times the mean, on ranks of a
    normal process along the section whose correlation falls with the distance as
    exp(-d / `_NEIGHBOUR_REACH_M`).

    Parameters
    ----------
    mean : float
        Mean share, from 0 to 1.
    middle_m : numpy.ndarray
        Middle of each unit along its section, not falling [m], ``(n,)``.
    noise : numpy.ndarray
        Independent standard normal numbers, ``(n,)``.
    start : float, optional
        Make the ranks even, as `even_ranks` does.

    Returns
    -------
    numpy.ndarray
        Shares, ``(n,)``.

    Examples
    --------
    >>> spread_shares(0.0, np.array([500.0, 1500.0]), np.array([0.3, -1.0])).tolist()
    [0.0, 0.0]
    """
    if mean <= 0 or mean >= 1 or not middle_m.size:
        return np.full(middle_m.size, min(max(mean, 0.0), 1.0))
    # scipy.special alone is quick to load; scipy.stats is not.
    from scipy.special import betaincinv, ndtr

    likeness = np.exp(-np.diff(middle_m, prepend=middle_m[0]) / _NEIGHBOUR_REACH_M)
    rest = np.sqrt(1 - likeness**2)
    level = float(noise[0])
    process = [level]
    for kept, fresh in zip(likeness[1:].tolist(), (rest * noise)[1:].tolist(), strict=True):
        level = kept * level + fresh
        process.append(level)
    concentration = max((1 - mean) / (_SHARE_VARIATION**2 * mean) - 1, _LEAST_CONCENTRATION)
    levels = np.array(process)
    ranks = ndtr(levels) if start is None else even_ranks(levels, start)
    shares: NDArray[np.float64] = betaincinv(
        mean * concentration, (1 - mean) * concentration, ranks
    )
    return shares


def locate_on_sections(
    section_ids: pl.Series, offset_m: pl.Series, tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Latitude and longitude of places, linear between the points whose coordinates are known.

    Parameters
    ----------
    section_ids : polars.Series
        Section of each place, ``(n,)``.
    offset_m : polars.Series
        Distance from the section's from_point [m], ``(n,)``.
    tables : mapping of str to polars.DataFrame
        Input tables; the network is built from them.

    Returns
    -------
    polars.DataFrame
        Columns ``latitude_deg`` and ``longitude_deg``, ``(n,)``; unknown on sections without a
        point of known coordinates. For maps: the line bends between its points.
    """
    latitude = np.full(section_ids.len(), np.nan)
    longitude = np.full(section_ids.len(), np.nan)
    offsets = offset_m.to_numpy()
    anchors = _list_anchors(tables)
    names = section_ids.to_numpy()
    for section in section_ids.unique(maintain_order=True).to_list():
        known = anchors.get(section)
        if not known:
            continue
        place = np.flatnonzero(names == section)
        at_m, lat, lon = np.array(known, dtype=np.float64).T
        latitude[place] = np.interp(offsets[place], at_m, lat)
        # A section over the date line goes the short way round.
        turned = np.interp(offsets[place], at_m, np.unwrap(lon, period=360.0))
        longitude[place] = (turned + 180.0) % 360.0 - 180.0
    columns = {"latitude_deg": latitude, "longitude_deg": longitude}
    return pl.DataFrame(columns).with_columns(pl.all().fill_nan(None))


def _list_anchors(
    tables: Mapping[str, pl.DataFrame],
) -> dict[str, list[tuple[float, float, float]]]:
    """Offset, latitude and longitude of the known points of each section, in order."""
    network = build_network(tables)
    places = dict(
        zip(
            tables["operational_points"]["point_id"].to_list(),
            tables["operational_points"].select("latitude_deg", "longitude_deg").iter_rows(),
            strict=True,
        )
    )
    anchors: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    steps = zip(
        network.step_section.tolist(),
        network.step_from.tolist(),
        network.step_to.tolist(),
        network.step_offset_km.tolist(),
        network.step_length_km.tolist(),
        strict=True,
    )
    for owner, begin, end, offset_km, length_km in steps:
        section = network.sections[owner]
        is_first = section.from_point == network.point_ids[begin] and offset_km == 0
        ends = [(begin, offset_km)] if is_first else []
        for point, at_km in (*ends, (end, offset_km + length_km)):
            lat, lon = places[network.point_ids[point]]
            if lat is not None and lon is not None:
                anchors[section.section_id].append((at_km * KM_TO_M, lat, lon))
    return anchors
