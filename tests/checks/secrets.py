"""`python -m tests.checks.secrets`: no key of anybody's is in the tree. Needs no network.

It knows the shapes of the keys this project handles and of the usual others, and any long random
word that is given to a name like `api_key`. What is made up shows it: `example`, a run such as
`abcdef` or `AAAA`; a find is shown by its place alone.
"""

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
LARGEST = 2_000_000  # bytes; what is larger is weights and pictures
RANDOM = 3.6  # bits a character: words stay below, keys above
SHAPES = re.compile(
    r"(?<![\w/])(?:\d{8,10}:[\w-]{35}(?![\w-])"  # Telegram
    r"|r8_\w{30,}|SG_\w{16,}|hf_\w{30,}|whsec_[\w+/=]{24,}"  # the services'
    r"|sk-[\w-]{24,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|glpat-[\w-]{20,}|xox[abpr]-[\w-]{20,}"
    r"|eyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,})"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
)
GIVEN = re.compile(
    r"(?i)(?:api_?key|token|secret|passw(?:or)?d)\w*[\"']?\s*[:=]\s*[\"']?([\w+/=-]{20,})"
)
MADE_UP = re.compile(r"(?i)example|fake|test|secret|made|abcd|1234|0123|(\w)\1{3}")

PUBLISHED = frozenset({"96ad2ccd81462a766178ae09a71df55f548a3f66da11606f9cdf40b391e22dd0"})
"""SHA-256 of keys that a service prints in its own documents as an example."""


def main() -> int:
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in tracked() for line in finds_in(text_of(path))
    ]
    for place in found:
        sys.stdout.write(f"{place}: this looks like a key\n")
    return 1 if found else 0


def tracked() -> list[Path]:
    """What git has, or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """Empty for what is no text."""
    if path.stat().st_size > LARGEST:
        return ""
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode(errors="replace")


def finds_in(text: str) -> Iterator[int]:
    """The numbers of the lines with a key."""
    for number, line in enumerate(text.splitlines(), start=1):
        shaped = [match[0] for match in SHAPES.finditer(line)]
        given = [word for word in GIVEN.findall(line) if bits_of(word) > RANDOM and mixed(word)]
        if not all(map(is_harmless, shaped + given)):
            yield number


def is_harmless(word: str) -> bool:
    return bool(MADE_UP.search(word)) or sha256(word.encode()).hexdigest() in PUBLISHED


def bits_of(word: str) -> float:
    """How random its characters are."""
    shares = [count / len(word) for count in Counter(word).values()]
    return -sum(share * math.log2(share) for share in shares)


def mixed(word: str) -> bool:
    """With a digit between its letters, as names in code seldom are."""
    return bool(re.search(r"\d", word) and re.search(r"[a-z]", word, re.IGNORECASE))


if __name__ == "__main__":
    sys.exit(main())
