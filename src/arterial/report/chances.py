"""What is likely, in words: punctuality, hand-overs and causes for the head of the report.

Main functions: `describe_chances`, `describe_missed`, `describe_causes`, `list_chance_figures`. The
range is that of what is not known; the error is that of the mean over draws, where there are some,
else that of the number of simulated runs.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.wording import duration_text, join_words
from arterial.study import Study
from arterial.units import DAY_S, HOUR_S, LARGEST_ERROR, MINUTE_S

__all__ = [
    "READINGS",
    "chance_text",
    "describe_causes",
    "describe_chances",
    "describe_missed",
    "describe_want_of_sets",
    "is_sure",
    "list_chance_figures",
    "order_services",
    "percent_range_text",
    "percent_text",
    "select_group",
    "select_handovers",
    "select_missed",
]

MINUTES_AN_HOUR: Final = HOUR_S / MINUTE_S
HOURS_A_DAY: Final = DAY_S / HOUR_S
READINGS: Final = {
    "announced_day": "by the end of the announced local day",
    "announced_duration": "counted in true hours, within the announced duration",
}
"""The two readings of an announcement, the first at the head of the report."""
LOST: Final = {
    "cancelled": "cancelled, not left within {} or before the next departure,",
    "broken_off": "broken off, no host within {},",
}
"""How a departure does not arrive at all, with the limit after which it is given up."""
SERVICES_IN_WORDS: Final = 4
CAUSES_IN_WORDS: Final = 3
CERTAIN: Final = 0.995
FIRST_LEG: Final = 1

ERRORS: Final = {
    "draws_error": "from the number of draws",
    "error": "from the number of runs",
}
"""Errors of a chance and what they come from; the first that is known is told."""

CAUSE_WORDS: Final = {
    "missed_connection": "missed hand-overs",
    "late_host": "hosts that run late",
    "border": "border procedures",
    "crossing": "crossings on single track",
    "power_shortage": "power shortage",
    "speed_restriction": "speed restrictions",
    "coach_set": "coach sets that are not back",
    "dwell": "long stops",
    "vehicle": "vehicles that fail",
    "turnout": "turnouts",
    "bridge": "bridges",
    "tunnel": "tunnels",
    "embankment": "embankments",
    "catenary": "the overhead line",
    "not_traced": "what was not traced",
    "other": "other causes",
}
"""Kinds of cause as they stand in a sentence; those left out stand as they are."""


def percent_text(share: float) -> str:
    """Give a share as a percentage, with the ends told apart from nothing and certainty.

    Examples
    --------
    >>> [percent_text(share) for share in (0.0, 0.001, 0.125, 0.605, 0.999, 1.0)]
    ['0 %', '< 1 %', '13 %', '61 %', '> 99 %', '100 %']
    """
    if 0 < share < 1 - CERTAIN:
        return "< 1 %"
    if CERTAIN < share < 1:
        return "> 99 %"
    # Halves are rounded up, as the page does; a format of Python rounds them to the even number.
    return f"{math.floor(100 * share + 0.5)} %"


def chance_text(row: Mapping[str, Any], name: str = "share") -> str:
    """Give a chance with its range and, apart from it, the error of its mean.

    Parameters
    ----------
    row : mapping
        A row with ``name``, ``name_low``, ``name_high``, ``name_draws_error`` and ``name_error``;
        the last counts where no error over draws is known.
    name : str
        The chance, a share of 1.

    Examples
    --------
    >>> row = {"share": 0.31, "share_low": 0.12, "share_high": 0.58, "share_error": 0.004}
    >>> chance_text(row)
    '31 % (12 to 58 % with what is not known; ± 0.4 % from the number of runs)'
    """
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    parts = []
    if low is not None and high is not None:
        parts.append(f"{percent_range_text(low, high)} with what is not known")
    for part, words in ERRORS.items():
        error = row.get(f"{name}_{part}")
        if error is not None:
            parts.append(f"± {100 * error:.1f} % {words}")
            break
    best = percent_text(row[name])
    return f"{best} ({'; '.join(parts)})" if parts else best


def select_group(frame: pl.DataFrame, value: str) -> pl.DataFrame:
    """Rows of the departures whose hosts run as announced; of all where there are none."""
    known = frame.drop_nulls(value)
    for group in ("works", "all"):
        of_group = known.filter(pl.col("group_id") == group)
        if not of_group.is_empty():
            return of_group
    return known.head(0)


def describe_chances(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How likely each service arrives on its announced day, and within its announced duration.

    An announcement of so many days is read both ways: as the local day of arrival, counted from
    the day of departure, and as so many times 24 hours on the way.
    """
    for measure, words in READINGS.items():
        chances = _punctual(results, measure)
        if not chances.is_empty():
            yield _describe_reading(study, chances, measure, words)
    yield from _describe_lost(study, results)


