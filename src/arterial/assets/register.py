"""The register of assets: what a study states, completed from what is known of their number.

The main function is `build_register`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.placing import (
    Places,
    even_ranks,
    place_at_points,
    place_evenly,
    place_stretches,
    spread_ages,
    spread_shares,
)
from arterial.errors import LimitError
from arterial.network import Network, Section, build_network
from arterial.randomness import stream
from arterial.study.schema import load_schema
from arterial.study.tables import polars_schema
from arterial.units import DAYS_PER_YEAR, KM_TO_M

__all__ = [
    "EVEN",
    "MAXIMUM_ASSETS",
    "REGISTER_SCHEMA",
    "UNITS_AT_POINT",
    "build_register",
    "count_generated",
]

MAXIMUM_ASSETS: Final = 2_000_000
"""More generated assets than this are taken for a slip in a density."""

EVEN: Final = -2
"""Number of the picture in which what is not known is spread evenly, not drawn unit by unit."""

EVEN_SEED: Final = 2_062_025
"""Seed of the even picture, whatever that of the study: an even one is like any other."""

GOLDEN: Final = 0.618
"""Share of a rank by which the even ranks of neighbouring sections lie apart."""

UNITS_AT_POINT: Final[Mapping[str, int]] = {"turnout": 10, "signalling": 1}
"""Units of a kind that a point takes before others are spread between the points."""


REGISTER_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    **polars_schema(load_schema("assets")),
    "railway_id": pl.String(),
    "is_generated": pl.Boolean(),
    "basis": pl.String(),
}
"""Columns of the register: those of the table ``assets`` and what it adds."""

_NO_CONTACT_LINE: Final = frozenset({None, "none"})
_DIGITS: Final = 4
_LABELS: Final = ("section_id", "railway_id", "basis")
_INHERITED: Final = (
    "kind",
    "material",
    "is_powered",
    "annual_tonnage_mgt",
    "source_id",
    "grade",
)


@dataclass(frozen=True, slots=True)
class _Ground:
    """A section with its points, on which units are placed."""

    section: Section
    railway_id: str | None
    point_ids: tuple[str, ...]
    point_offsets_m: tuple[float, ...]

    @property
    def length_m(self) -> float:
        return self.section.length_km * KM_TO_M


@dataclass(frozen=True, slots=True)
class _Block:
    """Generated units of one kind on one section; ages and shares are NaN where unknown."""

    density: dict[str, Any]
    labels: tuple[str | None, ...]
    places: Places
    point_ids: list[str | None]
    ages_y: NDArray[np.float64]
    shares: NDArray[np.float64]


def build_register(
    tables: Mapping[str, pl.DataFrame], *, as_of: dt.date, seed: int, draw: int = -1
) -> pl.DataFrame:
    """Every asset of a study: its own rows, and rows generated from densities where it has none.

    A section that has no row of a kind in ``assets`` takes the most specific row of
    ``asset_densities`` (section before line before railway before all). Places follow named
    streams per section and kind: they hardly move when the density is drawn anew, and not at all
    when the study gains a section. Ages and shares of defective sleepers are drawn per draw.
    Contact lines are generated only on sections that have one; closed sections get nothing.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Input tables by name; ``sections``, ``line_points`` and ``operational_points`` place the
        assets.
    as_of : datetime.date
        Day on which ages count.
    seed : int
        Seed of the study.
    draw : int
        Number of the draw; -1 = the picture that is shown; `EVEN` = that with ages and shares of
        each section spread evenly over their ranges, the same for every seed.

    Returns
    -------
    polars.DataFrame
        Columns of `REGISTER_SCHEMA`, sorted by section as stated, kind and offset.

    Raises
    ------
    LimitError
        When the densities give more than `MAXIMUM_ASSETS`, or the draw is below `EVEN`.
    """
    if draw < EVEN:
        message = f"A draw is -1 for the picture that is shown, or 0 and more, not {draw}."
        raise LimitError(message)
    own = _read_own_rows(tables, as_of)
    densities = tables.get("asset_densities")
    if densities is None or densities.is_empty():
        return own
    chosen = _choose_densities(densities, build_network(tables), tables["sections"], own)
    _check_count(chosen)
    whole = pl.concat([own, _generate(chosen, seed, draw)])
    return _sort_register(whole, tables["sections"]["section_id"].to_list())


def count_generated(
    network: Network, tables: Mapping[str, pl.DataFrame], as_of: dt.date
) -> dict[str, int]:
    """How many assets densities give rise to, none of them made.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to polars.DataFrame
        Tables of the study.
    as_of : date
        Day of the study's evidence.

    Returns
    -------
    dict of str to int
        By what their ids begin with: section and kind.

    Raises
    ------
    LimitError
        When they are more than `MAXIMUM_ASSETS`.
    """
    own = _read_own_rows(tables, as_of)
    chosen = _choose_densities(tables["asset_densities"], network, tables["sections"], own)
    _check_count(chosen)
    return {
        f"{ground.section.section_id}.{density['kind']}": _count_units(ground, density)
        for ground, density in chosen
    }


def _read_own_rows(tables: Mapping[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Rows of the study's own register; ages follow from the day of installation."""
    own = tables.get("assets")
    if own is None or own.is_empty():
        return pl.DataFrame(schema=REGISTER_SCHEMA)
    railways = tables["sections"].select("section_id", "railway_id")
    installed_y = (pl.lit(as_of) - pl.col("installed")).dt.total_days() / DAYS_PER_YEAR
    frame = own.join(railways, on="section_id", how="left", maintain_order="left").with_columns(
        age_y=pl.coalesce(installed_y.clip(lower_bound=0.0), "age_y"),
        units_count=pl.col("units_count").fill_null(1),
        is_generated=pl.lit(value=False),
        basis=pl.lit("register"),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in REGISTER_SCHEMA.items())


