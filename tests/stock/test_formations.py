import pytest

from arterial.errors import StudyError
from arterial.stock import formation_vehicles_table

COACH = {
    "vehicle_type_id": "coach",
    "mass_t": 56.0,
    "mass_low_t": 52.0,
    "mass_high_t": 60.0,
    "axles_count": 4,
    "length_m": 24.5,
    "top_speed_kmh": 160.0,
    "resistance_law": "passenger_jointed",
}
VAN = {
    "vehicle_type_id": "van",
    "mass_t": 40.0,
    "axles_count": 4,
    "length_m": 20.0,
    "top_speed_kmh": 120.0,
}


def vehicles(make_tables, *, types=(COACH, VAN), rows=((2, "coach", 12), (1, "van", None))):
    tables = make_tables(
        vehicle_types=types,
        formation_vehicles=[
            {"formation_id": "f", "position": position, "vehicle_type_id": name, "count": count}
            for position, name, count in rows
        ],
    )
    return formation_vehicles_table(tables, "f")


def test_vehicle_groups_come_from_the_head_with_their_mean_axle_load(make_tables):
    table = vehicles(make_tables)
    assert table.select("position", "vehicle_type_id", "count").rows() == [
        (1, "van", 1),
        (2, "coach", 12),
    ]
    assert table["mean_axle_load_t"].to_list() == [10.0, 14.0]


def test_a_missing_type_is_told_with_near_names(make_tables):
    with pytest.raises(StudyError) as caught:
        vehicles(make_tables, rows=((1, "coahc", 1),))
    assert caught.value.faults[0].near == ("coach",)


def test_a_formation_without_vehicles_is_refused(make_tables):
    tables = make_tables(vehicle_types=[COACH], formation_vehicles=[])
    with pytest.raises(StudyError, match="has no vehicles"):
        formation_vehicles_table(tables, "f")
