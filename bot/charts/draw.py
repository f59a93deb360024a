"""`python -m bot.charts.draw`: a Chart as JSON on standard input, a PNG on standard output."""

import sys
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from bot.charts.data import Bar, Chart, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, DPI = 7.2, 150  # inches; Telegram shows 1280 pixels of the longer side
PAPER, INK, FAINT, LINES = "#ffffff", "#1f2933", "#7b8794", "#e4e7eb"
ACCENT = "#3b82f6"
MOST_LABELS = {True: 8, False: 4}  # days named below a wide axis, and below a narrow one
LONGEST_NAME = 17  # characters
HEAD, GRAPH, ROW = 1.0, 1.75, 0.44  # inches: the summary, a graph over the days, a row of bars
BETWEEN = 0.72  # inches between them


def draw(chart: Chart) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
    from matplotlib.figure import Figure  # noqa: PLC0415 - the same

    rows = max(2, len(chart.providers), len(chart.people))
    heights = [HEAD, GRAPH, GRAPH, ROW * rows]
    height = sum(heights) + BETWEEN * len(heights)
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        len(heights),
        2,
        height_ratios=heights,
        left=0.07,
        right=0.96,
        top=1 - 0.15 / height,
        bottom=0.2 / height,
        hspace=BETWEEN * len(heights) / sum(heights),
        wspace=0.2,
    )
    _head(figure.add_subplot(grid[0, :]), chart)
    _stacked(figure.add_subplot(grid[1, :]), chart.outcomes_title, chart.outcomes, chart, wide=True)
    _lines(figure.add_subplot(grid[2, 0]), chart.times_title, chart.times, chart)
    _stacked(figure.add_subplot(grid[2, 1]), chart.units_title, [chart.units], chart)
    for column, title, bars in (
        (0, chart.providers_title, chart.providers),
        (1, chart.people_title, chart.people),
    ):
        _bars(figure.add_subplot(grid[3, column]), title, bars, rows, chart.empty)
    png = BytesIO()
    figure.savefig(png, format="png", facecolor=PAPER)
    return png.getvalue()


def _head(axes: "Axes", chart: Chart) -> None:
    axes.axis("off")
    axes.text(0, 0.95, chart.title, fontsize=17, fontweight="bold", color=INK, va="top")
    for place, (what, how_much) in enumerate(chart.summary):
        left = place / len(chart.summary)
        axes.text(left, 0.34, how_much, fontsize=15, fontweight="bold", color=ACCENT, va="center")
        axes.text(left, 0.0, what, fontsize=9.5, color=FAINT, va="center")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)


def _stacked(
    axes: "Axes", title: str, layers: Sequence[Series], chart: Chart, *, wide: bool = False
) -> None:
    _frame(axes, title)
    places = range(len(chart.labels))
    below = [0.0] * len(chart.labels)
    shown = [layer for layer in layers if any(layer.values)]
    for layer in shown:
        values = [value or 0.0 for value in layer.values]
        axes.bar(places, values, bottom=below, color=layer.color, width=0.72, label=layer.name)
        below = [low + value for low, value in zip(below, values, strict=True)]
    axes.locator_params(axis="y", nbins=4, integer=True, min_n_ticks=1)
    _days(axes, chart.labels, MOST_LABELS[wide])
    _end(axes, shown if len(layers) > 1 else [], chart, has_data=bool(shown))


def _lines(axes: "Axes", title: str, lines: Sequence[Series], chart: Chart) -> None:
    _frame(axes, title)
    shown = [line for line in lines if any(value is not None for value in line.values)]
    for line in shown:
        values = [float("nan") if value is None else value for value in line.values]
        axes.plot(
            values, color=line.color, linewidth=2, marker="o", markersize=3.5, label=line.name
        )
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="y", nbins=4)
    _days(axes, chart.labels, MOST_LABELS[False])
    _end(axes, shown, chart, has_data=bool(shown))


def _bars(axes: "Axes", title: str, bars: Sequence[Bar], rows: int, empty: str) -> None:
    _frame(axes, title)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    if not bars:
        axes.set_yticks([])
        _say_empty(axes, empty)
        return
    longest = max(bar.value for bar in bars) or 1
    for place, bar in enumerate(bars):
        axes.barh(place, bar.value, color=ACCENT, height=0.24, align="edge")
        axes.text(0, place - 0.06, _short(bar.name), fontsize=10, color=INK, va="bottom")
        axes.text(longest, place - 0.06, bar.note, fontsize=9, color=FAINT, va="bottom", ha="right")
    axes.set_xlim(0, longest)
    axes.set_ylim(rows - 0.35, -0.65)
    axes.set_yticks([])


def _frame(axes: "Axes", title: str) -> None:
    axes.set_title(title, loc="left", fontsize=11.5, fontweight="bold", color=INK, pad=10)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINES)
    axes.tick_params(colors=FAINT, labelsize=9, length=0)
    axes.grid(axis="y", color=LINES, linewidth=0.8)
    axes.set_axisbelow(True)


def _days(axes: "Axes", labels: Sequence[str], most: int) -> None:
    """Few days stand in the middle; today is always named."""
    count = len(labels)
    step = -(-count // most)
    named = range((count - 1) % step, count, step)
    axes.set_xticks(list(named), [labels[place] for place in named])
    room = max(0, 5 - count) / 2
    axes.set_xlim(-0.6 - room, count - 0.4 + room)


def _end(axes: "Axes", shown: Sequence[Series], chart: Chart, *, has_data: bool) -> None:
    if not has_data:
        axes.set_yticks([])
        _say_empty(axes, chart.empty)
    if shown:
        legend = axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            ncols=len(shown),
            frameon=False,
            fontsize=9,
            handlelength=0.9,
            columnspacing=1.2,
            borderaxespad=0.2,
        )
        for text in legend.get_texts():
            text.set_color(FAINT)


def _say_empty(axes: "Axes", words: str) -> None:
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", color=FAINT, fontsize=10)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def main() -> None:
    sys.stdout.buffer.write(draw(Chart.model_validate_json(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
