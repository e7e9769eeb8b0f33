"""The study: a folder of tables, read, checked, varied and written.

Names are loaded when they are first used, so that ``import arterial.study.schema`` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from arterial.study.datapackage import write_datapackage
    from arterial.study.defaults import apply_defaults, list_default_uses
    from arterial.study.draws import sample_tables
    from arterial.study.estimates import Range
    from arterial.study.nomenclature import nomenclature_markdown
    from arterial.study.reader import check_study, read_study
    from arterial.study.schema import Attribute, TableSchema, list_tables, load_schema
    from arterial.study.settings import Settings
    from arterial.study.shipped import new_study, shipped_studies
    from arterial.study.study import Study, require_day, require_tables
    from arterial.study.tables import conform_table, empty_table, join_list, split_list
    from arterial.study.writer import write_study

__all__ = [
    "Attribute",
    "Range",
    "Settings",
    "Study",
    "TableSchema",
    "apply_defaults",
    "check_study",
    "conform_table",
    "empty_table",
    "join_list",
    "list_default_uses",
    "list_tables",
    "load_schema",
    "new_study",
    "nomenclature_markdown",
    "read_study",
    "require_day",
    "require_tables",
    "sample_tables",
    "shipped_studies",
    "split_list",
    "write_datapackage",
    "write_study",
]

_HOMES: Final = {
    "Attribute": "schema",
    "Range": "estimates",
    "Settings": "settings",
    "Study": "study",
    "TableSchema": "schema",
    "apply_defaults": "defaults",
    "check_study": "reader",
    "conform_table": "tables",
    "sample_tables": "draws",
    "empty_table": "tables",
    "join_list": "tables",
    "list_default_uses": "defaults",
    "list_tables": "schema",
    "load_schema": "schema",
    "new_study": "shipped",
    "nomenclature_markdown": "nomenclature",
    "read_study": "reader",
    "require_day": "study",
    "require_tables": "study",
    "shipped_studies": "shipped",
    "split_list": "tables",
    "write_datapackage": "datapackage",
    "write_study": "writer",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{home}"), name)
