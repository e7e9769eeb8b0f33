"""The command line called in this process."""

import gc
import sys

import pytest

from arterial.cli.main import main


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Call a command with its words; gives the exit code, the output and the errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["arterial", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        # The command leaves its objects to the system; this process goes on.
        gc.unfreeze()
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return run
