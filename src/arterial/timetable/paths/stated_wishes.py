"""What trains and their stops wish: who goes first, what a delay weighs, how far a plan may shift.

Main function: :func:`read_wishes`. What a train does not state is taken from its category, and what
that does not state from named defaults.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.timetable.paths.stated_track import order_stops
from arterial.units import MINUTE_S

__all__ = ["PRIORITIES", "list_weights", "read_wishes"]

PRIORITIES: Final = {"passenger": 0, "mixed": 1, "freight": 2}
"""Which train goes first where two want the same track, an assumption: smaller goes first."""

HUNDREDTHS: Final = 100

LIMIT_COLUMNS: Final = ("earlier_most_min", "later_most_min")
WISH_COLUMNS: Final = ("priority", "delay_weight", *LIMIT_COLUMNS)


def read_wishes(tables: Mapping[str, pl.DataFrame]) -> Sequence[Mapping[str, Any]]:
    """Category, priority, delay weight and limits of the shift of each train.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains`` and ``train_categories``.

    Returns
    -------
    sequence of mapping
        One for each row of ``trains``; an unknown limit is None. ``stops`` holds the limits of the
        train's stops, in seconds, by their order, and ``dwells`` the standstills that are stated
        where not both times are; where ``train_stops`` is left out, none.
    """
    trains, categories = tables["trains"], tables["train_categories"]
    joined = trains.select("category", *WISH_COLUMNS).join(
        categories.select("category", *WISH_COLUMNS),
        on="category",
        how="left",
        suffix="_of_category",
        maintain_order="left",
    )
    found = joined.select(
        "category", *(pl.coalesce(name, f"{name}_of_category") for name in WISH_COLUMNS)
    )
    wishes = found.with_columns(
        pl.col("delay_weight").fill_null(1.0),
        pl.col("priority").fill_null(
            pl.col("category").replace_strict(PRIORITIES, default=1, return_dtype=pl.Int64)
        ),
    ).to_dicts()
    has_stops = "train_stops" in tables
    limits = _read_stop_limits(tables) if has_stops else {}
    dwells = _read_dwells(tables) if has_stops else {}
    return [
        wish | {"stops": limits.get(train, {}), "dwells": dwells.get(train, {})}
        for train, wish in enumerate(wishes)
    ]


def _read_dwells(tables: Mapping[str, pl.DataFrame]) -> dict[int, dict[int, int]]:
    """Standstills that are stated at stops of which not both times are [s]."""
    stops = order_stops(tables).with_columns(stop=pl.int_range(pl.len()).over("train"))
    is_open = pl.any_horizontal(pl.col("arrival", "departure").is_null())
    stated = stops.filter(pl.col("dwell_min").is_not_null() & is_open)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for train, stop, dwell_min in stated.select("train", "stop", "dwell_min").iter_rows():
        found[train][stop] = round(dwell_min * MINUTE_S)
    return found


def _read_stop_limits(
    tables: Mapping[str, pl.DataFrame],
) -> dict[int, dict[int, tuple[int | None, int | None]]]:
    """By how much earlier and later single stops of trains may be planned [s]."""
    stops = order_stops(tables).with_columns(stop=pl.int_range(pl.len()).over("train"))
    stated = stops.filter(pl.any_horizontal(pl.col(LIMIT_COLUMNS).is_not_null()))
    found: dict[int, dict[int, tuple[int | None, int | None]]] = defaultdict(dict)
    for train, stop, *limits in stated.select("train", "stop", *LIMIT_COLUMNS).iter_rows():
        earlier_s, later_s = (None if one is None else round(one * MINUTE_S) for one in limits)
        found[train][stop] = (earlier_s, later_s)
    return found


def list_weights(tables: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Delay weights of trains in hundredths, for dispatching; none where no train states any.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains`` and ``train_categories``.

    Returns
    -------
    dict of str to int
        By train.
    """
    stated = (tables[name]["delay_weight"] for name in ("trains", "train_categories"))
    if all(column.is_null().all() for column in stated):
        return {}
    names = tables["trains"]["train_id"].to_list()
    return {
        name: max(round(wish["delay_weight"] * HUNDREDTHS), 1)
        for name, wish in zip(names, read_wishes(tables), strict=True)
    }
