"""Modules of an extra, which may be absent and take seconds to import."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest


class Extra:
    """Stands for a module until something of it is used: who only collects tests waits for none.

    Where there is no such module, all that a test module holds is skipped.

    prepare: what is done with the module first of all.
    """

    def __init__(self, name: str, prepare: Callable[[Any], object] = bool) -> None:
        self._name = name
        self._prepare = prepare
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed", allow_module_level=True)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # pytest asks all that a test module holds for some of these
            raise AttributeError(attribute)
        return getattr(self._module, attribute)

    @cached_property
    def _module(self) -> Any:
        module = import_module(self._name)
        self._prepare(module)
        return module
