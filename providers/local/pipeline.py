"""A loaded model behind one call: requests in, pictures of exactly their size out.

Runs where the pipeline runs, not on the loop.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from providers.catalog import Offer
from providers.errors import InvalidRequest
from providers.local import notes
from providers.local.batch import Drawn, Item, Watcher
from providers.local.checks import Checker, DepthEstimator
from providers.local.demo import world
from providers.local.drawing import Drawing, Engine, Finished, Settings
from providers.local.facts import Facts
from providers.local.families import Family, offer_of
from providers.local.images import Canvas, canvas_among, canvas_for
from providers.local.placement import peak_memory
from providers.local.preparation import Prepared, prepare
from providers.local.prior import MIN_STEPS
from providers.types import UNCHECKED, GenerationRequest, Mode, Note, Verdict, VerdictStatus

MAX_STEPS = 1000
"""Schedulers were trained with as many."""

DEFAULT_PRIOR_STEPS = 25

CENSORED = Verdict(VerdictStatus.BLOCKED, "image", "local")

PIXEL_ART = re.compile(r"pixel[\s_-]?art|пиксел", re.IGNORECASE)


class Pipeline:
    """An engine, the family it is asked as, and what it runs on. One thread at a time."""

    def __init__(
        self,
        engine: Engine,
        family: Family,
        *,
        device: str,
        dtype: str,
        offload: str = "none",
        checker: Checker | None = None,
        depth_estimator: DepthEstimator | None = None,
    ) -> None:
        self.family = family
        self._engine = engine
        self._device, self._dtype, self._offload = device, dtype, offload
        self._checker = checker
        self._depth_estimator = depth_estimator

    @property
    def modes(self) -> frozenset[Mode]:
        return self._engine.modes

    @property
    def offer(self) -> Offer:
        """What it turned out to do, now that it is loaded."""
        return offer_of(self.family, remote_name=self.family.model, modes=self.modes)

    @property
    def checks_pictures(self) -> bool:
        """Whether something looks at the finished pictures."""
        return self._checker is not None

    def facts(self) -> Facts:
        return Facts(self._device, self._dtype, self._offload, peak_memory(self._device))

    def draw(self, items: Sequence[Item], watcher: Watcher) -> list[Drawn | None]:
        """A picture for each item, None for one that was dropped on the way.

        All must share their mode, size, steps, guidance, strength and scheduler; prompts, seeds
        and given pictures are each one's own. Raises InvalidRequest (none of them is drawn then),
        Stopped from the watcher, and what torch raises.
        """
        items = [self._reworded(item) for item in items]
        settings = self._settings(items[0].request)
        if settings.mode not in self.modes:
            raise InvalidRequest("local", f"can't do {settings.mode.value}", fields=("mode",))
        prepared = [self._prepared(item.request, settings.canvas) for item in items]
        drawings = [_drawing(item, one) for item, one in zip(items, prepared, strict=True)]
        finished = self._engine.draw(settings, drawings, watcher)
        images = [
            None if made is None else one.finish(made.image)
            for one, made in zip(prepared, finished, strict=True)
        ]
        verdicts = self._verdicts(finished, images)
        return [
            None if image is None else Drawn(image, verdict, self._notes(item.request, one))
            for item, one, image, verdict in zip(items, prepared, images, verdicts, strict=True)
        ]

    def _reworded(self, item: Item) -> Item:
        """With its style in the words that the demo model learned."""
        request = item.request
        if not self.family.styles or request.style is None:
            return item
        prompt = world.styled(request.prompt, request.style)
        return replace(item, request=request.model_copy(update={"prompt": prompt}))

    def _settings(self, request: GenerationRequest) -> Settings:
        family = self.family
        guidance = family.guidance.default if family.guidance else 0.0
        prior_steps = family.prior_steps.default if family.prior_steps else DEFAULT_PRIOR_STEPS
        usual = 1.0 if request.mode is Mode.INPAINTING else family.strength.default
        return Settings(
            mode=request.mode,
            canvas=self._canvas(request),
            steps=_within(request.num_inference_steps or int(family.steps.default), 1, MAX_STEPS),
            guidance_scale=_given(request.guidance_scale, guidance),
            prior_steps=_within(
                request.prior_num_inference_steps or int(prior_steps), MIN_STEPS, MAX_STEPS
            ),
            prior_guidance_scale=_given(request.prior_guidance_scale, family.prior_guidance),
            strength=min(1.0, max(0.0, _given(request.strength, usual))),
            scheduler=request.scheduler,
        )

    def _canvas(self, request: GenerationRequest) -> Canvas:
        asked = (request.width, request.height)
        if min(asked) < 1:
            raise InvalidRequest("local", f"{asked[0]}x{asked[1]}", fields=("width", "height"))
        if self.family.canvases:
            return canvas_among(self.family.canvases, asked)
        return canvas_for(asked)

    def _prepared(self, request: GenerationRequest, canvas: Canvas) -> Prepared:
        if canvas.scale != 1 and PIXEL_ART.search(request.prompt):
            canvas = canvas.squared()
        return prepare(request, canvas, self._depth_estimator)

    def _verdicts(
        self, finished: Sequence[Finished | None], images: Sequence[Image.Image | None]
    ) -> list[Verdict]:
        """The pipeline's own checker first: what it blocked is black, and no other needs to look."""
        open_ = [image for image in images if image is not None]
        checked = self._checker.check(open_) if self._checker and open_ else None
        verdicts = iter(checked or [UNCHECKED] * len(open_))
        return [UNCHECKED if made is None else _own_word(made, next(verdicts)) for made in finished]

    def _notes(self, request: GenerationRequest, prepared: Prepared) -> tuple[Note, ...]:
        found = notes.cut_notes(self._engine.unread(request.prompt))
        found += notes.language_notes(request.prompt, self.family.languages)
        if self.family.model == "demo":
            found += notes.demo_notes(request.prompt, request.style)
        return (*found, *prepared.notes)


def _own_word(made: Finished, verdict: Verdict) -> Verdict:
    return CENSORED if made.censored else verdict


def _drawing(item: Item, prepared: Prepared) -> Drawing:
    return Drawing(
        prompt=item.request.prompt,
        negative_prompt=item.request.negative_prompt,
        seed=item.seed % 2**63,
        init=prepared.init,
        mask=prepared.mask,
        hint=prepared.hint,
        mix=prepared.mix,
    )


def _within(number: int, low: int, high: int) -> int:
    return min(max(number, low), high)


def _given(asked: float | None, default: float) -> float:
    return default if asked is None else asked
