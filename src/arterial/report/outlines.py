"""The countries near a study, cut out of the Natural Earth topology.

The main function is `select_countries`. Only bounds are compared, so no geometry library is needed;
a country is kept or left out as a whole.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Place", "select_countries"]

LATITUDE_MARGIN_SHARE: Final = 0.35
LONGITUDE_MARGIN_SHARE: Final = 0.25
LEAST_MARGIN_DEG: Final = 8.0
"""How far the map reaches past the outermost points at least [degrees]."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the earth, WGS 84 [degrees]."""

    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True)
class _Window:
    """Part of the earth in view; longitudes are counted from its middle."""

    south: float
    north: float
    middle: float
    half_width: float

    def overlaps(self, bounds: Sequence[float]) -> bool:
        """Tell whether bounds (west, south, east, north) reach into the window."""
        west, south, east, north = bounds
        if south > self.north or north < self.south:
            return False
        # Bounds that cross the date line have east < west.
        width = (east - west) % 360 or 360.0
        start = _wrap(west - self.middle)
        spans = ((start, start + width), (start - 360, start - 360 + width))
        return any(a <= self.half_width and b >= -self.half_width for a, b in spans)


def select_countries(outlines: dict[str, Any], places: Sequence[Place]) -> dict[str, Any] | None:
    """Give the topology of the countries near some places, with only the arcs they use.

    Parameters
    ----------
    outlines : mapping
        Topology whose object ``countries`` has ``bounds`` among each country's properties.
    places : sequence of Place
        Places of the study.

    Returns
    -------
    mapping or None
        A topology of the same form; None without places.
    """
    if not places:
        return None
    window = _window_about(places)
    geometries = [
        geometry
        for geometry in outlines["objects"]["countries"]["geometries"]
        if window.overlaps(geometry["properties"]["bounds"])
    ]
    used = sorted({_arc_index(arc) for shape in geometries for arc in _flatten(shape["arcs"])})
    renumbered = {old: new for new, old in enumerate(used)}
    countries = [
        {
            "type": shape["type"],
            "arcs": _renumber(shape["arcs"], renumbered),
            "properties": {"name": shape["properties"]["name"]},
        }
        for shape in geometries
    ]
    return {
        "type": "Topology",
        "transform": outlines["transform"],
        "objects": {"countries": {"type": "GeometryCollection", "geometries": countries}},
        "arcs": [outlines["arcs"][index] for index in used],
    }


def _window_about(places: Sequence[Place]) -> _Window:
    south = min(place.latitude_deg for place in places)
    north = max(place.latitude_deg for place in places)
    # Longitudes on both sides of the date line average to the wrong side of the earth.
    angles = [math.radians(place.longitude_deg) for place in places]
    mean = math.degrees(math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles))))
    shifts = [_wrap(place.longitude_deg - mean) for place in places]
    middle = mean + (min(shifts) + max(shifts)) / 2
    width = max(shifts) - min(shifts)
    latitude_margin = max(LEAST_MARGIN_DEG, LATITUDE_MARGIN_SHARE * (north - south))
    longitude_margin = max(LEAST_MARGIN_DEG, LONGITUDE_MARGIN_SHARE * width)
    return _Window(
        south - latitude_margin, north + latitude_margin, middle, width / 2 + longitude_margin
    )


def _wrap(degrees: float) -> float:
    return (degrees + 180) % 360 - 180


def _arc_index(arc: int) -> int:
    # A negative arc is the complement of an arc that is followed backwards.
    return arc if arc >= 0 else ~arc


def _flatten(arcs: Sequence[Any]) -> Iterable[int]:
    for arc in arcs:
        if isinstance(arc, int):
            yield arc
        else:
            yield from _flatten(arc)


def _renumber(arcs: Sequence[Any], numbers: dict[int, int]) -> list[Any]:
    return [
        _renumber(arc, numbers)
        if not isinstance(arc, int)
        else (numbers[arc] if arc >= 0 else ~numbers[~arc])
        for arc in arcs
    ]
