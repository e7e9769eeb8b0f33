"""The commands on the whole timetable."""

import json

import pytest
from typer.testing import CliRunner

from arterial.cli.main import app
from arterial.errors import ArterialError
from arterial.study.networks import NetworkSize, write_network


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    size = NetworkSize(stations=8, trains=12, runs=4, stops=8, vehicles=0)
    return write_network(tmp_path_factory.mktemp("cli") / "net", size)


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_conflicts_are_listed_and_given_as_json(network):
    text = call("conflicts", network, "--rows", "2")
    assert text.exit_code == 0
    assert "12 stated trains held against each other" in text.stdout
    assert isinstance(json.loads(call("conflicts", network, "--json").stdout)["conflicts"], list)


def test_a_day_is_planned_and_written(network, tmp_path):
    plan = tmp_path / "plan.csv"
    words = ("--date", "2026-01-02", "--moves", "50", "--output", plan)
    done = call("timetable", network, *words)
    assert done.exit_code == 0
    assert "trains planned without conflicts" in done.stdout
    header = "train_id,operating_day,sequence,point_id,arrival,departure"
    assert plan.read_text("utf-8").startswith(header)


def test_trains_are_where_they_are_at_an_instant(network):
    told = call("timetable", network, "--at", "2026-01-02T12:00")
    assert told.exit_code == 0
    assert "trains under way." in told.stdout
    found = json.loads(call("timetable", network, "--at", "2026-01-02T12:00Z", "--json").stdout)
    assert told.stdout.count("@") == len(found["positions"])
    assert "under way" in told.stdout


def test_a_day_of_a_study_is_dispatched_anew(network):
    words = ("--date", "2026-01-02", "--moves", "50", "--delay", "T00001=30", "--json")
    done = json.loads(call("dispatch", network, *words).stdout)
    assert done["delays_s"]["T00001@2026-01-02"] >= 30 * 60
    assert done["delay_h"] <= done["compared_h"] + 1e-9


@pytest.mark.parametrize(
    "words",
    [
        ("timetable", "--date", "yesterday"),
        ("timetable",),
        ("timetable", "--date", "2026-01-02", "--at", "2026-01-02T08:00"),
        ("timetable", "--at", "noon"),
        ("timetable", "--at", "9999-12-31T23:59-05:00"),
        ("timetable", "--at", "0001-01-01T00:00+23:00"),
        ("dispatch", "--date", "2026-01-02", "--speed", "P0001-P0002=1e-300"),
        ("dispatch", "--date", "2026-01-02", "--delay", "T00001=1e5"),
        ("path", "P0001", "P0002", "--date", "9999-12-31"),
        ("path", "P0001", "P0002", "--date", "2030-01-05"),
        ("dispatch", "--date", "2026-01-02", "--close", "P0001-P0002=08:00-08:00"),
        ("dispatch",),
        ("dispatch", "--date", "2026-01-02", "--delay", "T00001"),
        ("dispatch", "--date", "2026-01-02", "--delay", "T00001=-3"),
        ("dispatch", "--date", "2026-01-02", "--speed", "P0001-P0002=nan"),
        ("dispatch", "--date", "2026-01-02", "--close", "P0001-P0002=8-25:00"),
    ],
)
def test_words_that_mean_nothing_are_refused(network, words):
    done = call(words[0], network, *words[1:])
    assert done.exit_code != 0
    assert isinstance(done.exception, (SystemExit, ArterialError))
