"""Running times between all neighbouring points."""

import polars as pl
import pytest

from arterial.running.point_links import list_point_links


def make_pieces(*rows):
    """Pieces of (from_m, to_m, basic_s, calibrated_s)."""
    return pl.DataFrame(
        [
            {
                "from_m": begin,
                "to_m": end,
                "basic_s": basic,
                "supplement_s": 0.1 * basic,
                "restriction_s": 5.0,
                "basic_low_s": 0.8 * best,
                "calibrated_low_s": 0.9 * best,
                "calibrated_s": best,
                "calibrated_high_s": 1.5 * best,
            }
            for begin, end, basic, best in rows
        ]
    )


def test_without_a_profile_time_is_shared_by_distance():
    pieces = make_pieces((0.0, 10_000.0, 500.0, 900.0), (10_000.0, 12_000.0, 100.0, 200.0))
    links = list_point_links(pieces, [0.0, 4_000.0, 11_000.0, 12_000.0])
    assert links["running_s"].to_list() == pytest.approx([360.0, 540.0 + 100.0, 100.0])
    # basic + supplement + restriction: 555 s and 115 s.
    assert links["free_s"].to_list() == pytest.approx([222.0, 333.0 + 57.5, 57.5])


def test_a_profile_puts_the_time_where_the_train_is_slow():
    pieces = make_pieces((0.0, 2_000.0, 500.0, 600.0))
    profile = pl.DataFrame(
        {"position_km": [0.0, 1.0, 1.0, 2.0], "speed_kmh": [20.0, 20.0, 60.0, 60.0]}
    )
    links = list_point_links(pieces, [0.0, 1_000.0, 2_000.0], profile)
    # 180 s and 60 s at these speeds: three quarters and one quarter.
    assert links["running_s"].to_list() == pytest.approx([450.0, 150.0])


def test_links_add_up_to_the_pieces_and_keep_their_order():
    pieces = make_pieces((0.0, 3_000.0, 200.0, 300.0), (3_000.0, 9_000.0, 500.0, 700.0))
    profile = pl.DataFrame({"position_km": [0.0, 0.5, 8.0, 9.0], "speed_kmh": [0.0, 40, 50, 0.0]})
    links = list_point_links(pieces, [0.0, 500.0, 3_000.0, 5_000.0, 9_000.0], profile)
    assert links["running_s"].sum() == pytest.approx(1_000.0)
    assert links["running_s"][:2].sum() == pytest.approx(300.0)
    assert (links["running_low_s"] <= links["running_s"]).all()
    assert (links["running_s"] <= links["running_high_s"]).all()
    assert (links["running_s"] > 0).all()
