"""Times of all trains as the page takes them: profiles once, and the trains that run on them.

The main function is `pack_times`. Trains of a regular timetable repeat each other, and one train
repeats itself from clock change to clock change: a profile (points, running times, stays) is given
once, and each train and pattern names its profile, its begin and its days.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from arterial.report.encoding import encode_table

__all__ = ["pack_times"]

IS_STOP: Final = 1
IS_COMPUTED: Final = 2
"""Bits of the column ``flags`` of a profile."""

KEY: Final = ("train_id", "pattern")

Integers = npt.NDArray[np.int64]


def pack_times(
    times: pl.DataFrame, patterns: pl.DataFrame, train_ids: pl.Series, point_ids: pl.Series
) -> dict[str, Any]:
    """Give the times of all trains as profiles and courses, in compact columns.

    Parameters
    ----------
    times : polars.DataFrame
        Table ``train_times``; a row with neither arrival nor departure is left out.
    patterns : polars.DataFrame
        Table ``train_patterns``.
    train_ids, point_ids : polars.Series
        Ids by their place in the tables that the page is given.

    Returns
    -------
    dict
        ``profiles``: the number of rows of each; ``passings``, the rows of all profiles: ``point``
        (place in `point_ids`), ``run_s`` since the departure before, ``stay_s``, ``flags``;
        ``courses``: ``train`` (place in `train_ids`), ``profile``, ``begin_s`` from 00:00 UTC of
        the operating day, ``days`` (place in ``day_texts``); ``day_texts``, one sign a day of the
        horizon.
    """
    rows = _order_rows(times, train_ids, point_ids)
    passings = _relate_to_begin(rows)
    firsts = _find_firsts(rows)
    counts = np.diff(np.append(firsts, len(passings)))
    profile_of_course, kept = _find_profiles(passings, firsts, counts)
    courses = (
        rows.select(*KEY, "train", begin_s="arrive_s")[firsts]
        .with_columns(pl.Series("profile", profile_of_course, dtype=pl.Int64))
        .join(patterns.select(*KEY, "days"), on=list(KEY), how="left", maintain_order="left")
        .with_columns(pl.col("days").fill_null(""))
    )
    day_texts = courses["days"].unique(maintain_order=True)
    places = pl.int_range(len(day_texts), eager=True)
    is_shown = np.isin(np.arange(len(firsts)), kept).repeat(counts)
    return {
        "profiles": {"rows": len(kept), "columns": {"count": {"v": counts[kept].tolist()}}},
        "passings": _encode_passings(passings[is_shown]),
        "courses": encode_table(
            courses.select(
                "train",
                "profile",
                "begin_s",
                pl.col("days").replace_strict(day_texts, places, return_dtype=pl.Int64),
            )
        ),
        "day_texts": day_texts.to_list(),
    }


def _order_rows(times: pl.DataFrame, train_ids: pl.Series, point_ids: pl.Series) -> pl.DataFrame:
    """Rows in the order of trains, patterns and points, with ids as places and no gaps in time."""
    trains = pl.DataFrame(
        {"train_id": train_ids, "train": pl.int_range(len(train_ids), eager=True)}
    )
    points = pl.DataFrame(
        {"point_id": point_ids, "point": pl.int_range(len(point_ids), eager=True)}
    )
    return (
        times.with_columns(
            arrive_s=pl.coalesce("arrival_s", "departure_s").cast(pl.Int64),
            leave_s=pl.coalesce("departure_s", "arrival_s").cast(pl.Int64),
            flags=pl.col("is_stop").fill_null(value=False) * IS_STOP
            + (pl.col("basis") == "computed").fill_null(value=False) * IS_COMPUTED,
        )
        .drop_nulls("arrive_s")
        .join(trains, on="train_id", how="inner")
        .join(points, on="point_id", how="inner")
        .sort("train", "pattern", "sequence")
    )


def _relate_to_begin(rows: pl.DataFrame) -> Integers:
    """Passings as whole numbers ``(n, 4)``: point, run since the last departure, stay, flags."""
    run = (pl.col("arrive_s") - pl.col("leave_s").shift(1).over(KEY)).fill_null(0)
    columns = rows.select(
        pl.col("point").cast(pl.Int64),
        run_s=run,
        stay_s=pl.col("leave_s") - pl.col("arrive_s"),
        flags=pl.col("flags").cast(pl.Int64),
    )
    # Rows one after the other in memory, so that the bytes of a course stand together.
    return np.ascontiguousarray(columns.to_numpy())


def _find_firsts(rows: pl.DataFrame) -> Integers:
    """First row of each course ``(n_courses,)``."""
    starts = rows.select(
        pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in KEY).fill_null(
            value=True
        )
    ).to_series()
    return np.flatnonzero(starts.to_numpy()).astype(np.int64)


def _find_profiles(
    passings: Integers, firsts: Integers, counts: Integers
) -> tuple[list[int], list[int]]:
    """Profile of each course, and the course that each profile is taken from."""
    places: dict[bytes, int] = {}
    kept: list[int] = []
    profile_of_course = []
    # Bytes are compared whole, so that no two profiles can be taken for one.
    for course, (first, count) in enumerate(zip(firsts.tolist(), counts.tolist(), strict=True)):
        place = places.setdefault(passings[first : first + count].tobytes(), len(kept))
        if place == len(kept):
            kept.append(course)
        profile_of_course.append(place)
    return profile_of_course, kept


def _encode_passings(passings: Integers) -> dict[str, Any]:
    point, run_s, stay_s, flags = passings.T
    columns = {
        # Neighbours along a line stand side by side, so the differences are short.
        "point": {"i": np.diff(point, prepend=0).tolist()},
        "run_s": {"v": run_s.tolist()},
        "stay_s": {"v": stay_s.tolist()},
        "flags": {"v": flags.tolist()},
    }
    return {"rows": len(passings), "columns": columns}
