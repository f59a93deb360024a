"""A crash between a lost answer and the job's outcome left room for a second, paid submission.

The submission was marked as ended in a transaction of its own, before the job was; the next start
found no open one and ordered the picture again.
"""

from pathlib import Path

import pytest

from bot.usecases.shares import Share
from bot.usecases.spec import Leg
from bot.usecases.submit import Part, PartRunner
from providers.clock import SystemClock
from providers.errors import GenerationFailed, OutcomeUnknown, ProviderError
from providers.gate import Gate
from providers.testing import FAKE_OFFER, Behaviour, FakeProvider, fail, lose_answer
from providers.types import GenerationRequest
from storage.blobs import FileBlobs
from storage.engine import open_storage
from tests.contracts.building import running_job


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (lose_answer(accepted=True), OutcomeUnknown),
        (fail(GenerationFailed("fake")), GenerationFailed),
    ],
)
async def test_a_final_failure_is_not_ordered_again_after_a_crash(
    tmp_path: Path, behaviour: Behaviour, error: type[ProviderError]
) -> None:
    storage = await open_storage(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    clock = SystemClock()
    provider = FakeProvider([behaviour])
    request = GenerationRequest(prompt="a fox", width=64, height=64)
    part = Part(
        job=await running_job(storage),
        lease="lease-1",
        number=0,
        leg=Leg(provider="fake", model="fake-model", request=request, images_per_call=4),
        share=Share(0, 1),
        request=request,
        offer=FAKE_OFFER,
        gate=Gate(provider, clock),
        deadline=clock.monotonic() + 60,
        alone=True,
    )
    runner = PartRunner(storage, FileBlobs(tmp_path / "pictures"), clock, block_unchecked=False)
    for _ in range(2):  # the second time as after a crash that came before the outcome was stored
        result = await runner.run(part, lambda progress: None)
        assert type(result.error) is error
    assert len(provider.requests) == 1
    await storage.close()
