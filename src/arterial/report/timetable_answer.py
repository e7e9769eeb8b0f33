"""What comes of the timetable as a whole, in a few sentences.

The main function is `describe_timetable`: how many trains run and how, what is in conflict, where.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from arterial.report.line_traffic import describe_station_punctuality
from arterial.report.wording import count_text, join_words
from arterial.study import Study

__all__ = ["KIND_WORDS", "describe_timetable", "name_places"]

MODE_WORDS: Final = {
    "running_time": "with times from physics",
    "timetable": "at the stated times without physics",
}
"""How a train runs, by the mode of `train_runs`; of the other modes none does."""

KIND_WORDS: Final = {
    "opposing": "head-on on single track",
    "catching_up": "one catching up with the other",
    "headway": "too close behind one another",
    "station_full": "more trains than tracks",
    "loop_too_short": "no loop that holds one of them",
    "track_taken": "no free track that they can use",
    "track_unfit": "a stated track that cannot hold the train",
    "throat": "ways that cross in the throat of a station",
    "connection": "the connection is missed",
    "possession": "on closed track",
    "too_fast": "faster than line and train allow",
}
"""Kinds of conflict as the page says them."""

REASONS_IN_WORDS: Final = 3
PLACES_IN_WORDS: Final = 3


def describe_timetable(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Give the answer at the head of the section: trains, reasons, conflicts, worst places.

    Parameters
    ----------
    study : Study
        The study, for the names of places.
    results : mapping of str to DataFrame
        Result tables by name; without ``train_runs`` nothing is said.

    Yields
    ------
    str
        One sentence or two on each subject, at most six.
    """
    runs = results.get("train_runs")
    if runs is None or runs.is_empty():
        return
    yield _describe_modes(runs)
    yield from _describe_reasons(runs)
    yield from describe_station_punctuality(study, results)
    conflicts = results.get("timetable_conflicts")
    if conflicts is None:
        yield "Conflicts between the trains were not sought."
        return
    if conflicts.is_empty():
        yield "Computed: no train is in conflict with another."
        return
    yield _describe_kinds(conflicts)
    yield _describe_places(study, conflicts)


def name_places(study: Study, conflicts: pl.DataFrame) -> pl.Series:
    """Give the place of each conflict in words: a point, or both ends of a section.

    Parameters
    ----------
    study : Study
        The study, for the names.
    conflicts : polars.DataFrame
        Table ``timetable_conflicts``.

    Returns
    -------
    polars.Series
        Text, one a row ``(n_conflicts,)``.
    """
    names = study.table("operational_points").select("point_id", "name")

    def name_of(column: str) -> pl.Expr:
        point_id = pl.col(column).cast(pl.String)
        name = point_id.replace_strict(names["point_id"], names["name"], default=None)
        return pl.coalesce(name, column)

    section = pl.format("{}\N{EN DASH}{}", name_of("from_point"), name_of("to_point"))
    unknown = pl.lit("an unknown place")
    place = pl.coalesce(name_of("point_id"), section, "section_id", unknown)
    return conflicts.select(place=place).to_series()


def _describe_modes(runs: pl.DataFrame) -> str:
    counts = dict(runs["mode"].value_counts().iter_rows())
    known = [(counts[mode], words) for mode, words in MODE_WORDS.items() if mode in counts]
    left = runs.height - sum(count for count, _ in known)
    trains = count_text(runs.height, "stated train")
    if len(known) == 1 and not left:
        return f"{trains}: all run {known[0][1]}."
    parts = [f"{count} {'runs' if count == 1 else 'run'} {words}" for count, words in known]
    if left:
        parts.append(f"{left} {'does' if left == 1 else 'do'} not run")
    return f"{trains}: {join_words(parts)}."


def _describe_reasons(runs: pl.DataFrame) -> Iterator[str]:
    """Why trains run without physics or not at all, the commonest reasons first."""
    for mode, lead in (("timetable", "Why without physics"), ("not_run", "Why not run")):
        of_mode = runs.filter(pl.col("mode") == mode)
        reasons = of_mode["reason"].fill_null("no reason is given").value_counts(sort=True)
        if reasons.is_empty():
            continue
        ordered = reasons.sort("count", "reason", descending=[True, False])
        parts = [
            f"{reason.rstrip('.')} ({count_text(count, 'train')})"
            for reason, count in ordered.head(REASONS_IN_WORDS).iter_rows()
        ]
        rest = ordered.height - REASONS_IN_WORDS
        more = f"; and {count_text(rest, 'other reason')}" if rest > 0 else ""
        yield f"{lead}: {'; '.join(parts)}{more}."


def _describe_kinds(conflicts: pl.DataFrame) -> str:
    counts = conflicts["kind"].value_counts().sort("count", "kind", descending=[True, False])
    parts = [f"{KIND_WORDS.get(kind, kind)} ({count})" for kind, count in counts.iter_rows()]
    pairs = conflicts.select(
        first=pl.min_horizontal("train_id", "other_train_id"),
        second=pl.max_horizontal("train_id", "other_train_id"),
        other="other_train_id",
    )
    of_two = pairs.drop_nulls("other").select("first", "second").n_unique()
    impossible = conflicts["is_impossible"].fill_null(value=False).sum()
    whose = f" of {count_text(of_two, 'pair')} of trains" if of_two else ""
    return (
        f"Computed: {count_text(conflicts.height, 'conflict')}{whose}: {join_words(parts)}. "
        f"{_describe_gravity(int(impossible), conflicts.height)}"
    )


def _describe_gravity(impossible: int, total: int) -> str:
    """How many conflicts no waiting on the way can settle."""
    mild = "to be settled on the way or closer than the least interval taken"
    if impossible == total:
        return "None of them can be run on the track there is."
    if not impossible:
        return f"Each of them is {mild}."
    rest = total - impossible
    others = "the other is" if rest == 1 else f"the other {rest} are"
    return f"Of these {impossible} cannot be run on the track there is; {others} {mild}."


def _describe_places(study: Study, conflicts: pl.DataFrame) -> str:
    places = (
        conflicts.with_columns(place=name_places(study, conflicts))
        .group_by("place")
        .agg(conflicts=pl.len(), days=pl.col("days_count").fill_null(1).sum())
        .sort("days", "conflicts", "place", descending=[True, True, False])
    )
    parts = [
        f"{place} ({count_text(count, 'conflict')}, {count_text(days, 'time')} over the horizon)"
        for place, count, days in places.head(PLACES_IN_WORDS).iter_rows()
    ]
    if places.height <= len(parts):
        return f"They lie at {join_words(parts)}."
    return f"Worst of {places.height} places: {join_words(parts)}."
