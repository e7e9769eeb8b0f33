#!/bin/sh
# Every check the project has: style, types, layers, docs, pages, tests.
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment
install_arterial --editable '.[dev]'
PATH="$PWD/.venv/bin:$PATH"
export PATH
echo "== style";  ruff check . && ruff format --check .
echo "== types";  mypy
echo "== layers"; lint-imports --no-cache
echo "== docs";   zensical build --clean --strict
echo "== tests";  exec pytest -n 2 --dist worksteal "$@"
