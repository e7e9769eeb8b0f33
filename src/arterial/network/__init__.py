"""The network: points, sections and change points; routes through it and their profile."""

from arterial.network.building import build_network
from arterial.network.gradients import GradientCase, GradientSettings
from arterial.network.model import ChangePoint, Network, Section
from arterial.network.profile import route_profile
from arterial.network.route import Route, RouteChange, RouteStep
from arterial.network.search import find_alternatives, find_route
from arterial.network.tables import compare_routes, route_table

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
    "find_alternatives",
    "find_route",
    "route_profile",
    "route_table",
]
