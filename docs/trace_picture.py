"""`python -m docs.trace_picture`: one job's trace, of an edge and a worker, as docs/trace.png.

Needs the extras `[otel,charts,postgres]`, and PostgreSQL in TEST_DATABASE_URL.
"""

import asyncio
import tempfile
from pathlib import Path

import matplotlib as mpl

from bot.playground import ANN
from tests.bot.process import house
from tests.fakes.collector import Collector, Told
from tests.fakes.replicate import Plan
from tests.scale.servers import processes, use
from tests.scale.test_duties import picture
from tests.storage.databases import postgres_database

mpl.use("Agg")

TARGET = Path(__file__).with_name("trace.png")
IN_POINTS = {"textcoords": "offset points"}
EDGE, WORKER, WHOLE = "#2a78d6", "#1baf7a", "#8d8b83"


async def run(folder: Path, database: str) -> list[Told]:
    async with Collector() as collector, house(folder) as home:
        use(home, database, OTEL_EXPORTER_OTLP_ENDPOINT=collector.base_url)
        home.service.plan = Plan(seconds=1.5)
        async with processes(home) as crew:
            edge, worker = await crew.edge(), await crew.worker()
            await picture(home, ANN)
            await edge.end()
            await worker.end()
        return collector.spans


def in_order(spans: list[Told], parent: str = "", depth: int = 0) -> list[tuple[int, Told]]:
    below = sorted((each for each in spans if each.parent == parent), key=lambda each: each.began)
    return [row for each in below for row in ((depth, each), *in_order(spans, each.id, depth + 1))]


def draw(spans: list[Told]) -> None:
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after its backend is chosen

    rows = in_order(spans)
    edge = next(span.instance for span in spans if span.name == "update")
    start = min(span.began for span in spans)
    figure, axes = plt.subplots(figsize=(9, 0.32 * len(rows) + 0.9), dpi=110)
    beside = axes.get_yaxis_transform()
    for place, (depth, span) in enumerate(rows):
        color = WHOLE if span.name == "job" else EDGE if span.instance == edge else WORKER
        began, length = (span.began - start) / 1e6, (span.ended - span.began) / 1e6
        axes.barh(place, max(length, 4), left=began, color=color, height=0.6)
        axes.text(-0.22 + depth * 0.02, place, span.name, transform=beside, fontsize=8, va="center")
        time = f"{length:.0f} ms"
        end = (began + length, place)
        axes.annotate(time, end, (5, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.set_xlabel("milliseconds", fontsize=8)
    axes.tick_params(labelsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in (EDGE, WORKER, WHOLE)]
    axes.legend(handles, ["edge", "worker", "the job"], fontsize=8, frameon=False, loc="lower left")
    figure.savefig(TARGET, bbox_inches="tight")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgres_database() as database:
        spans = asyncio.run(run(Path(folder), database))
    draw(spans)


if __name__ == "__main__":
    main()
