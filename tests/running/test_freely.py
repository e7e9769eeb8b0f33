"""Free running by hand, and what is refused."""

import pytest

from arterial.errors import LimitError
from arterial.running import DriveKind, run_freely


def test_a_coasting_train_slows_down_and_stays_where_it_comes_to_a_stand(make_path, make_train):
    # 400 t against 8 kN: 0.02 m/s², so 10 m/s last 500 s and 2500 m.
    train = make_train(resistance_a_n=8000.0, resistance_b_n_per_ms=0.0, resistance_c_n_per_ms2=0.0)
    for kind in (DriveKind.COAST, "coast"):
        free = run_freely(make_path([9000.0]), train, [100, 500, 900], kind=kind, start_speed_ms=10)
        assert free.speed_ms == pytest.approx((8.0, 0.0, 0.0), abs=1e-4)
        assert free.position_m == pytest.approx((900.0, 2500.0, 2500.0), abs=1e-3)


@pytest.mark.parametrize("kind", [DriveKind.BRAKE, "fly"])
def test_a_free_run_neither_brakes_nor_flies(make_path, make_train, kind):
    with pytest.raises(LimitError, match="accelerates or coasts"):
        run_freely(make_path([9000.0]), make_train(), [1.0], kind=kind)


@pytest.mark.parametrize("speed", [-1.0, float("nan"), float("inf")])
def test_a_free_run_needs_a_speed_to_start_with(make_path, make_train, speed):
    with pytest.raises(LimitError, match="speed at the start"):
        run_freely(make_path([9000.0]), make_train(), [1.0], start_speed_ms=speed)
