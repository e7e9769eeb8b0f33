"""Made-up tables of reliability for any run: plausible figures, sums that hold, no simulation."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from arterial.study.tables import conform_table

KINDS = ("track", "turnout", "bridge", "embankment", "catenary", "signalling")
LIKELY = {"PYM-MOW": 0.31, "MOW-PYM": 0.22, "PYM-KHB": 0.55, "KHB-PYM": 0.04}
GROUPS = ("all", "works")
LIMITS_H = {"announced_duration": 205.0, "arrival_tolerance": 1.0}


def spread(name: str, value: float, *, error: float = 0.02, low: float = 0.6, high: float = 1.6):
    """A value with its Monte-Carlo error and range."""
    return {
        name: value,
        f"{name}_error": abs(value) * error,
        f"{name}_low": min(value * low, value * high),
        f"{name}_high": max(value * low, value * high),
    }


def chance(name: str, value: float) -> dict[str, float]:
    return {
        name: value,
        f"{name}_error": float(np.sqrt(max(value * (1 - value), 0) / 8000)),
        f"{name}_low": value * 0.4,
        f"{name}_high": 1 - (1 - value) * 0.6 if value else 0.0,
    }


def made_up_reliability(
    results: Mapping[str, pl.DataFrame], study: Any, *, assets: int = 300
) -> dict[str, pl.DataFrame]:
    """All tables of reliability for the trips, connections and sections of a run."""
    rng = np.random.default_rng(1)
    states, effects = _assets(study, rng, assets)
    rows: dict[str, list[dict[str, Any]]] = {
        "arrival_distributions": list(_distributions(results)),
        "punctuality": list(_punctuality(results)),
        "handover_risks": list(_handovers(results)),
        "rotation_risks": list(_rotations(results)),
        "buffer_values": list(_buffers(results)),
        "delay_causes": list(_causes(results, effects)),
        "line_delays": list(_line_delays()),
        "derailment_risks": list(_derailments(states)),
        "simulation_runs": list(_runs(results)),
        "asset_states": states,
        "asset_effects": effects,
    }
    return {
        name: conform_table(name, pl.DataFrame(found, infer_schema_length=None), fill_missing=True)
        for name, found in rows.items()
    }


def _services(results) -> list[str]:
    return results["trips"]["service_id"].unique(maintain_order=True).to_list()


def _distributions(results) -> Iterator[dict[str, Any]]:
    events = results["trip_events"].join(
        results["trips"].select("trip_id", "service_id"), on="trip_id"
    )
    for service in _services(results):
        own = events.filter(pl.col("service_id") == service)
        trips = own["trip_id"].unique(maintain_order=True).to_list()
        firsts = dict.fromkeys(GROUPS, trips[0]) | {trip: trip for trip in trips}
        for group, trip in firsts.items():
            way = own.filter(pl.col("trip_id") == trip).sort("sequence")
            first_km = way["distance_km"][0]
            waits = 0.0
            for row in way.iter_rows(named=True):
                km = abs(row["distance_km"] - first_km)
                waits += 45.0 if row["is_handover"] and row["event"] == "departure" else 0.0
                grown = 12 * np.sqrt(km / 10) + (waits if group != "works" else waits / 3)
                quantiles = [round(grown * f, 1) for f in (-0.1, 0.25, 0.8, 1.7, 5.5)]
                names = [f"delay_p{p}_min" for p in ("05", "25", "50", "75", "95")]
                yield {
                    "service_id": service,
                    "group_id": group,
                    "sequence": row["sequence"],
                    "point_id": row["point_id"],
                    "event": row["event"],
                    "distance_km": row["distance_km"],
                    "planned_at_s": row["at_s"] if group == trip else None,
                    "trips_count": 8000,
                    **dict(zip(names, quantiles, strict=True)),
                    **spread("delay_mean_min", grown * 1.4),
                }


def _punctuality(results) -> Iterator[dict[str, Any]]:
    trips = results["trips"]
    for service in _services(results):
        own = trips.filter(pl.col("service_id") == service)
        base = LIKELY.get(service, 0.3)
        months = own["trip_date"].dt.strftime("%Y-%m").unique(maintain_order=True).to_list()
        groups = {"all": base * 0.6, "works": base}
        groups |= {month: base * (0.5 + int(month[5:]) / 12) for month in months}
        groups |= dict.fromkeys(own["trip_id"].to_list(), base)
        for group, share in groups.items():
            for measure, limit_h in LIMITS_H.items():
                likely = share if measure == "announced_duration" else share * 0.5
                yield {
                    "service_id": service,
                    "group_id": group,
                    "measure": measure,
                    "limit_h": limit_h,
                    "trips_count": 8000,
                    **chance("share", min(likely, 1.0)),
                }


def _handovers(results) -> Iterator[dict[str, Any]]:
    legs = results["connections"].join(
        results["trips"].select("trip_id", "service_id"), on="trip_id"
    )
    first = legs.unique(["service_id", "sequence"], keep="first", maintain_order=True)
    for number, row in enumerate(first.iter_rows(named=True)):
        for group in GROUPS:
            missed = min((0.08 + 0.13 * (number % 4)) * (1.5 if group == "all" else 1), 1)
            yield {
                "service_id": row["service_id"],
                "group_id": group,
                "sequence": row["sequence"],
                "point_id": row["point_id"],
                "to_train_id": row["to_train_id"],
                "trips_count": 8000,
                **chance("missed_share", missed),
                **spread("wait_if_missed_h", 38.0 + 7 * number),
                **spread("delay_cost_h", missed * (38.0 + 7 * number)),
            }


def _rotations(results) -> Iterator[dict[str, Any]]:
    for pool in results["set_requirements"]["pool_id"].to_list():
        for spare in range(3):
            yield {
                "pool_id": pool,
                "spare_sets": spare,
                "trips_count": 8000,
                **chance("lost_share", 0.4 * 0.3**spare),
                **spread("departure_delay_mean_h", 12 * 0.25**spare),
                **(
                    spread("value_h_per_year", 900 * 0.2**spare)
                    if spare
                    else {"value_h_per_year": None}
                ),
            }


def _buffers(results) -> Iterator[dict[str, Any]]:
    legs = results["connections"].join(
        results["trips"].select("trip_id", "service_id"), on="trip_id"
    )
    first = legs.unique(["service_id", "sequence"], keep="first", maintain_order=True)
    for number, row in enumerate(first.iter_rows(named=True)):
        for kind in ("host_waits", "host_later", "step_shorter"):
            for minutes in (30.0, 60.0, 120.0):
                missed = (0.08 + 0.13 * (number % 4)) * float(np.exp(-minutes / 90))
                saved = (0.5 + number % 4) * (1 - float(np.exp(-minutes / 90)))
                yield {
                    "service_id": row["service_id"],
                    "sequence": row["sequence"],
                    "kind": kind,
                    "minutes": minutes,
                    "point_id": row["point_id"],
                    **chance("missed_share", missed),
                    **spread("delay_saved_h", saved if kind != "host_later" else saved - 1.2),
                }


OTHER_CAUSES = {
    "missed_connection": {"at Tumangang": 310.0, "at Khasan": 120.0, "at Ussuriysk": 60.0},
    "late_host": {"train 645 leaves late": 75.0, "train 1 late": 44.0},
    "border": {"passport control, Tumangang": 61.0, "customs, Khasan": 38.5},
    "power_shortage": {"power cuts, North Hamgyong": 133.0},
    "weather": {"summer storms, east coast": 57.0},
    "coach_set": {"set still on the way": 41.0},
}


def _leaves(effects: list[dict[str, Any]]) -> Iterator[tuple[str, str | None, str, float]]:
    """Kind, section, name and minutes of each cause without parts."""
    for number, asset in enumerate(effects):
        name = f"{asset['kind']} {asset['asset_id']}"
        yield asset["kind"], asset["section_id"], name, 40 / (1 + number)
    for cause, items in OTHER_CAUSES.items():
        for name, minutes in items.items():
            yield cause, None, name, minutes


def _cause_rows(service: str, group: str, effects: list[dict[str, Any]]) -> Iterator[dict]:
    """The whole, kinds, assets of a kind by section, and causes; parts sum to what is above."""
    factor = 1.0 if group == "all" else 0.7
    sums: dict[str, dict[str, Any]] = {}

    def add(cause_id, parent, cause, name, section, minutes, knock, rank=None):
        keys = {"cause_id": cause_id, "parent_id": parent, "cause": cause, "name": name}
        more = {"section_id": section, "rank": rank, "minutes": 0.0, "knock": 0.0}
        row = sums.setdefault(cause_id, keys | more)
        row["minutes"] += minutes
        row["knock"] += knock

    ordered = sorted(_leaves(effects), key=lambda leaf: -leaf[3])
    for rank, (cause, section, name, best) in enumerate(ordered, start=1):
        minutes = best * factor
        knock = minutes * (1.0 if cause in {"missed_connection", "coach_set"} else 0.35)
        kind, parent = f"kind:{cause}", f"kind:{cause}"
        add("total", None, "other", "all delay", None, minutes, knock)
        add(kind, "total", cause, cause, None, minutes, knock)
        if section is not None:
            parent = f"{cause}@{section}"
            add(parent, kind, cause, f"{cause}s", section, minutes, knock)
        add(f"{cause}:{name}", parent, cause, name, section, minutes, knock, rank)
    for row in sums.values():
        minutes, knock = row.pop("minutes"), row.pop("knock")
        yield {
            "service_id": service,
            "group_id": group,
            **row,
            **spread("delay_min", minutes),
            **spread("primary_min", minutes - knock),
            **spread("knock_on_min", knock),
            "share": minutes / 1500,
        }


def _causes(results, effects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for service in _services(results):
        for group in GROUPS:
            yield from _cause_rows(service, group, effects)


def _assets(study, rng, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    places = {
        row["point_id"]: (row["latitude_deg"], row["longitude_deg"])
        for row in study.table("operational_points").iter_rows(named=True)
    }
    sections = [
        row
        for row in study.table("sections").iter_rows(named=True)
        if None not in (*places[row["from_point"]], *places[row["to_point"]])
    ]
    states, effects = [], []
    for number in range(count):
        section = sections[int(rng.integers(len(sections)))]
        kind = KINDS[number % len(KINDS)]
        share = float(rng.random())
        a, b = places[section["from_point"]], places[section["to_point"]]
        delay = 4000 / (1 + number) ** 0.9
        rate = 0.5 + 3 * float(rng.random())
        key = {"asset_id": f"A{number:05d}", "kind": kind, "section_id": section["section_id"]}
        states.append(
            {
                **key,
                "from_offset_m": share * 1000,
                "to_offset_m": None,
                "latitude_deg": a[0] + share * (b[0] - a[0]),
                "longitude_deg": a[1] + share * (b[1] - a[1]),
                "units_count": 1 + number % 4,
                "is_generated": number % 5 != 0,
                "age_y": 20 + 30 * share,
                "state": 1 + number % 5,
                "defect_share": 0.3 * share if kind == "track" else None,
                "track_class": 2 if kind == "track" else None,
                "speed_limit_kmh": 40.0 if number % 7 == 0 else None,
                "failure_rate_per_year": rate,
                "failure_rate_low_per_year": rate / 2,
                "failure_rate_high_per_year": rate * 2,
                "closes_line": kind == "bridge",
                "derailments_per_million_train_km": 0.4,
                "basis": "density" if number % 5 else "register",
            }
        )
        effects.append(
            {
                **key,
                "rank": number + 1,
                **spread("failures_per_year", rate, low=0.5, high=2),
                **spread("primary_delay_min_per_year", delay * 0.6),
                **spread("knock_on_delay_min_per_year", delay * 0.4),
                **spread("restriction_delay_min_per_year", 200.0 if number % 7 == 0 else 0.0),
                "derailments_per_year_low": 0.0001,
                "derailments_per_year": 0.0007,
                "derailments_per_year_high": 0.004,
                "train_runs_per_year": 4200.0,
            }
        )
    return states, effects


def _line_delays() -> Iterator[dict[str, Any]]:
    for name, delay in (("freight up", 95.0), ("freight down", 120.0), ("train 7", 48.0)):
        for scenario, factor in (("as_is", 1.0), ("renewed", 0.3)):
            yield {
                "train_key": name,
                "scenario": scenario,
                "trains_count": 4000,
                **spread("delay_mean_min", delay * factor),
                **spread("primary_min", delay * factor * 0.6),
                **spread("knock_on_min", delay * factor * 0.4),
                "delay_p50_min": delay * factor * 0.5,
                "delay_p95_min": delay * factor * 4,
            }


def _derailments(states: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    sections = list(dict.fromkeys(row["section_id"] for row in states))
    for number, section in enumerate(sections):
        yield {
            "section_id": section,
            "train_km_per_year": 90_000.0 + 1000 * number,
            "mean_class": 1.0 + number % 3,
            "derailments_per_year_low": 0.02 / (1 + number),
            "derailments_per_year": 0.09 / (1 + number),
            "derailments_per_year_high": 0.5 / (1 + number),
        }


def _runs(results) -> Iterator[dict[str, Any]]:
    days = results["trips"]["trip_date"]
    for name, trips in (("coaches", results["trips"].height), ("line", 14)):
        yield {
            "simulation_id": name,
            "draws_count": 20,
            "replications_count": 1000,
            "trips_per_replication": trips,
            "seed": 17062025,
            "parameter_set": "literature_2026",
            "from_date": days.min(),
            "to_date": days.max(),
            "attribution_gap_s": 0,
        }
