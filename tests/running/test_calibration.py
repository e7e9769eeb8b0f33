"""The calibration layer, by hand: 10 km pieces that physics runs in 400 s."""

import polars as pl
import pytest

from arterial.running.calibration import (
    PublishedStretch,
    calibrate_pieces,
    list_section_runs,
    sum_links,
)
from arterial.study import conform_table, empty_table

PIECES = pl.DataFrame(
    {
        "section_id": ["A", "B", "B"],
        "railway_id": ["R", "R", "R"],
        "electrification": ["none", "none", "none"],
        "vehicle_type_id": ["D", "D", "D"],
        "from_m": [0.0, 10_000.0, 20_000.0],
        "to_m": [10_000.0, 20_000.0, 30_000.0],
        "basic_s": [400.0, 400.0, 400.0],
        "basic_low_s": [380.0, 380.0, 380.0],
        "basic_high_s": [440.0, 440.0, 440.0],
        "restriction_s": [0.0, 30.0, 0.0],
    }
)


def make_tables(
    *,
    typical: float | None = None,
    estimate: tuple[float, float] | None = None,
    **calibration: object,
) -> dict[str, pl.DataFrame]:
    sections = pl.DataFrame(
        {
            "section_id": ["A", "B"],
            "line_id": ["L", "L"],
            "from_point": ["a", "b"],
            "to_point": ["b", "c"],
            "length_km": [10.0, 20.0],
            "gauges_mm": ["1520", "1520"],
            "typical_passenger_speed_kmh": [typical, typical],
            "source_id": ["S1", "S1"],
        }
    )
    tables = {
        "sections": conform_table("sections", sections, fill_missing=True),
        "estimates": empty_table("estimates"),
        "section_calibrations": empty_table("section_calibrations"),
    }
    if estimate:
        row = {
            "table": "sections",
            "key": "A",
            "attribute": "typical_passenger_speed_kmh",
            "low": estimate[0],
            "best": typical,
            "high": estimate[1],
        }
        tables["estimates"] = conform_table("estimates", pl.DataFrame([row]), fill_missing=True)
    if calibration:
        row = {"section_id": "A", "category": "passenger", "source_id": "S2", **calibration}
        tables["section_calibrations"] = conform_table(
            "section_calibrations", pl.DataFrame([row]), fill_missing=True
        )
    return tables


def calibrate(
    tables: dict[str, pl.DataFrame], published: tuple[PublishedStretch, ...] = ()
) -> pl.DataFrame:
    [pieces] = calibrate_pieces(
        [PIECES], tables, [published], category="passenger", default_supplement_percent=5.0
    )
    return pieces


def test_without_anything_published_only_the_supplement_is_added() -> None:
    result = calibrate(make_tables())
    # 5 % of 400 s, and 30 s of restriction on the second piece.
    assert result["supplement_s"].to_list() == [20.0, 20.0, 20.0]
    assert result["calibrated_s"].to_list() == [420.0, 450.0, 420.0]
    assert result["calibrated_low_s"].to_list() == [400.0, 430.0, 400.0]
    assert result["calibrated_high_s"].to_list() == [460.0, 490.0, 460.0]
    assert result["quality_factor"].to_list() == [1.0, 1.0, 1.0]
    assert set(result["quality_basis"]) == {"none"}


def test_a_stated_supplement_takes_the_place_of_the_default() -> None:
    # 3 % of 400 s and 2 min per 100 km over 10 km.
    result = calibrate(make_tables(supplement_percent=3.0, supplement_min_per_100km=2.0))
    assert result["supplement_s"].to_list() == pytest.approx([24.0, 20.0, 20.0])


def test_the_typical_speed_of_a_section_sets_its_quality_factor() -> None:
    result = calibrate(make_tables(typical=45.0, estimate=(36.0, 50.0)))
    # 10 km at 45 km/h are 800 s, a slow order comes on top.
    # The estimate spans 720 s at 50 km/h to 1,000 s at 36 km/h.
    assert result["calibrated_s"].to_list() == pytest.approx([800.0, 830.0, 800.0])
    assert result["calibrated_low_s"][0] == pytest.approx(720.0)
    assert result["calibrated_high_s"][0] == pytest.approx(1000.0)
    assert result["quality_factor"][0] == pytest.approx(800.0 / 420.0)
    assert set(result["quality_basis"]) == {"typical_speed"}
    assert set(result["quality_source_id"]) == {"S1"}


