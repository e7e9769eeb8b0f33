"""What a user reads when something is wrong."""

import pytest

from arterial.errors import (
    ArterialError,
    Fault,
    InfeasibleError,
    LimitError,
    SourceError,
    StudyError,
)


def test_a_fault_names_place_cause_cure_and_near_names() -> None:
    fault = Fault(
        "Unknown point 'Kosam'.", "Use an id of operational_points.", "a.csv", 3, "b", ("Kosan",)
    )
    assert fault.place == "a.csv:3:b"
    assert str(fault) == (
        "a.csv:3:b: Unknown point 'Kosam'. Use an id of operational_points. Did you mean Kosan?"
    )


def test_a_fault_without_a_row_names_the_file_alone() -> None:
    assert Fault("The file is empty.", "Write a header.", "a.csv").place == "a.csv"


@pytest.mark.parametrize("kind", [StudyError, InfeasibleError, LimitError, SourceError])
def test_every_error_is_caught_as_an_arterial_error_and_lists_all_faults(
    kind: type[ArterialError],
) -> None:
    error = kind(
        "2 faults.", [Fault("One.", "Mend it.", "a.csv"), Fault("Two.", "Mend it.", "b.csv")]
    )
    assert isinstance(error, ArterialError)
    assert str(error).splitlines() == [
        "2 faults.",
        "  a.csv: One. Mend it.",
        "  b.csv: Two. Mend it.",
    ]
