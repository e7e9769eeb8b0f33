"""Table of the causes of delay: a tree from the whole down to an asset, a step, a disturbance.

Main function: :func:`make_delay_causes`.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import polars as pl

from arterial.operations.coaches.causes import TOTAL
from arterial.operations.coaches.cells import Measure
from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.outcome import CAUSE_SUMS
from arterial.operations.coaches.ratios import ROWS_AT_ONCE, spread_over_draws
from arterial.study import conform_table, empty_table
from arterial.units import MINUTE_S

__all__ = ["make_delay_causes"]

KEYS: Final = ["is_group", "target", "node"]
TARGET: Final = ["is_group", "target"]


def make_delay_causes(parts: Mapping[str, pl.DataFrame], model: CoachModel) -> pl.DataFrame:
    """Table ``delay_causes``: mean delay at the end of finished journeys, by cause.

    Groups go down to assets, single trips to the assets of one kind on a section. The causes with
    the greatest mean are named; what is left of a kind is one row, so that parts add up.

    Parameters
    ----------
    parts : mapping of str to polars.DataFrame
        Parts of the simulation.
    model : CoachModel
        What the numbers stand for.

    Returns
    -------
    polars.DataFrame
        Table ``delay_causes``.
    """
    targets, nodes = _list_targets(model), _list_nodes(model)
    finished = _count_finished(parts["coach_sums"], targets)
    shown = model.options.causes_shown
    # Few targets at once, and by number: with names, the sums of all would take a gigabyte.
    estimates = [
        _estimate(_keep_leaves(sums, nodes, shown), finished)
        for sums in _split_targets(parts["cause_sums"])
    ]
    if not estimates:
        return empty_table("delay_causes")
    rows = _name_causes(pl.concat(estimates), nodes, targets)
    leaf = ~pl.col("cause_id").is_in(pl.col("parent_id").implode()).over("service_id", "group_id")
    # Rounded, so that no last digit of a sum settles the order of equals.
    by_size = rows.with_columns(size=pl.col("delay_min").round(9)).sort(
        "service_id", "group_id", "size", "cause_id", descending=[False, False, True, False]
    )
    place = pl.int_range(1, pl.len() + 1).over("service_id", "group_id", leaf)
    ranked = by_size.with_columns(rank=pl.when(leaf).then(place).cast(pl.Int64))
    whole = pl.col("delay_min").filter(pl.col("cause_id") == TOTAL).first()
    share = pl.when(whole.over("service_id", "group_id") != 0).then(
        pl.col("delay_min") / whole.over("service_id", "group_id")
    )
    ordered = ranked.with_columns(share=share).sort(
        "service_id", "group_id", "rank", "cause_id", nulls_last=False
    )
    return conform_table("delay_causes", ordered.select(empty_table("delay_causes").columns))


def _split_targets(cause_sums: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Sums of some trips after others, then of each group."""
    for is_group, rows_at_once in ((False, ROWS_AT_ONCE), (True, 1)):
        sums = cause_sums.filter(pl.col("is_group") == is_group)
        targets = sums["target"].unique().sort()
        length = max(1, targets.len() * rows_at_once // max(1, sums.height))
        for begin in range(0, targets.len(), length):
            yield sums.filter(pl.col("target").is_in(targets[begin : begin + length].implode()))


def _list_targets(model: CoachModel) -> pl.DataFrame:
    """Trips and groups by their number."""
    trips = model.trips.select("service_id", group_id="trip_id", is_group=pl.lit(value=False))
    groups = pl.DataFrame(
        [{"service_id": service, "group_id": group} for service, group in model.groups]
    ).with_columns(is_group=pl.lit(value=True))
    return pl.concat(
        frame.with_row_index("target").with_columns(pl.col("target").cast(pl.Int32))
        for frame in (trips, groups)
    )


def _list_nodes(model: CoachModel) -> pl.DataFrame:
    """Nodes of the tree of causes by their number, with that of their parent.

    ``place`` is that of the id among all ids in the order of their text, which settles the order of
    equals.
    """
    numbered = model.nodes.with_row_index("node").with_columns(
        pl.col("node").cast(pl.Int32), place=pl.col("cause_id").rank("ordinal")
    )
    parents = numbered.select(parent="node", parent_id="cause_id")
    return numbered.join(parents, on="parent_id", how="left", maintain_order="left")


def _name_causes(
    rows: pl.DataFrame, nodes: pl.DataFrame, targets: pl.DataFrame
) -> pl.DataFrame:  # fmt: skip
    """Rows with the cause and the target of each named."""
    names = nodes.select(
        "node", "cause_id", "parent_id", "cause", "name", "section_id", "point_id"
    )  # fmt: skip
    others = nodes.select(
        node=-1 - pl.col("node"),
        cause_id=pl.col("cause_id") + ":others",
        parent_id="cause_id",
        cause="cause",
        name=pl.lit("All others"),
        section_id=pl.lit(None, pl.String),
        point_id=pl.lit(None, pl.String),
    )
    return rows.join(pl.concat([names, others]), on="node", maintain_order="left").join(
        targets, on=TARGET, maintain_order="left"
    )


def _keep_leaves(cause_sums: pl.DataFrame, nodes: pl.DataFrame, shown: int) -> pl.DataFrame:
    """Sums over batches of the greatest leaves of each target; the others of a parent are one row.

    The node of such others is -1 less that of their parent.
    """
    summed = cause_sums.group_by("draw", *KEYS, maintain_order=True).agg(pl.col(CAUSE_SUMS).sum())
    causes = summed.join(nodes.select("node", "parent", "place"), on="node", maintain_order="left")
    has_parts = causes.select(*TARGET, node="parent").unique()
    inner = causes.join(has_parts, on=KEYS, how="semi", maintain_order="left")
    leaves = causes.join(has_parts, on=KEYS, how="anti", maintain_order="left")
    sizes = leaves.group_by(KEYS, maintain_order=True).agg(
        pl.col("place").first(), size=(pl.col("p") + pl.col("k")).abs().sum()
    )
    ranked = sizes.sort(*TARGET, "size", "place", descending=[False, False, True, False])
    top = ranked.with_columns(rank=pl.int_range(pl.len()).over(TARGET)).filter(
        pl.col("rank") < shown
    )
    named = leaves.join(top, on=KEYS, how="semi", maintain_order="left")
    rest = leaves.join(top, on=KEYS, how="anti", maintain_order="left")
    others = rest.group_by([*TARGET, "draw", "parent"], maintain_order=True).agg(
        pl.col("p", "k", "pn", "kn").sum(),
        *(pl.lit(np.nan).alias(name) for name in ("pp", "kk", "pk")),
    )
    columns = [*KEYS, "draw", *CAUSE_SUMS]
    numbered = others.with_columns(node=-1 - pl.col("parent"))
    return pl.concat([frame.select(columns) for frame in (inner, named, numbered)])


def _count_finished(sums: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """Replications, finished trips and their squares, for each draw and target."""
    totals = (
        sums.filter(pl.col("measure") == Measure.FINISHED)
        .with_columns(pl.col("target").cast(pl.String))
        .group_by("draw", "target", maintain_order=True)
        .agg(replications=pl.col("replications").sum(), n=pl.col("s").sum(), nn=pl.col("ss").sum())
    )
    name = pl.when("is_group").then(pl.col("service_id") + "|" + pl.col("group_id"))
    names = targets.select(*TARGET, name=name.otherwise("group_id"))
    # Months are counted too, and have no causes.
    return totals.rename({"target": "name"}).join(names, on="name", maintain_order="left")


def _estimate(causes: pl.DataFrame, finished: pl.DataFrame) -> pl.DataFrame:
    """Mean minutes of each cause and part, with error and spread over all draws."""
    draws = finished.filter(pl.col("n") > 0)
    names = causes.select(KEYS).unique(keep="first", maintain_order=True)
    # A cause that a draw did not meet has delayed by nothing there.
    grid = names.join(draws, on=TARGET, maintain_order="left_right")
    filled = grid.join(
        causes.select(*KEYS, "draw", *CAUSE_SUMS),
        on=[*KEYS, "draw"],
        how="left",
        maintain_order="left",
    )
    filled = filled.with_columns(pl.col(CAUSE_SUMS).fill_null(0.0))
    estimates = names
    for name, top, square, product in (
        ("delay_min", pl.col("p") + pl.col("k"),
         pl.col("pp") + pl.col("kk") + 2 * pl.col("pk"), pl.col("pn") + pl.col("kn")),
        ("primary_min", pl.col("p"), pl.col("pp"), pl.col("pn")),
        ("knock_on_min", pl.col("k"), pl.col("kk"), pl.col("kn")),
    ):  # fmt: skip
        value = top / pl.col("n")
        residual = square - 2 * value * product + value**2 * pl.col("nn")
        count = pl.col("replications")
        spread = (residual.clip(lower_bound=0) / (count * (count - 1))).sqrt() * count / pl.col("n")
        frame = filled.with_columns(
            value=value / MINUTE_S,
            error=pl.when((count > 1) & residual.is_finite()).then(spread / MINUTE_S),
        )
        estimates = estimates.join(
            spread_over_draws(frame, KEYS, "value", "error", name), on=KEYS, maintain_order="left"
        )
    return estimates
