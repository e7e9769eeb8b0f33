"""The plan of a renewal campaign for other programs: CSV, iCalendar and GeoJSON.

Main functions: `write_plan_csv`, `write_plan_calendar` and `write_plan_geojson`. The calendar
follows RFC 5545 and is written by the library `icalendar`; the map follows RFC 7946.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import polars as pl

from arterial.errors import ArterialError, Fault, LimitError, StudyError
from arterial.study import Study, empty_table
from arterial.study.csvtext import format_sheet
from arterial.writing import write_whole

__all__ = [
    "list_plan_sites",
    "locate_sites",
    "write_plan_calendar",
    "write_plan_csv",
    "write_plan_geojson",
]

Results = Mapping[str, pl.DataFrame]

CHOSEN: Final = "chosen"
PRODUCT: Final = "-//Arterial//Renewal campaign//EN"
DOMAIN: Final = "renewal.arterial"
DEGREE_DIGITS: Final = 6
"""Decimals of coordinates; a tenth of a metre."""

FIGURES: Final = 6
"""Figures of amounts that are written."""

DEGREES: Final = ("latitude_deg", "longitude_deg")


def list_plan_sites(study: Study, results: Results, *, plan_id: str = CHOSEN) -> pl.DataFrame:
    """Sites of a plan with names, dates and places, one row each, in the order of their rank.

    Parameters
    ----------
    study : Study
        Gives the names of works, sections, lines and pools.
    results : mapping of str to DataFrame
        ``campaign_plan`` and ``campaign_sites``; ``asset_states`` for the places of assets.
    plan_id : str
        Which plan.

    Returns
    -------
    polars.DataFrame
        ``first_day`` and ``last_day`` are the first and the last day of the months of work.

    Raises
    ------
    StudyError
        When nothing was planned.
    LimitError
        When there is no such plan.
    """
    own = _choose_plan(results, plan_id)
    sites = results.get("campaign_sites", empty_table("campaign_sites"))
    works = study.table("work_kinds").select("work_id", "kind", "action", work="name")
    sections = study.table("sections").select("section_id", "line_id", "from_point", "to_point")
    pools = study.table("labour_pools").select("pool_id", pool="name")
    joined = (
        own.join(sites.drop("benefit", "cost", "planned_month"), on="site_id", how="left")
        .join(works, on="work_id", how="left")
        .join(_name_sections(study, sections), on="section_id", how="left")
        .join(pools, on="pool_id", how="left")
        .sort("rank", "site_id", nulls_last=True)
    )
    placed = locate_sites(study, results, joined)
    last = pl.coalesce("last_month", "month")
    return placed.select(
        "rank",
        "site_id",
        "asset_id",
        "kind",
        "action",
        "work_id",
        "work",
        "section_id",
        "section",
        "line_id",
        "pool_id",
        "pool",
        first_day=pl.col("month").dt.month_start(),
        last_day=last.dt.month_end(),
        benefit_h=pl.col("benefit").round_sig_figs(FIGURES),
        labour_h=pl.col("labour_h").round_sig_figs(FIGURES),
        possession_h=pl.col("possession_h").round_sig_figs(FIGURES),
        cost=pl.col("cost").round_sig_figs(FIGURES),
        benefit_h_per_cost=pl.col("benefit_per_cost").round_sig_figs(FIGURES),
        delay_avoided_h_per_year=pl.col("delay_avoided_h_per_year").round_sig_figs(FIGURES),
        derailments_avoided_per_year=pl.col("derailments_avoided_per_year").round_sig_figs(FIGURES),
        latitude_deg=pl.col("latitude_deg").round(DEGREE_DIGITS),
        longitude_deg=pl.col("longitude_deg").round(DEGREE_DIGITS),
    )


def _choose_plan(results: Results, plan_id: str) -> pl.DataFrame:
    """Rows of a plan; none of a plan of no work."""
    plan = results.get("campaign_plan")
    # A plan of no work is a plan: its files hold none.
    totals = results.get("campaign_totals", empty_table("campaign_totals"))
    is_known = plan is not None and plan_id in totals["plan_id"]
    if plan is None or (plan.is_empty() and not is_known):
        fault = Fault("There is no plan to export.", "Plan the campaign first.", "campaign_plan")
        message = "The plan cannot be exported"
        raise StudyError(message, [fault])
    own = plan.filter(pl.col("plan_id") == plan_id)
    if own.is_empty() and not is_known:
        known = tuple(plan["plan_id"].unique().sort())
        cure = f"Use one of: {', '.join(known)}."
        fault = Fault(f"There is no plan {plan_id!r}.", cure, "campaign_plan")
        message = "The plan cannot be exported"
        raise LimitError(message, [fault])
    return own


def _name_sections(study: Study, sections: pl.DataFrame) -> pl.DataFrame:
    names = study.table("operational_points").select("point_id", "name")
    for end in ("from", "to"):
        named = names.rename({"name": end})
        sections = sections.join(named, left_on=f"{end}_point", right_on="point_id", how="left")
    ends = [pl.coalesce(end, f"{end}_point") for end in ("from", "to")]
    between = pl.format("{} \N{EN DASH} {}", *ends)
    return sections.select("section_id", "line_id", section=between)


def locate_sites(study: Study, results: Results, sites: pl.DataFrame) -> pl.DataFrame:
    """Sites with coordinates: of the asset, or else the middle of the section.

    Parameters
    ----------
    study : Study
        Gives the ends of sections.
    results : mapping of str to DataFrame
        ``asset_states`` gives the places of assets, where it was computed.
    sites : polars.DataFrame
        With ``asset_id`` and ``section_id``.

    Returns
    -------
    polars.DataFrame
        The same rows with ``latitude_deg`` and ``longitude_deg``; unknown where nothing is known.
    """
    points = study.table("operational_points").select("point_id", *DEGREES)
    middles = study.table("sections").select("section_id", "from_point", "to_point")
    for end in ("from", "to"):
        named = points.rename({name: f"{end}_{name}" for name in DEGREES})
        middles = middles.join(named, left_on=f"{end}_point", right_on="point_id", how="left")
    middle = [((pl.col(f"from_{name}") + pl.col(f"to_{name}")) / 2).alias(name) for name in DEGREES]
    found = sites.join(
        middles.select("section_id", *middle), on="section_id", how="left", maintain_order="left"
    )
    states = results.get("asset_states")
    if states is None or states.is_empty():
        return found
    own = states.select("asset_id", *(pl.col(name).alias(f"own_{name}") for name in DEGREES))
    joined = found.join(
        # Several rows of an asset would multiply its sites.
        own.unique("asset_id"),
        on="asset_id",
        how="left",
        maintain_order="left",
    ).with_columns(pl.coalesce(f"own_{name}", name).alias(name) for name in DEGREES)
    return joined.drop(f"own_{name}" for name in DEGREES)


def write_plan_csv(
    path: str | Path, study: Study, results: Results, *, plan_id: str = CHOSEN
) -> Path:
    """Write the sites of a plan as CSV, whole or not at all; give the path."""
    sites = list_plan_sites(study, results, plan_id=plan_id)
    return write_whole(Path(path), format_sheet(sites))


def write_plan_geojson(
    path: str | Path, study: Study, results: Results, *, plan_id: str = CHOSEN
) -> Path:
    """Write the sites of a plan as GeoJSON, whole or not at all; give the path."""
    text = _format_plan_geojson(list_plan_sites(study, results, plan_id=plan_id))
    return write_whole(Path(path), text)


def write_plan_calendar(
    path: str | Path, study: Study, results: Results, *, plan_id: str = CHOSEN
) -> Path:
    """Write the works of a plan as iCalendar, whole or not at all; give the path.

    Raises
    ------
    ArterialError
        When the library `icalendar` is not installed.
    """
    sites = list_plan_sites(study, results, plan_id=plan_id)
    return write_whole(Path(path), _format_plan_calendar(study, sites))


def _format_plan_geojson(sites: pl.DataFrame) -> str:
    """Give sites as a feature collection (RFC 7946): WGS 84, longitude first.

    Parameters
    ----------
    sites : polars.DataFrame
        What `list_plan_sites` gives; a site of unknown place becomes a feature without geometry.
    """
    # Sites of unknown place stay in the file, but nothing can be said of where they lie.
    located = sites.drop_nulls(DEGREES)
    collection: dict[str, Any] = {"type": "FeatureCollection"}
    if not located.is_empty():
        south, north = located["latitude_deg"].min(), located["latitude_deg"].max()
        west, east = _find_sides(located["longitude_deg"].to_list())
        collection["bbox"] = [west, south, east, north]
    collection["features"] = [_feature(row) for row in sites.iter_rows(named=True)]
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _find_sides(longitudes: Sequence[float]) -> tuple[float, float]:
    """West and east side of the narrowest box; across 180 degrees the west is the greater number.

    Examples
    --------
    >>> _find_sides([179.5, -179.0, 170.0])
    (170.0, -179.0)
    >>> _find_sides([125.7, 37.6])
    (37.6, 125.7)
    """
    around = sorted(set(longitudes))
    gaps = [(after - before, before, after) for before, after in pairwise(around)]
    width, before, after = max(gaps, default=(0.0, 0.0, 0.0))
    # The widest stretch without a place lies outside the box, be it around the back of the earth.
    if width > 360.0 - (around[-1] - around[0]):
        return after, before
    return around[0], around[-1]


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    place = [row["longitude_deg"], row["latitude_deg"]]
    geometry = None if None in place else {"type": "Point", "coordinates": place}
    properties = {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in row.items()
        if name not in {"site_id", *DEGREES}
    }
    return {
        "type": "Feature",
        "id": row["site_id"],
        "geometry": geometry,
        "properties": properties,
    }


def _format_plan_calendar(study: Study, sites: pl.DataFrame) -> str:
    """Give a plan as a calendar (RFC 5545): one event for like works of a section and months.

    Parameters
    ----------
    study : Study
        Gives the title; its day ``as_of`` stamps the events, so that equal plans give equal files.
    sites : polars.DataFrame
        What `list_plan_sites` gives; sites of unknown section or work are gathered as well.

    Raises
    ------
    ArterialError
        When the library `icalendar` is not installed.
    """
    try:
        from icalendar import Calendar, Event
    except ImportError as error:
        message = "Calendars need icalendar: pip install 'arterial[exchange]'."
        raise ArterialError(message) from error
    plan = Calendar()
    plan.add("prodid", PRODUCT)
    plan.add("version", "2.0")
    plan.add("calscale", "GREGORIAN")
    plan.add("x-wr-calname", study.settings.title)
    # Not the present time: the same plan must give the same bytes.
    as_of = study.settings.as_of or study.settings.epoch
    stamp = dt.datetime.combine(as_of, dt.time(), tzinfo=dt.UTC)
    for row in _list_works(sites):
        event = Event()
        event.add("uid", _work_uid(row))
        event.add("dtstamp", stamp)
        event.add("dtstart", row["first_day"])
        # The end of a day-long event is the day after it.
        event.add("dtend", row["last_day"] + dt.timedelta(days=1))
        event.add("summary", f"{row['work'] or row['work_id']}: {_count(row['sites'])}")
        event.add("location", row["section"] or row["section_id"] or "")
        event.add("description", _describe(row))
        event.add("categories", [row["kind"] or "works"])
        # Works do not make whoever subscribes to the calendar busy.
        event.add("transp", "TRANSPARENT")
        plan.add_component(event)
    return str(plan.to_ical().decode("utf-8"))


def _list_works(sites: pl.DataFrame) -> Iterator[dict[str, Any]]:
    keys = ["first_day", "last_day", "section_id", "section", "work_id", "work", "kind"]
    sums = [
        # A sum with an unknown part is unknown, not the sum of the rest.
        pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)
        for name in ("labour_h", "possession_h", "benefit_h")
    ]
    grouped = (
        sites.drop_nulls(["first_day", "last_day"])
        .group_by(keys)
        .agg(pl.len().alias("sites"), *sums, pl.col("pool").drop_nulls().unique().sort())
        .sort(keys, nulls_last=True)
    )
    yield from grouped.iter_rows(named=True)


def _work_uid(row: Mapping[str, Any]) -> str:
    months = f"{row['first_day']:%Y%m}-{row['last_day']:%Y%m}"
    return f"{row['section_id']}-{row['work_id']}-{months}@{DOMAIN}".replace(" ", "_")


def _count(sites: int) -> str:
    return "1 site" if sites == 1 else f"{sites} sites"


def _describe(row: Mapping[str, Any]) -> str:
    gangs = f" Gangs: {', '.join(row['pool'])}." if row["pool"] else ""
    labour, possession, worth = (
        "unknown" if row[name] is None else f"{row[name]:,.0f}"
        for name in ("labour_h", "possession_h", "benefit_h")
    )
    return (
        f"{_count(row['sites'])}; man-hours: {labour}; hours of possession: {possession}; "
        f"worth in train-hours (computed): {worth}.{gangs}"
    )
