"""`python -m tests.checks.links`: what the documents link to is there. Needs no network.

Of addresses elsewhere nothing is asked.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^()\s]+)\)|<img[^>]*\ssrc=\"([^\"]+)\"")
CODE = re.compile(r"^(?:    |\t)[^\n]*$|^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def main() -> int:
    faults = [fault for path in documents() for fault in faults_of(path)]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


def documents() -> list[Path]:
    """The project's own, wherever they lie."""
    folders = (ROOT, ROOT / "docs", ROOT / "docs" / "decisions", ROOT / "providers")
    return sorted(
        {*(path for each in folders for path in each.glob("*.md")), *ROOT.glob("providers/**/*.md")}
    )


def faults_of(document: Path) -> Iterator[str]:
    for link in links_in(document.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = document if not path else document.parent / path
        if not target.exists():
            yield f"{document.relative_to(ROOT)}: {link}: no such file"
        elif anchor and anchor not in anchors_in(target.read_text("utf-8")):
            yield f"{document.relative_to(ROOT)}: {link}: no such heading"


def links_in(text: str) -> Iterator[str]:
    """Those to files of the project."""
    for match in LINK.finditer(CODE.sub("", text)):
        link = match[1] or match[2]
        if not re.match(r"[a-z]+:", link):
            yield link


def anchors_in(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    found: set[str] = set()
    for heading in HEADING.findall(
        re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    ):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = 0
        while (name := anchor if number == 0 else f"{anchor}-{number}") in found:
            number += 1
        found.add(name)
    return found


if __name__ == "__main__":
    sys.exit(main())
