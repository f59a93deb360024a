"""Everything people read can be translated: marked where it is written, translated where it is said."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import bot
from bot.texts.moderation import CENSORS
from docs.translations import first, messages, spoken_in_code

FOLDER = Path(bot.__path__[0])
MODULES = sorted(path.stem for path in (FOLDER / "texts").glob("[a-z]*.py"))
MARKS = {"_", "N_", "ngettext"}
NAMES = frozenset(CENSORS.values())  # of services, some the same in every language
SPEAKERS = [
    path
    for path in sorted(FOLDER.rglob("*.py"))
    if not {"playground", "doctor", "texts"} & set(path.parts)
]
NOT_WORDS = re.compile(
    r"<[^>]*>?|--[a-z-]+|\{[^}]*\}|%\w|\d+x\d+|#[0-9a-f]{6}"
)  # tags, options, fields


@cache
def marked() -> frozenset[str]:
    return frozenset(first(message.id) for message in messages(spoken_in_code()))


def words_in(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]{2,}", NOT_WORDS.sub(" ", text))


def said_in(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, without what is inside a mark's call, and without docstrings."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
        return
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from said_in(child)


def tree_of(module: str) -> ast.Module:
    return ast.parse((FOLDER / "texts" / f"{module}.py").read_text())


def constants_of(module: str) -> Iterator[object]:
    """What it defines in capitals itself."""
    loaded = import_module(f"bot.texts.{module}")
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.isupper():
            yield getattr(loaded, node.id)


def functions_of(module: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef))


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from strings_in(item)


def test_the_modules_of_words_are_found() -> None:
    assert {"everyday", "job", "parse"} <= set(MODULES)
    assert len(marked()) > 150 and len(SPEAKERS) > 20


@pytest.mark.parametrize("module", MODULES)
def test_a_constant_with_words_is_marked(module: str) -> None:
    texts = [text for value in constants_of(module) for text in strings_in(value)]
    assert [t for t in texts if words_in(t) and t not in marked() | NAMES] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_function_says_only_what_is_marked(module: str) -> None:
    literals = [
        node.value
        for function in functions_of(module)
        for node in said_in(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [t for t in literals if " " in t.strip() and words_in(t)] == []


def unsaid(path: Path) -> Iterator[str]:
    """The constants of the words' modules that are used here outside of `_()`."""
    tree = ast.parse(path.read_text())
    modules = dict(modules_imported(tree))
    for node in said_in(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            constant = getattr(modules.get(node.value.id), node.attr, None)
            if isinstance(constant, str) and constant in marked_constants():
                yield f"{node.value.id}.{node.attr}"


def modules_imported(tree: ast.Module) -> Iterator[tuple[str, ModuleType]]:
    """The words' modules as they are called here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "bot.texts":
            for name in node.names:
                yield name.asname or name.name, import_module(f"bot.texts.{name.name}")


def modules_of_words() -> list[ModuleType]:
    return [import_module(f"bot.texts.{name}") for name in MODULES]


@cache
def marked_constants() -> frozenset[str]:
    return frozenset(
        value
        for module in modules_of_words()
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value in marked()
    )


def test_a_constant_is_translated_where_it_is_said() -> None:
    assert [(path.name, name) for path in SPEAKERS for name in unsaid(path)] == []
