"""PostgreSQL's own pg_dump and pg_restore. Blocking."""

import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from storage.errors import DatabaseUnusable

MISSING = "{tool} isn't here; install PostgreSQL's client tools (postgresql-client), or use its own backup"


def dump(url: URL, target: Path, *, snapshot: str) -> None:
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
    target.chmod(0o600)


def restore(url: URL, source: Path) -> None:
    _run(
        "pg_restore",
        url,
        "--single-transaction",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        str(source),
    )


def _run(tool: str, url: URL, *arguments: str) -> None:
    """Raises DatabaseUnusable. The password isn't among the arguments, which everybody can read."""
    path = shutil.which(tool)
    if path is None:
        raise DatabaseUnusable(MISSING.format(tool=tool))
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tool, without a shell
        [path, f"--dbname={plain}", *arguments],
        env={"PATH": str(Path(path).parent), **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DatabaseUnusable(f"{tool} failed: {done.stderr.strip().partition(chr(10))[0]}")
