"""Compiled kernels follow every change of their source, and no process spoils those of another."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import arterial
from arterial.compiling import COMPILING, digest_source
from arterial.source_files import list_imported_files

PACKAGE = Path(arterial.__file__).parent
CODE = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from arterial.running import driving_kernel, motion_kernel as motion
now, piece, train = np.zeros(30), np.zeros(13), np.ones(6)
law = np.array([[5.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.inf]])
piece[motion.IS_CONSTANT] = 1.0
train[3] = 9.0
print(driving_kernel.overruns_brake(now, 1.0, law[0], piece, train))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package whose kernel is compiled."""
    folder = tmp_path_factory.mktemp("package")
    left_out = shutil.ignore_patterns("__pycache__", "kernels")
    shutil.copytree(PACKAGE, folder / "arterial", ignore=left_out)
    assert run_copy(folder) == "True"
    return folder


@pytest.fixture(autouse=True, scope="module")
def empty_cache(tmp_path_factory: pytest.TempPathFactory):
    """What the machine compiled before must not serve here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("ARTERIAL_KERNELS", raising=False)
        yield


def start_copy(folder: Path, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", CODE, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | variables,
    )


def run_copy(folder: Path, **variables: str) -> str:
    process = start_copy(folder, **variables)
    said, error = process.communicate()
    assert process.returncode == 0, error
    assert error == ""
    return said.strip()


def copy_package(package: Path, folder: Path) -> Path:
    """The same package elsewhere, with what was compiled."""
    shutil.copytree(package / "arterial", folder / "arterial")
    return folder


def list_kernels(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.kernel"))


def edit(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


def test_a_kernel_follows_a_helper_in_another_file(package, tmp_path):
    copy_package(package, tmp_path)
    motion = tmp_path / "arterial" / "running" / "motion_kernel.py"
    edit(motion, ("return float(train[RESISTANCE_A] +", "return float(9.0 +"))
    assert run_copy(tmp_path) == "False"


def test_a_kernel_follows_two_swapped_constants_of_another_file(package, tmp_path):
    copy_package(package, tmp_path)
    motion = tmp_path / "arterial" / "running" / "motion_kernel.py"
    text = motion.read_text("utf-8")
    # The dates of all files stay as they were: only what they say counts.
    stamp = motion.stat()
    first, second = "RESISTANCE_A: Final = ", "RESISTANCE_B: Final = "
    one, two = (text.split(name)[1].split("\n")[0] for name in (first, second))
    edit(
        motion, (first + one, first + "@"), (second + two, second + one), (first + "@", first + two)
    )
    os.utime(motion, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    # Python's own bytecode goes by the date; what it would give is not asked here.
    shutil.rmtree(motion.parent / "__pycache__", ignore_errors=True)
    assert run_copy(tmp_path) == "False"


def test_what_was_compiled_serves_wherever_the_package_is_put(package, tmp_path):
    copy_package(package, tmp_path)
    before = {file.name: file.stat().st_mtime_ns for file in list_kernels(tmp_path)}
    assert before
    assert run_copy(tmp_path) == "True"
    assert {file.name: file.stat().st_mtime_ns for file in list_kernels(tmp_path)} == before


def test_what_a_wheel_brings_is_read_and_nothing_is_compiled(package, tmp_path):
    inside = copy_package(package, tmp_path / "copy") / "arterial"
    (inside / "__pycache__" / "kernels").rename(inside / "kernels")
    assert run_copy(tmp_path / "copy", ARTERIAL_KERNELS=str(tmp_path / "new")) == "True"
    assert not list_kernels(tmp_path / "new")
    assert not list_kernels(inside / "__pycache__")


def test_where_nothing_can_be_written_kernels_are_compiled_in_memory(package, tmp_path):
    copy_package(package, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "arterial" / "__pycache__")
    # A file in the place of a folder refuses everyone, root too.
    (tmp_path / "copy" / "arterial" / "__pycache__").write_text("")
    (tmp_path / "home").write_text("")
    assert run_copy(tmp_path / "copy", XDG_CACHE_HOME=str(tmp_path / "home")) == "True"
    assert list_kernels(tmp_path) == []


def test_the_cache_of_the_user_serves_where_the_package_cannot_be_written(package, tmp_path):
    copy_package(package, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "arterial" / "__pycache__")
    (tmp_path / "copy" / "arterial" / "__pycache__").write_text("")
    assert run_copy(tmp_path / "copy", XDG_CACHE_HOME=str(tmp_path / "home")) == "True"
    assert list_kernels(tmp_path / "home")


def test_two_processes_that_compile_at_once_agree(package, tmp_path):
    copy_package(package, tmp_path)
    shutil.rmtree(tmp_path / "arterial" / "__pycache__")
    both = [start_copy(tmp_path) for _ in range(2)]
    assert [process.communicate() for process in both] == [("True\n", ""), ("True\n", "")]
    assert run_copy(tmp_path) == "True"
    assert all(file.suffix == ".kernel" for file in list_kernels(tmp_path))


def test_a_killed_compile_and_a_file_cut_off_leave_nothing_that_is_misread(package, tmp_path):
    copy_package(package, tmp_path)
    kernels = list_kernels(tmp_path)
    for number, file in enumerate(kernels):
        content = file.read_bytes()
        file.write_bytes(content[: len(content) * number // len(kernels)])
    for wait_s in (0.8, 1.6):
        process = start_copy(tmp_path)
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert run_copy(tmp_path) == "True"


def test_the_digest_covers_what_is_imported_indirectly_and_nothing_else():
    files = {file.name for file in list_imported_files(PACKAGE / "running" / "driving_kernel.py")}
    assert {"driving_kernel.py", "motion_kernel.py", "compiling.py"} <= files
    assert "campaign.py" not in files
    # The package of a kernel is run with it, but gives nothing that could be frozen.
    assert "__init__.py" not in files
    assert digest_source(PACKAGE / "running" / "driving_kernel.py") != digest_source(
        PACKAGE / "running" / "motion_kernel.py"
    )


WAIT = """
import sys
sys.path.insert(0, sys.argv[1])
from arterial.compiling import start_warming
warming = start_warming("arterial.running.warmed:warm_overrun")
warming.wait(print)
print(warming.is_ready)
"""
WARMED = CODE.replace("print(", "def warm_overrun():\n    return (").split("sys.argv[1])", 1)[1]


def wait_for_warming(folder, **variables: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", WAIT, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ) | variables,
    )
    assert done.stderr == ""
    return done.stdout


def test_warming_compiles_once_in_a_second_process_and_says_so(package, tmp_path):
    shutil.copytree(package / "arterial", tmp_path / "arterial")
    shutil.rmtree(tmp_path / "arterial" / "__pycache__")
    (tmp_path / "arterial" / "running" / "warmed.py").write_text(WARMED)
    assert wait_for_warming(tmp_path) == f"{COMPILING}\nTrue\n"
    before = [file.stat().st_mtime_ns for file in list_kernels(tmp_path)]
    assert before
    # Neither is it done twice, nor does what the warming compiled miss what a caller needs.
    assert wait_for_warming(tmp_path) == "True\n"
    assert run_copy(tmp_path) == "True"
    assert [file.stat().st_mtime_ns for file in list_kernels(tmp_path)] == before
    # Another source needs another warming.
    edit(
        tmp_path / "arterial" / "running" / "motion_kernel.py", ("return float(", "return +float(")
    )
    assert wait_for_warming(tmp_path) == f"{COMPILING}\nTrue\n"


def test_warming_that_nobody_could_keep_is_not_begun(package, tmp_path):
    copy_package(package, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "arterial" / "__pycache__")
    (tmp_path / "copy" / "arterial" / "__pycache__").write_text("")
    (tmp_path / "copy" / "arterial" / "running" / "warmed.py").write_text(WARMED)
    (tmp_path / "home").write_text("")
    assert wait_for_warming(tmp_path / "copy", XDG_CACHE_HOME=str(tmp_path / "home")) == "True\n"
