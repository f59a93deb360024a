"""From the pictures given with a command to stored inputs, and back to bytes when the job runs.

They are stored before the job is, by content: a job made again after a crash finds them, and a
repeated command stores nothing twice. Taking them away again, long after the job's end, is
retention's business.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from bot.pictures.given import opened, ready
from bot.pictures.masks import own_mask, read_mask
from bot.usecases.errors import PictureRefused
from bot.usecases.given import Plan
from bot.usecases.spec import InputPicture, JobInputs
from providers.types import GenerationRequest, InitImage
from storage.base import BlobStore

if TYPE_CHECKING:
    from PIL.Image import Image

P = ParamSpec("P")
Result = TypeVar("Result")


class PictureSource(Protocol):
    async def read(self) -> bytes:
        """The picture as it was sent. Raises PictureRefused."""
        ...


class PrepareInputs:
    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        # One at a time, a large one takes some hundred megabytes for a moment, and in one thread:
        # the C library keeps what was freed for the thread that freed it.
        self._decoder = ThreadPoolExecutor(1, "given-pictures")

    async def __call__(self, plan: Plan[PictureSource]) -> JobInputs:
        """Fetch, check and store what the plan names. Raises PictureRefused."""
        sources = list(dict.fromkeys(s for s in (*plan.init, plan.mask, plan.control) if s))
        fetched = await _all([self._fetch(source, plan) for source in sources])
        data = dict(zip(sources, fetched, strict=True))
        init = await _all([self._store(data[source], source, plan) for source in plan.init])
        return JobInputs(
            init=tuple(
                picture.model_copy(update={"weight": weight})
                for picture, weight in zip(init, plan.weights, strict=True)
            ),
            mask=await self._mask(data[plan.mask], data[plan.init[0]]) if plan.mask else None,
            control=await self._store(data[plan.control], plan.control, plan)
            if plan.control
            else None,
        )

    async def _fetch(self, source: PictureSource, plan: Plan[PictureSource]) -> bytes:
        with _blaming(source, plan):
            return await source.read()

    async def _store(
        self, data: bytes, source: PictureSource, plan: Plan[PictureSource]
    ) -> InputPicture:
        with _blaming(source, plan):
            picture = await self._in_thread(ready, data)
        key = await self._blobs.put(picture.data)
        return InputPicture(key=key, width=picture.width, height=picture.height)

    async def _mask(self, data: bytes, original: bytes) -> str:
        return await self._blobs.put(await self._in_thread(_mask_png, data, original))

    async def _in_thread(
        self, work: Callable[P, Result], *args: P.args, **more: P.kwargs
    ) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._decoder, partial(work, *args, **more))


async def with_inputs(
    request: GenerationRequest, inputs: JobInputs, blobs: BlobStore
) -> GenerationRequest:
    """The request with the stored pictures' bytes in it. Raises PictureMissing."""
    return request.model_copy(
        update={
            "init_images": tuple(
                [
                    InitImage(data=await blobs.get(picture.key), weight=picture.weight)
                    for picture in inputs.init
                ]
            ),
            "mask_image": await blobs.get(inputs.mask) if inputs.mask else None,
            "control_image": await blobs.get(inputs.control.key) if inputs.control else None,
        }
    )


@contextmanager
def _blaming(source: PictureSource, plan: Plan[PictureSource]) -> Iterator[None]:
    """A refusal inside the block says which of the given pictures it is about."""
    try:
        yield
    except PictureRefused as refusal:
        is_mask = source is plan.mask and source not in plan.init
        several = len(plan.init) > 1 and source in plan.init
        number = plan.init.index(source) + 1 if several else None
        raise PictureRefused(refusal.trouble, is_mask=is_mask, number=number) from refusal


async def _all(works: Sequence[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Side by side; the first failure in their order is raised when all have ended."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ended if not isinstance(each, BaseException)]


def _mask_png(data: bytes, original: bytes) -> bytes:
    picture = opened(original)
    mask = own_mask(picture) if data is original else read_mask(_opened_mask(data), picture)
    file = BytesIO()
    mask.save(file, "PNG")
    return file.getvalue()


def _opened_mask(data: bytes) -> "Image":
    try:
        return opened(data)
    except PictureRefused as refusal:
        raise PictureRefused(refusal.trouble, is_mask=True) from refusal
