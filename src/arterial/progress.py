"""Progress of a flow: named steps shown while they run.

A flow reports each step by name; :func:`show_progress` draws a bar on a terminal and stays silent
where nobody watches.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["ReportStep", "show_progress", "stay_silent"]

ReportStep = Callable[[str, float], None]
"""Called with the name of a step and the share of the work done before it, 0 to 1."""


def stay_silent(name: str, share: float) -> None:
    """Report nothing; the default of every flow."""
    del name, share


@contextmanager
def show_progress(*, is_quiet: bool = False) -> Iterator[ReportStep]:
    """A progress bar on the terminal for the time of a flow.

    Parameters
    ----------
    is_quiet : bool
        Show nothing, whatever the terminal.

    Yields
    ------
    ReportStep
        To be handed to the flow.
    """
    if is_quiet or not sys.stderr.isatty():
        yield stay_silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=28), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Starting", total=1.0)

        def report(name: str, share: float) -> None:
            progress.update(task, description=name, completed=share)

        yield report
        progress.update(task, completed=1.0)
