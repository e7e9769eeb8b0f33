"""Rolling stock: vehicles of a formation, traction, tractive effort, compatibility with a way."""

from arterial.stock.compatibility import check_compatibility
from arterial.stock.effort import locomotive_effort_table
from arterial.stock.formations import (
    FormationTotals,
    formation_totals,
    formation_vehicles_table,
)
from arterial.stock.outlines import Outline, list_outlines
from arterial.stock.traction import Traction, traction_for

__all__ = [
    "FormationTotals",
    "Outline",
    "Traction",
    "check_compatibility",
    "formation_totals",
    "formation_vehicles_table",
    "list_outlines",
    "locomotive_effort_table",
    "traction_for",
]
