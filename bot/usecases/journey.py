"""One try of a job: its pictures, share by share, over its legs until each is made or can't be."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.usecases.engines import Engines
from bot.usecases.fates import Fate
from bot.usecases.history import History
from bot.usecases.inputs import with_inputs
from bot.usecases.keeping import Keeping
from bot.usecases.outcomes import PartResult
from bot.usecases.route import Route
from bot.usecases.shares import Share, request_for, shares_of
from bot.usecases.spec import JobSpec, Leg
from bot.usecases.submit import LeaseLost, Part, PartRunner
from providers.errors import ServiceGone
from providers.gate import Gate
from providers.types import GenerationRequest, Progress, ProgressCallback
from storage.records import Job


@dataclass(frozen=True, slots=True)
class Trip:
    """What a journey is about. deadline: on the clock's monotonic scale, for all of it."""

    job: Job
    lease: str
    spec: JobSpec
    legs: Sequence[Leg]
    deadline: float

    @property
    def total(self) -> int:
        """How many pictures are wanted."""
        return self.spec.request.num_images


class Journey:
    def __init__(
        self,
        trip: Trip,
        *,
        history: History,
        route: Route,
        runner: PartRunner,
        engines: Engines,
        gates: Mapping[str, Gate],
        keeping: Keeping,
        on_progress: ProgressCallback,
    ) -> None:
        self._trip = trip
        self._history = history
        self._route = route
        self._runner = runner
        self._engines = engines
        self._gates = gates
        self._keeping = keeping
        self._on_progress = on_progress
        self._over: list[PartResult] = [*history.recorded(trip.legs)]
        self._fractions: dict[Share, float] = {}
        self._loaded: dict[int, GenerationRequest] = {}

    async def run(self) -> list[PartResult]:
        """Raises LeaseLost, PictureMissing, PicturesAway, OnHold."""
        await self._resume()
        while missing := self._missing(at_once=self._trip.total):
            number = await self._route.next(self._trip.deadline)
            if number is None:
                failed = (PartResult(share, error=self._route.error) for share in missing)
                return [*self._over, *failed]
            at_once = self._trip.legs[number].images_per_call
            await self._together(
                [await self._part(number, share) for share in self._missing(at_once)]
            )
        return self._over

    def _missing(self, at_once: int) -> list[Share]:
        return shares_of(self._trip.total, (result.share for result in self._over), at_once)

    async def _together(self, parts: Sequence[Part]) -> None:
        """Run them side by side; what is over is kept, what isn't can be ordered anew."""
        self._fractions = {part.share: 0.0 for part in parts}
        # No task group: it keeps a second cancellation, the one that gives up a call in hand
        # (`providers.calls`), to itself. And a part that fails must not cost the others' pictures.
        ended = await asyncio.gather(
            *(self._runner.run(part, partial(self._report, part.share)) for part in parts),
            return_exceptions=True,
        )
        results = _results(ended)
        self._over += [result for result in results if result.fate is Fate.OVER]
        await self._turn_away([result for result in results if result.fate is not Fate.OVER])

    async def _turn_away(self, failed: Sequence[PartResult]) -> None:
        # Of parts that failed together the gravest failure counts, and counts once.
        gravest_last = sorted(failed, key=lambda result: result.fate is Fate.ELSEWHERE)
        for number, result in {result.leg: result for result in gravest_last}.items():
            assert result.error is not None  # noqa: S101 - what didn't fail is over
            self._route.failed(number, result.fate, result.error)
        if not self._route.is_over:
            for result in failed:
                await self._runner.release(self._trip.job, result.share)

    async def _resume(self) -> None:
        """Submissions that an earlier try left open go on where they were made, and nowhere else."""
        parts: list[Part] = []
        for share, provider in self._history.opened.items():
            number = self._enabled_leg(provider)
            if number is None:
                gone = ServiceGone(provider, "not enabled any more")
                self._over.append(PartResult(share, error=gone))
            else:
                parts.append(await self._part(number, share, opened=True))
        await self._together(parts)

    def _enabled_leg(self, provider: str) -> int | None:
        for number, leg in enumerate(self._trip.legs):
            if leg.provider == provider and self._engines.offer_of(leg) is not None:
                return number
        return None

    async def _part(self, number: int, share: Share, *, opened: bool = False) -> Part:
        trip, leg = self._trip, self._trip.legs[number]
        offer = self._engines.offer_of(leg)
        assert offer is not None  # noqa: S101 - only such legs are on the route
        return Part(
            job=trip.job,
            lease=trip.lease,
            number=number,
            leg=leg,
            share=share,
            request=request_for(share, await self._request(number)),
            offer=offer,
            gate=self._gates[leg.provider],
            deadline=trip.deadline,
            alone=share.count == trip.total,
            opened=opened,
        )

    async def _request(self, number: int) -> GenerationRequest:
        """With the given pictures, read once."""
        if number not in self._loaded:
            trip = self._trip
            request = await self._keeping.patiently(
                lambda blobs: with_inputs(trip.legs[number].request, trip.spec.inputs, blobs),
                trip.deadline,
            )
            self._loaded[number] = request
        return self._loaded[number]

    def _report(self, share: Share, progress: Progress) -> None:
        self._fractions[share] = progress.fraction
        made = sum(result.share.count for result in self._over)
        made_now = sum(share.count * fraction for share, fraction in self._fractions.items())
        # Of several parts the first one's previews are shown: one picture that grows.
        preview = progress.preview if share.first == 0 else None
        self._on_progress(Progress((made + made_now) / self._trip.total, preview))


def _results(ended: Sequence[PartResult | BaseException]) -> list[PartResult]:
    """Raises what a part raised, a lost lease first."""
    failures = [each for each in ended if isinstance(each, BaseException)]
    failures.sort(key=lambda failure: not isinstance(failure, LeaseLost))
    for failure in failures:
        raise failure
    return [each for each in ended if isinstance(each, PartResult)]
