"""What may be imported where, and that the base install needs no extra."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

STARTS = """
import importlib, pkgutil, sys

import bot.app
heavy = {
    "torch", "diffusers", "transformers", "accelerate", "httpx", "PIL", "alembic", "obstore",
    "opentelemetry", "bot.playground",
}
print("heavy:", *sorted(heavy & set(sys.modules)))

class Blocker:
    def find_spec(self, name, path=None, target=None):
        extras = {"torch", "diffusers", "transformers", "accelerate", "obstore", "opentelemetry"}
        if name.partition(".")[0] in extras:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
script = "storage.migrations.env"  # run by Alembic, in its own context
count = 0
for root in ("bot", "providers", "storage"):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(package.__path__, f"{root}."):
        if found.name != script:
            importlib.import_module(found.name)
            count += 1
print("count:", count)
"""
"""First the bot alone, then everything else: to import the bot takes seconds."""


def test_the_bot_starts_light_and_every_module_can_be_imported_without_extras() -> None:
    """What is slow to import is imported by who uses it: it costs every start and all memory."""
    done = subprocess.run(
        [sys.executable, "-c", STARTS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    heavy, count = done.stdout.splitlines()
    assert heavy == "heavy:"  # so nothing of it had an extra before extras were out of reach
    assert int(count.removeprefix("count: ")) >= 90


def test_the_import_rules_hold() -> None:
    # In a process of its own: it sets up logging anew, and turns every logger there is off.
    command = Path(sys.executable).with_name("lint-imports")
    assert subprocess.run([command], cwd=ROOT, capture_output=True, check=False).returncode == 0
