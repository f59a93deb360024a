"""Whether `day` lost anything: the database's own sums."""

from pathlib import Path

from storage.sqlite import connect

STATES = "SELECT state, delivery, count(*) FROM jobs GROUP BY 1, 2 ORDER BY 3 DESC"
FAULTS = {
    "jobs without an outcome": "SELECT count(*) FROM jobs WHERE finished_at IS NULL",
    "outcomes not shown": "SELECT count(*) FROM jobs WHERE delivery <> 'delivered'",
    "holds left open": "SELECT count(*) FROM reservations WHERE state = 'held'",
    "units held in accounts": "SELECT sum(held + extra_held) FROM quota_accounts",
    "jobs without a reservation": (
        "SELECT count(*) FROM jobs WHERE cost > 0 AND id NOT IN (SELECT job_id FROM reservations)"
    ),
    "units charged but for pictures made": (
        "SELECT (SELECT coalesce(sum(daily + extra), 0) FROM ledger WHERE kind = 'capture')"
        " - (SELECT count(*) FROM artifacts JOIN jobs ON jobs.id = job_id"
        " WHERE state = 'succeeded')"
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


def audit(database: Path) -> None:
    raw = connect(database, read_only=True)
    for state, delivery, count in raw.execute(STATES):
        print(f"{count:,} jobs {state}, {delivery}")
    for fault, query in FAULTS.items():
        print(f"{fault}: {raw.execute(query).fetchone()[0] or 0}")
    raw.close()
