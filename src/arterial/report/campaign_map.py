"""Maps of a campaign: when each place is renewed, and one small map for each part of the horizon.

The main function is `plot_maps`. The ground is cut out of Natural Earth's countries; degrees are
drawn straight, longitudes shortened by the cosine of the middle latitude.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.exchange.campaign_export import locate_sites
from arterial.report.bundle import load_bundle
from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    escape,
    number_text,
    share_text,
    span_months,
)
from arterial.report.outlines import Place, select_countries

__all__ = ["plot_maps"]

SIDE: Final = 600.0
MARGIN_SHARE: Final = 0.05
GROUND_MARGIN_DEG: Final = 1.5
CELL: Final = 6.0
"""Sites within a square of this side are drawn as one mark [units of the map]."""

PANELS: Final = 12
PERIODS: Final = {
    1: "Month by month",
    2: "Two months by two months",
    3: "Quarter by quarter",
    6: "Half-year by half-year",
    12: "Year by year",
}
"""Months that one small map may stand for, and the title of such maps."""

YEARS: Final = 5
COLOURS: Final = 8
"""Colours of years, and of kinds of assets."""

SIZES: Final = ((0, 3.5), (4, 5.0), (10, 7.5), (25, 11.0))
"""Least number of sites and width of each size of mark."""

RIGHT_SHARE: Final = 0.74
"""Names of places beyond this share of the width stand to the left of them."""

SMALL: Final = 1.7
"""Marks of small maps are larger by this, since the map is drawn smaller."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Part of the earth that is drawn [degrees], and how."""

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> float:
        """Units of the map for a degree of latitude."""
        return SIDE / max(self.north - self.south, (self.east - self.west) * self.shrink)

    @property
    def shrink(self) -> float:
        """Length of a degree of longitude in degrees of latitude."""
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def box(self) -> str:
        """The view box."""
        return f"0 0 {self.width:.0f} {(self.north - self.south) * self.scale:.0f}"

    @property
    def width(self) -> float:
        """Width in units of the map."""
        return (self.east - self.west) * self.shrink * self.scale

    def x(self, longitude_deg: float) -> float:
        """Place across."""
        return (longitude_deg - self.west) * self.shrink * self.scale

    def y(self, latitude_deg: float) -> float:
        """Place down."""
        return (self.north - latitude_deg) * self.scale


def plot_maps(view: CampaignView) -> str:
    """The map of years and the small maps as HTML."""
    planned = view.plan_sites().drop_nulls("month")
    located = locate_sites(view.study, view.results, planned)
    sites = located.drop_nulls(["latitude_deg", "longitude_deg"])
    if sites.is_empty():
        return '<p class="missing">No site has a known place.</p>'
    tracks = list(_list_tracks(view))
    frame = _frame_about(sites, tracks)
    mean = (sites["benefit"].sum() or 0.0) / sites.height
    cells = sites.select(
        "month",
        "kind",
        year=pl.col("month").dt.year(),
        one=pl.lit(1.0),
        # Worth in sites of mean worth, so that both maps share the sizes of marks.
        worth=pl.col("benefit").fill_null(0.0) / (mean or 1.0),
        x=(pl.col("longitude_deg").map_elements(frame.x, pl.Float64) / CELL).round() * CELL,
        y=(pl.col("latitude_deg").map_elements(frame.y, pl.Float64) / CELL).round() * CELL,
    )
    ground = (
        f'<svg class="symbols" aria-hidden="true"><symbol id="ground" viewBox="{frame.box}">'
        f'<path class="ground-land" d="{_land_path(frame, sites)}"/>'
        f'<path class="ground-track" d="{_track_path(frame, tracks)}"/></symbol></svg>'
    )
    unplaced = planned.height - sites.height
    note = f'<p class="quiet">{unplaced} sites have no known place.</p>' if unplaced else ""
    months = span_months(*cells.select(pl.col("month").min(), last=pl.col("month").max()).row(0))
    step = next((n for n in PERIODS if len(months) <= n * PANELS), max(PERIODS))
    panels = "".join(_list_panels(cells, frame, months, step))
    every = ""
    if step > 1:
        film = "".join(_list_panels(cells, frame, months, 1))
        every = (
            '<h3>Month by month</h3><p class="quiet">Move along with the bar, by touch or with the '
            'arrow keys. Dark: works that begin in the month.</p><div class="maps film" '
            'tabindex="0" role="region" aria-label="Maps of single months, one after another">'
            f"{film}</div>"
        )
    return (
        f"{ground}{_large_maps(view, cells, frame)}"
        f'<h3>{PERIODS[step]}</h3><p class="quiet">Dark: works that begin; pale: done before. '
        f'A larger mark stands for more sites.</p><div class="maps">{panels}</div>{every}{note}'
    )


def _list_tracks(view: CampaignView) -> Iterator[list[tuple[float, float]]]:
    """Longitudes and latitudes along each line."""
    points = view.study.table("operational_points")
    places = view.study.table("line_points").join(points, on="point_id", how="left")
    located = places.drop_nulls(["latitude_deg", "longitude_deg"]).sort("line_id", "sequence")
    for _, rows in located.group_by("line_id", maintain_order=True):
        yield list(rows.select("longitude_deg", "latitude_deg").iter_rows())


