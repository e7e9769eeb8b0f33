"""The report in plain words: sentences made from the result tables.

The main function is `summarise`. Every sentence says whether something is reported, announced,
assumed or computed, and gives ranges; what a table does not tell is not said.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from arterial.report.wording import (
    count_text,
    date_text,
    duration_text,
    join_words,
    range_text,
)
from arterial.study import Study

__all__ = ["summarise"]

STATUS_WORDS: Final = {
    "past_reported": "reported as run",
    "past_announced": "past and only announced",
    "test": "run as a test",
    "planned": "planned",
    "suspended": "suspended",
}
# Verbs are given for one and for several.
VERDICT_WORDS: Final = {
    "works": "works as announced;work as announced",
    "at_risk": "is at risk;are at risk",
    "does_not_work": "does not work;do not work",
    "unknown": "cannot be judged",
}
CHECK_WORDS: Final = {
    "ok": "agrees;agree",
    "warn": "needs care;need care",
    "unknown": "cannot be told",
    "block": "forbids the run;forbid the run",
}
STATEMENT_WORDS: Final = {
    "holds": "holds;hold",
    "contradicted": "is contradicted;are contradicted",
    "only_if_zones_ignored": (
        "holds only if time zones are ignored;hold only if time zones are ignored"
    ),
    "simplified": "is simplified;are simplified",
    "ambiguous": "is ambiguous;are ambiguous",
    "cannot_tell": "cannot be settled",
}
SERVICES_IN_WORDS: Final = 4
"""Services told one by one; a report of more services tells the rest in its tables."""

CAUSES_IN_WORDS: Final = 3


def summarise(study: Study, results: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Give the main results of a run as sentences.

    Parameters
    ----------
    study : Study
        The study, for names and dates.
    results : mapping of str to DataFrame
        Result tables by name; a table that is missing or empty gives no sentence.

    Returns
    -------
    tuple of str
        Sentences in the order of the report.
    """
    sentences: list[str] = []
    for part in (_services, _causes, _compatibility, _coach_sets, _statements, _assumptions):
        sentences.extend(part(study, results))
    return tuple(sentences)


