"""A line of a few points with short times, and trains over it."""

from path_cases import ground, make_ground  # noqa: F401 fixtures
