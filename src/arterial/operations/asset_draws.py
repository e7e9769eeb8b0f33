"""Assets of a study in each picture of what is not known; main function `assess_draw`."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from arterial.assets.parameters import ParameterSet, load_parameter_set
from arterial.assets.register import build_register
from arterial.assets.states import AssetAssessment, assess_assets
from arterial.study import Study, sample_tables

__all__ = ["BEST", "assess_draw", "draw_inputs", "load_parameters"]

BEST: Final = -1
"""The draw of the best values."""


def load_parameters(study: Study) -> ParameterSet:
    """Parameters of the assets that the study names; its own folder goes first."""
    name = study.settings.reliability.parameter_set
    return load_parameter_set(name, folder=study.path / "parameters")


def assess_draw(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    *,
    draw: int,
    age_shares: Mapping[str, float] | None = None,
    sampled: Mapping[str, pl.DataFrame] | None = None,
) -> AssetAssessment:
    """Assets of a study in one picture of what is not known; -1 = best values.

    Works that left assets a share of their age can be taken as done. `sampled` are the tables of
    the draw, where they are at hand.
    """
    settings = study.settings
    inputs, parameters = draw_inputs(study, tables, parameters, draw=draw, sampled=sampled)
    register = build_register(inputs, as_of=settings.as_of, seed=settings.seed, draw=draw)
    return assess_assets(
        register,
        inputs,
        parameters,
        as_of=settings.as_of,
        seed=settings.seed,
        draw=draw,
        age_shares=age_shares,
    )


def draw_inputs(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    *,
    draw: int,
    sampled: Mapping[str, pl.DataFrame] | None = None,
) -> tuple[dict[str, pl.DataFrame], ParameterSet]:
    """Tables and parameters of the assets in one picture of what is not known; -1 = best values."""
    inputs = dict(tables)
    if draw == BEST:
        return inputs, parameters
    drawn = sampled or sample_tables(study, draw)
    # The same assets in every draw, so that each can be named: ages and shares are drawn.
    units = tables["asset_densities"]["units_per_km"]
    inputs["asset_densities"] = drawn["asset_densities"].with_columns(units_per_km=units)
    inputs["assets"] = drawn["assets"]
    return inputs, parameters.draw(study.settings.seed, draw)
