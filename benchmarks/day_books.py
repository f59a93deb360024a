"""Whether `day` lost anything: the database's own sums."""

from pathlib import Path

from storage.sqlite import connect

STATES = "SELECT state, delivery, count(*) FROM jobs GROUP BY 1, 2 ORDER BY 3 DESC"
OUT_OF_UNITS = (
    "SELECT count(*) FROM (SELECT user_id, day FROM ledger WHERE kind = 'capture'"
    " GROUP BY user_id, day HAVING sum(daily) >= 20)"
)
FAULTS = {
    "jobs without an outcome": "SELECT count(*) FROM jobs WHERE finished_at IS NULL",
    "outcomes not shown": "SELECT count(*) FROM jobs WHERE delivery <> 'delivered'",
    "holds left open": "SELECT count(*) FROM reservations WHERE state = 'held'",
    "units held in accounts": "SELECT coalesce(sum(held + extra_held), 0) FROM quota_accounts",
    "jobs without a reservation": (
        "SELECT count(*) FROM jobs WHERE cost > 0 AND id NOT IN (SELECT job_id FROM reservations)"
    ),
    "charges for no success": (
        "SELECT count(*) FROM reservations JOIN jobs ON jobs.id = job_id"
        " WHERE captured_daily + captured_extra > 0 AND jobs.state <> 'succeeded'"
    ),
    # Whoever presses Delete takes the pictures from the books as well.
    "jobs charged for other than the pictures they have": (
        "SELECT count(*) FROM (SELECT captured_daily + captured_extra AS paid, count(*) AS made"
        " FROM reservations JOIN artifacts USING (job_id) GROUP BY job_id) WHERE paid <> made"
    ),
    "ledger lines that don't add up": (
        "SELECT count(*) FROM (SELECT job_id, sum(CASE kind WHEN 'hold' THEN daily + extra"
        " ELSE -daily - extra END) AS rest FROM ledger WHERE job_id IS NOT NULL"
        " GROUP BY job_id) WHERE rest <> 0"
    ),
    "accounts that disagree with the ledger": (
        "SELECT count(*) FROM quota_accounts AS a WHERE spent <> (SELECT coalesce(sum(daily), 0)"
        " FROM ledger WHERE kind = 'capture' AND user_id = a.user_id AND day = a.day)"
    ),
}


def faults(database: Path) -> dict[str, int]:
    """Each of them should be 0."""
    raw = connect(database, read_only=True)
    try:
        return {fault: raw.execute(query).fetchone()[0] for fault, query in FAULTS.items()}
    finally:
        raw.close()


def report(database: Path) -> None:
    raw = connect(database, read_only=True)
    for state, delivery, count in raw.execute(STATES):
        print(f"{count:,} jobs {state}, {delivery}")
    print(f"{raw.execute(OUT_OF_UNITS).fetchone()[0]} days of a person's units spent to the end")
    raw.close()
    for fault, count in faults(database).items():
        print(f"{fault}: {count}")