def _list_grounds(network: Network, sections: pl.DataFrame) -> list[_Ground]:
    """Open sections with their points and offsets."""
    railways = dict(sections.select("section_id", "railway_id").iter_rows())
    places: list[list[tuple[int, float]]] = [[] for _ in network.sections]
    steps = (
        network.step_section.tolist(),
        network.step_from.tolist(),
        network.step_to.tolist(),
        (network.step_offset_km * KM_TO_M).tolist(),
        (network.step_length_km * KM_TO_M).tolist(),
    )
    for owner, begin, end, offset_m, length_m in zip(*steps, strict=True):
        if not places[owner]:
            places[owner].append((begin, offset_m))
        places[owner].append((end, offset_m + length_m))
    return [
        _Ground(
            section,
            railways.get(section.section_id),
            tuple(network.point_ids[point] for point, _ in points),
            tuple(offset_m for _, offset_m in points),
        )
        for section, points in zip(network.sections, places, strict=True)
        if section.is_open
    ]


def _choose_densities(
    densities: pl.DataFrame, network: Network, sections: pl.DataFrame, own: pl.DataFrame
) -> list[tuple[_Ground, dict[str, Any]]]:
    """The most specific row of each kind for each section without rows of its own."""
    rows = sorted(densities.to_dicts(), key=_specificity, reverse=True)
    stated = set(own.select("section_id", "kind").rows())
    chosen = []
    for ground in _list_grounds(network, sections):
        seen = {kind for section, kind in stated if section == ground.section.section_id}
        if ground.section.electrification in _NO_CONTACT_LINE:
            seen.add("catenary")
        for row in rows:
            if row["kind"] not in seen and _fits(row, ground):
                seen.add(row["kind"])
                chosen.append((ground, row))
    return chosen


