"""`python -m bot migrate-data`: from the SQLite file to PostgreSQL, with a bar for each table."""

import sys

from storage.transfer import transfer


async def move_data(source_url: str, target_url: str) -> None:
    """Raises CannotOpen, CountsDiffer."""
    from tqdm import tqdm  # noqa: PLC0415 - comes with the [postgres] extra

    bars: dict[str, tqdm] = {}

    def moved(table: str, rows: int, total: int) -> None:
        if table not in bars:
            bars[table] = tqdm(desc=f"{table:>16}", total=total, unit=" rows", file=sys.stderr)
        bars[table].update(rows)
        if bars[table].n >= total:
            bars[table].close()

    counts = await transfer(source_url, target_url, moved)
    rows = sum(counts.values())
    sys.stderr.write(f"{rows} rows in {len(counts)} tables moved, counts and units checked.\n")
