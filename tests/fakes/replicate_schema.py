"""Replicate's own description of requests and answers, as checks for its fake."""

import copy
import functools
import json
from pathlib import Path
from typing import Any

import jsonschema

from providers.offers.replicate import REPLICATE_OFFERS

SCHEMAS = json.loads((Path(__file__).parent.parent / "data/replicate/schema.json").read_text())
MODELS = {
    version: model
    for model, _, version in (offer.remote_name.partition(":") for offer in REPLICATE_OFFERS)
}
"""`owner/name` by version."""

_INPUTS = {
    "ai-forever/kandinsky-2.2": "kandinsky_2_2_input",
    "ai-forever/kandinsky-2-1": "kandinsky_2_1_input",
}


def errors(name: str, value: object) -> list[dict[str, Any]]:
    """As the service words them in `invalid_fields`."""
    return [
        {"type": error.validator, "field": error.json_path[2:], "description": error.message}
        for error in _validator(name).iter_errors(value)
    ]


def input_errors(version: str, value: object) -> list[dict[str, Any]]:
    return errors(_INPUTS[MODELS[version]], value)


def checked(name: str, value: dict[str, Any]) -> dict[str, Any]:
    assert not errors(name, value), errors(name, value)
    return value


@functools.cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_with_nulls(copy.deepcopy(SCHEMAS[name])))


def _with_nulls(schema: Any) -> Any:
    """OpenAPI's `nullable` in JSON Schema's own words."""
    if isinstance(schema, dict):
        if schema.pop("nullable", False):
            schema["type"] = [schema["type"], "null"]
        for value in schema.values():
            _with_nulls(value)
    return schema
