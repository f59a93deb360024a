"""Whoever judges prompts: the bot's own rules, and a moderation service."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from providers.clock import SystemClock
from providers.http import HttpClient
from providers.moderation.base import SERVICE, WORD_LIST, PromptModerator, clean_categories
from providers.moderation.rules import WordRules, shipped_lists
from providers.moderation.service import ModerationService
from providers.types import Verdict, VerdictStatus
from tests.fakes.moderation import KEY, MODEL, FakeModeration


@dataclass(frozen=True)
class Judge:
    moderator: PromptModerator
    source: str
    blocked: str  # what it doesn't let pass
    category: str


@pytest.fixture(params=["rules", "service"])
async def judge(request: pytest.FixtureRequest) -> AsyncIterator[Judge]:
    if request.param == "rules":
        rules = WordRules(shipped_lists())
        yield Judge(rules, WORD_LIST, "hardcore porn", "sexual")
        await rules.aclose()
        return
    async with FakeModeration() as service:
        clock = SystemClock()
        moderator = ModerationService(
            service.base_url, api_key=KEY, model=MODEL, http=HttpClient(clock), clock=clock
        )
        yield Judge(moderator, SERVICE, "a bloodbath in a castle", "violence/graphic")
        await moderator.aclose()


async def test_it_says_who_it_is(judge: Judge) -> None:
    assert judge.moderator.source == judge.source


@pytest.mark.parametrize(
    "prompt", ["a fox in the snow", "", "лиса в снегу 🦊", "\x00\ud800", "x" * 4096]
)
async def test_what_is_harmless_is_allowed(judge: Judge, prompt: str) -> None:
    found = await judge.moderator.check(prompt)
    assert found == Verdict(VerdictStatus.ALLOWED, "prompt", judge.source)


async def test_what_is_not_is_blocked_with_its_category(judge: Judge) -> None:
    found = await judge.moderator.check(judge.blocked)
    assert (found.status, found.stage, found.source) == (
        VerdictStatus.BLOCKED,
        "prompt",
        judge.source,
    )
    assert found.categories == (judge.category,) == clean_categories(found.categories)


async def test_one_verdict_leaves_no_trace_in_the_next(judge: Judge) -> None:
    before = await judge.moderator.check("a fox")
    assert (await judge.moderator.check(judge.blocked)).status is VerdictStatus.BLOCKED
    assert await judge.moderator.check("a fox") == before


async def test_many_at_once_get_each_their_own(judge: Judge) -> None:
    prompts = ["a fox", judge.blocked] * 10
    found = await asyncio.gather(*map(judge.moderator.check, prompts))
    blocked = [verdict.status is VerdictStatus.BLOCKED for verdict in found]
    assert blocked == [False, True] * 10
