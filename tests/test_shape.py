"""The shape of the source: file and function length, public names (style §6, §7)."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
MAXIMUM_FILE_LINES = 400
MAXIMUM_BODY_LINES = 50
TESTS = sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "benchmarks").rglob("*.py"))


@cache
def read_tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name_file(path: Path) -> str:
    return str(path.relative_to(ROOT))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def list_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions among statements and in them; expressions, which are most of a tree, hold none."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        for inner in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            for part in ("body", "orelse", "finalbody"):
                yield from list_functions(getattr(inner, part, []))


def is_told(tree: ast.Module) -> bool:
    """Whether a module says what it is and, where it holds code, what is public."""
    names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    holds_code = any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in tree.body)
    return bool(ast.get_docstring(tree)) and (not holds_code or "__all__" in names)


def test_no_file_is_longer_than_its_limit() -> None:
    lines = {name_file(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES + TESTS}
    assert len(SOURCES) > 100 < len(TESTS)
    assert {name: count for name, count in lines.items() if count > MAXIMUM_FILE_LINES} == {}


def test_no_function_body_is_longer_than_its_limit() -> None:
    lines = {
        (name_file(path), node.name, node.lineno): body_lines(node)
        for path in SOURCES
        for node in list_functions(read_tree(path).body)
    }
    assert {name: count for name, count in lines.items() if count > MAXIMUM_BODY_LINES} == {}


def test_every_module_says_what_it_is_and_what_is_public() -> None:
    assert [name_file(path) for path in SOURCES if not is_told(read_tree(path))] == []
