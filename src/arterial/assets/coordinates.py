"""Coordinates of places on sections, between the operational points.

The main function is `locate_on_sections`.
"""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import polars as pl

from arterial.network import build_network
from arterial.units import KM_TO_M

__all__ = ["locate_on_sections"]


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
