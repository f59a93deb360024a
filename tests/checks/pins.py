"""`python -m tests.checks.pins`: every dependency has one pinned version, which pyproject allows.

Needs no network; whether a version was yanked or is known to be vulnerable is `make audit`'s to ask.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]

OF_THE_ENVIRONMENT = {"pip", "setuptools"}  # `python -m venv` and the build bring their own
Pins = dict[str, str]


def main() -> int:
    pins, faults = read_pins((ROOT / "constraints.txt").read_text())
    direct = list(direct_requirements((ROOT / "pyproject.toml").read_text()))
    faults += [*unfit(direct, pins), *unpinned(direct, pins)]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


def read_pins(text: str) -> tuple[Pins, list[str]]:
    """The pins, and what is wrong with the file."""
    pins: Pins = {}
    faults: list[str] = []
    lines = [line.strip() for line in text.splitlines()]
    for line in lines:
        if not line or line.startswith("#"):
            continue
        name, separator, version = line.partition("==")
        if not separator or set(version) & set(",<>=!~* ;"):
            faults.append(f"constraints.txt: not one version: {line}")
        elif canonicalize_name(name) in pins:
            faults.append(f"constraints.txt: twice: {name}")
        else:
            pins[canonicalize_name(name)] = version
    return pins, faults


def direct_requirements(pyproject: str) -> Iterator[Requirement]:
    project = tomllib.loads(pyproject)
    lists = [
        project["project"]["dependencies"],
        *project["project"].get("optional-dependencies", {}).values(),
        *project.get("dependency-groups", {}).values(),
    ]
    for each in lists:
        yield from map(Requirement, each)


def unfit(direct: Iterable[Requirement], pins: Pins) -> Iterator[str]:
    for requirement in direct:
        version = pins.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{requirement.name}: not pinned"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement.name}: pinned to {version}, but pyproject wants {requirement.specifier}"


def unpinned(direct: Iterable[Requirement], pins: Pins) -> Iterator[str]:
    """What installed dependencies bring along without a pin."""
    seen: set[str] = set()
    waiting = [(each.name, frozenset(each.extras)) for each in direct]
    while waiting:
        name, extras = waiting.pop()
        key = canonicalize_name(name)
        if key in seen and not extras:
            continue
        seen.add(key)
        waiting += [
            (wanted.name, frozenset(wanted.extras))
            for wanted in needs_of(name, extras)
            if canonicalize_name(wanted.name) not in seen
        ]
    for key in sorted(seen - pins.keys() - OF_THE_ENVIRONMENT):
        if is_installed(key):
            yield f"{key}: brought along by another, and not pinned"


def needs_of(name: str, extras: frozenset[str]) -> list[Requirement]:
    """Here and now: other systems' needs are left out."""
    try:
        wanted = map(Requirement, distribution(name).requires or ())
        return [
            each
            for each in wanted
            if each.marker is None
            or any(each.marker.evaluate({"extra": extra}) for extra in extras | {""})
        ]
    except (PackageNotFoundError, InvalidRequirement):
        return []


def is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
