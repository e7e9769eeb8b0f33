"""The built page parts: script, style sheet and country outlines, and how they stand in a page.

The main function is `load_bundle`. The parts are built from ``web/`` while a wheel is made and are
never kept in the repository, so a raw checkout has to build them once. `make_inline` and
`hash_source` put them into a page whose policy lets nothing else run.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from arterial.errors import ArterialError, Fault

__all__ = ["BUNDLE_FILES", "Bundle", "hash_source", "load_bundle", "make_inline"]

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


def make_inline(text: str, tag: str) -> str:
    """Keep the text of a built file from ending the element it is inlined in.

    Parameters
    ----------
    text : str
        Content of the file.
    tag : str
        Name of the element: ``script`` or ``style``.
    """
    # "<!--" would open a comment that hides the end of the element from the parser.
    safe = text.replace(f"</{tag}", f"<\\/{tag}").replace("<!--", "<\\!--")
    return safe.strip()


def hash_source(text: str) -> str:
    """Hash by which a content security policy allows an inlined text.

    Examples
    --------
    >>> hash_source("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
