"""Long assets cut into lengths that a gang can work at.

The main function is `cut_assets`. A row of 20 km of track is no one work: what is done to it is
done kilometre by kilometre. So the campaign of a register of long rows is that of a register of
rows of a kilometre, whichever was written down.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.study import Study, apply_defaults, sample_tables
from arterial.study.tables import split_list

__all__ = ["WORKABLE_M", "count_pieces", "cut_assets", "name_pieces", "sample_pieces"]

Tables = Mapping[str, pl.DataFrame]

WORKABLE_M: Final = 1000.0
"""Length that is worked at as one; assumed [m]."""

PIECE_MARK: Final = "/"
"""Between the id of a row of the register and the number of its piece."""


def cut_assets(tables: Tables, stated: Tables | None = None) -> dict[str, pl.DataFrame]:
    """Tables of a study whose long assets are cut into pieces of like length, about a kilometre.

    An asset is cut where every work that suits it and takes wear away counts by the kilometre; what
    is done by the unit is done to the whole. What is stated of an asset holds for each piece.

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
    counts, parts = count_pieces(known), _count_parts(known)
    cut = dict(tables)
    if any(part > 1 for part in parts):
        pieces = pl.Series(parts, dtype=pl.Float64)
        cut["asset_densities"] = tables["asset_densities"].with_columns(
            pl.col("units_per_km") * pieces, pl.col("unit_length_m") / pieces
        )
    if counts:
        cut["assets"] = _cut_rows(tables["assets"], counts)
        cut["inspections"] = _repeat(tables["inspections"], counts).drop("piece", "count")
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
    names = ("assets", "asset_densities", "work_kinds")
    stated = {name: apply_defaults(study, name) for name in names}
    return cut_assets(sample_tables(study, draw), stated)


def count_pieces(tables: Tables) -> dict[str, int]:
    """Pieces of each row of ``assets`` that is cut, by its id.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``assets`` and ``work_kinds``, with their defaults.
    """
    length = pl.col("to_offset_m") - pl.col("from_offset_m")
    count = (length / WORKABLE_M).round().cast(pl.Int64)
    long = tables["assets"].select("asset_id", "kind", "material", count.alias("count"))
    works = tables["work_kinds"].to_dicts()
    return {
        asset_id: number
        for asset_id, kind, material, number in long.filter(pl.col("count") > 1).iter_rows()
        if _is_cut(works, kind, material)
    }


def name_pieces(names: Collection[str], pieces: Mapping[str, int], mark: str) -> list[str]:
    """Names of assets, or of sites as asset, mark and work, with pieces for each that is cut.

    Parameters
    ----------
    names : collection of str
        Names of rows of the register.
    pieces : mapping of str to int
        What `count_pieces` gives.
    mark : str
        Between the asset and the work of a site.

    Examples
    --------
    >>> name_pieces(["T:RENEW", "B"], {"T": 2}, ":")
    ['T/001:RENEW', 'T/002:RENEW', 'B']
    """
    named = []
    for name in names:
        asset, _, work = name.partition(mark)
        count = pieces.get(name if name in pieces else asset, 0)
        whole, rest = (name, "") if name in pieces else (asset, mark + work if work else "")
        named += [f"{whole}{_suffix(k)}{rest}" for k in range(1, count + 1)] or [name]
    return named


def _suffix(number: int) -> str:
    return f"{PIECE_MARK}{number:03d}"


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


def _count_parts(tables: Tables) -> list[int]:
    """Pieces of a unit of each density."""
    works = tables["work_kinds"].to_dicts()
    rows = tables["asset_densities"].select("kind", "material", "unit_length_m").iter_rows()
    return [
        max(round(length_m / WORKABLE_M), 1) if length_m and _is_cut(works, kind, material) else 1
        for kind, material, length_m in rows
    ]


def _repeat(rows: pl.DataFrame, pieces: Mapping[str, int]) -> pl.DataFrame:
    """Rows once for each piece of their asset, with the number of the piece and their count."""
    known = pl.DataFrame(
        {"asset_id": list(pieces), "count": list(pieces.values())},
        schema={"asset_id": pl.String, "count": pl.Int64},
    )
    joined = rows.join(known, on="asset_id", how="left", maintain_order="left")
    numbered = joined.with_columns(
        pl.int_ranges(1, pl.col("count").fill_null(1) + 1).alias("piece")
    ).explode("piece")
    name = pl.col("asset_id") + PIECE_MARK + pl.col("piece").cast(pl.String).str.zfill(3)
    return numbered.with_columns(
        pl.when(pl.col("count").is_null()).then("asset_id").otherwise(name).alias("asset_id")
    )


def _cut_rows(assets: pl.DataFrame, pieces: Mapping[str, int]) -> pl.DataFrame:
    """Rows of ``assets``, each long one as its pieces."""
    begin, end = pl.col("from_offset_m"), pl.col("to_offset_m")
    step = (end - begin) / pl.col("count").fill_null(1)
    number = pl.col("piece")
    return (
        _repeat(assets, pieces)
        .with_columns(
            (begin + step * (number - 1)).alias("from_offset_m"),
            pl.when(pl.col("count").is_null())
            .then(end)
            .otherwise(begin + step * number)
            .alias("to_offset_m"),
        )
        .drop("piece", "count")
    )
