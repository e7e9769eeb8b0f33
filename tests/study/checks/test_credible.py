"""Columns that contradict one another are told, and what exists somewhere is not."""

import pytest

VEHICLES = (
    "vehicle_type_id,name,kind,mass_t,axles_count,axle_load_t,power_kw,starting_effort_kn,"
    "berths_count"
)
POINTS = "point_id,name,country,latitude_deg,longitude_deg,zone,kind"
SECTIONS = "section_id,line_id,from_point,to_point,length_km,gauges_mm"
LINES = "line_id,name,chainage_system\nL,Line,own"
ASSETS = "asset_id,kind,section_id,from_offset_m,to_offset_m,age_y,installed"
TWO = f"{POINTS}\nA,A,KP,39,125,Asia/Pyongyang,station\nB,B,KP,39,126,Asia/Pyongyang,station"
ROAD = {"operational_points": TWO, "lines": LINES}


def vehicle(*cells: str) -> dict[str, str]:
    return {"vehicle_types": f"{VEHICLES}\n" + "\n".join(cells)}


def long(cells: str) -> dict[str, str]:
    return {"vehicle_types": f"vehicle_type_id,name,kind,length_m,berths_count\nV,V,{cells}"}


def asset(*rows: str, length: str = "90") -> dict[str, str]:
    road = {**ROAD, "sections": f"{SECTIONS}\nS,L,A,B,{length},1435"}
    return {**road, "assets": f"{ASSETS}\n" + "\n".join(rows)}


def point(row: str) -> dict[str, str]:
    return {"operational_points": f"{POINTS}\n{row}"}


def length(km: str) -> dict[str, str]:
    return {**ROAD, "sections": f"{SECTIONS}\nS,L,A,B,{km},1435"}


DOUBTFUL = {
    "too heavy for its axles": (vehicle("V,V,coach,58,4,12,,,36"), "axle_load_t", "14.5 t an axle"),
    "too light for its axles": (
        vehicle("V,V,locomotive,30,6,23,,,"),
        "axle_load_t",
        "far below",
    ),
    "a coach far too light": (vehicle("V,V,coach,54,4,25,,,36"), "axle_load_t", "far below"),
    "a length in decametres": (long("coach,2.45,36"), "length_m", "A coach of 2.45 m"),
    "a coach too long": (long("coach,145,36"), "length_m", "A coach of 145 m"),
    "a locomotive too short": (long("locomotive,1.7,"), "length_m", "A locomotive of 1.7 m"),
    "more berths than room": (long("coach,6,72"), "length_m", "72 berths"),
    "no axle bears that": (vehicle("V,V,wagon,200,2,,,,"), "axles_count", "100 t an axle"),
    "a unit of masses": (vehicle("V,V,coach,5,4,,,,36"), "axles_count", "1.25 t an axle"),
    "effort in newton": (
        vehicle("V,V,locomotive,120,6,,4000,3000,"),
        "starting_effort_kn",
        "weight",
    ),
    "power in watt": (vehicle("V,V,locomotive,120,6,,30000,200,"), "power_kw", "540 km/h"),
    "power in megawatt": (vehicle("V,V,locomotive,120,6,,4,400,"), "power_kw", "0.036 km/h"),
    "berths of a wagon": (vehicle("V,V,wagon,20,4,22,,,40"), "berths_count", "no berths"),
    "curve above the power": (
        {
            **vehicle("V,V,locomotive,120,6,,1000,300,"),
            "effort_points": "vehicle_type_id,speed_kmh,effort_kn\nV,0,300\nV,50,250\nV,100,200",
        },
        "effort_kn",
        "5556 kW, above the rated 1000 kW",
    ),
    "curve far below the power": (
        {
            **vehicle("V,V,locomotive,120,6,,6000,300,"),
            "effort_points": "vehicle_type_id,speed_kmh,effort_kn\nV,0,25\nV,100,25",
        },
        "effort_kn",
        "694 kW, of 6000 kW rated",
    ),
    "bridges longer than the line": (
        asset("B1,bridge,S,0,80000,,", "B2,bridge,S,20000,90000,,"),
        "to_offset_m",
        "150.0 km long",
    ),
    "density of bridges": (
        {"asset_densities": "density_id,kind,units_per_km,unit_length_m\nD,bridge,5,400"},
        "unit_length_m",
        "more than a kilometre a km",
    ),
    "metres as kilometres": (
        {"lines": "line_id,name,chainage_system,length_km,tunnels_length_m\nL,Line,own,20,45000"},
        "tunnels_length_m",
        "45 km long, the line 20 km",
    ),
    "age in months": (asset("A1,bridge,S,0,100,480,"), "age_y", "no railway"),
    "of the year 1800": (asset("A1,bridge,S,0,100,,1800-01-01"), "installed", "In 1800"),
    "rail far too long": (length("900"), "length_km", "900.0 km apart by rail but 86.4 km by air"),
    "a country that is none": (point("A,A,ZA,39,125,Asia/Pyongyang,station"), "zone", "not in ZA"),
    "no country": (point("A,A,EN,39,125,Asia/Pyongyang,station"), "country", "no country EN"),
    "zone of another country": (point("A,A,KP,39,125,Asia/Seoul,station"), "zone", "kept in KR"),
    "sign of a coordinate": (
        point("A,A,KP,-39,125,Asia/Pyongyang,station"),
        "latitude_deg",
        "from the nearest zone of KP",
    ),
}


