"""The study: a folder of tables, read, checked, varied and written.

Names are loaded when they are first used, so that ``import arterial.study.schema`` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from arterial.study.faults import format_faults
    from arterial.study.reader import check_study, read_study
    from arterial.study.schema import Attribute, TableSchema, list_tables, load_schema
    from arterial.study.settings import Settings
    from arterial.study.study import Study, require_tables
    from arterial.study.tables import conform_table, empty_table, join_list, split_list

__all__ = [
    "Attribute",
    "Settings",
    "Study",
    "TableSchema",
    "check_study",
    "conform_table",
    "empty_table",
    "format_faults",
    "join_list",
    "list_tables",
    "load_schema",
    "read_study",
    "require_tables",
    "split_list",
]

_HOMES: Final = {
    "Attribute": "schema",
    "Settings": "settings",
    "Study": "study",
    "TableSchema": "schema",
    "check_study": "reader",
    "conform_table": "tables",
    "empty_table": "tables",
    "format_faults": "faults",
    "join_list": "tables",
    "list_tables": "schema",
    "load_schema": "schema",
    "read_study": "reader",
    "require_tables": "study",
    "split_list": "tables",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{home}"), name)
