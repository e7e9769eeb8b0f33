#!/bin/sh
# Every check the project has: style, types, layers, pages, documentation, tests.
# usage: sh scripts/test.sh [PYTEST OPTIONS]
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment
install_arterial --editable '.[dev]'
PATH="$PWD/.venv/bin:$PATH"
# What a test compiles serves the next run too, from whatever checkout.
ARTERIAL_KERNELS="$KERNELS"
export PATH ARTERIAL_KERNELS

say() {
    printf '\n== %s\n' "$1"
}

check_source() {
    say "types"
    mypy
    say "layers"
    lint-imports --no-cache
    say "pages"
    npm --prefix web run --silent check
    npm --prefix web test --silent
    say "documentation"
    zensical build --clean --strict
}

say "style"
ruff check .
ruff format --check .
npm --prefix web ci --no-audit --no-fund --silent
said=$(mktemp)
# One after the other, beside the tests.
check_source >"$said" 2>&1 &
checks=$!
trap 'kill $checks 2>/dev/null || :; rm -f "$said"' EXIT
compile_kernels $MAIN_KERNELS
compile_kernels $SEARCH_KERNELS
say "tests"
tests_failed=0
pytest -n 2 --dist worksteal "$@" || tests_failed=$?
checks_failed=0
wait $checks || checks_failed=$?
cat "$said"
exit $((tests_failed ? tests_failed : checks_failed))
