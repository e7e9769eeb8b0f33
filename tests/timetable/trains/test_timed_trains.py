"""Times of all trains as arrays: those that each train has when it is followed by itself."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.stated_cases import make_line

from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import apply_defaults, read_study
from arterial.study.shipped import find_shipped_folder
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.timetable.trains.timed_trains import TrainPeriod, time_trains
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.timetable.trains.train_plans import read_train_plans
from arterial.timetable.trains.train_times import TrainTimer
from arterial.units import DAY_S

NO_LINKS = pl.DataFrame(
    schema={
        "train_id": pl.String,
        "sequence": pl.Int64,
        "distance_km": pl.Float64,
        "running_low_s": pl.Float64,
        "running_s": pl.Float64,
        "running_high_s": pl.Float64,
    }
)


def compare(tables, links, period):
    """Every day of every train both ways; how many there were."""
    timed = time_trains(tables, links, period, default_dwell_min=2.0)
    plans = read_train_plans(tables, links, default_dwell_min=2.0)
    timer = TrainTimer(plans, period.epoch)
    days_of = {name: [] for name in timed.train_ids}
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        name = timed.train_ids[train]
        events = timed.event_s[timed.event_first[pattern] : timed.event_first[pattern + 1]]
        for number in np.flatnonzero(timed.days[timed.pattern_days[pattern]]).tolist():
            day = period.day_from + timedelta(days=number)
            days_of[name].append(day)
            midnight_s = (day - period.epoch).days * DAY_S
            alone = timer.time(name, day).events
            wanted = [UNKNOWN if event is None else event.at.at_s - midnight_s for event in alone]
            assert events.tolist() == wanted, (name, day)
    calendars = resolve_calendars(tables["calendar_rules"], period.day_from, period.day_to)
    for name, calendar in tables["trains"].select("train_id", "calendar_id").iter_rows():
        wanted_days = list(list_calendar_days(calendars.get(calendar, {})))
        assert sorted(days_of[name]) == wanted_days
    return sum(map(len, days_of.values()))


@pytest.mark.parametrize("name", ["two_stations", "pyongyang_beijing", "pyongyang_moscow"])
def test_hosts_of_shipped_studies_have_the_times_that_coaches_follow(name):
    study = read_study(find_shipped_folder() / name)
    tables = {table: apply_defaults(study, table) for table in study.tables}
    settings = study.settings
    links = run_trains(build_network(tables), tables, settings).link_times
    assert compare(
        tables, links, TrainPeriod(settings.epoch, settings.horizon_from, settings.horizon_to)
    )


@pytest.mark.parametrize("seed", range(8))
def test_random_trains_over_clock_changes_have_the_times_that_one_alone_has(seed):
    rng = np.random.default_rng(seed)
    zones = ["Europe/Berlin", "America/New_York", "Asia/Pyongyang", "Australia/Lord_Howe"]
    stations = {name: {"zone": str(rng.choice(zones))} for name in "ABCDE"}

    def face():
        # Some stops state nothing, some an hour that a change of the clock skips or repeats.
        hour, minute = rng.integers(0, 24), rng.integers(0, 60)
        return None if rng.random() < 0.4 else f"{hour:02d}:{minute:02d}"

    trains = {
        f"T{n}": [
            (point, None if place == 0 else face(), "01:30" if place == 0 else face())
            for place, point in enumerate("ABCDE")
        ]
        for n in range(12)
    }
    sections = [{"from_point": a, "to_point": b} for a, b in ("AB", "BC", "CD", "DE")]
    study = make_line(stations, sections, trains)
    tables = {table: apply_defaults(study, table) for table in study.tables}
    links = [
        {"train_id": train, "sequence": place, "distance_km": 9.0}
        | {"running_low_s": 0.9 * seconds, "running_s": seconds, "running_high_s": 1.2 * seconds}
        for train in trains
        for place in range(2, 6)
        if rng.random() < 0.7
        for seconds in (float(rng.integers(600, 90_000)),)
    ]
    links = pl.DataFrame(links, schema=NO_LINKS.schema) if seed % 4 else NO_LINKS
    period = TrainPeriod(date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 12))
    assert compare(tables, links, period) == 12 * period.days_count
