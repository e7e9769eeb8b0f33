"""Works, gangs, materials and possessions: what cannot be planned is told at its place."""

import pytest

SECTIONS = """section_id,line_id,from_point,to_point,length_km,gauges_mm
S,L,A,B,10,1435
T,L,B,C,10,1435
"""
BASE = {
    "operational_points": "point_id,name,country,zone,kind\n"
    + "".join(f"{name},{name},XX,Etc/UTC,station\n" for name in "ABC"),
    "lines": "line_id,name,chainage_system\nL,L,km\nM,M,km of M\n",
    "line_points": "line_id,sequence,point_id,location_km\nL,1,A,0\nL,2,B,10\nL,3,C,20\n",
    "sections": SECTIONS,
}
WORKS = (
    "work_id,name,kind,action,materials,per,labour_h,possession_h,setup_possession_h,"
    "age_share_left,needs_work_id\n"
)
POOLS = "pool_id,name,gangs_count,hours_per_gang_month,section_ids\n"
LIMITS = "limit_id,line_id,section_id,hours_per_month\n"


def find_places(faults: list) -> list[tuple[str, str]]:
    """Row and column, and how grave."""
    return [(fault.place.split(":", 1)[1], fault.severity) for fault in faults]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("X,X,track,renew,concrete;timber_softwood,km,100,6,2,0,", None),
        ("X,X,track,renew,,km,100,6,6,0,", None),
        ("X,X,track,renew,,km,100,6,7,0,", ("2:setup_possession_h", "error")),
        ("X,X,track,renew,concret,km,100,6,2,0,", ("2:materials", "error")),
        ("X,X,track,renew,,km,100,6,2,0.1,", ("2:age_share_left", "warning")),
        ("X,X,track,refurbish,,km,100,6,2,1,", ("2:age_share_left", "warning")),
        ("X,X,track,repair,,km,100,6,2,1,", None),
        ("X,X,track,repair,,km,0,0,0,1,", ("2:labour_h", "warning")),
        ("X,X,track,repair,,km,0,1,0,1,", None),
        ("X,X,track,repair,,km,-1,1,0,1,", ("2:labour_h", "error")),
        ("X,X,track,renew,,km,100,6,2,0,X", ("2:needs_work_id", "error")),
        ("X,X,track,renew,,km,100,6,2,0,Y", ("2:needs_work_id", "error")),
    ],
)
def test_a_work_gains_what_its_kind_says(check_with, row: str, place: tuple | None) -> None:
    assert find_places(check_with(work_kinds=WORKS + row)) == ([place] if place else [])


def test_a_wrong_material_of_assets_is_told_with_near_names(check_with) -> None:
    (fault,) = check_with(work_kinds=WORKS + "X,X,track,renew,concret,km,100,6,2,0,")
    assert "concrete" in fault.near


def test_works_that_wait_for_each_other_are_named(check_with) -> None:
    rows = [
        f"{name},X,{kind},renew,,km,100,6,2,0,{needs}\n"
        for name, kind, needs in (
            ("A", "track", "B"),
            ("B", "turnout", "C"),
            ("C", "embankment", "A"),
            ("D", "turnout", "A"),
        )
    ]
    (fault,) = check_with(work_kinds=WORKS + "".join(rows))
    assert fault.column == "needs_work_id"
    assert all(name in fault.cause for name in "ABC")
    assert "D" not in fault.cause


@pytest.mark.parametrize(
    ("kind", "words"),
    [("track", "one asset gets one work at most"), ("bridge", "do not share one")],
)
def test_order_that_no_campaign_can_keep_is_a_fault(check_with, kind: str, words: str) -> None:
    rows = f"A,X,track,renew,,km,100,6,2,0,B\nB,X,{kind},renew,,unit,100,6,2,0,\n"
    (fault,) = check_with(work_kinds=WORKS + rows)
    assert (fault.column, fault.severity) == ("needs_work_id", "error")
    assert words in fault.cause