def test_no_typical_speed_makes_a_train_faster_than_its_physics() -> None:
    # 10 km at 180 km/h would be 200 s; the kindest physics takes 380 s.
    assert calibrate(make_tables(typical=180.0))["calibrated_s"][0] == 380.0


def test_a_calibration_row_goes_before_the_typical_speed() -> None:
    result = calibrate(make_tables(typical=45.0, quality_factor=1.5))
    assert result["calibrated_s"].to_list() == pytest.approx([630.0, 830.0, 800.0])
    assert result["quality_basis"].to_list() == [
        "section_calibration",
        "typical_speed",
        "typical_speed",
    ]
    assert result["quality_source_id"][0] == "S2"


def test_a_published_run_is_met_exactly_and_keeps_the_shares_of_the_sections() -> None:
    stretch = PublishedStretch("run", 0.0, 20_000.0, 1700.0, 1740.0, 1800.0, "S3")
    result = calibrate(make_tables(), (stretch,))
    inside = result["calibrated_s"][:2]
    assert inside.sum() == pytest.approx(1740.0)
    assert inside[0] / inside[1] == pytest.approx(420.0 / 450.0)
    assert result["calibrated_s"][2] == 420.0
    assert result["quality_basis"].to_list() == ["published_run", "published_run", "none"]


def test_ranges_under_a_published_total_add_up_as_independent_errors() -> None:
    stretch = PublishedStretch("run", 0.0, 20_000.0, 870.0, 870.0, 870.0, "S3")
    result = calibrate(make_tables(), (stretch,))[:2]
    # Each piece is 40 s wider upwards; two independent ones make 40 x sqrt(2) together.
    width = (result["calibrated_high_s"] - result["calibrated_s"]).sum()
    assert width == pytest.approx(40.0 * 2**0.5)


def test_pieces_add_up_to_sections_and_links() -> None:
    result = calibrate(make_tables())
    points = {0: "a", 10_000: "b", 30_000: "c"}
    runs = conform_table("section_runs", list_section_runs(["T"], [result], [points]))
    assert runs["section_id"].to_list() == ["A", "B"]
    assert runs["calibrated_s"].to_list() == [420.0, 870.0]
    assert runs["from_point"].to_list() == ["a", "b"]
    assert runs["to_point"].to_list() == ["b", "c"]
    links = sum_links([result], [[0.0, 20_000.0, 30_000.0]])
    assert links["running_s"].to_list() == [870.0, 420.0]
    assert links["distance_km"].to_list() == [20.0, 10.0]


def test_runs_calibrated_together_do_not_touch_one_another() -> None:
    tables = make_tables(typical=45.0, estimate=(36.0, 50.0))
    stretch = PublishedStretch("run", 0.0, 20_000.0, 1700.0, 1740.0, 1800.0, "S3")
    runs = [PIECES, PIECES[1:], PIECES]
    together = calibrate_pieces(
        runs, tables, [[], [], [stretch]], category="passenger", default_supplement_percent=5.0
    )
    assert together[0].equals(calibrate(tables))
    assert together[2].equals(calibrate(tables, (stretch,)))
    points = {0: "a", 10_000: "b", 30_000: "c"}
    rows = list_section_runs(["T", "U", "V"], together, [points] * 3)
    assert rows["train_id"].to_list() == ["T", "T", "U", "V", "V"]
    assert rows["sequence"].to_list() == [1, 2, 1, 1, 2]
    assert rows["from_point"].to_list() == ["a", "b", "b", "a", "b"]
    links = sum_links(together, [[0.0, 30_000.0], [10_000.0, 20_000.0, 30_000.0], [0.0, 30_000.0]])
    assert links["run"].to_list() == [0, 1, 1, 2]
    assert links["link"].to_list() == [0, 0, 1, 0]


def test_no_published_run_is_fitted_below_what_a_train_can_do() -> None:
    stretch = PublishedStretch(
        run_id="P", from_m=0.0, to_m=30_000.0, low_s=540.0, best_s=600.0, high_s=660.0,
        source_id="S3",
    )  # fmt: skip
    result = calibrate(make_tables(), (stretch,))
    # 600 s for three pieces of 380 s at the kindest and 30 s of restriction.
    assert result["calibrated_s"].to_list() == [380.0, 410.0, 380.0]
    assert result["calibrated_low_s"].to_list() == [380.0, 410.0, 380.0]
    assert result["quality_factor"].max() < 1


def test_no_quality_factor_makes_a_train_faster_than_its_physics() -> None:
    assert calibrate(make_tables(quality_factor=0.5))["calibrated_s"][0] == 380.0
