"""The way of each coach service over its host trains, for the check of compatibility."""

from collections.abc import Mapping, Sequence

import polars as pl

from arterial.network.route import cut_route
from arterial.running.train_runs import CalibratedWay

__all__ = ["list_coach_ways"]


def list_coach_ways(
    ways: Sequence[CalibratedWay], tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """The way of each coach service, point by point over all its legs.

    Parameters
    ----------
    ways : sequence of CalibratedWay
        Ways of the host trains.
    tables : mapping of str to DataFrame
        Study tables.

    Returns
    -------
    DataFrame
        service_id, train_id, point_id, section_id (the one that leads to the point; null where a
        leg begins).
    """
    routes = {done.way.train_id: done.way.route for done in ways}
    parts = []
    for leg in tables["coach_legs"].sort("service_id", "sequence").iter_rows(named=True):
        part = cut_route(routes[leg["train_id"]], leg["from_point"], leg["to_point"])
        parts.append(
            pl.DataFrame(
                {
                    "service_id": [leg["service_id"]] * len(part.points),
                    "train_id": [leg["train_id"]] * len(part.points),
                    "point_id": list(part.points),
                    "section_id": [None, *part.section_ids],
                }
            )
        )
    return pl.concat(parts)
