#!/bin/sh
# The main job, from a fresh clone to a report: environment, install, run.
# usage: sh scripts/first-light.sh [STUDY]
cd "$(dirname "$0")/.."
. scripts/environment.sh
make_environment
install_arterial .
exec .venv/bin/arterial run "${1:-studies/pyongyang_moscow}"
