"""Tables for the checks, written as text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from arterial.errors import Fault
from arterial.study import check_study

Check = Callable[..., list[Fault]]


@pytest.fixture
def check_with(tmp_path: Path) -> Check:
    """Faults of a study that has only these tables: ``check_with(lines="...")``."""

    def check(**tables: str) -> list[Fault]:
        (tmp_path / "tables").mkdir()
        (tmp_path / "study.toml").write_text(SETTINGS)
        for name, text in tables.items():
            place = tmp_path if name in {"sources", "claims", "estimates"} else tmp_path / "tables"
            (place / f"{name}.csv").write_text(text.strip() + "\n", encoding="utf-8")
        return list(check_study(tmp_path))

    return check


SETTINGS = """\
schema_version = 1
name = "test"
title = "Test"
epoch = 2025-01-01
horizon_from = 2025-06-01
horizon_to = 2025-12-31
as_of = 2025-11-22
"""
