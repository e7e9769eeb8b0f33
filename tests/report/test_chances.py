"""Chances in words: the range of what is not known apart from the error of the number of runs."""

import polars as pl
import pytest

from arterial.report import key_figures, summarise
from arterial.report.chances import chance_text, describe_want_of_sets, select_group

COACH = "Pyongyang\N{EN DASH}Moscow coach"


def told(study, results, start: str) -> list[str]:
    return [text for text in summarise(study, results) if text.startswith(start)]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"share": 0.5}, "50 %"),
        ({"share": 0.5, "share_error": 0.0123}, "50 % (± 1.2 % from the number of runs)"),
        (
            {"share": 0.001, "share_low": 0.0, "share_high": 0.03},
            "< 1 % (0 to 3 % with what is not known)",
        ),
        (
            {"share": 0.5, "share_error": 0.002, "share_draws_error": 0.01},
            "50 % (± 1.0 % from the number of draws)",
        ),
        (
            {"share": 0.33, "share_low": 0.125, "share_high": 0.605},
            "33 % (13 to 61 % with what is not known)",
        ),
        (
            {"share": 0.31, "share_low": 0.12, "share_high": 0.58, "share_error": 0.004},
            "31 % (12 to 58 % with what is not known; ± 0.4 % from the number of runs)",
        ),
    ],
)
def test_range_and_error_are_told_apart(row, text):
    assert chance_text(row) == text


def test_trips_whose_hosts_run_go_before_all(simulated):
    chosen = select_group(simulated["punctuality"], "share")
    assert set(chosen["group_id"]) == {"works"}
    without = simulated["punctuality"].filter(pl.col("group_id") != "works")
    assert set(select_group(without, "share")["group_id"]) == {"all"}


def test_the_summary_tells_chance_missed_hand_over_and_causes(study, simulated):
    chance, missed, causes = told(study, simulated, "Computed by simulation")
    # 0.31 in the made-up run; low 0.4 of it, high 1 - 0.6 * (1 - 0.31).
    assert f"duration is {COACH} 31 % (12 to 59 %) within 8 d 13 h" in chance
    assert "the number of runs adds ± 0.5 % at most" in chance
    # The third hand-over: 0.34 x (38 + 14) h.
    assert "the hand-over on the way that costs most is Ussuriysk to train 001" in missed
    assert "34 % (14 to 60 % with what is not known; ± 0.5 % from the number of runs)" in missed
    assert "it costs 17 h 41 min a trip on average" in missed
    assert "late at the end on average" in causes
    assert "by missed hand-overs" in causes


def test_no_more_than_twelve_sentences_with_simulation(study, simulated):
    assert len(summarise(study, simulated)) == 12


def test_tiles_tell_the_chance_and_the_hand_over(study, simulated, results):
    tiles = {figure.label: figure for figure in key_figures(study, simulated)}
    assert tiles["Chance of arriving as announced"].value == "31 %"
    assert "12 to 59 % with what is not known" in tiles["Chance of arriving as announced"].detail
    assert tiles["Hand-over on the way missed most often"].value == "34 %"
    plain = {figure.label for figure in key_figures(study, results)}
    assert plain == set(tiles) - {
        "Chance of arriving as announced",
        "Hand-over on the way missed most often",
    }


@pytest.mark.parametrize("table", ["punctuality", "handover_risks", "delay_causes"])
def test_a_table_without_known_figures_gives_no_sentence(study, simulated, table):
    values = {"punctuality": "share", "handover_risks": "missed_share", "delay_causes": "delay_min"}
    unknown = simulated[table].with_columns(pl.lit(None, dtype=pl.Float64).alias(values[table]))
    without = {**simulated, table: unknown, "rotation_risks": pl.DataFrame()}
    assert len(told(study, without, "Computed by simulation")) == 2


def test_the_announced_day_is_told_before_the_announced_hours(study, simulated):
    hours = simulated["punctuality"].filter(pl.col("measure") == "announced_duration")
    days = hours.with_columns(measure=pl.lit("announced_day"), limit_h=pl.lit(192.0))
    both = simulated | {"punctuality": pl.concat([simulated["punctuality"], days])}
    first, second, *_ = told(study, both, "Computed by simulation")
    assert f"by the end of the announced local day is {COACH} 31 % (12 to 59 %) on day 8" in first
    assert "counted in true hours, within the announced duration is" in second


def test_the_error_over_draws_stands_by_each_chance(study, simulated):
    errors = {
        "punctuality": "share",
        "handover_risks": "missed_share",
        "rotation_risks": "lost_share",
    }
    drawn = simulated | {
        table: simulated[table].with_columns(pl.lit(0.013).alias(f"{name}_draws_error"))
        for table, name in errors.items()
    }
    chance, missed, _ = told(study, drawn, "Computed by simulation")
    assert f"{COACH} 31 % ± 1.3 (12 to 59 %) within 8 d 13 h" in chance
    assert chance.endswith("what is not known; after ± the error of the mean over draws).")
    assert "± 1.3 % from the number of draws" in missed
    assert "% ± 1.3 (" in missed.split("no set of")[1]
    for figure in key_figures(study, drawn):
        if figure.label in {
            "Chance of arriving as announced",
            "Hand-over on the way missed most often",
        }:
            assert "± 1.3 % from the number of draws" in figure.detail


def test_a_hand_over_is_told_with_its_service(study, simulated):
    tiles = {figure.label: figure.detail for figure in key_figures(study, simulated)}
    assert tiles["Hand-over on the way missed most often"].endswith(f" of {COACH}")


def test_want_of_sets_is_told_of_the_first_leg_of_one_service():
    row = {"service_id": "S", "group_id": "all", "sequence": 1, "missed_share": 0.83}
    others = [{**row, "sequence": 2, "missed_share": 0.1}, {**row, "service_id": "T"}]
    risks = {"handover_risks": pl.DataFrame([*others, row])}
    assert describe_want_of_sets(risks, "S").startswith("; simulated, 83 % of the departures")
    assert describe_want_of_sets(risks, "U") == describe_want_of_sets({}, "S") == ""
