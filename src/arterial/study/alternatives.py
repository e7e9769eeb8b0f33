"""Rival structures of a study: options of which one holds, each with the tables that it replaces.

Main functions: :func:`list_options` and :func:`take_option`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study.checks import check_tables
from arterial.study.faults import find_near_names, has_errors
from arterial.study.paces import expand_paces
from arterial.study.reader import read_inputs, read_table
from arterial.study.records import CheckedTables
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.study import Study

__all__ = ["STATED", "Option", "list_options", "take_option"]

FILE: Final = "alternatives.csv"
EVIDENCE: Final = frozenset({"alternatives", "claims", "observations", "sources"})
"""Tables that are the same for all options, else each would be weighed by its own."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way in which what is open may be.

    Parameters
    ----------
    group, name, title : str
        What is open, and the option by its name and in words.
    prior : float
        How likely it is before anything is learned [1].
    folder : str
        Folder of the study with the tables that it replaces; empty = none.
    """

    group: str
    name: str
    title: str
    prior: float
    folder: str = ""


STATED = Option("", "stated", "As stated", 1.0)
"""The one option of a study without alternatives."""


def list_options(study: Study) -> tuple[Option, ...]:
    """Options of the first group of alternatives; what the tables state where there is none.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    tuple of Option
        In the order of the table.

    Raises
    ------
    StudyError
        If a folder is not there, or more than one group is open. That weights add up to 1 is
        checked as the study is read.
    """
    rows = study.table("alternatives")
    options = tuple(
        Option(row["group"], row["option"], row["title"], row["prior_weight"], row["folder"] or "")
        for row in rows.iter_rows(named=True)
    )
    if not options:
        return (STATED,)
    groups = list(dict.fromkeys(option.group for option in options))
    faults = []
    if len(groups) > 1:
        cause = f"{len(groups)} groups are open: {', '.join(groups)}."
        cure = "Write each combination as an option of one group, with its own folder."
        faults.append(Fault(cause, cure, FILE, None, "group"))
    faults += [
        Fault(f"There is no folder {one.folder!r}.", "Correct it.", FILE, row, "folder")
        for row, one in enumerate(options, 2)
        if one.folder and not _find_folder(study, one).is_dir()
    ]
    if faults:
        message = "The alternatives cannot be weighed."
        raise StudyError(message, faults)
    return options


def take_option(study: Study, option: Option) -> Study:
    """The study as it is if an option holds.

    Parameters
    ----------
    study : Study
        The study.
    option : Option
        One of :func:`list_options`.

    Returns
    -------
    Study
        Rows of the option's tables stand for those of the same key, and beside the others.

    Raises
    ------
    StudyError
        If a table of the option has faults, alone or with the others.
    """
    if not option.folder:
        return study
    # As the files have them: repetitions of paced trains follow from what the option states.
    frames = dict(read_inputs(study.path).tables.frames)
    inputs = [name for name in list_tables(TableRole.INPUT) if name not in EVIDENCE]
    for file in sorted(_find_folder(study, option).glob("*.csv")):
        if file.stem not in inputs:
            near = find_near_names(file.stem, inputs)
            cause = "It is no table that an option may replace."
            cure = "Correct its name; evidence is the same for all options."
            message = f"The option {option.name} replaces what it cannot."
            place = f"{option.folder}/{file.name}"
            raise StudyError(message, [Fault(cause, cure, place, near=near)])
        read = read_table(file, file.stem)
        frames[file.stem] = _replace_rows(frames[file.stem], read, file.stem)
    rows = {name: tuple(range(2, frame.height + 2)) for name, frame in frames.items()}
    found = check_tables(CheckedTables(frames, rows), study.settings)
    if has_errors(found):
        message = f"With the option {option.name} the study has faults."
        raise StudyError(message, [fault for fault in found if has_errors([fault])])
    return Study(study.path, study.settings, expand_paces(frames), study.warnings)


def _find_folder(study: Study, option: Option) -> Path:
    """Folder of an option, never outside the study."""
    folder = (study.path / option.folder).resolve()
    return folder if folder.is_relative_to(study.path.resolve()) else study.path / "\0"


def _replace_rows(own: pl.DataFrame, new: pl.DataFrame, name: str) -> pl.DataFrame:
    key = list(load_schema(name).key)
    kept = own.join(new, on=key, how="anti", nulls_equal=True, maintain_order="left")
    return pl.concat([kept, new.select(own.columns)])
