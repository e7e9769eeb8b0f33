"""Rows of a campaign's tables made by hand, for the parts of its page."""

import datetime as dt
import html
import re

import polars as pl

from arterial.report.campaign_charts import plot_curves
from arterial.report.campaign_view import CampaignView
from arterial.study import Study, conform_table

__all__ = [
    "APRIL",
    "JANUARY",
    "PLAN",
    "RENEW",
    "REPAIR",
    "checks",
    "curves",
    "effect",
    "frame",
    "planned",
    "price",
    "site",
    "words",
]

JANUARY, APRIL = dt.date(2027, 1, 1), dt.date(2027, 4, 1)
PLAN = {
    "plan_id": "chosen",
    "name": "The plan",
    "sites_count": 3,
    "benefit": 1000.0,
    "bound": 1020.0,
    "gap": 0.02,
    "delay_avoided_h_per_year": 250.0,
    "derailments_avoided_per_year": 0.25,
}
REPAIR = {"reading": "repair", "verdict": "plausible", "labour_h": 43200.0, "workers": 57.7}
RENEW = {
    "reading": "renew",
    "verdict": "possible_as_repair",
    "labour_h": 810_000.0,
    "workers": 1080.0,
    "calculation": "1,800 of 10,000 are 18%. It takes 1,800 sets; there are 260, too few.",
}


def words(part: str) -> str:
    plain = html.unescape(re.sub("<[^>]+>", " ", part))
    return re.sub(r"\s+", " ", plain.replace("\u202f", " ").replace("\xa0", " "))


def frame(name: str, *rows: dict) -> pl.DataFrame:
    return conform_table(name, pl.DataFrame(list(rows)), fill_missing=True)


def site(number: int, work: str, month: dt.date, benefit: float, **more) -> tuple[dict, dict]:
    own = {"site_id": f"S{number}", "asset_id": f"A{number}", "work_id": work, **more}
    own = {"section_id": "KP-06", "pool_id": "HAMHUNG", "labour_h": 100.0, **own}
    plan = {"plan_id": "chosen", "site_id": f"S{number}", "rank": number, "benefit": benefit}
    return own | {"benefit": benefit}, plan | {"month": month, "last_month": month}


def planned(*sites: tuple[dict, dict]) -> dict[str, pl.DataFrame]:
    return {
        "campaign_sites": frame("campaign_sites", *(own for own, _ in sites)),
        "campaign_plan": frame("campaign_plan", *(plan for _, plan in sites)),
    }


def effect(subject: str, key: str, measure: str, before: float, after: float, **more) -> dict:
    row = {"plan_id": "chosen", "subject": subject, "subject_id": key, "measure": measure}
    return {**row, "before": before, "after": after, "change": after - before, **more}


def price(resource: str, key: str, month: dt.date, worth: float, **more) -> dict:
    row = {"resource": resource, "resource_id": key, "from_month": month, "worth_h": worth}
    return {**row, "amount": 1.0, "unit": "gangs", **more}


def curves(study: Study, *rows: dict) -> str:
    return plot_curves(CampaignView.of(study, {"campaign_curves": frame("campaign_curves", *rows)}))


def checks(*rows: dict) -> pl.DataFrame:
    common = {
        "report_id": "TURNOUTS-JUNE-ALL",
        "quantity": 1800.0,
        "share_of_stock_low": 0.12,
        "share_of_stock": 0.18,
        "share_of_stock_high": 0.26,
        "expected_failures": 835.0,
    }
    return frame("reported_checks", *({**common, **row} for row in rows))
