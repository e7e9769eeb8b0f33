"""Projects with scarce resources in PSPLIB's own text format (``.sm``, ``.mm``).

The file has headed blocks: how many jobs and resources, the followers of each job, the duration and
demands of each of its modes, the capacities. Jobs and resources count from 1. The main function is
`parse_psplib`. Source: [Kolisch 1997].
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from arterial.errors import Fault
from arterial.exchange.number_rows import NumberRow
from arterial.exchange.scheduling import Demand, Mode, ProblemFormat, ScheduleProblem, Task

__all__ = ["is_psplib", "parse_psplib"]

PRECEDENCE: Final = "PRECEDENCE RELATIONS"
REQUESTS: Final = "REQUESTS/DURATIONS"
CAPACITIES: Final = "RESOURCEAVAILABILITIES"
PROJECTS: Final = "PROJECT INFORMATION"
NEEDED: Final = (PRECEDENCE, REQUESTS, CAPACITIES)
HEADINGS: Final = (*NEEDED, PROJECTS)
RELEASE_PLACE: Final = 2
"""Place of the release date in the row of a project."""


@dataclass(slots=True)
class Blocks:
    """Rows of numbers under each heading, resources that are used up or both, and faults."""

    rows: dict[str, list[NumberRow]] = field(default_factory=dict)
    renewable: int = 0
    stocks: int = 0
    doubly: int = 0
    faults: list[Fault] = field(default_factory=list)


def is_psplib(text: str) -> bool:
    r"""Whether a text has the headings of the format.

    Examples
    --------
    >>> is_psplib("PRECEDENCE RELATIONS:\n1 1 0\nREQUESTS/DURATIONS:\n1 1 0 0\n")
    True
    """
    upper = text.upper()
    return PRECEDENCE in upper and REQUESTS in upper


def parse_psplib(text: str, *, name: str, file: str) -> tuple[ScheduleProblem, list[Fault]]:
    """Turn the text of a file into a problem.

    Parameters
    ----------
    text : str
        Content of the file.
    name, file : str
        Name of the problem, and of the file for the faults.

    Returns
    -------
    ScheduleProblem
        As far as it could be read.
    list of Fault
        Everything that is wrong.
    """
    blocks = _split_blocks(text, file)
    faults = blocks.faults
    for heading in NEEDED:
        if not blocks.rows.get(heading):
            faults.append(Fault(f"Nothing stands under {heading}.", "Give that block.", file))
    if blocks.doubly:
        cause = f"{blocks.doubly} resources are doubly constrained; those are not read."
        faults.append(Fault(cause, "Give a problem without them.", file))
    # Rows of one block are judged by the counts of another, so that none may be missing.
    if faults:
        return ScheduleProblem((), ()), faults
    amounts = blocks.rows[CAPACITIES][0].numbers
    # Older files do not count their resources: then all are renewable but those counted.
    renewable = blocks.renewable or max(0, len(amounts) - blocks.stocks)
    if renewable + blocks.stocks != len(amounts):
        cause = f"There are {len(amounts)} amounts, not {renewable + blocks.stocks}."
        line = blocks.rows[CAPACITIES][0].line
        faults.append(Fault(cause, "Give one for each resource that is counted.", file, line))
        return ScheduleProblem((), ()), faults
    modes = _read_modes(blocks.rows[REQUESTS], amounts, renewable, file, faults)
    release = _read_release(blocks.rows.get(PROJECTS, []), file, faults)
    tasks = list(_read_tasks(blocks.rows[PRECEDENCE], modes, release, file, faults))
    capacities, stocks = amounts[:renewable], amounts[renewable:]
    problem = ScheduleProblem(tuple(tasks), capacities, ProblemFormat.PROJECT, name, stocks=stocks)
    return problem, faults


def _read_release(rows: Sequence[NumberRow], file: str, faults: list[Fault]) -> int:
    """Slot before which nothing of the one project starts."""
    if len(rows) > 1:
        cause = f"{len(rows)} projects are listed; one is read."
        faults.append(Fault(cause, "Give a file for each project.", file, rows[1].line))
    numbers = rows[0].numbers if rows else ()
    return numbers[RELEASE_PLACE] if len(numbers) > RELEASE_PLACE else 0


def _split_blocks(text: str, file: str) -> Blocks:
    """Rows of numbers by heading; lines of words and rules are passed over."""
    found = Blocks()
    heading = ""
    for line, content in enumerate(text.splitlines(), start=1):
        upper = content.upper()
        named = next((name for name in HEADINGS if name in upper), None)
        if named is not None:
            heading = named
            continue
        words = content.split()
        kind = content.lower().lstrip(" -")
        count = sum(int(w) for w in words if w.isascii() and w.isdigit() and len(w) < 5)  # noqa: PLR2004
        if kind.startswith("nonrenewable"):
            found.stocks += count
        elif kind.startswith("renewable"):
            found.renewable += count
        elif kind.startswith("doubly constrained"):
            found.doubly += count
        if not heading or not words or not words[0].isdigit():
            continue
        if all(word.isascii() and word.isdigit() and len(word) <= 9 for word in words):  # noqa: PLR2004
            row = NumberRow(line, tuple(int(word) for word in words))
            found.rows.setdefault(heading, []).append(row)
        else:
            cure = "Write one to nine digits each."
            found.faults.append(Fault("The row holds no whole numbers only.", cure, file, line))
    return found


def _read_modes(
    rows: Sequence[NumberRow],
    capacities: Sequence[int],
    renewable: int,
    file: str,
    faults: list[Fault],
) -> dict[int, list[Mode]]:
    """Modes of each job; a row without a job's number belongs to the job above."""
    modes: dict[int, list[Mode]] = {}
    width, job = len(capacities), 0
    for row in rows:
        numbers = row.numbers
        # Only the first mode of a job names it.
        if len(numbers) == width + 3:
            job, numbers = numbers[0], numbers[1:]
        if len(numbers) != width + 2 or not job:
            cause = f"The row does not give mode, duration and {width} demands."
            faults.append(Fault(cause, "Give one number for each resource.", file, row.line))
            continue
        duration, demands = numbers[1], numbers[2:]
        faults += [
            Fault(f"Task {job} needs {amount} of resource {place + 1}, there are {capacity}.",
                  "Lower the demand or raise the capacity.", file, row.line)
            for place, (amount, capacity) in enumerate(zip(demands, capacities, strict=True))
            if amount > capacity and duration and place < renewable
        ]  # fmt: skip
        held, used = (
            tuple(Demand(place, amount) for place, amount in enumerate(part) if amount)
            for part in (demands[:renewable], demands[renewable:])
        )
        modes.setdefault(job, []).append(Mode(duration, held, uses=used))
    return modes


