"""A campaign in one picture of what is not known, or at an end of it.

Main functions: `sample_condition`, `sample_rules` and `sample_shares` (one draw), and `put_ends`
(columns of tables at the ends of their estimates). `READINGS` names the readings that are planned
anew, and `ENDS` what each of them puts at an end.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import polars as pl

from arterial.assets.register import build_register
from arterial.assets.states import assess_assets
from arterial.campaign.choice.cutting import sample_pieces
from arterial.campaign.choice.sites import WorkSites
from arterial.campaign.choice.worth import BenefitRules
from arterial.campaign.valuation.basis import CampaignBasis, Condition
from arterial.operations.asset_draws import draw_inputs
from arterial.randomness import stream
from arterial.study import sample_tables
from arterial.study.estimates import EstimateShape, Range, sample_from_range

__all__ = [
    "ENDS",
    "NAMES",
    "READINGS",
    "put_ends",
    "sample_condition",
    "sample_rules",
    "sample_shares",
]

DRAWN: Final[Mapping[str, str]] = {
    "derailment_worth_h": "derailment_worth",
    "longest_wait_h": "longest_wait",
    "window_h": "possession_window",
}
"""Rules of worth that are drawn, with the settings that hold their ranges."""

LABOUR: Final = ("gangs_count", "hours_per_gang_month")

ENDS: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], str]]]] = {
    "labour_low": {"labour_pools": (LABOUR, "low")},
    "labour_short": {"labour_pools": (LABOUR, "low"), "work_kinds": (("labour_h",), "high")},
    "material_low": {"materials": (("stock", "supply_per_month"), "low")},
    "material_high": {"materials": (("stock", "supply_per_month"), "high")},
    "possession_low": {"possession_limits": (("hours_per_month",), "low")},
    "possession_high": {"possession_limits": (("hours_per_month",), "high")},
}
"""Columns of tables that a reading puts at the ends of their estimates."""

PREMISES: Final = ("derailment", "wait", "window", "traffic", "worth")
"""What readings change of the worth of works, the last all of it."""

NAMES: Final[Mapping[str, str]] = {
    "best": "Best values, planned anew: what differs is the solver's",
    "mean": "Mean worth over the draws of all that is not known",
    "worth_low": "Derailments, waits, windows and trains where works are worth least",
    "worth_high": "Derailments, waits, windows and trains where works are worth most",
    "derailment_low": "Derailments: lowest rate and lowest worth",
    "derailment_high": "Derailments: highest rate and highest worth",
    "wait_low": "Trains are taken off after the shortest wait",
    "wait_high": "Trains are taken off after the longest wait",
    "window_low": "Shortest windows for works",
    "window_high": "Longest windows for works",
    "traffic_low": "Fewest trains",
    "traffic_high": "Most trains",
    "labour_low": "Fewest gangs and hours",
    "labour_short": "Fewest gangs and hours, and most man-hours for each work",
    "material_low": "Least material",
    "material_high": "Most material",
    "possession_low": "Fewest hours of possession",
    "possession_high": "Most hours of possession",
}

READINGS: Final = (
    *(f"{what}_{end}" for end in ("low", "high") for what in PREMISES),
    *ENDS,
)


def sample_condition(basis: CampaignBasis, draw: int) -> Condition:
    """Assets and trains in one draw.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    draw : int
        Number of the draw.
    """
    study, settings = basis.study, basis.study.settings
    sampled = sample_pieces(study, draw)
    inputs, parameters = draw_inputs(
        study, basis.tables, basis.condition.parameters, draw=draw, sampled=sampled
    )
    day, seed = settings.as_of, settings.seed
    register = build_register(inputs, as_of=day, seed=seed, draw=draw)
    shown = assess_assets(register, inputs, parameters, as_of=day, seed=seed, draw=draw)
    flows = basis.tables["train_flows"].select("flow_id", "trains_per_day")
    drawn = sampled["train_flows"].select("flow_id", pl.col("trains_per_day").alias("drawn"))
    shares = flows.join(drawn, on="flow_id").select(
        "flow_id", (pl.col("drawn") / pl.col("trains_per_day")).fill_nan(1.0).fill_null(1.0)
    )
    return Condition(
        study=study,
        tables=inputs,
        parameters=parameters,
        register=register,
        states=shown.states,
        seasons=shown.seasons,
        draw=draw,
        traffic=dict(shares.iter_rows()),
    )


def sample_rules(basis: CampaignBasis, draw: int) -> BenefitRules:
    """How worth is counted in one draw; each rule that has a range has a stream of its own.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    draw : int
        Number of the draw.
    """
    settings, changed = basis.study.settings.campaign, dict[str, float]()
    for rule, name in DRAWN.items():
        low, best, high = (getattr(settings, f"{name}{end}_h") for end in ("_low", "", "_high"))
        shape = EstimateShape.LOGNORMAL if low > 0 else EstimateShape.TRIANGULAR
        random = stream(basis.study.settings.seed, f"campaign/{name}", draw)
        changed[rule] = sample_from_range(Range(low, best, high, shape), random)
    return replace(basis.rules, **changed)  # type: ignore[arg-type]


def sample_shares(basis: CampaignBasis, sites: WorkSites, draw: int) -> WorkSites:
    """Sites with the share of age that their works leave in one draw.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    sites : WorkSites
        The sites.
    draw : int
        Number of the draw.
    """
    drawn = sample_tables(basis.study, draw)["work_kinds"].select(
        "work_id", pl.col("age_share_left").alias("drawn")
    )
    shares = sites.frame.join(drawn, on="work_id", how="left", maintain_order="left")["drawn"]
    column = shares.fill_null(sites.frame["age_share_left"]).alias("age_share_left")
    return replace(sites, frame=sites.frame.with_columns(column))


def put_ends(
    basis: CampaignBasis, ends: Mapping[str, tuple[tuple[str, ...], str]]
) -> dict[str, pl.DataFrame]:
    """Tables with columns at the low or high ends of their estimates.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    ends : mapping
        Columns and end, ``low`` or ``high``, by table; a table has one column as its key.

    Returns
    -------
    dict of str to DataFrame
        All tables; cells without an estimate stay as they are.
    """
    tables = dict(basis.tables)
    estimates = basis.study.table("estimates")
    for table, (columns, end) in ends.items():
        frame = tables[table]
        key = frame.columns[0]
        for column in columns:
            stated = estimates.filter(table=table, attribute=column).select(
                pl.col("key").alias(key), pl.col(end).alias("end")
            )
            joined = frame.join(stated, on=key, how="left", maintain_order="left")
            cells = joined["end"].fill_null(joined[column]).cast(frame[column].dtype)
            frame = frame.with_columns(cells.alias(column))
        tables[table] = frame
    return tables
