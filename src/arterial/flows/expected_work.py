"""What a run, a simulation or a campaign is expected to take, from the size of its study alone.

Main functions: :func:`expect_run`, :func:`expect_campaign` and :func:`expect_network`. The rates
are measured on one core, to one figure: an estimate tells minutes from hours, not one hour from
another.
"""

from datetime import timedelta
from typing import Final

import polars as pl

from arterial.compute.expected import Expected
from arterial.study import Study
from arterial.study.networks import NetworkSize
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.units import MONTHS_PER_YEAR

__all__ = ["expect_campaign", "expect_network", "expect_run"]

TRIP_S: Final = 5e-5
"""Time of one simulated trip of a coach [s]."""

TRIP_B: Final = 250.0
"""Memory of one simulated trip while results are summed up [B]."""

STOP_S: Final = 1e-3
"""Time of one stated stop in running times, conflicts, the planned day and the report [s]."""

STOP_B: Final = 2e4
"""Memory of one stated stop and what is found of it [B]."""

WRITTEN_S: Final = 1e-5
"""Time to make and write a stop of a made-up network [s]."""

WRITTEN_B: Final = 500.0
"""Memory of such a stop while it is written [B]."""

STEP_S: Final = 2e-6
"""Time of a train on one section of the line in one simulated day [s]."""

DENSITY_PLACES: Final = ("section_id", "line_id", "railway_id")
"""What a density of assets holds for, the narrowest first."""

FLOW_STEPS: Final = 20
"""Sections that a train of a flow runs over [1]."""

ASSET_S: Final = 1e-3
"""Time to value and place the works of one asset in one draw [s]."""

ASSET_B: Final = 5e4
"""Memory of one asset, its months and its works [B]."""


def expect_run(study: Study) -> Expected:
    """What resolving and simulating a study takes.

    Parameters
    ----------
    study : Study
        The study, with the numbers of draws and replications that are meant.
    """
    settings = study.settings.reliability
    trips = _count_departures(study) * settings.draws * settings.replications
    stops, steps = study.table("train_stops").height, _count_steps(study)
    lines = min(settings.draws, settings.line_draws) * settings.line_days * MONTHS_PER_YEAR
    assets = _count_assets(study)
    counted = [f"{trips:,} simulated trips of coaches"] if trips else []
    if steps:
        counted.append(f"{lines:,} simulated days of the line")
    counted.append(f"{stops:,} stated stops")
    return Expected(
        work=f"{study.settings.name} with {', '.join(counted)}",
        cpu_s=trips * TRIP_S + lines * steps * STEP_S + stops * STOP_S + assets * ASSET_S,
        memory_b=trips * TRIP_B + stops * STOP_B + assets * ASSET_B,
        cure="Lower draws, replications, line_draws or line_days below [reliability] of "
        "study.toml, shorten simulate_from to simulate_to, or give --size to simulate.",
    )


def expect_campaign(study: Study, *, time_limit_s: float) -> Expected:
    """What planning the campaign of a study takes.

    Parameters
    ----------
    study : Study
        The study.
    time_limit_s : float
        Wall time of the solver [s].
    """
    # Here, so that a run does not load what values works.
    from arterial.campaign.valuation.line import MOST_DRAWS

    settings = study.settings
    assets, steps = _count_assets(study), _count_steps(study)
    draws = min(settings.reliability.draws, MOST_DRAWS)
    days = settings.reliability.line_days * MONTHS_PER_YEAR
    return Expected(
        work=f"The campaign of {settings.name} with about {assets:,} assets in {draws:,} draws",
        cpu_s=assets * (1 + draws) * ASSET_S + days * steps * STEP_S + time_limit_s,
        memory_b=assets * ASSET_B * (1 + draws / 10.0),
        cure="Lower the numbers of assets and their densities, draws below [reliability] of "
        "study.toml, or --time-limit.",
    )


def expect_network(size: NetworkSize) -> Expected:
    """What writing a made-up network takes; most of it is the stops of its trains.

    Parameters
    ----------
    size : NetworkSize
        What is wanted.
    """
    rows = size.trains * min(size.stops, size.stations) + size.stations
    return Expected(
        work=f"A network of up to {rows:,} stops",
        cpu_s=rows * WRITTEN_S,
        memory_b=rows * WRITTEN_B,
        cure="Ask for fewer trains or stops.",
    )


def _count_departures(study: Study) -> int:
    """Departures of coaches in the days that are simulated."""
    settings = study.settings
    begin = max(settings.reliability.simulate_from or settings.horizon_from, settings.horizon_from)
    end = min(settings.reliability.simulate_to or settings.horizon_to, settings.horizon_to)
    run_in = begin - timedelta(days=settings.reliability.run_in_days)
    services = study.table("coach_services")
    if services.is_empty() or end < begin:
        return 0
    calendars = resolve_calendars(study.table("calendar_rules"), run_in, end)
    days = {name: len(list_calendar_days(found)) for name, found in calendars.items()}
    return sum(days.get(calendar, 0) for calendar in services["calendar_id"])


def _count_steps(study: Study) -> int:
    """Sections that the trains of a day run over, about."""
    flows = float(study.table("train_flows")["trains_per_day"].sum() or 0.0)
    return study.table("train_stops").height + round(flows * FLOW_STEPS)


def _count_assets(study: Study) -> int:
    """Assets that are listed, and about those that densities stand for."""
    sections = study.table("sections")
    count = float(study.table("assets").height)
    for row in study.table("asset_densities").iter_rows(named=True):
        place = next((name for name in DENSITY_PLACES if row[name]), None)
        there = sections if place is None else sections.filter(pl.col(place) == row[place])
        count += float(there["length_km"].sum() or 0.0) * float(row["units_per_km"] or 0.0)
    return round(count)
