"""Key figures at the head of the report; each is left out when its table is empty."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from arterial.report.wording import count_text, duration_text, range_text
from arterial.study import Study

__all__ = ["KeyFigure", "key_figures"]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One tile: what it counts, the figure, and what stands behind it."""

    label: str
    value: str
    detail: str

    def as_row(self) -> dict[str, str]:
        """Give the tile as the page reads it."""
        return {"label": self.label, "value": self.value, "detail": self.detail}


def key_figures(study: Study, results: Mapping[str, pl.DataFrame]) -> tuple[KeyFigure, ...]:
    """Give the key figures of a run, in the order of the report.

    Parameters
    ----------
    study : Study
        The study, for the service that is shown first.
    results : mapping of str to DataFrame
        Result tables by name.
    """
    figures = [
        _departures(results),
        _journey(study, results),
        _sets(results),
        _length(results),
        _statements(results),
        _assumptions(results),
    ]
    return tuple(figure for figure in figures if figure is not None)


def _rows(results: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame | None:
    frame = results.get(table)
    return None if frame is None or frame.is_empty() else frame


def _departures(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    trips = _rows(results, "trips")
    if trips is None:
        return None
    running = trips.filter(pl.col("status").fill_null("planned") != "suspended")
    working = running.filter(pl.col("verdict") == "works").height
    label = "Departures that work as announced"
    return KeyFigure(label, f"{working} of {running.height}", "not suspended, all services")


def _journey(study: Study, results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    trips = _rows(results, "trips")
    if trips is None:
        return None
    timed = trips.drop_nulls("elapsed_h")
    if timed.is_empty():
        return None
    first = study.settings.report.trip_ids[:1]
    chosen = timed.filter(pl.col("trip_id").is_in(list(first)))
    service = (timed if chosen.is_empty() else chosen)["service_id"][0]
    own = timed.filter(pl.col("service_id") == service)
    names = dict(study.table("coach_services").select("service_id", "name").iter_rows())
    low = own["elapsed_low_h"].fill_null(own["elapsed_h"]).min()
    high = own["elapsed_high_h"].fill_null(own["elapsed_h"]).max()
    middle = own["elapsed_h"].median()
    if not (isinstance(low, float) and isinstance(high, float) and isinstance(middle, float)):
        return None
    spread = range_text(duration_text(low), duration_text(high))
    label = "True elapsed time, computed"
    return KeyFigure(label, duration_text(middle), f"{spread}; {names.get(service, service)}")


def _sets(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    requirements = _rows(results, "set_requirements")
    if requirements is None:
        return None
    known = requirements.drop_nulls("minimum_sets")
    if known.is_empty():
        return None
    low, best, high = (
        int(known[name].fill_null(known["minimum_sets"]).sum())
        for name in ("minimum_sets_low", "minimum_sets", "minimum_sets_high")
    )
    detail = f"{range_text(str(low), str(high))}; {count_text(known.height, 'pool')}, no spares"
    return KeyFigure("Coach sets needed at least", str(best), detail)


def _length(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    lines = _rows(results, "route_lines")
    if lines is None:
        return None
    ends = lines.sort("distance_km").group_by("route_id", maintain_order=True).last()
    longest = ends.drop_nulls("distance_km").sort("distance_km").tail(1)
    if longest.is_empty():
        return None
    error = longest["distance_error_km"][0]
    detail = "stated error unknown" if error is None else f"stated error ± {error:.0f} km"
    value = f"{longest['distance_km'][0]:,.0f} km".replace(",", "\u202f")
    return KeyFigure("Longest route", value, f"{count_text(ends.height, 'route')}; {detail}")


def _statements(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    checks = _rows(results, "statement_checks")
    if checks is None:
        return None
    holding = checks.filter(pl.col("verdict") == "holds").height
    return KeyFigure(
        "Published statements that hold", f"{holding} of {checks.height}", "held against the model"
    )


def _assumptions(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    assumptions = _rows(results, "assumptions")
    if assumptions is None:
        return None
    kinds = assumptions["kind"].fill_null("unknown").to_list()
    counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    words = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
    return KeyFigure("Values assumed or estimated", str(assumptions.height), words)
