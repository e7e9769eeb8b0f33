"""What a claim speaks of, found in the study: services, two places, a line, a country's railways.

Main function: :meth:`Model.find_subject`. Places are known by the names of points and by those that
services and routes are named after, so that "Moscow" is the terminus that the tables call
otherwise.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol, TypeVar, cast

import polars as pl

from arterial.clock import CivilTime, clock_face_difference_s, elapsed_s
from arterial.errors import ArterialError, LimitError
from arterial.evidence.ledger import StandingClaims
from arterial.evidence.statements import StatementSettings
from arterial.network import Network, build_network
from arterial.study import empty_table
from arterial.units import HOUR_S

__all__ = ["Answer", "Horizon", "Model", "Subject", "fold_text"]

Result = TypeVar("Result")

_COUNTRIES: Final[Mapping[str, str]] = {
    "dprk": "KP",
    "north korea": "KP",
    "north korean": "KP",
    "rzd": "RU",
    "russia": "RU",
    "russian": "RU",
    "china": "CN",
    "chinese": "CN",
}
_SHORTEST_NAME: Final = 4
_PAIR: Final = 2


class Horizon(StatementSettings, Protocol):
    """Settings of a study that claims are held against: those of statements, and its day."""

    @property
    def as_of(self) -> dt.date:
        """Day on which the study stands, which dates its verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a claim speaks of.

    Parameters
    ----------
    services : tuple of str
        Services between its two places, those in its direction where there are any.
    places : tuple of str
        Points, in the order in which they are named; the same point once.
    line_ids : tuple of str
        Lines of that name.
    country : str
        Country whose railways are meant; empty = none.
    is_first_run : bool
        Whether the first run alone is meant.
    """

    services: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    line_ids: tuple[str, ...] = ()
    country: str = ""
    is_first_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model gives for a quantity, in the base unit of the claim.

    Parameters
    ----------
    name : str
        The quantity of the model, in words.
    calculation : str
        How it comes about.
    low, best, high : float or None
        The range; None = the model has none.
    is_part : bool
        The study holds a part of the railway, so that the figure is a lower bound.
    is_bound : bool
        The figure is the most that can be, not what is.
    holds_within : bool
        Anything in the range agrees: it holds the ways that there are, not doubt of one.
    is_example : bool
        The figure is of the trains that the study has; other trains may run otherwise.
    set_from : frozenset of str
        Sources that the figure was set from: they prove nothing.
    others : mapping of str to tuple
        Other readings by name, each a range and its words.
    text : str
        Place, where a place was asked for.
    days : frozenset of int
        Days of the month, where those were asked for.
    some_days : frozenset of int
        Days of the month that come in some months only, because months differ in length.
    period : tuple of date or None
        Days between which it lies, where a date was asked for.
    other_periods : mapping of str to tuple
        Other readings of a date by name.
    """

    name: str
    calculation: str
    low: float | None = None
    best: float | None = None
    high: float | None = None
    is_part: bool = False
    is_bound: bool = False
    holds_within: bool = False
    is_example: bool = False
    set_from: frozenset[str] = frozenset()
    others: Mapping[str, tuple[float, float, str]] = field(default_factory=dict)
    text: str = ""
    days: frozenset[int] = frozenset()
    some_days: frozenset[int] = frozenset()
    period: tuple[dt.date, dt.date] | None = None
    other_periods: Mapping[str, tuple[dt.date, dt.date]] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """Tables and results that claims are held against.

    Parameters
    ----------
    tables, results : mapping of str to DataFrame
        Study tables with their defaults, and result tables; any may be missing.
    settings : Horizon
        Epoch and horizon of the study.
    claims : StandingClaims
        Claims that one may be held against.
    """

    tables: Mapping[str, pl.DataFrame]
    results: Mapping[str, pl.DataFrame]
    settings: Horizon
    claims: StandingClaims
    _subjects: dict[str, Subject] = field(default_factory=dict, repr=False)
    _known: dict[tuple[object, ...], object] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> pl.DataFrame:
        """A table of the study or of its results, without rows where it is missing."""
        for frames in (self.results, self.tables):
            if name in frames:
                return frames[name]
        return empty_table(name)

    def once(self, compute: Callable[..., Result], *arguments: Hashable) -> Result:
        """Give what a function makes of this model and some arguments, computed once.

        A ledger of thousands of claims asks for the same days and sections again and again.
        """
        key = (compute, *arguments)
        if key not in self._known:
            self._known[key] = compute(self, *arguments)
        return cast("Result", self._known[key])

    @cached_property
    def zones(self) -> dict[str, str]:
        """Zone of each point."""
        rows = self.table("operational_points").select("point_id", "zone").drop_nulls()
        return dict(rows.iter_rows())

    def find_clock_shift_h(self, first: str, last: str, day: dt.date) -> float:
        """Hours by which the clock of the last place is ahead of that of the first on a day."""
        zones = [self.zones.get(place) for place in (first, last)]
        if None in zones:
            return 0.0
        try:
            faces = [CivilTime(day, "12:00", str(zone)) for zone in zones]
            return (clock_face_difference_s(*faces) - elapsed_s(*faces)) / HOUR_S
        except LimitError:
            return 0.0

    @cached_property
    def network(self) -> Network | None:
        """The network; None where its sections do not join."""
        try:
            return build_network(self.tables)
        except ArterialError:
            return None

    @cached_property
    def names(self) -> dict[str, str]:
        """Point by folded name."""
        found: dict[str, str] = {}
        for name, first, last in self._list_pairs():
            ends = re.split(r"\s*[-\u2013\u2014]\s*", name)
            if len(ends) == _PAIR:
                found.setdefault(fold_text(ends[0]), first)
                found.setdefault(fold_text(ends[1]), last)
        points = self.table("operational_points").select("point_id", "name").drop_nulls()
        for point_id, name in points.iter_rows():
            found.setdefault(fold_text(name), point_id)
        for point_id, name in points.iter_rows():
            head = fold_text(name).partition(" ")[0]
            # "Chongjin" is short for Chongjin Chongnyon; "South" is short for nothing.
            if len(head) >= _SHORTEST_NAME and head not in {"north", "south", "east", "west"}:
                found.setdefault(head, point_id)
        return {name: point for name, point in found.items() if len(name) >= _SHORTEST_NAME}

    def _list_pairs(self) -> Iterator[tuple[str, str, str]]:
        """Names of services and routes with the points at their ends."""
        services = self.table("coach_services").select("name", "from_point", "to_point")
        yield from (row for row in services.iter_rows() if None not in row)
        ends = (
            self.table("route_points")
            .sort("route_id", "sequence")
            .group_by("route_id")
            .agg(first=pl.col("point_id").first(), last=pl.col("point_id").last())
        )
        named = self.table("routes").select("route_id", "name").join(ends, on="route_id")
        yield from (row[1:] for row in named.iter_rows() if None not in row)

    @cached_property
    def _places(self) -> re.Pattern[str]:
        names = sorted(self.names, key=len, reverse=True)
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b" if names else r"(?!)")

    def find_subject(self, text: str) -> Subject:
        """What a claim's subject names in this study; an empty subject where it names nothing."""
        if text not in self._subjects:
            self._subjects[text] = self._find_subject(fold_text(text))
        return self._subjects[text]

    def _find_subject(self, words: str) -> Subject:
        line_ids = tuple(
            line_id
            for line_id, name in self.table("lines").select("line_id", "name").iter_rows()
            if name and _names_line(words, fold_text(name))
        )
        if line_ids:
            return Subject(line_ids=line_ids)
        places = tuple(dict.fromkeys(self.names[name] for name in self._places.findall(words)))
        is_first = "first run" in words
        if places:
            services = self._find_services(places)
            return Subject(services=services, places=places, is_first_run=is_first)
        if is_first:
            # "First run" alone: that of the service that ran first.
            trips = self.table("trips").sort("trip_date")
            first = tuple(trips["service_id"].head(1).to_list())
            return Subject(services=first, is_first_run=True)
        country = next((code for name, code in _COUNTRIES.items() if name in words.split(" ")), "")
        country = country or next((c for name, c in _COUNTRIES.items() if name in words), "")
        return Subject(country=country)

    def _find_services(self, places: tuple[str, ...]) -> tuple[str, ...]:
        if len(places) != _PAIR:
            return ()
        services = self.table("coach_services").select("service_id", "from_point", "to_point")
        ends = {(first, last): name for name, first, last in services.iter_rows()}
        found = ends.get((places[0], places[1])) or ends.get((places[1], places[0]))
        return () if found is None else (found,)


def _names_line(words: str, line: str) -> bool:
    """Whether a subject is the name of a line, or the beginning of it."""
    return words == line or (len(words) > _SHORTEST_NAME and line.startswith(f"{words} "))


def fold_text(text: str) -> str:
    """Text in small letters, without accents, apostrophes and brackets, single-spaced.

    Examples
    --------
    >>> fold_text("P'yongui  Line (west)")
    'pyongui line west'
    """
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    letters = re.sub(r"['\u2019\u02bc()\[\]]", "", letters.casefold())
    return " ".join(re.sub(r"[,;:/]", " ", letters).split())
