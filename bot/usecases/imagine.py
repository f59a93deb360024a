"""Take a request: rank the offers, fit the wish to them, judge the prompt, store the pictures given
with it, reserve the units and queue the job.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.parsing import ImagineCommand
from bot.usecases.asker import Asker, Door, Limit, Rule, Taste
from bot.usecases.defaults import Defaults, with_defaults
from bot.usecases.engines import Engines
from bot.usecases.errors import ModeNotTaken
from bot.usecases.given import Given, Kept, Plan, plan_for
from bot.usecases.inputs import PictureSource, PrepareInputs
from bot.usecases.moderation import Moderation, Tally
from bot.usecases.new_job import legs_of, new_job
from bot.usecases.payer import Payer
from bot.usecases.recall import recall
from bot.usecases.spec import JobInputs
from bot.usecases.strikes import Strikes
from bot.usecases.traces import accepted
from providers.catalog import Misfit, MisfitReason
from providers.clock import Clock
from providers.limits import Gates
from providers.router import Choice, rank
from providers.sizes import Size
from providers.tracing import span
from providers.types import Mode, Verdict, VerdictStatus
from storage.base import Storage, Stores
from storage.records import Job, NewJob

MAX_WAITING = 50  # of one user's jobs; a generous quota must not fill the queue
NOTHING_GIVEN: Given[PictureSource] = Given()


@dataclass(frozen=True, slots=True)
class Accepted:
    """created: False where this very message was accepted before (a repeated update)."""

    job: Job
    created: bool


class Imagine:
    """One transaction stores the job and holds its units; nothing is charged before it.

    Given pictures are stored before that: a job never waits for a picture that isn't there.
    """

    def __init__(
        self,
        storage: Storage,
        prepare: PrepareInputs,
        engines: Engines,
        payer: Payer,
        clock: Clock,
        *,
        gates: Gates,
        moderation: Moderation,
        tally: Tally,
        strikes: Strikes,
        requests_per_minute: int,
        rules_of_entry: Sequence[Rule] = (),
        doors: Sequence[Door] = (),
        limits: Sequence[Limit] = (),
        tastes: Sequence[Taste] = (),
    ) -> None:
        self._storage = storage
        self._prepare = prepare
        self._engines = engines
        self._gates = gates
        self._moderation = moderation
        self._tally = tally
        self._strikes = strikes
        self._payer = payer
        self._clock = clock
        self._requests_per_minute = requests_per_minute
        self._rules_of_entry = rules_of_entry
        self._doors = doors
        self._limits = limits
        self._tastes = tastes

    async def __call__(
        self,
        command: ImagineCommand,
        asker: Asker,
        given: Given[PictureSource] | Kept = NOTHING_GIVEN,
    ) -> Accepted:
        """Raises WrongPictures, ModeNotTaken, Misfit, NoSuchOffer, PromptBlocked, PromptUnchecked,
        PictureRefused, QueueFull, Throttled, QuotaExceeded, PoolUsedUp, and what the rules of entry raise.
        """
        await self.may_enter(asker)
        plan = given if isinstance(given, Kept) else plan_for(given, command)
        if asker.parent_id is None:  # what goes on from a picture is like that one
            command = await self._complete(command, plan.mode, asker)
        choices = self._rank(command, plan.mode)  # what nobody can do is refused right away
        wish, from_words = command.wish, plan.mode is Mode.TEXT_TO_IMAGE
        await self._enforce(await self._moderation.by_rules(wish), asker, counted=False)
        if from_words and not self._moderation.asks_service:
            return await self._accept(command, asker, choices, JobInputs(), counted=False)
        async with self._storage.transaction() as tx:
            if (job := await tx.jobs.of_message(asker.chat_id, asker.message_id)) is not None:
                return Accepted(job, created=False)
            await self._count(asker, tx)  # before the work: nobody may keep the bot fetching
        with span("judge prompt"):
            verdict = await self._moderation.by_service(wish)
        await self._enforce(verdict, asker, counted=True)
        if from_words:
            return await self._accept(command, asker, choices, JobInputs(), counted=True)
        with span("take pictures"):
            inputs = await self._inputs(plan)
        if isinstance(given, Given) and given.lone_of_album:
            inputs = inputs.model_copy(update={"lone_of_album": True})
        choices = self._rank(command, plan.mode, inputs.size)
        return await self._accept(command, asker, choices, inputs, counted=True)

    async def _inputs(self, plan: Plan[PictureSource] | Kept) -> JobInputs:
        return plan.inputs if isinstance(plan, Kept) else await self._prepare(plan)

    async def knows(self, chat_id: int, message_id: int) -> bool:
        """Whether what this message asks for was accepted before."""
        async with self._storage.reading() as view:
            return await view.jobs.of_message(chat_id, message_id) is not None

    async def price(self, command: ImagineCommand, asker: Asker) -> int:
        """Units it would hold, drawn from words alone. Raises ModeNotTaken, Misfit, NoSuchOffer."""
        command = await self._complete(command, Mode.TEXT_TO_IMAGE, asker)
        legs = legs_of(self._rank(command, Mode.TEXT_TO_IMAGE))
        return max(leg.cost for leg in legs) * command.wish.num_images

    async def may_enter(self, asker: Asker) -> None:
        """Raises what the doors and the rules of entry raise."""
        for door in self._doors:
            await door(asker)
        if not self._rules_of_entry:
            return
        now = self._clock.now()

        async def keep_rules(view: Stores) -> None:
            for rule in self._rules_of_entry:
                await rule(asker, view, now)

        await self._storage.read(keep_rules)

    async def _complete(self, command: ImagineCommand, mode: Mode, asker: Asker) -> ImagineCommand:
        """With the choices made before, the first of `tastes` first."""
        if not self._tastes:
            return command

        async def choices(view: Stores) -> list[Defaults]:
            return [await taste(asker, view) for taste in self._tastes]

        defaults = await self._storage.read(choices)
        able = [offer.model for offer in self._engines.offers if mode in offer.modes]
        return with_defaults(
            command, *defaults, mode=mode, models=able, styles=self._engines.styles
        )

    async def _enforce(self, verdict: Verdict, asker: Asker, *, counted: bool) -> None:
        """Raises PromptBlocked, PromptUnchecked, Throttled."""
        if verdict.status is VerdictStatus.ALLOWED:
            return
        async with self._storage.transaction() as tx:
            if not counted:
                await self._count(asker, tx)
            await self._tally.count(tx, [verdict])
            blocked = verdict.status is VerdictStatus.BLOCKED
            now = self._clock.now()
            strike = await self._strikes.count(tx, asker.user_id, now) if blocked else None
        self._moderation.enforce(verdict, strike)

    async def _accept(
        self,
        command: ImagineCommand,
        asker: Asker,
        choices: Sequence[Choice],
        inputs: JobInputs,
        *,
        counted: bool,
    ) -> Accepted:
        """`counted`: this request was held against the user's limit already."""
        now = self._clock.now()
        new = new_job(asker, choices, command, inputs, now)
        with span("accept"):
            job, created = await self._queue(new, asker, now, counted=counted)
        if created:
            accepted(job)
        return Accepted(job, created)

    async def _queue(
        self, new: NewJob, asker: Asker, now: datetime, *, counted: bool
    ) -> tuple[Job, bool]:
        async def queue(tx: Stores) -> tuple[Job, bool]:
            job, created = await tx.jobs.enqueue(new, queued_limit=MAX_WAITING, now=now)
            if created:
                await recall(tx, asker.user_id, now)
                await tx.users.remember(
                    asker.user_id,
                    username=asker.username,
                    name=asker.name,
                    language=asker.language,
                    now=now,
                )
                if not counted:
                    await self._count(asker, tx)
                for limit in self._limits:
                    await limit(job, tx, now)
                job = await self._payer.hold(tx, job, now)
            return job, created

        return await self._storage.write(queue)

    async def _count(self, asker: Asker, tx: Stores) -> None:
        await tx.users.count_request(
            asker.user_id, per_minute=self._requests_per_minute, now=self._clock.now()
        )

    def _rank(
        self, command: ImagineCommand, mode: Mode, picture_size: Size | None = None
    ) -> list[Choice]:
        """Where the job goes, and where it goes then. With --via that is one place.

        Raises ModeNotTaken, Misfit, NoSuchOffer. The default model counts where it can do it.
        """
        offers = self._engines.offers
        able = tuple(dict.fromkeys(offer.model for offer in offers if mode in offer.modes))
        model = command.model
        if model is None and command.provider is None and self._engines.default_model in able:
            model = self._engines.default_model
        try:
            return rank(
                command.wish,
                offers,
                model=model,
                provider=command.provider,
                mode=mode,
                picture_size=picture_size,
                standings=self._gates.standings(),
            )
        except Misfit as misfit:
            if misfit.reason is MisfitReason.MODE:
                raise ModeNotTaken(mode, able) from misfit
            raise
