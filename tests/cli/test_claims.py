"""``arterial claims`` on a study with a retracted and a hostile claim: neither does any harm."""

import base64
import gzip
import re
import shutil
from pathlib import Path

import pytest

from arterial.flows.claims import judge_claims
from arterial.flows.run import run_study
from arterial.study import read_study

STUDIES = Path(__file__).parents[2] / "studies"
MARKUP = "</script><img src=x onerror=alert(1)>&\u202eevil\u2066"
HEAD = (
    "claim_id,group,subject,quantity,unit,low,value,high,published_on,quote,note,source_id,"
    "retracted_on,superseded_by,corrects\n"
)


@pytest.fixture
def ledger_study(tmp_path: Path) -> Path:
    """The small shipped study with a ledger, a claim of which was retracted."""
    folder = tmp_path / "mine"
    shutil.copytree(STUDIES / "two_stations", folder)
    rows = [
        "GOOD,G,Northport-Southport,journey time,h,,3,,2026-01-01,,,INVENTED,,,",
        "BAD,G,ZZRETRACTED,journey time,h,,4,,2026-01-01,,ZZRETRACTED,INVENTED,2026-01-02,,",
        "OLD,G,ZZRETRACTED,journey time,h,,5,,2026-01-01,ZZRETRACTED,,INVENTED,,GOOD,",
        f'"H","=H",{MARKUP},"=1+1",h,,6,,2026-01-01,,,INVENTED,,,',
    ]
    (folder / "claims.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    names = "statement_id,service_id,wording,claim_id,source_id"
    service = read_study(folder).table("coach_services")["service_id"][0]
    rows = [f"F1,{service},ZZRETRACTED daily,BAD,INVENTED", f"F2,{service},daily,GOOD,INVENTED"]
    text = "\n".join([names, *rows, ""])
    (folder / "tables" / "published_frequencies.csv").write_text(text, "utf-8")
    return folder


def read_payload(page: str) -> str:
    match = re.search(r'id="payload" data-encoding="([^"]+)">([^<]*)<', page)
    assert match
    if match[1] == "json":
        return match[2]
    return gzip.decompress(base64.b64decode(match[2])).decode()


def test_what_was_retracted_is_in_no_table_page_or_listing(ledger_study, call) -> None:
    outcome = run_study(ledger_study)
    for name, frame in outcome.results.items():
        assert "ZZRETRACTED" not in frame.write_csv(), name
    page = outcome.report.read_text("utf-8")
    payload = read_payload(page)
    assert "ZZRETRACTED" not in payload + " ".join(outcome.summary)
    assert "GOOD" in payload
    assert "onerror" not in page.replace(payload, "")
    assert set(outcome.results["claim_checks"]["claim_id"]) == {"GOOD", "H"}
    sheet = ledger_study.parent / "claims.csv"
    for arguments in ((), ("--verbose",), ("--json",), ("--csv", str(sheet))):
        code, out, err = call("claims", str(ledger_study), *arguments)
        assert (code, "ZZRETRACTED" in out + err) == (0, False)
    assert "ZZRETRACTED" not in sheet.read_text("utf-8")
    assert "'=1+1" in sheet.read_text("utf-8")
    _, out, _ = call("claims", str(ledger_study), "BAD")
    assert "It does not stand: retracted on 2026-01-02." in out
    _, out, _ = call("claims", str(ledger_study))
    assert "1 retracted" in out
    assert "1 superseded" in out


def test_a_run_of_these_inputs_is_what_claims_are_held_against(ledger_study) -> None:
    before = judge_claims(ledger_study)
    run_study(ledger_study)
    after = judge_claims(ledger_study)
    assert before.basis.startswith("the timetable without chance")
    assert after.basis.startswith("the run ")
    assert before.checks.drop("calculation").equals(after.checks.drop("calculation"))
