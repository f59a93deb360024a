"""What a start costs with 10,000 requests waiting, over one with none.

    python -m benchmarks.backlog [--jobs 10000] [--users 1000] [--rounds 3]

The bot is a process of its own beside this one, on a SQLite file that a bot like it might have left,
and the two files are measured in turns. The service never finishes, so that the queue stays as long
as it was. Nothing here is asserted: the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import psutil

from bot.playground import ANN, Message
from providers.offers.replicate import REPLICATE_OFFERS
from tests.bot.backlog import fill
from tests.bot.process import House, house
from tests.fakes.replicate import Plan

WATCHED = 5.0  # seconds in which the calls to Telegram are counted
Figures = defaultdict[str, list[float]]


async def answered(home: House, text: str) -> float:
    """Milliseconds until the bot answers."""
    begin = time.perf_counter()
    command = await home.playground.send(ANN, ANN, text)

    def answer(message: Message) -> bool:
        return message.sender.is_bot and message.reply_to_message_id == command.message_id

    await home.playground.wait_until(lambda: any(map(answer, home.playground.messages(ANN))), 120)
    return 1000 * (time.perf_counter() - begin)


async def measure(database: Path, figures: Figures) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with house(Path(folder)) as home:
            home.service.plan = Plan(gets=10**9)
            home.database.parent.mkdir()
            shutil.copy(database, home.database)
            begin = time.perf_counter()
            async with home.bot(cold=True, ADMIN_IDS=str(ANN)) as bot:
                figures["start to first getUpdates, ms"].append(
                    1000 * (time.perf_counter() - begin)
                )
                figures["the first /queue, ms"].append(await answered(home, "/queue"))
                figures["a request, ms"].append(await answered(home, "/imagine a bear"))
                await asyncio.sleep(WATCHED)
                figures["/queue later, ms"].append(await answered(home, "/queue"))
                memory = psutil.Process(bot.pid).memory_info().rss / 2**20
                figures["RSS then, MiB"].append(memory)
                seconds = Counter(
                    call.at.replace(microsecond=0)
                    for call in home.playground.calls
                    if call.method.startswith(("send", "edit"))
                )
                figures["most calls in a second"].append(max(seconds.values()))
                await bot.end()


async def main(jobs: int, users: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sizes = {0: Figures(list), jobs: Figures(list)}
        for size in sizes:
            url = f"sqlite+aiosqlite:///{Path(folder) / str(size)}"
            await fill(url, REPLICATE_OFFERS, size, users)
        for _ in range(rounds):
            for size, figures in sizes.items():
                await measure(Path(folder) / str(size), figures)
    report(sizes[0], sizes[jobs], jobs)


def report(empty: Figures, full: Figures, jobs: int) -> None:
    print(f"{'waiting':32}{0:>10}{jobs:>10}{'ratio':>8}")
    for title, times in empty.items():
        base, own = statistics.median(times), statistics.median(full[title])
        print(f"{title:32}{base:10.1f}{own:10.1f}{own / base:8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.jobs, chosen.users, chosen.rounds))
