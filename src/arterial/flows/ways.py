"""The way of each coach service over its host trains, for the check of compatibility."""

from collections.abc import Mapping

import polars as pl

from arterial.flows.train_runs import find_train_route
from arterial.network import Network
from arterial.network.cutting import cut_route

__all__ = ["list_coach_ways"]


def list_coach_ways(network: Network, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The way of each coach service, point by point over all its legs.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        Study tables.

    Returns
    -------
    DataFrame
        service_id, train_id, point_id, section_id (the one that leads to the point; null where a
        leg begins).
    """
    trains = {row["train_id"]: row for row in tables["trains"].iter_rows(named=True)}
    ways = {name: find_train_route(network, tables, trains[name]).route for name in _hosts(tables)}
    parts = []
    for leg in tables["coach_legs"].sort("service_id", "sequence").iter_rows(named=True):
        part = cut_route(ways[leg["train_id"]], leg["from_point"], leg["to_point"])
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


def _hosts(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Trains that carry a coach."""
    names: list[str] = tables["coach_legs"]["train_id"].unique(maintain_order=True).to_list()
    return names
