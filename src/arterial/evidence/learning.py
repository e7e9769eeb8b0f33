"""What observations teach: of the unknowns in each option, and of the options.

Main functions: :func:`learn_option` and :func:`weigh_options`. Sightings of one journey are weighed
together (:mod:`arterial.operations.coaches.sightings`); plans of an operator only say which option
cannot be what he planned.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.evidence.observations import Plans
from arterial.inference import CannotTell, Effort, Posterior, learn, resample
from arterial.operations.coaches.sightings import SightingModel, weigh_sightings
from arterial.randomness import stream
from arterial.study import Study, conform_table, empty_table
from arterial.study.alternatives import Option
from arterial.study.schema import load_schema
from arterial.study.settings import EvidenceSettings
from arterial.study.unknowns import Draw, Unknown

__all__ = [
    "Learned",
    "carry_estimates",
    "learn_option",
    "list_pictures",
    "mix_chances",
    "tabulate_unknowns",
    "weigh_options",
]

Numbers = NDArray[np.float64]
NONE_CAN_BE: Final = "no option of the group can be what was seen and planned"
MOST_LOG: Final = 700.0
"""Logarithm of the largest Bayes factor that is written [1]."""
MOVED: Final = 0.15
NARROWED: Final = 0.9
"""From which shift of its mean, or below which share of its spread, a range is carried on [1]."""
END_PLACE: Final = 1.0 - math.sqrt(0.1)
"""Place of the 5 % quantile between best value and end of a triangular range [1]."""
TABLE_DRAWS: Final = 4000
"""Draws from which ranges before and after are read [1]."""
ENDS: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one option.

    Parameters
    ----------
    option : Option
        The option.
    unknowns : tuple of Unknown
        In the order of the columns of scores.
    posterior : Posterior, CannotTell or str
        What was learned; why it cannot be told; or why nothing could have been seen.
    plans : Plans
        Announced events held against it.
    checks : DataFrame
        Rows of ``observation_checks`` of this option.
    """

    option: Option
    unknowns: tuple[Unknown, ...]
    posterior: Posterior | CannotTell | str
    plans: Plans
    checks: pl.DataFrame

    @property
    def log_evidence(self) -> float:
        """Logarithm of the likelihood of all that was seen; minus infinite where it cannot be."""
        if isinstance(self.posterior, Posterior):
            return self.posterior.log_evidence
        return -math.inf if isinstance(self.posterior, str) else math.nan


def learn_option(
    seen: SightingModel, settings: EvidenceSettings, seed: int, name: str
) -> Posterior | CannotTell:
    """What was seen teaches of the unknowns of an option.

    Parameters
    ----------
    seen : SightingModel
        What was seen, and the trips as the option has them.
    settings : EvidenceSettings
        How many pictures and journeys.
    seed : int
        Seed of the study.
    name : str
        Name of the option; options share no chance.

    Returns
    -------
    Posterior or CannotTell
        Scores in the order of ``seen.names``.
    """

    def weigh(scores: Numbers, keys: NDArray[np.int64]) -> Numbers:
        known = scores[:, : len(seen.names)]
        return weigh_sightings(seen, known, keys, journeys=settings.journeys)

    effort = Effort(draws=settings.pictures, particles=0)
    # Where nothing has a range, chance alone is weighed: a score that nothing hears.
    return learn(weigh, max(len(seen.names), 1), stream(seed, f"evidence/{name}"), effort=effort)


def list_pictures(learned: Learned, seed: int, count: int) -> tuple[list[Draw], list[Draw]]:
    """Equally likely pictures before and after learning, with the same numbers.

    Parameters
    ----------
    learned : Learned
        What was learned of an option.
    seed : int
        Seed of the study.
    count : int
        How many of each.

    Returns
    -------
    tuple of list of Draw
        Before, and after; the latter is empty where nothing was learned.
    """
    before = [Draw(number) for number in range(count)]
    if not isinstance(learned.posterior, Posterior):
        return before, []
    rng = stream(seed, f"evidence/pictures/{learned.option.name}")
    names = [unknown.name for unknown in learned.unknowns]
    rows = resample(learned.posterior, count, rng).tolist()
    after = [Draw(n, dict(zip(names, row, strict=False))) for n, row in enumerate(rows)]
    return before, after


