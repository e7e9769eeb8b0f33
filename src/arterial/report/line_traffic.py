"""The line as the page shows it: crossings, capacity and punctuality, drawn and in sentences.

Main functions: :func:`thin_traffic`, :func:`describe_crossings` and
:func:`describe_station_punctuality`. All paths of a line around a host are many; the page is given
those that share the host's points and time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.chances import percent_text
from arterial.report.wording import count_text, date_text, duration_text, join_words, range_text
from arterial.study import Study
from arterial.units import HOUR_S

__all__ = ["HOST_MARK", "describe_crossings", "describe_station_punctuality", "thin_traffic"]

PLACES_IN_WORDS: Final = 3
HOST_MARK: Final = "|"
"""Ends the name of the host for which a path was laid, in front of the path's own."""
AROUND_S: Final = 2 * HOUR_S
"""How long before and after the host other paths are drawn [s]."""
DRAWN_OCCUPATIONS: Final = (
    "possession_id",
    "point_id",
    "from_point",
    "to_point",
    "from_at_s",
    "to_at_s",
)


def thin_traffic(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Tables of paths with what is drawn of them.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Result tables by name; those of other subjects are given back as they are.

    Returns
    -------
    dict of str to DataFrame
        ``train_paths`` near the host in place and time; of ``path_occupations`` the possessions;
        of ``section_capacity`` the stretches that some train uses.
    """
    thinned = dict(frames)
    if "train_paths" in frames:
        thinned["train_paths"] = _keep_near(frames["train_paths"])
    if "path_occupations" in frames:
        closed = frames["path_occupations"].filter(pl.col("possession_id").is_not_null())
        thinned["path_occupations"] = closed.select(DRAWN_OCCUPATIONS)
    if "section_capacity" in frames:
        thinned["section_capacity"] = frames["section_capacity"].filter(
            pl.col("used_share").fill_null(1) > 0
        )
    return thinned


def _keep_near(paths: pl.DataFrame) -> pl.DataFrame:
    """Rows of paths on the points of the host and while it runs."""
    at_s = pl.coalesce("arrival_at_s", "departure_at_s")
    host = pl.col("path_id").str.split(HOST_MARK)
    marked = paths.with_columns(host=host.list.first(), own=host.list.last(), at_s=at_s)
    hosts = marked.filter(pl.col("host") == pl.col("own"))
    spans = hosts.group_by("host").agg(begin=pl.col("at_s").min(), end=pl.col("at_s").max())
    near = (
        marked.join(hosts.select("host", "point_id"), on=["host", "point_id"], how="semi")
        .join(spans, on="host", how="left")
        .filter(pl.col("at_s").is_between(pl.col("begin") - AROUND_S, pl.col("end") + AROUND_S))
    )
    shown = ("path_id", "sequence", "train_id", "flow_id", "point_id")
    return near.select(*shown, "arrival_at_s", "departure_at_s", "wait_s").sort(
        "path_id", "sequence"
    )


def describe_crossings(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """What the first host waits for, and where the line it runs on is fullest."""
    delays = results["crossing_delays"]
    best = delays.filter((pl.col("flow_case") == "best") & pl.col("wait_h").is_not_null())
    if best.is_empty():
        return
    row = best.row(0, named=True)
    same = (pl.col("train_id") == row["train_id"]) & (
        pl.col("operating_day") == row["operating_day"]
    )
    waits = delays.filter(same)["wait_h"].drop_nulls().to_list()
    spread = range_text(duration_text(min(waits)), duration_text(max(waits)))
    day = row["operating_day"]
    numbers = dict(study.table("trains").select("train_id", "number").iter_rows())
    points = _list_host_points(results, row)
    names = _name_points(study)
    way = "" if not points else f" from {names.get(points[0])} to {names.get(points[-1])}"
    yield (
        "Computed with an assumed number of other trains: the host train "
        f"{numbers.get(row['train_id'], row['train_id'])} of {date_text(day)}{way} crosses "
        f"{count_text(row['crossings_count'], 'opposing train')}, waits at "
        f"{count_text(row['waits_count'], 'place')} and loses {duration_text(row['wait_h'])} "
        f"({spread}, by how many run and who goes first){_describe_limit(names, points, results)}."
    )


def _name_points(study: Study) -> dict[str, str]:
    return dict(study.table("operational_points").select("point_id", "name").iter_rows())


def _list_host_points(results: Mapping[str, pl.DataFrame], host: Mapping[str, Any]) -> list[str]:
    """Points of the host's way from first to last; none where its path is unknown."""
    paths = results.get("train_paths")
    if paths is None:
        return []
    name = f"{host['train_id']}@{host['operating_day']}"
    host_path = paths.filter(pl.col("path_id") == f"{name}{HOST_MARK}{name}").sort("sequence")
    return host_path["point_id"].to_list()


def _describe_limit(
    names: Mapping[str, str], points: list[str], results: Mapping[str, pl.DataFrame]
) -> str:
    """The most used stretch of the host's way in words; nothing where none is known."""
    capacity = results.get("section_capacity")
    if capacity is None or not points:
        return ""
    ends = [pl.col(column).is_in(points) for column in ("from_point", "to_point")]
    of_host = capacity.filter(*ends, pl.col("used_share").is_not_null()).sort("rank")
    if of_host.is_empty():
        return ""
    row = of_host.row(0, named=True)
    begin, end = (names.get(row[column], row[column]) for column in ("from_point", "to_point"))
    spread = f"{100 * row['used_share_low']:.0f} to {100 * row['used_share_high']:.0f} %"
    return (
        f"; its limiting stretch is {begin}\N{EN DASH}{end}, where {row['used_pairs_per_day']:.0f} "
        f"pairs a day, passenger trains weighted, fill {100 * row['used_share']:.0f} % of the "
        f"{row['pairs_per_day']:.0f} that it can carry ({spread})"
    )


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
