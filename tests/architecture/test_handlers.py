"""Handlers stay thin: parse, call a use case, answer."""

import ast
from pathlib import Path

from bot import handlers

FOLDER = Path(handlers.__path__[0])
MAX_LINES = 15
SAYING = {"answers", "desk"}


def async_functions() -> list[ast.AsyncFunctionDef]:
    trees = [ast.parse(file.read_text()) for file in sorted(FOLDER.glob("*.py"))]
    return [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)
    ]


def test_the_handlers_are_found() -> None:
    assert len(async_functions()) >= 10


def test_a_handler_is_short() -> None:
    assert [function.name for function in async_functions() if lines_of(function) > MAX_LINES] == []


def test_a_handler_does_something() -> None:
    assert [function.name for function in async_functions() if not does_something(function)] == []


def lines_of(function: ast.AsyncFunctionDef) -> int:
    last = function.body[-1].end_lineno
    assert last is not None
    return last - function.body[0].lineno + 1


def does_something(function: ast.AsyncFunctionDef) -> bool:
    nodes = list(ast.walk(function))
    awaits = any(isinstance(node, ast.Await) for node in nodes)
    answers = any(isinstance(node, ast.Attribute) and node.attr in SAYING for node in nodes)
    return awaits or answers