def test_a_chain_of_works_is_sound(check_with) -> None:
    rows = [
        f"{name},X,{kind},renew,,km,100,6,2,0,{needs}\n"
        for name, kind, needs in (
            ("A", "track", "B"),
            ("B", "turnout", "C"),
            ("C", "embankment", ""),
        )
    ]
    assert check_with(work_kinds=WORKS + "".join(rows)) == []


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        (["P,P,3,1500,S", "Q,Q,3,1500,T"], []),
        (["P,P,3,1500,S", "Q,Q,3,1500,"], []),
        (["P,P,3,1500,", "Q,Q,3,1500,"], [("3:section_ids", "error")]),
        (["P,P,3,1500,S;T", "Q,Q,3,1500,T"], [("3:section_ids", "error")]),
        (["P,P,3,1500,S;S"], [("2:section_ids", "error")]),
        (["P,P,3,1500,S;U"], [("2:section_ids", "error")]),
        (["P,P,0,1500,S"], [("2:gangs_count", "warning")]),
        (["P,P,3,0,S"], [("2:hours_per_gang_month", "warning")]),
        (["P,P,-1,1500,S"], [("2:gangs_count", "error")]),
    ],
)
def test_each_section_has_one_pool_that_can_work(check_with, rows: list, places: list) -> None:
    faults = check_with(**BASE, labour_pools=POOLS + "\n".join(rows))
    assert find_places(faults) == places


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        (["1,,,40", "2,L,,30", "3,,S,20", "4,L,T,20"], []),
        (["1,,,40", "2,,,30"], [("3:section_id", "error")]),
        (["1,L,,40", "2,L,,30"], [("3:section_id", "error")]),
        (["1,L,S,40", "2,,S,30"], [("3:section_id", "error")]),
        (["1,M,S,40"], [("2:line_id", "error")]),
        (["1,,S,0"], [("2:hours_per_month", "warning")]),
        (["1,,S,800"], [("2:hours_per_month", "error")]),
    ],
)
def test_each_place_has_one_limit_of_possessions(check_with, rows: list, places: list) -> None:
    faults = check_with(**BASE, possession_limits=LIMITS + "\n".join(rows))
    assert find_places(faults) == places


@pytest.mark.parametrize(("day", "place"), [("2026-03-01", None), ("2026-03-15", "2:month")])
def test_a_month_is_its_first_day(check_with, day: str, place: str | None) -> None:
    faults = check_with(
        materials="material_id,name,unit,stock,supply_per_month\nM,M,sets,0,0\n",
        material_supplies=f"material_id,month,supply\nM,{day},5\n",
    )
    assert [fault.place.split(":", 1)[1] for fault in faults] == ([place] if place else [])
    assert all("2026-03-01" in fault.cure for fault in faults)


@pytest.mark.parametrize(("quantity", "places"), [("2", []), ("0", [("2:quantity", "warning")])])
def test_a_material_of_which_nothing_is_taken_is_told(check_with, quantity: str, places) -> None:
    faults = check_with(
        work_kinds=WORKS + "X,X,track,renew,,km,100,6,2,0,",
        materials="material_id,name,unit,stock,supply_per_month\nM,M,sets,0,0\n",
        work_materials=f"work_id,material_id,quantity\nX,M,{quantity}\n",
    )
    assert find_places(faults) == places


@pytest.mark.parametrize(
    ("numbers", "column"),
    [
        ("1,2,3,2026-01-01,2026-05-31,4,5,6", None),
        ("3,2,3,2026-01-01,2026-05-31,4,5,6", "quantity"),
        ("1,2,3,2026-06-01,2026-05-31,4,5,6", "last_day"),
        ("1,2,3,2026-01-01,2026-05-31,4,7,6", "stock_high"),
        ("1,2,3,2026-01-01,2026-05-31,,7,", None),
    ],
)
def test_a_report_has_its_ranges_in_order(check_with, numbers: str, column: str | None) -> None:
    header = (
        "report_id,name,kind,quantity_low,quantity,quantity_high,first_day,last_day,"
        "stock_low,stock,stock_high,actions\n"
    )
    faults = check_with(reported_works=f"{header}R,R,turnout,{numbers},repair;renew")
    assert [fault.column for fault in faults] == ([column] if column else [])
