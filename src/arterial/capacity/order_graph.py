"""The orders of a timetable as an alternative graph with every choice made, and its cycle time.

A *piece* is a part of a train's path within which nothing may be stretched; it has one time shift.
An arc says that one shift is at least another plus a number, or that less one period where it
leads into the next repetition of the timetable. Main functions: :func:`build_order_graph` and
:func:`find_cycle_time`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

__all__ = ["CycleTime", "OrderArc", "OrderGraph", "build_order_graph", "find_cycle_time"]


@dataclass(frozen=True, slots=True)
class _Use:
    """One use of a resource: its planned interval [s] and the pieces that its ends move with."""

    row: int
    begin_s: int
    end_s: int
    begin_piece: int
    end_piece: int


@dataclass(frozen=True, slots=True)
class OrderArc:
    """One order: shift[head] >= shift[tail] + weight_s - height x period.

    Parameters
    ----------
    tail, head : int
        Pieces.
    weight_s : int
        Above zero within one repetition: the planned times are so much too close [s].
    height : int
        1 where it leads into the next repetition, else 0.
    row, next_row : int
        Uses that it orders; the same one where it is a shortest stay.
    """

    tail: int
    head: int
    weight_s: int
    height: int
    row: int
    next_row: int


@dataclass(frozen=True, slots=True)
class OrderGraph:
    """The fixed orders of a timetable.

    Parameters
    ----------
    pieces_count : int
        Pieces of all trains.
    begin_pieces, end_pieces : tuple of int
        Piece that the begin and the end of each row move with, shape ``(n_rows,)``.
    first_begins_s : tuple of int
        Planned begin of each piece [s], shape ``(n_pieces,)``.
    arcs : tuple of OrderArc
        Orders, in the order of the timetable.
    """

    pieces_count: int
    begin_pieces: tuple[int, ...]
    end_pieces: tuple[int, ...]
    first_begins_s: tuple[int, ...]
    arcs: tuple[OrderArc, ...]


@dataclass(frozen=True, slots=True)
class CycleTime:
    """The shortest period in which a timetable can repeat.

    Parameters
    ----------
    period_s : Fraction
        The period, exact [s].
    shifts_s : tuple of Fraction
        How far each piece moves from its planned time [s], shape ``(n_pieces,)``.
    critical_rows : tuple of int
        Rows that follow each other without a gap and add up to the period, in order.
    """

    period_s: Fraction
    shifts_s: tuple[Fraction, ...]
    critical_rows: tuple[int, ...]


def build_order_graph(rows: Sequence[Mapping[str, Any]]) -> OrderGraph:
    """Orders of the uses of every resource, as planned, and of the pieces of every train.

    On each resource the next train begins no earlier than the one before ends, plus the interval
    that the two need, and the first train of the next repetition no earlier than the last of this
    one. Where trains of one direction may follow inside the resource, begins and ends are a headway
    apart instead. Behind a row with a shortest stay the train may leave earlier, down to that stay,
    or later.

    Parameters
    ----------
    rows : sequence of mapping
        ``train_id``, ``resource_id``, ``begin_s``, ``end_s``, ``shortest_s`` (None = the row
        cannot be stretched), ``direction``, ``following_s`` and ``crossing_s`` (interval to the
        next train of the same and of another direction, None = 0), ``headway_s`` (None = trains do
        not follow inside); each train's rows in its own order.

    Returns
    -------
    OrderGraph
        Pieces and arcs.
    """
    uses = _number_pieces(rows)
    arcs = [*_link_pieces(rows, uses), *_order_resources(rows, uses)]
    count = 1 + max((use.end_piece for use in uses), default=-1)
    begins: dict[int, int] = {}
    for use in uses:
        begins.setdefault(use.begin_piece, use.begin_s)
        begins.setdefault(use.end_piece, use.end_s)
    # In the order of the timetable most arcs settle in one pass.
    arcs.sort(key=lambda arc: (arc.height, rows[arc.row]["begin_s"], arc.row))
    return OrderGraph(
        pieces_count=count,
        begin_pieces=tuple(use.begin_piece for use in uses),
        end_pieces=tuple(use.end_piece for use in uses),
        first_begins_s=tuple(begins[piece] for piece in range(count)),
        arcs=tuple(arcs),
    )


def _number_pieces(rows: Sequence[Mapping[str, Any]]) -> list[_Use]:
    """Uses with their pieces: a new one with each train, and behind each row that stretches."""
    uses: list[_Use] = []
    piece, train = -1, None
    for number, row in enumerate(rows):
        if row["train_id"] != train:
            piece, train = piece + 1, row["train_id"]
        begin = piece
        if row["shortest_s"] is not None:
            piece += 1
        uses.append(_Use(number, row["begin_s"], row["end_s"], begin, piece))
    return uses


def _link_pieces(rows: Sequence[Mapping[str, Any]], uses: Sequence[_Use]) -> Iterator[OrderArc]:
    """Shortest stay on every row that stretches."""
    for row, use in zip(rows, uses, strict=True):
        if row["shortest_s"] is not None:
            weight = row["shortest_s"] - (use.end_s - use.begin_s)
            yield OrderArc(use.begin_piece, use.end_piece, weight, 0, use.row, use.row)


def _order_resources(rows: Sequence[Mapping[str, Any]], uses: Sequence[_Use]) -> Iterator[OrderArc]:
    """Next train after the one before on each resource, and on into the next repetition."""
    by_resource: dict[str, list[_Use]] = {}
    for row, use in zip(rows, uses, strict=True):
        by_resource.setdefault(row["resource_id"], []).append(use)
    for group in by_resource.values():
        group.sort(key=lambda use: (use.begin_s, use.end_s, use.row))
        directions_count = len({rows[use.row]["direction"] for use in group})
        for place in range(len(group)):
            # All trains of other directions keep the same interval: at most two kinds of order.
            yield from _order_next(rows, group, place, kinds_count=min(directions_count, 2))


def _order_next(
    rows: Sequence[Mapping[str, Any]], group: Sequence[_Use], place: int, *, kinds_count: int
) -> Iterator[OrderArc]:
    """Order of a use and the next ones in each direction, which settle all that come later."""
    before = group[place]
    seen: set[bool] = set()
    for ahead in range(place + 1, place + len(group) + 1):
        after = group[ahead % len(group)]
        is_same = rows[before.row]["direction"] == rows[after.row]["direction"]
        if is_same in seen:
            continue
        seen.add(is_same)
        height = int(ahead >= len(group))
        yield from _separate(rows[before.row], before, after, is_same=is_same, height=height)
        if len(seen) == kinds_count:
            return


def _separate(
    row: Mapping[str, Any], before: _Use, after: _Use, *, is_same: bool, height: int
) -> Iterator[OrderArc]:
    """Interval between two uses: behind one another, or a headway apart."""
    headway_s = row["headway_s"] if is_same else None
    if headway_s is None:
        gap_s = row["following_s" if is_same else "crossing_s"] or 0
        weight_s = before.end_s + gap_s - after.begin_s
        yield OrderArc(before.end_piece, after.begin_piece, weight_s, height, before.row, after.row)
        return
    for tail, head, from_s, to_s in (
        (before.begin_piece, after.begin_piece, before.begin_s, after.begin_s),
        (before.end_piece, after.end_piece, before.end_s, after.end_s),
    ):
        yield OrderArc(tail, head, from_s + headway_s - to_s, height, before.row, after.row)


def find_cycle_time(graph: OrderGraph) -> CycleTime:
    """Shortest period in which the timetable can repeat with its orders kept.

    It is the greatest ratio of weight to height over the cycles of the graph, found by Newton's
    method: as long as a cycle adds up to more than the period, the period becomes that cycle's
    ratio. All numbers are exact.

    Parameters
    ----------
    graph : OrderGraph
        The orders; the planned times must fulfil them.

    Returns
    -------
    CycleTime
        Period, earliest shifts and a critical cycle.
    """
    period = Fraction(0)
    critical: tuple[int, ...] = ()
    while True:
        search = _Search(graph, period)
        cycle = search.find_positive_cycle()
        if cycle is None:
            shifts = tuple(Fraction(value, period.denominator) for value in search.shifts)
            return CycleTime(period, shifts, critical)
        period = Fraction(sum(arc.weight_s for arc in cycle), sum(arc.height for arc in cycle))
        critical = tuple(arc.row for arc in cycle)


class _Search:
    """Longest paths for one period, by repeated passes over the arcs (Bellman and Ford)."""

    def __init__(self, graph: OrderGraph, period: Fraction) -> None:
        self._arcs = graph.arcs
        # Whole numbers stay exact and fast: everything is counted in fractions of a second.
        scale = period.denominator
        self._weights = [arc.weight_s * scale - arc.height * period.numerator for arc in graph.arcs]
        self.shifts = [-begin * scale for begin in graph.first_begins_s]
        self._behind: list[OrderArc | None] = [None] * graph.pieces_count

    def find_positive_cycle(self) -> list[OrderArc] | None:
        """Return a cycle that adds up to more than 0; None when the shifts settle."""
        while self._pass_once():
            cycle = self._find_cycle_behind()
            if cycle is not None:
                return cycle
        return None

    def _pass_once(self) -> bool:
        """Push every head as far as its tail asks; whether anything moved."""
        shifts, moved = self.shifts, False
        for arc, weight in zip(self._arcs, self._weights, strict=True):
            pushed = shifts[arc.tail] + weight
            if pushed > shifts[arc.head]:
                shifts[arc.head], self._behind[arc.head], moved = pushed, arc, True
        return moved

    def _find_cycle_behind(self) -> list[OrderArc] | None:
        """Cycle among the arcs that last pushed each piece, in the order of the trains."""
        state = [0] * len(self._behind)
        for start in range(len(state)):
            walk: list[OrderArc] = []
            piece = start
            while state[piece] == 0:
                state[piece] = 1
                arc = self._behind[piece]
                if arc is None:
                    break
                walk.append(arc)
                piece = arc.tail
            else:
                if state[piece] == 1:
                    begin = next(i for i, arc in enumerate(walk) if arc.head == piece)
                    return walk[begin:][::-1]
            for arc in walk:
                state[arc.head] = 2
            state[piece] = 2
        return None
