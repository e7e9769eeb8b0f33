#!/bin/sh
# The main job, from a fresh clone to a report: environment, install, run.
# usage: sh scripts/first-light.sh [STUDY]
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment
install_requirements
# Beside the page parts of the report, which are made while the package is built.
compile_kernels $MAIN_KERNELS &
install_arterial --no-deps .
wait
exec .venv/bin/arterial run "${1:-studies/pyongyang_moscow}"
