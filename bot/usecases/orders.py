"""What a button under a picture, or a reply to it, asks for: the next command and its pictures.

All of it is the earlier wish with one thing changed. The model stays the one that made the picture,
while it is enabled and well; one that the user named is named again.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.parsing import ImagineCommand
from bot.pictures.given import enlarged
from bot.usecases.engines import Engines
from bot.usecases.errors import (
    NothingLarger,
    NothingNear,
    PicturesTrouble,
    WhichPicture,
    WrongPictures,
)
from bot.usecases.given import Given, Kept, option_of, plan_for
from bot.usecases.inputs import PictureSource
from bot.usecases.larger import larger
from bot.usecases.results import Result, StoredPicture
from bot.usecases.spec import InputPicture, Kin
from providers.catalog import Offer
from providers.limits import Gates
from providers.sizes import Ratio, Size
from providers.types import Mode, Wish
from storage.base import BlobStore
from storage.records import JobState

VARIED = 0.55
"""Strength of a variation: the same scene, drawn otherwise."""
LARGER = 0.3
"""Strength of a larger version: the same picture with finer detail."""
NEARBY = (0.6, 0.75, 1.3, 1.6)
"""Guidance of a variation where no offer starts from a picture, in times of the earlier one."""
KEPT_IN_A_REMIX = ("style", "aspect_ratio", "size")


@dataclass(frozen=True, slots=True)
class Order:
    command: ImagineCommand
    given: Given[PictureSource] | Kept
    kin: Kin


class Orders:
    """`number`: as in `Result`; of one picture out of several one more is made."""

    def __init__(
        self,
        engines: Engines,
        gates: Gates,
        blobs: BlobStore,
        *,
        choose: Callable[[Sequence[float]], float] = random.choice,
    ) -> None:
        self._engines = engines
        self._gates = gates
        self._blobs = blobs
        self._choose = choose

    def again(self, result: Result, number: int) -> Order:
        """With another seed, or there would be the same picture; what failed keeps its own."""
        changes = {"seed": None} if result.job.state is JobState.SUCCEEDED else {}
        return self._same(result, number, Kin.AGAIN, **changes)

    def reshaped(self, result: Result, number: int, ratio: Ratio) -> Order:
        seed = result.seed(number)
        return self._same(result, number, Kin.RESHAPED, seed=seed, aspect_ratio=ratio, size=None)

    def restyled(self, result: Result, number: int, style: str) -> Order:
        return self._same(result, number, Kin.RESTYLED, seed=result.seed(number), style=style)

    def reworded(self, result: Result, number: int, said: ImagineCommand) -> Order:
        """Everything as before but what was said now. Raises WrongPictures."""
        kept = _kept(result, said)
        wish = _said(_one_of(result.spec.wish, number), said.wish)
        return Order(self._command(result, wish, kept.mode, said), kept, Kin.REWORDED)

    def varied(self, result: Result, number: int) -> Order:
        """From the picture itself where an offer can. Raises NothingNear, ResultGone."""
        able = self._able(Mode.IMAGE_TO_IMAGE)
        if not able:
            return self._nearby(result, number)
        strength = VARIED if any(offer.strength for offer in able) else None
        wish = _one(result.spec.wish, seed=None, strength=strength)
        source: PictureSource = StoredPicture(self._blobs, result.picture(number))
        command = self._command(result, wish, Mode.IMAGE_TO_IMAGE)
        return Order(command, Given(replied=(source,)), Kin.VARIED)

    def larger(self, result: Result, number: int) -> Order:
        """Raises NothingLarger, ResultGone."""
        picture = result.picture(number)
        found = larger(self._engines.offers, (picture.width, picture.height), result.job.model)
        if found is None:
            raise NothingLarger
        offer, size = found
        strength = LARGER if offer.strength else None
        wish = _one(
            result.spec.wish, seed=picture.seed, size=size, aspect_ratio=None, strength=strength
        )
        source = EnlargedPicture(StoredPicture(self._blobs, picture), size)
        return Order(ImagineCommand(wish, offer.model), Given(replied=(source,)), Kin.LARGER)

    def remixed(
        self,
        result: Result,
        number: int,
        said: ImagineCommand,
        given: Given[PictureSource],
    ) -> Order:
        """Other words for the picture; its style, shape and model stay unless said otherwise.

        given: what came with the words; the picture as Telegram shows it first.
        Raises WhichPicture, WrongPictures.
        """
        if result.is_grid and not number:
            raise WhichPicture
        parent = result.spec.wish
        kept = {name: getattr(parent, name) for name in KEPT_IN_A_REMIX}
        wish = _said(Wish(prompt=said.wish.prompt, **kept), said.wish)
        if result.artifacts:
            shown, *_ = given.replied
            source = StoredPicture(self._blobs, result.picture(number), instead=shown)
            given = replace(given, replied=(source,))
        mode = plan_for(given, said).mode
        if not given.attached and option_of(said) is None and not self._able(mode):
            seed = wish.seed if wish.seed is not None else result.seed(number)
            given, mode = Given(), Mode.TEXT_TO_IMAGE
            wish = wish.model_copy(update={"seed": seed})
        return Order(self._command(result, wish, mode, said), given, Kin.REMIXED)

    def can_vary(self, result: Result) -> bool:
        return bool(self._able(Mode.IMAGE_TO_IMAGE) or self._steered(result))

    def can_enlarge(self, result: Result, number: int) -> bool:
        picture = result.picture(number)
        size = picture.width, picture.height
        return larger(self._engines.offers, size, result.job.model) is not None

    def _same(self, result: Result, number: int, kin: Kin, **changes: Any) -> Order:
        kept = Kept(result.spec.request.mode, result.spec.inputs)
        wish = _one_of(result.spec.wish, number).model_copy(update=changes)
        return Order(self._command(result, wish, kept.mode), kept, kin)

    def _nearby(self, result: Result, number: int) -> Order:
        """The same seed with the words weighed otherwise: the same composition, drawn otherwise."""
        offer, seed = self._steered(result), result.seed(number)
        if offer is None or offer.guidance is None or seed is None:
            raise NothingNear
        limits, before = offer.guidance, result.spec.request.guidance_scale
        usual = limits.default if before is None else before
        nearby = [min(max(usual * times, limits.low), limits.high) for times in NEARBY]
        guidance = self._choose([each for each in nearby if each != usual] or nearby)
        wish = _one(result.spec.wish, seed=seed, guidance_scale=round(guidance, 2))
        kept = Kept(result.spec.request.mode, result.spec.inputs)
        return Order(self._command(result, wish, kept.mode), kept, Kin.VARIED)

    def _steered(self, result: Result) -> Offer | None:
        """The offer that made it, where it takes both a seed and a guidance."""
        offer = self._engines.offer(result.job.provider, result.job.model)
        return offer if offer and offer.seed and offer.guidance else None

    def _command(
        self, result: Result, wish: Wish, mode: Mode, said: ImagineCommand | None = None
    ) -> ImagineCommand:
        """With the model and provider said now, else named before, else the model that made it."""
        said = said or ImagineCommand(wish)
        model, provider = said.model, said.provider
        if model is None and provider is None:
            model, provider = self._place(result, mode)
        return replace(said, wish=wish, model=model, provider=provider)

    def _place(self, result: Result, mode: Mode) -> tuple[str | None, str | None]:
        """Model and provider; None where that is left to the bot."""
        able, named = self._able(mode), (result.spec.model, result.spec.provider)
        if any(named) and any(_is_named(offer, *named) for offer in able):
            return named
        standings = self._gates.standings()
        well = {offer.model for offer in able if standings[offer.provider].takes_work}
        return result.job.model if result.job.model in well else None, None

    def _able(self, mode: Mode) -> list[Offer]:
        return [offer for offer in self._engines.offers if mode in offer.modes]


class EnlargedPicture:
    """A source's picture at another size: a service that follows the given size makes it large."""

    def __init__(self, source: PictureSource, size: Size) -> None:
        self._source = source
        self._size = size

    async def read(self) -> bytes:
        """Raises what the source raises."""
        return await asyncio.to_thread(enlarged, await self._source.read(), self._size)


