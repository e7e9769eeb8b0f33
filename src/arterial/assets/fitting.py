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
from arterial.assets.likelihood import CONFIDENCE
from arterial.assets.records import lifetime_records, recurrent_records
from arterial.assets.recurrent import PowerLawFit, fit_power_law
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
        law; empty where there is no such test).
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
                table = compare_lifetimes(lives, life)
                observed, fitted = "share_observed", "share_fitted"
            else:
                histories = recurrent_records(failure_records, kind)
                process = fit_power_law(histories, confidence=confidence)
                test = cramer_von_mises(histories, seed=seed) if histories.is_exact else None
                rows.extend(_process_rows(kind, process, test.p_value if test else None))
                table = compare_counts(histories, process)
                observed, fitted = "failures_observed", "failures_fitted"
        except LimitError as error:
            refusals.append(f"{kind}, {event}: {error.message}")
            continue
        comparisons.append(
            table.select(
                pl.lit(kind).alias("kind"),
                pl.lit(event).alias("event"),
                "age_y",
                pl.col(observed).alias("observed"),
                pl.col(fitted).alias("fitted"),
            )
        )
    return RecordFits(
        pl.DataFrame(rows, schema=_FIT_COLUMNS), pl.concat(comparisons), tuple(refusals)
    )


def _life_rows(kind: str, fit: WeibullFit) -> list[dict[str, object]]:
    found = {"shape": fit.shape, "scale_y": fit.scale_y, "mean_life_y": fit.mean_life_y}
    return [
        {
            "kind": kind,
            "event": "lifetime",
            "quantity": name,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "failures_count": fit.failures_count,
            "ageing_p_value": fit.ageing_p_value,
            "model_p_value": None,
        }
        for name, estimate in found.items()
    ]


def _process_rows(
    kind: str, fit: PowerLawFit, model_p_value: float | None
) -> list[dict[str, object]]:
    return [
        {
            "kind": kind,
            "event": "recurrent",
            "quantity": name,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "failures_count": fit.failures_count,
            "ageing_p_value": fit.ageing_p_value,
            "model_p_value": model_p_value,
        }
        for name, estimate in (("shape", fit.shape), ("scale_y", fit.scale_y))
    ]
