"""Compiled kernels follow every change of their source, wherever it is made."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import arterial
from arterial import compiling as kernel_cache

PACKAGE = Path(arterial.__file__).parent
CODE = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from arterial.running import driving_kernel as kernels
from arterial.running import motion_kernel as motion
now, piece, train = np.zeros(30), np.zeros(13), np.ones(6)
law = np.array([[5.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.inf]])
piece[motion.IS_CONSTANT] = 1.0
print(kernels.overruns_brake(now, 1.0, law[0], piece, train))
"""


def run_copy(folder: Path) -> str:
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CODE, str(folder)], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def test_a_kernel_is_compiled_anew_when_another_file_that_it_calls_has_changed(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "arterial", ignore=shutil.ignore_patterns("__pycache__"))
    assert run_copy(tmp_path) == "True"
    motion = tmp_path / "arterial" / "running" / "motion" / "kernels.py"
    text = motion.read_text("utf-8")
    changed = text.replace("return float(train[RESISTANCE_A] +", "return float(9.0 +")
    assert changed != text
    motion.write_text(changed, encoding="utf-8")
    assert run_copy(tmp_path) == "False"


def test_where_nothing_is_writable_the_settings_stay_as_they_are(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kernel_cache.cache_folder(tmp_path / "file") is None
    settings = SimpleNamespace(CACHE_DIR=str(tmp_path / "file"))
    with kernel_cache.keep_compiled(settings):
        assert str(tmp_path / "file") == settings.CACHE_DIR


def test_the_cache_of_the_user_serves_where_the_package_is_not_writable(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = kernel_cache.cache_folder(tmp_path / "file")
    assert place == tmp_path / "cache" / "arterial" / kernel_cache.digest_kernels()
