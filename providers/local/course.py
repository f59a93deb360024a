"""How far one call of the pipeline is, and which of its pictures somebody still wants."""

from collections.abc import Callable, Mapping

from PIL import Image

from providers.local.batch import Watcher


class Course:
    """Counts the steps of `total`, tells the watcher, and remembers who is left.

    alive: the positions, in the call's items, of the pictures that are still wanted.
    """

    def __init__(
        self,
        watcher: Watcher,
        count: int,
        total: int,
        finish_frame: Callable[[Image.Image], Image.Image],
    ) -> None:
        self.alive = list(range(count))
        self._watcher = watcher
        self._done = 0
        self._total = total
        self._finish_frame = finish_frame

    def step(self) -> list[int]:
        """A step is done. Answers which rows of those alive before stay. Raises Stopped."""
        self._done = min(self._done + 1, self._total)
        gone = self._watcher.step(self._done, self._total)
        rows = [row for row, position in enumerate(self.alive) if position not in gone]
        self.alive = [self.alive[row] for row in rows]
        return rows

    def preview(self, frames: Callable[[], list[Image.Image] | None]) -> None:
        """Show the pictures so far, one a row, if it is time for that; only then they are made."""
        if not self.alive or not self._watcher.wants_preview():
            return
        made = frames()
        if made is not None:
            shown: Mapping[int, Image.Image] = {
                position: self._finish_frame(frame)
                for position, frame in zip(self.alive, made, strict=True)
            }
            self._watcher.preview(shown)
