"""Every fit that a table of failure records allows, as tables.

The main function is `fit_failure_records`: lives and repaired things of each kind, each fit with
its intervals, its tests and what the records say alone. What cannot be fitted is told with its
reason.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.assets.fit_tests import compare_counts, compare_lifetimes, cramer_von_mises
from arterial.assets.lifetimes import WeibullFit, fit_lifetimes
from arterial.assets.likelihood import CONFIDENCE, Estimate
from arterial.assets.records import (
    LifetimeRecords,
    RecurrentRecords,
    lifetime_records,
    recurrent_records,
)
from arterial.assets.recurrent import PowerLawFit, bound_shape, fit_power_law
from arterial.errors import LimitError

__all__ = ["RecordFits", "fit_failure_records"]

_FIT_COLUMNS: Final = {
    "kind": pl.String(),
    "event": pl.String(),
    "quantity": pl.String(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "failures_count": pl.Int64(),
    "ageing_p_value": pl.Float64(),
    "model_p_value": pl.Float64(),
}
_SHARE_COLUMNS: Final = {
    "kind": pl.String(),
    "event": pl.String(),
    "age_y": pl.Float64(),
    "observed": pl.Float64(),
    "fitted": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class RecordFits:
    """Fits to a table of failure records.

    Parameters
    ----------
    fits : polars.DataFrame
        One row a kind, event and quantity (shape, scale_y, mean_life_y): value, low, high,
        failures_count, ageing_p_value (small = age matters) and model_p_value (small = no power
        law); both empty where there is no such test. A shape of 0 is a range alone: none above it
        is likelier.
    comparisons : polars.DataFrame
        Share failed, or mean number of failures, by age: observed and fitted.
    refusals : tuple of str
        What could not be fitted, and why.
    """

    fits: pl.DataFrame
    comparisons: pl.DataFrame
    refusals: tuple[str, ...]


def fit_failure_records(
    failure_records: pl.DataFrame, *, seed: int, confidence: float = CONFIDENCE
) -> RecordFits:
    """Fit every kind and event of a table of failure records.

    Parameters
    ----------
    failure_records : polars.DataFrame
        Table ``failure_records``.
    seed : int
        Seed of the samples that test the power law.
    confidence : float
        Confidence of the intervals, between 0 and 1.

    Returns
    -------
    RecordFits
        The fits, what the records say alone, and what could not be fitted.

    Raises
    ------
    StudyError
        When rows contradict themselves or each other.
    """
    rows: list[dict[str, object]] = []
    comparisons = [pl.DataFrame(schema=_SHARE_COLUMNS)]
    refusals: list[str] = []
    groups = failure_records.select("kind", "event").unique().sort("kind", "event")
    for kind, event in groups.iter_rows():
        try:
            if event == "lifetime":
                lives = lifetime_records(failure_records, kind)
                life = fit_lifetimes(lives, confidence=confidence)
                rows.extend(_life_rows(kind, life))
                table = _compare_lives(lives, life)
            else:
                histories = recurrent_records(failure_records, kind)
                process = fit_power_law(histories, confidence=confidence)
                p_value = _test_power_law(histories, seed)
                rows.extend(_process_rows(kind, process, p_value))
                table = compare_counts(histories, process).select(
                    "age_y", observed="failures_observed", fitted="failures_fitted"
                )
        except LimitError as error:
            bound = _bound_shape(failure_records, kind, event, confidence)
            rows.extend(bound)
            limit = f" The shape is at most {bound[0]['high']:.3g}." if bound else ""
            refusals.append(f"{kind}, {event}: {error.message}{limit}")
            continue
        keys = (pl.lit(kind).alias("kind"), pl.lit(event).alias("event"))
        comparisons.append(table.select(*keys, "age_y", "observed", "fitted"))
    return RecordFits(
        pl.DataFrame(rows, schema=_FIT_COLUMNS), pl.concat(comparisons), tuple(refusals)
    )


def _test_power_law(histories: RecurrentRecords, seed: int) -> float | None:
    """Probability of records so far from a power law; None where no test can tell."""
    try:
        return cramer_von_mises(histories, seed=seed).p_value
    except LimitError:
        return None


def _bound_shape(
    failure_records: pl.DataFrame, kind: str, event: str, confidence: float
) -> list[dict[str, object]]:
    """The range of a shape whose best value is 0, where the failures tell one."""
    if event != "recurrent":
        return []
    histories = recurrent_records(failure_records, kind)
    try:
        bound = bound_shape(histories, confidence=confidence)
    except LimitError:
        return []
    if bound is None:
        return []
    return [_row(kind, event, "shape", bound, histories.failures_count)]


def _compare_lives(lives: LifetimeRecords, fit: WeibullFit) -> pl.DataFrame:
    """What the records say alone beside the fit; no rows where they are too many for that."""
    try:
        table = compare_lifetimes(lives, fit)
    except LimitError:
        return pl.DataFrame(schema=_SHARE_COLUMNS)
    return table.select("age_y", observed="share_observed", fitted="share_fitted")


def _life_rows(kind: str, fit: WeibullFit) -> list[dict[str, object]]:
    found = {"shape": fit.shape, "scale_y": fit.scale_y, "mean_life_y": fit.mean_life_y}
    return [
        _row(kind, "lifetime", name, estimate, fit.failures_count, fit.ageing_p_value)
        for name, estimate in found.items()
    ]


def _process_rows(
    kind: str, fit: PowerLawFit, model_p_value: float | None
) -> list[dict[str, object]]:
    tests = (fit.ageing_p_value, model_p_value)
    return [
        _row(kind, "recurrent", name, estimate, fit.failures_count, *tests)
        for name, estimate in (("shape", fit.shape), ("scale_y", fit.scale_y))
    ]


def _row(
    kind: str,
    event: str,
    quantity: str,
    estimate: Estimate,
    failures_count: int,
    *p_values: float | None,
) -> dict[str, object]:
    """One fitted quantity; p-values of age and of the law where there are such tests."""
    ageing, model = (*p_values, None, None)[:2]
    return {
        "kind": kind,
        "event": event,
        "quantity": quantity,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "failures_count": failures_count,
        "ageing_p_value": ageing,
        "model_p_value": model,
    }
