"""What is left of a request without words or pictures: whoever looks the job up still finds one."""

from bot.usecases.spec import JobSpec
from providers.types import GenerationRequest, Wish

NO_WORDS = "…"
STUB = JobSpec(
    wish=Wish(prompt=NO_WORDS),
    request=GenerationRequest(prompt=NO_WORDS, width=1, height=1),
    images_per_call=1,
)


def is_emptied(spec: JobSpec) -> bool:
    """Nothing can be drawn from it any more."""
    return spec == STUB
