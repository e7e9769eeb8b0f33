"""The built page parts: script, style sheet and country outlines.

The main function is `load_bundle`. The parts are built from ``web/`` while a wheel is made and are
never kept in the repository, so a raw checkout has to build them once.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from arterial.errors import ArterialError, Fault

__all__ = ["BUNDLE_FILES", "Bundle", "load_bundle"]

BUNDLE_FILES: Final = ("report.js", "report.css", "outlines.json")
"""What ``npm run build`` leaves in ``report/assets/bundle``."""

_BUILD_COMMAND: Final = "npm --prefix web ci && npm --prefix web run build"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The page parts, as text.

    Parameters
    ----------
    script : str
        The compiled page script, one classic script without imports.
    style : str
        The style sheet.
    outlines : mapping
        Natural Earth countries as a topology, each with its bounds [degrees].
    """

    script: str
    style: str
    outlines: dict[str, Any] = field(repr=False)


@cache
def load_bundle() -> Bundle:
    """Give the built page parts.

    Raises
    ------
    ArterialError
        When they were not built; the message says how to build them.
    """
    folder = files("arterial.report") / "assets" / "bundle"
    missing = [name for name in BUNDLE_FILES if not (folder / name).is_file()]
    if missing:
        cure = f"Build them once at the root of the checkout: {_BUILD_COMMAND}"
        faults = [Fault(f"Page part {name} is missing.", cure, str(folder)) for name in missing]
        message = "The report cannot be made: its page parts were not built"
        raise ArterialError(message, faults)
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in BUNDLE_FILES}
    return Bundle(texts["report.js"], texts["report.css"], json.loads(texts["outlines.json"]))
