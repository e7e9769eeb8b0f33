import pytest

from arterial.errors import StudyError
from arterial.stock import traction_for

ELECTRIC = {
    "vehicle_type_id": "ep1m",
    "name": "EP1M",
    "electrification": "25kv_50hz",
    "power_kw": 4700.0,
}
DIESEL = {"vehicle_type_id": "te10", "name": "2TE10M", "electrification": "none"}


@pytest.fixture
def tables(make_tables):
    rows = [
        ("25kv_50hz", "passenger", "ep1m", None),
        ("none", "freight", "te10", 2),
        ("3kv_dc", None, "ep1m", 1),
    ]
    return make_tables(
        vehicle_types=[ELECTRIC, DIESEL],
        traction_assignments=[
            {
                "railway_id": "rzd",
                "electrification": e,
                "category": c,
                "vehicle_type_id": v,
                "count": n,
            }
            for e, c, v, n in rows
        ],
    )


def test_the_assigned_locomotive_comes_with_its_numbers(tables):
    traction = traction_for(tables, railway_id="rzd", electrification="25kv_50hz")
    assert (traction.name, traction.count, traction.power_kw) == ("EP1M", 1, 4700.0)
    assert traction.mass_t is None


def test_freight_trains_have_their_own_locomotive(tables):
    traction = traction_for(tables, railway_id="rzd", electrification="none", category="freight")
    assert (traction.vehicle_type_id, traction.count) == ("te10", 2)


def test_nothing_is_guessed_where_nothing_is_assigned(tables):
    with pytest.raises(StudyError, match="passenger trains of railway rzd under none"):
        traction_for(tables, railway_id="rzd", electrification="none")


def test_a_locomotive_under_a_contact_line_it_cannot_use_is_refused(tables):
    with pytest.raises(StudyError, match="can use only 25kv_50hz"):
        traction_for(tables, railway_id="rzd", electrification="3kv_dc")
