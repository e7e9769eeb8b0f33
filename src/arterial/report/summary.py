"""The report in plain words: at most twelve sentences made from the result tables.

The main function is `summarise`. What matters most comes first. Every sentence says whether
something is reported, announced, assumed or computed, and gives ranges; what a table does not tell
is not said.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from arterial.report.answer import count_assumptions, describe_no_departure, elapsed_text
from arterial.report.chances import (
    describe_causes,
    describe_chances,
    describe_missed,
    describe_want_of_sets,
    order_services,
    percent_text,
)
from arterial.report.hindrances import describe_hindrances
from arterial.report.line_traffic import describe_crossings, describe_station_punctuality
from arterial.report.outcomes import (
    Outcomes,
    count_outcomes,
    list_seen_trips,
    list_statement_conflicts,
)
from arterial.report.stated_trains import (
    describe_consumption,
    describe_line_delays,
    describe_stated_trains,
    describe_timetable_conflicts,
    is_impossible,
)
from arterial.report.wording import (
    count_text,
    date_text,
    duration_text,
    join_words,
)
from arterial.study import Study

__all__ = ["summarise"]

STATUS_WORDS: Final = {
    "past_reported": "reported as run",
    "seen": "seen under way, arrival not reported",
    "past_announced": "past and only announced",
    "test": "run as a test",
    "planned": "planned",
    "suspended": "suspended",
}
SERVICES_IN_WORDS: Final = 4
"""Services whose times are told; a report of more services tells the rest in its tables."""

STATEMENTS_IN_WORDS: Final = 3
POOLS_IN_WORDS: Final = 3

ATTRIBUTE_ORDER: Final = (
    "gauge",
    "loading_gauge",
    "axle_load",
    "coupler",
    "brake",
    "heating",
    "speed",
)


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
        At most twelve sentences, the most important first.
    """
    sentences: list[str] = [*describe_no_departure(study, results)]
    for table, parts in PARTS.items():
        rows = results.get(table)
        if rows is None or rows.is_empty():
            continue
        for part in parts:
            sentences.extend(part(study, results))
    return tuple(sentences)


def _names(study: Study, table: str, key: str, name: str = "name") -> dict[str, str]:
    pairs = study.table(table).select(key, name).iter_rows()
    return {str(name_key): str(word) for name_key, word in pairs if word is not None}


