"""Work sites: an asset and a work that suits it, with what the work takes.

Main functions: `list_sites` and `bundle_sites`. Sites of one stretch (a kilometre of track, a
turnout and an embankment on it) are bundled: at most one work of each asset, and those done
together share the set-up of one possession.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.limits import list_pools, list_possessions
from arterial.study.settings import SITE_MARK
from arterial.study.tables import split_list
from arterial.units import KM_TO_M

__all__ = ["Bundles", "WorkSites", "bundle_sites", "list_sites"]

Tables = Mapping[str, pl.DataFrame]
Floats = NDArray[np.float64]

ASSUMED_LENGTH_KM: Final = 1.0
ATTACHED_KINDS: Final = ("turnout", "embankment")
"""Kinds that are bundled with the track on which they lie, one of each."""

ROUNDING: Final = 1e-9
MOST_MEMBERS: Final = 1 + len(ATTACHED_KINDS)


@dataclass(frozen=True, kw_only=True)
class WorkSites:
    """Sites and what their works take.

    Parameters
    ----------
    frame : DataFrame
        One row a site: ``site_id``, ``asset_id``, ``work_id``, ``kind``, ``section_id``,
        ``from_offset_m``, ``to_offset_m``, ``amount`` (units or kilometres), ``age_share_left``,
        ``labour_h``, ``possession_h``, ``setup_h``, ``cost`` (0 where none is stated),
        ``is_priced`` (whether all of it is), ``duration_months``,
        ``needs_work_id`` and ``asset`` (row of the register).
    material : ndarray
        Units of each material, ``(n_sites, n_materials)``.
    material_ids : tuple of str
        The materials.
    """

    frame: pl.DataFrame
    material: Floats
    material_ids: tuple[str, ...]

    def take(self, places: NDArray[np.intp]) -> "WorkSites":
        """Some of the sites."""
        return WorkSites(
            frame=self.frame[places],
            material=self.material[places],
            material_ids=self.material_ids,
        )


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """Choices: at most one option of each bundle is done.

    Parameters
    ----------
    first_option : ndarray
        Options of bundle i are first_option[i] to first_option[i + 1] - 1, ``(n_bundles + 1,)``.
    members : ndarray
        Sites that an option does together, -1 = none, ``(n_options, 3)``.
    """

    first_option: NDArray[np.int32]
    members: NDArray[np.int32]


def list_sites(tables: Tables, register: pl.DataFrame) -> WorkSites:
    """Every asset with each work that suits it and takes wear away.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``work_kinds``, ``work_materials`` and ``materials``, with their defaults.
    register : DataFrame
        What `arterial.assets.register.build_register` gives.

    Returns
    -------
    WorkSites
        In the order of the register and of the works. A work that leaves the whole age, or of
        which that is not known, gains nothing and has no site.
    """
    assets = register.with_row_index("asset").select(
        pl.col("asset").cast(pl.Int64),
        "asset_id",
        "kind",
        "section_id",
        "from_offset_m",
        "to_offset_m",
        pl.col("units_count").fill_null(1).cast(pl.Float64),
        ((pl.col("to_offset_m") - pl.col("from_offset_m")) / KM_TO_M)
        .fill_null(ASSUMED_LENGTH_KM)
        .alias("length_km"),
        "material",
    )
    works = tables["work_kinds"].with_row_index("work_row")
    parts = [_match_work(assets, work) for work in works.iter_rows(named=True) if _gains(work)]
    material_ids = tuple(sorted(set(tables["work_materials"]["material_id"].to_list())))
    if not parts:
        empty = _match_work(assets.clear(), _EMPTY_WORK)
        return WorkSites(
            frame=empty, material=np.zeros((0, len(material_ids))), material_ids=material_ids
        )
    frame = _spread_works(pl.concat(parts).sort("asset", "work_row", maintain_order=True), tables)
    material = _find_materials(frame, tables, material_ids)
    prices = dict(tables["materials"].select("material_id", "unit_cost").iter_rows())
    price = np.array([prices.get(name) or 0.0 for name in material_ids])
    unpriced = np.array([prices.get(name) is None for name in material_ids], dtype=bool)
    is_whole = ~(material[:, unpriced] > 0).any(axis=1)
    frame = frame.with_columns(
        pl.col("cost") + pl.Series(material @ price), pl.col("is_priced") & pl.Series(is_whole)
    )
    return WorkSites(frame=frame, material=material, material_ids=material_ids)


def bundle_sites(sites: WorkSites) -> Bundles:
    """Sites that share a possession, and the options of each bundle.

    A kilometre of track takes the first turnout and the first embankment that begin on it. A work
    that needs another first is done only together with it, where that one has a site in the bundle.

    Parameters
    ----------
    sites : WorkSites
        The sites.

    Returns
    -------
    Bundles
        In the order of the first site of each bundle.
    """
    frame = sites.frame
    by_asset: dict[int, list[int]] = {}
    for row, asset in enumerate(frame["asset"].to_list()):
        by_asset.setdefault(asset, []).append(row)
    needs, works = frame["needs_work_id"].to_list(), frame["work_id"].to_list()
    first, members = [0], []
    for group in _group_assets(frame):
        options = list(_combine([by_asset[asset] for asset in group], needs, works))
        members += [(*option, *[-1] * (MOST_MEMBERS - len(option))) for option in options]
        first.append(len(members))
    return Bundles(
        first_option=np.array(first, dtype=np.int32),
        members=np.array(members, dtype=np.int32).reshape(-1, MOST_MEMBERS),
    )


_EMPTY_WORK: Final[Mapping[str, Any]] = {
    "work_row": 0,
    "work_id": "",
    "kind": "",
    "per": "unit",
    "materials": None,
    "labour_h": 0.0,
    "possession_h": 0.0,
    "setup_possession_h": 0.0,
    "duration_months": 1,
    "cost": None,
    "age_share_left": 0.0,
    "needs_work_id": None,
}


def _gains(work: Mapping[str, Any]) -> bool:
    """Whether a work takes wear away."""
    return work["age_share_left"] is not None and work["age_share_left"] < 1.0


def _match_work(assets: pl.DataFrame, work: Mapping[str, Any]) -> pl.DataFrame:
    """Sites of one work."""
    suits = pl.col("kind") == work["kind"]
    if materials := split_list(work["materials"]):
        suits &= pl.col("material").is_in(list(materials))
    length = pl.col("length_km") if work["per"] == "km" else pl.lit(1.0)
    amount = pl.col("units_count") * length
    setup_h = work["setup_possession_h"] or 0.0
    return assets.filter(suits).select(
        pl.concat_str("asset_id", pl.lit(SITE_MARK + work["work_id"])).alias("site_id"),
        "asset_id",
        pl.lit(work["work_id"], dtype=pl.String).alias("work_id"),
        "kind",
        "section_id",
        "from_offset_m",
        "to_offset_m",
        amount.alias("amount"),
        pl.lit(work["age_share_left"], dtype=pl.Float64).alias("age_share_left"),
        (amount * work["labour_h"]).alias("labour_h"),
        # The set-up is needed once, however much is done behind it.
        (amount * (work["possession_h"] - setup_h) + setup_h).alias("possession_h"),
        pl.lit(setup_h, dtype=pl.Float64).alias("setup_h"),
        (amount * (work["cost"] or 0.0)).alias("cost"),
        pl.lit(work["cost"] is not None, dtype=pl.Boolean).alias("is_priced"),
        pl.lit(work["duration_months"], dtype=pl.Int64).alias("duration_months"),
        pl.lit(work["needs_work_id"], dtype=pl.String).alias("needs_work_id"),
        "asset",
        pl.lit(work["work_row"], dtype=pl.Int64).alias("work_row"),
    )


def _spread_works(frame: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Works of no stated duration over as many months as possession and gangs ask for.

    Each month's possession has its own set-up. What does not fit however long it takes stays in one
    month, where it is told that it does not fit.
    """
    if not frame["duration_months"].has_nulls():
        return frame
    pools, limits = list_pools(tables), list_possessions(tables, frame)
    sections = frame["section_id"].to_list()
    gangs_h = np.array(
        [pools.amount[pools.by_section[s]] if s in pools.by_section else np.inf for s in sections]
    )
    closed_h = np.array([limits.amount[limits.by_section[s]] for s in sections])
    labour_h, setup_h = frame["labour_h"].to_numpy(), frame["setup_h"].to_numpy()
    behind_h, room_h = frame["possession_h"].to_numpy() - setup_h, closed_h - setup_h
    fits = (room_h > 0) & (gangs_h > 0)
    needed = [
        np.divide(behind_h, room_h, where=fits, out=np.ones(frame.height)),
        np.divide(labour_h, gangs_h, where=fits, out=np.ones(frame.height)),
    ]
    months = np.maximum(np.ceil(np.maximum(*needed) - ROUNDING), 1.0)
    is_open = frame["duration_months"].is_null().to_numpy()
    whole_h = np.where(is_open, behind_h + months * setup_h, behind_h + setup_h)
    return frame.with_columns(
        pl.col("duration_months").fill_null(pl.Series(months).cast(pl.Int64)),
        pl.Series("possession_h", whole_h),
    )


