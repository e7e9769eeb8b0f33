"""Rows of the guide page on the study of renewals, as its tables give them."""

from collections.abc import Iterable, Mapping

from arterial.study import Study

__all__ = ["list_rows"]

Ranges = Mapping[tuple[str, str, str], tuple[float, float]]


def list_rows(study: Study) -> dict[str, list[str]]:
    """Rows of the page by table."""
    ranges = {
        (row["table"], row["key"], row["attribute"]): (row["low"], row["high"])
        for row in study.table("estimates").iter_rows(named=True)
    }
    return {
        "work_kinds": list(_list_works(study, ranges)),
        "materials": list(_list_materials(study, ranges)),
        "labour_pools": list(_list_pools(study, ranges)),
        "reported_works": list(_list_reports(study)),
        "works_jobs": list(_list_jobs(study, ranges)),
    }


def _list_works(study: Study, ranges: Ranges) -> Iterable[str]:
    for row in study.table("work_kinds").iter_rows(named=True):
        key = ("work_kinds", row["work_id"])
        cells = [
            f"`{row['work_id']}`",
            row["name"],
            row["action"],
            f"{row['kind']}, {row['per']}",
            _spread(row["labour_h"], ranges.get((*key, "labour_h"))),
            _spread(row["possession_h"], ranges.get((*key, "possession_h"))),
            _spread(row["age_share_left"], ranges.get((*key, "age_share_left"))),
            row["grade"],
        ]
        yield _join(cells)


def _list_materials(study: Study, ranges: Ranges) -> Iterable[str]:
    for row in study.table("materials").iter_rows(named=True):
        key = ("materials", row["material_id"])
        cells = [
            row["name"],
            row["unit"],
            _spread(row["stock"], ranges.get((*key, "stock"))),
            _spread(row["supply_per_month"], ranges.get((*key, "supply_per_month"))),
            row["grade"],
        ]
        yield _join(cells)


def _list_pools(study: Study, ranges: Ranges) -> Iterable[str]:
    for row in study.table("labour_pools").iter_rows(named=True):
        found = ranges.get(("labour_pools", row["pool_id"], "gangs_count"))
        yield _join([row["name"], _spread(row["gangs_count"], found), row["grade"]])


def _list_reports(study: Study) -> Iterable[str]:
    for row in study.table("reported_works").iter_rows(named=True):
        quantity = _spread(row["quantity"], (row["quantity_low"], row["quantity_high"]))
        cells = [
            f"`{row['report_id']}`",
            row["name"],
            quantity,
            f"{row['first_day']} to {row['last_day']}",
            _spread(row["stock"], (row["stock_low"], row["stock_high"])),
            row["claim_id"],
        ]
        yield _join(cells)


def _list_jobs(study: Study, ranges: Ranges) -> Iterable[str]:
    names = dict(study.table("overhaul_classes").select("class_id", "name").iter_rows())
    for row in study.table("works_jobs").iter_rows(named=True):
        found = ranges.get(("works_jobs", row["job_id"], "vehicles_count"))
        cells = [names[row["class_id"]], _spread(row["vehicles_count"], found), row["grade"]]
        yield _join(cells)


def _spread(best: float, found: tuple[float | None, float | None] | None) -> str:
    """Value with its range, where it has one."""
    low, high = found or (None, None)
    if low is None or (low == best and high in {best, None}):
        return f"{best:,.10g}"
    if high is None:
        return f"{best:,.10g} ({low:,.10g} and more)"
    return f"{best:,.10g} ({low:,.10g} to {high:,.10g})"


def _join(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
