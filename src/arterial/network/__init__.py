"""The network: points, sections and change points; routes through it and their profile."""

from arterial.network.building import build_network
from arterial.network.model import ChangePoint, Network, Section
from arterial.network.profile import GradientCase, GradientSettings, route_profile
from arterial.network.route import (
    Route,
    RouteChange,
    RouteStep,
    compare_routes,
    cut_route,
    route_table,
)
from arterial.network.search import find_alternatives, find_route

__all__ = [
    "ChangePoint",
    "GradientCase",
    "GradientSettings",
    "Network",
    "Route",
    "RouteChange",
    "RouteStep",
    "Section",
    "build_network",
    "compare_routes",
    "cut_route",
    "find_alternatives",
    "find_route",
    "route_profile",
    "route_table",
]