def _specificity(row: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    return tuple(row[column] is not None for column in ("section_id", "line_id", "railway_id"))  # type: ignore[return-value]


def _fits(row: Mapping[str, Any], ground: _Ground) -> bool:
    return (
        row["section_id"] in {None, ground.section.section_id}
        and row["line_id"] in {None, ground.section.line_id}
        and row["railway_id"] in {None, ground.railway_id}
    )


def _count_units(ground: _Ground, density: Mapping[str, Any]) -> int:
    return int(float(density["units_per_km"]) * ground.section.length_km + 0.5)


def _check_count(chosen: Iterable[tuple[_Ground, dict[str, Any]]]) -> None:
    count = sum(_count_units(ground, density) for ground, density in chosen)
    if count > MAXIMUM_ASSETS:
        message = (
            f"The densities give {count:,} assets, more than {MAXIMUM_ASSETS:,}; "
            "correct units_per_km in tables/asset_densities.csv."
        )
        raise LimitError(message)


def _generate(
    chosen: Sequence[tuple[_Ground, dict[str, Any]]], seed: int, draw: int
) -> pl.DataFrame:
    """Rows of all generated units, their columns gathered as arrays: many small frames are slow."""
    starts = np.arange(1, len(chosen) + 1) * GOLDEN % 1 if draw == EVEN else [None] * len(chosen)
    blocks = [
        _draw_block(ground, density, seed, max(draw, -1), start)
        for (ground, density), start in zip(chosen, starts, strict=True)
    ]
    counts = np.array([block.places.number.size for block in blocks], dtype=np.int64)
    labels = pl.DataFrame(
        [block.labels for block in blocks], schema=dict.fromkeys(_LABELS, pl.String), orient="row"
    )
    inherited = pl.DataFrame(
        [{column: block.density[column] for column in _INHERITED} for block in blocks],
        schema={column: REGISTER_SCHEMA[column] for column in _INHERITED},
    )
    owner = np.repeat(np.arange(len(blocks)), counts)
    numbers = pl.Series("number", _join([block.places.number for block in blocks]))
    frame = pl.concat([labels[owner], inherited[owner]], how="horizontal").with_columns(
        numbers.cast(pl.String).str.zfill(_DIGITS),
        pl.Series("from_offset_m", _join([block.places.from_m for block in blocks])),
        pl.Series("to_offset_m", _join([block.places.to_m for block in blocks])).fill_nan(None),
        pl.Series("point_id", [name for block in blocks for name in block.point_ids], pl.String),
        pl.Series("age_y", _join([block.ages_y for block in blocks])).fill_nan(None),
        pl.Series("defect_share", _join([block.shares for block in blocks])).fill_nan(None),
        units_count=pl.lit(1),
        is_generated=pl.lit(value=True),
    )
    identified = frame.with_columns(
        asset_id=pl.concat_str("section_id", "kind", "number", separator=".")
    )
    return identified.select(
        (pl.col(column) if column in identified.columns else pl.lit(None).alias(column)).cast(kind)
        for column, kind in REGISTER_SCHEMA.items()
    )


def _draw_block(
    ground: _Ground, density: dict[str, Any], seed: int, draw: int, start: float | None
) -> _Block:
    """Units of one kind on one section; with a start, their ranks are even and hang on no seed."""
    seed = seed if start is None else EVEN_SEED
    section_id = ground.section.section_id
    name = f"{section_id}/{density['kind']}"
    places = _place(ground, density, stream(seed, f"assets/places/{name}"))
    # The picture that is shown has a stream of its own beside those of the draws.
    ages_y = _draw_ages(density, stream(seed, f"assets/ages/{name}", draw + 1), places, start)
    noise = stream(seed, f"assets/shares/{name}", draw + 1)
    shares = _draw_shares(density, noise, places, start)
    return _Block(
        density,
        (section_id, ground.railway_id, _describe_basis(density)),
        places,
        [None if point < 0 else ground.point_ids[point] for point in places.point.tolist()],
        ages_y,
        shares,
    )


def _place(ground: _Ground, density: Mapping[str, Any], random: np.random.Generator) -> Places:
    count = _count_units(ground, density)
    if density["unit_length_m"] is not None:
        return place_stretches(ground.length_m, density["unit_length_m"], count, random)
    most = UNITS_AT_POINT.get(density["kind"])
    if most is None:
        return place_evenly(ground.length_m, count, random)
    return place_at_points(ground.length_m, ground.point_offsets_m, count, most, random)


def _draw_ages(
    density: Mapping[str, Any], random: np.random.Generator, places: Places, start: float | None
) -> NDArray[np.float64]:
    known = [density[name] for name in ("age_low_y", "age_y", "age_high_y")]
    stated = [value for value in known if value is not None]
    if not stated:
        return np.full(places.number.size, np.nan)
    best = known[1] if known[1] is not None else sum(stated) / len(stated)
    low, high = min([best, *stated]), max([best, *stated])
    ranks = _numbered(random.random, places)
    return spread_ages(low, best, high, ranks if start is None else even_ranks(ranks, start))


def _draw_shares(
    density: Mapping[str, Any], random: np.random.Generator, places: Places, start: float | None
) -> NDArray[np.float64]:
    mean = density["defect_share"]
    if mean is None:
        return np.full(places.number.size, np.nan)
    end_m = np.where(np.isnan(places.to_m), places.from_m, places.to_m)
    noise = _numbered(random.standard_normal, places)
    return spread_shares(mean, (places.from_m + end_m) / 2, noise, start=start)


def _numbered(
    draw_numbers: Callable[[int], NDArray[np.float64]], places: Places
) -> NDArray[np.float64]:
    """Numbers by the unit's own number, so that further units do not shift them."""
    count = int(places.number.max()) if places.number.size else 0
    return draw_numbers(count)[places.number - 1]


def _join(parts: Iterable[NDArray[np.generic]]) -> NDArray[np.generic]:
    arrays = list(parts)
    return np.concatenate(arrays) if arrays else np.empty(0)


def _describe_basis(density: Mapping[str, Any]) -> str:
    for column, word in (("section_id", "section"), ("line_id", "line"), ("railway_id", "railway")):
        if density[column] is not None:
            return f"density {density['density_id']} of {word} {density[column]}"
    return f"density {density['density_id']} of all sections"


def _sort_register(frame: pl.DataFrame, section_ids: list[str]) -> pl.DataFrame:
    order = pl.col("section_id").replace_strict(
        section_ids, list(range(len(section_ids))), default=len(section_ids)
    )
    return (
        frame.with_columns(order.alias("_order"))
        .sort("_order", "kind", "from_offset_m", "asset_id", maintain_order=True)
        .drop("_order")
    )
