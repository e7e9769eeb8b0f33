"""What a works leaves for the made-up run of the report."""

import datetime as dt

import polars as pl

from arterial.study import conform_table


def made_up_works() -> dict[str, pl.DataFrame]:
    """What a works holds of the made-up run: two spans of sets, and a type that is short."""
    span = {"pool_id": "KP-COACH", "sets_away": 1, "sets_owned": 3, "sets_available": 2}
    rows = {
        "set_availability": [
            {
                **span,
                "from_day": dt.date(2026, 3, 2),
                "to_day": dt.date(2026, 3, 20),
                "sets_needed": 3,
                "departures_count": 2,
                "departures_without_set": 1,
                "explanation": "the works has 1 set. <b>1</b> of 2 departures has no set.",
            },
            {
                **span,
                "from_day": dt.date(2026, 9, 1),
                "to_day": dt.date(2026, 9, 2),
                "sets_needed": 2,
                "departures_count": 0,
                "departures_without_set": 0,
            },
        ],
        "locomotive_availability": [
            {
                "vehicle_type_id": "RED-FLAG",
                "from_day": dt.date(2026, 5, 4),
                "to_day": dt.date(2026, 5, 8),
                "vehicles_away": 1,
                "vehicles_owned": 3,
                "vehicles_available": 2,
                "vehicles_needed": 3,
                "is_short": True,
                "explanation": "the works has 1, leaving 2 of 3. At least 1 too few.",
            }
        ],
        "works_stays": [{"job_id": "J", "vehicle": 1, "from_day": dt.date(2026, 3, 2)}],
    }
    return {
        name: conform_table(name, pl.DataFrame(of, infer_schema_length=None), fill_missing=True)
        for name, of in rows.items()
    }
