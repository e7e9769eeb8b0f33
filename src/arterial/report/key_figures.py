"""Key figures at the head of the report; each is left out when its table is empty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from arterial.report.chances import list_chance_figures
from arterial.report.outcomes import count_outcomes, list_statement_conflicts
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
        *_departures(study, results),
        _journey(study, results),
        *(KeyFigure(*tile) for tile in list_chance_figures(study, results)),
        _sets(results),
        _route(study, results),
        _statements(results),
        _assumptions(results),
    ]
    return tuple(figure for figure in figures if figure is not None)


def _rows(results: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame | None:
    frame = results.get(table)
    return None if frame is None or frame.is_empty() else frame


def _departures(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[KeyFigure]:
    """Departures that fail, are at risk and work; a tile that would count none is left out."""
    if _rows(results, "trips") is None:
        return
    outcomes = count_outcomes(results, study)
    if not outcomes.judged:
        return
    of_all = f"of {outcomes.judged}"
    if outcomes.blocked:
        is_host = outcomes.blocked == outcomes.without_host
        label = "Departures without a host" if is_host else "Departures that cannot be made"
        detail = "an announced host train does not run" if is_host else "as announced, computed"
        yield KeyFigure(label, f"{outcomes.blocked} {of_all}", detail)
    if outcomes.at_risk:
        detail = "possible with the kindest times, not shown with all"
        likely, even, unlikely = outcomes.by_chance
        if sum(outcomes.by_chance):
            detail += (
                f"; simulated: {likely} with a chance of 90 % or more, {even} of 50 to 90 %, "
                f"{unlikely} of less"
            )
        yield KeyFigure("Departures at risk", f"{outcomes.at_risk} {of_all}", detail)
    if outcomes.ran:
        yield KeyFigure("Departures reported as run", f"{outcomes.ran} {of_all}", "by a source")
    if outcomes.working or not (outcomes.blocked or outcomes.at_risk or outcomes.ran):
        detail = "as announced" if outcomes.is_announced else "as planned; no arrival is announced"
        detail += ", with all times"
        yield KeyFigure("Departures shown to work", f"{outcomes.working} {of_all}", detail)


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
    trips_of_service = timed.filter(pl.col("service_id") == service)
    names = dict(study.table("coach_services").select("service_id", "name").iter_rows())
    low = trips_of_service["elapsed_low_h"].fill_null(trips_of_service["elapsed_h"]).min()
    high = trips_of_service["elapsed_high_h"].fill_null(trips_of_service["elapsed_h"]).max()
    middle = trips_of_service["elapsed_h"].median()
    if not (isinstance(low, float) and isinstance(high, float) and isinstance(middle, float)):
        return None
    spread = range_text(duration_text(low), duration_text(high))
    name = str(names.get(service, service))
    detail = name if spread == duration_text(middle) else f"{spread}; {name}"
    return KeyFigure("True elapsed time, computed", duration_text(middle), detail)


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
    spares = int(known["spare_sets"].fill_null(0).sum())
    spread = "" if low == high else f"{range_text(str(low), str(high))} over the range of times; "
    detail = f"{spread}{count_text(known.height, 'pool')}, {count_text(spares, 'spare')} on top"
    return KeyFigure("Coach sets, at least", str(best), detail)


def _route(study: Study, results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    """Length of the route that the study shows first, with the range over its variants."""
    lines = _rows(results, "route_lines")
    if lines is None:
        return None
    known = lines.drop_nulls("distance_km").sort("distance_km")
    ends = known.group_by("route_id", maintain_order=True).last()
    lengths = {row["route_id"]: row for row in ends.iter_rows(named=True)}
    shown = [route_id for route_id in study.settings.report.route_ids if route_id in lengths]
    longest = max(lengths, key=lambda route_id: float(lengths[route_id]["distance_km"]), default="")
    routes = study.table("routes")
    parents = dict(routes.drop_nulls("variant_of").select("route_id", "variant_of").iter_rows())
    main = next(iter(shown), longest)
    main = parents[main] if parents.get(main) in lengths else main
    if not main:
        return None
    of_main = routes.filter((pl.col("route_id") == main) | (pl.col("variant_of") == main))
    variants = [name for name in of_main["route_id"].to_list() if name in lengths]
    spans = [float(lengths[route_id]["distance_km"]) for route_id in variants or [main]]
    error = lengths[main]["distance_error_km"]
    doubt = "stated error unknown" if error is None else f"stated error ± {error:.0f} km"
    if len(spans) > 1:
        between = range_text(_kilometres(min(spans)), _kilometres(max(spans)))
        doubt = f"{between} km over {len(spans)} variants; {doubt}"
    names = dict(routes.select("route_id", "name").iter_rows())
    value = f"{_kilometres(lengths[main]['distance_km'])} km"
    return KeyFigure("Route", value, f"{names.get(main, main)}; {doubt}")


def _kilometres(length_km: float) -> str:
    return f"{length_km:,.0f}".replace(",", "\u202f")


def _statements(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    checks = _rows(results, "statement_checks")
    if checks is None:
        return None
    conflicts = len(list_statement_conflicts(checks))
    holding = checks.filter(pl.col("verdict") == "holds").height
    rest = checks.height - conflicts - holding
    detail = f"published; {holding} hold, {rest} cannot be settled"
    return KeyFigure("Statements in conflict", f"{conflicts} of {checks.height}", detail)


def _assumptions(results: Mapping[str, pl.DataFrame]) -> KeyFigure | None:
    assumptions = _rows(results, "assumptions")
    if assumptions is None:
        return None
    kinds = assumptions["kind"].fill_null("unknown").to_list()
    counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    words = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
    return KeyFigure("Values assumed or estimated", str(assumptions.height), words)
