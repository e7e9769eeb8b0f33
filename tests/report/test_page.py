"""The page: one file, a policy that lets nothing else run, written whole or not at all."""

import base64
import hashlib
import html
import re

import pytest

from arterial.errors import ArterialError
from arterial.report import bundle as bundle_module
from arterial.report.bundle import Bundle, load_bundle
from arterial.report.page import build_page, build_report, write_page

PARTS = Bundle('console.log("</script><!--")', "body { color: red }", {})
PAYLOAD = {"study": {"title": "A <b>title</b> & more"}}


def inner(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_policy_names_script_and_style_by_their_hash():
    page = build_page(PAYLOAD, bundle=PARTS)
    policy = html.unescape(inner(page, r'Content-Security-Policy" content="([^"]*)"'))
    for tag, text in (
        ("script", inner(page, r"<script>(.*)</script>\n</body>")),
        ("style", inner(page, r"<style>(.*)</style>")),
    ):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_a_built_script_cannot_end_its_own_element():
    page = build_page(PAYLOAD, bundle=PARTS)
    assert page.count("</script>") == 2
    assert "<!--" not in page


def test_the_title_is_text():
    assert "<title>A &lt;b&gt;title&lt;/b&gt; &amp; more</title>" in build_page(
        PAYLOAD, bundle=PARTS
    )


@pytest.mark.usefixtures("built")
def test_a_report_names_no_address_to_load_from(study, results):
    page = build_report(study, results, summary=["One."], stamp={})
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?https?:""", page)
    assert not re.findall(r"""@import|url\(\s*["']?https?:""", page)
    assert len(page) < 600_000


def test_missing_page_parts_say_how_to_build_them(monkeypatch, tmp_path):
    monkeypatch.setattr(bundle_module, "files", lambda _package: tmp_path)
    load_bundle.cache_clear()
    with pytest.raises(ArterialError, match="npm --prefix web ci && npm --prefix web run build"):
        load_bundle()
    load_bundle.cache_clear()


def test_a_page_replaces_an_older_one_and_leaves_nothing_beside_it(tmp_path):
    path = write_page(tmp_path / "new" / "report.html", "one")
    write_page(path, "two")
    assert path.read_text("utf-8") == "two"
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_a_page_that_cannot_be_written_leaves_the_older_one(tmp_path):
    path = write_page(tmp_path / "report.html", "one")
    with pytest.raises(UnicodeEncodeError):
        write_page(path, "\ud800")
    assert path.read_text("utf-8") == "one"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
