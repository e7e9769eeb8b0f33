"""Which columns the page is given, and what is done to them for display."""

import polars as pl
import pytest

from arterial.report.columns import PROFILE_BUCKETS, display_tables, thin_profiles
from arterial.study.schema import load_schema
from arterial.study.tables import conform_table


def test_the_made_up_run_follows_the_schema(results):
    for name, frame in results.items():
        assert conform_table(name, frame).columns == list(load_schema(name).columns)


def test_clock_texts_give_way_to_the_offset_of_the_reference_clock(study, results):
    events = display_tables(study, results)["trip_events"]
    assert not {"local_time", "reference_time", "utc_time"} & set(events.columns)
    offsets = events.group_by("point_id").agg(pl.col("reference_offset_min").unique())
    by_point = dict(offsets.iter_rows())
    assert by_point["PYO"] == [540]
    assert by_point["KHA"] == [180]


def test_only_points_that_something_names_are_given(study, results):
    lonely = study.table("operational_points").head(1).with_columns(point_id=pl.lit("LONELY"))
    points = pl.concat([study.table("operational_points"), lonely])
    tables = display_tables(study.with_tables(operational_points=points), results)
    assert "LONELY" not in tables["operational_points"]["point_id"].to_list()
    assert tables["operational_points"].height == 20


def test_a_missing_result_table_is_left_out(study, results):
    partial = {"trips": results["trips"]}
    tables = display_tables(study, partial)
    assert "trip_events" not in tables
    assert "trips" in tables


@pytest.fixture
def long_profile() -> pl.DataFrame:
    rows = 40_000
    position = pl.int_range(rows, eager=True) / 10
    return pl.DataFrame(
        {
            "train_id": ["T"] * rows,
            "position_km": position,
            "speed_kmh": (position % 50).cast(pl.Float64),
            "limit_kmh": [60.0] * rows,
            "gradient_permille": (position % 7).cast(pl.Float64),
            "gradient_bound_permille": [9.0] * rows,
            "gradient_basis": ["known"] * 30_000 + ["assumed"] * 10_000,
            "electrification": ["3kv_dc"] * 20_000 + ["25kv_50hz"] * 20_000,
        }
    )


def test_a_long_profile_is_thinned_but_keeps_its_extremes(long_profile):
    thinned = thin_profiles(long_profile)
    assert thinned.height <= 4 * PROFILE_BUCKETS + 4
    for column in ("speed_kmh", "gradient_permille", "position_km"):
        assert thinned[column].max() == pytest.approx(long_profile[column].max(), abs=4.0)
        assert thinned[column].min() == long_profile[column].min()


def test_a_change_of_electrification_is_kept_to_the_row(long_profile):
    change = thin_profiles(long_profile).filter(pl.col("electrification") == "25kv_50hz")
    assert change["position_km"][0] == 2000.0


def test_the_begin_of_an_assumed_gradient_is_kept_to_the_row(long_profile):
    assumed = thin_profiles(long_profile).filter(pl.col("gradient_basis") == "assumed")
    assert assumed["position_km"][0] == 3000.0


def test_a_short_profile_is_given_whole(results):
    assert thin_profiles(results["speed_profile"]).height == results["speed_profile"].height
