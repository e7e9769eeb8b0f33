"""Punctuality of the simulated timetable in words; main function `describe_station_punctuality`."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from arterial.report.chances import percent_text
from arterial.report.wording import join_words
from arterial.study import Study

__all__ = ["describe_station_punctuality"]

PLACES_IN_WORDS: Final = 3


def describe_station_punctuality(
    study: Study, results: Mapping[str, pl.DataFrame]
) -> Iterator[str]:
    """Share of punctual arrivals at stations, where and at which hour it is least, and by what."""
    stations = results.get("station_punctuality")
    if stations is None or stations.is_empty():
        return
    names = dict(study.table("operational_points").select("point_id", "name").iter_rows())
    weight = pl.col("arrivals_count")
    punctual = (pl.col("punctual_share") * weight).sum() / weight.sum()
    share, limit = stations.select(punctual, pl.col("limit_min").first()).row(0)
    by_point, by_hour = (
        stations.group_by(key).agg(share=punctual).sort("share", key)
        for key in ("point_id", "hour")
    )
    worst = [
        f"{names.get(point) or point} ({percent_text(one)})"
        for point, one in by_point.head(PLACES_IN_WORDS).iter_rows()
    ]
    hour, lowest = by_hour.row(0)
    yield (
        f"Simulated, {percent_text(share)} of arrivals at stops and ends are at most {limit:.0f} "
        f"min late; least at {join_words(worst)}, and between {hour}:00 and {(hour + 1) % 24}:00 "
        f"({percent_text(lowest)})."
    )
    causes = results.get("line_causes")
    if causes is None or causes.is_empty():
        return
    both = (
        causes.group_by("cause")
        .agg(pl.col("primary_min").sum(), pl.col("knock_on_min").sum())
        .with_columns(total=pl.col("primary_min") + pl.col("knock_on_min"))
        .sort("total", "cause", descending=[True, False])
    )
    whole = both["total"].sum()
    named = [
        f"{row['cause'].replace('_', ' ')} {percent_text(row['total'] / whole)} "
        f"({percent_text(row['knock_on_min'] / row['total'])} of it passed on)"
        for row in both.head(PLACES_IN_WORDS).iter_rows(named=True)
    ]
    yield f"Causes of the delay at the ends of trains: {join_words(named)}."
