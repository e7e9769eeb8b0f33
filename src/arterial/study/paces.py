"""Paced trains: one stated train that leaves again and again, as trains of their own.

Main function: :func:`expand_paces`. A repetition is named after the train and its departure, so
that its id stays when the pace around it changes: ``R1-0730``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import polars as pl

from arterial.clock_faces import read_face_s, write_face
from arterial.units import DAY_S, MINUTE_S

__all__ = [
    "MOST_REPETITIONS",
    "Family",
    "expand_paces",
    "list_departures",
    "list_families",
    "name_repetitions",
]

MOST_REPETITIONS: Final = 2_880
"""Repetitions of a train a day: one every half minute [1]."""

Row = Mapping[str, Any]


def expand_paces(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Tables in which every repetition of a paced train stands as a train.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``paced_trains``, ``trains``, ``train_stops`` and any others; of ``train_parts`` the
        repetitions get their own, numbered as they are.

    Returns
    -------
    dict of str to DataFrame
        The tables; a train that stands there already, such as the paced train itself, is not
        repeated, so that what was expanded once stays as it is.
    """
    paces = frames["paced_trains"]
    if paces.is_empty():
        return dict(frames)
    trains = {row["train_id"]: row for row in frames["trains"].iter_rows(named=True)}
    stops: dict[str, list[Row]] = {}
    wanted = set(paces["train_id"].to_list())
    paced = frames["train_stops"].filter(pl.col("train_id").is_in(sorted(wanted)))
    for row in paced.sort("train_id", "sequence").iter_rows(named=True):
        stops.setdefault(row["train_id"], []).append(row)
    parts = frames["train_parts"].rows(named=True) if "train_parts" in frames else []
    new_trains: dict[str, Row] = {}
    new_stops: list[Row] = []
    new_parts: list[Row] = []
    for pace in paces.iter_rows(named=True):
        own = stops.get(pace["train_id"], [])
        if pace["train_id"] not in trains or not own or own[0]["departure"] is None:
            continue
        leaves_s = read_face_s(own[0]["departure"]) + (own[0]["departure_day"] or 0) * DAY_S
        for at_s in list_departures(pace):
            name = _name_repetition(pace["train_id"], at_s)
            if at_s == leaves_s or name in trains or name in new_trains:
                continue
            train = trains[pace["train_id"]]
            departure = name.rpartition("-")[2]
            number = f"{train['number']}-{departure}"
            new_trains[name] = {**train, "train_id": name, "number": number}
            new_parts += [
                {
                    **part,
                    "train_id": name,
                    "number": part["number"] and f"{part['number']}-{departure}",
                }
                for part in parts
                if part["train_id"] == pace["train_id"]
            ]
            new_stops += [_shift_stop(stop, name, at_s - leaves_s, stop is own[0]) for stop in own]
    found = dict(frames)
    made_rows = {"trains": list(new_trains.values()), "train_stops": new_stops}
    if new_parts:
        made_rows["train_parts"] = new_parts
    for table, rows in made_rows.items():
        made = pl.DataFrame(rows, schema=frames[table].schema)
        found[table] = pl.concat([frames[table], made])
    return found


def name_repetitions(
    frames: Mapping[str, pl.DataFrame],
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Ids and clock times that the repetitions of each pace bear, the train itself left out.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``paced_trains`` and ``train_stops``.

    Returns
    -------
    dict
        By train and first departure of the pace: id and local clock time of each repetition.
    """
    first = (
        frames["train_stops"]
        .sort("train_id", "sequence")
        .unique("train_id", keep="first", maintain_order=True)
    )
    leaves = {
        row["train_id"]: read_face_s(row["departure"]) + (row["departure_day"] or 0) * DAY_S
        for row in first.iter_rows(named=True)
        if row["departure"] is not None
    }
    needed = ("train_id", "first_departure", "last_departure", "every_min")
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for pace in frames["paced_trains"].iter_rows(named=True):
        if any(pace[name] is None for name in needed) or pace["train_id"] not in leaves:
            continue
        found[pace["train_id"], pace["first_departure"]] = [
            (_name_repetition(pace["train_id"], at_s), write_face(at_s))
            for at_s in list_departures(pace)
            if at_s != leaves[pace["train_id"]]
        ]
    return found


class Family(NamedTuple):
    """A train with the repetitions of its paces.

    Attributes
    ----------
    train_ids : tuple of str
        The train itself first.
    every_s : float
        Least time between two of them [s].
    """

    train_ids: tuple[str, ...]
    every_s: float


def list_families(frames: Mapping[str, pl.DataFrame]) -> dict[str, Family]:
    """Paced trains with their repetitions.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``paced_trains`` and ``train_stops``.

    Returns
    -------
    dict of str to Family
        By train; those without a pace are left out.
    """
    paces = frames["paced_trains"].drop_nulls(["train_id", "every_min"])
    least = dict(paces.group_by("train_id").agg(pl.col("every_min").min()).iter_rows())
    ids: dict[str, dict[str, None]] = {}
    for (train, _), made in name_repetitions(frames).items():
        ids.setdefault(train, {train: None}).update({name: None for name, _ in made})
    return {train: Family(tuple(names), least[train] * MINUTE_S) for train, names in ids.items()}


def _name_repetition(train_id: str, at_s: int) -> str:
    return f"{train_id}-{write_face(at_s).replace(':', '')}"


def list_departures(pace: Row) -> Iterator[int]:
    """Departures of a pace after midnight of its operating day, the first ones only [s].

    Parameters
    ----------
    pace : mapping
        Row of ``paced_trains``.

    Yields
    ------
    int
        No more than `MOST_REPETITIONS` [s].
    """
    first_s, last_s = read_face_s(pace["first_departure"]), read_face_s(pace["last_departure"])
    if last_s < first_s:
        last_s += DAY_S
    step_s = max(round(pace["every_min"] * MINUTE_S), 1)
    count = min((last_s - first_s) // step_s + 1, MOST_REPETITIONS)
    for number in range(count):
        yield first_s + number * step_s


def _shift_stop(stop: Row, name: str, shift_s: int, is_first: bool) -> Row:  # noqa: FBT001
    """A stop of a repetition; where no day is stated, none is but at the first stop."""
    row = {**stop, "train_id": name}
    for column in ("arrival", "departure"):
        face, day = stop[column], stop[f"{column}_day"]
        if face is None:
            continue
        at_s = read_face_s(face) + (day or 0) * DAY_S + shift_s
        row[column] = write_face(at_s)
        if day is not None or (is_first and column == "departure"):
            row[f"{column}_day"] = at_s // DAY_S
    return row
