"""The command line as its users meet it: messages, exit codes, JSON."""

import json
from pathlib import Path

import pytest

from arterial.cli.main import ExitCode
from arterial.version import __version__


def test_a_new_study_can_be_checked_and_run(call, tmp_path: Path) -> None:
    study = tmp_path / "mine"
    assert call("new", str(study))[0] == ExitCode.SUCCESS
    code, out, _ = call("check", str(study), "--json")
    assert code == ExitCode.SUCCESS
    assert json.loads(out)["errors"] == 0
    code, out, _ = call("run", str(study), "--json")
    assert code == ExitCode.SUCCESS
    outcome = json.loads(out)
    assert Path(outcome["report"]).is_file()
    code, out, _ = call("show", str(study), "--table", "trips", "--json")
    assert code == ExitCode.SUCCESS
    assert json.loads(out)[0]["verdict"] in {"works", "at_risk", "does_not_work", "unknown"}


def test_a_faulty_study_gives_each_fault_and_exit_code_1(call, tmp_path: Path) -> None:
    study = tmp_path / "mine"
    call("new", str(study))
    sections = study / "tables" / "sections.csv"
    text = sections.read_text("utf-8").splitlines()
    sections.write_text("\n".join([text[0], text[1].replace(",", ",,,,,,,", 1)]), "utf-8")
    code, out, err = call("check", str(study))
    assert code == ExitCode.FAULTY_DATA
    assert "sections.csv:2" in out
    assert err == ""
    code, out, err = call("run", str(study))
    assert code == ExitCode.FAULTY_DATA
    assert "sections.csv:2" in err
    assert not (study / "runs").exists()


def test_a_data_package_is_written_for_a_study_without_errors_only(call, tmp_path: Path) -> None:
    study = tmp_path / "mine"
    call("new", str(study))
    package = study / "datapackage.json"
    written = package.read_bytes()
    package.unlink()
    assert call("check", str(study), "--datapackage")[0] == ExitCode.SUCCESS
    assert package.read_bytes() == written
    package.unlink()
    (study / "tables" / "sections.csv").write_text("section_id\n", "utf-8")
    assert call("check", str(study), "--datapackage")[0] == ExitCode.FAULTY_DATA
    assert not package.exists()


def test_a_study_is_never_overwritten(call, tmp_path: Path) -> None:
    study = tmp_path / "mine"
    call("new", str(study))
    code, _, err = call("new", str(study))
    assert code == ExitCode.WRONG_USAGE
    assert str(study) in err


def test_an_unknown_shipped_study_names_those_there_are(call, tmp_path: Path) -> None:
    code, _, err = call("new", str(tmp_path / "mine"), "--from", "pyongyang_mosco")
    assert code == ExitCode.WRONG_USAGE
    assert "pyongyang_moscow" in err
    assert not (tmp_path / "mine").exists()


def test_wrong_usage_is_exit_code_2_and_says_so_as_json_too(call) -> None:
    code, _, err = call("frobnicate")
    assert code == ExitCode.WRONG_USAGE
    assert "frobnicate" in err
    code, out, _ = call("show", "--json")
    assert code == ExitCode.WRONG_USAGE
    assert json.loads(out)["exit_code"] == ExitCode.WRONG_USAGE


def test_a_bad_date_to_show_is_named(call, tmp_path: Path) -> None:
    study = tmp_path / "mine"
    call("new", str(study))
    call("run", str(study))
    code, _, err = call("show", str(study), "--date", "2025-02-30")
    assert code == ExitCode.WRONG_USAGE
    assert "YYYY-MM-DD" in err


PATH = "position_m,gradient_permille,speed_limit_kmh,curve_radius_m,stop_s\n"
TRAIN = """
mass_t = 850
rotating_mass_coefficient = 1.05
length_m = 400
top_speed_kmh = 120
[resistance]
a_n = 5525
b_n_per_ms = 244.8
c_n_per_ms2 = 13.2192
[effort]
speed_kmh = [0, 300]
effort_kn = [450, 180]
[braking]
rule = "constant"
deceleration_m_s2 = 0.5
"""


def test_the_calculator_runs_alone_on_two_files(call, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PATH + "0,0,120,,\n10000,0,120,,0\n", "utf-8")
    (tmp_path / "t.toml").write_text(TRAIN, "utf-8")
    code, out, err = call(
        "running-time", str(tmp_path / "p.csv"), str(tmp_path / "t.toml"), "--json"
    )
    assert (code, err) == (ExitCode.SUCCESS, "")
    # 33.33 m/s held over 10 km takes 300 s; starting and braking add some 65 s.
    assert 340 < json.loads(out)["total_time_s"] < 380


def test_a_gradient_that_cannot_be_started_on_is_exit_code_3(call, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PATH + "0,90,120,,\n10000,0,120,,0\n", "utf-8")
    (tmp_path / "t.toml").write_text(TRAIN, "utf-8")
    code, _, err = call("running-time", str(tmp_path / "p.csv"), str(tmp_path / "t.toml"))
    assert code == ExitCode.INFEASIBLE
    assert "90 permille" in err


def test_a_faulty_path_names_file_row_and_column(call, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PATH + "0,steep,120,,\n10000,0,120,,0\n", "utf-8")
    (tmp_path / "t.toml").write_text(TRAIN, "utf-8")
    code, _, err = call("running-time", str(tmp_path / "p.csv"), str(tmp_path / "t.toml"))
    assert code == ExitCode.FAULTY_DATA
    assert "p.csv:2:gradient_permille" in err


def test_version_help_and_nothing_at_all_are_answered(call) -> None:
    assert call("--version")[:2] == (0, f"arterial {__version__}\n")
    assert call("-h")[1] == call("--help")[1]
    code, out, err = call()
    assert (code, err) == (2, "")
    assert "Commands:" in out


def test_runs_are_listed_by_name_opened_and_removed(
    call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "mine"
    call("new", str(study))
    assert "has no run yet" in call("runs", str(study))[1]
    call("run", str(study), "--name", "first")
    assert call("runs", str(study))[1].startswith("first  2026-")
    assert json.loads(call("runs", str(study), "--json")[1])[0]["run"] == "first"
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", lambda url: opened.append(url) or 0)
    assert call("open", str(study))[0] == 0
    assert opened == [(study / "runs" / "first" / "report.html").resolve().as_uri()]
    monkeypatch.setattr("typer.launch", lambda _: 1)
    assert "No browser" in call("open", str(study), "--run", "first")[2]
    code, _, err = call("runs", str(study), "--remove", "second")
    assert (code, "It has: first." in err) == (2, True)
    assert call("runs", str(study), "--remove", "first")[0] == 0
    assert not (study / "runs" / "first").exists()


def test_all_of_a_result_is_written_as_csv(call, tmp_path: Path) -> None:
    study = tmp_path / "mine"
    call("new", str(study))
    call("run", str(study))
    file = tmp_path / "trips.csv"
    code, out, _ = call("show", str(study), "--csv", str(file))
    assert (code, out) == (0, f"Wrote {file}: 31 rows, 15 columns.\n")
    assert len(file.read_text("utf-8").splitlines()) == 32
