"""Rows of the page on the assumptions of reliability, as the flagship's tables give them."""

import polars as pl

from arterial.study import Study

__all__ = ["list_rows"]


def list_rows(study: Study) -> dict[str, list[str]]:
    """Rows of each Markdown table of the page, by table of the study."""
    ranges = {
        (row["table"], row["key"], row["attribute"]): (row["low"], row["high"])
        for row in study.table("estimates").iter_rows(named=True)
    }
    return {
        "asset_densities": [
            _density_row(row, ranges) for row in study.table("asset_densities").to_dicts()
        ],
        "disturbances": [
            _disturbance_row(row, ranges) for row in study.table("disturbances").to_dicts()
        ],
        "coach_legs": [
            _wait_row(row, ranges)
            for row in study.table("coach_legs")
            .filter(pl.col("host_wait_min").is_not_null())
            .unique(["train_id", "from_point"], keep="first", maintain_order=True)
            .sort("train_id", "from_point")
            .to_dicts()
        ],
    }


def _number(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _ranged(value: float, ends: tuple[float, float] | None) -> str:
    if ends is None:
        return _number(value)
    return f"{_number(value)} ({_number(ends[0])} to {_number(ends[1])})"


def _density_row(row: dict, ranges: dict) -> str:
    key = row["density_id"]
    share = row["defect_share"]
    cells = [
        f"`{key}`",
        _ranged(row["units_per_km"], ranges.get(("asset_densities", key, "units_per_km"))),
        "" if row["unit_length_m"] is None else _number(row["unit_length_m"]),
        f"{row['age_low_y']:g} / {row['age_y']:g} / {row['age_high_y']:g}",
        ""
        if share is None
        else _ranged(share, ranges.get(("asset_densities", key, "defect_share"))),
        _number(row["annual_tonnage_mgt"]),
        row["grade"],
        row["note"],
    ]
    return f"| {' | '.join(cells)} |"


def _disturbance_row(row: dict, ranges: dict) -> str:
    key = row["disturbance_id"]
    rate = _ranged(row["rate"], ranges.get(("disturbances", key, "rate")))
    delays = [_number(row[f"delay_{end}_min"]) for end in ("low", "best", "high")]
    cells = [
        f"`{key}`",
        row["name"],
        f"{rate} a {row['per'].replace('_', '-')}",
        (row["months"] or "all").replace(";", ", "),
        f"{' / '.join(delays)}, {row['shape'] or 'triangular'}",
        row["grade"],
        row["note"],
    ]
    return f"| {' | '.join(cells)} |"


def _wait_row(row: dict, ranges: dict) -> str:
    key = f"{row['service_id']};{row['sequence']}"
    wait = _ranged(row["host_wait_min"], ranges.get(("coach_legs", key, "host_wait_min")))
    return f"| {row['train_id']} | `{row['from_point']}` | {wait} |"
