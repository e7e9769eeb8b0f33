"""Assets of a register laid out in lengths that a gang can work at.

The main function is `cut_assets`. A row of 20 km of track is no one work: what is done to it is
done kilometre by kilometre. And four rows of 250 m that lie end to end and are alike are no four
works: a gang sets up once and does them together. So the campaign of a register of long or short
rows is that of a register of rows of a kilometre, whichever was written down.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl

from arterial.study import Study, apply_defaults, sample_tables
from arterial.study.tables import split_list
from arterial.units import KM_TO_M

__all__ = ["WORKABLE_M", "cut_assets", "list_pieces", "name_pieces", "sample_pieces"]

Tables = Mapping[str, pl.DataFrame]

WORKABLE_M: Final = 1000.0
"""Length that is worked at as one; assumed [m]."""

PIECE_MARK: Final = "/"
"""Between the id of a row of the register and the number of its piece."""

TOUCH_M: Final = 1.0
"""Rows that lie no farther apart lie end to end [m]."""

COVERS: Final = 0.999
"""Share of its line that a density covers to count as one stretch without gaps."""

PHYSICAL: Final = (
    "section_id",
    "kind",
    "material",
    "is_powered",
    "units_count",
    "age_y",
    "installed",
    "state",
    "defect_share",
    "annual_tonnage_mgt",
    "point_id",
)
"""Columns in which rows are alike that are worked at as one."""


def cut_assets(tables: Tables, stated: Tables | None = None) -> dict[str, pl.DataFrame]:
    """Tables of a study whose assets are laid out in pieces of like length, about a kilometre.

    An asset is cut where every work that suits it and takes wear away counts by the kilometre; what
    is done by the unit is done to the whole. What is stated of an asset holds for each piece. Rows
    that lie end to end and of which the same is known are one stretch before it is cut.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables.
    stated : mapping of str to DataFrame, optional
        Tables with their defaults that say what is cut, where `tables` are drawn.

    Returns
    -------
    dict of str to DataFrame
        All tables, with ``assets``, ``asset_densities`` and ``inspections`` cut.
    """
    known = tables if stated is None else stated
    pieces, parts = list_pieces(known), _count_parts(known)
    cut = dict(tables)
    if any(part != 1 for part in parts):
        shares = pl.Series(parts, dtype=pl.Float64)
        cut["asset_densities"] = tables["asset_densities"].with_columns(
            pl.col("units_per_km") * shares, pl.col("unit_length_m") / shares
        )
    if not pieces.is_empty():
        cut["assets"] = _lay_out(tables["assets"], pieces).select(tables["assets"].columns)
        inspections = tables["inspections"]
        cut["inspections"] = _lay_out(inspections, pieces).select(inspections.columns)
    return cut


def sample_pieces(study: Study, draw: int) -> dict[str, pl.DataFrame]:
    """Input tables of one draw, cut as those of the best values: pieces of a row share its draw.

    Parameters
    ----------
    study : Study
        The study.
    draw : int
        Number of the draw.
    """
    names = ("assets", "asset_densities", "estimates", "inspections", "work_kinds")
    stated = {name: apply_defaults(study, name) for name in names}
    return cut_assets(sample_tables(study, draw), stated)


def list_pieces(tables: Tables) -> pl.DataFrame:
    """Pieces of the rows of ``assets`` that are not worked at as they stand.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``assets``, ``inspections``, ``estimates`` and ``work_kinds``, with their defaults.

    Returns
    -------
    DataFrame
        ``asset_id`` of a row, ``piece_id``, its ``from_m`` and ``to_m`` on the section [m], and
        ``is_begin``: whether the piece begins on the row. A row without a piece stays as it is;
        one with pieces that all begin before it is part of them.
    """
    works = tables["work_kinds"].to_dicts()
    rows = []
    for names, begins, ends in _list_stretches(tables, works):
        rows += _cut_stretch(names, begins, ends)
    schema = {
        "asset_id": pl.String,
        "piece_id": pl.String,
        "from_m": pl.Float64,
        "to_m": pl.Float64,
        "is_begin": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def name_pieces(names: Collection[str], pieces: pl.DataFrame, mark: str) -> list[str]:
    """Names of assets, or of sites as asset, mark and work, with pieces for each that is cut.

    Parameters
    ----------
    names : collection of str
        Names of rows of the register.
    pieces : DataFrame
        What `list_pieces` gives.
    mark : str
        Between the asset and the work of a site.

    Examples
    --------
    >>> pieces = pl.DataFrame({"asset_id": ["T", "T"], "piece_id": ["T/001", "T/002"]})
    >>> name_pieces(["T:RENEW", "B"], pieces, ":")
    ['T/001:RENEW', 'T/002:RENEW', 'B']
    """
    of_row: dict[str, list[str]] = defaultdict(list)
    for asset_id, piece_id in pieces.select("asset_id", "piece_id").iter_rows():
        of_row[asset_id].append(piece_id)
    named = []
    for name in names:
        asset, _, work = name.partition(mark)
        whole, rest = (name, "") if name in of_row else (asset, mark + work if work else "")
        named += [f"{piece}{rest}" for piece in of_row.get(whole, ())] or [name]
    return list(dict.fromkeys(named))


def _is_cut(works: Sequence[Mapping[str, Any]], kind: str, material: str | None) -> bool:
    """Whether all works that suit an asset and take wear away count by the kilometre."""
    suiting = [
        work["per"] == "km"
        for work in works
        if work["kind"] == kind
        and work["age_share_left"] is not None
        and work["age_share_left"] < 1.0
        and (not work["materials"] or material in split_list(work["materials"]))
    ]
    return bool(suiting) and all(suiting)


def _count_parts(tables: Tables) -> list[float]:
    """Pieces of a unit of each density; below 1 where units side by side are one piece."""
    works = tables["work_kinds"].to_dicts()
    columns = ("kind", "material", "unit_length_m", "units_per_km")
    parts = []
    for kind, material, length_m, per_km in tables["asset_densities"].select(columns).iter_rows():
        part = 1.0
        if length_m and _is_cut(works, kind, material):
            covers = (per_km or 0.0) * length_m >= COVERS * KM_TO_M
            # Short stretches with gaps between them are no whole kilometre.
            part = length_m / WORKABLE_M if covers else float(max(round(length_m / WORKABLE_M), 1))
            part = float(round(part)) if part >= 1.0 else part
        parts.append(part)
    return parts


_Stretch = tuple[list[str], list[float], list[float]]


def _list_stretches(tables: Tables, works: Sequence[Mapping[str, Any]]) -> list[_Stretch]:
    """Rows that lie end to end and are alike: their ids, begins and ends [m]."""
    assets = tables["assets"]
    if assets.is_empty():
        return []
    kinds = assets.select("kind", "material").unique().rows()
    is_cut = {each: _is_cut(works, *each) for each in kinds}
    told = _list_told(tables)
    open_at: dict[tuple[Any, ...], list[_Stretch]] = defaultdict(list)
    columns = ("asset_id", "from_offset_m", "to_offset_m", *PHYSICAL)
    frame = assets.select(columns).sort("from_offset_m", maintain_order=True)
    for name, begin, end, *known in frame.iter_rows():
        kind, material = known[1], known[2]
        if not is_cut[kind, material] or begin is None or end is None or end <= begin:
            continue
        alike = open_at[(*known, told.get(name))]
        # Rows of two tracks lie side by side: each goes on at its own end.
        behind = next((each for each in alike if abs(each[2][-1] - begin) <= TOUCH_M), None)
        if behind is None:
            alike.append(([name], [begin], [end]))
        else:
            behind[0].append(name)
            behind[1].append(begin)
            behind[2].append(end)
    return [each for alike in open_at.values() for each in alike]


def _list_told(tables: Tables) -> dict[str, tuple[Any, ...]]:
    """What inspections and estimates tell of a row of ``assets``, by its id."""
    told: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    found = tables["inspections"].select("asset_id", "inspected_on", "state", "defect_share")
    for name, *each in found.iter_rows():
        told[name].append(tuple(each))
    if "estimates" in tables:
        ranges = tables["estimates"].filter(table="assets")
        for name, *each in ranges.select("key", "attribute", "low", "high", "shape").iter_rows():
            told[name].append(tuple(each))
    return {name: tuple(sorted(each, key=repr)) for name, each in told.items()}


def _cut_stretch(
    names: Sequence[str], begins: Sequence[float], ends: Sequence[float]
) -> list[tuple[str, str, float, float, bool]]:
    """Rows of `list_pieces` for one stretch; none where each row is a piece."""
    length_m = ends[-1] - begins[0]
    count = max(int(length_m / WORKABLE_M + 0.5), 1)
    edges = (begins[0] + length_m / count * np.arange(count + 1)).tolist()
    if count == len(names) and np.allclose(edges[:-1], begins, rtol=0.0, atol=TOUCH_M):
        return []
    rows, number = [], dict.fromkeys(names, 0)
    for from_m, to_m in pairwise(edges):
        first = max(int(np.searchsorted(begins, from_m + TOUCH_M)) - 1, 0)
        last = max(int(np.searchsorted(begins, to_m - TOUCH_M)) - 1, first)
        number[names[first]] += 1
        piece = f"{names[first]}{PIECE_MARK}{number[names[first]]:03d}"
        if np.allclose((from_m, to_m), (begins[first], ends[first]), rtol=0.0, atol=TOUCH_M):
            piece = names[first]
        rows += [
            (name, piece, from_m, to_m, place == first)
            for place, name in enumerate(names[first : last + 1], first)
        ]
    return rows


def _lay_out(frame: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table by asset, those of assets with pieces once for each that begins on them."""
    is_part = pl.col("asset_id").is_in(pieces["asset_id"].unique().implode())
    begun = pieces.filter("is_begin").drop("is_begin")
    laid = frame.with_row_index("row")
    parts = laid.filter(is_part).join(begun, on="asset_id", maintain_order="left_right")
    renamed = parts.drop("asset_id").rename({"piece_id": "asset_id"})
    if "from_offset_m" in frame.columns:
        renamed = renamed.with_columns(from_offset_m="from_m", to_offset_m="to_m")
    columns = ["row", *frame.columns]
    whole = pl.concat([laid.filter(~is_part).select(columns), renamed.select(columns)])
    return whole.sort("row", maintain_order=True).drop("row")
