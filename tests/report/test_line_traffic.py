"""What the page is given of paths and capacity, and the sentence made from them."""

import polars as pl

from arterial.report.line_traffic import describe_crossings, thin_traffic
from arterial.study import load_schema

HOST = "KP-8@2025-06-17|KP-8@2025-06-17"


def test_the_sentence_counts_waits_and_names_the_limiting_stretch(study, results):
    (text,) = describe_crossings(study, results)
    assert text.startswith("Computed with an assumed number of other trains: the host train 8 ")
    assert "of 17 June 2025 from Pyongyang to Tumangang crosses" in text
    assert "crosses 2 opposing trains, waits at 2 places and loses 1 h 30 min" in text
    assert "(30 min to 3 h, by how many run" in text
    assert "Hamhung\N{EN DASH}Chongjin, where 18 pairs a day" in text
    assert "fill 90 % of the 20 that it can carry (45 to 180 %)" in text


def test_without_paths_no_stretch_is_named_and_without_a_path_nothing_is_said(study, results):
    bare = {**results, "train_paths": results["train_paths"].clear()}
    (text,) = describe_crossings(study, bare)
    assert "limiting stretch" not in text
    unknown = results["crossing_delays"].with_columns(wait_h=pl.lit(None, dtype=pl.Float64))
    assert list(describe_crossings(study, {**results, "crossing_delays": unknown})) == []


def test_paths_far_off_in_time_or_place_are_not_given(results):
    paths = results["train_paths"]
    late = paths.filter(pl.col("path_id") != HOST).with_columns(
        pl.col("path_id") + "9",
        pl.col("arrival_at_s") + 40 * 3600,
        pl.col("departure_at_s") + 40 * 3600,
    )
    elsewhere = late.with_columns(pl.lit("MOS").alias("point_id"))
    given = thin_traffic({"train_paths": pl.concat([paths, late, elsewhere])})["train_paths"]
    assert set(given["path_id"]) == set(paths["path_id"])
    assert given.height == paths.height


def test_only_possessions_and_used_stretches_are_given(results):
    idle = results["section_capacity"].with_columns(used_share=pl.lit(0.0))
    train = results["path_occupations"].with_columns(possession_id=pl.lit(None, dtype=pl.String))
    frames = {
        "section_capacity": pl.concat([results["section_capacity"], idle]),
        "path_occupations": pl.concat([results["path_occupations"], train]),
        "trips": results["trips"],
    }
    given = thin_traffic(frames)
    assert given["section_capacity"].height == 3
    assert given["path_occupations"].height == 1
    assert given["trips"] is results["trips"]
    assert set(given["path_occupations"].columns) <= set(load_schema("path_occupations").columns)
