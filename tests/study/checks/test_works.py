"""Works: operations that can never begin, be manned or be paid for in parts are told."""

import pytest

RESOURCES = """resource_id,name,kind,capacity
BAY,Bay,bay,2
LATHE,Lathe,machine,1
CRANE,Crane,crane,1
FITTERS,Fitters,trade,6
"""
CLASSES = "class_id,name,vehicle_kind\nO,Overhaul,locomotive\n"
OPERATIONS = (
    "class_id,sequence,name,after,duration_h,bay_ids,trade_id,workers_count,crane_id,"
    "material_id,quantity\n"
)
BASE = {
    "works_resources": RESOURCES,
    "overhaul_classes": CLASSES,
    "materials": "material_id,name,unit,stock,supply_per_month\nM,M,sets,0,0\n",
}
JOBS = "job_id,class_id,vehicles_count,arrives_on,spacing_d,due_on\n"


def make_rows(*afters: str) -> str:
    """One operation for each entry of ``after``."""
    return OPERATIONS + "".join(
        f"O,{number},X,{after},8,BAY,FITTERS,2,,,\n" for number, after in enumerate(afters, 1)
    )


@pytest.mark.parametrize(
    ("afters", "rows"),
    [
        (("0", "1", "1", "2;3"), []),
        (("", "", ""), []),
        (("2", "0"), []),
        (("3", "0", ""), []),
        (("0", "4"), [3]),
        (("0", "2"), [3]),
        (("0", "x"), [3]),
        (("0", "0;1"), [3]),
        # The first has none before it, so an empty cell is no ring.
        (("", "1"), []),
    ],
)
def test_operations_wait_for_others_of_their_class(check_with, afters: tuple, rows: list) -> None:
    faults = check_with(**BASE, overhaul_operations=make_rows(*afters))
    assert [(fault.row, fault.column) for fault in faults] == [(row, "after") for row in rows]


@pytest.mark.parametrize("afters", [("2", "1"), ("3", "", ""), ("0", "4", "2", "3")])
def test_a_ring_of_operations_is_named(check_with, afters: tuple) -> None:
    (fault,) = check_with(**BASE, overhaul_operations=make_rows(*afters))
    assert fault.column == "after"
    assert "wait for each other" in fault.cause


@pytest.mark.parametrize(
    ("row", "column", "severity"),
    [
        ("BAY;LATHE,FITTERS,6,CRANE,M,2", None, None),
        (",,,,,", None, None),
        ("BAX,FITTERS,2,,,", "bay_ids", "error"),
        ("FITTERS,FITTERS,2,,,", "bay_ids", "error"),
        ("BAY,BAY,2,,,", "trade_id", "error"),
        ("BAY,FITTERS,2,LATHE,,", "crane_id", "error"),
        ("BAY,FITTERS,7,,,", "workers_count", "error"),
        ("BAY,FITTERS,2,,M,", "quantity", "warning"),
        ("BAY,FITTERS,2,,,3", "material_id", "warning"),
    ],
)
def test_an_operation_finds_place_hands_and_parts(
    check_with, row: str, column: str | None, severity: str | None
) -> None:
    faults = check_with(**BASE, overhaul_operations=f"{OPERATIONS}O,1,X,0,8,{row}")
    found = [(fault.column, fault.severity) for fault in faults]
    assert found == ([(column, severity)] if column else [])


def test_a_bay_that_is_misspelt_is_told_with_near_names(check_with) -> None:
    (fault,) = check_with(**BASE, overhaul_operations=f"{OPERATIONS}O,1,X,0,8,BAX,,,,,")
    assert fault.near == ("BAY",)


@pytest.mark.parametrize(("capacity", "severity"), [("0", "warning"), ("-1", "error")])
def test_what_there_is_none_of_is_told(check_with, capacity: str, severity: str) -> None:
    (fault,) = check_with(works_resources=RESOURCES.replace("bay,2", f"bay,{capacity}"))
    assert (fault.place, fault.severity) == ("tables/works_resources.csv:2:capacity", severity)


def test_a_trade_without_workers_is_told_once(check_with) -> None:
    base = {**BASE, "works_resources": RESOURCES.replace("trade,6", "trade,0")}
    (fault,) = check_with(**base, overhaul_operations=make_rows("0", "1"))
    assert fault.column == "capacity"


@pytest.mark.parametrize(("job", "severity"), [("", "warning"), ("J,O,2026-01-05\n", "error")])
def test_a_class_without_operations_is_an_error_once_a_job_wants_it(
    check_with, job: str, severity: str
) -> None:
    jobs = f"job_id,class_id,arrives_on\n{job}"
    (fault,) = check_with(overhaul_classes=CLASSES, works_jobs=jobs)
    assert fault.severity == severity
    assert "no job of it" in fault.cause


@pytest.mark.parametrize(
    ("row", "severity"),
    [
        # 3 vehicles, 10 days apart: the last arrives on the 21st.
        ("3,2026-01-01,10,2026-01-21", None),
        ("3,2026-01-01,10,2026-01-20", "warning"),
        ("3,2026-01-01,,2026-01-01", None),
        (",2026-01-01,500,2026-01-01", None),
        ("10000,2026-01-01,1000,2026-01-02", "warning"),
        ("1,2026-01-02,0,2026-01-01", "error"),
        ("1,2026-01-02,0,", None),
    ],
)
def test_the_last_vehicle_comes_before_it_is_due(check_with, row: str, severity) -> None:
    faults = check_with(**BASE, overhaul_operations=make_rows("0"), works_jobs=f"{JOBS}J,O,{row}\n")
    assert [(fault.column, fault.severity) for fault in faults] == (
        [("due_on", severity)] if severity else []
    )


POOLS = "pool_id,name,home_point,vehicle_type_id,coaches_per_set\n"


@pytest.mark.parametrize(
    ("kind", "pool", "severity", "words"),
    [
        ("coach,SLEEPER,false", "SLEEPER,2", None, ""),
        ("multiple_unit,,false", "SLEEPER,2", None, ""),
        ("locomotive,,false", "SLEEPER,2", "error", "is a coach pool"),
        ("coach,,true", "SLEEPER,2", "warning", "built anew"),
        ("coach,DINER,false", "SLEEPER,2", "warning", "DINER and SLEEPER"),
        ("coach,SLEEPER,false", "SLEEPER,", "warning", "each counts as a whole set"),
    ],
)
def test_a_job_that_names_a_pool_is_of_its_coaches(
    check_with, kind: str, pool: str, severity: str | None, words: str
) -> None:
    faults = check_with(
        **BASE
        | {
            "overhaul_classes": "class_id,name,vehicle_kind,vehicle_type_id,is_new_building\n"
            f"O,Overhaul,{kind}\n"
        },
        overhaul_operations=make_rows("0"),
        vehicle_types="vehicle_type_id,name,kind\nSLEEPER,Sleeper,coach\nDINER,Diner,coach\n",
        operational_points="point_id,name,kind,country,zone\nP,P,station,DE,UTC\n",
        coach_pools=f"{POOLS}POOL,Pool,P,{pool}\n",
        works_jobs="job_id,class_id,arrives_on,coach_pool_id\nJ,O,2025-01-06,POOL\n",
    )
    found = [(f.column, f.severity, words in f.cause) for f in faults]
    assert found == ([] if severity is None else [("coach_pool_id", severity, True)])
