"""The command line: one file for each group of commands; `main` is what ``arterial`` starts."""

from arterial.cli.main import main

__all__ = ["main"]