def _is_named(offer: Offer, model: str | None, provider: str | None) -> bool:
    return model in (None, offer.model) and provider in (None, offer.provider)


def _one(wish: Wish, **changes: Any) -> Wish:
    return wish.model_copy(update={"num_images": 1, **changes})


def _one_of(wish: Wish, number: int) -> Wish:
    return _one(wish) if number else wish


def _said(before: Wish, now: Wish) -> Wish:
    """`before`, with what was said in `now`; a shape is said in one way or the other."""
    said = {name: getattr(now, name) for name in now.model_fields_set}
    if {"aspect_ratio", "size"} & said.keys():
        said = {"aspect_ratio": None, "size": None, **said}
    return before.model_copy(update=said)


def _kept(result: Result, said: ImagineCommand) -> Kept:
    """The earlier pictures in the part that was said, or else in their own. Raises WrongPictures."""
    mode, inputs = result.spec.request.mode, result.spec.inputs
    option = option_of(said)
    if option == "blend" and said.blend is not None and inputs.init:
        init = tuple(_weighed(picture, said.blend / len(inputs.init)) for picture in inputs.init)
        return Kept(Mode.BLENDING, inputs.model_copy(update={"init": init, "mask": None}))
    if option and mode is not {"mask": Mode.INPAINTING, "depth": Mode.DEPTH_GUIDED}.get(option):
        raise WrongPictures(PicturesTrouble.NONE_GIVEN, option)
    return Kept(mode, inputs)


def _weighed(picture: InputPicture, weight: float) -> InputPicture:
    return picture.model_copy(update={"weight": round(weight, 4)})
