"""Readings of what is not known of a campaign: names, and the columns that each puts at an end."""

from collections.abc import Mapping
from typing import Final

__all__ = ["ENDS", "NAMES", "READINGS"]

LABOUR: Final = ("gangs_count", "hours_per_gang_month")
ENDS: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], str]]]] = {
    "labour_low": {"labour_pools": (LABOUR, "low")},
    "labour_short": {"labour_pools": (LABOUR, "low"), "work_kinds": (("labour_h",), "high")},
    "material_low": {"materials": (("stock", "supply_per_month"), "low")},
    "material_high": {"materials": (("stock", "supply_per_month"), "high")},
    "possession_low": {"possession_limits": (("hours_per_month",), "low")},
    "possession_high": {"possession_limits": (("hours_per_month",), "high")},
}
"""Columns of tables that a reading puts at the ends of their estimates."""

PREMISES: Final = ("derailment", "wait", "window", "traffic", "worth")
"""What readings change of the worth of works, the last all of it."""

NAMES: Final[Mapping[str, str]] = {
    "best": "Best values, planned anew: what differs is the solver's",
    "mean": "Mean worth over the draws of all that is not known",
    "worth_low": "Derailments, waits, windows and trains where works are worth least",
    "worth_high": "Derailments, waits, windows and trains where works are worth most",
    "derailment_low": "Derailments: lowest rate and lowest worth",
    "derailment_high": "Derailments: highest rate and highest worth",
    "wait_low": "Trains are taken off after the shortest wait",
    "wait_high": "Trains are taken off after the longest wait",
    "window_low": "Shortest windows for works",
    "window_high": "Longest windows for works",
    "traffic_low": "Fewest trains",
    "traffic_high": "Most trains",
    "labour_low": "Fewest gangs and hours",
    "labour_short": "Fewest gangs and hours, and most man-hours for each work",
    "material_low": "Least material",
    "material_high": "Most material",
    "possession_low": "Fewest hours of possession",
    "possession_high": "Most hours of possession",
}


READINGS: Final = (
    *(f"{what}_{end}" for end in ("low", "high") for what in PREMISES),
    *ENDS,
)
