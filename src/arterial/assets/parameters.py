"""Parameter sets: every number of the models of assets, in one file that is swapped whole.

The main function is `load_parameter_set`. A set is a CSV file named after where its numbers come
from; each row has a range, a unit, a grade and a source. `ParameterSet.draw` draws every number
from its range.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.parameter_rows import (
    PARAMETER_SCHEMA,
    ParameterShape,
    compare_parameter_rows,
    read_parameter_rows,
)
from arterial.errors import Fault, LimitError, StudyError
from arterial.randomness import stream
from arterial.study.csvtext import format_table
from arterial.study.estimates import EstimateShape, Range, sample_from_range
from arterial.study.faults import find_near_names
from arterial.writing import write_whole

__all__ = [
    "BEST_DRAW",
    "SHIPPED_SET",
    "ParameterSet",
    "list_parameter_sets",
    "load_parameter_set",
    "write_parameter_set",
]

BEST_DRAW: Final = -1
"""Draw in which every parameter has its best value."""

SHIPPED_SET: Final = "literature_2026"
"""The set that is used when none is named; it also says which parameters a set must hold."""

_NAME: Final = re.compile(r"[a-z0-9_]+")
_Key = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class ParameterSet:
    """A named set of parameters.

    Parameters
    ----------
    name : str
        Name of the file without ``.csv``.
    table : polars.DataFrame
        Columns model, parameter, kind, material, value, low, high, unit, shape, grade, source,
        note; one row a number.
    draw_number : int
        Draw that `value` belongs to; -1 = best values.
    """

    name: str
    table: pl.DataFrame
    draw_number: int = BEST_DRAW

    @cached_property
    def _values(self) -> Mapping[_Key, float]:
        keys = self.table.select("parameter", "kind", "material").iter_rows()
        return dict(zip(keys, self.table["value"].to_list(), strict=True))

    def value(
        self, parameter: str, *, kind: str | None = None, material: str | None = None
    ) -> float:
        """Value of a parameter; a row for the kind and material goes before a general one.

        Parameters
        ----------
        parameter : str
            Its name.
        kind, material : str or None
            Kind of asset and material; None = any. A parameter that stands in one row alone is
            found without them.

        Raises
        ------
        LimitError
            When there is no such parameter; near names are given.

        Examples
        --------
        >>> parameters = load_parameter_set("literature_2026")
        >>> parameters.value("mean_failure_rate_per_year", kind="turnout")
        0.53
        >>> parameters.value("sleeper_mean_life_y", kind="track", material="timber_softwood")
        15.0
        """
        for key in (
            (parameter, kind, material),
            (parameter, kind, None),
            (parameter, None, material),
            (parameter, None, None),
        ):
            if key in self._values:
                return self._values[key]
        matches = [value for key, value in self._values.items() if key[0] == parameter]
        if len(matches) == 1 and kind is None:
            return matches[0]
        raise LimitError(self._explain_missing(parameter, kind, material, is_known=bool(matches)))

    def values(
        self, stem: str, count: int, *, kind: str | None = None, first: int = 1
    ) -> NDArray[np.float64]:
        """Values of the parameters ``stem_1`` to ``stem_<count>``, ``(count,)``.

        Examples
        --------
        >>> load_parameter_set("literature_2026").values("needed_sleepers_class", 5)
        array([ 5.,  8.,  8., 12., 12.])
        """
        numbers = range(first, first + count)
        return np.array([self.value(f"{stem}_{number}", kind=kind) for number in numbers])

    def draw(self, seed: int, draw: int) -> Self:
        """Draw every parameter from its range.

        Each parameter has its own stream by name, so that two sets which differ in one row differ
        in that row alone, and draw the same place within their ranges.

        Parameters
        ----------
        seed : int
            Seed of the study.
        draw : int
            Number of the draw; -1 = best values.

        Returns
        -------
        ParameterSet
            The set with the drawn values in `value`; ranges stay as they are.
        """
        if draw == BEST_DRAW:
            return self
        values = [_draw_row(row, seed, draw) for row in self.table.iter_rows(named=True)]
        table = self.table.with_columns(pl.Series("value", values, dtype=pl.Float64))
        return type(self)(self.name, table, draw)

    def replace(self, parameter: str, value: float, *, kind: str | None = None) -> Self:
        """Give the set with one parameter changed, for variants and checks.

        Parameters
        ----------
        parameter : str
            Its name; all its rows are changed.
        value : float
            New value; it may lie outside the range.
        kind : str or None
            Change only the row of this kind.

        Raises
        ------
        LimitError
            When there is no such row.
        """
        is_meant = pl.col("parameter") == parameter
        if kind is not None:
            is_meant &= pl.col("kind") == kind
        if self.table.filter(is_meant).is_empty():
            raise LimitError(self._explain_missing(parameter, kind, None, is_known=False))
        column = pl.when(is_meant).then(pl.lit(float(value))).otherwise(pl.col("value"))
        return type(self)(
            self.name, self.table.with_columns(column.alias("value")), self.draw_number
        )

    def with_fitted(self, parameter: str, ends: Sequence[float], *, kind: str, source: str) -> Self:
        """Give the set with one row taken from a fit.

        Parameters
        ----------
        parameter, kind : str
            Row to change.
        ends : sequence of float
            Low end, value and high end.
        source : str
            Whose records were fitted.

        Returns
        -------
        ParameterSet
            The set; the row is lognormal between its ends and graded derived.

        Raises
        ------
        LimitError
            When there is no such row, or the ends are not positive and in order.
        """
        low, value, high = ends
        if not 0 < low <= value <= high:
            message = f"Ends must satisfy 0 < low <= value <= high, not {low}, {value}, {high}."
            raise LimitError(message)
        changed = self.replace(parameter, value, kind=kind).table
        is_meant = (pl.col("parameter") == parameter) & (pl.col("kind") == kind)
        shape = ParameterShape.LOGNORMAL if low < high else ParameterShape.FIXED
        fresh = {
            "low": low,
            "high": high,
            "shape": shape.value,
            "grade": "derived",
            "source": source,
            "note": "fitted to failure records",
        }
        columns = [
            pl.when(is_meant).then(pl.lit(cell)).otherwise(pl.col(name)).alias(name)
            for name, cell in fresh.items()
        ]
        return type(self)(self.name, changed.with_columns(columns), self.draw_number)

    def _explain_missing(
        self, parameter: str, kind: str | None, material: str | None, *, is_known: bool
    ) -> str:
        if is_known:
            return (
                f"Parameter set {self.name} has no {parameter} for kind {kind!r} and material "
                f"{material!r}."
            )
        near = find_near_names(parameter, {key[0] for key in self._values})
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        return f"Parameter set {self.name} has no parameter {parameter!r}.{hint}"


def list_parameter_sets() -> tuple[str, ...]:
    """Names of the shipped sets.

    Examples
    --------
    >>> list_parameter_sets()
    ('literature_2026',)
    """
    return tuple(sorted(path.stem for path in _shipped_folder().glob("*.csv")))


def load_parameter_set(
    name: str | Path = SHIPPED_SET, *, folder: Path | None = None
) -> ParameterSet:
    """Load a parameter set.

    Parameters
    ----------
    name : str or Path
        Name of a set in `folder` or of a shipped one, or path of a CSV file with the columns of
        the shipped ones. A set is whole: it holds every parameter that `SHIPPED_SET` has, in the
        same units; it may add rows for further kinds and materials.
    folder : Path or None
        Folder of sets of one's own, such as ``parameters`` of a study; a name found there goes
        before a shipped one.

    Returns
    -------
    ParameterSet
        The set with its best values.

    Raises
    ------
    StudyError
        When there is no such set, or its file has faults; all are told.

    Examples
    --------
    >>> load_parameter_set("literature_2026").table.height > 200
    True
    """
    text = str(name)
    if _NAME.fullmatch(text):
        own = None if folder is None else folder / f"{text}.csv"
        if own is not None and own.is_file():
            return _load_file(own, f"{own.parent.name}/{own.name}")
        return _load_shipped(text)
    path = Path(name)
    return _load_file(path, path.name)


def write_parameter_set(parameters: ParameterSet, path: Path) -> Path:
    """Write a set as a file that `load_parameter_set` reads, whole or not at all.

    Parameters
    ----------
    parameters : ParameterSet
        The set.
    path : Path
        File to write or replace; its folder must exist.
    """
    return write_whole(path, format_table(list(PARAMETER_SCHEMA), parameters.table))


@cache
def _load_shipped(name: str) -> ParameterSet:
    path = _shipped_folder() / f"{name}.csv"
    if path.is_file():
        return _load_file(path, f"parameters/{name}.csv")
    near = find_near_names(name, list_parameter_sets())
    cure = f"Name one of {', '.join(list_parameter_sets())}, or the path of a CSV file."
    message = f"There is no parameter set {name!r}"
    fault = Fault(f"{message}.", cure, "study.toml", column="parameter_set", near=near)
    raise StudyError(message, [fault])


def _load_file(path: Path, file: str) -> ParameterSet:
    faults: list[Fault] = []
    frame = read_parameter_rows(path, file, faults)
    if not faults and path != _shipped_folder() / f"{SHIPPED_SET}.csv":
        shipped = _load_shipped(SHIPPED_SET).table
        faults.extend(compare_parameter_rows(frame, shipped, file))
    if faults:
        message = f"The parameter set {file} has faults"
        raise StudyError(message, faults)
    return ParameterSet(path.stem, frame.drop("row"))


def _shipped_folder() -> Path:
    return Path(str(files("arterial.assets"))) / "parameters"


def _draw_row(row: Mapping[str, object], seed: int, draw: int) -> float:
    low, best, high = (float(str(row[name])) for name in ("low", "value", "high"))
    shape = ParameterShape(str(row["shape"]))
    if shape is ParameterShape.FIXED:
        return best
    name = "/".join(str(row[part] or "") for part in ("parameter", "kind", "material"))
    random = stream(seed, f"parameters/{name}", draw)
    if shape is ParameterShape.LOG_UNIFORM:
        return low * math.exp(float(random.random()) * math.log(high / low))
    return sample_from_range(Range(low, best, high, EstimateShape(shape.value)), random)
