"""Parameter sets: what is shipped, how ranges are drawn, and faults in a file of one's own."""

import pickle
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from arterial.assets.parameters import SHIPPED_SET, list_parameter_sets, load_parameter_set
from arterial.errors import LimitError, StudyError

SHIPPED = Path(__file__).parents[2] / "src/arterial/assets/parameters" / f"{SHIPPED_SET}.csv"
BEST = load_parameter_set()


def write_variant(folder: Path, old: str, new: str, *, count: int = 1) -> Path:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path = folder / "own_2027.csv"
    path.write_text(text.replace(old, new, count), "utf-8")
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(StudyError) as raised:
        load_parameter_set(path)
    return [str(fault) for fault in raised.value.faults]


def test_every_number_has_a_unit_a_grade_and_a_source() -> None:
    table = BEST.table
    for column in ("unit", "grade", "source", "shape"):
        assert table[column].null_count() == 0
    assert set(table["grade"]) == {"sourced", "derived", "recalled", "assumption"}
    # What rests on no publication says so.
    assert table.filter(pl.col("grade") == "assumption")["source"].unique().to_list() == [
        "Arterial"
    ]


def test_every_source_is_in_the_bibliography() -> None:
    bibliography = (SHIPPED.parents[4] / "docs/references.bib").read_text("utf-8")
    sources = set(BEST.table["source"]) - {"Arterial"}
    assert {name for name in sources if f"{{cited as [{name}]}}" not in bibliography} == set()


def test_the_guide_counts_the_grades_as_they_are() -> None:
    page = (SHIPPED.parents[4] / "docs/guide/asset-models.md").read_text("utf-8")
    for grade, count in BEST.table["grade"].value_counts().iter_rows():
        row = next(line for line in page.splitlines() if line.startswith(f"| {grade} |"))
        assert row.endswith(f"| {count} |")


def test_the_models_import_no_statistics_until_they_are_used() -> None:
    modules = sorted(
        f"arterial.assets.{path.stem}" for path in SHIPPED.parents[1].glob("[a-z]*.py")
    )
    code = f"import sys, {', '.join(modules)}; print([m for m in sys.modules if 'scipy' in m])"
    found = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_ranges_and_grades_are_those_that_were_settled() -> None:
    keys = ("value", "low", "high", "grade")
    expected = {
        "mean_failure_rate_per_year": (0.53, 0.2, 1.0, "derived"),
        "units_per_km": (0.92, 0.7, 1.5, "derived"),
        "power_law_shape": (1.5, 1.0, 2.2, "assumption"),
        "geometry_rate_mm_per_100_mgt": (1.5, 0.5, 8.0, "recalled"),
        "level_alert_mm_80": (2.7, 2.3, 3.0, "recalled"),
        "rail_shape": (3.1, 2.0, 4.5, "recalled"),
        "sleeper_shape": (4.5, 3.5, 6.0, "recalled"),
        "timber_deck_life_y": (23.0, 16.1, 29.9, "sourced"),
        "joint_failures_per_km_year": (0.1, 0.05, 0.2, "assumption"),
    }
    rows = BEST.table.filter(pl.col("parameter").is_in(list(expected)))
    found = {row["parameter"]: tuple(row[key] for key in keys) for row in rows.to_dicts()}
    assert found == expected
    delay = BEST.table.filter(
        (pl.col("parameter") == "delay_per_train_min") & (pl.col("kind") == "turnout")
    )
    assert delay.select(keys).row(0) == (4.6, 2.3, 15.3, "derived")


def test_the_row_for_a_kind_and_material_goes_before_a_general_one() -> None:
    assert BEST.value("sleeper_mean_life_y", kind="track", material="timber_hardwood") == 22
    assert BEST.value("sleeper_mean_life_y", kind="track", material="masonry") == 15
    assert BEST.value("season_7", kind="embankment") == 3.6
    assert BEST.value("season_7", kind="bridge") == 1.0


def test_an_unknown_parameter_is_told_with_near_names() -> None:
    with pytest.raises(LimitError, match="Did you mean power_law_shape"):
        BEST.value("powerlaw_shape")
    with pytest.raises(LimitError, match="no repair_median_h for kind 'station'"):
        BEST.value("repair_median_h", kind="station")