def _frame_about(sites: pl.DataFrame, tracks: Sequence[Sequence[tuple[float, float]]]) -> Frame:
    easts = [*sites["longitude_deg"], *(place[0] for track in tracks for place in track)]
    norths = [*sites["latitude_deg"], *(place[1] for track in tracks for place in track)]
    margin = MARGIN_SHARE * max(max(easts) - min(easts), max(norths) - min(norths), 0.5)
    return Frame(
        min(easts) - margin, min(norths) - margin, max(easts) + margin, max(norths) + margin
    )


def _track_path(frame: Frame, tracks: Sequence[Sequence[tuple[float, float]]]) -> str:
    return "".join(
        "M" + "L".join(f"{frame.x(east):.0f} {frame.y(north):.0f}" for east, north in track)
        for track in tracks
        if len(track) > 1
    )


def _land_path(frame: Frame, sites: pl.DataFrame) -> str:
    """Countries around as one path, every point drawn into a margin about the frame."""
    places = [
        Place(sites["latitude_deg"].min(), sites["longitude_deg"].min()),  # type: ignore[arg-type]
        Place(sites["latitude_deg"].max(), sites["longitude_deg"].max()),  # type: ignore[arg-type]
    ]
    topology = select_countries(load_bundle().outlines, places)
    if topology is None:
        return ""
    arcs = [list(_decode_arc(arc, topology["transform"])) for arc in topology["arcs"]]
    rings = [
        ring
        for shape in topology["objects"]["countries"]["geometries"]
        for polygon in ([shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"])
        for ring in polygon
    ]
    return "".join(_ring_path(frame, ring, arcs) for ring in rings)


def _decode_arc(
    arc: Sequence[Sequence[int]], transform: Mapping[str, Sequence[float]]
) -> Iterator[tuple[float, float]]:
    x = y = 0
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    for step_x, step_y, *_ in arc:
        x, y = x + step_x, y + step_y
        yield x * scale_x + shift_x, y * scale_y + shift_y


def _ring_path(
    frame: Frame, ring: Sequence[int], arcs: Sequence[Sequence[tuple[float, float]]]
) -> str:
    points: list[str] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        for east, north in arc:
            east_in = min(max(east, frame.west - GROUND_MARGIN_DEG), frame.east + GROUND_MARGIN_DEG)
            north_in = min(
                max(north, frame.south - GROUND_MARGIN_DEG), frame.north + GROUND_MARGIN_DEG
            )
            point = f"{frame.x(east_in):.0f} {frame.y(north_in):.0f}"
            if not points or points[-1] != point:
                points.append(point)
    corners = 3
    return f"M{'L'.join(points)}z" if len(points) >= corners else ""


def _marks(cells: pl.DataFrame, style: str, *, scale: float = 1.0, weight: str = "one") -> str:
    """Round marks, one path for each size: lines without length, with round ends."""
    counted = cells.group_by("x", "y").agg(pl.col(weight).sum().alias("size")).sort("x", "y")
    parts = []
    for place, (least, width) in enumerate(SIZES):
        below = SIZES[place + 1][0] if place + 1 < len(SIZES) else math.inf
        in_size = counted.filter((pl.col("size") >= least) & (pl.col("size") < below))
        path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y, _ in in_size.iter_rows())
        if path:
            size = f'stroke-width="{width * scale:.1f}"'
            parts.append(f'<path class="site {style}" {size} d="{path}"/>')
    return "".join(parts)


def _map_svg(frame: Frame, marks: str, label: str) -> str:
    return (
        f'<svg class="site-map" viewBox="{frame.box}" role="img" aria-label="{escape(label)}">'
        f'<use href="#ground" width="100%" height="100%"/>{marks}</svg>'
    )


def _large_maps(view: CampaignView, cells: pl.DataFrame, frame: Frame) -> str:
    """Two maps beside each other: when works begin, and of which kind those of most worth are."""
    years = sorted(cells["year"].unique())
    last = max(len(years) - 1, 1)
    by_year = {
        year: (f"year-{place * (YEARS - 1) // last}", f"{year}: {_sites(cells, 'year', year)}")
        for place, year in enumerate(years)
    }
    kinds = cells.group_by("kind", maintain_order=True).agg(pl.col("worth").sum())
    kinds = kinds.sort("worth", "kind", descending=[True, False])
    share = {kind: worth / (kinds["worth"].sum() or 1.0) for kind, worth in kinds.iter_rows()}
    by_kind = {
        kind: (
            f"class-{min(place, COLOURS - 1)}",
            f"{KIND_WORDS.get(kind or '', kind or 'other')}: {share_text(share[kind])}",
        )
        for place, kind in enumerate(kinds["kind"])
    }
    labels = "".join(_place_labels(view, frame))
    captions = {
        "When most works begin": _large_map(cells, frame, ("year", "one"), by_year, labels),
        "What is worth most": _large_map(cells, frame, ("kind", "worth"), by_kind, labels),
    }
    notes = {
        "When most works begin": "Colour: the year in which most works of the place begin. Size: "
        "number of works.",
        "What is worth most": "Colour: the kind of asset on which works of the place are worth "
        "most, with its share of all worth. Size: worth.",
    }
    figures = "".join(
        f'<div><h3>{title}</h3><p class="quiet">{notes[title]}</p>{figure}</div>'
        for title, figure in captions.items()
    )
    return f'<div class="large-maps">{figures}</div>'


def _sites(cells: pl.DataFrame, column: str, key: object) -> str:
    return _count(cells.filter(pl.col(column) == key).height)


def _count(sites: int) -> str:
    return f"{number_text(sites)} {'site' if sites == 1 else 'sites'}"


def _large_map(
    cells: pl.DataFrame,
    frame: Frame,
    columns: tuple[str, str],
    styles: Mapping[Any, tuple[str, str]],
    labels: str,
) -> str:
    """A map coloured by what weighs most in each place, with its legend.

    Parameters
    ----------
    cells, frame : DataFrame, Frame
        Works at their places, and how these are drawn.
    columns : tuple of str
        What is told by colour, and what weighs.
    styles : mapping
        Class and words of each value.
    labels : str
        Names of places as SVG.
    """
    column, weight = columns
    sums = cells.group_by("x", "y", column).agg(pl.col(weight).sum())
    ordered = sums.sort(weight, column, descending=[True, False], nulls_last=True)
    main = ordered.unique(["x", "y"], keep="first").select("x", "y", column)
    coloured = cells.drop(column).join(main, on=["x", "y"], how="left")
    parts, items = [], []
    for key, (style, words) in styles.items():
        in_colour = coloured.filter(pl.col(column).eq_missing(pl.lit(key)))
        parts.append(_marks(in_colour, style, weight=weight))
        items.append(
            '<span class="legend-item"><svg class="shade" aria-hidden="true"><rect '
            f'class="{style}" width="100%" height="100%"/></svg>{escape(words)}</span>'
        )
    key_words = "; ".join(words for _, words in styles.values())
    figure = _map_svg(frame, "".join(parts) + labels, f"Work sites by {column}: {key_words}")
    return f'<div class="legend">{"".join(items)}</div><div class="year-map">{figure}</div>'


def _place_labels(view: CampaignView, frame: Frame) -> Iterator[str]:
    """Names of the places where most sections end, as far as they stand clear of each other."""
    sections, flows = view.study.table("sections"), view.study.table("train_flows")
    # Where trains begin and end counts as much as where sections do, so that capitals are named.
    every = [table[end] for table in (sections, flows) for end in ("from_point", "to_point")]
    ends = pl.concat(every).drop_nulls().alias("point_id").value_counts(sort=True)
    points = view.study.table("operational_points")
    column = ends.columns[0]
    places = ends.join(points, left_on=column, right_on="point_id", how="left").drop_nulls(
        ["latitude_deg", "longitude_deg"]
    )
    taken: list[tuple[float, float]] = []
    for row in places.sort("count", column, descending=[True, False]).iter_rows(named=True):
        x, y = frame.x(row["longitude_deg"]), frame.y(row["latitude_deg"])
        if any(abs(x - a) < SIDE / 6 and abs(y - b) < SIDE / 30 for a, b in taken):
            continue
        taken.append((x, y))
        # Names would run out of the picture at its right edge.
        is_right = x > frame.width * RIGHT_SHARE
        anchor = ' text-anchor="end"' if is_right else ""
        shift = -9 if is_right else 9
        yield f'<text x="{x + shift:.0f}" y="{y + 4:.0f}"{anchor}>{escape(row["name"])}</text>'


def _list_panels(
    cells: pl.DataFrame, frame: Frame, months: Sequence[dt.date], step: int
) -> Iterator[str]:
    for start in range(0, len(months), step):
        part = months[start : start + step]
        begun = cells.filter(pl.col("month").is_between(part[0], part[-1]))
        before = cells.filter(pl.col("month") < part[0]).unique(["x", "y"])
        # What was done before is left out of the many maps of single months, for size.
        marks = _marks(before, "before", scale=SMALL) if step > 1 else ""
        marks += _marks(begun, "now", scale=SMALL)
        title = _period_text(part)
        count = _count(begun.height)
        verb = "begins" if begun.height == 1 else "begin"
        figure = _map_svg(frame, marks, f"{title}: {count} {verb}")
        caption = f'<strong>{title}</strong> <span class="quiet">{count}</span>'
        yield f"<figure><figcaption>{caption}</figcaption>{figure}</figure>"


def _period_text(months: Sequence[dt.date]) -> str:
    first, last = months[0], months[-1]
    if first == last:
        return f"{first:%B %Y}"
    if first.year == last.year:
        return f"{first:%b} to {last:%b %Y}"
    return f"{first:%b %Y} to {last:%b %Y}"