def weigh_options(found: Sequence[Learned], settings: EvidenceSettings) -> pl.DataFrame:
    """How likely each option is with what was seen and what was planned.

    Parameters
    ----------
    found : sequence of Learned
        All options of a group.
    settings : EvidenceSettings
        The chance that an operator announces what cannot be.

    Returns
    -------
    DataFrame
        Table ``structure_weights``. An option of which nothing can be told keeps the evidence of
        the first of which it can, with its reason.
    """
    known = [one.log_evidence for one in found if math.isfinite(one.log_evidence)]
    first = known[0] if known else 0.0
    rows = [_weigh_option(one, first, settings) for one in found]
    # Of the logarithms: one option may explain what was seen beyond the reach of numbers.
    best = max([_find_log_evidence(one, first) for one in found])
    raw = [
        row["prior_weight"] * row["plan_factor"] * math.exp(_find_log_evidence(one, first) - best)
        if best > -math.inf
        else 0.0
        for one, row in zip(found, rows, strict=True)
    ]
    whole = sum(raw)
    for row, weight in zip(rows, raw, strict=True):
        row["posterior_weight"] = weight / whole if whole else row["prior_weight"]
        row["reason"] = row["reason"] if whole else NONE_CAN_BE
    return conform_table("structure_weights", pl.DataFrame(rows, infer_schema_length=None))


def _find_log_evidence(one: Learned, first: float) -> float:
    """That of an option, or of the first that has one, where nothing can be told of it."""
    return first if math.isnan(one.log_evidence) else one.log_evidence


def _weigh_option(one: Learned, first: float, settings: EvidenceSettings) -> dict[str, Any]:
    """Row of one option, without its weight after."""
    posterior = one.posterior
    row: dict[str, Any] = {
        "group": one.option.group or "stated",
        "option": one.option.name,
        "title": one.option.title,
        "prior_weight": one.option.prior,
        "bayes_factor": math.exp(min(_find_log_evidence(one, first) - first, MOST_LOG)),
        "plans_count": one.plans.count,
        "plans_impossible": len(one.plans.impossible),
        "plan_factor": settings.false_plan_chance if one.plans.impossible else 1.0,
        "evaluations_count": 0,
        "log_evidence": None,
        "log_evidence_error": None,
        "effective_size": None,
        "reason": None,
    }
    if isinstance(posterior, str):
        return row | {"reason": posterior}
    row["evaluations_count"] = posterior.evaluations
    if isinstance(posterior, CannotTell):
        return row | {"reason": "; ".join(posterior.reasons)}
    return row | {
        "log_evidence": posterior.log_evidence,
        "log_evidence_error": posterior.error,
        "effective_size": posterior.effective_size,
    }


def tabulate_unknowns(learned: Learned, seed: int) -> pl.DataFrame:
    """Range of each unknown before and after, as ``learned_unknowns``; those that moved most first.

    Parameters
    ----------
    learned : Learned
        What was learned of an option.
    seed : int
        Seed of the study.
    """
    rng = stream(seed, f"evidence/ranges/{learned.option.name}")
    if not isinstance(learned.posterior, Posterior) or not learned.unknowns:
        return empty_table("learned_unknowns")
    after = resample(learned.posterior, TABLE_DRAWS, rng)
    before = rng.standard_normal(TABLE_DRAWS)
    rows = []
    for place, unknown in enumerate(learned.unknowns):
        prior = np.array([unknown.value_at(score) for score in before])
        posterior = np.array([unknown.value_at(score) for score in after[:, place]])
        rows.append(
            {
                "option": learned.option.name,
                "unknown_id": unknown.name,
                **{name: getattr(unknown, name) for name in ("group", "subject", "unit")},
                **{name: getattr(unknown, name) or None for name in ("table", "key", "attribute")},
                **_spread("prior", prior),
                **_spread("learned", posterior),
                "moved": float((posterior.mean() - prior.mean()) / prior.std()),
                "narrowed": float(posterior.std() / prior.std()),
            }
        )
    table = pl.DataFrame(rows, infer_schema_length=None)
    return conform_table("learned_unknowns", table.sort(pl.col("moved").abs(), descending=True))


