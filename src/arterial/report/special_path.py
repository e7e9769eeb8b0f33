"""Words for a path of one more train: when it runs, what for it stands, or what bars it.

Main function: :func:`describe_special`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from arterial.units import HOUR_S, MINUTE_S

__all__ = ["describe_special"]

HOUR_MIN: Final = HOUR_S // MINUTE_S

AS_STATED: Final = (
    "Over {} of its steps no typical speed is stated: there it takes the median time of the stated "
    "trains of its kind."
)


def describe_special(result: Mapping[str, Any]) -> str:
    """The outcome as text for a terminal.

    Parameters
    ----------
    result : mapping of str to object
        As :func:`arterial.flows.special_path.find_path` gives it.

    Returns
    -------
    str
        Lines.
    """
    others = f"{result['other_trains']} others around (flows: {result['flows']})"
    head = (
        f"{result['from_point']} to {result['to_point']} on {result['date']}: "
        f"{result['free_running_min']:.0f} min without any other train; "
        f"{others}, {result['near_trains'] or 'none'} of them on its way."
    )
    lines = [head, *result["notes"], *_describe_train(result)]
    if not result["paths"]:
        lines += _describe_none(result)
    for path in (*result["paths"], *result.get("paths_if_moved", ())):
        lines += ["", *_describe_path(path)]
    return "\n".join(lines)


def _describe_train(result: Mapping[str, Any]) -> Iterator[str]:
    """What hauls it, what it stands for, and where its times come from."""
    if result["steps_as_stated"]:
        yield AS_STATED.format(result["steps_as_stated"])
    if result["steps_by_physics"]:
        yield f"Over {result['steps_by_physics']} of its steps its time is computed by physics."
    if len(result["haulers"]) > 1 or result["stands"]:
        parts = [
            f"{one['hauler'] or 'any locomotive'} {one['from_point']}-{one['to_point']}"
            for one in result["haulers"]
        ]
        yield f"Hauled by {', '.join(parts)}."
    for stand in result["stands"]:
        hours = [
            f"{one['step']} from {one['opens'] or '00:00'} to {one['closes'] or '24:00'}"
            for one in stand["hours"]
        ]
        limits = f"{stand['low_min']:.0f}-{stand['high_min']:.0f}"
        yield (
            f"At {stand['point']} it stands {stand['best_min']:.0f} min ({limits}) for "
            f"{', '.join(stand['needs'])}: {', '.join(stand['as'])}"
            f"{'; ' + ', '.join(hours) if hours else ''}."
        )


def _describe_none(result: Mapping[str, Any]) -> Iterator[str]:
    """Who is in the way, where, and what would do."""
    blockers = ", ".join(result["blocked_by"]) or "the limits of the train itself"
    where = f" at {', '.join(result['binding'])}" if result["binding"] else ""
    sure = "" if result["is_smallest"] else ", perhaps not the smallest set"
    yield (
        f"No path in that window with all others as they are. In the way: {blockers}{where}{sure}."
    )
    for one in result["moved"]:
        yield f"  {one['train']} would arrive {one['later_min']:.0f} min later"
    for train in result["cancelled"]:
        yield f"  {train} would find no other path"
    if result.get("paths_if_moved"):
        yield "If they moved so, there would be this one (below)."
    if result["would_do"]:
        yield "With all others as they are, one of these would do:"
    for change in result["would_do"]:
        yield f"  {_describe_change(change)}"


def _describe_change(change: Mapping[str, Any]) -> str:
    """A change that gives a path."""
    if change["attribute"] == "departure":
        side = "after" if change["off"] > 0 else "before"
        return f"leave at {change['value']}, {abs(change['off']):.0f} min {side} the window"
    if change["attribute"] == "margin_min":
        return f"a margin of {change['value']:.0f} min"
    return f"a train of {change['value']:.0f} m, {-change['off']:.0f} m shorter"


def _describe_path(path: Mapping[str, Any]) -> Iterator[str]:
    first, last = path["points"][0], path["points"][-1]
    yield (
        f"leaves {path['departure']} {_describe_zone(first)}, "
        f"arrives {path['arrival']} {_describe_zone(last)}: "
        f"{path['journey_min']:.0f} min, of it {path['wait_min']:.0f} min waits"
    )
    for point in path["points"]:
        if point["is_shown"]:
            needs = f" ({', '.join(point['needs'])})" if point["needs"] else ""
            stand = f"  stands {point['stand_min']:.0f} min{needs}" if point["stand_min"] else ""
            yield (
                f"  {point['point']:<34}{_describe_time(point['arrival']):>22}"
                f"{_describe_time(point['departure']):>22}  {point['zone']}{stand}"
            )
    for event in path["events"]:
        yield f"  meets {event['train']} at {event['point']}"


def _describe_time(text: str | None) -> str:
    """A local time with its day of the week."""
    return "" if text is None else f"{datetime.fromisoformat(text):%a} {text}"


def _describe_zone(point: Mapping[str, Any]) -> str:
    """How far the clock of a point is ahead of UTC.

    Examples
    --------
    >>> _describe_zone({"utc_offset_min": 510})
    '(UTC+8:30)'
    """
    hours, minutes = divmod(abs(point["utc_offset_min"]), HOUR_MIN)
    sign = "-" if point["utc_offset_min"] < 0 else "+"
    return f"(UTC{sign}{hours}{f':{minutes:02d}' if minutes else ''})"
