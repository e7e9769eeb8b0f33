"""Expected derailments: rates by length times train-kilometres."""

import polars as pl
import pytest

from arterial.assets.derailments import expected_derailments
from arterial.errors import LimitError

LOW, BEST, HIGH = (f"derailments_per_million_train_km{end}" for end in ("_low", "", "_high"))


def make_track(section: str, from_m: float, to_m: float, track_class: int | None) -> dict:
    rate = None if track_class is None else 6.0 - track_class
    return {
        "kind": "track",
        "section_id": section,
        "from_offset_m": from_m,
        "to_offset_m": to_m,
        "track_class": track_class,
        LOW: rate,
        BEST: rate and 2 * rate,
        HIGH: rate and 10 * rate,
    }


def make_traffic(**train_km: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"section_id": list(train_km), "train_km_per_year": list(train_km.values())},
        schema={"section_id": pl.String, "train_km_per_year": pl.Float64},
    )


def test_long_track_counts_more() -> None:
    # 3 km of class 1 at 5, 1 km of class 5 at 1: mean 4 and class 2
    states = pl.DataFrame([make_track("A", 0, 3000, 1), make_track("A", 3000, 4000, 5)])
    row = expected_derailments(states, make_traffic(A=500_000.0)).row(0, named=True)
    assert row["mean_class"] == pytest.approx(2.0)
    assert row["derailments_per_year_low"] == pytest.approx(2.0)
    assert row["derailments_per_year"] == pytest.approx(4.0)
    assert row["derailments_per_year_high"] == pytest.approx(20.0)


def test_sections_keep_their_order_and_unknown_classes_stay_unknown() -> None:
    states = pl.DataFrame(
        [make_track("A", 0, 1000, 1), make_track("B", 0, 1000, None)], infer_schema_length=None
    )
    risks = expected_derailments(states, make_traffic(C=1.0, B=1.0, A=0.0))
    assert risks["section_id"].to_list() == ["C", "B", "A"]
    assert risks["mean_class"].to_list() == [None, None, 1.0]
    assert risks["derailments_per_year"].to_list() == [None, None, 0.0]


@pytest.mark.parametrize("train_km", [None, -1.0])
def test_missing_traffic_is_refused(train_km: float | None) -> None:
    states = pl.DataFrame([make_track("A", 0, 1000, 1)])
    with pytest.raises(LimitError, match="Train-kilometres"):
        expected_derailments(states, make_traffic(A=train_km))
