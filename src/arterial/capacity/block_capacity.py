"""What one stretch between passing points can carry a day, with its range and its formula.

Main function: :func:`calculate_capacity`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arterial.capacity.blocks import Block
from arterial.capacity.meets import section_period_min
from arterial.capacity.norms import CapacityNorms
from arterial.capacity.pairs import DAY_MIN, pairs_per_day
from arterial.capacity.step_times import BlockTimes
from arterial.capacity.value_range import ValueRange
from arterial.units import MINUTE_S

__all__ = ["BlockCapacity", "Method", "calculate_capacity"]

AUTOMATIC: Final = "automatic"
SEMI_AUTOMATIC: Final = "semi-automatic"


class Method(StrEnum):
    """Formula by which a stretch is measured."""

    SINGLE_LINE = "single_line_period"
    """One pair of opposing trains at a time."""
    FOLLOWING = "following_trains"
    """One train at a time on each of two tracks."""
    AUTOMATIC = "automatic_block"
    """Several trains on each track, at an interval."""


@dataclass(frozen=True, slots=True)
class BlockCapacity:
    """What a stretch can carry.

    Parameters
    ----------
    method : Method
        Formula used.
    period_min : ValueRange or None
        Time for a pair; None = running time unknown [min].
    pairs_per_day : ValueRange or None
        Pairs a day, or on two tracks trains a day each way.
    formula : str or None
        The calculation of the best values.
    """

    method: Method
    period_min: ValueRange | None
    pairs_per_day: ValueRange | None
    formula: str | None


def calculate_capacity(
    block: Block, times: BlockTimes, norms: CapacityNorms, *, signalling: str | None = None
) -> BlockCapacity:
    """Pairs of trains a day over a stretch between passing points.

    Parameters
    ----------
    block : Block
        The stretch; an unknown number of tracks counts as one.
    times : BlockTimes
        Running times over it.
    norms : CapacityNorms
        Intervals, window, reliability.
    signalling : str, optional
        Block system as the study words it; automatic block where it begins with ``automatic``
        and does not name a semi-automatic one too.

    Returns
    -------
    BlockCapacity
        Low pairs go with the high period, the long window and the low reliability.

    Notes
    -----
    More than two tracks count as two. A semi-automatic block and an unknown one are alike.
    """
    method = _choose_method(block, signalling)
    period = _find_period(method, times, norms)
    if period is None:
        return BlockCapacity(method, None, None, None)
    single = method is Method.SINGLE_LINE
    window = norms.single_window_min if single else norms.double_window_min
    alpha = norms.reliability
    pairs = ValueRange(
        pairs_per_day(period.high, window_min=window.high, reliability=alpha.low),
        pairs_per_day(period.best, window_min=window.best, reliability=alpha.best),
        pairs_per_day(period.low, window_min=window.low, reliability=alpha.high),
    )
    formula = (
        f"{_word_period(method, times, norms)} = {period.best:.1f} min; "
        f"N = ({DAY_MIN} - {window.best:g}) x {alpha.best:g} / {period.best:.1f} = {pairs.best:.1f}"
    )
    return BlockCapacity(method, period, pairs, formula)


def _choose_method(block: Block, signalling: str | None) -> Method:
    is_one_way = all(step.section.direction != "both" for step in block.steps)
    if (block.tracks_count is None or block.tracks_count == 1) and not is_one_way:
        return Method.SINGLE_LINE
    words = (signalling or "").lower()
    # Where both are named the slower one governs.
    is_automatic = words.startswith(AUTOMATIC) and SEMI_AUTOMATIC not in words
    return Method.AUTOMATIC if is_automatic else Method.FOLLOWING


def _find_period(method: Method, times: BlockTimes, norms: CapacityNorms) -> ValueRange | None:
    if method is Method.AUTOMATIC:
        return norms.automatic_interval_min
    if times.up is None or times.down is None:
        return None
    up = ValueRange(times.up.low_s, times.up.best_s, times.up.high_s).scale(1 / MINUTE_S)
    down = ValueRange(times.down.low_s, times.down.best_s, times.down.high_s).scale(1 / MINUTE_S)
    if method is Method.FOLLOWING:
        slower = ValueRange(max(up.low, down.low), max(up.best, down.best), max(up.high, down.high))
        return slower.add(norms.following_interval_min)
    periods = [
        section_period_min(
            getattr(up, case), getattr(down, case), norms.scheme, norms.read_meet_times(case)
        )
        for case in ("low", "best", "high")
    ]
    return ValueRange(*periods)


def _word_period(method: Method, times: BlockTimes, norms: CapacityNorms) -> str:
    if method is Method.AUTOMATIC or times.up is None or times.down is None:
        return "I"
    up, down = times.up.best_s / MINUTE_S, times.down.best_s / MINUTE_S
    if method is Method.FOLLOWING:
        return f"T = {max(up, down):.1f} + {norms.following_interval_min.best:g}"
    meet, ends = norms.read_meet_times("best"), norms.scheme.ends
    return (
        f"T ({norms.scheme.value}) = {up:.1f} + {down:.1f} + "
        f"{meet.at_end(ends.near):g} + {meet.at_end(ends.far):g}"
    )
