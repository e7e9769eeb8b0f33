"""Evidence: what is published, checked against the model."""

from arterial.evidence.statement_verdicts import StatementKind, StatementVerdict
from arterial.evidence.statements import StatementResults, StatementSettings, check_statements

__all__ = [
    "StatementKind",
    "StatementResults",
    "StatementSettings",
    "StatementVerdict",
    "check_statements",
]
