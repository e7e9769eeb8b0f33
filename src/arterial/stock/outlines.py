"""Outlines that vehicles and their loads must stay inside, as width by height.

The dimensions stand in ``outlines.csv`` of this package, with source and grade. An outline is
taken as the rectangle around it: lower corners, platforms and the overhang in curves are left
out, so a containment found here is a first sieve and no clearance survey.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from arterial.study import split_list

__all__ = ["Outline", "find_outline", "list_outlines"]


@dataclass(frozen=True, slots=True)
class Outline:
    """A named outline.

    Parameters
    ----------
    name : str
        Name in its standard.
    aliases : tuple of str
        Other spellings.
    width_mm, height_mm : int
        Greatest width, and greatest height over the rail [mm].
    grade : str
        How sure the dimensions are.
    source : str
        Standard that defines it.
    """

    name: str
    aliases: tuple[str, ...]
    width_mm: int
    height_mm: int
    grade: str
    source: str

    @property
    def size(self) -> str:
        """Name with width and height, for explanations."""
        return f"{self.name} ({self.width_mm} x {self.height_mm} mm)"

    def exceeds_by_mm(self, other: "Outline") -> int:
        """By how much this outline is wider or higher than another at most [mm]; 0 = inside."""
        return max(0, self.width_mm - other.width_mm, self.height_mm - other.height_mm)


@cache
def list_outlines() -> tuple[Outline, ...]:
    """Every outline known here.

    Examples
    --------
    >>> [outline.size for outline in list_outlines() if outline.name == "1-VM"]
    ['1-VM (3400 x 4700 mm)']
    """
    text = (files(__package__) / "outlines.csv").read_text(encoding="utf-8")
    return tuple(
        Outline(
            name=row["name"],
            aliases=split_list(row["aliases"]),
            width_mm=int(row["width_mm"]),
            height_mm=int(row["height_mm"]),
            grade=row["grade"],
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def find_outline(name: str) -> Outline | None:
    """Outline of that name or spelling, blanks and case ignored; None = not known here.

    Examples
    --------
    >>> find_outline("gb146.1").width_mm
    3400
    """
    wanted = _fold(name)
    for outline in list_outlines():
        if wanted in {_fold(spelling) for spelling in (outline.name, *outline.aliases)}:
            return outline
    return None


def _fold(name: str) -> str:
    """Spelling without blanks and case."""
    return "".join(name.split()).casefold()
