"""Clock faces as seconds after midnight, and back."""

from arterial.clock import parse_clock_time
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["read_face_s", "write_face"]


def read_face_s(text: str) -> int:
    """Seconds after midnight that a clock face shows, as `parse_clock_time` reads it.

    Examples
    --------
    >>> read_face_s("17:26")
    62760
    """
    face = parse_clock_time(text)
    return face.hour * HOUR_S + face.minute * MINUTE_S + face.second


def write_face(at_s: int) -> str:
    """Clock face of so many seconds after some midnight, with seconds where there are any.

    Examples
    --------
    >>> write_face(62_760), write_face(86_400 + 30)
    ('17:26', '00:00:30')
    """
    minutes, seconds = divmod(at_s % DAY_S, MINUTE_S)
    return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
