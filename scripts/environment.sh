# Make .venv with Arterial installed; sourced by first-light.sh and test.sh.
# Needs Python 3.11 to 3.14 with pip; works where Debian leaves ensurepip out of python3.
set -eu
# Without kept bytecode each of many processes compiles all libraries that it imports anew.
unset PYTHONDONTWRITEBYTECODE

find_python() {
    for candidate in "${ARTERIAL_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
            2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Arterial needs Python 3.11 to 3.14 and found none." >&2
    echo "Install one (Debian/Ubuntu: apt install python3 python3-pip; macOS: brew install python)," >&2
    echo "or name it: ARTERIAL_PYTHON=/path/to/python3 sh $0" >&2
    return 1
}

make_environment() {
    [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 && return
    python=$(find_python)
    rm -rf .venv
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv .venv
    else
        # Debian's python3 has no ensurepip: the system's pip fills the new environment.
        "$python" -m venv --without-pip .venv
        "$python" -m pip --python .venv/bin/python install --quiet pip
    fi
}

# Most of what is installed is never imported; Python compiles what is, when it is (--no-compile).
install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile "$@"
}

install_arterial() {
    echo "Installing Arterial and what it needs into .venv ..."
    install "$@"
}

install_requirements() {
    echo "Installing what Arterial needs into .venv ..."
    .venv/bin/python - >.venv/requirements.txt <<'END'
import tomllib
from pathlib import Path

print(*tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["dependencies"], sep="\n")
END
    install --requirement .venv/requirements.txt
}

KERNELS="${XDG_CACHE_HOME:-$HOME/.cache}/arterial/kernels"
MAIN_KERNELS="dispatching.paths.warming:warm_plans
    flows.warming:warm_paths flows.warming:warm_line flows.warming:warm_coaches"
SEARCH_KERNELS="campaign.choice.warming:warm_search
    dispatching.warming:warm_search dispatching.warming:warm_exact
    workshop.warming:warm_lists workshop.warming:warm_project workshop.warming:warm_shop"

# Those that are not compiled yet, beside each other. From the source of this checkout, found by the
# installed package through the cache of the user.
compile_kernels() {
    echo "Compiling kernels, once ..."
    ARTERIAL_KERNELS="$KERNELS" PYTHONPATH=src .venv/bin/python -P -c "import sys
from arterial.compiling import start_warming
for warming in [start_warming(f'arterial.{target}') for target in sys.argv[1:]]:
    warming.wait()" "$@"
}