@pytest.mark.parametrize(("tables", "column", "words"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_contradicts_itself_is_a_warning_at_its_column(check_with, tables, column, words):
    found = [fault for fault in check_with(**tables) if fault.column == column]
    assert [fault.severity for fault in found] == ["warning"], found
    assert words in found[0].cause
    assert found[0].cure


def test_a_kind_that_cannot_be_read_is_told_once_and_has_no_length(check_with) -> None:
    faults = check_with(**long("balloon,2.45,"))
    assert [fault.column for fault in faults] == ["kind"]


SOUND = {
    "Swedish ore wagon": vehicle("V,V,wagon,20,4,32.5,,,"),
    "sleeping coach": vehicle("V,V,coach,58,4,15.5,,,36"),
    "shunter": vehicle("V,V,locomotive,16,2,8,100,45,"),
    "heavy freight locomotive": vehicle("V,V,locomotive,192,8,25,6520,669,"),
    "high speed unit": vehicle("V,V,multiple_unit,400,32,17,8800,283,"),
    "spiral": length("400"),
    "tunnel all the way on two tracks": asset("T1,tunnel,S,0,90000,,"),
    "far north of China": point("A,A,CN,53.5,122.3,Asia/Shanghai,station"),
    "far west of China": point("A,A,CN,39.5,76,Asia/Shanghai,station"),
    "invented country": point("A,A,XX,0,0,Etc/UTC,station"),
    "old name of a zone": point("A,A,CN,45.7,126.6,Asia/Harbin,station"),
    "Moscow time in the Far East": point("A,A,RU,43.1,131.9,Asia/Vladivostok,station"),
    "oldest tunnel": asset("A1,tunnel,S,0,100,,1830-09-15"),
}


@pytest.mark.parametrize("tables", SOUND.values(), ids=SOUND)
def test_what_exists_somewhere_is_no_fault(check_with, tables):
    assert [fault.cause for fault in check_with(**tables)] == []


def test_more_berths_than_the_coaches_have_are_told(check_with):
    faults = check_with(
        **ROAD,
        **vehicle("V,V,coach,58,4,15.5,,,36"),
        calendars="calendar_id,name\nC,C",
        coach_services=(
            "service_id,name,from_point,to_point,calendar_id,vehicle_type_id,coaches_count,berths_offered\n"
            "S,S,A,B,C,V,2,90\nT,T,A,B,C,V,2,64"
        ),
    )
    told = [(fault.row, fault.cause) for fault in faults if fault.column == "berths_offered"]
    assert told == [(2, "90 berths are on sale, 2 x 36 are there.")]


def test_a_train_is_no_faster_than_the_slowest_of_its_vehicles(check_with):
    faults = check_with(
        vehicle_types="vehicle_type_id,name,kind,top_speed_kmh\nV,V,coach,120\nW,W,coach,160",
        formations="formation_id,name\nF,F",
        formation_vehicles="formation_id,position,vehicle_type_id\nF,1,W\nF,2,V",
        calendars="calendar_id,name\nC,C",
        trains="train_id,number,calendar_id,formation_id,top_speed_kmh\nT,1,C,F,140\nU,2,C,F,120",
    )
    told = [(fault.row, fault.cause) for fault in faults if fault.column == "top_speed_kmh"]
    assert told == [(2, "Its top speed of 140 km/h is above the 120 km/h of V.")]
