"""The pictures of a request, made ready for the canvas. CPU work, and the depth network's."""

import math
from dataclasses import dataclass

from PIL import Image, ImageFilter

from providers.errors import InvalidRequest
from providers.local.checks import DepthEstimator
from providers.local.images import Canvas, cover
from providers.local.inputs import MAX_SIDE, read_mask, read_picture, refuse_black
from providers.types import GenerationRequest, Mode, Note, NoteKind

SAME_SHAPE = 0.02
"""Up to this much of a side may be cut off a given picture without a word."""

FEATHER = 64
"""A mask's edge is softened over its shorter side divided by this, in pixels."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """init, mask, hint: of the canvas's size. mix: (picture, weight).

    original, repaint: the given picture and its mask in the asked size, for inpainting.
    """

    canvas: Canvas
    init: Image.Image | None = None
    mask: Image.Image | None = None
    hint: Image.Image | None = None
    mix: tuple[tuple[Image.Image, float], ...] = ()
    original: Image.Image | None = None
    repaint: Image.Image | None = None
    notes: tuple[Note, ...] = ()

    def finish(self, drawn: Image.Image) -> Image.Image:
        """The picture in the asked size; of inpainting only what the mask shows, on the original."""
        picture = self.canvas.finish(drawn)
        if self.original is None or self.repaint is None:
            return picture
        radius = max(1, min(picture.size) // FEATHER)
        soft = self.repaint.filter(ImageFilter.GaussianBlur(radius))
        return Image.composite(picture, self.original, soft)


def prepare(
    request: GenerationRequest, canvas: Canvas, depth_estimator: DepthEstimator | None = None
) -> Prepared:
    """Raises InvalidRequest where a picture is missing or can't be read."""
    match request.mode:
        case Mode.TEXT_TO_IMAGE:
            return Prepared(canvas)
        case Mode.IMAGE_TO_IMAGE:
            picture = _first_picture(request)
            init = canvas.place(cover(picture, canvas.asked))
            return Prepared(canvas, init=init, notes=_resized(picture, canvas))
        case Mode.INPAINTING:
            return _for_inpainting(request, canvas)
        case Mode.BLENDING:
            return Prepared(canvas, mix=_weighted(request))
        case Mode.DEPTH_GUIDED:
            return _for_depth(request, canvas, depth_estimator)


def _for_inpainting(request: GenerationRequest, canvas: Canvas) -> Prepared:
    picture = _first_picture(request)
    if request.mask_image is None:
        raise InvalidRequest("local", "no mask", fields=("mask_image",))
    mask = read_mask(request.mask_image)
    if mask.size != picture.size:
        mask = mask.resize(picture.size, Image.Resampling.NEAREST)
    original, repaint = cover(picture, canvas.asked), cover(mask, canvas.asked)
    refuse_black(repaint)
    return Prepared(
        canvas,
        init=canvas.place(original),
        mask=canvas.place(repaint),
        original=original,
        repaint=repaint,
        notes=_resized(picture, canvas),
    )


def _for_depth(
    request: GenerationRequest, canvas: Canvas, depth_estimator: DepthEstimator | None
) -> Prepared:
    if request.control_image is not None:
        depth = read_picture(request.control_image, field="control_image")
    elif depth_estimator is not None:
        depth = depth_estimator.estimate(_first_picture(request))
    else:
        detail = "no depth map, and no depth model to estimate one"
        raise InvalidRequest("local", detail, fields=("control_image",))
    hint = canvas.place(cover(depth.convert("RGB"), canvas.asked))
    return Prepared(canvas, hint=hint, notes=_resized(depth, canvas))


def _weighted(request: GenerationRequest) -> tuple[tuple[Image.Image, float], ...]:
    weights = [given.weight for given in request.init_images]
    things = len(weights) + bool(request.prompt)
    if not weights or things < 2:  # noqa: PLR2004 - blending takes two
        raise InvalidRequest("local", "blending takes two", fields=("init_images",))
    if not all(math.isfinite(weight) and weight > 0 for weight in weights):
        raise InvalidRequest("local", "a weight isn't above 0", fields=("init_images",))
    pictures = [read_picture(given.data, field="init_images") for given in request.init_images]
    return tuple(zip(pictures, weights, strict=True))


def _first_picture(request: GenerationRequest) -> Image.Image:
    if not request.init_images:
        raise InvalidRequest("local", "no picture", fields=("init_images",))
    return read_picture(request.init_images[0].data, field="init_images")


def _resized(picture: Image.Image, canvas: Canvas) -> tuple[Note, ...]:
    """A note where the given picture was too large to take whole, or is of another shape."""
    cut = abs(1 - picture.width * canvas.asked[1] / (picture.height * canvas.asked[0]))
    changed = cut > SAME_SHAPE or max(picture.size) == MAX_SIDE > max(canvas.asked)
    return (Note(NoteKind.PICTURE_RESIZED),) if changed else ()
