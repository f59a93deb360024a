"""Checks calls and answers against an extract of the Bot API's own description (version 10.3)."""

import json
from pathlib import Path
from typing import Any

from bot.playground import Call

DESCRIPTION = Path(__file__).parents[1] / "data" / "telegram" / "bot_api.json"
BASIC = {
    "Integer": int, "String": str, "Boolean": bool, "Float": (int, float), "True": bool,
    "InputFile": str,
}  # fmt: skip


class Mismatch(AssertionError):
    pass


class BotApiSchema:
    def __init__(self) -> None:
        described = json.loads(DESCRIPTION.read_text())
        self.methods: dict[str, Any] = described["methods"]
        self._types: dict[str, Any] = described["types"]
        self._unions: dict[str, list[str]] = described["unions"]

    def check_call(self, call: Call) -> None:
        """The call's parameters, and its answer if it was a success, are as the description says.

        Raises:
            Mismatch: naming the method and the field.
        """
        method = self.methods[call.method]
        given = call.params | {
            name: "upload" for name in call.files if name in method["parameters"]
        }
        self._fields(given, method["parameters"], call.method)
        if call.answer and call.answer["ok"]:
            self.check(call.answer["result"], method["returns"], f"{call.method} result")

    def check(self, value: Any, kind: str, where: str) -> None:
        if kind.startswith("Array of "):
            self._array(value, kind.removeprefix("Array of "), where)
        elif " or " in kind:
            self._any_of(value, kind.split(" or "), where)
        elif kind in self._unions:
            self._any_of(value, self._unions[kind], where)
        elif kind in self._types:
            if not isinstance(value, dict):
                raise Mismatch(f"{where}: {kind} expected, got {value!r}")
            self._fields(value, self._types[kind], where)
        elif kind in BASIC:
            self._basic(value, kind, where)
        else:
            raise Mismatch(f"{where}: {kind} is not in the extract")

    def _array(self, value: Any, kind: str, where: str) -> None:
        if not isinstance(value, list):
            raise Mismatch(f"{where}: a list expected, got {value!r}")
        if kind.startswith("InputMedia"):
            kind = "InputMedia"
        for number, item in enumerate(value):
            self.check(item, kind, f"{where}[{number}]")

    def _any_of(self, value: Any, kinds: list[str], where: str) -> None:
        faults = []
        for kind in kinds:
            try:
                return self.check(value, kind, where)
            except Mismatch as fault:
                faults.append(str(fault))
        raise Mismatch(f"{where}: none of {kinds} fits: {faults}")

    def _fields(self, value: dict[str, Any], fields: dict[str, Any], where: str) -> None:
        strangers = set(value) - set(fields)
        missing = {name for name, field in fields.items() if field.get("required")} - set(value)
        if strangers or missing:
            raise Mismatch(f"{where}: unknown {sorted(strangers)}, missing {sorted(missing)}")
        for name, item in value.items():
            self.check(item, fields[name]["type"], f"{where}.{name}")

    def _basic(self, value: Any, kind: str, where: str) -> None:
        right = isinstance(value, BASIC[kind]) and isinstance(value, bool) == (BASIC[kind] is bool)
        if not right or (kind == "True" and value is not True):
            raise Mismatch(f"{where}: {kind} expected, got {value!r}")