def _find_materials(frame: pl.DataFrame, tables: Tables, material_ids: tuple[str, ...]) -> Floats:
    """Units of each material that each site takes."""
    material = np.zeros((frame.height, len(material_ids)))
    works, amount = frame["work_id"], frame["amount"].to_numpy()
    for row in tables["work_materials"].iter_rows(named=True):
        here = (works == row["work_id"]).to_numpy()
        material[here, material_ids.index(row["material_id"])] += amount[here] * row["quantity"]
    return material


def _group_assets(frame: pl.DataFrame) -> list[list[int]]:
    """Assets that are bundled, each asset once."""
    assets = frame.unique("asset", maintain_order=True)
    owner = {asset: [asset] for asset in assets["asset"].to_list()}
    for _, here in assets.group_by("section_id", maintain_order=True):
        track = here.filter(pl.col("kind") == "track").sort("from_offset_m")
        if track.is_empty():
            continue
        starts, names = track["from_offset_m"].to_numpy(), track["asset"].to_list()
        for kind in ATTACHED_KINDS:
            taken: set[int] = set()
            rows = here.filter(pl.col("kind") == kind).select("asset", "from_offset_m")
            for asset, offset in rows.iter_rows():
                place = max(int(np.searchsorted(starts, offset or 0.0, side="right")) - 1, 0)
                if names[place] not in taken:
                    taken.add(names[place])
                    owner[names[place]].append(asset)
                    del owner[asset]
    return list(owner.values())


def _combine(
    works_of: Sequence[Sequence[int]], needs: Sequence[str | None], works: Sequence[str]
) -> Iterator[tuple[int, ...]]:
    """Choices of at most one work of each asset, those left out whose needed work is left out."""
    there = {works[row] for rows in works_of for row in rows}
    for choice in product(*[(-1, *rows) for rows in works_of]):
        option = tuple(row for row in choice if row >= 0)
        done = {works[row] for row in option}
        if option and all(needs[row] not in there or needs[row] in done for row in option):
            yield option
