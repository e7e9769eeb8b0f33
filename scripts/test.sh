#!/bin/sh
# Every check the project has: style, types, layers, pages, documentation, tests.
# usage: sh scripts/test.sh [PYTEST OPTIONS]
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment
install_arterial --editable '.[dev]'
# Beside style and types, which use one core.
compile_kernels
PATH="$PWD/.venv/bin:$PATH"
export PATH

say() {
    printf '\n== %s\n' "$1"
}

say "style"
ruff check .
ruff format --check .
say "types"
mypy
say "layers"
lint-imports --no-cache
say "pages"
npm --prefix web ci --no-audit --no-fund --silent
npm --prefix web run --silent check
npm --prefix web test --silent
say "documentation"
zensical build --clean --strict
say "tests"
wait
exec pytest -n 2 --dist worksteal "$@"