def test_draws_stay_in_their_ranges_and_repeat() -> None:
    drawn = BEST.draw(1, 4)
    table = drawn.table
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    has_range = BEST.table["low"] < BEST.table["high"]
    assert (table["value"] != BEST.table["value"]).to_list() == has_range.to_list()
    assert drawn.table.equals(BEST.draw(1, 4).table)
    assert not drawn.table.equals(BEST.draw(1, 5).table)
    assert BEST.draw(1, -1) is BEST


def test_every_parameter_is_drawn_by_itself() -> None:
    table = BEST.draw(1, 4).table.filter(pl.col("shape") == "log_uniform")
    place = (table["value"] / table["low"]).log() / (table["high"] / table["low"]).log()
    assert place.round(9).n_unique() == table.height


def test_a_log_uniform_range_has_its_median_at_the_geometric_mean() -> None:
    drawn = sorted(BEST.draw(3, k).value("faults_per_100_km_year") for k in range(401))
    # 0.5 to 2: a quarter of the draws lies below 0.5 x 4^0.25 = 0.707.
    assert drawn[200] == pytest.approx(1.0, rel=0.1)
    assert drawn[100] == pytest.approx(0.7071, rel=0.1)


def test_a_drawn_set_travels_to_another_process() -> None:
    drawn = pickle.loads(pickle.dumps(BEST.draw(1, 2)))  # noqa: S301 - our own bytes
    assert drawn.value("power_law_shape") == BEST.draw(1, 2).value("power_law_shape")
    assert drawn.draw_number == 2


def test_a_set_of_ones_own_is_swapped_whole(tmp_path) -> None:
    path = write_variant(tmp_path, "0.53,0.2,1,", "0.6,0.2,1,")
    own = load_parameter_set(path)
    assert own.name == "own_2027"
    assert own.value("mean_failure_rate_per_year") == 0.6
    # The other numbers, and their draws, are as shipped.
    assert own.draw(1, 0).value("rail_shape") == BEST.draw(1, 0).value("rail_shape")


def test_an_unknown_set_is_told_with_its_cure() -> None:
    with pytest.raises(StudyError) as raised:
        load_parameter_set("literatur_2026")
    assert raised.value.faults[0].near == ("literature_2026",)
    assert list_parameter_sets() == ("literature_2026",)
    with pytest.raises(StudyError, match="is not a file"):
        load_parameter_set("no/such/file.csv")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0.53,0.2,1,", "0.53,0.7,1,", "out of order"),
        ("0.53,0.2,1,", "much,0.2,1,", "is not a number"),
        ("0.53,0.2,1,", ",0.2,1,", "value"),
        ("power_law_shape,", "power_law_shap,", "Did you mean power_law_shape"),
        (",triangular,", ",gaussian,", "gaussian"),
        ("1,1/(unit y)", "1,1/(unit d)", "Convert the numbers to 1/(unit y)"),
        ("1e-08", "0", "must lie above zero"),
        (",25,25,25,", ",25,20,30,", "A fixed parameter has a range"),
        (",triangular,", ",triangular ,", "begins or ends with a blank"),
        ("0.53,0.2,1,", "0.53,-0.2,1,", "must lie above zero"),
        ("1.5,1,2.2,1,", "1.5,-1,2.2,1,", "power_law_shape cannot be negative"),
        ("parameter,kind", "parametre,kind", "Did you mean parametre"),
    ],
)
def test_faults_of_a_file_are_told_with_place_and_cure(tmp_path, old, new, told) -> None:
    faults = faults_of(write_variant(tmp_path, old, new))
    assert any(told in fault and fault.startswith("own_2027.csv") for fault in faults), faults


def test_all_faults_are_told_at_once(tmp_path) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    missing = lines.pop(5)
    lines[1] = lines[1].replace("0.53", "x")
    lines.append(lines[2])
    path = tmp_path / "own.csv"
    path.write_text("\n".join(lines), "utf-8")
    faults = faults_of(path)
    assert any("own.csv:2:value" in fault for fault in faults)
    assert any("stands in row 3 already" in fault for fault in faults)
    lines[1] = lines[1].replace("x", "0.53")
    path.write_text("\n".join(lines[:-1]), "utf-8")
    assert any(f"Parameter {missing.split(',')[1]}" in fault for fault in faults_of(path))