def _describe_resolved(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How many departures there are, by what is known of them."""
    trips, settings = results["trips"], study.settings
    seen = pl.col("trip_id").is_in(list_seen_trips(study, trips))
    is_only_seen = seen & (pl.col("status") == "past_announced")
    told = pl.when(is_only_seen).then(pl.lit("seen")).otherwise(pl.col("status"))
    values = trips.select(told.fill_null("unknown")).to_series().to_list()
    words = {**STATUS_WORDS, "unknown": "of unknown status"}
    counts = [f"{values.count(key)} {text}" for key, text in words.items() if key in values]
    if len(counts) == 1:
        counts = [f"all {counts[0].split(' ', maxsplit=1)[1]}"]
    departures = count_text(trips.height, "departure")
    services = count_text(trips["service_id"].n_unique(), "service")
    span = f"from {date_text(settings.horizon_from)} to {date_text(settings.horizon_to)}"
    as_of = date_text(settings.as_of)
    yield f"{departures} of {services} {span}: {join_words(counts)}, as known on {as_of}."


def _describe_outcomes(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """On how many departures something fails for certain, is at risk, or works."""
    outcomes = count_outcomes(results, study)
    if not outcomes.judged:
        return
    departures = count_text(outcomes.judged, "departure")
    if outcomes.working == outcomes.judged:
        # What a train cannot keep, or another one excludes, is told by its own sentence.
        if not is_impossible(results).is_empty():
            yield f"Computed: all {departures} make their connections, but not all trains can run."
        elif outcomes.is_announced:
            yield f"Computed: all {departures} work as announced."
        else:
            yield (
                f"Computed: all {departures} make their connections as planned; no arrival is "
                "announced to hold them against."
            )
        return
    parts = [
        f"on {'all' if count == outcomes.judged else count} {words}"
        for count, words in (
            (outcomes.without_host, "an announced host train does not run"),
            (outcomes.unrunnable, "a host train cannot run as it is stated"),
            (outcomes.too_short, "a connection cannot be made even with the kindest times"),
            (outcomes.otherwise_blocked, "something else forbids the run"),
            (outcomes.unpublished, "everything hangs on hours that nobody published"),
            (outcomes.unbelieved, "a time is stated or published that no train would take"),
            (
                outcomes.at_risk - outcomes.unpublished - outcomes.unbelieved,
                "a connection or a set may fail",
            ),
            (outcomes.unknown, "too little is known to judge"),
        )
        if count
    ]
    known = f"{outcomes.ran} reported as run" if outcomes.ran else ""
    works = f"{outcomes.working} are shown to work" if outcomes.working else ""
    rest = "; ".join(part for part in (known, works) if part)
    label = f" (at risk: {outcomes.at_risk})" if outcomes.at_risk else ""
    yield (
        f"Computed, of {departures}: {join_words(parts)}{label}{f'; {rest}' if rest else ''}."
        f"{_describe_risk(outcomes)}"
    )


def _describe_risk(outcomes: Outcomes) -> str:
    """What at risk means, and how likely the departures at risk are to keep their day."""
    if not outcomes.at_risk:
        return ""
    words = " At risk means: possible with the kindest times, not shown with all of them"
    if outcomes.missed_at_best:
        words += f"; with the likeliest times {outcomes.missed_at_best} of these miss a connection"
    likely, even, unlikely = outcomes.by_chance
    simulated = sum(outcomes.by_chance)
    if simulated:
        words += (
            f". Of these {simulated} were simulated: {likely} keep their day with a chance of 90 % "
            f"or more, {even} with one of 50 to 90 %, {unlikely} with less"
        )
    return f"{words}."


def _describe_times(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """True elapsed time of each service, the two directions of a pair beside each other."""
    trips = results["trips"].filter(pl.col("status").fill_null("planned") != "suspended")
    timed = trips.drop_nulls(["elapsed_low_h", "elapsed_h", "elapsed_high_h"])
    if timed.is_empty():
        return
    order = order_services(study, timed)
    names = _names(study, "coach_services", "service_id")
    parts = [
        f"{names.get(service, service)} "
        f"{elapsed_text(timed.filter(pl.col('service_id') == service))}"
        for service in order[:SERVICES_IN_WORDS]
    ]
    yield f"Computed true elapsed time, time zones accounted for: {'; '.join(parts)}."


def _describe_hindrances(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    yield describe_hindrances(study, results["findings"])


def _describe_coach_sets(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Fewest sets and spares of each pool, and the turn that is most likely to be lost."""
    names = _names(study, "coach_pools", "pool_id")
    known = results["set_requirements"].drop_nulls("minimum_sets")
    if known.is_empty():
        return
    parts = []
    for row in known.head(POOLS_IN_WORDS).iter_rows(named=True):
        least = row["minimum_sets"]
        low, high = (row[f"minimum_sets_{end}"] for end in ("low", "high"))
        spread = "" if None in {low, high} or low == high else f" ({low} to {high})"
        spares = row["spare_sets"]
        spare = "" if not spares else f" and {count_text(spares, 'spare')}"
        owned = "" if row["sets_owned"] is None else f" of {row['sets_owned']} owned"
        pool = names.get(row["pool_id"], row["pool_id"])
        parts.append(f"{pool} at least {count_text(least, 'coach set')}{spread}{spare}{owned}")
    turn = _describe_tightest_turn(study, results)
    yield f"Computed need of coach sets: {join_words(parts)}{turn}."


def _describe_tightest_turn(study: Study, results: Mapping[str, pl.DataFrame]) -> str:
    turns = results.get("coach_turns")
    if turns is None or turns.drop_nulls("slack_h").is_empty():
        return ""
    turn = turns.drop_nulls("slack_h").sort("slack_h", maintain_order=True).row(0, named=True)
    places = _names(study, "operational_points", "point_id")
    place = places.get(turn["point_id"], turn["point_id"])
    slack = (
        f"{duration_text(abs(turn['slack_h']))} {'of slack' if turn['slack_h'] >= 0 else 'short'}"
    )
    chance = turn["chance_lost"]
    lost = "" if chance is None else f", lost with a chance of {percent_text(chance)}"
    simulated = describe_want_of_sets(results, str(turn["next_trip_id"]).split("@")[0])
    return f"; the tightest turn is at {place} ({slack}{simulated or lost})"


def _describe_statements(_study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How many published statements are in conflict, and the most telling of them in words."""
    checks = results["statement_checks"]
    conflicts = list_statement_conflicts(checks)
    held = count_text(checks.height, "published statement")
    if not conflicts:
        yield f"Of {held} held against the model, none is in conflict with it."
        return
    # Several sources may say the same; it is told once.
    verdicts = [
        f"{row['subject'] or row['statement_id']}: stated {row['stated']}, computed "
        f"{row['computed']}"
        for row in conflicts
    ]
    words = list(dict.fromkeys(verdicts))[:STATEMENTS_IN_WORDS]
    which = "which is" if len(conflicts) == 1 else "among them"
    yield (
        f"Of {held} held against the model, {len(conflicts)} conflict with it or have two "
        f"meanings, {which} {'; '.join(words)}."
    )


def _describe_compatibility(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Attributes that forbid a run, need care, or cannot be compared."""
    checks = results["compatibility_checks"]
    if next(describe_no_departure(study, results), None):
        return
    names = _names(study, "coach_services", "service_id")
    blocked = checks.filter(pl.col("verdict") == "block")
    services = blocked["service_id"].unique(maintain_order=True).to_list()
    whose = join_words([names.get(service, service) for service in services])
    forbids = "nothing that is known forbids the run"
    if whose:
        forbids = f"{_list_attributes(blocked)} forbids the run of {whose}"
    parts = [forbids]
    care = _list_attributes(checks.filter(pl.col("verdict") == "warn"))
    if care:
        parts.append(f"{care} needs care")
    unknown = checks.filter(pl.col("verdict").fill_null("unknown") == "unknown")
    if unknown.is_empty():
        parts.append("nothing is left unknown")
    else:
        parts.append(f"unknown on some sections or trains: {_list_attributes(unknown)}")
    yield f"Computed, coach held against lines and host trains: {'; '.join(parts)}."


def _list_attributes(checks: pl.DataFrame) -> str:
    attributes = set(checks["attribute"].to_list())
    return join_words([name.replace("_", " ") for name in ATTRIBUTE_ORDER if name in attributes])


def _describe_assumptions(_study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    parts = count_assumptions(results)
    if parts:
        yield f"Assumed: the results rest on {join_words(parts)}, all listed in the last section."


Part = Callable[[Study, Mapping[str, pl.DataFrame]], Iterator[str]]

PARTS: Final[Mapping[str, Sequence[Part]]] = {
    "trips": (_describe_resolved, _describe_outcomes, _describe_times),
    "train_runs": (describe_stated_trains,),
    "timetable_conflicts": (describe_timetable_conflicts,),
    "line_delays": (describe_line_delays,),
    "station_punctuality": (describe_station_punctuality,),
    "capacity_consumption": (describe_consumption,),
    "punctuality": (describe_chances,),
    "handover_risks": (describe_missed,),
    "delay_causes": (describe_causes,),
    "findings": (_describe_hindrances,),
    "crossing_delays": (describe_crossings,),
    "set_requirements": (_describe_coach_sets,),
    "statement_checks": (_describe_statements,),
    "compatibility_checks": (_describe_compatibility,),
    "assumptions": (_describe_assumptions,),
}
"""What is told, by the table that it is read from, the most important first."""
