"""Shipped studies: where they are, and new studies made from them.

The main functions are `new_study` and `shipped_studies`.
"""

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Final

from arterial.errors import Fault, StudyError, UsageError
from arterial.study.datapackage import DATAPACKAGE_FILE, write_datapackage
from arterial.study.faults import find_near_names
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.writer import build_folder

__all__ = ["find_shipped_folder", "new_study", "shipped_studies"]

TEMPLATE: Final = "two_stations"
"""The shipped study that a new one starts from."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_NAME_LINE: Final = re.compile(r"^name\s*=.*$", re.MULTILINE)
_NOT_COPIED: Final = ("runs", "__pycache__", ".*", DATAPACKAGE_FILE)


def find_shipped_folder() -> Path:
    """Folder of the shipped studies: inside the installed package, or ``studies`` of a checkout.

    Raises
    ------
    StudyError
        When neither is there.
    """
    package = Path(str(files("arterial")))
    for folder in (package / "shipped_studies", package.parents[1] / "studies"):
        if (folder / TEMPLATE / SETTINGS_FILE).is_file():
            return folder
    fault = Fault("The shipped studies are not installed.", "Install Arterial again.")
    message = "No shipped study was found"
    raise StudyError(message, [fault])


def shipped_studies() -> tuple[str, ...]:
    """Names of the shipped studies in alphabetical order."""
    folder = find_shipped_folder()
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{SETTINGS_FILE}")))


def new_study(
    path: str | Path, *, name: str | None = None, from_shipped: str | None = None
) -> Path:
    """Write a new study: a small working one, or a copy of a shipped one.

    Parameters
    ----------
    path : str or Path
        Folder to create; its parent must exist. Nothing is ever overwritten.
    name : str or None
        Name that the study gets; None takes the folder's name, other characters replaced.
    from_shipped : str or None
        Shipped study to copy; None takes the small one of two stations.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    StudyError
        When the name cannot be used, there is no such shipped study, or `path` is taken.
    """
    target = Path(path)
    source = _find_study(from_shipped or TEMPLATE)
    study_name = _make_name(target) if name is None else name
    if _NAME.fullmatch(study_name) is None:
        fault = Fault(
            f"{study_name!r} cannot be the name of a study.",
            "Use letters, digits, underscore and hyphen, a letter or digit first.",
        )
        message = f"{target} was not written"
        raise UsageError(message, [fault])
    with build_folder(target) as folder:
        ignore = shutil.ignore_patterns(*_NOT_COPIED)
        shutil.copytree(source, folder, ignore=ignore, dirs_exist_ok=True)
        settings = folder / SETTINGS_FILE
        text = settings.read_text(encoding="utf-8")
        line = f"name = {json.dumps(study_name)}"
        settings.write_text(_NAME_LINE.sub(line, text, count=1), encoding="utf-8", newline="\n")
        write_datapackage(folder)
    return target


def _find_study(name: str) -> Path:
    names = shipped_studies()
    if name in names:
        return find_shipped_folder() / name
    cure = f"There are: {', '.join(names)}."
    fault = Fault(f"{name!r} is not a shipped study.", cure, near=find_near_names(name, names))
    message = "No study was written"
    raise UsageError(message, [fault])


def _make_name(target: Path) -> str:
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", target.resolve().name).lstrip("_-")
    return cleaned[:100] or "study"
