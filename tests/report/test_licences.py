"""What the pages of reports carry of others is shipped with its licence."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))["packages"]
COMMANDS = {"node_modules/commander"}
"""Packages that serve the commands of another and are in no page."""

CARRIED = [
    name for name, one in PACKAGES.items() if name and not one.get("dev") and name not in COMMANDS
]


@pytest.mark.parametrize("package", CARRIED)
def test_the_notice_names_each_package_of_the_pages_with_its_licence(package):
    notice = (ROOT / "NOTICE").read_text("utf-8")
    name = package.removeprefix("node_modules/")
    heading = f"\n{name} {PACKAGES[package]['version']}\n\n"
    assert heading in notice
    text = notice.split(heading)[1].split("\n----\n")[0]
    assert text.startswith("Copyright")
    assert "appear in all copies" in text