def _read_tasks(
    rows: Sequence[NumberRow],
    modes: Mapping[int, list[Mode]],
    release: int,
    file: str,
    faults: list[Fault],
) -> Iterator[Task]:
    """Tasks in the order of their numbers, with their followers."""
    for place, row in enumerate(rows, start=1):
        job, n_modes, n_followers = (*row.numbers, 0, 0)[:3]
        followers = row.numbers[3:]
        # Followers are named by number: a gap would shift them all without a word.
        if job != place:
            cause = f"Job {job} stands where job {place} should."
            faults.append(Fault(cause, "Number the jobs from 1 in order.", file, row.line))
        if len(followers) != n_followers:
            cause = f"{len(followers)} followers are named, not {n_followers}."
            faults.append(Fault(cause, "Give as many as are counted.", file, row.line))
        if len(modes.get(job, ())) != n_modes:
            cause = f"Job {job} has {len(modes.get(job, ()))} rows of demands, not {n_modes}."
            faults.append(Fault(cause, "Give a row for each mode.", file, row.line))
        wrong = [other for other in followers if not 1 <= other <= len(rows) or other == job]
        if wrong:
            cause = f"Task {job} precedes task {wrong[0]}, of {len(rows)}."
            faults.append(Fault(cause, "Name another task there is.", file, row.line))
        known = {other - 1 for other in followers} - {other - 1 for other in wrong}
        yield Task(tuple(modes.get(job, [Mode(0)])), tuple(sorted(known)), release)
