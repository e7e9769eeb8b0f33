"""Links between trains: one leaves after another has come, or both stand together.

Main functions: :func:`read_train_links` and :func:`bind_request`, which turns the links of a train
into limits on its path once the other train has one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from arterial.timetable.paths.requests import NO_LIMIT_S, PathRequest, TrainPath
from arterial.units import MINUTE_S

__all__ = ["LinkKind", "TrainLink", "bind_request", "hold_other", "read_train_links"]


class LinkKind(StrEnum):
    """How two trains are linked at a point."""

    AFTER = "after"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class TrainLink:
    """A link of a train to another one, such as the hand-over of a through coach.

    Parameters
    ----------
    link_id : str
        The link.
    train_id, other_train_id : str
        The train that is bound, and the train it is bound to.
    point_id : str
        Where.
    kind : LinkKind
        ``after``: it leaves at least `least_s` after the other's arrival; ``together``: both stand
        there at once for at least `least_s`.
    least_s : int
        Time that the link needs [s].
    """

    link_id: str
    train_id: str
    other_train_id: str
    point_id: str
    kind: LinkKind
    least_s: int


def read_train_links(
    train_links: pl.DataFrame, path_ids: Mapping[str, Iterable[str]]
) -> tuple[TrainLink, ...]:
    """Links between the paths of one day, from the links between trains.

    Parameters
    ----------
    train_links : DataFrame
        Table ``train_links``.
    path_ids : mapping of str to iterable of str
        Paths of each train; every path of the one is linked to the first path of the other.

    Returns
    -------
    tuple of TrainLink
        Links between paths that exist.
    """
    return tuple(
        TrainLink(
            link_id=row["link_id"],
            train_id=path_id,
            other_train_id=other_id,
            point_id=row["point_id"],
            kind=LinkKind(row["kind"]),
            least_s=round((row["minimum_min"] or 0) * MINUTE_S),
        )
        for row in train_links.sort("link_id").iter_rows(named=True)
        for other_id in list(path_ids.get(row["other_train_id"], ()))[:1]
        for path_id in path_ids.get(row["train_id"], ())
    )


def bind_request(
    request: PathRequest, links: Iterable[TrainLink], paths: Mapping[str, TrainPath]
) -> PathRequest:
    """The request with the limits that its links set, as far as the other trains have paths.

    Parameters
    ----------
    request : PathRequest
        What is asked for.
    links : iterable of TrainLink
        Links of this train.
    paths : mapping of str to TrainPath
        Paths that stand.

    Returns
    -------
    PathRequest
        The bound request; links to trains without a path, or at a point off the way of either
        train, bind nothing.
    """
    for link in links:
        other = paths.get(link.other_train_id)
        if other is None or link.train_id != request.train_id:
            continue
        if link.point_id not in request.points or link.point_id not in other.request.points:
            continue
        there = other.request.points.index(link.point_id)
        latest_at_s = NO_LIMIT_S
        if link.kind is LinkKind.TOGETHER:
            latest_at_s = int(other.departure_s[there]) - link.least_s
            # Nobody can stand together with a train that itself stands too short.
            if latest_at_s < int(other.arrival_s[there]):
                latest_at_s = -NO_LIMIT_S
        request = request.limit_point(
            request.points.index(link.point_id),
            earliest_at_s=int(other.arrival_s[there]) + link.least_s,
            latest_at_s=latest_at_s,
            dwell_s=link.least_s if link.kind is LinkKind.TOGETHER else 0,
        )
    return request


def hold_other(request: PathRequest, link: TrainLink) -> PathRequest:
    """The request of the other train of a link, standing long enough for it.

    Parameters
    ----------
    request : PathRequest
        What the other train asks for.
    link : TrainLink
        The link.

    Returns
    -------
    PathRequest
        With a stop of the time that the link needs, where both must stand together.
    """
    if link.kind is not LinkKind.TOGETHER or link.point_id not in request.points:
        return request
    return request.limit_point(
        request.points.index(link.point_id),
        earliest_at_s=-NO_LIMIT_S,
        latest_at_s=NO_LIMIT_S,
        dwell_s=link.least_s,
    )
