"""Progress of a flow: named steps shown while they run.

A flow reports each step by name; :func:`show_progress` draws a bar on a terminal and stays silent
where nobody watches.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["ReportStep", "StepTimes", "show_progress", "stay_silent"]

STEPS_TOLD = 4
"""Steps whose time is told one by one."""

ReportStep = Callable[[str, float], None]
"""Called with the name of a step and the share of the work done before it, 0 to 1."""


def stay_silent(name: str, share: float) -> None:
    """Report nothing; the default of every flow."""
    del name, share


class StepTimes:
    """How long each step of a flow took; it hands each on to where it is shown.

    Parameters
    ----------
    report_step : ReportStep
        Where steps are shown.

    Examples
    --------
    >>> times = StepTimes(stay_silent)
    >>> times("Reading", 0.0)
    >>> times.describe()
    'Time: reading 0 s.'
    """

    def __init__(self, report_step: ReportStep) -> None:
        self._report_step = report_step
        self._begun: list[tuple[str, float]] = []

    def __call__(self, name: str, share: float) -> None:
        """Note that a step begins."""
        self._begun.append((name, time.perf_counter()))
        self._report_step(name, share)

    def describe(self) -> str:
        """Wall time of the longest steps until now, in one line; steps of one name added up."""
        ends = [*(begin for _, begin in self._begun[1:]), time.perf_counter()]
        seconds: dict[str, float] = {}
        for (name, begin), end in zip(self._begun, ends, strict=True):
            words = name.partition(" (")[0]
            seconds[words] = seconds.get(words, 0.0) + end - begin
        if not seconds:
            return ""
        longest = sorted(seconds, key=lambda name: -seconds[name])[:STEPS_TOLD]
        parts = [
            f"{name[:1].lower()}{name[1:]} {spent:.0f} s"
            for name, spent in seconds.items()
            if name in longest
        ]
        rest = sum(spent for name, spent in seconds.items() if name not in longest)
        more = f", all else {rest:.0f} s" if len(seconds) > len(longest) else ""
        return f"Time: {', '.join(parts)}{more}."


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
