"""Laws that every running time obeys, whatever the train and the path."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arterial.running import BrakeRule, PathProfile, RunningTime, Train, calculate_running_time

SLACK_S = 1e-6
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
shares = st.floats(0.0, 1.0)
gradients = st.floats(-12.0, 12.0)
limits = st.sampled_from([40.0, 60.0, 80.0, 100.0, 120.0, 160.0])


@st.composite
def trains(draw: st.DrawFn, *, rule: BrakeRule | None = None) -> Train:
    """Trains strong enough for every path drawn here."""
    mass_kg = draw(st.floats(200e3, 1200e3))
    rules = {
        BrakeRule.CONSTANT: draw(st.floats(0.25, 0.9)),
        BrakeRule.MAXIMUM: draw(st.floats(0.4, 0.9)),
        BrakeRule.FORCE: mass_kg * draw(st.floats(0.4, 0.9)),
    }
    rule = rule or draw(st.sampled_from(list(BrakeRule)))
    return Train(
        mass_kg=mass_kg,
        rotating_mass_coefficient=draw(st.floats(1.0, 1.12)),
        length_m=draw(st.floats(20.0, 900.0)),
        resistance_a_n=mass_kg * 0.012,
        resistance_b_n_per_ms=mass_kg * 2e-4,
        resistance_c_n_per_ms2=mass_kg * draw(st.floats(1e-5, 2.5e-5)),
        effort_max_n=mass_kg * draw(st.floats(0.25, 0.5)),
        power_w=mass_kg * draw(st.floats(4.0, 12.0)),
        top_speed_ms=draw(st.floats(20.0, 45.0)),
        brake_rule=rule,
        brake_value=rules[rule],
    )


@st.composite
def paths(draw: st.DrawFn) -> PathProfile:
    """Up to eight pieces, some shorter than a train, with up to two stops between."""
    lengths = draw(st.lists(st.floats(30.0, 4000.0), min_size=1, max_size=8))
    position = [0.0]
    for length in lengths:
        position.append(position[-1] + length)
    n_stops = draw(st.integers(0, 2))
    end = position[-1]
    places = {end * draw(st.floats(0.05, 0.95)) for _ in range(n_stops)}
    stops = [*sorted(places), end]
    pieces = st.lists(gradients, min_size=len(lengths), max_size=len(lengths))
    speeds = st.lists(limits, min_size=len(lengths), max_size=len(lengths))
    radii = st.lists(
        st.sampled_from([0.0, 400.0, 1200.0]), min_size=len(lengths), max_size=len(lengths)
    )
    return PathProfile(
        position_m=position,
        gradient_permille=draw(pieces),
        speed_limit_kmh=draw(speeds),
        curve_radius_m=draw(radii),
        stop_position_m=stops,
        stop_dwell_s=[30.0] * len(stops),
    )


def time_of(path: PathProfile, train: Train) -> float:
    return calculate_running_time(path, train).running_time_s


def without_stops_between(result: RunningTime) -> list[list[float]]:
    return [row for row in result.places.tolist() if row[3] > 0.0]


@quick
@given(path=paths(), train=trains())
def test_energy_balances_to_rounding(path, train):
    result = calculate_running_time(path, train)
    assert abs(result.energy_imbalance_j) <= 1e-9 * result.traction_energy_j
    assert result.traction_energy_j > 0.0
    assert result.braking_energy_j >= 0.0


@quick
@given(path=paths(), train=trains(), more=st.floats(1.0, 2.0))
def test_running_time_falls_or_stays_when_power_rises(path, train, more):
    stronger = replace(train, power_w=train.power_w * more)
    assert time_of(path, stronger) <= time_of(path, train) + SLACK_S


@quick
@given(path=paths(), train=trains(rule=BrakeRule.CONSTANT), less=st.floats(0.7, 1.0))
def test_running_time_falls_or_stays_when_mass_falls(path, train, less):
    # Resistance and effort stay; the top speed lies below the balancing speed on the level.
    lighter = replace(train, mass_kg=train.mass_kg * less)
    assert time_of(path, lighter) <= time_of(path, train) + SLACK_S


@quick
@given(path=paths(), train=trains(), more=st.floats(1.0, 2.0), piece=st.integers(0, 7))
def test_running_time_falls_or_stays_when_a_limit_rises(path, train, more, piece):
    speeds = list(path.speed_limit_kmh)
    speeds[piece % len(speeds)] *= more
    faster = replace(path, speed_limit_kmh=speeds)
    assert time_of(faster, train) <= time_of(path, train) + SLACK_S


@quick
@given(
    path=paths(),
    train=trains(rule=BrakeRule.CONSTANT),
    ease=st.floats(0.0, 6.0),
    piece=st.integers(0, 7),
)
def test_running_time_falls_or_stays_when_a_gradient_eases(path, train, ease, piece):
    # Only under a brake of fixed deceleration: any other brakes better uphill.
    slopes = list(path.gradient_permille)
    slopes[piece % len(slopes)] -= ease
    easier = replace(path, gradient_permille=slopes)
    assert time_of(easier, train) <= time_of(path, train) + SLACK_S


@quick
@given(path=paths(), train=trains(), share=shares, piece=st.integers(0, 7))
def test_splitting_a_piece_changes_nothing(path, train, share, piece):
    k = piece % len(path.gradient_permille)
    start, end = path.position_m[k], path.position_m[k + 1]
    middle = start + (0.01 + 0.98 * share) * (end - start)

    def twice(values):
        return [*values[: k + 1], *values[k:]]

    split = replace(
        path,
        position_m=[*path.position_m[: k + 1], middle, *path.position_m[k + 1 :]],
        gradient_permille=twice(path.gradient_permille),
        speed_limit_kmh=twice(path.speed_limit_kmh),
        curve_radius_m=twice(path.curve_radius_m),
    )
    whole, parts = calculate_running_time(path, train), calculate_running_time(split, train)
    assert abs(parts.total_time_s - whole.total_time_s) <= SLACK_S
    assert abs(parts.traction_energy_j / whole.traction_energy_j - 1.0) <= 1e-7


@quick
@given(path=paths(), train=trains())
def test_effort_times_speed_never_exceeds_the_power_and_no_limit_is_passed(path, train):
    frame = calculate_running_time(path, train).to_frame()
    speeds = frame["speed_kmh"] / 3.6
    assert (frame["effort_n"] * speeds).max() <= train.power_w * (1.0 + 1e-3)
    assert frame["effort_n"].max() <= train.effort_max_n * (1.0 + 1e-6)
    for position, speed_kmh in frame.select("position_m", "speed_kmh").iter_rows():
        reach = position - train.length_m
        allowed = [
            limit
            for start, end, limit in zip(
                path.position_m, path.position_m[1:], path.speed_limit_kmh, strict=False
            )
            if start < position - 1e-3 and end > reach + 1e-3
        ]
        assert speed_kmh <= min(allowed, default=1e9) + 1e-4


@quick
@given(path=paths(), train=trains(), dwell=st.floats(0.0, 600.0))
def test_a_longer_dwell_moves_only_what_follows(path, train, dwell):
    longer = replace(path, stop_dwell_s=[x + dwell for x in path.stop_dwell_s])
    before, after = calculate_running_time(path, train), calculate_running_time(longer, train)
    n_between = len(path.stop_position_m) - 1
    assert abs(after.total_time_s - before.total_time_s - dwell * n_between) <= SLACK_S
    assert len(without_stops_between(after)) == len(without_stops_between(before))