def _describe_lost(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How many departures are cancelled or broken off, where that is no rarity."""
    names = _names(study, "coach_services", "service_id")
    parts = []
    for measure, words in LOST.items():
        lost = _punctual(results, measure)
        lost = lost if lost.is_empty() else lost.filter(pl.col("share") >= 1 - CERTAIN)
        if lost.is_empty():
            continue
        each = "; ".join(
            f"{names.get(row['service_id'], row['service_id'])} {_write_chance(row, 'share')}"
            for row in lost.head(SERVICES_IN_WORDS).iter_rows(named=True)
        )
        parts.append(f"{words.format(duration_text(lost['limit_h'][0]))} {each}")
    if parts:
        yield (
            f"Computed by simulation, counted as not arrived in every chance: {'; '.join(parts)}. "
            "A set that comes too late works the next departure from where it stands."
        )


def _describe_reading(study: Study, chances: pl.DataFrame, measure: str, words: str) -> str:
    names = _names(study, "coach_services", "service_id")
    parts = []
    for service in order_services(study, chances)[:SERVICES_IN_WORDS]:
        row = chances.filter(pl.col("service_id") == service).row(0, named=True)
        parts.append(
            f"{names.get(service, service)} {_write_chance(row, 'share')} "
            f"{_describe_limit(measure, row['limit_h'])}"
        )
    return (
        f"Computed by simulation, {_describe_group(chances)}: the chance of arriving {words} is "
        f"{'; '.join(parts)} (in brackets the range of what is not known; "
        f"{_describe_error(chances)})."
    )


def _describe_error(chances: pl.DataFrame) -> str:
    """What the error of the chances is, the largest one where each does not stand by its chance."""
    if "share_draws_error" in chances.columns and chances["share_draws_error"].count():
        return "after ± the error of the mean over draws"
    errors = chances["share_error"].drop_nulls().to_list()
    error = max(errors, default=0.0)
    return f"the number of runs adds ± {100 * error:.1f} % at most"


def _write_chance(row: Mapping[str, Any], name: str) -> str:
    """A chance with the error of its mean over draws and its range, where known."""
    error = row.get(f"{name}_draws_error")
    sure = "" if error is None else f" ± {100 * error:.1f}"
    return f"{percent_text(row[name])}{sure}{_spread(row, name)}"


def is_sure(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Whether the error of a figure is at most half of it; one without an error counts as known."""
    if f"{name}_error" not in frame.columns:
        return pl.lit(value=True)
    is_small = pl.col(f"{name}_error") <= LARGEST_ERROR * pl.col(name).abs()
    return is_small.fill_null(value=True)


def select_handovers(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Hand-overs that are missed at all, the one that costs most first.

    A service's first leg is none: whoever is not there for it wants a coach set. A cost whose error
    is more than half of it is none.
    """
    return select_missed(results).filter(pl.col("sequence") > FIRST_LEG)


def select_missed(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Hand-overs and departures that are missed at all, the one that costs most first."""
    risks = select_group(results["handover_risks"], "missed_share")
    missed = risks.filter(pl.col("missed_share") > 0)
    order = ["delay_cost_h", "missed_share"]
    known = pl.when(is_sure(missed, "delay_cost_h")).then(pl.col("delay_cost_h"))
    missed = missed.with_columns(known.alias("delay_cost_h"))
    return missed.sort(order, descending=True, nulls_last=True, maintain_order=True)


def describe_missed(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """The hand-over that costs most, and the pool that most often lacks a set."""
    risks = select_handovers(results)
    parts = []
    if not risks.is_empty():
        row = risks.row(0, named=True)
        names = _names(study, "coach_services", "service_id")
        cost = row["delay_cost_h"]
        costs = "" if cost is None else f"; it costs {duration_text(cost)} a trip on average"
        parts.append(
            f"the hand-over on the way that costs most is {_place(study, row)} of "
            f"{names.get(row['service_id'], row['service_id'])}, missed with a chance of "
            f"{chance_text(row, 'missed_share')}{costs}"
        )
    parts += _describe_sets(study, results)
    if parts:
        yield f"Computed by simulation: {'; '.join(parts)}."


def _describe_sets(study: Study, results: Mapping[str, pl.DataFrame]) -> list[str]:
    risks = results.get("rotation_risks", pl.DataFrame())
    if risks.is_empty() or risks.drop_nulls("lost_share").is_empty():
        return []
    least = risks.drop_nulls("lost_share").sort("spare_sets").group_by("pool_id").first()
    row = least.sort("lost_share", "pool_id", descending=True).row(0, named=True)
    pools = _names(study, "coach_pools", "pool_id")
    pool = pools.get(row["pool_id"], row["pool_id"])
    lost = _write_chance(row, "lost_share")
    spare = row["spare_sets"] or "no"
    return [f"no set of {pool} is ready for {lost} of the departures with {spare} spare"]


def describe_want_of_sets(results: Mapping[str, pl.DataFrame], service_id: str) -> str:
    """How many departures of a service miss their first host for want of a set, as simulated.

    Nothing where that was not simulated: a chance by the range of times alone may then be told.
    """
    risks = results.get("handover_risks", pl.DataFrame())
    if risks.is_empty():
        return ""
    first = (pl.col("service_id") == service_id) & (pl.col("sequence") == FIRST_LEG)
    for row in select_group(risks.filter(first), "missed_share").head(1).iter_rows(named=True):
        why = " or at a closed line" if row.get("host_cancelled_share") else ""
        chance = f"{_write_chance(row, 'missed_share')} of the departures"
        return f"; simulated, {chance} there miss their train for want of a set{why}"
    return ""


def describe_causes(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How late the first service is at the end, and what caused most of it."""
    causes = select_group(results["delay_causes"], "delay_min")
    if causes.is_empty():
        return
    service = order_services(study, causes)[0]
    tree = causes.filter(pl.col("service_id") == service)
    roots = tree.filter(pl.col("parent_id").is_null() & is_sure(tree, "delay_min"))
    if roots.is_empty() or roots["delay_min"][0] <= 0:
        return
    root = roots.row(0, named=True)
    of_root = (pl.col("parent_id") == root["cause_id"]) & is_sure(tree, "delay_min")
    kinds = tree.filter(of_root).sort("delay_min", descending=True)
    parts = [
        f"{percent_text(row['delay_min'] / root['delay_min'])} by {_describe_cause(row)}"
        for row in kinds.head(CAUSES_IN_WORDS).iter_rows(named=True)
        if row["delay_min"] > 0
    ]
    names = _names(study, "coach_services", "service_id")
    ends = [root["delay_min_low"], root["delay_min_high"]]
    spread = "" if None in ends else f" ({' to '.join(_hours(end) for end in ends)})"
    yield (
        f"Computed by simulation, {_describe_group(causes)}: {names.get(service, service)} is "
        f"{_hours(root['delay_min'])}{spread} late at the end on average, {join_words(parts)}."
    )


def list_chance_figures(
    study: Study, results: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[str, str, str]]:
    """Label, value and detail of the tiles on what is likely."""
    readings = {measure: _punctual(results, measure) for measure in READINGS}
    known = [(measure, frame) for measure, frame in readings.items() if not frame.is_empty()]
    if known:
        measure, chances = known[0]
        service = order_services(study, chances)[0]
        row = chances.filter(pl.col("service_id") == service).row(0, named=True)
        name = _names(study, "coach_services", "service_id").get(service, service)
        detail = f"{name}, {_describe_limit(measure, row['limit_h'])}, {_describe_group(chances)}"
        label = "Chance of arriving as announced"
        yield label, percent_text(row["share"]), f"{_doubt(row, 'share')}{detail}"
    if not results.get("handover_risks", pl.DataFrame()).is_empty():
        missed = select_handovers(results)
        if not missed.is_empty():
            row = missed.sort("missed_share", descending=True).row(0, named=True)
            value = percent_text(row["missed_share"])
            names = _names(study, "coach_services", "service_id")
            service = names.get(row["service_id"], row["service_id"])
            detail = f"{_doubt(row, 'missed_share')}{_place(study, row)} of {service}"
            yield "Hand-over on the way missed most often", value, detail


def _describe_limit(measure: str, limit_h: float) -> str:
    if measure == "announced_day":
        return f"on day {limit_h / HOURS_A_DAY:.0f}"
    return f"within {duration_text(limit_h)}"


def _punctual(results: Mapping[str, pl.DataFrame], measure: str) -> pl.DataFrame:
    frame = results.get("punctuality", pl.DataFrame())
    if frame.is_empty():
        return frame
    announced = frame.filter(pl.col("measure") == measure)
    return select_group(announced, "share").sort("limit_h", maintain_order=True)


def order_services(study: Study, frame: pl.DataFrame) -> list[str]:
    """Give the services of a table, those shown first at the head, each followed by its return."""
    services = [str(name) for name in frame["service_id"].unique(maintain_order=True).to_list()]
    shown = [trip.split("@")[0] for trip in study.settings.report.trip_ids]
    returns = _names(study, "coach_services", "service_id", "return_service_id")
    ordered: list[str] = []
    for service in [*shown, *services]:
        for each in (service, returns.get(service, "")):
            if each in services and each not in ordered:
                ordered.append(each)
    return ordered


def _names(study: Study, table: str, key: str, name: str = "name") -> dict[str, str]:
    pairs = study.table(table).select(key, name).iter_rows()
    return {str(name_key): str(word) for name_key, word in pairs if word is not None}


def _place(study: Study, row: Mapping[str, Any]) -> str:
    places = _names(study, "operational_points", "point_id")
    place = places.get(row["point_id"], row["point_id"])
    numbers = _names(study, "trains", "train_id", "number")
    train = row["to_train_id"]
    return f"{place} to train {numbers.get(train, train)}" if train else str(place)


def _describe_group(frame: pl.DataFrame) -> str:
    is_works = frame["group_id"][0] == "works"
    return "where the announced hosts run" if is_works else "over all departures"


def _describe_cause(row: Mapping[str, Any]) -> str:
    cause = str(row["cause"] or row["name"] or "other")
    return CAUSE_WORDS.get(cause, cause.replace("_", " "))


def _hours(minutes: float) -> str:
    return duration_text(minutes / MINUTES_AN_HOUR)


def percent_range_text(low: float, high: float) -> str:
    """Give a range of percentages, the sign written once where both ends are whole."""
    ends = [percent_text(low), percent_text(high)]
    if ends[0] == ends[1]:
        return ends[0]
    first = ends[0] if ends[0].startswith("<") else ends[0].removesuffix(" %")
    return f"{first} to {ends[1]}"


def _spread(row: Mapping[str, Any], name: str) -> str:
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None or low == high == row[name]:
        return ""
    return f" ({percent_range_text(low, high)})"


def _doubt(row: Mapping[str, Any], name: str) -> str:
    text = chance_text(row, name)
    return f"{text.split('(', 1)[1][:-1]}; " if "(" in text else ""
