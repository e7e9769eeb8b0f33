"""Evidence: what is published, checked against the model."""

from arterial.evidence.statements import StatementResults, StatementSettings, check_statements
from arterial.evidence.verdicts import StatementKind, StatementVerdict

__all__ = [
    "StatementKind",
    "StatementResults",
    "StatementSettings",
    "StatementVerdict",
    "check_statements",
]
