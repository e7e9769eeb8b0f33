"""Made-up results of a renewal campaign and of the works, of the shipped study's size."""

import datetime as dt
import heapq
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl

from arterial.campaign.reported.check import check_reported
from arterial.study import Study, conform_table, read_study, split_list
from campaign_misfit_cases import list_misfits

__all__ = ["made_up_campaign", "made_up_works", "renewal_study"]

RENEWAL = Path(__file__).parents[1] / "studies" / "renewal_2025"
MONTHS = [dt.date(2027 + n // 12, n % 12 + 1, 1) for n in range(60)]
# Kind: work, sites a kilometre, man-hours, hours of possession, a material of it.
KINDS = {
    "turnout": ("T-RENEW", 1.15, 450, 10, ("TURNOUT-SET", 1)),
    "track": ("TR-SLEEPERS", 1.0, 900, 9, ("SLEEPER-TIMBER", 700)),
    "catenary": ("OC-REPAIR", 0.8, 150, 6, ("COPPER", 0.2)),
    "embankment": ("EM-DRAIN", 0.12, 1500, 4, ("BALLAST", 150)),
    "bridge": ("BR-MAJOR", 0.35, 4000, 40, ("STEEL", 15)),
    "signalling": ("SG-REFURBISH", 0.12, 500, 3, ("SIGNAL-SET", 0.2)),
}
CHOSEN = "chosen"


def renewal_study() -> Study:
    return read_study(RENEWAL)


def made_up_campaign(study: Study, *, density: float = 1.0) -> dict[str, pl.DataFrame]:
    """Tables of a campaign that were planned by rule; about 10,000 sites at a density of 1."""
    rng = np.random.default_rng(7)
    sites, states = _sites(study, rng, density)
    plan, use = _plan(study, sites)
    chosen = {row["site_id"]: row["month"] for row in plan}
    for row in sites:
        row["planned_month"] = chosen.get(row["site_id"])
    frames = {
        "campaign_sites": sites,
        "campaign_plan": plan,
        "campaign_use": use,
        "campaign_totals": _totals(sites, plan),
        "campaign_effects": _effects(study, rng),
        "campaign_prices": _prices(study),
        "campaign_curves": _curves(sum(row["benefit"] for row in plan)),
        "campaign_ranges": _ranges(sum(row["benefit"] for row in plan)),
        "campaign_factors": _factors(),
        "campaign_misfits": list_misfits(sites),
    }
    tables = {name: _frame(name, rows) for name, rows in frames.items()}
    tables["asset_states"] = pl.DataFrame(states, infer_schema_length=None)
    tables["reported_checks"] = check_reported(study.tables)
    return tables


def _frame(name: str, rows: list[dict]) -> pl.DataFrame:
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


def _sites(study, rng, density):
    points = {row["point_id"]: row for row in study.table("operational_points").to_dicts()}
    pools = {
        section: row["pool_id"]
        for row in study.table("labour_pools").to_dicts()
        for section in split_list(row["section_ids"])
    }
    sites, states = [], []
    for section in study.table("sections").to_dicts():
        if section["section_id"] not in pools:
            continue
        traffic = rng.lognormal(0, 0.7)
        first, last = points[section["from_point"]], points[section["to_point"]]
        for kind, (work, per_km, labour, hours, _) in KINDS.items():
            for n in range(round(section["length_km"] * per_km * density)):
                asset = f"{section['section_id']}:{kind}:{n + 1}"
                share = rng.random()
                place = {
                    name: (1 - share) * first[name] + share * last[name]
                    for name in ("latitude_deg", "longitude_deg")
                    if first[name] is not None and last[name] is not None
                }
                states.append({"asset_id": asset, "kind": kind, "is_generated": True, **place})
                avoided = traffic * labour / 60 * rng.lognormal(-1, 1)
                sites.append(
                    {
                        "site_id": f"{work}:{asset}",
                        "asset_id": asset,
                        "work_id": work,
                        "section_id": section["section_id"],
                        "pool_id": pools.get(section["section_id"]),
                        "labour_h": labour * rng.lognormal(0, 0.2),
                        "possession_h": float(hours),
                        "cost": None,
                        "delay_avoided_h_per_year": avoided,
                        "derailments_avoided_per_year": avoided * 2e-5,
                        "benefit": 3.6 * avoided,
                    }
                )
    return sites, states


def _plan(study, sites):
    """Sites by worth for labour, each in the first month with labour, possession and material."""
    free, used, season = {}, defaultdict(lambda: np.zeros(60)), np.ones(60)
    season[[n for n, month in enumerate(MONTHS) if month.month in {7, 8}]] = 0.6
    for row in study.table("labour_pools").to_dicts():
        amount = row["gangs_count"] * row["hours_per_gang_month"] * 0.12
        free["labour", row["pool_id"]] = np.full(60, amount)
    for row in study.table("possession_limits").to_dicts():
        free["possession", row["section_id"]] = np.full(60, row["hours_per_month"])
    for row in study.table("materials").to_dicts():
        total = row["stock"] + row["supply_per_month"] * np.arange(1, 61)
        free["material", row["material_id"]] = total.astype(float)
    works = {work: material for work, *_, material in KINDS.values()}
    rows = []
    for site in sorted(sites, key=lambda site: -site["benefit"] / site["labour_h"]):
        material, quantity = works[site["work_id"]]
        labour, window = ("labour", site["pool_id"]), ("possession", site["section_id"])
        store = ("material", material)
        need = site["labour_h"] / season
        is_free = free[labour] - used[labour] >= need
        if window in free:
            is_free &= free[window] - used[window] >= site["possession_h"]
        left = np.minimum.accumulate((free[store] - used[store])[::-1])[::-1]
        is_free &= left >= quantity
        if not is_free.any():
            continue
        month = int(is_free.argmax())
        used[labour][month] += need[month]
        used[window][month] += site["possession_h"]
        used[store][month:] += quantity
        rows.append(
            {
                "plan_id": CHOSEN,
                "site_id": site["site_id"],
                "month": MONTHS[month],
                "last_month": MONTHS[min(month + (site["work_id"] == "BR-MAJOR"), 59)],
                "benefit": site["benefit"] * 0.995**month,
                "rank": len(rows) + 1,
            }
        )
    return rows, _use(free, used)


def _use(free, used):
    return [
        {
            "plan_id": CHOSEN,
            "resource": resource,
            "resource_id": key,
            "month": month,
            "used": float(used[resource, key][n]),
            "available": float(available[n]),
            "price": 0.8 if used[resource, key][n] > 0.97 * available[n] else 0.0,
        }
        for (resource, key), available in free.items()
        for n, month in enumerate(MONTHS)
    ]


def _totals(sites, plan):
    worth = sum(row["benefit"] for row in plan)
    done = {row["site_id"] for row in plan}
    delay = sum(row["delay_avoided_h_per_year"] for row in sites if row["site_id"] in done)
    labour = sum(row["labour_h"] for row in sites if row["site_id"] in done)
    names = {
        CHOSEN: ("The plan", 1.0, 21.4),
        "by_benefit": ("Most worth first", 0.941, 0.4),
        "by_condition": ("Worst condition first", 0.823, 0.3),
        "by_benefit_cost": ("Most worth for labour first", 0.962, 0.4),
        "as_reported": ("1,800 turnouts in a year, drawn by lot", 0.114, None),
    }
    return [
        {
            "plan_id": plan_id,
            "name": name,
            "sites_count": round(len(plan) * (share if plan_id != CHOSEN else 1)),
            "benefit": worth * share,
            "bound": worth * 1.0043,
            "gap": 1.0043 / share - 1,
            "delay_avoided_h_per_year": delay * share,
            "derailments_avoided_per_year": delay * share * 2e-5,
            "labour_h": labour * share,
            "possession_h": 9.1 * len(plan) * share,
            "trains_lost": 5.2 * len(plan) * share,
            "seconds": seconds,
        }
        for plan_id, (name, share, seconds) in names.items()
    ]


def _effects(study, rng):
    rows = []

    def add(subject, key, measure, before, share):
        change = -before * share
        rows.append(
            {
                "plan_id": CHOSEN,
                "subject": subject,
                "subject_id": key,
                "measure": measure,
                "before": before,
                "after": before + change,
                "change": change,
                "change_error": abs(change) * 0.04,
                "change_low": change * 1.6,
                "change_high": change * 0.5,
            }
        )

    add("network", "network", "delay_min", 5_412_000.0, 0.38)
    add("network", "network", "failures_per_year", 3120.0, 0.41)
    add("network", "network", "derailments_per_year", 4.12, 0.47)
    add("network", "network", "restriction_min", 2_310_000.0, 0.52)
    add("network", "network", "missed_share", 0.31, 0.35)
    for row in study.table("sections").to_dicts():
        size = row["length_km"] * rng.lognormal(0, 0.5)
        add("section", row["section_id"], "delay_min", size * 1500, rng.uniform(0.1, 0.6))
        add("section", row["section_id"], "derailments_per_year", size * 1e-3, 0.4)
    for train in ("passenger, Pyongyang to Tumangang", "freight, Sunchon to Kowon"):
        add("train", train, "delay_min", 310.0, 0.3)
    return rows


def _prices(study):
    words = "{} from {} on would save {:,.0f} train-hours over the horizon."
    rows = []
    for n, row in enumerate(study.table("labour_pools").to_dicts()):
        worth = 3200.0 / (n + 1)
        told = words.format(f"One more gang in the pool {row['name']}", "January 2027", worth)
        rows.append(("labour", row["pool_id"], 1.0, "gang", worth, worth * 0.93, told))
    for n, row in enumerate(study.table("materials").to_dicts()[:6]):
        worth = 900.0 / (n + 1)
        told = words.format(f"A hundred more of {row['name'].lower()}", "January 2027", worth)
        tried = worth * 0.9 if n < 2 else None
        rows.append(("material", row["material_id"], 100.0, row["unit"], worth, tried, told))
    for n, row in enumerate(study.table("possession_limits").to_dicts()[:12]):
        worth = 700.0 / (n + 1)
        told = words.format(
            f"Ten more hours of possession on {row['section_id']}", "May 2027", worth
        )
        rows.append(("possession", row["section_id"], 10.0, "h", worth, None, told))
    names = (
        "resource",
        "resource_id",
        "amount",
        "unit",
        "worth_h",
        "worth_by_replanning_h",
        "words",
    )
    return [{"from_month": MONTHS[0], **dict(zip(names, row, strict=True))} for row in rows]


def _curves(worth):
    pulls = {"labour": 0.8, "material": 0.5, "possession": 0.2, None: 1.0}
    return [
        {
            "resource": resource,
            "factor": factor,
            "benefit": worth * (1 + pull * (1 - 1.6 ** (1 - factor))),
            "bound": worth * 1.0043 * (1 + pull * (1 - 1.6 ** (1 - factor))),
        }
        for resource, pull in pulls.items()
        for factor in (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)
    ]


def _ranges(worth):
    ends = {"best": 1.0, "worth_low": 0.1, "worth_high": 10.0, "material_low": None}
    return [
        {
            "reading": reading,
            "name": reading.replace("_", " "),
            "benefit": None if factor is None else worth * factor,
            "replanned": worth * (factor or 0.9) * 1.02,
            "bound": worth * (factor or 0.9) * 1.05,
            "sites_count": 900,
            "overlap": 0.8,
            "labour_share": 0.1,
        }
        for reading, factor in ends.items()
    ]


def _factors():
    sizes = {"measured": 1.4, "measured_error": 0.05, "used": 1.39, "used_error": 0.05}
    return [{"factor": "knock_on_closed", "loop": 0, **sizes, "replications_count": 167}]


def made_up_works(study: Study) -> dict[str, pl.DataFrame]:
    """A schedule by first come, first served in which only bays count, and its load."""
    operations = defaultdict(list)
    for row in study.table("overhaul_operations").to_dicts():
        operations[row["class_id"]].append(row)
    resources = {row["resource_id"]: row for row in study.table("works_resources").to_dicts()}
    free = {key: [0.0] * row["capacity"] for key, row in resources.items()}
    used = defaultdict(float)
    start, schedule, done = dt.date(2027, 1, 4), [], []
    for job in sorted(study.table("works_jobs").to_dicts(), key=lambda job: job["arrives_on"]):
        for vehicle in range(job["vehicles_count"]):
            arrives = job["arrives_on"] + dt.timedelta(vehicle * job["spacing_d"])
            at_h = (arrives - start).days * 8 * 6 / 7
            for row in operations[job["class_id"]]:
                bay = (split_list(row["bay_ids"]) or (None,))[0]
                from_h = max(at_h, heapq.heappop(free[bay])) if bay else at_h
                at_h = from_h + row["duration_h"]
                if bay:
                    heapq.heappush(free[bay], at_h)
                days = [start + dt.timedelta(hour / 8 * 7 / 6) for hour in (from_h, at_h)]
                for key, amount in ((bay, 1), (row["trade_id"], row["workers_count"])):
                    used[key, days[0].replace(day=1)] += row["duration_h"] * amount
                schedule.append(
                    {
                        "job_id": job["job_id"],
                        "vehicle": vehicle + 1,
                        "sequence": row["sequence"],
                        "class_id": job["class_id"],
                        "name": row["name"],
                        "from_day": days[0],
                        "from_h": from_h,
                        "to_day": days[1],
                        "to_h": at_h,
                        "bay_id": bay,
                        "late_d": None,
                    }
                )
            schedule[-1]["late_d"] = float(max(0, (days[1] - job["due_on"]).days))
            done.append((job["class_id"], arrives, days[1]))
    return {
        "works_schedule": _frame("works_schedule", schedule),
        "works_load": _frame("works_load", _load(resources, used)),
        "fleet_availability": _frame("fleet_availability", _turned_out(study, done)),
    }


def _load(resources, used):
    rows = []
    for key, row in resources.items():
        months = sorted({month for _, month in used})
        for month in months:
            available = row["capacity"] * 26 * row["hours_per_day"]
            share = used[key, month] / available
            worth = 14.0 * share if share > 0.85 else 0.0
            rows.append(
                {
                    "resource_id": key,
                    "month": month,
                    "used_h": used[key, month],
                    "available_h": available,
                    "used_share": share,
                    "worth_d": worth,
                }
            )
    return rows


def _turned_out(study, done):
    kinds = {
        row["class_id"]: row["vehicle_kind"] for row in study.table("overhaul_classes").to_dicts()
    }
    last = max(day for *_, day in done)
    months = [month for month in MONTHS if month <= last]
    rows = []
    for class_id in sorted({class_id for class_id, *_ in done}):
        own = [(arrives, day) for key, arrives, day in done if key == class_id]
        for month in months:
            finished = [day for _, day in own if day.replace(day=1) == month]
            inside = [1 for arrives, day in own if arrives.replace(day=1) <= month <= day]
            rows.append(
                {
                    "vehicle_kind": kinds[class_id],
                    "class_id": class_id,
                    "month": month,
                    "turned_out": len(finished),
                    "in_works_mean": float(len(inside)),
                    "cumulative": len([1 for _, day in own if day.replace(day=1) <= month]),
                }
            )
    return rows
