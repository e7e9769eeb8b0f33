import polars as pl
import pytest

from arterial.evidence.distances import check_distances, check_runs

RUN = {
    "run_id": "r",
    "from_point": "pyongyang",
    "to_point": "moscow",
    "duration_h": 100.0,
    "basis": "scheduled",
    "used_for": "check",
}


def lengths(*routes):
    columns = ("service_id", "route_id", "distance_km", "distance_error_km")
    return pl.DataFrame([dict(zip(columns, ("s", *route), strict=True)) for route in routes])


def check_distance(make_tables, stated_km, frame):
    service = {"service_id": "s", "name": "coach", "published_distance_km": stated_km}
    found = check_distances(make_tables(coach_services=[service]), frame)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("stated_km", "verdict"), [(10_272.0, "holds"), (10_300.0, "holds"), (10_400.0, "contradicted")]
)
def test_a_published_distance_holds_when_one_route_agrees(make_tables, stated_km, verdict):
    frame = lengths(("yaroslavl", 10_295.0, 36.0), ("nizhny", 10_254.0, 5.0))
    found = check_distance(make_tables, stated_km, frame)
    assert found.verdict == verdict
    assert found.statement_id == "distance:s"
    assert "yaroslavl: 10295 km (error 36 km)" in found.calculation


def test_a_stated_error_larger_than_half_a_per_cent_widens_the_agreement(make_tables):
    assert check_distance(make_tables, 102.0, lengths(("r", 100.0, 3.0))).verdict == "holds"
    assert check_distance(make_tables, 102.0, lengths(("r", 100.0, 1.0))).verdict == "contradicted"


def test_a_route_of_unknown_error_can_agree_but_not_contradict(make_tables):
    frame = lengths(("r", 1346.0, None))
    assert check_distance(make_tables, 1350.0, frame).verdict == "holds"
    assert check_distance(make_tables, 1364.0, frame).verdict == "cannot_tell"


def test_without_a_route_or_a_published_distance_nothing_is_told(make_tables):
    empty = lengths(("r", 100.0, 1.0)).clear()
    assert check_distance(make_tables, 102.0, empty).verdict == "cannot_tell"
    assert check_distance(make_tables, None, empty) is None


def check_run(make_tables, times, **changes):
    frame = pl.DataFrame(
        [times] if times else [],
        schema={
            "run_id": pl.String,
            "low_h": pl.Float64,
            "best_h": pl.Float64,
            "high_h": pl.Float64,
        },
        orient="row",
    )
    (found,) = check_runs(make_tables(published_runs=[{**RUN, **changes}]), frame)
    return found


@pytest.mark.parametrize(
    ("times", "verdict"),
    [
        (("r", 90.0, 98.0, 110.0), "holds"),
        (("r", 104.0, 108.0, 110.0), "holds"),
        (("r", 106.0, 108.0, 110.0), "contradicted"),
        (None, "cannot_tell"),
    ],
)
def test_a_run_without_a_range_may_be_off_by_a_twentieth(make_tables, times, verdict):
    assert check_run(make_tables, times).verdict == verdict


def test_a_stated_range_is_taken_as_it_is(make_tables):
    stated = {"duration_low_h": 99.0, "duration_high_h": 101.0}
    assert check_run(make_tables, ("r", 102.0, 103.0, 104.0), **stated).verdict == "contradicted"


def test_a_run_that_times_were_fitted_to_is_never_said_to_hold(make_tables):
    found = check_run(make_tables, ("r", 99.0, 100.0, 101.0), used_for="calibration")
    assert found.verdict == "cannot_tell"
    assert "fitted to this run" in found.calculation


@pytest.mark.parametrize(
    ("as_of", "hours", "verdict"),
    [
        ("2008-09", 145.0, "cannot_tell"),
        ("2008-09", 100.0, "holds"),
        ("2022", 145.0, "contradicted"),
        (None, 145.0, "contradicted"),
    ],
)
def test_a_run_of_other_years_than_the_fitted_one_is_not_contradicted(
    make_tables, as_of, hours, verdict
):
    fitted = {**RUN, "run_id": "fitted", "used_for": "calibration", "as_of": "2020-2024"}
    run = {**RUN, "as_of": as_of, "duration_h": hours}
    times = pl.DataFrame({"run_id": ["r"], "low_h": [99.0], "best_h": [100.0], "high_h": [101.0]})
    found = check_runs(make_tables(published_runs=[run, fitted]), times)[0]
    assert found.verdict == verdict
    assert ("times are fitted to 2020-2024" in found.calculation) == (as_of == "2008-09")
