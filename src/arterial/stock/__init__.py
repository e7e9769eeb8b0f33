"""Vehicles, formations and compatibility: what runs, with which locomotive, and where it may go."""

from arterial.stock.compatibility import check_compatibility
from arterial.stock.formations import formation_vehicles_table, list_formation_changes
from arterial.stock.outlines import Outline, list_outlines
from arterial.stock.traction import Traction, traction_for

__all__ = [
    "Outline",
    "Traction",
    "check_compatibility",
    "formation_vehicles_table",
    "list_formation_changes",
    "list_outlines",
    "traction_for",
]