def carry_estimates(study: Study, results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Table ``estimates`` of a study with what was learned in the likeliest option.

    Parameters
    ----------
    study : Study
        The study; it is not changed.
    results : mapping of str to DataFrame
        ``structure_weights`` and ``learned_unknowns``.

    Returns
    -------
    DataFrame
        Ranges of single cells whose 5 and 95 % quantiles are those learned, within the range that
        they had. As they were: what hardly moved or narrowed, and what moves with other cells
        (times of a host, steps).
    """
    estimates = study.table("estimates")
    weights = results["structure_weights"].sort("posterior_weight", descending=True)
    best = weights["option"][0] if weights.height else ""
    learned = {
        (row["table"], row["key"], row["attribute"]): row
        for row in results["learned_unknowns"].iter_rows(named=True)
        if row["option"] == best
        and row["table"]
        and row["attribute"]
        and (abs(row["moved"]) >= MOVED or row["narrowed"] <= NARROWED)
    }
    rows = []
    for old in estimates.iter_rows(named=True):
        new = learned.get((old["table"], old["key"], old["attribute"]))
        stated = None if new is None else _find_cell(study, old)
        rows.append(old if new is None or not stated else _carry_range(old, new, stated))
    return pl.DataFrame(rows, schema=estimates.schema)


def _find_cell(study: Study, row: Mapping[str, Any]) -> float | None:
    """Value that a table states for the cell of an estimate: factors are of it."""
    (key,) = load_schema(row["table"]).key
    found = study.table(row["table"]).filter(pl.col(key) == row["key"])[row["attribute"]]
    return None if found.is_empty() or found[0] is None else float(found[0])


def _carry_range(old: Mapping[str, Any], new: Mapping[str, Any], stated: float) -> dict[str, Any]:
    """A range with the quantiles that were learned, no wider than it was."""
    low, mean, high = (stated * new[f"learned_{end}"] for end in ("low", "mean", "high"))
    best = min(max(mean, old["low"]), old["high"])
    ends = (
        max(old["low"], best - max(best - low, 0.0) / END_PLACE),
        min(old["high"], best + max(high - best, 0.0) / END_PLACE),
    )
    note = f"learned from observations; before {old['low']:g} to {old['high']:g}"
    return {**old, "low": ends[0], "best": best, "high": ends[1], "note": note}


def _spread(name: str, values: Numbers) -> dict[str, float]:
    low, _, high = np.quantile(values, ENDS)
    return {f"{name}_low": low, f"{name}_mean": float(values.mean()), f"{name}_high": high}


def mix_chances(
    by_option: Mapping[str, tuple[Numbers, Numbers]], weights: pl.DataFrame
) -> dict[str, dict[str, float | int | None]]:
    """Chances of one service by option, and of all by their weights before and after.

    Parameters
    ----------
    by_option : mapping of str to (ndarray, ndarray)
        Chance in each picture before and after; after is empty where nothing was learned.
    weights : DataFrame
        Table ``structure_weights``.

    Returns
    -------
    dict of str to dict
        Columns of ``learned_chances`` by option; ``""`` = all.
    """
    found = {}
    pools: dict[str, list[tuple[Numbers, float]]] = {"prior": [], "learned": []}
    for row in weights.iter_rows(named=True):
        before, after = by_option[row["option"]]
        after = after if len(after) else before
        found[row["option"]] = _estimate("prior", [(before, 1.0)]) | _estimate(
            "learned", [(after, 1.0)]
        )
        pools["prior"].append((before, row["prior_weight"]))
        pools["learned"].append((after, row["posterior_weight"]))
    found[""] = _estimate("prior", pools["prior"]) | _estimate("learned", pools["learned"])
    for values in found.values():
        values["draws_count"] = len(next(iter(by_option.values()))[0])
    return found


def _estimate(name: str, pools: Sequence[tuple[Numbers, float]]) -> dict[str, float | int | None]:
    """Mean, its standard error and quantiles of pictures that count by their pool's weight."""
    pools = [(values[~np.isnan(values)], weight) for values, weight in pools]
    pools = [(values, weight) for values, weight in pools if len(values) > 1 and weight > 0]
    if not pools:
        return dict.fromkeys(f"{name}_{end}" for end in ("chance", "error", "low", "high"))
    whole = sum(weight for _, weight in pools)
    mean = sum(weight * values.mean() for values, weight in pools) / whole
    variance = sum((w / whole) ** 2 * values.var(ddof=1) / len(values) for values, w in pools)
    values = np.concatenate([values for values, _ in pools])
    shares = np.concatenate([np.full(len(v), w / whole / len(v)) for v, w in pools])
    order = np.argsort(values)
    low, _, high = np.interp(ENDS, np.cumsum(shares[order]), values[order])
    return {
        f"{name}_chance": float(mean),
        f"{name}_error": math.sqrt(variance),
        f"{name}_low": float(low),
        f"{name}_high": float(high),
    }
