"""Blocks: the stretches of a network between neighbouring passing points.

Main function: :func:`find_blocks`. On a single line only one train at a time, or several of one
direction, can be between two passing points; the longest such stretch limits the line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.network import Network, Section

__all__ = ["MEETING_KINDS", "Block", "BlockStep", "find_blocks", "list_passing_points"]

MEETING_KINDS: Final = ("loop", "station", "junction", "terminal", "border")
"""Kinds of operational points at which trains can meet when they have two tracks or more."""

LEAST_TRACKS: Final = 2


@dataclass(frozen=True, slots=True)
class BlockStep:
    """One step of the network inside a block.

    Parameters
    ----------
    from_point, to_point : str
        Points in the direction of the block.
    section : Section
        Section that it lies in.
    length_km : float
        Length [km].
    """

    from_point: str
    to_point: str
    section: Section
    length_km: float


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch between two passing points.

    Parameters
    ----------
    steps : tuple of BlockStep
        Steps in order, shape ``(n_steps,)``.
    """

    steps: tuple[BlockStep, ...]

    @property
    def from_point(self) -> str:
        """Passing point at the begin; direction up leaves it."""
        return self.steps[0].from_point

    @property
    def to_point(self) -> str:
        """Passing point at the end."""
        return self.steps[-1].to_point

    @property
    def block_id(self) -> str:
        """First section and both ends, which name a block."""
        return f"{self.steps[0].section.section_id}:{self.from_point}~{self.to_point}"

    @property
    def section_ids(self) -> tuple[str, ...]:
        """Sections that it lies in, in order."""
        return tuple(dict.fromkeys(step.section.section_id for step in self.steps))

    @property
    def length_km(self) -> float:
        """Length [km]."""
        return sum(step.length_km for step in self.steps)

    @property
    def tracks_count(self) -> int | None:
        """Running tracks, the same on every step; None = unknown."""
        return self.steps[0].section.tracks_count

    @property
    def points(self) -> tuple[str, ...]:
        """Points in order, ends included."""
        return (self.from_point, *(step.to_point for step in self.steps))


def list_passing_points(operational_points: pl.DataFrame) -> frozenset[str]:
    """Points at which two trains can meet: two tracks or more, of a kind that has them.

    Parameters
    ----------
    operational_points : polars.DataFrame
        Table of that name.

    Returns
    -------
    frozenset of str
        Their ids.

    Notes
    -----
    An estimate: whether trains of a given length fit, and which tracks can be entered at once, is
    not looked at. A point whose track count is unknown is not counted, which lengthens the block
    and so understates capacity, unless it is called a loop, which means two tracks.

    Examples
    --------
    >>> points = pl.DataFrame({
    ...     "point_id": ["a", "b", "c", "d"], "kind": ["station", "loop", "halt", "station"],
    ...     "tracks_count": [3, None, 2, None]})
    >>> sorted(list_passing_points(points))
    ['a', 'b']
    """
    has_tracks = pl.col("tracks_count") >= LEAST_TRACKS
    known = has_tracks.fill_null(pl.col("kind") == "loop")
    chosen = operational_points.filter(pl.col("kind").is_in(MEETING_KINDS) & known)
    return frozenset(chosen["point_id"].to_list())


def find_blocks(network: Network, passing_points: frozenset[str]) -> tuple[Block, ...]:
    """Cut a network into blocks.

    A block ends at a passing point, where lines part or end, and where the number of running
    tracks changes, since trains can meet where double track begins. Closed sections are left out.

    Parameters
    ----------
    network : Network
        The network.
    passing_points : frozenset of str
        Points at which trains can meet.

    Returns
    -------
    tuple of Block
        Every open step is in one block; in the order and direction of the sections.
    """
    steps = _list_steps(network)
    at_point: dict[str, list[int]] = {}
    for number, step in enumerate(steps):
        at_point.setdefault(step.from_point, []).append(number)
        at_point.setdefault(step.to_point, []).append(number)
    ends = frozenset(
        point
        for point, found in at_point.items()
        if point in passing_points or _is_end([steps[number] for number in found])
    )
    seen: set[int] = set()
    blocks = []
    for number, step in enumerate(steps):
        if number in seen:
            continue
        ahead = list(_walk(steps, at_point, ends, number, step.to_point))
        seen.update((number, *ahead))
        behind = [
            found
            for found in _walk(steps, at_point, ends, number, step.from_point)
            if found not in seen
        ]
        seen.update(behind)
        blocks.append(_join(steps, [*reversed(behind), number, *ahead], number))
    return tuple(blocks)


def _list_steps(network: Network) -> list[BlockStep]:
    return [
        BlockStep(
            network.point_ids[begin],
            network.point_ids[end],
            network.sections[section],
            float(length_km),
        )
        for begin, end, section, length_km in zip(
            network.step_from.tolist(),
            network.step_to.tolist(),
            network.step_section.tolist(),
            network.step_length_km.tolist(),
            strict=True,
        )
        if network.sections[section].is_open
    ]


def _is_end(found: list[BlockStep]) -> bool:
    """Whether lines part or end at a point, or its two sides differ in tracks or direction."""
    if len(found) != LEAST_TRACKS:
        return True
    one, other = (step.section for step in found)
    return (one.tracks_count, one.direction) != (other.tracks_count, other.direction)


def _walk(
    steps: list[BlockStep],
    at_point: Mapping[str, list[int]],
    ends: frozenset[str],
    number: int,
    point: str,
) -> Iterator[int]:
    """Steps from one step on over a point, up to the next end or round to the step itself."""
    start = number
    while point not in ends:
        number = next(other for other in at_point[point] if other != number)
        if number == start:
            return
        yield number
        step = steps[number]
        point = step.to_point if step.from_point == point else step.from_point


def _join(steps: list[BlockStep], numbers: list[int], direction_of: int) -> Block:
    """Block of steps, each turned so that it begins where the one before ends."""
    place = numbers.index(direction_of)
    turned = [steps[direction_of]]
    for number in numbers[place + 1 :]:
        turned.append(_turn(steps[number], from_point=turned[-1].to_point))
    for number in reversed(numbers[:place]):
        step = steps[number]
        other = step.from_point if step.to_point == turned[0].from_point else step.to_point
        turned.insert(0, _turn(step, from_point=other))
    return Block(tuple(turned))


def _turn(step: BlockStep, *, from_point: str) -> BlockStep:
    if step.from_point == from_point:
        return step
    return BlockStep(step.to_point, step.from_point, step.section, step.length_km)