def _rows(results: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame:
    return results.get(table, pl.DataFrame())


def _names(study: Study, table: str, key: str, name: str = "name") -> dict[str, str]:
    pairs = study.table(table).select(key, name).iter_rows()
    return {str(found): str(word) for found, word in pairs if word is not None}


def _counts(column: pl.Series, words: Mapping[str, str]) -> list[str]:
    """Counts of each value in the order of the words given; a null counts as unknown."""
    values = column.fill_null("unknown").to_list()
    counts = ((values.count(key), text.split(";")) for key, text in words.items())
    parts = [(count, forms[0 if count == 1 else -1]) for count, forms in counts if count]
    if len(parts) == 1 and parts[0][0] > 1:
        return [f"all {parts[0][1]}"]
    return [f"{count} {verb}" for count, verb in parts]


def _services(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    trips = _rows(results, "trips")
    if trips.is_empty():
        return
    names = _names(study, "coach_services", "service_id")
    settings = study.settings
    first = trips.filter(pl.col("trip_id").is_in(list(settings.report.trip_ids)))
    order = pl.concat([first["service_id"], trips["service_id"]]).unique(maintain_order=True)
    departures = count_text(trips.height, "departure")
    services = count_text(order.len(), "service")
    span = f"from {date_text(settings.horizon_from)} to {date_text(settings.horizon_to)}"
    statuses = join_words(_counts(trips["status"], STATUS_WORDS))
    as_of = date_text(settings.as_of)
    yield f"{departures} of {services} {span}: {statuses}, as the evidence stood on {as_of}."
    for service_id in order.to_list()[:SERVICES_IN_WORDS]:
        own = trips.filter(pl.col("service_id") == service_id)
        yield from _service_results(names.get(service_id, service_id), own)


def _service_results(name: str, trips: pl.DataFrame) -> Iterator[str]:
    running = trips.filter(pl.col("status").fill_null("planned") != "suspended")
    if running.is_empty():
        return
    verdicts = join_words(_counts(running["verdict"], VERDICT_WORDS))
    departures = count_text(running.height, "departure")
    yield f"Computed, {name}: of {departures}, {verdicts}.{_elapsed(running)}"


def _elapsed(trips: pl.DataFrame) -> str:
    timed = trips.drop_nulls(["elapsed_low_h", "elapsed_h", "elapsed_high_h"])
    if timed.is_empty():
        return ""
    best = timed["elapsed_h"].to_list()
    low = duration_text(min(timed["elapsed_low_h"].to_list()))
    high = duration_text(max(timed["elapsed_high_h"].to_list()))
    spread = range_text(duration_text(min(best)), duration_text(max(best)))
    doubt = "" if low == high else f" ({low} to {high} with all uncertainty)"
    return f" True elapsed time, time zones accounted for: {spread}{doubt}."


def _causes(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    findings = _rows(results, "findings")
    if findings.is_empty():
        return
    blocks = findings.filter(pl.col("severity") == "block")
    if blocks.is_empty():
        yield "Computed: nothing was found that stops a coach; findings are risks and differences."
        return
    trains = _names(study, "trains", "train_id", "number")
    points = _names(study, "operational_points", "point_id")
    groups = (
        blocks.group_by("kind", "train_id", "point_id", maintain_order=True)
        .agg(pl.len().alias("findings_count"))
        .sort("findings_count", descending=True, maintain_order=True)
    )
    causes = []
    for kind, train_id, point_id, count in groups.head(CAUSES_IN_WORDS).iter_rows():
        train = f"train {trains.get(train_id, train_id)}" if train_id else ""
        place = f"at {points.get(point_id, point_id)}" if point_id else ""
        where = " ".join(part for part in (train, place) if part)
        words = str(kind or "unnamed cause").replace("_", " ")
        causes.append(f"{words}{f' ({where})' if where else ''}, {count_text(count, 'time')}")
    rest = groups.height - len(causes)
    more = f"; {count_text(rest, 'further cause')} in the findings" if rest else ""
    yield f"Computed: what stops a coach most often: {'; '.join(causes)}{more}."


def _compatibility(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    checks = _rows(results, "compatibility_checks")
    if checks.is_empty():
        return
    names = _names(study, "coach_services", "service_id")
    parts = _counts(checks["verdict"], CHECK_WORDS)
    blocked = checks.filter(pl.col("verdict") == "block")
    services = blocked["service_id"].unique(maintain_order=True).to_list()
    listed = join_words([names.get(service, service) for service in services])
    whose = f" ({listed})" if listed else ""
    held = f"{count_text(checks.height, 'comparison')} of a coach with its line and host trains"
    yield f"Computed: of {held}, {join_words(parts)}{whose}."


def _coach_sets(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    requirements = _rows(results, "set_requirements")
    if requirements.is_empty():
        return
    names = _names(study, "coach_pools", "pool_id")
    for row in requirements.drop_nulls("minimum_sets").iter_rows(named=True):
        best = row["minimum_sets"]
        low, high = row["minimum_sets_low"], row["minimum_sets_high"]
        spread = ""
        if low is not None and high is not None and low != high:
            spread = f" ({low} to {high} over the range of times)"
        owned = row["sets_owned"]
        stock = "how many there are is unknown" if owned is None else f"there are {owned}"
        pool = names.get(row["pool_id"], row["pool_id"])
        trips = count_text(row["trips_count"] or 0, "trip")
        sets = count_text(best, "coach set")
        yield f"Computed: the trips of {pool} ({trips}) need at least {sets}{spread}; {stock}."


def _statements(_study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    checks = _rows(results, "statement_checks")
    if checks.is_empty():
        return
    verdicts = join_words(_counts(checks["verdict"].fill_null("cannot_tell"), STATEMENT_WORDS))
    held = count_text(checks.height, "published statement")
    yield f"Of {held} held against the model, {verdicts}; each calculation is shown below."


def _assumptions(_study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    assumptions = _rows(results, "assumptions")
    if assumptions.is_empty():
        return
    kinds = assumptions["kind"].fill_null("unknown").to_list()
    words = {
        "assumption": "assumption",
        "default": "default",
        "estimate": "estimate",
        "recalled": "value recalled without a source",
    }
    plurals = {"recalled": "values recalled without a source"}
    parts = [
        count_text(kinds.count(kind), noun, plurals.get(kind))
        for kind, noun in words.items()
        if kind in kinds
    ]
    if parts:
        yield f"Assumed: the results rest on {join_words(parts)}, all listed in the last section."
