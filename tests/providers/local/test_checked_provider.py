"""The whole local provider with a checker: pictures leave its process only with a verdict.

What may leave it where a group wants sensitive pictures is tested without torch (`test_process`).
"""

import asyncio
from pathlib import Path

import pytest

from providers.clock import SystemClock
from providers.local.labels import blocked_for
from tests.fakes.small_models import save_classifier
from tests.providers.local.conftest import NEVER, local_provider, request_for

pytestmark = pytest.mark.local


async def test_a_blocked_picture_never_leaves_its_process(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    labels = ["neutral", "porn"]
    model = await asyncio.to_thread(save_classifier, tmp_path / "checker", labels, says="porn")
    provider = local_provider(tmp_path / "cache", SystemClock(), safety_model=model)
    try:
        (offer,) = await provider.offers()
        ticket = await provider.submit(request_for(num_images=2), offer, deadline=NEVER)
        result = await provider.wait(ticket, deadline=NEVER, on_progress=lambda _: None)
        assert provider.facts is not None and provider.facts.checks_pictures
    finally:
        await provider.aclose()
    assert [image.verdict for image in result.images] == [blocked_for("porn", sensitive=True)] * 2
    assert all(image.data == b"" for image in result.images)
