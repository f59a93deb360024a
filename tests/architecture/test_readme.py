"""The README tells every setting and every provider there is."""

import re
from pathlib import Path

from bot.settings import Settings
from providers.registry import KNOWN_PROVIDERS

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_every_setting_has_its_row() -> None:
    rows = {name for line in README.splitlines() for name in re.findall(r"`([A-Z_]+)`", line)}
    assert {name.upper() for name in Settings.model_fields} <= rows


def test_every_provider_has_its_row() -> None:
    for name in KNOWN_PROVIDERS:
        assert f"| `{name}` |" in README
