"""A section with a kilometre of track, a turnout and an embankment on it, and a bridge beyond."""

import datetime as dt

import numpy as np
import polars as pl

from arterial.campaign.choice.building import make_problem
from arterial.campaign.choice.sites import list_sites
from arterial.campaign.choice.worth import BenefitRules, SiteValues
from arterial.study.tables import empty_table

RULES = BenefitRules(
    first_month=dt.date(2027, 1, 1), months=3, discount_percent=0.0, residual_years=0.0
)


def fill(name: str, rows: list[dict]) -> pl.DataFrame:
    """Rows of a table whose other columns are unknown."""
    empty = empty_table(name)
    full = [{column: row.get(column) for column in empty.columns} for row in rows]
    return pl.DataFrame(full, schema=empty.schema) if rows else empty


def work(name, kind, share, *, needs=None, per="unit") -> dict:
    return {
        "work_id": name,
        "kind": kind,
        "per": per,
        "labour_h": 100.0,
        "possession_h": 10.0,
        "setup_possession_h": 2.0,
        "duration_months": 1,
        "age_share_left": share,
        "needs_work_id": needs,
    }


WORKS = [
    work("TR", "track", 0.0, needs="EM", per="km"),
    work("T", "turnout", 0.0),
    work("EM", "embankment", 0.5),
    work("BR", "bridge", 0.0),
    work("T-REPAIR", "turnout", 1.0),
]
REGISTER = fill(
    "assets",
    [
        {"asset_id": "track", "kind": "track", "from_offset_m": 0.0, "to_offset_m": 1500.0},
        {"asset_id": "turnout", "kind": "turnout", "from_offset_m": 800.0},
        {"asset_id": "slope", "kind": "embankment", "from_offset_m": 0.0, "to_offset_m": 900.0},
        {"asset_id": "bridge", "kind": "bridge", "from_offset_m": 2000.0},
    ],
).with_columns(pl.lit("S").alias("section_id"))
POOLS = [{"pool_id": "P", "name": "bureau", "gangs_count": 2.0, "hours_per_gang_month": 100.0}]
LIMITS = [{"limit_id": "L", "section_id": "S", "hours_per_month": 24.0, "trains_lost_per_h": 0.5}]


def make_tables(**changed: list[dict]) -> dict[str, pl.DataFrame]:
    rows = {
        "work_kinds": WORKS,
        "work_materials": [{"work_id": "T", "material_id": "SET", "quantity": 1.0}],
        "materials": [
            {
                "material_id": "SET",
                "name": "Turnout set",
                "unit": "sets",
                "stock": 1.0,
                "supply_per_month": 2.0,
            }
        ],
        "labour_pools": POOLS,
        "possession_limits": LIMITS,
        "material_supplies": [],
        "work_seasons": [{"kind": "track", "month": 2, "productivity": 0.5}],
        "budgets": [],
        "sections": [{"section_id": "S", "line_id": "N"}],
    } | changed
    return {name: fill(name, table) for name, table in rows.items()}


def make_values(worths: list[float]) -> SiteValues:
    """Worths that fall by one each month."""
    worth = np.array(worths)
    return SiteValues(
        benefit=worth[:, None] - np.arange(RULES.months),
        delay_avoided_h=np.repeat(worth[:, None], RULES.months, axis=1),
        failure_delay_avoided_h=np.repeat(worth[:, None], RULES.months, axis=1),
        lasting_delay_avoided_h=np.repeat(worth[:, None], RULES.months, axis=1),
        derailments_avoided=np.zeros(len(worth)),
        possession_loss=np.zeros((len(worth), RULES.months)),
    )


def make_campaign(worths: list[float], **changed: list[dict]):
    tables = make_tables(**changed)
    return make_problem(tables, list_sites(tables, REGISTER), make_values(worths), RULES)
