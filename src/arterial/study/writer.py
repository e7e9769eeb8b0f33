"""Writing a study folder: whole or not at all.

The main function is `write_study`. Files go to a temporary folder beside the target, which is
renamed at the end, so that a broken run never leaves half a study.
"""

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from arterial.errors import Fault, LimitError, StudyError, UsageError
from arterial.study.csvtext import format_table
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settings import Settings
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.study import Study

__all__ = ["build_folder", "format_settings", "write_study"]

_LINE_WIDTH: Final = 100
_DELETE: Final = "\x7f"


def write_study(study: Study, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a study as a folder of CSV tables with ``study.toml``.

    Parameters
    ----------
    study : Study
        What to write. A table without rows gets no file. Text that looks like a formula is
        written as it stands: changing it would change the study.
    path : str or Path
        Folder to create; its parent must exist.
    overwrite : bool
        Replace the study that is there. Everything in the folder that is not an input (runs,
        notes) stays.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    StudyError
        When something is there already and may not be replaced, or the parent does not exist.
    """
    with build_folder(path, overwrite=overwrite) as folder:
        (folder / "tables").mkdir()
        text = format_settings(study.settings)
        (folder / SETTINGS_FILE).write_text(text, encoding="utf-8", newline="\n")
        for name, frame in study.tables.items():
            if frame.height:
                schema = load_schema(name)
                table = format_table(schema.columns, frame)
                (folder / schema.file).write_text(table, encoding="utf-8", newline="")
    return Path(path)


@contextmanager
def build_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder that takes the place of `path` when the block ends well.

    Parameters
    ----------
    path : str or Path
        Folder to create; its parent must exist.
    overwrite : bool
        Replace a study that is there, keeping what is not an input.

    Yields
    ------
    Path
        The temporary folder; it is removed when the block fails.

    Raises
    ------
    StudyError
        When `path` may not be written.
    """
    target = Path(path)
    _refuse_target(target, overwrite=overwrite)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        folder.chmod(0o755)
        yield folder
        _put_in_place(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def format_settings(settings: Settings) -> str:
    """Settings as TOML, each key under the line that describes it.

    Examples
    --------
    >>> day = dt.date(2025, 6, 1)
    >>> settings = Settings(
    ...     schema_version=1, name="two_stations", title="Two stations", epoch=day,
    ...     horizon_from=day, horizon_to=day, as_of=day,
    ... )
    >>> format_settings(settings).splitlines()[:2]
    ['# Version of the tables and settings', 'schema_version = 1']
    """
    return "\n".join([*_format_part(settings, ""), ""])


def _format_part(part: BaseModel, name: str) -> list[str]:
    lines = [f"[{name}]"] if name else []
    nested: list[str] = []
    for key, field in type(part).model_fields.items():
        value = getattr(part, key)
        if isinstance(value, BaseModel):
            nested.extend(["", *_format_part(value, key)])
        elif value is not None:
            lines.extend([f"# {field.description}", f"{key} = {_format_value(value)}"])
    return lines + nested


def _format_value(value: object) -> str:
    match value:
        case Enum():
            return _format_value(value.value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace(_DELETE, "\\u007f")
        case dt.date():
            return value.isoformat()
        case int() | float():
            return repr(value)
        case tuple():
            return f"[{', '.join(_format_value(item) for item in value)}]"
        case _:
            message = f"A setting cannot hold {value!r}."
            raise LimitError(message)


def _refuse_target(target: Path, *, overwrite: bool) -> None:
    message = f"{target} was not written"
    if not target.parent.is_dir():
        cause = f"The folder {target.parent} does not exist."
        raise UsageError(message, [Fault(cause, "Make it first.")])
    if not (target.exists() or target.is_symlink()):
        return
    if not overwrite:
        fault = Fault(f"{target} exists already.", "Choose another name, or remove it first.")
        raise UsageError(message, [fault])
    if target.is_symlink() or not (target / SETTINGS_FILE).is_file():
        cause = f"{target} is not a study, so it is not replaced."
        raise StudyError(message, [Fault(cause, "Choose another name.")])


def _put_in_place(folder: Path, target: Path) -> None:
    if not target.exists():
        os.replace(folder, target)  # noqa: PTH105 - replaces nothing on any system
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    target.rename(old / target.name)
    try:
        folder.rename(target)
    except OSError:
        (old / target.name).rename(target)
        old.rmdir()
        raise
    inputs = {load_schema(name).file.split("/")[0] for name in list_tables(TableRole.INPUT)}
    for entry in (old / target.name).iterdir():
        if entry.name not in inputs | {SETTINGS_FILE, "datapackage.json"}:
            entry.rename(target / entry.name)
    shutil.rmtree(old)
